"""Training to watch and to meddle with: curves grow, weights form, and the learning rate is yours to move.

The training runs in a thread of its own, so the page stays alive. What the page sees is HTML and SVG, sent a
few times a second whatever the speed of the training.
"""

import atexit
import html
import math
import threading
import time
import weakref
from dataclasses import dataclass, field

import ipywidgets as widgets
import numpy as np

from hwd_lib import plots
from hwd_lib.network import Network
from hwd_lib.training import train

REDRAW_EVERY = 0.3  # seconds
POINTS_PER_EPOCH = 25
MOST_POINTS = 300  # of one curve in the page
MEASURED_ON = 1000  # validation images for each point: enough to see a curve, and soon done
SLOW = 20  # batches a second in slow motion
WIDEST = 2000  # units in a hidden layer
SHOWN, COLUMNS = 30, 10  # units whose weights are shown, and how many side by side
GUESSING = math.log(10)  # the loss of a network that gives each digit the same probability
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe and Ito 2008
DASHES = ("", "7 3", "2 3")  # the second and third six runs

STYLE = """<style>
.hwd-panel .hwd-line {display: flex; flex-wrap: wrap; gap: 0 24px; line-height: 1.5}
.hwd-panel .hwd-line svg {flex: 1 1 330px; max-width: 480px; height: auto}
.hwd-panel .hwd-note {opacity: .75; font-size: 12px; line-height: 1.4}
.hwd-panel .hwd-numbers b {font-variant-numeric: tabular-nums; margin-right: 18px}
.hwd-panel table {border-collapse: collapse; font-size: 13px; line-height: 1.5}
.hwd-panel td, .hwd-panel th {padding: 0 14px 0 0; text-align: left; font-variant-numeric: tabular-nums;
  white-space: nowrap}
.hwd-panel td:last-child {white-space: normal}
.hwd-panel .hwd-weights img {box-sizing: border-box; max-width: 100%; margin: 0 !important}
.hwd-panel .hwd-digits {display: flex; max-width: 640px; font-size: 12px}
.hwd-panel .hwd-digits span {flex: 1; text-align: center}
</style>"""


@dataclass
class Run:
    """One training run: its settings, and what was measured on the way.

    ``at`` counts epochs, in fractions; ``loss`` is the mean over the batches since the point before;
    ``accuracy`` is measured on validation images; ``rates`` holds (epoch, learning rate): where it began, and
    each time it was moved.
    """

    number: int
    hidden: list
    batch_size: int
    epochs: int
    rates: list
    at: list = field(default_factory=list)
    loss: list = field(default_factory=list)
    accuracy: list = field(default_factory=list)
    highest_loss: float = 0.0  # of any single batch
    seconds: float = 0.0
    no_number: bool = False  # the loss became NaN or inf
    ended: str = ""  # why, in words; empty while it goes on

    @property
    def diverged(self):
        """True when the loss is no number any more, or jumped up and has been that of a guess since."""
        blew_up = self.highest_loss > 2 * GUESSING and len(self.loss) > 2
        return self.no_number or (blew_up and min(self.loss[-3:]) > 0.9 * GUESSING)

    @property
    def settings(self):
        """The settings in a few words."""
        rate = " → ".join(f"{rate:.3g}" for _, rate in self.rates[:1] + self.rates[1:][-2:])
        return f"rate {rate}, hidden {'-'.join(map(str, self.hidden)) or 'none'}, batch {self.batch_size}"

    @property
    def verdict(self):
        """What to think of this run, in a few words."""
        if self.no_number:
            return "diverged: the loss is no number any more"
        if self.diverged:
            return f"diverged: a loss of {self.highest_loss:.0f}, and a guess ever since"
        if self.loss and len(self.loss) > 2 and self.loss[-1] > 0.95 * GUESSING:
            return "has not learned anything yet"
        return self.ended or "in progress"


