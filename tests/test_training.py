"""The training loop against one written out by hand; what it keeps when broken off; what it allocates."""

import os
import re
import signal
import subprocess
import sys
import tracemalloc
from contextlib import nullcontext
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from hwd_lib.augmentation import Augmentation
from hwd_lib.evaluation import accuracy
from hwd_lib.mnist import Split
from hwd_lib.network import SAVED_NN, Network, cross_entropy
from hwd_lib.optimizers import SCHEDULES, SGD, Adam
from hwd_lib.training import fine_tune, train

LAYERS = [6, 5, 3]


def make_data(n=23, seed=0):
    """Examples that can be learned: the class is which of three pairs of inputs is the largest."""
    images = np.random.default_rng(seed).random((n, 6), np.float32)
    return Split(images, images.reshape(n, 3, 2).sum(axis=2).argmax(axis=1))


def quiet(network, data, **options):
    return train(network, data, **{"batch_size": 4, "epochs": 2, "progress": False} | options)


def watch(seen, what):
    """A callback that notes `what(state)` after every batch."""
    return lambda state: None if state.epoch_ended else seen.append(what(state))


# What it does -----------------------------------------------------------------------------------------------


def by_hand(network, data, order, epochs, batch_size, rate, smoothing=0.0):
    """Mini-batch descent as a textbook has it, in float64: for LAYERS, with a ReLU and softmax."""
    (w1, w2), (b1, b2) = (
        [array.astype(float) for array in arrays] for arrays in (network.weights, network.biases)
    )
    targets = np.eye(3)[data.labels] * (1 - smoothing) + smoothing / 3
    losses = []
    for epoch in range(epochs):
        total = 0.0
        for first in range(0, len(data.labels), batch_size):
            chosen = order(epoch)[first : first + batch_size]
            x, t, n = data.images[chosen].astype(float), targets[chosen], len(chosen)
            h = np.maximum(x @ w1 + b1, 0)
            e = np.exp(h @ w2 + b2)
            p = e / e.sum(axis=1, keepdims=True)
            total -= (t * np.log(p)).sum()
            d2 = (p - t) / n
            d1 = (d2 @ w2.T) * (h > 0)
            w2, b2 = w2 - rate * h.T @ d2, b2 - rate * d2.sum(axis=0)
            w1, b1 = w1 - rate * x.T @ d1, b1 - rate * d1.sum(axis=0)
        losses.append(total / len(data.labels))
    return np.concatenate([w1.ravel(), b1, w2.ravel(), b2]), losses


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("batch_size", [1, 4, 23, 100])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_it_is_descent_as_written_out_by_hand(workers, batch_size, smoothing):
    data, network, orders = make_data(), Network(LAYERS, seed=1), []

    def note(x, rng):  # which examples make a batch, found by their values
        orders.extend(np.flatnonzero((data.images == row).all(axis=1)).item() for row in x)
        return x

    quiet(network.copy(), data, batch_size=batch_size, epochs=3, augment=note)  # one thread: in order
    order = np.array(orders).reshape(3, 23)
    assert (np.sort(order) == np.arange(23)).all()  # each example once an epoch
    assert len({tuple(row) for row in order}) == 3  # each time in another order
    expected, losses = by_hand(network, data, lambda e: order[e], 3, min(batch_size, 23), 0.2, smoothing)
    options = {"workers": workers, "learning_rate": 0.2, "label_smoothing": smoothing}
    history = quiet(network, data, batch_size=batch_size, epochs=3, **options)
    np.testing.assert_allclose(network.parameters, expected, atol=2e-6)
    np.testing.assert_allclose(history.loss, losses, rtol=1e-5)
    assert history.epochs == 3 and not history.stopped and not history.diverged


def test_an_optimizer_made_of_sgd_gets_gradient_and_rate_as_they_are():
    seen = []

    class Clipped(SGD):
        def update(self, p, g, learning_rate):
            seen.append((learning_rate, np.abs(g).max()))
            super().update(p, np.clip(g, -0.01, 0.01), learning_rate)

    network = Network(LAYERS, seed=1)
    before = network.parameters.copy()
    quiet(network, make_data(), epochs=1, batch_size=23, optimizer=Clipped(), learning_rate=0.5)
    gradient = network.copy()
    gradient.parameters[:] = before
    data = make_data()
    whole = gradient.backward(gradient.forward(data.images), data.labels).vector
    assert seen == [(0.5, pytest.approx(np.abs(whole).max(), rel=1e-4))]
    assert np.abs(network.parameters - before).max() <= 0.5 * 0.01 * 1.001


