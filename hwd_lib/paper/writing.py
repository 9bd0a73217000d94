"""Which marks are writing, and how it runs: parts joined, dirt and signs left out, lines in reading order.

All measures are shares of the height of the writing, or widths of its pen, so that it does not matter how
large anybody writes or how near the camera was.
"""

from itertools import pairwise

import cv2
import numpy as np

from hwd_lib.paper.images import thin
from hwd_lib.paper.marks import distance, gap, join

SPECK = 0.15  # of the height: a mark that is smaller, both ways, is a dot or dirt
SMALL = 0.25  # of the height: what is smaller, both ways, when parts are joined, is no digit
LOW = 0.4  # of the height: what is lower is no digit
FAINT = 0.3  # of the darkness of the writing: what is fainter is dirt, or the back of the sheet
BROAD = 2.5  # of the width of its lines: what has broader ones is a blot
BLOB = 0.35  # of its own length: what has broader lines was not written with a pen
ALONG_EDGE = 2.5, 0.25  # pen widths, of its length: what touches the picture's edge so far is no digit
PART = 0.6  # of the height: what is lower may be a part of a digit
NEAR, VERY_NEAR = 0.25, 0.12  # of the height: how far a part lies above or below its digit, and elsewhere
DRAWING = 3.0  # heights: what is higher is no digit
TALLEST = 1.5  # heights, of a digit put together
SAME_LINE = 0.55  # of the height: how far up or down the next mark in a line may be
SPACE, LEAST_SPACE = 0.5, 0.35  # of the height: the gaps between numbers, in the mean and the least of them
CLEAR, CLOSE = 2.5, 0.15  # times the mean of the other gaps; of the height: they count as no narrower
CROSS = 1.0  # times its width and height, without the pen's: how long the two lines of a cross are
BESIDE = 0.035  # of its ink: how much of a cross lies beside these lines
FRAME = 0.88  # of the rectangle around it: how much of it a box encloses
IN_A_BOX = 0.65  # of the height of a box: writing in it


def is_writing(mark, shape):
    """Whether a mark could have been written: it is no blob, and does not lie along the picture's edge."""
    longer = max(mark.w, mark.h)
    if mark.pen > BLOB * longer:
        return False
    edges = (
        mark.mask[:, 0].sum() * (mark.x == 0),
        mark.mask[:, -1].sum() * (mark.x + mark.w == shape[1]),
        mark.mask[0].sum() * (mark.y == 0),
        mark.mask[-1].sum() * (mark.y + mark.h == shape[0]),
    )
    return bool(sum(edges) < min(ALONG_EDGE[0] * mark.pen, ALONG_EDGE[1] * longer))


def typical_height(marks):
    """How high the writing is, in pixels: half of all ink is in marks that are higher; 0 without marks."""
    if not marks:
        return 0.0
    ink = np.array([mark.area * mark.dark for mark in marks])
    return weighted_median(np.array([height_of(mark) for mark in marks]), ink)


