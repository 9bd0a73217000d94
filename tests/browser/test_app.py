"""Everything else that the app offers: with mouse and with touch, on a slow line and on a broken one."""

import base64
import inspect
import io
import json
import os
import re

import numpy as np
import pytest
from PIL import Image

from hwd_lib.network import Network
from hwd_lib.page import make_page
from hwd_lib.paper.drawn import Look, clear_hand, draw_page
from hwd_lib.saved import default_network
from tools.browser import DIGITS, Hand, Wire, open_app, wait_for_end, wait_for_guess, wait_for_ink
from tools.letters import LETTERS


def by_mouse_and_by_finger(scene):
    """A test that plays a scene with a mouse, and then with a finger on the same page, as new again."""
    _, *fixtures = inspect.signature(scene).parameters

    def test(voila, new_page, request):
        page = open_app(new_page(has_touch=True, accept_downloads=True), voila.url)
        window = page.viewport_size
        chosen = {menu: page.get_by_label(menu).input_value() for menu in ("Compare with", "Reads along")}
        more = [request.getfixturevalue(name) for name in fixtures]
        scene(Hand(page, "mouse"), *more)
        page.set_viewport_size(window)
        as_new(page, chosen)
        scene(Hand(page, "touch"), *more)

    test.__name__ = test.__qualname__ = scene.__name__
    return test


def as_new(page, chosen):
    """Take back all that was done in the app, by its own buttons; `chosen` is what its menus began with."""
    for menu, value in chosen.items():
        page.get_by_label(menu).select_option(value)
    if page.locator(".hwd-why[aria-pressed=true]").count():
        page.get_by_role("button", name="Why this digit?").click()
    for name in ("Undo teaching", "Forget my digits", "Clear"):
        button = page.get_by_role("button", name=name, exact=True)
        if button.is_visible() and button.is_enabled():
            button.click()
    page.locator(".hwd-lesson").wait_for(state="detached")
    page.get_by_text("None yet").wait_for()
    wait_for_state(page, "empty")


# What the app says, all of one reading: the page is painted anew while one looks.
LOOK = """() => {
  const text = selector => document.querySelector(selector)?.textContent ?? '';
  return {
    state: document.querySelector('.hwd-answer').dataset.state,
    guess: text('.hwd-guess'), sentence: text('.hwd-verdict'), note: text('.hwd-saying .hwd-note'),
    said: text('.hwd-said'), points: +document.querySelector('[data-points]').dataset.points,
    highest: Math.max(...[...document.querySelectorAll('.hwd-probability')].map(bar => +bar.dataset.value)),
  };
}"""
DOT = [[(0.5, 0.5)]]
SCRIBBLE = [[(0.2 + 0.6 * (k % 2), 0.2 + 0.05 * k) for k in range(13)]]


def wait_for_state(page, state):
    """Wait until the app is in a state; returns what it says then."""
    page.wait_for_selector(f".hwd-answer[data-state={state}]")
    return page.evaluate(LOOK)


def same_answer(**probabilities):
    """A network that gives the same answer to everything, as a file: ``same_answer(d4=0.5, d9=0.4)``."""
    network = Network([784, 10])
    network.parameters[:] = 0
    network.biases[0][:] = np.log([probabilities.get(f"d{digit}", 0.001) for digit in range(10)])
    file = io.BytesIO()
    network.save(file)
    return file.getvalue()


def fill_the_sheet(page, strokes=499):
    """Bring back a drawing of all strokes but one that a sheet takes, as the page does after a reload."""
    parts = [[[300, 100 + k], [310, 103 + k]] for k in range(strokes)]  # together a line from top to bottom
    page.locator(".hwd-memory textarea").first.evaluate(
        """(memory, drawing) => {
          memory.value = drawing;
          for (const kind of ['input', 'change']) memory.dispatchEvent(new Event(kind, {bubbles: true}));
        }""",
        json.dumps(parts),
    )
    page.wait_for_selector(f"[data-points='{2 * strokes}']")
    wait_for_end(page)


