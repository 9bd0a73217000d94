"""Right answers to the exercises of notebook 1, other than the solutions."""

import struct

import numpy as np


def header_by_struct(raw):
    return struct.unpack(f">{raw[3]}I", raw[4 : 4 + 4 * raw[3]])


def header_by_hand(raw):
    lengths = []
    for axis in range(raw[3]):
        a, b, c, d = raw[4 + 4 * axis : 8 + 4 * axis]
        lengths.append(a * 256**3 + b * 256**2 + c * 256 + d)
    return lengths


def header_by_numpy(raw):
    return np.frombuffer(raw, ">u4", count=raw[3], offset=4)


def array_from_slice(raw):
    shape = header_by_struct(raw)
    return np.frombuffer(raw[4 + 4 * len(shape) :], dtype="uint8").reshape(shape)


def array_from_list(raw):
    return np.array(list(raw[4 + 4 * raw[3] :]), np.uint8).reshape(header_by_hand(raw))


def array_filled(raw):
    array = np.empty(header_by_struct(raw), np.uint8)
    array.flat = list(raw[4 + 4 * raw[3] :])
    return array


def ascii_loops(image):
    text = ""
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            if image[row, column] >= 128:
                text += "#"
            else:
                text += "."
        text += "\n"
    return text


def ascii_where(image):
    return "\n".join("".join(row) for row in np.where(image > 127, "#", "."))


def scale_ravel(images):
    return np.array([image.ravel() / np.float32(255) for image in images], np.float32)


def scale_in_place(images):
    flat = images.reshape(-1, 784).astype("float32")
    flat /= 255
    return flat


def scale_float64_first(images):
    return (images / 255).reshape(len(images), -1).astype(np.float32)


def one_hot_loop(labels):
    targets = np.zeros((len(labels), 10))
    for i, label in enumerate(labels):
        targets[i, label] = 1
    return targets


def one_hot_pairs(labels):
    targets = np.zeros((len(labels), 10), np.float32)
    targets[np.arange(len(labels)), labels] = 1
    return targets


def one_hot_compare(labels):
    return labels[:, np.newaxis] == np.arange(10)


def one_hot_by_columns(labels):
    return np.stack([labels == digit for digit in range(10)], axis=1).astype(float)


def split_first(images, labels, n_validation):
    n = n_validation
    return images[n:], labels[n:], images[:n], labels[:n]


def split_shuffled(images, labels, n_validation):
    order = np.random.default_rng().permutation(len(images))
    validation, train = order[:n_validation], order[n_validation:]
    return images[train], labels[train], images[validation], labels[validation]


def split_mask(images, labels, n_validation):
    is_train = np.arange(len(images)) < len(images) - n_validation
    return [images[is_train], labels[is_train], images[~is_train], labels[~is_train]]


VARIANTS = {
    "parse_header": [header_by_struct, header_by_hand, header_by_numpy],
    "bytes_to_array": [array_from_slice, array_from_list, array_filled],
    "ascii_digit": [ascii_loops, ascii_where],
    "scale": [scale_ravel, scale_in_place, scale_float64_first],
    "one_hot": [one_hot_loop, one_hot_pairs, one_hot_compare, one_hot_by_columns],
    "split": [split_first, split_shuffled, split_mask],
}
