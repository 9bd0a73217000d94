"""The ways of writing digits that MNIST lacks: it was written in America, and the world writes otherwise.

A style is an entry of a table: the strokes of one digit as control points. `make_strokes` picks a style,
deforms it as hands do, and lays a smooth curve through the points. `make_dataset` sends the strokes through
`preprocess`, the very same function that a drawing on the canvas goes through.

A second table holds what is no digit. `make_others` draws it, for a network that has seen digits alone takes
everything for one.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray as Array

from hwd_lib.mnist import Split
from hwd_lib.network import Network
from hwd_lib.preprocessing import PEN_WIDTH, SIDE, preprocess

TRIES, NO_DIGIT = 200, -1  # ways of writing that `made_up_hand` looks at; the label of what is no digit


def _read_table(name: str) -> dict[str, list[str]]:
    """A table of this folder: for each digit or sign, its styles as text."""
    table: dict[str, list[str]] = {}
    for line in Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("# "):
            what, style = line.split(maxsplit=1)
            table.setdefault(what, []).append(style)
    return table


STYLES = {int(digit): styles for digit, styles in _read_table("stroke_styles.txt").items()}
OTHERS = _read_table("stroke_styles_other.txt")


def make_strokes(digit: int, rng: np.random.Generator) -> list[Array]:
    """Write a digit in one of the styles: a list of (n, 2) float64 arrays, y down, about 1 high.

    Parameters
    ----------
    digit : int, 0…9
    rng : numpy.random.Generator; the same state gives the same strokes
    """
    return _write_one_of(STYLES[int(digit)], rng)


def make_other(rng: np.random.Generator) -> list[Array]:
    """Draw what is no digit: a letter, a sign or a picture; else a scribble, or two digits side by side."""
    what = rng.random()
    if what < 0.75:
        return _write_one_of(sum(OTHERS.values(), []), rng)
    if what < 0.85:
        n = int(rng.integers(6, 16))
        return [_curve(n, [0, n - 1]) @ rng.random((n, 2))]  # (m, n) @ (n, 2) -> (m, 2)
    left, right = (make_strokes(digit, rng) for digit in rng.integers(10, size=2))
    beside = np.concatenate(left)[:, 0].max() - np.concatenate(right)[:, 0].min()
    step = (beside + rng.uniform(-0.1, 0.3), rng.normal(0, 0.1))
    return left + [stroke + step for stroke in right]


def make_dataset(n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Write and preprocess n digits, as many of each class, in random order, with thin and thick pens.

    Returns images (n, 784) float32 and labels (n,) int64: ``Split(*make_dataset(n, rng))``.
    """
    labels = rng.permutation(np.arange(n) % 10)
    return _draw((make_strokes(label, rng) for label in labels), n, rng), labels


