"""How the distance between digits decides whether a number is read right: a curve of accuracy against gap.

    python benchmarks/number_gaps.py STROKES.json.gz --network best

Numbers of two to six digits are put together from single digits of one writer, as a strokes file has them
(see `hwd strokes --help`). Between two digits there is a gap, in heights of a digit: below 0 they overlap.
The last line is what the network alone makes of the same digits: each by itself, as if all groups were given.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from hwd_lib.commands.strokes import read_strokes
from hwd_lib.numbers import number_text, read_number
from hwd_lib.preprocessing import clean_strokes, preprocess
from hwd_lib.saved import load_reader, network_path

GAPS = (0.3, 0.2, 0.1, 0.05, 0.0, -0.05, -0.1, -0.15)
SHORTEST, LONGEST = 2, 6  # digits of a number
FEWEST = 8  # digits of a writer


def compose(digits, gap):
    """Put drawn digits, lists of (n, 2) arrays, side by side: the strokes of a number."""
    low = [np.concatenate(digit).min(axis=0) for digit in digits]
    high = [np.concatenate(digit).max(axis=0) for digit in digits]
    height = np.median([b[1] - a[1] for a, b in zip(low, high, strict=True)])
    strokes, x = [], 0.0
    for digit, a, b in zip(digits, low, high, strict=True):
        strokes += [stroke + [x - a[0], -(a[1] + b[1]) / 2] for stroke in digit]
        x += b[0] - a[0] + gap * height
    return strokes


def curve(network, samples, n, seed=0):
    """The share of `n` numbers that is read right at each gap, and with the groups given: dict, float."""
    rng = np.random.default_rng(seed)
    by_writer = {}
    for sample in samples:
        by_writer.setdefault(sample.writer, []).append((sample.label, clean_strokes(sample.strokes)))
    writers = [own for _, own in sorted(by_writer.items()) if len(own) >= FEWEST]
    numbers = []
    for _ in range(n):
        own = writers[rng.integers(len(writers))]
        numbers.append([own[i] for i in rng.integers(len(own), size=rng.integers(SHORTEST, LONGEST + 1))])
    labels = ["".join(str(label) for label, _ in number) for number in numbers]
    shares = {}
    for gap in GAPS:
        texts = [
            number_text(read_number(compose([s for _, s in number], gap), network)) for number in numbers
        ]
        shares[gap] = float(np.mean([text == label for text, label in zip(texts, labels, strict=True)]))
    given = []
    for number, label in zip(numbers, labels, strict=True):
        images = np.stack([preprocess(strokes).ravel() for _, strokes in number])  # (digits, 784)
        given.append("".join(map(str, network.predict(images))) == label)
    return shares, float(np.mean(given))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="single digits as strokes, .json or .json.gz")
    parser.add_argument("--network", default="default", help="a .npz file, or a name in saved_nn (default)")
    parser.add_argument("--numbers", type=int, default=500, metavar="N", help="numbers at each gap (500)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    samples = [sample for sample in read_strokes(arguments.file) if isinstance(sample.label, int)]
    network = load_reader(network_path(arguments.network))
    shares, given = curve(network, samples, arguments.numbers)
    if arguments.json:
        print(json.dumps({"by_gap": shares, "groups_given": given}))
        return
    print(f"{arguments.numbers} numbers of {SHORTEST} to {LONGEST} digits, read whole\n\n  gap  right")
    for gap, share in shares.items():
        print(f"{gap:+5.2f}  {share:.1%}")
    print(f"given  {given:.1%}")


if __name__ == "__main__":
    main()
