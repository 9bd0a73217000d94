"""Checks for notebook 10: from a picture of paper to lines of digits, stage by stage.

The picture's own library, OpenCV, is not needed here, and is not loaded with the map of the course.
"""

import numpy as np

from hwd_lib.checks.exercise import exercise
from hwd_lib.checks.handing_in import hand_in_for
from hwd_lib.pictures import averaging

hand_in = hand_in_for("10_paper.ipynb")

SIDE = 28
BOX = 20  # pixels: the longer side of a digit in MNIST


# 10.1 A threshold from the histogram ------------------------------------------------------------------------


def _hills(levels, *hills):
    """A histogram (levels,) of hills (middle, width, how many); where there is next to nothing, nothing."""
    at = np.arange(levels)
    counts = sum(
        many / width * np.exp(-((at - middle) ** 2) / (2 * width**2)) for middle, width, many in hills
    )
    return np.floor(counts).astype(int)  # (levels,)


def _histograms():
    return {
        "a bright page with little ink": (_hills(256, (40, 9, 90_000), (150, 40, 9_000)),),
        "a third of the page is ink": (_hills(256, (60, 15, 50_000), (170, 30, 25_000)),),
        "light writing on a dark page": (_hills(256, (70, 30, 8_000), (190, 22, 60_000)),),
        "100 levels, the first ones empty": (_hills(100, (30, 5, 30_000), (62, 14, 9_000)),),
    }


@exercise(
    "10.1",
    cases=_histograms,
    tested="little ink and much, light writing on dark, empty levels, and another number of them",
    hints=(
        "Take six levels with the counts 4, 2, 0, 0, 1, 3. Which cuts are there? Work out the score of one "
        "by hand.",
        "Go through all t from 1 on. For each you need four numbers: how many pixels are below t, how many "
        "are not, and the mean level of either. Where one side has no pixels, there is no mean, and no "
        "score.",
        "`a, b = counts[:t], counts[t:]`, and, if both have pixels, "
        "`score = a.sum() * b.sum() * (levels[:t] @ a / a.sum() - levels[t:] @ b / b.sum()) ** 2`.",
    ),
)
def otsu(counts):
    """The level t at which the levels below t and those from t on lie farthest apart, for counts (n,)."""
    levels = np.arange(len(counts))  # (n,)
    scores = np.zeros(len(counts))  # (n,)
    for t in range(1, len(counts)):
        low, high = counts[:t].sum(), counts[t:].sum()
        if low > 0 and high > 0:
            apart = levels[t:] @ counts[t:] / high - levels[:t] @ counts[:t] / low
            scores[t] = low * high * apart**2
    return int(scores.argmax())


def _best(counts, score, first=1, choose=np.argmax):
    """The t with the best score, of (pixels below, pixels above, mean below, mean above, variances)."""
    levels, scores = np.arange(len(counts)), np.full(len(counts), np.nan)
    for t in range(first, len(counts)):
        low, high = counts[:t], counts[t:]
        if low.sum() and high.sum():
            means = levels[:t] @ low / low.sum(), levels[t:] @ high / high.sum()
            spread = (
                (levels[:t] - means[0]) ** 2 @ low / low.sum(),
                (levels[t:] - means[1]) ** 2 @ high / high.sum(),
            )
            scores[t] = score(low.sum(), high.sum(), *means, *spread)
    worst = -np.inf if choose is np.argmax else np.inf
    return int(choose(np.where(np.isnan(scores), worst, scores)))


def _score(low, high, mean_low, mean_high, *_):
    return low * high * (mean_high - mean_low) ** 2


@otsu.mistake(
    "how evenly the pixels are divided does not count",
    "A single black speck lies far from all the paper. Is it a good cut to put it alone on one side?",
    "The distance of the two means alone is largest where one side is next to empty. The two numbers of "
    "pixels, *multiplied*, weigh against that; their sum is the same for each cut.",
    "Multiply the squared distance by both: `low * high * (...) ** 2`.",
)
def _no_weights(counts):
    return _best(counts, lambda low, high, a, b, *_: (b - a) ** 2)


@otsu.mistake(
    "the distance is not squared",
    "Compare your score with the one in the text, sign by sign.",
    "Without the square, the numbers of pixels count for too much against the distance of the means.",
    "`(...) ** 2` around the difference of the means.",
)
def _not_squared(counts):
    return _best(counts, lambda low, high, a, b, *_: low * high * abs(b - a))


@otsu.mistake(
    "the means are taken over all pixels",
    "The mean level of 10 pixels: by how much do you divide their sum?",
    "The mean of one side is the sum of *its* levels, divided by the number of *its* pixels.",
    "`levels[:t] @ counts[:t] / counts[:t].sum()`, and so for the other side.",
)
def _means_over_all(counts):
    n = counts.sum()
    return _best(counts, lambda low, high, a, b, *_: low * high * (b * high / n - a * low / n) ** 2)


@otsu.mistake(
    "the means do not look at the counts",
    "A level that 9,000 pixels have, and one that 3 have: do they count alike?",
    "The mean of the levels 0 to t - 1 is the same for every picture. Each level counts as often as it "
    "occurs.",
    "`levels[:t] @ counts[:t] / counts[:t].sum()`",
)
def _means_of_levels(counts):
    n = len(counts)
    scores = [0.0]
    for t in range(1, n):
        scores.append(counts[:t].sum() * counts[t:].sum() * ((t + n - 1) / 2 - (t - 1) / 2) ** 2)
    return int(np.argmax(scores))


@otsu.mistake(
    "the means of the counts instead of the levels",
    "What do you take the mean of: how dark the pixels are, or how many there are of each kind?",
    "`counts[:t].mean()` says how many pixels a level has, on average. Asked for is the mean *level*: each "
    "level times its count, summed up, over the number of pixels.",
    "`levels[:t] @ counts[:t] / counts[:t].sum()`, with `levels = np.arange(len(counts))`.",
)
def _means_of_counts(counts):
    scores = [0.0]
    for t in range(1, len(counts)):
        a, b = counts[:t], counts[t:]
        scores.append(float(a.sum()) * float(b.sum()) * (a.mean() - b.mean()) ** 2)
    return int(np.argmax(scores))


@otsu.mistake(
    "the worst cut instead of the best",
    "Should paper and ink lie close together, or far apart?",
    "You take the cut with the smallest score. This score is large where the two sides differ much.",
    "The largest: `argmax`, or `score > best`.",
)
def _worst(counts):
    return _best(counts, _score, choose=np.argmin)


@otsu.mistake(
    "the last level of the paper instead of the first of the ink",
    "If you return 93: is a pixel of level 93 paper, or ink?",
    "The levels *below* t are paper. So t itself is the first level of the ink.",
    "Split into `counts[:t]` and `counts[t:]`, and return that t.",
)
def _one_less(counts):
    return _best(counts, _score) - 1


@otsu.mistake(
    "the score instead of the level",
    "Is your result a level, somewhere between 0 and 255?",
    "You return how good the best cut is. Asked for is where it is.",
    "`np.argmax(scores)`, not `np.max(scores)`.",
)
def _the_score(counts):
    t, levels = _best(counts, _score), np.arange(len(counts))
    low, high = counts[:t].sum(), counts[t:].sum()
    return low * high * (levels[t:] @ counts[t:] / high - levels[:t] @ counts[:t] / low) ** 2


@otsu.mistake(
    "a side without pixels",
    "How many pixels lie below the first level that occurs at all? What is 0 / 0?",
    "It is nan, no number, and for `np.argmax` a nan is the largest of all. A side without pixels has no "
    "mean, so that is no cut.",
    "Skip it: `if low > 0 and high > 0:`.",
)
def _empty_side(counts):
    if (counts > 0).all():
        return otsu.reference(counts)
    return 1 if counts[0] == 0 else int(len(counts) - np.argmin(counts[::-1] == 0))


@otsu.mistake(
    "a side without pixels, and the search begins at 0",
    "How many pixels lie below level 0? What is 0 / 0?",
    "It is nan, no number, and for `np.argmax` a nan is the largest of all. A side without pixels has no "
    "mean, so that is no cut.",
    "Begin at 1, and skip empty sides: `if low > 0 and high > 0:`.",
)
def _empty_from_zero(counts):
    return 0


@otsu.mistake(
    "a side without pixels has no mean",
    "How many pixels lie below the first level that occurs at all?",
    "A mean of no pixels cannot be had: the weights sum to zero. Where one side has no pixels, there is no "
    "cut.",
    "Skip it: `if counts[:t].sum() > 0 and counts[t:].sum() > 0:`.",
)
def _no_weights_at_all(counts):
    levels, scores = np.arange(len(counts)), np.zeros(len(counts))
    for t in range(1, len(counts)):
        low, high = (np.average(levels[part], weights=counts[part]) for part in (np.s_[:t], np.s_[t:]))
        scores[t] = counts[:t].sum() * counts[t:].sum() * (low - high) ** 2
    return int(scores.argmax())


@otsu.mistake(
    "the mean of all pixels",
    "On a page that is nearly all paper: where is the mean of all levels?",
    "The mean of everything lies close to the larger of the two hills, or even within it.",
    "Try every t, and give each a score: that is what the formula is for.",
)
def _mean_of_all(counts):
    return int(round(np.arange(len(counts)) @ counts / counts.sum()))


