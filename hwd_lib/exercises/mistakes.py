"""Checks for notebook 7: what a network gets wrong, how sure it may be, and what it looks for."""

import numpy as np

from hwd_lib.checks.compare import Words
from hwd_lib.checks.exercise import exercise
from hwd_lib.checks.handing_in import hand_in_for
from hwd_lib.network import cross_entropy, relu, softmax

hand_in = hand_in_for("07_mistakes.ipynb")


def _as_array(returned, *_):
    return np.asarray(returned)


# 7.1 What was misread, the surest first ---------------------------------------------------------------------


def _probabilities(seed, n, wrong):
    """Probabilities (n, 10) and labels (n,), a share of them wrong; no two examples are equally sure."""
    rng = np.random.default_rng(seed)
    probabilities = softmax(3 * rng.normal(size=(n, 10)))
    labels = probabilities.argmax(axis=1)
    moved = rng.random(n) < wrong
    labels[moved] = (labels[moved] + rng.integers(1, 10, moved.sum())) % 10
    return probabilities, labels


def _misread():
    return {
        "40 examples, a third of them misread": _probabilities(1, 40, 0.35),
        "25 examples, most of them misread": _probabilities(2, 25, 0.8),
        "ten examples, all read right": _probabilities(3, 10, 0.0),
    }


@exercise(
    "7.1",
    cases=_misread,
    result=_as_array,
    tested="few mistakes, many, and none",
    hints=(
        "Two steps: which examples were misread? And in which order?",
        "`np.flatnonzero(condition)` gives the places where a condition is true. Then sort these places by "
        "the highest probability of their rows, from the largest down.",
        "`wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)`, then "
        "`wrong[np.argsort(-probabilities.max(axis=1)[wrong])]`.",
    ),
)
def surest_mistakes(probabilities, labels):
    """The places (k,) of the misread examples, the surest first; probabilities (n, 10), labels (n,) int."""
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)  # (k,)
    return wrong[np.argsort(-probabilities.max(axis=1)[wrong])]  # (n, 10) -> (n,) -> (k,)


def _wrong_and_sure(probabilities, labels):
    return np.flatnonzero(probabilities.argmax(axis=1) != labels), probabilities.max(axis=1)


@surest_mistakes.mistake(
    "the least sure first",
    "How sure was the network of the first one on your list?",
    "`np.argsort` sorts from small to large. You want the largest first.",
    "Sort the negative numbers: `np.argsort(-sure[wrong])`; or turn the result round with `[::-1]`.",
)
def _least_sure(probabilities, labels):
    wrong, sure = _wrong_and_sure(probabilities, labels)
    return wrong[np.argsort(sure[wrong])]


@surest_mistakes.mistake(
    "not sorted at all",
    "You found the right ones. In which order do they stand?",
    "They stand in the order of the data. Sort them by how sure the network was.",
    "`wrong[np.argsort(-probabilities.max(axis=1)[wrong])]`",
)
def _unsorted(probabilities, labels):
    return _wrong_and_sure(probabilities, labels)[0]


@surest_mistakes.mistake(
    "the ones that were read right",
    "Look at one of yours: which digit was it, and what did the network say?",
    "You collected the examples on which label and answer agree.",
    "`!=` instead of `==`.",
)
def _right_ones(probabilities, labels):
    right = np.flatnonzero(probabilities.argmax(axis=1) == labels)
    return right[np.argsort(-probabilities.max(axis=1)[right])]


@surest_mistakes.mistake(
    "places in the list of mistakes, not in the data",
    "Your numbers are all small. Which image is meant by the first of them?",
    "`np.argsort(...)` gives places within the array that it was given, and that was the short one.",
    "Look them up: `wrong[np.argsort(...)]`.",
)
def _places_in_the_list(probabilities, labels):
    wrong, sure = _wrong_and_sure(probabilities, labels)
    return np.argsort(-sure[wrong])


@surest_mistakes.mistake(
    "sorted by the probability of the label",
    "Sure of what? The network gave its own answer, and it gave the label something, too.",
    "You took the probability that the *right* digit got. The task asks for that of the digit which the "
    "network chose.",
    "`probabilities.max(axis=1)`, not `probabilities[np.arange(n), labels]`.",
)
def _by_the_label(probabilities, labels):
    wrong, _ = _wrong_and_sure(probabilities, labels)
    given = probabilities[np.arange(len(labels)), labels]  # (n, 10) -> (n,)
    return wrong[np.argsort(-given[wrong])]


@surest_mistakes.mistake(
    "all examples, sorted",
    "How many numbers do you return, and how many mistakes are there?",
    "You sorted everything. The ones that were read right do not belong on the list.",
    "First `wrong = np.flatnonzero(...)`, then sort only these.",
)
def _everything(probabilities, labels):
    return np.argsort(-probabilities.max(axis=1))


@surest_mistakes.mistake(
    "the places are still wrapped in a tuple",
    "What is the shape of what you return: (k,), or (1, k)?",
    "`np.where(condition)` gives a tuple with one array for each axis, here a tuple of one.",
    "`np.flatnonzero(condition)`, or `np.where(condition)[0]`. Then sort.",
)
def _in_a_tuple(probabilities, labels):
    return np.where(probabilities.argmax(axis=1) != labels)


