"""The course in JupyterLab: notebooks are opened and run, and what can be moved in them is moved."""

import ast
import io

import nbformat
import numpy as np
import pytest
from PIL import Image

from hwd_lib.augmentation import shift
from hwd_lib.network import SAVED_NN, Network
from hwd_lib.paper.drawn import Look, clear_hand, draw_page
from tools.browser import (
    DIGITS,
    STANDS_STILL,
    Hand,
    Server,
    open_app,
    run_notebook,
    wait_for_end,
    wait_for_guess,
    wait_for_ink,
    wait_for_paper,
)

playwright = pytest.importorskip("playwright.sync_api")
SLOW = 120_000  # milliseconds: a notebook that trains, on a machine that has other things to do
READY = """() => document.querySelector('.hwd-map')
  || document.querySelector('[data-mime-type="application/vnd.jupyter.stderr"]')
  || document.querySelector('[data-mime-type="application/vnd.jupyter.error"]')"""
STATE = """() => [
  ...[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(prompt => prompt.textContent),
  ...[...document.querySelectorAll('.jp-Dialog, .jp-Notebook-ExecutionIndicator')].map(e => e.outerHTML)]"""
ERRORS = '[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]'


def names(code):
    """The names that some code makes, and those that it needs."""
    made, needed = set(), set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Name):
            (needed if isinstance(node.ctx, ast.Load) else made).add(node.id)
        elif isinstance(node, ast.FunctionDef):
            made.add(node.name)
        elif isinstance(node, ast.alias):
            made.add(node.asname or node.name)
    return made, needed


def leave(path, wanted):
    """Leave of a notebook the cells with these words, those that they need, and the last one.

    As a whole it is run by tests/test_notebooks.py.
    """
    notebook, left, needed = nbformat.read(path, as_version=4), [], set()
    *cells, last = (cell for cell in notebook.cells if cell.cell_type == "code" and "??" not in cell.source)
    for cell in [last, *reversed(cells)]:
        made, used = names(cell.source)
        if cell is last or made & needed or any(words in cell.source for words in wanted):
            left.insert(0, cell)
            needed |= used
    notebook.cells = left
    nbformat.write(notebook, path)


def run_all(page, lab, name, *wanted):
    """Open a notebook, run those of its cells, and wait for the map of the course in its last one."""
    if wanted:
        leave(lab.notebooks / name, wanted)
    run_notebook(page, lab.url, name)
    try:
        page.wait_for_function(READY, timeout=SLOW)
    except playwright.TimeoutError:
        pytest.fail(f"{name} did not come to its end: {page.evaluate(STATE)}\n{''.join(lab.log[-10:])}")
    assert page.locator(ERRORS).all_inner_texts() == []
    return page


@pytest.fixture
def tall(new_page):
    """A page as long as what is left of a notebook: JupyterLab makes only what can be seen."""
    return new_page(viewport={"width": 1280, "height": 6_000})


def text_changes(page, locator, act):
    """Do something, and wait until what is written in a part of the page is no longer the same."""
    before = locator.inner_text()
    act()
    page.wait_for_function(
        "([element, before]) => element.innerText !== before", arg=[locator.element_handle(), before]
    )


def save_and_reload(page):
    """Save with Ctrl+S, as somebody does who has just used a panel, and open the page anew."""
    page.keyboard.press("Control+s")
    page.wait_for_function("() => !document.querySelector('.jp-mod-current.jp-mod-dirty')")
    page.reload()
    page.wait_for_selector(".jp-Notebook .hwd-app")


PIXELS = """canvas => {
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return Array.from({length: data.length / 4}, (_, i) => data[4 * i]);
}"""


def wait_for_pixels(page, canvas, image):
    """Wait until a canvas of 28 x 28 shows an image (784,), ink black, to the last grey."""
    grey = [round(255 * (1 - float(ink))) for ink in image]
    page.wait_for_function(
        f"([canvas, grey]) => ({PIXELS})(canvas).every((value, i) => Math.abs(value - grey[i]) < 2)",
        arg=[canvas.element_handle(), grey],
    )


