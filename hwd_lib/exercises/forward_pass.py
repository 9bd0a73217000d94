"""Checks for notebook 3: from 784 pixels to ten probabilities."""

import math

import numpy as np

from hwd_lib.checks.compare import Words, describe
from hwd_lib.checks.exercise import exercise
from hwd_lib.checks.handing_in import hand_in_for

hand_in = hand_in_for("03_forward_pass.ipynb")

# 3.1 ------------------------------------------------------------------------------------------------------


def _one_image():
    rng = np.random.default_rng(1)
    return {
        "four pixels": (np.array([0.0, 1.0, 0.5, 1.0]), np.array([3.0, 2.0, -2.0, 0.5]), 0.25),
        "784 pixels": (rng.random(784), rng.normal(size=784), 0.7),
        "a negative bias": (rng.random(9), rng.normal(size=9), -3.0),
    }


@exercise(
    "3.1",
    cases=_one_image,
    tested="four pixels that can be done by hand, a whole picture, a negative bias",
    hints=(
        "Do the four-pixel case by hand first: what should come out?",
        "Each pixel is multiplied by its own weight; the products are added up; the bias is added once, at "
        "the end.",
        "`np.sum(x * w)` is the sum of the products. Add `b` to it.",
    ),
)
def neuron(x, w, b):
    """One image (784,), its weights (784,) and a bias -> the score, one number."""
    return x @ w + b


@neuron.mistake(
    "the bias is missing",
    "One of the three arguments is not used. Which?",
    "The weighted sum says how well the ink fits. The bias is added to it, whatever the picture shows.",
    "Write `... + b` after the sum.",
)
def _no_bias(x, w, b):
    return np.sum(x * w)


@neuron.mistake(
    "the bias is added once for every pixel",
    "Put all weights to 0 in your head. What should come out, and what does?",
    "Inside the sum, `b` is added 784 times. It belongs outside, once.",
    "`np.sum(x * w) + b`: mind where the bracket closes.",
)
def _bias_in_the_sum(x, w, b):
    return np.sum(x * w + b)


@neuron.mistake(
    "the products are not added up",
    "A neuron gives one number. How many do you return?",
    "`x * w` is one product for each pixel. The score is their sum.",
    "Put `np.sum(...)` around `x * w`, or write `x @ w`.",
)
def _no_sum(x, w, b):
    return x * w + b


@neuron.mistake(
    "pixels and weights are added, not multiplied",
    "What should a weight do where the pixel is 0, where there is no ink?",
    "A weight counts as much as there is ink: 0 times the weight where there is none. That is a product.",
    "`np.sum(x * w) + b`.",
)
def _plus_for_times(x, w, b):
    return np.sum(x + w) + b


@neuron.mistake(
    "a mean in place of the sum",
    "Your result is 784 times too small for a picture of 784 pixels. Where is something divided?",
    "The score is the sum of all products. A mean divides it by the number of pixels.",
    "`np.sum` in place of `np.mean`.",
)
def _mean(x, w, b):
    return np.mean(x * w) + b


@neuron.mistake(
    "the product of two sums, in place of the sum of products",
    "Two pixels of 1 and 2, two weights of 3 and 4: is it 1·3 + 2·4, or (1 + 2)·(3 + 4)?",
    "Each pixel is multiplied by its own weight first. Then the products are added up.",
    "`np.sum(x * w) + b`, with one `np.sum`.",
)
def _product_of_sums(x, w, b):
    return np.sum(x) * np.sum(w) + b


@neuron.mistake(
    "the bias is subtracted",
    "Look at the case with a negative bias: should it raise or lower the score?",
    "Here the bias is added. (Some books subtract a threshold: that is the bias with its sign turned round.)",
    "`+ b`, not `- b`.",
)
def _minus_bias(x, w, b):
    return np.sum(x * w) - b


# 3.2 ------------------------------------------------------------------------------------------------------

SHAPES = {
    "x * x": (20, 784),
    "x * w": "error",
    "x @ w": (20, 10),
    "w @ x": "error",
    "x @ w + b": (20, 10),
    "w.T @ x.T": (10, 20),
}


def _first_wrong(answers):
    """The first answer that is wrong, as "expression: answer"; "all right" if there is none."""
    if not isinstance(answers, dict):
        return Words(f"a {type(answers).__name__}, where a dict was expected")
    if any(isinstance(given, str) and given.lower() != "error" for given in answers.values()):
        return Words("shapes as text")
    for expression, shape in SHAPES.items():
        given = answers.get(expression, "no answer")
        given = str(tuple(given) if isinstance(given, list) else given).lower()
        if given.replace(" ", "") != str(shape).replace(" ", ""):
            return Words(f"`{expression}`: {given}")
    return "all right"


