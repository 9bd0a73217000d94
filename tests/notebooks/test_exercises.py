"""Each known mistake gets its own hint, no right answer gets one, and each fold's solution is right."""

import re
import runpy
import time
import types
from pathlib import Path

import nbformat
import numpy as np
import pytest

from hwd_lib.checks import guard, memory, progress
from hwd_lib.checks.exercise import Exercise
from tests.notebooks.desk import FOLD, NOTEBOOKS, exercise_cells
from tests.test_notebooks import SECONDS, strict_client

VARIANTS = {
    path.stem: runpy.run_path(str(path))["VARIANTS"] for path in Path(__file__).parent.glob("variants/*.py")
}
CHAPTERS = [chapter for chapter in (*progress.COURSE, progress.MUSEUM) if progress.exercises(chapter)]
EXERCISES = [(chapter, exercise) for chapter in CHAPTERS for exercise in progress.exercises(chapter)]
MISTAKES = [(exercise, mistake) for _, exercise in EXERCISES for mistake in exercise.mistakes]
CORRECT = [
    (exercise, variant)
    for chapter, exercise in EXERCISES
    for variant in [exercise.reference, *VARIANTS.get(chapter.module, {}).get(exercise.name, [])]
]
CHECK = re.compile(r"^(?P<name>\w+) = check\.(?P=name)\((?P=name)\)$", re.MULTILINE)


# In a real kernel: an answer whose source is read, one that leaves, one of another name, and life after.
AFTERWARDS = (
    "def scale(images):\n    return images.reshape(len(images), 784).astype(np.float32) * 255\n\n"
    "scale = check.scale(scale)",
    "def one_hot(labels):\n    exit()\n\none_hot = check.one_hot(one_hot)",
    "def one_hott(labels):\n    return labels\n\none_hot = check.one_hot(one_hot)",
    "42",
)


def answer(exercise, function):
    """What a learner would hand over: a function of the notebook or, for a value, what it returns."""
    if not exercise.cases:
        return function() if callable(function) else function
    if not isinstance(function, types.FunctionType):
        return function
    parts = function.__name__, function.__defaults__, function.__closure__
    own = types.FunctionType(function.__code__, function.__globals__, *parts)
    own.__kwdefaults__ = function.__kwdefaults__
    own.__module__ = "__main__"
    return own


def headers(name):
    """The headers of the exercises of a notebook, in order."""
    return [header for _, _, header in exercise_cells(nbformat.read(NOTEBOOKS / name, as_version=4).cells)]


def solve(notebook):
    """Put the solution of each fold into the exercise above it. Returns the numbers of the exercises."""
    solved = []
    for i, cell, header in exercise_cells(notebook.cells):
        first, _, _ = cell.source.partition("\n")
        fold = next(c for c in notebook.cells[i + 1 :] if "<summary>Solution" in c.source)
        check = CHECK.search(cell.source)
        cell.source = f"{first}\n{FOLD.search(fold.source)['code']}\n\n\n{cell.source[check.start() :]}"
        solved.append(header["number"])
    return solved


# The exercises ----------------------------------------------------------------------------------------------


def test_there_are_enough(say):
    known = len(MISTAKES)
    say(f"exercises: {len(EXERCISES)}, known mistakes: {known}, right variants: {len(CORRECT)}")
    assert len(EXERCISES) >= 26
    assert known >= 80


def ids(pairs):
    return [
        f"{exercise.number}-{getattr(other, 'id', getattr(other, '__name__', ''))}"
        for exercise, other in pairs
    ]


@pytest.mark.parametrize(("exercise", "mistake"), MISTAKES, ids=ids(MISTAKES))
def test_known_mistake_gets_its_own_hints(exercise, mistake):
    verdict = exercise.judge(answer(exercise, mistake.function))
    assert (verdict.status, verdict.kind) == ("wrong", mistake.id)
    assert verdict.hints == mistake.hints


@pytest.mark.parametrize(("exercise", "variant"), CORRECT, ids=ids(CORRECT))
def test_right_answer_is_right(exercise, variant):
    verdict = exercise.judge(answer(exercise, variant))
    assert verdict.status == "right", verdict.sentence


