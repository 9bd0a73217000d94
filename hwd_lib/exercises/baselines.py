"""Checks for notebook 2: reading digits without learning, as something to beat."""

import numpy as np

from hwd_lib.checks.exercise import exercise
from hwd_lib.checks.handing_in import hand_in_for

hand_in = hand_in_for("02_baselines.ipynb")

# 2.1 --------------------------------------------------------------------------------------------------------


def _predictions():
    return {
        "3 of 4 right": (np.array([7, 1, 4, 9]), np.array([7, 1, 4, 4])),
        "all right": (np.array([0, 5]), np.array([0, 5])),
        "none of 3 right": (np.array([1, 2, 3]), np.array([3, 1, 2])),
        "150 of 200 right": (np.arange(200) % 10, np.where(np.arange(200) < 150, np.arange(200) % 10, 10)),
    }


@exercise(
    "2.1",
    cases=_predictions,
    tested="some right, all right, none right, 200 at once",
    hints=(
        "Do the first case by hand: 3 of 4 are right. Which number should come out?",
        "`predicted == labels` is an array of True and False. Its mean is the share of True.",
        "`return (predicted == labels).mean()`",
    ),
)
def accuracy(predicted, labels):
    """Answers (n,) and what is right (n,) -> the share of right answers, 0…1."""
    return (predicted == labels).mean()


@accuracy.mistake(
    "counted, but not divided",
    "Can 150 be a share of anything?",
    "A share lies between 0 and 1: how many are right, divided by how many there are.",
    "`.mean()` instead of `.sum()`.",
)
def _counted(predicted, labels):
    return (predicted == labels).sum()


@accuracy.mistake(
    "the share of wrong answers",
    "What comes out when all answers are right?",
    "You count where the two differ. That is the error, 1 - accuracy.",
    "`==` instead of `!=`.",
)
def _error_rate(predicted, labels):
    return (predicted != labels).mean()


@accuracy.mistake(
    "nothing between 0 and 1",
    "What comes out when 3 of 4 are right? Where does the rest go?",
    "`//` and `int` cut fractions off; `.all()` and `np.array_equal` ask whether *everything* is right.",
    "`(predicted == labels).mean()`; or `/` instead of `//`.",
)
def _all_or_nothing(predicted, labels):
    return float((predicted == labels).all())


@accuracy.mistake(
    "in per cent",
    "What is 100 % as a number between 0 and 1?",
    "Here a share is between 0 and 1. Only when it is printed does it become per cent: `f'{a:.1%}'`.",
    "Leave out the `100 *`.",
)
def _per_cent(predicted, labels):
    return 100 * (predicted == labels).mean()


@accuracy.mistake(
    "one verdict for each example",
    "How many numbers should come out, and how many do you return?",
    "`predicted == labels` says it for each example. The accuracy is one number for them all.",
    "Put `.mean()` behind it.",
)
def _not_averaged(predicted, labels):
    return predicted == labels


@accuracy.mistake(
    "the distance of the labels, not whether they agree",
    "Is taking a 1 for a 7 worse than taking a 1 for a 2?",
    "Digits here are names, not amounts: an answer is right or wrong, never nearly right.",
    "Compare with `==`, and do not subtract.",
)
def _label_distance(predicted, labels):
    return np.abs(predicted - labels).mean()


# 2.2 --------------------------------------------------------------------------------------------------------


def _pictures():
    rng = np.random.default_rng(2)

    def make(n):
        labels = np.concatenate([np.arange(10), rng.integers(0, 10, n - 10)])
        return rng.random((n, 784)).astype(np.float32), rng.permutation(labels)

    return {"40 pictures": make(40), "25 pictures": make(25)}


@exercise(
    "2.2",
    cases=_pictures,
    tested="40 pictures and 25, with unequal numbers of each digit",
    hints=(
        "Take one digit first. How do you get all the pictures of a 3, and what is their mean?",
        "`images[labels == 3]` are all the 3s, (n, 784). Their mean over the first axis is one picture.",
        "`np.stack([images[labels == digit].mean(axis=0) for digit in range(10)])`",
    ),
)
def mean_digits(images, labels):
    """Images (n, 784) and labels (n,) -> the mean picture of each digit, (10, 784)."""
    return np.stack([images[labels == digit].mean(axis=0) for digit in range(10)])


@mean_digits.mistake(
    "the mean over the pixels",
    "What is the shape of the mean of one digit? Is that still a picture?",
    "Averaging over axis 1 leaves one number for each picture. Average over axis 0: over the pictures.",
    "`.mean(axis=0)`",
)
def _over_pixels(images, labels):
    return np.stack([images[labels == digit].mean(axis=1) for digit in range(10)])


