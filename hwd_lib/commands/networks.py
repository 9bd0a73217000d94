"""`hwd networks`: what is in ``saved_nn``, as a list and as the README that stands there."""

import csv
import hashlib
import json
from contextlib import suppress
from pathlib import Path

from hwd_lib.commands import describe, format_table, mean_and_sd, number, numbers
from hwd_lib.commands.recipes import RECIPES
from hwd_lib.files import written_whole
from hwd_lib.network import SAVED_NN, Network

SUMMARY = "list the networks in saved_nn, or write the results table there"
EXAMPLES = (
    "hwd networks             what is there, and how good it is",
    "hwd networks --readme    write saved_nn/README.md anew, from what the files say",
)

# What others reached with multi-layer perceptrons: who, layers, percent on the test set, remark, source.
PUBLISHED = (
    ("HWD-Perceptron", "784-100-10", "94.87", "one epoch", "HWD"),
    ("LeCun et al. 1998", "784-300-10", "95.3", "", "LeCun"),
    ("Nielsen 2015", "784-100-10", "96.6", "chapter 1", "Nielsen"),
    ("Rashid 2016", "784-200-10", "97.5", "", "Rashid"),
    ("HWD-Perceptron", "784-100-10", "97.83", "turned by ±10°, best epoch on the test set", "HWD"),
    ("HWD-Perceptron", "784-500-150-10", "97.94", "turned by ±10°, best epoch on the test set", "HWD"),
    ("Nielsen 2015", "784-100-10", "98.04", "chapter 3", "Nielsen"),
    ("HWD-Perceptron", "784-2000-10", "98.14", "turned by ±10°, best epoch on the test set", "HWD"),
    ("LeCun et al. 1998", "400-300-10", "98.4", "slant removed beforehand", "LeCun"),
    ("Simard et al. 2003", "784-800-10", "98.4", "", "Simard"),
    ("Hinton 2005", "784-500-300-10", "98.47", "weight decay", "Hinton"),
    ("Simard et al. 2003", "784-800-10", "98.9", "affine distortions", "Simard"),
    ("Simard et al. 2003", "784-800-10", "99.3", "elastic distortions", "Simard"),
    ("Meier et al. 2011", "25 of 784-800-10", "99.61", "a committee, elastic distortions", "Meier"),
    (
        "Ciresan et al. 2010",
        "784-2500-2000-1500-1000-500-10",
        "99.65",
        "elastic distortions, on a GPU",
        "Ciresan 2010",
    ),
    ("Ciresan et al. 2011", "committee", "99.69", "elastic distortions, on a GPU", "Ciresan 2011"),
)
SOURCES = {
    "Ciresan 2010": "D. Ciresan, U. Meier, L. Gambardella, J. Schmidhuber, *Deep, big, simple neural nets "
    "for handwritten digit recognition*, Neural Computation 22 (2010)",
    "Ciresan 2011": "D. Ciresan, U. Meier, L. Gambardella, J. Schmidhuber, *Handwritten digit recognition "
    "with a committee of deep neural nets on GPUs* (2011)",
    "HWD": "HWD-Perceptron, github.com/sy2002/HWD-Perceptron",
    "Hinton": "G. Hinton, unpublished, 2005; listed on the MNIST page of Y. LeCun, C. Cortes, C. Burges",
    "LeCun": "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-based learning applied to document "
    "recognition*, Proceedings of the IEEE 86 (1998)",
    "Meier": "U. Meier, D. Ciresan, L. Gambardella, J. Schmidhuber, *Better digit recognition with a "
    "committee of simple neural nets*, ICDAR 2011",
    "Nielsen": "M. Nielsen, *Neural networks and deep learning*, Determination Press (2015)",
    "Rashid": "T. Rashid, *Make your own neural network* (2016)",
    "Simard": "P. Simard, D. Steinkraus, J. Platt, *Best practices for convolutional neural networks applied "
    "to visual document analysis*, ICDAR 2003",
}

# The table in the comment of HWD-Perceptron's hwdt.py: learning rate, epochs, percent misread on test.
HWD_TABLE = {
    "784-100-10": {"turned": ((0.01, 15, 2.49), (0.005, 40, 2.27), (0.004, 66, 2.17))},
    "784-500-150-10": {
        "plain": ((0.025, 4, 2.86), (0.02, 10, 2.35)),
        "turned": ((0.01, 7, 2.23), (0.005, 26, 2.06)),
    },
    "784-500-200-70-10": {"plain": ((0.01, 5, 3.44),)},
    "784-2000-10": {"plain": ((0.1, 17, 2.16),), "turned": ((0.02, 16, 1.86),)},
}
HWD_FACTOR = 10  # our learning rate over theirs: see the text in the README
SWEEP = (
    "hwd sweep --layers 784-100-10,784-500-150-10,784-500-200-70-10,784-2000-10 "
    "--learning-rates 0.04,0.05,0.1,0.2,0.25,1 --epochs 4 --seeds 3 --out saved_nn/sweep.csv"
)

