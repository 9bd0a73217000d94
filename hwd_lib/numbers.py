"""Whole numbers: which strokes belong together to one digit, and what does the number say?

A network reads one digit. Several beside each other must be told apart first, and where one ends and the
next begins is only clear to who can read them. So the two are decided together: propose more groups of
strokes than can be right, let the network read all of them in one batch, and choose the chain of groups that
costs least. This is segmentation by recognition. A survey: Casey and Lecolinet, "A survey of methods and
strategies in character segmentation" (IEEE PAMI 18, 1996). The chain is found by dynamic programming, as in
LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition" (Proc. IEEE 86,
1998), section VI.

`read_number` runs the stages in order, each a function of its own:

    find_lines          strokes                        -> lines of strokes, from top to bottom
    cut_strokes         the strokes of a line          -> pieces, from left to right: strokes, or parts of one
    candidate_groups    boxes of the pieces (n, 4)     -> k groups (first, end) of neighbouring pieces
    preprocess          the strokes of each group      -> images (k, 28, 28)
    Network             all images in one batch        -> probabilities (k, 10)
    group_costs         how unlikely a digit is each?  -> (k,) in nats
    boundary_costs      … and an end between pieces?   -> (n + 1,) in nats
    cheapest_chain      costs                          -> the groups that the number consists of

From `candidate_groups` on nothing knows of strokes: pieces may as well be marks found on paper. A box is
(left, top, right, bottom), y down. Costs are negative logarithms of probabilities, in nats: they add up along
a chain. Lengths are measured in line heights, that is, in the height of the tallest piece, so that strokes
may be in any unit.
"""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray as Array

from hwd_lib.network import Network
from hwd_lib.preprocessing import (
    SMALLEST,
    SMALLEST_DIGIT,
    clean_strokes,
    could_be_digit,
    drop_specks,
    preprocess,
)

DIGIT, SURE = 0.35, 0.75  # from this probability on, a group is called a digit, and one digit alone. What is
# below is no digit, and costs no more than this: a letter stays whole, and is not cut up into digits.
LOWEST = 0.25  # line heights: what is lower and narrower is no digit of this line
UNREAD = "?"  # what stands in the text for what is no digit

# Chosen on the validation numbers, with two networks: see docs/numbers.md.
MOST_PIECES = 5  # of a digit
WIDEST = 2.0  # line heights; no group of several pieces is wider
LOW, SHORT = 0.6, 2.5  # nats for each line height that a digit is lower than 0.6
BROAD, WIDE = 0.5, 1.7  # nats for each line height that it is wider than 0.5
GAP = 2.0  # nats for each line height of paper between parts of it, if these are as large as the line is high
MORE = 0.3  # nats for a second digit: what is drawn is mostly one
CLOSE, OVERLAP = 0.2, 8.0  # nats for each line height by which two digits overlap more than 0.2
CUT = 0.7  # nats for ending a digit within a stroke
TALL = 0.5  # line heights; what is lower makes no line of its own, and is not cut off a stroke
BACK = 0.05  # line heights that the ink before a cut may reach over the ink after it
APART = 0.2  # line heights of paper between two lines that are no digit's parts
NEXT_LINE = 0.6  # line heights from the middle of a stroke down to the middle of one in the next line

Strokes = list[Array]  # each (n, 2) float64
Box = tuple[float, float, float, float]  # left, top, right, bottom
Piece = tuple[int, int, int]  # i, start and end of ``strokes[i][start:end]``
Group = tuple[int, int]  # first and end, of pieces
Known = dict[bytes, tuple[Array, Array]]  # of a group, by its points: its image, its probabilities


class Digit(NamedTuple):
    """One digit of a number, or what stands where a digit should."""

    text: str  # the digit; "?" if the network sees none in it, or it has not the measures of one
    strokes: Strokes  # in the order of writing
    box: Box  # in the unit of the strokes
    image: np.ndarray  # (28, 28) float32, what the network got
    probabilities: np.ndarray  # (10,) float32, what it answered


