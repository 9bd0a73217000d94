"""The course as a web site, in the folder `site`: ``python3 start.py site``.

All notebooks are run, two at a time, and made into pages by Sphinx and MyST-NB. What can be moved or drawn on
in the course is a picture here, with a sentence. The pages are static, and ask nobody for anything: they work
when opened from a disk.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PAGE = "read-my-handwriting.html"
PAPERS = ("docs/*.md", "README.md", "CONTRIBUTING.md", "data/README.md", "saved_nn/README.md")
BESIDES = ("app.ipynb", "bug_museum.ipynb", "glossary.ipynb")
LINK = re.compile(r"\]\(<?([^)\s>#]+)[^)]*\)")
WIDGET = "application/vnd.jupyter.widget-view+json"
MINUTES = 5  # for a notebook

# What stands in for a panel: a picture in docs/img, what it shows, and what one does with it in the course.
PANELS = {
    "Recognizer": (
        "app.png",
        "A 3 on the sheet; beside it what is read, ten bars, 28 by 28 pixels, and the hidden units.",
        "In the course, this is a sheet to draw on, and the network reads along.",
    ),
    "MovePanel": (
        "panels/mover.png",
        "A digit of MNIST, two sliders that move it right and down, and ten bars: it is read as a 7.",
        "In the course, you drag the digit about, and watch when the network loses it.",
    ),
    "TemplatePainter": (
        "panels/painter.png",
        "Ten templates in orange and blue, one for each digit; they read 85 % of the validation images.",
        "In the course, you paint the ten templates yourself, and each stroke is scored at once.",
    ),
    "TrainingPanel": (
        "panels/training.png",
        "Two curves, the loss falling and the accuracy rising, and pictures of the first weights.",
        "In the course, you start and pause the training, and change the learning rate while it runs.",
    ),
    "SweepTable": (
        "panels/runs.png",
        "A table with a line for each setting and a column for each seed; its cells hold accuracies.",
        "In the course, this table fills while the networks are trained.",
    ),
    "SealedTestSet": (
        "panels/sealed.png",
        "A sealed box with one button: Open the test set.",
        "In the course, this button opens the test set, for one network, and only once.",
    ),
    "MistakesGallery": (
        "panels/gallery.png",
        "A digit between 9 and 5, what its label says and what the network says, and three verdicts.",
        "In the course, you look at each mistake, and judge: the network, the label, or nobody can tell.",
    ),
    "PipelinePanel": (
        "panels/pipeline.png",
        "A 4 on a sheet, six stages of its way to 28 by 28 pixels, and what two networks read.",
        "In the course, you draw, switch the stages off one by one, and watch what the networks make of it.",
    ),
    "Panel": (
        "panels/bench.png",
        "A sheet with a 4 on it, and beside it the answer: 4, with ten bars.",
        "In the course, this is your own app: you draw, and your function answers.",
    ),
}
OTHERWISE = "In the course, something can be moved here with the mouse."


def main():
    started, site = time.monotonic(), ROOT / "site"
    build(site)
    minutes, seconds = divmod(round(time.monotonic() - started), 60)
    print(f"The site is in {site}, made in {minutes} min {seconds} s. Open index.html there.")


def build(site, run=None):
    """Make the site in the folder `site`, anew.

    Parameters
    ----------
    site : Path
    run : function
        From the path of a notebook to the notebook as it is shown; by default, it is run.
    """
    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder) / "stage"
        for name in ("notebooks", "_static", "extra"):
            (stage / name).mkdir(parents=True)
        notebooks = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
        besides = [ROOT / "notebooks" / name for name in BESIDES]
        os.environ["HWD_PROGRESS"] = str(Path(folder) / "progress.json")  # nobody's own is shown
        os.environ["OPENBLAS_NUM_THREADS"] = "1"  # two run side by side
        with ThreadPoolExecutor(2) as pool:
            for path, notebook in zip(
                notebooks + besides, pool.map(run or run_notebook, notebooks + besides), strict=True
            ):
                nbformat.write(for_the_site(notebook), stage / "notebooks" / path.name)
        papers = sorted(path for pattern in PAPERS for path in ROOT.glob(pattern))
        for path in papers:
            copy(path, stage).write_text(without_folders(path), "utf-8")
        for path in papers + notebooks + besides:
            copy_what_it_links_to(path, stage)
        for picture, *_ in PANELS.values():
            target = stage / "extra" / "notebooks" / "img" / picture
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / "docs" / "img" / picture, target)
        shutil.copy(HERE / "site.css", stage / "_static")
        shutil.copy(ROOT / "docs" / PAGE, stage / "extra")
        shutil.copy(HERE / "conf.py", stage)
        copy(HERE / "try.md", stage)
        copy(HERE / "api.md", stage)
        index = (HERE / "index.md").read_text("utf-8").replace("{page}", PAGE)
        index = index.replace("](try.md)", "](docs/site/try.md)")
        for name, paths in (("course", notebooks), ("besides", besides), ("papers", papers)):
            entries = (path.relative_to(ROOT).with_suffix("").as_posix() for path in paths)
            index = index.replace(f"{{{name}}}", "\n".join(entries))
        (stage / "index.md").write_text(index, "utf-8")
        made = Path(folder) / "site"
        options = ["-W", "--keep-going", "-q", "-j", "2", "-b", "html", "-d", str(Path(folder) / "doctrees")]
        subprocess.run([sys.executable, "-m", "sphinx", *options, str(stage), str(made)], check=True)
        for left_over in (made / ".buildinfo", *made.glob("_static/*macros.html")):
            left_over.unlink(missing_ok=True)
        (made / ".nojekyll").touch()  # for hosts that would leave out folders with an underscore
        if site.exists():
            shutil.rmtree(site)
        shutil.move(made, site)


def run_notebook(path):
    """Run a notebook as shipped, its widgets told to show themselves without a browser."""
    started = time.monotonic()
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, new_code_cell((HERE / "first_cell.py").read_text("utf-8")))
    client = NotebookClient(
        notebook,
        timeout=60 * MINUTES,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.comm_open_handlers.clear()  # there is no browser, and the kernel must not wait for one
    asyncio.run(client.async_execute())
    del notebook.cells[0]
    print(f"{path.name}: {time.monotonic() - started:.0f} s", flush=True)
    return notebook


def for_the_site(notebook):
    """A notebook as its page shows it: pictures in place of panels, and the way to the course."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [still(output) for output in cell.outputs]
    if notebook.cells[0].cell_type == "code":
        notebook.cells.insert(0, new_markdown_cell("# The app"))
    way = "This page is the notebook after its run. [Open it and try](../docs/site/try.md) to play with it."
    notebook.cells.insert(1, new_markdown_cell(f":::{{tip}}\n{way}\n:::"))
    return notebook


