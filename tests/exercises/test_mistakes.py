"""The functions of notebook 7 are those of the library, and what its text says of certain digits is true."""

import numpy as np
import pytest

from hwd_lib import evaluation
from hwd_lib.exercises import mistakes
from hwd_lib.network import SAVED_NN, Network


@pytest.fixture(scope="module")
def five(mnist):
    """Answers (5, 5000) of the networks that notebook 7 asks, by name."""
    names = ("784-10", "784-100-10", "784-800-10", "784-2000-10", "best")
    return {
        name: evaluation.predict(Network.load(SAVED_NN / f"{name}.npz"), mnist.validation.images)
        for name in names
    }


@pytest.fixture(scope="module")
def network():
    return Network.load(SAVED_NN / "784-100-10.npz")


@pytest.fixture(scope="module")
def probabilities(network, mnist):
    return evaluation.probabilities(network, mnist.validation.images)


def test_surest_mistakes_are_the_librarys(network, probabilities, mnist):
    found = mistakes.surest_mistakes.reference(probabilities, mnist.validation.labels)
    np.testing.assert_array_equal(found, evaluation.mistakes(network, mnist.validation).index)


def test_bins_and_error_are_the_librarys(probabilities, mnist):
    labels = mnist.validation.labels
    library = evaluation.calibration(probabilities, labels)
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    full = library.count > 0
    for k in np.flatnonzero(full):
        learned = mistakes.one_bin.reference(sure, right, k / 10, (k + 1) / 10)
        theirs = library.confidence[k], library.accuracy[k], library.count[k]
        np.testing.assert_allclose(learned, theirs, rtol=1e-5)
    error = mistakes.calibration_error.reference(*(values[full] for values in library[:3]))
    assert error == pytest.approx(library.error, rel=1e-9)


@pytest.mark.parametrize("layers", [(9, 4), (9, 6, 4), (9, 7, 5, 4)])
def test_the_way_back_to_the_pixels_is_the_measured_slope(layers):
    net = Network(layers, seed=3, dtype=np.float64)
    x = np.random.default_rng(4).random((3, 9))

    def logit(pixels, digit):
        hidden = net.forward(pixels)[-2]
        return (hidden @ net.weights[-1])[:, digit]  # (3, n_in) @ (n_in, 4) -> (3,)

    for digit in range(4):
        found = mistakes.input_gradient.reference(net.forward(x), net.weights, digit)
        for pixel in range(9):
            step = np.zeros(9)
            step[pixel] = 1e-5
            measured = (logit(x + step, digit) - logit(x - step, digit)) / 2e-5
            np.testing.assert_allclose(found[:, pixel], measured, rtol=1e-6, atol=1e-9)


def test_the_doubtful_digits_are_those_of_the_text(five, mnist):
    """If this fails because a network was trained anew: mend the section "Five readers" of notebook 7."""
    answers, labels = np.array(list(five.values())), mnist.validation.labels
    found = mistakes.against_label.reference(answers, labels)
    assert 4 <= len(found) <= 12
    assert 2486 in found  # a 0 with a curl in it, as its label says, and all say 8
    assert 4915 in found  # plainly a 7, and its label says 4
    assert (labels[2486], answers[0, 2486]) == (0, 8)
    assert (labels[4915], answers[0, 4915]) == (4, 7)
    wrong = {name: int((read != labels).sum()) for name, read in five.items()}
    assert 15 <= min(wrong.values()) <= 25
    assert max(wrong.values()) == wrong["784-10"]


def test_one_hand_wrote_the_misread_fives(five, mnist):
    read, labels = five["784-100-10"], mnist.validation.labels
    assert all(labels[i] == 5 and read[i] != 5 for i in (4701, 4726, 4731, 4747))
    page = slice(4695, 4755)
    assert (read[page] != labels[page]).sum() == 7  # of sixty: eight times as many as of all digits
    assert np.flatnonzero(labels[page] == 5).tolist() == [6, 31, 36, 52]  # and none of them is read
    pairs = mistakes.top_confusions.reference(labels, read, 2)
    assert [(int(was), int(other)) for was, other, _ in pairs] == [(5, 3), (0, 2)]


def test_a_wish_is_granted_with_full_confidence(network, mnist):
    """Thirty steps from an empty sheet, and the network is sure: "Ten images that it takes for perfect"."""
    back, uphill = mistakes.input_gradient.reference, mistakes.uphill.reference
    for digit in range(10):
        image = np.zeros((1, 784))
        for _ in range(30):
            image = uphill(image, back(network.forward(image), network.weights, digit), 0.02)
        assert network.probabilities(image)[0, digit] > 0.99
    image, label = mnist.validation.images[4:5], mnist.validation.labels[4]
    for _ in range(18):
        image = uphill(image, back(network.forward(image), network.weights, 9), 0.02)
    assert (label, network.predict(image)[0]) == (4, 9)


def test_units_have_the_favourites_that_the_text_names(network, mnist):
    hidden = network.forward(mnist.validation.images)[1]
    for unit, digit in ((4, 2), (7, 5), (22, 3)):
        top = mistakes.most_exciting.reference(hidden, unit, 8)
        assert (mnist.validation.labels[top] == digit).sum() >= 7
