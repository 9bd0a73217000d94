"""From pen strokes to the 28x28 image that a network expects: a drawing is made the way MNIST was made.

Every stage is a function of its own; `preprocess` runs them in order. MNIST's page (LeCun, Cortes, Burges)
says how its images came about: a digit is fitted into a box of 20x20 pixels with its shape kept, turned
into grey values by anti-aliasing, and its centre of mass is moved to the middle of 28x28 pixels.
"""

from typing import Any

import numpy as np
from numpy import ndarray as Array

SIDE = 28  # pixels, of the image
BOX = 20  # pixels; the ink of a digit is as high or as wide as this, whichever is more
PEN_WIDTH = 2.45  # pixels, from half ink to half ink; measured on MNIST
SOFTNESS = 1.0  # pixels from paper to full ink at the edge of a line; measured on MNIST
MIDDLE = SIDE / 2  # where MNIST has its centre of mass, counted from the centre of the first pixel

SPECK = 0.1  # of the largest stroke; a smaller stroke is no part of the digit
SPACING = 0.4  # pixels between two points on a line when it is drawn
MOST_POINTS_DRAWN = 400  # a long scribble gets a wider spacing instead of more points
MOST_POINTS, MOST_STROKES = 3000, 200  # of what comes in
SMALLEST_DIGIT = 24  # canvas pixels, high or wide: about half a pen width; what is smaller is a dot
FARTHEST, SMALLEST = 1e6, 1e-6  # canvas pixels: a point beyond is on no canvas, a drawing below is a dot


def preprocess(strokes: Any, pen_width: float = PEN_WIDTH, softness: float = SOFTNESS) -> Array:
    """Turn a drawing into an image that looks like one of MNIST's.

    Parameters
    ----------
    strokes : list of (n, 2) arrays or lists of [x, y]
        Where the pen went, an entry for each time it touched the canvas; any size, anywhere; x right, y down.
    pen_width, softness : float
        See `rasterise`.

    Returns (28, 28) float32, paper 0.0 and ink 1.0; all paper when nothing was drawn. Odd input raises no
    error: see `clean_strokes`.
    """
    strokes = drop_specks(clean_strokes(strokes))
    strokes = fit_to_box(strokes, BOX - pen_width)
    strokes = resample(strokes)
    image = rasterise(strokes, pen_width, softness)
    return rasterise(centre_mass(strokes, image), pen_width, softness)


def clean_strokes(strokes: Any) -> list[Array]:
    """Keep what can be drawn, as (n, 2) float64 arrays with n > 0.

    Points that are no pair of finite numbers, or farther away than `FARTHEST`, are left out. Of a drawing
    with more than `MOST_POINTS` points every second, third, … is kept, and the first `MOST_STROKES` strokes.
    """
    strokes = [s for s in _items(strokes)[:MOST_STROKES] if hasattr(s, "__len__")]
    every = sum(map(len, strokes)) // MOST_POINTS + 1
    cleaned = []
    for stroke in strokes:
        x, y = points = _to_points(_items(stroke)[::every])  # (2, n)
        points = points[:, (np.abs(x) <= FARTHEST) & (np.abs(y) <= FARTHEST)]  # NaN compares as False
        if points.size:
            cleaned.append(points.T)  # (2, n) -> (n, 2)
    return cleaned


def drop_specks(strokes: list[Array], share: float = SPECK) -> list[Array]:
    """Leave out strokes that are far smaller than the largest: the pen touched the canvas by accident."""
    sizes = [np.ptp(stroke, axis=0).max() for stroke in strokes]
    smallest = share * max(sizes, default=0.0) - SMALLEST  # among dots alone, none is a speck
    return [stroke for stroke, size in zip(strokes, sizes, strict=True) if size >= smallest]


def fit_to_box(strokes: list[Array], size: float = BOX - PEN_WIDTH) -> list[Array]:
    """Scale and move so that the longer side of the bounding box is `size` pixels, and it lies in the middle.

    The shape is kept. This is the size of the pen's path; the ink is a pen width larger. A dot stays a dot.
    """
    if not strokes:
        return []
    low = np.min([stroke.min(axis=0) for stroke in strokes], axis=0)  # (k, 2) -> (2,)
    high = np.max([stroke.max(axis=0) for stroke in strokes], axis=0)
    longest = (high - low).max()
    scale = size / longest if longest > SMALLEST else 0.0
    return [(stroke - (low + high) / 2) * scale + MIDDLE for stroke in strokes]


