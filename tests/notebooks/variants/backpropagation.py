"""Right answers to the exercises of notebook 4 in other words than the reference: each must be accepted."""

import numpy as np


def slope_in_steps(loss, w, h):
    left, right = w - h, w + h
    return (loss(right) - loss(left)) / (right - left)


def slope_mean_of_sides(loss, w, h):
    here = loss(w)
    return ((loss(w + h) - here) / h + (here - loss(w - h)) / h) / 2


def slope_half_step(loss, w, h):
    return (loss(w + h / 2) - loss(w - h / 2)) / h


def chain_in_steps(x, w, y):
    error = w * x - y
    by_error = 2 * error
    return by_error * x


def chain_expanded(x, w, y):
    return 2 * x**2 * w - 2 * x * y


def chain_other_sign(x, w, y):
    return 2 * (y - w * x) * -x


def sigmoid_slope_expanded(a):
    return a - a**2


def sigmoid_slope_multiply(a):
    return np.multiply(1 - a, a)


def sigmoid_slope_by_z(a):
    return 0.25 - (a - 0.5) ** 2


def relu_slope_bool(a):
    return a > 0


def relu_slope_where(a):
    return np.where(a <= 0, 0, 1)


def relu_slope_sign(a):
    return np.sign(a)


def relu_slope_copy(a):
    slope = np.zeros_like(a)
    slope[a > 0] = 1
    return slope


def output_delta_copy(probabilities, labels):
    delta = probabilities.copy()
    delta[np.arange(len(labels)), labels] -= 1
    return delta / len(labels)


def output_delta_loop(probabilities, labels):
    delta = np.array(probabilities)
    for i, label in enumerate(labels):
        delta[i, label] -= 1.0
    delta /= len(delta)
    return delta


def output_delta_equal(probabilities, labels):
    targets = labels[:, None] == np.arange(probabilities.shape[1])
    return probabilities / len(labels) - targets / len(labels)


def output_delta_softmax_jacobian(probabilities, labels):
    rows = []
    for p, label in zip(probabilities, labels, strict=True):
        by_p = np.zeros(len(p))
        by_p[label] = -1 / p[label]
        rows.append((np.diag(p) - np.outer(p, p)) @ by_p)
    return np.array(rows) / len(labels)


def weights_gradient_loop(a, delta):
    total = np.zeros((a.shape[1], delta.shape[1]))
    for i in range(len(a)):
        total += np.outer(a[i], delta[i])
    return total


def weights_gradient_turned(a, delta):
    return (delta.T @ a).T


def weights_gradient_einsum(a, delta):
    return np.einsum("ni,no->io", a, delta)


def weights_gradient_table(a, delta):
    return (a[:, :, None] * delta[:, None, :]).sum(axis=0)


def biases_gradient_loop(delta):
    total = np.zeros(delta.shape[1])
    for row in delta:
        total += row
    return total


def biases_gradient_ones(delta):
    return np.ones(len(delta)) @ delta


def biases_gradient_builtin(delta):
    return sum(delta)


def hidden_delta_where(delta, weights, a):
    return np.where(a > 0, delta @ weights.T, 0)


def hidden_delta_loop(delta, weights, a):
    back = np.zeros(a.shape)
    for i in range(len(a)):
        for j in range(a.shape[1]):
            if a[i, j] > 0:
                back[i, j] = (delta[i] * weights[j]).sum()
    return back


def hidden_delta_turned(delta, weights, a):
    back = (weights @ delta.T).T
    back[a == 0] = 0
    return back


def hidden_delta_in_place(delta, weights, a):
    back = np.dot(delta, weights.transpose())
    back *= np.sign(a)
    return back


def backward_append(activations, weights, labels):
    delta = output_delta_copy(activations[-1], labels)
    by_weights, by_biases = [], []
    for i in range(len(weights) - 1, -1, -1):
        by_weights.append(activations[i].T @ delta)
        by_biases.append(delta.sum(axis=0))
        delta = np.where(activations[i] > 0, delta @ weights[i].T, 0)  # once too often, which does no harm
    return by_weights[::-1], by_biases[::-1]


