"""Networks that are ready for use: where they are, and whether they can read what somebody draws."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import numpy as np

from hwd_lib.network import SAVED_NN, Network

DIGITS = tuple("0123456789")
PIXELS = 784  # of an image of MNIST's size
MOST_CLASSES, LONGEST_NAME = 100, 40  # of a network that reads, and characters of a class's name


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
    others = (path for path, names in reading_networks(SAVED_NN).items() if names == DIGITS)
    for path in (SAVED_NN / "default.npz", SAVED_NN / "784-100-10.npz", *others):
        if path.exists():
            return path
    raise FileNotFoundError(
        f"{SAVED_NN}: expected a trained network, such as default.npz, found none. "
        "Train one: `hwd train default`; or name a file of your own; or go to the course's folder."
    )


def reading_networks(folder: Path) -> dict[Path, tuple[str, ...]]:
    """The files of a folder that hold a network which reads 784 pixels, and what its classes are called.

    Those of the ten digits come first, then the others, each by name. Checkpoints of a training run, networks
    of other data, and whatever else lies there, are left out.
    """
    found = {}
    for path in sorted(folder.glob("*.npz")):
        with suppress(Exception):  # of foreign files, each kind has errors of its own
            about = metadata_of(path)
            if about["layers"][0] == PIXELS and about["layers"][-1] <= MOST_CLASSES:
                found[path] = _names(about, about["layers"][-1])
    return dict(sorted(found.items(), key=lambda item: item[1] != DIGITS))


def metadata_of(path: Path) -> dict[str, Any]:
    """What a network's file says of itself, without reading the weights."""
    with np.load(path, allow_pickle=False) as file:
        if "arr_0" in file.files:  # HWD-Perceptron's, which says nothing
            return {"layers": [PIXELS, len(DIGITS)]}
        about: dict[str, Any] = json.loads(str(file["metadata"]))
        return about


def load_reader(path: str | Path | IO[bytes], name: str | None = None, digits: bool = True) -> Network:
    """Load a network, from a path or an open file, and make sure that it reads images of MNIST's size.

    Without `digits`, its classes may be others than the ten digits: `class_names` tells. Raises ValueError
    when it reads no such images, or is no network; the sentence calls the file `name`, by default its path.
    """
    network = Network.load(path, name)
    names, width = class_names(network), network.layers[-1]
    if network.layers[0] != PIXELS or width > MOST_CLASSES or digits and names != DIGITS:
        classes = "10 digits" if digits else f"at most {MOST_CLASSES} classes"
        raise ValueError(
            f"{name or path}: expected a network from {PIXELS} pixels to {classes}, found "
            f"{'-'.join(map(str, network.layers))} for {listed(names)}. Choose one that was trained on "
            + ("MNIST." if digits else "images of 28 x 28 pixels.")
        )
    return network


def class_names(network: Network) -> tuple[str, ...]:
    """What the classes of a network are called: as its metadata say, or "0", "1", …"""
    return _names(network.metadata, network.layers[-1])


def _names(about: dict[str, Any], n: int) -> tuple[str, ...]:
    """The names in metadata, if they are n different, short ones: a file may have been written by anybody."""
    names = about.get("names")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        names = []
    good = len(set(names)) == len(names) == n and all(0 < len(name) <= LONGEST_NAME for name in names)
    return tuple(names) if good else tuple(map(str, range(n)))


def listed(names: tuple[str, ...], most: int = 6) -> str:
    """The names of classes in a row: "A, B, C, … Z" where there are more than `most`."""
    return ", ".join(names if len(names) <= most else [*names[:3], f"… {names[-1]}"])