@by_mouse_and_by_finger
def test_no_digit_is_called_none(hand):
    page = hand.page
    hand.press("Why this digit?")
    for drawing in (DOT, SCRIBBLE):
        hand.draw(drawing)
        wait_for_end(page)
        seen = page.evaluate(LOOK)
        assert (seen["state"], seen["guess"], seen["sentence"]) == ("nothing", "?", "I see no digit here.")
        assert seen["note"].startswith("Draw one digit, 0 to 9.") and seen["highest"] < 0.35
        assert seen["said"] == f"{seen['sentence']} {seen['note']}"
        assert page.locator(".hwd-legend").count() == 0  # there is nothing to explain
        hand.press("Clear")
        seen = wait_for_state(page, "empty")
        assert seen["guess"] == "" and page.get_by_text("Draw a digit here").is_visible()
        page.wait_for_function("() => document.querySelector('.hwd-said').textContent === ''")
    hand.draw(DIGITS[7])
    page.locator(".hwd-legend").wait_for()


@by_mouse_and_by_finger
def test_a_stroke_that_has_just_begun_is_not_judged(hand):
    page = hand.page
    hand.down(DIGITS[7][0][0])
    seen = wait_for_state(page, "drawing")
    assert (seen["guess"], seen["sentence"], seen["said"]) == ("…", "Go on …", "")
    for point in DIGITS[7][0][1:]:
        hand.move(point)
    wait_for_guess(page, 7)
    seen = page.evaluate(LOOK)
    assert seen["state"] == "drawing" and seen["sentence"].endswith("so far …") and seen["said"] == ""
    hand.up()
    wait_for_end(page)
    seen = page.evaluate(LOOK)
    assert seen["state"] in ("sure", "likely")
    assert "7" in seen["sentence"] and seen["said"] == seen["sentence"]


@by_mouse_and_by_finger
def test_a_network_in_two_minds_says_so(hand):
    page = hand.page
    open_file(hand, "torn.npz", same_answer(d9=0.5, d4=0.4))
    page.locator(".hwd-facts", has_text="784 – 10").wait_for()
    hand.draw(DIGITS[7][:1])
    wait_for_end(page)
    seen = page.evaluate(LOOK)
    assert (seen["state"], seen["guess"]) == ("unsure", "9")
    assert seen["sentence"] == seen["said"] == "It could be 4 or 9."
    hand.down((0.3, 0.5))
    seen = wait_for_state(page, "drawing")
    assert (seen["guess"], seen["sentence"]) == ("9", "4 or 9 so far …")
    hand.up()


@by_mouse_and_by_finger
def test_a_full_sheet_takes_no_more_ink(hand):
    page = hand.page
    fill_the_sheet(page)
    assert page.evaluate(LOOK)["state"] != "full"
    hand.draw([[(0.8, 0.2), (0.8, 0.4)]])
    wait_for_ink(page, (0.8, 0.3))
    seen = wait_for_state(page, "full")
    assert seen["note"] == "The sheet is full: clear it to draw on."
    page.wait_for_function("() => document.querySelector('.hwd-said').textContent.includes('sheet is full')")

    hand.draw([[(0.2, 0.6), (0.2, 0.8)]])  # too much
    hand.press("Undo")  # what comes after it was answered: so it was, too
    page.wait_for_selector("[data-points='998']")
    wait_for_ink(page, (0.8, 0.3), ink=False)
    wait_for_ink(page, (0.2, 0.7), ink=False)
    assert page.evaluate(LOOK)["state"] != "full"
    hand.press("Clear")
    wait_for_state(page, "empty")
    hand.draw(DIGITS[7])
    wait_for_guess(page, 7)


@by_mouse_and_by_finger
def test_see_it_think(hand):
    page = hand.page
    hand.draw(DIGITS[4])
    wait_for_end(page)
    inside = page.locator(".hwd-inside figure")
    assert inside.count() == 4
    assert page.locator(".hwd-line").count() == 2  # the strokes, and the strokes in their box
    assert inside.nth(2).locator(".hwd-ink").count() > 5  # shades of grey
    assert page.locator(".hwd-units").first.get_attribute("aria-label") == "Hidden layer 1"
    assert page.locator(".hwd-lit").count() > 3

    hand.press("Why this digit?")
    page.locator(".hwd-for").first.wait_for()
    assert page.locator(".hwd-against").count() > 0 and page.locator(".hwd-legend").is_visible()
    hand.press("Why this digit?")
    page.locator(".hwd-legend").wait_for(state="detached")

    hand.press("Undo")  # the second stroke of the 4
    wait_for_ink(page, (0.58, 0.82), ink=False)
    wait_for_ink(page, DIGITS[4][0][0])
    hand.press("Undo")
    wait_for_guess(page, None)


