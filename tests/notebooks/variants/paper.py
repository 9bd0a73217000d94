"""Other right answers to the exercises of notebook 10: the check must take each of them."""

from itertools import combinations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from hwd_lib.pictures import averaging


def otsu_running_sums(counts):
    levels = np.arange(len(counts))
    below, sums = np.cumsum(counts)[:-1], np.cumsum(counts * levels)[:-1]
    above, rest = counts.sum() - below, (counts * levels).sum() - sums
    with np.errstate(all="ignore"):
        scores = below * above * (sums / below - rest / above) ** 2
    return np.nan_to_num(scores, nan=0).argmax() + 1


def otsu_least_spread(counts):
    """The other side of it: the least variance within the two sides."""
    levels, best = np.arange(len(counts)), (np.inf, 0)
    for t in range(1, len(counts)):
        a, b = counts[:t], counts[t:]
        if a.sum() and b.sum():
            spread = sum(
                c @ (x - np.average(x, weights=c)) ** 2 for c, x in ((a, levels[:t]), (b, levels[t:]))
            )
            best = min(best, (spread, t))
    return best[1]


def otsu_shares(counts):
    shares = counts / counts.sum()
    best, where = 0, None
    for t in range(1, len(shares)):
        w0, w1 = sum(shares[:t]), sum(shares[t:])
        if w0 == 0 or w1 == 0:
            continue
        m0 = sum(i * shares[i] for i in range(t)) / w0
        m1 = sum(i * shares[i] for i in range(t, len(shares))) / w1
        if w0 * w1 * (m0 - m1) ** 2 > best:
            best, where = w0 * w1 * (m0 - m1) ** 2, t
    return where


def light_in_loops(grey, size):
    share = np.zeros(grey.shape)
    for y in range(0, grey.shape[0], size):
        for x in range(0, grey.shape[1], size):
            tile = grey[y : y + size, x : x + size]
            share[y : y + size, x : x + size] = (np.median(tile) - tile) / np.median(tile)
    return share


