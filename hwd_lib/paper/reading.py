"""All stages in order: from a picture to the lines of digits that stand on it."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from hwd_lib.paper.cuts import read_line
from hwd_lib.paper.ink import contrast, find_ink
from hwd_lib.paper.marks import find_marks
from hwd_lib.paper.rules import skew, take_out_rules
from hwd_lib.paper.sheet import find_sheet, resized, straighten
from hwd_lib.paper.writing import clean, in_lines, is_writing, join_parts, number_starts, typical_height

FIRST_LOOK = 400  # pixels: the longer side of the picture in which the size of the writing is found
HEIGHT = 48  # pixels: the height that writing is brought to, if the picture has as many
WINDOW = 5 * HEIGHT // 2  # pixels: the square whose median is paper
SMALL_PICTURE, LARGER = 200, 3.0  # pixels, and how many times larger such a picture may be made
LOOKS, OTHER_SIZE = 3, 1.5  # a page whose writing is so many times larger or smaller is looked at again
MOST_MARKS = 1500  # on a page; a surface with more is no page
CALM = 0.5  # if the network is less sure than this of most digits, they are none

NO_INK = "No ink to be seen. Write with a darker pen, take the picture from nearer, or with more light."
NO_DIGITS = "No digits to be found on it. Let the paper fill the picture, and write the digits larger."
NO_PAGE = "Far too many marks for a page of digits. Let the paper fill the picture, on a plain ground."
DOUBTFUL = "These may not be digits. Write them larger and apart, or take the picture from nearer."


@dataclass(eq=False)
class Digit:
    """A digit on a page: its `box` (x, y, w, h) in pixels of the picture, its `line` and `number` from 0, its
    `image` (28, 28) as the network got it, and the `probabilities` (10,) that it gave."""

    box: tuple
    line: int
    number: int
    image: np.ndarray
    probabilities: np.ndarray

    @property
    def digit(self):
        """The most probable digit."""
        return int(self.probabilities.argmax())


@dataclass(eq=False)
class Page:
    """What stands on a page: list of `digits` in reading order; and what to do if that seems wrong, or ""."""

    digits: list = field(default_factory=list)
    advice: str = ""

    @property
    def numbers(self):
        """The numbers of each line as text, a list of lists of str."""
        lines = {}
        for digit in self.digits:
            line = lines.setdefault(digit.line, {})
            line[digit.number] = line.get(digit.number, "") + str(digit.digit)
        return [list(line.values()) for line in lines.values()]

    @property
    def lines(self):
        """All digits of each line as text, a list of str."""
        return ["".join(numbers) for numbers in self.numbers]

    def describe(self, scale=1.0):
        """What a program wants to know, for JSON; boxes for a picture that is `scale` times as large."""
        digits = [
            {
                "digit": digit.digit,
                "probability": round(float(digit.probabilities.max()), 6),
                "probabilities": [round(float(p), 6) for p in digit.probabilities],
                "box": [round(n * scale) for n in digit.box],
                "line": digit.line,
            }
            for digit in self.digits
        ]
        told = {"lines": self.lines, "numbers": self.numbers, "digits": digits}
        return told | ({"advice": self.advice} if self.advice else {})


def read_page(picture, network):
    """Read the digits in a picture (h, w, 3) uint8, red, green, blue: a Page."""
    view, marks, height = find_writing(picture)
    if len(marks) > MOST_MARKS:
        return Page(advice=NO_PAGE)
    marks = join_parts(clean(marks, height), height)
    lines = [read_line(line, network, height) for line in in_lines(marks, height)]
    lines = [line for line in lines if line]  # not those of signs alone
    if not lines:
        return Page(advice=NO_DIGITS if marks else NO_INK)
    numbers = np.cumsum(number_starts([[mark for mark, *_ in line] for line in lines])) - 1
    read = [(i, *digit) for i, line in enumerate(lines) for digit in line]
    digits = [
        Digit(view.box(mark), i, int(number), image, probabilities)
        for (i, mark, image, probabilities), number in zip(read, numbers, strict=True)
    ]
    sure = np.median([digit.probabilities.max() for digit in digits])
    return Page(digits, "" if sure > CALM else DOUBTFUL)


def find_writing(picture):
    """The marks of a page, without its rules: the View in which they were found, list of Mark, their height.

    If the writing turns out to be much larger or smaller than it seemed, the page is looked at again.
    """
    sheet = find_sheet(picture)
    seen, matrix = (picture, np.eye(3)) if sheet is None else straighten(picture, sheet)
    height, light_on_dark = first_look(seen)
    if light_on_dark:
        seen = 255 - seen
    for _ in range(LOOKS):
        view = bring_to_scale(seen, matrix, height, picture.shape)
        values = take_out_rules(contrast(view.picture, WINDOW), HEIGHT)
        marks = [mark for mark in find_marks(values, find_ink(values)) if is_writing(mark, values.shape)]
        found = typical_height(marks)
        if not found or height and 1 / OTHER_SIZE < found / (height * view.scale) < OTHER_SIZE:
            break
        height = found / view.scale
    return view, marks, found


@dataclass(eq=False)
class View:
    """A `picture` (h, w, 3) as it is read, `scale` times as large as the one that came, and the `matrix` (3,
    3) that took points of that one, whose `size` was (h, w), to it."""

    picture: np.ndarray
    scale: float
    matrix: np.ndarray
    size: tuple

    def box(self, mark):
        """The box (x, y, w, h) of a mark, in pixels of the picture that came."""
        x, y, w, h = mark.x, mark.y, mark.w, mark.h
        corners = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float64)
        there = cv2.perspectiveTransform(corners[None], np.linalg.inv(self.matrix))[0]  # (4, 2)
        left, top = np.clip(there.min(axis=0), 0, self.size[::-1])
        right, bottom = np.clip(there.max(axis=0), 0, self.size[::-1])
        return tuple(round(float(n)) for n in (left, top, right - left, bottom - top))


def bring_to_scale(picture, matrix, height, size):
    """A picture whose writing is `height` pixels high as it is best read: a View, level and smaller."""
    largest = 1.0 if max(picture.shape) > SMALL_PICTURE else LARGER
    smallest = 2 * HEIGHT / max(picture.shape)
    scale = float(np.clip(HEIGHT / max(height, 1), min(smallest, largest), largest))
    picture = resized(picture, scale)
    matrix = np.diag([scale, scale, 1.0]) @ matrix
    degrees = skew(contrast(picture, WINDOW), HEIGHT)
    if degrees:
        picture, turn = turned(picture, degrees)
        matrix = turn @ matrix
    return View(picture, scale, matrix, size[:2])


def first_look(picture):
    """How high the writing is, in pixels (0.0 without any), and whether it is light on dark."""
    scale = FIRST_LOOK / max(picture.shape[:2])
    small = resized(picture, scale)
    found = []
    for seen in (small, 255 - small):
        values = contrast(seen, min(small.shape[:2]) // 2)
        found.append(
            [mark for mark in find_marks(values, find_ink(values)) if is_writing(mark, values.shape)]
        )
    dark, light = (sum(mark.area * mark.dark for mark in marks) for marks in found)
    return typical_height(found[light > dark]) / scale, light > dark


def turned(picture, degrees):
    """Turn a picture so that what goes down to the right by so many degrees is level; no corner is lost.

    Returns the picture and the matrix (3, 3) that takes points to it.
    """
    h, w = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((w / 2, h / 2), degrees, 1)  # (2, 3)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    wide, high = int(h * sin + w * cos), int(h * cos + w * sin)
    turn[:, 2] += (wide - w) / 2, (high - h) / 2
    return cv2.warpAffine(picture, turn, (wide, high), borderMode=cv2.BORDER_REPLICATE), np.vstack(
        [turn, [0, 0, 1]]
    )
