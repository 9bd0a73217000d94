"""Digits that a visitor named, and the file they go home in."""

import json

import numpy as np
import pytest

from hwd_lib.preprocessing import preprocess
from hwd_lib.widgets.own_digits import (
    MOST_KEPT,
    OwnDigit,
    digits_from_json,
    digits_to_json,
    strokes_to_json,
)

LINE = np.array([[300.0, 100.0 + 30 * i] for i in range(20)])


def test_strokes_as_json():
    text = strokes_to_json([np.array([[1.234, 2.0], [3.0, 4.0]])])
    assert json.loads(text) == [[[1.2, 2.0], [3.0, 4.0]]]


def test_digits_come_back_as_they_went():
    digits = [OwnDigit(label, [LINE + label, LINE[::2]], preprocess([LINE])) for label in range(10)]
    back = digits_from_json(digits_to_json(digits), "my_digits.json")
    assert [digit.label for digit in back] == list(range(10))
    for digit in back:
        np.testing.assert_allclose(digit.strokes[0], LINE + digit.label, atol=0.051)
        np.testing.assert_allclose(digit.image, preprocess([LINE + digit.label, LINE[::2]]), atol=0.02)


def test_no_more_are_read_than_are_kept():
    digits = [OwnDigit(1, [LINE], preprocess([LINE]))] * (MOST_KEPT + 5)
    assert len(digits_from_json(digits_to_json(digits), "many.json")) == MOST_KEPT


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"7",
        b"[1]",
        b'{"milk": 2}',
        b"[" * 100_000,
        b'{"samples": [{"label": 12, "strokes": [[[1, 2]]]}]}',
        b'{"samples": [{"label": 1, "strokes": []}]}',
        b'{"samples": [{"label": 1e999, "strokes": [[[1, 2]]]}]}',
    ],
    ids=range(8),
)
def test_another_file_gets_a_sentence(content):
    with pytest.raises(ValueError, match="x.json: expected digits .* found something else .* Choose the"):
        digits_from_json(content, "x.json")