def light_kron(grey, size):
    h, w = grey.shape
    tiles = grey.reshape(h // size, size, -1, size).transpose(0, 2, 1, 3)
    paper = np.median(tiles.reshape(*tiles.shape[:2], -1), axis=-1)
    return 1 - grey / np.kron(paper, np.ones((size, size)))


def light_keepdims(grey, size):
    h, w = grey.shape
    tiles = grey.reshape(h // size, size, w // size, size)
    return (1 - tiles / np.median(tiles, axis=(1, 3), keepdims=True)).reshape(h, w)


def components_that_spread(ink):
    labels = np.arange(1, ink.size + 1).reshape(ink.shape) * ink
    while True:
        around = sliding_window_view(np.pad(labels, 1), (3, 3)).max(axis=(2, 3)) * ink
        if (around == labels).all():
            return np.unique(labels, return_inverse=True)[1].reshape(ink.shape)
        labels = around


def components_that_meet(ink):
    """Two ways through the page: numbers that meet are the same."""
    h, w = ink.shape
    labels, parent = np.zeros((h, w), int), [0]

    def root(n):
        while parent[n] != n:
            n = parent[n]
        return n

    for y in range(h):
        for x in range(w):
            if not ink[y, x]:
                continue
            near = {root(n) for n in labels[max(y - 1, 0) : y + 1, max(x - 1, 0) : x + 2].ravel() if n}
            labels[y, x] = min(near, default=len(parent))
            if not near:
                parent.append(len(parent))
            for n in near:
                parent[n] = min(near)
    return np.unique([root(n) for n in labels.ravel()], return_inverse=True)[1].reshape(h, w)


def components_breadth_first(ink):
    labels = np.where(ink, -1, 0)
    number = 0
    while (labels == -1).any():
        number += 1
        front = [tuple(np.argwhere(labels == -1)[0])]
        labels[front[0]] = number
        while front:
            y, x = front.pop(0)
            for dy in (-1, 0, 1):
                for dx in (-1, 0, 1):
                    v, u = y + dy, x + dx
                    if 0 <= v < ink.shape[0] and 0 <= u < ink.shape[1] and labels[v, u] == -1:
                        labels[v, u] = number
                        front.append((v, u))
    return labels


def boxes_by_any(labels):
    found = []
    for k in np.unique(labels):
        if k:
            x = np.flatnonzero((labels == k).any(axis=0))
            y = np.flatnonzero((labels == k).any(axis=1))
            found += [[x[0], y[0], x[-1] - x[0] + 1, y[-1] - y[0] + 1]]
    return np.array(found)


def boxes_argwhere(labels):
    return np.array(
        [
            [
                *np.argwhere(labels == k).min(axis=0)[::-1],
                *(np.ptp(np.argwhere(labels == k), axis=0) + 1)[::-1],
            ]
            for k in range(1, labels.max() + 1)
        ]
    )


def order_in_a_loop(boxes):
    middles = [y + h / 2 for x, y, w, h in boxes]
    step = np.median(boxes[:, 3]) / 2
    lines, before = [], None
    for i in sorted(range(len(boxes)), key=lambda i: middles[i]):
        if before is None or middles[i] - before > step:
            lines.append([])
        lines[-1].append(i)
        before = middles[i]
    return [sorted(line, key=lambda i: boxes[i][0]) for line in lines]


def order_with_numbers(boxes):
    middle = boxes[:, 1] + boxes[:, 3] // 2
    order = np.argsort(middle, kind="stable")
    line = np.zeros(len(boxes), int)
    line[order[1:]] = np.cumsum(np.diff(middle[order]) > np.median(boxes[:, 3]) / 2)
    at = np.lexsort((boxes[:, 0], line))
    return [at[line[at] == k] for k in range(line.max() + 1)]


def order_by_the_middle_of_x(boxes):
    boxes = np.asarray(boxes, float)
    middle = boxes[:, 1] + 0.5 * boxes[:, 3]
    lines = [[]]
    for i in middle.argsort():
        if lines[-1] and middle[i] - middle[lines[-1][-1]] > 0.5 * np.median(boxes[:, 3]):
            lines += [[]]
        lines[-1] += [int(i)]
    return tuple(tuple(sorted(line, key=lambda i: boxes[i, 0])) for line in lines)


def image_by_average(ink):
    h, w = ink.shape
    scale = 20 / max(h, w)
    new_h, new_w = max(1, round(h * scale)), max(1, round(w * scale))
    small = averaging(h, new_h) @ ink @ averaging(w, new_w).T
    y = np.average(range(new_h), weights=small.sum(axis=1))
    x = np.average(range(new_w), weights=small.sum(axis=0))
    top = min(max(round(14 - y), 0), 28 - new_h)
    left = min(max(round(14 - x), 0), 28 - new_w)
    return np.pad(small, ((top, 28 - new_h - top), (left, 28 - new_w - left)))


def image_float32(ink):
    h, w = ink.shape
    new_h, new_w = [max(1, int(np.rint(20 * n / max(h, w)))) for n in (h, w)]
    small = np.float32(averaging(h, new_h) @ ink.astype(float) @ averaging(w, new_w).T)
    rows, columns = np.mgrid[:new_h, :new_w]
    top = int(np.clip(np.rint(14 - (rows * small).sum() / small.sum()), 0, 28 - new_h))
    left = int(np.clip(np.rint(14 - (columns * small).sum() / small.sum()), 0, 28 - new_w))
    image = np.zeros((28, 28), np.float32)
    image[top:, left:][:new_h, :new_w] = small
    return image


def image_in_a_loop(ink):
    h, w = ink.shape
    new_h, new_w = max(1, round(h * 20 / max(h, w))), max(1, round(w * 20 / max(h, w)))
    small = averaging(h, new_h) @ ink @ averaging(w, new_w).T
    mass = x = y = 0
    for row in range(new_h):
        for column in range(new_w):
            mass += small[row, column]
            x += column * small[row, column]
            y += row * small[row, column]
    top, left = max(0, min(round(14 - y / mass), 28 - new_h)), max(0, min(round(14 - x / mass), 28 - new_w))
    image = np.zeros((28, 28))
    for row in range(new_h):
        image[top + row, left : left + new_w] = small[row]
    return image


def cost_in_a_loop(probabilities, wide, through):
    costs = []
    for p, w, t in zip(probabilities, wide, through, strict=True):
        costs.append(-np.log(max(max(p), 0.35)) + 1.7 * max(w - 0.5, 0) + 2 * t)
    return np.array(costs)


def cost_where(probabilities, wide, through):
    p = np.clip(np.max(probabilities, axis=1), 0.35, 1)
    return np.log(1 / p) + np.where(wide > 0.5, 1.7 * (wide - 0.5), 0) + through + through


def cheapest_from_the_right(costs, n):
    """What is left, from each place on: the other way round."""
    best = {n: (0, [])}
    for first in range(n - 1, -1, -1):
        ways = [
            (c + best[b][0], [(a, b), *best[b][1]]) for (a, b), c in costs.items() if a == first and b in best
        ]
        if ways:
            best[first] = min(ways)
    return best[0][1]


def cheapest_of_all(costs, n):
    """Every way to cut, one after the other."""
    found = []
    for k in range(n):
        for inner in combinations(range(1, n), k):
            ends = [0, *inner, n]
            chain = list(zip(ends, ends[1:], strict=False))
            if all(group in costs for group in chain):
                found.append((sum(costs[group] for group in chain), chain))
    return min(found)[1]


def cheapest_with_chains(costs, n):
    best = [(0, [])] + [None] * n
    for end in range(1, n + 1):
        for (first, last), price in costs.items():
            if last == end and best[first] is not None:
                total = best[first][0] + price
                if best[end] is None or total < best[end][0]:
                    best[end] = total, best[first][1] + [[first, end]]
    return best[n][1]


def cheapest_calls_itself(costs, n):
    known = {0: (0, ())}

    def way(end):
        if end not in known:
            known[end] = min(
                ((way(a)[0] + price, (*way(a)[1], (a, b))) for (a, b), price in costs.items() if b == end),
                default=(float("inf"), ()),
            )
        return known[end]

    return list(way(n)[1])


VARIANTS = {
    "otsu": [otsu_running_sums, otsu_least_spread, otsu_shares],
    "even_light": [light_in_loops, light_kron, light_keepdims],
    "components": [components_that_spread, components_that_meet, components_breadth_first],
    "boxes": [boxes_by_any, boxes_argwhere],
    "reading_order": [order_in_a_loop, order_with_numbers, order_by_the_middle_of_x],
    "to_28": [image_by_average, image_float32, image_in_a_loop],
    "cost": [cost_in_a_loop, cost_where],
    "cheapest": [cheapest_from_the_right, cheapest_of_all, cheapest_with_chains, cheapest_calls_itself],
}
