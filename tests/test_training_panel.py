"""The training panel without a browser: runs, pauses, moved learning rates, divergence, and a clean end."""

import math
import re
import subprocess
import sys
import threading
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from hwd_lib.mnist import Split
from hwd_lib.training import train
from hwd_lib.widgets.training_charts import legend_html
from hwd_lib.widgets.training_panel import TrainingPanel

LONG = 60  # seconds; nothing here takes that long, but a busy machine may


@pytest.fixture
def small(mnist):
    return Split(mnist.train.images[:2000], mnist.train.labels[:2000])


@pytest.fixture
def panel(small, mnist):
    panel = TrainingPanel(small, mnist.validation, epochs=2)
    yield panel
    panel.stop()


@pytest.fixture
def endless(small, mnist):
    """A panel whose run goes on until it is stopped."""
    panel = TrainingPanel(small, mnist.validation, epochs=100)
    panel.slow.value = True
    yield panel
    panel.stop()


def pages(panel):
    return "".join(w.value for w in (panel._status, panel._curves, panel._legend, panel._weights))


def until(condition, panel):
    """Wait for something that the training brings about, by waiting for its pictures to change."""
    changed = threading.Event()
    panel._curves.observe(lambda _: changed.set(), "value")
    while not condition():
        changed.clear()
        if not condition():
            assert changed.wait(LONG), "the training has come to a halt"


def test_nothing_runs_by_itself(panel):
    assert not panel.running
    assert panel.runs == []
    assert panel.pause_button.disabled
    assert not panel.start_button.disabled


def test_a_run_learns_and_says_so(panel, mnist):
    panel.start_button.click()
    assert panel.wait(LONG)
    (run,) = panel.runs
    assert run.at[0] == 0
    assert run.at[-1] == 2
    assert run.at == sorted(run.at)
    assert len(run.at) == len(run.loss) == len(run.accuracy) > 20
    assert run.loss[0] == pytest.approx(math.log(10), abs=0.4)
    assert run.loss[-1] < 0.7
    right = panel.network.predict(mnist.validation.images[:1000]) == mnist.validation.labels[:1000]
    assert run.accuracy[-1] == right.mean()
    assert run.ended == "done"
    assert not run.diverged
    assert panel.message == "Run 1: done."


def test_a_run_is_the_librarys_training_and_nothing_else(panel, small):
    network = panel.network.copy()
    train(network, small, epochs=2, batch_size=32, learning_rate=0.1, progress=False)
    panel.start()
    assert panel.wait(LONG)
    np.testing.assert_array_equal(panel.network.parameters, network.parameters)


def test_runs_with_the_same_settings_are_the_same(panel):
    for _ in range(2):
        panel.start()
        assert panel.wait(LONG)
    first, second = panel.runs
    assert first.loss == second.loss
    assert first.accuracy == second.accuracy
    assert (first.number, second.number) == (1, 2)


def test_curves_grow_while_it_trains(endless):
    endless.start()
    until(lambda: endless.runs[0].at[-1:] > [0.05], endless)
    before = endless._curves.value
    until(lambda: endless._curves.value != before, endless)
    assert endless.running


def test_pause_and_continue(endless):
    endless.start()
    endless.pause_button.click()
    assert endless.wait_until_paused(LONG)
    assert endless.paused
    assert endless.pause_button.description == "Continue"
    weights = endless.network.parameters.copy()
    assert not endless.wait(0.1)
    np.testing.assert_array_equal(endless.network.parameters, weights)
    seen = len(endless.runs[0].at)
    endless.pause_button.click()
    assert not endless.paused
    until(lambda: len(endless.runs[0].at) > seen, endless)
    assert not np.array_equal(endless.network.parameters, weights)


def test_start_goes_on_with_a_paused_run(endless):
    endless.start()
    endless.pause()
    assert endless.wait_until_paused(LONG)
    endless.start_button.click()
    assert not endless.paused
    assert len(endless.runs) == 1


def test_the_learning_rate_moves_during_the_run(endless):
    endless.start()
    until(lambda: len(endless.runs[0].at) > 1, endless)
    endless.rate.value = 0.01
    until(lambda: len(endless.runs[0].rates) > 1, endless)
    (start, first), (epoch, second) = endless.runs[0].rates
    assert (start, first, second) == (0.0, 0.1, 0.01)
    assert epoch > 0
    endless.pause()
    assert endless.wait_until_paused(LONG)
    assert "0.1 → 0.01" in endless._legend.value
    weights = endless.network.parameters.copy()
    endless.rate.value = 0.0001  # far too small to move anything in a few steps
    seen = len(endless.runs[0].at)
    endless.pause()
    until(lambda: len(endless.runs[0].at) > seen + 1, endless)
    endless.stop()
    assert np.abs(endless.network.parameters - weights).max() < 0.01