@exercise(
    "3.2",
    result=_first_wrong,
    tested="six shapes, two of them errors",
    hints=(
        "Write the two shapes beside each other. Which lengths must agree for this sign?",
        "`@`: the inner lengths must agree, the outer ones remain: (a, b) @ (b, c) gives (a, c). "
        "`*`: element by element, so the shapes must agree, or be stretched from 1 or from a missing axis on "
        "the left.",
        'A shape is a tuple such as `(20, 784)`; where NumPy refuses, write `"error"`.',
    ),
)
def shapes():
    """What NumPy makes of six expressions with x (20, 784), w (784, 10), b (10,)."""
    return dict(SHAPES)


@shapes.mistake(
    "`*` taken for the matrix product",
    "In NumPy, `*` and `@` are two signs for two things. Which one have you worked out for `x * w`?",
    "`*` multiplies element by element. (20, 784) and (784, 10) have no elements that belong together.",
    '`x * w` cannot be done: `"error"`.',
)
def _star_is_matmul():
    return SHAPES | {"x * w": (20, 10)}


@shapes.mistake(
    "`*` of two equal shapes taken for an error or a matrix product",
    "`x * x`: does each element have a partner?",
    "`*` works element by element, and equal shapes always fit.",
    "The shape stays what it was: `(20, 784)`.",
)
def _star_is_error():
    return SHAPES | {"x * x": "error"}


@shapes.mistake(
    "`@` thought to work in any order",
    "`w @ x`: write (784, 10) and (20, 784) beside each other. Which two numbers touch?",
    "The inner lengths, 10 and 20, must agree, and do not. The order of a matrix product matters.",
    '`w @ x` cannot be done: `"error"`.',
)
def _any_order():
    return SHAPES | {"w @ x": (20, 10)}


@shapes.mistake(
    "`w @ x` with the outer lengths",
    "`w @ x`: the outer lengths remain, but only if something else holds first. What?",
    "(784, 10) @ (20, 784): the inner lengths are 10 and 20. They must be equal.",
    '`w @ x` cannot be done: `"error"`.',
)
def _outer_only():
    return SHAPES | {"w @ x": (784, 784)}


@shapes.mistake(
    "broadcasting forgotten",
    "`x @ w + b`: you met this in notebook 2. What does NumPy do with an axis that is missing on the left?",
    "(10,) is stretched to (20, 10): the same ten biases are added to each row.",
    "`x @ w + b` has the shape of `x @ w`: `(20, 10)`.",
)
def _no_broadcasting():
    return SHAPES | {"x @ w + b": "error"}


@shapes.mistake(
    "transposing thought to change nothing",
    "`w.T @ x.T`: write down the shapes of `w.T` and of `x.T` first.",
    "(10, 784) @ (784, 20). The inner lengths agree; which ones remain?",
    "`(10, 20)`: the same numbers as `x @ w`, with rows and columns swapped.",
)
def _transposed_same():
    return SHAPES | {"w.T @ x.T": (20, 10)}


@shapes.mistake(
    "shapes as text",
    "What is the type of `x.shape`: text, or a tuple?",
    'Between quotation marks everything is text, brackets and numbers as well. Only `"error"` is text here.',
    "`(20, 784)`, without quotation marks.",
)
def _as_text():
    return {expression: str(shape) for expression, shape in SHAPES.items()}


# 3.3 ------------------------------------------------------------------------------------------------------


def _one_layer():
    rng = np.random.default_rng(3)

    def arguments(n, n_in, n_out):
        return rng.normal(size=(n, n_in)), rng.normal(size=(n_in, n_out)), rng.normal(size=n_out)

    return {
        "5 images, 784 to 10": arguments(5, 784, 10),
        "1 image": arguments(1, 6, 4),
        "as many images as outputs": arguments(3, 4, 3),
        "as many outputs as inputs": arguments(2, 4, 4),
    }


@exercise(
    "3.3",
    cases=_one_layer,
    tested="many images and one, square and not, as many images as outputs",
    hints=(
        "What is the shape of each of the three arguments, and which shape should come out?",
        "(n, n_in) @ (n_in, n_out) gives (n, n_out). The biases (n_out,) are then stretched over the rows "
        "by NumPy.",
        "`x @ weights`, and `+ biases` after it.",
    ),
)
def layer(x, weights, biases):
    """Images (n, n_in), weights (n_in, n_out), biases (n_out,) -> scores (n, n_out)."""
    return x @ weights + biases  # (n, n_in) @ (n_in, n_out) + (n_out,) -> (n, n_out)


@layer.mistake(
    "`*` in place of `@`",
    "Which sign multiplies element by element, and which one is the matrix product?",
    "`x * weights` wants two arrays of the same shape. You want one row of x against one column of "
    "weights, summed.",
    "`x @ weights + biases`.",
)
def _star(x, weights, biases):
    return x * weights + biases


