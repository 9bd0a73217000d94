"""Data of one's own: files of the form of Fashion-MNIST and EMNIST's letters, sorted pictures, bad ones."""

import copy
import gzip
import json
import pickle
import shutil
import struct

import numpy as np
import pytest
from matplotlib.image import imsave

from hwd_lib.__main__ import main
from hwd_lib.datasets import load_idx, load_pictures, load_strokes
from hwd_lib.evaluation import accuracy
from hwd_lib.mnist import DATA_FOLDER
from hwd_lib.network import Network
from hwd_lib.preprocessing import preprocess
from hwd_lib.saved import class_names
from hwd_lib.training import train
from hwd_lib.widgets.own_digits import OwnDigit, digits_to_json

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def idx(array):
    """The bytes of an IDX file, put together from its description."""
    shape = struct.pack(f">{array.ndim}I", *array.shape)
    return struct.pack(">HBB", 0, 8, array.ndim) + shape + array.astype(np.uint8).tobytes()


def examples(n, classes, shape=(28, 28), seed=0):
    """Images and labels: each class has two forms, one the negative of the other, so means tell little."""
    forms = np.random.default_rng(1).normal(0, 1, (classes, *shape))
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % classes)
    signs = rng.choice([-1, 1], (n, 1, 1))
    images = 128 + 50 * signs * forms[labels] + rng.normal(0, 20, (n, *shape))
    return np.clip(images, 0, 255).astype(np.uint8), labels


def write(folder, names, parts, packed=True):
    """Write four files as `names` has them; return what `load_idx` takes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip(names, [array for part in parts for array in part], strict=True):
        content = idx(array)
        (folder / name).write_bytes(gzip.compress(content) if packed else content)
    return folder


FASHION = [
    *("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    *("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
]
EMNIST = [
    f"emnist-letters-{part}-{kind}-ubyte.gz"
    for part in ("train", "test")
    for kind in ("images-idx3", "labels-idx1")
]


@pytest.fixture(scope="module")
def fashion(tmp_path_factory):
    """Of the form of Fashion-MNIST: MNIST's names, ten classes, other pictures."""
    return write(
        tmp_path_factory.mktemp("own") / "fashion", FASHION, [examples(2000, 10), examples(300, 10, seed=2)]
    )


@pytest.fixture(scope="module")
def letters(tmp_path_factory):
    """Of the form of EMNIST's letters: 26 classes from 1 on, x and y the other way round, a mapping."""
    parts = [examples(3000, 26), examples(400, 26, seed=2)]
    parts = [(images.transpose(0, 2, 1), labels + 1) for images, labels in parts]
    folder = write(tmp_path_factory.mktemp("own") / "gzip", EMNIST, parts)
    write(folder, [name.replace("letters", "digits") for name in EMNIST], parts)
    mapping = "".join(f"{k + 1} {ord(letter)} {ord(letter.lower())}\n" for k, letter in enumerate(LETTERS))
    (folder / "emnist-letters-mapping.txt").write_text(mapping)
    return folder


def nearest_mean(data):
    """The share that is read right by the nearest of the classes' mean images."""
    images, labels = data.train
    means = np.array([images[labels == k].mean(axis=0) for k in range(len(data.names))])
    distances = np.linalg.norm(data.test.images[:, None] - means, axis=2)
    return (distances.argmin(axis=1) == data.test.labels).mean()


# IDX files --------------------------------------------------------------------------------------------------


def test_mnist_itself_is_what_load_mnist_gives(mnist):
    data = load_idx(DATA_FOLDER)
    for own, split in zip(data, mnist, strict=True):
        assert np.array_equal(own.images, split.images) and np.array_equal(own.labels, split.labels)
        assert own.images.dtype == np.float32 and own.labels.dtype == np.int64
    assert (data.names, data.shape) == (tuple("0123456789"), (28, 28))


