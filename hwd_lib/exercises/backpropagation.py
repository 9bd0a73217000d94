"""Checks for notebook 4: the way back, one local derivative at a time, and how to know that it is right."""

import numpy as np

from hwd_lib.checks.compare import Words
from hwd_lib.checks.exercise import exercise
from hwd_lib.checks.handing_in import hand_in_for

hand_in = hand_in_for("04_backpropagation.ipynb")

# 4.1 ------------------------------------------------------------------------------------------------------


def _losses():
    return {
        "a parabola": (lambda w: w**2, 3.0, 0.1),
        "a parabola elsewhere": (lambda w: 2 * (w - 1) ** 2 + 5, -0.5, 0.2),
        "a straight line": (lambda w: 7 - 4 * w, 2.0, 0.5),
    }


@exercise(
    "4.1",
    cases=_losses,
    tested="a straight line and two parabolas, with steps so large that only the right formula is exact",
    hints=(
        "Draw the curve, and two points on it. Which points, and how far apart are they?",
        "The slope is the height gained divided by the way gone. Go one step h to each side: the way is 2h.",
        "`(loss(w + h) - loss(w - h)) / (2 * h)`.",
    ),
)
def slope(loss, w, h):
    """A function of one number, a place w and a small step h -> the slope at w."""
    return (loss(w + h) - loss(w - h)) / (2 * h)


@slope.mistake(
    "a step to the right only",
    "Your answer for the parabola is a little too large. Which side of w did you never look at?",
    "On a curve, a step to one side errs to that side. With one step to each side the two errors cancel.",
    "`(loss(w + h) - loss(w - h)) / (2 * h)`.",
)
def _one_sided(loss, w, h):
    return (loss(w + h) - loss(w)) / h


@slope.mistake(
    "a step to the left only",
    "Your answer for the parabola is a little too small. Which side of w did you never look at?",
    "On a curve, a step to one side errs to that side. With one step to each side the two errors cancel.",
    "`(loss(w + h) - loss(w - h)) / (2 * h)`.",
)
def _left_sided(loss, w, h):
    return (loss(w) - loss(w - h)) / h


@slope.mistake(
    "twice the slope",
    "How far apart are w - h and w + h?",
    "The height is gained over two steps, so the way is 2h.",
    "Divide by `(2 * h)`.",
)
def _divided_by_h(loss, w, h):
    return (loss(w + h) - loss(w - h)) / h


@slope.mistake(
    "the height is not divided by the way",
    "Make h ten times smaller. Does your slope change? Should it?",
    "A slope is height by way: how much is gained *for each unit* of w.",
    "Divide by `(2 * h)`.",
)
def _not_divided(loss, w, h):
    return loss(w + h) - loss(w - h)


@slope.mistake(
    "brackets are missing around `2 * h`",
    "Python goes from left to right: what does `/ 2 * h` do last?",
    "It divides by 2 and then multiplies by h.",
    "`/ (2 * h)`.",
)
def _times_h(loss, w, h):
    return (loss(w + h) - loss(w - h)) / 2 * h


@slope.mistake(
    "brackets are missing around the difference",
    "What is divided here: both losses, or only the second?",
    "A division comes before a subtraction, unless a bracket says otherwise.",
    "`(loss(w + h) - loss(w - h)) / (2 * h)`.",
)
def _only_the_second(loss, w, h):
    return loss(w + h) - loss(w - h) / (2 * h)


@slope.mistake(
    "the sign is turned round",
    "A curve that rises to the right has a positive slope. Has yours?",
    "Take the right-hand loss first, and subtract the left-hand one.",
    "`loss(w + h) - loss(w - h)`.",
)
def _turned_round(loss, w, h):
    return (loss(w - h) - loss(w + h)) / (2 * h)


# 4.2 ------------------------------------------------------------------------------------------------------


def _one_weight():
    return {
        "x = 2, w = 3, y = 5": (2.0, 3.0, 5.0),
        "a negative x": (-1.5, 0.5, 1.0),
        "a loss of 0": (2.0, 1.0, 2.0),
    }


@exercise(
    "4.2",
    cases=_one_weight,
    tested="three places, compared with slopes that were measured",
    hints=(
        "How many steps lead from w to the loss? Each has a derivative of its own.",
        "Error: r = w x - y, and its derivative with respect to w is x. Loss: r², and its derivative with "
        "respect to r is 2r. The chain rule multiplies.",
        "`2 * (w * x - y) * x`.",
    ),
)
def chain(x, w, y):
    """The derivative of (w * x - y)² with respect to w."""
    return 2 * (w * x - y) * x


@chain.mistake(
    "the inner derivative is missing",
    "Nudge w by 1: how much does w x change?",
    "You have the derivative of the loss with respect to the error. One step is missing, from the error back "
    "to w.",
    "Multiply by `x`.",
)
def _no_inner(x, w, y):
    return 2 * (w * x - y)


@chain.mistake(
    "the derivative of the square lacks its 2",
    "What is the derivative of r²?",
    "It is 2r, not r.",
    "`2 * (w * x - y) * x`.",
)
def _no_two(x, w, y):
    return (w * x - y) * x


@chain.mistake(
    "the derivative with respect to x instead of w",
    "Which of the numbers moves, and which ones are fixed?",
    "The derivative of w x with respect to w is x; with respect to x it would be w.",
    "Multiply by `x`, not by `w`.",
)
def _by_x(x, w, y):
    return 2 * (w * x - y) * w