def make_others(n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw and preprocess n things that are no digit: images (n, 784) float32, labels -1 (n,) int64."""
    return _draw((make_other(rng) for _ in range(n)), n, rng), np.full(n, NO_DIGIT)


def _draw(drawings: Any, n: int, rng: np.random.Generator) -> Array:
    images = np.empty((n, SIDE, SIDE), np.float32)
    for image, strokes in zip(images, drawings, strict=True):
        image[:] = preprocess(strokes, PEN_WIDTH * np.exp(rng.normal(0, 0.15)))
    return images.reshape(n, SIDE**2)  # (n, 28, 28) -> (n, 784)


def write(style: list[Any], rng: np.random.Generator, amount: float = 1.0) -> list[Array]:
    """Deform the strokes of a style by `amount`, as hands differ and one hand from time to time.

    Slant, proportions and curvature differ; so do where a point lies, how far a stroke goes, how sharp
    a corner is, where one stroke lies beside the other, and whether the pen was lifted between them.
    """

    def normal(spread: float, *size: int) -> Any:
        return rng.normal(0, spread * amount, size or None)

    bend = normal(0.35, 3, 2)
    bend[1, 0] *= 2  # of x by x * y: wide above and narrow below, or the other way round
    cos, sin = np.cos(turn := normal(0.12)), np.sin(turn)
    affine = np.array([[np.exp(normal(0.22)), 0], [normal(0.2), 1]]) @ [[cos, sin], [-sin, cos]]  # (2, 2)
    sharp = rng.uniform(1 - 0.7 * amount, 1)
    strokes = []
    for points, with_corners, without in style:
        points = points + normal(0.03, len(points), 2) + normal(0.03, 2)
        x, y = points.T
        points += np.stack([x * x, x * y, y * y], axis=1) @ bend  # (n, 3) @ (3, 2) -> (n, 2)
        for end, next_to_it in ((0, 1), (-1, -2)):
            points[end] += (points[end] - points[next_to_it]) * normal(0.12)
        curve = (sharp * with_corners + (1 - sharp) * without) @ points  # (m, n) @ (n, 2) -> (m, 2)
        if rng.random() < 0.15 * amount:  # a fast pen on a slow tablet: few points, and lines between them
            curve = np.concatenate([curve[: -1 : rng.integers(2, 7)], curve[-1:]])
        if rng.random() < 0.2 * amount:  # an unsteady hand
            curve = curve + normal(0.012, len(curve), 2)
        if rng.random() < 0.2 * amount:  # a tick where the pen comes down
            curve = np.concatenate([curve[:1] + normal(0.06, 2), curve])
        if rng.random() < 0.1 * amount:  # and where it leaves
            curve = np.concatenate([curve, curve[-1:] + normal(0.06, 2)])
        strokes.append(curve @ affine)
    if rng.random() < 0.15 * amount:  # the pen was not lifted
        strokes = [np.concatenate(strokes)]
    return strokes


def _write_one_of(styles: list[str], rng: np.random.Generator) -> list[Array]:
    return write(_read(styles[rng.integers(len(styles))]), rng)


@cache
def _read(style: str) -> list[Any]:
    """The strokes of a style that is written as in the tables, as `_parse` gives them."""
    return [_parse(stroke) for stroke in style.split("|")]


def _parse(stroke: str) -> tuple[Array, Array, Array]:
    """Points (n, 2) around 0, and the matrices (m, n) of curves through them, with corners and without."""
    words = stroke.split()
    points = np.array([word.strip("!").split(",") for word in words], np.float64) / 100 - 0.5
    corners = [0] + [i for i, word in enumerate(words) if "!" in word] + [len(words) - 1]
    return points, _curve(len(words), corners), _curve(len(words), [0, len(words) - 1])


def _curve(n: int, corners: list[int]) -> Array:
    """The matrix (m, n) that turns n points into points on a smooth curve through them, broken at corners.

    It is a Catmull-Rom spline: a cubic between two points, whose slope at each is that of the line from the
    point before to the point after. That is linear in the points, hence a matrix.
    """
    t = np.linspace(0, 1, 8, endpoint=False)[:, None]  # (8, 1)
    before, start, end, after = (
        t * (-1 + t * (2 - t)) / 2,
        (2 + t * t * (-5 + 3 * t)) / 2,
        t * (1 + t * (4 - 3 * t)) / 2,
        t * t * (t - 1) / 2,
    )
    one = np.eye(n)
    rows = []
    for first, last in zip(corners[:-1], corners[1:], strict=True):
        for i in range(first, last):
            previous = one[i - 1] if i > first else 2 * one[i] - one[i + 1]
            following = one[i + 2] if i + 1 < last else 2 * one[i + 1] - one[i]
            rows.append(before * previous + start * one[i] + end * one[i + 1] + after * following)  # (8, n)
    return np.concatenate([*rows, one[-1:]])


def made_up_hand(network: Network, digit: int = 1, n: int = 16, seed: int = 0) -> Split:
    """A writer who does not exist: n times the same digit, always in one way, which the network misreads.

    Returns a Split of images (n, 784) float32 and labels (n,). Where none of `TRIES` ways is misread, it is
    the last one.
    """
    rng = np.random.default_rng(seed)
    for _ in range(TRIES):
        strokes = make_strokes(digit, rng)
        images = np.array([preprocess(_again(strokes, rng)).ravel() for _ in range(n)])  # (n, 784)
        if (network.predict(images) != digit).mean() > 0.8:
            break
    return Split(images, np.full(n, digit))


def _again(strokes: list[Array], rng: np.random.Generator) -> list[Array]:
    """The same digit by the same hand once more: a bit wider or narrower, a bit more or less slanted."""
    change = np.eye(2) + rng.normal(0, 0.08, (2, 2))
    return [stroke @ change + rng.normal(0, 0.02, 2) for stroke in strokes]