def still(output):
    """An output as it is, with links to pages; of a panel, a picture and a sentence."""
    data = output.get("data", {})
    if WIDGET not in data:
        if "text/html" in data:  # the map of the course at the end of each notebook
            data["text/html"] = re.sub(r"(href=.\w+)\.ipynb\b", r"\1.html", data["text/html"])
        return output
    name, _, controls = data["text/plain"].partition("|")
    if name in PANELS:
        picture, alt, sentence = PANELS[name]
        html = f'<img src="img/{picture}" alt="{escape(alt, True)}">'
    else:
        html, sentence = "", OTHERWISE + (f" Here it stands at: {controls}." if controls else "")
    html = f'<figure class="hwd-panel">{html}<figcaption>{escape(sentence)}</figcaption></figure>'
    return new_output("display_data", {"text/html": html})


def copy(path, stage):
    """Copy a file of the project to the same place on the stage; returns that."""
    target = stage / path.relative_to(ROOT)
    target.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(path, target))


def without_folders(path):
    """A text without its links to folders: the site has none that one could look into."""

    def plain(link):
        return link[1] if (path.parent / link[2]).is_dir() else link[0]

    return re.sub(r"\[([^\]]*)\]\(([^)\s#:]+)\)", plain, path.read_text("utf-8"))


def copy_what_it_links_to(path, stage):
    """Copy the files of the project that a text links to: they can be fetched from the site."""
    for link in LINK.findall(path.read_text("utf-8")):
        target = (path.parent / link).resolve()
        if target.is_file() and not (stage / target.relative_to(ROOT)).exists():
            copy(target, stage)


if __name__ == "__main__":
    main()
