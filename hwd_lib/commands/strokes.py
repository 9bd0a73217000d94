"""`hwd strokes`: how well a network reads what people drew with a pen - by digit, by writer, by set."""

import gzip
import json
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hwd_lib.commands import change_metadata, percent
from hwd_lib.evaluation import predict
from hwd_lib.preprocessing import preprocess
from hwd_lib.saved import default_network, load_reader, network_path

SUMMARY = "measure a network on digits that people drew, given as pen strokes"
EXAMPLES = (
    "hwd strokes strokes.json.gz --network saved_nn/best.npz",
    "hwd strokes strokes.json --json | python -m json.tool",
)
FORMAT = """
the file: JSON, as it is or gzipped, with

  {"y_axis": "down", "samples": [{"label": 8, "writer": "ann", "set": "tablet",
                                  "strokes": [[[x, y], [x, y], ...], ...]}, ...]}

One inner list is one stroke, from pen down to pen up. x grows to the right and y downwards
("y_axis": "up" turns that over), in any unit. "writer" and "set" may be left out.
"""
MOST_BYTES = 500_000_000  # of JSON: a small gzip file that unpacks to more is an attack, or a mistake


class Sample(NamedTuple):
    """A drawn digit: what it is (None if nobody said), who drew it, in which set, and the strokes, y down."""

    label: int | None
    writer: str
    set: str
    strokes: list


def add_arguments(parser):
    parser.description += "\n" + FORMAT
    parser.add_argument("file", type=Path, metavar="FILE", help="strokes, .json or .json.gz")
    parser.add_argument("--network", metavar="FILE", help="a .npz file, or a name in saved_nn (default)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    parser.add_argument("--record", action="store_true", help="write the accuracy into the network's file")


def run(arguments):
    samples = read_strokes(arguments.file)
    if any(sample.label is None for sample in samples):
        raise ValueError(
            f"{arguments.file}: expected a label, 0 to 9, with each sample. `hwd recognize` needs none."
        )
    path = network_path(arguments.network) if arguments.network else default_network()
    network = load_reader(path)
    if arguments.record:
        change_metadata(path)  # changes nothing, and says so now if the file cannot be written
    predicted = predict(network, images_of(samples))
    right = predicted == np.array([sample.label for sample in samples])
    results = summarise(samples, right)
    if arguments.record:  # before anything is printed: a reader may close the pipe
        change_metadata(path, strokes_accuracy=results["accuracy"], strokes_file=arguments.file.name)
        print(f"recorded in {path}", file=sys.stderr)
    if arguments.json:
        print(json.dumps(results, indent=1))
    else:
        print(f"{path}: {percent(results['accuracy'])} of {len(samples)} drawn digits\n")
        print_tables(results, samples)
    return 0


def read_strokes(path):
    """Read a strokes file, packed or not, into a list of Sample.

    Besides the format of `FORMAT`, it takes one drawing alone: ``{"strokes": [...]}``, or just the list of
    strokes. Raises ValueError when it is anything else.
    """
    raw = path.read_bytes()
    try:
        if raw[:2] == b"\x1f\x8b":
            with gzip.open(path) as file:
                raw = file.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES / 1e6:.0f} MB")
        content = json.loads(raw)
        if isinstance(content, list):
            content = {"samples": [{"strokes": content}]}
        elif "samples" not in content:
            content = {"samples": [content], "y_axis": content.get("y_axis", "down")}
        upside_down = {"down": False, "up": True}[content.get("y_axis", "down")]
        unnamed = path.name.removesuffix(".gz").removesuffix(".json")
        samples = [
            read_sample(sample, content.get("set", unnamed), upside_down) for sample in content["samples"]
        ]
        if not samples:
            raise ValueError("no samples")
    except (EOFError, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(
            f"{path}: expected strokes as JSON, found something else ({type(error).__name__}: {error}). "
            "`hwd strokes --help` shows the format."
        ) from error
    return samples


def read_sample(sample, unnamed, upside_down):
    label, strokes = sample.get("label"), sample["strokes"]
    if (
        not isinstance(strokes, list)
        or label is not None
        and (isinstance(label, bool) or label not in range(10))
    ):
        raise ValueError(f"label {label!r} with strokes of type {type(strokes).__name__}")
    if upside_down:
        strokes = [[[x, -y] for x, y, *_ in stroke] for stroke in strokes]
    return Sample(label, str(sample.get("writer", "unknown")), str(sample.get("set", unnamed)), strokes)


def images_of(samples):
    """Preprocess all samples: (n, 784) float32."""
    return np.stack([preprocess(sample.strokes).ravel() for sample in samples])  # n of (28, 28) -> (n, 784)


def summarise(samples, right):
    """Shares of right answers, from `right` (n,) bool: over all, by set, digit, set and digit, and writer."""
    digits = np.array([str(sample.label) for sample in samples])
    sets = np.array([sample.set for sample in samples])
    writers = np.array([sample.writer for sample in samples])
    return {
        "accuracy": float(right.mean()),
        "samples": len(samples),
        "by_set": share_by(sets, right),
        "by_digit": share_by(digits, right),
        "by_set_and_digit": {
            name: share_by(digits[sets == name], right[sets == name]) for name in np.unique(sets)
        },
        "by_writer": share_by(writers, right),
    }


def share_by(names, right):
    """The mean of `right` (n,) for each of the names (n,)."""
    return {str(name): float(right[names == name].mean()) for name in np.unique(names)}


def print_tables(results, samples):
    counts = {key: {} for key in ("by_set", "by_digit", "by_writer")}
    for sample in samples:
        for key, name in (
            ("by_set", sample.set),
            ("by_digit", str(sample.label)),
            ("by_writer", sample.writer),
        ):
            counts[key][name] = counts[key].get(name, 0) + 1
    for key, heading in (("by_set", "set"), ("by_digit", "digit"), ("by_writer", "writer")):
        width = max(len(heading), *map(len, results[key]))
        print(f"{heading:{width}}  samples  accuracy")
        for name, accuracy in results[key].items():
            print(f"{name:{width}}  {counts[key][name]:7}  {percent(accuracy):>8}")
        print()
    if len(results["by_set"]) > 1:
        width = max(map(len, results["by_set"]))
        print("accuracy by set and digit, in percent")
        print(" " * width + "".join(f"{digit:>8}" for digit in range(10)))
        for name, by_digit in results["by_set_and_digit"].items():
            cells = (
                f"{100 * by_digit[str(d)]:8.2f}" if str(d) in by_digit else f"{'-':>8}" for d in range(10)
            )
            print(f"{name:{width}}" + "".join(cells))
        print()
