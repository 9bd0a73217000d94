"""`hwd key`: the solutions of all exercises in one file, for the teacher."""

import re
from pathlib import Path

import nbformat

from hwd_lib.checks import progress
from hwd_lib.checks.memory import ROOT
from hwd_lib.files import written_whole

SUMMARY = "write the answer key of all exercises into one file, for teachers"
EXAMPLES = ("hwd key answers.md",)
TITLE = re.compile(r"^### Exercise (\d+\.\d+): (.+)$", re.MULTILINE)
FOLD = re.compile(r"<details><summary>Solution</summary>\n\n(.*?)\n*</details>", re.DOTALL)


def add_arguments(parser):
    parser.add_argument("file", type=Path, metavar="FILE", help="where to, such as answers.md")


def run(arguments):
    with written_whole(arguments.file) as file:
        file.write(key().encode())
    print(f"wrote {arguments.file}: keep it where no pupil meets it by accident")
    return 0


def key():
    """The key as Markdown: each exercise with its title and the solution of its fold."""
    parts = ["# Answer key", "The folds of the notebooks, in one file. Other answers can be right as well."]
    for chapter in (*progress.COURSE, progress.MUSEUM):
        cells = nbformat.read(ROOT / "notebooks" / chapter.file, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        parts += [f"## {chapter.number} {chapter.title}"] if TITLE.search(text) else []
        pieces = TITLE.split(text)[1:]
        for number, title, rest in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
            fold = FOLD.search(rest)
            solution = fold[1].strip() if fold else "No solution in the notebook."
            parts.append(f"### {number} {title}\n\n{solution}")
    return "\n\n".join(parts) + "\n"
