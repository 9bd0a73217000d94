"""Optimizers, step by step against their papers' formulas in float64, and against Autograd's."""

import copy
import math
from concurrent.futures import ThreadPoolExecutor

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from autograd.misc import optimizers as autograds
from hypothesis import given
from hypothesis import strategies as st

from hwd_lib.optimizers import OPTIMIZERS, SCHEDULES, SGD, Adam, Momentum

RATES = [0.1, 0.1, 0.05, 0.2] * 5  # a learning rate that changes on the way


def gradients_of(n, steps=20):
    rng = np.random.default_rng(2)
    return [rng.standard_normal(n, np.float32) for _ in range(steps)]


def by_the_paper(name, p, gradients, decay=0.0):
    """The formulas, as the papers write them, in float64. Yields the parameters after each step."""
    p, v, m, s = p.astype(np.float64), 0.0, 0.0, 0.0
    for t, (g, rate) in enumerate(zip(gradients, RATES, strict=True), 1):
        p = p - rate * decay * p
        if name == "sgd":
            p = p - rate * g
        elif name == "momentum":
            v = 0.9 * v + g
            p = p - rate * v
        elif name == "nesterov":
            v = 0.9 * v + g
            p = p - rate * (g + 0.9 * v)
        else:
            m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
            p = p - rate * (m / (1 - 0.9**t)) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)
        yield p


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_step_is_the_papers(name):
    p, gradients = gradients_of(1)[0].repeat(50), gradients_of(50)
    optimizer = OPTIMIZERS[name]()
    for expected, g, rate in zip(
        by_the_paper(name, p, gradients, optimizer.weight_decay), gradients, RATES, strict=True
    ):
        optimizer.step(p, [g.copy()], rate)
        assert np.allclose(p, expected, atol=2e-6) and p.dtype == np.float32


