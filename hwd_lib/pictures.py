"""From a picture of a digit - a scan, a photo, a drawing - to the 28x28 image that a network expects.

A picture has no strokes, so it cannot go through `hwd_lib.preprocessing`. It is brought to the same form by
other means: ink told from paper, fitted into the box of 20x20, made as bold as MNIST is, centred by its mass.
"""

import io
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy import ndarray as Array

from hwd_lib.preprocessing import BOX, PEN_WIDTH, SIDE

WORKING_SIDE = 400  # pixels; a larger digit is made smaller first
FINE = 4  # the image is put together from pixels of a quarter the size
FAINTEST = 0.05  # of full ink: what is fainter is paper
FLAT = 0.004  # of the way from black to white: paper on a screen is more even than this, on a photo it is not
LEAST_CONTRAST = 0.04  # of the way from black to white: below this a picture is blank


def read_picture(path: str | Path, content: bytes | None = None) -> Array:
    """Read a picture, PNG or what else matplotlib reads: (h, w, 4) float64 in 0…1, red, green, blue, opacity.

    `content` are the file's bytes, if they were read before. Raises ValueError when it is no picture.
    """
    from matplotlib.image import imread

    content = Path(path).read_bytes() if content is None else content
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # such as a picture that unpacks to hundreds of megapixels
            picture = imread(io.BytesIO(content), "png" if content[:4] == b"\x89PNG" else "other")
    except Exception as error:  # each decoder has errors of its own
        raise ValueError(
            f"{path}: expected a picture (PNG, JPEG, …) or strokes (JSON), found something else "
            f"({type(error).__name__}: {error}). Save it as PNG."
        ) from error
    if picture.dtype.kind in "ui":
        picture = picture / np.iinfo(picture.dtype).max
    if picture.ndim == 2:
        picture = np.repeat(picture[:, :, None], 3, axis=2)  # (h, w) -> (h, w, 3)
    if picture.shape[2] == 3:
        picture = np.concatenate([picture, np.ones_like(picture[:, :, :1])], axis=2)  # -> (h, w, 4)
    return picture.astype(np.float64)


def picture_to_image(picture: Array) -> Array:
    """Turn a picture (h, w, 4) of one digit, dark on light or light on dark, into (28, 28) float32, ink 1.0.

    One of 28x28 pixels whose digit has MNIST's size and place already stays as it is, but for its contrast.
    Raises ValueError for a picture with nothing on it.
    """
    ink = find_ink(picture)  # (h, w, 4) -> (h, w)
    if ink.shape == (SIDE, SIDE) and is_like_mnist(ink):
        return ink.astype(np.float32)
    ink = crop(ink)
    longest = max(ink.shape)
    if longest > WORKING_SIDE:
        ink = stretch_contrast(resize(ink, WORKING_SIDE / longest))
    elif longest < BOX * FINE:
        ink = resize(ink, BOX * FINE / longest)
    ink = crop(match_pen_width(ink))
    return place(resize(ink, BOX * FINE / max(ink.shape)))


def find_ink(picture: Array) -> Array:
    """How much ink each pixel holds: (h, w, 4) -> (h, w), 0…1. Paper is what the border shows most."""
    opacity = picture[:, :, 3]
    if np.median(border(opacity)) < 0.5:
        ink, noise = opacity, 0.0  # drawn on nothing
    else:
        grey = picture[:, :, :3].mean(axis=2) * opacity + (1 - opacity)  # (h, w, 3) -> (h, w), on white
        paper = np.median(border(grey))
        if np.median(np.abs(border(grey) - paper)) > FLAT:  # a photo or a scan: uneven light, grain
            grey = smooth(grey - uneven_light(grey))
            paper = np.median(border(grey))
        ink = paper - grey
        noise = 6 * np.median(np.abs(border(ink)))  # four standard deviations of grain
        if ink[ink > noise].sum() < -ink[ink < -noise].sum():  # light on dark
            ink = -ink
    if ink.max() < max(LEAST_CONTRAST, noise):
        raise ValueError("expected a digit, found a blank picture. Draw with more contrast.")
    return stretch_contrast(np.maximum(ink - noise, 0))


def uneven_light(grey: Array) -> Array:
    """The plane (h, w) that fits the picture's border best."""
    y, x = np.meshgrid(*(np.linspace(-1, 1, n) for n in grey.shape), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y], axis=-1)  # (h, w, 3)
    weights, *_ = np.linalg.lstsq(border(terms), border(grey), rcond=None)  # (n, 3), (n,) -> (3,)
    return terms @ weights


