"""Checks for notebook 5: from a gradient to a network that has learned."""

import numpy as np

from hwd_lib.checks.exercise import exercise
from hwd_lib.checks.handing_in import hand_in_for
from hwd_lib.exercises import backpropagation, forward_pass
from hwd_lib.network import Network, cross_entropy

hand_in = hand_in_for("05_training.ipynb")

# Small arrays of unlike shapes, so that mixing two of them up cannot go unnoticed.
SHAPES = ((6, 4), (4,), (4, 3), (3,))


def _arrays(seed, scale=1.0):
    rng = np.random.default_rng(seed)
    return [(scale * rng.normal(size=shape)).astype(np.float32) for shape in SHAPES]


# 5.1 One step -----------------------------------------------------------------------------------------------


def _steps():
    return {
        "a learning rate of 0.1": (_arrays(0), _arrays(1), 0.1),
        "a learning rate of 2": (_arrays(2), _arrays(3), 2.0),
        "a single array": ([np.array([1.0, 2.0], np.float32)], [np.array([10.0, -10.0], np.float32)], 0.5),
    }


def _as_list(returned, *_):
    return [np.asarray(array) for array in returned]


@exercise(
    "5.1",
    cases=_steps,
    in_place=True,
    result=_as_list,
    tested="two learning rates, one array and four, each of its own shape",
    hints=(
        "Work it out by hand: a parameter of 1, a gradient of 10, a learning rate of 0.5. Where should it "
        "end up?",
        "Every array in the list moves against its own gradient, by the learning rate times that gradient.",
        "`for p, g in zip(parameters, gradients): p -= learning_rate * g`, and then `return parameters`.",
    ),
)
def sgd_step(parameters, gradients, learning_rate):
    """Move each array of `parameters` a step against its gradient; returns the list after the step."""
    for p, g in zip(parameters, gradients, strict=True):
        p -= learning_rate * g
    return parameters


@sgd_step.mistake(
    "uphill",
    "Does the loss rise or fall where you go?",
    "The gradient points to where the loss grows. You want to go the other way.",
    "Minus instead of plus: `p -= learning_rate * g`.",
)
def _uphill(parameters, gradients, learning_rate):
    return [p + learning_rate * g for p, g in zip(parameters, gradients, strict=True)]


@sgd_step.mistake(
    "the learning rate was left out",
    "You were given three things. How many of them do you use?",
    "The gradient says which way to go. The learning rate says how far.",
    "Multiply by it: `p -= learning_rate * g`.",
)
def _no_rate(parameters, gradients, learning_rate):
    return [p - g for p, g in zip(parameters, gradients, strict=True)]


@sgd_step.mistake(
    "divided by the learning rate",
    "With a smaller learning rate, should the step be longer or shorter?",
    "A small learning rate means small steps, so it multiplies the gradient.",
    "`learning_rate * g`, not `g / learning_rate`.",
)
def _divided(parameters, gradients, learning_rate):
    return [p - g / learning_rate for p, g in zip(parameters, gradients, strict=True)]


@sgd_step.mistake(
    "the parameters did not change",
    "Print `parameters[0]` before and after the loop. Has it moved?",
    "`p = p - ...` makes a new array and lets the name `p` point to it. The list still holds the old one.",
    "Change the array itself with `p -= learning_rate * g`, or collect the new arrays in a new list and "
    "return that.",
)
def _unchanged(parameters, gradients, learning_rate):
    for p, g in zip(parameters, gradients, strict=True):
        p = p - learning_rate * g
    return parameters


@sgd_step.mistake(
    "calculating with lists",
    "What are `parameters` and `gradients`: arrays, or lists of arrays?",
    "NumPy calculates with arrays. A list cannot be multiplied by 0.1, and two lists cannot be subtracted.",
    "Go through both lists together: `for p, g in zip(parameters, gradients):`.",
)
def _lists(parameters, gradients, learning_rate):
    return parameters - learning_rate * gradients


@sgd_step.mistake(
    "only the step was returned",
    "You return how far to go. What is asked for is where you end up.",
    "The new parameters are the old ones minus the step.",
    "Return `[p - learning_rate * g for p, g in zip(parameters, gradients)]`.",
)
def _only_step(parameters, gradients, learning_rate):
    return [learning_rate * g for g in gradients]


@sgd_step.mistake(
    "only the first array moved",
    "A list of four arrays came in. How many of them did you move?",
    "A `return` inside a loop ends the loop at its first round.",
    "Move `return parameters` to the left, so that it comes after the loop.",
)
def _first_only(parameters, gradients, learning_rate):
    for p, g in zip(parameters, gradients, strict=True):
        p -= learning_rate * g
        return parameters
    return parameters


# 5.2 How good is it? ----------------------------------------------------------------------------------------


def _answers():
    rng = np.random.default_rng(5)
    logits = 2 * rng.normal(size=(40, 10))
    many = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.where(rng.random(40) < 0.6, many.argmax(axis=1), rng.integers(0, 10, 40))
    few = np.full((4, 10), 0.08)
    few[np.arange(4), [3, 1, 4, 1]] = 0.28  # right, and far from sure
    return {
        "40 examples": (many, labels),
        "four examples, of which three are right": (few, np.array([3, 1, 4, 2])),
        "ten examples": (many[:10], labels[:10]),
        "all wrong": (few[:2], np.array([0, 0])),
    }


