"""Checks for notebook 8: from strokes to an image as MNIST has them, and new images from old ones."""

import inspect

import numpy as np

from hwd_lib.checks.exercise import Mistake, exercise
from hwd_lib.checks.handing_in import hand_in_for

hand_in = hand_in_for("08_your_handwriting.ipynb")

SIDE = 28
MIDDLE = SIDE / 2  # where MNIST has its centre of mass, counted from the centre of the first pixel


def forget_too(exercise, what, **instead):
    """Add the mistakes of an exercise once more, for those who made one and forgot the special case besides.

    It is about mistakes whose function has a parameter for the special case, such as ``tiny``; `instead` says
    what it is when that was forgotten. The hints stay the same: first things first.
    """
    for mistake in list(exercise.mistakes):
        if set(instead) <= set(inspect.signature(mistake.function).parameters):

            def both(*arguments, function=mistake.function):
                return function(*arguments, **instead)

            both.__name__ = f"{mistake.id}_too"
            exercise.mistakes.append(Mistake(f"{mistake.name}; and {what}", both, mistake.hints))


# 8.1 The bounding box ---------------------------------------------------------------------------------------


def _drawings():
    """Drawings whose first stroke, last stroke, and first and last point say little about the whole."""
    wide = [np.array([[310.0, 400], [280, 390], [350, 410]]), np.array([[120.0, 420], [600, 380]])]
    high = [np.array([[400.0, 90], [430, 300], [390, 700], [410, 640]]), np.array([[350.0, 350], [380, 200]])]
    return {
        "two strokes, wider than high": (wide,),
        "two strokes, higher than wide": (high,),
        "a single stroke": ([np.array([[20.0, 500], [90, 450], [60, 780]])],),
        "three strokes": ([*high, np.array([[10.0, 20], [30, 25]])],),
    }


def _corners(returned, *_):
    low, high = returned
    return {"low": np.asarray(low), "high": np.asarray(high)}


@exercise(
    "8.1",
    cases=_drawings,
    result=_corners,
    tested="one stroke, two and three, wide drawings and high ones",
    hints=(
        "Take a stroke of three points and work it out by hand: what is the smallest x, and the smallest y?",
        "Put the points of all strokes below each other, and look for the smallest and the largest number of "
        "each column.",
        "`points = np.concatenate(strokes)`, then `return points.min(axis=0), points.max(axis=0)`.",
    ),
)
def bounding_box(strokes):
    """The smallest x and y, (2,), and the largest, (2,), of all points of strokes [(n, 2), …]."""
    points = np.concatenate(strokes)  # -> (n, 2)
    return points.min(axis=0), points.max(axis=0)  # (n, 2) -> (2,)


@bounding_box.mistake(
    "only the first stroke",
    "A 7 with a bar has two strokes. Which of them does your box hold?",
    "`strokes[0]` is one of several. The box must hold all of them.",
    "Put them together first: `np.concatenate(strokes)`.",
)
def _first_stroke(strokes):
    return strokes[0].min(axis=0), strokes[0].max(axis=0)


@bounding_box.mistake(
    "x and y in one pot",
    "How many numbers do you return for a corner: one, or two?",
    "Without an axis, `min` looks through all numbers, x and y alike. A corner has an x of its own and a "
    "y of its own.",
    "`points.min(axis=0)`: the smallest of each column.",
)
def _one_number(strokes):
    points = np.concatenate(strokes)
    return points.min(), points.max()


@bounding_box.mistake(
    "the smaller of x and y, for each point",
    "How many numbers do you return: two, or one for each point?",
    "A row is a point. You compare the x of a point with its own y. Compare all x with each other, and "
    "all y.",
    "`axis=0` instead of `axis=1`.",
)
def _each_point(strokes):
    points = np.concatenate(strokes)
    return points.min(axis=1), points.max(axis=1)


@bounding_box.mistake(
    "the size instead of the second corner",
    "Is your second result a place on the sheet, or a width and a height?",
    "You subtracted. What is asked for is where the box ends, not how large it is.",
    "Return `points.max(axis=0)` as it is.",
)
def _size(strokes):
    points = np.concatenate(strokes)
    return points.min(axis=0), np.ptp(points, axis=0)


