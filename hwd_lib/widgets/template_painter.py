"""Ten sheets to paint: what would *you* look for in a 0, in a 1 …, and how many digits does that read?

Paint is weight: orange where ink should speak for the digit, blue where it should speak against it. The score
is one matrix product, as in a network with no hidden layer; only, here a person chooses the weights.
"""

import threading

import numpy as np
from ipywidgets import ToggleButtons

from hwd_lib.widgets import panels
from hwd_lib.widgets.parts import SIDE, Panel, PixelSheet, box, button, html

BRUSH = 1.4  # pixels from the middle of the brush to where it paints half as strongly
BRUSHES = {"Orange: for": 1.0, "Blue: against": -1.0, "Erase": 0.0}
FOR, AGAINST = np.array([191, 58, 11]), np.array([31, 85, 200])  # the colours of page.css


def read(templates, images):
    """Which of ten templates fits each image best.

    A template with much paint would win by its size alone. So the scores of each template are shifted and
    scaled to mean 0 and spread 1 over all the images; one without paint is never chosen.

    Parameters
    ----------
    templates : (10, 784) float
    images : (n, 784) float

    Returns
    -------
    (n,) int64; -1 everywhere when no template has paint on it
    """
    scores = images @ templates.T  # (n, 784) @ (784, 10) -> (n, 10)
    spread = scores.std(axis=0)  # (n, 10) -> (10,)
    painted = spread > 1e-6
    if not painted.any():
        return np.full(len(images), -1)
    scores = (scores - scores.mean(axis=0)) / np.where(painted, spread, 1)
    return np.where(painted, scores, -np.inf).argmax(axis=1)  # (n, 10) -> (n,)


class TemplatePainter(Panel):
    """Paint ten templates with mouse or finger, and see how many digits they read.

    Parameters
    ----------
    images : (n, 784) float32
        What the templates are tried on, after each stroke.
    labels : (n,) int

    Attributes
    ----------
    templates : (10, 28, 28) float32
        From -1, ink speaks against the digit, to 1, ink speaks for it. Call `refresh` after changing it.
    accuracy : float
        The share of the images that the templates read, 0…1.
    digit, brush : ToggleButtons
        Which template is on the sheet, and what the brush does.
    """

    def __init__(self, images, labels):
        self.images, self.labels = images, labels
        self.templates = np.zeros((10, SIDE, SIDE), np.float32)
        self.accuracy, self.best = 0.0, 0.0
        self._lock = threading.RLock()  # JupyterLab may call back on a second thread
        self._last = None  # where the brush was
        self._make_widgets()
        title = html('<div class="hwd-note">Paint the template of the digit</div>')
        top = box("hwd-top hwd-column", title, self.digit)
        left = box("hwd-column", box("hwd-sheet", self._paper), box("hwd-tools", self.brush))
        right = box("hwd-column", self._said, box("hwd-tools", self._clear, self._clear_all, self._means))
        super().__init__("hwd-painter", box("hwd-body", top, left, right))
        self.refresh()

    def _make_widgets(self):
        self._paper = PixelSheet(self._down, self._stroke, self.refresh)  # one pixel for each weight
        self.digit = ToggleButtons(
            options=[(str(d), d) for d in range(10)], tooltips=[f"template of {d}" for d in range(10)]
        )
        self.digit.observe(lambda _: self._show(), "value")
        self.brush = ToggleButtons(options=list(BRUSHES.items()))
        self._clear = button("Clear this one", lambda: self._fill(self.digit.value, 0))
        self._clear_all = button("Clear all", lambda: self._fill(slice(None), 0))
        self._means = button("Fill in the mean digits", lambda: self._fill(slice(None), self._mean_digits()))
        self._said = html()

    def redraw(self):
        """Paint the chosen template."""
        with self._lock:
            weights = self.templates[self.digit.value][..., None]  # (28, 28) -> (28, 28, 1)
            colour = 255 + np.where(weights > 0, FOR - 255, AGAINST - 255) * np.abs(weights)  # (28, 28, 3)
            self._paper.paint(colour)

    def refresh(self):
        """Read the images anew, and show everything."""
        with self._lock:
            found = read(self.templates.reshape(10, -1), self.images)  # (10, 28, 28) -> (10, 784)
            self._right = found == self.labels
            self.accuracy = float(self._right.mean())
            self.best = max(self.best, self.accuracy)
            self._show()

    # Painting

    def _down(self, x, y):
        with self._lock:
            self._last = (x, y)
            self._stroke(x, y)

    def _stroke(self, x, y):
        """Paint from where the brush was last to (x, y). When it is lifted, `refresh` reads the digits."""
        weights, strength = self.templates[self.digit.value], np.zeros((SIDE, SIDE))
        rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
        way = np.hypot(x - self._last[0], y - self._last[1])
        for share in np.linspace(0, 1, min(int(2 * way), 2 * SIDE) + 2):
            px, py = (last + share * (now - last) for last, now in zip(self._last, (x, y), strict=True))
            squared = (columns - px) ** 2 + (rows - py) ** 2
            np.maximum(strength, 0.5 ** (squared / BRUSH**2), out=strength)
        strength[strength < 0.05] = 0
        weights += strength * (self.brush.value - weights)
        weights[np.abs(weights) < 0.02] = 0
        self._last = (x, y)
        self.redraw()

    def _fill(self, which, weights):
        with self._lock:
            self.templates[which] = weights
            self.refresh()

    def _mean_digits(self):
        """The mean of each digit, less the mean of all, as large as the scale goes: (10, 28, 28)."""
        means = np.array([self.images[self.labels == d].mean(axis=0) for d in range(10)])  # (10, 784)
        means -= means.mean(axis=0)
        return (means / np.abs(means).max()).reshape(10, SIDE, SIDE)

    def _show(self):
        self.redraw()
        ten = []
        for d in range(10):
            share = self._right[self.labels == d].mean()
            picture = panels.pixels(
                np.zeros((SIDE, SIDE)),
                f"Template of {d}: it finds {share:.0%} of the {d}s.",
                panels.votes(self.templates[d]),
            )
            chosen = ' class="hwd-chosen"' if d == self.digit.value else ""
            ten.append(f"<div{chosen}>{picture}{d}: {share:.0%}</div>")
        painted = int(np.abs(self.templates).any(axis=(1, 2)).sum())
        note = f"{painted} of 10 templates painted. Your best so far: {self.best:.1%}. Guessing reads 10 %."
        self._said.value = (
            f'<div class="hwd-score" role="status">{self.accuracy:.1%}</div>'
            f'<div class="hwd-note">of {len(self.labels):,} digits are read by your templates. {note}</div>'
            f'<div class="hwd-ten">{"".join(ten)}</div>'
        )
