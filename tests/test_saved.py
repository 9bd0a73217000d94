"""The networks that are ready for use: which there are, and what they are called."""

import pytest

from hwd_lib import saved
from hwd_lib.mnist import Split
from hwd_lib.network import SAVED_NN, Network
from hwd_lib.saved import (
    DIGITS,
    class_names,
    default_network,
    listed,
    load_reader,
    network_path,
    reading_networks,
)
from hwd_lib.training import train


@pytest.fixture
def folder(tmp_path, mnist):
    """A network of digits, one of letters, one of other pixels, a checkpoint, and something else."""
    Network([784, 5, 10]).save(tmp_path / "mine.npz")
    letters = Network([784, 5, 3])
    letters.metadata = {"data": "letters", "names": ["A", "B", "C"]}
    letters.save(tmp_path / "letters.npz")
    Network([64, 10]).save(tmp_path / "small.npz")
    few = Split(mnist.train.images[:50], mnist.train.labels[:50])
    train(Network([784, 10]), few, epochs=1, checkpoint=tmp_path / "mine.checkpoint.npz", progress=False)
    (tmp_path / "text.npz").write_text("no network")
    return tmp_path


def test_networks_of_digits_are_offered_first_then_others(folder):
    Network([784, 101]).save(folder / "broad.npz")
    found = reading_networks(folder)
    assert [(path.name, names) for path, names in found.items()] == [
        ("mine.npz", DIGITS), ("letters.npz", ("A", "B", "C")),
    ]  # fmt: skip
    assert reading_networks(SAVED_NN)[SAVED_NN / "default.npz"] == DIGITS


def test_the_default_is_no_checkpoint(folder, monkeypatch):
    monkeypatch.setattr(saved, "SAVED_NN", folder)
    assert default_network() == folder / "mine.npz"
    (folder / "mine.npz").unlink()
    with pytest.raises(
        FileNotFoundError, match="expected a trained network, such as default.npz, found none"
    ):
        default_network()


def test_classes_are_called_by_their_names(folder):
    letters = folder / "letters.npz"
    assert class_names(load_reader(letters, digits=False)) == ("A", "B", "C")
    with pytest.raises(
        ValueError, match="expected a network from 784 pixels to 10 digits, found 784-5-3 for A, B, C\\."
    ):
        load_reader(letters)
    with pytest.raises(ValueError, match="from 784 pixels to at most 100 classes, found 64-10"):
        load_reader(folder / "small.npz", digits=False)
    network = Network([784, 3])
    for odd in (["A", "B"], "ABC", [1, 2, 3], None, ["A", "B", "A"], ["A", "B", ""], ["A", "B", 41 * "C"]):
        network.metadata["names"] = odd
        assert class_names(network) == ("0", "1", "2")


def test_many_names_are_shortened():
    assert listed(("A", "B", "C")) == "A, B, C"
    assert listed(tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) == "A, B, C, … Z"


def test_a_name_is_a_file_here_or_in_saved_nn(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert network_path("best") == SAVED_NN / "best.npz" == network_path("best.npz")
    Network([4, 2]).save(tmp_path / "best.npz")
    assert network_path("best.npz").resolve() == tmp_path / "best.npz"
    assert network_path("./nope").resolve() == tmp_path / "nope.npz"