class TrainingPanel(widgets.VBox):
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
        self.message = ""
        self._make_widgets(learning_rate, hidden, batch_size, epochs)
        super().__init__(
            [self._settings, self._buttons, self._status, self._curves, self._legend, self._weights]
        )
        self.add_class("hwd-panel")
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
                self._show_state("An untrained network again: its weights are noise. Press Start.")

    def clear(self):
        """Take the curves of all runs away, except that of one that is still going on."""
        with self._lock:
            self.runs[:] = self.runs[-1:] if self.running else []
            if not self.runs:
                self._counter = 0
            self._draw(weights=False)

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
        wide, style = widgets.Layout(width="340px"), {"description_width": "110px"}
        self.rate = widgets.FloatLogSlider(
            value=learning_rate,
            base=10,
            min=-4,
            max=2,
            step=0.05,
            description="learning rate",
            readout_format=".3g",
            layout=widgets.Layout(width="460px"),
            style=style,
        )
        self.hidden = widgets.Combobox(
            value=hidden,
            options=["none", "30", "100", "400", "400-100"],
            description="hidden layers",
            layout=wide,
            style=style,
        )
        sizes = sorted({1, 8, 32, 128, 1024, batch_size})
        sizes = [(f"{n:,}", n) for n in sizes if n < len(self.data.labels)] + [("all", len(self.data.labels))]
        self.batch_size = widgets.Dropdown(
            value=batch_size, options=sizes, description="batch size", layout=wide, style=style
        )
        self.epochs = widgets.BoundedIntText(
            value=epochs, min=1, max=100, description="epochs", layout=wide, style=style
        )
        self.slow = widgets.Checkbox(
            description=f"slow motion ({SLOW} batches a second)",
            indent=False,
            layout=widgets.Layout(width="auto"),
        )
        self._settings = widgets.VBox(
            [self.rate, self._row(self.hidden, self.batch_size), self._row(self.epochs, self.slow)]
        )
        button = {"layout": widgets.Layout(width="110px")}
        self.start_button = widgets.Button(description="Start", button_style="primary", icon="play", **button)
        self.pause_button = widgets.Button(description="Pause", icon="pause", **button)
        self.reset_button = widgets.Button(description="Reset", icon="refresh", **button)
        self.clear_button = widgets.Button(description="Clear runs", icon="trash", **button)
        actions = (self.start, self.pause, self.reset, self.clear)
        buttons = (self.start_button, self.pause_button, self.reset_button, self.clear_button)
        for each, action in zip(buttons, actions, strict=True):
            each.on_click(lambda _, action=action: action())
        self._buttons = self._row(*buttons)
        self._status, self._curves, self._legend, self._weights = (widgets.HTML() for _ in range(4))

    @staticmethod
    def _row(*children):
        return widgets.HBox(children, layout=widgets.Layout(flex_flow="row wrap", align_items="center"))

    def _show_state(self, message):
        """Say what is going on, set the buttons to match, and draw."""
        with self._lock:
            self.message = message
            self.start_button.disabled = self.running and not self.paused
            self.pause_button.disabled = not self.running
            self.pause_button.description = "Continue" if self.paused else "Pause"
            self.pause_button.icon = "play" if self.paused else "pause"
            for setting in (self.hidden, self.batch_size, self.epochs):  # these make a run what it is
                setting.disabled = self.running
            self._draw()

    def _draw(self, weights=True):
        with self._lock:
            self._drawn = time.monotonic()
            self._status.value = STYLE + status_html(self.message, self.runs[-1] if self.runs else None)
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


# From numbers to HTML


def status_html(message, run):
    """The sentence and the numbers above the curves."""
    numbers = ""
    if run is not None and run.diverged and not run.ended:
        message = f"Run {run.number} has diverged. Press Reset and start again with a smaller rate."
    if run is not None and run.at:
        rate = run.rates[-1][1]
        numbers = (
            f"<b>epoch {run.at[-1]:.2f} of {run.epochs}</b><b>loss {run.loss[-1]:.3f}</b>"
            f"<b>accuracy {run.accuracy[-1]:.1%}</b><b>rate {rate:.3g}</b><b>{run.seconds:.1f} s</b>"
        )
    return (
        f'<div class="hwd-status" role="status">{html.escape(message)}</div>'
        f'<div class="hwd-numbers" style="min-height: 1.5em">{numbers}</div>'
    )