@exercise(
    "5.2",
    cases=_answers,
    result=lambda returned, *_: float(returned),
    tested="40 examples, ten, four unsure ones, and a network that is always wrong",
    hints=(
        "Take it apart: first what the network says, then whether it is right, then how often.",
        "The network's answer for an example is the digit with the largest probability in its row.",
        "`(probabilities.argmax(axis=1) == labels).mean()`",
    ),
)
def accuracy(probabilities, labels):
    """The share, 0…1, of rows of probabilities (n, 10) whose largest entry stands at the label, (n,) int."""
    return (probabilities.argmax(axis=1) == labels).mean()  # (n, 10) -> (n,) -> ()


@accuracy.mistake(
    "the largest of each column",
    "How many answers do you get for n examples: n, or 10?",
    "One row is one example. You look for the largest entry along the row, and that is axis 1.",
    "`probabilities.argmax(axis=1)`",
)
def _wrong_axis(probabilities, labels):
    return (probabilities.argmax(axis=0) == labels).mean()


@accuracy.mistake(
    "the largest of the whole batch",
    "How many answers do you get for n examples?",
    "Without an axis, `argmax` looks through all numbers at once and gives a single place.",
    "`probabilities.argmax(axis=1)`: one answer for each row.",
)
def _no_axis(probabilities, labels):
    return (probabilities.argmax() == labels).mean()


@accuracy.mistake(
    "how sure it is, instead of how often it is right",
    "Did you need the labels at all?",
    "The largest probability says how sure the network is. It may be sure and wrong.",
    "Compare the place of the largest probability with the label: `argmax`, not `max`.",
)
def _confidence(probabilities, labels):
    return probabilities.max(axis=1).mean()


@accuracy.mistake(
    "a count instead of a share",
    "Is your number between 0 and 1?",
    "You counted the right answers. A share is that count divided by how many there are.",
    "`.mean()` instead of `.sum()`: the mean of True and False is the share of True.",
)
def _count(probabilities, labels):
    return (probabilities.argmax(axis=1) == labels).sum()


@accuracy.mistake(
    "the share of mistakes",
    "Try it on a network that is always right. Do you get 1?",
    "You found the error rate. Accuracy and error rate add up to 1.",
    "`==` instead of `!=`.",
)
def _errors(probabilities, labels):
    return (probabilities.argmax(axis=1) != labels).mean()


@accuracy.mistake(
    "percent instead of a share",
    "Is your number between 0 and 1?",
    "The library uses shares from 0 to 1 everywhere, and turns them into percent only to print them.",
    "Leave out the 100.",
)
def _percent(probabilities, labels):
    return 100 * (probabilities.argmax(axis=1) == labels).mean()


@accuracy.mistake(
    "only answers above one half",
    "Three digits at 28, 20 and 15 %: what does the network answer?",
    "The largest probability wins, even when it is below one half.",
    "Compare `probabilities.argmax(axis=1)` with the labels.",
)
def _above_half(probabilities, labels):
    return (probabilities[np.arange(len(labels)), labels] > 0.5).mean()


# 5.3 Mini-batches -------------------------------------------------------------------------------------------

SEEDS = {50: 3, 24: 4, 7: 5}


def _batches_of():
    return {
        "50 examples in batches of 8": (50, 8, np.random.default_rng(SEEDS[50])),
        "24 examples in batches of 8": (24, 8, np.random.default_rng(SEEDS[24])),
        "7 examples in one batch of 32": (7, 32, np.random.default_rng(SEEDS[7])),
    }


def _yes(true):
    return "yes" if true else "no"


def _describe(batches, n, batch_size, rng):
    """What matters about batches, whatever the order that chance gave them."""
    batches = [np.asarray(batch).ravel() for batch in batches]
    order = np.concatenate(batches).astype(int)
    untouched = np.random.default_rng(SEEDS[n])
    follows = (np.diff(order) == 1).mean()  # how often an example is followed by its old neighbour
    return {
        "sizes of the batches": sorted((len(batch) for batch in batches), reverse=True),
        "no example twice in a batch": _yes(all(len(set(batch.tolist())) == len(batch) for batch in batches)),
        "each example exactly once": _yes(sorted(order.tolist()) == list(range(n))),
        "examples are shuffled": _yes(follows < 0.5),
        "the order comes from rng": _yes(rng.bit_generator.state != untouched.bit_generator.state),
    }


@exercise(
    "5.3",
    cases=_batches_of,
    in_place=True,
    result=_describe,
    tested="a last batch that is smaller, a number that divides evenly, and more room than examples",
    hints=(
        "Count: how many batches come out, how large are they, and does each example occur exactly once?",
        "Shuffle all numbers 0…n-1 once. Then cut that order into pieces, one after the other.",
        "`order = rng.permutation(n)`, then `[order[i : i + batch_size] for i in range(0, n, batch_size)]`.",
    ),
)
def minibatches(n, batch_size, rng):
    """The numbers 0…n-1 in a random order drawn from `rng`, cut into batches: a list of int arrays."""
    order = rng.permutation(n)  # (n,)
    return [order[i : i + batch_size] for i in range(0, n, batch_size)]