@mean_digits.mistake(
    "the mean over everything",
    "How many numbers are left of one digit?",
    "`.mean()` with no axis averages all pixels of all pictures into one number.",
    "`.mean(axis=0)`",
)
def _over_everything(images, labels):
    return np.array([images[labels == digit].mean() for digit in range(10)])


@mean_digits.mistake(
    "ten times the mean of all digits",
    "Are all your ten pictures the same?",
    "Each digit has a mean of its own: pick the pictures with its label first.",
    "`images[labels == digit]` instead of `images`.",
)
def _same_for_all(images, labels):
    return np.stack([images.mean(axis=0) for _ in range(10)])


@mean_digits.mistake(
    "added up, but not divided",
    "What is the largest number in your result? How dark can a pixel be?",
    "The sum grows with the number of pictures. The mean is the sum divided by that number.",
    "`.mean(axis=0)` instead of `.sum(axis=0)`.",
)
def _sums(images, labels):
    return np.stack([images[labels == digit].sum(axis=0) for digit in range(10)])


@mean_digits.mistake(
    "divided by the number of all pictures",
    "By how many do you divide the sum of the 3s? How many 3s are there?",
    "Each digit has its own number of pictures.",
    "Divide by `(labels == digit).sum()`, or let `.mean(axis=0)` do it.",
)
def _divided_by_all(images, labels):
    return np.stack([images[labels == digit].sum(axis=0) / len(images) for digit in range(10)])


@mean_digits.mistake(
    "divided by ten",
    "By how many do you divide the sum of the 3s? How many 3s are there?",
    "Ten is how many digits there are, not how many pictures of each.",
    "Divide by `(labels == digit).sum()`, or let `.mean(axis=0)` do it.",
)
def _divided_by_ten(images, labels):
    return np.stack([images[labels == digit].sum(axis=0) / 10 for digit in range(10)])


@mean_digits.mistake(
    "nine digits instead of ten",
    "How many rows does your result have?",
    "`range(10)` runs from 0 to 9. `range(1, 10)` and `range(9)` leave one out.",
    "`for digit in range(10)`",
)
def _nine(images, labels):
    return mean_digits.reference(images, labels)[1:]


@mean_digits.mistake(
    "one picture of each, not the mean",
    "Would another picture of the same digit change your result?",
    "`images[labels == digit][0]` is the first one. The mean takes all of them.",
    "`images[labels == digit].mean(axis=0)`",
)
def _first_picture(images, labels):
    return np.stack([images[labels == digit][0] for digit in range(10)])


# 2.3 --------------------------------------------------------------------------------------------------------


def _pictures_and_means():
    rng = np.random.default_rng(3)

    def make(n):
        return rng.random((n, 784)).astype(np.float32), rng.random((10, 784)).astype(np.float32)

    by_hand = np.zeros((3, 784)), np.zeros((10, 784))  # the sizes of the task: to write them out is right
    by_hand[0][:, :2] = [[0.0, 1.0], [0.5, 0.5], [1.0, 1.0]]
    by_hand[1][1, 0] = 1.0
    return {
        "3 pictures with ink in two pixels": by_hand,
        "7 pictures, 10 means": make(7),
        "one picture": make(1),
    }


@exercise(
    "2.3",
    cases=_pictures_and_means,
    tested="a case that can be done by hand, seven pictures against ten means, a single picture",
    hints=(
        "Begin with one picture and one mean: how do you get a single number from the two?",
        "`images[:, None, :]` is (n, 1, 784) and `means[None, :, :]` is (1, 10, 784). Their difference is "
        "(n, 10, 784): every picture with every mean.",
        "`np.abs(images[:, None, :] - means[None, :, :]).sum(axis=2)`",
    ),
)
def l1_distances(images, means):
    """Images (n, 784) and means (10, 784) -> the sum of absolute differences, (n, 10)."""
    return np.abs(images[:, None, :] - means[None, :, :]).sum(axis=2)  # (n, 10, 784) -> (n, 10)


@l1_distances.mistake(
    "differences that cancel each other",
    "Can a distance be negative?",
    "Where one picture has more ink and elsewhere less, the sum of the plain differences is near 0, and the "
    "two still look different.",
    "`np.abs(...)` around the difference, before the sum.",
)
def _no_abs(images, means):
    return (images[:, None] - means[None]).sum(axis=2)


@l1_distances.mistake(
    "the absolute value came too late",
    "What comes first in your line: the sum, or `np.abs`?",
    "Once summed, differences of opposite sign have cancelled. Each difference must lose its sign first.",
    "`np.abs(images[:, None] - means[None]).sum(axis=2)`",
)
def _abs_too_late(images, means):
    return np.abs((images[:, None] - means[None]).sum(axis=2))


@l1_distances.mistake(
    "means in the rows, pictures in the columns",
    "What is the `shape` of your result? Which axis counts the pictures?",
    "Rows are examples: (n, 10).",
    "`images[:, None, :] - means[None, :, :]`: the picture's axis first.",
)
def _transposed(images, means):
    return l1_distances.reference(images, means).T


