"""`hwd` as a person types it: what it prints, which files it leaves, its exit status, what a crash does."""

import gzip
import importlib
import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress

import numpy as np
import pytest
from matplotlib.image import imread, imsave
from scipy.special import expit

from hwd_lib import pictures
from hwd_lib.__main__ import COMMANDS, MODULES, main, summary
from hwd_lib.augmentation import Augmentation
from hwd_lib.commands import job
from hwd_lib.commands import sweep as sweep_command
from hwd_lib.commands.job import round_if_free
from hwd_lib.commands.paper import edit_distance
from hwd_lib.commands.recipes import DEFAULTS, RECIPES
from hwd_lib.commands.show import ascii_art
from hwd_lib.mnist import Split
from hwd_lib.network import SAVED_NN, Network
from hwd_lib.optimizers import OPTIMIZERS
from hwd_lib.paper.drawn import Look, clear_hand, draw_page
from hwd_lib.paper.reading import read_page
from hwd_lib.stroke_styles import make_dataset, make_others
from hwd_lib.training import train

SMALL = ["--layers", "784", "12", "10", "--examples", "600", "--quiet"]
TRAINED = "784-100-10"


@pytest.fixture
def hwd(capsys):
    """``hwd("test", path)`` runs the command here; returns exit status, output, errors."""

    def run(*arguments):
        status = main([str(argument) for argument in arguments])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def start(root):
    """``start("train", …)`` runs the command as a process of its own, which is ended after the test."""
    processes = []

    def run(*arguments, program=("-m", "hwd_lib")):
        process = subprocess.Popen(
            [sys.executable, "-u", *program, *map(str, arguments)],
            cwd=root, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        processes.append(process)
        return process

    yield run
    for process in processes:
        process.kill()
        process.communicate()


def wait_for(process, text):
    """Read the process's output until a line contains `text`."""
    for line in process.stdout:
        if text in line:
            return
    raise AssertionError(f"it ended without {text!r}: {process.stderr.read()}")


def arrays_of(path):
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def metadata_of(path):
    return json.loads(str(arrays_of(path)["metadata"]))


def same_numbers(one, other):
    """Whether two files hold the same weights and biases, bit for bit."""
    a, b = arrays_of(one), arrays_of(other)
    return set(a) == set(b) and all(
        a[name].dtype == b[name].dtype and np.array_equal(a[name], b[name])
        for name in a
        if name != "metadata"
    )


# Help and mistakes ------------------------------------------------------------------------------------------


COMPLETE = """
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_shtab_hwd hwd "${COMP_WORDS[$COMP_CWORD]}" "${COMP_WORDS[$COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no bash")
def test_the_tab_key_completes_words_in_bash(hwd, root, tmp_path):
    status, script, _ = hwd("--print-completion", "bash")
    assert status == 0
    (tmp_path / "hwd.bash").write_text(script)

    def complete(*words):
        command = ["bash", "-c", COMPLETE, "bash", tmp_path / "hwd.bash", "hwd", *words]
        run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
        return set(run.stdout.split())

    assert complete("") >= set(COMMANDS)
    assert complete("tr") == {"train"}
    assert complete("train", "--opt") == {"--optimizer"}
    assert complete("train", "--optimizer", "") == set(OPTIMIZERS)
    assert complete("test", "saved_nn/default") == {"saved_nn/default.npz"}
    assert complete("train", "--data", "noteb") == {"notebooks"}


def test_the_script_for_zsh_knows_all_commands(hwd):
    status, script, _ = hwd("--print-completion", "zsh")
    assert status == 0 and script.startswith("#compdef hwd")
    assert all(f"\n    {name}:" in script for name in COMMANDS)


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_help(hwd, command):
    status, out, err = hwd(*command, "--help")
    assert (status, err) == (0, "")
    assert out.startswith(f"usage: {' '.join(['hwd', *command])}")
    if command:
        assert f"\n  hwd {command[0]}" in out.partition("\nexamples:")[2]
    else:
        assert all(f"\n  {name} " in out for name in COMMANDS)


def test_python_m_hwd_lib_is_the_same(hwd, start):
    out, err = start("train", "--help").communicate()
    assert (0, out, err) == hwd("train", "--help")


@pytest.fixture(scope="module")
def bad_files(tmp_path_factory):
    """A folder with files that are not what a command wants."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "text.npz").write_text("no archive")
    np.savez(folder / "foreign.npz", x=np.zeros(3))
    np.savez(folder / "pickle.npz", x=np.array([{}], dtype=object))
    np.savez(folder / "arr_0.npz", np.zeros(4), np.zeros((5, 784)), np.zeros((10, 6)))
    Network([30, 10]).save(folder / "small.npz")
    Network([784, 10]).save(folder / "good.npz")
    (folder / "text.png").write_text("no picture")
    (folder / "cut.json.gz").write_bytes(gzip.compress(b'{"samples": []}')[:-9])
    (folder / "list.json").write_text('{"samples": 3}')
    (folder / "none.json").write_text('{"samples": []}')
    (folder / "label.json").write_text('{"samples": [{"label": 11, "strokes": []}]}')
    (folder / "text.json").write_text('{"samples": [{"label": "4²", "strokes": []}]}')
    (folder / "no-label.json").write_text('{"samples": [{"strokes": [[[1, 2], [3, 4]]]}]}')
    imsave(folder / "blank.png", np.ones((30, 30)), cmap="gray", vmin=0, vmax=1)
    return folder


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("", "COMMAND"),
        ("fly", "invalid choice: 'fly'"),
        ("show x", "expected a whole number"),
        ("show 0", "1 or more"),
        ("show 55001", "at most 55000"),
        ("show 3 --digit 12", "--digit"),
        ("train nothing", "expected one of 784-10, 784-100-10"),
        ("train --lr 0.1", "hwd train: unknown: --lr."),
        ("train --save best --epochs 1", "best.npz is one of the project's own networks"),
        ("train 784-10", "--replace to write over it"),
        ("train --data {}/nowhere", "expected one IDX file with train and images"),
        ("train --layers 784", "--layers: expected"),
        ("train --layers 784 -5 10", "--layers"),
        ("train --layers 100 10", "--layers: expected"),
        ("train --layers 784 many 10", "784 many 10"),
        ("train --activation step", "--activation"),
        ("train --epochs 0", "--epochs"),
        ("train --learning-rate 0", "above 0"),
        ("train --learning-rate nan", "above 0"),
        ("train --learning-rate fast", "found 'fast'"),
        ("train --dropout 1", "below 1"),
        ("train --optimizer sdg", "invalid choice: 'sdg'"),
        ("train --augment rotation", "--augment"),
        ("train --augment rotation=-3", "--augment"),
        ("train --augment rotatoin=3", "found 'rotatoin=3'"),
        ("train --styles 1", "below 1"),
        ("train --seed -1", "whole number"),
        ("train --resume", "--save"),
        ("train --each-epoch", "--save"),
        ("train --each-epoch --ema 0.9 --save {}/x", "--ema"),
        ("train --seeds 2 --checkpoint {}/c.npz --save {}/x", "--checkpoint"),
        ("train --save {}/text.npz/x", "expected a folder"),
        ("test {}/missing.npz", "missing.npz: no such file"),
        ("recognize {}", "is a directory"),
        ("test {}/text.npz", "text.npz: expected a .npz"),
        ("test {}/foreign.npz", "foreign.npz: expected a network"),
        ("test {}/pickle.npz", "pickle.npz: expected"),
        ("test {}/arr_0.npz", "arr_0.npz: expected"),
        ("test {}/small.npz", "expected a network from 784"),
        ("test {}/good.npz --log {}/text.npz/log", "text.npz: file exists"),
        ("recognize {}/missing.png", "missing.png: no such file"),
        ("recognize {}/text.png", "text.png: expected a picture"),
        ("recognize {}/blank.png --network {}/foreign.npz", "foreign.npz"),
        ("strokes {}/missing.json", "missing.json: no such file"),
        ("strokes {}/cut.json.gz", "cut.json.gz: expected strokes"),
        ("strokes {}/list.json", "list.json: expected strokes"),
        ("strokes {}/none.json", "none.json: expected strokes"),
        ("strokes {}/label.json", "label 11"),
        ("strokes {}/text.json", "neither 0 to 9 nor a number"),
        ("strokes {}/no-label.json", "expected a label"),
        ("networks --folder {}/nowhere", "expected a folder"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(hwd, bad_files, arguments, says):
    status, out, err = hwd(*arguments.format(bad_files, bad_files).split())
    assert status == 2
    assert out == ""
    assert err.startswith("hwd") and err.endswith("\n") and err.count("\n") == 1
    assert says in err



def test_a_network_of_ones_own_is_kept_when_another_takes_its_name(hwd, tmp_path):
    path, before = tmp_path / "mine.npz", tmp_path / "mine.before.npz"
    assert hwd("train", *SMALL, "--epochs", "1", "--save", path)[0] == 0
    first = path.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine.npz"]
    status, out, _ = hwd("train", *SMALL, "--epochs", "1", "--seed", "1", "--save", path)
    assert status == 0 and f"what was there before: {before}" in out
    assert before.read_bytes() == first and path.read_bytes() != first


@pytest.mark.parametrize("options", [["--seeds", "2"], ["--each-epoch", "--epochs", "2"]])
def test_the_networks_of_seeds_and_epochs_are_kept_as_well(hwd, tmp_path, options):
    assert hwd("train", *SMALL, *options, "--epochs", "1", "--save", tmp_path / "x")[0] == 0
    first = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.npz")}
    assert hwd("train", *SMALL, *options, "--learning-rate", "0.2", "--save", tmp_path / "x")[0] == 0
    for path, content in first.items():
        assert (tmp_path / path).with_suffix(".before.npz").read_bytes() == content
        assert (tmp_path / path).read_bytes() != content


def test_what_ctrl_c_left_is_kept_when_another_run_takes_its_name(hwd, tmp_path):
    path, before = tmp_path / "x.npz", tmp_path / "x.before.npz"
    network = Network([784, 12, 10])
    network.metadata["stopped"] = "Stopped by you in epoch 3; what was learned so far is kept."
    network.save(path)
    first = path.read_bytes()
    assert hwd("train", *SMALL, "--epochs", "1", "--save", path)[0] == 0
    assert before.read_bytes() == first
    before.unlink()
    path.write_bytes(first)
    assert hwd("train", *SMALL, "--epochs", "1", "--save", path, "--resume")[0] == 0
    assert not before.exists()  # that was the first half of this run


def test_a_file_that_is_no_network_is_kept_too(hwd, tmp_path):
    (tmp_path / "x.npz").write_text("a poem")
    assert hwd("train", *SMALL, "--epochs", "1", "--save", tmp_path / "x")[0] == 0
    assert (tmp_path / "x.before.npz").read_text() == "a poem"


def test_a_checkpoint_takes_the_place_of_no_network(hwd, tmp_path):
    path = tmp_path / "mine.npz"
    Network([784, 10]).save(path)
    before = path.read_bytes()
    status, _, err = hwd("train", *SMALL, "--save", tmp_path / "other", "--checkpoint", path)
    assert status == 2 and "expected a checkpoint, or no file, found a network" in err
    status, _, err = hwd("train", *SMALL, "--save", path, "--checkpoint", path)
    assert status == 2 and "expected another file than the network's" in err
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["mine.npz"]


def test_the_projects_own_networks_are_replaced_when_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(job, "SAVED_NN", tmp_path)
    path = tmp_path / "best.npz"
    job.check_target(path, replace=False)  # there is none yet
    network = Network([784, 10])
    network.metadata["stopped"] = "Stopped by you in epoch 3; what was learned so far is kept."
    network.save(path)
    job.check_target(path, replace=False)  # the run goes on
    Network([784, 10]).save(path)
    with pytest.raises(ValueError, match="best.npz is one of the project's own networks"):
        job.check_target(path, replace=False)
    job.check_target(path, replace=True)
    job.check_target(tmp_path / "mine.npz", replace=False)


def test_the_log_of_a_network_that_lies_elsewhere_lies_beside_it(hwd, tmp_path):
    Network([784, 10]).save(tmp_path / "mine.npz")
    theirs = (SAVED_NN / "test_log.csv").read_bytes()
    assert hwd("test", tmp_path / "mine.npz")[0] == 1  # it claims nothing
    assert ",mine.npz," in (tmp_path / "test_log.csv").read_text()
    assert (SAVED_NN / "test_log.csv").read_bytes() == theirs


def test_where_no_log_can_be_written_the_network_is_measured_all_the_same(hwd, tmp_path):
    Network([784, 10]).save(tmp_path / "mine.npz")
    (tmp_path / "test_log.csv").mkdir()
    status, out, err = hwd("test", tmp_path / "mine.npz")
    assert status == 1 and "NO CLAIM" in out
    assert "the test set was opened, and this is not noted (Is a directory)" in err


# show -------------------------------------------------------------------------------------------------------


def test_ascii_art_shows_the_image_upright():
    image = np.zeros((28, 28), np.float32)
    image[:2, 3] = 1  # top, near the left
    image[26:, 20:] = 0.5  # bottom right, half ink
    lines = ascii_art(image.ravel())
    assert len(lines) == 14 and {len(line) for line in lines} == {28}
    assert lines[0] == "   @" + 24 * " "
    assert lines[-1][:20].isspace() and set(lines[-1][20:]) <= set(".:-=+*#%")


def test_show_as_many_digits_as_asked_for(hwd, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    status, out, _ = hwd("show", 25, "--digit", 7, "--seed", 3)
    assert status == 0
    assert out.count("(no. ") == out.count("7  (no. ") == 25
    assert max(map(len, out.splitlines())) <= 100
    assert (
        hwd("show", 25, "--digit", 7, "--seed", 3)[1] == out != hwd("show", 25, "--digit", 7, "--seed", 4)[1]
    )


def test_show_into_a_pipe_that_closes(start):
    process = start("show", 2000)
    process.stdout.readline()
    process.stdout.close()
    assert process.wait() == 0
    assert process.stderr.read() == ""


# train ------------------------------------------------------------------------------------------------------


def test_train_is_what_the_library_does(hwd, mnist, tmp_path):
    status, out, err = hwd(
        "train", *SMALL, "--activation", "tanh", "--epochs", 2, "--batch-size", 50, "--learning-rate", 0.003,
        "--optimizer", "adamw", "--schedule", "cosine", "--weight-decay", 0.02, "--dropout", 0.1,
        "--label-smoothing", 0.1, "--ema", 0.9, "--seed", 5, "--augment", "rotation=5", "elastic=1",
        "--precision", "float32", "--save", tmp_path / "mine",
    )  # fmt: skip
    assert (status, err) == (0, "")
    assert "validation accuracy" in out and str(tmp_path / "mine.npz") in out
    network = Network([784, 12, 10], "tanh", seed=5)
    data = Split(mnist.train.images[:600], mnist.train.labels[:600])
    train(
        network, data, validation=mnist.validation, epochs=2, batch_size=50, learning_rate=0.003,
        optimizer="adamw", schedule="cosine", weight_decay=0.02, dropout=0.1, label_smoothing=0.1, ema=0.9,
        seed=5, augment=Augmentation(rotation=5, elastic=1), progress=False,
    )  # fmt: skip
    saved = Network.load(tmp_path / "mine.npz")
    assert np.array_equal(saved.parameters, network.parameters)
    about = saved.metadata
    right = (network.predict(mnist.validation.images) == mnist.validation.labels).mean()
    assert about["validation_accuracy"] == pytest.approx(right, abs=1e-9)
    assert about["layers"] == [784, 12, 10] and about["activation"] == "tanh" and about["seed"] == 5
    assert (about["epochs"], about["batch_size"], about["learning_rate"]) == (2, 50, 0.003)
    assert (about["optimizer"], about["schedule"], about["examples"]) == ("adamw", "cosine", 600)
    assert about["augment"]["rotation"] == 5 and about["augment"]["shift"] == 0.5
    assert len(about["date"]) == 10 and about["seconds"] >= 0  # to a tenth
    assert "test_accuracy" not in about
    assert sorted(file.name for file in tmp_path.iterdir()) == ["mine.npz"]


def test_the_recorded_command_makes_the_same_network(hwd, tmp_path, monkeypatch):
    options = [*SMALL, "--no-biases", "--augment", "shift=1", "--seed", 3, "--optimizer", "nesterov"]
    assert hwd("train", *options, "--save", tmp_path / "one")[0] == 0
    command = metadata_of(tmp_path / "one.npz")["command"]
    assert command.startswith("hwd train --layers 784 12 10") and str(tmp_path) not in command
    assert hwd(*command.split()[1:], "--save", tmp_path / "two")[0] == 0
    assert same_numbers(tmp_path / "one.npz", tmp_path / "two.npz")


def test_a_recipe_is_changed_by_flags(hwd, tmp_path):
    options = ["--examples", 300, "--quiet", "--seeds", 1, "--epochs", 1, "--save", tmp_path / "x"]
    assert hwd("train", "784-10", *options)[0] == 0
    about = metadata_of(tmp_path / "x.npz")
    assert about["recipe"] == "784-10" and about["layers"] == [784, 10]
    assert about["optimizer"] == RECIPES["784-10"]["optimizer"] and about["epochs"] == 1


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_hold_known_settings(name):
    recipe = RECIPES[name]
    assert set(recipe) <= set(DEFAULTS)
    assert recipe["layers"][0] == 784 and recipe["layers"][-1] == 10
    Augmentation(**(recipe.get("augment") or {}))


def test_progress_is_told_epoch_by_epoch(hwd):
    status, out, err = hwd("train", "--layers", "784", "10", "--examples", 500, "--epochs", 2)
    assert status == 0
    assert "epoch   1 of 2" in out and "epoch   2 of 2" in out and "not saved" in out
    assert err == ""  # no bar where nobody sees it move


@pytest.mark.skipif(os.name == "nt", reason="a terminal as Unix has it")
def test_a_terminal_gets_a_progress_bar(root):
    import pty
    import termios

    terminal, inside = pty.openpty()
    termios.tcsetwinsize(inside, (24, 80))
    options = ["--layers", "784", "10", "--examples", "500", "--epochs", "2"]
    command = [sys.executable, "-m", "hwd_lib", "train", *options]
    run = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, stderr=inside)
    os.close(inside)
    shown = b""
    with suppress(OSError):  # that is how it ends
        while more := os.read(terminal, 10**6):
            shown += more
    os.close(terminal)
    assert run.returncode == 0 and b"100%" in shown


def test_each_epoch_is_kept_and_the_best_on_validation_chosen(hwd, mnist, tmp_path):
    # A learning rate so high that accuracy goes up and down.
    options = ["--epochs", 4, "--learning-rate", 3, "--each-epoch", "--precision", "float32"]
    assert hwd("train", *SMALL, *options, "--save", tmp_path / "x")[0] == 0
    epochs = [Network.load(tmp_path / f"x.epoch-{k}.npz") for k in (1, 2, 3, 4)]
    right = [float((n.predict(mnist.validation.images) == mnist.validation.labels).mean()) for n in epochs]
    best = int(np.argmax(right))
    kept = Network.load(tmp_path / "x.npz")
    assert np.array_equal(kept.parameters, epochs[best].parameters)
    assert kept.metadata["best_epoch"] == best + 1
    assert kept.metadata["validation_accuracy"] == pytest.approx(right[best], abs=1e-9)
    assert [n.metadata["epochs"] for n in epochs] == [1, 2, 3, 4]


def test_several_seeds(hwd, mnist, tmp_path):
    options = ["--seeds", 3, "--seed", 4, "--precision", "float16"]
    status, out, _ = hwd("train", *SMALL, *options, "--save", tmp_path / "x")
    assert status == 0
    each = [Network.load(tmp_path / "seeds" / f"x.{seed}.npz") for seed in (4, 5, 6)]
    assert len({network.parameters.tobytes() for network in each}) == 3
    right = [float((n.predict(mnist.validation.images) == mnist.validation.labels).mean()) for n in each]
    about = metadata_of(tmp_path / "x.npz")
    assert about["seeds"] == [4, 5, 6]
    assert about["validation_accuracies"] == pytest.approx(right, abs=1e-9)
    assert about["seed"] == 4 + int(np.argmax(right))
    assert same_numbers(tmp_path / "x.npz", tmp_path / "seeds" / f"x.{about['seed']}.npz")
    assert arrays_of(tmp_path / "x.npz")["weights_0"].dtype == np.float16
    assert f"{100 * np.mean(right):.2f} ± {100 * np.std(right, ddof=1):.2f} %" in out

    # Measured, all three; of a seed whose file is gone it is said.
    log = tmp_path / "log.csv"
    (tmp_path / "seeds" / f"x.{next(s for s in (4, 5, 6) if s != about['seed'])}.npz").unlink()
    status, out, _ = hwd("test", tmp_path / "x.npz", "--record", "--log", log)
    assert status == 0 and "not measured" in out
    test_right = [float((n.predict(mnist.test.images) == mnist.test.labels).mean()) for n in each]
    missing = next(i for i, s in enumerate((4, 5, 6)) if s != about["seed"])
    recorded = metadata_of(tmp_path / "x.npz")["test_accuracies"]
    assert recorded[missing] is None
    assert [r for i, r in enumerate(recorded) if i != missing] == pytest.approx(
        [r for i, r in enumerate(test_right) if i != missing], abs=1e-9
    )
    assert len(log.read_text().splitlines()) == 1 + 2

    # With --resume only what is missing is trained; the others stay as they are.
    before = {f.name: f.stat().st_mtime_ns for f in (tmp_path / "seeds").iterdir()}
    assert hwd("train", *SMALL, *options, "--save", tmp_path / "x", "--resume")[0] == 0
    after = {f.name: f.stat().st_mtime_ns for f in (tmp_path / "seeds").iterdir()}
    assert len(after) == 3 and before.items() <= after.items()
    assert metadata_of(tmp_path / "x.npz")["validation_accuracies"] == about["validation_accuracies"]


def test_float16_on_disk_only_where_it_costs_nothing(mnist):
    """A network whose decisions hang on digits that float16 does not have, and one with numbers beyond it."""
    network = Network([784, 10])
    network.weights[0][:] = 0
    network.biases[0][:] = 1
    network.biases[0][mnist.validation.labels[0]] += 1e-5  # always says this, by a hair; float16 sees a tie
    wide = network.copy()
    wide.weights[0][0] = 1e5  # the first pixel, which is always paper
    for net in (network, wide):
        before = net.parameters.copy()
        expected = (net.predict(mnist.validation.images) == mnist.validation.labels).mean()
        assert round_if_free(net, mnist.validation) == {
            "validation_accuracy": pytest.approx(expected, abs=1e-9),
            "precision": "float32",
        }
        assert np.array_equal(net.parameters, before)
    round_if_free(network, mnist.validation, "float16")
    assert set(network.parameters) == {0, 1}


def test_drawn_digits_are_mixed_in(hwd, mnist, tmp_path):
    """A share of 0.25 is a third as many drawn digits as there are of MNIST."""
    options = [*SMALL, "--styles", 0.25, "--seed", 2, "--precision", "float32"]
    assert hwd("train", *options, "--save", tmp_path / "x")[0] == 0
    images, labels = make_dataset(200, np.random.default_rng([2, 200]))
    data = Split(
        np.concatenate([mnist.train.images[:600], images]), np.concatenate([mnist.train.labels[:600], labels])
    )
    network = Network([784, 12, 10], seed=2)
    train(network, data, seed=2, progress=False)
    assert np.array_equal(Network.load(tmp_path / "x.npz").parameters, network.parameters)
    assert metadata_of(tmp_path / "x.npz")["styles"] == 0.25


def test_digits_and_others_are_drawn_in_the_shares_that_were_asked_for(hwd, mnist, tmp_path):
    """Of 1,000 examples in all, a tenth are drawn digits, three tenths are no digits."""
    options = [*SMALL, "--styles", 0.1, "--others", 0.3, "--precision", "float32"]
    assert hwd("train", *options, "--save", tmp_path / "x")[0] == 0
    parts = [tuple(array[:600] for array in mnist.train), make_dataset(100, np.random.default_rng([0, 100]))]
    parts.append(make_others(300, np.random.default_rng([0, 300])))
    network = Network([784, 12, 10], seed=0)
    train(network, Split(*map(np.concatenate, zip(*parts, strict=True))), progress=False)
    assert np.array_equal(Network.load(tmp_path / "x.npz").parameters, network.parameters)
    status, _, err = hwd("train", *SMALL, "--styles", 0.5, "--others", 0.5)
    assert status == 2 and "below 1 together" in err


def test_training_goes_on_from_another_network(hwd, mnist, tmp_path):
    assert hwd("train", *SMALL, "--save", tmp_path / "a", "--precision", "float32")[0] == 0
    again = ["--start", tmp_path / "a.npz", "--save", tmp_path / "b", "--precision", "float32", "--seed", 5]
    assert hwd("train", *SMALL, *again)[0] == 0
    network = Network.load(tmp_path / "a.npz")
    train(network, Split(*(array[:600] for array in mnist.train)), seed=5, progress=False)
    assert np.array_equal(Network.load(tmp_path / "b.npz").parameters, network.parameters)
    status, _, err = hwd("train", "--start", tmp_path / "a.npz", "--layers", "784", "10")
    assert status == 2 and "[784, 10]" in err and "[784, 12, 10]" in err


def test_divergence_is_told_and_nothing_is_saved(hwd, tmp_path):
    status, out, err = hwd("train", *SMALL, "--learning-rate", "1e30", "--save", tmp_path / "x")
    assert status == 1
    assert err.startswith("hwd train: Diverged") and err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


# Crashes ----------------------------------------------------------------------------------------------------

LONG = ["--layers", "784", "30", "10", "--examples", "4000", "--epochs", "6", "--optimizer", "adam"]
LONG += ["--learning-rate", "0.003", "--dropout", "0.1", "--ema", "0.99"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_kill_9_while_training_then_resume(start, hwd, tmp_path):
    assert hwd("train", *LONG, "--quiet", "--save", tmp_path / "whole")[0] == 0
    process = start("train", *LONG, "--save", tmp_path / "broken")
    wait_for(process, "epoch   3 of 6")
    process.kill()  # SIGKILL: nothing can be tidied up
    assert process.wait() == -signal.SIGKILL
    assert not (tmp_path / "broken.npz").exists()
    assert (tmp_path / "broken.checkpoint.npz").exists()
    process = start("train", *LONG, "--save", tmp_path / "broken", "--resume")
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert "epoch   6 of 6" in out and "epoch   1 of 6" not in out
    assert same_numbers(tmp_path / "whole.npz", tmp_path / "broken.npz")
    assert not (tmp_path / "broken.checkpoint.npz").exists()


def test_resume_with_other_settings_is_refused(start, hwd, tmp_path):
    process = start("train", *LONG, "--save", tmp_path / "x")
    wait_for(process, "epoch   2 of 6")
    process.kill()
    process.wait()
    status, _, err = hwd("train", *LONG, "--batch-size", 64, "--save", tmp_path / "x", "--resume")
    assert status == 2 and "expected a checkpoint of this run" in err and err.count("\n") == 1


SAVER = """
import sys
from hwd_lib.network import SAVED_NN, Network
network = Network([784, 800, 800, 10], seed=int(sys.argv[2]))
while True:
    network.save(sys.argv[1])
    print("saved", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_kill_9_while_saving_leaves_a_whole_file(start, tmp_path):
    path = tmp_path / "x.npz"
    in_the_middle = 0
    for seed in range(40):
        process = start(path, seed, program=("-c", SAVER))
        wait_for(process, "saved")
        while not any(tmp_path.glob("*.tmp")):  # the next one has begun when there is one
            assert process.poll() is None
        process.kill()
        process.wait()
        loaded = Network.load(path)
        assert np.array_equal(loaded.parameters, Network([784, 800, 800, 10], seed=seed).parameters)
        halves = list(tmp_path.glob("*.tmp"))
        in_the_middle += bool(halves)
        for half in halves:
            half.unlink()
        if in_the_middle == 3:
            return
    raise AssertionError("the test never hit the middle of a save")


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is another thing on Windows")
def test_ctrl_c_keeps_what_was_learned(start, hwd, tmp_path):
    arguments = ["train", *LONG, "--save", tmp_path / "x"]
    process = start(*arguments)
    wait_for(process, "epoch   2 of 6")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in err and "x.npz" in out
    about = metadata_of(tmp_path / "x.npz")
    assert 2 <= about["epochs"] < 6 and about["stopped"].startswith("Stopped by you")

    # Going on gives the network of an unbroken run.
    assert hwd(*arguments, "--resume", "--quiet")[0] == 0
    assert hwd("train", *LONG, "--save", tmp_path / "whole", "--quiet")[0] == 0
    assert same_numbers(tmp_path / "x.npz", tmp_path / "whole.npz")

    # A network that is finished is not overwritten by half of another one.
    finished = (tmp_path / "x.npz").read_bytes()
    process = start(*arguments)
    wait_for(process, "epoch   1 of 6")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate()
    assert process.returncode == 130 and "x.stopped.npz" in out
    assert (tmp_path / "x.npz").read_bytes() == finished
    assert "stopped" in metadata_of(tmp_path / "x.stopped.npz")


# test -------------------------------------------------------------------------------------------------------


def forward_by_hand(arrays, images):
    """An independent reading of our own file: ReLU layers, and the largest logit."""
    x = images.astype(np.float64)
    last = sum(name.startswith("weights") for name in arrays) - 1
    for i in range(last + 1):
        x = x @ arrays[f"weights_{i}"].astype(np.float64) + arrays[f"biases_{i}"].astype(np.float64)
        x = x if i == last else x * (x > 0)
    return x.argmax(axis=1)


def test_test_compares_what_is_measured_with_what_is_claimed(hwd, mnist, tmp_path):
    path, log = tmp_path / "x.npz", tmp_path / "log.csv"
    assert hwd("train", *SMALL, "--save", path)[0] == 0

    status, out, _ = hwd("test", path, "--log", log)
    assert status == 1 and "NETWORK IS OK" not in out and "NO CLAIM" in out
    assert "test_accuracy" not in metadata_of(path)

    numbers = arrays_of(path)
    status, out, _ = hwd("test", path, "--record", "--log", log)
    right = forward_by_hand(numbers, mnist.test.images) == mnist.test.labels
    assert status == 0
    assert metadata_of(path)["test_accuracy"] == pytest.approx(right.mean(), abs=1e-9)
    after = arrays_of(path)
    assert all(np.array_equal(numbers[name], after[name]) for name in numbers if name != "metadata")

    status, out, _ = hwd("test", path, "--log", log)
    assert status == 0 and out.endswith("NETWORK IS OK\n")
    assert "784-12-10" in out and "the first 600 digits" in out and f"{right.sum()} of 10000" in out
    assert metadata_of(path)["date"] in out
    for digit in range(10):  # the table: digit, examples, right
        of_digit = mnist.test.labels == digit
        assert f"{digit:5}  {of_digit.sum():5}  {right[of_digit].sum():5}" in out

    bytes_before = path.read_bytes()
    assert hwd("test", path, "--record", "--log", log)[0] == 0  # nothing is new: nothing is written over
    assert metadata_of(path) == json.loads(str(after["metadata"]))
    assert path.read_bytes() == bytes_before

    network = Network.load(path)
    network.metadata["test_accuracy"] += 0.0001  # one digit too many
    network.save(path)
    status, out, _ = hwd("test", path, "--record", "--log", log)
    assert status == 1 and "NETWORK IS OK" not in out and "NETWORK IS NOT OK" in out
    assert metadata_of(path)["test_accuracy"] == network.metadata["test_accuracy"]

    rows = log.read_text().splitlines()
    assert len(rows) == 1 + 5 and rows[0].startswith("time,network,")
    assert all(f"x.npz,{rows[1].split(',')[2]},{right.sum()},10000" in row for row in rows[1:])
    assert str(tmp_path) not in log.read_text()


def test_strange_metadata_do_no_harm(hwd, tmp_path):
    path = tmp_path / "x.npz"
    network = Network([784, 10])
    network.metadata = {
        "test_accuracy": "all",
        "seeds": 7,
        "seconds": None,
        "learning_rate": [],
        "augment": "no",
    }
    network.metadata |= {"date": 3, "validation_accuracy": float("nan"), "dropout": {}, "styles": "x"}
    network.save(path)
    status, out, err = hwd("test", path, "--log", tmp_path / "log.csv")
    assert (status, err) == (1, "") and "NO CLAIM" in out
    assert hwd("networks", "--folder", tmp_path)[0] == 0


# HWD-Perceptron's files -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def perceptron(mnist, tmp_path_factory):
    """A file as HWD-Perceptron writes it, and what its own way of computing gives: (path, answers, accuracy).

    Sigmoid everywhere, no biases, inputs 0.01…1.0, matrices (n_out, n_in) applied to columns. The hidden
    layers are random, the last one is fitted by least squares: quickly made, and much better than chance.
    """
    rng = np.random.default_rng(0)
    matrices = [rng.normal(0, 28**-1, (120, 784)), rng.normal(0, 120**-0.5, (80, 120)) * 3]

    def columns(images):
        return images.T.astype(np.float64) * 0.99 + 0.01  # (n, 784) -> (784, n)

    hidden = columns(mnist.train.images[:5000])
    for matrix in matrices:
        hidden = expit(matrix @ hidden)
    wanted = np.where(np.arange(10)[:, None] == mnist.train.labels[:5000], 2.0, -2.0)  # (10, n)
    matrices.append(np.linalg.lstsq(hidden.T, wanted.T, rcond=1e-6)[0].T)
    answer = columns(mnist.test.images)
    for matrix in matrices:
        answer = expit(matrix @ answer)
    answers = answer.argmax(axis=0)
    success = (answers == mnist.test.labels).mean()
    path = tmp_path_factory.mktemp("perceptron") / "784-120-80-10-epoch-7.npz"
    np.savez_compressed(path, np.array([0.004, success, 7, 1.5e9]), *matrices)
    return path, answers, success


def test_networks_of_hwd_perceptron_can_be_brought_along(hwd, mnist, perceptron, tmp_path):
    path, answers, success = perceptron
    assert 0.5 < success < 0.99
    network = Network.load(path)
    assert network.layers == [784, 120, 80, 10]
    assert np.mean(network.predict(mnist.test.images) == answers) > 0.9998
    status, out, _ = hwd("test", path, "--log", tmp_path / "log.csv")
    assert status == 0 and "NETWORK IS OK" in out
    assert "784-120-80-10" in out and "HWD-Perceptron" in out and "learning rate 0.004" in out


def test_hwd_perceptrons_claim_is_checked(hwd, perceptron, tmp_path):
    arrays = arrays_of(perceptron[0])
    arrays["arr_0"][1] += 0.01
    np.savez(tmp_path / "x.npz", **arrays)
    status, out, _ = hwd("test", tmp_path / "x.npz", "--log", tmp_path / "log.csv")
    assert status == 1 and "NETWORK IS NOT OK" in out
    before = (tmp_path / "x.npz").read_bytes()
    status, out, err = hwd("test", tmp_path / "x.npz", "--record", "--log", tmp_path / "log.csv")
    assert status == 2 and "HWD-Perceptron" in err
    assert (tmp_path / "x.npz").read_bytes() == before


def test_a_digit_lying_down_is_not_what_hwd_perceptron_learned(mnist, perceptron):
    """The orientation of the pixels is theirs: rows first. Transposed, the same network is lost."""
    network = Network.load(perceptron[0])
    lying = mnist.test.images.reshape(-1, 28, 28).transpose(0, 2, 1).reshape(-1, 784)
    assert np.mean(network.predict(lying) == mnist.test.labels) < perceptron[2] - 0.2


# recognize --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained(root):
    return Network.load(root / "saved_nn" / f"{TRAINED}.npz")


@pytest.fixture(scope="module")
def clear_digits(mnist, trained):
    """For each digit the index of the validation image that the network reads right, and most surely."""
    probabilities = trained.probabilities(mnist.validation.images)
    right = probabilities.argmax(axis=1) == mnist.validation.labels
    sure = probabilities.max(axis=1) * right
    return [int(np.argmax(sure * (mnist.validation.labels == digit))) for digit in range(10)]


def as_picture(image, pixels, background):
    """(784,) -> (h, w, 4): every pixel of the digit is `pixels` wide, the background light, dark, …"""
    ink = np.kron(image.reshape(28, 28), np.ones((pixels, pixels)))
    if background == "transparent":
        return np.stack([np.zeros_like(ink)] * 3 + [ink], axis=-1)
    grey = {"light": 1 - ink, "dark": ink, "grey paper": 0.8 - 0.5 * ink}[background]
    return np.stack([grey] * 3 + [np.ones_like(ink)], axis=-1)


@pytest.mark.parametrize("background", ["light", "dark", "grey paper", "transparent"])
@pytest.mark.parametrize("pixels", [1, 2, 9])
def test_recognize_a_picture(hwd, mnist, clear_digits, tmp_path, background, pixels):
    for digit, index in enumerate(clear_digits):
        imsave(tmp_path / "x.png", as_picture(mnist.validation.images[index], pixels, background))
        status, out, err = hwd("recognize", tmp_path / "x.png", "--network", TRAINED)
        assert (status, out, err) == (0, f"{digit}\n", "")


def pictures_right(mnist, trained, change, n=100):
    images = np.stack(
        [pictures.picture_to_image(change(image)).ravel() for image in mnist.validation.images[:n]]
    )
    return float((trained.predict(images) == mnist.validation.labels[:n]).mean())


def test_pictures_are_read_nearly_as_well_as_the_images_they_were_made_of(mnist, trained, say):
    rng = np.random.default_rng(0)

    def off_centre(image):
        return np.pad(as_picture(image, 4, "light"), ((3, 90), (120, 7), (0, 0)), constant_values=1)

    def photo(image):
        paper = np.full((28 * 5 + 40, 28 * 5 + 40, 4), 0.8)
        paper[20:-20, 20:-20, :3] = as_picture(image, 5, "grey paper")[:, :, :3]
        paper[:, :, :3] += np.linspace(-0.1, 0.1, paper.shape[1])[:, None]  # light from the right
        paper[:, :, :3] += rng.normal(0, 0.02, (*paper.shape[:2], 1))  # grain
        paper[:, :, 3] = 1
        return paper

    def fine_pen(image):
        """As if a thin pen had drawn it: 12 times as large, and only the middle of each line."""
        ink = np.kron(image.reshape(28, 28), np.ones((12, 12)))
        for k in range(7):
            ink = pictures.neighbours(ink, np.minimum, square=k % 2)
        return np.stack([1 - ink] * 3 + [np.ones_like(ink)], axis=-1)

    as_it_is = pictures_right(mnist, trained, lambda image: as_picture(image, 1, "light"))
    assert (
        as_it_is == (trained.predict(mnist.validation.images[:100]) == mnist.validation.labels[:100]).mean()
    )
    for change, loss in ((off_centre, 0.03), (photo, 0.05), (fine_pen, 0.12)):
        right = pictures_right(mnist, trained, change)
        say(f"pictures, {change.__name__}: {right:.1%} of 100 read right, as MNIST has them {as_it_is:.1%}")
        assert right >= as_it_is - loss


def pages_right(mnist, trained, change, n=100):
    """The share of MNIST's first validation digits that are read as one digit, the right one, on pictures."""
    read = [read_page(change(image), trained).lines for image in mnist.validation.images[:n]]
    truth = mnist.validation.labels[:n]
    return np.mean([lines == [str(label)] for lines, label in zip(read, truth, strict=True)])


def test_pages_of_one_digit_are_read_nearly_as_well_as_the_images_they_were_made_of(mnist, trained, say):
    rng = np.random.default_rng(0)

    def off_centre(image):
        picture = as_picture(image, 4, "light")[:, :, :3]
        return np.pad(255 * picture, ((3, 90), (120, 7), (0, 0)), constant_values=255).astype(np.uint8)

    def photo(image):
        paper = np.full((28 * 5 + 40, 28 * 5 + 40, 3), 0.8)
        paper[20:-20, 20:-20] = as_picture(image, 5, "grey paper")[:, :, :3]
        paper += np.linspace(-0.1, 0.1, paper.shape[1])[:, None]  # light from the right
        paper += rng.normal(0, 0.02, (*paper.shape[:2], 1))  # grain
        return np.clip(255 * paper, 0, 255).astype(np.uint8)

    as_it_is = np.mean(trained.predict(mnist.validation.images[:100]) == mnist.validation.labels[:100])
    for change in off_centre, photo:
        right = pages_right(mnist, trained, change)
        say(f"pages, {change.__name__}: {right:.1%} of 100 read right, as MNIST has them {as_it_is:.1%}")
        assert right >= as_it_is - 0.06


def test_recognize_a_picture_as_json_and_with_a_picture_of_it(hwd, mnist, clear_digits, tmp_path):
    imsave(tmp_path / "x.png", as_picture(mnist.validation.images[clear_digits[4]], 9, "dark"))
    status, out, _ = hwd("recognize", tmp_path / "x.png", "--network", TRAINED, "--json")
    answer = json.loads(out)
    (digit,) = answer["digits"]
    assert status == 0 and answer["lines"] == ["4"] and (digit["digit"], digit["line"]) == (4, 0)
    assert digit["probability"] == max(digit["probabilities"]) and len(digit["probabilities"]) == 10
    x, y, w, h = digit["box"]
    assert 0 <= x < x + w <= 252 and 0 <= y < y + h <= 252
    _, out, _ = hwd("recognize", tmp_path / "x.png", "--network", TRAINED, "--show")
    assert len(out.splitlines()) == 1 + 15
    hwd("recognize", tmp_path / "x.png", "--network", TRAINED, "--show", tmp_path / "boxes.png")
    before, after = imread(tmp_path / "x.png"), imread(tmp_path / "boxes.png")
    changed = np.argwhere((before[:, :, :3] != after[:, :, :3]).any(axis=2))
    assert changed.size and (changed.min(axis=0) <= [y, x]).all() and changed[:, 0].max() <= y + h + 1


def test_recognize_says_what_to_do_where_nothing_can_be_read(hwd, tmp_path):
    imsave(tmp_path / "x.png", np.full((200, 300, 3), 0.9))
    status, out, err = hwd("recognize", tmp_path / "x.png")
    assert (status, out) == (1, "") and "darker pen" in err
    status, out, _ = hwd("recognize", tmp_path / "x.png", "--json")
    assert status == 1 and json.loads(out)["digits"] == [] and "darker pen" in json.loads(out)["advice"]


# paper ------------------------------------------------------------------------------------------------------


@pytest.fixture
def labelled(tmp_path, trained):
    """Two drawn pages and a blank one, in two groups, and their labels: the last digit of one is wrong."""
    looks = {"a.png": Look(), "b.png": Look(rules="ruled")}
    for seed, (name, look) in enumerate(looks.items()):
        page = draw_page(["11", "7"], np.random.default_rng(seed), look, clear_hand(trained))
        imsave(tmp_path / name, page)
    imsave(tmp_path / "c.png", np.full((100, 100, 3), 0.9))
    labels = [
        {"file": "a.png", "lines": ["11", "7"], "group": "plain"},
        {"file": "b.png", "lines": ["11", "9"], "group": "ruled"},
        {"file": "c.png", "lines": ["5"], "group": "plain"},
    ]
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    return tmp_path / "labels.json"


def test_paper_is_measured_by_group(hwd, labelled):
    status, out, err = hwd("paper", labelled, "--network", TRAINED, "--json")
    about = json.loads(out)
    read = {picture["file"]: picture["read"] for picture in about["pictures"]}
    assert (status, err) == (0, "") and read == {"a.png": ["11", "7"], "b.png": ["11", "7"], "c.png": []}
    plain, ruled = about["groups"]["plain"], about["groups"]["ruled"]
    assert (plain["digits"], plain["digit_accuracy"], plain["wholly_right"]) == (4, 3 / 4, 1 / 2)
    assert (ruled["digits"], ruled["digit_accuracy"], ruled["wholly_right"]) == (3, 2 / 3, 0)
    assert about["groups"]["all"]["digit_accuracy"] == 5 / 7
    status, out, _ = hwd("paper", labelled, "--network", TRAINED)
    assert "75.00 %" in out and "b.png: 11 9, read as 11 7" in out


def test_paper_record(hwd, trained, labelled, tmp_path):
    network = trained.copy()
    network.metadata = {}
    network.save(tmp_path / "net.npz")
    numbers = arrays_of(tmp_path / "net.npz")
    assert hwd("paper", labelled, "--network", tmp_path / "net.npz", "--record")[0] == 0
    assert metadata_of(tmp_path / "net.npz")["pictures_accuracy"] == {tmp_path.name: 5 / 7}
    after = arrays_of(tmp_path / "net.npz")
    assert all(np.array_equal(after[n], numbers[n]) for n in numbers if n != "metadata")
    assert f"{tmp_path.name} digits on paper" in hwd("networks", "--folder", tmp_path)[1]


@pytest.mark.parametrize("labels", ["{", "[1]", '[{"file": "a.png"}]', '{"a": 1}'])
def test_labels_that_are_none(hwd, tmp_path, labels):
    (tmp_path / "x.json").write_text(labels)
    status, _, err = hwd("paper", tmp_path / "x.json")
    assert status == 2 and "x.json: expected a list" in err


@pytest.mark.parametrize(
    ("a", "b", "changes"),
    [("", "", 0), ("123", "", 3), ("123", "123", 0), ("1234", "124", 1), ("kitten", "sitting", 3)],
)
def test_edit_distance(a, b, changes):
    assert edit_distance(a, b) == edit_distance(b, a) == changes


# recognize strokes ------------------------------------------------------------------------------------------


SEVEN = [[[100, 100], [200, 100], [140, 250]]]
ONE = [[[150, 80], [150, 260]]]


@pytest.mark.parametrize(
    "content",
    [
        SEVEN,
        {"strokes": SEVEN},
        {"samples": [{"strokes": SEVEN}]},
        {"samples": [{"label": 7, "strokes": SEVEN}] * 2},
    ],
)  # fmt: skip
def test_recognize_strokes(hwd, tmp_path, content):
    (tmp_path / "x.json").write_text(json.dumps(content))
    status, out, _ = hwd("recognize", tmp_path / "x.json", "--network", TRAINED)
    assert status == 0 and out.startswith("7  ")


def test_recognize_a_number(hwd, tmp_path):
    beside = [[[x + 200, y] for x, y in stroke] for stroke in SEVEN]
    content = {"samples": [sample("17", [[[40, 100], [40, 250]], *SEVEN]), sample(None, [*SEVEN, *beside])]}
    (tmp_path / "x.json").write_text(json.dumps(content))
    status, out, _ = hwd("recognize", tmp_path / "x.json", "--network", TRAINED)
    lines = out.splitlines()
    assert status == 0 and lines[0] == "17  It is said to be 17." and lines[3] == "77"
    assert [line[:5] for line in lines[1:3] + lines[4:]] == ["  1  ", "  7  ", "  7  ", "  7  "]
    status, out, _ = hwd("recognize", tmp_path / "x.json", "--network", TRAINED, "--json")
    first, second = json.loads(out)
    assert (first["text"], second["text"]) == ("17", "77")
    assert [digit["box"] for digit in first["digits"]] == [[40, 100, 40, 250], [100, 100, 200, 250]]
    assert second["digits"][1]["strokes"] == beside
    status, out, _ = hwd("recognize", tmp_path / "x.json", "--network", TRAINED, "--show")
    assert len(out.splitlines()) == 6 + 4 * 14


# strokes ----------------------------------------------------------------------------------------------------


def sample(label, strokes, **more):
    return {"label": label, "strokes": strokes} | more


def test_strokes_by_set_digit_and_writer(hwd, tmp_path):
    """Eight samples counted by hand. The network reads SEVEN as 7 and ONE as 1; some labels are wrong."""
    samples = [
        sample(7, SEVEN, writer="ann", set="pen"), sample(7, ONE, writer="ann", set="pen"),
        sample(1, ONE, writer="ben", set="pen"), sample(1, ONE, writer="ann", set="pen"),
        sample(7, SEVEN, writer="ben", set="finger"), sample(3, SEVEN, writer="ben", set="finger"),
        sample(1, ONE, writer="ben", set="finger"), sample(1, SEVEN, writer="cy", set="finger"),
    ]  # fmt: skip
    path = tmp_path / "drawn.json.gz"
    path.write_bytes(gzip.compress(json.dumps({"y_axis": "down", "samples": samples}).encode()))
    status, out, err = hwd("strokes", path, "--network", TRAINED, "--json")
    assert (status, err) == (0, "")
    results = json.loads(out)
    assert results["accuracy"] == 5 / 8
    assert results["by_set"] == {"pen": 3 / 4, "finger": 2 / 4}
    assert results["by_digit"] == {"1": 3 / 4, "3": 0, "7": 2 / 3}
    assert results["by_set_and_digit"] == {
        "pen": {"7": 1 / 2, "1": 1},
        "finger": {"7": 1, "3": 0, "1": 1 / 2},
    }
    assert results["by_writer"] == {"ann": 2 / 3, "ben": 3 / 4, "cy": 0}
    status, out, _ = hwd("strokes", path, "--network", TRAINED)
    assert status == 0
    for words in (
        "62.50 % of 8",
        "pen           4  75.00 %",
        "ann           3  66.67 %",
        "by digit and set",
    ):
        assert words in out


def test_signs_shown_as_digits_are_counted_by_symbol(hwd, tmp_path):
    """A 7 and a 1 are shown as digits, whatever they were meant as; a dot and two digits never are."""
    two = [*SEVEN, *([[x + 400, y] for x, y in stroke] for stroke in SEVEN)]
    drawn = {"a": [SEVEN, two], "b": [ONE], "c": [[[[5, 5]]]]}
    samples = [{"symbol": name, "strokes": strokes} for name in drawn for strokes in drawn[name]]
    (tmp_path / "signs.json").write_text(json.dumps({"samples": samples}))
    status, out, err = hwd("strokes", tmp_path / "signs.json", "--network", TRAINED, "--json")
    assert (status, err) == (0, "")
    by_symbol = {"a": 1 / 2, "b": 1, "c": 0}
    assert json.loads(out) == {
        "samples": 4, "shown_as_digit": 2 / 4, "shown_as_digit_by_symbol": by_symbol
    }  # fmt: skip
    status, out, _ = hwd("strokes", tmp_path / "signs.json", "--network", TRAINED)
    assert status == 0 and "50.00 % of 4 symbols" in out and "a             2   50.00 %" in out
    (tmp_path / "digits.json").write_text(json.dumps({"samples": [sample(7, SEVEN), sample(7, two)]}))
    assert json.loads(hwd("strokes", tmp_path / "digits.json", "--json")[1])["shown_as_digit"] == 1 / 2
    (tmp_path / "mixed.json").write_text(json.dumps({"samples": [sample(7, SEVEN), samples[0]]}))
    status, _, err = hwd("strokes", tmp_path / "mixed.json")
    assert status == 2 and "or a symbol with each" in err


def test_strokes_of_numbers(hwd, trained, tmp_path):
    """Six numbers and two digits, counted by hand."""

    def row(text):
        return [
            [[x + 200 * i, y] for x, y in stroke]
            for i, character in enumerate(text)
            for stroke in {"7": SEVEN, "1": ONE}[character]
        ]

    samples = [
        sample("71", row("71"), set="pen"), sample("17", row("17"), set="finger"),
        sample("27", row("17"), set="pen"),  # one digit of two is wrong
        sample("771", row("77"), set="pen"),  # one is missing
        sample("7171", row("7171"), set="pen"), sample("11111", row("11111"), set="pen"),
        sample(7, SEVEN, set="pen"), sample("7", ONE, set="pen"),
    ]  # fmt: skip
    path = tmp_path / "drawn.json"
    path.write_text(json.dumps({"samples": samples}))
    status, out, err = hwd("strokes", path, "--network", TRAINED, "--json")
    assert (status, err) == (0, "")
    results = json.loads(out)
    assert (results["samples"], results["accuracy"]) == (2, 1 / 2)
    assert results["numbers"] == {
        "samples": 6,
        "accuracy": 4 / 6,
        "digit_accuracy": pytest.approx(16 / 18),
        "count_accuracy": 5 / 6,
        "by_set": {"pen": 3 / 5, "finger": 1},
        "by_length": {"2": 2 / 3, "3": 0, "4+": 1},
    }
    status, out, _ = hwd("strokes", path, "--network", TRAINED)
    assert status == 0
    for words in ("50.00 % of 2 drawn digits", "66.67 % of 6 drawn numbers", "4+            2  100.00 %"):
        assert words in out
    (tmp_path / "numbers.json").write_text(json.dumps({"samples": samples[:3]}))
    network = trained.copy()
    network.metadata = {}
    network.save(tmp_path / "net.npz", half=True)
    status, out, _ = hwd(
        "strokes", tmp_path / "numbers.json", "--network", tmp_path / "net.npz", "--json", "--record"
    )
    results = json.loads(out)
    assert (status, results["samples"], set(results)) == (0, 0, {"samples", "numbers"})
    about = metadata_of(tmp_path / "net.npz")
    assert about["numbers_accuracy"] == {"numbers.json": pytest.approx(2 / 3)}


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [("", "", 0), ("12", "12", 0), ("12", "", 2), ("kitten", "sitting", 3), ("2026", "226", 1)],
)
def test_edits(text, other, expected):
    from hwd_lib.commands.strokes import edits

    assert edits(text, other) == edits(other, text) == expected


def test_strokes_with_y_upwards_and_without_set_or_writer(hwd, tmp_path):
    upwards = [[[x, 300 - y] for x, y in stroke] for stroke in SEVEN]
    for content in ({"y_axis": "up", "samples": [sample(7, upwards)]}, {"samples": [sample(7, SEVEN)]}):
        (tmp_path / "mine.json").write_text(json.dumps(content))
        _, out, _ = hwd("strokes", tmp_path / "mine.json", "--network", TRAINED, "--json")
        results = json.loads(out)
        assert results["accuracy"] == 1.0
        assert results["by_set"] == {"mine": 1.0} and results["by_writer"] == {"unknown": 1.0}


def test_odd_strokes_are_answered_calmly(hwd, tmp_path):
    odd = [
        [],
        [[]],
        [[[5, 5]]],
        [[[None, 3], ["a", 4]]],
        [[[1e308, 1], [2, float("nan")]]],
        [[[0, 0]] * 4000],
    ]
    (tmp_path / "odd.json").write_text(json.dumps({"samples": [sample(3, strokes) for strokes in odd]}))
    status, out, _ = hwd("strokes", tmp_path / "odd.json", "--network", TRAINED)
    assert status == 0 and f"of {len(odd)} drawn" in out


def test_strokes_record(hwd, trained, tmp_path):
    network = trained.copy()
    network.metadata = {"strokes_accuracy": 0.9}  # as it was written when there was one file to measure on
    network.save(tmp_path / "net.npz", half=True)
    numbers = arrays_of(tmp_path / "net.npz")
    (tmp_path / "mine.json").write_text(json.dumps({"samples": [sample(7, SEVEN), sample(2, SEVEN)]}))
    assert hwd("strokes", tmp_path / "mine.json", "--network", tmp_path / "net.npz", "--record")[0] == 0
    about = metadata_of(tmp_path / "net.npz")
    assert about["strokes_accuracy"] == {"mine.json": 0.5}
    (tmp_path / "more.json").write_text(json.dumps({"samples": [sample(7, SEVEN)]}))
    (tmp_path / "signs.json").write_text(json.dumps({"samples": [{"symbol": "A", "strokes": ONE}]}))
    for name in ("more.json", "signs.json"):
        assert hwd("strokes", tmp_path / name, "--network", tmp_path / "net.npz", "--record")[0] == 0
    about = metadata_of(tmp_path / "net.npz")
    assert about["strokes_accuracy"] == {"mine.json": 0.5, "more.json": 1.0}
    assert about["shown_as_digit"] == {"signs.json": 1.0}
    after = arrays_of(tmp_path / "net.npz")
    assert all(np.array_equal(after[n], numbers[n]) for n in numbers if n != "metadata")


# networks ---------------------------------------------------------------------------------------------------


def test_networks_are_listed(hwd, tmp_path):
    assert "no networks" in hwd("networks", "--folder", tmp_path)[1]
    assert hwd("train", *SMALL, "--save", tmp_path / "mine")[0] == 0
    (tmp_path / "broken.npz").write_text("x")
    status, out, _ = hwd("networks", "--folder", tmp_path)
    right = metadata_of(tmp_path / "mine.npz")["validation_accuracy"]
    assert status == 0
    assert "784-12-10" in out and f"{100 * right:.2f}" in out and "broken" in out and "cannot be read" in out


# In a terminal, in a pipe -----------------------------------------------------------------------------------


def pipe(root, command, content=b"", **environment):
    """Run a line of shell with `hwd` in it; status, what it printed, what it complained of."""
    run = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command.replace("hwd ", f"{sys.executable} -m hwd_lib ")],
        cwd=root, input=content, capture_output=True, env=os.environ | environment,
    )  # fmt: skip
    return run.returncode, run.stdout.decode(), run.stderr.decode()


