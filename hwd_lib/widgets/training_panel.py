"""Training to watch and to meddle with: curves grow, weights form, and the learning rate is yours to move.

The training runs in a thread of its own, so the page stays alive. What the page sees is HTML and SVG, sent a
few times a second whatever the speed of the training.
"""

import atexit
import math
import threading
import time
import weakref

import numpy as np
from ipywidgets import BoundedIntText, Checkbox, Combobox, Dropdown, FloatLogSlider

from hwd_lib.network import Network
from hwd_lib.training import train
from hwd_lib.widgets.parts import Panel, box, button, html
from hwd_lib.widgets.training_charts import Run, curves_html, legend_html, status_html, weights_html

REDRAW_EVERY = 0.3  # seconds
POINTS_PER_EPOCH = 25
MEASURED_ON = 1000  # validation images for each point: enough to see a curve, and soon done
SLOW = 20  # batches a second in slow motion
WIDEST = 2000  # units in a hidden layer


class TrainingPanel(Panel):
    """A panel to train networks in: settings, Start / Pause / Reset, curves of all runs, the first weights.

    Nothing runs until `start` is called or its button pressed.

    Parameters
    ----------
    data : Split
        What to learn from.
    validation : Split
        What to measure accuracy on; the first 1,000 examples are used.
    learning_rate : float, 0.0001…100
    hidden : str
        Widths of the hidden layers with ``-`` in between, such as ``"100"``; ``"none"`` for no hidden layer.
    batch_size, epochs : int
    seed : int
        Of the starting weights and the order of examples, the same for each run: only the settings differ.

    Attributes
    ----------
    runs : list of Run
    network : Network
        The one that is being trained, or was trained last.
    rate, hidden, batch_size, epochs, slow : the widgets of the settings
    """

    _panels = weakref.WeakSet()

    def __init__(
        self, data, validation, *, learning_rate=0.1, hidden="100", batch_size=32, epochs=10, seed=0
    ):
        self.data, self.seed = data, seed
        self.measured_on = type(validation)(validation.images[:MEASURED_ON], validation.labels[:MEASURED_ON])
        self.runs = []
        self._lock = (
            threading.RLock()
        )  # JupyterLab may call back on a second thread, and the training is a third
        self._go, self._waiting, self._stop = threading.Event(), threading.Event(), threading.Event()
        self._thread = None
        self._drawn = 0.0
        self._counter = 0
        self._shown = None  # the run whose figures stand beside the curves
        self.message = ""
        self._make_widgets(learning_rate, hidden, batch_size, epochs)
        left = box("hwd-column hwd-settings", *self._settings, self._buttons, self._status)
        right = box("hwd-column", self._curves, self._weights)
        super().__init__("hwd-training", box("hwd-body", left, right, self._legend), scripts=())
        self._new_network()
        self._show_state("Choose the settings and press Start.")
        TrainingPanel._panels.add(self)

    # What the buttons do, and Python can

    def start(self):
        """Begin a run with a new network and the settings as they are; go on with it if it is paused."""
        with self._lock:
            if self.paused:
                self._continue()
            if self.running or not self._new_network():
                return
            for other in TrainingPanel._panels:  # two trainings would only slow each other down
                if other is not self:
                    other.stop()
            self._counter += 1
            run = Run(self._counter, self.network.layers[1:-1], self.batch_size.value, self.epochs.value, [])
            run.rates.append((0.0, self.rate.value))
            self.runs.append(run)
            self._shown = run
            self._go.set()
            self._stop.clear()
            self._thread = threading.Thread(target=self._work, args=(run, self.network), daemon=True)
            self._thread.start()
            self._show_state(f"Run {run.number} is training. Move the learning rate while it does.")

    def pause(self):
        """Halt the run after the batch it is at, or go on with it."""
        with self._lock:
            if self.paused:
                self._continue()
            elif self.running:
                self._go.clear()
                self._show_state(
                    f"Run {self.runs[-1].number} is paused. The learning rate can be moved now, too."
                )

    def stop(self):
        """End the run, and wait until it has ended. Its curves stay."""
        with self._lock:
            thread = self._thread
            self._stop.set()
            self._go.set()
        self._join(thread)

    def reset(self):
        """End the run, and go back to an untrained network. The curves stay, to compare with."""
        self.stop()
        with self._lock:
            if self._new_network():
                self._shown = None
                self._show_state("An untrained network again: its weights are noise. Press Start.")

    def clear(self):
        """Take the curves of all runs away, except that of one that is still going on."""
        with self._lock:
            self.runs[:] = self.runs[-1:] if self.running else []
            if not self.runs:
                self._counter, self._shown = 0, None
            self._draw(weights=False)

    def close(self):
        """End the run, and take the panel out of the page."""
        self.stop()
        super().close()

    def wait(self, timeout=None):
        """Wait for the run to end, at most `timeout` seconds; True when it has."""
        self._join(self._thread, timeout)
        with self._lock:
            return not self.running

    @property
    def running(self):
        """True while a run goes on, paused or not."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def paused(self):
        """True while a run is halted."""
        return self.running and not self._go.is_set()

    def wait_until_paused(self, timeout=None):
        """Wait until the training has come to rest after `pause`; True when it has."""
        return self._waiting.wait(timeout)

    # The run itself, in its own thread

    def _work(self, run, network):
        steps_per_epoch = math.ceil(len(self.data.labels) / run.batch_size)
        every = max(1, steps_per_epoch // POINTS_PER_EPOCH)
        losses, started = [], time.perf_counter()

        def watch(state):
            nonlocal losses, started
            if not state.epoch_ended:
                losses.append(state.loss)
                run.highest_loss = max(run.highest_loss, state.loss)
                if state.step == 1 or state.step % every == 0 or state.step == state.steps:
                    run.seconds = time.perf_counter() - started
                    self._measure(run, network, (state.step - (state.step == 1)) / steps_per_epoch, losses)
                    losses = []
            if time.monotonic() - self._drawn > REDRAW_EVERY:
                self._draw()
            if self.slow.value:
                self._stop.wait(1 / SLOW)
            if not self._go.is_set():
                halted = time.perf_counter()
                self._draw()
                self._waiting.set()
                self._go.wait()
                self._waiting.clear()
                started += time.perf_counter() - halted
            if self.rate.value != state.learning_rate:
                state.learning_rate = self.rate.value
                run.rates.append((state.step / steps_per_epoch, state.learning_rate))
            state.stop = self._stop.is_set()

        try:
            history = train(
                network,
                self.data,
                epochs=run.epochs,
                batch_size=run.batch_size,
                learning_rate=run.rates[0][1],
                seed=self.seed,
                callback=watch,
                progress=False,
            )
            run.no_number = history.diverged
            run.ended = "stopped by you" if self._stop.is_set() else "done"
            message = history.stopped if run.no_number else f"Run {run.number}: {run.verdict}."
        except Exception as error:  # noqa: BLE001 - in a thread nobody would hear of it
            run.ended = "failed"
            message = f"Run {run.number} failed: {type(error).__name__}: {error}"
        with self._lock:
            self._thread = None
            self._show_state(message)

    def _measure(self, run, network, epoch, losses):
        right = network.predict(self.measured_on.images) == self.measured_on.labels  # (n,)
        run.at.append(epoch)
        run.loss.append(float(np.mean(losses)))
        run.accuracy.append(float(right.mean()))

    def _continue(self):
        self._go.set()
        self._show_state(f"Run {self.runs[-1].number} goes on.")

    def _join(self, thread, timeout=None):
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def _new_network(self):
        """Make the network that the settings ask for; False, with a sentence, if they make none."""
        text = self.hidden.value.strip().lower()
        parts = [] if text in ("", "none", "0") else text.replace(",", "-").replace(" ", "-").split("-")
        widths = [int(p) for p in parts if p.isdecimal() and 0 < int(p) <= WIDEST]
        if len(widths) != len([p for p in parts if p]) or len(widths) > 4:
            self._show_state(
                f"Hidden layers: expected up to four widths from 1 to {WIDEST} such as 100 or 400-100, "
                f"or none; found {self.hidden.value!r}."
            )
            return False
        layers = [self.data.images.shape[1], *widths, int(self.data.labels.max()) + 1]
        self.network = Network(layers, seed=self.seed)
        return True

    # The page

    def _make_widgets(self, learning_rate, hidden, batch_size, epochs):
        self.rate = FloatLogSlider(
            learning_rate,
            base=10,
            min=-4,
            max=2,
            step=0.05,
            description="learning rate",
            readout_format=".3g",
        )
        choices = ["none", "30", "100", "400", "400-100"]
        self.hidden = Combobox(value=hidden, options=choices, description="hidden layers")
        sizes, whole = sorted({1, 8, 32, 128, 1024, batch_size}), len(self.data.labels)
        sizes = [(f"{n:,}", n) for n in sizes if n < whole] + [("all", whole)]
        self.batch_size = Dropdown(value=batch_size, options=sizes, description="batch size")
        self.epochs = BoundedIntText(epochs, min=1, max=100, description="epochs")
        self.slow = Checkbox(description=f"slow motion ({SLOW} batches a second)", indent=False)
        self._settings = (self.rate, self.hidden, self.batch_size, self.epochs, self.slow)
        self.start_button = button("Start", self.start, "hwd-primary")
        self.pause_button, self.reset_button = button("Pause", self.pause), button("Reset", self.reset)
        self.clear_button = button("Clear runs", self.clear)
        buttons = (self.start_button, self.pause_button, self.reset_button, self.clear_button)
        self._buttons = box("hwd-tools", *buttons)
        self._status, self._curves, self._weights = html(), html(), html()
        self._legend = html("", "hwd-wide")

    def _show_state(self, message):
        """Say what is going on, set the buttons to match, and draw."""
        with self._lock:
            self.message = message
            self.start_button.disabled = self.running and not self.paused
            self.pause_button.disabled = not self.running
            self.pause_button.description = "Continue" if self.paused else "Pause"
            for setting in (self.hidden, self.batch_size, self.epochs):  # these make a run what it is
                setting.disabled = self.running
            self._draw()

    def _draw(self, weights=True):
        with self._lock:
            self._drawn = time.monotonic()
            self._status.value = status_html(self.message, self._shown)
            self._curves.value = curves_html(self.runs)
            self._legend.value = legend_html(self.runs)
            if weights:
                self._weights.value = weights_html(self.network.weights[0])


@atexit.register
def _stop_all():
    """End what is still running when the kernel shuts down."""
    for panel in list(TrainingPanel._panels):
        panel._stop.set()
        panel._go.set()
        panel._join(panel._thread, 2.0)
