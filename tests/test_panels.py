"""The pictures of the app: each is read back from its text."""

import re

import numpy as np
import pytest

from hwd_lib.network import Network
from hwd_lib.widgets import panels
from hwd_lib.widgets.reading import Reading, read_out

RNG = np.random.default_rng(0)


def test_percent_never_claims_to_be_certain():
    assert [panels.percent(p) for p in (0, 0.0004, 0.5, 0.99999, 1.0)] == [
        "0.0 %", "0.0 %", "50.0 %", "99.9 %", "99.9 %",
    ]  # fmt: skip


def test_pixels_draw_each_pixel_once():
    image = RNG.random((28, 28)) * (RNG.random((28, 28)) < 0.3)
    svg = panels.pixels(image, 'a "label" <b>')
    assert "<b>" not in svg
    shown = np.zeros((28, 28))
    for opacity, path in re.findall(r'fill-opacity="([\d.]+)" d="([^"]*)"', svg):
        for x, y in re.findall(r"M(\d+) (\d+)h1", path):
            shown[int(y), int(x)] += float(opacity)
    np.testing.assert_allclose(shown, image, atol=0.5 / panels.LEVELS + 0.005)


def test_the_way_shows_the_strokes_where_they_are():
    square = np.array([[200.0, 100.0], [600.0, 100.0], [600.0, 500.0], [200.0, 500.0]])
    assert "M200.0 100.0L600.0 100.0" in panels.lines([square], 800)
    boxed = panels.boxed([square])
    points = np.array(re.findall(r"[ML]([\d.]+) ([\d.]+)", boxed), float)
    x, y, width = map(float, re.search(r'x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"', boxed).groups())
    assert (points >= (x, y)).all() and (points <= (x + width, y + width)).all()
    np.testing.assert_allclose(np.ptp(points, axis=0), np.ptp(points, axis=0).max())  # still a square
    assert "hwd-line" not in panels.boxed([]) and "hwd-line" not in panels.lines([], 800)


def test_a_long_drawing_makes_a_small_picture():
    assert len(panels.lines([RNG.random((10_000, 2)) * 800], 800)) < 6000


def test_votes_have_two_shapes():
    contributions = np.zeros((28, 28))
    contributions[2, 3], contributions[4, 5] = 2.0, -1.0
    svg = panels.votes(contributions)
    assert 'class="hwd-for" fill-opacity="1.00" d="M3 2h1' in svg
    assert re.search(r'class="hwd-against" fill-opacity="0.\d+" d="M5.2 4.2h0.6', svg)
    assert panels.votes(np.zeros((28, 28))) == ""


@pytest.mark.parametrize("n", [1, 10, 33, 100])
def test_units_show_every_unit(n):
    svg = panels.units(RNG.random(n), "Hidden layer 1")
    assert re.search('hwd-unit" d="([^"]*)"', svg)[1].count("M") == n
    assert svg.count('fill-opacity="1.00"') == 1  # the brightest


def test_of_wide_layers_only_some_units_are_shown():
    reading = Reading("sure", "1", "This is a 1.")
    hidden = [np.ones((1, 800), np.float32)] * 3
    html = panels.way(reading, [np.array([[1.0, 2.0], [3.0, 4.0]])], np.zeros((28, 28)), hidden, None, 800)
    assert html.count('class="hwd-units"') == 3 and "99 of 2,400 hidden units" in html


def test_many_bars_stand_in_columns_under_their_names():
    names = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    html = panels.bars(np.full(26, 1 / 26), names=names)
    assert re.findall("<b>(.*?)</b>", html) == [*names] and 'style="--rows:13;' in html
    assert "style" not in panels.bars(np.full(10, 0.1)).partition("<li")[0]


def test_names_of_classes_are_text():
    evil = ("<script>", "&lt;", '"')
    html = panels.bars(np.array([0.8, 0.1, 0.1]), names=evil)
    assert "<script>" not in html and "<b>&amp;lt;</b>" in html
    network = Network([784, 3])
    network.metadata = {"data": "<script>", "names": [*evil], "test_accuracy": 0.9}
    said = read_out(np.array([0.8, 0.1, 0.1]), names=evil)
    for html in (panels.about(network), panels.answer("mine", said, np.array([0.8, 0.1, 0.1]), names=evil)):
        assert "<script>" not in html and "&lt;script&gt;" in html
