"""Reading MNIST: the right numbers from good files, a sentence from bad ones, and the download."""

import contextlib
import gzip
import hashlib
import http.server
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwd_lib import mnist as mnist_module
from hwd_lib.mnist import DATA_FOLDER, FILES, fetch, load_mnist, parse_idx, read_idx, read_part, scale

LABELS = "t10k-labels-idx1-ubyte.gz"  # the smallest of the four
IMAGES = "t10k-images-idx3-ubyte.gz"
# MD5 of the files inside, as they are published: not the sums that the library itself checks
MD5 = {
    "train-images-idx3-ubyte.gz": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte.gz": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte.gz": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte.gz": "27ae3e4e09519cfbb04c329615203637",
}


def idx(array):
    """The bytes of an IDX file, put together from its description."""
    shape = struct.pack(f">{array.ndim}I", *array.shape)
    return struct.pack(">HBB", 0, 8, array.ndim) + shape + array.tobytes()


@pytest.fixture
def content():
    """The packed bytes of a good file."""
    return (DATA_FOLDER / LABELS).read_bytes()


@pytest.fixture
def folder(tmp_path):
    """A copy of the data, to be damaged."""
    for name in FILES:
        shutil.copy(DATA_FOLDER / name, tmp_path / name)
    return tmp_path


# Good files -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_the_bundled_files_are_the_published_ones(name):
    raw = gzip.decompress((DATA_FOLDER / name).read_bytes())
    assert hashlib.md5(raw).hexdigest() == MD5[name]


def test_the_splits(mnist):
    for split, n in zip(mnist, (55_000, 5_000, 10_000), strict=True):
        assert split.images.shape == (n, 784) and split.images.dtype == np.float32
        assert split.labels.shape == (n,) and split.labels.dtype == np.int64
        assert split.images.min() == 0 and split.images.max() == 1
        assert set(split.labels) == set(range(10))
    labels = np.concatenate([mnist.train.labels, mnist.validation.labels])
    assert list(labels[:10]) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]  # as every tutorial shows
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]  # as LeCun et al. count them
    assert list(np.bincount(labels)) == counts


def test_the_pixels_are_those_of_the_file(mnist):
    raw = gzip.decompress((DATA_FOLDER / "train-images-idx3-ubyte.gz").read_bytes())
    for i in (0, 54_999, 55_000, 59_999):
        pixels = np.array(list(raw[16 + 784 * i : 16 + 784 * (i + 1)])) / 255
        split, k = (mnist.train, i) if i < 55_000 else (mnist.validation, i - 55_000)
        assert np.abs(split.images[k] - pixels).max() < 1e-7


@given(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_idx_of_any_shape(shape, random):
    array = np.array([random.randrange(256) for _ in range(int(np.prod(shape)))], np.uint8).reshape(shape)
    parsed = parse_idx(idx(array))
    assert parsed.dtype == np.uint8 and np.array_equal(parsed, array)


def test_scale():
    images = np.array([[[0, 51], [204, 255]]], np.uint8)
    assert np.allclose(scale(images), [[0, 0.2, 0.8, 1]]) and scale(images).dtype == np.float32


def test_everybody_gets_the_same_arrays_and_nobody_can_write_into_them(mnist, folder):
    with ThreadPoolExecutor(4) as pool:
        several = list(pool.map(lambda _: load_mnist(), range(4)))
    for other in several:
        assert other is several[0]
    for split in (*several[0], *load_mnist(folder)):
        for array in split:
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1
            with pytest.raises(ValueError, match="read-only"):
                array += 1


def test_files_that_are_unpacked_will_do(folder, mnist):
    for name in FILES:
        (folder / name.removesuffix(".gz")).write_bytes(gzip.decompress((folder / name).read_bytes()))
        (folder / name).unlink()
    assert np.array_equal(load_mnist(str(folder)).test.images, mnist.test.images)
    images, labels = read_part(55_000, 100, folder)
    assert np.allclose(images / 255, mnist.validation.images[:100])
    assert list(labels) == list(mnist.validation.labels[:100])


@pytest.mark.parametrize("name", [LABELS, IMAGES])
def test_a_folder_in_the_place_of_a_file_is_said(folder, name):
    (folder / name).unlink()
    (folder / name).mkdir()
    with pytest.raises(ValueError, match=f"{name}: expected a file, found a folder. Move it away"):
        load_mnist(folder)


def test_read_idx_takes_any_name_packed_or_not(tmp_path):
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    for path, content in ((tmp_path / "a.idx", idx(array)), (tmp_path / "b", gzip.compress(idx(array)))):
        path.write_bytes(content)
        assert np.array_equal(read_idx(path), array) and np.array_equal(read_idx(str(path)), array)
    path.write_bytes(gzip.compress(idx(array))[:-9])
    with pytest.raises(ValueError, match="b: expected a whole gzip file, found damage"):
        read_idx(path)


# Bad files --------------------------------------------------------------------------------------------------


@given(st.binary(max_size=40))
def test_foreign_bytes_are_a_value_error(raw):
    try:
        array = parse_idx(raw, "some.file")
    except ValueError as error:
        assert "some.file" in str(error)
    else:
        assert idx(array) == raw


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"", "nothing"),
        (b"\x89PNG\r\n\x1a\n", "89 50 4e"),
        (b"\0\0\x0d\x01" + bytes(8), "00 00 0d"),  # IDX, but of floats
        (idx(np.zeros((3, 4), np.uint8))[:-1], "found 23"),
        (idx(np.zeros((3, 4), np.uint8)) + b"\0", "found 25"),
        (idx(np.zeros((3, 4), np.uint8))[:7], "found 7"),
    ],
)
def test_what_is_wrong_with_the_bytes(raw, found):
    with pytest.raises(ValueError, match=found) as caught:
        parse_idx(raw, "train-labels")
    assert "train-labels" in str(caught.value)