@bounding_box.mistake(
    "where the pen began and ended",
    "Does a pen begin at the smallest x, and end at the largest?",
    "The first and the last point can lie anywhere in the box.",
    "Look at all points: `points.min(axis=0)`, `points.max(axis=0)`.",
)
def _ends(strokes):
    points = np.concatenate(strokes)
    return points[0], points[-1]


@bounding_box.mistake(
    "strokes of different length do not make an array",
    "How many points has the first stroke, and how many the second?",
    "An array has rows of one length. Strokes are of different length, so a list of them makes no array.",
    "`np.concatenate(strokes)` puts their points below each other: one array (n, 2).",
)
def _ragged(strokes):
    return np.min(strokes, axis=0), np.max(strokes, axis=0)


@bounding_box.mistake(
    "the search begins at 0",
    "Is there a point at (0, 0)? Why is your first corner there?",
    "Whoever looks for the smallest begins with the first of them, or with infinity: nothing is below 0 "
    "here.",
    "`points = np.concatenate(strokes)`, then `points.min(axis=0)`.",
)
def _from_zero(strokes):
    points = np.concatenate([np.zeros((1, 2)), *strokes])
    return points.min(axis=0), points.max(axis=0)


@bounding_box.mistake(
    "row and column instead of x and y",
    "Which of the two numbers of a point is x?",
    "A point is (x, y). An image is counted (row, column), which is (y, x): that is the other way round.",
    "Leave the order as it is: no `[::-1]`.",
)
def _swapped(strokes):
    points = np.concatenate(strokes)
    return points.min(axis=0)[::-1], points.max(axis=0)[::-1]


# 8.2 Into the box -------------------------------------------------------------------------------------------


def _to_fit():
    wide, high, single, _ = (drawing for (drawing,) in _drawings().values())
    return {
        "a wide drawing": (wide, 17.5),
        "a high drawing": (high, 17.5),
        "a single stroke, and another size": (single, 10.0),
        "a dot": ([np.array([[300.0, 200], [300, 200]])], 17.5),
    }


def _strokes(returned, *_):
    return [np.asarray(stroke) for stroke in returned]


@exercise(
    "8.2",
    cases=_to_fit,
    result=_strokes,
    warns=True,
    tested="wide and high drawings, two sizes, and a dot",
    hints=(
        "Draw the box of the result on paper: how wide is it, how high, and where is its middle?",
        "Three steps for each stroke: move the middle of the box to 0, scale by the same factor in x and y, "
        "move to 14.",
        "`scale = size / max(high - low)`, and for each stroke `(stroke - (low + high) / 2) * scale + 14`.",
    ),
)
def fit(strokes, size):
    """Scale and move strokes so that the longer side of their box is `size`, and its middle at (14, 14)."""
    low, high = bounding_box.reference(strokes)  # (2,), (2,)
    longest = max(high - low)
    scale = size / longest if longest > 0 else 0
    return [(stroke - (low + high) / 2) * scale + MIDDLE for stroke in strokes]


def _fitted(strokes, scale, middle, to=MIDDLE):
    return [(stroke - middle) * scale + to for stroke in strokes]


def _measures(strokes, tiny):
    low, high = bounding_box.reference(strokes)
    return low, high, np.maximum(np.max(high - low), tiny)


@fit.mistake(
    "each axis by a scale of its own",
    "What becomes of a 1 in your box: is it still thin?",
    "You stretch width and height each to the full size. A 1 becomes as wide as it is high, and no longer "
    "looks like a 1.",
    "One scale for both: `size / max(high - low)`.",
)
def _stretched(strokes, size, tiny=1e-12):
    low, high, _ = _measures(strokes, tiny)
    return _fitted(strokes, size / np.maximum(high - low, tiny), (low + high) / 2)


@fit.mistake(
    "the shorter side fills the box",
    "Try a 1, which is much higher than wide. Does it stay in the image?",
    "When the shorter side is made to fit, the longer one sticks out.",
    "`max(high - low)`, not `min`.",
)
def _shorter(strokes, size, tiny=1e-12):
    low, high, _ = _measures(strokes, tiny)
    return _fitted(strokes, size / np.maximum(np.min(high - low), tiny), (low + high) / 2)