@pytest.mark.skipif(os.name == "nt", reason="pipes of a Unix shell")
@pytest.mark.parametrize("command", ["--help", "networks", "show 200", "networks --json", "train --help"])
def test_when_nobody_listens_any_more_it_stops_quietly(root, command):
    status, out, err = pipe(root, f"hwd {command} | head -c 10")
    assert (status, len(out), err) == (0, 10, "")


@pytest.mark.skipif(os.name == "nt", reason="pipes of a Unix shell")
def test_pictures_and_strokes_come_in_through_a_pipe(root, tmp_path, mnist):
    imsave(tmp_path / "digit.png", 1 - mnist.validation.images[0].reshape(28, 28), cmap="gray")
    strokes = json.dumps([[[10, 10], [200, 10], [80, 300]]]).encode()
    for content in ((tmp_path / "digit.png").read_bytes(), strokes, gzip.compress(strokes)):
        status, out, err = pipe(root, "hwd recognize - --json", content)
        assert (status, err) == (0, "")
        assert json.loads(out)
    sample = json.dumps({"samples": [{"label": 7, "strokes": json.loads(strokes)}]}).encode()
    status, out, err = pipe(root, "hwd strokes - --json", sample)
    assert (status, err) == (0, "") and json.loads(out)["samples"] == 1
    status, out, err = pipe(root, "hwd recognize -", b"neither")
    assert status == 2 and "-: expected a picture" in err