@chain.mistake(
    "the local derivatives are added",
    "Two gears: the first turns twice as fast, the second three times. How fast together?",
    "Along a chain, rates multiply.",
    "`2 * (w * x - y)` times `x`.",
)
def _added(x, w, y):
    return 2 * (w * x - y) + x


@chain.mistake(
    "the sign of the error is turned round",
    "Where w x is too large, should the slope by w be positive or negative (for positive x)?",
    "(y - w x)² is the same loss, but its inner derivative is -x. The two minus signs must go together.",
    "`2 * (w * x - y) * x`.",
)
def _error_turned(x, w, y):
    return 2 * (y - w * x) * x


@chain.mistake(
    "the loss in place of its slope",
    "Where the loss is 0 or not: are you asked how large it is, or how it changes?",
    "The derivative says how much the loss changes when w is nudged.",
    "The derivative of r² is `2 * r`; then multiply by the derivative of r.",
)
def _the_loss(x, w, y):
    return (w * x - y) ** 2


# 4.3 ------------------------------------------------------------------------------------------------------


def _sigmoid_activations():
    rng = np.random.default_rng(3)
    return {
        "five values": (np.array([0.0, 0.1, 0.5, 0.9, 1.0]),),
        "a layer for a batch": (rng.random((4, 3)),),
    }


@exercise(
    "4.3",
    cases=_sigmoid_activations,
    tested="the flat ends, the steep middle, whole batches",
    hints=(
        "Where is the sigmoid steepest? How steep is it where its value is 0 or 1?",
        "The derivative can be said in terms of the value itself: a (1 - a). The z before it is not needed.",
        "`a * (1 - a)`.",
    ),
)
def sigmoid_slope(a):
    """Values a = sigmoid(z), of any shape -> the derivative of sigmoid at that z."""
    return a * (1 - a)


@sigmoid_slope.mistake(
    "the sigmoid is taken twice",
    "What is `a` already: the score z, or the value of the sigmoid?",
    "`a` is sigmoid(z). Taking the sigmoid of it again belongs to another place on the curve.",
    "`a * (1 - a)`, with no sigmoid in it.",
)
def _from_z(a):
    s = (1 + np.tanh(a / 2)) / 2
    return s * (1 - s)


@sigmoid_slope.mistake(
    "the derivative of tanh",
    "How steep is the sigmoid at its steepest? (A quarter.) And yours?",
    "1 - a² belongs to tanh, which runs from -1 to 1.",
    "`a * (1 - a)`.",
)
def _of_tanh(a):
    return 1 - a**2


@sigmoid_slope.mistake(
    "the sign is turned round",
    "Does the sigmoid rise or fall?",
    "It rises everywhere, so its slope is never negative.",
    "`a * (1 - a)`, not `a * (a - 1)`.",
)
def _falling(a):
    return a * (a - 1)


@sigmoid_slope.mistake(
    "half of the product",
    "At the lower end, where a is 0, the curve is flat. Is yours?",
    "The slope is the product of the way from 0 and the way to 1.",
    "`a * (1 - a)`.",
)
def _one_minus(a):
    return 1 - a


# 4.4 ------------------------------------------------------------------------------------------------------


def _relu_activations():
    rng = np.random.default_rng(4)
    return {
        "five values": (np.array([0.0, 0.2, 0.0, 1.0, 7.0]),),
        "a layer for a batch": (np.maximum(rng.normal(size=(4, 3)), 0),),
        "nothing came through": (np.zeros((2, 2)),),
    }


@exercise(
    "4.4",
    cases=_relu_activations,
    tested="where the score came through and where it did not, whole batches",
    hints=(
        "Nudge a score that came through: what does ReLU do with the nudge? And one that did not?",
        "The slope is 1 where the value is above 0, and 0 where it is 0.",
        "`(a > 0).astype(a.dtype)`, or `np.where(a > 0, 1.0, 0.0)`.",
    ),
)
def relu_slope(a):
    """Values a = relu(z), of any shape -> the derivative of relu at that z: 1 or 0."""
    return (a > 0).astype(a.dtype)


@relu_slope.mistake(
    "a slope of 1 everywhere",
    "What does ReLU return for a score of -5? And what is your slope there?",
    "The slope is 0 where nothing came through. After ReLU every value is 0 or more, so `a >= 0` is always "
    "true. "
    "You are in good company: a widely read tutorial has this bug, and its network still learns.",
    "`a > 0`.",
)
def _greater_or_equal(a):
    return (a >= 0) * 1.0


@relu_slope.mistake(
    "the value in place of its slope",
    "A score of 7 came through as 7. If it were 7.1, what would come through? How large is the slope?",
    "The slope of a straight line through 0 is the same everywhere: 1, at 7 as at 0.2.",
    "`(a > 0) * 1.0`, with no `* a`.",
)
def _the_value(a):
    return np.maximum(a, 0)


@relu_slope.mistake(
    "the two sides are swapped",
    "Which scores came through: those with a = 0, or the others?",
    "A nudge passes where the score passed: where a is above 0.",
    "`a > 0`.",
)
def _swapped_sides(a):
    return (a <= 0) * 1.0


@relu_slope.mistake(
    "`if` on a whole array",
    "Is the array above 0? It has many elements, and no single answer.",
    "Compare all elements at once: `a > 0` is an array of True and False.",
    "`np.where(a > 0, 1.0, 0.0)`.",
)
def _if(a):
    return 1.0 if a > 0 else 0.0