@fit.mistake(
    "in the corner instead of the middle",
    "Where is the middle of your box?",
    "You put the upper left corner of the box at a fixed place. A thin digit then lies at the left.",
    "Subtract the middle of the box, `(low + high) / 2`, scale, and then add 14.",
)
def _corner(strokes, size, tiny=1e-12):
    low, _, longest = _measures(strokes, tiny)
    return _fitted(strokes, size / longest, low, (SIDE - size) / 2)


@fit.mistake(
    "the corner instead of the middle, at a fixed place",
    "Where is the middle of your box, for a wide drawing and for a high one?",
    "You bring the upper left corner of the box to the same place each time. It is the *middle* that has "
    "one.",
    "Subtract the middle of the box, `(low + high) / 2`, scale, and then add 14.",
)
def _corner_at_4(strokes, size):
    low, _, longest = _measures(strokes, 0)
    return _fitted(strokes, size / longest if longest > 0 else 0, low, 4)


@fit.mistake(
    "not moved to the middle of the image",
    "Is the middle of your box at (14, 14)?",
    "After subtracting and scaling, the digit sits around (0, 0): three quarters of it outside of the image.",
    "Add 14 at the end.",
)
def _at_zero(strokes, size, tiny=1e-12):
    low, high, longest = _measures(strokes, tiny)
    return _fitted(strokes, size / longest, (low + high) / 2, 0)


@fit.mistake(
    "the mean of the points instead of the middle of the box",
    "A slow pen leaves many points where it was slow. Should that move the digit?",
    "The mean lies where most points are. The middle of the box lies halfway between its corners.",
    "`(low + high) / 2`",
)
def _mean(strokes, size, tiny=1e-12):
    *_, longest = _measures(strokes, tiny)
    return _fitted(strokes, size / longest, np.concatenate(strokes).mean(axis=0))


@fit.mistake(
    "each stroke fitted on its own",
    "What happens to the bar of a 7 when it gets a box of its own?",
    "One box holds the whole digit. All strokes are moved and scaled in the same way.",
    "Find `low`, `high` and `scale` once, before the loop over the strokes.",
)
def _each_alone(strokes, size):
    return [fit.reference([stroke], size)[0] for stroke in strokes]


@fit.mistake(
    "the scale is upside down",
    "A digit of 600 pixels should become one of 17.5. Is your scale above 1, or below?",
    "The scale is what the size should be, divided by what it is.",
    "`size / max(high - low)`",
)
def _upside_down(strokes, size):
    low, high, longest = _measures(strokes, 0)
    return _fitted(strokes, longest / size, (low + high) / 2)


@fit.mistake(
    "moved first, scaled afterwards",
    "Where does the point in the middle of the box end up?",
    "You add 14 and multiply then: the 14 is scaled as well.",
    "Scale first: `(stroke - middle) * scale + 14`.",
)
def _moved_first(strokes, size, tiny=1e-12):
    low, high, longest = _measures(strokes, tiny)
    scale = size / longest if longest != 1e-12 else 0
    return [(stroke - (low + high) / 2 + MIDDLE) * scale for stroke in strokes]


@fit.mistake(
    "a dot is divided by zero",
    "How large is the box of a dot?",
    "Its longer side is 0, and dividing by 0 gives infinity, and then nan. A visitor may well just click.",
    "`scale = size / longest if longest > 0 else 0`",
)
def _dot(strokes, size):
    low, high = bounding_box.reference(strokes)
    return _fitted(strokes, size / np.max(high - low), (low + high) / 2)


forget_too(fit, "a dot is divided by zero", tiny=0)


# 8.3 Ink ----------------------------------------------------------------------------------------------------


def _distances():
    return {
        "a pen of 2 pixels, 1 pixel soft": (np.linspace(0, 4, 17), 2.0, 1.0),
        "a thick pen, half a pixel soft": (np.linspace(0, 4, 33), 5.0, 0.5),
        "distances in rows and columns": (np.arange(12.0).reshape(3, 4) / 4, 3.0, 2.0),
    }


