"""The library as one takes it along: its public names, their types, and no course around it."""

import ast
import inspect
import os
import re
import subprocess
import sys
import tomllib
import typing
import zipfile

import numpy as np
import pytest

import hwd_lib
from hwd_lib import network as network_module
from hwd_lib.network import ACTIVATIONS
from tests.test_datasets import FASHION, examples, write
from tests.test_project import FLOORS


def test_the_public_names_are_there():
    assert len(hwd_lib.__all__) == len(set(hwd_lib.__all__)) >= 12
    for name in hwd_lib.__all__:
        assert getattr(hwd_lib, name).__name__ == name and name in dir(hwd_lib)
        assert inspect.getdoc(getattr(hwd_lib, name))
    with pytest.raises(AttributeError, match="module 'hwd_lib' has no attribute 'trian'"):
        _ = hwd_lib.trian


def test_type_checkers_see_the_same_names(root):
    """What is imported lazily stands once more where only type checkers look."""
    tree = ast.parse((root / "hwd_lib" / "__init__.py").read_text("utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {alias.name: node.module for node in block.body for alias in node.names}
    assert seen == {name: f"hwd_lib.{module}" for name, module in hwd_lib._FACE.items()}
    assert set(seen) == set(hwd_lib.__all__)


def test_importing_it_alone_imports_nothing_heavy(root):
    code = "import sys, hwd_lib; print(sorted({'numpy', 'tqdm', 'matplotlib', 'IPython'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert run.stdout == "[]\n"
    code = "import sys; from hwd_lib import Network, train, load_mnist; print('matplotlib' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert run.stdout == "False\n"


@pytest.mark.parametrize("name", hwd_lib.__all__)
def test_public_signatures_have_types(name):
    thing = getattr(hwd_lib, name)
    functions = [thing]
    if inspect.isclass(thing):
        functions = [
            f for key, f in vars(thing).items() if inspect.isfunction(f) and not key.startswith("_")
        ]
    for function in functions:
        hints = typing.get_type_hints(function)
        wanted = {parameter for parameter in inspect.signature(function).parameters if parameter != "self"}
        assert wanted | {"return"} <= set(hints), f"{name}: {function.__name__}"


def test_mypy_is_strict_on_floors_0_to_2(root):
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    below = {f"hwd_lib/{module}.py" for floor in (-1, 0, 1, 2) for module in FLOORS[floor]}
    assert settings["strict"] and below | {"hwd_lib/__init__.py"} <= set(settings["files"])
    assert not [loose for each in settings["overrides"] for loose in each if loose.startswith("disallow")]


@pytest.mark.slow
def test_mypy_is_content(root, tmp_path):
    command = [sys.executable, "-m", "mypy", "--cache-dir", tmp_path]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.slow
def test_mypy_finds_a_mistake_of_somebody_who_uses_it(root, tmp_path):
    (tmp_path / "good.py").write_text(
        "from hwd_lib import Network, accuracy, load_mnist, train\n"
        "data = load_mnist()\n"
        "network = Network([784, 100, 10], activation='tanh')\n"
        "history = train(network, data.train, validation=data.validation, epochs=3)\n"
        "best: float = max(history.validation_accuracy)\n"
        "share: float = accuracy(network.copy(), data.test)\n"
    )
    (tmp_path / "bad.py").write_text(
        "from hwd_lib import Network, load_mnist, train\n"
        "train(Network('784-100-10'), load_mnist().train, epochs='3')\n"
        "Network([784, 10]).predict()\n"
    )
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--cache-dir",
        tmp_path / "cache",
        "--config-file",
        os.devnull,
    ]
    run = subprocess.run(
        [*command, "--follow-imports", "silent", "good.py", "bad.py"],
        cwd=tmp_path, capture_output=True, text=True, env=os.environ | {"MYPYPATH": str(root)},
    )  # fmt: skip
    found = [line.partition(" error: ")[0] for line in run.stdout.splitlines() if " error: " in line]
    assert found == ["bad.py:2:", "bad.py:2:", "bad.py:3:"], run.stdout


@pytest.fixture(scope="module")
def installed(root, tmp_path_factory):
    """The wheel, unpacked elsewhere; ``installed(folder, *arguments)`` runs Python with it in a folder."""
    wheels, site = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--no-build-isolation",
    ]
    subprocess.run([*command, "-w", wheels, root], check=True, capture_output=True)
    (wheel,) = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)

    def run(folder, *arguments):
        environment = os.environ | {"PYTHONPATH": str(site)}
        command = [sys.executable, "-P", *map(str, arguments)]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)

    return run


