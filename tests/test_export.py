"""`hwd export`: what ONNX's own runtime makes of the file is what the network says."""

import json
import sys

import numpy as np
import pytest

from hwd_lib.__main__ import main
from hwd_lib.network import SAVED_NN, Network
from hwd_lib.stroke_styles import make_dataset

runtime = pytest.importorskip("onnxruntime", reason="there is no onnxruntime for this system")


def network_of(layers, activation, biases=True):
    network = Network(layers, activation, biases, seed=5)
    network.parameters[:] *= 2
    network.metadata = {"recipe": "by hand", "epochs": 3, "augment": None, "note": "ä → 1"}
    return network


NETWORKS = {
    "default": lambda: Network.load(SAVED_NN / "default.npz"),
    "no hidden layer": lambda: network_of([784, 10], "relu"),
    "deep": lambda: network_of([784, 40, 30, 20, 10], "relu"),
    "tanh": lambda: network_of([784, 30, 10], "tanh"),
    "sigmoid": lambda: network_of([784, 30, 10], "sigmoid"),
    "float64": lambda: Network([784, 30, 10], seed=5, dtype="float64"),
    "26 classes": lambda: network_of([784, 30, 26], "relu"),
    "no biases": lambda: network_of([784, 30, 10], "sigmoid", False),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_onnxruntime_answers_as_the_network_does(tmp_path, capsys, name, say):
    network = NETWORKS[name]()
    network.save(tmp_path / "mine.npz")
    assert main(["export", str(tmp_path / "mine.npz"), str(tmp_path / "mine.onnx")]) == 0
    assert "pixels (n, 784)" in capsys.readouterr().out
    session = runtime.InferenceSession(tmp_path / "mine.onnx", providers=["CPUExecutionProvider"])
    images, _ = make_dataset(300, np.random.default_rng(1))
    images[0] = 0  # an empty sheet
    expected = network.probabilities(images)
    (found,) = session.run(["probabilities"], {"pixels": images})
    say(f"ONNX, {name}: probabilities within {np.abs(found - expected).max():.1e}")
    np.testing.assert_allclose(found, expected, atol=1e-5)
    (one,) = session.run(None, {"pixels": images[:1]})  # the batch is of any size
    np.testing.assert_allclose(one, expected[:1], atol=1e-5)
    kept = session.get_modelmeta().custom_metadata_map
    for key, value in network.metadata.items():
        assert kept[key] == value if isinstance(value, str) else json.loads(kept[key]) == value


def test_letters_are_named_in_the_file(tmp_path, letters):
    letters.save(tmp_path / "letters.npz")
    assert main(["export", str(tmp_path / "letters.npz"), str(tmp_path / "letters.onnx")]) == 0
    about = runtime.InferenceSession(tmp_path / "letters.onnx").get_modelmeta()
    assert json.loads(about.custom_metadata_map["names"]) == letters.metadata["names"]
    assert "probabilities (n, 26) float32: of A, B, C, D," in about.description


def test_without_onnx_it_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "onnx", None)
    network_of([784, 5, 10], "relu").save(tmp_path / "mine.npz")
    assert main(["export", str(tmp_path / "mine.npz"), str(tmp_path / "mine.onnx")]) == 2
    assert "pip install onnx" in capsys.readouterr().err
    assert not (tmp_path / "mine.onnx").exists()
