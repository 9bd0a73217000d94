"""The course as a map: its notebooks in their order, and what the learner has done of each."""

import importlib
import importlib.util
from html import escape
from typing import NamedTuple

from hwd_lib.checks import wording
from hwd_lib.checks.exercise import Exercise
from hwd_lib.checks.memory import load, reset, save
from hwd_lib.files import COURSE_FOLDER

__all__ = ["COURSE", "MUSEUM", "Chapter", "Map", "exercises", "reset", "show"]  # reset: what notebooks call


class Chapter(NamedTuple):
    """One notebook: number, file, title, what one remembers of it, and the module with its exercises."""

    number: str
    file: str
    title: str
    aha: str
    module: str = ""


COURSE = (
    Chapter("00", "00_draw_first.ipynb", "Draw first", "It reads my digit, until I move it"),
    Chapter("01", "01_mnist.ipynb", "Pictures are numbers", "An image is 784 numbers", "mnist"),
    Chapter("02", "02_baselines.ipynb", "Something to beat", "82 % without learning", "baselines"),
    Chapter("03", "03_forward_pass.ipynb", "Forward", "Weights are a picture", "forward_pass"),
    Chapter("04", "04_backpropagation.ipynb", "Backward", "A gradient can be checked", "backpropagation"),
    Chapter("05", "05_training.ipynb", "Training", "The learning rate is the boss", "training"),
    Chapter("06", "06_experiments.ipynb", "Experiments", "One seed is a draw", "experiments"),
    Chapter("07", "07_mistakes.ipynb", "Mistakes", "Sometimes the label is wrong", "mistakes"),
    Chapter(
        "08", "08_your_handwriting.ipynb", "Your handwriting", "Use it as you trained it", "your_handwriting"
    ),
    Chapter("09", "09_draw.ipynb", "Draw", "It is mine", "draw"),
    Chapter("10", "10_paper.ipynb", "Paper", "Found before it is read", "paper"),
)
MUSEUM = Chapter("11", "bug_museum.ipynb", "Bug museum", "Wrong gradients train, too", "bug_museum")


def exercises(chapter):
    """The exercises of a chapter, in their order."""
    name = f"hwd_lib.exercises.{chapter.module}"  # a name, not an import: the map reads what stands above it
    if not chapter.module or importlib.util.find_spec(name) is None:
        return []
    found = vars(importlib.import_module(name)).values()
    return sorted(
        (value for value in found if isinstance(value, Exercise)),
        key=lambda e: [int(part) for part in e.number.split(".")],
    )


def show(here=None):
    """Show the map of the course: what is done, and where you are, such as "03"."""
    state = load()
    if here:
        state["opened"].add(here)
        save(state)
    wording.display(Map(state, here))


class Map:
    """The course as a row of stations, in HTML and as plain text."""

    def __init__(self, state, here=None):
        self.here, self.stations = here, []
        for chapter in COURSE:
            todo = [e.number for e in exercises(chapter)]
            done = [number for number in todo if number in state["passed"]]
            complete = len(done) == len(todo) if todo else chapter.number in state["opened"]
            self.stations.append((chapter, todo, done, complete))
        self.done = sum(len(done) for _, _, done, _ in self.stations)
        self.todo = sum(len(todo) for _, todo, _, _ in self.stations)
        extra = [e.number for e in exercises(MUSEUM)]  # it is optional, and not counted with the rest
        self.extra = f"{len(state['passed'] & set(extra))} of {len(extra)}"

    def __repr__(self):
        lines = [f"The course: {self.done} of {self.todo} exercises solved"]
        for chapter, todo, done, complete in self.stations:
            count = f"{len(done)} of {len(todo)}" if todo else ""
            mark, here = "x" if complete else " ", "  <- you are here" if chapter.number == self.here else ""
            lines.append(f"[{mark}] {chapter.number} {chapter.title:18}{count:>9}{here}")
        return "\n".join([*lines, f"And if you like: {MUSEUM.title}, {self.extra}"])

    def _repr_html_(self):
        cards = "".join(self._card(*station) for station in self.stations)
        return (
            f"{STYLE}<div class='hwd-map'><p><b>Your map</b>: {self.done} of {self.todo} exercises solved. "
            "It is kept on this computer only; <code>progress.reset()</code> begins afresh.</p>"
            f"<ol>{cards}</ol><p class='extra'>And if you like: <a href='{MUSEUM.file}'>{MUSEUM.title}</a>, "
            f"{self.extra}.</p></div>"
        )

    def _card(self, chapter, todo, done, complete):
        here = chapter.number == self.here
        dots = "".join(
            f"<i class='done' title='{number} solved'></i>" if number in done else f"<i title='{number}'></i>"
            for number in todo
        )
        count = f"{len(done)} of {len(todo)}" if todo else "seen" if complete else "no exercises"
        state = f"{'✓ ' if complete else ''}{count}{' · you are here' if here else ''}"
        name = escape(f"{chapter.number} {chapter.title}")
        if (COURSE_FOLDER / "notebooks" / chapter.file).exists() and not here:
            name = f"<a href='{chapter.file}'>{name}</a>"
        kind = " ".join(["here"] * here + ["complete"] * complete)
        aha = escape(chapter.aha)
        body = f"<b>{name}</b><span>{aha}</span><em>{dots}</em><small>{state}</small>"
        return f"<li class='{kind}'>{body}</li>"


STYLE = """<style>
.hwd-map {--text: var(--jp-content-font-color1, #222); max-width: 900px; padding: 4px 0 12px;
  font: 14px/1.4 var(--jp-ui-font-family, system-ui, sans-serif)}
.hwd-map p {margin: 0 0 10px}
.hwd-map .extra {margin: 10px 0 0}
.hwd-map ol {display: grid; grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); gap: 10px;
  margin: 0 !important; padding: 0 !important}
.hwd-map li {display: flex; flex-direction: column; gap: 2px; list-style: none; margin: 0; padding: 10px 12px;
  border: 1px solid var(--jp-border-color1, #bbb); border-radius: 8px; border-top-width: 4px}
.hwd-map li.complete {border-top-color: #009e73}
.hwd-map li.here {border-color: var(--text); box-shadow: 0 0 0 1px var(--text)}
.hwd-map span {font-size: 13px; opacity: .8; flex: 1}
.hwd-map em {display: flex; flex-wrap: wrap; gap: 4px; margin: 4px 0 0}
.hwd-map i {box-sizing: border-box;
  width: 10px; height: 10px; border-radius: 50%; border: 1.5px solid #009e73}
.hwd-map i.done {background: #009e73}
.hwd-map small {font-size: 12px}
</style>"""
