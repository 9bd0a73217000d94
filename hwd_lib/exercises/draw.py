"""Checks for notebook 9: an app of one's own, and a network that learns a hand and forgets no other."""

import numpy as np

from hwd_lib.checks.exercise import exercise
from hwd_lib.checks.handing_in import hand_in_for
from hwd_lib.exercises.your_handwriting import forget_too
from hwd_lib.mnist import Split
from hwd_lib.network import Network
from hwd_lib.preprocessing import preprocess, rasterise

hand_in = hand_in_for("09_draw.ipynb")

# 9.1 From strokes to probabilities --------------------------------------------------------------------------


def _sheets():
    seven = [np.array([[500.0, 90], [640, 100], [560, 330]]), np.array([[530.0, 210], [650, 200]])]
    one = [np.array([[80.0, 600], [90, 720]])]
    network, other = (Network([784, 12, 10], seed=seed) for seed in (1, 2))
    return {
        "a 7 with a bar, in a corner": (seven, network),
        "a small 1, and another network": (one, other),
        "an empty sheet": ([], network),
    }


@exercise(
    "9.1",
    cases=_sheets,
    result=lambda returned, *_: np.asarray(returned),
    atol=1e-5,
    tested="two strokes, one, and none; two networks",
    hints=(
        "Two calls are needed. What does each of them take, and what does it return? Write the shapes down.",
        "`preprocess(strokes)` gives an image (28, 28). A network takes rows of 784, (n, 784), and gives "
        "rows of ten, (n, 10).",
        "`network.probabilities(preprocess(strokes).reshape(1, 784))[0]`",
    ),
)
def read_drawing(strokes, network):
    """The ten probabilities, (10,), that a network gives to a drawing on the sheet."""
    image = preprocess(strokes)  # (28, 28)
    return network.probabilities(image.reshape(1, 784))[0]  # (28, 28) -> (1, 784) -> (1, 10) -> (10,)


def _read_image(change, strokes, network):
    return network.probabilities(change(preprocess(strokes)).reshape(1, 784).astype(np.float32))[0]


@read_drawing.mistake(
    "an image where a row is wanted",
    "Which shape does the image have, and which does the network want?",
    "The network has 784 inputs and takes a batch: one row for each image. Yours has one image, so one row.",
    "`image.reshape(1, 784)`",
)
def _no_reshape(strokes, network):
    return network.probabilities(preprocess(strokes))[0]


@read_drawing.mistake(
    "a batch of one, instead of its only row",
    "Which shape does your result have?",
    "A batch goes in, a batch comes out: (1, 10). What is asked for is its only row, (10,).",
    "`[0]` at the end.",
)
def _batch(strokes, network):
    return network.probabilities(preprocess(strokes).reshape(1, 784))


@read_drawing.mistake(
    "the digit, and not the probabilities",
    "How many numbers do you return: one, or ten?",
    "The bars need all ten. Which one is largest can still be found later.",
    "`network.probabilities`, and not `network.predict`; no `argmax`.",
)
def _digit(strokes, network):
    return network.predict(preprocess(strokes).reshape(1, 784))[0]


@read_drawing.mistake(
    "without preprocessing",
    "The sheet is 800 pixels wide, the image 28. Where do your strokes lie in it?",
    "You draw the strokes as they are. The network was trained on digits that were fitted and centred; it "
    "must get the same here. (Notebook 8 is about nothing else.)",
    "`preprocess(strokes)`, and not `rasterise(strokes)`.",
)
def _raw(strokes, network):
    return network.probabilities(rasterise(strokes).reshape(1, 784))[0]


@read_drawing.mistake(
    "rows and columns are swapped",
    "Show the image with `plots.digits`. Does it lie on its side?",
    "`image.T` turns rows into columns. MNIST goes through the image row by row.",
    "Leave the image as it is: `image.reshape(1, 784)`.",
)
def _transposed(strokes, network):
    return _read_image(lambda image: image.T, strokes, network)


@read_drawing.mistake(
    "ink and paper are swapped",
    "Which number stands for paper in this course?",
    "Ink is 1 and paper is 0, in the training data and here. `1 - image` turns that over.",
    "Leave the image as it is.",
)
def _negative(strokes, network):
    return _read_image(lambda image: 1 - image, strokes, network)


@read_drawing.mistake(
    "scaled twice",
    "What is the largest number in the image?",
    "`preprocess` returns ink from 0 to 1. The division by 255 belongs to the bytes in MNIST's files.",
    "Leave out the 255.",
)
def _scaled_twice(strokes, network):
    return _read_image(lambda image: image / 255, strokes, network)


