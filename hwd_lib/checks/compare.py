"""Compares two answers, and says in a sentence where they part: form, shape, dtype, first differing value."""

import math

import numpy as np


class Words(str):
    """What an exercise says of an answer, in the place of it: shown without quotation marks."""


def difference(expected, found, rtol=0.0, atol=0.0, dtype=False, where=""):
    """Say how `found` differs from `expected`, in one sentence; empty when it does not.

    Both may be numbers, arrays, strings, None, and tuples, lists and dicts of such. A tuple may stand for a
    list, and an array for either; a list does not stand for an array.
    """
    if isinstance(expected, dict):
        if not isinstance(found, dict) or set(found) != set(expected):
            return _form(expected, found, where)
        pairs = [(expected[key], found[key], f"{where}[{key!r}]") for key in expected]
        return _first(pairs, rtol, atol, dtype)
    if isinstance(expected, (tuple, list)):
        if (
            not isinstance(found, (tuple, list, np.ndarray))
            or isinstance(found, np.ndarray)
            and not found.ndim
        ):
            return _form(expected, found, where)
        if len(found) != len(expected):
            values = "value" if len(expected) == 1 else "values"
            return f"expected {len(expected)} {values}{_at(where)}, found {len(found)}."
        pairs = [(e, f, f"{where}[{i}]") for i, (e, f) in enumerate(zip(expected, found, strict=True))]
        return _first(pairs, rtol, atol, dtype)
    if expected is None or isinstance(expected, (str, bytes)):
        same = isinstance(found, str | bytes | None) and expected == found
        return "" if same else f"expected {expected!r}{_at(where)}, found {describe(found)}."
    return _numbers(np.asarray(expected), found, rtol, atol, dtype, where)


def _numbers(expected, found, rtol, atol, dtype, where):
    if expected.dtype.kind not in "biuf":  # no numbers at all: a network, a set
        return "" if found is expected.flat[0] else _form(expected.flat[0], found, where)
    if isinstance(found, (list, tuple)) and expected.ndim:
        kind = type(found).__name__
        return f"expected an array{_at(where)}, found a {kind}. `np.array(...)` makes one of it."
    try:
        numbers = np.asarray(found)
    except ValueError:  # rows of different length
        return _form(expected, found, where)
    if numbers.dtype.kind not in "biuf":
        return _form(expected, found, where)
    if numbers.shape != expected.shape:
        return f"expected {shape(expected)}{_at(where)}, found {shape(numbers)}."
    if dtype and numbers.dtype != expected.dtype:
        return f"expected numbers of type {expected.dtype}{_at(where)}, found {numbers.dtype}."
    same = np.isclose(numbers.astype(np.float64), expected.astype(np.float64), rtol, atol, equal_nan=True)
    if same.all():
        return ""
    index = tuple(int(i) for i in np.argwhere(~same)[0])
    place = where + (str(list(index)) if index else "")
    wrong, right = float(numbers[index]), float(expected[index])
    short = [f"{right + 0.0:.5g}", f"{wrong + 0.0:.5g}"]  # + 0.0 makes 0 of -0
    if short[0] == short[1]:
        short = [repr(right), repr(wrong)]
    if right.is_integer() and wrong.is_integer() and max(abs(right), abs(wrong)) < 1e12:
        short = [f"{right + 0.0:.0f}", f"{wrong + 0.0:.0f}"]
    if math.isnan(wrong):
        short[1] = "nan, which is no number"
    count = f" ({np.sum(~same):,} of {same.size:,} values differ)" if same.size > 1 else ""
    return f"expected {short[0]}{_at(place)}, found {short[1]}{count}."


def _first(pairs, rtol, atol, dtype):
    for expected, found, where in pairs:
        if sentence := difference(expected, found, rtol, atol, dtype, where):
            return sentence
    return ""


def _form(expected, found, where):
    said = [describe(expected), describe(found)]
    if said[0] == said[1]:  # they look alike from outside: say what is in them
        said = [shorten(repr(expected)), shorten(repr(found))]
    return f"expected {said[0]}{_at(where)}, found {said[1]}."


def _at(where):
    return f" at {where}" if where else ""