def curves_html(runs):
    """Loss and accuracy of all runs, side by side: an SVG each."""
    last = max((max(run.at[-1:] or [0], default=0) for run in runs), default=0)
    until = max([1, math.ceil(last - 1e-9), *(run.epochs for run in runs[-1:] if not run.ended)])
    loss = _chart(
        runs,
        "loss",
        until,
        "loss on the training batches",
        LOSS_TICKS,
        lambda v: math.log10(min(max(v, 0.01), 100)),
    )
    accuracy = _chart(
        runs,
        "accuracy",
        until,
        "accuracy on validation images",
        ACCURACY_TICKS,
        lambda v: -math.log10(min(max(1 - v, 0.004), 1)),
    )
    note = (
        "Both scales are stretched towards the good end: on the right, each step from 90 to 95 to 97.5 % "
        "halves the mistakes. Dotted: a network that guesses. × marks a run that diverged, a triangle where "
        "the learning rate was moved."
    )
    return f'<div class="hwd-line">{loss}{accuracy}</div><div class="hwd-note">{note}</div>'


LOSS_TICKS = [(0.01, "0.01"), (0.03, "0.03"), (0.1, "0.1"), (0.3, "0.3"), (1, "1"), (10, "10"), (100, "100")]
ACCURACY_TICKS = [
    (0, "0"),
    (0.5, "50 %"),
    (0.8, "80 %"),
    (0.9, "90 %"),
    (0.95, "95 %"),
    (0.975, "97.5 %"),
    (0.99, "99 %"),
]
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 440, 270, 52, 26, 26, 34


def _chart(runs, what, until, title, ticks, stretch):
    """One SVG: a curve for each run, numbered at its end."""
    low, high = stretch(ticks[0][0]), stretch(ticks[-1][0])
    if what == "accuracy":
        high = stretch(1.0)

    def x_of(epoch):
        return LEFT + (WIDTH - LEFT - RIGHT) * epoch / until

    def y_of(value):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (stretch(value) - low) / (high - low)

    words = "; ".join(
        f"run {run.number} ({run.settings}): {getattr(run, what)[-1]:.3g} after {run.at[-1]:.1f} epochs"
        + (", diverged" if run.diverged else "")
        for run in runs
        if run.at
    )
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}. {words or "No runs yet."}" '
        'font-size="12" fill="currentColor" stroke-linejoin="round">',
        f'<text x="{LEFT}" y="14" font-weight="600">{title}</text>',
    ]
    for value, label in ticks:
        y = y_of(value)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="currentColor" opacity=".15"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" opacity=".8">{label}</text>')
    guess = y_of(GUESSING if what == "loss" else 0.1)
    parts.append(
        f'<path d="M{LEFT} {guess:.1f}H{WIDTH - RIGHT}" '
        'stroke="currentColor" stroke-dasharray="2 4" opacity=".7"/>'
    )
    step = max(1, math.ceil(until / 10))
    for epoch in range(0, until + 1, step):
        place = f'x="{x_of(epoch):.1f}" y="{HEIGHT - BOTTOM + 16}"'
        parts.append(f'<text {place} text-anchor="middle" opacity=".8">{epoch}</text>')
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 4}" text-anchor="middle">epochs</text>'
    )
    ends = []
    for run in runs:
        values = getattr(run, what)
        if not values:
            continue
        colour, dash = _look(run)
        every = math.ceil(len(values) / MOST_POINTS)
        shown = [*range(0, len(values) - 1, every), len(values) - 1]
        line = " ".join(f"{x_of(run.at[i]):.1f},{y_of(values[i]):.1f}" for i in shown)
        parts.append(
            f'<polyline points="{line}" fill="none" '
            f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
        )
        for epoch, _ in run.rates[1:]:
            near = min(range(len(values)), key=lambda i: abs(run.at[i] - epoch))
            x, y = x_of(run.at[near]), y_of(values[near])
            parts.append(f'<path d="M{x:.1f} {y - 3:.1f}l-4 -8h8z" fill="{colour}"/>')
        x, y = x_of(run.at[-1]), y_of(values[-1])
        if run.diverged:
            parts.append(
                f'<path d="M{x - 5:.1f} {y - 5:.1f}l10 10m0 -10l-10 10" stroke="{colour}" stroke-width="3"/>'
            )
            side = "end" if x > WIDTH / 2 else "start"
            parts.append(
                f'<text x="{x:.1f}" y="{y - 9:.1f}" text-anchor="{side}" fill="{colour}">diverged</text>'
            )
        ends.append((y, x, colour, run.number))
    ends.sort()
    lowest = -math.inf
    for y, x, colour, number in ends:
        lowest = y = max(y, lowest + 12)  # numbers that would overlap move down
        parts.append(
            f'<text x="{x + 8:.1f}" y="{y + 4:.1f}" font-weight="700" fill="{colour}">{number}</text>'
        )
    return "".join(parts) + "</svg>"


