"""The figures of the course: arrays in, Axes out, one look, for colour-blind and blind readers too.

Figures are made without pyplot: it keeps a list of open figures for the whole process, which is of no use
here, and it must not be called from the threads in which widgets run their callbacks. Importing this module
sets the style.
"""

import base64
import io
from html import escape
from pathlib import Path

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from hwd_lib.png import QUICK, data_url, encode

STYLE = Path(__file__).with_name("hwd.mplstyle")
BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, YELLOW, BLACK = "#E69F00", "#56B4E9", "#F0E442", "#000000"
# Negative blue, zero white, positive orange: two colours that all eyes tell apart.
DIVERGING = LinearSegmentedColormap.from_list("hwd", ["#1F55C8", "#FFFFFF", "#BF3A0B"])
SIDE = 28  # pixels of an MNIST image

matplotlib.style.use(["default", STYLE])  # no setting of one's own, such as text.usetex, spoils a figure


# Showing ----------------------------------------------------------------------------------------------------


def axes(width=6, height=3, ncols=1, nrows=1, **options):
    """New Axes, or an array of them, in a figure of `width` x `height` inches; `options` for ``subplots``."""
    return Figure(figsize=(width, height)).subplots(nrows, ncols, **options)


def figure_of(drawn):
    """The figure of an Axes, of an array of Axes, or of itself."""
    if isinstance(drawn, Figure):
        return drawn
    return (drawn if isinstance(drawn, Axes) else np.ravel(drawn)[0]).figure


def png(drawn):
    """The picture of an Axes, an array of Axes or a Figure, as the bytes of a PNG file."""
    file = io.BytesIO()
    figure_of(drawn).savefig(file, format="png")
    return file.getvalue()


class Picture:
    """A picture with its alternative text, in the form that Jupyter asks for."""

    def __init__(self, drawn, alt):
        figure = figure_of(drawn)
        self.png, self.alt, self.width = png(figure), alt, round(figure.get_figwidth() * figure.dpi)

    def __repr__(self):
        return f"Picture: {self.alt}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        data = base64.b64encode(self.png).decode()
        # JupyterLab keeps the alternative text of an image/png to itself, so the page gets an <img>.
        html = (
            f"<img alt='{escape(self.alt)}' src='data:image/png;base64,{data}' "
            f"style='width: {self.width}px; max-width: 100%; background: white'>"
        )
        bundle = {"text/plain": repr(self), "text/html": html, "image/png": data}
        about = {"alt": self.alt, "width": self.width}
        return bundle, {"image/png": about, "text/html": {"alt": self.alt}}


def show(drawn, alt):
    """Show a picture in the notebook, with a text for those who cannot see it.

    Parameters
    ----------
    drawn : Axes, array of Axes or Figure
    alt : str
        What there is to see, in a sentence or two.
    """
    from IPython.display import display

    display(Picture(drawn, alt))


def pixels(image, size=140, alt="", diverging=False):
    """An image as a line of HTML, with sharp pixels, quickly made: for widgets that follow the mouse.

    Parameters
    ----------
    image : (784,) or (height, width) array
        Ink 1, paper 0; with `diverging` any numbers, drawn blue below 0 and orange above.
    size : int
        Width on the page, in pixels.
    alt : str
        What a screen reader says.
    diverging : bool
    """
    image = _square(np.asarray(image, float))
    if diverging:
        colours = DIVERGING(0.5 + image / (2 * (np.abs(image).max() or 1)), bytes=True)[..., :3]  # (h, w, 3)
    else:
        ink = np.round(255 * (1 - np.clip(image, 0, 1)))
        colours = ink.astype(np.uint8)  # (h, w)
    source = data_url(encode(colours, QUICK))
    return (
        f"<img alt='{escape(alt)}' src='{source}' style='width: {size}px; "
        "image-rendering: pixelated; border: 1px solid #bbb; background: white; margin: 2px'>"
    )