# 7.2 Many readers, one answer -------------------------------------------------------------------------------


def _answers(seed, networks, n):
    """Answers (networks, n) and labels (n,): some all right, some all wrong alike, some quarrelling."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, n)
    answers = np.tile(labels, (networks, 1))  # (n,) -> (networks, n)
    one = rng.random(n) < 0.3  # one reader errs
    answers[rng.integers(0, networks, n)[one], np.flatnonzero(one)] += 1
    several = rng.random(n) < 0.25  # all err, each in its own way
    answers[:, several] = (labels[several] + 1 + np.arange(networks)[:, None]) % 10  # (networks, 1) + (k,)
    alike = rng.random(n) < 0.25  # all err in the same way
    answers[:, alike] = (labels[alike] + rng.integers(1, 10, alike.sum())) % 10
    most = rng.random(n) < 0.2  # all but the last one
    answers[:, most] = labels[most] + 1
    answers[-1, most] = labels[most]
    ways = np.arange(networks)[:, None]  # (networks, 1)
    two = np.flatnonzero(rng.random(n) < 0.2)  # the first two alike, the others each in its own way
    answers[:, two] = labels[two] + 1 + np.maximum(ways - 1, 0)
    ends = np.flatnonzero(rng.random(n) < 0.1)  # the first and the last alike
    answers[:, ends] = labels[ends] + 1 + ways % (networks - 1)
    return answers % 10, labels


def _readers():
    return {"five readers, 40 digits": _answers(1, 5, 40), "three readers, 30 digits": _answers(6, 3, 30)}


@exercise(
    "7.2",
    cases=_readers,
    result=_as_array,
    tested="readers that agree with the label, with each other, with neither, and with both",
    hints=(
        "Two things must be true of a digit: the readers agree with each other, and they do not agree with "
        "the label.",
        "Compare every row with the first one: `answers == answers[0]`. All of a column true means: they "
        "agree.",
        "`agree = (answers == answers[0]).all(axis=0)`, then "
        "`np.flatnonzero(agree & (answers[0] != labels))`.",
    ),
)
def against_label(answers, labels):
    """Places (k,) where all rows of `answers` (networks, n) say the same digit, and not the label (n,)."""
    agree = (answers == answers[0]).all(axis=0)  # (networks, n) -> (n,)
    return np.flatnonzero(agree & (answers[0] != labels))


@against_label.mistake(
    "all are wrong, but each in its own way",
    "Five readers, five different answers: is that a reason to doubt the label?",
    "You asked whether each of them disagrees with the label. They must also agree with each other.",
    "Add a second condition: `(answers == answers[0]).all(axis=0)`.",
)
def _all_wrong(answers, labels):
    return np.flatnonzero((answers != labels).all(axis=0))


@against_label.mistake(
    "one that disagrees is enough",
    "Somebody always disagrees. What do *all* of them say?",
    "`any` asks whether one reader disagrees with the label.",
    "`all` instead of `any`, and the readers must agree with each other, too.",
)
def _any_wrong(answers, labels):
    return np.flatnonzero((answers != labels).any(axis=0))


@against_label.mistake(
    "they agree, and the label agrees, too",
    "Look at one of your finds: what is wrong with it?",
    "You found the digits on which all readers say the same. On most of these, the label says it, too.",
    "`agree & (answers[0] != labels)`",
)
def _agree(answers, labels):
    return np.flatnonzero((answers == answers[0]).all(axis=0))


@against_label.mistake(
    "only the first reader was asked",
    "How many rows of `answers` do you look at?",
    "One reader that disagrees with the label is one mistake, and nothing more.",
    "Ask whether the others say the same: `(answers == answers[0]).all(axis=0)`.",
)
def _first_reader(answers, labels):
    return np.flatnonzero(answers[0] != labels)


@against_label.mistake(
    "the other axis",
    "You want one yes or no for each digit. How many did you get?",
    "One row of `answers` is one network. To ask all networks about a digit, go down a column: axis 0.",
    "`.all(axis=0)`",
)
def _axis_1(answers, labels):
    return np.flatnonzero((answers == answers[0]).all(axis=1))


@against_label.mistake(
    "the first two are enough",
    "How many readers are there, and how many do you compare?",
    "Two that agree may err alike by chance. All of them must say the same.",
    "`(answers == answers[0]).all(axis=0)` compares every row with the first.",
)
def _first_two(answers, labels):
    return np.flatnonzero((answers[0] == answers[1]) & (answers[0] != labels))


@against_label.mistake(
    "one that agrees with the first is enough",
    "Two readers say 4, three say something else: do all of them say the same?",
    "`any` asks whether at least one agrees. All must.",
    "`.all(axis=0)` instead of `.any(axis=0)`.",
)
def _any_agrees(answers, labels):
    return np.flatnonzero((answers[1:] == answers[0]).any(axis=0) & (answers[0] != labels))


@against_label.mistake(
    "True and False instead of places",
    "How many numbers do you return: one for each digit, or one for each find?",
    "You have the condition. What is asked for are the places where it is true.",
    "Wrap it up: `np.flatnonzero(condition)`.",
)
def _mask(answers, labels):
    return (answers == answers[0]).all(axis=0) & (answers[0] != labels)


@against_label.mistake(
    "the majority is enough",
    "If one of five reads the label, is that enough to doubt it?",
    "You let most of them decide. Here all must say the same.",
    "`.all(axis=0)` on `answers == answers[0]`.",
)
def _majority(answers, labels):
    votes = (answers[:, :, None] == np.arange(10)).sum(axis=0)  # (networks, n, 10) -> (n, 10)
    most = votes.max(axis=1) > len(answers) / 2
    return np.flatnonzero(most & (votes.argmax(axis=1) != labels))


# 7.3 Which for which ----------------------------------------------------------------------------------------


def _read(seed, n):
    """Labels and answers (n,): of some pairs more than of others, so that none of the first is tied."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, n)
    predicted = labels.copy()
    pairs = rng.permutation(90)[:5]
    for times, pair in enumerate(pairs, 2):
        was, read = pair // 9, pair % 9
        places = rng.permutation(n)[: 2 * times + (times > 4)]
        labels[places], predicted[places] = was, read + (read >= was)
    return labels, predicted