def smooth(grey: Array) -> Array:
    """Average over a square of about a fiftieth of the picture's size."""
    size = max(3, min(grey.shape) // 50)
    for _ in range(2):  # once for each axis
        padded = np.pad(grey, ((size // 2, size - 1 - size // 2), (0, 0)), mode="edge")
        grey = np.lib.stride_tricks.sliding_window_view(padded, size, axis=0).mean(axis=-1).T
    return grey


def border(values: Array) -> Array:
    """The pixels around the edge: (h, w, ...) -> (n, ...)."""
    return np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])


def stretch_contrast(ink: Array) -> Array:
    """Scale so that lines are full ink: (h, w) -> (h, w), 0…1."""
    full = np.quantile(ink[ink > 0.3 * ink.max()], 0.9)
    return np.clip(ink / full, 0, 1)


def is_like_mnist(ink: Array) -> bool:
    """Whether the digit in (28, 28) fits a box of 20x20, fills it one way, and has its mass in the middle."""
    height, width = crop(ink, 0).shape
    return BOX - 2 <= max(height, width) <= BOX and np.abs(centre(ink) - SIDE / 2).max() < 1.5


def crop(ink: Array, faintest: float = FAINTEST) -> Array:
    """Cut away the paper around."""
    rows, columns = np.flatnonzero((ink > faintest).any(axis=1)), np.flatnonzero((ink > faintest).any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def resize(ink: Array, scale: float) -> Array:
    """Change the number of pixels by averaging: (h, w) -> (about h * scale, about w * scale)."""
    down, across = (averaging(n, max(1, round(n * scale))) for n in ink.shape)
    return down @ ink @ across.T  # (h', h) @ (h, w) @ (w, w')


def averaging(n: int, m: int) -> Array:
    """The matrix (m, n) that turns n numbers in a row into m, each the mean over its stretch of the row."""
    edges = np.linspace(0, n, m + 1)
    start, end = np.maximum(edges[:-1, None], np.arange(n)), np.minimum(edges[1:, None], np.arange(1, n + 1))
    covered = np.maximum(end - start, 0)  # (m, n): how much of each old pixel lies in each new one
    return covered / covered.sum(axis=1, keepdims=True)


def match_pen_width(ink: Array) -> Array:
    """Make lines that are thinner or thicker than MNIST's as bold as those are."""
    wanted = PEN_WIDTH / BOX * max(ink.shape)
    found = pen_width(ink)
    if 0.75 * wanted < found < 1.4 * wanted:
        return ink
    grow = round((wanted - found) / 2)
    ink = np.pad(ink, max(grow, 0) + 1)
    choose = np.maximum if grow > 0 else np.minimum
    for k in range(abs(grow)):
        ink = neighbours(ink, choose, square=k % 2 == 1)  # by turns, which is nearly round
    return ink


def pen_width(ink: Array) -> float:
    """How broad the lines are, in pixels: twice their area over their circumference."""
    down, across = np.gradient(np.pad(ink, 1))
    return 2 * ink.sum() / np.hypot(down, across).sum()


def neighbours(ink: Array, choose: Callable[..., Array], square: bool) -> Array:
    """The largest (or smallest) of each pixel and its four neighbours, or all eight of them."""
    padded = np.pad(ink, 1)
    down = choose(choose(padded[:-2], padded[2:]), padded[1:-1])  # (h, w + 2)
    if square:
        return choose(choose(down[:, :-2], down[:, 2:]), down[:, 1:-1])
    return choose(choose(padded[1:-1, :-2], padded[1:-1, 2:]), down[:, 1:-1])


def place(fine: Array) -> Array:
    """Put a digit of quarter pixels, (h, w), with its centre of mass into the middle of (28, 28) float32."""
    side = SIDE * FINE
    top, left = (round(c) for c in (side / 2 - centre(fine)))
    canvas = np.zeros((3 * side, 3 * side))  # roomy: a lopsided digit may stick out
    canvas[side + top : side + top + fine.shape[0], side + left : side + left + fine.shape[1]] = fine
    middle = canvas[side : 2 * side, side : 2 * side]
    return middle.reshape(SIDE, FINE, SIDE, FINE).mean(axis=(1, 3)).astype(np.float32)  # -> (28, 28)


def centre(ink: Array) -> Array:
    """The centre of mass: row and column, (2,), counted from the first pixel's outer edge."""
    rows, columns = (np.arange(n) + 0.5 for n in ink.shape)
    return np.array([rows @ ink.sum(axis=1), ink.sum(axis=0) @ columns]) / ink.sum()