@pytest.mark.timeout(400)
def test_00_draw_then_drag(lab, tall, mnist):
    page = run_all(tall, lab, "00_draw_first.ipynb")
    wait_for_paper(page)
    Hand(page).draw(DIGITS[7])
    wait_for_guess(page, 7)
    assert not page.locator(".hwd-own").is_visible()  # a first visit does not need all of the app

    mover = page.locator(".hwd-mover")
    canvas, image = mover.locator("canvas"), mnist.validation.images[21]
    wait_for_pixels(page, canvas, image)
    box = canvas.bounding_box()
    pixel = box["width"] / 28
    page.mouse.move(box["x"] + 10.5 * pixel, box["y"] + 10.5 * pixel)
    page.mouse.down()
    page.mouse.move(box["x"] + 14.5 * pixel, box["y"] + 9.5 * pixel, steps=5)
    page.mouse.up()
    wait_for_pixels(page, canvas, shift(image[None], 4, -1)[0])
    mover.get_by_text("In the middle it was read as a 7.").wait_for()

    save_and_reload(page)
    wait_for_pixels(page, canvas, shift(image[None], 4, -1)[0])  # as it was
    wait_for_ink(page, DIGITS[7][0][0])
    mover.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowRight")
    wait_for_pixels(page, canvas, shift(image[None], 5, -1)[0])
    mover.get_by_role("button", name="My drawing").click()
    page.wait_for_function("() => document.querySelector('.hwd-mover .hwd-guess').textContent === '7'")
    assert page.locator("img[alt^='Accuracy against shift']").count() == 1


@pytest.mark.timeout(400)
def test_03_a_template_is_painted(lab, tall):
    page = run_all(tall, lab, "03_forward_pass.ipynb", "TemplatePainter(", "factor=(0.0")
    painter = page.locator(".hwd-painter")

    def paint(x, y):
        box = painter.locator("canvas").bounding_box()
        painter.locator("canvas").evaluate(STANDS_STILL)
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.mouse.down()
        page.mouse.up()
        at = [round(28 * x), round(28 * y)]
        script = """([canvas, [x, y]]) => {
          const [red, , blue] = canvas.getContext('2d').getImageData(x, y, 1, 1).data;
          return red > blue + 50; }"""
        page.wait_for_function(script, arg=[painter.locator("canvas").element_handle(), at])

    paint(0.5, 0.5)
    painter.get_by_text("1 of 10 templates painted").wait_for()
    save_and_reload(page)
    painter.get_by_text("1 of 10 templates painted").wait_for()
    paint(0.3, 0.7)  # the sheet is alive

    interaction = page.locator(".widget-interact", has_text="factor")
    interaction.get_by_role("slider").focus()
    text_changes(page, interaction.locator(".jp-OutputArea"), lambda: page.keyboard.press("PageUp"))


POINTS = "(document.querySelector('.hwd-training polyline')?.getAttribute('points') ?? '').split(' ').length"


@pytest.mark.timeout(600)
def test_05_start_pause_steer_and_diverge(lab, tall):
    page = run_all(tall, lab, "05_training.ipynb", "TrainingPanel(")
    panel = page.locator(".hwd-training")

    def press(name):
        panel.get_by_role("button", name=name).click()

    assert panel.locator("polyline").count() == 0  # it does not start by itself
    weights = panel.locator("img").get_attribute("src")
    press("Start")
    page.wait_for_function(f"() => {POINTS} > 5")
    press("Pause")
    panel.get_by_role("status").get_by_text("Run 1 is paused.").wait_for()
    panel.get_by_role("button", name="Continue").wait_for()
    assert panel.locator("img").get_attribute("src") != weights

    rate = panel.get_by_role("slider")
    rate.focus()
    page.keyboard.press("ArrowLeft")
    seen = page.evaluate(POINTS)
    press("Continue")
    page.wait_for_function(f"() => {POINTS} > {seen}")
    panel.get_by_text("rate 0.1 → 0.0891").wait_for()
    rate.focus()
    page.keyboard.press("ArrowLeft")  # and now while it runs
    panel.get_by_text("→ 0.0794").wait_for()
    press("Reset")
    panel.get_by_role("cell", name="stopped by you", exact=True).wait_for()  # the status goes on at once
    save_and_reload(page)
    panel.get_by_role("cell", name="stopped by you", exact=True).wait_for()

    rate.focus()
    page.keyboard.press("End")
    press("Start")
    panel.locator("svg text", has_text="diverged").first.wait_for()
    press("Reset")
    assert panel.locator("polyline").count() == 4  # two runs, in two charts
    page.wait_for_function(  # the figures of a run that is reset are gone, once its last step has ended
        "() => [...document.querySelectorAll('.hwd-numbers')].every(one => !one.innerText)"
    )
    page.set_viewport_size({"width": 1366, "height": 768})
    panel.evaluate(STANDS_STILL)
    seen = page.locator(".jp-WindowedPanel-outer").bounding_box()
    whole = panel.bounding_box()  # with two runs in its table
    assert whole["y"] >= seen["y"] and whole["y"] + whole["height"] <= seen["y"] + seen["height"]
    press("Clear runs")
    page.wait_for_function("() => !document.querySelector('.hwd-training polyline')")