@exercise(
    "8.3",
    cases=_distances,
    tested="thin pens and thick ones, soft edges and softer ones",
    hints=(
        "Fill in three places: how much ink at distance 0, at half a pen width, and far away?",
        "A straight line that falls by 1 within `softness` pixels and is 0.5 at half a pen width; then cut "
        "off what is below 0 and above 1.",
        "`np.clip((pen_width / 2 - distance) / softness + 0.5, 0, 1)`",
    ),
)
def ink(distance, pen_width, softness):
    """The ink 0…1 of pixels at a distance (any shape) from the pen's path."""
    return np.clip((pen_width / 2 - distance) / softness + 0.5, 0, 1)


@ink.mistake(
    "more ink than there is",
    "What is the largest number that you return, and the smallest?",
    "Your line goes on beyond full ink and below paper.",
    "`np.clip(..., 0, 1)` cuts it off at both ends.",
)
def _no_clip(distance, pen_width, softness):
    return (pen_width / 2 - distance) / softness + 0.5


@ink.mistake(
    "no soft edge",
    "Which values do you return: only 0 and 1, or something between?",
    "A pixel at the edge is half covered, so it is grey. That is what makes a line look smooth.",
    "`np.clip((pen_width / 2 - distance) / softness + 0.5, 0, 1)`",
)
def _hard(distance, pen_width, softness):
    return (distance < pen_width / 2).astype(float)


@ink.mistake(
    "twice as wide",
    "A pen 2 pixels wide, its path in the middle: how far is it from the path to the edge?",
    "The distance is measured from the middle of the line. The edge is half a width away.",
    "`pen_width / 2`",
)
def _twice(distance, pen_width, softness):
    return np.clip((pen_width - distance) / softness + 0.5, 0, 1)


@ink.mistake(
    "paper where ink should be",
    "What do you return at distance 0, right under the pen?",
    "Ink is 1, paper is 0. Near the path there must be ink.",
    "`pen_width / 2 - distance`, not the other way round.",
)
def _inverted(distance, pen_width, softness):
    return np.clip((distance - pen_width / 2) / softness + 0.5, 0, 1)


@ink.mistake(
    "the soft edge lies inside the line",
    "How much ink do you give at half a pen width?",
    "There it should be half. In yours it is none: the line comes out too thin.",
    "Add 0.5 before you clip.",
)
def _inside(distance, pen_width, softness):
    return np.clip((pen_width / 2 - distance) / softness, 0, 1)


@ink.mistake(
    "the soft edge lies outside of the line",
    "How much ink do you give at half a pen width?",
    "There it should be half. In yours it is full: the line comes out too thick.",
    "Add 0.5, not 1.",
)
def _outside(distance, pen_width, softness):
    return np.clip((pen_width / 2 - distance) / softness + 1, 0, 1)


@ink.mistake(
    "multiplied by the softness",
    "With a softness of 0.5, over how many pixels does your ink fall from 1 to 0?",
    "The softer, the slower it falls. Multiplying makes it fall faster.",
    "Divide by `softness`.",
)
def _times(distance, pen_width, softness):
    return np.clip((pen_width / 2 - distance) * softness + 0.5, 0, 1)


# 8.4 The centre of mass -------------------------------------------------------------------------------------


def _images():
    rng = np.random.default_rng(84)
    seven = np.zeros((SIDE, SIDE), np.float32)
    seven[5, 6:20] = seven[6:23, 17] = 1  # a bar above, a stem at the right
    seven[6, 6:17] = 0.4
    blot = np.zeros((SIDE, SIDE), np.float32)
    blot[15:25, 2:9] = rng.random((10, 7), np.float32)
    blot[3, 20] = 0.1
    pixel = np.zeros((SIDE, SIDE), np.float32)
    pixel[9, 21] = 0.3
    return {
        "a seven": (seven,),
        "a blot in a corner, and a speck": (blot,),
        "a single grey pixel": (pixel,),
        "an empty image": (np.zeros((SIDE, SIDE), np.float32),),
    }


def _point(returned, *_):
    x, y = returned
    return {"x": float(x), "y": float(y)}


