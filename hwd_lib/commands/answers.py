"""The answers in a notebook that was handed in: found in its cells, and refused where they reach outside.

A cell is an answer when it ends in ``name = check.name(name)``. Nothing else of the notebook is run, and
nothing that it says of itself is believed.
"""

import ast
import json
import zipfile
from typing import NamedTuple

from hwd_lib.checks import progress

LARGEST_NOTEBOOK = 20 * 2**20  # bytes after unpacking; with all its pictures one has a few million
MOST_CELLS = 2000
NOT_TRIED = "not tried"

# What an answer may import. No exercise needs more, and what opens files or starts programs is not there.
IMPORTS = {
    "numpy", "math", "cmath", "random", "itertools", "functools", "collections", "statistics", "operator",
    "copy", "struct", "string", "re", "time", "typing", "dataclasses", "fractions", "decimal", "warnings",
}  # fmt: skip
LIBRARY = {"mnist", "network", "preprocessing", "augmentation", "optimizers", "training", "evaluation"}
# Names that lead from there to files, to other programs, or into the judge itself.
DOORS = {
    "eval", "exec", "compile", "open", "input", "breakpoint", "globals", "locals", "vars", "getattr",
    "setattr", "delattr", "attrgetter", "methodcaller", "get_type_hints", "modules", "os", "sys", "ctypes",
    "ctypeslib", "testing", "f2py", "load", "save", "savez", "savetxt", "savez_compressed", "tofile",
    "memmap", "fromfile", "loadtxt", "genfromtxt", "DataSource",
}  # fmt: skip


class Answer(NamedTuple):
    """One exercise of a notebook: its name, the code that answers it, and why it is not run, if it is not."""

    name: str
    code: str
    refused: str = ""


def read(path):
    """The notebook in a file that was handed in: (chapter of the course, list of the code of its cells).

    Raises ValueError, with a sentence, for anything else than a ZIP file with one notebook of the course.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [entry for entry in archive.infolist() if entry.filename.endswith(".ipynb")]
            if len(inside) != 1 or inside[0].file_size > LARGEST_NOTEBOOK:
                raise ValueError(f"expected one notebook of at most 20 MB, found {len(inside)}")
            with archive.open(inside[0]) as file:
                raw = file.read(LARGEST_NOTEBOOK + 1)  # the size in the list may be a lie
        cells = json.loads(raw[:LARGEST_NOTEBOOK])["cells"][:MOST_CELLS]
        sources = [_text(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (zipfile.BadZipFile, OSError, EOFError, LookupError, TypeError, RuntimeError) as error:
        raise ValueError(f"no notebook can be read from it ({type(error).__name__})") from error
    except ValueError as error:
        raise ValueError(f"no notebook can be read from it ({error})") from error
    chapters = [c for c in (*progress.COURSE, progress.MUSEUM) if progress.exercises(c)]
    checked = {checks(source) for source in sources}
    found = max(chapters, key=lambda c: len({e.name for e in progress.exercises(c)} & checked))
    named = [c for c in chapters if c.file == inside[0].filename.rpartition("/")[2]]
    return (named or [found])[0], sources


def _text(source):
    return source if isinstance(source, str) else "".join(source)


def checks(source):
    """Which exercise a cell hands over to its check, such as "softmax"; "" for none."""
    found = ""
    for line in source.splitlines():
        left, _, right = line.partition("=")
        name = left.strip()
        if name.isidentifier() and right.strip() == f"check.{name}({name})":
            found = name
    return found


def answers(chapter, sources):
    """What was written for each exercise of the chapter, in its order. The last cell for it counts."""
    cells = {checks(source): source for source in sources}
    found = []
    for exercise in progress.exercises(chapter):
        code = cells.get(exercise.name, "")
        lines = [line for line in code.splitlines() if not checks(line)]
        code = "\n".join(line for line in lines if not line.lstrip().startswith(("%", "!")))  # IPython's own
        found.append(Answer(exercise.name, code, refusal(code)))
    return found


def refusal(code):
    """Why the code of an answer is not run, in words; "" where nothing speaks against it."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""  # the judge says that it is no Python
    for node in ast.walk(tree):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or "."] if isinstance(node, ast.ImportFrom) else []
        for module in modules:
            top, _, rest = module.partition(".")
            names = [alias.name for alias in node.names] if module == "hwd_lib" else [rest.partition(".")[0]]
            if top not in IMPORTS and not (top == "hwd_lib" and set(names) <= LIBRARY):
                return f"it imports {module}"
        name = getattr(node, "id", None) or getattr(node, "attr", None) or ""
        name = name or (node.name if isinstance(node, ast.alias) else "")
        if name in DOORS or (name.startswith("__") and name.endswith("__")):
            return f"it uses {name}"
    return ""
