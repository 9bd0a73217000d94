"""Marks on paper: pieces of ink that hang together, and what can be measured on them."""

from dataclasses import dataclass

import cv2
import numpy as np

EDGE = 0.45  # of a line's own darkness: where it ends
FEWEST_PIXELS = 4  # of a mark
MOST_PARTS = 10  # that one faint line falls into; what falls into more was no line


@dataclass(eq=False)
class Mark:
    """A piece of ink: `x`, `y`, `w`, `h` in pixels of the picture, `mask` (h, w) bool, how `dark` it is,
    0…1."""

    x: int
    y: int
    w: int
    h: int
    mask: np.ndarray
    dark: float

    @property
    def area(self):
        """How many pixels are ink."""
        return int(self.mask.sum())

    @property
    def pen(self):
        """How broad the lines are, in pixels: twice their area over their circumference."""
        down, across = np.gradient(np.pad(self.mask, 1).astype(np.float32))  # two of (h + 2, w + 2)
        return float(2 * self.mask.sum() / max(np.hypot(down, across).sum(), 1e-6))


def find_marks(values, ink):
    """The pieces of ink: contrast (h, w) float32 and where there is ink, (h, w) bool -> list of Mark.

    A line ends where its darkness falls to `EDGE` of its own: that parts what a grey smear, or the writing on
    the back of the sheet, had joined. Where a pen wrote too faintly for a moment, the line is whole again.
    """
    found = []
    for mark in pieces(ink):
        inside = values[mark.y : mark.y + mark.h, mark.x : mark.x + mark.w]
        mark.mask &= inside > EDGE * np.quantile(inside[mark.mask], 0.9)
        parts = pieces(mark.mask)
        for part in parts:
            patch = inside[part.y : part.y + part.h, part.x : part.x + part.w]
            part.dark = float(np.quantile(patch[part.mask], 0.9))
            part.x, part.y = part.x + mark.x, part.y + mark.y
        found += bridge(parts, mark.pen) if 1 < len(parts) < MOST_PARTS else parts
    return found


def pieces(mask):
    """What hangs together in a mask (h, w) bool, over corners too: list of Mark."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    found = []
    for k in range(1, count):
        x, y, w, h, area = stats[k].tolist()
        if area >= FEWEST_PIXELS:
            found.append(Mark(x, y, w, h, labels[y : y + h, x : x + w] == k, 1.0))
    return found


def bridge(parts, pen):
    """Join parts of one faint line that lie less than a pen's width from each other."""
    parts, whole = sorted(parts, key=lambda part: part.area), []
    while parts:
        part = parts.pop(0)
        near = (other for other in parts if gap(part, other) < pen and distance(part, other) < pen + 1)
        other = next(near, None)
        if other is None:
            whole.append(part)
        else:
            parts[parts.index(other)] = join([part, other])
    return whole


def join(marks):
    """One mark of several."""
    if len(marks) == 1:
        return marks[0]
    left, top = min(m.x for m in marks), min(m.y for m in marks)
    right, bottom = max(m.x + m.w for m in marks), max(m.y + m.h for m in marks)
    mask = np.zeros((bottom - top, right - left), bool)
    for m in marks:
        mask[m.y - top : m.y - top + m.h, m.x - left : m.x - left + m.w] |= m.mask
    return Mark(left, top, right - left, bottom - top, mask, max(m.dark for m in marks))


def gap(a, b):
    """The distance between the boxes of two marks, in pixels."""
    across = max(a.x, b.x) - min(a.x + a.w, b.x + b.w)
    down = max(a.y, b.y) - min(a.y + a.h, b.y + b.h)
    return float(np.hypot(max(across, 0), max(down, 0)))


def distance(a, b):
    """The shortest way from the ink of one mark to that of another, in pixels."""
    both = join([a, b])
    to_b = np.ones(both.mask.shape, np.uint8)
    to_b[b.y - both.y : b.y - both.y + b.h, b.x - both.x : b.x - both.x + b.w][b.mask] = 0
    way = cv2.distanceTransform(to_b, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)  # (h, w)
    return float(way[a.y - both.y : a.y - both.y + a.h, a.x - both.x : a.x - both.x + a.w][a.mask].min())
