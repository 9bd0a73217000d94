"""Data of one's own, as `train` learns from them: IDX files, pictures sorted into folders, drawn strokes."""

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray as Array

from hwd_lib.mnist import VALIDATION_SIZE, Mnist, Split, read_idx, scale
from hwd_lib.pictures import picture_to_image, read_picture
from hwd_lib.preprocessing import clean_strokes, preprocess

PARTS = {"train": ("train",), "test": ("t10k", "test")}  # what the files of each part have in their names


class Dataset(Mnist):
    """Three Splits, as of MNIST: train, validation, test. Label k means the class ``names[k]``.

    Attributes
    ----------
    name : str, what the data are called
    names : tuple of str, of the classes
    shape : (height, width) of the images
    """

    name: str
    names: tuple[str, ...]
    shape: tuple[int, int]

    def __new__(
        cls, train: Split, validation: Split, test: Split, name: str, names: Any, shape: Any
    ) -> "Dataset":
        self = super().__new__(cls, train, validation, test)
        self.name, self.names, self.shape = name, names, shape
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:  # for `copy` and `pickle`
        return *self, self.name, self.names, self.shape


def load_idx(folder: str | Path, validation: int | None = None, transposed: bool | None = None) -> Dataset:
    """Load a data set of four IDX files, packed or not, such as Fashion-MNIST, EMNIST or USPS.

    Parameters
    ----------
    folder : path
        Of the files, whose names tell train from t10k or test, and images from labels. Where a folder holds
        several sets, the beginning of their names follows it: ``"gzip/emnist-letters"``.
    validation : int
        How many examples are kept from the end of the training files, to choose by: by default 5,000, or a
        tenth if that is less. Of files in which a class is missing there, as of sorted ones, it is a random
        choice, always the same.
    transposed : bool
        Whether the files have x and y the other way round than MNIST, and images are to be turned. By default
        that is done for files whose names begin with "emnist", which are such.

    Returns
    -------
    Dataset
        Labels are 0, 1, …; the names of the classes are those of a file ``mapping.txt``, whose name may begin
        as those of the set do, or else the labels of the files. Each of its lines has a label, and then the
        name, ``9 Ankle boot``, or the codes of the characters, ``1 65 97``, as EMNIST has them.

    Raises
    ------
    ValueError, when files are missing, damaged, or do not belong together
    """
    folder, start = Path(folder), ""
    if not folder.is_dir():
        folder, start = folder.parent, folder.name
    wanted = [(part, kind) for part in PARTS for kind in ("images", "labels")]
    files = {what: _file(folder, start, *what) for what in wanted}
    arrays = {what: read_idx(path) for what, path in files.items()}
    for part in PARTS:
        _check(arrays[part, "images"], arrays[part, "labels"], files[part, "images"], files[part, "labels"])
    shape = arrays["train", "images"].shape[1:]
    if arrays["test", "images"].shape[1:] != shape:
        found = arrays["test", "images"].shape[1:]
        raise ValueError(f"{files['test', 'images']}: expected images of {shape} pixels, found {found}.")
    kinds = np.unique(arrays["train", "labels"])
    if unknown := set(np.unique(arrays["test", "labels"])) - set(kinds):
        raise ValueError(
            f"{files['test', 'labels']}: expected labels that the training file has as well, found "
            f"{', '.join(map(str, sorted(unknown)))}."
        )
    turned = files["train", "images"].name.lower().startswith("emnist") if transposed is None else transposed
    splits = {}
    for part in PARTS:
        images, labels = arrays[part, "images"], arrays[part, "labels"]
        images = images.transpose(0, 2, 1) if turned else images  # (n, w, h) -> (n, h, w)
        splits[part] = Split(scale(images), np.searchsorted(kinds, labels))  # (n, h, w) -> (n, h * w)
    learn, choose = _divide(splits["train"], validation, len(kinds))
    name = start or folder.resolve().name
    shape = shape[::-1] if turned else shape
    return Dataset(learn, choose, splits["test"], name, _names(folder, start, kinds), shape)


def load_pictures(folder: str | Path) -> Split:
    """Load pictures of digits, or of other signs, that are sorted into folders: one folder for each class.

    Each picture is brought to the form of MNIST's images, as `hwd recognize` does it.

    Returns
    -------
    Split
        Images (n, 784) float32; label k is the k-th of the folders, in the order of their names.
    """
    folders = sorted(path for path in Path(folder).iterdir() if path.is_dir() and path.name[0] != ".")
    found = [(label, path) for label, inner in enumerate(folders) for path in sorted(inner.iterdir())]
    found = [(label, path) for label, path in found if path.is_file() and path.name[0] != "."]
    if not found:
        raise ValueError(f"{folder}: expected folders such as 0, 1, … with pictures in them, found none.")
    images = np.empty((len(found), 784), np.float32)
    for image, (_, path) in zip(images, found, strict=True):
        try:
            image[:] = picture_to_image(read_picture(path)).ravel()  # (28, 28) -> (784,)
        except ValueError as error:
            raise ValueError(str(error) if str(path) in str(error) else f"{path}: {error}") from error
    return Split(images, np.array([label for label, _ in found]))


