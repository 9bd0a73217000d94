"""Back to the start: a notebook as it was shipped, exercises unsolved, a test set sealed. Copies are kept."""

import os
import shutil
import subprocess
from datetime import datetime

from hwd_lib.checks import memory, progress
from hwd_lib.files import written_whole


def find(number):
    """The chapter with that number, such as "05" or "5"; ValueError when there is none."""
    chapters = {chapter.number: chapter for chapter in (*progress.COURSE, progress.MUSEUM)}
    if str(number).zfill(2) not in chapters:
        raise ValueError(f"expected the number of a notebook, {', '.join(chapters)}; found {number!r}.")
    return chapters[str(number).zfill(2)]


def shipped(file):
    """A notebook of the course as it was shipped, as bytes: what git holds, or the copy of the first start.

    Raises
    ------
    ValueError
        When there is neither.
    """
    command = ["git", "-C", str(memory.ROOT), "show", f"HEAD:notebooks/{file}"]
    if (memory.ROOT / ".git").exists() and shutil.which("git"):
        found = subprocess.run(command, capture_output=True, env=os.environ | {"GIT_OPTIONAL_LOCKS": "0"})
        if found.returncode == 0:
            return found.stdout
    copy = memory.ROOT / ".hwd" / "shipped" / file  # start.py puts it there
    if copy.is_file():
        return copy.read_bytes()
    raise ValueError(
        f"{file}: expected a copy as it was shipped, {copy}, found none. Unpack the course once more, in "
        "another folder, and take the notebook from there."
    )


def keep_aside(path):
    """Copy a file beside itself, with the time in the copy's name; return the copy's path."""
    now = datetime.now().strftime("%Y-%m-%d %H.%M.%S")
    copy = path.with_name(f"{path.stem} (kept {now}){path.suffix}")
    shutil.copy2(path, copy)
    return copy


def notebook(number):
    """Bring a notebook back as it was shipped, and say where the learner's own is kept."""
    file = find(number).file
    path, content = memory.ROOT / "notebooks" / file, shipped(file)
    if path.is_file() and path.read_bytes() == content:
        return f"{file} is as it was shipped."
    kept = f" Yours is kept as {keep_aside(path).name}." if path.is_file() else ""
    with written_whole(path) as target:
        target.write(content)
    return f"{file} is as it was shipped.{kept} Reload it: File > Reload Notebook from Disk."


def solved(number=None):
    """Forget which exercises of a notebook are solved, or of all; the old list is kept."""
    path = memory.place()
    if not path.is_file():
        return "No exercise was solved yet."
    kept, state = keep_aside(path), memory.load()
    of_it = set() if number is None else {e.number for e in progress.exercises(find(number))}
    state["passed"] = state["passed"] - of_it if of_it else set()
    return memory.save(state) or f"The exercises are open again. What was solved is kept in {kept.name}."


def test_set():
    """Seal the test set of notebook 6 again; what was found is kept."""
    path = memory.place().with_name("test_set.json")
    if not path.is_file():
        return "The test set is sealed."
    kept = keep_aside(path)
    path.unlink()
    return f"The test set is sealed again. What was found is kept in {kept.name}."


test_set.__test__ = False  # pytest: this is no test
