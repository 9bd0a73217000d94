"""The exhibits of the bug museum have the bugs that its text says, no others, and cost what it says."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from hwd_lib.exercises import bug_museum
from hwd_lib.exercises.bug_museum import exhibits
from hwd_lib.network import Network


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Small matrices: on a busy machine, two threads wait for each other most of the time."""
    with threadpool_limits(1):
        yield


INKED = range(300, 308)  # the only pixels with ink: the weights of all others have the slope 0


def measured(loss, parameters, name, x, y):
    """The slope along every parameter of an array, by finite differences."""
    slopes = np.zeros_like(parameters[name])
    for place in np.ndindex(slopes.shape):
        if name == "hidden weights" and place[0] not in INKED:
            continue
        for step in (1e-6, -1e-6):
            nudged = parameters[name].copy()
            nudged[place] += step
            slopes[place] += loss(parameters | {name: nudged}, x, y) / (2 * step)
    return slopes


@pytest.fixture
def example():
    """A few images with ink in 8 pixels only, so that few slopes have to be measured; and labels."""
    rng = np.random.default_rng(1)
    x = np.zeros((20, 784))
    x[:, INKED] = rng.random((20, 8))
    return x, rng.integers(0, 10, 20)


def start(exhibit):
    parameters = exhibit.start(seed=2, hidden=6)
    rng = np.random.default_rng(3)
    return {name: a + 0.3 * rng.normal(size=a.shape) for name, a in parameters.items()}


def wrong_arrays(exhibit, way_back, loss, x, y):
    parameters = start(exhibit)
    found = way_back(parameters, x, y)
    assert list(found) == list(parameters)
    return {
        name
        for name in found
        if not np.allclose(found[name], measured(loss, parameters, name, x, y), rtol=1e-4, atol=1e-7)
    }


@pytest.mark.parametrize("name", exhibits)
def test_exactly_these_arrays_are_wrong(name, example):
    exhibit = exhibits[name]
    expected = bug_museum.wrong_parts.reference()[name]
    assert wrong_arrays(exhibit, exhibit.gradients, exhibit.loss, *example) == expected
    assert wrong_arrays(exhibit, exhibit.mended, exhibit.loss, *example) == set()


def test_b_is_crosswise(example):
    wrong = wrong_arrays(exhibits["B"], exhibits["B"].gradients, bug_museum.other_loss, *example)
    assert wrong == {"output weights"}


def test_c_mended_is_the_librarys_network(example):
    x, y = example
    parameters, net = start(exhibits["C"]), Network([784, 6, 10], dtype=np.float64)
    for i, layer in enumerate(("hidden", "output")):
        net.weights[i][:], net.biases[i][:] = parameters[f"{layer} weights"], parameters[f"{layer} biases"]
    library = net.backward(net.forward(x), y)
    found = exhibits["C"].mended(parameters, x, y)
    for i, layer in enumerate(("hidden", "output")):
        np.testing.assert_allclose(found[f"{layer} weights"], library.weights[i], rtol=1e-5, atol=1e-12)
        np.testing.assert_allclose(found[f"{layer} biases"], library.biases[i], rtol=1e-5, atol=1e-12)


def test_d_cuts_every_example_into_one_part():
    for n in (10, 50, 64):
        parts = [np.arange(n)[part] for part in bug_museum.parts(n)]
        np.testing.assert_array_equal(np.concatenate(parts), np.arange(n))
        assert len({len(part) for part in parts}) == 3
    assert [len(np.arange(50)[part]) for part in bug_museum.parts(50)] == [5, 15, 30]


def test_e_keeps_neighbours_together():
    batches = bug_museum.batches_of_e(12, 4, np.random.default_rng(0))
    assert sorted(batch.tolist() for batch in batches) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]


def test_wrong_gradients_point_downhill(mnist):
    """What the museum says of the angle: the wrong arrows and the right ones point almost the same way."""
    x, y = mnist.train.images[:50].astype(np.float64), mnist.train.labels[:50]
    for exhibit in exhibits.values():
        parameters = exhibit.start(seed=0)
        pair = exhibit.gradients(parameters, x, y), exhibit.mended(parameters, x, y)
        assert bug_museum.agreement.reference(*(list(found.values()) for found in pair)) > 0.79


def accuracy(exhibit, way_back, split, validation, seed=0):
    parameters, rng = exhibit.start(seed, hidden=50, dtype=np.float32), np.random.default_rng(seed)
    for _ in range(3):
        order = rng.permutation(len(split.labels))
        for i in range(0, len(order), 50):
            batch = order[i : i + 50]
            step = way_back(parameters, split.images[batch], split.labels[batch])
            for name in parameters:
                parameters[name] -= np.float32(exhibit.learning_rate) * step[name]
    return (exhibit.outputs(parameters, validation.images).argmax(axis=1) == validation.labels).mean()


def test_what_the_bugs_cost(mnist):
    few = type(mnist.train)(mnist.train.images[:10000], mnist.train.labels[:10000])
    bug, mended = (
        {
            name: accuracy(exhibits[name], getattr(exhibits[name], kind), few, mnist.validation)
            for name in "ABC"
        }
        for kind in ("gradients", "mended")
    )
    assert 0.02 < mended["A"] - bug["A"] < 0.07
    assert mended["B"] < bug["B"]
    assert abs(mended["C"] - bug["C"]) < 0.01
