"""The network itself: a multi-layer perceptron in plain NumPy, that can be read in one sitting.

Rows are examples. Layer i computes ``activations[i + 1] = f(activations[i] @ weights[i] + biases[i])``, where
f is softmax in the last layer, and the network's activation function in the others. Functions can write into
arrays that they are handed (``out``): that makes training fast, and changes nothing in the formulas.
"""

import copy
import io
import json
import zipfile
from collections.abc import Sequence
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
from numpy import ndarray as Array
from numpy.typing import DTypeLike

from hwd_lib.files import COURSE_FOLDER, written_whole

SAVED_NN = COURSE_FOLDER / "saved_nn"
LARGEST_FILE = 256 * 2**20  # bytes after unpacking: what unpacks to more is an attack, not a network


def sigmoid(z: Array, out: Array | None = None) -> Array:
    """1 / (1 + exp(-z)), of any shape; written with tanh, which cannot overflow."""
    out = np.multiply(z, 0.5, out=out)
    np.tanh(out, out=out)
    out += 1
    out *= 0.5
    return out


def relu(z: Array, out: Array | None = None) -> Array:
    """max(z, 0), of any shape."""
    return np.maximum(z, np.zeros(z.shape[-1:], z.dtype), out=out)  # twice as fast as with the number 0


def softmax(logits: Array, out: Array | None = None) -> Array:
    """Turn logits (n, classes) into probabilities (n, classes) whose rows sum to 1.

    The largest logit of each row is subtracted first: the result is the same, and exp cannot overflow.
    """
    out = np.subtract(logits, logits.max(axis=1, keepdims=True), out=out)  # (n, classes) - (n, 1)
    np.exp(out, out=out)
    out /= out.sum(axis=1, keepdims=True)  # (n, classes) / (n, 1)
    return out


# The slope of each activation function in terms of its own value a = f(z): backward has no z any more.
def _relu_slope(a: Array, out: Array | None = None) -> Array:
    return np.greater(a, 0, out=out)  # 1 where a > 0; at 0 the slope is taken to be 0


def _tanh_slope(a: Array, out: Array | None = None) -> Array:
    out = np.multiply(a, a, out=out)
    return np.subtract(1, out, out=out)


def _sigmoid_slope(a: Array, out: Array | None = None) -> Array:
    out = np.subtract(1, a, out=out)
    return np.multiply(a, out, out=out)


ACTIVATIONS: dict[str, Any] = {"relu": (relu, _relu_slope), "tanh": (np.tanh, _tanh_slope)}
ACTIVATIONS["sigmoid"] = (sigmoid, _sigmoid_slope)


def cross_entropy(probabilities: Array, labels: Array) -> float:
    """Mean over the batch of -log(probability given to the right answer), in nats.

    `probabilities` are (n, classes); `labels` are (n,) int, or targets (n, classes) whose rows sum to 1.
    """
    targets = labels if labels.ndim == 2 else one_hot(labels, probabilities.shape[1])  # (n,) -> (n, classes)
    smallest = np.finfo(probabilities.dtype).tiny  # log(0) would be -inf
    return float(-(targets * np.log(np.maximum(probabilities, smallest))).sum() / len(targets))


def one_hot(labels: Array, classes: int = 10) -> Array:
    """Turn labels (n,) int into targets (n, classes) float32: 1 at the label, 0 elsewhere."""
    return np.eye(classes, dtype=np.float32)[labels]  # (n,) -> (n, classes)


class Parameters:
    """Weights and biases, or their gradients: one ``vector`` in memory, seen as matrices.

    ``weights[i]`` (n_in, n_out) and ``biases[i]`` (n_out,) are views of it, layer after layer.
    """

    def __init__(self, layers: Any, biases: bool = True, dtype: Any = np.float32, vector: Any = None):
        size = sum((n_in + biases) * n_out for n_in, n_out in pairwise(layers))
        self.vector = np.zeros(size, dtype) if vector is None else vector
        self.form = layers, biases, dtype
        weights, own, start = [], [], 0
        for n_in, n_out in pairwise(layers):
            end = start + n_in * n_out
            weights.append(self.vector[start:end].reshape(n_in, n_out))  # (n_in * n_out,) -> (n_in, n_out)
            start = end + biases * n_out
            own += [self.vector[end:start]] if biases else []
        self.weights, self.biases = tuple(weights), tuple(own)

    def __reduce__(self) -> tuple[Any, ...]:  # for `copy` and `pickle`: views of the copy's own vector
        return Parameters, (*self.form, self.vector)