@relu_slope.mistake(
    "divided by itself",
    "What is 0 divided by 0?",
    "a / a is 1 where a is above 0, and no number where a is 0: and that is where the slope should be 0.",
    "`(a > 0) * 1.0`.",
)
def _by_itself(a):
    return a / a


# 4.5 ------------------------------------------------------------------------------------------------------


def _outputs():
    rng = np.random.default_rng(5)

    def arguments(n):
        p = rng.random((n, 10)) + 0.05
        return p / p.sum(axis=1, keepdims=True), rng.integers(0, 10, n)

    two = np.full((2, 10), 0.05)
    two[0, 3] = two[1, 8] = 0.55
    return {  # ten classes always: `np.eye(10)` is right
        "two images": (two, np.array([3, 1])),
        "seven images": arguments(7),
        "as many images as classes": arguments(10),
        "one image": arguments(1),
    }


def _targets(labels, classes):
    return np.eye(classes)[labels]  # (n,) -> (n, classes)


@exercise(
    "4.5",
    cases=_outputs,
    tested="one image and many, as many images as classes, rows that sum to 0, the argument left as it was",
    hints=(
        "Do the first case by hand. What should each row of your result sum to?",
        "Probabilities minus one-hot targets, all of it divided by the number of images.",
        "`(probabilities - np.eye(probabilities.shape[1])[labels]) / len(labels)`.",
    ),
)
def output_delta(probabilities, labels):
    """Probabilities (n, 10) and labels (n,) -> the derivative of the mean loss, logit by logit (n, 10)."""
    targets = np.eye(probabilities.shape[1])[labels]  # (n,) -> (n, 10)
    return (probabilities - targets) / len(labels)


@output_delta.mistake(
    "the batch mean is forgotten",
    "Give it one image, then seven. Which of the two is right?",
    "The loss is a mean over n images. Each image's share in it is 1 / n.",
    "Divide by `len(labels)`.",
)
def _no_n(probabilities, labels):
    return probabilities - _targets(labels, probabilities.shape[1])


@output_delta.mistake(
    "targets minus probabilities",
    "The right digit's logit should rise, for the loss to fall. So is its derivative positive or negative?",
    "Negative: raising it lowers the loss. p - 1 is negative, 1 - p is not.",
    "`probabilities - targets`, in this order.",
)
def _y_minus_p(probabilities, labels):
    return (_targets(labels, probabilities.shape[1]) - probabilities) / len(labels)


@output_delta.mistake(
    "divided by n times 10",
    "By how much does `probabilities.size` differ from the number of images?",
    "The mean is taken over the images, not over the classes.",
    "Divide by `len(labels)`.",
)
def _by_size(probabilities, labels):
    return (probabilities - _targets(labels, probabilities.shape[1])) / probabilities.size


@output_delta.mistake(
    "the argument is changed",
    "Print the probabilities before and after you call your function.",
    "`delta = probabilities` makes a second name for the same array, not a copy.",
    "`delta = probabilities.copy()`, then `delta[np.arange(len(labels)), labels] -= 1`.",
)
def _output_in_place(probabilities, labels):
    probabilities[np.arange(len(labels)), labels] -= 1
    return probabilities / len(labels)


@output_delta.mistake(
    "whole columns are changed",
    "In which rows does `[:, labels]` subtract a 1?",
    "In all of them. Row 0 should change at label 0, row 1 at label 1: two lists of indices, in pairs.",
    "`delta[np.arange(len(labels)), labels] -= 1`.",
)
def _columns(probabilities, labels):
    delta = probabilities.copy()
    delta[:, labels] -= 1
    return delta / len(labels)


@output_delta.mistake(
    "the labels themselves are subtracted",
    "A label of 7 is a name, not an amount. What should be subtracted in its row?",
    "A 1 at place 7, and 0 elsewhere: a one-hot row.",
    "`np.eye(10)[labels]` makes one-hot rows (n, 10) of labels (n,).",
)
def _labels_as_numbers(probabilities, labels):
    return (probabilities - labels[:, None]) / len(labels)


@output_delta.mistake(
    "labels (n,) against probabilities (n, 10)",
    "Which two shapes did you subtract?",
    "NumPy puts (n,) beside the last axis, which has 10 places. You need targets of shape (n, 10): one-hot "
    "rows.",
    "`np.eye(10)[labels]` makes them.",
)
def _labels_broadcast(probabilities, labels):
    return (probabilities - labels) / len(labels)


@output_delta.mistake(
    "a sigmoid's slope too many",
    "Where does your p (1 - p) come from? Is there a sigmoid in this layer?",
    "With softmax and cross-entropy all inner derivatives cancel, and p - y is left. The product with p (1 "
    "- p) "
    "belongs to a sigmoid with squared error.",
    "`(probabilities - targets) / len(labels)`, and nothing else.",
)
def _squared_error(probabilities, labels):
    p = probabilities
    return (p - _targets(labels, p.shape[1])) * p * (1 - p) / len(labels)


@output_delta.mistake(
    "the derivative with respect to the probabilities, not the logits",
    "Which arrow of the chain have you gone back along: only the loss, or softmax as well?",
    "-1 / p is the derivative of -log p with respect to p. Going on through softmax turns it into p - y.",
    "`(probabilities - targets) / len(labels)`.",
)
def _by_probability(probabilities, labels):
    return -_targets(labels, probabilities.shape[1]) / probabilities / len(labels)


