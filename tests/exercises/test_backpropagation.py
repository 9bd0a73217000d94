"""The functions of notebooks 3 and 4 are those of the library, and the suspects do what the text says."""

import numpy as np
import pytest

from hwd_lib import network
from hwd_lib.exercises import backpropagation, forward_pass
from hwd_lib.network import ACTIVATIONS, Network


def make_example(layers):
    """A network with weights and biases of all signs, images and labels."""
    net = Network(layers, seed=1, dtype=np.float64)
    rng = np.random.default_rng(2)
    for biases in net.biases:
        biases[:] = rng.normal(size=biases.shape)
    return net, rng.random((11, 7)), rng.integers(0, 3, 11)


@pytest.fixture(params=[(7, 3), (7, 5, 3), (7, 6, 5, 3)], ids=str)
def example(request):
    return make_example(request.param)


@pytest.mark.parametrize("name", ["sigmoid", "relu", "softmax"])
def test_functions_are_the_librarys(name):
    z = np.random.default_rng(0).normal(size=(6, 10)) * 50
    learned, library = getattr(forward_pass, name).reference, getattr(network, name)
    np.testing.assert_allclose(learned(z), library(z), rtol=1e-12)


def test_cross_entropy_is_the_librarys(example):
    net, x, labels = example
    probabilities = net.probabilities(x)
    learned = forward_pass.cross_entropy.reference(probabilities, labels)
    assert learned == pytest.approx(network.cross_entropy(probabilities, labels), rel=1e-12)


@pytest.mark.parametrize("name", ["sigmoid", "relu"])
def test_slopes_are_the_librarys(name):
    function, slope = ACTIVATIONS[name]
    a = function(np.random.default_rng(0).normal(size=(6, 10)))
    learned = getattr(backpropagation, f"{name}_slope").reference
    np.testing.assert_allclose(learned(a), slope(a, np.empty_like(a)), rtol=1e-12)


def test_forward_and_backward_are_the_librarys(example):
    net, x, labels = example
    activations = forward_pass.forward.reference(x, net.weights, net.biases)
    for learned, library in zip(activations, net.forward(x), strict=True):
        np.testing.assert_allclose(learned, library, rtol=1e-12)
    by_weights, by_biases = backpropagation.backward.reference(activations, net.weights, labels)
    library = net.backward(activations, labels)
    for learned, theirs in zip([*by_weights, *by_biases], [*library.weights, *library.biases], strict=True):
        np.testing.assert_allclose(learned, theirs, rtol=1e-9, atol=1e-15)


def wrong_gradients(way_back, net, x, labels):
    """Names of a suspect's gradients that differ from slopes measured along each parameter."""
    wrong = set()
    computed = way_back(net.forward(x), net.weights, labels)
    for kind, arrays, gradients in zip("wb", (net.weights, net.biases), computed, strict=True):
        for i, (array, gradient) in enumerate(zip(arrays, gradients, strict=True)):
            measured = np.empty(array.shape)
            for place in np.ndindex(array.shape):
                before, losses = array[place], []
                for nudge in (1e-5, -1e-5):
                    array[place] = before + nudge
                    losses.append(network.cross_entropy(net.forward(x)[-1], labels))
                array[place] = before
                measured[place] = (losses[0] - losses[1]) / 2e-5
            size = np.linalg.norm(gradient) + np.linalg.norm(measured)
            error = np.linalg.norm(gradient - measured) / size
            assert error < 1e-6 or error > 0.01, "neither right nor wrong"
            if error > 0.01:
                wrong.add(f"{kind}{i}")
    return wrong


def test_suspects_are_wrong_where_the_text_says():
    net, x, labels = make_example((7, 5, 3))
    found = {
        name: wrong_gradients(way_back, net, x, labels) for name, way_back in backpropagation.suspects.items()
    }
    assert found == {"A": {"w1", "b1"}, "B": set(), "C": {"w0", "b0"}, "D": set(), "E": {"b0", "b1"}}
    assert {name for name, wrong in found.items() if wrong} == backpropagation.broken.reference()


@pytest.mark.parametrize(
    ("exercise", "answer", "kind"),
    [
        (forward_pass.shapes, {"x * x": (20, 784)}, "unknown"),
        (forward_pass.shapes, (20, 784), "unknown"),
        (forward_pass.untrained_loss, "two", "text"),
        (forward_pass.untrained_loss, [2.3], "unknown"),
        (forward_pass.forward, lambda x, weights, biases: 7, "unused"),
        (forward_pass.forward, lambda x, weights, biases: np.zeros((4, 3)), "only_the_last"),
        (backpropagation.backward, lambda activations, weights, labels: 7, "unused"),
        (backpropagation.backward, lambda activations, weights, labels: weights[0], "only_weights"),
        (backpropagation.broken, 7, "unknown"),
        (backpropagation.broken, set(), "unknown"),
    ],
)
def test_odd_answers_are_told_apart(exercise, answer, kind):
    verdict = exercise.judge(answer)
    assert (verdict.status, verdict.kind) == ("wrong", kind)
    assert verdict.sentence