class Buffers:
    """The arrays that a training step on `n` examples writes into, made once instead of at every step.

    With `dropout`, there are also masks that silence hidden units with this probability, and scale up the
    others, so that nothing changes when training is over (Srivastava et al. 2014).
    """

    def __init__(self, network: "Network", n: int, dropout: float = 0.0):
        self.x, *self.activations = (np.empty((n, width), network.dtype) for width in network.layers)
        self.slopes = [np.empty_like(a) for a in self.activations]
        self.deltas = [np.empty_like(a) for a in self.activations]
        self.masks = [np.empty_like(a) for a in self.activations if dropout]
        self.gradients = Parameters(network.layers, bool(network.biases), network.dtype)
        self.dropout, self.kept = dropout, 1 - dropout

    def draw_masks(self, rng: np.random.Generator) -> None:
        """Draw new dropout masks, of 0 and 1 / kept, for the hidden layers."""
        for mask in self.masks[:-1]:
            rng.random(out=mask, dtype=mask.dtype)
            np.less(mask, self.kept, out=mask)
            mask /= self.kept


class Network:
    """A multi-layer perceptron with a softmax at its end.

    Parameters
    ----------
    layers : sequence of int, widths from input to output: ``[784, 100, 10]``; ``[784, 10]`` hides nothing
    activation : {"relu", "tanh", "sigmoid"}, of the hidden layers
    biases : bool
    seed : int
        The same seed gives the same weights: normal, with variance 2 / n_in before a ReLU (He et al. 2015),
        otherwise 1 / n_in (LeCun et al. 1998). Biases begin at 0.
    dtype : float32, or float64 for twice the digits at half the speed

    Attributes
    ----------
    weights, biases : tuples of arrays (n_in, n_out) and (n_out,); change them in place
    parameters : (n_parameters,), the vector that holds all of them
    metadata : dict of what is known besides the numbers: how they were trained, what they scored
    """

    def __init__(
        self, layers: Sequence[int], activation: str = "relu", biases: bool = True, seed: int = 0,
        dtype: DTypeLike = np.float32,
    ):  # fmt: skip
        self._hold(layers, activation, biases, dtype)
        rng = np.random.default_rng(seed)
        for i, weights in enumerate(self.weights):
            gain = 2 if activation == "relu" and i < len(self.weights) - 1 else 1
            weights[:] = rng.standard_normal(weights.shape) * np.sqrt(gain / len(weights))

    def _hold(self, layers: Sequence[int], activation: str, biases: bool, dtype: DTypeLike) -> None:
        """Become a network whose parameters are all 0."""
        layers = [int(width) for width in layers]
        if len(layers) < 2 or min(layers) < 1:
            raise ValueError(f"layers: expected two or more widths such as [784, 100, 10], found {layers}.")
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation: expected one of {', '.join(ACTIVATIONS)}, found {activation!r}.")
        if np.dtype(dtype) not in (np.float32, np.float64):
            raise ValueError(f"dtype: expected float32 or float64, found {np.dtype(dtype)}.")
        self.layers, self.activation, self.dtype = layers, activation, np.dtype(dtype)
        self.metadata: dict[str, Any] = {}
        self._held = Parameters(layers, bool(biases), self.dtype)

    weights: Any = property(lambda self: self._held.weights)  # tuple of arrays
    biases: Any = property(lambda self: self._held.biases)
    parameters: Any = property(lambda self: self._held.vector)  # array

    def __setattr__(self, name: str, value: object) -> None:
        if name not in ("weights", "biases", "parameters"):
            super().__setattr__(name, value)
        elif value is not getattr(self, name):  # it is, in `network.parameters -= step`
            raise AttributeError(
                "Weights, biases and parameters are one piece of memory, and cannot be replaced. "
                "Write into them: network.weights[i][:] = …, with [:]."
            )

    def __repr__(self) -> str:
        shape = "-".join(map(str, self.layers))
        return f"<Network {shape}, {self.activation}, {self.parameters.size:,} parameters>"

    def forward(self, x: Array, out: Buffers | None = None) -> list[Array]:
        """Send `x` (n, n_in) through the network. Another shape is a ValueError.

        Returns ``[x, hidden 1, …, probabilities]``, the activations of all layers, which `backward` wants: a
        list of (n, width) arrays. While training, they are those of `out`, a `Buffers`.
        """
        x = np.asarray(x, self.dtype)
        if x.ndim != 2 or x.shape[1] != self.layers[0]:
            raise ValueError(
                f"x: expected shape (n, {self.layers[0]}), one row an example, found {x.shape}. "
                f"One example is a batch of one: x.reshape(1, {self.layers[0]})."
            )
        activate, _ = ACTIVATIONS[self.activation]
        activations, last = [x], len(self.weights) - 1
        for i, weights in enumerate(self.weights):
            into: Any = out and out.activations[i]
            a = np.matmul(activations[i], weights, out=into)  # (n, n_in) -> (n, n_out)
            if self.biases:
                a += self.biases[i]
            (activate if i < last else softmax)(a, out=a)
            if out and out.dropout and i < last:
                a *= out.masks[i]
            activations.append(a)
        return activations

    def backward(
        self, activations: list[Array], labels: Array, out: Buffers | None = None, batch_size: Any = None
    ) -> Parameters:
        """Find the gradient of the mean cross-entropy, layer by layer from the last to the first.

        ``delta`` is the derivative of the loss with respect to what goes into a layer's activation function.
        For softmax with cross-entropy it is probabilities minus targets; one layer down it is
        ``(delta @ weights.T) * slope`` (Rumelhart, Hinton, Williams, *Nature* 323, 1986).

        Parameters
        ----------
        activations : list of arrays, what `forward` returned
        labels : (n,) int, or targets (n, n_out) float whose rows sum to 1
        out : Buffers to write into, those that `forward` had
        batch_size : float, to divide by, if these n are only a part of the batch over which the mean is taken

        Returns Parameters, whose ``weights[i]`` and ``biases[i]`` are shaped like the network's own.
        """
        _, find_slope = ACTIVATIONS[self.activation]
        out = out or Buffers(self, len(labels))
        targets = labels if labels.ndim == 2 else one_hot(labels, self.layers[-1])  # (n,) -> (n, n_out)
        delta = np.subtract(activations[-1], targets, out=out.deltas[-1])
        delta /= batch_size or len(labels)
        for i in reversed(range(len(self.weights))):
            np.matmul(activations[i].T, delta, out=out.gradients.weights[i])  # (n_in, n) @ (n, n_out)
            if self.biases:
                delta.sum(axis=0, out=out.gradients.biases[i])  # (n, n_out) -> (n_out,)
            if i > 0:
                a, behind = activations[i], out.deltas[i - 1]
                if out.dropout:  # undo the scaling of the units that were kept
                    a = np.multiply(a, out.kept, out=behind)
                slope = find_slope(a, out=out.slopes[i - 1])
                delta = np.matmul(delta, self.weights[i].T, out=behind)  # (n, n_out) -> (n, n_in)
                delta *= slope
                if out.dropout:
                    delta *= out.masks[i - 1]
        return out.gradients

    def probabilities(self, x: Array) -> Array:
        """Probabilities (n, n_out) float32 for the rows of `x` (n, n_in)."""
        return self.forward(x)[-1]

    def predict(self, x: Array) -> Array:
        """The most probable class of each row of `x` (n, n_in), as (n,) int64."""
        return self.forward(x)[-1].argmax(axis=1)  # (n, n_out) -> (n,)

    def astype(self, dtype: DTypeLike) -> Self:
        """A copy with parameters of another dtype, such as float64 for a gradient check."""
        other = copy.deepcopy(self)
        other.dtype, other._held = np.dtype(dtype), Parameters(self.layers, bool(self.biases), dtype)
        other.parameters[:] = self.parameters
        return other

    def copy(self) -> Self:
        """A copy that shares nothing with this network, as `copy.deepcopy` makes it."""
        return copy.deepcopy(self)

    def _named(self) -> dict[str, Array]:
        arrays = {f"weights_{i}": weights for i, weights in enumerate(self.weights)}
        return arrays | {f"biases_{i}": biases for i, biases in enumerate(self.biases)}

    def save(self, path: str | Path | IO[bytes], half: bool = False) -> None:
        """Write to `path` (or an open file), whole or not at all; with `half`, as float16, half the size."""
        about = {"layers": self.layers, "activation": self.activation, "biases": bool(self.biases)}
        about["dtype"] = self.dtype.name
        dtype = np.float16 if half else self.dtype
        arrays = {name: own.astype(dtype) for name, own in self._named().items()}
        save_npz(path, metadata=np.array(json.dumps(self.metadata | about)), **arrays)

    @staticmethod
    def load(path: str | Path | IO[bytes], name: str | None = None) -> "Network":
        """Read a network that `save` wrote, or one of HWD-Perceptron's, from a path or an open file.

        Raises ValueError when it is anything else; the sentence calls the file `name`, by default its path.
        """
        arrays = load_npz(path, name := name or str(path))
        try:
            if "arr_0" in arrays:
                arrays = _from_hwd_perceptron(arrays)
            about = json.loads(str(arrays.pop("metadata")))
            size = sum((n_in + about["biases"]) * n_out for n_in, n_out in pairwise(about["layers"]))
            if size != sum(array.size for array in arrays.values()):  # before anything so large is made
                raise ValueError(f"expected {size} numbers for layers {about['layers']}")
            network, dtype = Network.__new__(Network), about.get("dtype", "float32")
            network._hold(about["layers"], about["activation"], about["biases"], dtype)
            for key, own in network._named().items():
                if arrays[key].shape != own.shape or arrays[key].dtype.kind != "f":
                    raise ValueError(f"{key}: expected {own.shape} floats, found another shape or type")
                with np.errstate(over="ignore"):
                    own[:] = arrays[key]
            if not np.isfinite(network.parameters).all():
                raise ValueError("expected finite numbers, found NaN or infinity")
        except (LookupError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
            found = ", ".join(f"{key} {array.shape} {array.dtype}" for key, array in arrays.items())[:400]
            raise ValueError(
                f"{name}: expected a network that Network.save wrote, found {found or 'no arrays'} "
                f"({type(error).__name__}: {str(error)[:400]}). Choose another file, or save it again."
            ) from error
        network.metadata = about
        return network


def _from_hwd_perceptron(arrays: dict[str, Any]) -> dict[str, Any]:
    """Turn arr_0 = [learning rate, success, epoch, time], arr_1… = weights (n_out, n_in) into our own arrays.

    HWD-Perceptron has no biases, and scales inputs to 0.01…1.0. W (0.01 + 0.99 x) = 0.99 W x + 0.01 W 1: with
    our inputs 0…1, that is a bias in the first layer. Its sigmoid outputs rank the digits as softmax does.
    """
    rate, success, epoch, _ = map(float, arrays["arr_0"].ravel())
    weights = [arrays[f"arr_{i}"].T for i in range(1, len(arrays))]  # (n_out, n_in) -> (n_in, n_out)
    layers = [len(weights[0]), *(w.shape[-1] for w in weights)]
    about = {"recipe": "HWD-Perceptron", "learning_rate": rate, "epochs": int(epoch), "success": success}
    about |= {"layers": layers, "activation": "sigmoid", "biases": True}
    biases = [0.01 * weights[0].sum(axis=0), *map(np.zeros, layers[2:])]  # (n_in, n_out) -> (n_out,)
    weights[0] = 0.99 * weights[0]
    ours = {"metadata": json.dumps(about)} | {f"weights_{i}": w for i, w in enumerate(weights)}
    return ours | {f"biases_{i}": b for i, b in enumerate(biases)}


def save_npz(path: str | Path | IO[bytes], **arrays: Any) -> None:
    """Write arrays to `path` (or to an open file): whole or not at all, whatever happens in between."""
    with nullcontext(path) if hasattr(path, "write") else written_whole(path) as file:
        np.savez(file, **arrays)


def load_npz(path: str | Path | IO[bytes], name: str) -> dict[str, Any]:
    """Read a ``.npz`` file, by path or open, into a dict of arrays; ValueError when it is none, or unsafe."""
    packed = path.read() if hasattr(path, "read") else Path(path).read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > LARGEST_FILE:
            raise ValueError(f"it unpacks to {size >> 20} MiB, more than {LARGEST_FILE >> 20}")
        with np.load(io.BytesIO(packed), allow_pickle=False) as file:
            return {key: np.asarray(file[key]) for key in file.files}  # NumPy gives others as bytes
    except Exception as error:  # zipfile, zlib and NumPy raise all sorts of things at foreign bytes
        raise ValueError(
            f"{name}: expected a .npz file of plain numbers, found something else ({str(error)[:400]}). "
            "Choose a file that Network.save wrote."
        ) from error