@pytest.mark.parametrize("exercise", [e for _, e in EXERCISES], ids=lambda e: f"{e.number}-{e.name}")
class TestExercise:
    def test_hints_are_three_different_steps(self, exercise):
        for hints in [exercise.hints, *(mistake.hints for mistake in exercise.mistakes)]:
            assert len(hints) == len(set(hints)) == 3
            assert all(hint.strip()[-1] in ".?:)`" and hint.count("`") % 2 == 0 for hint in hints), hints

    def test_mistakes_have_names_of_their_own(self, exercise):
        assert len({mistake.id for mistake in exercise.mistakes}) == len(exercise.mistakes)
        assert len({mistake.name for mistake in exercise.mistakes}) == len(exercise.mistakes)

    def test_is_found_by_its_name(self, exercise):
        assert exercise.tested[-1] != "."
        assert vars(__import__(exercise.reference.__module__, fromlist=["*"]))[exercise.name] is exercise

    def test_cases_share_nothing_between_runs(self, exercise):
        if exercise.cases is None:
            return
        first, second = list(arrays(exercise.cases())), list(arrays(exercise.cases()))
        assert len(first) == len(second)
        for a, b in zip(first, second, strict=True):
            np.testing.assert_array_equal(a, b)  # the same at each run
            assert not np.shares_memory(a, b)

    def test_is_quick(self, exercise):
        before = time.process_time()  # not what other programs take
        exercise.judge(lambda *arguments: 7)  # unknown: all mistakes are tried
        assert time.process_time() - before < guard.DEADLINE / 5


def arrays(value):
    """All arrays within a value."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, dict):
        yield from arrays(list(value.values()))
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from arrays(part)


# The notebooks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.module)
def test_notebook_holds_the_exercises_in_order(chapter):
    found = [(header["number"], header["name"]) for header in headers(chapter.file)]
    assert found == [(e.number, e.name) for e in progress.exercises(chapter)]


def test_the_most_important_have_variants():
    counts = {}
    for chapter in CHAPTERS:
        by_name = {e.name: e for e in progress.exercises(chapter)}
        for header in headers(chapter.file):
            if header["importance"] == "5" and by_name[header["name"]].cases:
                counts[header["number"]] = len(VARIANTS.get(chapter.module, {}).get(header["name"], []))
    assert all(count >= 3 for count in counts.values()), counts
    assert len(counts) >= 10


@pytest.mark.slow
@pytest.mark.timeout(3 * SECONDS)
def test_a_solved_notebook_runs_to_its_end(tmp_path, monkeypatch):
    """One for all: what is the same in each. The solutions themselves are judged in test_answers.py."""
    chapter = next(chapter for chapter in CHAPTERS if chapter.module == "mnist")
    monkeypatch.setenv("HWD_PROGRESS", str(tmp_path / "progress.json"))
    notebook = nbformat.read(NOTEBOOKS / chapter.file, as_version=4)
    numbers = solve(notebook)
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in AFTERWARDS]
    strict_client(notebook).execute()
    assert memory.load()["passed"] == set(numbers) == {e.number for e in progress.exercises(chapter)}
    said = [o.data["text/plain"] for c in notebook.cells for o in c.get("outputs", []) if "data" in o]
    said, afterwards = said[: -len(AFTERWARDS)], said[-len(AFTERWARDS) :]
    assert not [text for text in said if text.startswith(("✗", "○"))]
    small, leaves, misspelt, alive = afterwards
    assert "Line 2, return images.reshape(len(images), 784).astype(np.float32) * 255: read the signs" in small
    assert leaves.startswith("✗ 1.5 one_hot - It ends the program.")
    assert misspelt.startswith("✗ 1.5 one_hot - Your function has another name. There is a function one_hott")
    assert alive == "42"


def test_every_exercise_is_an_exercise():
    assert all(
        isinstance(exercise, Exercise) and re.fullmatch(r"\d+\.\d+", exercise.number)
        for _, exercise in EXERCISES
    )