@exercise(
    "8.4",
    cases=_images,
    result=_point,
    warns=True,
    rtol=1e-3,
    tested="a digit, a blot with a speck, a single grey pixel, and no ink at all",
    hints=(
        "A single pixel in column 21 and row 9: what should come out?",
        "The mean of all columns, each weighted by the ink in it: multiply, add up, divide by all the ink. "
        "The rows likewise.",
        "`x = (image.sum(axis=0) * np.arange(28)).sum() / image.sum()`; for y, `axis=1`. Without ink, 14.",
    ),
)
def centre_of_mass(image):
    """Where the ink of an image (28, 28) has its middle: x, y from the first pixel on; without ink 14, 14."""
    mass = image.sum()
    if mass == 0:
        return MIDDLE, MIDDLE
    at = np.arange(SIDE)
    return image.sum(axis=0) @ at / mass, image.sum(axis=1) @ at / mass  # (28, 28) -> (28,) -> ()


def _weighted(image, guard, first=0):
    mass = image.sum()
    at = np.arange(SIDE) + first
    if guard and mass == 0:
        return MIDDLE, MIDDLE
    return image.sum(axis=0) @ at / mass, image.sum(axis=1) @ at / mass


@centre_of_mass.mistake(
    "x and y are swapped",
    "A pixel in column 21 and row 9: which of the two is x?",
    "x counts the columns, to the right. Adding up along axis 0 leaves one number for each column.",
    "`image.sum(axis=0)` belongs to x, `image.sum(axis=1)` to y.",
)
def _rows_first(image, guard=True):
    return _weighted(image, guard)[::-1]


@centre_of_mass.mistake(
    "every inked pixel counts the same",
    "Does a pale speck weigh as much as a black pixel in your sum?",
    "Mass is ink. A pixel that is a tenth as dark pulls a tenth as strongly.",
    "Weight by the image itself, not by `image > 0`.",
)
def _unweighted(image, guard=True):
    return _weighted((image > 0).astype(float), guard)


@centre_of_mass.mistake(
    "the middle of the bounding box",
    "Most of the ink of a 7 is on the right. Does your centre know that?",
    "Halfway between the first and the last inked column is the middle of the box. The centre of mass lies "
    "where the ink is.",
    "Take the mean of the columns, weighted by their ink.",
)
def _box(image, guard=True):
    rows, columns = np.nonzero(image)
    if guard and not len(rows):
        return MIDDLE, MIDDLE
    return (columns.min() + columns.max()) / 2, (rows.min() + rows.max()) / 2


@centre_of_mass.mistake(
    "not divided by the ink",
    "Is your result between 0 and 27?",
    "You added up place times ink. For a mean you have to divide by all the ink.",
    "`... / image.sum()`",
)
def _no_mass(image, guard=True):
    if guard and not image.any():
        return MIDDLE, MIDDLE
    at = np.arange(SIDE)
    return image.sum(axis=0) @ at, image.sum(axis=1) @ at


@centre_of_mass.mistake(
    "divided by the number of pixels",
    "Make the digit half as dark. Should its centre move?",
    "A weighted mean is divided by the sum of its weights, and that is the ink.",
    "`/ image.sum()`, not `/ image.size`, and no `.mean()`.",
)
def _by_size(image, guard=True):
    if guard and not image.any():
        return MIDDLE, MIDDLE
    at = np.arange(SIDE)
    return image.sum(axis=0) @ at / image.size, image.sum(axis=1) @ at / image.size


@centre_of_mass.mistake(
    "counted from 1",
    "In which column is a pixel at `image[9, 21]`?",
    "Python counts from 0, and so do we: the first pixel is at 0.",
    "`np.arange(28)`",
)
def _from_one(image, guard=True):
    return _weighted(image, guard, first=1)


@centre_of_mass.mistake(
    "the darkest column and row",
    "Which column has the most ink, and is that the middle of all the ink?",
    "`argmax` finds the peak. The centre of mass is a mean over all columns.",
    "`image.sum(axis=0) @ np.arange(28) / image.sum()`",
)
def _peak(image, guard=True):
    if guard and not image.any():
        return MIDDLE, MIDDLE
    return image.sum(axis=0).argmax(), image.sum(axis=1).argmax()


@centre_of_mass.mistake(
    "an empty image is divided by zero",
    "What is `image.sum()` when nothing is drawn?",
    "0 divided by 0 is nan, and nan goes through everything that comes after.",
    "`if image.sum() == 0: return 14, 14`, as the first line.",
)
def _nan(image):
    return _weighted(image, guard=False)