@pytest.mark.skipif(os.name == "nt", reason="pipes of a Unix shell")
def test_a_pipe_gets_neither_progress_bars_nor_colours(root, tmp_path):
    line = f"hwd train --layers 784-10 --examples 600 --epochs 1 --save {tmp_path / 'mine'}"
    for environment in ({}, {"NO_COLOR": "1"}):
        status, out, err = pipe(root, line, **environment)
        assert (status, err) == (0, "") and "epoch   1 of 1" in out
        assert "\x1b" not in out and "\r" not in out
    assert "\x1b" not in pipe(root, "hwd train --help", NO_COLOR="1")[1]


@pytest.mark.parametrize("arguments", [["networks"], ["test", "784-10"], ["test", "784-100-10"]])
def test_tables_fit_a_narrow_window(hwd, monkeypatch, arguments, tmp_path):
    monkeypatch.setenv("COLUMNS", "40")
    log = ["--log", tmp_path / "log.csv"] if arguments[0] == "test" else []
    status, out, _ = hwd(*arguments, *log)
    table = out if arguments[0] == "networks" else out[out.index("digit ") : out.index("\nNETWORK")]
    assert status == 0 and max(map(len, table.splitlines())) <= 40
    monkeypatch.setenv("COLUMNS", "300")
    whole = hwd(*arguments, *log)[1]
    words = set(re.findall(r"\w+", table))
    assert words <= set(re.findall(r"\w+", whole))  # nothing is cut short