def read_number(strokes: Any, network: Network, known: Known | None = None) -> list[list[Digit]]:
    """Read all digits that are drawn.

    Parameters
    ----------
    strokes : list of (n, 2) arrays or lists of [x, y]
        As for `preprocess`: any size, anywhere; x right, y down.
    network : Network
    known : dict or None
        What was read the last time. Groups of strokes that are the same again are taken from it and not
        read anew: hand the same dict over as a drawing grows, and an empty one with another network.

    Returns
    -------
    list of lists of Digit
        A list for each line, from top to bottom; in it the digits from left to right. Empty without strokes.
        `number_text` makes a text of it.
    """
    strokes = drop_specks(clean_strokes(strokes))
    if not strokes:
        return []
    known = {} if known is None else known
    proposals = [propose(line) for line in find_lines(strokes)]
    close = least_paper(proposals) < APART
    if close:  # or is there one line, with a digit whose parts stand above each other?
        proposals.append(propose(strokes))
    look_at([group for proposal in proposals for group in proposal.strokes], network, known)
    costs, lines = zip(*(choose(proposal, known) for proposal in proposals), strict=True)
    if close:
        return [lines[-1]] if costs[-1] <= sum(costs[:-1]) + MORE else list(lines[:-1])
    return list(lines)


def number_text(lines: list[list[Digit]]) -> str:
    """What `read_number` found as text: "2026", a line for each line; "?" for what is no digit."""
    return "\n".join("".join(digit.text for digit in line) for line in lines)


def describe(lines: list[list[Digit]]) -> dict[str, Any]:
    """What `read_number` found for programs, ready for JSON: the text, and each digit with all that is known.

    In "digits", line after line, each has its character in the text, its box (left, top, right, bottom), its
    ten probabilities and its strokes.
    """
    digits = [
        {
            "text": digit.text,
            "box": list(digit.box),
            "probabilities": [round(float(p), 6) for p in digit.probabilities],
            "strokes": [stroke.tolist() for stroke in digit.strokes],
        }
        for line in lines
        for digit in line
    ]
    return {"text": number_text(lines), "digits": digits}


class Proposal(NamedTuple):
    """What a line may consist of: all groups of strokes that are worth a look."""

    boxes: np.ndarray  # (n, 4), of the pieces, from left to right
    cut: np.ndarray  # (n + 1,) bool: whether the end before piece i is within a stroke
    groups: list[Group]
    strokes: list[Strokes]  # of each group


def propose(strokes: Strokes) -> Proposal:
    """Cut the strokes of a line into pieces, and put these together to candidate groups."""
    pieces = cut_strokes(strokes)
    boxes = np.array([box_of([strokes[i][start:end]]) for i, start, end in pieces])  # (n, 4)
    cut = np.array([False] + [a[0] == b[0] for a, b in pairwise(pieces)] + [False])  # (n + 1,)
    groups = candidate_groups(boxes)
    return Proposal(boxes, cut, groups, [_join(strokes, pieces[first:end]) for first, end in groups])


def look_at(groups: list[Strokes], network: Network, known: Known) -> None:
    """Let the network read groups of strokes, in one batch, and leave in `known` these and no others.

    `known` maps a group's points, as bytes, to its image (28, 28) and its probabilities (10,).
    """
    keys = {_key(strokes): strokes for strokes in groups}
    new = [key for key in keys if key not in known]
    images = [preprocess(keys[key]) for key in new]
    for key in [key for key in known if key not in keys]:
        del known[key]
    if new:
        x = np.stack(images).reshape(len(new), -1)  # (k, 28, 28) -> (k, 784)
        known.update(zip(new, zip(images, network.probabilities(x), strict=True), strict=True))


def choose(proposal: Proposal, known: Known) -> tuple[float, list[Digit]]:
    """The best chain of groups: its cost, and its list of Digit."""
    looks = [known[_key(strokes)] for strokes in proposal.strokes]
    probabilities = np.stack([probabilities for _, probabilities in looks])  # (k, 10)
    costs = group_costs(proposal.boxes, proposal.groups, probabilities)
    boundary = boundary_costs(proposal.boxes, CUT * proposal.cut)  # (n + 1,)
    cost, chain = cheapest_chain(proposal.groups, costs, boundary)
    height = line_height(proposal.boxes)
    digits = []
    for i in chain:
        strokes, (image, row) = proposal.strokes[i], looks[i]
        digits.append(Digit(digit_text(strokes, row, height), strokes, box_of(strokes), image, row))
    return cost, digits


def digit_text(strokes: Strokes, probabilities: Array, height: float) -> str:
    """What a group says in a line of this height: the likeliest of ten digits, or "?" for no digit at all."""
    p = probabilities.max()
    scale = SMALLEST_DIGIT / (LOWEST * height)  # as large as on the canvas, for which could_be_digit is made
    if p >= DIGIT and could_be_digit([stroke * scale for stroke in strokes], sure=p >= SURE):
        return str(int(probabilities.argmax()))
    return UNREAD