@by_mouse_and_by_finger
def test_examples(hand):
    page = hand.page
    pictures = page.locator(".hwd-examples button").evaluate_all(
        "buttons => buttons.map(button => getComputedStyle(button).backgroundImage)"
    )
    encoded = [re.fullmatch(r'url\("data:image/png;base64,(.+)"\)', picture)[1] for picture in pictures]
    shown = [np.asarray(Image.open(io.BytesIO(base64.b64decode(code)))) for code in encoded]
    images = np.array([1 - grey[::2, ::2] / 255 for grey in shown])  # (56, 56) each -> (10, 28, 28)
    probabilities = Network.load(default_network()).probabilities(images.reshape(10, 784))
    surest = np.argsort(-probabilities.max(axis=1))[:2]  # some are read wrong, as they are of MNIST
    for button in map(int, surest):
        hand.press(page.locator(".hwd-examples button").nth(button))
        wait_for_guess(page, probabilities[button].argmax())
        wait_for_end(page)
    before = pictures[0]
    hand.press("Others")
    picture = "getComputedStyle(document.querySelector('.hwd-examples button')).backgroundImage"
    page.wait_for_function(f"before => {picture} !== before", arg=before)
    hand.draw(DIGITS[7])  # drawing takes a clean sheet
    wait_for_guess(page, 7)


@by_mouse_and_by_finger
def test_teach_it_your_hand(hand):
    page = hand.page
    for digit, called in ((7, 7), (4, 9)):  # somebody who writes a 9 that others take for a 4
        hand.draw(DIGITS[digit])
        wait_for_end(page)
        hand.press(page.locator(".hwd-what button").nth(called))
        wait_for_guess(page, None)
    page.locator(".hwd-count", has_text="1 of 2").wait_for()
    assert page.locator(".hwd-thumbs li").count() == 2
    assert page.locator(".hwd-missed").inner_text().split() == ["✗", "9", "read", "4"]

    hand.press("Teach it my digits")
    page.locator(".hwd-count", has_text="2 of 2").wait_for()
    assert "2 right" in page.locator(".hwd-lesson").inner_text()
    assert "taught" in page.get_by_label("Reads along").locator("option:checked").inner_text()
    hand.draw(DIGITS[4])
    wait_for_guess(page, 9)
    hand.press("Undo teaching")
    wait_for_guess(page, 4)
    page.locator(".hwd-count", has_text="1 of 2").wait_for()
    hand.press("Forget my digits")
    page.get_by_text("None yet").wait_for()


@by_mouse_and_by_finger
def test_ones_own_digits_go_home_and_come_back(hand):
    page = hand.page
    for digit in (7, 0):
        hand.draw(DIGITS[digit])
        wait_for_guess(page, digit)
        hand.press(page.locator(".hwd-what button").nth(digit))
        wait_for_guess(page, None)
    page.locator(".hwd-count", has_text="2 of 2").wait_for()
    name, content = take(hand, "My digits (JSON)")
    assert name == "my_digits.json"
    assert [sample["label"] for sample in json.loads(content)["samples"]] == [7, 0]

    hand.press("Forget the last")
    page.locator(".hwd-count", has_text="1 of 1").wait_for()
    assert page.locator(".hwd-thumbs li").all_inner_texts() == ["✓ 7"]
    hand.press("Forget the last")
    page.get_by_text("None yet").wait_for()
    for button in ("Teach it my digits", "Forget the last", "Forget my digits"):
        page.locator("button:disabled", has_text=button).wait_for()

    open_file(hand, name, content)
    page.locator(".hwd-count", has_text="2 of 2").wait_for()
    assert page.locator(".hwd-thumbs li").all_inner_texts() == ["✓ 0", "✓ 7"]  # the latest first
    open_file(hand, "shopping.json", b'{"milk": 2}')
    page.locator(".hwd-wrong", has_text="shopping.json: expected digits").wait_for()


def choose(page, menu, name):
    """Choose the first entry of a menu whose text begins so."""
    texts = page.get_by_label(menu).locator("option").all_text_contents()
    index = next(i for i, text in enumerate(texts) if text.replace("\xa0", " ").startswith(name))
    page.get_by_label(menu).select_option(index=index)


def open_file(hand, name, content):
    with hand.page.expect_file_chooser() as dialog:
        hand.press(hand.page.locator(".widget-upload:not(.hwd-photo)"))
    dialog.value.set_files({"name": name, "mimeType": "", "buffer": content})


def take(hand, name):
    """Press a link that downloads; returns the name of the file, and what is in it."""
    with hand.page.expect_download() as download:
        hand.press(hand.page.get_by_role("link", name=name))
    return download.value.suggested_filename, download.value.path().read_bytes()


