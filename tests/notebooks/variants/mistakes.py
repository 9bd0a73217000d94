"""Right answers to the exercises of notebook 7 in other words than the reference: each must be accepted."""

from collections import Counter

import numpy as np

from hwd_lib.network import softmax


def mistakes_by_sorting_pairs(probabilities, labels):
    found = []
    for i, row in enumerate(probabilities):
        if row.argmax() != labels[i]:
            found.append((row.max(), i))
    return [i for _, i in sorted(found, reverse=True)]


def mistakes_sort_first(probabilities, labels):
    order = probabilities.max(axis=1).argsort()[::-1]
    return order[probabilities[order].argmax(axis=1) != labels[order]]


def mistakes_with_where(probabilities, labels):
    predicted, sure = np.argmax(probabilities, 1), np.max(probabilities, 1)
    wrong = np.where(predicted != labels)[0]
    return wrong[np.argsort(sure[wrong])[::-1]]


def against_loop(answers, labels):
    return [i for i in range(len(labels)) if len(set(answers[:, i])) == 1 and answers[0, i] != labels[i]]


def against_extremes(answers, labels):
    agree = answers.min(axis=0) == answers.max(axis=0)
    return np.where(agree & (answers.max(axis=0) != labels))[0]


def against_spread(answers, labels):
    return np.flatnonzero((np.ptp(answers, axis=0) == 0) * (answers[-1] != labels))


def confusions_counter(labels, predicted, k):
    pairs = Counter((a, b) for a, b in zip(labels.tolist(), predicted.tolist(), strict=True) if a != b)
    return [(a, b, times) for (a, b), times in pairs.most_common(k)]


def confusions_matrix(labels, predicted, k):
    matrix = np.histogram2d(labels, predicted, bins=(range(11), range(11)))[0]
    matrix[np.arange(10), np.arange(10)] = 0
    found = []
    for _ in range(k):
        was, read = np.unravel_index(matrix.argmax(), matrix.shape)
        found.append([was, read, matrix[was, read]])
        matrix[was, read] = 0
    return found


def bin_loop(confidence, right, low, high):
    sure, yes = [], []
    for c, r in zip(confidence, right, strict=True):
        if low < c <= high:
            sure.append(c)
            yes.append(r)
    return np.mean(sure), np.mean(yes), len(sure)


def bin_by_sums(confidence, right, low, high):
    inside = np.logical_and(confidence > low, confidence <= high)
    n = np.count_nonzero(inside)
    return (confidence * inside).sum() / n, (right & inside).sum() / n, n


def bin_indices(confidence, right, low, high):
    places = np.flatnonzero((confidence > low) * (confidence <= high))
    return [confidence[places].mean(), np.mean(right[places].astype(float)), len(places)]


def error_average(confidence, accuracy, count):
    return np.average(np.abs(confidence - accuracy), weights=count)


def error_loop(confidence, accuracy, count):
    total = 0
    for c, a, n in zip(confidence, accuracy, count, strict=True):
        total += n * abs(c - a)
    return total / sum(count)


def error_dot(confidence, accuracy, count):
    return np.abs(accuracy - confidence) @ (count / count.sum())


def temperature_loop(logits, labels, temperatures):
    best, smallest = None, np.inf
    for t in temperatures:
        p = softmax(logits / t)[np.arange(len(labels)), labels]
        loss = -np.log(p).mean()
        if loss < smallest:
            best, smallest = t, loss
    return best


def temperature_min(logits, labels, temperatures):
    def loss(t):
        z = logits / t
        return (np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), labels]).sum()

    return min(temperatures, key=loss)


def gradient_matrices(activations, weights, digit):
    delta = np.tile(weights[-1][:, digit], (len(activations[0]), 1))
    for a, w in zip(activations[-2:0:-1], weights[-2::-1], strict=True):
        delta = np.where(a > 0, delta, 0) @ w.T
    return delta


def gradient_loop(activations, weights, digit):
    slopes = []
    for n in range(len(activations[0])):
        delta = np.eye(weights[-1].shape[1])[digit]
        for i in range(len(weights) - 1, -1, -1):
            delta = weights[i] @ delta
            if i:
                delta[activations[i][n] == 0] = 0
        slopes.append(delta)
    return np.array(slopes)


def gradient_effective_matrix(activations, weights, digit):
    rows = []
    for n in range(len(activations[0])):
        way = weights[0]
        for i in range(1, len(weights)):
            way = (way * np.sign(activations[i][n])) @ weights[i]
        rows.append(way[:, digit])
    return np.stack(rows)


def uphill_minimum(image, gradient, step):
    return np.minimum(np.maximum(image + gradient * step, 0), 1)


def uphill_masks(image, gradient, step):
    moved = image.copy()
    moved += step * gradient
    moved[moved < 0] = 0
    moved[moved > 1] = 1
    return moved


def exciting_reversed(hidden, unit, k):
    return hidden[:, unit].argsort()[::-1][:k]


def exciting_sorted(hidden, unit, k):
    return sorted(range(len(hidden)), key=lambda i: hidden[i, unit], reverse=True)[:k]


def input_gradient_ten(activations, weights, digit):
    delta = np.zeros((len(activations[0]), 10))
    delta[:, digit] = 1
    for i in range(len(weights) - 1, -1, -1):
        delta = delta @ weights[i].T
        if i > 0:
            delta = np.where(activations[i] > 0, delta, 0)
    return delta


VARIANTS = {
    "surest_mistakes": [mistakes_by_sorting_pairs, mistakes_sort_first, mistakes_with_where],
    "against_label": [against_loop, against_extremes, against_spread],
    "top_confusions": [confusions_counter, confusions_matrix],
    "one_bin": [bin_loop, bin_by_sums, bin_indices],
    "calibration_error": [error_average, error_loop, error_dot],
    "best_temperature": [temperature_loop, temperature_min],
    "input_gradient": [gradient_matrices, gradient_loop, gradient_effective_matrix, input_gradient_ten],
    "uphill": [uphill_minimum, uphill_masks],
    "most_exciting": [exciting_reversed, exciting_sorted],
}
