"""The network against other people's mathematics: by hand, by finite differences, by SciPy, by Autograd."""

import copy
import io
import itertools
import json
import math
import os
import pickle
import signal
import subprocess
import sys
import zipfile

import autograd
import autograd.numpy as anp
import autograd.scipy.special
import joblib
import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hwd_lib import network as network_module
from hwd_lib.mnist import Split
from hwd_lib.network import (
    ACTIVATIONS,
    Buffers,
    Network,
    Parameters,
    cross_entropy,
    load_npz,
    one_hot,
    relu,
    save_npz,
    sigmoid,
    softmax,
)
from hwd_lib.training import gradient_check, train

DEPTHS = ([12, 5], [12, 8, 5], [12, 8, 7, 5], [12, 8, 7, 6, 5])
KINDS = list(itertools.product(DEPTHS, ACTIVATIONS, [True, False]))
rows = arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 12)), elements=st.floats(-700, 700))


def batch(layers, n=20, seed=1):
    rng = np.random.default_rng(seed)
    return rng.random((n, layers[0]), np.float32), rng.integers(layers[-1], size=n)


# Activation functions and loss ------------------------------------------------------------------------------


@given(rows)
def test_activations_are_scipys(z):
    assert np.allclose(sigmoid(z), scipy.special.expit(z), rtol=1e-12, atol=1e-15)
    assert np.array_equal(relu(z), np.where(z > 0, z, 0))
    assert np.allclose(softmax(z), scipy.special.softmax(z, axis=1), rtol=1e-12, atol=1e-300)


@given(rows, st.integers(0, 2**32 - 1))
def test_cross_entropy_is_scipys(z, seed):
    z = z / 10  # beyond some 700 nats, the library's probabilities are no longer above 0
    labels = np.random.default_rng(seed).integers(z.shape[1], size=len(z))
    right = scipy.special.log_softmax(z, axis=1)[np.arange(len(z)), labels]
    assert math.isclose(cross_entropy(softmax(z), labels), -right.mean(), rel_tol=1e-9, abs_tol=1e-12)
    assert math.isclose(
        cross_entropy(softmax(z), one_hot(labels, z.shape[1])), -right.mean(), rel_tol=1e-9, abs_tol=1e-12
    )


def test_soft_targets_give_the_cross_entropy_of_two_distributions():
    p, q = np.array([[0.7, 0.2, 0.1]]), np.array([[0.5, 0.25, 0.25]])
    assert cross_entropy(p, q) == pytest.approx(scipy.stats.entropy(q[0]) + scipy.stats.entropy(q[0], p[0]))


def test_extremes_do_not_overflow():
    z = np.array([[1e4, -1e4, 0, 88.0]], np.float32)
    assert np.array_equal(softmax(z), [[1, 0, 0, 0]]) and np.array_equal(sigmoid(z)[0, :3], [1, 0, 0.5])
    assert cross_entropy(softmax(z), np.array([1])) == pytest.approx(-math.log(np.finfo(np.float32).tiny))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slopes_are_derivatives(name):
    function, slope = ACTIVATIONS[name]
    z = np.concatenate([np.linspace(-4, -0.01, 50), np.linspace(0.01, 4, 50)])
    assert np.allclose(slope(function(z)), (function(z + 1e-6) - function(z - 1e-6)) / 2e-6, atol=1e-8)


@pytest.mark.parametrize("function", [sigmoid, relu, np.tanh, *(slope for _, slope in ACTIVATIONS.values())])
def test_functions_write_into_out_without_touching_their_argument(function):
    z = np.linspace(0, 1, 7, dtype=np.float32).reshape(1, 7)
    before, out = z.copy(), np.empty_like(z)
    assert function(z, out=out) is out
    assert np.array_equal(out, function(before)) and np.array_equal(z, before)


def test_one_hot():
    assert np.array_equal(one_hot(np.array([2, 0]), 3), [[0, 0, 1], [1, 0, 0]])
    assert one_hot(np.array([2, 0])).dtype == np.float32


# Forward and backward ---------------------------------------------------------------------------------------


