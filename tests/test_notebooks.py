"""Every notebook runs from top to bottom as shipped, in under a minute, without a warning."""

import contextlib
from pathlib import Path

import nbformat
import psutil
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
LIGHT, QUICK = 0.25, 1  # seconds: cells that take longer train, and hold nothing that these do not
COUNT = """
import contextlib, ctypes, gc, psutil
gc.collect()
with contextlib.suppress(OSError, AttributeError):  # glibc alone keeps what is free, until it is told
    ctypes.CDLL(None).malloc_trim(0)
print(psutil.Process().memory_info().rss)
"""


def strict_client(notebook):
    """What runs a notebook in a new kernel of its own, with warnings as errors."""
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STRICT))
    client = NotebookClient(
        notebook, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}
    )
    client.comm_open_handlers.clear()  # widgets have no browser here, and the kernel must not wait for one
    return client


def processor_time(process):
    """Seconds that a process and those that it started have worked; those of other programs do not count."""
    seconds = 0.0
    for one in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            seconds += sum(one.cpu_times()[:4])  # with those of children that have ended
    return seconds


def execute(notebook):
    """Run all cells in a new kernel, with warnings as errors.

    Returns
    -------
    How many seconds of work that was, and how many MB the fifth run of the quick cells adds over the second.
    """
    client = strict_client(notebook)
    with client.setup_kernel():
        kernel = psutil.Process(client.km.provisioner.pid)
        quick = []
        for index, cell in enumerate(list(notebook.cells)):
            before = processor_time(kernel)
            client.execute_cell(cell, index)
            if (seconds := processor_time(kernel) - before) < QUICK:
                quick.append((cell, index, seconds))
        return processor_time(kernel), growth_of(client, quick)


def growth_of(client, cells):
    """Run cells four times more; returns how many MB of memory the last run leaves more than the first.

    Those that are not light are left out in between.
    """
    count = nbformat.v4.new_code_cell(COUNT)
    client.nb.cells.append(count)  # nbclient runs only what is in the notebook
    client.allow_errors = True  # a name may have another meaning by now, from a cell that is not run again
    counted = []
    for run in range(4):
        for cell, index, seconds in [*cells, (count, len(client.nb.cells) - 1, 0)]:
            if seconds < LIGHT or run in (0, 3):
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
    say(f"notebooks/{name}: {seconds:.1f} s of work; the fifth run adds {growth:.2f} MB over the second")
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