@pytest.mark.parametrize("workers", [1, 2])
def test_the_seed_decides(workers):
    def result(seed):
        network = Network(LAYERS, seed=1)
        quiet(network, make_data(), seed=seed, workers=workers, dropout=0.3, augment=add_noise)
        return network.parameters.tobytes()

    assert result(0) == result(0) != result(1)


def add_noise(x, rng):
    return x + rng.normal(0, 0.1, x.shape).astype(np.float32)


@pytest.mark.parametrize("workers", [1, 2])
def test_no_distortion_comes_twice(workers):
    drawn = []

    def draw(x, rng):
        drawn.append(rng.random())
        return x

    quiet(Network(LAYERS), make_data(24), epochs=3, augment=draw, workers=workers)
    assert len(set(drawn)) == len(drawn) == 3 * 6 * workers


def test_validation_is_measured_at_the_end_of_each_epoch_without_dropout():
    data, validation, network, copies = make_data(), make_data(50, seed=5), Network(LAYERS), []
    note = lambda state: copies.append(state.network.copy()) if state.epoch_ended else None
    history = quiet(network, data, epochs=3, validation=validation, dropout=0.5, callback=note)
    for k, copy in enumerate(copies):
        probabilities = copy.forward(validation.images)[-1]
        assert history.validation_loss[k] == pytest.approx(cross_entropy(probabilities, validation.labels))
        right = (probabilities.argmax(axis=1) == validation.labels).mean()
        assert history.validation_accuracy[k] == pytest.approx(right)
    assert history.seconds == sorted(history.seconds) and history.seconds[0] > 0


@pytest.mark.parametrize("schedule", [*SCHEDULES, lambda done: 1 - done])
def test_the_schedule_sets_the_rate_of_each_step(schedule):
    history = quiet(Network(LAYERS), make_data(), epochs=3, learning_rate=0.5, schedule=schedule)
    function = SCHEDULES.get(schedule, schedule)
    assert history.learning_rate == pytest.approx([0.5 * function(k / 3) for k in (1, 2, 3)])


def test_ema_ends_with_the_running_mean_and_measures_it():
    network, path, validation = Network(LAYERS), [], make_data(50, seed=5)
    mean = network.parameters.astype(float)
    callback = watch(path, lambda state: state.network.parameters.astype(float))
    history = quiet(network, make_data(), ema=0.9, callback=callback, validation=validation)
    for k, parameters in enumerate(path, start=1):
        fading = min(0.9, k / (k + 10))
        mean = fading * mean + (1 - fading) * parameters
    np.testing.assert_allclose(network.parameters, mean, atol=1e-6)
    assert not np.allclose(network.parameters, path[-1], atol=1e-4)
    measured = cross_entropy(network.probabilities(validation.images), validation.labels)
    assert history.validation_loss[-1] == pytest.approx(measured)


def test_an_optimizer_of_ones_own_is_not_used_up():
    own = Adam(beta1=0.5)
    results = []
    for _ in range(2):
        network = Network(LAYERS)
        quiet(network, make_data(), optimizer=own, learning_rate=0.01, weight_decay=0.1, ema=0.9)
        results.append(network.parameters.tobytes())
    assert results[0] == results[1]
    assert (own.weight_decay, own.ema, own.steps) == (0, 0, 0)


def test_learning_with_all_there_is(mnist):
    """Dropout, smoothing, EMA, AdamW, one cycle, augmentation, threads: two epochs of 5,000 digits."""
    network = Network([784, 100, 10])
    some = Split(mnist.train.images[:5000], mnist.train.labels[:5000])
    history = train(
        network, some, validation=mnist.validation, epochs=2, batch_size=50, learning_rate=3e-3, workers=2,
        optimizer="adamw", schedule="one_cycle", dropout=0.1, label_smoothing=0.05, ema=0.99,
        augment=Augmentation(rotation=5), progress=False,
    )  # fmt: skip
    assert history.validation_accuracy[-1] > 0.88  # the nearest centroid has 0.82
    assert accuracy(network, mnist.validation) == pytest.approx(history.validation_accuracy[-1])