@pytest.mark.parametrize("packed", [True, False])
def test_the_form_of_fashion_mnist(fashion, tmp_path, packed):
    data = load_idx(fashion)
    if not packed:
        parts = [examples(2000, 10), examples(300, 10, seed=2)]
        names = [name.removesuffix(".gz") for name in FASHION]
        data = load_idx(str(write(tmp_path / "fashion", names, parts, packed=False)))
    images, labels = examples(300, 10, seed=2)
    assert np.allclose(data.test.images, images.reshape(300, 784) / 255)
    assert np.array_equal(data.test.labels, labels)
    assert [len(split.labels) for split in data] == [1800, 200, 300]  # a tenth to choose by
    assert data.name == "fashion" and data.names == tuple("0123456789")


def test_the_form_of_emnists_letters(letters):
    data = load_idx(letters / "emnist-letters", validation=400)
    images, labels = examples(400, 26, seed=2)
    assert np.allclose(data.test.images, images.reshape(400, 784) / 255)  # turned, as they were before
    assert np.array_equal(data.test.labels, labels)
    assert "".join(data.names) == LETTERS and data.name == "emnist-letters"
    as_they_are = load_idx(letters / "emnist-letters", transposed=False)
    assert np.allclose(as_they_are.test.images, images.transpose(0, 2, 1).reshape(400, 784) / 255)
    assert load_idx(letters / "emnist-digits").names[:3] == ("1", "2", "3")  # it has no mapping


def test_names_of_ones_own(fashion, tmp_path):
    folder = tmp_path / "fashion"
    shutil.copytree(fashion, folder)
    names = ["T-shirt", "Trouser", "Pullover", "Dress", "Coat"]
    names += ["Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
    lines = [f"{k} {name}" for k, name in enumerate(names)]
    (folder / "mapping.txt").write_text("\n".join([*lines, ""]), "utf-8")
    assert load_idx(folder).names == tuple(names)
    (folder / "mapping.txt").write_text("\n".join(lines[:9]), "utf-8")
    assert load_idx(folder).names[8:] == ("Bag", "9")
    (folder / "mapping.txt").write_text("T-shirt 0")
    with pytest.raises(ValueError, match="mapping.txt: expected a label and its name in each line"):
        load_idx(folder)


def test_other_sizes(tmp_path):
    """USPS has 16 x 16 pixels; none has to be square."""
    parts = [examples(400, 10, (16, 12)), examples(50, 10, (16, 12), seed=3)]
    data = load_idx(write(tmp_path / "usps", FASHION, parts))
    assert data.train.images.shape == (360, 192) and data.shape == (16, 12)
    assert train(Network([192, 10]), data.train, epochs=1, progress=False).epochs == 1


def test_a_sorted_file_is_divided_at_random(tmp_path):
    images, labels = examples(500, 10)
    order = np.argsort(labels)
    data = load_idx(write(tmp_path / "sorted", FASHION, [(images[order], labels[order]), (images, labels)]))
    assert set(data.validation.labels) == set(data.train.labels) == set(range(10))
    together = np.concatenate([data.train.images, data.validation.images])
    assert sorted(map(bytes, together)) == sorted(map(bytes, data.test.images))
    again = load_idx(tmp_path / "sorted")
    assert np.array_equal(again.validation.images, data.validation.images)


def test_a_data_set_can_be_copied(fashion):
    data = load_idx(fashion)
    for other in (pickle.loads(pickle.dumps(data)), copy.deepcopy(data)):
        assert np.array_equal(other.test.images, data.test.images) and other.names == data.names


def spoil(folder, **changes):
    """A set of 50 examples with something else in the place of some of its four parts."""
    (images, labels), (test_images, test_labels) = examples(50, 5), examples(20, 5, seed=2)
    arrays = {
        "images": images,
        "labels": labels,
        "test_images": test_images,
        "test_labels": test_labels,
    } | changes
    return write(
        folder,
        FASHION,
        [(arrays["images"], arrays["labels"]), (arrays["test_images"], arrays["test_labels"])],
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"labels": np.zeros(49)}, r"labels.*expected 50 labels, as train-images.* found \(49,\).*same set"),
        ({"images": np.zeros((50, 784))}, r"expected images \(n, height, width\), found \(50, 784\)"),
        ({"images": np.zeros((0, 28, 28)), "labels": np.zeros(0)}, "expected images .*, found"),
        ({"test_images": np.zeros((20, 28, 27))}, r"expected images of \(28, 28\) pixels, found \(28, 27\)"),
        ({"test_labels": np.full(20, 7)}, "expected labels that the training file has as well, found 7"),
    ],
)
def test_what_does_not_belong_together_is_said(tmp_path, changes, words):
    with pytest.raises(ValueError, match=words):
        load_idx(spoil(tmp_path / "set", **changes))