@read_drawing.mistake(
    "only the last stroke",
    "A 7 with a bar: which of its strokes does the network get?",
    "`strokes[-1]` is the last of several. A digit is all of them together.",
    "`preprocess(strokes)`",
)
def _last_stroke(strokes, network):
    return read_drawing.reference(strokes[-1:], network)


# 9.2 What to say --------------------------------------------------------------------------------------------


def _beliefs():
    sure = np.full(10, 0.01)
    sure[7] = 0.91
    torn = np.full(10, 0.02)
    torn[[4, 9]] = 0.38, 0.46
    return {
        "91 % for the 7, and 0.6 asked for": (sure, False, 0.6),
        "46 % for the 9, and 0.6 asked for": (torn, False, 0.6),
        "46 % for the 9, and 0.3 asked for": (torn, False, 0.3),
        "exactly as much as is asked for": (sure, False, float(sure[7])),
        "an empty sheet": (sure, True, 0.6),
        "an empty sheet, of which the network is not sure": (torn, True, 0.6),
        "a 0": (np.roll(sure, 3), False, 0.6),
    }


@exercise(
    "9.2",
    cases=_beliefs,
    tested="sure and unsure, exactly at the border, a 0, and an empty sheet",
    hints=(
        "There are three answers. Write the condition for each of them down in words first.",
        "An empty sheet comes first. Then: is the largest probability below `at_least`? Else its place, as "
        "text.",
        '`if empty: return ""`, then `if probabilities.max() < at_least: return "?"`, then '
        "`return str(probabilities.argmax())`.",
    ),
)
def verdict(probabilities, empty, at_least):
    """What to show: the digit as text, "?" when no probability (10,) is `at_least` so large, "" if empty."""
    if empty:
        return ""
    return str(probabilities.argmax()) if probabilities.max() >= at_least else "?"


@verdict.mistake(
    "a number instead of text",
    "What is the type of what you return for a 7?",
    'The page shows text. `7` and `"7"` look alike on the screen, but "?" and "" are text, so all answers '
    "should be.",
    "`str(probabilities.argmax())`",
)
def _number(probabilities, empty, at_least, heed=True):
    if heed and empty:
        return ""
    return int(probabilities.argmax()) if probabilities.max() >= at_least else "?"


@verdict.mistake(
    "the digit is compared, and not its probability",
    "What did you compare with `at_least`: how sure it is, or which digit it is?",
    "`argmax` is a place, from 0 to 9. A 0 would never be sure enough, and an 8 always.",
    "`probabilities.max() < at_least`",
)
def _place(probabilities, empty, at_least, heed=True):
    if heed and empty:
        return ""
    return str(probabilities.argmax()) if probabilities.argmax() >= at_least else "?"


@verdict.mistake(
    "the empty sheet gets an answer",
    "What does your app say before anything is drawn?",
    "A network answers to everything, to an empty sheet as well. You know that there is nothing; it does "
    "not.",
    '`if empty: return ""`, as the first line.',
)
def _always(probabilities, empty, at_least):
    return str(probabilities.argmax()) if probabilities.max() >= at_least else "?"


@verdict.mistake(
    "doubt is asked for before the empty sheet",
    "What does your app say to an empty sheet of which the network is not sure?",
    "Of an empty sheet it is hardly ever sure. So the first question decides, and it should be: is there "
    "anything?",
    '`if empty: return ""`, as the first line.',
)
def _doubt_first(probabilities, empty, at_least):
    if probabilities.max() < at_least:
        return "?"
    return "" if empty else str(probabilities.argmax())


@verdict.mistake(
    "how sure it is, instead of the digit",
    "What should be shown for a 7: 7, or 0.91?",
    "`max` is how much, `argmax` is where. The place of the largest probability is the digit.",
    "`str(probabilities.argmax())`",
)
def _how_sure(probabilities, empty, at_least):
    if empty:
        return ""
    return str(probabilities.max()) if probabilities.max() >= at_least else "?"


@verdict.mistake(
    "the border belongs to the wrong side",
    "0.91 is asked for, and 0.91 is there. Is that *at least* so much?",
    "At least means: this much, or more.",
    "`>=` for the digit, `<` for the question mark.",
)
def _border(probabilities, empty, at_least, heed=True):
    if heed and empty:
        return ""
    return str(probabilities.argmax()) if probabilities.max() > at_least else "?"


