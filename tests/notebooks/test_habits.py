"""The habits of the notebooks, counted: short cells, more text than code, nothing left over, no dead link."""

import re
from pathlib import Path

import nbformat
import pytest

from hwd_lib.checks import progress

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
GLOSSARY = FOLDER / "glossary.ipynb"
COURSE = [FOLDER / chapter.file for chapter in progress.COURSE if (FOLDER / chapter.file).exists()]
WRITTEN = ("00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10")
HALF = [path for path in COURSE if path.name[:2] in WRITTEN]  # the others follow when they are written
MUSEUM = FOLDER / progress.MUSEUM.file
ALL = sorted(FOLDER.glob("*.ipynb"))
BOLD = re.compile(r"(?<![*\w])\*\*(?=\S)(.+?)(?<=\S)\*\*(?![*\w])", re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def read(path):
    return nbformat.read(path, as_version=4)


def cells(path, kind):
    return [cell.source for cell in read(path).cells if cell.cell_type == kind]


def prose(path):
    """The text of a notebook, without code in it."""
    text = "\n\n".join(cells(path, "markdown"))
    return re.sub(r"`[^`\n]*`", "", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def normal(term):
    return " ".join(term.lower().split()).rstrip("s")


def heading(line):
    """The name by which a link in the notebook finds a heading."""
    return line.lstrip("#").strip().replace(" ", "-")


def name(path):
    return path.name


@pytest.mark.parametrize("path", ALL, ids=name)
class TestEveryNotebook:
    def test_is_clean(self, path):
        notebook = read(path)
        nbformat.validate(notebook)
        ids = [cell.id for cell in notebook.cells]
        assert len(set(ids)) == len(ids)

    def test_links_within_it_lead_somewhere(self, path):
        text = "\n".join(cells(path, "markdown"))
        headings = {heading(line) for line in text.splitlines() if line[:1] == "#"}
        links = LINK.findall(text)
        assert {target[1:] for target in links if target[0] == "#"} <= headings
        assert all(target.startswith("https://") for target in links if "://" in target)


@pytest.mark.parametrize("path", [*HALF, MUSEUM], ids=name)
class TestHabits:
    def test_cells_are_short(self, path, say):
        # Blank lines are not counted: they make an exercise easier to read, and no longer.
        lengths = sorted(sum(map(bool, source.splitlines())) for source in cells(path, "code"))
        median, ninth = lengths[len(lengths) // 2], lengths[int(0.9 * (len(lengths) - 1))]
        text = len(cells(path, "markdown"))
        code = f"{len(lengths)} code cells, {median} lines (median), {lengths[-1]} at most"
        say(f"{path.name}: {code}; {text} text cells")
        assert median <= 5
        assert ninth <= 12
        assert lengths[-1] <= 25
        assert text >= len(lengths)

    def test_opens_with_what_it_is_for(self, path):
        first = cells(path, "markdown")[0]
        title, question, *_ = first.split("\n\n")
        assert read(path).cells[0].source == first
        assert title.startswith("# " if path == MUSEUM else f"# {int(path.name[:2])}. ")
        assert question[0] == "*"
        assert question[-2:] == "?*"
        assert "You will be able to\n\n- " in first
        assert re.search(r"^Minutes: \d+ · Builds on: ", first, re.MULTILINE)

    def test_closes_with_what_is_known_now(self, path):
        text = "\n".join(cells(path, "markdown"))
        order = [text.find(title) for title in ("## What you now know", "## Three questions", "## Next")]
        assert -1 not in order
        assert order == sorted(order)
        questions = text[order[1] : order[2]].partition("<details>")[0]
        assert len(re.findall(r"^\d\. ", questions, re.MULTILINE)) == 3
        number = progress.MUSEUM.number if path == MUSEUM else path.name[:2]
        last = f'progress.show("{number}")'
        exercises = any("check." in source for source in cells(path, "code")[:-1])
        assert read(path).cells[-1].source == last + "\ncheck.hand_in()" * exercises

    def test_imports_come_first(self, path):
        first, *others = cells(path, "code")
        assert "import" in first
        for source in others:
            assert not re.search(r"^(import|from) ", source, re.MULTILINE), source

    def test_new_words_stand_in_the_glossary(self, path):
        terms = {
            normal(line[4:])
            for text in cells(GLOSSARY, "markdown")
            for line in text.splitlines()
            if line[:4] == "### "
        }
        missing = [term for term in BOLD.findall(prose(path)) if normal(term) not in terms]
        assert not missing

    def test_pictures_have_a_text(self, path):
        for source in cells(path, "code"):
            if "plots.show(" in source:
                assert re.search(r"""(alt = |, )\(?\s*f?["'].{20,}["']""", source), source
            assert "plt.show" not in source


def test_new_words_are_new_once():
    seen = {}
    for path in [*HALF, MUSEUM]:
        for term in BOLD.findall(prose(path)):
            assert normal(term) not in seen, f"{term}: in {seen.get(normal(term))} and in {path.name}"
            seen[normal(term)] = path.name


def test_plain_words():
    for path in ALL:
        found = re.findall(r"\b(simply|obviously|trivial(?:ly)?|clearly)\b", prose(path), re.IGNORECASE)
        assert not found, f"{path.name}: {found}"