@pytest.mark.timeout(400)
def test_07_verdicts_by_mouse_and_by_keyboard(lab, tall):
    page = run_all(tall, lab, "07_mistakes.ipynb", "MistakesGallery(", "reader=list(readers)")
    gallery = page.locator(".hwd-gallery")
    gallery.get_by_text("Mistake 1 of 74").wait_for()
    gallery.get_by_role("button", name="The network is wrong").click()
    gallery.get_by_text("Mistake 2 of 74").wait_for()
    page.keyboard.press("Tab")  # from the button that was pressed to the next one
    page.keyboard.press("Enter")
    gallery.get_by_text("Mistake 3 of 74").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    gallery.get_by_text("Mistake 4 of 74").wait_for()
    words = "3 of 74 judged. the network is wrong: 1, i cannot tell: 1, the label is wrong: 1."
    gallery.get_by_role("img", name=words).wait_for()
    gallery.get_by_role("button", name="Back").click()
    gallery.get_by_text("Your verdict: the label is wrong.").wait_for()

    temperature = page.locator(".widget-interact", has_text="cross-entropy")
    temperature.get_by_role("slider").focus()
    text_changes(page, temperature.locator(".jp-OutputArea"), lambda: page.keyboard.press("PageUp"))


@pytest.mark.timeout(400)
def test_08_stages_are_switched(lab, tall):
    page = run_all(tall, lab, "08_your_handwriting.ipynb", "PipelinePanel(")
    wait_for_paper(page)
    panel = page.locator(".hwd-pipeline")
    small = [[(0.1 + 0.4 * (x - 0.28), 0.1 + 0.4 * (y - 0.24)) for x, y in DIGITS[7][0]]]
    Hand(page).draw(small)
    points = 1 + 2 * (len(small[0]) - 1)
    stages = panel.locator(".hwd-stage")
    assert stages.count() == panel.get_by_role("checkbox").count() == 6

    def image(without=""):
        """What the networks get, as SVG, once these stages are off."""
        page.wait_for_selector(f'.hwd-readers[data-points="{points}"][data-without="{without}"]')
        return stages.last.locator("svg").evaluate("svg => svg.outerHTML")

    whole = image()
    wait_for_guess(page, 7)
    panel.get_by_text("Fit to box").click()
    assert image("fit").count("h1v1") < whole.count("h1v1") / 2  # a small digit has few pixels
    assert panel.locator(".hwd-off").count() == 1
    panel.get_by_text("Soft edge").click()
    assert image("fit soft").count("fill-opacity") == 1  # all ink is black
    panel.get_by_text("Soft edge").click()
    panel.get_by_text("Fit to box").click()
    assert image() == whole
    wait_for_guess(page, 7)
    save_and_reload(page)
    wait_for_ink(page, small[0][0])
    wait_for_guess(page, 7)
    panel.get_by_role("button", name="Clear").click()
    wait_for_guess(page, None)
    Hand(page).draw(DIGITS[3])
    wait_for_ink(page, DIGITS[3][0][0])


def draw_in_own_app(page, hand):
    """Draw a 3 in the app that notebook 9 builds, and see it answered."""
    hand.canvas = page.locator(".hwd-bench canvas")
    hand.draw(DIGITS[3])
    page.wait_for_function("() => document.querySelector('.hwd-bench .hwd-said-big')?.textContent === '3'")
    page.locator(".hwd-bench").get_by_role("button", name="New sheet").click()
    page.wait_for_function("() => document.querySelector('.hwd-bench .hwd-said-big').textContent === ''")