forget_too(centre_of_mass, "an empty image was forgotten", guard=False)


# 8.5 Shift a batch ------------------------------------------------------------------------------------------


def _batches():
    rng = np.random.default_rng(85)
    three = rng.random((3, SIDE, SIDE), np.float32)
    return {
        "three images, each moved in its own way": (three, np.array([2, -3, 0]), np.array([-1, 4, 6])),
        "one image, to the left and up": (three[1:2] / 2, np.array([-5]), np.array([-2])),
        "two images, of which one stays": (three[:2].copy(), np.array([0, 3]), np.array([0, 1])),
        "two images, moved by 10 pixels": (three[1:].copy(), np.array([10, -10]), np.array([-9, 10])),
    }


@exercise(
    "8.5",
    cases=_batches,
    tested="one image and several, each with its own shift, in all directions, by up to 10 pixels",
    hints=(
        "Move a single image by one pixel to the right first. What comes in at the left?",
        "Go through the images with their two numbers. Put paper all around an image, and cut 28 by 28 "
        "pixels out of it at another place.",
        "`wide = np.pad(images[i], 28)`, then "
        "`wide[28 - down[i] : 56 - down[i], 28 - right[i] : 56 - right[i]]`.",
    ),
)
def shift_batch(images, right, down):
    """Move each of the images (n, 28, 28) by its own whole pixels, (n,) each; paper comes in at the edge."""
    moved = np.zeros_like(images)
    for i, (r, d) in enumerate(zip(right, down, strict=True)):
        wide = np.pad(images[i], SIDE)  # (28, 28) -> (84, 84)
        moved[i] = wide[SIDE - d : 2 * SIDE - d, SIDE - r : 2 * SIDE - r]
    return moved


@shift_batch.mistake(
    "what leaves on one side comes back on the other",
    "Move an image by 3 pixels to the right. What stands in its first three columns?",
    "`np.roll` turns the image like a drum. Paper should come in.",
    "Put paper around first: `np.pad(images[i], 28)`; or set the columns and rows that came around to 0.",
)
def _rolled(images, right, down):
    return np.stack([np.roll(m, (d, r), (0, 1)) for m, r, d in zip(images, right, down, strict=True)])


@shift_batch.mistake(
    "all images move alike",
    "You were given as many numbers as images. How many of them do you use?",
    "Every image has its own entry in `right` and `down`.",
    "In the loop, use `right[i]` and `down[i]`.",
)
def _alike(images, right, down):
    return shift_batch.reference(images, np.full(len(images), right[0]), np.full(len(images), down[0]))


@shift_batch.mistake(
    "right and down are swapped",
    "`image[row, column]`: which of the two changes when you go to the right?",
    "The first index is the row, and rows go down. The second one is the column.",
    "`down` belongs to the first axis, `right` to the second.",
)
def _axes_swapped(images, right, down):
    return shift_batch.reference(images, down, right)


@shift_batch.mistake(
    "to the left instead of to the right",
    "Which column does the ink of column 10 come to, with `right` = 2?",
    "The window moves against the digit: to bring the digit to the right, you cut further left.",
    "`28 - right[i]`, not `28 + right[i]`; the same for `down`.",
)
def _backwards(images, right, down):
    return shift_batch.reference(images, -right, -down)


@shift_batch.mistake(
    "down was forgotten",
    "Compare the rows of your result with those of the image. Did they move?",
    "Each image moves in two directions.",
    "Cut rows with `down[i]` and columns with `right[i]`, in one line.",
)
def _only_right(images, right, down):
    return shift_batch.reference(images, right, 0 * down)


@shift_batch.mistake(
    "negative shifts do not work",
    "What is `image[:, -3:]`? And what did you want?",
    "A negative number in a slice counts from the end. So `moved[d:, r:] = image[: 28 - d, : 28 - r]` holds "
    "for positive shifts only.",
    "With paper all around, both directions are the same: `np.pad(images[i], 28)`.",
)
def _only_positive(images, right, down):
    moved = np.zeros_like(images)
    for i, (r, d) in enumerate(zip(right, down, strict=True)):
        moved[i, d:, r:] = images[i, : SIDE - d, : SIDE - r]
    return moved


