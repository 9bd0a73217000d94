"""The exhibits of the bug museum, and checks of its exercises: real mistakes in published programs, rebuilt.

Each exhibit was written anew from a description of what its original does, with the original's own activation
functions and loss. Where an original does more (dropout, other layer sizes), that is left out.
"""

from typing import NamedTuple

import numpy as np

from hwd_lib.checks.exercise import exercise
from hwd_lib.checks.handing_in import hand_in_for
from hwd_lib.network import cross_entropy, one_hot, sigmoid, softmax

hand_in = hand_in_for("bug_museum.ipynb")

NAMES = ("hidden weights", "hidden biases", "output weights", "output biases")


class Exhibit(NamedTuple):
    """A network with one hidden layer, as three functions of (parameters, images, labels), and its story.

    ``parameters`` is a dict, name -> array; ``gradients`` and ``mended`` return such a dict.
    """

    biases: bool
    outputs: object  # parameters, images (n, 784) -> (n, 10); the largest one is the answer
    loss: object  # -> one number, the mean over the images
    gradients: object  # with the bug in it
    mended: object  # without
    learning_rate: float

    def start(self, seed, hidden=20, dtype=np.float64):
        """Parameters drawn at random: the same seed gives the same."""
        rng = np.random.default_rng(seed)
        found = {
            "hidden weights": rng.normal(size=(784, hidden)) * np.sqrt(2 / 784),
            "hidden biases": np.zeros(hidden),
            "output weights": rng.normal(size=(hidden, 10)) * np.sqrt(1 / hidden),
            "output biases": np.zeros(10),
        }
        return {name: a.astype(dtype) for name, a in found.items() if self.biases or "weights" in name}


def _hidden(parameters, images, bend):
    """Activations (n, hidden) of the hidden layer."""
    z = images @ parameters["hidden weights"]  # (n, 784) @ (784, hidden)
    return bend(z + parameters.get("hidden biases", 0))


def _outputs(parameters, hidden):
    z = hidden @ parameters["output weights"]  # (n, hidden) @ (hidden, 10)
    return z + parameters.get("output biases", 0)


def _relu(z):
    return np.maximum(z, 0)


# A: the slope of ReLU. Linear outputs, squared error, no biases.


def _a_outputs(parameters, images):
    return _outputs(parameters, _hidden(parameters, images, _relu))


def _a_loss(parameters, images, labels):
    return 0.5 * ((_a_outputs(parameters, images) - one_hot(labels)) ** 2).sum() / len(labels)


def _a_way_back(is_active):
    def gradients(parameters, images, labels):
        hidden = _hidden(parameters, images, _relu)
        delta = (_outputs(parameters, hidden) - one_hot(labels)) / len(labels)  # (n, 10)
        behind = (delta @ parameters["output weights"].T) * is_active(hidden)  # (n, 10) -> (n, hidden)
        return {"hidden weights": images.T @ behind, "output weights": hidden.T @ delta}

    return gradients


# B: half of one loss and half of another. Sigmoids, squared error, targets of 0.01 and 0.99, no biases.


def _b_outputs(parameters, images):
    return sigmoid(_outputs(parameters, _hidden(parameters, images, sigmoid)))


def _b_targets(labels):
    return 0.01 + 0.98 * one_hot(labels)  # (n, 10)


def _b_loss(parameters, images, labels):
    return 0.5 * ((_b_outputs(parameters, images) - _b_targets(labels)) ** 2).sum() / len(labels)


def other_loss(parameters, images, labels):
    """The cross-entropy of each of exhibit B's outputs on its own, summed over the ten: one number."""
    p, t = _b_outputs(parameters, images), _b_targets(labels)
    return float(-(t * np.log(p) + (1 - t) * np.log(1 - p)).sum() / len(labels))


def _b_way_back(through_the_output):
    def gradients(parameters, images, labels):
        hidden = _hidden(parameters, images, sigmoid)
        outputs = sigmoid(_outputs(parameters, hidden))
        error = (outputs - _b_targets(labels)) / len(labels)  # (n, 10)
        delta = error * outputs * (1 - outputs)
        behind = (delta if through_the_output else error) @ parameters["output weights"].T  # -> (n, hidden)
        by_hidden = images.T @ (behind * hidden * (1 - hidden))
        return {"hidden weights": by_hidden, "output weights": hidden.T @ delta}

    return gradients


