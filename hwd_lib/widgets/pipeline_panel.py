"""The way from a drawing to the image that a network gets, stage by stage, with a switch on each stage.

The stages themselves are those of `preprocessing`. Here they can be left out one by one, to see in pictures
what each of them does, and what a network says when it is missing.
"""

import threading
import time
from typing import NamedTuple

import numpy as np
from ipywidgets import Checkbox

from hwd_lib.preprocessing import (
    BOX,
    PEN_WIDTH,
    SIDE,
    SOFTNESS,
    centre_mass,
    clean_strokes,
    drop_specks,
    fit_to_box,
    rasterise,
    resample,
)
from hwd_lib.stroke_styles import make_strokes
from hwd_lib.widgets import panels
from hwd_lib.widgets.canvas import SIZE, DigitCanvas
from hwd_lib.widgets.parts import Panel, box, button, html

# name -> (title, with it, without it)
STAGES = {
    "specks": ("Drop specks", "tiny strokes go", "all strokes stay"),
    "fit": ("Fit to box", f"{BOX} × {BOX}, shape kept", "the sheet, squeezed"),
    "points": ("Even points", "as close as it takes", "as the mouse sent them"),
    "pen": ("Same pen", f"{PEN_WIDTH:g} pixels, always", "scaled with the digit"),
    "soft": ("Soft edge", "grey at the edge", "black or white"),
    "centre": ("Centre it", "mass to the middle", "left where it is"),
}
SHEET_PEN = SIZE / 20  # canvas pixels; what the pen on the sheet is wide
HARD = 1e-3  # pixels of softness: none, in effect
THINNEST = 0.3  # pixels; a pen that was scaled down to nothing still leaves a trace
SHORTEST_PAUSE = 0.05  # seconds between two readings while a stroke is being drawn


class Steps(NamedTuple):
    """A drawing on its way: strokes in pixels of the image first, then images (28, 28) float32."""

    kept: list
    placed: list
    points: list
    hard: np.ndarray
    inked: np.ndarray
    image: np.ndarray


def walk(strokes, without=()):
    """Prepare a drawing on the sheet as `preprocess` does, but leave some of its stages out.

    Parameters
    ----------
    strokes : list of (n, 2), canvas pixels
    without : names of `STAGES`

    Returns
    -------
    Steps
        The last one, ``image``, is what a network gets; with all stages it is that of `preprocess`.
    """
    unknown = set(without) - set(STAGES)
    if unknown:
        raise ValueError(f"without: expected some of {', '.join(STAGES)}, found {sorted(unknown)}.")
    kept = clean_strokes(strokes)
    kept = kept if "specks" in without else drop_specks(kept)
    scale = SIDE / SIZE
    if "fit" in without:  # the whole sheet becomes the image, as in most demos
        placed = [stroke * scale - 0.5 for stroke in kept]
    else:
        placed = fit_to_box(kept, BOX - PEN_WIDTH)
        scale = _longest(placed) / max(_longest(kept), THINNEST)
    width = max(SHEET_PEN * scale, THINNEST) if "pen" in without else PEN_WIDTH
    softness = HARD if "soft" in without else SOFTNESS
    points = placed if "points" in without else resample(placed)
    inked = rasterise(points, width, softness)
    image = inked if "centre" in without else rasterise(centre_mass(points, inked), width, softness)
    return Steps(kept, placed, points, rasterise(points, width, HARD), inked, image)


def place(strokes, rng):
    """Put a drawing of any size somewhere on the sheet, small or large, as people do.

    Returns a list of (n, 2) float64 arrays in canvas pixels.
    """
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)  # (n, 2) -> (2,)
    size = rng.uniform(0.2, 0.8) * SIZE
    corner = rng.uniform(0.05 * SIZE, 0.95 * SIZE - size, 2)
    return [(stroke - low) * size / max(high - low) + corner for stroke in strokes]