def test_a_table_of_a_sweep_fits_a_narrow_window(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    entry = {"layers": [784, 500, 200, 70, 10], "learning_rate": 0.025, "batch_size": 32, "failed": 1}
    entry |= {"mean": 0.97123, "sd": 0.00456, "seconds": 123.4}
    text = sweep_command.table([entry])
    assert max(map(len, text.splitlines())) <= 40
    for piece in ("784-500-200-70-10", "0.025", "32", "97.12 ± 0.46", "123.4"):
        assert piece in text


def test_networks_as_json(hwd, tmp_path):
    network = Network([784, 5, 10], "tanh")
    network.metadata["test_accuracy"] = 0.5
    network.save(tmp_path / "own.npz")
    (tmp_path / "text.npz").write_text("no network")
    status, out, _ = hwd("networks", "--folder", tmp_path, "--json")
    own, text = json.loads(out)
    assert status == 0 and own["network"] == "own" and own["layers"] == [784, 5, 10]
    assert own["parameters"] == network.parameters.size and own["metadata"]["test_accuracy"] == 0.5
    assert text["network"] == "text" and "expected a .npz file" in text["error"]


def test_a_missing_file_is_called_by_its_name(hwd):
    assert hwd("test", "./nope.npz")[2].startswith("hwd test: nope.npz: no such file")
    assert f"hwd test: {os.path.join('some', 'nope.npz')}: no such file" in hwd("test", "some/nope")[2]
    assert str(SAVED_NN / "nope.npz") in hwd("test", "nope")[2]


@pytest.mark.skipif(os.name == "nt", reason="sends a signal as Ctrl-C does on Unix")
def test_ctrl_c_in_a_sweep_says_how_to_go_on(start, tmp_path):
    out = tmp_path / "runs.csv"
    options = ["--epochs", "200", "--seeds", "2", "--jobs", "1", "--examples", "20000"]
    process = start("sweep", *options, "--out", out)
    while not out.exists():  # it begins with the table
        assert process.poll() is None
    err = None
    while err is None:  # Python loses one that comes at a bad moment of an import: then one presses again
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            _, err = process.communicate(timeout=15)
    assert process.returncode == 130
    assert f"Finished runs are in {out}; the same command goes on." in err and "Traceback" not in err


@pytest.mark.skipif(os.name == "nt", reason="sends a signal as Ctrl-C does on Unix")
@pytest.mark.parametrize("module", ["hwd_lib.commands.networks", "numpy"])
def test_an_early_ctrl_c_is_quiet(root, module):
    """While modules are still loading: here, as soon as one of them begins to."""
    program = f"""
import os, signal, sys
class Early:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Early())
from hwd_lib.__main__ import main
sys.exit(main(["networks"]))
"""
    run = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (130, "", "\nhwd: stopped by you.\n")


def test_help_imports_no_command_and_a_command_no_other(root):
    """So that it is there at once: `hwd --help` needs not even NumPy."""
    code = "import sys; from hwd_lib.__main__ import main; main(sys.argv[1:]); print(*sorted(sys.modules))"
    for argument, absent in (("--help", "numpy"), ("networks", "hwd_lib.commands.app")):
        run = subprocess.run([sys.executable, "-c", code, argument], cwd=root, capture_output=True, text=True)
        assert run.returncode == 0 and absent not in run.stdout.splitlines()[-1].split()


@pytest.mark.parametrize("name", COMMANDS)
def test_summaries_are_those_of_the_modules(name):
    module = importlib.import_module(f"hwd_lib.commands.{MODULES.get(name, name)}")
    assert summary(name) == module.SUMMARY
