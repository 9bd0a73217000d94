"""Data, results and what goes on inside a network: arrays in, Axes out."""

import numpy as np

from hwd_lib.plots.showing import BLACK, BLUE, GREEN, PURPLE, SKY, VERMILION, axes, whole_numbers

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
    whole_numbers(ax.xaxis)
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
        whole_numbers(ax.xaxis)
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
            whole_numbers(ax.xaxis)
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