class PipelinePanel(Panel):
    """A sheet to draw on, the stages of the preprocessing as pictures with a switch each, and who reads what.

    Parameters
    ----------
    networks : dict, name -> Network
        Two of them, to compare.

    Attributes
    ----------
    canvas : DigitCanvas
    switches : dict, name of a stage -> Checkbox
    steps : Steps
        Of the drawing as it is now. ``steps.image`` is what the networks get.
    guesses : dict, name -> int
        What the networks read; empty when nothing is drawn.
    """

    def __init__(self, networks):
        self.networks, self.canvas = networks, DigitCanvas()
        self._lock = threading.RLock()  # JupyterLab may call back on a second thread
        self._rng, self._example, self._last_reading = np.random.default_rng(8), 0, 0.0
        self._clear = button("Clear", self.canvas.clear)
        self._show_example = button("An example", self.show_example)
        self.switches, self._pictures, self._stages = {}, {}, {}
        for name, (title, _, _) in STAGES.items():
            self.switches[name] = switch = Checkbox(True, description=title, indent=False)
            switch.observe(lambda _: self._read(), "value")
            self._pictures[name] = html()
            self._stages[name] = box("hwd-stage", switch, self._pictures[name])
        self._said = html(classes="hwd-wide")
        self.canvas.on_change(self._changed)
        tools = box("hwd-tools", self._clear, self._show_example)
        desk = box("hwd-column", box("hwd-sheet", self.canvas), tools)
        body = box("hwd-body", desk, box("hwd-stages", *self._stages.values()), self._said)
        super().__init__("hwd-pipeline", body)
        self._read()

    def show_example(self):
        """Put a digit that the program wrote somewhere on the sheet; the next digit at each call."""
        self.canvas.strokes = place(make_strokes(self._example % 10, self._rng), self._rng)
        self._example += 7  # 0, 7, 4, 1 ...: the ones worth seeing come early

    def _changed(self, finished):
        if finished or time.monotonic() - self._last_reading > SHORTEST_PAUSE:
            self._read()

    def _read(self):
        with self._lock:
            without = [name for name, switch in self.switches.items() if not switch.value]
            self.steps = steps = walk(self.canvas.strokes, without)
            pictures = {
                "specks": panels.lines(steps.kept, SIZE),
                "fit": _drawn(steps.placed, "The strokes in the image"),
                "points": _dots(steps.points, "The points along the strokes"),
                "pen": panels.pixels(steps.hard, "The pixels under the pen"),
                "soft": panels.pixels(steps.inked, "The pixels with their greys"),
                "centre": _crossed(steps.image, "What the network gets"),
            }
            for name, picture in pictures.items():
                _, does, lacks = STAGES[name]
                off = name in without
                self._pictures[name].value = (
                    f'<div class="{"hwd-off" if off else "hwd-on"}"><small>{lacks if off else does}</small>'
                    f"{picture}</div>"
                )
            self._answer(" ".join(without))
            self._last_reading = time.monotonic()

    def _answer(self, without):
        self.guesses, cards = {}, ""
        for name, network in self.networks.items():
            p = network.probabilities(self.steps.image.reshape(1, -1))[0]  # (1, 784) -> (10,)
            if not self.canvas.empty:
                self.guesses[name] = int(p.argmax())
            guess = self.guesses.get(name, "")
            cards += (
                f'<div class="hwd-card hwd-reader"><h3 class="hwd-name">{name}</h3>'
                f'<div class="hwd-guess hwd-big">{guess}</div>{panels.bars(p, self.canvas.empty)}</div>'
            )
        state = f'data-points="{self.canvas.points}" data-without="{without}"'  # for whoever waits for it
        self._said.value = f'<div class="hwd-readers" role="status" {state}>{cards}</div>'


def _longest(strokes):
    """The longer side of the bounding box, 0 when there are no strokes."""
    return max(np.ptp(np.concatenate(strokes), axis=0)) if strokes else 0.0


def _frame(label, inside):
    """An empty image with MNIST's box in it, and what is to be drawn over it, as SVG."""
    corner = (SIDE - BOX) / 2
    return (
        f'<svg class="hwd-pixels" viewBox="0 0 {SIDE} {SIDE}" role="img" aria-label="{label}">'
        f'<rect class="hwd-box" x="{corner}" y="{corner}" width="{BOX}" height="{BOX}"/>{inside}</svg>'
    )


def _drawn(strokes, label):
    paths = (
        "M" + "L".join(f"{x + 0.5:.1f} {y + 0.5:.1f}" for x, y in [*stroke.tolist(), stroke[-1].tolist()])
        for stroke in strokes
    )
    return _frame(label, f'<path class="hwd-line" stroke-width="0.8" d="{"".join(paths)}"/>')


def _dots(strokes, label):
    points = (f"M{x + 0.5:.1f} {y + 0.5:.1f}h0" for stroke in strokes for x, y in stroke.tolist())
    return _frame(label, f'<path class="hwd-line" stroke-width="0.3" d="{"".join(points)}"/>')


def _crossed(image, label):
    """An image with a cross at its centre of mass, as SVG."""
    picture = panels.pixels(image, label)
    if not image.any():
        return picture
    at = np.arange(SIDE) + 0.5
    x, y = image.sum(axis=0) @ at / image.sum(), image.sum(axis=1) @ at / image.sum()
    cross = f"M{x - 2:.2f} {y:.2f}h4M{x:.2f} {y - 2:.2f}v4"
    style = "stroke-width: 0.5; stroke-dasharray: none"
    return picture.replace("</svg>", f'<path class="hwd-box" style="{style}" d="{cross}"/></svg>')