def test_an_example_worked_by_hand():
    """Two inputs, two hidden units, two classes; every number below was worked out on paper."""
    network = Network([2, 2, 2])
    network.weights[0][:], network.biases[0][:] = [[1, -1], [2, 1]], [0, 0.5]
    network.weights[1][:], network.biases[1][:] = [[1, 0], [0, 1]], [math.log(3) - 5, -1.5]
    x = np.array([[1, 2]], np.float32)
    activations = network.forward(x)
    assert np.allclose(activations[1], [[5, 1.5]])  # 1 * 1 + 2 * 2 and -1 * 1 + 1 * 2 + 0.5
    assert np.allclose(activations[2], [[0.75, 0.25]], atol=1e-6)  # logits log 3 and 0, which is 3 : 1
    assert cross_entropy(activations[2], np.array([0])) == pytest.approx(-math.log(0.75), abs=1e-6)
    gradients = network.backward(activations, np.array([0]))  # delta: (0.75 - 1, 0.25)
    assert np.allclose(gradients.weights[1], [[-1.25, 1.25], [-0.375, 0.375]], atol=1e-6)
    assert np.allclose(gradients.biases[1], [-0.25, 0.25], atol=1e-6)
    assert np.allclose(gradients.weights[0], [[-0.25, 0.25], [-0.5, 0.5]], atol=1e-6)
    assert np.allclose(gradients.biases[0], [-0.25, 0.25], atol=1e-6)


@pytest.mark.parametrize(("layers", "activation", "biases"), KINDS)
def test_gradients_are_the_slopes_of_the_loss(layers, activation, biases):
    network = Network(layers, activation, biases, seed=3)
    images, labels = batch(layers)
    assert gradient_check(network, images, labels) < 1e-6
    soft = np.random.default_rng(0).dirichlet(np.ones(layers[-1]), len(images))
    assert gradient_check(network, images, soft) < 1e-6


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden", [[30], [30, 20], [30, 20, 15]])
def test_gradients_on_real_digits(mnist, activation, hidden):
    network = Network([784, *hidden, 10], activation)
    images, labels = mnist.train.images[:20], mnist.train.labels[:20]
    assert gradient_check(network, images, labels) < 1e-6


def wrong(network, mistake):
    """`network`, with one of the mistakes that are made in `backward`."""

    class Mistaken(Network):
        def backward(self, activations, labels, out=None, batch_size=None):
            if mistake == "slope of the wrong layer":
                activations = [activations[0], activations[1] + 0.1, *activations[2:]]
            if mistake == "squared error in the last layer":
                labels = labels if labels.ndim == 2 else one_hot(labels, self.layers[-1])
                p = activations[-1]
                labels = p - (p - labels) * p * (1 - p)
            gradients = super().backward(activations, labels, out, batch_size)
            if mistake == "transposed":
                gradients.weights[1][:] = gradients.weights[1].T
            if mistake == "sum instead of mean":
                gradients.vector[:] *= len(activations[0])
            if mistake == "forgotten bias":
                gradients.biases[0][:] = 0
            if mistake == "one layer's sign":
                gradients.weights[0][:] *= -1
            return gradients

    network.__class__ = Mistaken
    return network


@pytest.mark.parametrize(
    "mistake",
    [
        "slope of the wrong layer",
        "squared error in the last layer",
        "transposed",
        "sum instead of mean",
        "forgotten bias",
        "one layer's sign",
    ],
)
def test_the_gradient_check_can_fail(mistake):
    layers = [12, 8, 8, 5]
    network = Network(layers, "tanh", seed=3)
    images, labels = batch(layers)
    assert gradient_check(network, images, labels, samples=500) < 1e-6
    assert gradient_check(wrong(network, mistake), images, labels, samples=500) > 0.01


def test_the_gradient_check_finds_the_famous_relu_mistake(monkeypatch):
    """After a ReLU, `a >= 0` is always true: a widely read tutorial multiplies by ones."""
    layers = [12, 8, 8, 5]
    monkeypatch.setitem(ACTIVATIONS, "relu", (relu, lambda a, out=None: np.greater_equal(a, 0, out=out)))
    assert gradient_check(Network(layers), *batch(layers)) > 0.05