def shape(array):
    """The form of an array in words."""
    return f"shape {array.shape}" if array.ndim else "a single number"


def describe(value):
    """A value in a few words: small ones as they are, arrays by shape and dtype."""
    if isinstance(value, np.ndarray) and not value.ndim:
        return "a number" if value.dtype.kind in "biuf" else describe(value.item())
    if isinstance(value, np.ndarray):
        return f"an array, {shape(value)} {value.dtype}"
    if isinstance(value, (set, frozenset)):
        return f"a set of {len(value)}"
    if isinstance(value, dict):
        return f"a dict with {', '.join(map(repr, value)) or 'nothing in it'}"
    if isinstance(value, (tuple, list)):
        kinds = {_kind(part) for part in value}
        return f"a {type(value).__name__} of {len(value)}" + (f" {kinds.pop()}" if len(kinds) == 1 else "")
    if isinstance(value, Words):
        return str(value)
    if value is None or isinstance(value, (bool, int, float, str, np.generic)):
        return shorten(repr(value.item() if isinstance(value, np.generic) else value))
    if callable(value):
        return f"a function, `{getattr(value, '__name__', type(value).__name__)}`"
    return f"an object of type {type(value).__name__}"


def shorten(text):
    """A text, with its end left out where it is long."""
    return text if len(text) < 60 else f"{text[:57]}…"


def kind_of(value):
    """What kind of thing a value is, without giving it away."""
    if isinstance(value, (int, float, np.number)):
        return "a number"
    return f"a {type(value).__name__}"


def _kind(part):
    """What several of its kind are called; in a few words, like `describe`."""
    if isinstance(part, np.ndarray) and part.ndim:
        return "arrays"
    return "numbers" if isinstance(part, (int, float, np.number, np.ndarray)) else "values"


def changed(before, after):
    """Whether any array, list or dict within `after` is another than within `before`."""
    if isinstance(before, np.ndarray):
        if not isinstance(after, np.ndarray) or after.dtype != before.dtype:
            return True
        return not np.array_equal(before, after, equal_nan=before.dtype.kind == "f")
    if isinstance(before, (tuple, list)):
        return len(before) != len(after) or any(changed(b, a) for b, a in zip(before, after, strict=True))
    if isinstance(before, dict):
        return before.keys() != after.keys() or any(changed(before[key], after[key]) for key in before)
    return False


def holds_ellipsis(value):
    """Whether a ``...`` was left somewhere in a value."""
    if isinstance(value, dict):
        value = list(value.values())
    return value is ... or isinstance(value, (tuple, list)) and any(holds_ellipsis(v) for v in value)


def unlike(expected, found, same):
    """How the form of what was returned differs, where that can be told: a kind of mistake, or "".

    `same` compares two parts. "one of several" is one part of a tuple alone, "order" all of them in another
    order.
    """
    if not isinstance(expected, tuple) or len(expected) < 2:
        return ""
    try:
        if len({_outline(part) for part in expected}) == 1 and len(expected) > 4:
            return ""
        if any(same(part, found) for part in expected if not np.isscalar(part)):
            return "one of several"
        if np.isscalar(found) and any(same(part, found) for part in expected):
            return "one of several"
        if isinstance(found, tuple) and len(found) == len(expected):
            rest = list(found)
            for part in expected:
                rest.pop(next(i for i, other in enumerate(rest) if same(part, other)))
            return "order"
    except (StopIteration, ValueError, TypeError):
        pass
    return ""


def _outline(value):
    return (type(value).__name__, getattr(value, "shape", None))


def widened(value):
    """The same, with bytes as larger numbers, in which nothing runs over."""
    if isinstance(value, np.ndarray):
        return value.astype(np.int64) if value.dtype == np.uint8 else value
    if type(value) in (tuple, list):
        return type(value)(widened(part) for part in value)
    return value


def holds_nothing(value):
    """Whether there is a None somewhere in a value."""
    if isinstance(value, np.ndarray):
        value = value.tolist() if value.dtype == object else 0
    return value is None or isinstance(value, (tuple, list)) and any(holds_nothing(v) for v in value)
