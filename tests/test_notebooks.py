"""Every notebook runs from top to bottom as shipped, in under a minute, without a warning."""

import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NOTEBOOKS = [
    path.name
    for path in sorted(FOLDER.glob("*.ipynb"))
    if any(cell.cell_type == "code" for cell in nbformat.read(path, as_version=4).cells)
]
SECONDS = 60
STRICT = """
import warnings
warnings.simplefilter("error")
warnings.filterwarnings("ignore", module="ipykernel")  # what the kernel does around the cells is not ours
"""
QUICK = 1  # seconds: cells that take longer train, and hold nothing that these do not
COUNT = """
import gc, tracemalloc
gc.collect()
print(tracemalloc.get_traced_memory()[0])
tracemalloc.start()  # after the first run: it would make that slower
"""


def strict_client(notebook):
    """What runs a notebook in a new kernel of its own, with warnings as errors."""
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STRICT))
    client = NotebookClient(
        notebook, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}
    )
    client.comm_open_handlers.clear()  # widgets have no browser here, and the kernel must not wait for one
    return client


def execute(notebook):
    """Run all cells in a new kernel, with warnings as errors.

    Returns
    -------
    How many seconds that took, and how many MB the fifth run of the quick cells adds over the second.
    """
    client = strict_client(notebook)
    before = time.perf_counter()
    with client.setup_kernel():
        quick = []
        for index, cell in enumerate(list(notebook.cells)):
            started = time.perf_counter()
            client.execute_cell(cell, index)
            if time.perf_counter() - started < QUICK:
                quick.append((cell, index))
        seconds = time.perf_counter() - before
        return seconds, growth_of(client, quick)


def growth_of(client, cells):
    """Run cells four times more; returns how many MB the last of these runs holds more than the first."""
    count = nbformat.v4.new_code_cell(COUNT)
    client.nb.cells.append(count)  # nbclient runs only what is in the notebook
    client.allow_errors = True  # a name may have another meaning by now, from a cell that is not run again
    client.execute_cell(count, len(client.nb.cells) - 1)
    counted = []
    for _ in range(4):
        for cell, index in [*cells, (count, len(client.nb.cells) - 1)]:
            client.execute_cell(cell, index)
        counted.append(int(count.outputs[0].text))
    return (counted[-1] - counted[0]) / 1e6


@pytest.mark.slow
@pytest.mark.timeout(3 * SECONDS)
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_runs(name, tmp_path, monkeypatch, say):
    monkeypatch.setenv("HWD_PROGRESS", str(tmp_path / "progress.json"))
    notebook = nbformat.read(FOLDER / name, as_version=4)
    seconds, growth = execute(notebook)
    say(f"notebooks/{name}: {seconds:.1f} s; the fifth run adds {growth:.2f} MB over the second")
    assert seconds < SECONDS
    assert growth < 10
    written = [
        out.text for cell in notebook.cells for out in cell.get("outputs", []) if out.get("name") == "stderr"
    ]
    assert not [text for text in written if "Warning" in text]


def test_app_is_a_few_lines():
    path = FOLDER / "app.ipynb"
    if not path.exists():
        pytest.skip("there is no app.ipynb")
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert sum(len(source.splitlines()) for source in cells) <= 10
