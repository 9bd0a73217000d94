"""Digits that touch are cut apart, parts that belong together are joined: whatever the network reads best.

More cuts are proposed than can be right. The network reads each group of neighbouring pieces, and the
cheapest chain of groups is chosen by dynamic programming: as for strokes, see `hwd_lib.numbers`, whose costs
these are.
"""

from itertools import pairwise

import cv2
import numpy as np

from hwd_lib.evaluation import probabilities
from hwd_lib.numbers import boundary_costs, cheapest_chain, group_costs
from hwd_lib.paper.images import to_image
from hwd_lib.paper.marks import Mark, gap, join
from hwd_lib.paper.writing import is_sign
from hwd_lib.preprocessing import SIDE

NONE = 0.2  # a mark that the network takes for no digit: none is likelier than that
WIDE = 0.95  # of the height: a mark that is wider may be two digits
WIDEST_CUT = 20.0  # heights: what is wider is no row of digits
APART = 0.17  # of the height: so far from each other lie two cuts, and a cut from the ends of the mark
LEAN = 0.1  # of the height: how far a cut may stray sideways
STRAY = 0.05  # pixels of ink: what a step to the side costs
THROUGH = 2.5  # pen widths of ink that a cut may go through
TOGETHER = 0.3  # of the height: pieces that lie farther apart are not of one digit
SIGN = 0.5  # nats: what stands between digits
CUT, INK = 0.45, 2.0  # nats for a cut, and for each height of ink that it goes through
MOST_PIECES = 12  # of one digit: all that a cut mark may have within its width
TALL = 0.7  # of the height: two pieces as tall side by side, with paper between them, are two digits
WIDEST = 1.25  # heights: no group of several pieces is wider


def read_line(line, network, height):
    """Choose which pieces of a line make up a digit each, and read them.

    Parameters
    ----------
    line : list of Mark
        From left to right.
    network : Network
    height : float
        Of the writing, in pixels.

    Returns
    -------
    list of (Mark, image (28, 28), probabilities (10,))
        The digits, without the signs between them.
    """
    pieces, cut = [], [0.0]
    for mark in line:
        parts, ink = cut_mark(mark, height)
        pieces += parts
        cut += [CUT + INK * through / height for through in ink] + [0.0]
    groups = groups_of(pieces, height)
    marks = [join(pieces[first:end]) for first, end in groups]
    signs = np.array([is_sign(mark, height) for mark in marks])  # (k,)
    images = np.stack([to_image(mark) for mark in marks])  # (k, 28, 28)
    rows = probabilities(network, images.reshape(-1, SIDE**2))  # (k, 10)
    boxes = np.array([(m.x, m.y, m.x + m.w, m.y + m.h) for m in pieces], np.float64)  # (n, 4)
    costs = np.where(signs, SIGN, group_costs(boxes, groups, rows))  # (k,)
    _, chain = cheapest_chain(groups, costs, boundary_costs(boxes, np.array(cut)))
    read = [k for k in chain if not signs[k] and rows[k].max() >= NONE]
    return [(marks[k], images[k], rows[k]) for k in read]


def groups_of(pieces, height):
    """All groups of neighbouring pieces that may be a digit: list of (first, end)."""
    groups = []
    for first in range(len(pieces)):
        for end in range(first + 1, min(first + MOST_PIECES, len(pieces)) + 1):
            if end - first > 1:
                nearest = min(gap(pieces[end - 1], piece) for piece in pieces[first : end - 1])
                wide = max(p.x + p.w for p in pieces[first:end]) - min(p.x for p in pieces[first:end])
                tall = sorted((p for p in pieces[first:end] if p.h > TALL * height), key=lambda p: p.x)
                beside = any(a.x + a.w < b.x for a, b in pairwise(tall))
                if beside or nearest > TOGETHER * height or wide > WIDEST * height:
                    break
            groups.append((first, end))
    return groups


def cut_mark(mark, height):
    """Cut a mark where it may be two digits.

    Returns
    -------
    list of Mark, from left to right; and for each cut between two, how many pixels of ink it goes through
    """
    if not WIDE * min(height, mark.h) < mark.w < WIDEST_CUT * height:
        return [mark], []
    to_the_left = np.zeros(mark.mask.shape, int)  # (h, w): how many cuts lie to the left of a pixel
    paths, ink = cut_paths(mark, height)
    for path in paths:
        to_the_left += np.arange(mark.w) >= path[:, None]  # (w,) and (h, 1) -> (h, w)
    parts, through = [], []
    for k in range(to_the_left.max() + 1):
        part = mark.mask & (to_the_left == k)
        if part.any():
            x, y, w, h = cv2.boundingRect(part.astype(np.uint8))
            parts.append(Mark(mark.x + x, mark.y + y, w, h, part[y : y + h, x : x + w], mark.dark))
            through += [ink[k - 1]] if len(parts) > 1 else []
    return parts, through


def cut_paths(mark, height):
    """Ways from the top of a mark to its foot through little ink.

    For each column the cheapest way that stays near it is found by dynamic programming, row by row. Of the
    ways that go through not much more than two lines, the cheapest are taken, and none near another.

    Returns
    -------
    list of columns (h,), from left to right, and what each way costs: the pixels of ink in it
    """
    lean, apart = max(1, int(LEAN * height)), max(2, int(APART * height))
    h, w = mark.mask.shape
    band = np.arange(-lean, lean + 1)  # (b,), how far a way strays from its column
    ink = np.pad(mark.mask.astype(np.float32), ((0, 0), (lean, lean)))
    rows = ink[:, np.arange(w)[:, None] + band + lean]  # (h, w, b)
    cost = rows[0] + STRAY * np.abs(band) / 5  # (w, b)
    steps = np.zeros((h, w, len(band)), np.int8)
    for y in range(1, h):
        around = np.pad(cost, ((0, 0), (1, 1)), constant_values=np.inf)
        ways = np.stack([around[:, 1:-1], around[:, :-2] + STRAY, around[:, 2:] + STRAY])  # (3, w, b)
        steps[y] = np.array([0, -1, 1], np.int8)[ways.argmin(axis=0)]
        cost = ways.min(axis=0) + rows[y]
    cheapest = cost.min(axis=1)  # (w, b) -> (w,)
    cheapest[:apart] = cheapest[max(w - apart, 0) :] = np.inf
    chosen = []
    for x in np.argsort(cheapest, kind="stable"):
        if cheapest[x] <= THROUGH * mark.pen and all(abs(x - other) >= apart for other in chosen):
            chosen.append(int(x))
    chosen.sort()
    return [way_up(steps, x, int(cost[x].argmin())) for x in chosen], cheapest[chosen]


def way_up(steps, x, at):
    """Follow the steps (h, w, b) from the foot back to the top: columns (h,)."""
    path = np.zeros(len(steps), int)
    for y in range(len(steps) - 1, -1, -1):
        path[y] = x + at - steps.shape[2] // 2
        at += int(steps[y, x, at])
    return path