def bars(values, labels=range(10), alt="", highlight=None, numbers=None):
    """Horizontal bars with their numbers as HTML, for widgets that follow the mouse.

    Parameters
    ----------
    values : (n,) array of numbers 0…1
    labels : n labels
    alt : str
        What a screen reader says.
    highlight : int
        The bar to stress; by default the longest.
    numbers : n strings
        What to write beside the bars; by default their length in per cent.
    """
    values = np.asarray(values, float)
    highlight = int(values.argmax()) if highlight is None else highlight
    numbers = [f"{value:.1%}" for value in values] if numbers is None else numbers
    rows = ""
    for i, (value, label, number) in enumerate(zip(values, labels, numbers, strict=True)):
        colour, weight = (VERMILION, 700) if i == highlight else (BLUE, 400)
        width = 100 * min(max(value, 0.0), 1.0)
        rows += (
            f"<div style='display: flex; align-items: center; gap: 8px; font-weight: {weight}'>"
            f"<span style='min-width: 1em; text-align: right'>{escape(str(label))}</span>"
            f"<span style='flex: 1; background: rgba(128, 128, 128, .15)'>"
            f"<span style='display: block; height: 12px; width: {width:.1f}%; background: {colour}'></span>"
            "</span>"
            f"<span style='width: 4em; text-align: right'>{escape(number)}</span></div>"
        )
    style = "font-size: 13px; line-height: 1.6; width: 340px; max-width: 100%"
    return f"<div role='img' aria-label='{escape(alt)}' style='{style}'>{rows}</div>"


def row(*parts):
    """Pictures, and signs between them, side by side as HTML: ``row(pixels(x), "×", pixels(w))``."""
    cells = "".join(f"<span>{part}</span>" for part in parts)
    return (
        "<div style='display: flex; flex-wrap: wrap; align-items: center; gap: 6px; font-size: 20px'>"
        f"{cells}</div>"
    )


def _whole_numbers(*axis):
    for one in axis:
        one.set_major_locator(MaxNLocator(integer=True))


def closeness(distances, labels=range(10), alt=""):
    """Bars for distances (n,), as HTML: the nearer, the longer; the nearest is stressed. For live widgets."""
    distances = np.asarray(distances, float)
    lengths = 1 - distances / (1.25 * distances.max() or 1)
    return bars(lengths, labels, alt, numbers=[f"{distance:.1f}" for distance in distances])


def _square(image):
    return image.reshape(SIDE, SIDE) if image.shape == (SIDE * SIDE,) else image  # (784,) -> (28, 28)


# Pictures of digits -----------------------------------------------------------------------------------------


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
        grid[i].imshow(_square(np.asarray(image)), cmap="gray_r", vmin=0, vmax=1)
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
        shown = grid[i].imshow(_square(template), cmap=DIVERGING, vmin=-limit, vmax=limit)
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
    _whole_numbers(ax.xaxis, ax.yaxis)
    return ax


# Data -------------------------------------------------------------------------------------------------------


def ink_histogram(images, ax=None):
    """How often each amount of ink occurs among the pixels of images (n, 784), 0…1; a logarithmic axis."""
    ax = ax or axes(6.5, 3)
    counts, edges = np.histogram(images, bins=32, range=(0, 1))
    ax.bar(
        edges[:-1],
        counts / counts.sum(),
        np.diff(edges),
        align="edge",
        color=BLUE,
        edgecolor="white",
        linewidth=0.5,
    )
    ax.set(
        yscale="log", xlabel="ink of a pixel (0 paper, 1 full ink)", ylabel="share of all pixels", xlim=(0, 1)
    )
    ax.yaxis.set_major_formatter(lambda y, _: f"{y:.2%}" if y < 0.01 else f"{y:.0%}")
    ax.grid(axis="y")
    return ax


def class_counts(labels, ax=None):
    """How many examples of each digit there are, for labels (n,) int."""
    ax = ax or axes(6.5, 2.6)
    ax.bar(range(10), np.bincount(labels, minlength=10), color=BLUE)
    ax.set(xticks=range(10), xlabel="digit", ylabel="examples")
    ax.grid(axis="y")
    return ax


def ink_by_digit(ink, labels, ax=None):
    """How the ink of each image, (n,) numbers, is spread for each digit; labels (n,) int."""
    ax = ax or axes(6.5, 3)
    groups = [ink[labels == digit] for digit in range(10)]
    for part in ax.violinplot(groups, range(10), widths=0.85, showextrema=False, showmedians=True)["bodies"]:
        part.set(facecolor=SKY, edgecolor=BLUE, alpha=0.7)
    ax.set(xticks=range(10), xlabel="digit", ylabel="mean ink of an image", ylim=(0, None))
    ax.grid(axis="y")
    return ax


# How good is it? --------------------------------------------------------------------------------------------


