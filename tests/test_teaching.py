"""The page for teachers: its tables are those of the notebooks, and its lesson plans add up."""

import re
import runpy

import pytest

from hwd_lib.checks import progress

COMMAND = "python docs/teaching_tables.py"


@pytest.fixture(scope="module")
def generator(root):
    return runpy.run_path(str(root / "docs" / "teaching_tables.py"))


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs" / "teaching.md").read_text("utf-8")


def plan(page, title):
    """The rows of the first table below a heading, as lists of cells."""
    part = page.partition(f"### {title}")[2].partition("\n### ")[0].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| ")]
    assert rows, f"no table below {title}"
    return rows[1:]


@pytest.mark.parametrize("name", ["teaching.md", "mistakes.md"])
def test_tables_are_up_to_date(root, generator, name):
    page = (root / "docs" / name).read_text("utf-8")
    assert generator["fill"](name, page) == page, f"docs/{name} is out of date. Run: {COMMAND}"


def test_every_exercise_and_every_known_mistake_is_in_the_tables(root):
    page = (root / "docs" / "mistakes.md").read_text("utf-8")
    exercises, folds = (
        page.partition(f"<!-- {name} -->")[2].partition(f"<!-- end of {name} -->")[0]
        for name in ("exercises", "misconceptions")
    )
    for chapter in (*progress.COURSE, progress.MUSEUM):
        for one in progress.exercises(chapter):
            row = re.search(rf"^\| [1-5] \| {re.escape(one.number)} \| \S", exercises, re.MULTILINE)
            assert row, f"exercise {one.number} is not in the table. Run: {COMMAND}"
            for mistake in one.mistakes:
                assert mistake.name.replace("|", r"\|") in folds, f"{mistake.name}: run {COMMAND}"


def test_a_missing_mark_is_told_in_words(generator, page):
    with pytest.raises(ValueError, match=r"expected the marks <!-- timings -->"):
        generator["fill"]("teaching.md", page.replace("<!-- end of timings -->", ""))


def test_90_minutes_are_90_minutes(page):
    assert sum(int(row[0]) for row in plan(page, "90 minutes")) == 90


def test_a_day_has_seven_hours(page):
    assert sum(int(row[0]) for row in plan(page, "A day")) == 7 * 60


def test_five_weeks_are_five(page):
    assert [row[0] for row in plan(page, "Five weeks")] == ["1", "2", "3", "4", "5"]


def test_plans_name_exercises_and_sections_that_exist(root, generator, page):
    plans = page.partition("## Three lesson plans")[2].partition("\n## ")[0]
    known = {e.number for chapter in progress.COURSE for e in progress.exercises(chapter)}
    named = set(re.findall(r"\b\d\.\d{1,2}\b(?! MB)", plans)) - {"0.001"}
    assert len(named) > 20
    assert named <= known
    text = "\n".join(path.read_text("utf-8") for path in (root / "notebooks").glob("*.ipynb"))
    for section in ("The mean 3", "Paint your own", "Now you drive", "Your verdict", "Keep it"):
        assert f"*{section}*" in plans
        assert re.search(rf'"#+ {section}\b', text) or re.search(rf"#+ {section}\b", text), section
