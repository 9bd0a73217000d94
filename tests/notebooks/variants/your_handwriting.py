"""Other right answers to the exercises of notebook 8: the check must take each of them."""

import numpy as np


def box_stacked(strokes):
    points = np.vstack(strokes)
    return np.min(points, axis=0), np.max(points, axis=0)


def box_stroke_by_stroke(strokes):
    low = np.min([stroke.min(axis=0) for stroke in strokes], axis=0)
    return low, np.max([stroke.max(axis=0) for stroke in strokes], axis=0)


def box_in_a_loop(strokes):
    xs = [x for stroke in strokes for x, _ in stroke]
    ys = [y for stroke in strokes for _, y in stroke]
    return (min(xs), min(ys)), (max(xs), max(ys))


def box_by_column(strokes):
    x, y = np.concatenate(strokes).T
    return [np.array([x.min(), y.min()]), np.array([x.max(), y.max()])]


def fit_in_a_loop(strokes, size):
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    side = max(high[0] - low[0], high[1] - low[1])
    fitted = []
    for stroke in strokes:
        moved = stroke - (low + high) / 2
        if side:
            moved = moved * (size / side)
        fitted.append(moved + 14)
    return fitted


def fit_from_the_corner(strokes, size):
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = size / max(max(high - low), 1e-9)
    rest = 14 - (high - low) * scale / 2
    return tuple((stroke - low) * scale + rest for stroke in strokes)


def fit_by_cases(strokes, size):
    low, high = box_stacked(strokes)
    if np.all(low == high):
        return [np.full(stroke.shape, 14.0) for stroke in strokes]
    middle = np.mean([low, high], axis=0)
    return [14 + size * (stroke - middle) / np.max(high - low) for stroke in strokes]


def ink_minimum(distance, pen_width, softness):
    return np.minimum(np.maximum((pen_width / 2 + softness / 2 - distance) / softness, 0), 1)


def ink_where(distance, pen_width, softness):
    inner, outer = pen_width / 2 - softness / 2, pen_width / 2 + softness / 2
    between = (outer - distance) / softness
    return np.where(distance <= inner, 1.0, np.where(distance >= outer, 0.0, between))


def ink_interp(distance, pen_width, softness):
    return np.interp(distance, [(pen_width - softness) / 2, (pen_width + softness) / 2], [1, 0])


def mass_grid(image):
    if not image.any():
        return 14, 14
    y, x = np.mgrid[:28, :28]
    return (x * image).sum() / image.sum(), (y * image).sum() / image.sum()


def mass_average(image):
    if image.max() == 0:
        return np.array([14.0, 14.0])
    at = range(28)
    return np.array([np.average(at, weights=image.sum(axis=k)) for k in (0, 1)])


def mass_in_a_loop(image):
    x = y = mass = 0.0
    for row in range(28):
        for column in range(28):
            mass += image[row, column]
            x += column * image[row, column]
            y += row * image[row, column]
    return [x / mass, y / mass] if mass > 0 else [14, 14]


def mass_double_precision(image):
    ink = image.astype(np.float64)
    total = ink.sum()
    if total == 0:
        return 14.0, 14.0
    return np.arange(28) @ ink.sum(axis=0) / total, np.arange(28) @ ink.sum(axis=1) / total


def shift_roll_and_blank(images, right, down):
    moved = np.empty_like(images)
    for i in range(len(images)):
        image = np.roll(images[i], (down[i], right[i]), axis=(0, 1))
        rows, columns = np.arange(28) - down[i], np.arange(28) - right[i]
        image[(rows < 0) | (rows > 27)] = 0
        image[:, (columns < 0) | (columns > 27)] = 0
        moved[i] = image
    return moved


def shift_by_pixel(images, right, down):
    moved = np.zeros_like(images)
    for i in range(len(images)):
        for row in range(28):
            for column in range(28):
                r, c = row - down[i], column - right[i]
                if 0 <= r < 28 and 0 <= c < 28:
                    moved[i, row, column] = images[i, r, c]
    return moved


def shift_pad_a_little(images, right, down):
    margin = max(np.abs(right).max(), np.abs(down).max())
    wide = np.pad(images, ((0, 0), (margin, margin), (margin, margin)))
    cut = []
    for image, r, d in zip(wide, right, down, strict=True):
        cut.append(image[margin - d :, margin - r :][:28, :28])
    return np.array(cut)


def turn_by_matrix(degrees):
    angle = np.deg2rad(degrees)
    back = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])  # (2, 2, n)
    grid = np.stack(np.meshgrid(np.arange(28) - 13.5, np.arange(28) - 13.5))  # (2, 28, 28): x, y
    return np.einsum("ijn,jrc->inrc", back, grid) + 13.5


def turn_in_a_loop(degrees):
    y, x = np.mgrid[:28, :28] - 13.5
    xs, ys = [], []
    for d in degrees:
        a = d * np.pi / 180
        xs.append(13.5 + np.cos(a) * x + np.sin(a) * y)
        ys.append(13.5 - np.sin(a) * x + np.cos(a) * y)
    return np.array(xs), np.array(ys)


def turn_complex(degrees):
    y, x = np.mgrid[:28, :28] - 13.5
    z = (x + 1j * y) * np.exp(-1j * np.radians(degrees))[:, None, None]
    return z.real + 13.5, z.imag + 13.5


def many_from_the_whole(n, share):
    return int(n / (1 - share)) - n


def many_upwards(n, share):
    return int(np.ceil(n * share / (1 - share)))


def many_counted(n, share):
    drawn = 0
    while drawn / (n + drawn) < share - 1e-6:
        drawn += 1
    return drawn


VARIANTS = {
    "bounding_box": [box_stacked, box_stroke_by_stroke, box_in_a_loop, box_by_column],
    "fit": [fit_in_a_loop, fit_from_the_corner, fit_by_cases],
    "ink": [ink_minimum, ink_where, ink_interp],
    "centre_of_mass": [mass_grid, mass_average, mass_in_a_loop, mass_double_precision],
    "shift_batch": [shift_roll_and_blank, shift_by_pixel, shift_pad_a_little],
    "turn": [turn_by_matrix, turn_in_a_loop, turn_complex],
    "how_many": [many_from_the_whole, many_upwards, many_counted],
}