def valley(x, step):
    """Rosenbrock's function, a bent valley; Autograd's optimizers want to hand over the step's number."""
    return anp.sum(5 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def walk(optimizer, rate, steps=25):
    """Where an optimizer of ours goes in the valley: (steps, 4) float64."""
    p, slope, path = np.linspace(-1, 1, 4), autograd.grad(valley), []
    for step in range(steps):
        optimizer.step(p, [slope(p, step)], rate)
        path.append(p.copy())
    return np.array(path)


def walk_of_autograd(optimize, decay=0.0, **settings):
    """Where one of Autograd's own optimizers goes; with `decay`, decoupled from its gradient."""
    path = []

    def note(x, step, gradient):
        path.append(x.copy())
        x *= 1 - decay  # before the step is taken from here

    end = optimize(autograd.grad(valley), np.linspace(-1, 1, 4), note, num_iters=25, **settings)
    return np.array([*path[1:], end])


@pytest.mark.parametrize(
    ("name", "optimize", "settings"),
    [
        ("sgd", autograds.sgd, {"step_size": 0.01, "mass": 0.0}),
        ("momentum", autograds.sgd, {"step_size": 0.1, "mass": 0.9}),  # it weights the gradient by 1 - mass
        ("adam", autograds.adam, {"step_size": 0.01}),
        ("adamw", autograds.adam, {"step_size": 0.01, "decay": 0.01 * 0.01}),
    ],
)
def test_every_step_is_autograds(name, optimize, settings):
    assert np.allclose(walk(OPTIMIZERS[name](), 0.01), walk_of_autograd(optimize, **settings), atol=1e-9)


def test_nesterov_looks_ahead():
    """Sutskever et al. (2013) take the gradient where momentum will carry them; we keep that very place."""
    x, v, slope, ahead = np.linspace(-1, 1, 4), np.zeros(4), autograd.grad(valley), []
    for step in range(25):
        v = 0.9 * v - 0.01 * slope(x + 0.9 * v, step)
        x = x + v
        ahead.append(x + 0.9 * v)
    assert np.allclose(walk(OPTIMIZERS["nesterov"](), 0.01), ahead, atol=1e-9)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("n", [1, 2, 1000, 3001])
def test_threads_change_nothing(name, n):
    """A vector shared by threads, its gradient in two parts: the same as in one piece."""
    gradients = gradients_of(n, 5)
    whole, shared = OPTIMIZERS[name](ema=0.9), OPTIMIZERS[name](ema=0.9)
    p = np.ones(n, np.float32)
    q = p.copy()
    for g in gradients:
        whole.step(p, [g.copy()], 0.1)
    shared.threads = 2
    with ThreadPoolExecutor(2) as pool:
        for g in gradients:
            shared.step(q, [0.25 * g, 0.75 * g], 0.1, pool.map)
    assert np.allclose(p, q, atol=1e-6) and np.allclose(whole.average, shared.average, atol=1e-6)


def test_weight_decay_is_apart_from_the_gradient():
    """AdamW's point: with no gradient, parameters shrink by rate * decay, whatever Adam thinks of them."""
    for make in OPTIMIZERS.values():
        p, zero = np.full(3, 2, np.float32), np.zeros(3, np.float32)
        make(weight_decay=0.1).step(p, [zero], 0.5)
        assert np.allclose(p, 2 * (1 - 0.5 * 0.1))


def test_the_running_mean():
    """With ema, `average` follows the parameters: at first fast, later with the decay that was asked for."""
    optimizer, p = SGD(ema=0.6), np.zeros(1, np.float32)
    average = 0.0
    for step in range(1, 41):
        optimizer.step(p, [np.full(1, -1, np.float32)], 1.0)
        decay = min(0.6, step / (step + 10))
        average = decay * average + (1 - decay) * step  # p is the number of steps
        assert p[0] == step and optimizer.average[0] == pytest.approx(average, rel=1e-5)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_all_is_float32_and_in_place(name):
    optimizer, p = OPTIMIZERS[name](ema=0.9), np.ones(10, np.float32)
    view = p[:]
    for _ in range(2):
        optimizer.step(p, [np.ones(10, np.float32)], np.float64(0.1))
    assert np.array_equal(view, p) and p[0] != 1
    for array in (p, optimizer.average, *optimizer.sums):
        assert array.dtype == np.float32


def test_a_start_forgets():
    optimizer, fresh = Adam(), Adam()
    p = np.ones(5, np.float32)
    for g in gradients_of(5):
        optimizer.step(p, [g], 0.1)
    a, b = np.ones(5, np.float32), np.ones(5, np.float32)
    optimizer.start(a)
    optimizer.step(a, [np.ones(5, np.float32)], 0.1)
    fresh.step(b, [np.ones(5, np.float32)], 0.1)
    assert np.array_equal(a, b) and optimizer.steps == 1


def test_settings_read_well():
    assert repr(Momentum(nesterov=True)) == repr(OPTIMIZERS["nesterov"]())
    assert "momentum=0.9" in repr(Momentum()) and "beta2=0.99" in repr(Adam(beta2=0.99))
    assert copy.deepcopy(Adam(beta1=0.5)) == Adam(beta1=0.5)


# Schedules --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("constant", {0: 1, 0.3: 1, 1: 1}),
        ("step", {0: 1, 0.49: 1, 0.5: 0.1, 0.74: 0.1, 0.75: 0.01, 1: 0.01}),
        ("cosine", {0: 0, 0.01: 0.5, 0.02: 1, 0.51: 0.5, 1: 0}),
        ("one_cycle", {0: 0.1, 0.15: 0.55, 0.3: 1, 0.65: 0.5, 1: 0}),
    ],
)
def test_schedules_pass_through_their_points(name, points):
    for done, factor in points.items():
        assert SCHEDULES[name](done) == pytest.approx(factor, abs=1e-9)


@given(st.sampled_from(sorted(SCHEDULES)), st.floats(0, 1))
def test_a_schedule_is_a_share(name, done):
    assert 0 <= SCHEDULES[name](done) <= 1


def test_cosine_is_the_papers():
    """Loshchilov and Hutter (2017), equation 5, after the warm-up: from 1 to 0 in 98 steps."""
    for step in range(99):
        ours = SCHEDULES["cosine"](0.02 + 0.98 * step / 98)
        assert math.isclose(ours, 0 + 0.5 * (1 - 0) * (1 + math.cos(step / 98 * math.pi)), abs_tol=1e-9)