def height_of(mark):
    """How high the writing is that a mark is part of, as far as can be told from this mark alone, in pixels.

    A dash is half as high as it is long; in a box, and in a row of them, writing is two thirds as high as
    these.
    """
    padded = np.pad(mark.mask, 1).astype(np.uint8)
    outlines, levels = cv2.findContours(padded, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    outer = [outline for outline, level in zip(outlines, levels[0], strict=True) if level[3] < 0]
    holes = [cv2.boundingRect(hole) for hole, level in zip(outlines, levels[0], strict=True) if level[3] >= 0]
    largest = max(outer, key=cv2.contourArea)
    encloses = cv2.contourArea(largest)
    _, (w, h), _ = cv2.minAreaRect(largest)
    if holes and encloses > FRAME * w * h and mark.area < encloses / 2:
        widest = max(w * h for _, _, w, h in holes)
        return IN_A_BOX * float(np.median([h for _, _, w, h in holes if w * h > widest / 3]))
    return max(mark.h, mark.w / 2)


def weighted_median(values, weights):
    """The one of the values (n,) below which lies half of the weights (n,)."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])


def clean(marks, height):
    """Leave out specks, blots, drawings, and what is far fainter than the writing."""
    marks = [m for m in marks if max(m.w, m.h) > SPECK * height and m.h < DRAWING * height]
    if not marks:
        return []
    ink, dark, pen = np.array([(mark.area, mark.dark, mark.pen) for mark in marks]).T  # three of (n,)
    fits = (dark > FAINT * weighted_median(dark, ink)) & (pen < BROAD * weighted_median(pen, ink / pen))
    return [mark for mark, keep in zip(marks, fits, strict=True) if keep]


def join_parts(marks, height):
    """Put together what belongs to one digit for sure: the bar of a 5, a line that broke.

    The smallest marks come first. Each goes to the nearest mark, if that is very near, or near and above or
    below. What then is too small for a digit is left out.
    """
    marks, whole = list(marks), []
    while marks:
        part = min(marks, key=lambda m: max(m.w, m.h))
        marks.remove(part)
        near = [(how_near(part, m, height), m) for m in marks + whole] if part.h < PART * height else []
        nearest, other = min(near, key=lambda pair: pair[0], default=(np.inf, None))
        if nearest == np.inf:
            whole.append(part)
            continue
        (marks if other in marks else whole).remove(other)
        marks.append(join([part, other]))
    return [mark for mark in whole if max(mark.w, mark.h) > SMALL * height]


def how_near(part, mark, height):
    """How far a part lies from a mark, in pixels; infinitely far, if they are not of one digit."""
    overlap = min(part.x + part.w, mark.x + mark.w) - max(part.x, mark.x)
    near = (NEAR if overlap > part.w / 2 else VERY_NEAR) * height
    tall = max(part.y + part.h, mark.y + mark.h) - min(part.y, mark.y)
    two_dashes = is_dash(part, height) and is_dash(mark, height)  # an equals sign
    if gap(part, mark) > near or tall > TALLEST * height or two_dashes:
        return np.inf
    way = distance(part, mark)
    return way if way < near else np.inf


def in_lines(marks, height):
    """Put marks in reading order: a list of lines, from above, each a list of marks from the left.

    Each mark follows the one to its left that is nearest, if their middles are about as high. So it does not
    matter if the lines go up or down. The last two marks of a line are looked at, in case one is a bar that
    stands high.
    """
    lines = []
    for mark in sorted(marks, key=lambda m: m.x + m.w / 2):
        near = []
        for line, last in ((row, before) for row in lines for before in row[-2:]):
            across, down = abs(mark.x - (last.x + last.w)), abs(mark.y + mark.h / 2 - last.y - last.h / 2)
            if down < SAME_LINE * max(mark.h, last.h, height):
                near.append((across + 3 * down, line))
        if near:
            min(near, key=lambda pair: pair[0])[1].append(mark)
        else:
            lines.append([mark])
    return sorted(lines, key=lambda line: np.mean([mark.y + mark.h / 2 for mark in line]))


def number_starts(lines):
    """Whether a number begins with a digit, for each of them, line after line: list of bool.

    One hand writes a page, so its gaps are judged together: are there narrow ones and wide ones (Otsu 1979)?
    If not, as in the squares of a form, a line is one number. `lines` are lists of Mark, one for each digit.
    """
    height = np.median([mark.h for line in lines for mark in line])
    gaps = np.array([b.x - a.x - a.w for line in lines for a, b in pairwise(line)]) / height  # (n,)
    gap_is_wide = iter(are_spaces(gaps).tolist())
    return [k == 0 or next(gap_is_wide) for line in lines for k in range(len(line))]


def are_spaces(gaps):
    """Which gaps of a page, (n,) in heights of its writing, part two numbers: (n,) bool."""
    levels = np.clip(100 * gaps, 0, 150).astype(np.uint8)  # as if they were greys: OpenCV parts those
    if len(set(levels.tolist())) < 2:
        return np.zeros(len(levels), bool)
    wide = levels > cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[0]
    least, mean, others = levels[wide].min(), levels[wide].mean(), levels[~wide].mean()
    clear = least >= 100 * LEAST_SPACE and mean >= max(100 * SPACE, CLEAR * max(others, 100 * CLOSE))
    return wide & clear


def is_sign(mark, height):
    """Whether a mark stands between digits, or is too small for one: a dash, a cross like +, a comma."""
    return max(mark.w, mark.h) < LOW * height or is_dash(mark, height) or is_cross(mark)


def is_dash(mark, height):
    """Whether a mark is low and long."""
    return mark.h < LOW * height and mark.w > 2 * mark.h


def is_cross(mark):
    """Whether a level and an upright line that meet in their middle are all of a mark."""
    h, w = mark.mask.shape
    down, across = mark.mask.mean(axis=0), mark.mask.mean(axis=1)  # (w,), (h,): how full each is
    x, y, near = int(down.argmax()), int(across.argmax()), int(np.ceil(0.75 * mark.pen))
    in_the_middle = 0.6 < w / h < 1.7 and 0.25 < x / w < 0.75 and 0.25 < y / h < 0.75
    if not in_the_middle or min(down[x], across[y]) < 0.7:
        return False
    beside = mark.mask.copy()
    beside[:, max(x - near, 0) : x + near + 1] = beside[max(y - near, 0) : y + near + 1] = False
    length = thin(mark.mask).sum() / (w + h - 2 * mark.pen)
    return bool(length < CROSS and beside.sum() < BESIDE * mark.area)