@pytest.mark.timeout(400)
def test_09_draw_and_teach(lab, tall):
    page = run_all(tall, lab, "09_draw.ipynb")
    wait_for_paper(page)
    hand = Hand(page)
    for kept in (1, 2):
        hand.draw(DIGITS[7])
        wait_for_guess(page, 7)
        wait_for_end(page)
        page.locator(".hwd-what button").nth(7).click()
        page.wait_for_function(
            "kept => document.querySelectorAll('.hwd-thumbs li').length === kept", arg=kept
        )
        wait_for_guess(page, None)
    page.get_by_role("button", name="Teach it my digits").click()
    lesson = page.locator(".hwd-lesson")
    lesson.get_by_text("your 2 digits").wait_for()
    assert lesson.get_by_text("of MNIST").count() == 1
    page.get_by_role("button", name="Undo teaching").click()
    lesson.wait_for(state="detached")
    draw_in_own_app(page, hand)


@pytest.fixture
def voila_09(browser, tmp_path):
    """Voilà with the project's own settings, memory of a visitor included, and notebook 09 as its page."""
    command = ["voila", "notebooks/09_draw.ipynb", "--Voila.ip=127.0.0.1"]
    server = Server([*command, "--VoilaConfiguration.default_pool_size=1"], tmp_path, "is filled with")
    yield server
    server.stop()


@pytest.mark.timeout(400)
def test_09_is_a_page_too(voila_09, new_page):
    page = open_app(new_page(), voila_09.url)
    hand = Hand(page)
    hand.draw(DIGITS[7])
    wait_for_guess(page, 7)
    draw_in_own_app(page, hand)
    page.locator(".hwd-map").wait_for()  # the last cell has run, too
    assert page.get_by_text("Nothing is written here yet.").count() == 5  # the exercises
    assert page.locator("img").count() == 3  # the pictures


@pytest.mark.timeout(400)
def test_06_a_sweep_fills_its_table_and_the_test_set_opens_once(lab, tall):
    page = run_all(tall, lab, "06_experiments.ipynb", "draw=(1, 50)", "on_row=table.add", "SealedTestSet(")
    tables = page.locator(".hwd-runs")
    tables.get_by_text("20 of 20 runs").wait_for()
    tables.get_by_text("30 of 30 runs").wait_for()
    assert tables.nth(1).locator("circle").count() == 30

    draws = page.locator(".widget-interact", has_text="errors apart")
    draws.get_by_role("slider").nth(1).focus()
    text_changes(page, draws.locator(".jp-OutputArea"), lambda: page.keyboard.press("ArrowRight"))

    sealed = page.locator(".hwd-sealed")
    sealed.get_by_text("Sealed.").wait_for()
    button = page.get_by_role("button", name="Open the test set")
    button.click()
    sealed.get_by_text("digits read right").wait_for()
    assert button.is_disabled()


@pytest.mark.timeout(400)
def test_10_a_photo_goes_the_whole_way(lab, tall):
    """A page is chosen as one's photo, and read from the next cell on; a slider changes what is shown."""
    network = Network.load(SAVED_NN / "default.npz")
    look = Look(height=90, step=1.3)
    picture = draw_page(["2046", "781"], np.random.default_rng(5), look, clear_hand(network))
    photo = io.BytesIO()
    Image.fromarray(picture).save(photo, "JPEG")
    wanted = "upload.value", "read_page(picture", "with_gap"
    page = run_all(tall, lab, "10_paper.ipynb", *wanted)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="A photo").click()
    chooser.value.set_files({"name": "mine.jpg", "mimeType": "image/jpeg", "buffer": photo.getvalue()})
    page.get_by_role("button", name="A photo (1)").wait_for()
    page.locator(".jp-CodeCell .cm-content", has_text="for file in upload.value").click()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run Selected Cell and All Below").click()
    page.get_by_text("yours ours ['2046', '781'] library ['2046', '781']").wait_for(timeout=SLOW)

    gap = page.locator(".widget-interact", has_text="gap")
    gap.get_by_role("combobox").select_option("yours")
    gap.locator("img[alt^='7 boxes']").wait_for()
    gap.get_by_role("slider").focus()
    page.keyboard.press("End")
    gap.locator("img[alt$='swollen by 8 pixels']").wait_for()
