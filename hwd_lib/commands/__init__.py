"""One module for each thing that `hwd` can do, and what they share."""

import argparse
import json
import math
import os
import shutil
import sys
import tempfile
import textwrap

import numpy as np

from hwd_lib.network import SAVED_NN, load_npz, save_npz
from hwd_lib.saved import with_suffix


def save_path(name):
    """Where ``--save NAME`` writes: a bare name goes to ``saved_nn``, anything with a folder is a path."""
    path = with_suffix(name)
    return SAVED_NN / path if os.path.basename(name) == name else path


def make_sure_of_folder(folder):
    """Make the folder, and see that files can be written there: before an hour of training, not after."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ValueError(
            f"{folder}: expected a folder that can be written to, found none ({error.strerror.lower()}). "
            "Choose another place with --save."
        ) from error


def number(about, key):
    """The number that metadata hold under `key`, or None: a file may have been written by anybody."""
    value = about.get(key)
    return (
        value
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        else None
    )


def numbers(about, key):
    """The list of numbers (or None) that metadata hold under `key`, or an empty list."""
    values = about.get(key)
    return [number({key: value}, key) for value in values] if isinstance(values, list) else []


def describe(about):
    """How a network was trained, in one line, from its metadata."""
    words = [str(about.get("recipe", "not known"))]
    for key, form in RECIPE_WORDS.items():
        value = about.get(key)
        if value:
            try:
                words.append(form(value) if callable(form) else form.format(value))
            except (TypeError, ValueError, AttributeError):  # a file may have been written by anybody
                words.append(f"{key} not known")
    return ", ".join(words)


RECIPE_WORDS = {
    "start": "from {}",
    "optimizer": "{}",
    "learning_rate": "learning rate {:g}",
    "schedule": "{}",
    "batch_size": "batch {}",
    "epochs": "{} epochs",
    "dropout": "dropout {:g}",
    "weight_decay": "weight decay {:g}",
    "label_smoothing": "label smoothing {:g}",
    "ema": "averaged {:g}",
    "augment": lambda amounts: "distorted (" + " ".join(f"{k} {v:g}" for k, v in amounts.items() if v) + ")",
    "styles": "{:.0%} drawn digits",
    "others": "{:.0%} no digits",
    "examples": "the first {} digits",
}


def mean_and_sd(accuracies):
    """[0.981, 0.983] -> "98.20 ± 0.14": in percent, the standard deviation that of a sample (n - 1)."""
    values = 100 * np.array(accuracies, float)
    return f"{values.mean():.2f}" + (f" ± {values.std(ddof=1):.2f}" if len(values) > 1 else "")


def change_metadata(path, **changes):
    """Write `changes` into the metadata of the network in `path`; its numbers stay the same, bit for bit."""
    arrays = load_npz(path, str(path))
    if "metadata" not in arrays:
        raise ValueError(
            f"{path}: expected metadata to write into, found HWD-Perceptron's format, which has none. "
            "Load it with Network.load, save it with Network.save, then record."
        )
    about = json.loads(str(arrays["metadata"])) | changes
    save_npz(path, **arrays | {"metadata": np.array(json.dumps(about))})


def record_shares(path, network, name, shares):
    """Write what was measured on data of this name into the file of a network: {key: share}."""
    for key, share in shares.items():
        before = network.metadata.get(key)
        shares[key] = (before if isinstance(before, dict) else {}) | {name: share}
    change_metadata(path, **shares)
    print(f"recorded in {path}", file=sys.stderr)


def format_table(rows, align="<"):
    """Rows of text as lines, the first being the headings; where that is too wide, a block for each row.

    Parameters
    ----------
    rows : list of tuples of str; a row may end early
    align : str
        "<" or ">" for each column, the last of them for all that follow.
    """
    columns, terminal = len(rows[0]), shutil.get_terminal_size((10**6, 24)).columns  # a pipe is wide enough
    align += align[-1] * (columns - len(align))
    widths = [max(len(row[i]) for row in rows if len(row) == columns) for i in range(columns)]
    if sum(widths) + 2 * (columns - 1) <= terminal:
        forms = [f"{a}{width}" for a, width in zip(align, widths, strict=False)]
        lines = ("  ".join(map(format, row, forms)) for row in rows)
        return "\n".join(line.rstrip() for line in lines)
    lines = []
    for first, *others in rows[1:]:
        lines.append(first)
        for heading, cell in zip(rows[0][1:], others, strict=False):
            lines.append(textwrap.fill(
                f"{heading}: {cell}", terminal, initial_indent="  ", subsequent_indent="    ",
                break_long_words=False, break_on_hyphens=False,
            ))  # fmt: skip
    return "\n".join(lines)


def read_input(path):
    """The bytes of a file, or, for ``-``, of what comes in from the terminal or a pipe."""
    return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()


def percent(share):
    """0.98123 -> "98.12 %"."""
    return f"{100 * share:.2f} %"


# Types for argparse: they turn text into a number, or say what was expected.
def whole(text):
    """A whole number of 1 or more."""
    number = _number(int, text, "a whole number of 1 or more")
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of 1 or more, found {text}")
    return number


def positive(text):
    """A number above 0."""
    number = _number(float, text, "a number above 0")
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"expected a number above 0, found {text}")
    return number


def share(text):
    """A number from 0 up to, but not, 1."""
    number = _number(float, text, "a number from 0 to below 1")
    if not 0 <= number < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to below 1, found {text}")
    return number


def _number(kind, text, expected):
    try:
        return kind(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected {expected}, found {text!r}") from None
