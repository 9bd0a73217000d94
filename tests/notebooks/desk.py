"""A learner's desk: the names that a notebook has when its exercises come, and answers written there."""

import ast
import functools
import linecache
import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np

from hwd_lib.checks import progress
from hwd_lib.checks.exercise import Verdict

HEADER = re.compile(
    r"# Exercise (?P<number>\d+\.\d+) - (?P<name>\w+) +difficulty (?P<difficulty>[1-5])/5"
    r" +importance (?P<importance>[1-5])/5 +(?P<minutes>\d+) minutes$"
)
FOLD = re.compile(
    r"<details><summary>Solution</summary>\n\n```python\n(?P<code>.*?)\n```\n.*</details>", re.DOTALL
)
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
CHAPTERS = {c.file.removesuffix(".ipynb"): c for c in (*progress.COURSE, progress.MUSEUM)}


def _stand_ins(notebook):
    """Small arrays in the place of the notebook's own, for answers that reach for these by mistake."""
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (10, 28, 28), np.uint8)
    split = SimpleNamespace(images=rng.random((200, 784), np.float32), labels=np.arange(200) % 10)
    network = [rng.normal(size=(784, 20)), rng.normal(size=(20, 10))], [np.zeros(20), np.zeros(10)]
    return {
        "01_mnist": {"digits": pictures},
        "02_baselines": {"train": split, "validation": split},
        "03_forward_pass": {"w": rng.normal(size=(784, 10)), "b": np.zeros(10), "x": split.images},
        "04_backpropagation": {
            "x": split.images[:50],
            "y": split.labels[:50],
            "weights": network[0],
            "biases": network[1],
            "loss_at": lambda value: (value - 2) ** 2,
        },
        "06_experiments": {"luck": 0.95 + 0.01 * rng.random(20)},
        "07_mistakes": {"network": SimpleNamespace(weights=network[0], biases=network[1])},
        "10_paper": {
            "counts": np.arange(256) % 17 + 1,
            "ink": pictures[0] > 128,
            "labels": (pictures[0] > 128).astype(int),
            "found": rng.integers(1, 40, (5, 4)),
            "pages": {"even light": pictures[0][:, :, None].repeat(3, axis=2)},
        },
        "09_draw": {"app": SimpleNamespace(canvas=SimpleNamespace(image=pictures[0] / np.float32(255)))},
    }.get(notebook, {})


@functools.cache
def _names(notebook):
    """What stands in the notebook's names: its imports, functions that are solved, arrays of its own."""
    first = next(
        c.source for c in nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", 4).cells if c.cell_type == "code"
    )
    imports = [node for node in ast.parse(first).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {"__name__": "__main__"}
    exec(compile(ast.Module(imports, []), notebook, "exec"), names)
    names |= _stand_ins(notebook)
    for one in exercises(notebook).values():
        if one.cases:
            names[one.name] = one.reference
    if notebook == "05_training":
        names["loss_and_gradients"] = names["check"].loss_and_gradients
    return names


@functools.cache
def exercises(notebook):
    """The notebook's exercises by number."""
    return {one.number: one for one in progress.exercises(CHAPTERS[notebook])}


def write(answer):
    """Run the cell of an answer, as a kernel would, and judge what the name then holds: a Verdict."""
    one = exercises(answer["notebook"])[answer["exercise"]]
    names = dict(_names(answer["notebook"]))
    cell = f"<cell of {one.number}, {abs(hash(answer['code']))}>"
    linecache.cache[cell] = (len(answer["code"]), None, answer["code"].splitlines(keepends=True), cell)
    try:
        exec(compile(answer["code"], cell, "exec"), names)
    except SyntaxError as error:  # Python itself refuses the cell: the check is never called
        return Verdict(one, "wrong", "syntax", "SyntaxError", str(error))
    return one.judge(names[one.name], names)


class Solution(dict):
    """The answer in the fold of an exercise."""

    def __str__(self):
        return f"{self['exercise']}-{self['name']}"


def exercise_cells(cells):
    """(index, cell, match of the header) for each exercise among the cells of a notebook."""
    for i, cell in enumerate(cells):
        header = HEADER.match(cell.source.partition("\n")[0].rstrip())
        if cell.cell_type == "code" and header:
            yield i, cell, header


def solutions(notebook):
    """The solution in the fold below each exercise of a notebook."""
    cells = nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", as_version=4).cells
    found = []
    for i, _, header in exercise_cells(cells):
        fold = next(cell for cell in cells[i + 1 :] if "<summary>Solution" in cell.source)
        code = FOLD.search(fold.source)["code"]
        found.append(Solution(notebook=notebook, exercise=header["number"], name=header["name"], code=code))
    return found
