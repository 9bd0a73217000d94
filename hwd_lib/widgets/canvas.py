"""A sheet of paper in the browser: `DigitCanvas` turns what mouse, pen or finger do into strokes.

It knows nothing of networks. The strokes live here, in Python, as plain arrays: the pixels in the browser are
only a picture of them, which can be painted again at any time.
"""

import asyncio
import math
import threading
import time
from contextlib import contextmanager, suppress
from functools import cache

import numpy as np
from ipycanvas import Canvas, hold_canvas

from hwd_lib.preprocessing import preprocess

SIZE = 800  # canvas pixels on a side: two for each CSS pixel, so that ink is sharp on a HiDPI screen
INK_EVERY = 0.012  # seconds: ink follows each mouse event at 60 a second; what comes faster is drawn together
PAPER, INK = "#ffffff", "#14171f"
MOST_POINTS = 20_000  # far more than a digit needs; what a page sends is not to be trusted with our memory
MOST_STROKES = 500
MOST_UNDONE = 200  # changes that can be taken back


@cache
def _elsewhere():
    """A canvas that is never shown, one for all."""
    return Canvas(width=1, height=1)


@contextmanager
def painting():
    """Draw all of a canvas inside, styles first: one message, that works in a page which just opened, too.

    ipycanvas selects a canvas only when the one before was another, and a page that has just opened has none
    selected: a command would fail there, and none after it would be carried out. So this goes elsewhere
    first, and whatever is drawn inside comes back.

    Nothing inside may fail: an exception would leave all canvases of the process held back for good.
    """
    with hold_canvas():
        _elsewhere().clear()
        yield


