"""Where the course's files are, and how files are written: they appear whole, or not at all."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


def _find_course() -> Path:
    """The folder that holds notebooks/ and saved_nn/: around this package, or around where one works."""
    for folder in (Path(__file__).resolve().parents[1], here := Path.cwd(), *here.parents):
        if (folder / "notebooks").is_dir() and (folder / "saved_nn").is_dir():
            return folder
    return here


COURSE_FOLDER = _find_course()  # without the course, the folder where one works


@contextmanager
def written_whole(path: str | Path) -> Iterator[IO[bytes]]:
    """Give a file to write bytes into; it takes the name `path` when all is there, and not before.

    Folders that are missing are made. When something goes wrong, an older file of that name stays.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        with open(temporary, "wb") as file:
            yield file
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def piped() -> bool:
    """Whether nobody watches: what is said goes to a file or a program, not to a terminal or a notebook."""
    return "ipykernel" not in sys.modules and not sys.stderr.isatty()