@l1_distances.mistake(
    "the shapes do not go together",
    "Write the two shapes one below the other, aligned on the right. Which pair of lengths does not match?",
    "(n, 784) and (10, 784) would subtract row from row. To pair every picture with every mean, each needs "
    "an axis of length 1 where the other one has its own.",
    "`images[:, None, :] - means[None, :, :]`",
)
def _no_new_axis(images, means):
    return np.abs(images - means).sum(axis=1)


@l1_distances.mistake(
    "summed over the means",
    "Which axis is gone in your result? Which should be?",
    "After the subtraction the axes are picture, mean, pixel. The pixels are to be added up.",
    "`.sum(axis=2)`",
)
def _sum_over_means(images, means):
    return np.abs(images[:, None] - means[None]).sum(axis=1)


@l1_distances.mistake(
    "the mean of the differences",
    "By how much is each of your numbers too small?",
    "The task asks for the sum. (To find the nearest, the mean would do as well: it is 784 times smaller.)",
    "`.sum(axis=2)` instead of `.mean(axis=2)`.",
)
def _averaged(images, means):
    return np.abs(images[:, None] - means[None]).mean(axis=2)


@l1_distances.mistake(
    "squared differences",
    "What is the L1 distance of 0 and 0.5? And what do you get?",
    "Squares belong to L2, the next exercise. L1 adds up the differences as they are, without their sign.",
    "`np.abs(...)` instead of `(...) ** 2`.",
)
def _squared(images, means):
    return ((images[:, None] - means[None]) ** 2).sum(axis=2)


# 2.4 --------------------------------------------------------------------------------------------------------


@exercise(
    "2.4",
    cases=_pictures_and_means,
    tested="a case that can be done by hand, seven pictures against ten means, a single picture",
    rtol=1e-3,  # those who expand the square lose some digits to float32, and are right
    hints=(
        "What has to change in your L1, and what can stay?",
        "Square the differences, add them up over the pixels, and take the root of each sum.",
        "`np.sqrt(((images[:, None, :] - means[None, :, :]) ** 2).sum(axis=2))`",
    ),
)
def l2_distances(images, means):
    """Images (n, 784) and means (10, 784) -> the root of the sum of squared differences, (n, 10)."""
    return np.sqrt(((images[:, None, :] - means[None, :, :]) ** 2).sum(axis=2))  # (n, 10, 784) -> (n, 10)


@l2_distances.mistake(
    "the root is missing",
    "How far is (0, 1) from (0, 0.5)? Draw it.",
    "The sum of the squares is the *square* of the distance, as in Pythagoras' theorem.",
    "`np.sqrt(...)` around the sum.",
)
def _no_root(images, means):
    return ((images[:, None] - means[None]) ** 2).sum(axis=2)


@l2_distances.mistake(
    "the root came too early",
    "What is the root of a square?",
    "The root of each single square is the absolute value: that is L1 again. Add up first.",
    "`np.sqrt(squares.sum(axis=2))` instead of `np.sqrt(squares).sum(axis=2)`.",
)
def _root_too_early(images, means):
    return np.abs(images[:, None] - means[None]).sum(axis=2)


@l2_distances.mistake(
    "squared too late",
    "What comes first in your line: the sum, or the square?",
    "Once summed, differences of opposite sign have cancelled. Square each one first.",
    "`((images[:, None] - means[None]) ** 2).sum(axis=2)`, then the root.",
)
def _squared_too_late(images, means):
    return np.sqrt((images[:, None] - means[None]).sum(axis=2) ** 2)


@l2_distances.mistake(
    "the mean instead of the sum",
    "By how much is each of your numbers too small?",
    "The root of the *mean* of the squares is 28 times smaller than the distance: 28 is the root of 784.",
    "`.sum(axis=2)` instead of `.mean(axis=2)`.",
)
def _root_mean_square(images, means):
    return np.sqrt(((images[:, None] - means[None]) ** 2).mean(axis=2))


@l2_distances.mistake(
    "means in the rows, pictures in the columns",
    "What is the `shape` of your result? Which axis counts the pictures?",
    "Rows are examples: (n, 10).",
    "`images[:, None, :] - means[None, :, :]`: the picture's axis first.",
)
def _l2_transposed(images, means):
    return l2_distances.reference(images, means).T


@l2_distances.mistake(
    "one number for everything",
    "How many distances are there between 7 pictures and 10 means? How many do you return?",
    "With no axis, `sum` and `np.linalg.norm` swallow pictures, means and pixels together.",
    "`.sum(axis=2)`, or `np.linalg.norm(..., axis=2)`.",
)
def _one_number(images, means):
    return np.linalg.norm(images[:, None] - means[None])