@minibatches.mistake(
    "the last examples are left out",
    "How many examples are in your batches, all together?",
    "50 is not a multiple of 8. The 2 that remain make a smaller batch of their own.",
    "`range(0, n, batch_size)`: a slice that reaches beyond the end stops at the end by itself.",
)
def _drops_last(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[i * batch_size : (i + 1) * batch_size] for i in range(max(1, n // batch_size))]


@minibatches.mistake(
    "what does not fill a batch is left out",
    "7 examples in batches of 32: how many batches do you get?",
    "`n // batch_size` counts full batches only. What remains makes a smaller batch of its own.",
    "`range(0, n, batch_size)`: a slice that reaches beyond the end stops at the end by itself.",
)
def _full_ones_only(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[i * batch_size : (i + 1) * batch_size] for i in range(n // batch_size)]


@minibatches.mistake(
    "batches are shuffled, examples are not",
    "Which examples are in the first batch? Could 3 and 40 ever meet in one?",
    "You cut first and shuffled then. The batches come in a new order, but the same examples always stay "
    "together.",
    "Shuffle first: `order = rng.permutation(n)`. Then cut `order`.",
)
def _shuffled_batches(n, batch_size, rng):
    batches = [np.arange(n)[i : i + batch_size] for i in range(0, n, batch_size)]
    return [batches[i] for i in rng.permutation(len(batches))]


@minibatches.mistake(
    "nothing is shuffled",
    "Which examples are in the first batch? And in the next epoch?",
    "If the order never changes, the network sees the same batches again and again.",
    "`order = rng.permutation(n)`, and cut `order` instead of `range(n)`.",
)
def _not_shuffled(n, batch_size, rng):
    return [np.arange(n)[i : i + batch_size] for i in range(0, n, batch_size)]


@minibatches.mistake(
    "some examples twice, others never",
    "Put all batches together and sort them. Do you find each number once?",
    "Drawing at random puts every number back into the pot. Shuffling does not.",
    "`rng.permutation(n)` instead of `rng.integers(0, n, ...)` or `rng.choice(n, ...)`.",
)
def _with_replacement(n, batch_size, rng):
    order = rng.integers(0, n, n)
    return [order[i : i + batch_size] for i in range(0, n, batch_size)]


@minibatches.mistake(
    "a new order for each batch",
    "How often do you call `rng.permutation`?",
    "Each batch comes from an order of its own, so two batches may hold the same example, and some "
    "examples never come.",
    "Call `order = rng.permutation(n)` once, before the loop.",
)
def _new_order_each(n, batch_size, rng):
    return [rng.permutation(n)[i : i + batch_size] for i in range(0, n, batch_size)]


@minibatches.mistake(
    "equal parts instead of full batches",
    "How large is your first batch?",
    "`np.array_split` makes parts of nearly the same size. What is wanted are full batches, and one rest.",
    "Cut by hand: `order[i : i + batch_size]` for `i` in `range(0, n, batch_size)`.",
)
def _equal_parts(n, batch_size, rng):
    return np.array_split(rng.permutation(n), -(-n // batch_size))


@minibatches.mistake(
    "an empty batch at the end",
    "24 examples in batches of 8: how many batches do you get?",
    "When the size divides evenly there is no rest. The loop must not go one round further.",
    "`range(0, n, batch_size)` stops at the right place.",
)
def _empty_batch(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[i * batch_size : (i + 1) * batch_size] for i in range(n // batch_size + 1)]


@minibatches.mistake(
    "the order does not come from rng",
    "You were handed an `rng`. Who makes your random numbers?",
    "With a generator of your own, or NumPy's hidden one, the seed is no longer in the caller's hand: "
    "either every epoch has the same order, or no run can be repeated.",
    "`rng.permutation(n)`",
)
def _own_rng(n, batch_size, rng):
    order = np.random.default_rng(0).permutation(n)
    return [order[i : i + batch_size] for i in range(0, n, batch_size)]


# 5.4 An epoch -----------------------------------------------------------------------------------------------


def loss_and_gradients(parameters, images, labels):
    """Mean loss of a batch, and its gradients, by the forward and backward pass of notebooks 3 and 4.

    Parameters
    ----------
    parameters : list of arrays, weights (n_in, n_out) and biases (n_out,) of each layer in turn
    images : (n, n_in) float
    labels : (n,) int

    Returns
    -------
    float, and a list of arrays shaped like `parameters`
    """
    weights, biases = parameters[::2], parameters[1::2]
    activations = forward_pass.forward.reference(images, weights, biases)
    by_weights, by_biases = backpropagation.backward.reference(activations, weights, labels)
    gradients = [g for pair in zip(by_weights, by_biases, strict=True) for g in pair]
    return cross_entropy(activations[-1], labels), gradients


def _epochs():
    cases = {}
    for name, n, batch_size, rate in (
        ("20 examples in batches of 8", 20, 8, 0.5),
        ("9 examples, one at a time", 9, 1, 0.2),
        ("12 examples in a single batch", 12, 12, 1.0),
    ):
        rng = np.random.default_rng(n)
        images = rng.random((n, 6), np.float32)
        labels = rng.integers(0, 3, n)
        batches = minibatches.reference(n, batch_size, rng)
        cases[name] = (_arrays(n), images, labels, batches, rate)
    return cases


@exercise(
    "5.4",
    cases=_epochs,
    in_place=True,
    result=lambda returned, *_: {"parameters": _as_list(returned[0]), "loss": float(returned[1])},
    tested="batches of 8 with a rest of 4, of a single example, and all examples at once",
    hints=(
        "For each batch: pick its images and labels, find the gradients, take a step. Which of the three "
        "is missing?",
        "`batch` holds numbers of examples. `images[batch]` are their pictures, `labels[batch]` what they "
        "show.",
        "In the loop: `loss, gradients = loss_and_gradients(parameters, images[batch], labels[batch])`, then "
        "`parameters = sgd_step(parameters, gradients, learning_rate)`, then `total += loss * len(batch)`. "
        "After it: `return parameters, total / len(images)`.",
    ),
)
def train_epoch(parameters, images, labels, batches, learning_rate):
    """One SGD step for each of `batches` (lists of example numbers); returns parameters and mean loss."""
    total = 0.0
    for batch in batches:
        loss, gradients = loss_and_gradients(parameters, images[batch], labels[batch])
        parameters = sgd_step.reference(parameters, gradients, learning_rate)
        total += loss * len(batch)
    return parameters, total / len(images)


@train_epoch.mistake(
    "the gradient of all examples at each step",
    "How many examples does each step look at?",
    "A batch is a handful of examples. Each step needs the gradient of its own batch only: that is what "
    "makes it fast.",
    "`loss_and_gradients(parameters, images[batch], labels[batch])`",
)
def _all_examples(parameters, images, labels, batches, learning_rate):
    total = 0.0
    for batch in batches:
        loss, gradients = loss_and_gradients(parameters, images, labels)
        parameters = sgd_step.reference(parameters, gradients, learning_rate)
        total += loss * len(batch)
    return parameters, total / len(images)


@train_epoch.mistake(
    "the wrong labels for the images",
    "Image 17 is in the batch. Which label do you hand over with it?",
    "The batch picks images out of their order. Labels must be picked by the same numbers.",
    "`labels[batch]`, not `labels[:len(batch)]`.",
)
def _first_labels(parameters, images, labels, batches, learning_rate):
    total = 0.0
    for batch in batches:
        loss, gradients = loss_and_gradients(parameters, images[batch], labels[: len(batch)])
        parameters = sgd_step.reference(parameters, gradients, learning_rate)
        total += loss * len(batch)
    return parameters, total / len(images)


@train_epoch.mistake(
    "all labels for a part of the images",
    "How many images are in the batch, and how many labels do you hand over?",
    "The batch picks images. Labels must be picked by the same numbers.",
    "`labels[batch]`, not `labels`.",
)
def _all_labels(parameters, images, labels, batches, learning_rate):
    for batch in batches:
        loss_and_gradients(parameters, images[batch], labels)


@train_epoch.mistake(
    "the loss was not returned",
    "How many things should come back?",
    "The caller wants the parameters, and the mean loss of the epoch as well.",
    "`return parameters, total / len(images)`",
)
def _no_loss(parameters, images, labels, batches, learning_rate):
    return train_epoch.reference(parameters, images, labels, batches, learning_rate)[0]


@train_epoch.mistake(
    "it stops after the first batch",
    "How many steps do you take?",
    "A `return` inside a loop ends the loop at its first round.",
    "Move the `return` to the left, so that it comes after the loop.",
)
def _one_batch(parameters, images, labels, batches, learning_rate):
    for batch in batches:
        loss, gradients = loss_and_gradients(parameters, images[batch], labels[batch])
        parameters = sgd_step.reference(parameters, gradients, learning_rate)
        return parameters, loss * len(batch) / len(images)
    return parameters, 0.0


@train_epoch.mistake(
    "all steps with the gradients of the beginning",
    "When do you find the gradient of the second batch: before the first step, or after it?",
    "After a step the network has changed, and so has its gradient. Find it anew for each batch.",
    "Call `loss_and_gradients` and `sgd_step` in the same round of the loop, one after the other.",
)
def _old_gradients(parameters, images, labels, batches, learning_rate):
    found = [loss_and_gradients(parameters, images[batch], labels[batch]) for batch in batches]
    for _, gradients in found:
        parameters = sgd_step.reference(parameters, gradients, learning_rate)
    return parameters, sum(f[0] * len(b) for f, b in zip(found, batches, strict=True)) / len(images)


@train_epoch.mistake(
    "the loss is measured at the end",
    "Which network had the loss that you return: the one that each batch met, or the one after all steps?",
    "The loss of an epoch is gathered on the way: each batch's loss comes from the call that gave its "
    "gradients.",
    "`total += loss * len(batch)` in the loop, with the `loss` from before the step.",
)
def _loss_at_the_end(parameters, images, labels, batches, learning_rate):
    parameters, _ = train_epoch.reference(parameters, images, labels, batches, learning_rate)
    return parameters, loss_and_gradients(parameters, images, labels)[0]


@train_epoch.mistake(
    "the loss of each batch is measured after its step",
    "When do you measure a batch: before its step, or after it?",
    "After the step the network knows this very batch. `loss_and_gradients` gave the loss before it.",
    "Keep the `loss` that came with the gradients: `total += loss * len(batch)`.",
)
def _loss_after_the_step(parameters, images, labels, batches, learning_rate):
    total = 0.0
    for batch in batches:
        _, gradients = loss_and_gradients(parameters, images[batch], labels[batch])
        parameters = sgd_step.reference(parameters, gradients, learning_rate)
        total += loss_and_gradients(parameters, images[batch], labels[batch])[0] * len(batch)
    return parameters, total / len(images)


@train_epoch.mistake(
    "nothing was learned",
    "You found the gradients. What did you do with them?",
    "Without a step the parameters stay what they were.",
    "`parameters = sgd_step(parameters, gradients, learning_rate)` in the loop.",
)
def _no_step(parameters, images, labels, batches, learning_rate):
    total = 0.0
    for batch in batches:
        total += loss_and_gradients(parameters, images[batch], labels[batch])[0] * len(batch)
    return parameters, total / len(images)


@train_epoch.mistake(
    "the loss of the last batch only",
    "An epoch has many batches. Whose loss do you return?",
    "One batch may be easy by chance. The mean over all examples says how the epoch went.",
    "Collect in the loop, `total += loss * len(batch)`, and return `total / len(images)`.",
)
def _last_loss(parameters, images, labels, batches, learning_rate):
    for batch in batches:
        loss, gradients = loss_and_gradients(parameters, images[batch], labels[batch])
        parameters = sgd_step.reference(parameters, gradients, learning_rate)
    return parameters, loss


@train_epoch.mistake(
    "a small batch counts as much as a full one",
    "Two batches of 8 and one of 4: how much should the last one count?",
    "The mean of the batches' means is not the mean over the examples, when the last batch is smaller.",
    "Add up `loss * len(batch)`, and divide by `len(images)` in the end.",
)
def _mean_of_batches(parameters, images, labels, batches, learning_rate):
    losses = []
    for batch in batches:
        loss, gradients = loss_and_gradients(parameters, images[batch], labels[batch])
        parameters = sgd_step.reference(parameters, gradients, learning_rate)
        losses.append(loss)
    return parameters, np.mean(losses)


@train_epoch.mistake(
    "a sum instead of a mean",
    "An untrained network has a loss of about 2.3. Is your number near that?",
    "You added the losses up. Divided by the number of examples, the sum is a mean that can be compared.",
    "`total / len(images)`",
)
def _sum(parameters, images, labels, batches, learning_rate):
    parameters, mean = train_epoch.reference(parameters, images, labels, batches, learning_rate)
    return parameters, mean * len(images)


# 5.5 Choose a learning rate ---------------------------------------------------------------------------------


def _sweeps():
    nan = float("nan")
    return {
        "four rates, of which one diverged": (
            [0.01, 0.1, 0.5, 5.0],
            np.array([0.52, 0.15, 0.06, nan]),
            np.array([0.88, 0.957, 0.951, 0.098]),
            np.array([0.87, 0.950, 0.954, 0.098]),
        ),
        "rates in no order": (
            [1.0, 0.3, 0.003, 0.1],
            np.array([0.02, 0.03, 0.9, 0.09]),
            np.array([0.948, 0.962, 0.75, 0.961]),
            np.array([0.949, 0.955, 0.76, 0.957]),
        ),
        "two rates": ([0.2, 0.02], np.array([0.3, 0.1]), np.array([0.91, 0.90]), np.array([0.90, 0.92])),
    }


@exercise(
    "5.5",
    cases=_sweeps,
    result=lambda returned, *_: float(returned),
    tested="rates in and out of order, one that diverged, and a test set that says otherwise",
    hints=(
        "Three tables came in. Which of them may be used to choose?",
        "You want the rate whose run has the highest accuracy on the validation set.",
        "`return rates[np.argmax(validation_accuracy)]`",
    ),
)
def best_rate(rates, training_loss, validation_accuracy, test_accuracy):
    """The learning rate to go on with; all four are (n_runs,), one entry for each run."""
    return rates[int(np.argmax(validation_accuracy))]


@best_rate.mistake(
    "chosen on the test set",
    "Which of the three tables would you not have, on the day that the network goes out into the world?",
    "Whoever chooses by the test set has used it up: the best of many runs is the luckiest one as well, "
    "and its test accuracy promises too much.",
    "Use `validation_accuracy`. Leave `test_accuracy` alone until everything is chosen.",
)
def _by_test(rates, training_loss, validation_accuracy, test_accuracy):
    return rates[int(np.argmax(test_accuracy))]


@best_rate.mistake(
    "chosen by the training loss",
    "Do you want a network that is good on the examples it has learned from?",
    "The training loss says how well the network knows what it has seen. You want to know about images it "
    "has not seen.",
    "Use `validation_accuracy`.",
)
def _by_training(rates, training_loss, validation_accuracy, test_accuracy):
    return rates[int(np.nanargmin(training_loss))]


@best_rate.mistake(
    "NaN was taken for the smallest loss",
    "You chose the run that diverged. Why did it look good?",
    "A comparison with NaN is never true, and `argmin` returns the place of the first NaN. Besides, the "
    "training loss is the wrong judge here.",
    "Use `validation_accuracy`, and look for its maximum.",
)
def _by_nan(rates, training_loss, validation_accuracy, test_accuracy):
    return rates[int(np.argmin(training_loss))]


@best_rate.mistake(
    "the place instead of the rate",
    "Is your answer one of the rates?",
    "`argmax` says where the largest entry stands.",
    "Look the rate up: `rates[np.argmax(validation_accuracy)]`.",
)
def _place(rates, training_loss, validation_accuracy, test_accuracy):
    return int(np.argmax(validation_accuracy))


@best_rate.mistake(
    "the accuracy instead of the rate",
    "Is your answer one of the rates?",
    "You found how good the best run is. What is asked for is the learning rate it had.",
    "`argmax` instead of `max`, and then look the rate up: `rates[...]`.",
)
def _value(rates, training_loss, validation_accuracy, test_accuracy):
    return np.max(validation_accuracy)


@best_rate.mistake(
    "the worst run",
    "Do you want much accuracy, or little?",
    "A loss should be small, an accuracy large.",
    "`np.argmax(validation_accuracy)`",
)
def _worst(rates, training_loss, validation_accuracy, test_accuracy):
    return rates[int(np.argmin(validation_accuracy))]


# 5.6 Momentum -----------------------------------------------------------------------------------------------


def _rolling():
    return {
        "the first step, from rest": (_arrays(6), _arrays(17, 3.0), [0 * a for a in _arrays(6)], 0.1, 0.9),
        "a later step": (_arrays(8), _arrays(9), _arrays(10, 3.0), 0.5, 0.9),
        "little momentum": (_arrays(11), _arrays(12), _arrays(13), 0.2, 0.25),
    }


@exercise(
    "5.6",
    cases=_rolling,
    in_place=True,
    result=lambda returned, *_: {"parameters": _as_list(returned[0]), "velocities": _as_list(returned[1])},
    tested="a first step from rest, a later one, and another momentum",
    hints=(
        "There are two lines to write for each array: how the velocity changes, and how the parameters do.",
        "The new velocity is `momentum` times the old one, plus the gradient. The parameters move against "
        "the new one.",
        "In the loop: `v *= momentum`, `v += g`, `p -= learning_rate * v`. Return `parameters, velocities`.",
    ),
)
def momentum_step(parameters, gradients, velocities, learning_rate, momentum):
    """v = momentum * v + g, then p = p - learning_rate * v, for each array; returns both lists."""
    for p, g, v in zip(parameters, gradients, velocities, strict=True):
        v *= momentum
        v += g
        p -= learning_rate * v
    return parameters, velocities


def _momentum(step):
    """The list form of a rule ``step(p, g, v, learning_rate, momentum) -> (p, v)``."""

    def rule(parameters, gradients, velocities, learning_rate, momentum):
        both = [
            step(p, g, v, learning_rate, momentum)
            for p, g, v in zip(parameters, gradients, velocities, strict=True)
        ]
        return [p for p, _ in both], [v for _, v in both]

    return rule


@momentum_step.mistake(
    "the step goes along the old velocity",
    "In which order do your two lines stand?",
    "From rest, the old velocity is 0: your first step goes nowhere. First the velocity changes, then the "
    "parameters.",
    "`v *= momentum` and `v += g` come before `p -= learning_rate * v`.",
)
def _old_velocity(parameters, gradients, velocities, learning_rate, momentum):
    return _momentum(lambda p, g, v, r, m: (p - r * v, m * v + g))(
        parameters, gradients, velocities, learning_rate, momentum
    )


@momentum_step.mistake(
    "the velocity is not kept",
    "Print `velocities[0]` before and after. Has it changed?",
    "`v = momentum * v + g` makes a new array. The list still holds the old one, so the next step starts "
    "from rest again.",
    "Change the array itself: `v *= momentum`, then `v += g`.",
)
def _velocity_lost(parameters, gradients, velocities, learning_rate, momentum):
    return _momentum(lambda p, g, v, r, m: (p - r * (m * v + g), v))(
        parameters, gradients, velocities, learning_rate, momentum
    )


@momentum_step.mistake(
    "the parameters ignore the velocity",
    "What moves the parameters in your function: the gradient, or the velocity?",
    "The velocity is what has been gathered from all gradients so far. The step goes along it.",
    "`p -= learning_rate * v`",
)
def _plain(parameters, gradients, velocities, learning_rate, momentum):
    return _momentum(lambda p, g, v, r, m: (p - r * g, m * v + g))(
        parameters, gradients, velocities, learning_rate, momentum
    )


@momentum_step.mistake(
    "the gradient is subtracted from the velocity, and the velocity from the parameters",
    "Minus times minus: which way do you go?",
    "One of the two lines must have a minus, not both. Here it is the second.",
    "`v += g`, then `p -= learning_rate * v`.",
)
def _double_minus(parameters, gradients, velocities, learning_rate, momentum):
    return _momentum(lambda p, g, v, r, m: (p - r * (m * v - g), m * v - g))(
        parameters, gradients, velocities, learning_rate, momentum
    )


@momentum_step.mistake(
    "a mean of gradients instead of a sum",
    "From rest, the new velocity should be the gradient itself. Is it?",
    "`(1 - momentum) * g` makes the velocity a running mean. That is another rule (Adam uses it); here it "
    "is a running sum.",
    "`v += g`, without a factor.",
)
def _running_mean(parameters, gradients, velocities, learning_rate, momentum):
    def step(p, g, v, r, m):
        v = m * v + (1 - m) * g
        return p - r * v, v

    return _momentum(step)(parameters, gradients, velocities, learning_rate, momentum)


@momentum_step.mistake(
    "the learning rate is inside the velocity",
    "From rest, the new velocity should be the gradient itself. Is it?",
    "You wrote the other common form, `v = momentum * v + learning_rate * g`. It takes the same steps as "
    "long as the rate stays the same; when you lower the rate, it goes on at the old speed for a while.",
    "`v += g`, and then `p -= learning_rate * v`.",
)
def _rate_inside(parameters, gradients, velocities, learning_rate, momentum):
    def step(p, g, v, r, m):
        v = m * v + r * g
        return p - v, v

    return _momentum(step)(parameters, gradients, velocities, learning_rate, momentum)


@momentum_step.mistake(
    "the learning rate is applied twice",
    "How often does `learning_rate` stand in your function?",
    "With 0.1 in both lines, your steps are a tenth of what they should be.",
    "Once, in the last line: `p -= learning_rate * v`.",
)
def _rate_twice(parameters, gradients, velocities, learning_rate, momentum):
    def step(p, g, v, r, m):
        v = m * v + r * g
        return p - r * v, v

    return _momentum(step)(parameters, gradients, velocities, learning_rate, momentum)


# 5.7 When to stop -------------------------------------------------------------------------------------------


def _careers():
    up_and_down = [0.90, 0.94, 0.93, 0.95, 0.94, 0.945]
    return {
        "the best two epochs ago, patience 2": (up_and_down, 2),
        "the best two epochs ago, patience 3": (up_and_down, 3),
        "accuracies that still rise": ([0.90, 0.92, 0.93], 1),
        "one bad epoch, patience 2": ([0.90, 0.95, 0.94], 2),
        "one bad epoch, patience 1": ([0.90, 0.95, 0.94], 1),
        "an epoch better than the one before, but not than the best": ([0.96, 0.90, 0.92, 0.94], 3),
        "the same value again and again": ([0.90, 0.95, 0.95, 0.95], 2),
        "a bad epoch after a new best": ([0.90, 0.94, 0.96, 0.93], 2),
        "the first epoch": ([0.90], 1),
        "a dip, then a new best": ([0.90, 0.95, 0.91, 0.96], 2),
    }


@exercise(
    "5.7",
    cases=_careers,
    result=lambda returned, *_: str(bool(returned)),
    tested="rising, falling, and level accuracies, the first epoch, and patience from 1 to 3",
    hints=(
        "When was the best epoch? How long ago is that?",
        "Stop when the best accuracy so far is `patience` epochs old, or older.",
        "`return len(accuracies) - 1 - np.argmax(accuracies) >= patience`",
    ),
)
def should_stop(accuracies, patience):
    """True when `patience` epochs have passed since the best of `accuracies` (one for each epoch so far)."""
    return len(accuracies) - 1 - int(np.argmax(accuracies)) >= patience


@should_stop.mistake(
    "compared with the epoch before",
    "Accuracies of 96, 90, 92, 94 %: the last one is better than the one before. Has the network improved?",
    "Compare with the best so far. And one bad epoch is not enough, when the patience is larger.",
    "Find the best epoch with `np.argmax(accuracies)`, and count the epochs since.",
)
def _epoch_before(accuracies, patience):
    return len(accuracies) > 1 and accuracies[-1] < accuracies[-2]


@should_stop.mistake(
    "epochs in a row that were no better than the one before",
    "Accuracies of 96, 90, 92, 94 %: each of the last two is better than the one before. Better than the "
    "best?",
    "Count the epochs since the best one so far. Those between may rise and fall.",
    "`len(accuracies) - 1 - np.argmax(accuracies) >= patience`",
)
def _in_a_row(accuracies, patience):
    worse = 0
    for before, after in zip(accuracies[:-1], accuracies[1:], strict=True):
        worse = worse + 1 if after <= before else 0
    return worse >= patience


@should_stop.mistake(
    "one epoch too late",
    "Patience 1, and the last epoch brought nothing new: stop, or go on?",
    "Count the epochs after the best one. When there are as many as the patience, it is time.",
    "`>=` instead of `>`.",
)
def _too_late(accuracies, patience):
    return len(accuracies) - 1 - int(np.argmax(accuracies)) > patience


@should_stop.mistake(
    "one epoch too early",
    "The last epoch is the best: how many epochs have passed since?",
    "Places are counted from 0: the last of n epochs has the number n - 1.",
    "`len(accuracies) - 1 - np.argmax(accuracies) >= patience`",
)
def _too_early(accuracies, patience):
    return len(accuracies) - int(np.argmax(accuracies)) >= patience


@should_stop.mistake(
    "the smallest instead of the largest",
    "Is 90 % better than 95 %?",
    "A loss should fall, an accuracy should rise. You look for the lowest accuracy.",
    "`np.argmax(accuracies)`",
)
def _smallest(accuracies, patience):
    return len(accuracies) - 1 - int(np.argmin(accuracies)) >= patience


@should_stop.mistake(
    "only two epochs are compared",
    "Between the two epochs that you compare, may there have been a better one?",
    "You look at the last epoch and at the one `patience` epochs before. The best may be another.",
    "Find the best epoch with `np.argmax(accuracies)`, and count the epochs since.",
)
def _two_epochs(accuracies, patience):
    return len(accuracies) > patience and accuracies[-1] <= accuracies[-1 - patience]


@should_stop.mistake(
    "an equal accuracy counts as a new best",
    "95, 95, 95 %: has it grown?",
    "Only more is better. An epoch that equals the best one has brought nothing.",
    "`np.argmax` finds the first of equal values: count from there.",
)
def _ties(accuracies, patience):
    last_best = len(accuracies) - 1 - int(np.argmax(accuracies[::-1]))
    return len(accuracies) - 1 - last_best >= patience


@should_stop.mistake(
    "patience counts all epochs",
    "Your run ends after `patience` epochs, however well it goes. Is that what you want?",
    "Patience begins anew with each new best epoch.",
    "Count from the best epoch: `len(accuracies) - 1 - np.argmax(accuracies)`.",
)
def _all_epochs(accuracies, patience):
    return len(accuracies) >= patience


# 5.8 Into the library's network -----------------------------------------------------------------------------


def _trained():
    return {"a network of 6-4-3": (_arrays(20),), "another one": (_arrays(21, 2.0),)}


def _what_it_says(network, parameters):
    """What a network gives for some images, itself and by what `save` would write."""
    images = np.random.default_rng(22).random((5, 6), np.float32)
    return {
        "layers": list(network.layers),
        "activation": network.activation,
        "probabilities": network.probabilities(images),
        "probabilities of a copy": network.copy().probabilities(images),
    }


@exercise(
    "5.8",
    cases=_trained,
    result=_what_it_says,
    tested="layers, activation function, and the probabilities for five images",
    hints=(
        "Three things make a network: its layers, its activation function, and the numbers in it.",
        "Make a `Network` of the right layers, then copy each of your arrays into its own: weights into "
        "`network.weights`, biases into `network.biases`.",
        "`network.weights[i][:] = parameters[2 * i]` and `network.biases[i][:] = parameters[2 * i + 1]` "
        "for `i` in 0 and 1.",
    ),
)
def into_network(parameters):
    """A `Network` that holds `parameters` [weights, biases, weights, biases]."""
    weights, biases = parameters[::2], parameters[1::2]
    network = Network([len(weights[0]), *(len(b) for b in biases)])
    for i in range(len(weights)):
        network.weights[i][:] = weights[i]
        network.biases[i][:] = biases[i]
    return network


def _make(parameters, activation="relu"):
    return Network([len(parameters[0]), *(len(b) for b in parameters[1::2])], activation=activation)


@into_network.mistake(
    "a fresh network",
    "Where do your trained numbers go?",
    "`Network(...)` makes a network with weights drawn at random. What you have learned is not in it yet.",
    "`network.weights[i][:] = parameters[2 * i]`, and the same for the biases.",
)
def _fresh(parameters):
    return _make(parameters)


@into_network.mistake(
    "always 784-100-10",
    "The check hands over a network of 6-4-3. Which layers do you make?",
    "The widths stand in the shapes: weights are (n_in, n_out), biases (n_out,).",
    "`Network([len(parameters[0]), len(parameters[1]), len(parameters[3])])`",
)
def _fixed_layers(parameters):
    network = Network([784, 100, 10])
    network.weights[0][:] = parameters[0]
    return network


@into_network.mistake(
    "the biases are missing",
    "How many arrays are in `parameters`, and how many did you copy?",
    "The biases stand at the odd places. Left alone, they are 0 in the new network.",
    "`network.biases[i][:] = parameters[2 * i + 1]`",
)
def _no_biases(parameters):
    network = _make(parameters)
    for i in range(2):
        network.weights[i][:] = parameters[2 * i]
    return network


@into_network.mistake(
    "another activation function",
    "With which function did you train, and which one did you name?",
    "Your network was trained with ReLU units. With sigmoid units the same weights mean something else.",
    '`Network([...])` takes ReLU when you name none; or say `activation="relu"`.',
)
def _sigmoid(parameters):
    network = _make(parameters, "sigmoid")
    for i in range(2):
        network.weights[i][:] = parameters[2 * i]
        network.biases[i][:] = parameters[2 * i + 1]
    return network


@into_network.mistake(
    "the name is to change, not the numbers",
    "Do you want to replace the arrays, or to fill those that are there?",
    "`network.weights = ...` would make the name point to your arrays, while the network's own memory, "
    "`network.parameters`, keeps the random numbers it began with. So the library refuses it.",
    "Copy into the arrays: `network.weights[i][:] = ...`, with `[:]`.",
)
def _rebound(parameters):
    network = _make(parameters)
    network.weights = tuple(parameters[::2])
    network.biases = tuple(parameters[1::2])
    return network


@into_network.mistake(
    "an entry of a tuple cannot be replaced",
    "`network.weights[0] = ...` replaces an entry. Do you want that, or to fill the array that is there?",
    "`network.weights` is a tuple: its arrays stay where they are, but their numbers may change.",
    "`network.weights[i][:] = ...`, with `[:]`.",
)
def _replaced(parameters):
    network = _make(parameters)
    network.weights[0] = parameters[0]
    return network