def confusion(matrix, ax=None):
    """A confusion matrix (10, 10) of counts: row the true digit, column what it was read as.

    Shades show the share of the row that was misread; the numbers are counts, the diagonal is what was right.
    """
    ax = ax or axes(5.6, 5)
    matrix = np.asarray(matrix)
    wrong = matrix * ~np.eye(len(matrix), dtype=bool)
    share = wrong / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    shown = ax.imshow(share, cmap="Oranges", vmin=0, vmax=share.max() or 1)
    for (row, column), count in np.ndenumerate(matrix):
        dark = share[row, column] > 0.6 * share.max() > 0
        style = {"color": "white" if dark else "#222222", "weight": "bold" if row == column else "normal"}
        ax.text(column, row, f"{count}" if count else "·", ha="center", va="center", fontsize=8, **style)
    ax.set(xticks=range(len(matrix)), yticks=range(len(matrix)), xlabel="read as", ylabel="true digit")
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    bar = ax.figure.colorbar(shown, ax=ax, shrink=0.8, label="misread, share of the true digit")
    bar.ax.yaxis.set_major_formatter(lambda y, _: f"{y:.0%}")
    return ax


def accuracy_bars(names, accuracies, ax=None):
    """Compare ways to read digits: names, and accuracies 0…1."""
    ax = ax or axes(6.5, 0.5 + 0.42 * len(names))
    drawn = ax.barh(range(len(names)), accuracies, color=BLUE, height=0.65)
    ax.bar_label(drawn, [f"{value:.1%}" for value in accuracies], padding=4, fontsize=9.5)
    ax.set(
        yticks=range(len(names)),
        yticklabels=names,
        xlim=(0, 1.1),
        xlabel="accuracy, share of digits read right",
    )
    ax.xaxis.set_major_formatter(lambda x, _: f"{x:.0%}")
    ax.invert_yaxis()
    return ax


def shift_accuracy(shifts, accuracies, ax=None):
    """Accuracy 0…1 against the shift of the digits in pixels, with the level of blind guessing."""
    ax = ax or axes(6.5, 3.2)
    ax.axhline(0.1, color="#888888", linestyle="--", linewidth=1.2)
    ax.annotate(
        "guessing", (max(shifts), 0.1), xytext=(0, 3), textcoords="offset points", ha="right", fontsize=9
    )
    ax.plot(shifts, accuracies, "o-", color=BLUE)
    ax.set(xlabel="shift, pixels", ylabel="accuracy", ylim=(0, 1.02))
    _whole_numbers(ax.xaxis)
    ax.yaxis.set_major_formatter(lambda y, _: f"{y:.0%}")
    ax.grid()
    return ax


def curves(runs, xlabel="epoch", ylabel="loss", logy=False, ax=None):
    """Draw named lines: a dict name -> values, or name -> (x, values)."""
    ax = ax or axes(6.5, 3.4)
    dashes = ["-", "--", "-.", ":"]
    for i, (name, values) in enumerate(runs.items()):
        x, y = values if isinstance(values, tuple) else (np.arange(1, len(values) + 1), values)
        ax.plot(x, y, dashes[i % 4], label=name)
    ax.set(xlabel=xlabel, ylabel=ylabel, yscale="log" if logy else "linear")
    if xlabel == "epoch":
        _whole_numbers(ax.xaxis)
    if logy:
        ax.yaxis.set_major_formatter("{x:g}")  # 0.1 tells a beginner more than 10 to the power of -1
    ax.grid()
    if len(runs) > 1:
        ax.legend()
    return ax


def reliability(networks, ax=None):
    """How often a network is right against how sure it was: a dict name -> Calibration.

    On the diagonal it is right as often as it says. Below it is too sure, above too modest. The larger a dot,
    the more examples are behind it; bins with fewer than ten are left out, for they are mostly luck.
    """
    ax = ax or axes(5.2, 4.6)
    ax.plot([0, 1], [0, 1], color="#888888", linewidth=1.2, zorder=1)
    ax.annotate("too modest", (0.3, 0.93), fontsize=10, color="#555555")
    ax.annotate("too sure", (0.8, 0.24), fontsize=10, color="#555555")
    lines = zip((VERMILION, BLUE, GREEN, PURPLE), "os^D", ("-", "--", "-.", ":"), strict=True)
    for (name, found), (colour, marker, dash) in zip(networks.items(), lines, strict=False):
        filled = found.count >= 10
        sure, right, count = (values[filled] for values in found[:3])
        ax.plot(sure, right, dash, color=colour, marker=marker, markersize=5, label=name, zorder=2)
        ax.scatter(sure, right, 12 + 250 * count / count.sum(), color=colour, marker=marker, alpha=0.4)
    ax.set(xlabel="confidence: how sure it was", ylabel="accuracy: how often it was right")
    ax.set(xlim=(0.2, 1.02), ylim=(0, 1.04), xticks=np.arange(2, 11, 2) / 10)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda x, _: f"{x:.0%}")
    ax.grid()
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), frameon=False)
    return ax