# Callbacks, and ends before the end -------------------------------------------------------------------------


def test_a_callback_sees_every_step_and_every_epoch():
    seen = []
    note = lambda s: seen.append((s.epoch, s.step, s.steps, s.epoch_ended, s.history.epochs, s.loss > 0))
    quiet(Network(LAYERS), make_data(8), callback=note)
    assert seen == [
        (0, 1, 4, False, 0, True), (0, 2, 4, False, 0, True), (1, 2, 4, True, 1, True),
        (1, 3, 4, False, 1, True), (1, 4, 4, False, 1, True), (2, 4, 4, True, 2, True),
    ]  # fmt: skip


def test_a_callback_may_change_the_learning_rate():
    path = []

    def callback(state):
        path.append(state.network.parameters.copy())
        if state.step == 3:
            state.learning_rate = 0.0

    quiet(Network(LAYERS), make_data(), callback=callback)
    assert (path[1] != path[2]).any()
    assert all((parameters == path[2]).all() for parameters in path[2:])


def test_a_callback_may_stop():
    network, path = Network(LAYERS), []

    def callback(state):
        path.append(state.network.parameters.copy())
        state.stop = state.step == 3

    history = quiet(network, make_data(), callback=callback)
    assert len(path) == 3 and history.epochs == 0
    assert "Stopped by the callback after step 3 of 12" in history.stopped
    assert (network.parameters == path[-1]).all()


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("catch", [True, False])
def test_ctrl_c_keeps_what_was_learned(workers, catch):
    network, path = Network(LAYERS), []

    def interrupt(state):
        path.append((state.network.parameters.copy(), state.history))
        if state.step == 8:
            raise KeyboardInterrupt

    with nullcontext() if catch else pytest.raises(KeyboardInterrupt):
        quiet(network, make_data(), callback=interrupt, workers=workers, catch_interrupt=catch)
    parameters, history = path[-1]
    assert history.epochs == 1 and not history.diverged
    assert history.stopped == "Stopped by you in epoch 2; what was learned so far is kept."
    assert (network.parameters == parameters).all()