def flip_a_bit(raw):
    raw = bytearray(raw)
    raw[len(raw) // 2] ^= 1
    return bytes(raw)


DAMAGE = {
    "truncated": lambda packed: packed[: len(packed) // 2],
    "empty": lambda packed: b"",
    "a flipped bit": flip_a_bit,
    "a flipped bit, packed anew": lambda packed: gzip.compress(flip_a_bit(gzip.decompress(packed))),
    "truncated, packed anew": lambda packed: gzip.compress(gzip.decompress(packed)[:-100]),
    "a web page": lambda packed: b"<!doctype html><title>404</title>",
    "another IDX file": lambda packed: gzip.compress(idx(np.zeros(10_000, np.uint8))),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_named(content, folder, damage, monkeypatch):
    path = folder / LABELS
    path.write_bytes(DAMAGE[damage](content))
    with pytest.raises(ValueError, match="expected .* found ") as caught:
        load_mnist(folder)
    assert str(path) in str(caught.value) and "load_idx reads data of one's own" in str(caught.value)
    monkeypatch.setattr(mnist_module, "DATA_FOLDER", folder)  # as if it were the course's own
    with pytest.raises(ValueError, match="Delete the file to have it fetched again"):
        load_mnist(folder)


@pytest.mark.parametrize("other", ["train-labels-idx1-ubyte.gz", IMAGES])
def test_swapped_files_are_told_apart(folder, other):
    shutil.copy(DATA_FOLDER / other, folder / LABELS)
    with pytest.raises(ValueError, match=f"found {other}"):
        load_mnist(folder)


# The download -----------------------------------------------------------------------------------------------


@pytest.fixture
def server():
    """A web server on loopback. ``server.answers[path]`` is a function that gets the request handler."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path not in self.server.answers:
                self.send_error(404)
                return
            self.server.asked.append(self.path)
            self.server.answers[self.path](self)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.answers, server.asked = {}, []
        server.url = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def whole(content):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def cut_off(content):
    """Promise all, send half, hang up."""

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[: len(content) // 2])

    return answer


def test_a_missing_file_is_fetched(server, content, folder, monkeypatch, mnist):
    (folder / LABELS).unlink()
    server.answers[f"/{LABELS}"] = whole(content)
    monkeypatch.setattr(mnist_module.fetch, "__defaults__", (DATA_FOLDER, (server.url,)))
    assert np.array_equal(load_mnist(folder).test.labels, mnist.test.labels)
    assert (folder / LABELS).read_bytes() == content
    assert server.asked == [f"/{LABELS}"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pty")
@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_sees_the_download_and_a_pipe_nothing(server, content, root, tmp_path, terminal):
    server.answers[f"/{LABELS}"] = whole(content)
    code = f"from hwd_lib.mnist import fetch; fetch({LABELS!r}, {str(tmp_path)!r}, ({server.url!r},))"
    ours, theirs = os.openpty() if terminal else os.pipe()
    if terminal:
        import termios

        termios.tcsetwinsize(theirs, (24, 100))
    run = subprocess.run([sys.executable, "-c", code], cwd=root, stderr=theirs)
    os.close(theirs)
    seen = b""
    with contextlib.suppress(OSError):  # a terminal ends so
        while part := os.read(ours, 1 << 16):
            seen += part
    os.close(ours)
    assert run.returncode == 0 and (f"fetching {LABELS}".encode() in seen) == terminal
    assert terminal or seen == b""


def test_the_next_mirror_helps_out(server, content, tmp_path):
    server.answers = {f"/bad/{LABELS}": cut_off(content), f"/good/{LABELS}": whole(content)}
    mirrors = [server.url + kind for kind in ("missing/", "bad/", "good/")]
    path = fetch(LABELS, tmp_path / "new" / "folder", mirrors)
    assert path.read_bytes() == content and len(server.asked) == 2


@pytest.mark.parametrize("kind", ["cut off", "damaged", "empty", "another file", "missing"])
def test_what_is_not_whole_never_appears(server, content, tmp_path, kind):
    answers = {
        "cut off": cut_off(content),
        "damaged": whole(flip_a_bit(content)),
        "empty": whole(b""),
        "another file": whole((DATA_FOLDER / IMAGES).read_bytes()),
    }
    if kind in answers:
        server.answers[f"/{LABELS}"] = answers[kind]
    with pytest.raises(ConnectionError, match="copy it from another checkout, or connect") as caught:
        fetch(LABELS, tmp_path, [server.url])
    assert server.url in str(caught.value) and str(tmp_path / LABELS) in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_it_appears_only_when_it_is_whole(server, content, tmp_path):
    half_sent, go_on = threading.Event(), threading.Event()

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[:1000])
        half_sent.set()
        assert go_on.wait(20)
        handler.wfile.write(content[1000:])

    server.answers[f"/{LABELS}"] = answer
    thread = threading.Thread(target=fetch, args=(LABELS, tmp_path, [server.url]))
    thread.start()
    assert half_sent.wait(20)
    assert not (tmp_path / LABELS).exists()
    go_on.set()
    thread.join()
    assert [path.name for path in tmp_path.iterdir()] == [LABELS]


def test_no_server_at_all(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    with pytest.raises(ConnectionError, match="connect to the internet and try again"):
        fetch(LABELS, tmp_path, [url])
    assert not list(Path(tmp_path).iterdir())