@layer.mistake(
    "weights before images",
    "Write the two shapes side by side, in your order. Do the inner lengths agree?",
    "Rows are examples, so x comes first: (n, n_in) @ (n_in, n_out).",
    "`x @ weights + biases`.",
)
def _weights_first(x, weights, biases):
    return weights @ x + biases


@layer.mistake(
    "the biases are missing",
    "One of the three arguments is not used. Which?",
    "Each output has one bias, which is added to its score for every image.",
    "Write `+ biases` after the product.",
)
def _no_biases(x, weights, biases):
    return x @ weights


@layer.mistake(
    "rows and columns of the result are swapped",
    "Which axis should count the images: the first or the second?",
    "The numbers are right, but an image has become a column. In this course rows are examples.",
    "`x @ weights` in place of `weights.T @ x.T`; or `.T` once more at the end.",
)
def _swapped(x, weights, biases):
    return (x @ weights + biases).T


@layer.mistake(
    "the biases stand in a column",
    "With as many images as outputs there is not even an error, only a wrong result. Along which axis do "
    "the biases run?",
    "A column (n_out, 1) gives each image a bias of its own. Each output should have one.",
    "Leave the shape (n_out,) as it is: NumPy puts it beside the last axis. `x @ weights + biases`.",
)
def _column_biases(x, weights, biases):
    return x @ weights + biases.reshape(-1, 1)


@layer.mistake(
    "the weights are transposed",
    "The weights come as (n_in, n_out). Do they need turning?",
    "With `.T` the inner lengths no longer agree, except in the square case, where the result is wrong "
    "without an error.",
    "`weights`, not `weights.T`.",
)
def _weights_turned(x, weights, biases):
    return x @ weights.T + biases


@layer.mistake(
    "the biases are added to the weights",
    "Where does your bracket stand? What happens to the bias of an image without any ink?",
    "The bias is added to the score, after the product. Inside, it is multiplied by all the ink of the "
    "image.",
    "`(x @ weights) + biases`.",
)
def _biases_inside(x, weights, biases):
    return x @ (weights + biases)


# 3.4 ------------------------------------------------------------------------------------------------------


def _scores():
    rng = np.random.default_rng(4)
    return {
        "0, a little, a lot": (np.array([0.0, 1.0, -2.0, 6.0]),),
        "a layer for a batch": (rng.normal(size=(4, 3)),),
        "scores of 1000 and -1000": (np.array([[1000.0, -1000.0], [-710.0, 0.5]]),),
    }


@exercise(
    "3.4",
    cases=_scores,
    warns=True,
    tested="0, small and large scores of both signs, whole batches, no overflow at -1000",
    hints=(
        "What should come out for 0? For a very large score? For a very negative one?",
        "The formula is 1 / (1 + e^-z). It overflows for very negative z, so write it with tanh, or with "
        "e^-|z|.",
        "`(1 + np.tanh(z / 2)) / 2` is the same function.",
    ),
)
def sigmoid(z):
    """Scores of any shape -> numbers between 0 and 1, of the same shape."""
    return (1 + np.tanh(z / 2)) / 2


@sigmoid.mistake(
    "right, but it overflows",
    "Your values are right. Did you see the warning? Which number is too large for a float?",
    "For z = -1000 you ask for e^1000. The function itself is never larger than 1: tanh is a form of it "
    "without such numbers.",
    "`(1 + np.tanh(z / 2)) / 2`. Or: `e = np.exp(-np.abs(z))`, then `np.where(z >= 0, 1, e) / (1 + e)`.",
)
def _overflow(z):
    return 1 / (1 + np.exp(-z))


@sigmoid.mistake(
    "infinity divided by infinity",
    "What does your formula give for z = 1000? Look at the NaN.",
    "e^1000 is too large for a float and becomes infinity; infinity divided by infinity is NaN, no number.",
    "`(1 + np.tanh(z / 2)) / 2` never leaves the range of floats.",
)
def _infinity(z):
    return np.exp(z) / (1 + np.exp(z))


@sigmoid.mistake(
    "the curve runs downhill",
    "A large score should give nearly 1. What does yours give?",
    "The sign in the exponent is turned round: you have 1 / (1 + e^z).",
    "e^-z in the plain formula; with tanh: `(1 + np.tanh(z / 2)) / 2`.",
)
def _downhill(z):
    return (1 - np.tanh(z / 2)) / 2


@sigmoid.mistake(
    "brackets are missing",
    "Python divides before it adds. What is `1 / 1 + something`?",
    "The whole of 1 + e^-z stands under the line.",
    "`1 / (1 + ...)` with a bracket (and mind the overflow).",
)
def _no_brackets(z):
    return 1 / 1 + np.exp(-z)


@sigmoid.mistake(
    "tanh as it is",
    "Your function gives 0 for a score of 0. The sigmoid gives one half.",
    "tanh runs from -1 to 1, and the sigmoid from 0 to 1, in twice the width: halve what goes in, add 1 to "
    "what comes out, and halve that, too.",
    "`(1 + np.tanh(z / 2)) / 2`.",
)
def _tanh(z):
    return np.tanh(z)


