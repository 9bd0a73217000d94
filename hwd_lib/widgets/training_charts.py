"""Training runs as numbers, and these as HTML and SVG: curves, a legend, and pictures of the weights."""

import html
import math
from dataclasses import dataclass, field

import numpy as np

from hwd_lib import plots

MOST_POINTS = 300  # of one curve in the page
SHOWN, COLUMNS = 30, 10  # units whose weights are shown, and how many side by side
GUESSING = math.log(10)  # the loss of a network that gives each digit the same probability
COLOURS, DASHES = 6, ("", "7 3", "2 3")  # page.css has the colours; the second and third six runs are dashed
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
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 440, 250, 52, 26, 26, 34


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
        f'<div class="hwd-numbers">{numbers}</div>'
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
        "halves the mistakes. Dotted: a network that guesses. ×: diverged. ▼: the learning rate was moved."
    )
    return f'<div class="hwd-charts">{loss}{accuracy}</div><p class="hwd-note">{note}</p>'


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
            f'class="{colour}" stroke="currentColor" stroke-width="2" stroke-dasharray="{dash}"/>'
        )
        for epoch, _ in run.rates[1:]:
            near = min(range(len(values)), key=lambda i: abs(run.at[i] - epoch))
            x, y = x_of(run.at[near]), y_of(values[near])
            parts.append(f'<path class="{colour}" d="M{x:.1f} {y - 3:.1f}l-4 -8h8z"/>')
        x, y = x_of(run.at[-1]), y_of(values[-1])
        if run.diverged:
            parts.append(
                f'<path class="{colour}" d="M{x - 5:.1f} {y - 5:.1f}l10 10m0 -10l-10 10" '
                'stroke="currentColor" stroke-width="3"/>'
            )
            side = "end" if x > WIDTH / 2 else "start"
            parts.append(
                f'<text class="{colour}" x="{x:.1f}" y="{y - 9:.1f}" text-anchor="{side}">diverged</text>'
            )
        ends.append((y, x, colour, run.number))
    ends.sort()
    lowest = -math.inf
    for y, x, colour, number in ends:
        lowest = y = max(y, lowest + 12)  # numbers that would overlap move down
        parts.append(
            f'<text class="{colour}" x="{x + 8:.1f}" y="{y + 4:.1f}" font-weight="700">{number}</text>'
        )
    return "".join(parts) + "</svg>"


def _look(run):
    place = run.number - 1
    return f"hwd-run-{place % COLOURS + 1}", DASHES[place // COLOURS % len(DASHES)]


def legend_html(runs):
    """A table of the runs: number, settings, best accuracy, time, verdict."""
    if not runs:
        return ""
    rows = []
    for run in runs:
        colour, dash = _look(run)
        key = (
            f'<svg class="{colour}" width="26" height="10">'
            f'<path d="M0 5H26" stroke="currentColor" stroke-width="3" stroke-dasharray="{dash}"/></svg>'
        )
        best = f"{max(run.accuracy):.1%}" if run.accuracy else "…"
        rows.append(
            f"<tr><td>{key} <b>{run.number}</b></td><td>{html.escape(run.settings)}</td><td>{best}</td>"
            f"<td>{run.seconds:.1f} s</td><td>{html.escape(run.verdict)}</td></tr>"
        )
    head = "<tr><th>run</th><th>settings</th><th>best accuracy</th><th>time</th><th>verdict</th></tr>"
    return f'<table class="hwd-all-runs">{head}{"".join(rows)}</table>'


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
    picture = plots.pixels(grid, 420, words, diverging=True).replace("<img ", "<img decoding='sync' ")
    digits = ""
    if weights.shape[1] == COLUMNS:
        spans = "".join(f"<span>{digit}</span>" for digit in range(COLUMNS))
        digits = f'<div class="hwd-digits">{spans}</div>'
    return (
        f'<div class="hwd-weights"><div>{picture}{digits}</div><p class="hwd-note">{words}. '
        "Orange: ink here speaks for the unit. Blue: against it. White: no matter. "
        f"Deepest colour: {_plain(largest)}.</p></div>"
    )


def _plain(number):
    """A positive number as people write it: with two figures, and without powers of ten."""
    if number >= 1e6:
        return "more than a million"
    if number < 0.001:
        return "less than 0.001"
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"