class DigitCanvas(Canvas):
    """A canvas to draw digits on.

    Parameters
    ----------
    size : int
        Width and height in canvas pixels. The page shows it at most half as wide, and narrower on a phone.
    new_sheet_after : float or None
        A stroke that begins so many seconds after the last one starts on a clean sheet. None: never.

    Notes
    -----
    Coordinates are canvas pixels, x to the right, y down, from 0 to `size`; on a `wide` sheet x goes on to
    twice as much. What comes from the browser is checked: what is not a finite number is dropped, what lies
    outside is moved to the edge.

    A page that opens gets no commands that were sent before: so nothing is drawn or styled until the page
    says that it is ready, and then `redraw` sends everything, styles included.
    """

    def __init__(self, size=SIZE, new_sheet_after=None, **kwargs):
        super().__init__(width=size, height=size, **kwargs)
        _elsewhere()  # now, while its cell runs: a page knows all canvases before it is asked to draw on them
        self.layout.width, self.layout.max_width, self.layout.height = "100%", f"{size // 2}px", "auto"
        self.size = size
        self.pen_width = size / 20
        self.new_sheet_after = new_sheet_after
        self.lock = threading.RLock()  # JupyterLab may call back on a second thread
        self._strokes = []  # lists of (x, y)
        self._points = 0
        self._inked = 0  # points of the last stroke that are drawn
        self._inked_at, self._ink_timer = 0.0, None
        self._pointer = None  # what draws now: None, "mouse", "touch"; "ignore": wait for all fingers to go
        self._last_end = None
        self._image = None
        self._picture = None
        self._past, self._future = [], []  # (strokes, picture) of before, and of what was taken back
        self._listeners = []
        self.on_client_ready(self.redraw)
        self.on_mouse_down(lambda x, y: self._down("mouse", x, y))
        self.on_mouse_move(lambda x, y: self._move("mouse", x, y))
        self.on_mouse_up(lambda x, y: self._up("mouse", x, y))
        self.on_mouse_out(lambda x, y: self._up("mouse", x, y))  # a button let go outside is never reported
        self.on_touch_start(self._touch_start)
        self.on_touch_move(self._touch_move)
        self.on_touch_end(self._touch_end)
        self.on_touch_cancel(lambda touches: self._take_back())

    # What others read

    @property
    def strokes(self):
        """The drawing: a list of (n, 2) float64 arrays, one a stroke, in canvas pixels. Can be set, too."""
        with self.lock:
            return [np.array(stroke, np.float64).reshape(-1, 2) for stroke in self._strokes]  # -> (n, 2)

    @strokes.setter
    def strokes(self, strokes):
        with self.lock:
            self._note()
            self._forget()
            for stroke in list(strokes)[:MOST_STROKES]:
                points = [p for p in (self._checked(*pair) for pair in _pairs(stroke)) if p]
                points = points[: MOST_POINTS - self._points]
                if points:
                    self._strokes.append(points)
                    self._points += len(points)
            self.redraw()
            self._tell(True)

    @property
    def wide(self):
        """Whether the sheet is twice as wide as high, for a number. Can be set: the drawing stays."""
        return self.width > self.height

    @wide.setter
    def wide(self, wide):
        with self.lock:
            if wide == self.wide:
                return
            self.width = self.size * (2 if wide else 1)
            self.pen_width = self.size / (27 if wide else 20)
            right = max((x for stroke in self._strokes for x, _ in stroke), default=0)
            if right > self.width:  # it is made smaller, and stands half-way down
                scale, down = self.width / right, self.size * (1 - self.width / right) / 2
                self._strokes = [[(x * scale, y * scale + down) for x, y in s] for s in self._strokes]
                self._image, self._past, self._future = None, [], []  # what was before does not fit any more
            self.redraw()
            self._tell(True)

    @property
    def image(self):
        """The drawing as a network sees it: (28, 28) float32 in [0, 1], ink 1; zeros without ink."""
        with self.lock:
            if self._image is None:
                self._image = preprocess(self.strokes)
            return self._image

    @property
    def empty(self):
        """True when there is nothing on the sheet."""
        return not self._strokes and self._picture is None

    @property
    def picture(self):
        """The image that `show` put on the sheet, or None."""
        return self._picture

    @property
    def drawing(self):
        """True while a stroke is being drawn."""
        return self._pointer in ("mouse", "touch")

    @property
    def points(self):
        """The number of points in the drawing."""
        return self._points

    @property
    def full(self):
        """True when no more ink is taken, so that a page cannot fill the memory."""
        return self._points >= MOST_POINTS or len(self._strokes) >= MOST_STROKES

    def on_change(self, listener):
        """Call ``listener(finished)`` after each change; `finished` is False while the pen is down."""
        self._listeners.append(listener)

    def show(self, image):
        """Put an image (28, 28) in [0, 1] on a clean sheet. Until the next stroke begins, it is `image`."""
        image = np.clip(np.asarray(image, np.float32).reshape(28, 28), 0, 1)  # (28, 28) or (784,) -> (28, 28)
        with self.lock:
            self._note(even_empty=True)
            self._forget()
            self._picture = self._image = image
            self.redraw()
            self._tell(True)

    def clear(self):
        """Take a clean sheet."""
        with self.lock:
            self._note()
            self._forget()
            self.redraw()
            self._tell(True)

    def undo(self):
        """Take the last change back: a stroke, or that the sheet was cleared."""
        self._step(self._past, self._future)

    def redo(self):
        """Do again what `undo` took back last."""
        self._step(self._future, self._past)

    @property
    def can_undo(self):
        """True when there is a change to take back."""
        return bool(self._past)

    @property
    def can_redo(self):
        """True when something was taken back, and nothing was drawn since."""
        return bool(self._future)

    def redraw(self):
        """Paint the whole drawing, styles first. Does the same however often it is called."""
        with self.lock:
            if self.comm is None:  # closed
                return
            dots = [stroke[0] for stroke in self._strokes]
            lines = [np.array(stroke, np.float64) for stroke in self._strokes if len(stroke) > 1]  # (n, 2)
            grey = None
            if self._picture is not None:
                rows, columns = np.nonzero(self._picture)  # (n,) each
                edges = np.rint(np.arange(29) * self.size / 28)  # whole pixels: else seams show between them
                corners = edges[columns] + (self.width - self.size) // 2, edges[rows]
                sides = edges[columns + 1] - edges[columns], edges[rows + 1] - edges[rows]
                colours = np.tile(np.frombuffer(bytes.fromhex(INK[1:]), np.uint8), (len(rows), 1))  # (n, 3)
                grey = self._picture[rows, columns].astype(np.float64)
            with painting():
                self.fill_style = PAPER
                self.fill_rect(0, 0, self.width, self.height)
                self.stroke_style = self.fill_style = INK
                self.line_cap = self.line_join = "round"
                self.line_width = self.pen_width
                if grey is not None and len(grey):
                    self.fill_styled_rects(*corners, *sides, colours, grey)
                for x, y in dots:
                    self.fill_circle(x, y, self.pen_width / 2)
                for line in lines:
                    self.stroke_lines(line)
            self._inked = len(self._strokes[-1]) if self._strokes else 0

    # Events from the page

    def _checked(self, x, y):
        """The point as floats inside the canvas, or None if it is no point at all."""
        for value in (x, y):
            if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
                return None
        try:
            x, y = float(x), float(y)
        except OverflowError:  # an integer of 400 digits
            return None
        if not (math.isfinite(x) and math.isfinite(y)):
            return None
        return min(max(x, 0.0), float(self.width)), min(max(y, 0.0), float(self.height))

    def _down(self, pointer, x, y):
        with self.lock:
            if self.drawing:  # the end of the stroke before was lost
                self._end()
            point = self._checked(x, y)
            if point is None or (self.full and not self._paused()):
                return
            self._note(even_empty=True)
            if self._picture is not None or self._paused():
                self._forget()
                self.redraw()
            self._pointer = pointer
            self._strokes.append([point])
            self._points, self._inked = self._points + 1, 1
            self.fill_circle(*point, self.pen_width / 2)
            self._changed(False)

    def _paused(self):
        """True when the drawing is finished, because its last stroke ended long enough ago."""
        if not self._strokes or self._last_end is None or self.new_sheet_after is None:
            return False
        return time.monotonic() - self._last_end >= self.new_sheet_after

    def _move(self, pointer, x, y):
        with self.lock:
            if self._pointer == pointer and self._extend(x, y):
                self._changed(False)

    def _up(self, pointer, x, y):
        with self.lock:
            if self._pointer == pointer:
                self._extend(x, y)
                self._end()
            elif self._pointer == "ignore":
                self._pointer = None

    def _extend(self, x, y):
        """Lengthen the stroke that is being drawn, ink first; True if it grew."""
        point, last = self._checked(x, y), self._strokes[-1][-1]
        if point is None or point == last or self._points >= MOST_POINTS:
            return False
        self._strokes[-1].append(point)
        self._points += 1
        wait = self._inked_at + INK_EVERY - time.monotonic()
        if wait <= 0:
            self._ink()
        elif self._ink_timer is None:
            self._ink_timer = _call_later(wait, self._ink)
            if self._ink_timer is None:
                self._ink()
        return True

    def _ink(self):
        """Draw what the last stroke has grown by, in one command."""
        with self.lock:
            if self._ink_timer is not None:
                self._ink_timer.cancel()
                self._ink_timer = None
            new = self._strokes[-1][max(self._inked - 1, 0) :] if self._strokes else ()
            if len(new) == 2:
                self.stroke_line(*new[0], *new[1])
            elif len(new) > 2:
                self.stroke_lines(np.array(new))
            self._inked_at = time.monotonic()
            self._inked = len(self._strokes[-1]) if self._strokes else 0

    def _end(self):
        self._ink()
        self._pointer, self._last_end = None, time.monotonic()
        self._changed(True)

    def _touch_start(self, touches):
        if touches and self._pointer in (None, "mouse"):  # the first finger draws, the others are ignored
            self._down("touch", *touches[0])

    def _touch_move(self, touches):
        if touches:
            self._move("touch", *touches[0])

    def _touch_end(self, touches):
        """A finger was lifted; `touches` are those that remain, without names."""
        with self.lock:
            if not touches:
                self._up("touch", None, None)
            elif self._pointer == "touch":
                point, last = self._checked(*touches[0]), self._strokes[-1][-1]
                if point is None or math.dist(point, last) > self.size / 10:  # it was the drawing finger
                    self._end()
                    self._pointer = "ignore"

    def _take_back(self):
        """Make it as if the stroke that is being drawn had never begun: it was a palm, or a gesture."""
        with self.lock:
            if self.drawing:
                self._restore(self._past.pop())
            self._pointer = None

    # Bookkeeping

    def _note(self, even_empty=False):
        """Remember the drawing before it changes; an empty sheet only where there is a way back to it."""
        if even_empty or not self.empty:
            self._past.append((list(self._strokes), self._picture))
            del self._past[:-MOST_UNDONE]
        self._future.clear()

    def _step(self, here, there):
        with self.lock:
            if here:
                there.append((list(self._strokes), self._picture))
                self._restore(here.pop())

    def _restore(self, drawing):
        self._forget()
        strokes, self._picture = drawing
        self._strokes, self._image = list(strokes), self._picture
        self._points = sum(map(len, strokes))
        self.redraw()
        self._tell(True)

    def _forget(self):
        self._strokes, self._points, self._pointer, self._image, self._picture = [], 0, None, None, None

    def _changed(self, finished):
        self._image = None
        self._tell(finished)

    def _tell(self, finished):
        for listener in self._listeners:
            listener(finished)


def _call_later(seconds, callback):
    """Call back from the event loop, and return the timer; None where there is no loop, as in a test."""
    with suppress(RuntimeError):
        return asyncio.get_running_loop().call_later(seconds, callback)
    return None


def _pairs(stroke):
    """The (x, y) pairs of a stroke that may hold anything."""
    for point in stroke if isinstance(stroke, (list, tuple, np.ndarray)) else ():
        if isinstance(point, (list, tuple, np.ndarray)) and len(point) == 2:
            yield point