@sigmoid.mistake(
    "`if` on a whole array",
    "Is the array positive? It has many elements, and no single answer.",
    "`if` wants one True or False. `np.where(condition, a, b)` decides for each element.",
    "`e = np.exp(-np.abs(z))`, then `np.where(z >= 0, 1, e) / (1 + e)`; or `(1 + np.tanh(z / 2)) / 2`, "
    "with no case at all.",
)
def _sigmoid_if(z):
    return 1.0 if z >= 0 else 0.0


@sigmoid.mistake(
    "`math.exp` cannot take an array",
    "`math` knows single numbers. What do you hand it?",
    "NumPy's functions work on each element of an array at once.",
    "`np.exp` in place of `math.exp` - and then mind the overflow.",
)
def _math_exp(z):
    return 1 / (1 + math.exp(-z))


# 3.5 ------------------------------------------------------------------------------------------------------


def _scores_of_both_signs():
    rng = np.random.default_rng(5)
    return {
        "five numbers": (np.array([-2.0, -0.5, 0.0, 0.5, 3.0]),),
        "a layer for a batch": (rng.normal(size=(4, 3)),),
        "all of them negative": (np.array([[-1.0, -3.0]]),),
    }


@exercise(
    "3.5",
    cases=_scores_of_both_signs,
    tested="both signs and 0, whole batches, the argument left as it was",
    hints=(
        "Which elements should change, and which stay what they are?",
        "Each element is compared with 0, and the larger of the two is kept.",
        "`np.maximum(z, 0)`.",
    ),
)
def relu(z):
    """Scores of any shape -> the same, with 0 in place of negative ones."""
    return np.maximum(z, 0)


@relu.mistake(
    "the argument is changed",
    "Print `z` before and after you call your function. Should it differ?",
    "`z[z < 0] = 0` writes into the array of the one who called you.",
    "Make a new array: `np.maximum(z, 0)`, or `z = z.copy()` first.",
)
def _in_place(z):
    z[z < 0] = 0
    return z


@relu.mistake(
    "1 in place of the score",
    "What should become of a score of 3?",
    "`z > 0` only says where something is positive. ReLU lets the positive scores through as they are.",
    "`(z > 0) * z`, or `np.maximum(z, 0)`.",
)
def _step(z):
    return (z > 0) * 1.0


@relu.mistake(
    "`np.max` in place of `np.maximum`",
    "Your result has a different shape. What does the second argument of `np.max` mean?",
    "`np.max(z, 0)` looks for the largest along axis 0. `np.maximum` compares two things, element by "
    "element.",
    "`np.maximum(z, 0)`.",
)
def _np_max(z):
    return np.max(z, 0)


@relu.mistake(
    "Python's `max` or `if` on a whole array",
    "Is the array positive? It has many elements, and no single answer.",
    "`if` and `max` want one True or False. NumPy's functions decide for each element.",
    "`np.maximum(z, 0)`.",
)
def _python_max(z):
    return max(z, 0)


@relu.mistake(
    "negative scores are mirrored",
    "What should become of -2?",
    "The absolute value keeps their size. ReLU puts 0 in their place.",
    "`np.maximum(z, 0)`.",
)
def _absolute(z):
    return np.abs(z)


@relu.mistake(
    "cut off above 1 as well",
    "What should become of a score of 3?",
    "ReLU has no upper end: what is positive comes through as it is.",
    "`np.maximum(z, 0)`, or `np.clip(z, 0, None)`.",
)
def _clipped(z):
    return np.clip(z, 0, 1)


@relu.mistake(
    "the negative half is kept",
    "Which half of the numbers did you throw away?",
    "The larger of z and 0 is wanted.",
    "`np.maximum`, not `np.minimum`.",
)
def _minimum(z):
    return np.minimum(z, 0)


# 3.6 ------------------------------------------------------------------------------------------------------


def _logits():
    rng = np.random.default_rng(6)
    return {
        "three images": (rng.normal(size=(3, 10)),),
        "one image": (rng.normal(size=(1, 10)),),
        "as many images as digits": (rng.normal(size=(4, 4)),),
        "logits of 1000 in one row, -1000 in the next": (np.array([[1000.0, 999.0], [-1000.0, -1001.0]]),),
    }


@exercise(
    "3.6",
    cases=_logits,
    tested="one row and many, rows that sum to 1, logits of 1000 and -1000, the argument left as it was",
    hints=(
        "Print your result for one image. Is each number between 0 and 1? Do they sum to 1?",
        "e to each logit, then divide each row by its own sum. Subtract the largest logit of the row first.",
        "`e = np.exp(logits - logits.max(axis=1, keepdims=True))`, then `e / e.sum(axis=1, keepdims=True)`.",
    ),
)
def softmax(logits):
    """Logits (n, 10) -> probabilities (n, 10), whose rows sum to 1."""
    e = np.exp(logits - logits.max(axis=1, keepdims=True))  # (n, 10) - (n, 1)
    return e / e.sum(axis=1, keepdims=True)  # (n, 10) / (n, 1)