@verdict.mistake(
    "the first that is large enough",
    "4 has 38 %, 9 has 46 %, and 0.3 is asked for. Which one do you show?",
    "When the border is low, more than one digit may pass it. The largest wins.",
    "`probabilities.argmax()`",
)
def _first(probabilities, empty, at_least, heed=True):
    if heed and empty:
        return ""
    passed = np.flatnonzero(probabilities >= at_least)
    return str(passed[0]) if len(passed) else "?"


@verdict.mistake(
    "never in doubt",
    "What does your app say to a scribble, where the largest probability is 0.2?",
    "You always give the digit. `at_least` says how sure it must be for that.",
    '`if probabilities.max() < at_least: return "?"`',
)
def _no_doubt(probabilities, empty, at_least, heed=True):
    return "" if heed and empty else str(probabilities.argmax())


forget_too(verdict, "the empty sheet gets an answer", heed=False)


# 9.3 Among others -------------------------------------------------------------------------------------------


def _hands():
    """Images that carry their number in every pixel, and labels that follow from it."""

    def split(first, n):
        numbers = np.arange(first, first + n)
        images = np.repeat(numbers[:, None], 784, axis=1).astype(np.float32) / 1000  # (n, 784)
        return Split(images, numbers % 10)

    return {
        "6 digits of yours among 20": (split(0, 6), split(100, 300), 20, np.random.default_rng(1)),
        "3 digits of yours among 50": (split(4, 3), split(500, 80), 50, np.random.default_rng(1)),
    }


def _describe(returned, own, replay, n, rng):
    """What matters about the mix, whatever chance took out of MNIST."""
    images, labels = (np.asarray(part) for part in returned)
    numbers = np.rint(1000 * images[:, 0].astype(np.float64)).astype(int)  # (k, 784) -> (k,)
    mine = np.isin(numbers, np.rint(1000 * own.images[:, 0]).astype(int))
    others = np.sort(numbers[~mine] - round(1000 * float(replay.images[0, 0])))
    paired = "in another order" if np.array_equal(np.sort(labels), np.sort(numbers % 10)) else "no"
    ordered = len(others) > 1 and (np.diff(others) == 1).all() or len(others) and others.max() < n
    return {
        "shapes": f"{images.shape} and {labels.shape}",
        "your own digits": int(mine.sum()),
        "digits of MNIST": int((~mine).sum()),
        "each image has its label": "yes" if np.array_equal(labels, numbers % 10) else paired,
        "MNIST's are taken at random": "no" if ordered else "yes",
        "chance comes from rng": "no" if rng.random() == np.random.default_rng(1).random() else "yes",
    }


@exercise(
    "9.3",
    cases=_hands,
    in_place=True,
    result=_describe,
    tested="how many of each, each image with its label, and where chance comes from",
    hints=(
        "How many digits should be in the mix, and does each image still have its own label?",
        "Draw n places of the replay once, and take images and labels at the same places. Then put your own "
        "and these below each other.",
        "`at = rng.integers(len(replay.labels), size=n)`, then "
        "`np.concatenate([own.images, replay.images[at]])`, and the same for the labels.",
    ),
)
def among_others(own, replay, n, rng):
    """One's own digits and n others, drawn at random from the replay: images (k, 784) and labels (k,)."""
    at = rng.integers(len(replay.labels), size=n)  # (n,)
    images = np.concatenate([own.images, replay.images[at]])  # -> (k, 784)
    return images, np.concatenate([own.labels, replay.labels[at]])  # -> (k,)


@among_others.mistake(
    "images and labels are drawn apart",
    "How often do you draw places, once or twice?",
    "Drawn a second time, the places are others. The images then have labels that belong to other images.",
    "Draw `at` once, and use it for `replay.images[at]` and for `replay.labels[at]`.",
)
def _drawn_twice(own, replay, n, rng):
    images = np.concatenate([own.images, replay.images[rng.integers(len(replay.labels), size=n)]])
    return images, np.concatenate([own.labels, replay.labels[rng.integers(len(replay.labels), size=n)]])


@among_others.mistake(
    "one's own digits are missing",
    "How many digits are in your mix?",
    "The others are there so that nothing is forgotten. But what should be learned?",
    "`np.concatenate([own.images, replay.images[at]])`",
)
def _only_others(own, replay, n, rng):
    at = rng.integers(len(replay.labels), size=n)
    return replay.images[at], replay.labels[at]