def test_missing_and_several_files_are_said(tmp_path, letters):
    with pytest.raises(ValueError, match="expected one IDX file with train and images .* found none"):
        load_idx(tmp_path / "nothing" / "here")
    with pytest.raises(ValueError, match=r"found emnist-digits-train.*, emnist-letters-train.* Name one set"):
        load_idx(letters)
    (spoil(tmp_path / "set") / FASHION[0]).write_bytes(b"\x1f\x8b damaged")
    with pytest.raises(ValueError, match=f"{FASHION[0]}: expected a whole gzip file, found damage"):
        load_idx(tmp_path / "set")


@pytest.mark.parametrize("validation", [0, 50, -1, 1000])
def test_validation_is_a_part(tmp_path, validation):
    with pytest.raises(ValueError, match=f"expected 1 to 49 of 50 examples, found {validation}"):
        load_idx(spoil(tmp_path / "set"), validation=validation)


# From the files to a network that reads ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["fashion", "letters"])
def test_from_files_to_a_network_that_is_used(kind, fashion, letters, tmp_path, capsys):
    """`hwd train --data`, `hwd test --data`: past the nearest mean, under the names of the classes."""
    folder = fashion if kind == "fashion" else letters / "emnist-letters"
    data, path = load_idx(folder), tmp_path / "own.npz"
    options = [
        "--layers",
        "784",
        "40",
        str(len(data.names)),
        "--epochs",
        "8",
        "--learning-rate",
        "0.02",
        "--quiet",
    ]
    assert main(["train", "--data", str(folder), *options, "--save", str(path)]) == 0
    network = Network.load(path)
    assert network.metadata["data"] == data.name and class_names(network) == data.names
    right = accuracy(network, data.test)
    assert right > nearest_mean(data) + 0.3
    assert main(["test", str(path)]) == 2  # MNIST's test set is another one
    assert f"found one of {data.name}. `--data FOLDER` measures it" in capsys.readouterr().err
    assert main(["test", str(path), "--data", str(folder), "--record"]) == 0
    out = capsys.readouterr().out
    assert f"{100 * right:.2f} %" in out and f"\n{data.names[-1]:>5}  " in out
    assert main(["test", str(path), "--data", str(folder), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["accuracy"] == right == report["claimed"] and report["ok"]
    drawn = tmp_path / "drawn.json"
    drawn.write_text(json.dumps(SEVEN))
    assert main(["recognize", str(drawn), "--network", str(path), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said.get("class", str(said.get("digit"))) in data.names
    assert len(said["probabilities"]) == len(data.names)
    assert main(["recognize", str(drawn), "--network", str(path)]) == 0
    assert capsys.readouterr().out.split()[0] in data.names
    assert report["names"] == list(data.names) and np.sum(report["confusion_matrix"]) == len(data.test.labels)


def test_layers_are_fitted_to_the_data(fashion, letters, tmp_path, capsys):
    folder = str(letters / "emnist-letters")
    assert main(["train", "--data", folder, "--epochs", "1", "--quiet", "--save", str(tmp_path / "own")]) == 0
    assert Network.load(tmp_path / "own.npz").layers == [784, 100, 26]
    assert main(["train", "--data", folder, "--layers", "784-10"]) == 2
    assert "expected widths from 784 to 26 here, found 784-10" in capsys.readouterr().err
    assert main(["train", "--data", folder, "--styles", "0.2"]) == 2
    assert "they go with MNIST alone" in capsys.readouterr().err
    assert main(["test", str(tmp_path / "own.npz"), "--data", str(fashion)]) == 2
    assert "expected a network from 784 pixels to 10 classes, found 784-100-26" in capsys.readouterr().err


# Pictures ---------------------------------------------------------------------------------------------------


def test_pictures_that_are_sorted_into_folders(tmp_path, mnist):
    for k in range(6):
        folder = tmp_path / "sorted" / str(mnist.validation.labels[k])
        folder.mkdir(parents=True, exist_ok=True)
        picture = 1 - mnist.validation.images[k].reshape(28, 28)  # dark on light
        imsave(folder / f"{k}.png", picture, cmap="gray", vmin=0, vmax=1)
    (tmp_path / "sorted" / ".hidden").mkdir()
    split = load_pictures(tmp_path / "sorted")
    names = sorted({str(label) for label in mnist.validation.labels[:6]})
    assert split.images.shape == (6, 784) and split.images.dtype == np.float32
    assert [names[label] for label in split.labels] == sorted(
        str(label) for label in mnist.validation.labels[:6]
    )
    for image in mnist.validation.images[:6]:
        assert np.abs(split.images - image).mean(axis=1).min() < 0.02


def test_what_is_no_picture_is_named(tmp_path):
    with pytest.raises(ValueError, match="expected folders such as 0, 1, … with pictures .* found none"):
        load_pictures(tmp_path)
    (tmp_path / "0").mkdir()
    (tmp_path / "0" / "notes.txt").write_text("no picture")
    with pytest.raises(ValueError, match="notes.txt: expected a picture"):
        load_pictures(tmp_path)


# Strokes ----------------------------------------------------------------------------------------------------

SEVEN = [[[10, 10], [200, 12], [90, 300]]]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_strokes_of_ones_own_become_a_split(tmp_path, pack):
    upside_down = [[[x, -y] for x, y in stroke] for stroke in SEVEN]
    for axis, strokes in (("down", SEVEN), ("up", upside_down)):
        samples = [{"label": 7, "strokes": strokes}, {"label": 1, "strokes": strokes}]
        content = {"y_axis": axis, "samples": samples}
        (tmp_path / "my_digits.json").write_bytes(pack(json.dumps(content).encode()))
        split = load_strokes(tmp_path / "my_digits.json")
        assert split.images.dtype == np.float32 and list(split.labels) == [7, 1]
        np.testing.assert_allclose(split.images, [preprocess(SEVEN).ravel()] * 2, atol=1e-6)


def test_the_apps_own_file_is_read(tmp_path):
    digits = [OwnDigit(7, [np.array(SEVEN[0], float)], preprocess(SEVEN))]
    (tmp_path / "my_digits.json").write_text(digits_to_json(digits))
    split = load_strokes(str(tmp_path / "my_digits.json"))
    assert list(split.labels) == [7] and split.images.max() == 1


@pytest.mark.parametrize(
    "content",
    [
        "", "no JSON", "[]", "{}", '{"samples": []}', '{"samples": [{"strokes": []}]}', '{"samples": [5]}',
        '{"samples": [{"label": 11, "strokes": []}]}', '{"samples": [{"label": "7", "strokes": []}]}',
        '{"y_axis": "left", "samples": []}',
    ],
)  # fmt: skip
def test_what_are_no_drawn_digits_is_said(tmp_path, content):
    (tmp_path / "mine.json").write_text(content)
    with pytest.raises(ValueError, match="mine.json: expected drawn digits as JSON, each with a label"):
        load_strokes(tmp_path / "mine.json")
