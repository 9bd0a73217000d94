"""Optimizers, step by step against their papers' formulas in float64, and against PyTorch's."""

import copy
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwd_lib import optimizers
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


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_step_is_pytorchs(name):
    torch = pytest.importorskip("torch")
    p, gradients = gradients_of(1)[0].repeat(50), gradients_of(50)
    theirs = torch.nn.Parameter(torch.from_numpy(p.copy()))
    make = {
        "sgd": lambda: torch.optim.SGD([theirs], 0.1),
        "momentum": lambda: torch.optim.SGD([theirs], 0.1, momentum=0.9),
        "nesterov": lambda: torch.optim.SGD([theirs], 0.1, momentum=0.9, nesterov=True),
        "adam": lambda: torch.optim.Adam([theirs], 0.1),
        "adamw": lambda: torch.optim.AdamW([theirs], 0.1, weight_decay=0.01),
    }
    ours, other = OPTIMIZERS[name](), make[name]()
    for g, rate in zip(gradients, RATES, strict=True):
        theirs.grad = torch.from_numpy(g.copy())
        other.param_groups[0]["lr"] = rate
        other.step()
        ours.step(p, [g.copy()], rate)
        assert np.allclose(p, theirs.detach().numpy(), atol=5e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("n", [1, 999, 1000, 3001])
def test_blocks_and_threads_change_nothing(name, n, monkeypatch):
    """A vector of several blocks, shared by threads, its gradient in two parts: the same as in one piece."""
    gradients = gradients_of(n, 5)
    whole, shared = OPTIMIZERS[name](ema=0.9), OPTIMIZERS[name](ema=0.9)
    p = np.ones(n, np.float32)
    q = p.copy()
    for g in gradients:
        whole.step(p, [g.copy()], 0.1)
    monkeypatch.setattr(optimizers, "BLOCK", 1000)
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


def test_cosine_is_pytorchs():
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 1.0)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 98)
    for step in range(98):
        ours = SCHEDULES["cosine"](0.02 + 0.98 * step / 98)
        assert math.isclose(ours, schedule.get_last_lr()[0], abs_tol=1e-9)
        optimizer.step()
        schedule.step()
