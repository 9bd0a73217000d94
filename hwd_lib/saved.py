"""Networks that are ready for use: where they are, and whether they can read what somebody draws."""

from pathlib import Path

from hwd_lib.network import SAVED_NN, Network


def network_path(name):
    """The file that a person means: a path, or a name in ``saved_nn``, with or without ``.npz``."""
    if Path(name).is_file():
        return Path(name)
    path = with_suffix(name)
    return SAVED_NN / path if path.name == str(path) and not path.is_file() else path


def with_suffix(name):
    """`name` as a path that ends in ``.npz``."""
    path = Path(name)
    return path if path.suffix == ".npz" else path.with_name(f"{path.name}.npz")


def default_network():
    """The file of the network that reads when no other is named; FileNotFoundError when there is none."""
    for path in (SAVED_NN / "default.npz", SAVED_NN / "784-100-10.npz", *sorted(SAVED_NN.glob("*.npz"))):
        if path.exists():
            return path
    raise FileNotFoundError(
        f"{SAVED_NN}: expected a trained network, such as default.npz, found none. "
        "Train one: `hwd train default`; or name a file of your own."
    )


def load_reader(path, name=None):
    """Load a network, from a path or an open file, and make sure that it reads images of MNIST's size.

    Raises ValueError when it does not, or is none; the sentence calls the file `name`, by default its path.
    """
    network = Network.load(path, name)
    if network.layers[0] != 784 or network.layers[-1] != 10:
        raise ValueError(
            f"{name or path}: expected a network from 784 pixels to 10 digits, found "
            f"{'-'.join(map(str, network.layers))}. Choose one that was trained on MNIST."
        )
    return network
