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
    """Read {"passed": numbers of exercises, "opened": of notebooks}; empty when there is no sound file."""
    try:
        found = json.loads(place().read_text("utf-8"))
        return {key: {str(number) for number in found.get(key, [])} for key in ("passed", "opened")}
    except (OSError, ValueError, AttributeError, TypeError):
        return {"passed": set(), "opened": set()}


def save(state):
    """Write the progress, whole or not at all. Returns a sentence if that failed: no reason to stop."""
    path = place()
    try:
        with written_whole(path) as file:
            file.write(json.dumps({key: sorted(value) for key, value in state.items()}).encode())
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


def reset(number=None):
    """Forget one exercise, such as "3.4"; or everything, and begin the course afresh."""
    state = load() if number else {"passed": set(), "opened": set()}
    state["passed"].discard(number)
    print(save(state) or (f"Exercise {number} is open again." if number else "All exercises are open again."))