def _look(run):
    place = run.number - 1
    return COLOURS[place % len(COLOURS)], DASHES[place // len(COLOURS) % len(DASHES)]


def legend_html(runs):
    """A table of the runs: number, settings, best accuracy, time, verdict."""
    if not runs:
        return ""
    rows = []
    for run in runs:
        colour, dash = _look(run)
        key = (
            '<svg width="26" height="10">'
            f'<path d="M0 5H26" stroke="{colour}" stroke-width="3" stroke-dasharray="{dash}"/></svg>'
        )
        best = f"{max(run.accuracy):.1%}" if run.accuracy else "…"
        rows.append(
            f"<tr><td>{key} <b>{run.number}</b></td><td>{html.escape(run.settings)}</td><td>{best}</td>"
            f"<td>{run.seconds:.1f} s</td><td>{html.escape(run.verdict)}</td></tr>"
        )
    head = "<tr><th>run</th><th>settings</th><th>best accuracy</th><th>time</th><th>verdict</th></tr>"
    return f'<table class="hwd-legend">{head}{"".join(rows)}</table>'


def weights_html(weights):
    """The first layer's weights (784, n_out) as pictures: one for each of the first units."""
    units = min(weights.shape[1], SHOWN)
    side = math.isqrt(weights.shape[0])
    rows = math.ceil(units / COLUMNS)
    shown = np.nan_to_num(weights[:, :units], nan=0.0, posinf=0.0, neginf=0.0)  # (784, units)
    largest = float(np.quantile(np.abs(shown), 0.998)) or 1.0  # a few outliers would make the rest pale
    tiles = np.zeros((rows * COLUMNS, side + 2, side + 2), np.float32)  # with a white rim
    tiles[:units, 1:-1, 1:-1] = np.clip(shown.T / largest, -1, 1).reshape(units, side, side)
    grid = tiles.reshape(rows, COLUMNS, side + 2, side + 2).swapaxes(1, 2)  # -> (rows, 30, COLUMNS, 30)
    grid = grid.reshape(rows * (side + 2), COLUMNS * (side + 2))  # -> (rows * 30, COLUMNS * 30)
    words = (
        f"The weights from the {weights.shape[0]} pixels to the first {units} units, a small picture for each"
    )
    # Decoded before it is painted, or it would flicker at each change.
    picture = plots.pixels(grid, 640, words, diverging=True).replace("<img ", "<img decoding='sync' ")
    digits = ""
    if weights.shape[1] == COLUMNS:
        spans = "".join(f"<span>{digit}</span>" for digit in range(COLUMNS))
        digits = f'<div class="hwd-digits">{spans}</div>'
    return (
        f'<div class="hwd-weights">{picture}{digits}<div class="hwd-note">{words}. Orange: ink here speaks '
        f"for the unit. Blue: against it. White: no matter. Deepest colour: {largest:.2f}.</div></div>"
    )
