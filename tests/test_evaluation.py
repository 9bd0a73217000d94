"""How good a network is: counted once more, one example after the other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hwd_lib import evaluation
from hwd_lib.evaluation import accuracy_by_class, calibration, confusion_matrix, pixel_votes
from hwd_lib.mnist import Split
from hwd_lib.network import SAVED_NN, Network

classes = st.integers(0, 9)
readings = st.integers(1, 40).flatmap(
    lambda n: st.tuples(*[arrays(np.int64, n, elements=classes) for _ in range(2)])
)


@given(readings)
def test_the_confusion_matrix_counts(reading):
    labels, predicted = reading
    matrix = confusion_matrix(labels, predicted)
    expected = np.zeros((10, 10), int)
    for label, prediction in zip(labels, predicted, strict=True):
        expected[label, prediction] += 1
    assert (matrix == expected).all() and matrix.dtype == np.int64


@given(readings)
def test_accuracy_by_class_is_a_share_or_nothing(reading):
    labels, predicted = reading
    found = accuracy_by_class(labels, predicted)
    for digit in range(10):
        of_digit = [p == digit for label, p in zip(labels, predicted, strict=True) if label == digit]
        assert (
            found[digit] == pytest.approx(sum(of_digit) / len(of_digit))
            if of_digit
            else np.isnan(found[digit])
        )


def test_fewer_classes_and_lists():
    assert confusion_matrix([0, 1, 2, 2], [0, 2, 2, 2], classes=3).tolist() == [
        [1, 0, 0],
        [0, 0, 1],
        [0, 0, 2],
    ]


def test_calibration_worked_by_hand():
    """Two bins. Below 1/2: nobody. Else: 0.6 right, 0.8 wrong, 1.0 right: sure 0.8, right 2/3."""
    probabilities = np.array([[0.6, 0.4], [0.2, 0.8], [1.0, 0.0]])
    found = calibration(probabilities, np.array([0, 0, 0]), bins=2)
    assert found.count.tolist() == [0, 3]
    assert np.isnan(found.confidence[0]) and np.isnan(found.accuracy[0])
    assert found.confidence[1] == pytest.approx(0.8)
    assert found.accuracy[1] == pytest.approx(2 / 3)
    assert found.error == pytest.approx(0.8 - 2 / 3)


@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(1, 12))
def test_calibration_counted_one_by_one(seed, n, bins):
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.full(4, 0.4), n)
    labels = rng.integers(4, size=n)
    found = calibration(probabilities, labels, bins)
    error = 0.0
    for b in range(bins):
        inside = [i for i in range(n) if b == min(bins - 1, int(probabilities[i].max() * bins))]
        assert found.count[b] == len(inside)
        if inside:
            sure = np.mean([probabilities[i].max() for i in inside])
            right = np.mean([probabilities[i].argmax() == labels[i] for i in inside])
            assert (found.confidence[b], found.accuracy[b]) == (pytest.approx(sure), pytest.approx(right))
            error += len(inside) / n * abs(sure - right)
    assert found.error == pytest.approx(error)


def test_who_is_always_right_when_sure_of_it_is_calibrated():
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.full(10, 0.3), 20_000)
    labels = np.array([rng.choice(10, p=p) for p in probabilities])  # each class as often as it is said to be
    assert calibration(probabilities, labels).error < 0.015
    assert calibration(probabilities, (labels + 1) % 10).error > 0.3


@pytest.fixture(scope="module")
def network():
    return Network.load(SAVED_NN / "784-10.npz")


def test_batches_change_nothing(network, mnist):
    images = mnist.validation.images[:2345]  # two batches and a part
    whole = network.forward(images)[-1]
    np.testing.assert_allclose(evaluation.probabilities(network, images), whole, atol=1e-6)
    assert (evaluation.predict(network, images) == whole.argmax(axis=1)).all()
    assert evaluation.predict(network, images[:1]).shape == (1,)


def test_accuracy_is_the_share_that_is_right(network, mnist):
    images, labels = mnist.validation
    right = sum(
        int(network.predict(image[None])[0] == label) for image, label in zip(images, labels, strict=True)
    )
    assert evaluation.accuracy(network, mnist.validation) == right / len(labels)


def test_mistakes_are_all_that_is_wrong_the_surest_first(network, mnist):
    some = Split(mnist.validation.images[:1500], mnist.validation.labels[:1500])
    found = evaluation.mistakes(network, some)
    probabilities = network.probabilities(some.images)
    wrong = {i for i in range(1500) if probabilities[i].argmax() != some.labels[i]}
    assert set(found.index.tolist()) == wrong and len(found.index) == len(wrong) > 20
    for index, label, predicted, confidence in zip(*found, strict=True):
        assert label == some.labels[index]
        assert predicted == probabilities[index].argmax() != label
        assert confidence == pytest.approx(probabilities[index].max(), abs=1e-5)
    assert (np.diff(found.confidence) <= 0).all()


def test_where_all_is_right_there_are_no_mistakes(network, mnist):
    images = mnist.validation.images[:50]
    found = evaluation.mistakes(network, Split(images, network.predict(images)))
    assert [len(column) for column in found] == [0, 0, 0, 0]


@pytest.mark.parametrize("labels", [[0, 10], [-1, 3]])
def test_a_label_beyond_the_classes_is_said(labels):
    for pair in ((labels, [1, 2]), ([1, 2], labels)):
        with pytest.raises(ValueError, match="classes: expected labels from 0 to 9, found"):
            confusion_matrix(*pair)


# Votes: input times gradient -------------------------------------------------------------------------------


@pytest.mark.parametrize("layers", [[784, 10], [784, 20, 10], [784, 20, 15, 10]])
def test_votes_add_up_to_the_logit(layers):
    """A ReLU network without biases is piecewise linear: its votes add up to logit minus mean logit."""
    network = Network(layers, biases=False, seed=3).astype(np.float64)
    rng = np.random.default_rng(0)
    image = rng.random((28, 28)) * (rng.random((28, 28)) < 0.2)
    logits = np.log(network.probabilities(image.reshape(1, 784))[0])
    for digit in (0, 7):
        votes = pixel_votes(network, image, digit)
        np.testing.assert_allclose(votes.sum(), logits[digit] - logits.mean(), rtol=1e-6)
        assert not votes[image == 0].any()


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_votes_are_the_gradient(activation):
    network = Network([784, 12, 11, 10], activation, seed=4).astype(np.float64)
    image = np.random.default_rng(0).random((28, 28))
    votes = pixel_votes(network, image, 5)

    def score(x):
        logits = np.log(network.probabilities(x.reshape(1, 784))[0])
        return logits[5] - logits.mean()

    for y, x in [(3, 4), (14, 14), (20, 7)]:
        nudge = np.zeros((28, 28))
        nudge[y, x] = 1e-5
        slope = (score(image + nudge) - score(image - nudge)) / 2e-5
        np.testing.assert_allclose(votes[y, x], slope * image[y, x], rtol=1e-5)
