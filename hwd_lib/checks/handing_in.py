"""What a pupil hands in: one file with a notebook, the progress and the network, made without any network."""

import re
import zipfile
from functools import partial
from pathlib import Path

from hwd_lib.checks import memory
from hwd_lib.files import written_whole

NETWORK = "my_network.npz"


def pack(notebook, name, folder="."):
    """Make ``NAME_05_training.zip`` of a notebook as it was saved last, and return its path.

    Parameters
    ----------
    notebook : path of an ``.ipynb`` file
    name : str
        Of the person; letters and digits of it make the file's name.
    folder : path
        Where the file goes.

    Raises
    ------
    ValueError
        When there is no name, or no such notebook.
    """
    notebook = Path(notebook)
    short = "-".join(re.findall(r"\w+", name))
    if not short:
        raise ValueError(f'name: expected your name, found {name!r}. Write it like this: hand_in("Robin M").')
    if notebook.suffix != ".ipynb" or not notebook.is_file():
        raise ValueError(f"{notebook}: expected a notebook, found none. Check the path.")
    target = Path(folder) / f"{short}_{notebook.stem}.zip"
    own = {notebook.name: notebook, "progress.json": memory.place()}
    own[NETWORK] = memory.ROOT / "saved_nn" / NETWORK
    with written_whole(target) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for inside, path in own.items():
            if path.is_file():
                archive.write(path, inside)
    return target


def hand_in(file, name=""):
    """Pack the notebook of that name for the teacher, beside it. Save it first: what was saved is packed."""
    here = next((p for p in (Path(file), memory.ROOT / "notebooks" / file) if p.is_file()), Path(file))
    if not name:
        return print('To hand this notebook in: save it (Ctrl+S), then run  check.hand_in("your name")')
    try:
        return print(f"Give this file to your teacher: {pack(here, name, here.parent).resolve()}")
    except (ValueError, OSError) as error:
        return print(error)


def hand_in_for(file):
    """`hand_in` for one notebook: what its last cell calls as ``check.hand_in``."""
    return partial(hand_in, file)