LOOP = """
import numpy as np
from hwd_lib.mnist import Split
from hwd_lib.network import Network
from hwd_lib.training import train

data = Split(np.random.default_rng(0).random((2000, 50), np.float32), np.arange(2000) % 10)
network = Network([50, 20, 10])
start = network.parameters.copy()
tell = lambda state: print("going on", flush=True) if state.step == 100 else None
try:
    for round in range(3):
        print("round", round, flush=True)
        train(network, data, epochs=10**6, callback=tell, progress=False)
finally:
    print("learned", not np.array_equal(network.parameters, start), flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="sends a signal as Ctrl-C does on Unix")
def test_ctrl_c_ends_a_loop_around_it_too(root):
    run = subprocess.Popen(
        [sys.executable, "-c", LOOP], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert [run.stdout.readline() for _ in range(2)] == ["round 0\n", "going on\n"]
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert out == "learned True\n" and err.rstrip().endswith("KeyboardInterrupt")


def test_in_a_notebook_ctrl_c_ends_this_run_alone(monkeypatch):
    """As in a kernel, where IPython has a shell."""
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: "a shell"))

    def interrupt(state):
        raise KeyboardInterrupt

    history = quiet(Network(LAYERS), make_data(), callback=interrupt)
    assert history.stopped.startswith("Stopped by you in epoch 1")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_diverging_run_ends_with_advice_and_the_network_of_the_epoch_before(workers):
    network, ends = Network(LAYERS), []

    def explode(state):
        if state.epoch_ended:
            ends.append(state.network.parameters.copy())
        state.learning_rate = 1e38 if state.step >= 6 else 0.1

    history = quiet(network, make_data(), epochs=5, callback=explode, workers=workers)
    assert history.diverged and history.epochs == 1
    assert "no longer a number in epoch 2, step" in history.stopped
    assert "at learning rate 1e+38. Try 1e+37." in history.stopped
    assert (network.parameters == ends[-1]).all()


def test_patience_goes_back_to_the_best():
    network, best, validation = Network(LAYERS), [], make_data(50, seed=5)

    def spoil(state):
        if state.epoch_ended and state.epoch == 4:
            best.append(state.network.parameters.copy())
            state.learning_rate = -0.3  # uphill from here

    options = {"epochs": 50, "learning_rate": 0.3, "patience": 3}
    history = quiet(network, make_data(100), validation=validation, callback=spoil, **options)
    top = 1 + int(np.argmax(history.validation_accuracy))
    assert history.epochs == top + 3 < 50
    assert f"Stopped after epoch {top + 3}" in history.stopped
    assert f"that of epoch {top}." in history.stopped
    assert accuracy(network, validation) == max(history.validation_accuracy)
    assert top != 4 or (network.parameters == best[0]).all()


def test_an_error_in_a_callback_comes_through():
    with pytest.raises(ZeroDivisionError):
        quiet(Network(LAYERS), make_data(), callback=lambda state: 1 / 0, workers=2)


# Checkpoints ------------------------------------------------------------------------------------------------

RICH = {
    "optimizer": "adam", "learning_rate": 0.01, "schedule": "cosine", "dropout": 0.2, "label_smoothing": 0.05,
    "ema": 0.9, "patience": 10, "augment": add_noise, "epochs": 6,
}  # fmt: skip


@pytest.mark.parametrize("workers", [1, 2])
def test_a_resumed_run_is_the_unbroken_one_bit_for_bit(tmp_path, workers):
    data, validation = make_data(), make_data(50, seed=5)
    options = RICH | {"validation": validation, "workers": workers}
    whole = Network(LAYERS)
    expected = quiet(whole, data, **options)

    def interrupt(state):
        if (state.epoch, state.step % 6) == (3, 2):
            raise KeyboardInterrupt

    options["checkpoint"] = tmp_path / "run.npz"
    broken = quiet(Network(LAYERS), data, callback=interrupt, catch_interrupt=True, **options)
    assert broken.epochs == 3
    resumed = Network(LAYERS)
    history = quiet(resumed, data, resume=True, **options)
    assert resumed.parameters.tobytes() == whole.parameters.tobytes()
    for name in ("loss", "validation_loss", "validation_accuracy", "learning_rate"):
        assert getattr(history, name) == getattr(expected, name)
    assert [path.name for path in tmp_path.iterdir()] == ["run.npz"]  # nothing temporary is left


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    checkpoint = tmp_path / "run.npz"
    quiet(Network(LAYERS), make_data(), checkpoint=checkpoint)
    before = checkpoint.read_bytes()
    with pytest.raises(ValueError, match=r"run\.npz: expected a checkpoint of .* batch_size 8, found 4"):
        quiet(Network(LAYERS), make_data(), checkpoint=checkpoint, resume=True, batch_size=8)
    with pytest.raises(ValueError, match="examples 24, found 23"):
        quiet(Network(LAYERS), make_data(24), checkpoint=checkpoint, resume=True)
    assert checkpoint.read_bytes() == before


class Blur:
    """An augmentation without a __repr__: Python's own has the address in it."""

    def __init__(self, amount):
        self.amount = amount

    def __call__(self, x, rng):
        return x * np.float32(self.amount)


def times(amount):
    return lambda x, rng: x * np.float32(amount)


@pytest.mark.parametrize(
    ("name", "first", "same", "other"),
    [
        ("augment", lambda x, rng: x * 2, lambda x, rng: x * 2, lambda x, rng: x * 3),
        ("augment", lambda x, rng: np.sin(x), lambda x, rng: np.sin(x), lambda x, rng: np.cos(x)),
        ("augment", times(0.5), times(0.5), times(0.6)),  # what a function closes over
        ("augment", Blur(0.5), Blur(0.5), Blur(0.6)),
        ("schedule", lambda done: 1 - done, lambda done: 1 - done, lambda done: 1 - done / 2),
        ("optimizer", Adam(beta1=0.5), Adam(beta1=0.5), Adam(beta1=0.6)),
    ],
)
def test_a_checkpoint_knows_functions_by_what_they_do(tmp_path, name, first, same, other):
    options = {"checkpoint": tmp_path / "run.npz", "learning_rate": 0.01}
    quiet(Network(LAYERS), make_data(), **options, **{name: first})
    history = quiet(Network(LAYERS), make_data(), resume=True, **options, **{name: same})
    assert history.epochs == 2
    with pytest.raises(ValueError, match=f"expected a checkpoint of this run with {name} .*, found"):
        quiet(Network(LAYERS), make_data(), resume=True, **options, **{name: other})


