"""What panels are made of: boxes and buttons, a frame with the app's look, a sheet of 28 x 28 to drag on."""

import gc
from functools import cached_property

import numpy as np
from ipycanvas import Canvas
from IPython import get_ipython
from ipywidgets import HTML, Box, Button, Layout, ToggleButtons, VBox, Widget
from ipywidgets.widgets.widget_string import HTMLStyle

from hwd_lib.widgets import page
from hwd_lib.widgets.canvas import painting
from hwd_lib.widgets.reading import with_article

SIDE = 28  # pixels of an image


def box(classes, *children, **options):
    """A box with these classes of page.css, which says how its children stand ("hwd-column": as a column)."""
    return classed(Box(children, **options), classes)


def html(value="", classes="", **options):
    """A piece of HTML with these classes."""
    return classed(HTML(value, **options), classes)


def button(text, action, classes="", **options):
    """A button that calls ``action()``."""
    made = classed(Button(description=text, **options), classes)
    made.on_click(lambda _: action())
    return made


def digit_buttons(verb, classes, action, **options):
    """Ten buttons that call ``action(digit)``.

    Each has a word more, such as "Show an 8", for those who point at it or cannot see what it is for.
    """
    digits = range(10)
    words = [f"{verb} {with_article(digit)}" for digit in digits]
    options = {"options": [str(d) for d in digits], "value": None, "tooltips": words, "tooltip": ""} | options
    buttons = classed(ToggleButtons(**options), classes)

    def pressed(change):
        if change["new"] is not None:
            action(int(change["new"]))
            buttons.value = None

    buttons.observe(pressed, "value")
    return buttons


def classed(widget, classes):
    """The widget, with these classes of page.css."""
    for name in classes.split():
        widget.add_class(name)
    return widget


class Panel(VBox):
    """The frame around a panel: it has the app's look, and goes when its cell is run again.

    Parameters
    ----------
    kind : str
        The class of page.css that tells this panel from others.
    *children : Widgets
    scripts : names of JavaScript files, see `page.style`
    """

    def __init__(self, kind, *children, scripts=("sheet",)):
        super().__init__([HTML(page.style(*scripts), **self.plain), *children])
        classed(self, f"hwd-app {kind}")
        _remember(self)

    @cached_property
    def plain(self):
        """Options for widgets that need no layout of their own: each is an object that a page has to make."""
        return {"layout": Layout(), "style": HTMLStyle()}

    def close(self):
        """Take the panel out of the page and out of ipywidgets' books, with all that it is made of."""
        for widget in list(_widgets_of(self)):
            (super() if widget is self else widget).close()


def _widgets_of(widget):
    """The widget, the widgets inside it, and their layouts and styles."""
    yield widget
    for name in ("layout", "style"):
        if isinstance(getattr(widget, name, None), Widget):
            yield getattr(widget, name)
    for child in getattr(widget, "children", ()):
        yield from _widgets_of(child)


# ipywidgets keeps every widget until it is closed, and `Out` keeps what a cell has shown. So the panels of a
# cell are closed when it is run again: else each Run All would add to the memory all that they work with.

_of_cell = {}  # cell -> its panels


def _remember(panel):
    shell = get_ipython()
    if shell is None:
        return
    if _forget not in shell.events.callbacks["pre_run_cell"]:
        shell.events.register("pre_run_cell", _forget)
    asked = getattr(shell, "get_parent", dict)()
    if asked.get("header", {}).get("msg_type", "execute_request") != "execute_request":
        return  # made by a slider or a button, and in no cell
    cell = asked.get("metadata", {}).get("cellId") or shell.history_manager.input_hist_raw[-1]
    _of_cell.setdefault(cell, []).append(panel)


def _forget(info):
    """Close the panels that this cell made when it was run before."""
    panels = _of_cell.pop(info.cell_id, []) + _of_cell.pop(info.raw_cell, [])
    if not panels:
        return
    shell = get_ipython()
    for panel in panels:
        panel.close()
    outputs = shell.user_ns["Out"]
    for number in [number for number, shown in outputs.items() if any(shown is p for p in panels)]:
        del outputs[number]
    for names in (shell.user_ns, shell.user_ns_hidden):  # `_7` for Out[7], and `_` for what was shown last
        for name in [name for name in names if name.strip("_0123456789") == ""]:
            if any(names[name] is panel for panel in panels):
                names[name] = None
    for name in ("_", "__", "___"):  # they must be the same as the names
        if any(getattr(shell.displayhook, name) is panel for panel in panels):
            setattr(shell.displayhook, name, None)
    shell.events.register("post_run_cell", _collect)  # then its names stand for the new panels


def _collect(result):
    """Free what hangs on closed panels: they are circles, whose arrays Python's collector does not weigh."""
    get_ipython().events.unregister("post_run_cell", _collect)
    gc.collect()


class PixelSheet(Canvas):
    """A sheet of 28 x 28 large pixels, and what a mouse, pen or finger does on it.

    Parameters
    ----------
    grab, drag : functions of (x, y), in pixels
        Called where the pointer comes down, and wherever it moves until it is let go.
    drop : function
        Called when it is let go.
    """

    def __init__(self, grab, drag, drop):
        super().__init__(width=SIDE, height=SIDE)
        self.layout.width, self.layout.max_width, self.layout.height = "100%", "300px", "auto"
        self._colours, self._held = None, False
        self._grab, self._drag, self._drop = grab, drag, drop
        self.on_client_ready(self._repaint)
        self.on_mouse_down(self._down)
        self.on_mouse_move(self._move)
        for way in (self.on_mouse_up, self.on_mouse_out):
            way(lambda x, y: self._up())
        self.on_touch_start(lambda touches: touches and self._down(*touches[0]))
        self.on_touch_move(lambda touches: touches and self._move(*touches[0]))
        for way in (self.on_touch_end, self.on_touch_cancel):
            way(lambda touches: self._up())

    def paint(self, colours):
        """Show colours (28, 28, 3) from 0 to 255: at once, and to each page that opens later."""
        opaque = np.full((SIDE, SIDE, 1), 255.0)  # ipycanvas sends three channels as JPEG, four as PNG
        self._colours = np.dstack([np.rint(colours), opaque]).astype(np.uint8)  # (28, 28, 4)
        self._repaint()

    def _repaint(self):
        if self._colours is not None and self.comm is not None:  # painted once, and not closed yet
            with painting():
                self.put_image_data(self._colours, 0, 0)

    def _down(self, x, y):
        if _is_point(x, y):
            self._held = True
            self._grab(x, y)

    def _move(self, x, y):
        if self._held and _is_point(x, y):
            self._drag(x, y)

    def _up(self):
        if self._held:
            self._held = False
            self._drop()


def _is_point(x, y):
    """True for two ordinary numbers: what a page sends is not to be trusted."""
    return all(isinstance(v, (int, float)) and abs(v) < 1e6 for v in (x, y))  # NaN compares as False