@by_mouse_and_by_finger
def test_networks_of_ones_own(hand):
    page = hand.page
    hand.draw(DIGITS[7])
    wait_for_guess(page, 7)

    open_file(hand, "holiday.npz", b"a picture of a holiday")
    page.locator(".hwd-wrong", has_text="holiday.npz: expected").wait_for()
    open_file(hand, "large.npz", bytes(11_000_000))
    page.locator(".hwd-wrong", has_text="too large").wait_for()

    open_file(hand, "blind.npz", same_answer(d3=1))
    wait_for_guess(page, 3)
    assert page.locator(".hwd-units").count() == 0  # it has no hidden units

    choose(page, "Compare with", "One hidden layer of 100")
    page.wait_for_function("() => document.querySelector('.hwd-rival-guess')?.textContent === '7'")
    assert page.locator(".hwd-guess").inner_text() == "3"
    choose(page, "Reads along", "One hidden layer of 100")
    wait_for_guess(page, 7)
    choose(page, "Compare with", "no")
    page.locator(".hwd-rival-guess").wait_for(state="detached")


@by_mouse_and_by_finger
def test_take_it_home(hand):
    page = hand.page
    page.get_by_text("Draw something first").wait_for()
    hand.draw(DIGITS[7])
    wait_for_end(page)

    name, content = take(hand, "Picture (PNG)")
    picture = np.asarray(Image.open(io.BytesIO(content)))
    assert name == "digit.png" and picture.shape == (280, 280) and picture.min() < 30 and picture.max() == 255
    name, content = take(hand, "Strokes (JSON)")
    (stroke,) = json.loads(content)
    np.testing.assert_allclose(
        np.array([stroke[0], stroke[-1]]) / 800, [DIGITS[7][0][0], DIGITS[7][0][-1]], atol=0.01
    )
    hand.press("Pack the network …")
    name, content = take(hand, re.compile("npz"))
    network = Network.load(io.BytesIO(content), name)
    assert name.endswith(".npz") and network.layers[0] == 784
    hand.press("As a page that works anywhere …")
    name, content = take(hand, re.compile("html"))
    assert name == "default.html" and content.decode() == make_page(network, "default")


@by_mouse_and_by_finger
def test_a_network_of_letters(hand, letters, axe):
    """Its letters are the guess and the names of the bars; what is of digits alone goes, and comes back."""
    page, file = hand.page, io.BytesIO()
    letters.save(file)
    open_file(hand, "letters.npz", file.getvalue())
    page.locator(".hwd-others").wait_for()
    hand.draw(LETTERS["A"])
    page.locator(".hwd-verdict", has_text="This is an A.").wait_for()
    assert page.evaluate(LOOK)["guess"] == "A"
    assert page.locator(".hwd-bars b").all_inner_texts() == [*LETTERS]
    for gone in ("A number", "Teach it my digits", "Others"):
        assert not page.get_by_role("button", name=gone, exact=True).is_visible()
    assert page.get_by_role("heading").all_inner_texts() == [
        "Draw what it knows", "Networks", "Take it with you",
    ]  # fmt: skip
    assert violations(page, axe) == []
    for width, height in ((1280, 720), (390, 664)):
        page.set_viewport_size({"width": width, "height": height})
        box = page.locator(".hwd-bars").bounding_box()
        assert box["height"] < 0.7 * height and box["width"] < width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        tall = "all => Math.max(...all.map(each => each.clientHeight))"
        assert page.locator(".hwd-bars span").evaluate_all(tall) < 25  # no number takes two lines
    choose(page, "Reads along", "One hidden layer of 100")
    page.get_by_role("button", name="A number", exact=True).wait_for()
    hand.press("Clear")
    page.wait_for_function("() => document.querySelectorAll('.hwd-bars b').length === 10")


@pytest.fixture(scope="session")
def axe(root):
    """The source of axe-core, which checks a page against WCAG. `.ci/run` fetches it by npm."""
    path = root / "tests" / "browser" / "node_modules" / "axe-core" / "axe.min.js"
    if not path.exists():
        (pytest.fail if os.environ.get("HWD_REQUIRE_BROWSER") == "1" else pytest.skip)(
            "The check against WCAG needs axe-core, and it is not there. With Node.js installed, fetch it by "
            "npm install --no-package-lock --prefix tests/browser; .ci/run does that."
        )
    return path.read_text("utf-8")


