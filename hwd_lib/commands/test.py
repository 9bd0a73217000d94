"""`hwd test`: opens the test set, and compares what it measures with what the network's file claims."""

import json
from pathlib import Path

import numpy as np

from hwd_lib.commands import change_metadata, describe, format_table, mean_and_sd, number, numbers, percent
from hwd_lib.commands.job import seed_path
from hwd_lib.datasets import load_idx
from hwd_lib.evaluation import confusion_matrix, predict
from hwd_lib.mnist import load_mnist
from hwd_lib.network import Network
from hwd_lib.saved import DIGITS, class_names, load_reader, network_path
from hwd_lib.test_set import measure

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
        "--log", type=Path, metavar="FILE",
        help="where each opening of the test set is noted (test_log.csv beside the network)",
    )  # fmt: skip
    parser.add_argument(
        "--data", type=Path, metavar="FOLDER", help="its test set instead of MNIST's: IDX files, see load_idx"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a report")


def run(arguments):
    path = network_path(arguments.network)
    network = Network.load(path)
    about = network.metadata
    test, names = read_test_set(network, path, arguments.data)
    if arguments.record:
        change_metadata(path)  # changes nothing, and says so now if the file cannot be written
    if arguments.data:
        predicted = predict(network, test.images)
    else:
        predicted = measure(network, path, test, arguments.log)
    accuracy = float((predicted == test.labels).mean())
    claimed = number(about, "test_accuracy")
    if claimed is None:
        claimed = number(about, "success")  # what HWD-Perceptron calls it
    recorded = {}
    if arguments.record and (claimed is None or same(claimed, accuracy)):
        others = {} if arguments.data else measure_seeds(path, about, accuracy, test, arguments.log)
        recorded = {"test_accuracy": accuracy} | others
        if not recorded.items() <= about.items():
            change_metadata(path, **recorded)  # before anything is printed: a reader may close the pipe
            claimed = accuracy
    good = claimed is not None and same(claimed, accuracy)
    if arguments.json:
        matrix = confusion_matrix(test.labels, predicted, len(names)).tolist()
        about = {"network": str(path), "accuracy": accuracy, "claimed": claimed, "ok": good}
        print(json.dumps(about | {"examples": len(predicted), "names": names, "confusion_matrix": matrix}))
        return 0 if good else 1
    print_what_is_known(network, path)
    print(f"test        {percent(accuracy)}, {(predicted == test.labels).sum()} of {len(predicted)}\n")
    print_classes(test.labels, predicted, names)
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


def read_test_set(network, path, folder):
    """The test set that is meant, and the names of its classes; ValueError when the network has others."""
    trained = network.metadata.get("data")
    if not folder and (trained or class_names(network) != DIGITS):
        raise ValueError(
            f"{path}: expected a network of MNIST's ten digits, found one of {trained or 'other classes'}. "
            "`--data FOLDER` measures it on the test set of its own data."
        )
    data = load_idx(folder) if folder else load_mnist()
    names = list(data.names if folder else DIGITS)
    ends = data.test.images.shape[1], len(names)
    if (network.layers[0], network.layers[-1]) != ends:
        raise ValueError(
            f"{path}: expected a network from {ends[0]} pixels to {ends[1]} classes, found "
            f"{'-'.join(map(str, network.layers))}. Is it of these data?"
        )
    return data.test, names


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


def print_classes(labels, predicted, names):
    """The table of digits: how many there are, how many are read right, and what the others are taken for."""
    matrix = confusion_matrix(labels, predicted, len(names))  # (classes, classes)
    first = "digit" if names == list(DIGITS) else "class"
    rows = [(first, "count", "right", "share", "taken for")]
    for k, row in enumerate(matrix):
        wrong = np.where(np.arange(len(names)) == k, 0, row)
        taken = f"{names[wrong.argmax()]} ({wrong.max()})" if wrong.any() else "-"
        right = percent(row[k] / row.sum()) if row.any() else "-"
        rows.append((names[k], str(row.sum()), str(row[k]), right, taken))
    print(format_table(rows, ">"), end="\n\n")
