"""Files that appear whole or not at all."""

import os
import threading

import pytest

from hwd_lib.files import written_whole


def test_it_appears_when_all_is_there(tmp_path):
    path = tmp_path / "a new folder" / "file.txt"
    with written_whole(path) as file:
        file.write(b"first ")
        file.flush()
        assert not path.exists()
        file.write(b"second")
    assert path.read_bytes() == b"first second" and os.listdir(path.parent) == ["file.txt"]


@pytest.mark.parametrize("reason", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_older_file_stays_when_something_goes_wrong(tmp_path, reason):
    path = tmp_path / "file.txt"
    path.write_bytes(b"older")
    with pytest.raises(reason), written_whole(path) as file:
        file.write(b"newer, but only half")
        raise reason
    assert path.read_bytes() == b"older" and os.listdir(tmp_path) == ["file.txt"]


def test_two_threads_that_write_the_same_file_do_not_mix(tmp_path):
    path, meet = tmp_path / "file.txt", threading.Barrier(2, timeout=20)

    def write(letter):
        with written_whole(path) as file:
            meet.wait()
            for _ in range(100):
                file.write(letter * 1000)
            meet.wait()

    threads = [threading.Thread(target=write, args=(letter,)) for letter in (b"a", b"b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in (b"a" * 100_000, b"b" * 100_000) and os.listdir(tmp_path) == ["file.txt"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"), written_whole(tmp_path / "file" / "inside.txt"):
        pass