@output_delta.mistake(
    "only the right digit's column",
    "Do your rows sum to 0? If the right logit should rise, what about the nine others?",
    "Softmax lets the digits compete: the nine others should fall, each as far as its probability.",
    "Subtract the one-hot targets from all the probabilities.",
)
def _only_the_right(probabilities, labels):
    targets = _targets(labels, probabilities.shape[1])
    return (probabilities - targets) * targets / len(labels)


# 4.6 ------------------------------------------------------------------------------------------------------


def _one_layer():
    rng = np.random.default_rng(6)

    def arguments(n, n_in, n_out):
        return rng.normal(size=(n, n_in)), rng.normal(size=(n, n_out))

    return {
        "5 images, 7 to 3": arguments(5, 7, 3),
        "1 image": arguments(1, 4, 2),
        "all lengths equal": arguments(3, 3, 3),
    }


@exercise(
    "4.6",
    cases=_one_layer,
    tested="many images and one, square and not",
    hints=(
        "Which shape must a gradient of weights (n_in, n_out) have? Which two shapes do you have?",
        "One image: a[i] times delta[j] for each pair, a table (n_in, n_out). Many images: the sum of "
        "their tables.",
        "(n_in, n) @ (n, n_out): so `a.T @ delta`.",
    ),
)
def weights_gradient(a, delta):
    """What went in (n, n_in) and delta (n, n_out) -> the derivative for each weight (n_in, n_out)."""
    return a.T @ delta  # (n_in, n) @ (n, n_out) -> (n_in, n_out)


@weights_gradient.mistake(
    "transposed",
    "Compare the shape of your result with that of the weights.",
    "The numbers are right, but in (n_out, n_in). A gradient has the shape of what it is the gradient of.",
    "`a.T @ delta`, not `delta.T @ a`.",
)
def _gradient_transposed(a, delta):
    return delta.T @ a


@weights_gradient.mistake(
    "a `.T` is missing",
    "Write the two shapes side by side. Which inner lengths meet?",
    "(n, n_in) @ (n, n_out) does not fit. The examples must meet in the middle, to be summed away: (n_in, "
    "n) @ (n, n_out).",
    "`a.T @ delta`.",
)
def _no_turn(a, delta):
    return a @ delta


@weights_gradient.mistake(
    "the wrong one of the two is transposed",
    "Which lengths meet in the middle, and which shape comes out?",
    "In `a @ delta.T` widths meet, and tables of images come out. It is the images that must meet in the "
    "middle.",
    "`a.T @ delta`.",
)
def _wrong_turn(a, delta):
    return a @ delta.T


@weights_gradient.mistake(
    "`*` in place of `@`",
    "Which sign multiplies element by element, and which one is the matrix product?",
    "You need all pairs (input, output), summed over the images. That is a matrix product.",
    "`a.T @ delta`.",
)
def _gradient_star(a, delta):
    return a * delta


@weights_gradient.mistake(
    "`*` in place of `@`, after a transposition",
    "Which sign multiplies element by element, and which one is the matrix product?",
    "(n_in, n) and (n, n_out) meet in a matrix product: it runs over the images, and sums.",
    "`a.T @ delta`.",
)
def _gradient_turned_star(a, delta):
    return a.T * delta


@weights_gradient.mistake(
    "reshaped, not transposed",
    "Which number stands in row 0, column 1 of `a.T`? And of your `a.reshape(...)`?",
    "`reshape` never moves a number: it cuts the same row of numbers elsewhere. `.T` swaps rows and columns.",
    "`a.T @ delta`.",
)
def _reshaped(a, delta):
    return a.reshape(a.shape[1], a.shape[0]) @ delta


@weights_gradient.mistake(
    "every number with every number",
    "How many numbers do you return, and how many weights are there?",
    "`np.outer` of two matrices flattens both first. Only numbers of the same image belong together.",
    "`a.T @ delta`; or `np.outer(a[i], delta[i])` for each image i, and the sum of these.",
)
def _outer(a, delta):
    return np.outer(a, delta)


@weights_gradient.mistake(
    "divided by n a second time",
    "Where was the batch mean taken already? Look at exercise 4.5.",
    "delta holds the 1 / n. From there on back, contributions of the images are summed.",
    "`a.T @ delta`, with no division.",
)
def _twice_the_mean(a, delta):
    return a.T @ delta / len(a)


@weights_gradient.mistake(
    "only one image",
    "How many images are in the batch, and how many are in your result?",
    "Each image gives a table (n_in, n_out), and the gradient is the sum of all of them.",
    "`sum(np.outer(a[i], delta[i]) for i in range(len(a)))`, or shorter: `a.T @ delta`.",
)
def _first_image(a, delta):
    return np.outer(a[0], delta[0])


@weights_gradient.mistake(
    "summed before it is multiplied",
    "Is the sum of products the product of sums? Try 1·2 + 3·4 against (1 + 3)·(2 + 4).",
    "Each image's input belongs with the same image's delta. Multiply first, then sum.",
    "`a.T @ delta` does both in this order.",
)
def _sums_first(a, delta):
    return np.outer(a.sum(axis=0), delta.sum(axis=0))


# 4.7 ------------------------------------------------------------------------------------------------------


def _deltas():
    rng = np.random.default_rng(7)
    return {
        "5 images, 3 outputs": (rng.normal(size=(5, 3)),),
        "1 image": (rng.normal(size=(1, 4)),),
        "as many images as outputs": (rng.normal(size=(3, 3)),),
    }


