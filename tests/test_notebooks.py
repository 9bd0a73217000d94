"""Every notebook runs from top to bottom as shipped, in under a minute, without a warning."""

import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))
SECONDS = 60
STRICT = """
import warnings
warnings.simplefilter("error")
warnings.filterwarnings("ignore", module="ipykernel")  # what the kernel does around the cells is not ours
"""


def execute(notebook):
    """Run all cells in a new kernel, with warnings as errors; returns how many seconds that took."""
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STRICT))
    before = time.perf_counter()
    client = NotebookClient(
        notebook, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}
    )
    client.comm_open_handlers.clear()  # widgets have no browser here, and the kernel must not wait for one
    client.execute()
    return time.perf_counter() - before


@pytest.mark.slow
@pytest.mark.xdist_group("notebooks")  # one at a time: each has as many threads as it likes
@pytest.mark.timeout(3 * SECONDS)
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_runs(name, tmp_path, monkeypatch, say):
    monkeypatch.setenv("HWD_PROGRESS", str(tmp_path / "progress.json"))
    notebook = nbformat.read(FOLDER / name, as_version=4)
    seconds = execute(notebook)
    say(f"notebooks/{name}: {seconds:.1f} s")
    assert seconds < SECONDS
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
