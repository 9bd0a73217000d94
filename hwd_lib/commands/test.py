"""`hwd test`: opens the test set, and compares what it measures with what the network's file claims."""

from pathlib import Path

import numpy as np

from hwd_lib.commands import change_metadata, describe, mean_and_sd, number, numbers, percent
from hwd_lib.commands.job import seed_path
from hwd_lib.evaluation import confusion_matrix
from hwd_lib.mnist import load_mnist
from hwd_lib.saved import load_reader, network_path
from hwd_lib.test_set import LOG, measure

SUMMARY = "measure a network on the test set, and check what its file claims"
EXAMPLES = (
    "hwd test saved_nn/784-100-10.npz",
    "hwd test mine --record      write a first measurement into saved_nn/mine.npz",
)


def add_arguments(parser):
    parser.add_argument("network", metavar="NETWORK", help="a .npz file, or a name in saved_nn")
    parser.add_argument(
        "--record", action="store_true",
        help="write the accuracy into the file if it holds none yet, and that of the run's other seeds",
    )  # fmt: skip
    parser.add_argument(
        "--log", type=Path, default=LOG, metavar="FILE",
        help="where each opening of the test set is noted (saved_nn/test_log.csv)",
    )  # fmt: skip


def run(arguments):
    path = network_path(arguments.network)
    network = load_reader(path)
    about = network.metadata
    if arguments.record:
        change_metadata(path)  # changes nothing, and says so now if the file cannot be written
    test = load_mnist().test
    predicted = measure(network, path, test, arguments.log)
    accuracy = float((predicted == test.labels).mean())
    claimed = number(about, "test_accuracy")
    if claimed is None:
        claimed = number(about, "success")  # what HWD-Perceptron calls it
    recorded = {}
    if arguments.record and (claimed is None or same(claimed, accuracy)):
        recorded = {"test_accuracy": accuracy} | measure_seeds(path, about, accuracy, test, arguments.log)
        if not recorded.items() <= about.items():
            change_metadata(path, **recorded)  # before anything is printed: a reader may close the pipe
            claimed = accuracy
    print_what_is_known(network, path)
    print(f"test        {percent(accuracy)}, {(predicted == test.labels).sum()} of {len(predicted)}\n")
    print_digits(test.labels, predicted)
    if recorded:
        print_seeds(about, recorded)
        print(f"recorded in {path}; `hwd networks --readme` brings the results table up to date\n")
    if claimed is None:
        print(f"NO CLAIM: {path} says nothing about the test set. --record writes what was measured into it.")
        return 1
    if not same(claimed, accuracy):
        print(f"NETWORK IS NOT OK: its file claims {100 * claimed:g} %, measured was {100 * accuracy:g} %.")
        return 1
    print("NETWORK IS OK")
    return 0


def same(claimed, accuracy):
    return abs(claimed - accuracy) < 1e-9  # one digit of 10,000 is 1e-4


def measure_seeds(path, about, accuracy, test, log):
    """Measure the networks of the run's other seeds; return what the metadata shall say of all of them.

    None stands for one whose file is gone, or is of another run.
    """
    seeds, validation = about.get("seeds"), numbers(about, "validation_accuracies")
    if not isinstance(seeds, list) or not 1 < len(seeds) == len(validation):
        return {}
    found = numbers(about, "test_accuracies")
    if len(found) != len(seeds):
        found = [None] * len(seeds)
    for i, seed in enumerate(seeds):
        file = seed_path(path, seed)
        if seed == about.get("seed"):
            found[i] = accuracy
        elif found[i] is None and file.exists():
            network = load_reader(file)
            if network.metadata.get("validation_accuracy") == validation[i]:  # else it is of another run
                found[i] = float((measure(network, file, test, log) == test.labels).mean())
    return {"test_accuracies": found}


def print_seeds(about, recorded):
    """What was measured for each seed, and over all of them."""
    found = recorded.get("test_accuracies", [])
    for seed, value in zip(about.get("seeds", []), found, strict=False):
        print(f"seed {seed:<6} {'not measured: its file is gone' if value is None else percent(value)}")
    measured = [value for value in found if value is not None]
    if measured:
        print(f"together    {mean_and_sd(measured)} % over {len(measured)} seeds\n")


def print_what_is_known(network, path):
    about = network.metadata
    shape = "-".join(map(str, network.layers))
    print(f"network     {path}")
    print(f"topology    {shape}, {network.activation}, {network.parameters.size:,} parameters")
    print(f"recipe      {describe(about)}")
    print(f"trained     {about.get('date', 'date unknown')}, seed {about.get('seed', 'unknown')}", end="")
    print(f", {about['seconds']} s" if "seconds" in about else "")
    if number(about, "validation_accuracy") is not None:
        print(f"validation  {percent(about['validation_accuracy'])}")


def print_digits(labels, predicted):
    """The table of digits: how many there are, how many are read right, and what the others are taken for."""
    matrix = confusion_matrix(labels, predicted)  # (10, 10)
    print("digit  examples  right  accuracy  most often taken for")
    for digit, row in enumerate(matrix):
        wrong = np.where(np.arange(10) == digit, 0, row)
        taken = f"{wrong.argmax()} ({wrong.max()})" if wrong.any() else "-"
        print(f"{digit:5}  {row.sum():8}  {row[digit]:5}  {percent(row[digit] / row.sum()):>8}  {taken:>20}")
    print()
