"""What the app says about ten probabilities."""

import numpy as np
import pytest

from hwd_lib.numbers import DIGIT, UNREAD, Digit
from hwd_lib.widgets.reading import believed_digit, doubted, read_out, read_out_number


def spread(**likely):
    """Probabilities (10,) of which a few are given, as d7=0.9, and the others are alike."""
    p = np.full(10, (1 - sum(likely.values())) / (10 - len(likely)))
    for digit, value in likely.items():
        p[int(digit[1])] = value
    return p


@pytest.mark.parametrize(
    ("p", "state", "guess", "sentence", "so_far"),
    [
        (spread(d7=0.99), "sure", "7", "This is a 7.", "A 7 so far …"),
        (spread(d8=0.99), "sure", "8", "This is an 8.", "An 8 so far …"),
        (spread(d7=0.9), "likely", "7", "Probably a 7.", "A 7 so far …"),
        (spread(d4=0.5, d9=0.45), "unsure", "4", "It could be 4 or 9.", "4 or 9 so far …"),
        (spread(d9=0.5, d4=0.45), "unsure", "9", "It could be 4 or 9.", "4 or 9 so far …"),
        (spread(d3=0.2), "nothing", "?", "I see no digit here.", "Go on …"),
    ],
)
def test_probabilities_in_words(p, state, guess, sentence, so_far):
    assert read_out(p)[:3] == (state, guess, sentence)
    assert read_out(p, drawing=True)[::2] == ("drawing", so_far)
    assert read_out(p, drawing=True).guess == guess.replace("?", "…")
    assert read_out(p, empty=True).guess == ""


@pytest.mark.parametrize("alone", [spread(d7=0.9999), spread(d7=0.6, d1=0.4), np.full(10, 0.1)])
def test_what_is_doubted_is_never_called_a_digit(alone):
    p = doubted(alone)
    assert p.sum() == pytest.approx(1) and p.max() < DIGIT and p.argmax() == alone.argmax()
    reading = read_out(p, alone=alone)
    assert reading.state == "nothing"
    assert ("the network says 7" in reading.note) == (alone[7] > 0.5)


def number(*digits):
    """A line of Digits, from (text, probabilities) pairs."""
    return [Digit(text, [np.zeros((1, 2))], (0, 0, 0, 0), np.zeros((28, 28)), p) for text, p in digits]


SURE_2, SURE_0 = ("2", spread(d2=0.99)), ("0", spread(d0=0.99))
LIKELY_6, TORN = ("6", spread(d6=0.9)), ("1", spread(d1=0.5, d7=0.45))
NONE = (UNREAD, spread(d4=0.8))  # the network is sure, but it has not the measures of a digit


@pytest.mark.parametrize(
    ("lines", "state", "guess", "sentence"),
    [
        ([], "empty", "", "Write a number on the sheet."),
        ([number(SURE_2, SURE_0)], "sure", "20", "This is 20."),
        ([number(SURE_2, LIKELY_6)], "likely", "26", "Probably 26."),
        ([number(SURE_2, TORN)], "unsure", "21", "Digit 2 could be 1 or 7."),
        ([number(SURE_2, NONE, TORN)], "unsure", "2?1", "I see no digit in place 2."),
        ([number(SURE_2), number(SURE_0)], "sure", "2\n0", "These are 2 and 0."),
        ([number(SURE_2), number(SURE_0), number(SURE_2)], "sure", "2\n0\n2", "These are 2, 0 and 2."),
    ],
)
def test_numbers_in_words(lines, state, guess, sentence):
    reading = read_out_number(lines)
    assert reading[:3] == (state, guess, sentence)
    assert ("are not read" in reading.note) == ("?" in guess)
    if lines:
        assert read_out_number(lines, drawing=True)[:2] == ("drawing", guess.replace("?", "…"))
        assert read_out_number(lines, full=True)[:2] == ("full", guess)


def test_a_digit_that_is_none_is_doubted():
    (none,) = number(NONE)
    assert believed_digit(none).max() < DIGIT and believed_digit(none).argmax() == 4
    (sure,) = number(SURE_2)
    np.testing.assert_array_equal(believed_digit(sure), sure.probabilities)


@pytest.mark.parametrize(
    ("names", "p", "state", "guess", "sentence"),
    [
        ("AB", (0.99, 0.01), "sure", "A", "This is an A."),
        ("AB", (0.1, 0.9), "likely", "B", "Probably a B."),
        ("BA", (0.5, 0.5), "unsure", "A", "It could be B or A."),
        (("Coat", "Bag", "Shirt"), (0.02, 0.01, 0.97), "sure", "Shirt", "This is “Shirt”."),
        ("ABC", (0.34, 0.33, 0.33), "nothing", "?", "I cannot tell what this is."),
        ("01", (0.99, 0.01), "sure", "0", "This is a 0."),
    ],
)
def test_other_classes_are_called_by_their_names(names, p, state, guess, sentence):
    said = read_out(np.array(p), names=tuple(names))
    assert said[:3] == (state, guess, sentence)
    assert said.note == ("I know A, B, C." if state == "nothing" else "")
    empty = read_out(np.array(p), empty=True, names=tuple("ABCDEFGH"))
    assert empty.sentence == "Draw one of A, B, C, … H, as large as you like."
