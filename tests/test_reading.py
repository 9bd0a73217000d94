"""What the app says about ten probabilities."""

import numpy as np
import pytest

from hwd_lib.widgets.reading import DIGIT, doubted, read_out


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