def test_the_gradient_check_leaves_the_network_alone():
    network = Network([12, 8, 5])
    before = network.parameters.copy()
    gradient_check(network, *batch(network.layers))
    assert network.parameters.dtype == np.float32 and np.array_equal(network.parameters, before)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("layers", DEPTHS[1:])
def test_gradients_with_dropout(layers, activation):
    """With its masks fixed, a network with dropout is a function like others: nudge it and see."""
    network = Network(layers, activation, seed=3).astype(np.float64)
    images, labels = batch(layers)
    out = Buffers(network, len(images), dropout=0.4)
    out.draw_masks(np.random.default_rng(5))
    gradients = network.backward(network.forward(images, out), labels, out).vector.copy()
    numerical = np.empty_like(gradients)
    for i in range(len(gradients)):
        before, losses = network.parameters[i], []
        for nudge in (1e-6, -1e-6):
            network.parameters[i] = before + nudge
            losses.append(cross_entropy(network.forward(images, out)[-1], labels))
        network.parameters[i] = before
        numerical[i] = (losses[0] - losses[1]) / 2e-6
    assert np.linalg.norm(gradients - numerical) < 1e-6 * np.linalg.norm(gradients)


def test_dropout_masks_keep_the_mean():
    out = Buffers(Network([4, 300, 200, 10]), 100, dropout=0.3)
    out.draw_masks(np.random.default_rng(0))
    for mask in out.masks[:-1]:
        assert set(np.unique(mask)) == {np.float32(0), np.float32(1 / 0.7)}
        assert mask.mean() == pytest.approx(1, abs=0.02) and mask.dtype == np.float32
    first = out.masks[0].copy()
    out.draw_masks(np.random.default_rng(1))
    assert not np.array_equal(out.masks[0], first)


def loss_for_autograd(network, images, targets):
    """The same network once more, written down for Autograd, which differentiates NumPy: loss(w, b)."""
    hidden = {"relu": lambda z: anp.maximum(z, 0), "tanh": anp.tanh, "sigmoid": autograd.scipy.special.expit}

    def loss(weights, biases):
        z = images.astype(np.float64)
        for i, w in enumerate(weights):
            z = z @ w + (biases[i] if biases else 0)
            z = hidden[network.activation](z) if i < len(weights) - 1 else z
        return -anp.sum(targets * (z - autograd.scipy.special.logsumexp(z, axis=1, keepdims=True))) / len(z)

    return loss


@pytest.mark.parametrize(("layers", "activation", "biases"), KINDS)
def test_values_and_gradients_are_autograds(layers, activation, biases):
    network, (images, labels) = Network(layers, activation, biases, seed=2), batch(layers)
    for array in network.biases:
        array[:] = np.linspace(-0.3, 0.3, len(array))
    soft = np.random.default_rng(0).dirichlet(np.ones(layers[-1]), len(images)).astype(np.float32)
    for ours, targets in ((labels, np.eye(layers[-1])[labels]), (soft, soft)):
        loss = loss_for_autograd(network, images, targets)
        arrays = [[array.astype(np.float64) for array in part] for part in (network.weights, network.biases)]
        activations = network.forward(images)
        assert cross_entropy(activations[-1], ours) == pytest.approx(loss(*arrays), abs=1e-6)
        gradients = network.backward(activations, ours)
        for found, expected in zip(gradients.weights, autograd.grad(loss, 0)(*arrays), strict=True):
            assert np.allclose(found, expected, atol=1e-6)
        by_biases = autograd.grad(loss, 1)(*arrays) if biases else []
        for found, expected in zip(gradients.biases, by_biases, strict=True):
            assert np.allclose(found, expected, atol=1e-6)


def test_buffers_change_nothing_but_where_things_are():
    network = Network([12, 8, 7, 5])
    images, labels = batch(network.layers)
    plain = network.forward(images)
    gradients = network.backward(plain, labels)
    out = Buffers(network, len(images))
    for array in (*out.activations, *out.slopes, *out.deltas, out.gradients.vector):
        array[:] = np.nan  # nothing that was there before may count
    buffered = network.forward(images, out)
    kept = [a.copy() for a in buffered]
    assert all(np.array_equal(a, b) for a, b in zip(plain, buffered, strict=True))
    assert all(a is b for a, b in zip(buffered[1:], out.activations, strict=True))
    assert network.backward(buffered, labels, out) is out.gradients
    assert np.array_equal(gradients.vector, out.gradients.vector)
    assert all(np.array_equal(a, b) for a, b in zip(kept, buffered, strict=True))  # backward reads them only


