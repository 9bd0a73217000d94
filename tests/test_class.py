"""A class hands in: what each pupil wrote is judged anew, and nobody's file harms anybody else."""

import copy
import csv
import importlib
import inspect
import re
import runpy
import subprocess
import textwrap
import time
import zipfile
from pathlib import Path

import nbformat
import pytest

from hwd_lib.__main__ import main
from hwd_lib.checks import handing_in, memory, progress, restoring
from hwd_lib.commands import answers
from tests.notebooks.desk import FOLD, HEADER

CHAPTER = next(chapter for chapter in progress.COURSE if chapter.number == "03")
EXERCISES = progress.exercises(CHAPTER)
FOLDER = Path(__file__).parent
VARIANTS = runpy.run_path(str(FOLDER / "notebooks" / "variants" / "forward_pass.py"))["VARIANTS"]

# What each of these does instead of solving exercise 3.5 (relu), and what the table says of it.
HOSTILE = {
    "loop": ("def relu(z):\n    while True:\n        pass", "endless"),
    "exit": ("import os\ndef relu(z):\n    os._exit(0)", "imports os"),
    "leave": ("def relu(z):\n    raise SystemExit", None),
    "bomb": ("import os\nwhile True:\n    os.fork()", "imports os"),
    "delete": ("import shutil\nshutil.rmtree('HOME')", "imports shutil"),
    "hidden": ("def relu(z):\n    np.core.sys.modules['os'].remove('/x')", "it uses"),
    "dunder": ("def relu(z):\n    return ().__class__.__base__.__subclasses__()", "it uses __"),
    "writes": ("def relu(z):\n    z.dump('HOME/victim.txt')\n    return z", "it tried open"),
    "memory": ("def relu(z):\n    return np.ones((10**6, 10**6))", None),
    "forged": (
        'print(\'["relu", "right", "right", "Right"]\')\ndef relu(z):\n    print(\'["relu", "right"]\')',
        None,
    ),
}


def source(function):
    """The text of a function, without its decorators."""
    text = textwrap.dedent(inspect.getsource(function))
    return text[text.index("def ") :]


@pytest.fixture(scope="module")
def shipped(root):
    return nbformat.read(root / "notebooks" / CHAPTER.file, as_version=4)


def solutions(shipped):
    """{name: code} from the folds."""
    found, name = {}, ""
    for cell in shipped.cells:
        if cell.cell_type == "code" and (header := HEADER.match(cell.source.partition("\n")[0].rstrip())):
            name = header["name"]
        elif "<summary>Solution" in cell.source:
            found[name] = FOLD.search(cell.source)["code"]
    return found


def hand_in(shipped, folder, pupil, code):
    """The file of a pupil who wrote this code for some of the exercises."""
    notebook = copy.deepcopy(shipped)
    for cell in notebook.cells:
        if cell.cell_type == "code" and (header := HEADER.match(cell.source.partition("\n")[0].rstrip())):
            name = header["name"]
            if name in code:
                cell.source = f"{header[0]}\n{code[name]}\n\n\n{name} = check.{name}({name})"
    (folder / "own").mkdir(exist_ok=True)
    path = folder / "own" / CHAPTER.file
    nbformat.write(notebook, path)
    return handing_in.pack(path, pupil, folder)


def renamed(function, name):
    return re.sub(rf"\b{function.__name__}\b", name, source(function))


