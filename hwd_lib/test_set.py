"""The one door to the test set: whoever measures on it leaves a line in a log."""

import csv
import hashlib
import sys
from datetime import UTC, datetime
from pathlib import Path

from numpy import ndarray as Array

from hwd_lib.evaluation import predict
from hwd_lib.mnist import Split
from hwd_lib.network import SAVED_NN, Network

LOG = SAVED_NN / "test_log.csv"  # of the project's own networks; those elsewhere have one beside them
COLUMNS = ("time", "network", "sha256 of the weights", "right", "examples")


def measure(network: Network, path: Path, test: Split, log: Path | None = None) -> Array:
    """What the network in the file `path` reads on the test set, (n,) int64: each time is noted in a log.

    By default that is `LOG` for networks in ``saved_nn``, and for others ``test_log.csv`` beside them. Where
    that cannot be written, a sentence on the error stream says so.
    """
    inside = path.resolve().is_relative_to(SAVED_NN)
    name = path.resolve().relative_to(SAVED_NN) if inside else path.name
    asked, log = log, log or (LOG if inside else path.with_name(LOG.name))
    predicted = predict(network, test.images)
    weights = hashlib.sha256(network.parameters.tobytes()).hexdigest()[:16]
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            if file.tell() == 0:
                writer.writerow(COLUMNS)
            writer.writerow([now(), name, weights, (predicted == test.labels).sum(), len(predicted)])
    except OSError as error:
        if asked:
            raise
        print(f"{log}: the test set was opened, and this is not noted ({error.strerror}).", file=sys.stderr)
    return predicted


def now() -> str:
    """This moment, as UTC with seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")
