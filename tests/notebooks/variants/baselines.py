"""Right answers to the exercises of notebook 2, other than the solutions."""

import numpy as np


def accuracy_counted(predicted, labels):
    right = 0
    for p, label in zip(predicted, labels, strict=True):
        if p == label:
            right += 1
    return right / len(labels)


def accuracy_sum(predicted, labels):
    return np.sum(predicted == labels) / len(predicted)


def mean_digits_loop(images, labels):
    means = np.zeros((10, images.shape[1]))
    for digit in range(10):
        chosen = images[labels == digit]
        for image in chosen:
            means[digit] += image
        means[digit] /= len(chosen)
    return means


def mean_digits_product(images, labels):
    one_hot = np.eye(10)[labels]
    return one_hot.T @ images / one_hot.sum(axis=0)[:, None]


def mean_digits_other_axis(images, labels):
    return np.stack([images[labels == d].mean(axis=0) for d in range(10)], axis=1).T


def mean_digits_vstack(images, labels):
    return np.vstack([np.average(images[np.where(labels == d)], axis=0) for d in range(10)])


def l1_loops(images, means):
    distances = np.zeros((len(images), len(means)))
    for i in range(len(images)):
        for j in range(len(means)):
            distances[i, j] = sum(abs(a - b) for a, b in zip(images[i], means[j], strict=True))
    return distances


def l1_one_loop(images, means):
    return np.stack([np.abs(images - mean).sum(axis=1) for mean in means], axis=1)


def l1_other_order(images, means):
    return np.abs(means[:, None] - images).sum(axis=-1).T


def l1_in_place(images, means):
    difference = images[:, None] - means
    np.abs(difference, out=difference)
    return np.einsum("ijk->ij", difference)


def l2_norm(images, means):
    return np.linalg.norm(images[:, None] - means, axis=2)


def l2_one_loop(images, means):
    return np.array([np.sqrt(((images - mean) ** 2).sum(axis=1)) for mean in means]).T


def l2_expanded(images, means):
    squares = (images**2).sum(axis=1)[:, None] - 2 * images @ means.T + (means**2).sum(axis=1)
    return np.sqrt(np.maximum(squares, 0))


def l2_power(images, means):
    return ((images[:, None] - means) ** 2).sum(axis=2) ** 0.5


def worst_pair_loops(matrix):
    best, pair = -1, None
    for a in range(10):
        for b in range(a):
            if matrix[a, b] + matrix[b, a] > best:
                best, pair = matrix[a, b] + matrix[b, a], (a, b)
    return pair


def worst_pair_triangle(matrix):
    return divmod(int(np.triu(matrix + matrix.T, 1).argmax()), 10)


def worst_pair_array(matrix):
    both = (matrix + matrix.T) * (1 - np.eye(10))
    return np.argwhere(both == both.max())[0]


def mean_digits_ten(images, labels):
    means = np.zeros((10, 784))
    for digit in range(10):
        means[digit] = images[labels == digit].mean(axis=0)
    return means


def l1_distances_sizes(images, means):
    return np.abs(images.reshape(len(images), 1, 784) - means.reshape(1, 10, 784)).sum(axis=2)


def l2_distances_sizes(images, means):
    return np.sqrt(((images.reshape(-1, 1, 784) - means.reshape(1, 10, 784)) ** 2).sum(axis=-1))


VARIANTS = {
    "accuracy": [accuracy_counted, accuracy_sum],
    "mean_digits": [
        mean_digits_loop,
        mean_digits_product,
        mean_digits_other_axis,
        mean_digits_vstack,
        mean_digits_ten,
    ],
    "l1_distances": [l1_loops, l1_one_loop, l1_other_order, l1_in_place, l1_distances_sizes],
    "l2_distances": [l2_norm, l2_one_loop, l2_expanded, l2_power, l2_distances_sizes],
    "worst_pair": [worst_pair_loops, worst_pair_triangle, worst_pair_array],
}