def robustness(networks, xlabel, ax=None):
    """Accuracy 0…1 against how much the digits were changed: a dict name -> (amounts, accuracies)."""
    ax = ax or axes(6.5, 3.2)
    styles = zip((VERMILION, BLUE, GREEN, PURPLE), "os^D", ("--", "-", "-.", ":"), strict=True)
    for (name, (amounts, accuracies)), (colour, marker, dash) in zip(networks.items(), styles, strict=False):
        ax.plot(amounts, accuracies, dash, color=colour, marker=marker, markersize=4, label=name)
        if np.asarray(amounts).dtype.kind in "iu":
            _whole_numbers(ax.xaxis)
    ax.axhline(0.1, color="#888888", linestyle="--", linewidth=1.2)
    ax.set(xlabel=xlabel, ylabel="accuracy", ylim=(0, 1.02))
    ax.yaxis.set_major_formatter(lambda y, _: f"{y:.0%}")
    ax.grid()
    ax.legend(loc="lower center", fontsize=9)
    return ax


def dots(groups, xlabel="validation accuracy", ax=None):
    """Every run a dot, a line for each group; beside them the mean ± its standard error: a dict name -> (n,).

    The dots of a line are moved up and down a little, so that none hides another.
    """
    ax = ax or axes(6.5, 0.9 + 0.62 * len(groups))
    for i, values in enumerate(groups.values()):
        values, colour = np.asarray(values, float), (BLUE, VERMILION, GREEN, PURPLE)[i % 4]
        height = i + 0.12 * np.sin(2.4 * np.arange(len(values)))
        ax.plot(values, height, "o", color=colour, alpha=0.55, markersize=6, markeredgecolor="white")
        error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0
        ax.errorbar(values.mean(), i + 0.32, xerr=error, fmt="D", color=colour, capsize=5, markersize=6)
    ax.set(yticks=range(len(groups)), yticklabels=list(groups), xlabel=xlabel)
    ax.set_ylim(len(groups) - 0.45, -0.4)
    ax.xaxis.set_major_formatter(lambda x, _: f"{100 * x:g}%")
    ax.grid(axis="x")
    return ax


def error_bars(lines, xlabel="learning rate", ylabel="validation accuracy", ax=None):
    """Accuracies 0…1 with error bars over a logarithmic axis: a dict name -> (x, means, errors), each (n,).

    Equal steps up are equal shares of mistakes, as in `landscape`.
    """
    ax = ax or axes(6.5, 3.4)
    styles = zip((VERMILION, BLUE, GREEN, PURPLE), "os^D", ("--", "-", "-.", ":"), strict=True)
    for (name, (x, means, errors)), (colour, marker, dash) in zip(lines.items(), styles, strict=False):
        mistakes = 1 - np.asarray(means)
        bars = np.minimum(errors, 0.9 * mistakes)  # a logarithmic axis has no 0
        ax.errorbar(
            x, mistakes, yerr=bars, color=colour, marker=marker, linestyle=dash, capsize=4, label=name
        )
    ticks = sorted({float(f"{value:.2g}") for x, _, _ in lines.values() for value in x})
    ax.set_xscale("log")
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    _by_mistakes(ax)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.grid()
    ax.legend()
    return ax


def landscape(groups, lines, xlabel, ax=None):
    """Accuracy against cost, with results of others as lines; equal steps up are equal shares of mistakes.

    Parameters
    ----------
    groups : dict
        Name -> list of (name of the point or "", x, accuracy 0…1).
    lines : dict
        Name -> accuracy 0…1.
    xlabel : str
    """
    ax = ax or axes(7, 4.2)
    for (name, points), marker, colour in zip(groups.items(), "os^", (BLUE, VERMILION, GREEN), strict=False):
        x, y = [p[1] for p in points], [1 - p[2] for p in points]
        ax.plot(x, y, marker, color=colour, label=name, markersize=7)
        for label, *_ in filter(lambda point: point[0], points):
            place = next(p for p in points if p[0] == label)
            place = (place[1], 1 - place[2])
            ax.annotate(label, place, xytext=(0, 8), textcoords="offset points", ha="center", fontsize=8.5)
    for name, accuracy in lines.items():
        ax.axhline(1 - accuracy, color="#777777", linestyle=":", linewidth=1.2, zorder=0)
        ax.annotate(
            f"{name}: {100 * accuracy:g}%", (1.01, 1 - accuracy), xycoords=("axes fraction", "data"),
            va="center", fontsize=8.5, annotation_clip=False,
        )  # fmt: skip
    ax.set(xscale="log", xlabel=xlabel, ylabel="accuracy")
    ax.minorticks_off()
    _by_mistakes(ax)
    ax.grid(axis="x")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(groups))
    return ax