def test_parts_of_a_batch_add_up():
    network = Network([12, 8, 5])
    images, labels = batch(network.layers)
    whole = network.backward(network.forward(images), labels).vector
    parts = [
        network.backward(network.forward(images[k::3]), labels[k::3], batch_size=len(labels)).vector
        for k in range(3)
    ]
    assert np.allclose(sum(parts), whole, atol=1e-7)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_all_is_float32(activation):
    network = Network([12, 8, 5], activation)
    images, labels = batch(network.layers)
    activations = network.forward(images.astype(np.float64))
    gradients = network.backward(activations, labels)
    for array in (*network.weights, *network.biases, *activations, *gradients.weights, *gradients.biases):
        assert array.dtype == np.float32
    assert network.probabilities(images).dtype == np.float32
    assert network.predict(images).dtype == np.int64
    assert network.astype(np.float64).forward(images)[-1].dtype == np.float64


def test_predict_is_the_most_probable():
    network = Network([12, 8, 5])
    images, _ = batch(network.layers)
    probabilities = network.probabilities(images)
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert [int(np.argmax(row)) for row in probabilities] == list(network.predict(images))


@pytest.mark.parametrize("x", [np.zeros(12), np.zeros((3, 11)), np.zeros((3, 12, 1)), np.zeros((12, 3))])
def test_another_shape_is_explained(x):
    with pytest.raises(ValueError, match=r"expected shape \(n, 12\).* found \(.*reshape\(1, 12\)"):
        Network([12, 8, 5]).forward(x)


# Making a network -------------------------------------------------------------------------------------------


def test_parameters_are_one_vector():
    network = Network([4, 3, 2])
    assert network.parameters.size == 4 * 3 + 3 + 3 * 2 + 2
    network.parameters[:] = np.arange(network.parameters.size)
    assert np.array_equal(network.weights[0], np.arange(12).reshape(4, 3))
    assert list(network.biases[0]) == [12, 13, 14]
    assert np.array_equal(network.weights[1], np.arange(15, 21).reshape(3, 2))
    assert list(network.biases[1]) == [21, 22]
    network.weights[1][:] = -1
    assert network.parameters.sum() == sum(range(15)) - 6 + 43
    assert Network([4, 3, 2], biases=False).parameters.size == 18


@pytest.mark.parametrize(("activation", "gain"), [("relu", 2), ("tanh", 1), ("sigmoid", 1)])
def test_weights_begin_with_the_variance_of_the_papers(activation, gain):
    network = Network([400, 300, 200], activation, seed=1)
    assert network.weights[0].var() == pytest.approx(gain / 400, rel=0.03)
    assert network.weights[1].var() == pytest.approx(1 / 300, rel=0.03)  # no ReLU after the last layer
    assert not network.biases[0].any() and not network.biases[1].any()


def test_the_seed_decides():
    same, other = Network([4, 3, 2], seed=7), Network([4, 3, 2], seed=8)
    assert np.array_equal(Network([4, 3, 2], seed=7).parameters, same.parameters)
    assert not np.array_equal(other.parameters, same.parameters)


@pytest.mark.parametrize("layers", [[], [784], [784, 0], [784, -3, 10]])
def test_no_network_has_such_layers(layers):
    with pytest.raises(ValueError, match="expected two or more widths"):
        Network(layers)


def test_an_unknown_activation_is_told_those_there_are():
    with pytest.raises(ValueError, match="expected one of relu, tanh, sigmoid, found 'elu'"):
        Network([4, 2], "elu")


def test_a_copy_shares_nothing():
    network = Network([4, 3, 2], "tanh", biases=False)
    network.metadata["seed"] = 1
    copy = network.copy()
    copy.parameters[:], copy.metadata["seed"] = 0, 2
    assert network.parameters.any() and network.metadata == {"seed": 1}
    assert copy.layers == network.layers and copy.activation == "tanh" and not copy.biases