# 8.6 Turn a batch -------------------------------------------------------------------------------------------

CENTRE = (SIDE - 1) / 2  # the middle between the first pixel, 0, and the last, 27


def _angles():
    return {
        "three angles": (np.array([10.0, -25, 70]),),
        "a quarter turn": (np.array([90.0]),),
        "no turn, and a small one": (np.array([0.0, 3]),),
    }


def _places(returned, *_):
    x, y = returned
    return {"x": np.asarray(x), "y": np.asarray(y)}


@exercise(
    "8.6",
    cases=_angles,
    result=_places,
    tested="three angles at once, a quarter turn, and none",
    hints=(
        "Without a turn, each pixel should look at itself: x is its column, y is its row. Begin there.",
        "Columns and rows less 13.5 say where a pixel lies from the middle. Turn that by the formula, and "
        "add 13.5 again.",
        "`a = np.radians(degrees)[:, None, None]` and `y, x = np.mgrid[:28, :28] - 13.5`; then "
        "`13.5 + np.cos(a) * x + np.sin(a) * y`, and `13.5 - np.sin(a) * x + np.cos(a) * y`.",
    ),
)
def turn(degrees):
    """For each pixel of images turned clockwise by degrees (n,): where to look, x and y, (n, 28, 28) each."""
    angle = np.radians(degrees)[:, None, None]  # (n,) -> (n, 1, 1)
    y, x = np.mgrid[:SIDE, :SIDE] - CENTRE  # two of (28, 28)
    cos, sin = np.cos(angle), np.sin(angle)
    return CENTRE + cos * x + sin * y, CENTRE - sin * x + cos * y  # (n, 28, 28) each


@turn.mistake(
    "degrees instead of radians",
    "What does `np.cos(180)` give you, and what did you expect?",
    "NumPy measures angles in radians: a whole turn is 2π, not 360.",
    "`np.radians(degrees)`",
)
def _degrees(degrees):
    return turn.reference(np.degrees(degrees))


@turn.mistake(
    "turned the other way",
    "Look at the signs of the two sines. Which one is negative in the formula?",
    "The formula says where to *look*. It turns back, so the image turns forward.",
    "`+ np.sin(a) * y` for x, `- np.sin(a) * x` for y.",
)
def _other_way(degrees):
    return turn.reference(-degrees)


@turn.mistake(
    "turned about the corner",
    "Which pixel stays where it is, in your turn?",
    "Without subtracting the middle first, everything turns about the upper left corner, and out of the "
    "image.",
    "`y, x = np.mgrid[:28, :28] - 13.5`, and add 13.5 at the end.",
)
def _about_the_corner(degrees):
    angle = np.radians(degrees)[:, None, None]
    y, x = np.mgrid[:SIDE, :SIDE].astype(float)
    return np.cos(angle) * x + np.sin(angle) * y, -np.sin(angle) * x + np.cos(angle) * y


@turn.mistake(
    "13.5 is added, and was never taken off",
    "With no turn, each pixel should look at itself. Where does yours look?",
    "To turn about the middle, measure from there: take 13.5 off first, turn, and add it again.",
    "`y, x = np.mgrid[:28, :28] - 13.5`.",
)
def _not_taken_off(degrees):
    angle = np.radians(degrees)[:, None, None]
    y, x = np.mgrid[:SIDE, :SIDE].astype(float)
    cos, sin = np.cos(angle), np.sin(angle)
    return CENTRE + cos * x + sin * y, CENTRE - sin * x + cos * y


@turn.mistake(
    "about 14 instead of 13.5",
    "The first pixel is 0, the last is 27. What is halfway between?",
    "14 is half a pixel off: at a half turn, the image would be moved by a whole one.",
    "13.5 in both places.",
)
def _about_14(degrees):
    angle = np.radians(degrees)[:, None, None]
    y, x = np.mgrid[:SIDE, :SIDE] - 14.0
    cos, sin = np.cos(angle), np.sin(angle)
    return 14 + cos * x + sin * y, 14 - sin * x + cos * y


