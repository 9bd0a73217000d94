"""Right answers to the exercises of notebook 3 in other words than the reference: each must be accepted."""

import math

import numpy as np


def neuron_loop(x, w, b):
    score = b
    for i in range(len(x)):
        score += x[i] * w[i]
    return score


def neuron_sum(x, w, b):
    return b + np.sum(w * x)


def neuron_dot(x, w, b):
    return np.dot(w, x) + b


def layer_loops(x, weights, biases):
    z = np.zeros((len(x), weights.shape[1]))
    for i in range(len(x)):
        for j in range(weights.shape[1]):
            z[i, j] = np.sum(x[i] * weights[:, j]) + biases[j]
    return z


def layer_transposed(x, weights, biases):
    return (weights.T @ x.T + biases[:, None]).T


def layer_einsum(x, weights, biases):
    return np.einsum("ni,io->no", x, weights) + biases.reshape(1, -1)


def layer_in_place(x, weights, biases):
    z = np.dot(x, weights)
    z += biases
    return z


def layer_broadcast(x, weights, biases):
    return (x[:, :, None] * weights).sum(axis=1) + biases


def sigmoid_by_cases(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def sigmoid_clipped(z):
    return 1 / (1 + np.exp(-np.clip(z, -500, 500)))


def sigmoid_masks(z):
    a = np.empty_like(z)
    up = z >= 0
    a[up] = 1 / (1 + np.exp(-z[up]))
    e = np.exp(z[~up])
    a[~up] = e / (1 + e)
    return a


def relu_mask(z):
    return z * (z > 0)


def relu_where(z):
    return np.where(z < 0, 0, z)


def relu_copy(z):
    z = z.copy()
    z[z <= 0] = 0
    return z


def relu_half(z):
    return (z + np.abs(z)) / 2


def softmax_loop(logits):
    rows = []
    for row in logits:
        e = np.exp(row - row.max())
        rows.append(e / e.sum())
    return np.array(rows)


def softmax_transposed(logits):
    turned = logits.T
    e = np.exp(turned - turned.max(axis=0))
    return (e / e.sum(axis=0)).T


def softmax_log(logits):
    shifted = logits - np.max(logits, axis=-1)[:, None]
    return np.exp(shifted - np.log(np.exp(shifted).sum(axis=-1))[:, None])


def softmax_in_own_array(logits):
    p = logits.copy()
    p -= p.max(axis=1).reshape(-1, 1)
    np.exp(p, out=p)
    p /= p.sum(axis=1).reshape(-1, 1)
    return p


def cross_entropy_loop(probabilities, labels):
    total = 0.0
    for i in range(len(labels)):
        total -= math.log(probabilities[i, labels[i]])
    return total / len(labels)


def cross_entropy_one_hot(probabilities, labels):
    targets = np.zeros_like(probabilities)
    targets[np.arange(len(labels)), labels] = 1
    return -np.sum(targets * np.log(probabilities)) / len(labels)


def cross_entropy_eye(probabilities, labels):
    right = (probabilities * np.eye(probabilities.shape[1])[labels]).sum(axis=1)
    return np.mean(np.log(1 / right))


def cross_entropy_clipped(probabilities, labels):
    right = np.take_along_axis(probabilities, labels[:, None], axis=1)
    return float(np.mean(-np.log(np.clip(right, 1e-12, 1))))


def forward_zip(x, weights, biases):
    activations = [x]
    for w, b in zip(weights[:-1], biases[:-1], strict=True):
        activations.append(relu_mask(activations[-1] @ w + b))
    return [*activations, softmax_loop(activations[-1] @ weights[-1] + biases[-1])]


def forward_recursive(x, weights, biases):
    z = x @ weights[0] + biases[0]
    if len(weights) == 1:
        return [x, softmax_transposed(z)]
    return [x, *forward_recursive(np.maximum(0, z), weights[1:], biases[1:])]


def forward_tuple(x, weights, biases):
    activations, a, i = (x,), x, 0
    while i < len(weights):
        a = a @ weights[i] + biases[i]
        a = relu_where(a) if i + 1 < len(weights) else softmax_log(a)
        activations += (a,)
        i += 1
    return activations


def cross_entropy_ten(probabilities, labels):
    return -np.sum(np.eye(10)[labels] * np.log(probabilities)) / len(labels)


VARIANTS = {
    "neuron": [neuron_loop, neuron_sum, neuron_dot],
    "shapes": [
        {"x * x": [20, 784], "x * w": "Error", "x @ w": (20, 10), "w @ x": "error", "x @ w + b": (20, 10)}
        | {"w.T @ x.T": (10, 20)},
    ],
    "layer": [layer_loops, layer_transposed, layer_einsum, layer_in_place, layer_broadcast],
    "sigmoid": [sigmoid_by_cases, sigmoid_clipped, sigmoid_masks],
    "relu": [relu_mask, relu_where, relu_copy, relu_half],
    "softmax": [softmax_loop, softmax_transposed, softmax_log, softmax_in_own_array],
    "cross_entropy": [
        cross_entropy_loop,
        cross_entropy_one_hot,
        cross_entropy_eye,
        cross_entropy_clipped,
        cross_entropy_ten,
    ],
    "untrained_loss": [2.3, 2.302585, -math.log(1 / 10), np.float32(2.31)],
    "forward": [forward_zip, forward_recursive, forward_tuple],
}