COPIES = {
    "copy.deepcopy": copy.deepcopy,
    "pickle": lambda network: pickle.loads(pickle.dumps(network)),
    "joblib": lambda network: load_with_joblib(network),
    "copy": Network.copy,
    "astype": lambda network: network.astype("float32"),
    "a file": lambda network: saved_and_loaded(network),
}


def load_with_joblib(network):
    file = io.BytesIO()
    joblib.dump(network, file)
    file.seek(0)
    return joblib.load(file)


def saved_and_loaded(network):
    file = io.BytesIO()
    network.save(file)
    file.seek(0)
    return Network.load(file)


@pytest.mark.parametrize("way", COPIES)
def test_every_copy_learns(way):
    """XOR, which needs a hidden layer: a copy whose weights are no views of its parameters stays at log 2."""
    original = Network([2, 8, 2], "tanh", seed=1)
    before = original.parameters.copy()
    other = COPIES[way](original)
    assert np.array_equal(other.parameters, before)
    for part in (*other.weights, *other.biases):
        assert np.shares_memory(part, other.parameters) and not np.shares_memory(part, original.parameters)
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32) - np.float32(0.5)
    xor = Split(corners, np.array([0, 1, 1, 0]))
    history = train(other, xor, epochs=400, batch_size=4, learning_rate=0.5, progress=False)
    assert history.loss[-1] < 0.05 and list(other.predict(corners)) == [0, 1, 1, 0]
    assert np.array_equal(original.parameters, before)


def test_a_shallow_copy_shares_its_numbers():
    network = Network([4, 3, 2])
    other = copy.copy(network)
    other.weights[0][:] = 7
    assert (network.weights[0] == 7).all() and np.shares_memory(other.parameters, network.parameters)


def test_copies_of_gradients_hold_together():
    gradients = Parameters([4, 3, 2])
    for other in (copy.deepcopy(gradients), pickle.loads(pickle.dumps(gradients))):
        other.vector[:] = 1
        assert all((part == 1).all() for part in (*other.weights, *other.biases))


def test_a_subclass_stays_one():
    class Own(Network):
        note = "own"

    own = Own([4, 3, 2])
    own.extra = [1, 2]
    for other in (own.copy(), own.astype(np.float64), copy.deepcopy(own)):
        assert type(other) is Own and other.extra == [1, 2] and other.extra is not own.extra


@pytest.mark.parametrize("name", ["weights", "biases", "parameters"])
def test_what_is_a_view_is_not_replaced(name):
    network = Network([4, 3, 2])
    before = network.parameters.copy()
    with pytest.raises(AttributeError, match=r"cannot be replaced. Write into them: network.weights"):
        setattr(network, name, [np.zeros(3)])
    assert np.array_equal(network.parameters, before)
    network.parameters -= 1  # in place, and then the same vector under the same name
    assert np.array_equal(network.parameters, before - 1) and network.weights[0][0, 0] == before[0] - 1


def test_neither_copies_nor_files_draw_weights_to_replace_them(tmp_path, monkeypatch):
    network = Network([4, 3, 2])
    network.save(tmp_path / "a.npz")
    monkeypatch.setattr(np.random, "default_rng", None)
    for other in (network.copy(), network.astype(np.float64), Network.load(tmp_path / "a.npz")):
        assert np.array_equal(other.parameters, network.parameters)


def test_it_says_what_it_is():
    assert repr(Network([784, 100, 10])) == "<Network 784-100-10, relu, 79,510 parameters>"


# Files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("layers", "activation", "biases"), KINDS)
def test_what_is_saved_is_loaded(tmp_path, layers, activation, biases):
    network = Network(layers, activation, biases, seed=4)
    network.metadata = {"recipe": "ä test", "epochs": 3, "validation_accuracy": 0.25}
    network.save(tmp_path / "a.npz")
    loaded = Network.load(tmp_path / "a.npz")
    assert np.array_equal(loaded.parameters, network.parameters) and loaded.parameters.dtype == np.float32
    assert (loaded.layers, loaded.activation, bool(loaded.biases)) == (layers, activation, biases)
    assert loaded.metadata.items() >= network.metadata.items()
    loaded.save(tmp_path / "b.npz")
    assert Network.load(tmp_path / "b.npz").metadata == loaded.metadata


