"""Painting templates without a browser: brush, mouse and finger, the score, and the buttons."""

import numpy as np
import pytest

from hwd_lib.widgets.template_painter import SIDE, TemplatePainter, read


@pytest.fixture
def painter(mnist):
    return TemplatePainter(mnist.validation.images[:500], mnist.validation.labels[:500])


def send(painter, event, **content):
    """What the page sends for a mouse or touch event."""
    painter._paper._handle_frontend_event(painter._paper, {"event": event, **content}, [])


def paint(painter, *points):
    send(painter, "mouse_down", x=points[0][0], y=points[0][1])
    for x, y in points[1:]:
        send(painter, "mouse_move", x=x, y=y)
    send(painter, "mouse_up", x=points[-1][0], y=points[-1][1])


def test_reading_agrees_with_a_loop():
    rng = np.random.default_rng(0)
    templates, images = rng.normal(size=(10, 784)), rng.random((30, 784))
    templates[4] = 0
    scores = np.full((30, 10), -np.inf)
    for d in set(range(10)) - {4}:
        column = np.array([np.sum(image * templates[d]) for image in images])
        scores[:, d] = (column - np.mean(column)) / np.sqrt(np.mean((column - np.mean(column)) ** 2))
    np.testing.assert_array_equal(read(templates, images), [int(np.argmax(row)) for row in scores])


def test_size_of_a_template_does_not_matter():
    rng = np.random.default_rng(1)
    templates, images = rng.normal(size=(10, 784)), rng.random((30, 784))
    larger = templates * rng.uniform(0.1, 10, (10, 1))
    np.testing.assert_array_equal(read(templates, images), read(larger, images))


def test_nothing_is_read_before_anything_is_painted(painter):
    assert painter.accuracy == 0
    assert (read(np.zeros((10, 784)), painter.images) == -1).all()


def test_one_painted_template_is_always_chosen(painter):
    painter.digit.value = 1
    paint(painter, (14.0, 5.0), (14.0, 23.0))
    assert painter.accuracy == np.mean(painter.labels == 1)


def test_a_stroke_is_where_the_mouse_was(painter):
    paint(painter, (4.5, 10.5), (20.5, 10.5))
    template = painter.templates[0]
    np.testing.assert_allclose(template[10, 4:21], 1, atol=0.1)  # row 10, columns 4 to 20
    assert template[:6].max() == template[16:].max() == 0
    assert template.min() == 0
    assert not painter.templates[1:].any()


def test_brushes_speak_for_against_and_erase(painter):
    painter.brush.value = -1.0
    paint(painter, (10.5, 10.5))
    assert painter.templates[0, 10, 10] == -1
    painter.brush.value = 1.0
    paint(painter, (10.5, 10.5))
    assert painter.templates[0, 10, 10] == 1
    painter.brush.value = 0.0
    paint(painter, (10.5, 10.5))
    assert painter.templates[0, 10, 10] == 0
    assert np.abs(painter.templates).max() <= 1


def test_the_finger_paints_too(painter):
    send(painter, "touch_start", touches=[{"x": 5.5, "y": 5.5}, {"x": 20.0, "y": 20.0}])
    send(painter, "touch_move", touches=[{"x": 5.5, "y": 9.5}])
    send(painter, "touch_end", touches=[])
    assert painter.templates[0, 5:10, 5].min() > 0.9
    assert painter.templates[0, 18:].max() == 0
    send(painter, "touch_move", touches=[{"x": 5.5, "y": 25.5}])  # the finger is gone
    assert painter.templates[0, 18:].max() == 0


def test_hovering_does_not_paint_and_leaving_the_sheet_ends_a_stroke(painter):
    send(painter, "mouse_move", x=5.0, y=5.0)
    assert not painter.templates.any()
    send(painter, "mouse_down", x=5.0, y=5.0)
    send(painter, "mouse_out", x=0.0, y=5.0)
    before = painter.templates.copy()
    send(painter, "mouse_move", x=20.0, y=20.0)
    np.testing.assert_array_equal(painter.templates, before)


@pytest.mark.parametrize("x", [None, "a", float("nan"), 1e308, float("inf"), True])
def test_odd_coordinates_do_no_harm(painter, x):
    send(painter, "mouse_down", x=x, y=5.0)
    send(painter, "mouse_move", x=5.0, y=x)
    send(painter, "mouse_up", x=x, y=x)
    assert np.isfinite(painter.templates).all()


def test_buttons_clear_and_fill_in(painter):
    painter._means.click()
    assert painter.accuracy > 0.8
    assert np.abs(painter.templates).max() == pytest.approx(1)
    painter.digit.value = 3
    painter._clear.click()
    assert not painter.templates[3].any()
    assert painter.templates[4].any()
    painter._clear_all.click()
    assert not painter.templates.any()
    assert painter.best > 0.8
    assert f"{painter.best:.1%}" in painter._said.value


def test_what_is_said_can_be_read_aloud(painter):
    painter._means.click()
    assert painter._said.value.count('role="img" aria-label="Template of') == 10
    assert f"{painter.accuracy:.1%}" in painter._said.value


def test_a_page_that_opens_gets_the_picture(painter, monkeypatch):
    painter.templates[0, :3, :3] = 1
    painter.refresh()
    sent = []
    monkeypatch.setattr(painter._paper, "put_image_data", lambda image, x, y: sent.append(image))
    painter._paper._handle_frontend_event(painter._paper, {"event": "client_ready"}, [])
    assert sent[-1].shape == (SIDE, SIDE, 4)
    assert tuple(sent[-1][0, 0]) == (191, 58, 11, 255)
    assert (sent[-1][10:] == 255).all()
