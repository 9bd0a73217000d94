"""How well does a network read handwriting that is moved, small, or slanted? How fast does it learn a hand?

    python benchmarks/handwriting.py STROKES.json.gz [--network NAME] [--json FILE]

It prints two tables. The first: accuracy on the drawn digits in the middle of the sheet, and after each has
been moved, scaled and turned there, in whole canvas pixels, as a mouse would hand it over. The second: the
three writers that the network reads worst are each taught 20 of their own digits, two of each kind, and the
rest of their digits are read before and after, over several choices of those 20. Beside it stands what was
forgotten of MNIST's validation digits, and how long an update took.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np

from hwd_lib.commands.strokes import images_of, read_strokes
from hwd_lib.evaluation import accuracy, predict
from hwd_lib.mnist import load_mnist
from hwd_lib.preprocessing import clean_strokes, fit_to_box
from hwd_lib.saved import default_network, load_reader, network_path
from hwd_lib.training import fine_tune
from hwd_lib.widgets.canvas import SIZE
from hwd_lib.widgets.examples import replay

MARGIN = 60 + SIZE / 20  # canvas pixels between the digit and the edge, so that it can be moved by 60
TAUGHT, ROUNDS, WORST = 20, 5, 3


def placed(strokes, size=0.5, shift=(0, 0), degrees=0.0):
    """The strokes (k of (n, 2)) on a sheet: `size` is a share of the room, `shift` in canvas pixels."""
    room = SIZE - 2 * MARGIN
    fitted = fit_to_box(clean_strokes(strokes), size * room)
    middle = 14.0  # where `fit_to_box` puts the middle of the bounding box
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([[cos, sin], [-sin, cos]])
    moved = [(stroke - middle) @ turn + SIZE / 2 + shift for stroke in fitted]  # (n, 2) @ (2, 2)
    return [np.clip(np.round(stroke), 0, SIZE) for stroke in moved]  # a mouse counts in whole pixels


PLACES = {
    "in the middle, half size": {},
    **{f"moved by {x:+}, {y:+}": {"shift": (x, y)} for x, y in ((60, 60), (-60, 60), (60, -60), (-60, -60))},
    **{f"at {size:.0%} of the size": {"size": size} for size in (0.25, 0.75, 1.0)},
    **{f"turned by {degrees:+}°": {"degrees": degrees} for degrees in (-15, -10, -5, 5, 10, 15)},
}


def robustness(network, samples):
    """Accuracy for each of `PLACES`, by its name."""
    labels = np.array([sample.label for sample in samples])
    result = {}
    for name, place in PLACES.items():
        images = images_of([sample._replace(strokes=placed(sample.strokes, **place)) for sample in samples])
        result[name] = float((predict(network, images) == labels).mean())
    return result


def teaching(network, samples, mnist):
    """Errors of the worst writers before and after they have taught the network, a dict a writer."""
    images, labels = images_of(samples), np.array([sample.label for sample in samples])
    writers = np.array([sample.writer for sample in samples])
    right = predict(network, images) == labels
    worst = sorted(set(writers), key=lambda name: right[writers == name].mean())[:WORST]
    among = replay()
    validation = accuracy(network, mnist.validation)
    rows = []
    for writer in worst:
        theirs = np.flatnonzero(writers == writer)
        before = after = digits = 0
        kept, seconds = [], []
        for seed in range(ROUNDS):
            order = np.random.default_rng(seed).permutation(theirs)
            taught = np.concatenate([order[labels[order] == d][: TAUGHT // 10] for d in range(10)])
            others = np.setdiff1d(theirs, taught)
            started = time.perf_counter()
            tuned = fine_tune(network, images[taught], labels[taught], among, seed=seed)
            seconds.append(time.perf_counter() - started)
            before += int((~right[others]).sum())
            after += int((predict(tuned, images[others]) != labels[others]).sum())
            digits += len(others)
            kept.append(accuracy(tuned, mnist.validation))
        row = {"writer": writer, "digits": digits, "errors_before": before, "errors_after": after}
        row |= {"mnist_before": validation, "mnist_after": statistics.median(kept), "mnist_worst": min(kept)}
        rows.append(row | {"seconds": statistics.median(seconds)})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, help="strokes, as `hwd strokes` reads them")
    parser.add_argument("--network", help="a .npz file, or a name in saved_nn")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    arguments = parser.parse_args()
    path = network_path(arguments.network) if arguments.network else default_network()
    network = load_reader(path)
    samples = [s for s in read_strokes(arguments.file) if isinstance(s.label, int)]  # digits, not numbers
    print(f"{path.stem}, {len(samples)} drawn digits\n")
    found = robustness(network, samples)
    first = next(iter(found.values()))
    print(f"{'drawn':28}  accuracy  difference")
    for name, value in found.items():
        print(f"{name:28}  {value:8.2%}  {100 * (value - first):+8.2f}")
    rows = teaching(network, samples, load_mnist())
    print(f"\ntaught {TAUGHT} digits, {ROUNDS} choices of them; errors on the writer's other digits")
    print("writer    digits  before  after  MNIST before  after (worst)      seconds")
    for r in rows:
        print(f"{r['writer']:8}  {r['digits']:6}  {r['errors_before']:6}  {r['errors_after']:5}  "
              f"{r['mnist_before']:12.2%}  {r['mnist_after']:6.2%} ({r['mnist_worst']:6.2%})"
              f"  {r['seconds']:7.2f}")
    if arguments.json:
        arguments.json.write_text(json.dumps({"robustness": found, "teaching": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