def violations(page, axe, themes=("dark", "light")):
    """What stands in the way of somebody on this page, in dark and in light colours, as axe-core finds it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
    run, tags = (
        "tags => axe.run(document, {runOnly: tags})",
        ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    )
    found = []
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        for one in page.evaluate(run, tags)["violations"]:
            found.append((theme, one["id"], [node["html"][:200] for node in one["nodes"]]))
    return found


def test_nothing_stands_in_the_way_of_anybody(voila, new_page, axe, papers):
    page = open_app(new_page(), voila.url)
    hand = Hand(page)
    assert violations(page, axe) == []
    hand.draw(DIGITS[7])
    wait_for_end(page)
    hand.press(page.locator(".hwd-what button").nth(3))
    page.locator(".hwd-missed").wait_for()
    hand.draw(DIGITS[4])
    wait_for_end(page)
    hand.press("Why this digit?")
    choose(page, "Compare with", "One hidden layer of 100")
    page.locator(".hwd-rival-guess").wait_for()
    hand.press("Teach it my digits")
    page.locator(".hwd-lesson").wait_for()
    hand.press("Pack the network …")
    page.get_by_role("link", name=re.compile("npz")).wait_for()
    open_file(hand, "no.npz", b"no network")
    page.locator(".hwd-wrong").wait_for()
    page.evaluate(BRING, ["drop", base64.b64encode(papers[0][0]).decode()])
    hand.press(page.locator("[data-mark='2']"))
    page.locator(".hwd-mark .hwd-best").wait_for()
    assert violations(page, axe) == []
    assert page.locator(".hwd-said").get_attribute("role") == "status"


def test_everything_but_the_drawing_works_by_keyboard(voila, new_page):
    page = open_app(new_page(), voila.url)
    Hand(page).draw(DIGITS[7])
    wait_for_end(page)

    def press(name, key="Enter"):
        """Go on by Tab to what has this name, and press a key."""
        script = "e => e.title || e.labels?.[0]?.textContent || e.textContent.trim()"
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate(f"({script})(document.activeElement)") == name:
                return page.keyboard.press(key)
        return pytest.fail(f"Tab never comes to “{name}”.")

    press("It is a 7", "Space")
    page.locator(".hwd-count", has_text="1 of 1").wait_for()
    press("Why this digit?", "Space")
    page.wait_for_selector(".hwd-why[aria-pressed=true]")
    press("Teach it my digits")
    page.locator(".hwd-lesson").wait_for()
    press("Undo teaching")
    page.locator(".hwd-lesson").wait_for(state="detached")
    press("Compare with", "ArrowDown")
    page.locator(".hwd-rival-guess").wait_for()
    press("Show an 8")
    wait_for_end(page)
    press("Others")
    press("Pack the network …")
    page.get_by_role("link", name=re.compile("npz")).wait_for()


@pytest.fixture
def wire(voila):
    wire = Wire(voila.port)
    yield wire
    wire.close()


@pytest.mark.parametrize("kind", ["mouse", "touch"])
def test_a_slow_line_loses_nothing(wire, new_page, kind):
    wire.delay = 0.1
    page = open_app(new_page(has_touch=kind == "touch"), wire.url)
    Hand(page, kind).draw(DIGITS[4], steps=3)
    memory = "document.querySelector('.hwd-memory textarea').value"
    page.wait_for_function(f"() => {memory} && JSON.parse({memory}).length === 2")
    wait_for_guess(page, 4)
    for stroke, drawn in zip(json.loads(page.evaluate(memory)), DIGITS[4], strict=True):
        np.testing.assert_allclose(np.array(stroke)[::3][: len(drawn)] / 800, drawn, atol=0.005)


def test_a_pen_without_an_answer_is_a_lost_connection(wire, new_page):
    page = open_app(new_page(), wire.url)
    hand, notice = Hand(page), page.get_by_text("Reconnecting…")
    hand.draw(DIGITS[4][:1])
    wait_for_end(page)
    wire.hang()
    hand.draw(DIGITS[4][1:])
    notice.wait_for()
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_function("() => window.scrollY > 200")
    assert notice.bounding_box()["y"] >= 0
    wire.mend()
    notice.wait_for(state="hidden")
    wait_for_ink(page, DIGITS[4][1][-1])
    wait_for_guess(page, 4)


CUT = ("ERR_", "WebSocket")  # Chromium complains of a line that was cut; nothing else may go wrong


@pytest.mark.parametrize("kind", ["mouse", "touch"])
def test_a_lost_connection_keeps_the_drawing(wire, new_page, kind):
    page = open_app(new_page(has_touch=kind == "touch"), wire.url)
    hand, notice = Hand(page, kind), page.get_by_text("Reconnecting…")
    hand.draw(DIGITS[4][:1])
    wait_for_end(page)
    assert not notice.is_visible()
    page.excused += CUT
    wire.cut()
    notice.wait_for()
    wait_for_ink(page, DIGITS[4][0][0])
    hand.draw(DIGITS[4][1:])  # drawn while there is no connection
    wire.mend()
    notice.wait_for(state="hidden", timeout=10_000)  # JupyterLab alone takes 10 to 30 s
    wait_for_ink(page, DIGITS[4][1][-1])
    wait_for_guess(page, 4)


def test_nothing_stands_in_the_way_in_any_state(wire, new_page, axe):
    page = open_app(new_page(), wire.url)
    hand = Hand(page)

    def look(state):
        seen = wait_for_state(page, state)
        assert violations(page, axe) == [], state
        return seen

    hand.draw(SCRIBBLE)
    look("nothing")
    hand.press("Clear")
    wait_for_state(page, "empty")
    fill_the_sheet(page)
    hand.draw(DOT)
    assert "full" in look("full")["note"]
    open_file(hand, "torn.npz", same_answer(d9=0.5, d4=0.4))
    hand.press("Clear")
    wait_for_state(page, "empty")
    hand.draw(DIGITS[7])
    look("unsure")
    hand.down((0.4, 0.5))
    look("drawing")
    hand.up()
    wait_for_state(page, "unsure")
    page.excused += CUT
    wire.cut()
    page.get_by_text("Reconnecting…").wait_for()
    look("unsure")


# From paper -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def papers():
    """Pages of digits, drawn, as large JPEGs; and what stands on each."""
    hand, rng = clear_hand(Network.load(default_network())), np.random.default_rng(3)
    made = []
    for lines in (["3 1 4", "1 5 9"], ["3 4 1", "5 9"], ["1 4", "3 9"], ["9 1 4", "3 5"]):
        drawn = draw_page(lines, rng, Look(height=190, rules="ruled"), hand)
        assert max(drawn.shape) > 1000
        file = io.BytesIO()
        Image.fromarray(drawn).save(file, "JPEG")
        made.append((file.getvalue(), [line.replace(" ", "") for line in lines]))
    return made


BRING = """([kind, content]) => {
  const bytes = Uint8Array.from(atob(content), letter => letter.charCodeAt());
  const files = new DataTransfer();
  files.items.add(new File([bytes], 'page.jpg', {type: 'image/jpeg'}));
  const target = document.querySelector('.hwd-app');
  const options = {bubbles: true, cancelable: true};
  const event = kind === 'drop' ? new DragEvent('drop', {dataTransfer: files, ...options})
    : new ClipboardEvent('paste', {clipboardData: files, ...options});
  target.dispatchEvent(event);
}"""


def test_a_picture_of_paper_is_read(voila, new_page, papers):
    page = open_app(new_page(has_touch=True), voila.url)
    ways = (("drop", "mouse"), ("paste", "touch"), ("dialog", "mouse"), ("dialog", "touch"))
    for (way, kind), (content, lines) in zip(ways, papers, strict=True):
        hand = Hand(page, kind)
        if way == "dialog":
            with page.expect_file_chooser() as chooser:
                hand.press(page.locator(".hwd-photo"))
            chooser.value.set_files({"name": "page.jpg", "mimeType": "image/jpeg", "buffer": content})
        else:
            page.evaluate(BRING, [way, base64.b64encode(content).decode()])
        read = "document.querySelector('.hwd-lines')?.innerText.split(/\\s+/).filter(Boolean).join(' ')"
        page.wait_for_function(f"text => {read} === text", arg=" ".join(lines))
        digits = "".join(lines)
        assert page.locator("[data-mark]").count() == len(digits)
        four = digits.index("4")
        hand.press(page.locator(f"[data-mark='{four}']"))
        page.wait_for_selector(".hwd-mark .hwd-best")
        assert page.locator(".hwd-mark .hwd-best b").inner_text() == "4"
        hand.press(page.locator(".hwd-paper .hwd-what button").nth(4))
        page.wait_for_selector(".hwd-told:has-text('Kept as a 4')")


@by_mouse_and_by_finger
def test_a_picture_that_cannot_be_read_says_what_to_do(hand):
    hand.page.evaluate(BRING, ["drop", base64.b64encode(b"no picture").decode()])
    hand.page.wait_for_selector(".hwd-wrong:has-text('From paper: expected a picture')")