# C: one number for all biases. ReLU, softmax, cross-entropy.


def _c_outputs(parameters, images):
    return softmax(_outputs(parameters, _hidden(parameters, images, _relu)))


def _c_loss(parameters, images, labels):
    return cross_entropy(_c_outputs(parameters, images), labels)


def _c_way_back(sum_up):
    def gradients(parameters, images, labels):
        hidden = _hidden(parameters, images, _relu)
        delta = (softmax(_outputs(parameters, hidden)) - one_hot(labels)) / len(labels)  # (n, 10)
        behind = (delta @ parameters["output weights"].T) * (hidden > 0)  # (n, 10) -> (n, hidden)
        found = images.T @ behind, sum_up(behind), hidden.T @ delta, sum_up(delta)
        return dict(zip(NAMES, found, strict=True))

    return gradients


def _over_everything(delta):
    return np.full(delta.shape[1], delta.sum())


def _over_the_batch(delta):
    return delta.sum(axis=0)  # (n, width) -> (width,)


_right = _c_way_back(_over_the_batch)


# D: the batch is worked through in parts of unequal size. Otherwise like C, mended.


def parts(n):
    """How exhibit D cuts `n` examples: a tenth, three tenths and the rest, as slices."""
    first, second = max(1, n // 10), max(2, 2 * n // 5)
    return slice(0, first), slice(first, second), slice(second, n)


def _mean_of_means(parameters, images, labels):
    found = [_right(parameters, images[part], labels[part]) for part in parts(len(labels))]
    return {name: np.mean([one[name] for one in found], axis=0) for name in NAMES}


exhibits = {
    "A": Exhibit(
        False, _a_outputs, _a_loss, _a_way_back(lambda a: a >= 0), _a_way_back(lambda a: a > 0), 0.1
    ),
    "B": Exhibit(False, _b_outputs, _b_loss, _b_way_back(False), _b_way_back(True), 3.0),
    "C": Exhibit(True, _c_outputs, _c_loss, _c_way_back(_over_everything), _right, 0.3),
    "D": Exhibit(True, _c_outputs, _c_loss, _mean_of_means, _right, 0.3),
    "E": Exhibit(True, _c_outputs, _c_loss, _right, _right, 0.3),
}


def batches_of_e(n, batch_size, rng):
    """How exhibit E makes its batches: a list of arrays of example numbers."""
    batches = [np.arange(i, min(i + batch_size, n)) for i in range(0, n, batch_size)]
    return [batches[i] for i in rng.permutation(len(batches))]


# 11.1 Which gradients are wrong? ----------------------------------------------------------------------------


LETTERS = "letters"


def _as_names(answer):
    """Sets of names, or of numbers, of each exhibit as text.

    A single name or number stands for a set of one, ``{}`` for ``set()``, and ``_`` for a space.
    """
    found = {}
    for key, names in answer.items():
        names = [names] if isinstance(names, (str, int)) else list(names)
        if len(names) > 4 and all(isinstance(name, str) and len(name) == 1 for name in names):
            names = [LETTERS]
        found[key] = ", ".join(sorted(str(name).strip().lower().replace("_", " ") for name in names))
    return found


@exercise(
    "11.1",
    result=_as_names,
    tested="all gradients of all five exhibits against measured slopes",
    hints=(
        "Go through the table row by row. Which of the numbers are rounding, and which are not?",
        "Below 1e-6 is rounding. Each array with a larger error is wrong. Not every exhibit has one.",
        'In C, for example, two arrays are wrong: `{"hidden biases", "output biases"}`. For none write '
        "`set()`.",
    ),
)
def wrong_parts():
    """Which gradients of each exhibit differ from the measured slopes: a dict of sets of names."""
    return {
        "A": {"hidden weights"},
        "B": {"hidden weights"},
        "C": {"hidden biases", "output biases"},
        "D": set(NAMES),
        "E": set(),
    }


def _parts(**changed):
    return wrong_parts.reference() | changed


@wrong_parts.mistake(
    "E is accused",
    "How large are the errors of E?",
    "1e-9 or smaller is rounding. As far as its gradients go, E is innocent.",
    "`set()` for E.",
)
def _e_accused():
    return _parts(E=set(NAMES))


@wrong_parts.mistake(
    "the right ones are named",
    "Does a large error mean right, or wrong?",
    "You named the arrays whose errors are tiny. Those are the ones that agree with the measurement.",
    "The others.",
)
def _right_ones():
    return _parts(
        A={"output weights"},
        B={"output weights"},
        C={"hidden weights", "output weights"},
        D=set(),
        E=set(NAMES),
    )


@wrong_parts.mistake(
    "an error of 0.2 is let off",
    "A and D have errors between 0.1 and 0.4. Is that rounding?",
    "Rounding is a hundred million times smaller. Whatever is not tiny is a bug.",
    'D is wrong in all four arrays, and A in `{"hidden weights"}`.',
)
def _only_large():
    return _parts(A=set(), D=set())


@wrong_parts.mistake(
    "the hidden biases of C are let off",
    "C has two arrays of biases. Are both right?",
    "The error of its output biases is 1, the largest there can be. But the other one is not small, either.",
    '`{"hidden biases", "output biases"}`',
)
def _one_of_two():
    return _parts(C={"output biases"})


@wrong_parts.mistake(
    "the output biases of C are let off",
    "C has two arrays of biases. Are both right?",
    "Look at the row of the output biases once more: nothing in it is tiny.",
    '`{"hidden biases", "output biases"}`',
)
def _other_of_two():
    return _parts(C={"hidden biases"})


@wrong_parts.mistake(
    "in D, only the weights",
    "Are the biases of D right?",
    "The errors of its biases are not rounding, either.",
    "All four arrays of D.",
)
def _d_weights():
    return _parts(D={"hidden weights", "output weights"})


@wrong_parts.mistake(
    "a name cut into letters",
    "Print one of your sets. What is in it?",
    '`set("hidden")` makes a set of the letters of a text.',
    '`{"hidden weights"}`, with braces.',
)
def _letters():
    return _parts(A=set("hidden weights"))


@wrong_parts.mistake(
    "whole exhibits instead of arrays",
    "In A, is everything wrong?",
    "You named all arrays of an exhibit. The check says more: which of them, and so where to look.",
    "In A and B only one array is wrong, in C two.",
)
def _whole_exhibits():
    both = {"hidden weights", "output weights"}
    return _parts(A=both, B=both, C=set(NAMES))


# 11.2 Which line? -------------------------------------------------------------------------------------------


@exercise(
    "11.2",
    result=_as_names,
    tested="the lines of four exhibits",
    hints=(
        "Which array is wrong, and which line makes it? Then go on from there, backwards.",
        "If a line's result is measured as right, then everything that it uses is right, too. Look between "
        "the last right thing and the first wrong one.",
        "In A, the output weights are right, so line 1 is. What stands between it and the hidden weights?",
    ),
)
def guilty():
    """The numbers of the wrong lines of each exhibit: a dict of sets."""
    return {"A": {2}, "B": {3}, "C": {3, 6}, "D": {4}}


def _lines(**changed):
    return guilty.reference() | changed


@guilty.mistake(
    "the lines are counted from 0",
    "Which number stands in front of the first line of each exhibit?",
    "The lines are numbered on the page, from 1 on.",
    "Add 1 to each of yours, and look once more.",
)
def _from_zero():
    return {key: {line - 1 for line in lines} for key, lines in guilty.reference().items()}


@guilty.mistake(
    "in A, the line that gave the wrong array",
    "Line 4 of A uses two things. Is its own formula wrong, or one of the things that it was given?",
    "The same formula stands in line 3, and its result is right. So what came in must be wrong.",
    "Go one line further back: line 2.",
)
def _a_last_line():
    return _lines(A={4})


@guilty.mistake(
    "in A, the first line",
    "The output weights of A are measured as right. Which line do they come from, and what does that use?",
    "They use line 1. If line 1 were wrong, they would be, too.",
    "It is a line that only the hidden weights depend on.",
)
def _a_first_line():
    return _lines(A={1})


@guilty.mistake(
    "in B, the slope in the output layer",
    "For this loss, are the output weights of B right or wrong?",
    "They were measured as right, so line 2 is right, slope included. Something that line 2 has is missing "
    "elsewhere.",
    "Compare line 3 with line 2: what should have been sent back?",
)
def _b_output():
    return _lines(B={2})


@guilty.mistake(
    "in B, the last line",
    "Line 4 of B multiplies by the slope of the sigmoid, as it should. And what is it given?",
    "Its formula is right. The error that reaches it has not gone through the output's sigmoid.",
    "One line further back: line 3.",
)
def _b_last_line():
    return _lines(B={4})


@guilty.mistake(
    "in C, only one of the two",
    "How many arrays of C are wrong?",
    "The same mistake was made twice, once in each layer.",
    "Lines 3 and 6.",
)
def _c_once():
    return _lines(C={3})


@guilty.mistake(
    "in D, the cutting",
    "Parts of unequal size are unusual. Are they wrong?",
    "You may cut a batch as you like, if you put it together again in the right way.",
    "Line 4: should a part of five count as much as a part of thirty?",
)
def _d_cutting():
    return _lines(D={1})


# 11.3 One gradient of many parts ----------------------------------------------------------------------------


def _cut():
    rng = np.random.default_rng(4)

    def some(k):
        return [rng.normal(size=(3, 2)) for _ in range(k)]

    return {
        "parts of 5, 15 and 30": (some(3), [5, 15, 30]),
        "parts of 32, 32 and 8": (some(3), [32, 32, 8]),
        "a single part": (some(1), [7]),
    }


@exercise(
    "11.3",
    cases=_cut,
    tested="parts of unequal size, a small last one, and a single one",
    hints=(
        "A part of 30 examples and one of 5: how much should each count?",
        "Each *example* should count the same. The mean over a part, times the number of examples in it, is "
        "the sum over the part. Add up the sums, and divide once.",
        "`sum(n * g for g, n in zip(gradients, sizes)) / sum(sizes)`",
    ),
)
def combine(gradients, sizes):
    """The mean gradient over all examples, of the mean gradients of parts, arrays of one shape, and sizes."""
    return sum(n * g for g, n in zip(gradients, sizes, strict=True)) / sum(sizes)


@combine.mistake(
    "a mean of means",
    "An example in the part of 5 and one in the part of 30: which of them pulls harder?",
    "Every part counts the same, so an example in a small part counts more. That is exhibit D.",
    "`np.average(gradients, axis=0, weights=sizes)`",
)
def _mean_of_parts(gradients, sizes):
    return np.mean(gradients, axis=0)


@combine.mistake(
    "a sum over all examples",
    "Is your gradient as long as the gradient of one batch?",
    "You have the sum over all examples. The loss is a mean, so divide by their number.",
    "`/ sum(sizes)`",
)
def _no_division(gradients, sizes):
    return sum(n * g for g, n in zip(gradients, sizes, strict=True))


@combine.mistake(
    "divided by the number of parts",
    "You multiplied each part by its size. By what must you divide, then?",
    "By how many examples there are, not by how many parts.",
    "`/ sum(sizes)`, not `/ len(sizes)`.",
)
def _by_parts(gradients, sizes):
    return sum(n * g for g, n in zip(gradients, sizes, strict=True)) / len(sizes)


@combine.mistake(
    "small parts count more",
    "Should a part of 5 count more than a part of 30, or less?",
    "You divided each part by its size. It already is a mean.",
    "Multiply by the size, then divide by the sum of all sizes.",
)
def _inverse(gradients, sizes):
    return sum(g / n for g, n in zip(gradients, sizes, strict=True))


@combine.mistake(
    "the parts are only added up",
    "With two parts of the same size, is your gradient that of the batch, or twice that?",
    "Each part is a mean. A sum of means is as many times too long as there are parts.",
    "A mean, weighted by `sizes`.",
)
def _only_added(gradients, sizes):
    return sum(gradients)


@combine.mistake(
    "only the last part is left",
    "What do you do with the gradient of the first part when the second one comes?",
    "In a loop, `total = ...` forgets what was there. `total += ...` adds to it.",
    "`total += n * g`",
)
def _last_part(gradients, sizes):
    return gradients[-1] * 1.0


# 11.4 Do they point the same way? ---------------------------------------------------------------------------


def _two_gradients():
    rng = np.random.default_rng(3)
    shapes = (5, 4), (4,), (4, 3)
    one = [rng.normal(size=shape) for shape in shapes]
    near = [a + 0.5 * rng.normal(size=a.shape) for a in one]
    uneven = [a * factor + rng.normal(size=a.shape) for a, factor in zip(one, (0.1, 20, -1), strict=True)]
    return {
        "two that nearly agree": (one, near),
        "one array that agrees and one that does not": (one, uneven),
        "opposite ones": ([a.copy() for a in one], [-3 * a for a in one]),
    }


@exercise(
    "11.4",
    cases=_two_gradients,
    result=lambda returned, *_: float(returned),
    tested="gradients that nearly agree, that agree in part, and that are opposite",
    hints=(
        "All arrays of a gradient together are one long arrow. What is the cosine between two arrows?",
        "The sum of all products, divided by the length of the one and by the length of the other. A length "
        "is the root of the sum of all squares.",
        "`a = np.concatenate([x.ravel() for x in one])`, `b` likewise, and then "
        "`a @ b / (np.linalg.norm(a) * np.linalg.norm(b))`.",
    ),
)
def agreement(one, other):
    """The cosine, -1…1, between two gradients: two lists of arrays, each taken as one long vector."""
    a = np.concatenate([x.ravel() for x in one])
    b = np.concatenate([x.ravel() for x in other])
    return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))