@exercise(
    "4.7",
    cases=_deltas,
    tested="many images and one, as many images as outputs",
    hints=(
        "Which shape do the biases have? Which axis must go?",
        "A bias is added for each image alike, so the shares of all images add up.",
        "`delta.sum(axis=0)`.",
    ),
)
def biases_gradient(delta):
    """Delta (n, n_out) -> the derivative for each bias (n_out,)."""
    return delta.sum(axis=0)  # (n, n_out) -> (n_out,)


@biases_gradient.mistake(
    "divided by n a second time",
    "Where was the batch mean taken already? Look at exercise 4.5.",
    "delta holds the 1 / n. Here the shares of the images are summed.",
    "`delta.sum(axis=0)`, not `mean`.",
)
def _bias_mean(delta):
    return delta.mean(axis=0)


@biases_gradient.mistake(
    "the sum over the wrong axis",
    "Should there be one number for each image, or one for each output?",
    "axis 0 runs over the images: sum over it, and one number for each output is left.",
    "`delta.sum(axis=0)`.",
)
def _bias_axis(delta):
    return delta.sum(axis=1)


@biases_gradient.mistake(
    "everything is summed",
    "How many biases does the layer have, and how many numbers do you return?",
    "Without an axis, `sum` adds up all. Only the images should be summed.",
    "`delta.sum(axis=0)`.",
)
def _bias_total(delta):
    return delta.sum()


@biases_gradient.mistake(
    "a matrix with one row",
    "The biases have the shape (n_out,). What is yours?",
    "A gradient has the shape of what it is the gradient of. `keepdims=True` keeps an axis of length 1.",
    "`delta.sum(axis=0)`, with no `keepdims`.",
)
def _bias_row(delta):
    return delta.sum(axis=0, keepdims=True)


@biases_gradient.mistake(
    "one row for each image",
    "The biases have the shape (n_out,). What is yours?",
    "Each image has a share in the gradient. The biases are common to all, so the shares are summed.",
    "`delta.sum(axis=0)`.",
)
def _bias_as_is(delta):
    return delta


# 4.8 ------------------------------------------------------------------------------------------------------


def _hidden():
    rng = np.random.default_rng(8)

    def arguments(n, n_in, n_out):
        a = np.maximum(rng.normal(size=(n, n_in)), 0)
        return rng.normal(size=(n, n_out)), rng.normal(size=(n_in, n_out)), a

    return {
        "5 images, 6 to 3": arguments(5, 6, 3),
        "1 image": arguments(1, 4, 2),
        "all lengths equal": arguments(3, 3, 3),
    }


@exercise(
    "4.8",
    cases=_hidden,
    tested="many images and one, square weights and others, closed ReLUs",
    hints=(
        "Two steps back: first through the weights, then through ReLU. Which shape should you have after "
        "the first?",
        "delta @ weights.T spreads each output's delta over the inputs that fed it. Then multiply by "
        "ReLU's slope: 1 or 0.",
        "`(delta @ weights.T) * (a > 0)`.",
    ),
)
def hidden_delta(delta, weights, a):
    """Delta (n, n_out), weights (n_in, n_out), hidden activations (n, n_in) -> delta (n, n_in) below."""
    return (delta @ weights.T) * (a > 0)  # (n, n_out) @ (n_out, n_in) -> (n, n_in)


@hidden_delta.mistake(
    "a `.T` is missing",
    "Write the shapes of delta and of the weights side by side. Which inner lengths meet, and which should?",
    "Forward, the weights lead from n_in to n_out. Back, they must lead from n_out to n_in: transposed.",
    "`delta @ weights.T`.",
)
def _weights_not_turned(delta, weights, a):
    return (delta @ weights) * (a > 0)


@hidden_delta.mistake(
    "ReLU's slope is missing, or always 1",
    "Which values of your result should be 0? Look where `a` is 0.",
    "Where ReLU let nothing through on the way forward, nothing comes back either. (A mask `a >= 0` has no "
    "effect: after ReLU no value is below 0.)",
    "Multiply by `(a > 0)`.",
)
def _no_slope(delta, weights, a):
    return delta @ weights.T


@hidden_delta.mistake(
    "times the activation in place of its slope",
    "Which is ReLU's slope where a score of 7 came through: 7 or 1?",
    "The slope is 1 or 0. The activations themselves are not wanted here, only where they are above 0.",
    "`* (a > 0)`, not `* a`.",
)
def _times_a(delta, weights, a):
    return (delta @ weights.T) * a


@hidden_delta.mistake(
    "ReLU's slope where delta is positive",
    "What must be above 0 for ReLU to be open: the score on the way forward, or delta on the way back?",
    "ReLU's slope depends on what went through it. delta may have either sign.",
    "`(a > 0)`, with the activations of the way forward.",
)
def _slope_of_delta(delta, weights, a):
    back = delta @ weights.T
    return back * (back > 0)


@hidden_delta.mistake(
    "a sigmoid's slope",
    "Which activation function does this hidden layer have?",
    "a (1 - a) belongs to the sigmoid. Here it is ReLU: 1 or 0.",
    "`* (a > 0)`.",
)
def _slope_of_sigmoid(delta, weights, a):
    return (delta @ weights.T) * a * (1 - a)


@hidden_delta.mistake(
    "weights before delta",
    "Which axis counts the images in your result: the first or the second?",
    "`weights @ delta.T` has the right products, but an image has become a column. Rows are examples.",
    "`delta @ weights.T`.",
)
def _hidden_columns(delta, weights, a):
    return (weights @ delta.T) * (a > 0)