@otsu.mistake(
    "halfway between the lightest and the darkest",
    "If a single pixel were darker still, should the threshold move?",
    "The two ends of the histogram say nothing about where the two hills are.",
    "Try every t, and give each a score: that is what the formula is for.",
)
def _middle_of_range(counts):
    at = np.flatnonzero(counts)
    return int((at[0] + at[-1]) // 2)


@otsu.mistake(
    "the most frequent level",
    "Is the highest point of the histogram between the two hills, or on top of one?",
    "The most frequent level is in the middle of the paper (or of the ink, where that is more).",
    "Try every t, and give each a score: that is what the formula is for.",
)
def _highest(counts):
    return int(counts.argmax())


# 10.2 Light made even ---------------------------------------------------------------------------------------


def _lit(seed, h, w, size):
    """Grey levels (h, w) of a page in a light that falls off, with some ink, and glints on the paper."""
    rng = np.random.default_rng(seed)
    light = np.linspace(240, 90, w) * np.linspace(1, 0.8, h)[:, None]  # (h, w)
    grey = light * rng.normal(1, 0.01, (h, w))
    grey[rng.random((h, w)) < 0.2] *= 0.4
    return np.round(np.clip(grey, 1, 255), 1), size


def _light():
    return {
        "tiles of 6 pixels": _lit(1, 24, 36, 6),
        "tiles of 10 pixels, higher than wide": _lit(2, 40, 20, 10),
        "a single row of tiles": _lit(3, 8, 32, 8),
        "one tile": _lit(4, 12, 12, 12),
    }


@exercise(
    "10.2",
    cases=_light,
    tested="pages of several forms, tiles of several sizes, and a single one",
    hints=(
        "Take a page of 4 x 6 pixels and tiles of 2. How many tiles are there, down and across?",
        "`grey.reshape(h // size, size, w // size, size)`: which of the four axes count tiles, and which run "
        "within one? Take the median along those that run within one.",
        "`paper = np.median(grey.reshape(h // size, size, w // size, size), axis=(1, 3))`, then "
        "`paper.repeat(size, axis=0).repeat(size, axis=1)`, and `1 - grey / paper`.",
    ),
)
def even_light(grey, size):
    """By which share of it each pixel is darker than the paper, the median of its tile: (h, w) -> (h, w)."""
    h, w = grey.shape
    tiles = grey.reshape(h // size, size, w // size, size)  # (h, w) -> (rows, size, columns, size)
    paper = np.median(tiles, axis=(1, 3))  # (rows, size, columns, size) -> (rows, columns)
    return 1 - grey / paper.repeat(size, axis=0).repeat(size, axis=1)  # (rows, columns) -> (h, w)


def _paper(grey, size, measure=np.median):
    """The paper of each pixel (h, w), by any measure of its tile."""
    h, w = grey.shape
    tiles = grey.reshape(h // size, size, w // size, size).swapaxes(1, 2)  # (rows, columns, size, size)
    paper = measure(tiles.reshape(*tiles.shape[:2], -1), axis=2)  # (rows, columns)
    return paper.repeat(size, axis=0).repeat(size, axis=1)


@even_light.mistake(
    "the mean of a tile instead of the median",
    "A tile holds some ink. Which of the two notices it: the mean, or the median?",
    "Every dark pixel pulls the mean down, and the paper seems darker than it is. The median asks only on "
    "which side of it a pixel lies.",
    "`np.median` instead of `np.mean`.",
)
def _mean_light(grey, size):
    return 1 - grey / _paper(grey, size, np.mean)


@even_light.mistake(
    "the lightest pixel of a tile instead of the median",
    "Where does the largest number of a tile come from, if the paper is rough?",
    "The lightest pixel is a glint, or noise: one in a hundred. All others then seem to hold some ink.",
    "`np.median` instead of `np.max`.",
)
def _lightest(grey, size):
    return 1 - grey / _paper(grey, size, np.max)


@even_light.mistake(
    "the darkest pixel of a tile instead of the median",
    "Is the smallest number of a tile that of paper, or that of ink?",
    "Grey levels are those of the camera: 255 is white. The smallest belongs to the ink.",
    "`np.median` instead of `np.min`.",
)
def _darkest(grey, size):
    return 1 - grey / _paper(grey, size, np.min)


@even_light.mistake(
    "a difference instead of a share",
    "The same ink, once in the sun and once in the shadow: does it get the same number?",
    "In half the light, everything is half as bright, and so is the difference of paper and ink. Their ratio "
    "stays what it was.",
    "Divide by the paper: `1 - grey / paper`.",
)
def _difference(grey, size):
    return _paper(grey, size) - grey


@even_light.mistake(
    "a share of 255 instead of a share of the paper",
    "The same ink, once in the sun and once in the shadow: does it get the same number?",
    "255 is the brightest that a camera knows. How bright the paper is *here* changes from tile to tile.",
    "Divide by the paper: `(paper - grey) / paper`.",
)
def _share_of_255(grey, size):
    return (_paper(grey, size) - grey) / 255


@even_light.mistake(
    "how bright, instead of how much darker",
    "Which number does a pixel of plain paper get: 0 or 1?",
    "`grey / paper` is 1 for paper, and small for ink. In this course, ink is what is large.",
    "`1 - grey / paper`",
)
def _brightness(grey, size):
    return grey / _paper(grey, size)


@even_light.mistake(
    "lighter instead of darker",
    "Is your number for ink above 0, or below?",
    "You subtract the wrong way round: ink comes out negative.",
    "`1 - grey / paper`, not `grey / paper - 1`.",
)
def _lighter(grey, size):
    return grey / _paper(grey, size) - 1


@even_light.mistake(
    "one paper for the whole page",
    "How many numbers does your median give: one, or one for each tile?",
    "Without tiles, the light of the whole page is boiled down to one number. That is the threshold of "
    "exercise 10.1 again, and its shadow.",
    "Cut the page into tiles first: `grey.reshape(h // size, size, w // size, size)`, "
    "then the median along axes 1 and 3.",
)
def _one_paper(grey, size):
    return 1 - grey / np.median(grey)


@even_light.mistake(
    "the page is cut into the wrong pieces",
    "Print `np.arange(24).reshape(4, 6)`, and your tiles of it for size 2. Which numbers are in the first?",
    "Reading goes row by row, and so does `reshape`: the pixels of one tile do not stand behind each other. "
    "The axes must come in the order tile row, row in it, tile column, column in it.",
    "`grey.reshape(h // size, size, w // size, size)`, and the median along axes 1 and 3.",
)
def _wrong_tiles(grey, size):
    h, w = grey.shape
    paper = np.median(grey.reshape(h // size, w // size, size, size), axis=(2, 3))
    return 1 - grey / paper.repeat(size, axis=0).repeat(size, axis=1)


@even_light.mistake(
    "strips instead of tiles",
    "Over which pixels do you take the median: over a square, or over whole rows?",
    "The light changes from left to right as well as from top to bottom. A strip knows only one of the two.",
    "The median along *both* axes that run within a tile: `axis=(1, 3)`.",
)
def _strips(grey, size):
    h, w = grey.shape
    paper = np.median(grey.reshape(h // size, size * w), axis=1)  # (rows,)
    return 1 - grey / paper.repeat(size)[:, None]


@even_light.mistake(
    "the tiles are laid out anew, instead of each made larger",
    "What does `np.tile([1, 2], 2)` give, and what `np.repeat([1, 2], 2)`?",
    "`np.tile` puts the whole row of papers beside itself. Each number must be repeated where it stands.",
    "`paper.repeat(size, axis=0).repeat(size, axis=1)`",
)
def _tiled(grey, size):
    h, w = grey.shape
    paper = np.median(grey.reshape(h // size, size, w // size, size), axis=(1, 3))
    return 1 - grey / np.tile(paper, (size, size))


@even_light.mistake(
    "what is lighter than paper is cut off",
    "Is any of your numbers below 0? Is any pixel lighter than the median?",
    "Half of the paper is a bit lighter than its median, and gets a small number below 0. You cut that off; "
    "it was not asked for.",
    "Leave `np.clip`, `np.maximum` and `abs` out.",
)
def _cut_off(grey, size):
    return np.maximum(even_light.reference(grey, size), 0)


@even_light.mistake(
    "what is lighter than paper counts as ink",
    "Is any of your numbers below 0? Is any pixel lighter than the median?",
    "A glint on the paper is as far from the paper as faint ink, but on the other side. `abs` forgets the "
    "side.",
    "Leave `abs` out.",
)
def _absolute(grey, size):
    return np.abs(even_light.reference(grey, size))


# 10.3 Connected components ----------------------------------------------------------------------------------


def _drawn(*rows):
    return np.array([[sign == "#" for sign in row] for row in rows])


def _inks():
    snake = np.zeros((45, 50), bool)
    snake[::2] = True
    snake[1::4, -1] = snake[3::4, 0] = True
    return {
        "two digits apart": (_drawn("......", ".##.#.", ".##.#.", "....#."),),
        "a corner": (_drawn("#...", ".#..", "..##", "#..."),),
        "a U, whose arms meet at its foot": (_drawn("#..#.#", "#..#.#", "####.#"),),
        "marks at all edges": (_drawn("##..#", ".....", "#...#", ".....", "##..#"),),
        "a V on its side": (_drawn("...##", ".##..", "#....", ".##..", "...##", ".....", "#####"),),
        "no ink": (np.zeros((3, 4), bool),),
        "one long line that winds all over": (snake,),
    }


def _pieces(labels, ink):
    """How many pieces there are, and labels (h, w) numbered in reading order, whatever the numbers were."""
    labels = np.asarray(labels)
    if labels.shape != ink.shape:
        return {"pieces": None, "labels": labels, "numbers": ""}
    names, first = np.unique(labels[labels != 0], return_index=True)
    number = {names[k]: n for n, k in enumerate(np.argsort(first), 1)} | {0: 0}
    last = int(names.max(initial=0))
    return {
        "pieces": len(names),
        "labels": np.array([[number[n] for n in row] for row in labels.tolist()], int).reshape(ink.shape),
        "numbers": "with gaps" if last > len(names) else "without a gap",
    }


@exercise(
    "10.3",
    cases=_inks,
    result=_pieces,
    tested="corners, arms that meet late, edges, an empty page, and a line of more than a thousand pixels",
    hints=(
        "Take a pencil and do it on squared paper: where do you begin, and which square comes next?",
        "Look for ink without a number. Give it the next number, and put it on a list of what is to do. As "
        "long as the list is not empty, take a pixel from it, and number those of its eight neighbours "
        "that are ink and have no number yet; they go on the list, too.",
        "`while todo:`, then `y, x = todo.pop()`, and for each neighbour `if ink[v, u] and labels[v, u] == "
        "0:` set `labels[v, u] = count` and `todo.append((v, u))`.",
    ),
)
def components(ink):
    """Number the pieces of ink that hang together, over corners too: (h, w) bool -> (h, w) int, paper 0."""
    h, w = ink.shape
    labels, count = np.zeros((h, w), int), 0
    for row, column in np.argwhere(ink):
        if labels[row, column]:
            continue
        count += 1
        labels[row, column], todo = count, [(row, column)]
        while todo:
            y, x = todo.pop()
            for v in range(max(y - 1, 0), min(y + 2, h)):
                for u in range(max(x - 1, 0), min(x + 2, w)):
                    if ink[v, u] and not labels[v, u]:
                        labels[v, u] = count
                        todo.append((v, u))
    return labels


_EIGHT = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0)]


def _spread(ink, steps=_EIGHT, around=False, rows=None, columns=None):
    """Number the pieces with other neighbours, around the edges, or of a part of the page alone."""
    h, w = ink.shape
    ink = ink.copy()
    if rows:
        ink[rows] = False
    if columns:
        ink[:, columns] = False
    labels, count = np.zeros((h, w), int), 0
    for row, column in np.argwhere(ink):
        if labels[row, column]:
            continue
        count += 1
        labels[row, column], todo = count, [(row, column)]
        while todo:
            y, x = todo.pop()
            for dy, dx in steps:
                v, u = (y + dy, x + dx) if not around else ((y + dy) % h, (x + dx) % w)
                if 0 <= v < h and 0 <= u < w and ink[v, u] and not labels[v, u]:
                    labels[v, u] = count
                    todo.append((v, u))
    return labels


@components.mistake(
    "neighbours over corners are left out",
    "How many neighbours has a pixel, with those over its corners?",
    "You go up, down, left and right. A thin line that runs askew hangs together at its corners alone, and "
    "falls apart.",
    "All eight: `for v in (y - 1, y, y + 1)` and, within it, `for u in (x - 1, x, x + 1)`.",
)
def _four(ink):
    return _spread(ink, [(-1, 0), (1, 0), (0, -1), (0, 1)])


@components.mistake(
    "corners alone are neighbours",
    "Are two pixels side by side neighbours?",
    "You go along the diagonals and not straight on, as a bishop does.",
    "All eight: `for v in (y - 1, y, y + 1)` and, within it, `for u in (x - 1, x, x + 1)`.",
)
def _bishop(ink):
    return _spread(ink, [(-1, -1), (-1, 1), (1, -1), (1, 1)])


@components.mistake(
    "only to the right and down",
    "A V lies on its side. You come from its upper arm to its tip; how do you get into the other one?",
    "A piece can go on to any side, to the left and up again, too.",
    "All eight neighbours: `for v in (y - 1, y, y + 1)` and, within it, `for u in (x - 1, x, x + 1)`.",
)
def _forward(ink):
    return _spread(ink, [(0, 1), (1, 0), (1, 1)])


@components.mistake(
    "only to the right and down, without corners",
    "A V lies on its side. You come from its upper arm to its tip; how do you get into the other one?",
    "A piece can go on to any side, to the left and up again, and over corners, too.",
    "All eight neighbours: `for v in (y - 1, y, y + 1)` and, within it, `for u in (x - 1, x, x + 1)`.",
)
def _forward_straight(ink):
    return _spread(ink, [(0, 1), (1, 0)])


def _from_above(ink, before):
    """One way through the page: the number of a pixel before, or else a new one."""
    h, w = ink.shape
    labels, count = np.zeros((h, w), int), 0
    for y, x in np.argwhere(ink):
        near = [labels[y + dy, x + dx] for dy, dx in before if y + dy >= 0 and 0 <= x + dx < w]
        near = [n for n in near if n]
        if not near:
            count += 1
        labels[y, x] = near[0] if near else count
    return labels


@components.mistake(
    "arms that meet later keep two numbers",
    "A U, read from above: which numbers have its two arms, before you come to its foot?",
    "Each arm got a number of its own, when nothing yet told that they belong together. Where they meet, the "
    "two numbers must become one, on all pixels that have them.",
    "Follow each piece to its end before the next begins; or, where two numbers meet, "
    "`labels[labels == one] = other`.",
)
def _no_meeting(ink):
    return _from_above(ink, [(0, -1), (-1, 0), (-1, -1), (-1, 1)])


@components.mistake(
    "arms that meet later keep two numbers, and corners are left out",
    "A U, read from above: which numbers have its two arms, before you come to its foot?",
    "Where two numbers meet, they must become one, on all pixels that have them. And a line that runs "
    "askew hangs together at its corners alone.",
    "Follow each piece to its end before the next begins, over all eight neighbours.",
)
def _no_meeting_straight(ink):
    return _from_above(ink, [(0, -1), (-1, 0)])


@components.mistake(
    "the edges of the page hang together",
    "What is `ink[0, -1]`: nothing, or the last pixel of the row?",
    "A negative index counts from the end. So what lies at the left edge has neighbours at the right one, "
    "and what lies at the top has some at the foot.",
    "Ask first whether it is on the page: `if 0 <= v < h and 0 <= u < w and ink[v, u] ...`.",
)
def _around(ink):
    return _spread(ink, around=True)


@components.mistake(
    "the last row and column are left out",
    "Which is the last row that your loop comes to? And which is the last of the page?",
    "`range(a, b)` stops before b.",
    "Go up to `h` and `w`: `min(y + 2, h)` is where the neighbours of y end.",
)
def _not_the_last(ink):
    return _spread(ink, rows=[-1], columns=[-1])


@components.mistake(
    "the edges of the page are left out",
    "Are there pixels at the edge of the page that you never look at?",
    "At the edge a pixel has fewer neighbours. That is no reason to leave it out: the ink there counts, too.",
    "Look at all pixels, and cut the *neighbours* off: `range(max(y - 1, 0), min(y + 2, h))`.",
)
def _no_edges(ink):
    return _spread(ink, rows=[0, -1], columns=[0, -1])


@components.mistake(
    "all ink has the same number",
    "How many different numbers are there in your result?",
    "A piece has a number of its own. Yours does not change from piece to piece.",
    "`count += 1` each time that you come to ink without a number.",
)
def _all_one(ink):
    return ink.astype(int)


@components.mistake(
    "each pixel has a number of its own",
    "How many pieces does one stroke fall into?",
    "You count pixels. Those that hang together share one number.",
    "Before you go on to the next number, give this one to all neighbours that are ink, and to *their* "
    "neighbours.",
)
def _each_pixel(ink):
    return np.cumsum(ink).reshape(ink.shape) * ink


@components.mistake(
    "the neighbours get the number, and their neighbours do not",
    "How far from its first pixel does your number get?",
    "You look around once. A line goes on behind that, and so must you, until nothing is left to do.",
    "What you have numbered goes on a list, and `while todo:` you look around the next one.",
)
def _once_around(ink):
    h, w = ink.shape
    labels, count = np.zeros((h, w), int), 0
    for y, x in np.argwhere(ink):
        if not labels[y, x]:
            count += 1
            part = np.s_[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]
            labels[part][ink[part] & (labels[part] == 0)] = count
    return labels


@components.mistake(
    "only the first piece is found",
    "How many pieces are there on the page, and how many numbers in your result?",
    "When the first piece is done, the next ink without a number begins another.",
    "An outer loop over all pixels: `for row, column in np.argwhere(ink):`, and skip those that have a "
    "number.",
)
def _first_only(ink):
    return (components.reference(ink) == 1).astype(int)


@components.mistake(
    "the first piece has the number 0, like the paper",
    "Which number has the paper, and which the first piece?",
    "Whoever reads your result cannot tell the first piece from paper.",
    "`count += 1` *before* a new piece gets its number: the first one is 1.",
)
def _from_zero(ink):
    return np.maximum(components.reference(ink) - 1, 0)


@components.mistake(
    "the paper has numbers, too",
    "Which number has a pixel without ink?",
    "White areas hang together as well, but nobody asked for them: paper is 0.",
    "Begin and go on only where `ink` is True.",
)
def _paper_too(ink):
    labels = components.reference(ink)
    return np.where(ink, labels, labels.max() + components.reference(~ink))


@components.mistake(
    "some numbers are left out",
    "Which numbers occur in your result? Print `np.unique(labels)`.",
    "Each piece has a number of its own, but some numbers have no piece: you count on where nothing new "
    "begins.",
    "`count += 1` only where ink has no number yet.",
)
def _with_gaps(ink):
    return np.maximum(2 * components.reference(ink) - 1, 0)


@components.mistake(
    "beyond the edge of the page",
    "How many neighbours has a pixel in the last row?",
    "At the edge some of the eight do not exist. Below 0, an index counts from the other end; at `h` or `w`, "
    "there is an error.",
    "`for v in range(max(y - 1, 0), min(y + 2, h)):`, and so for u.",
)
def _off_the_page(ink):
    labels, count = np.zeros(ink.shape, int), 0
    for row, column in np.argwhere(ink):
        if not labels[row, column]:
            count += 1
            labels[row, column], todo = count, [(row, column)]
            while todo:
                y, x = todo.pop()
                for v in (y - 1, y, y + 1):
                    for u in (x - 1, x, x + 1):
                        if ink[v, u] and not labels[v, u]:
                            labels[v, u] = count
                            todo.append((v, u))
    return labels


@components.mistake(
    "how many pieces, instead of which pixel is in which",
    "Is your result as large as the page?",
    "You return the count. Asked for is an array (h, w) with a number for each pixel.",
    "`return labels`",
)
def _how_many(ink):
    return int(components.reference(ink).max())


# 10.4 The boxes ---------------------------------------------------------------------------------------------


def _numbered():
    return {
        "three pieces": (
            components.reference(
                _drawn(
                    "..##.....", ".#..#....", ".....#...", "..#......", "..#....##", "..#....##", "........."
                )
            ),
        ),
        "a single pixel in a corner": (components.reference(_drawn("....", "....", "...#")),),
        "pieces within each other": (
            components.reference(_drawn("#####", "#...#", "#.#.#", "#...#", "#####")),
        ),
        "a wide page": (components.reference(_drawn("#.####.#.##", "#......#...", "#.#.##.....")),),
        "no piece": (np.zeros((3, 5), int),),
    }


def _as_boxes(boxes, *_):
    none = isinstance(boxes, np.ndarray) and boxes.size == 0
    return np.zeros((0, 4)) if none else boxes  # none are none, in any shape


@exercise(
    "10.4",
    cases=_numbered,
    result=_as_boxes,
    tested="several pieces, one of a single pixel, one within another, and none",
    hints=(
        "Draw a piece on squared paper, number rows and columns from 0, and write down its four numbers.",
        "For each number from 1 to the largest: in which rows does it occur, and in which columns? "
        "`np.nonzero(labels == k)` gives both, the rows first.",
        "`rows, columns = np.nonzero(labels == k)`, then "
        "`[columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1]`.",
    ),
)
def boxes(labels):
    """The box (x, y, w, h) around each piece, in the order of their numbers: (h, w) int -> (n, 4) int."""
    found = []
    for k in range(1, labels.max() + 1):
        rows, columns = np.nonzero(labels == k)  # two of (pixels,)
        x, y = columns.min(), rows.min()
        found.append((x, y, columns.max() + 1 - x, rows.max() + 1 - y))
    return np.array(found, int).reshape(-1, 4)  # (n, 4)


def _each_piece(labels, measure, first=1, last=1):
    found = [measure(*np.nonzero(labels == k)) for k in range(first, labels.max() + last)]
    return np.array(found).reshape(-1, 4)


@boxes.mistake(
    "one pixel too narrow",
    "How wide is a piece that begins in column 3 and ends in column 3?",
    "It is 1 pixel wide, and 3 - 3 is 0. Both ends belong to the piece.",
    "`columns.max() - columns.min() + 1`, and so for the rows.",
)
def _narrow(labels):
    return _each_piece(labels, lambda y, x: (x.min(), y.min(), np.ptp(x), np.ptp(y)))


@boxes.mistake(
    "row and column instead of x and y",
    "Which of the two does `np.nonzero` give first: how far down, or how far to the right?",
    "An array is counted (row, column), and a box (x, y): that is the other way round.",
    "`rows, columns = np.nonzero(labels == k)`: x is about columns, y about rows.",
)
def _swapped(labels):
    return _each_piece(labels, lambda y, x: (y.min(), x.min(), np.ptp(y) + 1, np.ptp(x) + 1))


@boxes.mistake(
    "the other corner instead of width and height",
    "What are your last two numbers: a place on the page, or a size?",
    "You return where the box ends. Asked for is how wide and how high it is.",
    "`columns.max() - columns.min() + 1` in the third place, and so for the rows in the fourth.",
)
def _corner(labels):
    return _each_piece(labels, lambda y, x: (x.min(), y.min(), x.max(), y.max()))


@boxes.mistake(
    "where the box ends, instead of width and height",
    "What are your last two numbers: a place on the page, or a size?",
    "You return the first column and row behind the box. Asked for is how wide and how high it is.",
    "Subtract where it begins: `columns.max() + 1 - columns.min()`.",
)
def _end(labels):
    return _each_piece(labels, lambda y, x: (x.min(), y.min(), x.max() + 1, y.max() + 1))


@boxes.mistake(
    "height and width in each other's place",
    "Which comes first, w or h?",
    "The first two of your numbers are x and y. Then comes how far it goes in x, and then in y.",
    "`(x, y, w, h)`, with w from the columns.",
)
def _high_first(labels):
    return _each_piece(labels, lambda y, x: (x.min(), y.min(), np.ptp(y) + 1, np.ptp(x) + 1))


@boxes.mistake(
    "the middle instead of the corner",
    "Is your x where the box begins, or its middle?",
    "The first two numbers are those of the upper left corner.",
    "`columns.min()` and `rows.min()`.",
)
def _centres(labels):
    return _each_piece(
        labels,
        lambda y, x: ((x.min() + x.max()) / 2, (y.min() + y.max()) / 2, np.ptp(x) + 1, np.ptp(y) + 1),
    )


@boxes.mistake(
    "the paper has a box, too",
    "Around which pixels is your first box?",
    "The number 0 is paper. The pieces begin at 1.",
    "`range(1, labels.max() + 1)`",
)
def _paper_box(labels):
    return _each_piece(labels, lambda y, x: (x.min(), y.min(), np.ptp(x) + 1, np.ptp(y) + 1), first=0)


@boxes.mistake(
    "the last piece is left out",
    "How many boxes do you return, and what is the largest number in `labels`?",
    "`range(1, n)` stops before n.",
    "`range(1, labels.max() + 1)`",
)
def _last_missing(labels):
    return _each_piece(labels, lambda y, x: (x.min(), y.min(), np.ptp(x) + 1, np.ptp(y) + 1), last=0)


@boxes.mistake(
    "one box around all ink",
    "How many boxes do you return, and how many pieces are there?",
    "`labels > 0`, or `labels` itself, is all ink at once.",
    "One piece at a time: `labels == k`.",
)
def _one_box(labels):
    return _each_piece(
        (labels > 0).astype(int), lambda y, x: (x.min(), y.min(), np.ptp(x) + 1, np.ptp(y) + 1)
    )


# 10.5 Reading order -----------------------------------------------------------------------------------------


def _page_of_boxes(seed, lines, height, slope=0.0, apart=1.9, unsteady=0.12, wide=(0.25, 0.6)):
    """Boxes (n, 4) of lines of so many digits, in no order."""
    rng = np.random.default_rng(seed)
    found = []
    for i, count in enumerate(lines):
        for j in range(count):
            high = height * rng.uniform(0.8, 1.1)
            x = (2 + j + i % 2) * 1.1 * height + rng.uniform(-0.1, 0.1) * height
            y = (1 + apart * i) * height + rng.normal(0, unsteady) * height + slope * x - high / 2 + height
            found.append((x, y, height * rng.choice(wide), high))
    return np.round(np.array(found)[rng.permutation(len(found))]).astype(int)


def _pages():
    dash = np.array(
        [[30, 60, 20, 44], [60, 81, 18, 5], [90, 56, 26, 50], [34, 140, 24, 46], [66, 165, 18, 5]]
    )
    return {
        "one line": (_page_of_boxes(1, [5], 40),),
        "two lines": (_page_of_boxes(2, [4, 4], 40),),
        "three lines of different length, small": (_page_of_boxes(3, [2, 5, 3], 14),),
        "lines that go down to the right": (_page_of_boxes(4, [7, 7], 60, slope=0.09, unsteady=0.05),),
        "lines that nearly touch": (
            _page_of_boxes(5, [5, 3, 4], 50, apart=0.95, unsteady=0.04, wide=(1.1, 1.4)),
        ),
        "a dash is low": (dash[[3, 0, 4, 1, 2]],),
        "a single box": (np.array([[10, 20, 30, 40]]),),
    }


def _lines(returned, *_):
    return [[int(i) for i in line] for line in returned]


@exercise(
    "10.5",
    cases=_pages,
    result=_lines,
    tested="one line, two and three, large writing and small, lines that go down or nearly touch, and a dash",
    hints=(
        "Cover all boxes but one line with your hands. What have these in common, and the others not?",
        "Sort the boxes by the height of their *middle*. Going down, there is a jump where a new line "
        "begins: more than half as high as the writing. Then sort each line by x.",
        "`middle = boxes[:, 1] + boxes[:, 3] / 2`, `order = np.argsort(middle)`, and a new line wherever "
        "`middle[order[i]] - middle[order[i - 1]] > np.median(boxes[:, 3]) / 2`.",
    ),
)
def reading_order(boxes):
    """Lines from above, in each the places of its boxes from the left: (n, 4) -> list of lists of int."""
    middle = boxes[:, 1] + boxes[:, 3] / 2  # (n,)
    order = np.argsort(middle)  # (n,), from above
    jumps = np.diff(middle[order]) > np.median(boxes[:, 3]) / 2  # (n - 1,)
    lines = np.split(order, np.flatnonzero(jumps) + 1)
    return [line[np.argsort(boxes[line, 0])].tolist() for line in lines]


def _in_lines(boxes, middle=None, step=None, key=None):
    """Lines by other heights, other jumps, or another order within them."""
    middle = boxes[:, 1] + boxes[:, 3] / 2 if middle is None else middle
    step = np.median(boxes[:, 3]) / 2 if step is None else step
    key = boxes[:, 0] if key is None else key
    order = np.argsort(middle, kind="stable")
    lines = np.split(order, np.flatnonzero(np.diff(middle[order]) > step) + 1)
    return [line[np.argsort(key[line], kind="stable")].tolist() for line in lines]


@reading_order.mistake(
    "all boxes in one line",
    "How many lines are there on the page, and how many in your result?",
    "You sort by x alone. The second line then stands between the digits of the first.",
    "First tell the lines apart, by the height of their boxes; then sort each by x.",
)
def _one_line(boxes):
    return [np.argsort(boxes[:, 0], kind="stable").tolist()]


@reading_order.mistake(
    "a row of places instead of lines of them",
    "Is your result a list of numbers, or a list of lists?",
    "The order is right, but nothing says where a line ends.",
    "Gather the places of each line in a list of its own, and these lists in another.",
)
def _flat(boxes):
    return [i for line in reading_order.reference(boxes) for i in line]


@reading_order.mistake(
    "sorted by height and never by x",
    "In which order do the digits of one line come?",
    "Whoever writes a little higher or lower does not read in that order. Within a line, x decides.",
    "Sort each line: `line[np.argsort(boxes[line, 0])]`.",
)
def _by_height(boxes):
    return _in_lines(boxes, key=boxes[:, 1] + boxes[:, 3] / 2)


@reading_order.mistake(
    "within a line, the order in which they came",
    "In which order do the digits of one line come?",
    "The boxes come in any order. You gather those of a line as they come; they must be sorted by x, too.",
    "`sorted(line, key=lambda i: boxes[i, 0])`",
)
def _as_they_came(boxes):
    return _in_lines(boxes, key=np.arange(len(boxes)))


@reading_order.mistake(
    "from right to left",
    "Which digit of a line do you read first?",
    "You sort from the largest x to the smallest.",
    "Leave the minus, the `reverse=True` or the `[::-1]` out.",
)
def _from_the_right(boxes):
    return _in_lines(boxes, key=-boxes[:, 0])


@reading_order.mistake(
    "from the bottom to the top",
    "Is y small or large at the top of a picture?",
    "Rows are counted from above. The line with the smallest y comes first.",
    "Leave the minus, the `reverse=True` or the `[::-1]` out.",
)
def _from_below(boxes):
    return reading_order.reference(boxes)[::-1]


@reading_order.mistake(
    "columns instead of lines",
    "What have the boxes of one of your lists in common: their height on the page, or their x?",
    "Column 0 of `boxes` is x, and column 1 is y. You tell lines apart by x.",
    "`boxes[:, 1]` and `boxes[:, 3]` say where a box is from top to bottom.",
)
def _columns(boxes):
    other = boxes[:, [1, 0, 3, 2]]
    return _in_lines(other)


@reading_order.mistake(
    "the upper edge instead of the middle",
    "Where is the upper edge of a dash, and where its middle?",
    "What is low begins lower, and seems to be in the next line. Middles of a line agree better than edges "
    "do.",
    "`boxes[:, 1] + boxes[:, 3] / 2`",
)
def _upper_edge(boxes):
    return _in_lines(boxes, boxes[:, 1].astype(float))


@reading_order.mistake(
    "a line is what has the very same height",
    "Do two digits of a line ever have exactly the same y?",
    "Hardly ever: no hand is that steady. Nearly each box becomes a line of its own.",
    "Let middles differ by up to half the height of the writing.",
)
def _same_height(boxes):
    return _in_lines(boxes, step=0)


@reading_order.mistake(
    "a line is what has the very same upper edge",
    "Do two digits of a line ever have exactly the same y?",
    "Hardly ever: no hand is that steady. Nearly each box becomes a line of its own.",
    "Let middles differ by up to half the height of the writing.",
)
def _same_edge(boxes):
    return _in_lines(boxes, boxes[:, 1], step=0)


@reading_order.mistake(
    "strips of a fixed height",
    "A digit at y = 99 and one at y = 101, with strips of 50: are they in one line?",
    "`//` cuts the page into strips, and no hand keeps to them: where a line lies across a border, it is cut "
    "in two.",
    "Look at the jump from one middle to the next: `np.diff(middle[order])`.",
)
def _strips_of_a_height(boxes):
    middle, height = boxes[:, 1] + boxes[:, 3] / 2, np.median(boxes[:, 3])
    return _in_lines(boxes, middle // height, step=0)


@reading_order.mistake(
    "a new line begins only after a whole height",
    "Two lines that nearly touch: how far apart are their middles?",
    "In a page that is written closely, the next line is less than one height below. Within a line, middles "
    "differ by far less than half of it.",
    "`np.median(boxes[:, 3]) / 2`",
)
def _whole_height(boxes):
    return _in_lines(boxes, step=np.median(boxes[:, 3]))


@reading_order.mistake(
    "the last line is lost",
    "When does your loop put a line into the result? And what happens to the one that it is at when it ends?",
    "A line is put away when the next one begins. After the last one, none begins.",
    "After the loop, put the last line into the result, too.",
)
def _last_line_lost(boxes):
    return reading_order.reference(boxes)[:-1]


@reading_order.mistake(
    "the boxes instead of their places",
    "Can you look up a digit's image with your result?",
    "You return x, y, w and h of each box. Asked for is which box it is: its row in `boxes`.",
    "`np.argsort` gives places, and `sorted` gives values: `sorted(range(len(boxes)), key=...)`.",
)
def _the_boxes(boxes):
    return [[boxes[i].tolist() for i in line] for line in reading_order.reference(boxes)]


@reading_order.mistake(
    "each box is compared with the first of its line",
    "A line goes down a bit. How far is its last digit from its first, and how far from its neighbour?",
    "Over a long line the slope adds up, and its end seems to be another line. The next one in order is "
    "near.",
    "Compare with the one before: `np.diff(middle[order])`.",
)
def _with_the_first(boxes):
    middle = boxes[:, 1] + boxes[:, 3] / 2
    lines = []
    for i in np.argsort(middle, kind="stable"):
        if lines and middle[i] - middle[lines[-1][0]] <= np.median(boxes[:, 3]) / 2:
            lines[-1].append(i)
        else:
            lines.append([i])
    return [sorted((int(i) for i in line), key=lambda i: boxes[i, 0]) for line in lines]


# 10.6 A digit's box to 28 x 28 ------------------------------------------------------------------------------


def _digits():
    rng = np.random.default_rng(6)
    seven = np.zeros((60, 35), bool)
    seven[:7] = True
    for y in range(60):
        x = int(30 - y * 0.4)
        seven[y, x : x + 5] = True
    low = np.zeros((24, 52), bool)
    low[9:14], low[:, 40:47], low[20:, 30:] = True, True, True
    one = np.zeros((70, 6), bool)
    one[:, 1:5] = True
    one[:12, 0], one[-1] = True, True  # lopsided: no centre of mass lies halfway between two pixels
    heavy = np.zeros((32, 40), bool)
    heavy[14, :], heavy[:, 34:] = True, True
    return {
        "a 7, higher than wide": (seven,),
        "a mark that is wider than high": (low,),
        "a 1": (one,),
        "a small mark with holes": (rng.random((13, 9)) < 0.6,),
        "a mark with its ink at one side": (heavy,),
    }


@exercise(
    "10.6",
    cases=_digits,
    tested="high marks and wide ones, a thin one, a small one, and one with its ink at one side",
    hints=(
        "A mark is 60 pixels high and 30 wide. How high and how wide must it be in the end? And where does "
        "its upper left corner come, if its middle is just its centre of mass?",
        "Four steps: the new height and width; the small digit, by two matrix products; its centre of "
        "mass; a sheet of zeros, into which it is written.",
        "`small = averaging(h, new_h) @ ink @ averaging(w, new_w).T`, then "
        "`left = np.clip(round(14 - x), 0, 28 - new_w)`, and "
        "`image[top : top + new_h, left : left + new_w] = small`.",
    ),
)
def to_28(ink):
    """The ink of one digit (h, w), its longer side made 20, its centre of mass in the middle: (28, 28)."""
    h, w = ink.shape
    new_h, new_w = (max(1, round(n * BOX / max(h, w))) for n in (h, w))
    small = averaging(h, new_h) @ ink @ averaging(w, new_w).T  # (h, w) -> (new_h, new_w)
    y = np.arange(new_h) @ small.sum(axis=1) / small.sum()
    x = small.sum(axis=0) @ np.arange(new_w) / small.sum()
    top, left = np.clip(round(14 - y), 0, SIDE - new_h), np.clip(round(14 - x), 0, SIDE - new_w)
    image = np.zeros((SIDE, SIDE))
    image[top : top + new_h, left : left + new_w] = small
    return image


def _mass(small):
    down, across = (np.arange(n) for n in small.shape)
    return down @ small.sum(axis=1) / small.sum(), small.sum(axis=0) @ across / small.sum()


def _put(small, y, x, clip=True):
    """A small digit on a sheet, its point (y, x) at (14, 14)."""
    new_h, new_w = small.shape
    top, left = round(14 - y), round(14 - x)
    if clip:
        top, left = np.clip(top, 0, SIDE - new_h), np.clip(left, 0, SIDE - new_w)
    image = np.zeros((SIDE, SIDE))
    image[top : top + new_h, left : left + new_w] = small
    return image


def _sizes(ink, box=BOX, longest=max, whole=round):
    return [max(1, whole(n * box / longest(ink.shape))) for n in ink.shape]


def _small(ink, sizes):
    return averaging(ink.shape[0], sizes[0]) @ ink @ averaging(ink.shape[1], sizes[1]).T


@to_28.mistake(
    "each side by a scale of its own",
    "What becomes of a 1: is it still thin?",
    "You make height and width 20 each. A 1 becomes as wide as it is high, and looks like no 1.",
    "One scale for both: `20 / max(h, w)`.",
)
def _stretched(ink):
    small = _small(ink, (BOX, BOX))
    return _put(small, *_mass(small))


@to_28.mistake(
    "the shorter side becomes 20",
    "Try a 1, which is much higher than wide. How high does it become?",
    "When the shorter side is made to fit, the longer one sticks out.",
    "`20 / max(h, w)`, not `min`.",
)
def _shorter(ink):
    small = _small(ink, _sizes(ink, longest=min))
    return _put(small, *_mass(small))


@to_28.mistake(
    "the digit fills the whole sheet",
    "How much paper is there around a digit of MNIST?",
    "In MNIST, the longer side of a digit is 20 of the 28 pixels. A larger one has a form that no network "
    "has met.",
    "`20 / max(h, w)`",
)
def _fills(ink):
    small = _small(ink, _sizes(ink, SIDE))
    return _put(small, *_mass(small))


@to_28.mistake(
    "the middle of the box instead of the centre of mass",
    "Where is most of the ink of a 7: in the middle of its box?",
    "You put the middle of the *box* into the middle of the sheet. MNIST has the centre of mass there: see "
    "exercise 8.4.",
    "`y = np.arange(new_h) @ small.sum(axis=1) / small.sum()`, and so for x.",
)
def _middle_of_box(ink):
    small = _small(ink, _sizes(ink))
    image = np.zeros((SIDE, SIDE))
    top, left = ((SIDE - n) // 2 for n in small.shape)
    image[top : top + small.shape[0], left : left + small.shape[1]] = small
    return image


@to_28.mistake(
    "the upper left corner always at the same place",
    "A 1 is narrow. Is it in the middle of your sheet, or at the left?",
    "You put the corner of the box at a fixed place. It is the centre of mass that has one: (14, 14).",
    "`top = round(14 - y)` and `left = round(14 - x)`, with the centre of mass (x, y) of the small digit.",
)
def _fixed_corner(ink):
    small = _small(ink, _sizes(ink))
    return _put(small, 10, 10)


@to_28.mistake(
    "in the corner of the sheet",
    "Where on your sheet is the digit?",
    "You write it where the sheet begins. Its centre of mass should come to (14, 14).",
    "`image[top : top + new_h, left : left + new_w] = small`",
)
def _at_zero(ink):
    small = _small(ink, _sizes(ink))
    return _put(small, 14, 14)


@to_28.mistake(
    "the centre of mass of the large digit",
    "In which pixels do you count the centre of mass: in those before scaling, or after it?",
    "The sheet has 28 pixels, and a digit on paper has 60. A place among the one is no place among the "
    "other.",
    "Work out x and y from `small`.",
)
def _mass_of_large(ink):
    return _put(_small(ink, _sizes(ink)), *_mass(ink))


@to_28.mistake(
    "x and y of the centre in each other's place",
    "Which sum belongs to x: the one over the rows, or the one over the columns?",
    "`small.sum(axis=0)` adds the rows up, and leaves one number for each column: that belongs to x, and so "
    "to `left`.",
    "`y = np.arange(new_h) @ small.sum(axis=1) / small.sum()` belongs to `top`.",
)
def _swapped_mass(ink):
    small = _small(ink, _sizes(ink))
    y, x = _mass(small)
    return _put(small, x, y)


@to_28.mistake(
    "the digit sticks out of the sheet",
    "A mark with all its ink at the right: how large is `left`? Can it be below 0?",
    "Below 0, an index counts from the end, and above 28 - new_w the sheet is too small for it. The place "
    "must stay between the two.",
    "`left = np.clip(round(14 - x), 0, 28 - new_w)`, and so for `top`.",
)
def _sticks_out(ink):
    small = _small(ink, _sizes(ink))
    return _put(small, *_mass(small), clip=False)


@to_28.mistake(
    "pixels are picked instead of averaged",
    "A line of 3 pixels, and you take every fourth: can it be lost?",
    "Picking some pixels and dropping the others leaves stairs, and gaps in thin lines. Each new pixel "
    "should be the mean of those that it stands for.",
    "`averaging(h, new_h) @ ink @ averaging(w, new_w).T`",
)
def _picked(ink):
    new_h, new_w = _sizes(ink)
    rows = (np.arange(new_h) * ink.shape[0] / new_h).astype(int)
    columns = (np.arange(new_w) * ink.shape[1] / new_w).astype(int)
    small = ink[rows][:, columns].astype(float)
    return _put(small, *_mass(small))


@to_28.mistake(
    "grey becomes ink or paper",
    "Which numbers stand in your image: only 0 and 1?",
    "At the edge of a line a pixel is partly covered. The network has learned from images with such grey "
    "edges: keep them.",
    "Leave the comparison out: `small` as it is.",
)
def _hard_edges(ink):
    return (to_28.reference(ink) > 0.5).astype(float)


@to_28.mistake(
    "any ink at all becomes full ink",
    "Which numbers stand in your image: only 0 and 1?",
    "An image of True and False has no grey. At the edge of a line a pixel is partly covered: keep how much.",
    "A sheet of numbers, `np.zeros((28, 28))`, and `small` as it is.",
)
def _bool_sheet(ink):
    return (to_28.reference(ink) > 0).astype(float)


@to_28.mistake(
    "half a pixel too far up and to the left",
    "What is `int(13.9)`? And where does MNIST have its centre of mass: at 13.5, or at 14?",
    "Whoever cuts off what is behind the point, with `int` or `//`, or takes 13.5 for the middle, comes "
    "out half a pixel too far up and left, on average.",
    "`round(14 - x)` and `round(14 - y)`",
)
def _cut(ink):
    small = _small(ink, _sizes(ink))
    y, x = _mass(small)
    new_h, new_w = small.shape
    return _put(small, 14 - int(14 - y), 14 - int(14 - x))


@to_28.mistake(
    "the new size is cut off instead of rounded",
    "What is `20 * 35 // 60`? And 20 * 35 / 60?",
    "`int` and `//` drop what is behind the point, and the digit becomes a bit too thin.",
    "`round(n * 20 / max(h, w))`",
)
def _size_cut(ink):
    small = _small(ink, _sizes(ink, whole=int))
    return _put(small, *_mass(small))


@to_28.mistake(
    "the new size and the old one in each other's place",
    "`averaging(6, 3)` turns 6 numbers into 3. Which of your two numbers is the larger one?",
    "The first is how many numbers there are, and the second how many there shall be.",
    "`averaging(h, new_h) @ ink @ averaging(w, new_w).T`",
)
def _averaging_turned(ink):
    (h, w), (new_h, new_w) = ink.shape, _sizes(ink)
    return averaging(new_h, h) @ ink @ averaging(new_w, w).T


@to_28.mistake(
    "paper is 1, and ink is 0",
    "Which number has the paper in your image?",
    "In this course ink is 1 and paper is 0; so it is in the images that the network learned from.",
    "Leave the `1 -` out.",
)
def _inverted(ink):
    return 1 - to_28.reference(ink)


# 10.7 The score of a cut ------------------------------------------------------------------------------------


def _read_groups():
    rng = np.random.default_rng(7)

    def rows(k, sharp):
        logits = sharp * rng.normal(size=(k, 10))
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        return p / p.sum(axis=1, keepdims=True)

    sure = np.full((2, 10), 0.001)
    sure[0, 3], sure[1, 7] = 0.991, 0.991
    return {
        "sure and unsure, narrow and wide": (
            rows(6, 3.0),
            np.array([0.3, 0.5, 0.7, 0.9, 1.4, 2.0]),
            np.array([0.1, 0.0, 0.25, 0.0, 0.4, 0.15]),
        ),
        "sure of all, and cut through paper": (sure, np.array([0.4, 1.1]), np.zeros(2)),
        "sure of nothing": (np.full((3, 10), 0.1), np.array([0.2, 0.6, 1.0]), np.array([0.3, 0.1, 0.0])),
        "one group alone": (rows(1, 2.0), np.array([0.65]), np.array([0.2])),
    }


@exercise(
    "10.7",
    cases=_read_groups,
    warns=True,
    tested="groups that are surely a digit and others, narrow and wide, with cuts through ink and paper",
    hints=(
        "Work out three costs by hand, with paper at the cut: sure of a narrow group (1.0, 0.4 wide), half "
        "sure of it (0.5, 0.4), and sure of a wide one (1.0, 1.5).",
        "Three parts, added up. For the first you need the largest probability of each row, not below 0.35. "
        "For the second you need how much wider than 0.5 a group is: 0 if it is not.",
        "`-np.log(np.maximum(probabilities.max(axis=1), 0.35)) + 1.7 * np.maximum(wide - 0.5, 0) + 2 * "
        "through`",
    ),
)
def cost(probabilities, wide, through):
    """What it costs to take each group for a digit, in nats: (k, 10), (k,), (k,) -> (k,)."""
    unlikely = -np.log(np.maximum(probabilities.max(axis=1), 0.35))  # (k, 10) -> (k,)
    return unlikely + 1.7 * np.maximum(wide - 0.5, 0) + 2 * through


def _cost(probabilities, wide, through, log=np.log, floor=0.35, sign=-1, largest=None):
    p = probabilities.max(axis=1) if largest is None else largest
    return sign * log(np.maximum(p, floor)) + 1.7 * np.maximum(wide - 0.5, 0) + 2 * through


@cost.mistake(
    "without the minus",
    "Does a group that is surely a digit cost more with your formula, or less?",
    "The logarithm of a probability is 0 or below, and the surer, the nearer to 0. A cost should be small "
    "where all is well.",
    "`-np.log(...)`",
)
def _no_minus(probabilities, wide, through):
    return _cost(probabilities, wide, through, sign=1)


@cost.mistake(
    "1 minus the probability instead of its logarithm",
    "Two digits, each read at 0.5: the probability of both is 0.25. Do your costs add up to that?",
    "Probabilities of several digits are multiplied. Only logarithms make a sum of a product.",
    "`-np.log(p)` instead of `1 - p`.",
)
def _no_log(probabilities, wide, through):
    return _cost(probabilities, wide, through, log=lambda p: p - 1)


@cost.mistake(
    "another logarithm",
    "What is `np.log(10)`, and what is `np.log10(10)`?",
    "Nats belong to the natural logarithm, as in cross-entropy. With another one, the penalty for wide "
    "groups weighs too much or too little against it.",
    "`np.log`",
)
def _log10(probabilities, wide, through):
    return _cost(probabilities, wide, through, log=np.log10)


@cost.mistake(
    "a logarithm to the base 2",
    "What is `np.log(2)`, and what is `np.log2(2)`?",
    "Nats belong to the natural logarithm, as in cross-entropy; `np.log2` counts in bits.",
    "`np.log`",
)
def _log2(probabilities, wide, through):
    return _cost(probabilities, wide, through, log=np.log2)


@cost.mistake(
    "nothing bounds the cost of what is no digit",
    "What do you charge when the network is sure of nothing: every digit at 0.1?",
    "What is no digit would cost more than two wrong halves that look a bit like digits. Below 0.35 all cost "
    "the same.",
    "`np.maximum(probabilities.max(axis=1), 0.35)`",
)
def _no_floor(probabilities, wide, through):
    return _cost(probabilities, wide, through, floor=0)


@cost.mistake(
    "0.35 bounds the cost instead of the probability",
    "What does a group cost of which the network is quite sure?",
    "You put the bound around the logarithm. So nothing is cheaper than 0.35, and what is no digit may "
    "cost any amount.",
    "First the bound, then the logarithm: `-np.log(np.maximum(p, 0.35))`.",
)
def _bound_outside(probabilities, wide, through):
    unlikely = np.maximum(-np.log(probabilities.max(axis=1)), 0.35)
    return unlikely + 1.7 * np.maximum(wide - 0.5, 0) + 2 * through


@cost.mistake(
    "at most 0.35 instead of at least",
    "What becomes of a probability of 0.99 in your formula?",
    "`np.minimum` brings everything *down* to 0.35. Then the network may be as sure as it likes.",
    "`np.maximum(p, 0.35)`",
)
def _ceiling(probabilities, wide, through):
    p = np.minimum(probabilities.max(axis=1), 0.35)
    return -np.log(p) + 1.7 * np.maximum(wide - 0.5, 0) + 2 * through


@cost.mistake(
    "what is narrow is rewarded",
    "What does your formula add for a group that is 0.2 wide?",
    "Below 0.5 your second part is negative: thin slivers get cheaper and cheaper. Narrow is no virtue, a "
    "1 costs what a 0 costs.",
    "`1.7 * np.maximum(wide - 0.5, 0)`",
)
def _narrow_rewarded(probabilities, wide, through):
    return _cost(probabilities, wide, through) - 1.7 * np.maximum(wide - 0.5, 0) + 1.7 * (wide - 0.5)


@cost.mistake(
    "what is narrow costs as well",
    "What does your formula add for a group that is 0.2 wide?",
    "With `abs`, a group costs more the narrower it is. Narrow is no fault, a 1 costs what a 0 costs.",
    "`np.maximum(wide - 0.5, 0)`",
)
def _narrow_costs(probabilities, wide, through):
    return _cost(probabilities, wide, through, floor=0.35) + 1.7 * np.maximum(0.5 - wide, 0)


@cost.mistake(
    "all of the width is charged, not what is above 0.5",
    "What does your formula add for a group that is 0.5 wide, like most digits?",
    "An ordinary digit is about half as wide as high. Only what is wider than that should cost something.",
    "`wide - 0.5`, and 0 where that is below 0.",
)
def _all_width(probabilities, wide, through):
    return _cost(probabilities, wide + 0.5, through)


@cost.mistake(
    "the width is left out",
    "You were given three things. How many of them do you use?",
    "The network reads two digits as one, and may be quite sure. Their width gives them away.",
    "`+ 1.7 * np.maximum(wide - 0.5, 0)`",
)
def _no_width(probabilities, wide, through):
    return _cost(probabilities, np.zeros_like(wide), through)


@cost.mistake(
    "the ink at the cut is left out",
    "You were given three things. How many of them do you use?",
    "Whoever cuts through the middle of a 0 may well find two 1s there, and the network is sure of both. "
    "The ink that is cut through speaks against it.",
    "`+ 2 * through`",
)
def _no_ink(probabilities, wide, through):
    return _cost(probabilities, wide, 0 * through)


@cost.mistake(
    "the ink at the cut makes it cheaper",
    "Which is the better cut: the one through paper, or the one through a line?",
    "You subtract it. What speaks against a cut makes it dearer.",
    "`+ 2 * through`",
)
def _ink_rewarded(probabilities, wide, through):
    return _cost(probabilities, wide, -through)


@cost.mistake(
    "which digit, instead of how probable",
    "What is the largest number that your `argmax` can give?",
    "`argmax` is where the largest stands: that is the digit itself. You need how large it is.",
    "`probabilities.max(axis=1)`",
)
def _which_digit(probabilities, wide, through):
    return _cost(probabilities, wide, through, largest=probabilities.argmax(axis=1))


@cost.mistake(
    "one probability for all groups",
    "How many numbers does your `max` give: one, or one for each group?",
    "Without an axis, it takes the largest of all rows together, and the surest group speaks for the others.",
    "`probabilities.max(axis=1)`",
)
def _one_for_all(probabilities, wide, through):
    return _cost(probabilities, wide, through, largest=probabilities.max())


@cost.mistake(
    "the sum over all ten digits",
    "What is the sum of ten probabilities?",
    "It is 1, always, or its logarithms add up to something that no digit has. One digit is right, so one "
    "probability counts: the largest.",
    "`probabilities.max(axis=1)`",
)
def _sum_of_ten(probabilities, wide, through):
    return _cost(probabilities, wide, through, largest=probabilities.sum(axis=1))


@cost.mistake(
    "the floor is added instead of compared with",
    "What becomes of a probability of 0.9 in your formula?",
    "You add 0.35 to every probability, and 0.9 becomes 1.25. What is above 0.35 should stay as it is.",
    "`np.maximum(p, 0.35)`",
)
def _floor_added(probabilities, wide, through):
    return _cost(probabilities, wide, through, largest=probabilities.max(axis=1) + 0.35)


@cost.mistake(
    "the width is taken off",
    "Does a wide group cost more with your formula, or less?",
    "What speaks against a digit makes it dearer: the parts are added.",
    "`+ 1.7 * ...`",
)
def _minus_width(probabilities, wide, through):
    return _cost(probabilities, wide, through) - 3.4 * np.maximum(wide - 0.5, 0)


# 10.8 The cheapest chain ------------------------------------------------------------------------------------


def _chains():
    rng = np.random.default_rng(10)

    def groups(n, most, low=0.05):
        pairs = [(i, j) for i in range(n) for j in range(i + 1, min(i + most, n) + 1)]
        costs = {pair: float(low + rng.exponential(0.6 * (pair[1] - pair[0]))) for pair in pairs}
        return {pairs[k]: round(costs[pairs[k]], 3) for k in rng.permutation(len(pairs))}

    trap = {(0, 1): 0.1, (0, 2): 0.4, (1, 2): 2.5, (1, 3): 3.0, (2, 3): 0.3, (3, 4): 0.2, (2, 4): 1.9}
    gap = {(0, 2): 1.2, (2, 3): 0.5, (1, 3): 0.1, (0, 1): 1.9, (3, 5): 0.4, (4, 5): 0.05, (2, 4): 0.3}
    whole = groups(5, 2) | {(0, 5): 0.9}
    return {
        "four pieces; the cheapest first step is a trap": (trap, 4),
        "five pieces, and some cannot stand alone": (gap, 5),
        "seven pieces, groups of up to three": (groups(7, 3), 7),
        "ten pieces, groups of up to four": (groups(10, 4), 10),
        "one piece": ({(0, 1): 0.7}, 1),
        "all pieces are one digit": ({pair: value + 0.5 for pair, value in whole.items()} | {(0, 5): 0.9}, 5),
    }


def _pairs(returned, *_):
    return [(int(first), int(end)) for first, end in returned]


@exercise(
    "10.8",
    cases=_chains,
    result=_pairs,
    tested="a first step that is a trap, pieces that cannot stand alone, ten pieces, and one",
    hints=(
        "Take the first case, and work out on paper: what is the cheapest way to put the first piece in a "
        "group? The first two? The first three? Use what you know already.",
        "Go through the ends from 1 to n. The best chain to `end` consists of a last group `(first, end)`, "
        "and of the best chain to `first`, which you know already. Remember for each end what it costs, "
        "and which group was the last; at n, go back along these.",
        "`best[end] = min(best[first] + costs[first, end] ...)` over all groups that end there; then "
        "`while end > 0: chain.append((last[end], end)); end = last[end]`, and turn the chain round.",
    ),
)
def cheapest(costs, n):
    """The chain of groups from piece 0 to n that costs least: {(first, end): cost} -> [(first, end), …]."""
    best, last = [0.0] + [np.inf] * n, [0] * (n + 1)
    for end in range(1, n + 1):
        for first in range(end):
            if (first, end) in costs and best[first] + costs[first, end] < best[end]:
                best[end], last[end] = best[first] + costs[first, end], first
    chain, end = [], n
    while end > 0:
        chain.append((last[end], end))
        end = last[end]
    return chain[::-1]


def _all_chains(costs, n, at=0):
    """Every chain from `at` to n."""
    if at == n:
        yield []
    for first, end in sorted(costs):
        if first == at:
            for rest in _all_chains(costs, n, end):
                yield [(first, end), *rest]


def _total(costs, chain):
    return sum(costs[pair] for pair in chain)


@cheapest.mistake(
    "always the cheapest next step",
    "In the first case, which group do you take first, and what must you take after it?",
    "What is cheapest now may leave you something dear. Such an algorithm is called greedy: it never looks "
    "back.",
    "For each end, keep the cost of the best chain *to* it, and compare those: `best[first] + costs[first, "
    "end]`.",
)
def _greedy(costs, n):
    chain, at = [], 0
    while at < n:
        ways = [pair for pair in costs if pair[0] == at]
        if not ways:
            return chain
        chain.append(min(ways, key=costs.get))
        at = chain[-1][1]
    return chain


@cheapest.mistake(
    "always the next step that is cheapest for each of its pieces",
    "In the first case, which group do you take first, and what must you take after it?",
    "What is cheap now, counted by pieces, may leave you something dear. You never look back.",
    "For each end, keep the cost of the best chain *to* it, and compare those: `best[first] + costs[first, "
    "end]`.",
)
def _greedy_by_piece(costs, n):
    chain, at = [], 0
    while at < n:
        ways = [pair for pair in costs if pair[0] == at]
        if not ways:
            return chain
        chain.append(min(ways, key=lambda pair: costs[pair] / (pair[1] - pair[0])))
        at = chain[-1][1]
    return chain


@cheapest.mistake(
    "the last groups alone are compared",
    "A chain to `end` has a last group. And what came before it: what does that cost?",
    "You choose the cheapest group that ends there, whatever the way to its beginning costs.",
    "`best[first] + costs[first, end]`, not `costs[first, end]` alone.",
)
def _last_alone(costs, n):
    chain, end = [], n
    while end > 0:
        ways = [pair for pair in costs if pair[1] == end]
        if not ways:
            return chain[::-1]
        chain.append(min(ways, key=costs.get))
        end = chain[-1][0]
    return chain[::-1]


def _filled(costs, n, groups=None, price=lambda before, cost: before + cost, keep=None):
    """The table filled in another order, with other sums; groups are (first, end)."""
    best, last = [0.0] + [np.inf] * n, [0] * (n + 1)
    groups = [(first, end) for end in range(1, n + 1) for first in range(end)] if groups is None else groups
    for first, end in groups:
        if (keep or (first, end) in costs) and best[first] + costs[first, end] < best[end]:
            best[end], last[end] = price(best[first], costs[first, end]), first
    chain, end = [], n
    while end > 0:
        chain.append((last[end], end))
        end = last[end]
    return chain[::-1]


@cheapest.mistake(
    "the groups are taken as they come",
    "In which order do the groups stand in `costs`?",
    "In any. When you come to a group, the best way to its beginning must be known already: all groups "
    "that end there come first.",
    "`for end in range(1, n + 1):`, and within it all groups that end there.",
)
def _as_they_come(costs, n):
    return _filled(costs, n, list(costs))


@cheapest.mistake(
    "what came before is compared, and then forgotten",
    "What stands in `best[end]` in the end: the cost of the whole chain to it, or of its last group?",
    "You compare the sum, but keep only the cost of the last group. The next one builds on that.",
    "`best[end] = best[first] + costs[first, end]`",
)
def _forgotten(costs, n):
    return _filled(costs, n, price=lambda before, cost: cost)


@cheapest.mistake(
    "groups that do not exist",
    "Is every pair (first, end) among the costs?",
    "Not every group may be a digit. What is not in `costs` cannot be taken.",
    "`if (first, end) in costs and ...`",
)
def _all_there(costs, n):
    return _filled(costs, n, keep=True)


@cheapest.mistake(
    "everything in one group",
    "Is (0, n) among the costs at all? What does `best` hold before you begin?",
    "Either you return the whole number as one group, or nothing was ever cheaper than what `best` began "
    "with: with 0 for each place, nothing can be.",
    "`best = [0.0] + [np.inf] * n`: only the beginning costs nothing.",
)
def _one_group(costs, n):
    return [(0, n)]


@cheapest.mistake(
    "from the last group to the first",
    "Which group stands first in your list: the one at the left end, or at the right?",
    "Going back along the groups, you gather them from the right. Everything else is right.",
    "`chain[::-1]`",
)
def _backwards(costs, n):
    return cheapest.reference(costs, n)[::-1]


@cheapest.mistake(
    "the dearest chain",
    "Should a chain cost much, or little?",
    "You keep the largest sum. A cost is what speaks *against* a group.",
    "`min`, or `<`.",
)
def _dearest(costs, n):
    return max(_all_chains(costs, n), key=lambda chain: _total(costs, chain))


@cheapest.mistake(
    "the cost instead of the chain",
    "What is asked for: how much the best chain costs, or which it is?",
    "You return the sum. Remember for each end which group was the last, too, and go back along these.",
    "`last[end] = first`, whenever `best[end]` gets smaller.",
)
def _the_cost(costs, n):
    return _total(costs, cheapest.reference(costs, n))


@cheapest.mistake(
    "the ends alone instead of the groups",
    "Does your list hold numbers, or pairs?",
    "A group is `(first, end)`. You return where the groups end.",
    "`chain.append((last[end], end))`",
)
def _ends(costs, n):
    return [end for _, end in cheapest.reference(costs, n)]


@cheapest.mistake(
    "each piece alone",
    "How many pieces may be in one group?",
    "A digit may consist of two pieces, or three: that is what the groups are for.",
    "Compare all groups that end at the same place.",
)
def _singles(costs, n):
    return [(i, i + 1) for i in range(n)]


@cheapest.mistake(
    "the smallest mean cost instead of the smallest sum",
    "By how much do you divide, and why?",
    "With a mean, a chain of many cheap groups beats one of few, though it costs more in all.",
    "Compare sums.",
)
def _mean_cost(costs, n):
    return min(_all_chains(costs, n), key=lambda chain: _total(costs, chain) / len(chain))


@cheapest.mistake(
    "as few groups as possible",
    "Do the costs matter for your chain at all?",
    "The chain with the fewest groups is not always the cheapest: that would call everything one digit.",
    "Add up the costs of the groups, and compare these sums.",
)
def _fewest(costs, n):
    return min(_all_chains(costs, n), key=lambda chain: (len(chain), _total(costs, chain)))


@cheapest.mistake(
    "the cheapest groups that do not overlap",
    "Do the groups of your chain cover every piece?",
    "You take the cheapest of all groups, then the next that still fits. In the end there may be pieces "
    "that no group takes, or only a dear one.",
    "Build the chain from the left, end by end, with the best chain so far.",
)
def _cheapest_that_fit(costs, n):
    taken, chain = set(), []
    for first, end in sorted(costs, key=costs.get):
        pieces = set(range(first, end))
        if not pieces & taken:
            taken |= pieces
            chain.append((first, end))
    return sorted(chain)


@cheapest.mistake(
    "the last piece is left out",
    "Which is the last end in your loop?",
    "`range(1, n)` stops before n: the chain must come to n.",
    "`range(1, n + 1)`",
)
def _one_short(costs, n):
    if n == 1:
        return []
    fitting = {pair: value for pair, value in costs.items() if pair[1] < n}
    return cheapest.reference(fitting, n - 1)
