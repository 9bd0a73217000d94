"""Digits that a visitor drew and named, and their form on disk, which `hwd strokes` reads as well."""

import json
from typing import NamedTuple

import numpy as np

from hwd_lib.preprocessing import clean_strokes, preprocess

MOST_KEPT = 200  # digits of one visitor


class OwnDigit(NamedTuple):
    """A digit that the visitor drew and named."""

    label: int
    strokes: list  # of (n, 2)
    image: np.ndarray  # (28, 28) float32


def strokes_to_json(strokes):
    """Strokes as JSON text, rounded to tenths of a canvas pixel: a list of strokes, each a list of [x, y]."""
    return json.dumps([np.round(stroke, 1).tolist() for stroke in strokes], separators=(",", ":"))


def sheet_to_json(strokes, wide):
    """A sheet as JSON text, as the page remembers it: its strokes, and whether it is `wide`."""
    drawing = strokes_to_json(strokes)
    return f'{{"wide":true,"strokes":{drawing}}}' if wide else drawing if strokes else ""


def sheet_from_json(text):
    """Strokes, and whether the sheet is wide, from what `sheet_to_json` wrote; ValueError for no JSON."""
    try:
        sheet = json.loads(text)
    except RecursionError as error:
        raise ValueError(str(error)) from error
    return (sheet.get("strokes"), bool(sheet.get("wide"))) if isinstance(sheet, dict) else (sheet, False)


def drawing_from_json(content, name):
    """Read what `strokes_to_json` wrote into a list of (n, 2) arrays; ValueError when there is no ink."""
    strokes = clean_strokes(json.loads(content)) if is_drawing(content) else []
    if not strokes:
        raise ValueError(
            f"{name}: expected strokes, each a list of [x, y], found none. Draw on the sheet instead."
        )
    return strokes


def is_drawing(content):
    """True when a file's content is a list in JSON, as that of `strokes_to_json` is."""
    try:
        return isinstance(json.loads(content), list)
    except (ValueError, RecursionError):
        return False


def digits_to_json(digits, **more):
    """One's own digits as JSON text, in the form that `hwd strokes` reads; `more` stands beside them."""
    samples = [
        {"label": digit.label, "strokes": json.loads(strokes_to_json(digit.strokes))} for digit in digits
    ]
    return json.dumps({"y_axis": "down", "samples": samples, **more}, separators=(",", ":"))


def digits_from_json(content, name):
    """Read what `digits_to_json` wrote into a list of OwnDigit; ValueError when it is anything else."""
    digits = []
    try:
        for sample in json.loads(content)["samples"][:MOST_KEPT]:
            label, strokes = int(sample["label"]), clean_strokes(sample["strokes"])
            if not 0 <= label <= 9 or not strokes:
                raise ValueError(f"a digit {label} of {len(strokes)} strokes")
            digits.append(OwnDigit(label, strokes, preprocess(strokes)))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(
            f"{name}: expected digits that this app has kept before, found something else ({error}). "
            "Choose the file that “My digits” gave."
        ) from error
    return digits