@turn.mistake(
    "rows and columns are swapped",
    "With no turn, which x should the pixel in row 3, column 20 get?",
    "`np.mgrid` gives the rows first, and rows are y.",
    "`y, x = np.mgrid[:28, :28] - 13.5`",
)
def _rows_and_columns(degrees):
    angle = np.radians(degrees)[:, None, None]
    x, y = np.mgrid[:SIDE, :SIDE] - CENTRE
    cos, sin = np.cos(angle), np.sin(angle)
    return CENTRE + cos * x + sin * y, CENTRE - sin * x + cos * y


@turn.mistake(
    "the new x was used for y",
    "When you compute y, which x do you use: the old one, or the one from the line above?",
    "Both lines of the formula need the x from before. Once overwritten, it is gone.",
    "Give the new ones names of their own, and return them together.",
)
def _overwritten(degrees):
    angle = np.radians(degrees)[:, None, None]
    y, x = np.mgrid[:SIDE, :SIDE] - CENTRE
    x = np.cos(angle) * x + np.sin(angle) * y
    y = -np.sin(angle) * x + np.cos(angle) * y
    return CENTRE + x, CENTRE + y


@turn.mistake(
    "one angle for each image, but no axis for it",
    "Which shapes do `degrees` and the grid of pixels have?",
    "(n,) and (28, 28) do not broadcast. The angles need two more axes, for rows and columns.",
    "`np.radians(degrees)[:, None, None]` has the shape (n, 1, 1).",
)
def _no_axes(degrees):
    angle = np.radians(degrees)
    y, x = np.mgrid[:SIDE, :SIDE] - CENTRE
    return CENTRE + np.cos(angle) * x + np.sin(angle) * y, CENTRE - np.sin(angle) * x + np.cos(angle) * y


# 8.7 How many are enough ------------------------------------------------------------------------------------


def _shares():
    return {
        "900 digits, a share of 0.1": (900, 0.1),
        "7,000 digits, a share of 0.3": (7000, 0.3),
        "500 digits, half and half": (500, 0.5),
        "1,000 digits, a share of 0.3": (1000, 0.3),
        "55,000 digits, none": (55000, 0.0),
    }


def _count(returned, *_):
    number = float(returned)
    return {"number": number, "a whole number": "yes" if number == round(number) else "no"}


@exercise(
    "8.7",
    cases=_shares,
    result=_count,
    atol=1.0,
    tested="no drawn digits at all, a tenth, nearly a third, and half of the mix",
    hints=(
        "900 digits, a share of 0.1: try 100 drawn ones. How many are in the mix, and what is a tenth of it?",
        "The share counts in the whole mix. The n digits of MNIST are what is left: 1 - share of it.",
        "`round(n * share / (1 - share))`",
    ),
)
def how_many(n, share):
    """How many drawn digits must join n of MNIST to be this share, 0…1, of the mix: an int."""
    return round(n * share / (1 - share))


@how_many.mistake(
    "a share of what was there before",
    "500 digits, half and half: 250 drawn ones join. Are they half of the mix?",
    "As they join, the mix grows. The share counts in all that are there in the end.",
    "`n * share / (1 - share)`: the n digits are 1 - share of the mix.",
)
def _of_the_old(n, share):
    return round(n * share)


@how_many.mistake(
    "all of the mix, not only those that join",
    "500 digits, half and half: do 1,000 have to join?",
    "You found how large the mix is in the end. The n digits of MNIST are in it already.",
    "Take n off again; or multiply by `share`.",
)
def _whole_mix(n, share, to=round):
    return to(n / (1 - share))


@how_many.mistake(
    "divided by 1 + share",
    "500 digits, half and half: how many do you let join?",
    "If s of the whole is drawn, then 1 - s of it is MNIST. The plus makes the drawn ones too few.",
    "`n * share / (1 - share)`",
)
def _plus(n, share, to=round):
    return to(n * share / (1 + share))


@how_many.mistake(
    "not a whole number",
    "Can 428.57 digits be written?",
    "How many there are is a whole number: `range` and array shapes take nothing else.",
    "`round(...)`",
)
def _fraction(n, share):
    return n * share / (1 - share)


forget_too(how_many, "not a whole number", to=float)
