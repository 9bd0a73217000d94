"""Moving a digit without a browser: dragging with mouse and finger, sliders and buttons."""

import numpy as np
import pytest

from hwd_lib.augmentation import shift
from hwd_lib.network import Network
from hwd_lib.widgets.canvas import DigitCanvas
from hwd_lib.widgets.move_panel import FARTHEST, MovePanel, brief


@pytest.fixture
def panel(mnist):
    return MovePanel(Network([784, 20, 10]), mnist.validation.images[:3])


def send(panel, event, **content):
    """What the page sends for a mouse or touch event."""
    panel._paper._handle_frontend_event(panel._paper, {"event": event, **content}, [])


def test_it_begins_in_the_middle(panel, mnist):
    np.testing.assert_array_equal(panel.image.ravel(), mnist.validation.images[0])
    assert panel.guess == panel.network.predict(mnist.validation.images[:1])[0]


def test_dragging_moves_the_digit_with_the_mouse(panel, mnist):
    send(panel, "mouse_move", x=3.0, y=3.0)  # nothing is grabbed yet
    assert (panel.right.value, panel.down.value) == (0, 0)
    send(panel, "mouse_down", x=10.0, y=10.0)
    send(panel, "mouse_move", x=12.2, y=9.1)
    assert (panel.right.value, panel.down.value) == (2, -1)
    send(panel, "mouse_up", x=12.2, y=9.1)
    send(panel, "mouse_move", x=20.0, y=20.0)
    assert (panel.right.value, panel.down.value) == (2, -1)
    send(panel, "mouse_down", x=5.0, y=5.0)  # a second drag goes on from there
    send(panel, "mouse_move", x=6.0, y=5.0)
    assert (panel.right.value, panel.down.value) == (3, -1)
    np.testing.assert_array_equal(panel.image.ravel(), shift(mnist.validation.images[:1], 3, -1)[0])
    np.testing.assert_array_equal(
        panel.probabilities, panel.network.probabilities(panel.image.reshape(1, 784))[0]
    )


def test_dragging_with_a_finger(panel):
    send(panel, "touch_start", touches=[{"x": 4.0, "y": 4.0}, {"x": 20.0, "y": 20.0}])
    send(panel, "touch_move", touches=[{"x": 4.0, "y": 7.0}])
    send(panel, "touch_end", touches=[])
    send(panel, "touch_move", touches=[{"x": 9.0, "y": 9.0}])
    assert (panel.right.value, panel.down.value) == (0, 3)


@pytest.mark.parametrize("bad", [None, "evil", float("nan"), float("inf"), 1e308, [1]])
def test_coordinates_that_are_none_do_no_harm(panel, bad):
    send(panel, "mouse_down", x=bad, y=4.0)
    send(panel, "mouse_move", x=4.0, y=bad)
    send(panel, "mouse_down", x=4.0, y=4.0)
    send(panel, "mouse_move", x=bad, y=bad)
    assert (panel.right.value, panel.down.value) == (0, 0)


def test_it_cannot_be_dragged_off_the_sheet(panel):
    send(panel, "mouse_down", x=14.0, y=14.0)
    send(panel, "mouse_move", x=900.0, y=-900.0)
    assert (panel.right.value, panel.down.value) == (FARTHEST, -FARTHEST)


def test_sliders_move_it_too(panel):
    panel.right.value = 4
    assert panel.image[:, :4].sum() == 0
    assert f'<div class="hwd-guess">{panel.guess}</div>' in panel._said.value


def test_it_says_what_was_read_in_the_middle(panel):
    at_home = panel.guess
    for right in range(-FARTHEST, FARTHEST + 1):
        panel.right.value = right
        assert (f"In the middle it was read as a {at_home}." in panel._said.value) == (panel.guess != at_home)


def test_buttons(panel, mnist):
    panel.move(3, 3)
    panel._back.click()
    assert (panel.right.value, panel.down.value) == (0, 0)
    panel.move(3, 3)
    panel._next.click()
    assert (panel.right.value, panel.down.value) == (0, 0)
    np.testing.assert_array_equal(panel.image.ravel(), mnist.validation.images[1])


def test_ones_own_drawing(mnist):
    canvas = DigitCanvas()
    panel = MovePanel(Network([784, 10]), mnist.validation.images[:3], canvas)
    before = panel.image
    panel._mine.click()  # nothing is drawn yet
    np.testing.assert_array_equal(panel.image, before)
    canvas.strokes = [[[100, 100], [100, 600]]]
    panel._mine.click()
    np.testing.assert_array_equal(panel.image, canvas.image)


def test_a_page_that_opens_gets_the_digit(panel):
    sent = []
    panel._paper._canvas_manager.send_draw_command = lambda canvas, *command: sent.append(canvas)
    panel._paper._handle_frontend_event(panel._paper, {"event": "client_ready"}, [])
    # The page has no canvas selected yet: it is sent to another one first, and from there to this one.
    assert len(sent) == 2 and sent[0] is not panel._paper and sent[1] is panel._paper


def test_the_brief_app_still_reads():
    from hwd_lib.widgets.recognizer import Recognizer

    app = brief(Recognizer(Network([784, 10])))
    assert "hwd-brief" in app._dom_classes
    app.canvas.strokes = [[[100, 100], [100, 600]]]
    assert app.probabilities.sum() == pytest.approx(1, abs=1e-4)
