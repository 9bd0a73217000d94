"""Take the pictures that stand in for panels on the web site: ``python -m docs.site.pictures``.

All panels of the course are put into one notebook, served by Voilà, played with a little, and photographed.
"""

import tempfile
from pathlib import Path

import nbformat
from playwright.sync_api import sync_playwright

from tools.browser import ARGUMENTS, DIGITS, Hand, Server, find_chromium

IMAGES = Path(__file__).resolve().parents[1] / "img" / "panels"
CELLS = """
from ipywidgets import HTML
from hwd_lib import plots
from hwd_lib.evaluation import probabilities
from hwd_lib.mnist import Split, load_mnist
from hwd_lib.network import SAVED_NN, Network
from hwd_lib.sweep import grid, sweep
from hwd_lib.widgets.canvas import DigitCanvas
from hwd_lib.widgets.mistakes_gallery import MistakesGallery
from hwd_lib.widgets.move_panel import MovePanel
from hwd_lib.widgets.pipeline_panel import PipelinePanel
from hwd_lib.widgets.sealed_test_set import SealedTestSet
from hwd_lib.widgets.sweep_table import SweepTable
from hwd_lib.widgets.template_painter import TemplatePainter
from hwd_lib.widgets.training_panel import TrainingPanel
from hwd_lib.widgets.workbench import bench

data = load_mnist()
validation = data.validation
network = Network.load(SAVED_NN / "784-100-10.npz")
---
MovePanel(network, validation.images[21:71], DigitCanvas())
---
TemplatePainter(validation.images, validation.labels)
---
TrainingPanel(data.train, validation)
---
settings = grid(layers=[[784, 30, 10], [784, 100, 10]], learning_rate=[0.01, 0.1, 1.0], epochs=[1])
table = SweepTable(settings, 3)
part = data.train.images[:5000], data.train.labels[:5000]
sweep(settings, Split(*part), validation, seeds=3, on_row=table.add, progress=False)
table
---
SealedTestSet(SAVED_NN / "784-100-10.npz")
---
MistakesGallery(validation.images, validation.labels, probabilities(network, validation.images))
---
canvas, answer = DigitCanvas(), HTML()


def show(finished):
    p = network.probabilities(canvas.image.reshape(1, 784))[0]
    answer.value = f"<div class='hwd-said-big'>{p.argmax()}</div>{plots.bars(p, alt='ten probabilities')}"


canvas.on_change(show)
bench(canvas, answer)
---
PipelinePanel({"plain": network, "robust": Network.load(SAVED_NN / "default.npz")})
"""


def main():
    IMAGES.mkdir(parents=True, exist_ok=True)
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in CELLS.split("---")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "panels.ipynb"
        nbformat.write(notebook, path)
        command = ["voila", str(path), "--Voila.ip=127.0.0.1", "--VoilaConfiguration.preheat_kernel=False"]
        server = Server(command, Path(folder), "Voilà is running")
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        try:
            page = browser.new_page(viewport={"width": 900, "height": 900})
            page.set_default_timeout(180_000)
            page.goto(server.url)
            take(page)
        finally:
            server.stop()
            browser.close()


def take(page):
    """Play with each panel, and take its picture."""
    page.locator(".hwd-pipeline").wait_for()
    page.locator(".hwd-painter").get_by_role("button", name="Fill in the mean digits").click()
    training = page.locator(".hwd-panel").first
    training.get_by_role("button", name="Start").click()
    page.wait_for_timeout(15_000)  # a few epochs
    training.get_by_role("button", name="Pause").click()
    hand = Hand(page)
    for kind in ("bench", "pipeline"):
        hand.canvas = page.locator(f".hwd-{kind} canvas").first
        hand.draw(DIGITS[4])
    page.mouse.move(0, 0)
    for kind in ("mover", "painter", "runs", "sealed", "gallery", "pipeline", "bench"):
        page.locator(f".hwd-{kind}").first.screenshot(path=IMAGES / f"{kind}.png")
    training.screenshot(path=IMAGES / "training.png")


if __name__ == "__main__":
    main()