@hidden_delta.mistake(
    "divided by n once more",
    "Where was the batch mean taken already? Look at exercise 4.5.",
    "delta holds the 1 / n, and carries it along on its way back.",
    "`(delta @ weights.T) * (a > 0)`, with no division.",
)
def _hidden_mean(delta, weights, a):
    return (delta @ weights.T) * (a > 0) / len(a)


# 4.9 ------------------------------------------------------------------------------------------------------


def _networks():
    rng = np.random.default_rng(9)

    def arguments(n, *layers):
        x, labels = rng.random((n, layers[0])), rng.integers(0, layers[-1], n)
        weights = [rng.normal(size=shape) for shape in zip(layers[:-1], layers[1:], strict=True)]
        activations = [x]
        for i, w in enumerate(weights):
            z = activations[-1] @ w
            e = np.exp(z - z.max(axis=1, keepdims=True))
            activations.append(
                e / e.sum(axis=1, keepdims=True) if i == len(weights) - 1 else np.maximum(z, 0)
            )
        return activations, weights, labels

    return {
        "one hidden layer": arguments(4, 6, 5, 10),
        "no hidden layer": arguments(3, 6, 10),
        "two hidden layers": arguments(5, 7, 4, 4, 10),
    }


def _pair_of_lists(gradients, *arguments):
    if len(gradients) != 2 or any(isinstance(part, np.ndarray) for part in gradients):
        return Words("one list, where a pair of lists was expected")
    weights, biases = gradients
    return [list(weights), list(biases)]


@exercise(
    "4.9",
    cases=_networks,
    result=_pair_of_lists,
    tested="no hidden layer, one and two; gradients of all weights and biases, in the layers' order",
    hints=(
        "Compare the shape of each gradient with that of its weights: gradient i belongs to `weights[i]`.",
        "Begin with output_delta. For each layer, the last first: take both gradients, and only then send "
        "delta down.",
        "`for i in reversed(range(len(weights)))`: `activations[i].T @ delta`, `delta.sum(axis=0)`; and if "
        "`i > 0`, then `delta = hidden_delta(delta, weights[i], activations[i])`.",
    ),
)
def backward(activations, weights, labels):
    """Activations of all layers, weights, labels (n,) -> (weights' gradients, biases' gradients), lists."""
    weights_gradients, biases_gradients = [], []
    delta = output_delta.reference(activations[-1], labels)  # (n, n_out)
    for i in reversed(range(len(weights))):
        weights_gradients.insert(0, weights_gradient.reference(activations[i], delta))
        biases_gradients.insert(0, biases_gradient.reference(delta))
        if i > 0:
            delta = hidden_delta.reference(delta, weights[i], activations[i])  # (n, n_out) -> (n, n_in)
    return weights_gradients, biases_gradients


def _backward(activations, weights, labels, down=hidden_delta.reference, delta=None):
    """The way back, with one part of it exchanged."""
    by_weights, by_biases = [], []
    delta = output_delta.reference(activations[-1], labels) if delta is None else delta
    for i in reversed(range(len(weights))):
        by_weights.insert(0, activations[i].T @ delta)
        by_biases.insert(0, delta.sum(axis=0))
        if i > 0:
            delta = down(delta, weights[i], activations[i])
    return by_weights, by_biases


@backward.mistake(
    "the gradients are in the order of the way back",
    "Which gradient is the first of your list, and which weights are the first of theirs?",
    "The loop goes from the last layer to the first, so `append` builds the lists the wrong way round.",
    "`insert(0, ...)` in place of `append(...)`; or return the lists `[::-1]`.",
)
def _backwards(activations, weights, labels):
    by_weights, by_biases = _backward(activations, weights, labels)
    return by_weights[::-1], by_biases[::-1]


@backward.mistake(
    "ReLU's slope is missing on the way down, or always 1",
    "Only the last layer's gradients are right. What happens to delta between two layers?",
    "On its way down delta passes the weights and ReLU, which is open only where its value is above 0.",
    "`delta = hidden_delta(delta, weights[i], activations[i])`; in it `a > 0`, not `a >= 0`.",
)
def _way_without_slope(activations, weights, labels):
    return _backward(activations, weights, labels, lambda delta, w, a: delta @ w.T)


@backward.mistake(
    "the batch mean is forgotten",
    "All your gradients are too large by the same factor. By which?",
    "The loss is a mean over n images, so delta begins with 1 / n.",
    "Begin with `output_delta(activations[-1], labels)`.",
)
def _way_without_mean(activations, weights, labels):
    delta = output_delta.reference(activations[-1], labels) * len(labels)
    return _backward(activations, weights, labels, delta=delta)


@backward.mistake(
    "uphill: targets minus probabilities",
    "All your gradients have the wrong sign. Where does the way back begin?",
    "The derivative of the loss with respect to the logits is p - y.",
    "Begin with `output_delta(activations[-1], labels)`.",
)
def _uphill(activations, weights, labels):
    delta = -output_delta.reference(activations[-1], labels)
    return _backward(activations, weights, labels, delta=delta)


@backward.mistake(
    "two losses mixed",
    "Your hidden layers are right, and the last one is not (or the other way round). Do both follow the "
    "same loss?",
    "The last layer's gradient uses p (1 - p), the squared error's rule, and the hidden ones use p - y, the "
    "cross-entropy's. A classic book mixes them in this way, and its network learns; but it is the "
    "gradient of no loss.",
    "One delta for everything: `output_delta(activations[-1], labels)`, for the last layer's gradients "
    "and on its way down.",
)
def _mixed(activations, weights, labels):
    by_weights, by_biases = _backward(activations, weights, labels)
    p = activations[-1]
    delta = output_delta.reference(p, labels) * p * (1 - p)
    return [*by_weights[:-1], activations[-2].T @ delta], [*by_biases[:-1], delta.sum(axis=0)]


