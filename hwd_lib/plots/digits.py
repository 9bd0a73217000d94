"""Digits, templates and the numbers of an image: arrays in, Axes out."""

import numpy as np
from matplotlib.patches import Rectangle

from hwd_lib.plots.showing import BLUE, DIVERGING, SIDE, VERMILION, axes, square, whole_numbers


def _grid(count, columns, cell, grid):
    if grid is not None:
        return np.ravel(grid)
    columns = min(columns, count)
    rows = -(-count // columns)
    grid = np.ravel(axes(cell * columns, 1.18 * cell * rows, columns, rows, squeeze=False))
    for ax in grid:
        ax.set_axis_off()
    return grid


def digits(images, titles=None, columns=10, cell=0.85, grid=None):
    """Show images (n, 784) or (n, 28, 28) of ink 0…1 side by side, with titles. Returns n or more Axes."""
    grid = _grid(len(images), columns, cell, grid)
    for i, image in enumerate(images):
        grid[i].imshow(square(np.asarray(image)), cmap="gray_r", vmin=0, vmax=1)
        grid[i].set(xticks=[], yticks=[])
        if titles is not None:
            grid[i].set_title(str(titles[i]), fontsize=9.5, loc="center")
    return grid


def templates(weights, titles=None, columns=5, cell=1.25, grid=None):
    """Show weights (784, n) or (n, 784) as n pictures on one scale: orange above 0, blue below.

    `titles` are 0, 1, … by default; False for none.
    """
    weights = np.asarray(weights)
    weights = weights.T if weights.shape[0] == SIDE * SIDE else weights  # (784, n) -> (n, 784)
    new, limit = grid is None, np.abs(weights).max() or 1
    grid = _grid(len(weights), columns, cell, grid)
    for i, template in enumerate(weights):
        shown = grid[i].imshow(square(template), cmap=DIVERGING, vmin=-limit, vmax=limit)
        if titles is not False:
            grid[i].set_title(str(i if titles is None else titles[i]), fontsize=9.5, loc="center")
        grid[i].set(xticks=[], yticks=[])
    if new:
        grid[0].figure.colorbar(shown, ax=list(grid), shrink=0.7, label="weight")
    return grid


def numbers(image, ax=None):
    """Show an image (h, w) of bytes 0…255 or ink 0…1 with the number in each pixel."""
    image = np.asarray(image)
    ax = ax or axes(0.36 * image.shape[1], 0.36 * image.shape[0])
    top = 255 if image.dtype == np.uint8 else 1
    ax.imshow(image, cmap="gray_r", vmin=0, vmax=top)
    for (row, column), value in np.ndenumerate(image):
        text = f"{value}" if top == 255 else f"{value:.1f}"
        ax.text(
            column,
            row,
            text,
            ha="center",
            va="center",
            fontsize=7,
            color="white" if value > top / 2 else "black",
        )
    ax.set(xlabel="column, pixels", ylabel="row, pixels")
    whole_numbers(ax.xaxis, ax.yaxis)
    return ax


def boxes(ink, boxes, titles=None, ax=None):
    """Show where ink (h, w) is, with a frame around each box (x, y, w, h) and a title above it."""
    h, w = ink.shape
    ax = ax or axes(6, 6 * h / w)
    ax.imshow(ink, cmap="gray_r", vmin=0, vmax=1)
    for i, (x, y, wide, high) in enumerate(boxes):
        left, top = x - 1.5, y - 1.5  # beside the ink, not on it
        ax.add_patch(Rectangle((left, top), wide + 2, high + 2, fill=False, color=VERMILION))
        title = str(i if titles is None else titles[i])
        ax.text(left, top - 1, title, color=BLUE, fontsize=11, va="bottom")
    ax.set_axis_off()
    return ax
