"""Right answers to the exercises of the bug museum in other words than the reference."""

import numpy as np

FOUR = ["output biases", "output weights", "hidden biases", "hidden weights"]


def agreement_dot(one, other):
    product = squares_one = squares_other = 0
    for a, b in zip(one, other, strict=True):
        product += (a * b).sum()
        squares_one += (a**2).sum()
        squares_other += (b**2).sum()
    return product / np.sqrt(squares_one * squares_other)


def agreement_unit_vectors(one, other):
    a, b = np.hstack([x.flatten() for x in one]), np.hstack([x.flatten() for x in other])
    return np.dot(a / np.linalg.norm(a), b / np.linalg.norm(b))


def agreement_law_of_cosines(one, other):
    a, b = (np.concatenate([x.reshape(-1) for x in arrays]) for arrays in (one, other))
    return (a @ a + b @ b - (a - b) @ (a - b)) / (2 * np.sqrt((a @ a) * (b @ b)))


def combine_average(gradients, sizes):
    return np.average(gradients, axis=0, weights=sizes)


def combine_loop(gradients, sizes):
    total, seen = np.zeros_like(gradients[0]), 0
    for gradient, size in zip(gradients, sizes, strict=True):
        total += size * gradient
        seen += size
    return total / seen


def combine_running(gradients, sizes):
    mean, seen = 0.0, 0
    for gradient, size in zip(gradients, sizes, strict=True):
        seen += size
        mean = mean + (gradient - mean) * size / seen
    return mean


VARIANTS = {
    "wrong_parts": [
        {"A": "hidden weights", "B": ["hidden weights"], "C": FOUR[::2], "D": FOUR, "E": []},
        {"A": ("Hidden weights",), "B": {"hidden weights"}, "C": set(FOUR[::2]), "D": tuple(FOUR), "E": ()},
        {"A": "hidden_weights", "B": {"hidden_weights"}, "C": FOUR[::2], "D": FOUR, "E": {}},
    ],
    "guilty": [{"A": 2, "B": 3, "C": [6, 3], "D": 4}, {"A": [2], "B": {3}, "C": (3, 6), "D": {4}}],
    "agreement": [agreement_dot, agreement_unit_vectors, agreement_law_of_cosines],
    "combine": [combine_average, combine_loop, combine_running],
}