def test_a_checkpoint_knows_its_data(tmp_path):
    options = {"checkpoint": tmp_path / "run.npz"}
    quiet(Network(LAYERS), make_data(), **options)
    data = make_data()
    for other in (make_data(seed=1), Split(data.images, np.roll(data.labels, 1))):
        with pytest.raises(ValueError, match="expected a checkpoint of this run with data .*, found"):
            quiet(Network(LAYERS), other, resume=True, **options)


def test_more_epochs_may_follow(tmp_path):
    """With a constant rate it is the longer run, bit for bit."""
    whole, grown = Network(LAYERS), Network(LAYERS)
    expected = quiet(whole, make_data(), epochs=5, optimizer="momentum", learning_rate=0.02)
    options = {"checkpoint": tmp_path / "run.npz", "optimizer": "momentum", "learning_rate": 0.02}
    quiet(grown, make_data(), epochs=2, **options)
    history = quiet(grown, make_data(), epochs=5, resume=True, **options)
    assert history.loss == expected.loss and grown.parameters.tobytes() == whole.parameters.tobytes()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a file of numbers"])
def test_a_damaged_checkpoint_is_named(tmp_path, content):
    checkpoint = tmp_path / "run.npz"
    checkpoint.write_bytes(content)
    with pytest.raises(ValueError, match=r"run\.npz"):
        quiet(Network(LAYERS), make_data(), checkpoint=checkpoint, resume=True)


def test_a_network_is_no_checkpoint(tmp_path):
    Network(LAYERS).save(tmp_path / "network.npz")
    with pytest.raises(ValueError, match="expected a checkpoint of this run"):
        quiet(Network(LAYERS), make_data(), checkpoint=tmp_path / "network.npz", resume=True)


def test_without_a_checkpoint_resume_begins(tmp_path):
    history = quiet(Network(LAYERS), make_data(), checkpoint=tmp_path / "new" / "run.npz", resume=True)
    assert history.epochs == 2


# The inner loop ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", ["sgd", "nesterov", "adam"])
@pytest.mark.parametrize("extras", [{}, {"dropout": 0.3, "ema": 0.9, "label_smoothing": 0.1, "workers": 2}])
def test_the_inner_loop_allocates_next_to_nothing(optimizer, extras):
    """A copy of one layer's activations would be 512 KiB, one of the weights 2.4 MiB."""
    rng = np.random.default_rng(0)
    data = Split(rng.random((12 * 128, 784), np.float32), rng.integers(10, size=12 * 128))
    peaks = []

    def measure(state):
        if state.step == 4:  # by now, all buffers are there
            tracemalloc.start()
        elif state.step > 4 and not state.epoch_ended:
            peaks.append(tracemalloc.get_traced_memory()[1])

    try:
        train(
            Network([784, 800, 10]), data, epochs=1, batch_size=128, learning_rate=0.001, optimizer=optimizer,
            callback=measure, progress=False, **extras,
        )  # fmt: skip
    finally:
        tracemalloc.stop()
    assert len(peaks) == 8
    assert max(peaks) < 100 * 1024