@softmax.mistake(
    "it overflows",
    "Try it with a logit of 1000. What is e to the power of 1000?",
    "Too large for a float. Subtract the same number from all logits of a row: the result stays the same. "
    "Which number helps most?",
    "`np.exp(logits - logits.max(axis=1, keepdims=True))`.",
)
def _softmax_overflow(logits):
    e = np.exp(logits)
    return e / e.sum(axis=1, keepdims=True)


@softmax.mistake(
    "the sum over the wrong axis",
    "Add up one row of your result, then one column. Which of them gives 1? Which should?",
    "axis 0 runs over the images. Each image should have probabilities of its own, so sum over axis 1.",
    "`e.sum(axis=1, keepdims=True)`.",
)
def _wrong_axis(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=0)


@softmax.mistake(
    "one sum for the whole batch",
    "What do the rows of your result sum to, with one image and with three?",
    "Without an axis, `sum` adds up everything: the images share one 100 %. Each should have its own.",
    "`e.sum(axis=1, keepdims=True)`.",
)
def _whole_sum(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum()


@softmax.mistake(
    "one maximum for the whole batch",
    "Look at the row with logits of about -1000. What is left of it after your subtraction?",
    "The largest logit of another image was subtracted: e^-2000 is 0, and 0 divided by 0 is NaN. Take the "
    "maximum of each row.",
    "`logits.max(axis=1, keepdims=True)`.",
)
def _whole_maximum(logits):
    e = np.exp(logits - logits.max())
    return e / e.sum(axis=1, keepdims=True)


@softmax.mistake(
    "`keepdims` is missing",
    "What is the shape of your maximum, or of your sum: (n,) or (n, 1)?",
    "NumPy puts (n,) beside the last axis, which has 10 places. (n, 1) is a column, and is stretched "
    "over the row.",
    "`keepdims=True` in both: `max(axis=1, keepdims=True)` and `sum(axis=1, keepdims=True)`.",
)
def _no_keepdims(logits):
    e = np.exp(logits - logits.max(axis=1))
    return e / e.sum(axis=1)


@softmax.mistake(
    "`keepdims` is missing in the sum",
    "What is the shape of your sum: (n,) or (n, 1)?",
    "NumPy puts (n,) beside the last axis. With as many images as digits that goes wrong without an error.",
    "`e.sum(axis=1, keepdims=True)`.",
)
def _no_keepdims_in_sum(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1)


@softmax.mistake(
    "one maximum and one sum for the whole batch",
    "What do the rows of your result sum to, with one image and with three?",
    "Without an axis, `max` and `sum` go over everything: the images share one 100 %. Each should have its "
    "own.",
    "`axis=1, keepdims=True` in both, `max` and `sum`.",
)
def _whole_batch(logits):
    e = np.exp(logits - logits.max())
    return e / e.sum()


@softmax.mistake(
    "one sum for the whole batch, and it overflows",
    "What do the rows of your result sum to, with three images?",
    "Without an axis, `sum` adds up everything: the images share one 100 %. Each should have its own.",
    "`e.sum(axis=1, keepdims=True)`; and before `np.exp`, subtract the largest logit of each row.",
)
def _whole_sum_overflow(logits):
    e = np.exp(logits)
    return e / e.sum()


@softmax.mistake(
    "`keepdims` is missing, and it overflows",
    "What is the shape of your sum: (n,) or (n, 1)?",
    "NumPy puts (n,) beside the last axis, which has 10 places. (n, 1) is a column, and is stretched over "
    "the row.",
    "`e.sum(axis=1, keepdims=True)`; and before `np.exp`, subtract the largest logit of each row.",
)
def _no_keepdims_overflow(logits):
    e = np.exp(logits)
    return e / e.sum(axis=1)


@softmax.mistake(
    "the sum over the wrong axis, and it overflows",
    "Add up one row of your result, then one column. Which of them gives 1? Which should?",
    "axis 0 runs over the images. Each image should have probabilities of its own, so sum over axis 1.",
    "`e.sum(axis=1, keepdims=True)`; and before `np.exp`, subtract the largest logit of each row.",
)
def _wrong_axis_overflow(logits):
    e = np.exp(logits)
    return e / e.sum(axis=0)


@softmax.mistake(
    "the exponential is missing",
    "Can a probability be negative? Are some of yours?",
    "e^x is positive for every x: that is what makes probabilities out of logits of both signs.",
    "Divide `np.exp(...)` by its sum, not the logits themselves.",
)
def _no_exp(logits):
    return logits / logits.sum(axis=1, keepdims=True)


@softmax.mistake(
    "the argument is changed",
    "Print the logits before and after you call your function. Should they differ?",
    "`logits -= ...` writes into the array of the one who called you.",
    "`logits = logits - logits.max(...)` makes a new array.",
)
def _softmax_in_place(logits):
    logits -= logits.max(axis=1, keepdims=True)
    e = np.exp(logits)
    return e / e.sum(axis=1, keepdims=True)


@softmax.mistake(
    "a sigmoid for each logit",
    "Do the ten numbers of one image sum to 1?",
    "A sigmoid judges each digit for itself. Softmax lets the ten compete for one 100 %.",
    "Divide e^logit by the sum of all e^logit in the row.",
)
def _sigmoid_each(logits):
    return (1 + np.tanh(logits / 2)) / 2


@softmax.mistake(
    "softmax is taken twice",
    "How far apart are your probabilities for two logits of 9 and 0?",
    "Softmax of probabilities, which all lie between 0 and 1, makes them nearly equal.",
    "One `np.exp`, one division: `e / e.sum(axis=1, keepdims=True)`.",
)
def _twice(logits):
    return softmax.reference(softmax.reference(logits))


@softmax.mistake(
    "columns in place of rows",
    "Add up one row of your result, then one column. Which of them gives 1? Which should?",
    "axis 0 runs over the images. Each image should have probabilities of its own: axis 1, for the "
    "largest and "
    "for the sum.",
    "`axis=1` in both places.",
)
def _columns(logits):
    return softmax.reference(logits.T).T


# 3.7 ------------------------------------------------------------------------------------------------------


def _answers():
    rng = np.random.default_rng(7)

    def arguments(n):
        p = rng.random((n, 10)) + 0.05
        return p / p.sum(axis=1, keepdims=True), rng.integers(0, 10, n)

    two = np.full((2, 10), 0.05)  # ten classes always: `np.eye(10)` is right
    two[0, 3] = two[1, 8] = 0.55
    return {
        "two images": (two, np.array([3, 1])),
        "seven images": arguments(7),
        "one image": arguments(1),
    }


@exercise(
    "3.7",
    cases=_answers,
    tested="one image and many; the mean of -log of the right digit's probability",
    hints=(
        "Do the first case by hand: which two probabilities count?",
        "Pick out of each row the probability of its label, take -log of each, then the mean.",
        "`right = probabilities[np.arange(len(labels)), labels]`, then `-np.log(right).mean()`.",
    ),
)
def cross_entropy(probabilities, labels):
    """Probabilities (n, 10) and labels (n,) -> the mean loss, one number."""
    right = probabilities[np.arange(len(labels)), labels]  # (n, 10) -> (n,)
    return -np.log(right).mean()


@cross_entropy.mistake(
    "the sum in place of the mean",
    "Give it the same image twice. Should the loss double?",
    "The loss is a mean over the batch, so that batches of different sizes can be compared.",
    "`.mean()` in place of `.sum()`.",
)
def _no_mean(probabilities, labels):
    return -np.log(probabilities[np.arange(len(labels)), labels]).sum()


@cross_entropy.mistake(
    "the mean is missing",
    "How many numbers do you return? How many are asked for?",
    "You have one loss for each image. The loss of the batch is their mean.",
    "Put `.mean()` at the end.",
)
def _one_each(probabilities, labels):
    return -np.log(probabilities[np.arange(len(labels)), labels])


@cross_entropy.mistake(
    "the minus is missing",
    "Is your loss negative? Then a worse network would have a lower one.",
    "The logarithm of a number below 1 is negative. The minus turns it round.",
    "`-np.log(...)`.",
)
def _no_minus(probabilities, labels):
    return np.log(probabilities[np.arange(len(labels)), labels]).mean()


@cross_entropy.mistake(
    "a column for each label, for every image",
    "What is the shape of `probabilities[:, labels]`: (n,) or (n, n)?",
    "A colon takes every row. You want row 0 with label 0, row 1 with label 1, and so on: two lists of "
    "indices, in pairs.",
    "`probabilities[np.arange(len(labels)), labels]`.",
)
def _every_row(probabilities, labels):
    return -np.log(probabilities[:, labels]).mean()


@cross_entropy.mistake(
    "the labels are not used",
    "Would your loss change if all labels were wrong?",
    "Only the probability that went to the right digit counts.",
    "Pick it out first: `probabilities[np.arange(len(labels)), labels]`.",
)
def _no_labels(probabilities, labels):
    return -np.log(probabilities).mean()


@cross_entropy.mistake(
    "the mean over all classes",
    "Your loss is too small by a factor. Which one? (Count the classes.)",
    "With one-hot targets, nine of ten products are 0. They must be summed over the classes, and averaged "
    "over the images only.",
    "Sum over axis 1 first, then take the mean; or pick the right probabilities out.",
)
def _mean_over_classes(probabilities, labels):
    return -(np.eye(probabilities.shape[1])[labels] * np.log(probabilities)).mean()


@cross_entropy.mistake(
    "the logarithm of the mean",
    "Which comes first: the logarithm or the mean?",
    "Each image has its own -log. The mean is taken of those. (One hopeless image should weigh heavily.)",
    "`-np.log(right).mean()`, not `-np.log(right.mean())`.",
)
def _log_of_mean(probabilities, labels):
    return -np.log(probabilities[np.arange(len(labels)), labels].mean())


@cross_entropy.mistake(
    "the largest probability in place of the right one",
    "Your network is very sure, and wrong. What should the loss say?",
    "The loss asks for the probability at the label, not at the network's favourite.",
    "`probabilities[np.arange(len(labels)), labels]`.",
)
def _the_favourite(probabilities, labels):
    return -np.log(probabilities.max(axis=1)).mean()


@cross_entropy.mistake(
    "another base of the logarithm",
    "Which logarithm did you take? Its name is short.",
    "The natural logarithm, with base e, has the simplest derivative. It is `np.log`.",
    "`np.log`, not `np.log10` or `np.log2`.",
)
def _base_ten(probabilities, labels):
    return -np.log10(probabilities[np.arange(len(labels)), labels]).mean()


# 3.8 ------------------------------------------------------------------------------------------------------


def _rounded(value):
    try:
        return round(float(value), 1)
    except (TypeError, ValueError):
        return Words(f"{describe(value)}, where a number was expected")


@exercise(
    "3.8",
    result=_rounded,
    tested="the loss of a network that gives each digit the same probability",
    hints=(
        "A network that knows nothing gives ten digits equal probabilities. How large is each?",
        "The loss of one image is -log of the probability at its label. Here it is the same for each image.",
        "`-np.log(1 / 10)`, which is `np.log(10)`.",
    ),
)
def untrained_loss():
    """The cross-entropy of a network that gives each of ten digits the same probability."""
    return np.log(10)


@untrained_loss.mistake(
    "the probability in place of the loss",
    "That is the probability that the right digit gets. What is the loss made of it?",
    "The loss is minus the natural logarithm of that probability.",
    "`-np.log(0.1)`.",
)
def _a_tenth():
    return 0.1


@untrained_loss.mistake(
    "the logarithm with base 10",
    "Which base does the loss use?",
    "The natural logarithm: base e, which is about 2.718. So the answer is larger than 1.",
    "`np.log(10)`, not `np.log10(10)`.",
)
def _log_ten():
    return 1.0


@untrained_loss.mistake(
    "the sign is turned round",
    "Can this loss be negative?",
    "The logarithm of 0.1 is negative; the loss is minus that.",
    "`-np.log(0.1)`.",
)
def _negative():
    return -np.log(10)


@untrained_loss.mistake(
    "the share of mistakes in place of the loss",
    "Guessing is wrong nine times in ten. But is that what the cross-entropy measures?",
    "The loss knows nothing of right or wrong: it asks which probability the right digit got, and takes "
    "-log of it.",
    "`-np.log(0.1)`.",
)
def _nine_tenths():
    return 0.9


@untrained_loss.mistake(
    "the loss of a perfect network",
    "A loss of 0 means that each right digit got 100 %. What does an untrained network give it?",
    "With ten equal probabilities, the right one gets 1 / 10.",
    "`-np.log(1 / 10)`.",
)
def _zero():
    return 0.0


# 3.9 ------------------------------------------------------------------------------------------------------


def _networks():
    rng = np.random.default_rng(9)

    def arguments(n, *layers):
        weights = [rng.normal(size=shape) / 2 for shape in zip(layers[:-1], layers[1:], strict=True)]
        return rng.random((n, layers[0])), weights, [rng.normal(size=width) for width in layers[1:]]

    return {
        "one hidden layer": arguments(4, 6, 5, 3),
        "no hidden layer": arguments(3, 6, 4),
        "two hidden layers": arguments(2, 5, 4, 4, 3),
    }


def _as_list(activations, *arguments):
    if isinstance(activations, np.ndarray):
        return Words("one array, where a list of arrays was expected")
    return list(activations)


@exercise(
    "3.9",
    cases=_networks,
    result=_as_list,
    tested="no hidden layer, one and two; all activations from the images to the probabilities",
    hints=(
        "How many arrays should the list hold for two layers of weights? (One more than you may think.)",
        "Begin with `[x]`. In each step take the last array of the list, send it through a layer, and "
        "append the result.",
        "ReLU after each layer but the last, softmax after the last: compare the step's number with "
        "`len(weights) - 1`.",
    ),
)
def forward(x, weights, biases):
    """Images (n, 784), lists of weights and biases -> the activations [x, hidden ..., probabilities]."""
    activations = [x]
    for i in range(len(weights)):
        z = layer.reference(activations[i], weights[i], biases[i])  # (n, n_in) -> (n, n_out)
        last = i == len(weights) - 1
        activations.append(softmax.reference(z) if last else relu.reference(z))
    return activations


def _forward(x, weights, biases, hidden=relu.reference, output=softmax.reference):
    activations = [x]
    for i, (w, b) in enumerate(zip(weights, biases, strict=True)):
        z = activations[-1] @ w + b
        activations.append(output(z) if i == len(weights) - 1 else hidden(z))
    return activations


@forward.mistake(
    "nothing bends between the layers",
    "What happens between one layer and the next?",
    "Without ReLU, all layers together are one single matrix: you saw it above.",
    "`relu(layer(...))` for each layer but the last.",
)
def _no_activation(x, weights, biases):
    return _forward(x, weights, biases, hidden=lambda z: z)


@forward.mistake(
    "softmax in every layer",
    "Which layers hold probabilities?",
    "Only the last layer's ten numbers are probabilities. The hidden layers use ReLU.",
    "`softmax(z) if i == len(weights) - 1 else relu(z)`.",
)
def _softmax_everywhere(x, weights, biases):
    return _forward(x, weights, biases, hidden=softmax.reference)


@forward.mistake(
    "ReLU in the last layer, too",
    "What becomes of negative logits before your softmax sees them?",
    "ReLU would make them all 0, and the digits they belong to equally likely. Logits go into softmax as "
    "they are.",
    "`softmax(z) if i == len(weights) - 1 else relu(z)`.",
)
def _relu_before_softmax(x, weights, biases):
    return _forward(x, weights, biases, output=lambda z: softmax.reference(relu.reference(z)))


@forward.mistake(
    "logits in place of probabilities",
    "Do the rows of your last array sum to 1?",
    "The last step is missing: softmax turns logits into probabilities.",
    "`softmax(layer(...))` in the last layer.",
)
def _logits_only(x, weights, biases):
    return _forward(x, weights, biases, output=lambda z: z)


@forward.mistake(
    "ReLU in the last layer, in place of softmax",
    "Do the rows of your last array sum to 1?",
    "The hidden layers use ReLU; the last one turns its logits into probabilities.",
    "`softmax(z) if i == len(weights) - 1 else relu(z)`.",
)
def _relu_everywhere(x, weights, biases):
    return _forward(x, weights, biases, output=relu.reference)


@forward.mistake(
    "sigmoid in the hidden layers",
    "Which activation does the task ask for?",
    "A sigmoid network works, too, but here the hidden layers use ReLU: notebook 4 counts on it.",
    "`relu(...)` in place of `sigmoid(...)`.",
)
def _sigmoid_hidden(x, weights, biases):
    return _forward(x, weights, biases, hidden=sigmoid.reference)


@forward.mistake(
    "only the probabilities are returned",
    "What does the task want back: one array, or all of them?",
    "Notebook 4 goes the way back, and needs the activations of every layer on it.",
    "Keep a list, `append` each layer's result, and return the list.",
)
def _only_the_last(x, weights, biases):
    return _forward(x, weights, biases)[-1]


@forward.mistake(
    "the images are not in the list",
    "What is the first array of your list? Where is x?",
    "The images count as the activations of layer 0: the gradient of the first weights needs them.",
    "Begin with `activations = [x]`.",
)
def _without_x(x, weights, biases):
    return _forward(x, weights, biases)[1:]


@forward.mistake(
    "every layer reads the images again",
    "What goes into the second layer?",
    "Each layer takes what the one before it gave: the last array of your list so far.",
    "`layer(activations[-1], w, b)`, not `layer(x, w, b)`.",
)
def _always_x(x, weights, biases):
    activations = [x]
    for i, (w, b) in enumerate(zip(weights, biases, strict=True)):
        z = x @ w + b
        activations.append(softmax.reference(z) if i == len(weights) - 1 else relu.reference(z))
    return activations


@forward.mistake(
    "the biases are missing",
    "One of the three arguments is not used. Which?",
    "Each layer has its own biases (n_out,), which are added after the product.",
    "`layer(activations[-1], weights[i], biases[i])`.",
)
def _forward_without_biases(x, weights, biases):
    return _forward(x, weights, [0 * b for b in biases])


@forward.mistake(
    "scores in the list, in place of activations",
    "Is there a negative number in your hidden layers? After ReLU there should be none.",
    "The list should hold what comes out of the activation function.",
    "Append `relu(z)`, not `z`.",
)
def _scores_kept(x, weights, biases):
    activations, a = [x], x
    for i, (w, b) in enumerate(zip(weights, biases, strict=True)):
        z = a @ w + b
        a = softmax.reference(z) if i == len(weights) - 1 else relu.reference(z)
        activations.append(a if i == len(weights) - 1 else z)
    return activations