def test_settings_that_make_a_run_are_locked_during_it(endless):
    settings = (endless.hidden, endless.batch_size, endless.epochs)
    endless.start()
    assert all(setting.disabled for setting in settings)
    assert not endless.rate.disabled
    endless.stop()
    assert not any(setting.disabled for setting in settings)


def test_reset_ends_the_run_and_forgets_what_was_learned(endless):
    untrained = endless.network.parameters.copy()
    endless.start()
    until(lambda: len(endless.runs[0].at) > 1, endless)
    endless.reset_button.click()
    assert not endless.running
    np.testing.assert_array_equal(endless.network.parameters, untrained)
    assert endless.runs[0].ended == "stopped by you"


def test_clear_takes_finished_runs_away(panel):
    panel.start()
    assert panel.wait(LONG)
    panel.clear_button.click()
    assert panel.runs == []
    assert panel._legend.value == ""
    assert "polyline" not in panel._curves.value


def test_clear_keeps_the_run_that_goes_on(endless):
    endless.start()
    endless.clear()
    assert [run.number for run in endless.runs] == [1]


def test_a_second_panel_ends_the_run_of_the_first(endless, small, mnist):
    endless.start()
    other = TrainingPanel(small, mnist.validation, epochs=1)
    other.start()
    assert not endless.running
    assert other.wait(LONG)


@pytest.mark.parametrize("rate", [5.0, 100.0])
def test_a_diverging_run_is_called_one(panel, rate):
    panel.rate.value = rate
    panel.start()
    assert panel.wait(LONG)
    (run,) = panel.runs
    assert run.diverged
    assert "diverged" in run.verdict
    assert "diverged" in panel._legend.value.lower()
    assert ">diverged</text>" in panel._curves.value


def test_a_loss_that_is_no_number_is_told(panel):
    panel.network.weights[0][:] = 1e30
    panel._new_network = lambda: True  # keep that network
    panel.start()
    assert panel.wait(LONG)
    assert panel.runs[0].no_number
    assert "no longer a number" in panel.message


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        ("none", []),
        ("", []),
        ("30", [30]),
        ("400-100", [400, 100]),
        ("40, 30", [40, 30]),
        (" 50 20 ", [50, 20]),
    ],
)
def test_hidden_layers_can_be_written_in_many_ways(panel, text, layers):
    panel.hidden.value = text
    panel.reset()
    assert panel.network.layers == [784, *layers, 10]


@pytest.mark.parametrize("text", ["many", "-5-x", "0-10", "99999", "1-2-3-4-5", "1e3", "<b>"])
def test_hidden_layers_that_make_no_network_get_a_sentence(panel, text):
    panel.hidden.value = text
    panel.start()
    assert not panel.running
    assert "expected up to four widths" in panel.message
    assert "<b>'" not in panel._status.value  # what was typed is text, not HTML


def test_a_failure_in_the_thread_is_told(panel):
    panel.data = panel.data._replace(labels=panel.data.labels[:100])
    panel.start()
    assert panel.wait(LONG)
    assert panel.message.startswith("Run 1 failed: ValueError: data.images: expected")
    assert not panel.start_button.disabled


def test_the_pictures_are_well_formed_and_have_words(panel):
    for hidden in ("30", "none"):
        panel.hidden.value = hidden
        panel.start()
        assert panel.wait(LONG)
    html = pages(panel)
    drawings = re.findall(r"<svg.*?</svg>", html, re.S)
    assert len(drawings) == 4  # two charts, and a line of colour for each run
    for drawing in drawings:
        ElementTree.fromstring(drawing)
    assert html.count('role="img"') == 2
    assert "run 2 (rate 0.1, hidden none, batch 32): " in html
    assert re.search(r"<img [^>]*alt='The weights [^']+'", html)
    assert "<span>7</span>" in html  # ten units: one for each digit, with its name
    ElementTree.fromstring(legend_html(panel.runs))


SCRIPT = """
import numpy as np
from hwd_lib.mnist import Split
from hwd_lib.widgets.training_panel import TrainingPanel
rng = np.random.default_rng(0)
data = Split(rng.random((500, 784), np.float32), rng.integers(0, 10, 500))
panel = TrainingPanel(data, data, epochs=100)
panel.slow.value = True
panel.start()
{more}
print("the end", panel.running, flush=True)
"""


@pytest.mark.parametrize("more", ["", "panel.pause(); panel.wait_until_paused()"])
def test_a_run_ends_with_its_kernel(more):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT.format(more=more)],
        capture_output=True,
        text=True,
        timeout=LONG,
    )
    assert (done.returncode, done.stdout.strip(), done.stderr.strip()) == (0, "the end True", "")