@among_others.mistake(
    "always the same others",
    "Which of MNIST's digits do you take, at the first call and at the second?",
    "The first n are the same n each time. Then only those are remembered, and the rest is forgotten.",
    "`at = rng.integers(len(replay.labels), size=n)`",
)
def _first_n(own, replay, n, rng):
    return np.concatenate([own.images, replay.images[:n]]), np.concatenate([own.labels, replay.labels[:n]])


@among_others.mistake(
    "the labels stand in another order than the images",
    "Whose images come first in your mix, and whose labels?",
    "Row i of the images belongs to entry i of the labels. Both must be put together in the same order.",
    "Your own first, in both lines.",
)
def _other_order(own, replay, n, rng):
    images, labels = among_others.reference(own, replay, n, rng)
    return images, np.concatenate([labels[len(own.labels) :], own.labels])


@among_others.mistake(
    "n counts your own as well",
    "How many of MNIST's digits are in your mix?",
    "n says how many others there are. Your own digits come on top.",
    "`size=n`",
)
def _together_n(own, replay, n, rng):
    return among_others.reference(own, replay, n - len(own.labels), rng)


@among_others.mistake(
    "chance of its own",
    "Call it twice with `np.random.default_rng(0)`. Do you get the same?",
    "The same seed should give the same network. So all chance has to come from the `rng` that is handed "
    "over.",
    "`rng.integers(...)`, and not a generator made inside.",
)
def _own_chance(own, replay, n, rng):
    return among_others.reference(own, replay, n, np.random.default_rng())


# 9.4 Learned and forgotten ----------------------------------------------------------------------------------


def _exams():
    labels = np.array([1, 1, 1, 7, 7, 2, 3, 4, 5, 9, 9, 8])
    before = np.array([1, 7, 2, 7, 7, 2, 3, 9, 6, 4, 9, 3])
    after = np.array([1, 1, 1, 1, 7, 1, 3, 4, 8, 9, 9, 3])
    return {
        "twelve digits": (before, after, labels),
        "nothing changed": (labels, labels.copy(), labels.copy()),
        "three learned and one forgotten": (
            np.array([7, 7, 7, 2, 5]),
            np.array([1, 1, 1, 7, 5]),
            np.array([1, 1, 1, 2, 5]),
        ),
        "as many learned as forgotten": (np.array([1, 2, 0]), np.array([9, 3, 0]), np.array([1, 3, 0])),
    }


def _two_counts(returned, *_):
    learned, forgotten = returned
    return {"learned": float(learned), "forgotten": float(forgotten)}


@exercise(
    "9.4",
    cases=_exams,
    result=_two_counts,
    tested="digits learned, forgotten, wrong both times in two ways, and no change at all",
    hints=(
        "Take one digit that was read right before and wrong after. In which of your counts is it?",
        "Two questions for each digit: was it right before, is it right after? Learned is no and yes, "
        "forgotten is yes and no.",
        "`was, now = before == labels, after == labels`; learned `(~was & now).sum()`, forgotten "
        "`(was & ~now).sum()`.",
    ),
)
def learned_and_forgotten(before, after, labels):
    """How many digits were misread before and are read right after, and how many the other way round."""
    was, now = before == labels, after == labels  # (n,), (n,) bool
    return int((~was & now).sum()), int((was & ~now).sum())


@learned_and_forgotten.mistake(
    "only the difference",
    "Ten learned and ten forgotten: what do you report?",
    "The difference of two scores hides what is behind it. Ask of each digit on its own.",
    "`was, now = before == labels, after == labels`, and then count `~was & now` and `was & ~now`.",
)
def _difference(before, after, labels):
    gain = int((after == labels).sum()) - int((before == labels).sum())
    return max(gain, 0), max(-gain, 0)


@learned_and_forgotten.mistake(
    "the two are swapped",
    "Wrong before, right after: is that learned, or forgotten?",
    "Learned comes first: what was wrong and is right now.",
    "Return `(~was & now).sum(), (was & ~now).sum()`.",
)
def _swapped(before, after, labels):
    return learned_and_forgotten.reference(before, after, labels)[::-1]


@learned_and_forgotten.mistake(
    "all mistakes count as forgotten",
    "A digit that was misread before and is misread still: was it forgotten?",
    "Only what was known can be forgotten.",
    "`was & ~now`: right before *and* wrong after.",
)
def _all_wrong(before, after, labels):
    was, now = before == labels, after == labels
    return int((~was & now).sum()), int((~now).sum())