def _pairs_of():
    return {
        "the four most frequent of 400": (*_read(5, 400), 4),
        "the three most frequent of 200": (*_read(11, 200), 3),
        "only the first one": (*_read(5, 400), 1),
    }


def _as_pairs(returned, *_):
    if len(returned) and all(len(entry) == 2 and len(np.atleast_1d(entry[0])) == 2 for entry in returned):
        return Words("a pair, and its count beside it")
    return [[int(number) for number in entry] for entry in returned]


@exercise(
    "7.3",
    cases=_pairs_of,
    result=_as_pairs,
    tested="the first pair, the first three, and the first four",
    hints=(
        "Which pair of digits comes first when you count by hand? Does your list begin with it?",
        "Count every pair (label, answer) in a matrix or a `Counter`, leave the diagonal out, and take the "
        "largest counts first.",
        "`Counter(zip(labels, predicted))`, without the pairs of two equal digits; `.most_common(k)` sorts "
        "them.",
    ),
)
def top_confusions(labels, predicted, k):
    """The `k` most frequent mistakes as (label, answer, how often), the most frequent first."""
    matrix = np.zeros((10, 10), int)
    np.add.at(matrix, (labels, predicted), 1)
    np.fill_diagonal(matrix, 0)
    places = np.argsort(-matrix, axis=None, kind="stable")[:k]  # (10, 10) -> (100,) -> (k,)
    return [(place // 10, place % 10, matrix.flat[place]) for place in places]


def _counted(labels, predicted, k, change):
    """The `k` largest entries of a count matrix after a change to it."""
    matrix = np.zeros((10, 10))
    np.add.at(matrix, (labels, predicted), 1)
    matrix = change(matrix)
    places = np.argsort(-matrix, axis=None, kind="stable")[:k]
    return [(place // 10, place % 10, matrix.flat[place]) for place in places]


def _empty_diagonal(matrix):
    return matrix * (1 - np.eye(10))


@top_confusions.mistake(
    "what is right is counted, too",
    "Which two digits does the first entry of your list name?",
    "On the diagonal stands what was read right. That is the most frequent by far, and no mistake.",
    "`np.fill_diagonal(matrix, 0)` before you look for the largest.",
)
def _with_the_diagonal(labels, predicted, k):
    return _counted(labels, predicted, k, lambda matrix: matrix)


@top_confusions.mistake(
    "label and answer have changed places",
    "In your first entry: which digit was it, and what did the network say?",
    "First comes what it *was*, then what it was *read as*.",
    "(label, answer, count): the row of the confusion matrix comes first.",
)
def _turned(labels, predicted, k):
    return _counted(predicted, labels, k, _empty_diagonal)


@top_confusions.mistake(
    "both directions are added up",
    "Is a 4 that is read as a 9 the same as a 9 that is read as a 4?",
    "You added the two. Here they are two different mistakes, and often one of them is much more frequent.",
    "Leave out `matrix + matrix.T`.",
)
def _both_ways(labels, predicted, k):
    return _counted(labels, predicted, k, lambda matrix: np.triu(_empty_diagonal(matrix + matrix.T)))


@top_confusions.mistake(
    "the rarest first",
    "How large is the count of your first entry?",
    "`argsort` sorts from small to large.",
    "`np.argsort(-matrix, axis=None)`, or `[::-1]` behind it.",
)
def _rarest(labels, predicted, k):
    matrix = _empty_diagonal(np.histogram2d(labels, predicted, bins=(range(11), range(11)))[0])
    places = np.argsort(matrix, axis=None, kind="stable")[:k]
    return [(place // 10, place % 10, matrix.flat[place]) for place in places]


@top_confusions.mistake(
    "the counts are missing",
    "How many numbers should stand in each entry?",
    "Three: the label, the answer, and how often that happened.",
    "`(label, answer, matrix[label, answer])`",
)
def _no_counts(labels, predicted, k):
    return [entry[:2] for entry in _counted(labels, predicted, k, _empty_diagonal)]


@top_confusions.mistake(
    "a pair within each entry",
    "How many things has your first entry: three numbers, or a pair and a number?",
    "`Counter.most_common` gives `((label, answer), count)`: a tuple inside of a tuple.",
    "`[(label, answer, count) for (label, answer), count in ...]`",
)
def _nested(labels, predicted, k):
    return [
        ((label, answer), count) for label, answer, count in top_confusions.reference(labels, predicted, k)
    ]


@top_confusions.mistake(
    "the right ones, but from small to large",
    "Which of your entries is the most frequent, the first or the last?",
    "You took the last `k` of a list that is sorted upwards. Inside, they still go upwards.",
    "Turn them round: `[::-1]`.",
)
def _upwards(labels, predicted, k):
    return _counted(labels, predicted, k, _empty_diagonal)[::-1]


@top_confusions.mistake(
    "places in the matrix instead of pairs",
    "Your first number is larger than 9. Which two digits does it stand for?",
    "`argsort` counts the places along all rows, from 0 to 99. Row and column are hidden in that number.",
    "`np.unravel_index(place, (10, 10))`, or `place // 10` and `place % 10`. And the count belongs to it.",
)
def _places(labels, predicted, k):
    matrix = np.zeros((10, 10), int)
    np.add.at(matrix, (labels, predicted), 1)
    np.fill_diagonal(matrix, 0)
    return np.argsort(-matrix, axis=None, kind="stable")[:k]


# 7.4 One bar of the reliability diagram ---------------------------------------------------------------------


def _sure(seed, n):
    """Confidences (n,) and whether it was right (n,), with one of exactly 1 and one of exactly 0.9."""
    rng = np.random.default_rng(seed)
    confidence = 1 - 0.75 * rng.random(n) ** 2
    confidence[:2] = 1.0, 0.9
    return confidence, rng.random(n) < confidence**2


def _bins():
    return {
        "60 examples, from 0.9 to 1": (*_sure(1, 60), 0.9, 1.0),
        "60 examples, from 0.8 to 0.9": (*_sure(1, 60), 0.8, 0.9),
        "200 examples, from 0.5 to 0.75": (*_sure(2, 200), 0.5, 0.75),
    }


@exercise(
    "7.4",
    cases=_bins,
    result=lambda returned, *_: [float(number) for number in returned],
    tested="three ranges, one of them with a confidence of exactly 1 in it",
    hints=(
        "First pick the examples whose confidence lies in the range. All three numbers are about these "
        "alone.",
        "A condition makes an array of True and False, and that picks from the other arrays: "
        "`confidence[inside]`, `right[inside]`.",
        "`inside = (low < confidence) & (confidence <= high)`, then "
        "`confidence[inside].mean(), right[inside].mean(), inside.sum()`.",
    ),
)
def one_bin(confidence, right, low, high):
    """Of the examples with low < confidence <= high: mean confidence, share that is right, and their number.

    `confidence` (n,) are numbers 0…1, `right` (n,) is True where the answer was right.
    """
    inside = (low < confidence) & (confidence <= high)  # (n,)
    return confidence[inside].mean(), right[inside].mean(), inside.sum()


def _bin(confidence, right, inside):
    return confidence[inside].mean(), right[inside].mean(), inside.sum()


@one_bin.mistake(
    "the upper edge is left out, the lower one is in",
    "A network can be 100 % sure. In which of your bins would that example be?",
    "You have low ≤ confidence < high. With that, a confidence of exactly 1 falls out of the last bin.",
    "`(low < confidence) & (confidence <= high)`",
)
def _lower_edge(confidence, right, low, high):
    return _bin(confidence, right, (low <= confidence) & (confidence < high))


@one_bin.mistake(
    "both edges are in",
    "An example at exactly 0.9: how many bins will it be counted in?",
    "With `<=` on both sides it counts twice. One edge must be out, and here it is the lower one.",
    "`(low < confidence) & (confidence <= high)`",
)
def _both_edges(confidence, right, low, high):
    return _bin(confidence, right, (low <= confidence) & (confidence <= high))


@one_bin.mistake(
    "only the lower edge is asked about",
    "Does an example at 0.99 belong in the range from 0.8 to 0.9?",
    "You picked everything above `low`.",
    "Two conditions, each in brackets, with `&` between them.",
)
def _no_upper_edge(confidence, right, low, high):
    return _bin(confidence, right, low < confidence)


@one_bin.mistake(
    "the share of all examples",
    "Right answers in the bin, divided by what?",
    "You divided by the number of all examples. Ask about the ones in the bin alone.",
    "`right[inside].mean()`, not `(right & inside).mean()`.",
)
def _share_of_all(confidence, right, low, high):
    inside = (low < confidence) & (confidence <= high)
    return confidence[inside].mean(), (right & inside).mean(), inside.sum()


@one_bin.mistake(
    "the number of right ones instead of the share",
    "Is your second number between 0 and 1?",
    "You counted the right answers. The share is that count, divided by how many are in the bin.",
    "`right[inside].mean()` instead of `.sum()`.",
)
def _number_of_right(confidence, right, low, high):
    inside = (low < confidence) & (confidence <= high)
    return confidence[inside].mean(), right[inside].sum(), inside.sum()


@one_bin.mistake(
    "the middle of the bin instead of the mean confidence",
    "Do the confidences in your bin lie evenly to both sides of its middle?",
    "Between 0.9 and 1 nearly all of them lie at 0.99 and above. The middle, 0.95, is something that the "
    "network never said.",
    "`confidence[inside].mean()`",
)
def _middle(confidence, right, low, high):
    inside = (low < confidence) & (confidence <= high)
    return (low + high) / 2, right[inside].mean(), inside.sum()


@one_bin.mistake(
    "right and confidence have changed places",
    "Which comes first: how sure it was, or how often it was right?",
    "First what the network said, then what was true.",
    "`confidence[inside].mean(), right[inside].mean(), inside.sum()`",
)
def _changed_places(confidence, right, low, high):
    sure, share, count = one_bin.reference(confidence, right, low, high)
    return share, sure, count


@one_bin.mistake(
    "two comparisons in a row",
    "Python can say `0 < x <= 1` of a number. Can it say so of an array?",
    "It makes `(low < confidence) and (confidence <= high)` of it, and `and` wants a single yes or no.",
    "`(low < confidence) & (confidence <= high)`, with `&` and with the brackets.",
)
def _chained(confidence, right, low, high):
    inside = low < confidence <= high
    return confidence[inside].mean(), right[inside].mean(), inside.sum()


# 7.5 One number for all bars --------------------------------------------------------------------------------


def _bars():
    return {
        "three bins of unlike size": (
            np.array([0.55, 0.8, 0.97]),
            np.array([0.4, 0.9, 0.95]),
            np.array([10, 30, 160]),
        ),
        "a network that is always too sure": (
            np.array([0.6, 0.9, 0.99]),
            np.array([0.5, 0.6, 0.9]),
            np.array([5, 20, 75]),
        ),
        "bins that are equally full": (np.array([0.4, 0.9]), np.array([0.5, 0.7]), np.array([50, 50])),
    }


@exercise(
    "7.5",
    cases=_bars,
    result=lambda returned, *_: float(returned),
    tested="a network too sure in some bins and too modest in others, one too sure in all, and equal bins",
    hints=(
        "How far apart are the two numbers in each bin? And how much should each bin count?",
        "A mean of the distances, in which each bin counts as often as it has examples. A distance has no "
        "sign.",
        "`np.sum(count * np.abs(confidence - accuracy)) / count.sum()`",
    ),
)
def calibration_error(confidence, accuracy, count):
    """The distance of confidence and accuracy, (bins,) each, averaged over all examples: one number 0…1."""
    return np.sum(count * np.abs(confidence - accuracy)) / count.sum()  # (bins,) -> ()


@calibration_error.mistake(
    "every bin counts the same",
    "One bin has 10 examples, another 160. Should a gap in the small one weigh as much?",
    "With few examples, a bin's accuracy is mostly luck. Each *example* should count the same.",
    "`np.average(np.abs(confidence - accuracy), weights=count)`",
)
def _unweighted(confidence, accuracy, count):
    return np.mean(np.abs(confidence - accuracy))


@calibration_error.mistake(
    "too sure and too modest cancel",
    "If it is 10 % too sure in one bin and 10 % too modest in another, is it calibrated?",
    "Gaps of opposite sign add up to nothing. Take their size before you average.",
    "`np.abs(confidence - accuracy)`",
)
def _signed(confidence, accuracy, count):
    return np.sum(count * (confidence - accuracy)) / count.sum()


@calibration_error.mistake(
    "squared instead of absolute",
    "Your gaps are around 0.1. Why is the result around 0.01?",
    "You squared them. Here the plain distance is asked for, in the unit of a probability.",
    "`np.abs(...)` instead of `(...) ** 2`.",
)
def _squared(confidence, accuracy, count):
    return np.sum(count * (confidence - accuracy) ** 2) / count.sum()


@calibration_error.mistake(
    "a sum instead of a mean",
    "Is your number between 0 and 1?",
    "You added up the gaps of all examples. Divide by how many examples there are.",
    "`/ count.sum()`",
)
def _sum(confidence, accuracy, count):
    return np.sum(count * np.abs(confidence - accuracy))


@calibration_error.mistake(
    "divided by the number of bins",
    "Each gap was multiplied by its number of examples. By what must the sum be divided, then?",
    "By the number of all examples, not by the number of bins.",
    "`/ count.sum()`, not `/ len(count)`.",
)
def _by_bins(confidence, accuracy, count):
    return np.mean(count * np.abs(confidence - accuracy))


@calibration_error.mistake(
    "only the worst bin",
    "What do the other bins say?",
    "The largest gap is often that of a bin with hardly anything in it.",
    "A mean over all, weighted by `count`.",
)
def _worst(confidence, accuracy, count):
    return np.max(np.abs(confidence - accuracy))


@calibration_error.mistake(
    "a plain mean of gaps with their signs",
    "Does a gap of -0.1 undo one of +0.1? And does a bin of 10 count as much as one of 160?",
    "Two things are missing: a distance has no sign, and each example should count the same.",
    "`np.average(np.abs(confidence - accuracy), weights=count)`",
)
def _plain_mean(confidence, accuracy, count):
    return np.mean(confidence - accuracy)


# 7.6 Cooler or warmer ---------------------------------------------------------------------------------------


def _logits(seed, true):
    """Logits (200, 10), and labels drawn from their probabilities at the temperature `true`."""
    rng = np.random.default_rng(seed)
    logits = 4 * rng.normal(size=(200, 10))
    return logits, np.array([rng.choice(10, p=p) for p in softmax(logits / true)])


def _too_sure_or_too_modest():
    return {
        "a network that is too sure": (*_logits(1, 2.5), [0.5, 1.0, 1.5, 2.0, 2.5, 3.0]),
        "a network that is too modest": (*_logits(2, 0.5), [1.5, 1.0, 0.75, 0.5, 0.25]),
        "a network that is just right": (*_logits(3, 1.0), [0.5, 2.0, 1.0, 4.0]),
    }


@exercise(
    "7.6",
    cases=_too_sure_or_too_modest,
    tested="networks that are too sure, too modest, and just right",
    hints=(
        "For each temperature you need one number that says how good the probabilities are. Which one?",
        "Divide the logits by the temperature, take the softmax, and then the cross-entropy. The smallest "
        "wins.",
        "`losses = [cross_entropy(softmax(logits / t), labels) for t in temperatures]`, then "
        "`temperatures[np.argmin(losses)]`.",
    ),
)
def best_temperature(logits, labels, temperatures):
    """The one of `temperatures` with which logits (n, 10) have the smallest cross-entropy, labels (n,)."""
    losses = [cross_entropy(softmax(logits / t), labels) for t in temperatures]
    return temperatures[int(np.argmin(losses))]


@best_temperature.mistake(
    "chosen by the accuracy",
    "Print the accuracy for each temperature. What do you notice?",
    "Dividing all logits by the same number does not change which is the largest: the accuracy is the same "
    "for all of them, and `argmax` takes the first.",
    "Choose by the cross-entropy: it notices how sure the network was.",
)
def _by_accuracy(logits, labels, temperatures):
    right = [(softmax(logits / t).argmax(axis=1) == labels).mean() for t in temperatures]
    return temperatures[int(np.argmax(right))]


@best_temperature.mistake(
    "multiplied instead of divided",
    "With a high temperature, should the network become surer, or less sure?",
    "You multiply the logits by the temperature. That is the other way round.",
    "`softmax(logits / t)`",
)
def _multiplied(logits, labels, temperatures):
    losses = [cross_entropy(softmax(logits * t), labels) for t in temperatures]
    return temperatures[int(np.argmin(losses))]


@best_temperature.mistake(
    "the largest loss",
    "Is a large loss good or bad?",
    "You took the temperature that fits worst.",
    "`np.argmin` instead of `np.argmax`.",
)
def _largest_loss(logits, labels, temperatures):
    losses = [cross_entropy(softmax(logits / t), labels) for t in temperatures]
    return temperatures[int(np.argmax(losses))]


@best_temperature.mistake(
    "the loss instead of the temperature",
    "What is asked for: how good the best one is, or which one it is?",
    "You return the smallest loss.",
    "`temperatures[np.argmin(losses)]`",
)
def _the_loss(logits, labels, temperatures):
    return min(cross_entropy(softmax(logits / t), labels) for t in temperatures)


@best_temperature.mistake(
    "the place instead of the temperature",
    "Is your answer one of the temperatures?",
    "`np.argmin` gives the place in the list. Look up what stands there.",
    "`temperatures[np.argmin(losses)]`",
)
def _the_place(logits, labels, temperatures):
    return int(np.argmin([cross_entropy(softmax(logits / t), labels) for t in temperatures]))


@best_temperature.mistake(
    "the smallest temperature wins every time",
    "Put a temperature of 0.001 on the list. Would that win, too?",
    "A small temperature makes the network surer. You reward that, whatever the labels say: because you look "
    "only at the probabilities, or because you divide after softmax, and not before it.",
    "First divide the logits, then softmax, then the loss: `cross_entropy(softmax(logits / t), labels)`.",
)
def _surest(logits, labels, temperatures):
    return temperatures[int(np.argmax([softmax(logits / t).max(axis=1).mean() for t in temperatures]))]


# 7.7 All the way back, to the pixels ------------------------------------------------------------------------


def _forward(x, weights):
    activations = [x]
    for i, w in enumerate(weights):
        z = activations[i] @ w  # (n, n_in) -> (n, n_out)
        activations.append(relu(z) if i < len(weights) - 1 else softmax(z))
    return activations


def _backwards(seed, n, layers, digit):
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=pair) for pair in zip(layers, layers[1:], strict=False)]
    x = np.maximum(rng.normal(size=(n, layers[0])), 0)  # much paper
    return _forward(x, weights), weights, digit


def _networks():
    return {
        "two layers, four images, digit 1": _backwards(1, 4, (7, 5, 10), 1),
        "three layers, one image, digit 2": _backwards(2, 1, (6, 8, 5, 10), 2),
        "one layer, two images, digit 0": _backwards(3, 2, (6, 10), 0),
    }


@exercise(
    "7.7",
    cases=_networks,
    tested="one layer, two and three, one image and several, each slope against a formula of its own",
    hints=(
        "Begin at the end: nudge the digit's logit by 1. By how much does each of the ten logits move?",
        "delta is 1 in the digit's column and 0 elsewhere. Send it back through the weights of each layer, "
        "and through ReLU in the hidden ones. The pixels have no ReLU.",
        "In a loop from the last layer to the first: `delta = delta @ weights[i].T`, and, if `i > 0`, "
        "`delta = delta * (activations[i] > 0)`. What is left at the end are the pixels' slopes.",
    ),
)
def input_gradient(activations, weights, digit):
    """The slope of the digit's logit along each pixel, (n, n_in).

    `activations` are what the forward pass gave, images first; `weights[i]` is (n_in, n_out) of layer i.
    """
    delta = np.zeros_like(activations[-1])  # (n, 10)
    delta[:, digit] = 1
    for i in reversed(range(len(weights))):
        delta = delta @ weights[i].T  # (n, n_out) -> (n, n_in)
        if i > 0:
            delta = delta * (activations[i] > 0)
    return delta


def _back(activations, weights, delta, slope=lambda i, a: (a > 0) if i else 1, last=0):
    """The way back from any delta, with any slope of the layers, down to the input of layer `last`."""
    for i in reversed(range(last, len(weights))):
        delta = (delta @ weights[i].T) * slope(i, activations[i])
    return delta


def _one(activations, digit):
    return np.eye(activations[-1].shape[1])[[digit] * len(activations[-1])]  # (n, 10)


@input_gradient.mistake(
    "ReLU's slope is missing",
    "A hidden unit that gave 0: does a small nudge of its inputs change anything?",
    "Units that were silent pass nothing on. Their share must be set to 0 on the way back.",
    "`delta = delta * (activations[i] > 0)` in each hidden layer.",
)
def _no_gate(activations, weights, digit):
    return _back(activations, weights, _one(activations, digit), lambda i, a: 1)


@input_gradient.mistake(
    "the pixels are treated as if they came out of a ReLU",
    "Is your result 0 wherever there is paper?",
    "A white pixel can be made darker, so it has a slope. Only hidden layers have a ReLU behind them.",
    "Apply `activations[i] > 0` only `if i > 0`.",
)
def _gate_on_pixels(activations, weights, digit):
    return _back(activations, weights, _one(activations, digit), lambda i, a: a > 0)


@input_gradient.mistake(
    "stopped one layer too early",
    "Which shape do you return? How many pixels has an image?",
    "For the weights you could stop at the first layer. For the pixels there is one matrix more.",
    "Let the loop run down to `i = 0`, and multiply by `weights[0].T`, too.",
)
def _too_early(activations, weights, digit):
    return _back(activations, weights, _one(activations, digit), lambda i, a: a > 0, last=1)


@input_gradient.mistake(
    "all logits together",
    "Which of the ten logits should rise?",
    "You sent a 1 back from each of them. Then all ten pull at the pixels.",
    "`delta = np.zeros_like(activations[-1])`, then `delta[:, digit] = 1`.",
)
def _all_logits(activations, weights, digit):
    return _back(activations, weights, np.ones(activations[-1].shape))


@input_gradient.mistake(
    "the slope of the loss",
    "What should go up: the digit's score, or the loss?",
    "You began with probabilities minus target. That is where the *loss* grows, and it goes the other way.",
    "Begin with 1 at the digit and 0 elsewhere, without the probabilities.",
)
def _loss_slope(activations, weights, digit):
    return _back(activations, weights, activations[-1] - _one(activations, digit))


@input_gradient.mistake(
    "the slope of the probability",
    "Of what do you take the slope: of the logit, before softmax, or of the probability behind it?",
    "Where the network is sure, the probability hardly moves any more, and its slope is nearly 0. The logit "
    "has no such ceiling.",
    "Begin with 1 at the digit; leave softmax out.",
)
def _probability_slope(activations, weights, digit):
    p, one = activations[-1], _one(activations, digit)
    return _back(activations, weights, p[:, [digit]] * (one - p))


@input_gradient.mistake(
    "a mean over the batch",
    "Did you divide by the number of images?",
    "For the loss, which is a mean, that was right. Here each image has a logit and slopes of its own.",
    "Leave out the division.",
)
def _divided(activations, weights, digit):
    return input_gradient.reference(activations, weights, digit) / len(activations[0])


# 7.8 Uphill -------------------------------------------------------------------------------------------------


def _climbs():
    rng = np.random.default_rng(8)
    image, gradient = rng.random((1, 30)), rng.normal(size=(1, 30))
    image[0, :6] = 0, 1, 0, 1, 0, 1
    return {
        "a short step": (image.copy(), gradient.copy(), 0.1),
        "a long step": (image.copy(), 3 * gradient, 1.0),
        "an empty sheet": (np.zeros((1, 30)), gradient.copy(), 0.5),
    }


@exercise(
    "7.8",
    cases=_climbs,
    tested="short and long steps, from an image and from an empty sheet",
    hints=(
        "Two things happen: a step, and then whatever is no ink any more is brought back.",
        "Uphill is along the gradient. `np.clip(a, low, high)` brings all numbers of `a` between the two.",
        "`return np.clip(image + step * gradient, 0, 1)`",
    ),
)
def uphill(image, gradient, step):
    """The image (1, n) after a step along the gradient (1, n); ink stays between 0 and 1."""
    return np.clip(image + step * gradient, 0, 1)


@uphill.mistake(
    "downhill",
    "Should the score rise, or fall?",
    "In training you went against the gradient, because the loss should fall. Here the score should rise.",
    "Plus instead of minus.",
)
def _downhill(image, gradient, step):
    return np.clip(image - step * gradient, 0, 1)


@uphill.mistake(
    "ink below 0 and above 1",
    "What would a pixel of 1.7 look like? And one of -3?",
    "Paper is 0 and full ink is 1. What the step pushes beyond must come back.",
    "`np.clip(image + step * gradient, 0, 1)`",
)
def _no_clip(image, gradient, step):
    return image + step * gradient


@uphill.mistake(
    "only the lower edge is kept",
    "Can there be more ink than full ink?",
    "`np.maximum(a, 0)` takes care of what is below 0. What is above 1 must come back, too.",
    "`np.clip(image + step * gradient, 0, 1)`",
)
def _only_below(image, gradient, step):
    return np.maximum(image + step * gradient, 0)


@uphill.mistake(
    "the step size was left out",
    "You were given three things. How many of them do you use?",
    "The gradient says which way, the step says how far.",
    "`image + step * gradient`",
)
def _no_step(image, gradient, step):
    return np.clip(image + gradient, 0, 1)


@uphill.mistake(
    "squeezed instead of cut off",
    "A pixel that was 0.5 and got no step: is it still 0.5?",
    "You stretched the whole image so that it fills 0 to 1. That changes pixels that nothing happened to.",
    "`np.clip(..., 0, 1)` touches only what is outside.",
)
def _rescaled(image, gradient, step):
    moved = image + step * gradient
    return (moved - moved.min()) / (moved.max() - moved.min())


@uphill.mistake(
    "cut off before the step, not after it",
    "In which order do the two things happen?",
    "You brought the image into its bounds, and then took the step, which leads out of them again.",
    "The step goes inside the brackets: `np.clip(image + step * gradient, 0, 1)`.",
)
def _clip_the_gradient(image, gradient, step):
    return image + np.clip(step * gradient, 0, 1)


# 7.9 What excites a unit ------------------------------------------------------------------------------------


def _hidden(seed, n, units):
    return np.maximum(np.random.default_rng(seed).normal(0.5, 1, size=(n, units)), 0)


def _units():
    return {
        "unit 3 of 8, the five strongest": (_hidden(1, 40, 8), 3, 5),
        "unit 0 of 12, the strongest of all": (_hidden(2, 30, 12), 0, 1),
        "unit 5 of 6, the ten strongest": (_hidden(3, 50, 6), 5, 10),
    }


@exercise(
    "7.9",
    cases=_units,
    result=_as_array,
    tested="three units, and one, five and ten images",
    hints=(
        "Each column of `hidden` is one unit. Where in its column are the largest numbers?",
        "`np.argsort` gives the places from the smallest to the largest number. Turn them round, and take "
        "the first `k`.",
        "`np.argsort(-hidden[:, unit])[:k]`",
    ),
)
def most_exciting(hidden, unit, k):
    """The places (k,) of the images that excite a unit most, the strongest first; hidden (n, units)."""
    return np.argsort(-hidden[:, unit])[:k]  # (n, units) -> (n,) -> (k,)


@most_exciting.mistake(
    "the images that leave it cold",
    "How large is the unit's activation for your first image?",
    "`np.argsort` begins with the smallest.",
    "`np.argsort(-hidden[:, unit])[:k]`",
)
def _cold(hidden, unit, k):
    return np.argsort(hidden[:, unit])[:k]


@most_exciting.mistake(
    "the right images, the strongest last",
    "Which of yours excites the unit most, the first or the last?",
    "The last `k` of a list that goes upwards still go upwards.",
    "Turn them round: `np.argsort(hidden[:, unit])[::-1][:k]`.",
)
def _strongest_last(hidden, unit, k):
    return np.argsort(-hidden[:, unit])[:k][::-1]


@most_exciting.mistake(
    "the row instead of the column",
    "What is `hidden[3]`: all images for unit 3, or all units for image 3?",
    "One row is one image. A unit is a column.",
    "`hidden[:, unit]`",
)
def _row(hidden, unit, k):
    return np.argsort(-hidden[unit])[:k]


@most_exciting.mistake(
    "how strongly, instead of by which images",
    "Can you look up an image with your numbers?",
    "You return the activations. The task asks for their places.",
    "`np.argsort` instead of `np.sort`.",
)
def _values(hidden, unit, k):
    return -np.sort(-hidden[:, unit])[:k]


@most_exciting.mistake(
    "sorted over all units",
    "Which unit do your images excite?",
    "Without a column, `np.argsort` sorts within each row, or over everything.",
    "Pick the unit first: `hidden[:, unit]`.",
)
def _all_units(hidden, unit, k):
    return np.argsort(-hidden.max(axis=1))[:k]


@most_exciting.mistake(
    "whatever excites it at all",
    "How many images do you return, and how many were asked for?",
    "You took all images for which the unit is not silent. Take the `k` strongest of them.",
    "`np.argsort(-hidden[:, unit])[:k]`",
)
def _any_excitement(hidden, unit, k):
    return np.flatnonzero(hidden[:, unit] > 0)


@most_exciting.mistake(
    "sort gives nothing back",
    "What does `a.sort()` return? Try it in a cell of its own.",
    "It sorts the array itself and returns `None`. And it forgets which image each number came from.",
    "`np.argsort(-hidden[:, unit])[:k]`",
)
def _sort(hidden, unit, k):
    return hidden[:, unit].copy().sort()[:k]
