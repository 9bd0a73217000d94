"""What panels are made of: they look alike, and go when their cell is run again."""

import subprocess
import sys

import numpy as np
from ipywidgets import HTML, Widget
from ipywidgets.widgets import widget as books

from hwd_lib.widgets.canvas import DigitCanvas
from hwd_lib.widgets.parts import Panel, PixelSheet, box, button, digit_buttons, html


def test_buttons_call_and_boxes_hold():
    pressed = []
    one = button("Press", lambda: pressed.append("one"), "hwd-primary")
    ten = digit_buttons("Show", "hwd-examples", pressed.append)
    whole = box("hwd-tools hwd-wide", one, ten, html("<b>words</b>", "hwd-said"))
    assert whole._dom_classes == ("hwd-tools", "hwd-wide") and whole.children[2].value == "<b>words</b>"
    one.click()
    ten.value = "8"
    assert pressed == ["one", 8] and ten.value is None
    assert ten.tooltips[8] == "Show an 8" and ten.tooltips[7] == "Show a 7"


def test_a_panel_that_is_closed_leaves_nothing_behind():
    HTML().close()
    DigitCanvas()  # what all canvases share is there from now on
    before = set(books._instances)
    canvas, inner = DigitCanvas(), button("Press", lambda: None)
    panel = Panel("hwd-test", box("hwd-body", box("hwd-sheet", canvas), inner, html()))
    assert len(set(books._instances) - before) > 8
    panel.close()
    assert set(books._instances) == before
    canvas.strokes = [[[1, 2], [3, 4]]]  # whoever still has it can use it; nothing is sent any more
    canvas.clear()
    inner.click()
    panel.close()  # once more does no harm


def test_a_sheet_that_is_dragged_on():
    seen = []
    sheet = PixelSheet(
        lambda x, y: seen.append(("grab", x, y)),
        lambda x, y: seen.append((x, y)),
        lambda: seen.append("drop"),
    )

    def send(event, *points, **content):
        if points:
            content["touches"] = [{"x": x, "y": y} for x, y in points]
        sheet._handle_frontend_event(sheet, {"event": event} | content, [])

    send("mouse_move", x=1, y=1)  # nothing is held
    send("mouse_down", x="evil", y=float("nan"))
    send("mouse_down", x=3, y=4)
    send("mouse_move", x=5, y=None)
    send("mouse_move", x=5, y=6)
    send("mouse_up", x=5, y=6)
    send("mouse_out", x=5, y=6)
    assert seen == [("grab", 3, 4), (5, 6), "drop"]
    seen.clear()
    send("touch_start", (1, 2), (20, 20))
    send("touch_move", (2, 2))
    send("touch_cancel", touches=[])
    assert seen == [("grab", 1, 2), (2, 2), "drop"]


def test_a_sheet_shows_colours_to_every_page(monkeypatch):
    sheet, shown = PixelSheet(None, None, None), []
    monkeypatch.setattr(sheet, "put_image_data", lambda image, x, y: shown.append(image))
    sheet._handle_frontend_event(sheet, {"event": "client_ready"}, [])
    assert shown == []  # there is nothing to show yet
    colours = np.random.default_rng(0).uniform(0, 255, (28, 28, 3))
    sheet.paint(colours)
    sheet._handle_frontend_event(sheet, {"event": "client_ready"}, [])
    for image in shown:
        np.testing.assert_array_equal(image[..., :3], np.rint(colours))
        assert image.dtype == np.uint8 and (image[..., 3] == 255).all()
    assert len(shown) == 2


CELLS = """
import gc, weakref
from IPython.core.interactiveshell import InteractiveShell
from ipywidgets.widgets.widget import _instances

shell = InteractiveShell.instance()

def run(cell, cell_id):
    shell.run_cell(cell, store_history=True, cell_id=cell_id).raise_error()

def books(cell, cell_id=None):
    run(cell, cell_id)
    return len(_instances), len(shell.user_ns["Out"])

run("import numpy", "a")
run("from hwd_lib.widgets.parts import Panel, html; from hwd_lib.widgets.canvas import DigitCanvas", "a")
make = "panel = Panel('hwd-test', DigitCanvas(), html()); panel.large = numpy.zeros(10**6); panel"
first = books(make, {b})
ghost = weakref.ref(shell.user_ns["panel"])
assert books(make, {b}) == first, (books(make, {b}), first)
assert ghost() is None  # with all that it had
assert books(make.replace("panel", "other"), {c}) > first  # another cell has panels of its own
assert shell.user_ns["panel"].comm is not None
print("the end")
"""


def test_what_a_cell_made_goes_when_it_is_run_again():
    for b, c in (('"b"', '"c"'), ("None", "None")):  # JupyterLab names the cell, others do not
        script = CELLS.replace("{b}", b).replace("{c}", c)
        done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True)
        assert done.stdout.strip().endswith("the end"), done.stderr


def test_no_panel_is_kept_outside_a_notebook():
    panel = Panel("hwd-test")
    assert isinstance(panel, Widget) and panel._dom_classes == ("hwd-app", "hwd-test")
    panel.close()