@backward.mistake(
    "the activations that came out of a layer, not those that went in",
    "Which shapes meet in `activations[...].T @ delta`? Which activations were multiplied by `weights[i]`?",
    "`weights[i]` was multiplied by `activations[i]`: the list is one longer than that of the weights.",
    "`weights_gradient(activations[i], delta)`.",
)
def _what_came_out(activations, weights, labels):
    by_weights, by_biases = [], []
    delta = output_delta.reference(activations[-1], labels)
    for i in reversed(range(len(weights))):
        by_weights.insert(0, activations[i + 1].T @ delta)
        by_biases.insert(0, delta.sum(axis=0))
        if i > 0:
            delta = hidden_delta.reference(delta, weights[i], activations[i])
    return by_weights, by_biases


@backward.mistake(
    "delta goes down before the gradients are taken",
    "At which layer is delta when you use it? Compare the shapes.",
    "delta first serves the gradients of layer i. Only then does it go down to the next.",
    "Put the line `delta = hidden_delta(...)` last in the loop.",
)
def _too_early(activations, weights, labels):
    by_weights, by_biases = [], []
    delta = output_delta.reference(activations[-1], labels)
    for i in reversed(range(len(weights))):
        if i > 0:
            delta = hidden_delta.reference(delta, weights[i], activations[i])
        by_weights.insert(0, activations[i].T @ delta)
        by_biases.insert(0, delta.sum(axis=0))
    return by_weights, by_biases


@backward.mistake(
    "the same delta for all layers",
    "How does delta change from one layer to the next?",
    "Each layer has its own delta: it must be sent down through the weights and ReLU at the end of each "
    "turn.",
    "`delta = hidden_delta(delta, weights[i], activations[i])` while `i > 0`.",
)
def _never_down(activations, weights, labels):
    return _backward(activations, weights, labels, lambda delta, w, a: delta)


@backward.mistake(
    "only the weights' gradients",
    "How many lists does the task ask for?",
    "The biases learn, too. Return both lists.",
    "`return weights_gradients, biases_gradients`.",
)
def _only_weights(activations, weights, labels):
    return _backward(activations, weights, labels)[0]


@backward.mistake(
    "the batch mean is taken in each layer",
    "Where is the 1 / n? How often is it taken on the way to the first layer?",
    "Once: at the beginning, in delta. Later the shares of the images are summed.",
    "`activations[i].T @ delta`, with no division.",
)
def _mean_in_each_layer(activations, weights, labels):
    n = len(labels)
    by_weights, by_biases = _backward(activations, weights, labels)
    return [g / n for g in by_weights], [g / n for g in by_biases]


# 4.10 -----------------------------------------------------------------------------------------------------


def _landscapes():
    def bowl(w):
        return float((w**2).sum() + (w.sum() ** 2) / 2)

    def ramp(w):
        return float((w * np.arange(w.size).reshape(w.shape)).sum())

    return {
        "a bowl over three numbers": (bowl, np.array([1.0, -2.0, 0.5]), 0.1),
        "a bowl over a matrix": (bowl, np.array([[1.0, 2.0], [0.0, -1.0], [0.5, 3.0]]), 0.2),
        "a ramp": (ramp, np.zeros((2, 3)), 0.5),
    }


@exercise(
    "4.10",
    cases=_landscapes,
    tested="three numbers, a matrix, large steps; every weight put back in its place",
    hints=(
        "Which shape should come out? How many weights move at a time?",
        "For each place: remember the weight, measure the loss with + h and with - h, put the weight back.",
        "`for place in np.ndindex(w.shape)`: `up` is the loss of a copy of w with `+ h` in this place, "
        "`down` that of a copy with `- h`; then `gradient[place] = (up - down) / (2 * h)`.",
    ),
)
def numerical_gradient(loss, w, h):
    """A function of an array, the array w, a small step h -> the slope along each element, shaped like w."""
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[place] += h
        down[place] -= h
        gradient[place] = (loss(up) - loss(down)) / (2 * h)
    return gradient


@numerical_gradient.mistake(
    "the nudges are never taken back",
    "How many weights differ from the original when the third one is measured?",
    "One weight at a time: after the two measurements it must have its old value again.",
    "Work on a fresh `w.copy()` for each weight; or `w[place] = before` at the end of each turn.",
)
def _piling_up(loss, w, h):
    w, gradient = w.copy(), np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        w[place] += h
        up = loss(w)
        w[place] -= 2 * h
        gradient[place] = (up - loss(w)) / (2 * h)
    return gradient


@numerical_gradient.mistake(
    "the second nudge starts from the first",
    "You add h, then subtract h. Where is the weight now?",
    "Back at its old place: to stand h below it, subtract 2h.",
    "Two copies: `up[place] += h` in one, `down[place] -= h` in the other.",
)
def _back_to_the_middle(loss, w, h):
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        up = w.copy()
        up[place] += h
        gradient[place] = (loss(up) - loss(w)) / (2 * h)
    return gradient


@numerical_gradient.mistake(
    "a step to one side only",
    "On which side of w did you never look?",
    "On a curve, a step to one side errs to that side. With one step to each side the two errors cancel.",
    "`(loss(up) - loss(down)) / (2 * h)`.",
)
def _gradient_one_sided(loss, w, h):
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        up = w.copy()
        up[place] += h
        gradient[place] = (loss(up) - loss(w)) / h
    return gradient


