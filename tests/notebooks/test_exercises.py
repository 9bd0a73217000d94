"""Each known mistake gets its own hint, no right answer gets one, and each fold's solution is right."""

import re
import runpy
import time
from pathlib import Path

import nbformat
import numpy as np
import pytest

from hwd_lib.checks import guard, memory, progress
from hwd_lib.checks.exercise import Exercise
from tests.test_notebooks import SECONDS, execute

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
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
HEADER = re.compile(
    r"# Exercise (?P<number>\d+\.\d+) - (?P<name>\w+) +difficulty (?P<difficulty>[1-5])/5"
    r" +importance (?P<importance>[1-5])/5 +(?P<minutes>\d+) minutes$"
)
CHECK = re.compile(r"^(?P<name>\w+) = check\.(?P=name)\((?P=name)\)$", re.MULTILINE)
FOLD = re.compile(
    r"<details><summary>Solution</summary>\n\n```python\n(?P<code>.*?)\n```\n.*</details>", re.DOTALL
)


def answer(exercise, function):
    """What a learner would hand over: the function, or, where a value is asked for, what it returns."""
    return function if exercise.cases or not callable(function) else function()


def exercise_cells(name):
    """(index, cell, match of the header) for each exercise of a notebook."""
    cells = nbformat.read(NOTEBOOKS / name, as_version=4).cells
    for i, cell in enumerate(cells):
        header = HEADER.match(cell.source.partition("\n")[0].rstrip())
        if cell.cell_type == "code" and header:
            yield i, cell, header


def solve(notebook):
    """Put the solution of each fold into the exercise above it. Returns the numbers of the exercises."""
    solved = []
    for i, cell in enumerate(notebook.cells):
        first, _, _ = cell.source.partition("\n")
        if cell.cell_type != "code" or not (header := HEADER.match(first.rstrip())):
            continue
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
    found = [(header["number"], header["name"]) for _, _, header in exercise_cells(chapter.file)]
    assert found == [(e.number, e.name) for e in progress.exercises(chapter)]


def test_the_most_important_have_variants():
    counts = {}
    for chapter in CHAPTERS:
        by_name = {e.name: e for e in progress.exercises(chapter)}
        for _, _, header in exercise_cells(chapter.file):
            if header["importance"] == "5" and by_name[header["name"]].cases:
                counts[header["number"]] = len(VARIANTS.get(chapter.module, {}).get(header["name"], []))
    assert all(count >= 3 for count in counts.values()), counts
    assert len(counts) >= 10


@pytest.mark.slow
@pytest.mark.xdist_group("notebooks")  # one at a time: each has as many threads as it likes
@pytest.mark.timeout(3 * SECONDS)
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.module)
def test_solutions_from_the_folds(chapter, tmp_path, monkeypatch, say):
    monkeypatch.setenv("HWD_PROGRESS", str(tmp_path / "progress.json"))
    notebook = nbformat.read(NOTEBOOKS / chapter.file, as_version=4)
    numbers = solve(notebook)
    seconds = execute(notebook)
    say(f"notebooks/{chapter.file}, solved: {seconds:.1f} s")
    assert seconds < SECONDS
    assert memory.load()["passed"] == set(numbers) == {e.number for e in progress.exercises(chapter)}
    said = [o.data["text/plain"] for c in notebook.cells for o in c.get("outputs", []) if "data" in o]
    assert not [text for text in said if text.startswith(("✗", "○"))]


def test_every_exercise_is_an_exercise():
    assert all(
        isinstance(exercise, Exercise) and re.fullmatch(r"\d+\.\d+", exercise.number)
        for _, exercise in EXERCISES
    )
