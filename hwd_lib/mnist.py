"""MNIST, from the bytes on disk to arrays that a network can eat.

The four files are in the IDX format: two zero bytes, a byte for the type of the elements, a byte for the
number of axes, the length of each axis as a big-endian 32-bit integer, then the elements themselves.
Y. LeCun, C. Cortes, C. Burges, *The MNIST database of handwritten digits*, 1998.
"""

import gzip
import hashlib
import math
import threading
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy import ndarray as Array

from hwd_lib.files import COURSE_FOLDER, piped, written_whole

DATA_FOLDER = COURSE_FOLDER / "data"
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
FILES = {  # and the SHA-256 of the bytes within, because each mirror compresses them in its own way
    "train-images-idx3-ubyte.gz": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte.gz": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte.gz": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte.gz": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
VALIDATION_SIZE = 5000


class Split(NamedTuple):
    """Examples, and what they are."""

    images: np.ndarray  # (n, 784) float32, ink 1.0 and paper 0.0
    labels: np.ndarray  # (n,) int64


class Mnist(NamedTuple):
    """The three parts: learn from the first, choose on the second, open the third once."""

    train: Split
    validation: Split
    test: Split


def load_mnist(folder: str | Path = DATA_FOLDER) -> Mnist:
    """Load MNIST's four files from `folder`; those that are missing are fetched first.

    Returns 55,000 / 5,000 / 10,000 examples; validation is the end of what MNIST calls training set. All who
    ask get the same arrays, so nobody can write into them: `images.copy()` is one's own. A damaged file, or
    another one, is a ValueError; one that is missing and cannot be fetched is a ConnectionError.
    """
    with _LOADING:  # two threads that ask at once wait for the same arrays
        return _load_mnist(Path(folder).resolve())


_LOADING = threading.Lock()


@lru_cache(maxsize=1)
def _load_mnist(folder: Path) -> Mnist:
    with ThreadPoolExecutor() as pool:  # unpacking and hashing leave Python's lock: two cores, half the time
        images, labels, test, test_labels = pool.map(lambda name: _read_mnist(folder / name), FILES)
        images, test = pool.map(scale, [images, test])  # (n, 28, 28) uint8 -> (n, 784) float32
    labels, test_labels = labels.astype(np.int64), test_labels.astype(np.int64)
    for array in (images, labels, test, test_labels):
        array.flags.writeable = False
    split = len(images) - VALIDATION_SIZE
    train, validation = Split(images[:split], labels[:split]), Split(images[split:], labels[split:])
    return Mnist(train, validation, Split(test, test_labels))


def _find(path: Path) -> Path:
    """One of `FILES`, or what it unpacks to; when neither is there, it is fetched."""
    for there in (path, path.with_suffix("")):
        if there.is_file():
            return there
    if path.exists():
        raise ValueError(f"{path}: expected a file, found a folder. Move it away, and the file is fetched.")
    return fetch(path.name, path.parent)


def _read_mnist(path: Path, packed: bytes | None = None) -> Array:
    """Read one of `FILES`, from `path` or from bytes that are to go there; ValueError when it is another."""
    path = path if packed else _find(path)
    again = "Delete the file to have it fetched again."
    remedy = again if path.parent == DATA_FOLDER else "hwd_lib.datasets.load_idx reads data of one's own."
    try:
        raw = _unpack(packed or path.read_bytes(), path)
        array, sha256 = parse_idx(raw, path), hashlib.sha256(raw).hexdigest()
    except ValueError as error:
        raise ValueError(f"{error} {remedy}") from error
    found = next((name for name, known in FILES.items() if known == sha256), "another file")
    if found.removesuffix(".gz") != path.name.removesuffix(".gz"):
        raise ValueError(
            f"{path}: expected MNIST's file of this name, found {found}, {array.shape}. {remedy}"
        )
    return array


def scale(images: Array) -> Array:
    """Turn pixels 0…255, (n, 28, 28) uint8, into ink 0…1, (n, 784) float32."""
    flat = images.reshape(len(images), -1)  # (n, 28, 28) -> (n, 784)
    return np.multiply(flat, np.float32(1 / 255), dtype=np.float32)


def read_idx(path: str | Path) -> Array:
    """Read an IDX file of unsigned bytes, packed with gzip or not: an array of the shape in its header."""
    return parse_idx(_unpack(Path(path).read_bytes(), path), path)


def _unpack(packed: bytes, name: object) -> bytes:
    if packed[:2] != b"\x1f\x8b":
        return packed
    try:
        return gzip.decompress(packed)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{name}: expected a whole gzip file, found damage ({error}).") from error


def parse_idx(raw: bytes, name: object = "these bytes") -> Array:
    """Turn the bytes of an IDX file into an array of uint8 with the shape that its header gives.

    It is a read-only view of `raw`. Raises ValueError, which calls the bytes `name`, when they are not IDX,
    not unsigned, or not as long as the header says.
    """
    if len(raw) < 4 or raw[:3] != b"\0\0\x08":
        raise ValueError(
            f"{name}: expected an IDX file of unsigned bytes, which begins 00 00 08, found "
            f"{raw[:3].hex(' ') or 'nothing'}. It is another kind of file."
        )
    start = 4 + 4 * raw[3]  # of the elements
    shape = tuple(int.from_bytes(raw[i : i + 4], "big") for i in range(4, start, 4))
    if len(raw) != start + math.prod(shape):
        raise ValueError(
            f"{name}: expected {start + math.prod(shape)} bytes for the shape {shape} of its header, found "
            f"{len(raw)}. The file is damaged."
        )
    return np.frombuffer(raw, np.uint8, offset=start).reshape(shape)  # (n_bytes,) -> shape


def read_part(start: int, n: int, folder: str | Path = DATA_FOLDER) -> tuple[Array, Array]:
    """Only n training examples, unchecked, in little memory: images (n, 784) and labels (n,), uint8."""
    parts = []
    for name, header, width in zip(FILES, (16, 8), (784, 1), strict=False):
        path = _find(Path(folder) / name)
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            file.seek(header + start * width)
            parts.append(np.frombuffer(file.read(n * width), np.uint8))  # (n * width,)
    return parts[0].reshape(n, -1), parts[1]


def fetch(name: str, folder: str | Path = DATA_FOLDER, mirrors: Sequence[str] = MIRRORS) -> Path:
    """Fetch one of `FILES` from the first mirror that has it whole, put it into `folder`, return its path.

    Raises ConnectionError when no mirror has it, with what each answered and what to do.
    """
    import http.client  # here, where the internet is needed: most never come by
    import urllib.request

    from tqdm.auto import tqdm

    path, answers = Path(folder) / name, ""
    for mirror in mirrors:
        try:
            with urllib.request.urlopen(mirror + name, timeout=20) as reply:
                n = int(reply.headers.get("Content-Length", 0)) or None
                with tqdm.wrapattr(reply, "read", total=n, desc=f"fetching {name}", disable=piped()) as body:
                    packed = b"".join(iter(partial(body.read, 1 << 16), b""))
            _read_mnist(path, packed or b"nothing")
            break
        except (OSError, ValueError, http.client.HTTPException) as error:
            answers += f"\n  {mirror}: {error}"
    else:
        raise ConnectionError(
            f"{path} is missing and could not be fetched. It is part of this project: copy it from another "
            f"checkout, or connect to the internet and try again.{answers}"
        )
    with written_whole(path) as file:
        file.write(packed)
    return path