def load_strokes(path: str | Path) -> Split:
    """Load digits that somebody drew, such as the ``my_digits.json`` that the app gives.

    The file is JSON, as it is or packed with gzip: ``{"samples": [{"label": 7, "strokes": [[[x, y], …], …]},
    …]}``, y downwards; ``"y_axis": "up"`` beside the samples turns that over.

    Returns
    -------
    Split
        Images (n, 784) float32, as `preprocess` makes them, and labels (n,) int64.
    """
    try:
        raw = Path(path).read_bytes()
        content = json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
        up = {"down": 1, "up": -1}[content.get("y_axis", "down")]
        images, labels = [], []
        for sample in content["samples"]:
            if type(sample["label"]) is not int or not 0 <= sample["label"] <= 9:
                raise ValueError(f"label {sample['label']!r}")
            strokes = [stroke * (1, up) for stroke in clean_strokes(sample["strokes"])]
            images.append(preprocess(strokes).ravel())  # (28, 28) -> (784,)
            labels.append(sample["label"])
        return Split(np.stack(images), np.array(labels))
    except (EOFError, ValueError, KeyError, TypeError, AttributeError, RecursionError, zlib.error) as error:
        raise ValueError(
            f"{path}: expected drawn digits as JSON, each with a label from 0 to 9, found something else "
            f"({type(error).__name__}: {error}). “My digits” in the app gives such a file."
        ) from error


def _file(folder: Path, start: str, part: str, kind: str) -> Path:
    """The one file of a part ("train", "test") and kind ("images", "labels"); packed and not count once."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir() if folder.is_dir() else []):
        name = path.name.lower()
        if name.startswith(start.lower()) and kind in name and any(word in name for word in PARTS[part]):
            found.setdefault(name.removesuffix(".gz"), path)
    if len(found) == 1:
        return found.popitem()[1]
    several = f"{', '.join(sorted(found))}. Name one set by the beginning of its files' names"
    raise ValueError(
        f"{folder / start}: expected one IDX file with {part} and {kind} in its name, found "
        + (f"{several}: {folder / 'emnist-letters'}, say." if found else "none. Check the path.")
    )


def _check(images: Array, labels: Array, images_file: Path, labels_file: Path) -> None:
    if images.ndim != 3 or not images.size:
        raise ValueError(f"{images_file}: expected images (n, height, width), found {images.shape}.")
    if labels.shape != images.shape[:1]:
        raise ValueError(
            f"{labels_file}: expected {len(images)} labels, as {images_file.name} has images, found "
            f"{labels.shape}. Do both belong to the same set?"
        )


def _divide(split: Split, validation: int | None, classes: int) -> tuple[Split, Split]:
    """Keep the end of a Split, or a random part of it, for validation."""
    n = len(split.labels)
    validation = min(VALIDATION_SIZE, n // 10) if validation is None else validation
    if not 0 < validation < n:
        raise ValueError(f"validation: expected 1 to {n - 1} of {n} examples, found {validation}.")
    learn, choose = (Split(*(a[part] for a in split)) for part in (np.s_[:-validation], np.s_[-validation:]))
    if min(len(np.unique(labels)) for labels in (learn.labels, choose.labels)) < classes:
        order = np.random.default_rng(0).permutation(n)
        parts = order[:-validation], order[-validation:]
        learn, choose = (Split(*(a[part] for a in split)) for part in parts)
    return learn, choose


def _names(folder: Path, start: str, kinds: Array) -> tuple[str, ...]:
    """What the classes are called, by a mapping file if there is one."""
    named: dict[int, str] = {}
    for path in sorted(folder.glob(f"{start}*mapping.txt")):
        for line in path.read_text("utf-8-sig").splitlines():
            label, _, name = line.strip().partition(" ")
            codes = name.split()
            try:
                if codes:
                    is_code = all(code.isdecimal() for code in codes)
                    named.setdefault(int(label), chr(int(codes[0])) if is_code else name.strip())
            except (ValueError, OverflowError):
                raise ValueError(
                    f"{path}: expected a label and its name in each line, 9 Ankle boot, found {line!r}."
                ) from None
    return tuple(named.get(int(kind), str(kind)) for kind in kinds)
