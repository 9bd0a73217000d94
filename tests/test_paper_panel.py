"""The card that reads paper: what it shows, what it says of bad files, digits that become one's own."""

import re

import numpy as np
import pytest

from hwd_lib import png
from hwd_lib.paper.drawn import clear_hand, draw_page
from hwd_lib.paper.images import strokes_of
from hwd_lib.preprocessing import preprocess
from hwd_lib.stroke_styles import make_strokes
from hwd_lib.widgets.recognizer import Recognizer


@pytest.fixture
def app():
    made = Recognizer()
    yield made
    made.close()


@pytest.fixture
def card(app):
    """The card with a page of two lines on it."""
    hand = clear_hand(app.network)
    page = draw_page(["3 1", "7 4"], np.random.default_rng(5), write=hand)
    send(app, png.encode(page))
    return app.paper


def send(app, content, name="page.jpg"):
    """Send a file to the card, as the page does."""
    file = {"name": name, "type": "image/jpeg", "size": 1, "content": content, "last_modified": 0}
    app.paper._uploaded({"new": (file,)})


def test_numbers_stand_apart(app):
    page = draw_page(["31 4", "7 42"], np.random.default_rng(5), write=clear_hand(app.network))
    send(app, png.encode(page))
    assert re.findall("<li>(.*?)</li>", app.paper.shown.value) == ["31 4", "7 42"]


def test_a_box_a_digit_and_a_line_of_text(card):
    shown = card.shown.value
    assert card.page.lines == ["31", "74"] and re.findall("<li>(.*?)</li>", shown) == ["31", "74"]
    boxes = re.findall(r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"', shown)
    assert [tuple(map(int, box)) for box in boxes] == [digit.box for digit in card.page.digits]
    assert re.findall(r'aria-label="an? (\d), [\d.]+ % sure"', shown) == ["3", "1", "7", "4"]
    assert card.upload.value == ()


def test_a_digit_that_is_chosen_tells_what_the_network_sees(card):
    assert "hwd-gone" in card._one._dom_classes
    card._chosen.value = "3"
    assert "hwd-gone" not in card._one._dom_classes
    best = card.page.digits[3].probabilities.max()
    assert f'data-digit="4" data-value="{best:.4f}"' in card.about.value


def test_a_digit_from_paper_becomes_ones_own(app, card):
    card._chosen.value = "1"
    card.what.value = "7"
    (kept,) = app.digits
    assert kept.label == 7 and np.array_equal(kept.image, card.page.digits[1].image)
    assert np.corrcoef(preprocess(kept.strokes).ravel(), kept.image.ravel())[0, 1] > 0.6
    assert "Kept as a 7" in app._told.value
    app._take_back()
    assert app.digits == []


@pytest.mark.parametrize("chosen", ["", "4", "-1", "1e3", "99999999999", "²", "<b>", "0.5"])
def test_what_is_no_digit_of_the_page_is_not_chosen(app, card, chosen):
    card._chosen.value = chosen
    card.what.value = "7"
    assert "hwd-gone" in card._one._dom_classes and app.digits == []


def test_another_network_reads_the_picture_anew(app, card):
    before = card.page
    app.networks.switch("best")
    assert card.page is not before and card.page.lines == before.lines


@pytest.mark.parametrize("content", [b"", b"seven", None, 7, [1], b"\xff\xd8\xff", bytes(9_000_001)])
def test_files_that_are_no_pictures(app, content):
    send(app, content)
    assert "From paper: expected a" in app._told.value and app.paper.shown.value == ""


def test_strokes_of_an_image_are_read_as_the_image_is(app, say):
    rng = np.random.default_rng(0)
    images = np.stack([preprocess(make_strokes(k % 10, rng)) for k in range(60)])
    again = np.stack([preprocess(strokes_of(image)) for image in images])
    before, after = (app.network.predict(some.reshape(60, -1)) for some in (images, again))
    say(f"strokes traced in an image: {np.mean(before == after):.0%} of 60 read as the image is")
    assert np.mean(before == after) >= 0.9
