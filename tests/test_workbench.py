"""The bench for one's own app."""

from ipywidgets import HTML

from hwd_lib.widgets.canvas import DigitCanvas
from hwd_lib.widgets.workbench import bench


def test_the_bench_shows_sheet_and_answer():
    canvas, answer = DigitCanvas(), HTML("nothing yet")
    shown = list(widgets(bench(canvas, answer)))
    assert canvas in shown
    assert answer in shown


def test_a_new_sheet_tells_the_learners_function():
    canvas, told = DigitCanvas(), []
    canvas.on_change(told.append)
    (button,) = [w for w in widgets(bench(canvas, HTML())) if getattr(w, "description", "") == "New sheet"]
    canvas.strokes = [[[100, 100], [200, 300]]]
    button.click()
    assert canvas.empty
    assert told == [True, True]


def widgets(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from widgets(child)