@learned_and_forgotten.mistake(
    "all that is right now counts as learned",
    "A digit that was read right all along: was it learned just now?",
    "Learned is what was wrong before.",
    "`~was & now`",
)
def _all_right(before, after, labels):
    was, now = before == labels, after == labels
    return int(now.sum()), int((was & ~now).sum())


@learned_and_forgotten.mistake(
    "every changed mistake counts as forgotten",
    "A 5 was read as a 6, and now as an 8. What was lost?",
    "Its answer changed, from one mistake to another. It was not known before, so nothing was forgotten.",
    "`was & ~now`: right before and wrong after.",
)
def _changed(before, after, labels):
    was, now = before == labels, after == labels
    return int((~was & now).sum()), int(((before != after) & ~now).sum())


@learned_and_forgotten.mistake(
    "every other mistake counts as learned",
    "A 5 was read as a 6, and now as an 8. What was learned?",
    "Its answer changed, from one mistake to another. Learned is what is right now.",
    "`~was & now`: wrong before and right after.",
)
def _changed_is_learned(before, after, labels):
    was, now = before == labels, after == labels
    return int((~was & (before != after)).sum()), int((was & ~now).sum())


@learned_and_forgotten.mistake(
    "shares instead of counts",
    "Are your two numbers whole?",
    "Here it should be counts: 12 digits say more than 0.0024.",
    "`.sum()` instead of `.mean()`.",
)
def _shares(before, after, labels):
    was, now = before == labels, after == labels
    return (~was & now).mean(), (was & ~now).mean()


# 9.5 A network to send to somebody --------------------------------------------------------------------------


def _networks():
    wide = Network([784, 12, 10], "tanh", seed=4)
    wide.parameters[:] *= np.float32(50)
    return {
        "a network with a hidden layer": (Network([784, 20, 10], seed=3),),
        "one with large weights": (wide,),
    }


def _numbers(returned, network):
    """The numbers of the copy; of what is no network, only its kind."""
    return np.asarray(returned.parameters) if isinstance(returned, Network) else type(returned).__name__


@exercise(
    "9.5",
    cases=_networks,
    result=_numbers,
    rtol=0,
    atol=0,
    tested="all numbers are those of float16, large and small ones; the network that came in is as it was",
    hints=(
        "Which numbers does a network hold, where are they, and how many bits has each of them?",
        "`network.copy()` is a network of its own. Its numbers are one vector, `parameters`, and "
        "`astype(np.float16)` rounds them.",
        "`copy = network.copy()`, then `copy.parameters[:] = copy.parameters.astype(np.float16)`, and return "
        "`copy`.",
    ),
)
def rounded(network):
    """A copy of a network whose numbers are rounded to 16 bits."""
    copy = network.copy()
    copy.parameters[:] = copy.parameters.astype(np.float16)  # (n,)
    return copy


@rounded.mistake(
    "decimals instead of bits",
    "How many digits after the point does a weight of 0.0004 need?",
    "Two decimals make small weights 0, and keep more of large ones than anybody needs. float16 keeps about "
    "three digits of each, wherever the point stands.",
    "`copy.parameters.astype(np.float16)` in place of `np.round`.",
)
def _decimals(network):
    copy = network.copy()
    copy.parameters[:] = np.round(copy.parameters, 2)
    return copy


@rounded.mistake(
    "whole numbers",
    "What becomes of a weight of 0.3 as a whole number?",
    "Most weights lie between -1 and 1. As whole numbers they are all 0.",
    "`astype(np.float16)`: 16 bits, and a point that floats.",
)
def _integers(network):
    copy = network.copy()
    copy.parameters[:] = copy.parameters.astype(np.int16)
    return copy


@rounded.mistake(
    "a vector instead of a network",
    "What can one ask your result: can it `predict`?",
    "The numbers alone read nothing. They belong back into a network: into a copy of the one that came in.",
    "`copy.parameters[:] = …` and `return copy`",
)
def _vector(network):
    return network.parameters.astype(np.float16)


@rounded.mistake(
    "only the first layer is rounded",
    "How many of the numbers has your copy rounded?",
    "A network has weights and biases in each layer. `parameters` is all of them, in one vector.",
    "`copy.parameters[:] = copy.parameters.astype(np.float16)`",
)
def _first_layer(network):
    copy = network.copy()
    copy.weights[0][:] = copy.weights[0].astype(np.float16)
    return copy