def _by_mistakes(ax):
    """Turn an axis of mistakes 0…1 into one of accuracies: logarithmic, and the good end on top."""
    ax.set_yscale("log")
    top, bottom = sorted(ax.get_ylim())
    ticks = [t for t in (0.2, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995) if top < 1 - t < bottom]
    ax.set_yticks([1 - tick for tick in ticks], [f"{100 * tick:g}%" for tick in ticks])
    ax.minorticks_off()
    ax.set_ylim(bottom, top)


def distributions(groups, xlabel, ax=None):
    """How numbers are spread, group by group, as outlines on one scale: a dict name -> values (n,)."""
    ax = ax or axes(6.5, 3)
    together = np.concatenate(list(groups.values()))
    edges = np.histogram_bin_edges(together, 30)
    if together.dtype.kind in "iu":  # counts: a bar for each
        edges = np.arange(together.min(), together.max() + 2) - 0.5
    styles = zip((BLACK, BLUE, VERMILION, GREEN), ("-", "--", "-.", ":"), strict=True)
    for (name, values), (colour, dash) in zip(groups.items(), styles, strict=False):
        shares = np.histogram(values, edges)[0] / len(values)
        ax.stairs(shares, edges, color=colour, linestyle=dash, linewidth=1.8, label=name)
    ax.set(xlabel=xlabel, ylabel="share of the digits", ylim=(0, None))
    ax.yaxis.set_major_formatter(lambda y, _: f"{y:.0%}")
    ax.legend(fontsize=9)
    return ax


# Inside a network -------------------------------------------------------------------------------------------


def activations(layers, bins=50, grid=None):
    """Histograms side by side: a dict title -> activations of any shape, such as one for each layer."""
    if grid is None:
        grid = axes(2.1 * len(layers), 2.3, len(layers))
    grid = np.ravel(grid)
    for ax, (title, values) in zip(grid, layers.items(), strict=True):
        values = np.ravel(values)
        ax.hist(values, bins, weights=np.full(values.size, 1 / values.size), color=BLUE)
        ax.set_title(f"{title}\nspread {values.std():.2g}")
        ax.set(xlabel="activation")
        ax.yaxis.set_major_formatter(lambda y, _: f"{y:.0%}")
    grid[0].set_ylabel("share of units")
    return grid


def gradients(numerical, analytic, ax=None):
    """Gradients measured against gradients computed, arrays of one size; on the diagonal the two agree."""
    ax = ax or axes(4.2, 4.2)
    numerical, analytic = np.ravel(numerical), np.ravel(analytic)
    limit = 1.08 * max(np.abs(numerical).max(), np.abs(analytic).max(), 1e-12)
    ax.plot([-limit, limit], [-limit, limit], color="#888888", linewidth=1.2, zorder=1)
    ax.scatter(numerical, analytic, s=22, color=BLUE, alpha=0.7, zorder=2)
    ax.set(
        xlabel="measured slope",
        ylabel="computed slope",
        aspect="equal",
        xlim=(-limit, limit),
        ylim=(-limit, limit),
    )
    ax.ticklabel_format(scilimits=(-3, 3))
    ax.grid()
    return ax


def slope(weights, losses, weight, gradient, ax=None):
    """The loss along one weight, arrays (n,), and at `weight` the tangent with the slope `gradient`."""
    ax = ax or axes(5.5, 3.2)
    weights, losses = np.asarray(weights), np.asarray(losses)
    here = np.interp(weight, weights, losses)
    reach = 0.25 * np.ptp(weights)
    ends = np.array([weight - reach, weight + reach])
    ax.plot(weights, losses, color=BLUE, label="loss")
    ax.plot(ends, here + gradient * (ends - weight), "--", color=VERMILION, label=f"slope {gradient:.3g}")
    ax.plot([weight], [here], "o", color=BLACK)
    ax.set(xlabel="one weight", ylabel="loss, nats")
    ax.grid()
    ax.legend()
    return ax