def test_all_is_float32(tmp_path):
    seen = []

    def note(x, rng):
        seen.append(x.dtype)
        return x

    network = Network(LAYERS)
    quiet(network, make_data(), optimizer="adam", ema=0.9, augment=note, checkpoint=tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz") as kept:
        seen += [kept[name].dtype for name in kept.files if name != "about"]
    assert len(seen) > 12
    assert set(seen) == {np.dtype(np.float32)} == {network.parameters.dtype}


def blas_threads():
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


@pytest.mark.parametrize(
    ("hidden", "workers", "one"), [(50, 1, True), (2000, 1, False), (50, 2, True), (2000, 2, True)]
)
def test_blas_has_threads_where_they_pay_and_gets_them_back(hidden, workers, one):
    before, inside = blas_threads(), []
    rng = np.random.default_rng(0)
    data = Split(rng.random((128, 784), np.float32), rng.integers(10, size=128))
    quiet(
        Network([784, hidden, 10]), data, epochs=1, batch_size=128, workers=workers,
        callback=watch(inside, lambda state: blas_threads()),
    )  # fmt: skip
    assert inside == [[1] * len(before) if one else before]
    assert blas_threads() == before


# What does not fit ------------------------------------------------------------------------------------------


ONE_OR_MORE, SHARE = "a whole number of 1 or more", "a number from 0 to below 1"
BAD_OPTIONS = {
    "epochs": {ONE_OR_MORE: (0, -1, 2.5, "5", None, [5])},
    "batch_size": {ONE_OR_MORE: (0, -1, 32.0, None)},
    "workers": {ONE_OR_MORE: (0, -1, 1.5, None)},
    "patience": {"a whole number of 1 or more, or None": (0, -1, 2.5)},
    "seed": {"a whole number of 0 or more": (-1, 0.5, None, "0")},
    "learning_rate": {"a number above 0": (0, -1, np.nan, np.inf, "0.1", None, 1j)},
    "weight_decay": {"a number from 0 to below 1, or None": (-0.1, 1, np.nan, "0")},
    "dropout": {SHARE: (1.0, -0.1, 2, np.nan, None)},
    "label_smoothing": {SHARE: (1, 3, -0.1, np.nan)},
    "ema": {SHARE: (1.0, -0.5, 2)},
    "optimizer": {"one of sgd, .* adamw, or an Optimizer": ("magic", None, Adam, 3, ["sgd"])},
    "schedule": {"one of constant, step, cosine, one_cycle, or a function": ("magic", None, 0.5)},
    "augment": {"a function, or None": (True, "rotate", 0.5)},
    "callback": {"a function, or None": (True, [print])},
}


@pytest.mark.parametrize(
    ("name", "words", "value"),
    [(name, *item) for name, table in BAD_OPTIONS.items() for item in product(table, *table.values())],
    ids=str,
)
def test_an_option_that_cannot_be_is_told_what_can(name, words, value):
    network = Network(LAYERS)
    before = network.parameters.copy()
    with pytest.raises(ValueError, match=f"^{name}: expected {words}, found {re.escape(repr(value))}.$"):
        quiet(network, make_data(), **{"validation": make_data()} | {name: value})
    assert (network.parameters == before).all()


@pytest.mark.parametrize(
    "options",
    [
        {"epochs": np.int64(1), "batch_size": np.uint8(4), "seed": np.int32(3), "workers": np.int64(2)},
        {"learning_rate": np.float32(0.1), "dropout": 0, "ema": np.float64(0.5), "weight_decay": 0},
        {"batch_size": 10**9, "seed": 2**70},
    ],
)
def test_numbers_of_other_kinds_are_numbers_too(options):
    assert not quiet(Network(LAYERS), make_data(), **options).stopped


def test_options_that_need_another_one_say_so(tmp_path):
    with pytest.raises(ValueError, match="patience: expected validation=… as well"):
        quiet(Network(LAYERS), make_data(), patience=2)
    with pytest.raises(ValueError, match="resume: expected checkpoint=… as well"):
        quiet(Network(LAYERS), make_data(), resume=True)


def spoiled(images, value):
    images = images.copy()
    images[3, 2] = value
    return images


@pytest.mark.parametrize("part", ["data", "validation"])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: Split(d.images.astype(np.int64), d.labels), r"found \(23, 6\) int64"),
        (lambda d: Split((255 * d.images).astype(np.uint8), d.labels), "uint8. .*hwd_lib.mnist.scale"),
        (lambda d: Split(d.images.astype(float), d.labels), r"\(23, 6\) .*float32.* found .*float64"),
        (lambda d: Split(d.images.tolist(), d.labels), "expected an array .*, found a list"),
        (lambda d: Split(d.images[:, :5], d.labels), r"expected .*\(23, 6\) of float32.* found \(23, 5\)"),
        (lambda d: Split(d.images[:9], d.labels), r"expected .*\(23, 6\) of float32.* found \(9, 6\)"),
        (lambda d: Split(d.images[:0], d.labels[:0]), r"expected .*\(0, 6\) .*one row for each label"),
        (lambda d: Split(d.images * 255, d.labels), "found 0.* to 25.*. Divide pixels of 0…255 by 255"),
        (lambda d: Split(spoiled(d.images, np.nan), d.labels), "found nan to nan. .* leave out rows"),
        (lambda d: Split(spoiled(d.images, -np.inf), d.labels), "found -inf to .* leave out rows with NaN"),
        (lambda d: Split(d.images, d.labels + 1), "expected integers below 3, .*found .*3"),
        (lambda d: Split(d.images, d.labels.astype(float)), r"integers below 3, found \(23,\) float64"),
        (lambda d: Split(d.images, d.labels[:, None]), r"found \(23, 1\) int64. .*.ravel\(\) of \(n, 1\)"),
        (lambda d: Split(d.images, np.eye(3)[d.labels]), r"found \(23, 3\) float64. .*argmax.* one-hot rows"),
        (lambda d: Split(d.images, d.labels.tolist()), r"found a list. np.array\(…\) makes one of a list"),
        (lambda d: Split(d.images, d.labels - 2), "expected integers below 3, .*found .*-2"),
    ],
)
def test_data_that_do_not_fit_are_told_what_would(part, change, words):
    network, seen = Network(LAYERS), []
    before = network.parameters.copy()
    data = make_data()
    learn, measure = (change(data), data) if part == "data" else (data, change(data))
    with pytest.raises(ValueError, match=rf"^{part}\.\w+: .*{words}"):
        quiet(network, learn, validation=measure, callback=seen.append)
    assert (network.parameters == before).all() and not seen


