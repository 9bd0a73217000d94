"""`hwd sweep`: every combination of some settings, several seeds each, in one table with error bars."""

import argparse
import sys
from pathlib import Path

from hwd_lib.commands import format_table, make_sure_of_folder, positive, whole
from hwd_lib.files import written_whole
from hwd_lib.mnist import Split, load_mnist

SUMMARY = "train many networks side by side, and compare their settings"
EXAMPLES = (
    "hwd sweep --layers 784-100-10,784-400-100-10 --learning-rates 0.3,0.1,0.03 --out results.csv",
    "hwd sweep --learning-rates 0.3,0.1 --seeds 5 --out results.csv --plot results.png",
    "hwd sweep --learning-rates 0.3,0.1 --cluster tcp://10.0.0.5:8786 --out results.csv",
)


def add_arguments(parser):
    parser.description += (
        "\n\nEach finished run is added to the --out file at once. The same command again goes on"
        "\nwhere it was: runs that the file holds are not done twice. The test set stays closed."
    )
    add = parser.add_argument
    add(
        "--layers",
        type=several(shape),
        default=[[784, 100, 10]],
        metavar="A-B-C,…",
        help="shapes, from 784 pixels to 10 digits (784-100-10)",
    )
    add("--learning-rates", type=several(positive), default=[0.1], metavar="X,…", help="(0.1)")
    add("--batch-size", type=several(whole), default=[32], metavar="N,…", help="digits to a step (32)")
    add("--epochs", type=whole, default=5, metavar="N", help="times through the training digits (5)")
    add("--seeds", type=whole, default=3, metavar="N", help="networks of each setting (3)")
    add("--examples", type=whole, metavar="N", help="only the first N training digits, to try things out")
    add("--jobs", type=whole, metavar="N", help="processes on this machine (one a core)")
    add("--cluster", metavar="ADDRESS", help="of a Dask scheduler, such as tcp://10.0.0.5:8786")
    add("--out", type=Path, required=True, metavar="FILE.csv", help="the table, a row a run")
    add("--plot", type=Path, metavar="FILE.png", help="a picture of it, with error bars")


def run(arguments):
    from hwd_lib.sweep import grid, summary, sweep

    for path in filter(None, (arguments.out, arguments.plot)):
        make_sure_of_folder(path.parent)
    mnist = load_mnist()
    train = Split(*(array[: arguments.examples] for array in mnist.train))
    settings = grid(
        layers=arguments.layers, learning_rate=arguments.learning_rates, batch_size=arguments.batch_size,
        epochs=[arguments.epochs],
    )  # fmt: skip
    try:
        rows = sweep(
            settings, train, mnist.validation, seeds=arguments.seeds, out=arguments.out,
            jobs=arguments.jobs or -1, cluster=arguments.cluster, progress=sys.stderr.isatty(),
        )  # fmt: skip
    except KeyboardInterrupt:
        print(f"\nhwd sweep: stopped by you. Finished runs are in {arguments.out}; the same command goes on.",
              file=sys.stderr)  # fmt: skip
        return 130
    except RuntimeError as error:  # the workers died again and again
        raise ValueError(str(error)) from error
    entries = summary(rows)
    print(table(entries))
    print(f"Accuracy on the validation digits in percent, mean ± standard deviation of {arguments.seeds}.")
    print(f"Each run: {arguments.out}")
    if arguments.plot:
        plot(entries, arguments.plot)
        print(f"Picture: {arguments.plot}")
    return 0 if any(entry["mean"] == entry["mean"] for entry in entries) else 1


def table(entries):
    """The summary as text: a line a setting, the best first and marked."""
    rows = [("  layers", "learning rate", "batch", "validation", "failed", "seconds")]
    for i, entry in enumerate(entries):
        measured = entry["mean"] == entry["mean"]  # not for nan: no run of this setting came to an end
        score = f"{100 * entry['mean']:.2f}" if measured else "-"
        score += f" ± {100 * entry['sd']:.2f}" if entry["sd"] == entry["sd"] else " " * 7
        rows.append((
            f"{'*' if i == 0 and measured else ' '} {name(entry['layers'])}", f"{entry['learning_rate']:g}",
            f"{entry['batch_size']}", score, f"{entry['failed'] or '-'}", f"{entry['seconds']:.1f}",
        ))  # fmt: skip
    return f"{format_table(rows, '<>')}\n* best on validation"


def plot(entries, path):
    """Accuracy against learning rate: a line with error bars for each shape and batch size."""
    from hwd_lib.plots import axes, figure_of

    ax = axes(7, 4)
    lines = {}
    for entry in sorted(entries, key=lambda entry: entry["learning_rate"]):
        if entry["mean"] == entry["mean"]:
            lines.setdefault((name(entry["layers"]), entry["batch_size"]), []).append(entry)
    one_size = len({entry["batch_size"] for entry in entries}) == 1
    for (layers, size), points in sorted(lines.items()):
        ax.errorbar(
            [entry["learning_rate"] for entry in points],
            [100 * entry["mean"] for entry in points],
            yerr=[100 * entry["sd"] if entry["sd"] == entry["sd"] else 0 for entry in points],
            marker="o", capsize=4, label=layers if one_size else f"{layers}, batch {size}",
        )  # fmt: skip
    rates = sorted({entry["learning_rate"] for entry in entries})
    ax.set_xscale("log")
    ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
    ax.minorticks_off()
    ax.set(xlabel="learning rate", ylabel="validation accuracy (%)")
    if lines:
        ax.legend()
    with written_whole(path) as file:
        figure_of(ax).savefig(file, format="png", bbox_inches="tight")


def name(layers):
    """[784, 100, 10] -> "784-100-10"."""
    return "-".join(map(str, layers))


def several(kind):
    """A type for argparse: values of `kind` with commas between."""
    return lambda text: [kind(part) for part in text.split(",")]


def shape(text):
    """784-100-10 -> [784, 100, 10]."""
    layers = [whole(part) for part in text.split("-")]
    if len(layers) < 2 or (layers[0], layers[-1]) != (784, 10):
        raise argparse.ArgumentTypeError(f"expected widths from 784 to 10, such as 784-100-10, found {text}")
    return layers