def backward_mean_at_the_end(activations, weights, labels):
    n, last = len(labels), len(weights) - 1
    by_weights, by_biases = [None] * len(weights), [None] * len(weights)
    delta = n * output_delta_loop(activations[-1], labels)
    for i in reversed(range(len(weights))):
        if i < last:
            delta = hidden_delta_loop(delta, weights[i + 1], activations[i + 1])
        by_weights[i], by_biases[i] = activations[i].T @ delta / n, delta.mean(axis=0)
    return tuple(by_weights), tuple(by_biases)


def backward_deltas_first(activations, weights, labels):
    deltas = [output_delta_equal(activations[-1], labels)]
    for w, a in zip(weights[:0:-1], activations[-2:0:-1], strict=True):
        deltas.insert(0, hidden_delta_turned(deltas[0], w, a))
    pairs = list(zip(activations[:-1], deltas, strict=True))
    return [[a.T @ delta for a, delta in pairs], [delta.sum(axis=0) for delta in deltas]]


def numerical_gradient_put_back(loss, w, h):
    w, gradient = w.copy(), np.zeros_like(w)
    for place in np.ndindex(w.shape):
        before = w[place]
        w[place] = before + h
        up = loss(w)
        w[place] = before - h
        down = loss(w)
        w[place] = before
        gradient[place] = (up - down) / (2 * h)
    return gradient


def numerical_gradient_flat(loss, w, h):
    slopes = []
    for step in np.eye(w.size) * h:
        step = step.reshape(w.shape)
        slopes.append((loss(w + step) - loss(w - step)) / (2 * h))
    return np.array(slopes).reshape(w.shape)


def numerical_gradient_in_the_original(loss, w, h):
    gradient = np.empty(w.shape)
    for i in range(w.size):
        before = w.flat[i]
        w.flat[i] = before + h
        gradient.flat[i] = loss(w)
        w.flat[i] = before - h
        gradient.flat[i] -= loss(w)
        w.flat[i] = before
    return gradient / (2 * h)


def output_delta_ten(probabilities, labels):
    return (probabilities - np.eye(10)[labels]) / len(labels)


def backward_ten(activations, weights, labels):
    delta, by_weights, by_biases = output_delta_ten(activations[-1], labels), [], []
    for i in reversed(range(len(weights))):
        by_weights.insert(0, activations[i].T @ delta)
        by_biases.insert(0, delta.sum(axis=0))
        delta = (delta @ weights[i].T) * (activations[i] > 0)
    return by_weights, by_biases


VARIANTS = {
    "slope": [slope_in_steps, slope_mean_of_sides, slope_half_step],
    "chain": [chain_in_steps, chain_expanded, chain_other_sign],
    "sigmoid_slope": [sigmoid_slope_expanded, sigmoid_slope_multiply, sigmoid_slope_by_z],
    "relu_slope": [relu_slope_bool, relu_slope_where, relu_slope_sign, relu_slope_copy],
    "output_delta": [
        output_delta_copy,
        output_delta_loop,
        output_delta_equal,
        output_delta_softmax_jacobian,
        output_delta_ten,
    ],
    "weights_gradient": [
        weights_gradient_loop,
        weights_gradient_turned,
        weights_gradient_einsum,
        weights_gradient_table,
    ],
    "biases_gradient": [biases_gradient_loop, biases_gradient_ones, biases_gradient_builtin],
    "hidden_delta": [hidden_delta_where, hidden_delta_loop, hidden_delta_turned, hidden_delta_in_place],
    "backward": [backward_append, backward_mean_at_the_end, backward_deltas_first, backward_ten],
    "numerical_gradient": [
        numerical_gradient_put_back,
        numerical_gradient_flat,
        numerical_gradient_in_the_original,
    ],
    "broken": [{"A", "C", "E"}, ["c", "a", "e"], ("E", "A", "C")],
}
