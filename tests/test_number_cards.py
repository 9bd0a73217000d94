"""Numbers in the live app, without a browser: the wide sheet, the cards, and what is kept of them."""

import json

import numpy as np
import pytest

pytest.importorskip("ipycanvas")

from hwd_lib.preprocessing import preprocess  # noqa: E402
from hwd_lib.widgets.number_cards import CARD, GAP, close_up, places  # noqa: E402
from hwd_lib.widgets.recognizer import Recognizer  # noqa: E402
from tests.test_canvas import draw, send  # noqa: E402
from tools.browser import DIGITS  # noqa: E402


def strokes_of(text, left=0.0, width=300.0, height=600.0):
    """A number in canvas pixels: each digit as far to the right of the one before as it is wide."""
    return [
        [(left + width * (i + x), 100 + height * y) for x, y in stroke]
        for i, character in enumerate(text)
        for stroke in DIGITS[int(character)]
    ]


@pytest.fixture
def app():
    return Recognizer()


def write(app, text, **place):
    for stroke in strokes_of(text, **place):
        draw(app.canvas, stroke)


def shown(app):
    return [card for card in app.cards.children if "hwd-gone" not in card._dom_classes]


def test_two_digits_on_the_ordinary_sheet(app):
    write(app, "4")
    assert app.text == "4" and app.guess == 4 and not shown(app)
    write(app, "2", left=400)
    assert app.text == "42" and app.guess is None
    assert '<div class="hwd-guess hwd-big">42</div>' in app._live.value
    assert "42" in app._said.value
    assert [card.button.description[0] for card in shown(app)] == ["4", "2"]
    assert not app.canvas.wide
    app.canvas.undo()
    assert app.text == "4" and app.guess == 4 and not shown(app)


def test_a_number_on_the_wide_sheet(app):
    app._number.value = True
    assert app.canvas.wide and (app.canvas.width, app.canvas.height) == (1600, 800)
    assert "hwd-wide" in app._main._dom_classes and "Write a number here" in app._hint.value
    write(app, "2024", left=100)
    assert app.text == "2024" and len(shown(app)) == 4
    assert [card.button.description for card in shown(app)][0].startswith("2\n9")
    margins = [float(card.layout.margin.split()[-1][:-1]) for card in shown(app)]
    for left, digit in zip(margins, app.cards.digits, strict=True):
        assert left + CARD / 2 == pytest.approx((digit.box[0] + digit.box[2]) / 2 / 16, abs=0.1)
    assert "hwd-gone" in app._why._dom_classes and "hwd-gone" in app._what._dom_classes
    app.canvas.clear()
    assert app.text == "" and not shown(app) and "Write a number" in app._live.value


def test_finished_digits_stay_as_they_are(app):
    app._number.value = True
    write(app, "20", left=100)
    before = [(card, card.picture.value, card.button.description) for card in shown(app)]
    changed = []
    for card, _, _ in before:
        for widget in (card.picture, card.button, card.layout):
            widget.observe(lambda change: changed.append(change["name"]))
    write(app, "24", left=700)
    assert app.text == "2024"
    assert [(card, card.picture.value, card.button.description) for card in shown(app)[:2]] == before
    assert changed == []


def test_a_card_opens_its_digit_and_closes_again(app):
    app._number.value = True
    write(app, "2024", left=100)
    first, second = shown(app)[:2]
    first.button.value = True
    assert app.guess == 2 and app.cards.place == 1
    np.testing.assert_array_equal(app.probabilities, app.cards.digits[0].probabilities)
    assert "<h3>Digit 1</h3>" in app._live.value and "What it sees" in app._live.value
    assert "hwd-gone" not in app._why._dom_classes
    app._why.value = True
    assert "hwd-legend" in app._live.value
    second.button.value = True
    assert not first.button.value and app.guess == 0 and app.cards.place == 2
    write(app, "7", left=1300)  # the next digit does not close it
    assert app.cards.place == 2 and app.text == "20247"
    app.canvas.undo()
    second.button.value = False
    assert app.cards.place is None and "<h3>" not in app._live.value and app.guess is None