def test_thirty_pupils_ten_of_them_hostile(shipped, tmp_path, say, capsys):
    right, expected = solutions(shipped), {}
    mistakes = [(e, m) for e in EXERCISES if e.cases for m in e.mistakes]
    plain = [(e, m) for e, m in mistakes if not re.search(r"(?<!def )\b_\w+\(", source(m.function))]
    assert len(plain) >= 20
    for k in range(20):
        exercise, mistake = plain[k * len(plain) // 20]
        code = dict(right) | {exercise.name: renamed(mistake.function, exercise.name)}
        missing = EXERCISES[k % 3].name if k % 2 else None
        code.pop(missing, None)
        expected[f"pupil{k}"] = {e.number: "right" for e in EXERCISES}
        if exercise.name != missing:
            expected[f"pupil{k}"][exercise.number] = mistake.name
        if missing:
            expected[f"pupil{k}"][next(e.number for e in EXERCISES if e.name == missing)] = "not tried"
        hand_in(shipped, tmp_path, f"pupil{k}", code)
    victim = tmp_path / "victim.txt"
    victim.write_text("mine")
    for name, (code, words) in HOSTILE.items():
        hand_in(shipped, tmp_path, name, right | {"relu": code.replace("HOME", str(tmp_path))})
        expected[name] = {e.number: "right" for e in EXERCISES} | {"3.5": words}
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    began = time.monotonic()
    assert main(["class", str(tmp_path)]) == 0
    seconds = time.monotonic() - began
    say(f"hwd class: 30 pupils x {CHAPTER.file}, ten of them hostile: {seconds:.0f} s")
    capsys.readouterr()
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert set(after) - set(before) == {tmp_path / "class.csv", tmp_path / "class.html"}
    assert all(after[path] == content for path, content in before.items())
    with open(tmp_path / "class.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 30 * len(EXERCISES)
    for row in rows:
        wanted = expected[row["pupil"]][row["exercise"]]
        if wanted in ("right", "not tried"):
            assert row["result"] == wanted, row
        else:
            assert row["result"] in ("wrong", "refused"), row
            assert wanted is None or wanted in row["mistake"] or "not come to an end" in row["mistake"], row
    page = (tmp_path / "class.html").read_text("utf-8")
    assert "What most of them get wrong" in page and "<script" not in page
    assert seconds < 120


@pytest.mark.parametrize("content", [b"", b"no zip", None])
def test_a_file_that_is_none_is_one_line(tmp_path, capsys, content):
    path = tmp_path / "=cmd_03_forward_pass.zip"
    if content is None:  # a ZIP with something else in it
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("03_forward_pass.ipynb", '{"cells": 7}')
    else:
        path.write_bytes(content)
    assert main(["class", str(tmp_path)]) == 0
    assert "1 unreadable" in capsys.readouterr().out
    assert "'=cmd," in (tmp_path / "class.csv").read_text("utf-8")  # no formula for a spreadsheet


def test_an_empty_folder(tmp_path, capsys):
    assert main(["class", str(tmp_path)]) == 2
    assert "found none" in capsys.readouterr().err


def test_hand_in_from_a_notebook(shipped, tmp_path, monkeypatch, capsys):
    nbformat.write(shipped, tmp_path / CHAPTER.file)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HWD_PROGRESS", str(tmp_path / "progress.json"))
    (tmp_path / "progress.json").write_text('{"passed": ["3.1"], "opened": []}')
    handing_in.hand_in(CHAPTER.file)
    assert "your name" in capsys.readouterr().out
    handing_in.hand_in(CHAPTER.file, "Robin M./../x")
    assert "Robin-M-x_03_forward_pass.zip" in capsys.readouterr().out
    with zipfile.ZipFile(tmp_path / "Robin-M-x_03_forward_pass.zip") as archive:
        assert {"progress.json", CHAPTER.file} <= set(archive.namelist()) <= {
            "progress.json", CHAPTER.file, "my_network.npz"
        }  # fmt: skip


@pytest.mark.parametrize(
    "code",
    [
        "import os", "from os import path", "import hwd_lib.checks.exercise", "from hwd_lib import checks",
        "from numpy import load", "f = open", "np.os", "().__class__", "import importlib",
        "getattr(np, 'o' + 's')",
    ],
)  # fmt: skip
def test_what_reaches_outside_is_refused(code):
    assert answers.refusal(code)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.number)
def test_no_right_answer_is_refused(exercise):
    for variant in VARIANTS.get(exercise.name, []):
        if callable(variant) and variant.__name__ != "<lambda>":
            assert answers.refusal(source(variant)) == ""


# Back to the start ------------------------------------------------------------------------------------------


@pytest.fixture
def course(root, tmp_path, monkeypatch):
    """A copy of the course without git, in which somebody has worked."""
    for folder in ("notebooks", ".hwd/shipped"):
        (tmp_path / folder).mkdir(parents=True)
        for path in (root / "notebooks").glob("*.ipynb"):
            (tmp_path / folder / path.name).write_bytes(path.read_bytes())
    (tmp_path / "notebooks" / CHAPTER.file).write_text("mine")
    (tmp_path / ".hwd" / "progress.json").write_text('{"passed": ["3.1", "4.1"], "opened": ["03"]}')
    (tmp_path / ".hwd" / "test_set.json").write_text("{}")
    monkeypatch.setattr(memory, "ROOT", tmp_path)
    monkeypatch.setenv("HWD_PROGRESS", str(tmp_path / ".hwd" / "progress.json"))
    return tmp_path


def test_restore_loses_nothing(root, course, capsys):
    assert main(["restore", "3", "test-set", "--progress"]) == 0
    printed = capsys.readouterr().out
    restored = course / "notebooks" / CHAPTER.file
    assert restored.read_bytes() == (root / "notebooks" / CHAPTER.file).read_bytes()
    (mine,) = (course / "notebooks").glob("* (kept *).ipynb")
    assert mine.read_text() == "mine" and mine.name in printed
    assert memory.load()["passed"] == {"4.1"}
    (kept,) = (course / ".hwd").glob("progress (kept *).json")
    assert "3.1" in kept.read_text() and kept.name in printed
    assert not (course / ".hwd" / "test_set.json").exists()
    assert list((course / ".hwd").glob("test_set (kept *).json"))


def test_restore_all_again(course, capsys):
    assert main(["restore", "all", "--progress"]) == 0
    assert main(["restore", "all"]) == 0
    assert memory.load()["passed"] == set()
    assert len(list((course / "notebooks").glob("* (kept *).ipynb"))) == 1  # the others were as shipped


def test_restore_of_what_is_not_there(course, capsys):
    assert main(["restore", "77"]) == 2
    assert "found '77'" in capsys.readouterr().err
    (course / ".hwd" / "shipped" / CHAPTER.file).unlink()
    assert main(["restore", "3"]) == 2
    assert "Unpack the course once more" in capsys.readouterr().err
    assert (course / "notebooks" / CHAPTER.file).read_text() == "mine"


def test_restore_from_git(root):
    if (root / ".git").exists():
        assert restoring.shipped("glossary.ipynb") == subprocess.run(
            ["git", "show", "HEAD:notebooks/glossary.ipynb"], cwd=root, capture_output=True, check=True
        ).stdout  # fmt: skip


# On paper ---------------------------------------------------------------------------------------------------


def test_key_holds_every_exercise(tmp_path, capsys):
    assert main(["key", str(tmp_path / "key.md")]) == 0
    text = (tmp_path / "key.md").read_text("utf-8")
    numbers = re.findall(r"^### (\d+\.\d+) ", text, flags=re.M)
    chapters = (*progress.COURSE, progress.MUSEUM)
    assert numbers == [e.number for chapter in chapters for e in progress.exercises(chapter)]
    assert "No solution" not in text


def test_handout_is_complete_in_itself(tmp_path, capsys):
    assert main(["handout", str(tmp_path)]) == 0
    pages = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert len(pages) == 5
    assert not any(re.search(r"https?:|<script|src=|@import", page) for page in pages.values())
    assert pages["predictions.html"].count('class="sheet"') == len(progress.COURSE)
    assert pages["glossary.html"].count("<dt>") > 60
    # The worksheet, worked by hand.
    hidden, logits = "<td>2</td><td>-1</td>", "<td>3</td><td>1</td>"
    for words in (hidden, logits, "7.4", "y = 7, loss 4", "= 12", "1.4", "8 of 12"):
        assert words in pages["worksheet_solutions.html"], words
    assert "7.4" not in pages["worksheet.html"]


def test_every_notebook_with_exercises_ends_with_handing_in(root):
    for chapter in (*progress.COURSE, progress.MUSEUM):
        if progress.exercises(chapter):
            cells = nbformat.read(root / "notebooks" / chapter.file, 4).cells
            code = [cell.source for cell in cells if cell.cell_type == "code"]
            module = importlib.import_module(f"hwd_lib.exercises.{chapter.module}")
            assert code[-1].endswith("check.hand_in()"), chapter.file
            assert module.hand_in.args == (chapter.file,)
