"""Runs in words and pictures: the pictures are read back."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from hwd_lib.widgets import page
from hwd_lib.widgets.training_charts import COLOURS, SHOWN, Run, curves_html, weights_html


def test_a_slow_run_is_not_called_diverged():
    run = Run(1, [100], 32, 10, [(0.0, 0.0001)], [0, 0.1, 0.2], [2.4, 2.39, 2.38], [0.1, 0.1, 0.1], 2.6)
    assert not run.diverged
    assert run.verdict == "has not learned anything yet"


def test_curves_without_runs_are_an_empty_chart():
    html = curves_html([])
    assert html.count("<svg") == 2
    assert "No runs yet" in html


def test_a_message_stays_small_however_long_the_run_is():
    n = 5000
    at = np.linspace(0, 100, n).tolist()
    runs = [Run(k, [100], 32, 100, [(0.0, 0.1)], at, [0.5] * n, [0.9] * n) for k in range(1, 7)]
    assert len(curves_html(runs)) < 60_000


def decoded(html):
    """The picture's colours (height, width, 3), as Pillow reads them."""
    png = base64.b64decode(re.search(r"base64,([^']+)'", html)[1])
    return np.asarray(Image.open(io.BytesIO(png))).astype(int)


def test_weights_stand_where_their_pixels_are():
    weights = np.zeros((784, 12), np.float32)
    weights[28 * 3 + 5, 0] = 1  # unit 0: row 3, column 5 speaks for it
    weights[28 * 20 + 7, 11] = -1  # unit 11, in the second row of pictures: speaks against it
    picture = decoded(weights_html(weights))
    assert picture.shape == (60, 300, 3)
    red, _, blue = picture[1 + 3, 1 + 5]
    assert red > blue + 100  # orange
    red, _, blue = picture[30 + 1 + 20, 30 + 1 + 7]
    assert blue > red + 100
    assert picture[1, 1].min() > 240  # no weight is white


def test_a_wide_layer_shows_its_first_units_and_nan_does_no_harm():
    weights = np.full((784, 400), np.nan, np.float32)
    assert decoded(weights_html(weights)).shape == (30 * SHOWN // 10, 300, 3)


def luminance(colour):
    """Relative luminance of "#rrggbb", as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_colours_of_runs_can_be_read_in_both_themes():
    pairs = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)", page.CSS))
    colours = {name: pair.split(", ") for name, pair in pairs.items()}
    assert sum(name.startswith("run-") for name in colours) == COLOURS
    for name in colours:
        if name.startswith("run-"):
            for colour, ground in zip(colours[name], colours["ground"], strict=True):
                dark, light = sorted((luminance(colour), luminance(ground)))
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (name, colour)


@pytest.mark.parametrize(
    ("weight", "words"),
    [
        (0.1642, "0.16."),
        (3.14159, "3.1."),
        (12_345.6, "12,346."),
        (3e30, "more than a million."),
        (1e-9, "less"),
    ],
)
def test_the_deepest_colour_is_a_number_that_people_can_read(weight, words):
    html = weights_html(np.full((784, 12), weight))
    assert f"Deepest colour: {words}" in html and "e+" not in html and "0.00." not in html
