"""`hwd strokes`: how well a network reads what people drew with a pen - by digit, by writer, by set."""

import gzip
import io
import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hwd_lib.commands import change_metadata, format_table, percent, read_input, record_shares
from hwd_lib.evaluation import probabilities
from hwd_lib.numbers import number_text, read_number
from hwd_lib.preprocessing import preprocess
from hwd_lib.saved import default_network, load_reader, network_path
from hwd_lib.widgets.reading import believed

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
("y_axis": "up" turns that over), in any unit. "writer" and "set" may be left out. A sample
that is no digit has a "symbol" in place of the label: "+", "alpha", "heart". A label may be
a whole number as text, "2026": then its digits are looked for, and it is counted by itself.

"Shown as a digit" is what the app gives one digit at least half of the probability.
"""
SHOWN = 0.5  # from this probability on, the app is said to show a digit
MOST_BYTES = 500_000_000  # of JSON: a small gzip file that unpacks to more is an attack, or a mistake


class Sample(NamedTuple):
    """A drawing: what it is, by whom, in which set; the strokes, y down."""

    label: int | str | None  # a digit; a number of two or more as text; None if neither, or nobody said
    writer: str
    set: str
    strokes: list
    symbol: str | None = None  # what is drawn, where that is no digit


def add_arguments(parser):
    parser.description += "\n" + FORMAT
    parser.add_argument("file", type=Path, metavar="FILE", help="strokes, .json or .json.gz, or - for stdin")
    parser.add_argument("--network", metavar="FILE", help="a .npz file, or a name in saved_nn (default)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    parser.add_argument("--record", action="store_true", help="write the accuracy into the network's file")


def run(arguments):
    samples = read_strokes(arguments.file)
    signs = samples[0].label is None
    if any((s.label is None, s.symbol is None) != (signs, not signs) for s in samples):
        raise ValueError(
            f'{arguments.file}: expected a label, 0 to 9 or a number as text, "42", with each sample, '
            "or a symbol with each. `hwd recognize` needs none."
        )
    path = network_path(arguments.network) if arguments.network else default_network()
    network = load_reader(path)
    if arguments.record:
        change_metadata(path)  # changes nothing, and says so now if the file cannot be written
    one = [sample for sample in samples if not isinstance(sample.label, str)]  # a digit, or a sign
    longer = [sample for sample in samples if isinstance(sample.label, str)]
    results, record = {"samples": len(one)}, {}
    if one:
        found = probabilities(network, images_of(one))
        results |= ({} if signs else summarise(one, found)) | summarise_shown(one, found)
        key = "shown_as_digit" if signs else "accuracy"
        record[key if signs else "strokes_accuracy"] = results[key]
    if longer:
        texts = [number_text(read_number(sample.strokes, network)) for sample in longer]
        results["numbers"] = summarise_numbers(longer, texts)
        record["numbers_accuracy"] = results["numbers"]["accuracy"]
    if arguments.record:  # before anything is printed: a reader may close the pipe
        record_shares(path, network, arguments.file.name, record)
    if arguments.json:
        print(json.dumps(results, indent=1))
        return 0
    if one and signs:
        print(f"{path}: {percent(results['shown_as_digit'])} of {len(one)} symbols shown as a digit\n")
        print_table("symbol", results["shown_as_digit_by_symbol"], [sample.symbol for sample in one])
    elif one:
        print(f"{path}: {percent(results['accuracy'])} of {len(one)} drawn digits\n")
        print_tables(results, one)
    if longer:
        numbers = results["numbers"]
        print(f"{path}: {percent(numbers['accuracy'])} of {len(longer)} drawn numbers\n")
        print_table("set", numbers["by_set"], [sample.set for sample in longer])
        print_table("length", numbers["by_length"], [length_of(sample.label) for sample in longer])
        print(f"right number of digits: {percent(numbers['count_accuracy'])}")
        print(f"digits read right: {percent(numbers['digit_accuracy'])}\n")
    return 0


def read_strokes(path, content=None):
    """Read a strokes file, packed or not, into a list of Sample.

    Besides the format of `FORMAT`, it takes one drawing alone: ``{"strokes": [...]}``, or just the list of
    strokes. `content` are the file's bytes, if they were read before. ValueError when it is anything else.
    """
    raw = read_input(path) if content is None else content
    try:
        if raw[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(raw)) as file:
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
    if isinstance(label, str) and label.isascii() and label.isdigit():
        label = label if len(label) > 1 else int(label)
    elif label is not None and (isinstance(label, bool) or label not in range(10)):
        raise ValueError(f'label {label!r}, neither 0 to 9 nor a number as text, such as "42"')
    if not isinstance(strokes, list):
        raise ValueError(f"label {label!r} with strokes of type {type(strokes).__name__}")
    if upside_down:
        strokes = [[[x, -y] for x, y, *_ in stroke] for stroke in strokes]
    writer, name = str(sample.get("writer", "unknown")), str(sample.get("set", unnamed))
    symbol = str(sample["symbol"]) if "symbol" in sample else None
    return Sample(label, writer, name, strokes, symbol)


def images_of(samples):
    """Preprocess all samples: (n, 784) float32."""
    return np.stack([preprocess(sample.strokes).ravel() for sample in samples])  # n of (28, 28) -> (n, 784)


def summarise(samples, found):
    """Shares of right answers, from probabilities (n, 10): over all, by set, digit, both, and writer."""
    right = found.argmax(axis=1) == np.array([sample.label for sample in samples])  # (n, 10) -> (n,)
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


def summarise_shown(samples, found):
    """The share that the app shows as a digit, from probabilities (n, 10): over all, and by symbol if any."""
    shown = np.array([
        believed(alone, sample.strokes).max() >= SHOWN for alone, sample in zip(found, samples, strict=True)
    ])  # fmt: skip
    result = {"shown_as_digit": float(shown.mean())}
    if samples[0].symbol is not None:
        symbols = np.array([sample.symbol for sample in samples])
        result["shown_as_digit_by_symbol"] = share_by(symbols, shown)
    return result


def summarise_numbers(samples, texts):
    """Shares of numbers that are right as a whole, from what was read: over all, by set, and by length.

    Besides, the share of numbers in which as many digits were found as there are, and that of the digits that
    are right: all but the fewest that must be changed, added or taken away (Levenshtein 1966).
    """
    labels = [sample.label for sample in samples]
    right = np.array([text == label for text, label in zip(texts, labels, strict=True)])
    found = [len(text) == len(label) for text, label in zip(texts, labels, strict=True)]
    wrong = [min(len(label), edits(text, label)) for text, label in zip(texts, labels, strict=True)]
    return {
        "samples": len(samples),
        "accuracy": float(right.mean()),
        "digit_accuracy": 1 - sum(wrong) / sum(map(len, labels)),
        "count_accuracy": float(np.mean(found)),
        "by_set": share_by(np.array([sample.set for sample in samples]), right),
        "by_length": share_by(np.array([length_of(label) for label in labels]), right),
    }


def edits(text, other):
    """How many characters must be changed, added or taken away to make one text the other."""
    row = list(range(len(other) + 1))
    for i, character in enumerate(text):
        before, row = row, [i + 1]
        for j, like in enumerate(other):
            row.append(min(before[j] + (character != like), before[j + 1] + 1, row[j] + 1))
    return row[-1]


def length_of(label):
    """The number of digits, as it stands in the table: four and more are one row."""
    return str(len(label)) if len(label) < 4 else "4+"


def share_by(names, right):
    """The mean of `right` (n,) for each of the names (n,)."""
    return {str(name): float(right[names == name].mean()) for name in np.unique(names)}


def print_tables(results, samples):
    print_table("set", results["by_set"], [sample.set for sample in samples])
    print_table("digit", results["by_digit"], [str(sample.label) for sample in samples])
    print_table("writer", results["by_writer"], [sample.writer for sample in samples])
    print(f"shown as a digit: {percent(results['shown_as_digit'])}\n")
    if len(results["by_set"]) > 1:
        shares = results["by_set_and_digit"]
        rows = [
            [str(d), *(f"{100 * s[str(d)]:.2f}" if str(d) in s else "-" for s in shares.values())]
            for d in range(10)
        ]
        print("accuracy by digit and set, in percent")
        print(format_table([("digit", *shares), *rows], "<>"), end="\n\n")


def print_table(heading, shares, names):
    """A line for each name in `shares`, with how many of the samples' `names` are the same."""
    counts = Counter(names)
    rows = [(name, str(counts[name]), percent(share)) for name, share in shares.items()]
    print(format_table([(heading, "samples", "share"), *rows], "<>"), end="\n\n")