DRAWN = {  # what `hwd strokes --record` and `hwd paper --record` write
    "strokes_accuracy": "",
    "numbers_accuracy": " whole numbers",
    "pictures_accuracy": " digits on paper",
    "shown_as_digit": " shown as a digit",
}

README = """\
# Networks that are ready to use

This page is generated from what the files say of themselves: `hwd networks --readme`. Do not edit it by hand.

## What they score

Accuracy in percent. *Validation*: the last 5,000 of MNIST's 60,000 training digits; every choice was made on
them. *Test*: MNIST's 10,000 test digits, opened by `hwd test` alone, which notes it in
[test_log.csv](test_log.csv). Both are mean ± standard deviation over networks that differ in their seed; the
file holds the one that is best on validation. The other columns are of what people drew with a pen, read by
the network in the file; each is headed by the file that `hwd strokes` was given, with `--record`, or by the
folder of pictures that `hwd paper` was given. *Whole numbers* are right when each digit is. Where a file
holds letters and signs, the column says how many are *shown as a digit*: the fewer, the better.

Two are meant to read people: `default`, small enough to open at once, and `best`. Among their examples were
drawn digits, in styles that MNIST lacks, and things that are no digit. `best-mnist` saw MNIST alone,
distorted; `best` went on from there.

{scores}

Published results of multi-layer perceptrons on the same test set, for comparison
([docs/record.md](../docs/record.md) says how to go for the best of them):

{published}

{sweep}## How they were made

Seconds are those of training the network in the file, on two cores that did other things too. Each command,
with `--replace`, writes the file anew; the same machine and the same versions give the same numbers.
Afterwards `hwd test NAME --record` and `hwd networks --readme` bring this page up to date.

{recipes}

## The files

{files}

## Sources

{sources}
"""


