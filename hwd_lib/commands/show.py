"""`hwd show`: digits of MNIST as letters in the terminal, to see what a network sees."""

import shutil

import numpy as np

from hwd_lib.commands import whole
from hwd_lib.mnist import load_mnist

SUMMARY = "show training digits of MNIST as ASCII art"
EXAMPLES = (
    "hwd show 25             25 digits, other ones every time",
    "hwd show 6 --digit 7    six ways to write a 7",
    "hwd show 10 --seed 1    always the same ten",
)
RAMP = np.array(list(" .:-=+*#%@"))  # from paper to ink
SIDE = 28


def add_arguments(parser):
    parser.add_argument("count", nargs="?", type=whole, default=10, metavar="N", help="how many digits (10)")
    parser.add_argument("--digit", type=int, choices=range(10), metavar="D", help="only this digit, 0 to 9")
    parser.add_argument("--seed", type=int, metavar="S", help="the same seed shows the same digits")


def run(arguments):
    train = load_mnist().train
    candidates = np.arange(len(train.labels))
    if arguments.digit is not None:
        candidates = candidates[train.labels == arguments.digit]
    if arguments.count > len(candidates):
        raise ValueError(
            f"N: expected at most {len(candidates)}, that is how many there are, found {arguments.count}."
        )
    chosen = np.random.default_rng(arguments.seed).choice(candidates, arguments.count, replace=False)
    in_a_row = max(1, (shutil.get_terminal_size().columns + 2) // (SIDE + 2))
    for first in range(0, len(chosen), in_a_row):
        row = chosen[first : first + in_a_row]
        print("  ".join(f"{f'{train.labels[i]}  (no. {i})':{SIDE}}" for i in row).rstrip())
        for lines in zip(*(ascii_art(train.images[i]) for i in row), strict=True):
            print("  ".join(lines).rstrip())
    return 0


def ascii_art(image):
    """Draw an image (784,) with letters: 14 lines of 28, for a letter is twice as high as it is wide."""
    rows = image.reshape(SIDE // 2, 2, SIDE).mean(axis=1)  # (784,) -> (14, 2, 28) -> (14, 28)
    levels = np.round(rows * (len(RAMP) - 1)).astype(int)
    return ["".join(line) for line in RAMP[levels]]
