"""A digit to drag about while a network reads it: what the app can do, and what it cannot, in one picture."""

import threading

import numpy as np
from ipycanvas import Canvas, hold_canvas
from ipywidgets import HTML, Button, HBox, IntSlider, Layout, VBox

from hwd_lib.augmentation import SIDE, shift
from hwd_lib.widgets import page, panels

FARTHEST = 10  # pixels; beyond that, too little of a digit is left on the sheet
STYLE = """<style>
.hwd-mover .hwd-body { grid-template-columns: minmax(0, 300px) minmax(0, 1fr); align-items: start }
.hwd-mover canvas { image-rendering: pixelated; cursor: grab !important }
.hwd-mover canvas:active { cursor: grabbing !important }
.hwd-mover .hwd-guess { font-size: 88px !important }
.hwd-mover .jupyter-button { padding: 0 12px }
@container (max-width: 560px) { .hwd-mover .hwd-body { grid-template-columns: minmax(0, 1fr) } }
</style>"""
BRIEF = "<style>.hwd-brief :is(.hwd-what, .hwd-own, .hwd-more) { display: none !important }</style>"


def brief(app):
    """Hide what the app offers beyond drawing and reading, for a first visit; returns the app."""
    app.add_class("hwd-brief")
    app.children = (*app.children, HTML(BRIEF))
    return app


class MovePanel(VBox):
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
        self._number, self._grabbed = 0, None
        self._still = self.images[0].reshape(SIDE, SIDE)  # (784,) -> (28, 28)
        self._make_widgets()
        sheet = _box("hwd-sheet", self._paper)
        sliders = VBox([self.right, self.down])
        tools = _box("hwd-tools", self._back, self._next, *([self._mine] if canvas is not None else []))
        self._said = HTML()
        body = _box("hwd-body", VBox([sheet, sliders, tools]), self._said)
        super().__init__([HTML(page.style() + STYLE), body])
        self.add_class("hwd-app")
        self.add_class("hwd-mover")
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
        """Paint the digit; a page that opens asks for it."""
        grey = np.rint(255 * (1 - self.image)).astype(np.uint8)
        colours = np.dstack([grey, grey, grey, np.full_like(grey, 255)])  # (28, 28) -> (28, 28, 4)
        with hold_canvas():
            # With a fourth channel it travels as PNG; with three as JPEG, which adds specks.
            self._paper.put_image_data(colours, 0, 0)

    def _make_widgets(self):
        self._paper = Canvas(width=SIDE, height=SIDE)  # one canvas pixel for each pixel of the image
        self._paper.layout.width, self._paper.layout.max_width, self._paper.layout.height = (
            "100%",
            "300px",
            "auto",
        )
        self._paper.on_client_ready(self.redraw)
        self._paper.on_mouse_down(self._grab)
        self._paper.on_mouse_move(self._drag)
        self._paper.on_mouse_up(lambda x, y: self._let_go())
        self._paper.on_mouse_out(lambda x, y: self._let_go())
        self._paper.on_touch_start(lambda touches: touches and self._grab(*touches[0]))
        self._paper.on_touch_move(lambda touches: touches and self._drag(*touches[0]))
        self._paper.on_touch_end(lambda touches: self._let_go())
        self._paper.on_touch_cancel(lambda touches: self._let_go())
        self._quiet = False
        self.right, self.down = (
            IntSlider(0, -FARTHEST, FARTHEST, description=name, layout=Layout(width="300px"))
            for name in ("right", "down")
        )
        for slider in (self.right, self.down):
            slider.observe(lambda _: self._quiet or self._read(), "value")
        self._back, self._next, self._mine = (
            Button(description=text) for text in ("Back", "Next digit", "My drawing")
        )
        self._back.on_click(lambda _: self.move(0, 0))
        self._next.on_click(self._take_next)
        self._mine.on_click(self._take_mine)

    # Dragging: where the digit was, and where the mouse was, when it was grabbed

    def _grab(self, x, y):
        if _is_point(x, y):
            self._grabbed = (self.right.value - x, self.down.value - y)

    def _drag(self, x, y):
        if self._grabbed is not None and _is_point(x, y):
            right, down = self._grabbed[0] + x, self._grabbed[1] + y
            if (round(right), round(down)) != (self.right.value, self.down.value):
                self.move(right, down)

    def _let_go(self):
        self._grabbed = None

    def _take_next(self, _):
        self._number = (self._number + 1) % len(self.images)
        self.still = self.images[self._number]

    def _take_mine(self, _):
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


def _is_point(x, y):
    """True for two ordinary numbers: what a page sends is not to be trusted."""
    return all(isinstance(v, (int, float)) and abs(v) < 1e6 for v in (x, y))  # NaN compares as False


def _box(name, *children):
    box = HBox(children) if name == "hwd-tools" else VBox(children)
    box.add_class(name)
    return box