def add_arguments(parser):
    parser.add_argument(
        "--folder", type=Path, default=SAVED_NN, metavar="FOLDER", help="another folder than saved_nn"
    )
    parser.add_argument(
        "--readme", action="store_true", help="write README.md in the folder, instead of listing"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON list of what the files say")


def run(arguments):
    if not arguments.folder.is_dir():
        raise ValueError(f"{arguments.folder}: expected a folder with networks, found none. Check the path.")
    if arguments.readme:
        target = arguments.folder / "README.md"
        with written_whole(target) as file:
            file.write(make_readme(arguments.folder).encode())
        print(f"wrote {target}")
        return 0
    if arguments.json:
        print(as_json(arguments.folder))
        return 0
    drawn = drawn_files(arguments.folder.glob("*.npz"))
    headings = tuple(heading.replace("`", "") for heading in drawn_headings(drawn))
    rows = [("network", "layers", "validation", "test", *headings, "size", "made by")]
    for path in sorted(arguments.folder.glob("*.npz"), key=order):
        try:
            network = Network.load(path)
        except ValueError as error:
            rows.append((path.stem, f"cannot be read: {error}"))
            continue
        about = network.metadata
        scores = [score(about, "validation"), score(about, "test"), *drawn_scores(about, drawn)]
        rows.append((path.stem, shape(network), *scores, size(path), describe(about)))
    if len(rows) == 1:
        print(f"no networks in {arguments.folder}: `hwd train 784-100-10` makes one")
        return 0
    print(format_table(rows))
    return 0


def as_json(folder):
    """What there is in the folder, for programs: a list with an object a file."""
    found = []
    for path in sorted(folder.glob("*.npz"), key=order):
        about = {"network": path.stem, "file": str(path), "bytes": path.stat().st_size}
        try:
            network = Network.load(path)
            about |= {"parameters": network.parameters.size, "layers": network.layers}
            about |= {"activation": network.activation, "metadata": network.metadata}
        except ValueError as error:
            about["error"] = str(error)
        found.append(about)
    return json.dumps(found)


def make_readme(folder=SAVED_NN):
    """The README as Markdown, about those networks in `folder` for which there is a recipe, in their order.

    A network of one's own, saved in the same folder, changes nothing in it.
    """
    scores, recipes, files = [], [], []
    drawn = drawn_files(folder / f"{name}.npz" for name in RECIPES)
    for name in RECIPES:
        path = folder / f"{name}.npz"
        if not path.exists():
            continue
        network = Network.load(path)
        about = network.metadata
        scores.append(
            (f"`{name}`", shape(network), activation(network), f"{network.parameters.size:,}")
            + (score(about, "validation"), score(about, "test"), str(max(1, len(numbers(about, "seeds")))))
            + drawn_scores(about, drawn)
        )
        seconds = number(about, "seconds")
        recipes.append(
            (
                f"`{name}`",
                describe(about),
                str(about.get("epochs", "")),
                "" if seconds is None else f"{seconds:.0f}",
            )
            + (str(about.get("date", "")), f"`{about.get('command', '')}`")
        )
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        files.append((f"`{path.name}`", size(path), str(about.get("precision", "")), f"`{sha256}`"))
    return README.format(
        scores=table(
            ("network", "layers", "activation", "parameters", "validation", "test", "seeds")
            + drawn_headings(drawn),
            scores,
        ),
        sweep=sweep_section(folder / "sweep.csv"),
        published=table(("by", "layers", "test", "remark", "source"), PUBLISHED),
        recipes=table(("network", "recipe", "epochs", "seconds", "date", "rebuilt by"), recipes),
        files=table(("file", "size", "numbers", "SHA-256"), files),
        sources="\n".join(f"- {name}: {source}." for name, source in SOURCES.items()),
    )


def drawn_files(paths):
    """What these networks say of drawings: a list of (key in the metadata, name of a file of strokes)."""
    found = set()
    for path in paths:
        with suppress(OSError, ValueError):  # of a file that is no network, or is not there, nothing
            about = Network.load(path).metadata
            known = [key for key in DRAWN if isinstance(about.get(key), dict)]
            found |= {(key, str(file)) for key in known for file in about[key]}
    return sorted(found, key=lambda pair: (list(DRAWN).index(pair[0]), pair[1]))


def drawn_headings(drawn):
    """ "`formula_other` shown as a digit", for each of `drawn_files`."""
    return tuple(f"`{file.partition('.')[0]}`{DRAWN[key]}" for key, file in drawn)


def drawn_scores(about, drawn):
    """In percent, or "-", what metadata say of each of `drawn_files`."""
    shares = [number(about[key], file) if isinstance(about.get(key), dict) else None for key, file in drawn]
    return tuple("-" if share is None else f"{100 * share:.2f}" for share in shares)


def sweep_section(path):
    """The part about shapes and learning rates, from the table of a sweep; "" where there is none."""
    if not path.exists():
        return ""
    with open(path, encoding="utf-8-sig", newline="") as file:  # a spreadsheet puts a mark first
        runs = list(csv.DictReader(file))
    lines = []
    for layers, theirs in HWD_TABLE.items():
        for rate in sorted({float(run["learning_rate"]) for run in runs}):
            group = [r for r in runs if r["layers"] == layers and float(r["learning_rate"]) == rate]
            if not group:
                continue
            good = [float(r["validation_accuracy"]) for r in group if not r["error"]]
            ours = mean_and_sd(good) if good else "-"
            count = f"{len(good)} of {len(group)}" if len(good) < len(group) else f"{len(group)}"
            found = [
                next((f"{100 - wrong:.2f} ({n} epochs)" for r, n, wrong in theirs.get(kind, ())
                      if abs(HWD_FACTOR * r - rate) < 1e-9), "")
                for kind in ("plain", "turned")
            ]  # fmt: skip
            lines.append((layers, f"{rate:g}", ours, count, f"{rate / HWD_FACTOR:g}", *found))
    ours = ("layers", "our rate", "ours, validation", "runs")
    theirs = ("its rate", "HWD-Perceptron, test", "turned ±10°")
    return SWEEP_TEXT.format(table=table(ours + theirs, lines), command=SWEEP)


SWEEP_TEXT = """\
## Shapes and learning rates

HWD-Perceptron's author tried shapes and learning rates by hand, and left a table in a comment.
Here are the same shapes and rates as one sweep: each shape with each rate.

{table}

*Ours*: plain SGD with ReLU, batches of 32, 4 epochs, no digit turned; accuracy in percent on the validation
digits, mean ± standard deviation of the runs that came to an end. *HWD-Perceptron*: sigmoid units, one digit
at a time, which makes its steps smaller and more; our rate is ten times its own. Its figures are from the
test set, which chose the epoch as well. Each is a single run, so a few tenths of a percent mean nothing.

    {command}

The runs are kept in [sweep.csv](sweep.csv). The same command again goes on where it was.

"""


def score(about, kind):
    """ "98.20 ± 0.14" for one kind of accuracy; "-" where nothing was measured."""
    several = [value for value in numbers(about, kind + "_accuracies") if value is not None]
    if several:
        return mean_and_sd(several)
    one = number(about, kind + "_accuracy")
    return "-" if one is None else f"{100 * one:.2f}"


def activation(network):
    """That of the hidden layers, if there are any."""
    return network.activation if len(network.layers) > 2 else "-"


def shape(network):
    return "-".join(map(str, network.layers))


def size(path):
    return f"{path.stat().st_size / 1e6:.2f} MB"


def order(path):
    """Those with a recipe first, in the recipes' order; then the others by name."""
    names = list(RECIPES)
    return (names.index(path.stem) if path.stem in names else len(names), path.stem)


def table(header, rows):
    """A Markdown table from a tuple of headings and tuples of cells."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
