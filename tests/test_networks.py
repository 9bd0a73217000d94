"""The networks in saved_nn: they are what they claim, small, complete in what they say, and all listed."""

import csv
import hashlib
import re

import numpy as np
import pytest

from hwd_lib.__main__ import main
from hwd_lib.commands.networks import PUBLISHED, SOURCES, make_readme
from hwd_lib.commands.recipes import DEFAULTS, RECIPES
from hwd_lib.network import SAVED_NN, Network

FILES = sorted(SAVED_NN.glob("*.npz"))
NAMED = [path for path in FILES if path.stem in RECIPES]
MOST_MEGABYTES = {"default": 1}  # the others: 10
AT_LEAST = {"784-100-10": 0.978}  # on the test set


def name_of(path):
    return path.stem


def test_there_is_a_network_to_begin_with():
    assert "784-100-10" in {path.stem for path in NAMED}


@pytest.mark.parametrize("path", NAMED, ids=name_of)
def test_it_is_what_it_claims(path, capsys, tmp_path):
    assert main(["test", str(path), "--log", str(tmp_path / "log.csv")]) == 0
    assert "NETWORK IS OK" in capsys.readouterr().out
    assert Network.load(path).metadata["test_accuracy"] >= AT_LEAST.get(path.stem, 0.9)


@pytest.mark.parametrize("path", NAMED, ids=name_of)
def test_its_validation_accuracy_is_what_it_says(path, mnist):
    network = Network.load(path)
    right = (network.predict(mnist.validation.images) == mnist.validation.labels).mean()
    assert network.metadata["validation_accuracy"] == pytest.approx(right, abs=1e-9)


@pytest.mark.parametrize("path", NAMED, ids=name_of)
def test_it_was_made_by_its_recipe_and_says_all_of_it(path):
    about = Network.load(path).metadata
    settings = DEFAULTS | RECIPES[path.stem]
    assert about["recipe"] == path.stem and about["command"] == f"hwd train {path.stem}"
    for name in set(DEFAULTS) - {"seeds", "augment", "epochs"}:
        assert about.get(name, DEFAULTS[name]) == settings[name], name
    assert (about["augment"] is None) == (settings["augment"] is None)
    if settings["augment"]:
        assert about["augment"].items() >= settings["augment"].items()
    assert about["seeds"] == list(range(settings["seeds"]))
    tests = about.get("test_accuracies", [about["test_accuracy"]])  # of one seed alone, one figure
    assert len(about["validation_accuracies"]) == len(tests) == settings["seeds"]
    of_file = about["seeds"].index(about["seed"])
    assert about["validation_accuracies"][of_file] == about["validation_accuracy"]
    assert max(about["validation_accuracies"]) == about["validation_accuracy"]  # chosen on validation
    assert tests[of_file] == about["test_accuracy"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", about["date"]) and about["seconds"] > 0 and about["epochs"] > 0


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_it_is_small_and_holds_plain_numbers(path):
    assert path.stat().st_size <= 1e6 * MOST_MEGABYTES.get(path.stem, 10)
    with np.load(path, allow_pickle=False) as file:
        assert {file[name].dtype.kind for name in file.files if name != "metadata"} == {"f"}
    assert not re.search(rb"/(home|root|tmp|Users|work)/", path.read_bytes())


def test_the_readme_says_what_the_files_say():
    text = (SAVED_NN / "README.md").read_text("utf-8")
    assert text == make_readme(), "out of date: `hwd networks --readme` writes it anew"
    for path in NAMED:  # not only equal to what our own function makes of it
        about = Network.load(path).metadata
        tests = 100 * np.array(about.get("test_accuracies", [about["test_accuracy"]]))
        spread = f" ± {tests.std(ddof=1):.2f}" if len(tests) > 1 else ""
        row = next(line for line in text.splitlines() if line.startswith(f"| `{path.stem}` |"))
        assert f"| {tests.mean():.2f}{spread} |" in row
        assert "-".join(map(str, about["layers"])) in row
        assert hashlib.sha256(path.read_bytes()).hexdigest() in text
        assert f"`hwd train {path.stem}`" in text


def test_published_results_have_sources():
    assert {row[-1] for row in PUBLISHED} == set(SOURCES)
    figures = [float(row[2]) for row in PUBLISHED]
    assert figures == sorted(figures) and min(figures) > 90 and max(figures) < 100


def test_a_network_of_ones_own_changes_nothing_in_the_readme(tmp_path):
    Network([784, 10]).save(tmp_path / "mine.npz")
    assert "mine" not in make_readme(tmp_path)


def test_the_readme_is_written_from_metadata_alone(tmp_path, capsys):
    network = Network([784, 5, 10], activation="tanh")
    network.metadata = {"recipe": "784-10", "epochs": 3, "seconds": 12.4, "date": "2026-01-02"}
    network.metadata |= {"seeds": [0, 1], "validation_accuracies": [0.97, 0.98]}
    network.metadata |= {"test_accuracies": [0.96, None], "command": "hwd train 784-10"}
    network.metadata |= {"strokes_accuracy": {"pen.json.gz": 0.875, "pad.json": 1.0}}
    network.metadata |= {"shown_as_digit": {"signs.json": 0.0625}}
    network.save(tmp_path / "784-10.npz", half=True)
    assert main(["networks", "--readme", "--folder", str(tmp_path)]) == 0
    text = (tmp_path / "README.md").read_text("utf-8")
    row, drawn = (
        next(line for line in text.splitlines() if line.startswith("| `784-10`")),
        ["100.00", "87.50", "6.25 |"],
    )
    assert row.split(" | ")[1:] == ["784-5-10", "tanh", "3,985", "97.50 ± 0.71", "96.00", "2", *drawn]
    assert "| seeds | `pad` | `pen` | `signs` shown as a digit |" in text
    assert "| 3 | 12 | 2026-01-02 | `hwd train 784-10` |" in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["784-10.npz", "README.md"]


def test_every_opening_of_the_test_set_is_logged():
    """Each network of the table is in the log, by the hash of its weights, with the figure that it claims."""
    with open(SAVED_NN / "test_log.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for path in NAMED:
        network = Network.load(path)
        weights = hashlib.sha256(network.parameters.tobytes()).hexdigest()[:16]
        right = {int(row["right"]) for row in rows if row["sha256 of the weights"] == weights}
        assert right == {round(network.metadata["test_accuracy"] * 10000)}
