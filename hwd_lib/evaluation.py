"""How good is it? Accuracy, which digits are taken for which, and whether it knows how sure it may be."""

from collections import namedtuple

import numpy as np
from numpy import ndarray as Array
from numpy.typing import ArrayLike

from hwd_lib.mnist import Split
from hwd_lib.network import ACTIVATIONS, Network

BATCH = 1000  # examples at a time: enough for full speed, and the activations stay small

Calibration = namedtuple("Calibration", "confidence accuracy count error")
Mistakes = namedtuple("Mistakes", "index label predicted confidence")


def probabilities(network: Network, images: Array) -> Array:
    """Probabilities (n, classes) float32 for images (n, n_in), a batch at a time."""
    batches = [images[i : i + BATCH] for i in range(0, len(images), BATCH)]
    return np.concatenate([network.probabilities(batch) for batch in batches])


def predict(network: Network, images: Array) -> Array:
    """The most probable class (n,) int64 for images (n, n_in)."""
    return probabilities(network, images).argmax(axis=1)  # (n, classes) -> (n,)


def accuracy(network: Network, split: Split) -> float:
    """The share of the examples of `split` that the network reads right, 0…1."""
    return float((predict(network, split.images) == split.labels).mean())


def confusion_matrix(labels: ArrayLike, predicted: ArrayLike, classes: int = 10) -> Array:
    """Count which class is taken for which: (classes, classes) int64.

    Row: what it was. Column: what it was read as. On the diagonal is what was right.
    """
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    for array in (labels, predicted):
        if array.size and not 0 <= array.min() <= array.max() < classes:
            found = np.unique(array)[:12]
            raise ValueError(f"classes: expected labels from 0 to {classes - 1}, found {found}.")
    pairs = labels * classes + predicted
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)  # (classes²,) -> matrix


def accuracy_by_class(labels: ArrayLike, predicted: ArrayLike, classes: int = 10) -> Array:
    """The share of each class that is read right, (classes,) float64; NaN for a class that does not occur."""
    matrix = confusion_matrix(labels, predicted, classes)
    with np.errstate(invalid="ignore"):
        return np.diag(matrix) / matrix.sum(axis=1)  # (classes, classes) -> (classes,)


def calibration(probabilities: Array, labels: Array, bins: int = 10) -> Calibration:
    """When the network says 90 %, is it right nine times in ten?

    Examples with `probabilities` (n, classes) and `labels` (n,) go into `bins` by their highest probability.

    Returns ``confidence``, ``accuracy`` and ``count`` of each bin, (bins,), NaN where a bin is empty, and how
    far the first two are apart over all examples, ``error`` (expected calibration error, Guo et al. 2017).
    """
    sure, predicted = probabilities.max(axis=1), probabilities.argmax(axis=1)  # (n, classes) -> (n,)
    bin_of = np.minimum((sure * bins).astype(int), bins - 1)
    count = np.bincount(bin_of, minlength=bins)
    with np.errstate(invalid="ignore"):
        confidence = np.bincount(bin_of, sure, bins) / count  # (n,) -> (bins,)
        right = np.bincount(bin_of, predicted == labels, bins) / count  # (n,) -> (bins,)
    error = np.nansum(count * np.abs(confidence - right)) / len(labels)
    return Calibration(confidence, right, count, float(error))


def mistakes(network: Network, split: Split) -> Mistakes:
    """Find the examples of `split` that the network misreads, the surest first.

    Returns ``index`` in the split, ``label``, ``predicted`` and ``confidence``, each (n_mistakes,).
    """
    found = probabilities(network, split.images)
    predicted, sure = found.argmax(axis=1), found.max(axis=1)  # (n, classes) -> (n,)
    wrong = np.flatnonzero(predicted != split.labels)
    wrong = wrong[np.argsort(-sure[wrong], kind="stable")]
    return Mistakes(wrong, split.labels[wrong], predicted[wrong], sure[wrong])


def pixel_votes(network: Network, image: Array, digit: int) -> Array:
    """How much each pixel of `image` (28, 28) speaks for a digit (above 0) or against it: (28, 28) floats.

    Input times gradient, of the logit minus the mean of all: Baehrens et al. (2010); Shrikumar et al. (2016).
    """
    activations = network.forward(image.reshape(1, -1))  # (28, 28) -> (1, 784)
    _, find_slope = ACTIVATIONS[network.activation]
    last = network.weights[-1]
    gradient = (last[:, digit] - last.mean(axis=1))[None]  # (n_in, 10) -> (1, n_in)
    for weights, a in zip(network.weights[-2::-1], activations[-2:0:-1], strict=True):
        gradient = (gradient * find_slope(a)) @ weights.T  # (1, n_out) -> (1, n_in)
    return image * gradient.reshape(image.shape)  # (1, 784) -> (28, 28)