def test_where_no_class_is_right_all_become_equally_likely():
    """The best that a linear network can learn of examples that are all of no class is a third for each."""
    data, network = make_data(), Network([LAYERS[0], 3], seed=1)
    none = Split(data.images, np.full_like(data.labels, -1))
    assert abs(network.probabilities(data.images) - 1 / 3).max() > 0.1
    quiet(network, none, epochs=300, optimizer="adam", learning_rate=0.05, label_smoothing=0.1)
    np.testing.assert_allclose(network.probabilities(data.images), 1 / 3, atol=0.01)


def test_some_examples_of_no_class_change_nothing_for_the_others():
    """One step along the gradient, of one batch: that of targets (n, 3) written by hand."""
    data, network = make_data(), Network(LAYERS, seed=1)
    labels = data.labels.copy()
    labels[::4] = -1
    targets = np.eye(3, dtype=np.float32)[data.labels]
    targets[::4] = 1 / 3
    gradients = network.backward(network.forward(data.images), targets).vector
    expected = network.parameters - 0.1 * gradients
    quiet(network, Split(data.images, labels), epochs=1, batch_size=len(labels), learning_rate=0.1)
    np.testing.assert_allclose(network.parameters, expected, atol=1e-6)


# A person's own digits --------------------------------------------------------------------------------------


def test_fine_tuning_learns_ones_own_digits_and_forgets_little(mnist):
    network = Network.load(SAVED_NN / "784-100-10.npz")
    before = network.parameters.copy()
    # Somebody who writes the 7 the other way round
    images = mnist.train.images[mnist.train.labels == 7][:40].reshape(-1, 28, 28)[:, :, ::-1].reshape(-1, 784)
    labels = np.full(20, 7)
    assert (network.predict(images[20:]) == 7).mean() < 0.2
    tuned = fine_tune(network, images[:20], labels, mnist.train)
    assert (tuned.predict(images[20:]) == 7).mean() > 0.7  # others of the same hand
    assert accuracy(tuned, mnist.validation) > accuracy(network, mnist.validation) - 0.02
    assert (network.parameters == before).all()
    again = fine_tune(network, images[:20], labels, mnist.train)
    assert again.parameters.tobytes() == tuned.parameters.tobytes()


def test_the_data_are_left_as_they_are():
    data = make_data()
    images, labels = data.images.copy(), data.labels.copy()
    quiet(Network(LAYERS), data, augment=lambda x, rng: np.multiply(x, 0.5, out=x))
    assert (data.images == images).all() and (data.labels == labels).all()
