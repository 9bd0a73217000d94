"""What the app says about a network's probabilities: policy and words, but no HTML."""

from typing import NamedTuple

import numpy as np

from hwd_lib.numbers import DIGIT, SURE, UNREAD
from hwd_lib.preprocessing import could_be_digit
from hwd_lib.saved import DIGITS, listed

BELIEF = 0.25  # so that `doubted` never comes to DIGIT
AN = "8AEFHILMNORSX"  # what is said with "an"
FULL = "The sheet is full: clear it to draw on."


class Reading(NamedTuple):
    """What the app says about a drawing."""

    state: str  # "empty", "drawing", "sure", "likely", "unsure", "nothing" (no digit) or "full" (no more ink)
    guess: str  # a digit, or another class; "?" for no digit, "…" for none so far, "" for an empty sheet
    sentence: str
    note: str = ""  # what else there is to say, in small print


def judge(alone, canvas, names=DIGITS):
    """From what a network alone says of a sheet to what the app says.

    Parameters
    ----------
    alone : (n,) float
        The network's probabilities.
    canvas : DigitCanvas
    names : tuple of n str, of the classes
        What strokes look like is known of digits alone: of other classes nothing is doubted.

    Returns
    -------
    Reading, and the probabilities (n,) that it is taken from: `alone`, or `doubted`
    """
    p = believed(alone, canvas.strokes) if canvas.strokes and names == DIGITS else alone
    reading = read_out(p, canvas.empty, canvas.drawing, alone, names)
    return reading._replace(state="full", note=FULL) if canvas.full else reading, p


def believed(alone, strokes):
    """What is believed of a network's probabilities (10,): all, or little, where strokes make no digit."""
    return alone if could_be_digit(strokes, sure=alone.max() >= SURE) else doubted(alone)


def doubted(probabilities):
    """Probabilities (10,) when the drawing does not look like a digit at all.

    A network that has seen nothing but digits takes everything for one. So its word counts for `BELIEF`; for
    the rest, no digit is likelier than another.
    """
    return BELIEF * probabilities + (1 - BELIEF) / 10


def read_out(probabilities, empty=False, drawing=False, alone=None, names=DIGITS):
    """Put probabilities into words.

    Parameters
    ----------
    probabilities : (n,) float
    empty : bool
        Nothing is drawn.
    drawing : bool
        The pen is down: all that is said is said of the digit so far.
    alone : (n,) float or None
        What the network says by itself, where `probabilities` are `doubted`.
    names : tuple of n str, of the classes

    Returns
    -------
    Reading
    """
    digits = names == DIGITS
    if empty:
        what = "one digit on the sheet" if digits else f"one of {listed(names)}"
        return Reading("empty", "", f"Draw {what}, as large as you like.")
    first, second = np.argsort(probabilities)[::-1][:2]
    p, q = float(probabilities[first]), float(probabilities[second])
    guess, low, high = names[first], *(names[k] for k in sorted((first, second)))
    if drawing and p < DIGIT:
        return Reading("drawing", "…", "Go on …")
    if drawing:
        so_far = capitalized(with_article(guess)) if p >= SURE else f"{low} or {high}"
        return Reading("drawing", guess, f"{so_far} so far …")
    if p < DIGIT and not digits:
        return Reading("nothing", "?", "I cannot tell what this is.", f"I know {listed(names)}.")
    if p < DIGIT:
        note = "Draw one digit, 0 to 9."
        if alone is not None and alone[first] >= DIGIT:
            note += f" Asked all the same, the network says {guess}."
        return Reading("nothing", "?", "I see no digit here.", note)
    if p < SURE and p < 4 * q:
        return Reading("unsure", guess, f"It could be {low} or {high}.")
    if p < 0.95:
        return Reading("likely", guess, f"Probably {with_article(guess)}.")
    return Reading("sure", guess, f"This is {with_article(guess)}.")


def read_out_number(lines, drawing=False, full=False):
    """Put the digits that `read_number` found into words.

    Parameters
    ----------
    lines : list of lists of Digit
    drawing : bool
        The pen is down.
    full : bool
        The sheet takes no more ink.

    Returns
    -------
    Reading
        ``guess`` is the number, with a line break between two lines.
    """
    digits = [digit for line in lines for digit in line]
    if not digits:
        return Reading("empty", "", "Write a number on the sheet.")
    texts = ["".join(digit.text for digit in line) for line in lines]
    guess = "\n".join(texts)
    words = " and ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else texts[0]
    if full:
        return Reading("full", guess, f"This is {words}.", FULL)
    if drawing:
        guess, words = guess.replace(UNREAD, "…"), words.replace(UNREAD, "…")
        return Reading("drawing", guess, f"{words} so far …")
    readings = [read_out(believed_digit(digit)) for digit in digits]
    if any(digit.text == UNREAD for digit in digits):
        unread = [str(i) for i, digit in enumerate(digits, 1) if digit.text == UNREAD]
        note = "Minus, points and letters are not read."
        return Reading("unsure", guess, f"I see no digit in place {' and '.join(unread)}.", note)
    for i, reading in enumerate(readings, 1):
        if reading.state == "unsure":
            return Reading("unsure", guess, reading.sentence.replace("It", f"Digit {i}"))
    if any(reading.state == "likely" for reading in readings):
        return Reading("likely", guess, f"Probably {words}.")
    return Reading("sure", guess, f"This is {words}." if len(texts) == 1 else f"These are {words}.")


def believed_digit(digit):
    """What is believed of a Digit's probabilities (10,): little, where its strokes make none."""
    p = digit.probabilities
    return doubted(p) if digit.text == UNREAD and p.max() >= DIGIT else p


def with_article(name):
    """A digit or a letter with its article: "a 7", "an 8", "an A"; a longer name in quotes."""
    name = str(name)
    if len(name) > 1:
        return f"“{name}”"
    return f"an {name}" if name.upper() in AN else f"a {name}"


def capitalized(words):
    """The words with a large first letter: those that follow stay as they are."""
    return words[0].upper() + words[1:]