@numerical_gradient.mistake(
    "all weights are nudged at once",
    "Is `w + h` one weight more, or all of them?",
    "The slope along one weight asks what happens when all others keep still.",
    "Nudge `w[place]` only, in a copy of w, inside a loop over all places.",
)
def _all_at_once(loss, w, h):
    return np.full(w.shape, (loss(w + h) - loss(w - h)) / (2 * h))


@numerical_gradient.mistake(
    "one slope in place of many",
    "How many slopes does the task ask for?",
    "One for each weight: what happens when this one moves and all others keep still.",
    "A loop: `for place in np.ndindex(w.shape)`, with `gradient[place] = ...`.",
)
def _one_number(loss, w, h):
    return (loss(w + h) - loss(w - h)) / (2 * h)


@numerical_gradient.mistake(
    "the loss is given a single number",
    "What does `loss` want: one weight, or the whole array?",
    "The loss depends on all weights. It needs the whole array, in which only one of them has moved.",
    "`up = w.copy()`, `up[place] += h`, and then `loss(up)`.",
)
def _one_alone(loss, w, h):
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        gradient[place] = (loss(w[place] + h) - loss(w[place] - h)) / (2 * h)
    return gradient


@numerical_gradient.mistake(
    "up and down are the same array",
    "How many arrays are there: one, or one for each name?",
    "`up, down = w, w` copies nothing. What h adds to the one is taken off again by the other, in the same "
    "array.",
    "`up, down = w.copy(), w.copy()`.",
)
def _one_array(loss, w, h):
    return np.zeros(w.shape)


@numerical_gradient.mistake(
    "twice the slope",
    "How far apart are the two places where you measured?",
    "Two steps of h: divide by 2h.",
    "`/ (2 * h)`.",
)
def _gradient_by_h(loss, w, h):
    return 2 * numerical_gradient.reference(loss, w, h)


@numerical_gradient.mistake(
    "the array is flattened",
    "Compare the shape of your result with that of w.",
    "A gradient has the shape of what it is the gradient of.",
    "`.reshape(w.shape)` at the end; or loop over `np.ndindex(w.shape)`.",
)
def _flattened(loss, w, h):
    return numerical_gradient.reference(loss, w, h).ravel()


# 4.11 -----------------------------------------------------------------------------------------------------


def _suspect_a(activations, weights, labels):
    return _mixed(activations, weights, labels)


def _suspect_b(activations, weights, labels):
    return backward.reference(activations, weights, labels)


def _suspect_c(activations, weights, labels):
    return _way_without_slope(activations, weights, labels)


def _suspect_d(activations, weights, labels):
    return _backward(activations, weights, labels)


def _suspect_e(activations, weights, labels):
    by_weights, by_biases = _backward(activations, weights, labels)
    return by_weights, [g / g.size for g in by_biases]


suspects = {"A": _suspect_a, "B": _suspect_b, "C": _suspect_c, "D": _suspect_d, "E": _suspect_e}


ONE_TEXT = Words("several names in one text")


def _names(answer):
    names = sorted({str(name).strip().upper() for name in answer})
    if isinstance(answer, str) and len(names) > 1 or any(len(name) > 1 for name in names):
        return ONE_TEXT
    return ", ".join(names)


@exercise(
    "4.11",
    result=_names,
    tested="each suspect against measured slopes",
    hints=(
        "`error_of` gives one number for each suspect. Which are around 1e-9, and which around 0.1?",
        "A right gradient differs from the measured slopes by rounding only: a relative error below 1e-6. "
        "Name all others.",
        "`broken = {name for name, way_back in check.suspects.items() if error_of(way_back) > 1e-6}`.",
    ),
)
def broken():
    """The names of the suspects whose gradients are wrong."""
    return {"A", "C", "E"}


@broken.mistake(
    "the sound ones are named",
    "Is a large error a good or a bad sign?",
    "A relative error of 1e-9 is rounding. The broken ones are those with a large error.",
    "The others.",
)
def _sound():
    return {"B", "D"}


@broken.mistake(
    "all of them accused",
    "Are some of your errors around 1e-9? What are they made of?",
    "Measured slopes are never exact: rounding leaves an error of about 1e-9. That is not a bug.",
    "Only errors above 1e-6 are bugs here.",
)
def _everyone():
    return {"A", "B", "C", "D", "E"}


@broken.mistake(
    "one that trains well is let off",
    "Did you judge A by its curve or by its gradient?",
    "A network can learn with wrong gradients, even quickly. Only the comparison with measured slopes tells.",
    "Look at the relative error of A once more: it is the largest of all.",
)
def _a_let_off():
    return {"C", "E"}


@broken.mistake(
    "several names in one text",
    "How many things are in your set: one, or one for each suspect?",
    '`{"BD"}` is a set with a single text in it. Each name needs quotation marks of its own.',
    '`{"B", "D"}`, with the names that you have found.',
)
def _one_text():
    return {"BD"}


@broken.mistake(
    "only the worst one is named",
    "How large are the other errors? Is that rounding?",
    "Rounding is about 1e-9. An error of 0.1 is a hundred million times larger.",
    "Every suspect with an error above 1e-6.",
)
def _only_the_worst():
    return {"A"}


@broken.mistake(
    "the biases are not looked at",
    "Did your comparison include the gradients of the biases?",
    "E is right in all weights, and wrong in the biases.",
    "Compare both lists that a suspect returns.",
)
def _biases_forgotten():
    return {"A", "C"}
