"""A digit to drag about while a network reads it: what the app can do, and what it cannot, in one picture."""

import threading

import numpy as np
from ipywidgets import IntSlider, Layout

from hwd_lib.augmentation import shift
from hwd_lib.widgets import panels
from hwd_lib.widgets.parts import SIDE, Panel, PixelSheet, box, button, html

FARTHEST = 10  # pixels; beyond that, too little of a digit is left on the sheet


def brief(app):
    """Hide what the app offers beyond drawing and reading, for a first visit; returns the app."""
    app.add_class("hwd-brief")
    return app


class MovePanel(Panel):
    """A digit to drag with mouse or finger, or to move with two sliders, and what a network reads in it.

    The network gets the pixels as they stand: nothing is centred for it.

    Parameters
    ----------
    network : Network
    images : (n, 784) float32
        Digits to choose from.
    canvas : DigitCanvas
        Where the learner draws: a button takes that drawing.

    Attributes
    ----------
    image : (28, 28) float32
        The digit where it stands now, as the network receives it.
    probabilities : (10,) float32
    guess : int
    right, down : IntSlider, pixels
    """

    def __init__(self, network, images, canvas=None):
        self.network, self.images, self.canvas = network, images, canvas
        self._lock = threading.RLock()  # JupyterLab may call back on a second thread
        self._number, self._grabbed = 0, (0, 0)
        self._still = self.images[0].reshape(SIDE, SIDE)  # (784,) -> (28, 28)
        self._make_widgets()
        tools = box("hwd-tools", self._back, self._next, *([self._mine] if canvas is not None else []))
        left = box("hwd-column", box("hwd-sheet", self._paper), self.right, self.down, tools)
        self._said = html()
        super().__init__("hwd-mover", box("hwd-body", left, self._said))
        self._read()

    @property
    def still(self):
        """The digit before it is moved, (28, 28) float32. Can be set."""
        return self._still

    @still.setter
    def still(self, image):
        with self._lock:
            self._still = np.asarray(image, np.float32).reshape(SIDE, SIDE)
            self.move(0, 0)
            self._read()

    def move(self, right, down):
        """Put the digit so many pixels to the right of where it was drawn, and down; at most 10."""
        with self._lock:
            self._quiet = True  # one reading for both
            self.right.value, self.down.value = (
                max(-FARTHEST, min(FARTHEST, round(v))) for v in (right, down)
            )
            self._quiet = False
            self._read()

    def redraw(self):
        """Paint the digit."""
        self._paper.paint(np.repeat(255 * (1 - self.image[..., None]), 3, axis=2))  # (28, 28) -> (28, 28, 3)

    def _make_widgets(self):
        self._paper = PixelSheet(self._grab, self._drag, lambda: None)
        self._quiet = False
        self.right, self.down = (
            IntSlider(0, -FARTHEST, FARTHEST, description=name, layout=Layout(width="300px"))
            for name in ("right", "down")
        )
        for slider in (self.right, self.down):
            slider.observe(lambda _: self._quiet or self._read(), "value")
        self._back = button("Back", lambda: self.move(0, 0))
        self._next, self._mine = button("Next digit", self._take_next), button("My drawing", self._take_mine)

    # Dragging: where the digit was, and where the mouse was, when it was grabbed

    def _grab(self, x, y):
        self._grabbed = (self.right.value - x, self.down.value - y)

    def _drag(self, x, y):
        right, down = self._grabbed[0] + x, self._grabbed[1] + y
        if (round(right), round(down)) != (self.right.value, self.down.value):
            self.move(right, down)

    def _take_next(self):
        self._number = (self._number + 1) % len(self.images)
        self.still = self.images[self._number]

    def _take_mine(self):
        if self.canvas.points:
            self.still = self.canvas.image

    def _read(self):
        with self._lock:
            self.image = shift(self._still, self.right.value, self.down.value)  # (28, 28)
            self.probabilities = self.network.probabilities(self.image.reshape(1, -1))[0]  # (1, 784) -> (10,)
            self.guess = int(self.probabilities.argmax())
            self.redraw()
            at_home = self.network.predict(self._still.reshape(1, -1))[0]  # (28, 28) -> (1, 784) -> ()
            words = "" if self.guess == at_home else f"In the middle it was read as a {at_home}."
            self._said.value = (
                '<div class="hwd-card hwd-answer"><div class="hwd-saying">'
                f'<div class="hwd-guess">{self.guess}</div><p class="hwd-verdict">{words}</p></div>'
                f"{panels.bars(self.probabilities)}</div>"
            )