def find_lines(strokes: Strokes) -> list[Strokes]:
    """Sort strokes into lines, from top to bottom: a list of lists of strokes, each in the order of writing.

    The middles of the tall strokes, from the highest to the lowest, make a step where the next line begins.
    What is small (the bar of a 5) goes to the line whose middle is nearest.
    """
    boxes = np.array([box_of([stroke]) for stroke in strokes])  # (n, 4)
    middle, high = (boxes[:, 1] + boxes[:, 3]) / 2, boxes[:, 3] - boxes[:, 1]
    tall = np.sort(middle[high >= TALL * line_height(boxes)])
    if not len(tall):  # nothing but dashes and dots
        return [strokes]
    ends = np.flatnonzero(np.diff(tall) > NEXT_LINE * line_height(boxes)) + 1
    middles = np.array([line.mean() for line in np.split(tall, ends)])  # (lines,)
    nearest = np.abs(middle[:, None] - middles).argmin(axis=1)  # (n, 1) - (lines,) -> (n,)
    return [[strokes[i] for i in np.flatnonzero(nearest == line)] for line in range(len(middles))]


def cut_strokes(strokes: Strokes) -> list[Piece]:
    """Cut strokes where they may join two digits, and sort all pieces by their middle, from left to right.

    Returns
    -------
    list of (i, start, end)
        A piece is ``strokes[i][start:end]``. Neighbours that were one stroke share the point of the cut.
    """
    height = line_height(np.array([box_of([stroke]) for stroke in strokes]))
    pieces = []
    for i, stroke in enumerate(strokes):
        ends = [0, *cut_places(stroke, height), len(stroke) - 1]
        pieces += [(i, start, end + 1) for start, end in pairwise(ends)]

    def middle(piece: Piece) -> float:
        i, start, end = piece
        x = strokes[i][start:end, 0]
        return x.min() + x.max()

    return sorted(pieces, key=middle)


