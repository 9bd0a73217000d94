"""What the learner has solved and opened: one small file on the learner's own disk, and nowhere else."""

import json
import os
from pathlib import Path

from hwd_lib.files import COURSE_FOLDER as ROOT
from hwd_lib.files import written_whole


def place():
    """The file that holds the progress: $HWD_PROGRESS, or .hwd/progress.json beside the course."""
    if "HWD_PROGRESS" in os.environ:
        return Path(os.environ["HWD_PROGRESS"])
    here = ROOT if (ROOT / "notebooks").is_dir() else Path.home()
    return here / ".hwd" / "progress.json"


def load():
    """Read {"passed": numbers of exercises, "opened": of notebooks, "predicted": number -> text}.

    It is empty when there is no file. A damaged one is kept aside, under another name.
    """
    try:
        found = json.loads(place().read_text("utf-8"))
        state = {key: {str(number) for number in found.get(key, [])} for key in ("passed", "opened")}
        guesses = dict(found.get("predicted", {}))
        return state | {"predicted": {str(number): str(text) for number, text in guesses.items()}}
    except OSError:
        return _nothing()
    except (ValueError, AttributeError, TypeError):
        _keep_aside(place())
        return _nothing()


def _nothing():
    return {"passed": set(), "opened": set(), "predicted": {}}


def _keep_aside(path):
    """Give a file that cannot be read another name, and say so."""
    names = (path.with_name(f"{path.stem}.damaged{n}{path.suffix}") for n in ("", *range(2, 100)))
    aside = next(name for name in names if not name.exists())
    try:
        path.replace(aside)
    except OSError:
        return
    print(f"The file with your progress could not be read. It is kept as {aside}; the map begins afresh.")


def save(state):
    """Write the progress, whole or not at all. Returns a sentence if that failed: no reason to stop."""
    path = place()
    try:
        with written_whole(path) as file:
            plain = {key: sorted(value) if isinstance(value, set) else value for key, value in state.items()}
            file.write(json.dumps(plain).encode())
        return ""
    except OSError as error:
        return f"Your progress could not be saved in {path} ({error.strerror})."


def passed(number):
    """Remember that an exercise was solved."""
    state = load()
    if number in state["passed"]:
        return ""
    state["passed"].add(number)
    return save(state)


def predicted(number, text):
    """Remember what was predicted."""
    state = load()
    state["predicted"][number] = text[:500]
    return save(state)


def reset(number=None):
    """Forget one exercise, such as "3.4"; or everything, and begin the course afresh."""
    state = load() if number else _nothing()
    state["passed"].discard(number)
    print(save(state) or (f"Exercise {number} is open again." if number else "All exercises are open again."))