def resample(strokes: list[Array], spacing: float = SPACING) -> list[Array]:
    """Put points at even distances along each stroke, so that it does not matter how fast the pen moved.

    Returns (m, 2) arrays; both ends of each stroke are kept.
    """
    along = [_distance_along(stroke) for stroke in strokes]
    spacing = max(spacing, sum(distance[-1] for distance in along) / MOST_POINTS_DRAWN)
    resampled = []
    for stroke, distance in zip(strokes, along, strict=True):
        steps = int(np.ceil(distance[-1] / spacing - 1e-6))  # a whole number of them is not rounded up
        at = np.linspace(0, distance[-1], steps + 1)  # (m,)
        resampled.append(np.stack([np.interp(at, distance, axis) for axis in stroke.T], axis=1))  # -> (m, 2)
    return resampled


def rasterise(strokes: list[Array], pen_width: float = PEN_WIDTH, softness: float = SOFTNESS) -> Array:
    """Draw strokes, given in pixels of the image, with a round pen: (28, 28) float32 in [0, 1].

    How much ink a pixel gets depends on its distance to the nearest point: half at half a pen width, and from
    none to all within `softness` pixels around that. Points must lie close together: see `resample`.
    """
    if not strokes:
        return np.zeros((SIDE, SIDE), np.float32)
    points = np.concatenate(strokes).astype(np.float32)  # -> (n, 2)
    x_squared, y_squared = np.square(_PIXELS - points.T[..., None])  # (2, n, 1) - (28,) -> two of (n, 28)
    squared = (y_squared[:, :, None] + x_squared[:, None, :]).min(axis=0)  # (n, 28, 28) -> (28, 28)
    return np.clip((pen_width / 2 - np.sqrt(squared)) / softness + 0.5, 0, 1).astype(np.float32)


def centre_mass(strokes: list[Array], image: Array) -> list[Array]:
    """Move strokes so that the centre of mass of their image (28, 28) comes to the middle."""
    mass = image.sum()
    if not mass:
        return strokes
    centre = np.array([image.sum(axis=0) @ _PIXELS, image.sum(axis=1) @ _PIXELS]) / mass  # (2,): x, y
    return [stroke + (MIDDLE - centre) for stroke in strokes]


def could_be_digit(strokes: Any, sure: bool = True) -> bool:
    """Whether a drawing has the measures of one digit: it is no dot, no dash, no scribble, and no two digits.

    A network gives its answer to anything. This is asked besides, and errs on the side of yes. Of a drawing
    that the network is not `sure` of, less is taken: a shorter line, and no two tall parts that just touch.
    """
    strokes = drop_specks(clean_strokes(strokes))
    if not strokes or max(np.ptp(np.concatenate(strokes), axis=0)) < SMALLEST_DIGIT:
        return False
    strokes = fit_to_box(strokes, 1.0)
    wide, high = np.ptp(np.concatenate(strokes), axis=0)
    length = sum(_distance_along(stroke)[-1] for stroke in strokes)
    strokes.sort(key=lambda stroke: stroke[:, 0].min())  # from left to right
    for i in range(1, len(strokes)):
        left, right = np.concatenate(strokes[:i]), np.concatenate(strokes[i:])
        apart = right[:, 0].min() - left[:, 0].max() > (0.04 if sure else -0.1)
        if apart and min(np.ptp(left[:, 1]), np.ptp(right[:, 1])) > 0.7 * high:
            return False  # two tall things side by side
    return wide < 2.5 * high and length < (6 if sure else 4)


_PIXELS = np.arange(SIDE, dtype=np.float32)


def _items(things: Any) -> Any:
    """A list or an array as it is; nothing for what has no items."""
    has_items = isinstance(things, list | tuple) or (isinstance(things, np.ndarray) and things.ndim)
    return things if has_items else []


def _to_points(stroke: Any) -> Array:
    """The points of a stroke, (2, n) float64: what is no number becomes NaN."""
    try:
        points = np.array(stroke, np.float64)
    except (TypeError, ValueError, OverflowError):  # not all of it is pairs of numbers: go one by one
        points = np.array([_to_pair(point) for point in stroke])
    return points[:, :2].T if points.ndim == 2 and points.shape[1] >= 2 else np.empty((2, 0))


def _to_pair(point: Any) -> tuple[float, float]:
    try:
        return float(point[0]), float(point[1])
    except (TypeError, ValueError, OverflowError, IndexError, KeyError):
        return np.nan, np.nan


def _distance_along(stroke: Array) -> Array:
    """How far along the stroke each of its points lies: (n, 2) -> (n,)."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(stroke.T)))])
