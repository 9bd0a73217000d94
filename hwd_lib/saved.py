"""Networks that are ready for use: where they are, and whether they can read what somebody draws."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import IO

import numpy as np

from hwd_lib.network import SAVED_NN, Network

DIGITS = tuple("0123456789")

def network_path(name: str | Path) -> Path:
    """The file that a person means: a path, or a name in ``saved_nn``, with or without ``.npz``."""
    if Path(name).is_file():
        return Path(name)
    path = with_suffix(name)
    return SAVED_NN / path if os.path.basename(name) == str(name) and not path.is_file() else path


def with_suffix(name: str | Path) -> Path:
    """`name` as a path that ends in ``.npz``."""
    path = Path(name)
    return path if path.suffix == ".npz" else path.with_name(f"{path.name}.npz")


def default_network() -> Path:
    """The file of the network that reads when no other is named; FileNotFoundError when there is none."""
    for path in (SAVED_NN / "default.npz", SAVED_NN / "784-100-10.npz", *digit_networks(SAVED_NN)):
        if path.exists():
            return path
    raise FileNotFoundError(
        f"{SAVED_NN}: expected a trained network, such as default.npz, found none. "
        "Train one: `hwd train default`; or name a file of your own; or go to the course's folder."
    )


def digit_networks(folder: Path) -> list[Path]:
    """The files of a folder that hold a network from 784 pixels to the ten digits, by name.

    Checkpoints of a training run, networks of other data, and whatever else lies there, are left out.
    """
    found = []
    for path in sorted(folder.glob("*.npz")):
        with suppress(Exception):  # of foreign files, each kind has errors of its own
            with np.load(path, allow_pickle=False) as file:
                about = {} if "arr_0" in file.files else json.loads(str(file["metadata"]))
            layers, names = about.get("layers", [784, 10]), about.get("names", [*DIGITS])
            if (layers[0], layers[-1], names) == (784, 10, [*DIGITS]):
                found.append(path)
    return found


def load_reader(path: str | Path | IO[bytes], name: str | None = None, digits: bool = True) -> Network:
    """Load a network, from a path or an open file, and make sure that it reads images of MNIST's size.

    Without `digits`, its classes may be others than the ten digits: `class_names` tells. Raises ValueError
    when it reads no such images, or is no network; the sentence calls the file `name`, by default its path.
    """
    network = Network.load(path, name)
    if network.layers[0] != 784 or digits and class_names(network) != DIGITS:
        classes = "10 digits" if digits else "some classes"
        names = ", ".join(class_names(network)[:3])
        raise ValueError(
            f"{name or path}: expected a network from 784 pixels to {classes}, found "
            f"{'-'.join(map(str, network.layers))} for {names}, …. Choose one that was trained on MNIST."
        )
    return network


def class_names(network: Network) -> tuple[str, ...]:
    """What the classes of a network are called: as its metadata say, or "0", "1", …"""
    names, n = network.metadata.get("names"), network.layers[-1]
    if isinstance(names, list) and len(names) == n and all(isinstance(name, str) for name in names):
        return tuple(names)
    return tuple(map(str, range(n)))