def test_half_precision_is_half_the_size_and_nearly_the_same(tmp_path):
    network = Network([784, 50, 10])
    network.save(tmp_path / "whole.npz")
    network.save(tmp_path / "half.npz", half=True)
    sizes = [(tmp_path / name).stat().st_size for name in ("whole.npz", "half.npz")]
    assert sizes[1] < 0.52 * sizes[0]
    loaded = Network.load(tmp_path / "half.npz")
    assert loaded.parameters.dtype == np.float32
    assert np.allclose(loaded.parameters, network.parameters, rtol=1e-3, atol=1e-7)


def test_a_network_of_float64_learns_and_is_kept_as_such(tmp_path):
    images, labels = batch([6, 5, 3], n=30)
    network = Network([6, 5, 3], dtype="float64", seed=4)
    start = network.copy()
    history = train(
        network, Split(images, labels), epochs=2, batch_size=7, optimizer="adam", ema=0.9, dropout=0.2,
        label_smoothing=0.1, workers=2, progress=False,
    )  # fmt: skip
    single = start.astype(np.float32)
    alike = train(
        single, Split(images, labels), epochs=2, batch_size=7, optimizer="adam", ema=0.9, label_smoothing=0.1,
        progress=False,
    )  # fmt: skip
    assert network.parameters.dtype == np.float64 and len(history.loss) == len(alike.loss) == 2
    network.save(tmp_path / "double.npz")
    loaded = Network.load(tmp_path / "double.npz")
    assert loaded.dtype == np.float64 and np.array_equal(loaded.parameters, network.parameters)
    loaded.save(tmp_path / "half.npz", half=True)
    assert Network.load(tmp_path / "half.npz").dtype == np.float64
    loaded.astype("float32").save(tmp_path / "single.npz")
    assert Network.load(tmp_path / "single.npz").dtype == np.float32


def test_float64_is_the_same_descent_with_more_digits():
    images, labels = batch([6, 5, 3], n=30)
    networks = [Network([6, 5, 3], seed=4, dtype=dtype) for dtype in (np.float32, np.float64)]
    for network in networks:
        train(network, Split(images.astype(network.dtype), labels), epochs=3, batch_size=7, progress=False)
    assert np.allclose(networks[0].parameters, networks[1].parameters, atol=1e-5)
    assert not np.array_equal(networks[0].parameters, networks[1].parameters)


@pytest.mark.parametrize("dtype", ["float16", "int64", "complex128"])
def test_no_network_has_such_numbers(dtype):
    with pytest.raises(ValueError, match=f"dtype: expected float32 or float64, found {dtype}"):
        Network([4, 2], dtype=dtype)


def test_an_activation_of_ones_own(monkeypatch):
    """The line of docs/library.md: the function, and its slope in terms of its own value."""
    softplus = (
        lambda z, out=None: np.logaddexp(z, 0, out=out),
        lambda a, out=None: np.subtract(1, np.exp(-a), out=out),
    )
    monkeypatch.setitem(ACTIVATIONS, "softplus", softplus)
    network = Network([12, 8, 7, 5], "softplus", seed=3)
    assert gradient_check(network, *batch(network.layers)) < 1e-6
    assert saved_and_loaded(network).activation == "softplus"
    monkeypatch.delitem(ACTIVATIONS, "softplus")
    with pytest.raises(ValueError, match="expected one of relu, tanh, sigmoid, found 'softplus'"):
        Network([4, 2], "softplus")


def test_open_files_and_names_like_paths(tmp_path):
    network, buffer = Network([4, 3, 2]), io.BytesIO()
    network.save(buffer)
    buffer.seek(0)
    assert np.array_equal(Network.load(buffer, "upload").parameters, network.parameters)
    deep = tmp_path / "a folder" / "so deep" / "net.with.dots"  # no suffix is added
    network.save(str(deep))
    assert np.array_equal(Network.load(str(deep)).parameters, network.parameters)
    assert [path.name for path in deep.parent.iterdir()] == ["net.with.dots"]


