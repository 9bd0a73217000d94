"""Other right answers to the exercises of notebook 9: the check must take each of them."""

import numpy as np

from hwd_lib.preprocessing import preprocess


def read_forward(strokes, network):
    return network.forward(preprocess(strokes).reshape(1, -1))[-1][0]


def read_ravel(strokes, network):
    image = preprocess(strokes)
    batch = np.array([image.ravel()])
    return network.probabilities(batch).ravel()


def read_none(strokes, network):
    (probabilities,) = network.probabilities(preprocess(strokes).flatten()[None])
    return list(probabilities)


def verdict_by_cases(probabilities, empty, at_least):
    best = np.argmax(probabilities)
    if empty:
        answer = ""
    elif probabilities[best] < at_least:
        answer = "?"
    else:
        answer = f"{best}"
    return answer


def verdict_sorted(probabilities, empty, at_least):
    order = sorted(range(10), key=lambda digit: probabilities[digit])
    return "" if empty else "?" if probabilities[order[-1]] < at_least else str(order[-1])


def verdict_table(probabilities, empty, at_least):
    sure = max(probabilities) >= at_least
    return ["?", "0123456789"[int(probabilities.argmax())]][int(sure)] * (not empty)


def others_choice(own, replay, n, rng):
    at = rng.choice(len(replay.images), n, replace=False)
    return np.vstack([own.images, replay.images[at]]), np.append(own.labels, replay.labels[at])


def others_permutation(own, replay, n, rng):
    at = rng.permutation(len(replay.labels))[:n]
    images = np.concatenate([replay.images[at], own.images])
    labels = np.concatenate([replay.labels[at], own.labels])
    return images, labels


def others_shuffled(own, replay, n, rng):
    at = rng.integers(0, len(replay.labels), n)
    order = rng.permutation(n + len(own.labels))
    images = np.concatenate([own.images, replay.images[at]])[order]
    return [images, np.concatenate([own.labels, replay.labels[at]])[order]]


def counted_in_a_loop(before, after, labels):
    learned = forgotten = 0
    for b, a, label in zip(before, after, labels, strict=True):
        if b != label and a == label:
            learned += 1
        if b == label and a != label:
            forgotten += 1
    return learned, forgotten


def counted_by_sets(before, after, labels):
    was, now = set(np.flatnonzero(before == labels)), set(np.flatnonzero(after == labels))
    return [len(now - was), len(was - now)]


def counted_by_comparing(before, after, labels):
    gain = (after == labels).astype(int) - (before == labels).astype(int)
    return np.sum(gain == 1), np.sum(gain == -1)


VARIANTS = {
    "read_drawing": [read_forward, read_ravel, read_none],
    "verdict": [verdict_by_cases, verdict_sorted, verdict_table],
    "among_others": [others_choice, others_permutation, others_shuffled],
    "learned_and_forgotten": [counted_in_a_loop, counted_by_sets, counted_by_comparing],
}