def _cosine(a, b):
    return np.sum(a * b) / np.sqrt(np.sum(a**2) * np.sum(b**2))


@agreement.mistake(
    "the mean of a cosine for each array",
    "Should an array of four numbers count as much as one of 15,000?",
    "You took each array for an arrow of its own. The step is taken along all of them at once.",
    "First make one long vector of all arrays, then one cosine.",
)
def _mean_of_cosines(one, other):
    return np.mean([_cosine(a, b) for a, b in zip(one, other, strict=True)])


@agreement.mistake(
    "only the products",
    "Can your number be larger than 1?",
    "The sum of the products grows with the lengths. For the angle alone, divide by both.",
    "`/ (np.linalg.norm(a) * np.linalg.norm(b))`",
)
def _products(one, other):
    return sum(np.sum(a * b) for a, b in zip(one, other, strict=True))


@agreement.mistake(
    "divided by one length only",
    "If one of the gradients is twice as long, does it point elsewhere?",
    "Two arrows, two lengths: divide by both.",
    "`np.linalg.norm(a) * np.linalg.norm(b)`",
)
def _one_length(one, other):
    a, b = (np.concatenate([x.ravel() for x in arrays]) for arrays in (one, other))
    return a @ b / np.linalg.norm(a)


@agreement.mistake(
    "divided by the squares of the lengths",
    "Two equal gradients: is your result 1?",
    "The sum of the squares is the length *squared*. Take the root.",
    "`np.linalg.norm(a)`, or `np.sqrt(np.sum(a**2))`.",
)
def _no_root(one, other):
    a, b = (np.concatenate([x.ravel() for x in arrays]) for arrays in (one, other))
    return a @ b / ((a @ a) * (b @ b))


@agreement.mistake(
    "only the first array",
    "How many arrays are in each list?",
    "All of them belong to the gradient, not only the first.",
    "`np.concatenate([x.ravel() for x in one])`",
)
def _first_array(one, other):
    return _cosine(one[0], other[0])


@agreement.mistake(
    "the relative error",
    "Is your result 0 for two equal gradients?",
    "That is how far apart they are. The task asks whether they point the same way, whatever their lengths.",
    "`a @ b / (np.linalg.norm(a) * np.linalg.norm(b))`",
)
def _relative_error(one, other):
    a, b = (np.concatenate([x.ravel() for x in arrays]) for arrays in (one, other))
    return np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b))


@agreement.mistake(
    "calculating with lists",
    "What are `one` and `other`: arrays, or lists of arrays?",
    "Arrays of unlike shapes do not fit into one array as they are. Flatten each, and put them in a row.",
    "`a = np.concatenate([x.ravel() for x in one])`, and `b` likewise.",
)
def _lists(one, other):
    return np.dot(one, other)