def cut_places(stroke: Array, height: float) -> list[int]:
    """Where one digit may go over into the next without a lift of the pen: indices into the stroke (n, 2).

    There everything that was drawn before lies to the left of everything that comes after, and there is
    enough of both to be a digit. The middle of each such stretch is returned.
    """
    x, y = stroke.T
    before = np.maximum.accumulate(x)  # (n,), how far right the stroke has come
    after = np.minimum.accumulate(x[::-1])[::-1]  # (n,), how far left it will still go
    high_before = np.maximum.accumulate(y) - np.minimum.accumulate(y)
    high_after = (np.maximum.accumulate(y[::-1]) - np.minimum.accumulate(y[::-1]))[::-1]
    possible = (before - after <= BACK * height) & (np.minimum(high_before, high_after) >= TALL * height)
    at = np.flatnonzero(possible)
    stretches = np.split(at, np.flatnonzero(np.diff(at) > 1) + 1)
    return [int(stretch[len(stretch) // 2]) for stretch in stretches if len(stretch)]


def candidate_groups(boxes: Array) -> list[Group]:
    """All groups of neighbouring pieces that may be a digit, for boxes (n, 4) from left to right.

    Returns
    -------
    list of (first, end)
        Each piece alone, up to `MOST_PIECES` together if they are not too wide, and all of them as one.
    """
    n, widest = len(boxes), WIDEST * line_height(boxes)
    groups = [(0, n)] if n > MOST_PIECES else []
    for first in range(n):
        for end in range(first + 1, min(first + MOST_PIECES, n) + 1):
            wide = boxes[first:end, 2].max() - boxes[first:end, 0].min()
            if wide <= widest or end - first in (1, n):
                groups.append((first, end))
    return groups


def group_costs(boxes: Array, groups: list[Group], probabilities: Array) -> Array:
    """How unlikely it is that each group is a digit, in nats: (k,) float64.

    Four things speak against it: the network is not sure; the group is low; it is wide; there is paper in
    it. The first digit costs more when it is not the only one. Boxes are (n, 4), groups k pairs (first, end),
    probabilities (k, 10).
    """
    height = line_height(boxes)
    costs = -np.log(np.maximum(probabilities.max(axis=1), DIGIT)).astype(np.float64)  # (k, 10) -> (k,)
    for k, (first, end) in enumerate(groups):
        left, top, right, bottom = join_boxes(boxes[first:end])
        costs[k] += SHORT * max(0.0, LOW - (bottom - top) / height)
        costs[k] += WIDE * max(0.0, (right - left) / height - BROAD)
        costs[k] += GAP * inner_gap(boxes[first:end], height)
        costs[k] += MORE * (first == 0 and end < len(boxes))
    return costs


def inner_gap(boxes: Array, height: float) -> float:
    """The widest paper between parts of a group side by side or above each other, in line heights.

    It counts less as the smaller of the parts is smaller along it: the bar of a 5 may well stand apart.
    """
    widest = 0.0
    if len(boxes) == 1:
        return widest
    for along, across in ((0, 1), (1, 0)):  # from left to right, and from top to bottom
        corners = boxes[np.argsort(boxes[:, along], kind="stable")].reshape(-1, 2, 2)  # (n, 4) -> (n, 2, 2)
        low, high = corners[:, 0], corners[:, 1]  # (n, 2) each
        before = np.minimum.accumulate(low)[:-1], np.maximum.accumulate(high)[:-1]  # two of (n - 1, 2)
        after = np.minimum.accumulate(low[::-1])[-2::-1], np.maximum.accumulate(high[::-1])[-2::-1]
        paper = (after[0] - before[1])[:, along]  # (n - 1,), between the parts before and those after
        smaller = np.minimum(before[1] - before[0], after[1] - after[0])[:, across]  # (n - 1,)
        widest = max(widest, (paper * smaller).max(initial=0.0))
    return widest / height**2


def boundary_costs(boxes: Array, cut: Array) -> Array:
    """What it costs to end a digit before piece i, in nats: (n + 1,) float64; nothing at both ends.

    A digit seldom begins long before the one to its left ends, and mostly the pen is lifted between two.
    Boxes are (n, 4); `cut` (n + 1,) float64 is what an end costs because it is within a stroke, in nats.
    """
    overlap = np.zeros(len(boxes) + 1)
    for i in range(1, len(boxes)):
        overlap[i] = max(0.0, boxes[:i, 2].max() - boxes[i:, 0].min()) / line_height(boxes)
    return OVERLAP * np.maximum(0, overlap - CLOSE) + cut


def cheapest_chain(groups: list[Group], costs: Array, boundary: Array) -> tuple[float, list[int]]:
    """The chain of groups from the first piece to the last that costs least: its cost, and k of each group.

    Dynamic programming (Bellman 1957): the best chain up to a piece continues a best chain up to an earlier
    one. So each group is looked at once, though there are exponentially many chains.
    """
    best = np.full(len(boundary), np.inf)  # (n + 1,), of the best chain that ends before piece i
    best[0] = 0.0
    last = [0] * len(boundary)  # the last group of that chain
    for k in sorted(range(len(groups)), key=lambda k: groups[k][1]):
        first, end = groups[k]
        cost = best[first] + costs[k] + boundary[end]
        if cost < best[end]:
            best[end], last[end] = cost, k
    chain: list[int] = []
    end = len(boundary) - 1
    while end:
        chain.append(last[end])
        end = groups[last[end]][0]
    return float(best[-1]), chain[::-1]


def least_paper(proposals: list[Proposal]) -> float:
    """The least paper between a line and the next, in line heights; infinite if there is one line alone."""
    boxes = [join_boxes(proposal.boxes) for proposal in proposals]
    highest = max(line_height(proposal.boxes) for proposal in proposals)
    return min(((below[1] - above[3]) / highest for above, below in pairwise(boxes)), default=np.inf)


def has_just_begun(strokes: Strokes) -> bool:
    """Whether the last stroke is too low for a digit beside the others: it would be called a part of one."""
    *others, last = [box_of([stroke]) for stroke in strokes]
    return last[3] - last[1] < LOW * line_height(np.array(others))


def line_height(boxes: Array) -> float:
    """The height of the tallest of boxes (n, 4); of a line of dashes, a part of the widest."""
    high, wide = boxes[:, 3] - boxes[:, 1], boxes[:, 2] - boxes[:, 0]
    return max(high.max(), 0.3 * wide.max(), SMALLEST)


def join_boxes(boxes: Array) -> Array:
    """The box around boxes (n, 4): (4,)."""
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])  # (2,) and (2,) -> (4,)


def box_of(strokes: Strokes) -> Box:
    """The box around strokes: left, top, right, bottom."""
    points = np.concatenate(strokes)  # of (n, 2)
    return (*points.min(axis=0).tolist(), *points.max(axis=0).tolist())


def _join(strokes: Strokes, pieces: list[Piece]) -> Strokes:
    """The strokes of a group in the order of writing; what was cut within the group is whole again."""
    joined: list[list[int]] = []  # pieces, as lists
    for i, start, end in sorted(pieces):
        if joined and joined[-1][0] == i and joined[-1][2] == start + 1:
            joined[-1][2] = end
        else:
            joined.append([i, start, end])
    return [strokes[i][start:end] for i, start, end in joined]


def _key(strokes: Strokes) -> bytes:
    return b"|".join(stroke.tobytes() for stroke in strokes)