def test_a_failed_save_leaves_the_older_file(tmp_path):
    path = tmp_path / "net.npz"
    Network([4, 2], seed=1).save(path)
    before = path.read_bytes()
    network = Network([4, 2], seed=2)
    network.metadata["thing"] = object()  # no JSON
    with pytest.raises(TypeError):
        network.save(path)

    class Explosive:
        def __array__(self, *args, **kwargs):
            raise RuntimeError("in the middle of writing")

    with pytest.raises(RuntimeError):
        save_npz(path, weights_0=np.zeros(1000), later=Explosive())
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_killed_while_saving_the_older_file_is_whole(tmp_path):
    """A process that saves all the time is killed: what is under the name is one network or the other."""
    path = tmp_path / "net.npz"
    program = (
        "import sys; from hwd_lib.network import Network\n"
        "nets = [Network([300, 300, 10], seed=s) for s in (1, 2)]\n"
        "nets[0].save(sys.argv[1]); print('saving', flush=True)\n"
        "while True:\n    [net.save(sys.argv[1]) for net in nets]\n"
    )
    known = [Network([300, 300, 10], seed=s).parameters for s in (1, 2)]
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", program, path], stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "saving\n"
        while not list(tmp_path.glob("*.tmp")):  # catch it in the act
            pass
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert any(np.array_equal(Network.load(path).parameters, each) for each in known)


def arrays_of(network):
    buffer = io.BytesIO()
    network.save(buffer)
    buffer.seek(0)
    return load_npz(buffer, "buffer")


def metadata(**changes):
    about = {"layers": [4, 3, 2], "activation": "relu", "biases": True} | changes
    return np.array(json.dumps(about))


BAD = {
    "a matrix of another shape": {"weights_0": np.zeros((3, 4), np.float32)},
    "a matrix that would be broadcast": {"weights_0": np.zeros((1, 3), np.float32)},
    "integers": {"weights_0": np.zeros((4, 3), int)},
    "NaN": {"weights_0": np.full((4, 3), np.nan, np.float32)},
    "infinity": {"biases_1": np.array([0, np.inf], np.float32)},
    "too large for float32": {"biases_1": np.array([0, 1e300])},
    "other layers": {"metadata": metadata(layers=[4, 3, 3, 2])},
    "fewer layers": {"metadata": metadata(layers=[4, 2])},
    "negative layers": {"metadata": metadata(layers=[4, -3, 2])},
    "no layers": {"metadata": metadata(layers=[])},
    "layers that are words": {"metadata": metadata(layers=["four", "two"])},
    "layers of another universe": {"metadata": metadata(layers=[10**9, 10**9])},
    "an unknown activation": {"metadata": metadata(activation="elu")},
    "no activation": {"metadata": np.array('{"layers": [4, 3, 2], "biases": true}')},
    "biases that should not be": {"metadata": metadata(biases=False)},
    "metadata that is no JSON": {"metadata": np.array("hello")},
    "metadata that is a number": {"metadata": np.array("5")},
    "metadata that is an array": {"metadata": np.zeros(3)},
    "an array too many": {"weights_2": np.zeros((2, 2), np.float32)},
}


@pytest.mark.parametrize("kind", BAD)
def test_a_network_that_is_none_is_a_value_error(tmp_path, kind):
    path = tmp_path / "net.npz"
    np.savez(path, **arrays_of(Network([4, 3, 2])) | BAD[kind])
    with pytest.raises(ValueError, match="expected .* found ") as caught:
        Network.load(path)
    assert str(path) in str(caught.value) and "Choose another file" in str(caught.value)


@pytest.mark.parametrize("missing", ["metadata", "weights_1", "biases_0"])
def test_a_missing_array_is_named(tmp_path, missing):
    arrays = arrays_of(Network([4, 3, 2]))
    del arrays[missing]
    np.savez(tmp_path / "net.npz", **arrays)
    with pytest.raises(ValueError, match="net.npz: expected a network that Network.save wrote"):
        Network.load(tmp_path / "net.npz")


def packed(network):
    buffer = io.BytesIO()
    network.save(buffer)
    return buffer.getvalue()