def test_a_digit_of_a_number_is_kept(app):
    app._number.value = True
    write(app, "20", left=100)
    shown(app)[1].button.value = True
    app.keep(6)
    assert [digit.label for digit in app.digits] == [6]
    assert len(app.digits[0].strokes) == 1
    np.testing.assert_allclose(app.digits[0].strokes[0], strokes_of("20", left=100)[1])
    np.testing.assert_array_equal(app.digits[0].image, preprocess(strokes_of("20", left=100)[1:]))
    assert app.text == "20" and app.cards.place is None  # the number stays
    assert "read as another" in app._said.value


def test_the_page_remembers_a_number(app):
    app._number.value = True
    assert json.loads(app._memory.value) == {"wide": True, "strokes": []}
    write(app, "2024", left=100)
    again = Recognizer()
    again._memory.value = app._memory.value
    assert again.canvas.wide and again._number.value and again.text == "2024"
    for stroke, expected in zip(again.canvas.strokes, app.canvas.strokes, strict=True):
        np.testing.assert_allclose(stroke, expected, atol=0.06)


@pytest.mark.parametrize(
    "text", ['{"wide":true}', '{"wide":3,"strokes":7}', '{"strokes":{}}', "{}", "[[", "[" * 10**5]
)
def test_a_damaged_memory_is_forgotten(app, text):
    app._memory.value = text
    assert app.canvas.points == 0 and app.text == ""


def test_back_to_the_ordinary_sheet_the_number_comes_along(app):
    app._number.value = True
    write(app, "2024", left=100)
    app._fresh.value = True
    assert app.canvas.new_sheet_after is None  # a number takes its time
    app._number.value = False
    assert app.canvas.new_sheet_after is not None
    assert not app.canvas.wide and app.text == "2024"
    points = np.concatenate(app.canvas.strokes)
    assert points.min() >= 0 and points.max() <= 800 and np.ptp(points[:, 0]) > 600


def test_another_network_reads_the_number_too(app):
    app._number.value = True
    write(app, "2024", left=100)
    app.networks.versus.value = "best"
    assert '<div class="hwd-rival-guess hwd-big">2024</div>' in app._live.value
    app.networks.switch("784-10")
    assert app.text.count("?") <= 4 and len(app.text) >= 4


def test_many_digits_stand_in_rows(app):
    app._number.value = True
    write(app, "2020202020", width=150, height=300)
    assert app.text == "2020202020" and len(shown(app)) == 10
    assert "hwd-rows" in app.cards._dom_classes and shown(app)[0].layout.margin is None


def test_an_example_of_mnist_is_no_number(app):
    app._number.value = True
    app.canvas.show(np.eye(28))
    assert not shown(app) and "hwd-number" not in app._live.value


def test_while_the_pen_is_down_nothing_is_called_none(app):
    app._number.value = True
    write(app, "20", left=100)
    send(app.canvas, "mouse_down", (900, 300))
    app._last_reading = 0.0  # long ago
    send(app.canvas, "mouse_move", (905, 302))
    assert "20" in app.text and "?" not in app.text and 'data-state="drawing"' in app._live.value


def test_places_of_cards():
    assert places([]) == []
    assert places([50.0]) == [50 - CARD / 2]
    close = places([49.0, 50.0, 51.0])
    assert all(b - a == pytest.approx(CARD + GAP) for a, b in zip(close, close[1:], strict=False))
    for middles in ([0.0, 1.0], [99.0, 100.0], list(np.linspace(60, 100, 7))):
        lefts = places(middles)
        assert min(lefts) >= -1e-9 and max(lefts) <= 100 - CARD
        assert all(b - a >= CARD + GAP - 1e-9 for a, b in zip(lefts, lefts[1:], strict=False))


def test_a_close_up_is_square_and_holds_the_digit(app):
    write(app, "42", width=400)
    for digit in app.cards.digits:
        near, size = close_up(digit)
        points = np.concatenate(near)
        np.testing.assert_allclose(points.min(axis=0) + points.max(axis=0), size)
        assert points.min() > 0 and points.max() < size


def test_a_digit_that_has_just_begun_leaves_the_others_alone(app):
    app._number.value = True
    write(app, "20", left=100)
    pictures = [card.picture.value for card in shown(app)]
    send(app.canvas, "mouse_down", (760, 250))
    for i in range(12):
        app._last_reading = 0.0  # long ago
        send(app.canvas, "mouse_move", (765 + 15 * i, 250 - 4 * i))
        assert app.text == "20" and [card.picture.value for card in shown(app)] == pictures