@l2_distances.mistake(
    "a product instead of a distance",
    "What does your function give for two equal pictures? It should be 0.",
    "`images @ means.T` is large where both have ink: a likeness, not a distance. (Notebook 3 is about it.)",
    "Subtract, square, add up, take the root.",
)
def _product(images, means):
    return images @ means.T


# 2.5 --------------------------------------------------------------------------------------------------------


def _matrices():
    rng = np.random.default_rng(5)
    noise = rng.integers(0, 20, (10, 10)) + 400 * np.eye(10, dtype=int)
    one_way, both_ways = noise.copy(), noise.copy()
    one_way[8, 1], one_way[1, 8] = 90, 1
    both_ways[4, 9], both_ways[9, 4], both_ways[5, 3], both_ways[3, 5] = 40, 39, 60, 2
    both_ways[3, 3], both_ways[7, 7] = 390, 530
    return {"most 8s read as 1": (one_way,), "4 and 9 confused both ways": (both_ways,), "noise": (noise,)}


def _pair(returned, matrix):
    first, second = returned
    return sorted([int(first), int(second)])


@exercise(
    "2.5",
    cases=_matrices,
    result=_pair,
    tested="a mistake one way and both ways, the diagonal left out, the matrix left as it was",
    hints=(
        "Look at a small matrix and find the pair with your eyes first. Which places did you compare?",
        "Two steps: add both directions together, and take the diagonal out. Then find the largest place.",
        "`both = matrix + matrix.T`, then `np.fill_diagonal(both, 0)`, then "
        "`np.unravel_index(both.argmax(), both.shape)`",
    ),
)
def worst_pair(matrix):
    """Confusion matrix (10, 10) -> the two digits that are taken for each other most, both ways together."""
    both = matrix + matrix.T
    np.fill_diagonal(both, 0)
    first, second = np.unravel_index(both.argmax(), both.shape)
    return int(first), int(second)


@worst_pair.mistake(
    "the diagonal won",
    "Is your pair twice the same digit? What does the diagonal count?",
    "The diagonal is what was read *right*. It is much larger than all mistakes, and has to be taken out.",
    "`np.fill_diagonal(both, 0)` before you look for the largest.",
)
def _diagonal(matrix):
    both = matrix + matrix.T
    return np.unravel_index(both.argmax(), both.shape)


@worst_pair.mistake(
    "one direction only",
    "4 for 9 is one mistake, 9 for 4 is another. Did you count both?",
    "A pair is confused both ways: row 4 column 9, and row 9 column 4. Add the two.",
    "`both = matrix + matrix.T`",
)
def _one_direction(matrix):
    copy = matrix.copy()
    np.fill_diagonal(copy, 0)
    return np.unravel_index(copy.argmax(), copy.shape)


@worst_pair.mistake(
    "the confusion matrix was changed",
    "Look at the matrix after the call. Where is its diagonal?",
    "`np.fill_diagonal` writes into the array that it gets. What you got belongs to the caller.",
    "Work on a new array: `both = matrix + matrix.T` makes one.",
)
def _changed(matrix):
    np.fill_diagonal(matrix, 0)
    both = matrix + matrix.T
    return np.unravel_index(both.argmax(), both.shape)


@worst_pair.mistake(
    "a place in the long row, not a row and a column",
    "Your answer is one number. What would row and column be?",
    "`argmax` counts along all 100 places. Place 49 is row 4, column 9.",
    "`np.unravel_index(both.argmax(), both.shape)`; or `divmod(both.argmax(), 10)`.",
)
def _flat_index(matrix):
    both = matrix + matrix.T
    np.fill_diagonal(both, 0)
    return both.argmax()


@worst_pair.mistake(
    "how often, not which",
    "Is your answer a pair of digits?",
    "`max` gives the largest number, `argmax` the place where it stands.",
    "`both.argmax()` instead of `both.max()`.",
)
def _how_often(matrix):
    both = matrix + matrix.T
    np.fill_diagonal(both, 0)
    return both.max()


@worst_pair.mistake(
    "the pair that is confused least",
    "How often is your pair confused? Is any other pair confused more?",
    "You found the smallest place. The worst pair has the largest count.",
    "`argmax` instead of `argmin`.",
)
def _least(matrix):
    both = matrix + matrix.T
    np.fill_diagonal(both, both.max() + 1)
    return np.unravel_index(both.argmin(), both.shape)


@worst_pair.mistake(
    "the two hardest digits, not the pair",
    "Are your two digits taken for *each other*, or each for something else?",
    "Adding up rows finds the digits with most mistakes. They need not be confused with each other.",
    "Stay with the matrix: the largest place of `matrix + matrix.T` without its diagonal.",
)
def _hardest_digits(matrix):
    wrong = (matrix * ~np.eye(10, dtype=bool)).sum(axis=1)
    return np.argsort(wrong)[-2:]