def flipped(content):
    content = bytearray(content)
    content[len(content) // 2] ^= 255
    return bytes(content)


FOREIGN = {
    "nothing": b"",
    "text": b"not a network",
    "half a file": packed(Network([40, 30, 20]))[:3000],
    "a flipped byte": flipped(packed(Network([40, 30, 20]))),
    "a .npy file": b"\x93NUMPY\x01\x00v\x00",
    "a pickle": pickle.dumps({"weights_0": 1}),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_foreign_bytes_are_a_value_error(tmp_path, kind):
    path = tmp_path / "net.npz"
    path.write_bytes(FOREIGN[kind])
    with pytest.raises(ValueError, match="expected a .npz file of plain numbers") as caught:
        Network.load(path)
    assert str(path) in str(caught.value)


def test_a_pickle_inside_is_not_unpacked(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    arrays = arrays_of(Network([4, 3, 2])) | {"weights_0": np.array([Trap()], object)}
    np.savez(tmp_path / "net.npz", **arrays)
    with pytest.raises(ValueError, match="allow_pickle"):
        Network.load(tmp_path / "net.npz")
    assert not (tmp_path / "sprung").exists()


def test_a_zip_bomb_is_not_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "net.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("weights_0.npy", bytes(9 * 2**20))
    monkeypatch.setattr(network_module, "LARGEST_FILE", 8 * 2**20)
    assert path.stat().st_size < 2**16
    with pytest.raises(ValueError, match="unpacks to 9 MiB, more than 8"):
        Network.load(path)


def test_an_archive_of_other_files_is_refused(tmp_path):
    path = tmp_path / "net.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../metadata.npy", b"{}")
        archive.writestr("weights_0.npy", b"x")
    with pytest.raises(ValueError, match="expected a network that Network.save wrote"):
        Network.load(path)


def test_a_file_that_is_not_there_is_not_called_damaged(tmp_path):
    with pytest.raises(FileNotFoundError):
        Network.load(tmp_path / "net.npz")


# HWD-Perceptron's files -------------------------------------------------------------------------------------


def of_hwd_perceptron(tmp_path, layers, **changes):
    """A file as HWD-Perceptron writes it; its weights."""
    rng = np.random.default_rng(0)
    weights = [
        rng.normal(0, n_in**-0.5, (n_out, n_in)) for n_in, n_out in zip(layers[:-1], layers[1:], strict=True)
    ]
    arrays = {"arr_0": np.array([0.2, 0.97, 5, 61.5])} | {f"arr_{i + 1}": w for i, w in enumerate(weights)}
    np.savez(tmp_path / "theirs.npz", **arrays | changes)
    return tmp_path / "theirs.npz", weights


@pytest.mark.parametrize("layers", [[784, 10], [784, 100, 10], [784, 50, 20, 10]])
def test_networks_of_hwd_perceptron_answer_as_there(tmp_path, mnist, layers):
    path, weights = of_hwd_perceptron(tmp_path, layers)
    images = mnist.validation.images[:100]
    signals = images.T.astype(np.float64) * 0.99 + 0.01  # as it scales its inputs
    for w in weights:
        z = w @ signals
        signals = scipy.special.expit(z)  # (n_out, n)
    network = Network.load(path)
    assert network.layers == layers and network.activation == "sigmoid"
    assert list(network.predict(images)) == list(signals.argmax(axis=0))
    assert np.allclose(network.probabilities(images), scipy.special.softmax(z.T, axis=1), atol=1e-5)
    assert network.metadata["learning_rate"] == 0.2 and network.metadata["epochs"] == 5
    network.save(tmp_path / "ours.npz")
    assert np.array_equal(Network.load(tmp_path / "ours.npz").parameters, network.parameters)


@pytest.mark.parametrize(
    "changes",
    [
        {"arr_0": np.zeros(3)},
        {"arr_0": np.array("name")},
        {"arr_1": np.zeros((20, 99))},  # the next layer wants 50
        {"arr_1": np.zeros(784)},
        {"arr_2": np.zeros((10, 50), int)},
        {"arr_2": np.full((10, 50), np.inf)},
        {"arr_4": np.zeros((10, 10))},  # arr_3 is missing
    ],
)
def test_what_only_looks_like_hwd_perceptrons_is_a_value_error(tmp_path, changes):
    path, _ = of_hwd_perceptron(tmp_path, [784, 50, 10], **changes)
    with pytest.raises(ValueError, match="theirs.npz: expected"):
        Network.load(path)