@pytest.mark.slow
def test_installed_without_the_course_it_works_on_ones_own_data(installed, tmp_path):
    write(tmp_path / "fashion", FASHION, [examples(600, 10), examples(60, 10, seed=2)])
    code = (
        "import hwd_lib\n"
        "from hwd_lib import Network, accuracy, load_idx, train\n"
        "data = load_idx('fashion')\n"
        "network = Network([784, 30, 10])\n"
        "train(network, data.train, epochs=5, learning_rate=0.02, progress=False)\n"
        "print(hwd_lib.__file__, accuracy(network, data.test) > 0.5)\n"
    )
    run = installed(tmp_path, "-W", "error", "-c", code)
    assert run.stderr == "" and run.stdout.split()[1] == "True" and "site" in run.stdout.split()[0]
    run = installed(
        tmp_path, "-m", "hwd_lib", "train", "--data", "fashion", "--save", "own", "--epochs", "1", "--quiet"
    )
    assert run.returncode == 0 and (tmp_path / "saved_nn" / "own.npz").exists()
    run = installed(tmp_path, "-m", "hwd_lib", "test", "own", "--data", "fashion", "--record")
    assert run.returncode == 0 and "NETWORK IS OK" in run.stdout


@pytest.mark.slow
def test_installed_without_the_course_it_says_what_is_missing(installed, tmp_path):
    strokes = tmp_path / "strokes.json"
    strokes.write_text("[[[1, 1], [200, 300]]]")
    run = installed(tmp_path, "-m", "hwd_lib", "recognize", strokes)
    assert run.returncode == 2 and "or go to the course's folder" in run.stderr
    run = installed(tmp_path, "-m", "hwd_lib", "app")
    assert run.returncode == 2 and "Expected the course's folder" in run.stderr
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.slow
def test_installed_it_finds_the_course_around_where_one_works(installed, root):
    for folder in (root, root / "notebooks"):
        run = installed(folder, "-c", "from hwd_lib.network import SAVED_NN; print(SAVED_NN)")
        assert run.stdout == f"{root / 'saved_nn'}\n"


def test_the_arrays_of_a_network_are_known_by_name():
    network = hwd_lib.Network([4, 3, 2])
    assert isinstance(network.parameters, np.ndarray) and isinstance(network.weights, tuple)


def examples_of(root):
    """The blocks of Python in docs/library.md."""
    text = (root / "docs" / "library.md").read_text("utf-8")
    return re.findall(r"```python\n(.*?)```", text, flags=re.S)


def test_the_examples_of_the_documentation_run(root, tmp_path, monkeypatch, capsys):
    write(tmp_path / "fashion", FASHION, [examples(600, 10), examples(60, 10, seed=2)])
    monkeypatch.chdir(tmp_path)
    names, fashion, activation = examples_of(root)
    space = {"np": np}
    exec(names + fashion, space)
    assert re.fullmatch(r"\d+\.\d%\n", capsys.readouterr().out)
    assert hwd_lib.accuracy(space["network"], space["data"].test) > 0.5
    assert (tmp_path / "fashion.npz").exists()
    monkeypatch.setattr(network_module, "ACTIVATIONS", dict(ACTIVATIONS))
    exec(activation, space)
    own = hwd_lib.Network([6, 5, 3], "softplus", seed=3)
    images = np.random.default_rng(0).random((20, 6))
    assert hwd_lib.gradient_check(own, images, np.arange(20) % 3) < 1e-6


def test_the_documentation_names_the_whole_face(root):
    text = (root / "docs" / "library.md").read_text("utf-8")
    listed = re.findall(r"`(\w+)`", text.partition("The names:")[2].partition(". Each")[0])
    assert sorted(listed) == sorted(hwd_lib.__all__)
    api = (root / "docs" / "site" / "api.md").read_text("utf-8")
    members = api.partition(":members:")[2].partition("```")[0]
    assert sorted(re.findall(r"\w+", members)) == sorted(hwd_lib.__all__)
