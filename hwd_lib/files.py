"""Files that appear whole or not at all, whatever happens while they are written."""

import os
import threading
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path):
    """Give a file to write bytes into; it takes the name `path` when all is there, and not before.

    Folders that are missing are made. An older file of that name stays until then; when something goes wrong,
    for good.
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
