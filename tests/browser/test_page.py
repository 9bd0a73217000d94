"""The page of one file, opened from the disk: it answers as Python does, and asks nobody for anything."""

import json
import socket
from contextlib import suppress

import numpy as np
import pytest

from hwd_lib import numbers, preprocessing
from hwd_lib.network import SAVED_NN, Network
from hwd_lib.numbers import read_number
from hwd_lib.page import make_page
from hwd_lib.preprocessing import could_be_digit, preprocess
from hwd_lib.stroke_styles import make_strokes
from hwd_lib.widgets import panels, reading
from tests.browser.test_app import axe, violations  # noqa: F401
from tools.browser import DIGITS, WRITE, Hand, wait_for_end, wait_for_guess, wait_for_ink
from tools.letters import LETTERS

WINDOWS = [(360, 640), (390, 664), (640, 360), (664, 390), (768, 1024), (1280, 720)]


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """``files(network, name)`` writes the page of a network, and gives its address."""
    folder = tmp_path_factory.mktemp("pages")

    def write(network, name, by=""):
        path = folder / f"{name}.html"
        path.write_bytes(make_page(network, name, by).encode())
        return path.as_uri()

    return write


@pytest.fixture(scope="session")
def default(files):
    return files(Network.load(SAVED_NN / "default.npz"), "default")


@pytest.fixture
def open_page(browser):
    """Opens a page in a window of its own, offline. In the end, the console is empty, nobody was asked."""
    contexts, wrong, asked = [], [], []

    def open_page(url, window=(1280, 720), **options):
        size = dict(zip(("width", "height"), window, strict=True))
        context = browser.new_context(viewport=size, offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(url)
        page.wait_for_selector("body[data-ready=yes]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [said for said in wrong if "getImageData" not in said] == []  # that is how tests look at ink
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


# The same answers as Python ---------------------------------------------------------------------------------


def drawings(n, rng):
    """Drawings as people leave them on a sheet: n written in the project's styles, and odd ones."""
    for i in range(n):
        strokes = make_strokes(i % 10, rng)
        place = rng.uniform(-100, 700, 2)
        yield [np.round(stroke * np.exp(rng.normal(5.5, 0.7)) + place, 1).tolist() for stroke in strokes]
    seven, four = [[[300, 200], [500, 200], [400, 600]]], [[[0, 0], [0, 5], [5, 5]], [[4, 1], [4, 10]]]
    scribble = np.cumsum(rng.normal(0, 20, (9000, 2)), axis=0).tolist()
    yield from ([], [[]], [[[5, 5]]], [[[5, 5], [5, 5]]], [[[0, 0], [3, 3]]], [[[7, 7]]] * 300)
    yield from (seven * 3, four, [*seven, [[900, 900]]], [[[x + 600, y] for x, y in seven[0]], *seven])
    yield from ([scribble], [scribble[i : i + 20] for i in range(0, 9000, 20)])
    yield from ([[[None, 1], [300, 200], "no point", [3], [], [500, 200], [400, 600, 9]], "no stroke", None],)
    yield from ([[[1e7, 0], [300, 200], [500, -2e6], [500, 200], [400, 600]]], [[[1e-7, 0], [2e-7, 1e-7]]])
    yield from ([[[-3e5, -3e5], [3e5, 3e5]]], [[[0.1 * x, 50 + 50 * np.sin(x / 9)] for x in range(3001)]])


@pytest.fixture(scope="module")
def drawn():
    """Drawings, and what Python makes of them: images (n, 784)."""
    all_strokes = json.loads(json.dumps(list(drawings(1000, np.random.default_rng(22)))))
    return all_strokes, np.stack([preprocess(strokes).ravel() for strokes in all_strokes])


def layers_at_random(layers, activation, biases, rng):
    """A network that is sure of its nonsense: small differences in its input show."""
    network = Network(layers, activation, biases, seed=int(rng.integers(1000)))
    network.parameters[:] = np.float16(network.parameters * (3 if activation == "sigmoid" else 1.5))
    return network


def from_hwd_perceptron(rng, folder):
    """A network in HWD-Perceptron's own format: no biases, a sigmoid at the end."""
    path = folder / "theirs.npz"
    weights = [rng.normal(0, 0.1, shape).astype(np.float32) for shape in [(60, 784), (30, 60), (10, 30)]]
    np.savez(path, np.array([0.1, 0.95, 3, 1]), *weights)
    return Network.load(path)


NETWORKS = {
    "default": lambda *_: Network.load(SAVED_NN / "default.npz"),
    "no hidden layer": lambda *_: Network.load(SAVED_NN / "784-10.npz"),
    "relu, deep": lambda rng, _: layers_at_random([784, 40, 30, 20, 10, 10], "relu", True, rng),
    "tanh": lambda rng, _: layers_at_random([784, 50, 20, 10], "tanh", True, rng),
    "sigmoid": lambda rng, _: layers_at_random([784, 30, 10], "sigmoid", True, rng),
    "no biases": lambda rng, _: layers_at_random([784, 64, 10], "relu", False, rng),
    "HWD-Perceptron": from_hwd_perceptron,
}
READ = """all => all.map(strokes => {
  const image = preprocess(strokes), alone = network.forward(image).at(-1);
  const might = [true, false].map(sure => could_be_digit(strokes, sure));
  return [Array.from(alone), ...might, image.reduce((a, b) => a + b)];
})"""


@pytest.mark.parametrize("name", NETWORKS)
def test_it_answers_as_python_does(files, open_page, drawn, tmp_path, say, name):
    rng = np.random.default_rng(22)
    network = NETWORKS[name](rng, tmp_path)
    page = open_page(files(network, name.replace(" ", "-")))
    all_strokes, images = drawn
    if name != "default":
        all_strokes, images = all_strokes[-300:], images[-300:]
    found = page.evaluate(READ, all_strokes)
    expected, theirs = network.probabilities(images), np.array([p for p, *_ in found])
    same, apart = (expected.argmax(1) == theirs.argmax(1)).mean(), np.abs(expected - theirs).max()
    say(f"page against Python, {name}: the same digit for {same:.2%}, probabilities within {apart:.1e}")
    assert same >= 0.999 and apart <= 0.02
    np.testing.assert_allclose([ink for *_, ink in found], images.sum(axis=1), atol=0.01)
    for sure, column in ((True, 1), (False, 2)):
        assert [row[column] for row in found] == [could_be_digit(strokes, sure) for strokes in all_strokes]


@pytest.mark.parametrize("name", ["default", "sigmoid"])
def test_it_reads_numbers_as_python_does(files, open_page, tmp_path, name):
    rng = np.random.default_rng(15)
    network = NETWORKS[name](rng, tmp_path)
    page = open_page(files(network, name))
    odd = json.loads(json.dumps(list(drawings(0, rng))))
    all_strokes = [number(rng) for _ in range(60 if name == "default" else 30)] + odd
    script = """all => all.map(strokes => read_number(strokes, network).map(line => line.map(
      ({text, box, probabilities}) => [text, box, Array.from(probabilities)])))"""
    different = 0
    for strokes, found in zip(all_strokes, page.evaluate(script, all_strokes), strict=True):
        expected = read_number(strokes, network)
        if [[text for text, *_ in line] for line in found] != [[d.text for d in line] for line in expected]:
            different += 1
            continue
        for (_, box, p), digit in zip(sum(found, []), sum(expected, []), strict=True):
            np.testing.assert_allclose(box, digit.box, atol=1e-9)
            np.testing.assert_allclose(p, digit.probabilities, atol=0.02)
    assert different <= len(all_strokes) / 1000


def number(rng):
    """Two to six digits beside each other, near or far, perhaps in two lines, and perhaps in one stroke."""
    strokes, x, y = [], 0.0, 0.0
    for _ in range(rng.integers(2, 7)):
        digit = [stroke * 100 for stroke in make_strokes(rng.integers(10), rng)]
        x -= min(stroke[:, 0].min() for stroke in digit)
        strokes += [stroke + [x, y] for stroke in digit]
        x = max(stroke[:, 0].max() for stroke in strokes) + rng.uniform(-5, 40)
        if rng.random() < 0.1:
            x, y = 0.0, y + 130
    if rng.random() < 0.2:
        strokes[:2] = [np.concatenate(strokes[:2])]
    return [np.round(stroke, 1).tolist() for stroke in strokes]


def test_it_says_what_the_app_says(default, open_page):
    page, rng = open_page(default), np.random.default_rng(3)
    rows = rng.dirichlet(np.full(10, 0.15), 400).astype(np.float32)
    cases = [(p, drawing, doubt) for p in rows for drawing in (False, True) for doubt in (False, True)]
    script = """cases => cases.map(([p, drawing, doubt]) => {
      const said = read_out(doubt ? doubted(p) : p, false, drawing, doubt ? p : null);
      return [said.state, said.guess, said.sentence, said.note];
    })"""
    found = page.evaluate(script, [(p.tolist(), drawing, doubt) for p, drawing, doubt in cases])
    for (p, drawing, doubt), said in zip(cases, found, strict=True):
        p, alone = (reading.doubted(p), p) if doubt else (p, None)
        assert tuple(said) == reading.read_out(p, False, drawing, alone)


@pytest.mark.parametrize("names", ["AB", "XYZabcdefgh7", ("T-shirt", "Ankle boot", "é")])
def test_it_says_of_other_classes_what_the_app_says(default, open_page, names):
    page, rng = open_page(default), np.random.default_rng(3)
    rows = rng.dirichlet(np.full(len(names), 0.5), 60).astype(np.float32)
    script = """([rows, names]) => rows.flatMap(p => [[], [true], [false, true]].map(how => {
      const said = read_out(p, how[0], how[1], null, names);
      return [said.state, said.guess, said.sentence, said.note];
    }))"""
    found = page.evaluate(script, [rows.tolist(), [*names]])
    ways = ((False, False), (True, False), (False, True))
    expected = [reading.read_out(p, *way, names=tuple(names)) for p in rows for way in ways]
    assert [tuple(said) for said in found] == expected


@pytest.mark.parametrize("window", WINDOWS)
def test_a_network_of_letters(files, letters, open_page, window):
    page = open_page(files(letters, "letters"), window)
    hand = Hand(page)
    for name in "AX":
        hand.draw(LETTERS[name])
        wait_for_end(page)
        strokes = page.evaluate("sheet.strokes")
        expected = letters.probabilities(preprocess(strokes).reshape(1, 784))[0]
        assert page.locator(".hwd-guess").inner_text() == name == [*LETTERS][expected.argmax()]
        assert page.locator(".verdict").inner_text() == f"This is an {name}."
        shown = page.locator(".hwd-probability").evaluate_all("all => all.map(each => +each.dataset.value)")
        np.testing.assert_allclose(shown, expected, atol=2e-3)  # of weights in float16
        hand.press("Clear")
    assert page.locator(".bars b").all_inner_texts() == [*LETTERS]
    bottom = page.locator(".bars").bounding_box()
    assert bottom["y"] + bottom["height"] <= window[1]
    assert page.evaluate("document.documentElement.scrollWidth") <= window[0]
    beyond = """all => all.filter(each => each.scrollWidth > each.parentElement.clientWidth + 1).length"""
    assert page.locator(".bars :is(b, span)").evaluate_all(beyond) == 0


def test_constants_are_pythons(default, open_page):
    page = open_page(default)
    shared = {
        preprocessing: "SIDE BOX PEN_WIDTH SOFTNESS MIDDLE SPECK SPACING MOST_POINTS_DRAWN MOST_POINTS "
        "MOST_STROKES SMALLEST_DIGIT FARTHEST SMALLEST",
        reading: "DIGIT SURE BELIEF AN",
        panels: "MOST_UNITS",
        numbers: " ".join(name for name in vars(numbers) if name.isupper()),
    }
    for module, names in shared.items():
        for name in names.split():
            assert page.evaluate(name) == getattr(module, name), name


# In use -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["mouse", "touch"])
def test_digits_are_written_and_read(default, open_page, kind):
    page = open_page(default, has_touch=kind == "touch")
    hand = Hand(page, kind)
    for digit, strokes in DIGITS.items():
        hand.draw(strokes)
        wait_for_ink(page, strokes[0][0])
        wait_for_guess(page, digit)
        values = page.locator(".hwd-probability").evaluate_all("bars => bars.map(bar => +bar.dataset.value)")
        assert sum(values) == pytest.approx(1, abs=0.002) and np.argmax(values) == digit
        wait_for_end(page)
        hand.press("Clear")
        wait_for_guess(page, None)
        wait_for_ink(page, strokes[0][0], ink=False)


def test_it_reads_while_the_ink_is_wet(default, open_page):
    page = open_page(default)
    hand = Hand(page)
    hand.down(DIGITS[7][0][0])
    for point in DIGITS[7][0][1:]:
        hand.move(point)
    wait_for_guess(page, 7)
    assert page.locator(".verdict").inner_text().endswith("so far …")
    assert page.locator(".hwd-said").inner_text() == ""
    hand.up()
    page.wait_for_function("() => document.querySelector('.hwd-said').textContent.endsWith('a 7.')")


def beside(*digits, size=0.42):
    """Digits as strokes in the unit square, smaller, one beside the other."""
    places = np.linspace(0, 1 - size, len(digits))
    return [[(x * size + place, y * size + 0.3) for x, y in stroke]
            for digit, place in zip(digits, places, strict=True) for stroke in DIGITS[digit]]  # fmt: skip


@pytest.mark.parametrize("kind", ["mouse", "touch"])
@pytest.mark.parametrize("window", [(1280, 720), (360, 640)], ids=str)
def test_a_number_is_written_and_read(default, open_page, kind, window):
    page = open_page(default, window, has_touch=kind == "touch")
    hand = Hand(page, kind)
    hand.draw(beside(4, 0, 2, size=0.36))
    wait_for_guess(page, "402")
    page.wait_for_function("() => document.querySelector('.hwd-said').textContent.includes('402')")
    cards = page.locator(".cards button")
    assert cards.locator("b").all_inner_texts() == ["4", "0", "2"]
    assert page.locator(".bars .best b").inner_text() == "2"
    hand.press(cards.nth(0))  # its bars, and how it was seen
    assert page.locator(".bars .best b").inner_text() == "4"
    assert cards.nth(0).get_attribute("aria-pressed") == "true"
    bottom = page.locator(".answer").bounding_box()
    assert bottom["y"] + bottom["height"] <= window[1]
    page.reload()
    wait_for_guess(page, "402")
    hand.press("Undo") if page.locator("#undo").is_enabled() else hand.press("Clear")
    wait_for_guess(page, None)


def test_what_did_not_change_is_not_read_again(default, open_page):
    page = open_page(default)
    hand = Hand(page)
    hand.draw(beside(4, 0, 2, size=0.36)[:-1])
    wait_for_guess(page, "40")
    page.evaluate("""() => {
      window.read_before = 0;
      const forward = network.forward;
      network.forward = x => { read_before++; return forward.call(network, x); };
    }""")
    hand.draw(beside(4, 0, 2, size=0.36)[-1:], steps=1)
    wait_for_guess(page, "402")
    assert page.evaluate("read_before") <= 5 * (len(DIGITS[2][0]) + 1)  # groups that hold the new stroke


def strokes_of(page):
    return page.evaluate("sheet.strokes.length")


class Glass:
    """Fingers and a pen on the sheet of a page, as the browser's own events."""

    def __init__(self, page):
        self.session, box = page.context.new_cdp_session(page), page.locator("canvas").first.bounding_box()
        self.at = lambda x, y: {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}

    def fingers(self, kind, *points):
        touches = [self.at(*point) | {"id": i} for i, point in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def pen(self, kind, point, buttons=1):
        event = {"type": kind, "button": "left", "buttons": buttons, "pointerType": "pen", "clickCount": 1}
        self.session.send("Input.dispatchMouseEvent", event | self.at(*point))


def test_the_pen_goes_before_the_hand_that_holds_it(default, open_page):
    page = open_page(default, has_touch=True)
    glass = Glass(page)
    glass.fingers("touchStart", (0.8, 0.9))  # the palm comes down first
    glass.fingers("touchMove", (0.8, 0.88))
    assert strokes_of(page) == 1
    glass.pen("mousePressed", (0.4, 0.3))
    assert page.evaluate("sheet.strokes.length === 1 && sheet.pointer.pointerType === 'pen'")
    for y in (0.4, 0.5, 0.6, 0.7):
        glass.pen("mouseMoved", (0.4, y))
        glass.fingers("touchMove", (0.8, 0.9 - y / 10))
    glass.pen("mouseReleased", (0.4, 0.8), buttons=0)
    glass.fingers("touchEnd")
    assert strokes_of(page) == 1
    glass.fingers("touchStart", (0.7, 0.9))  # and rests again before the next stroke
    glass.fingers("touchEnd")
    assert strokes_of(page) == 1
    low, high = np.ptp(page.evaluate("sheet.strokes[0]"), axis=0)
    assert low < 5 and high > 300


def test_two_fingers_are_for_the_page_and_not_for_the_sheet(default, open_page):
    page = open_page(default, window=(390, 664), has_touch=True, is_mobile=True)
    glass = Glass(page)
    glass.fingers("touchStart", (0.5, 0.8))
    glass.fingers("touchStart", (0.5, 0.8), (0.3, 0.8))
    for y in (0.7, 0.6, 0.5, 0.4, 0.3, 0.2):
        glass.fingers("touchMove", (0.5, y), (0.3, y))
    page.wait_for_function("() => window.scrollY > 50")
    glass.fingers("touchEnd")
    assert strokes_of(page) == 0
    page = open_page(default, window=(390, 664), has_touch=True, is_mobile=True)
    glass = Glass(page)
    glass.fingers("touchStart", (0.5, 0.8))  # one finger writes, and moves nothing
    for y in (0.7, 0.6, 0.5, 0.4, 0.3, 0.2):
        glass.fingers("touchMove", (0.5, y))
    glass.fingers("touchEnd")
    assert strokes_of(page) == 1 and page.evaluate("window.scrollY") == 0


def test_undo_and_redo_by_button_and_by_key(default, open_page):
    page = open_page(default)
    hand = Hand(page)
    hand.draw(DIGITS[4])
    wait_for_guess(page, 4)
    hand.press("Undo")
    assert strokes_of(page) == 1
    hand.press("Redo")
    wait_for_guess(page, 4)
    hand.press("Clear")
    wait_for_guess(page, None)
    page.keyboard.press("Control+z")  # what was cleared is there again
    wait_for_guess(page, 4)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert strokes_of(page) == 0 and page.locator("#undo").is_disabled()
    page.keyboard.press("Control+y")
    page.keyboard.press("Control+Shift+z")
    wait_for_guess(page, 4)
    page.keyboard.press("Control+z")
    hand.draw(DIGITS[7])
    assert strokes_of(page) == 2 and page.locator("#redo").is_disabled()


def test_keys_alone_write_a_digit(default, open_page):
    page = open_page(default)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className || document.activeElement.tagName") == "CANVAS"
    page.keyboard.press("Space")
    for key, times in {"ArrowRight": 14, "ArrowDown": 9}.items():
        for _ in range(times):
            page.keyboard.press(key)
    for _ in range(8):
        page.keyboard.press("ArrowLeft")
        for _ in range(2):
            page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    wait_for_guess(page, 7)
    assert page.locator(".hwd-said").inner_text() != ""
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "undo"


def test_a_reload_brings_the_writing_back(default, open_page):
    page = open_page(default)
    Hand(page).draw(DIGITS[3])
    wait_for_guess(page, 3)
    wait_for_end(page)
    page.reload()
    wait_for_guess(page, 3)
    wait_for_ink(page, DIGITS[3][0][0])


def test_where_nothing_may_be_remembered_it_reads_all_the_same(default, open_page, tmp_path):
    frame = tmp_path / "frame.html"
    frame.write_text(
        f'<body data-ready="yes"><iframe sandbox="allow-scripts" src="{default}" width="800" height="700">'
    )
    page = open_page(frame.as_uri())
    inside = page.frame_locator("iframe")
    inside.locator("body[data-ready=yes]").wait_for()
    box = inside.locator("canvas").first.bounding_box()
    for i, (x, y) in enumerate(DIGITS[7][0]):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        if i == 0:
            page.mouse.down()
    page.mouse.up()
    inside.locator(".hwd-guess").get_by_text("7").wait_for()


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_sheet_and_answer_are_whole_in_the_window(default, open_page, window):
    page = open_page(default, window)
    Hand(page).draw(DIGITS[4])
    wait_for_guess(page, 4)
    width, height = window
    for name in (".hwd-sheet", ".answer", ".bars", ".tools"):
        box = page.locator(name).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width, name
        assert box["y"] >= 0 and box["y"] + box["height"] <= height, name
    assert page.evaluate("document.documentElement.scrollWidth") == width
    sheet = page.locator(".hwd-sheet").bounding_box()
    assert sheet["width"] >= 300 and sheet["height"] >= 280


def test_turning_the_phone_keeps_the_writing_on_the_sheet(default, open_page):
    page = open_page(default, (844, 390))
    Hand(page).draw([[(x / 2 + 0.62, y / 2) for x, y in stroke] for stroke in DIGITS[4]])
    wait_for_guess(page, 4)
    for window in [(390, 844), (300, 900), (844, 390)]:
        page.set_viewport_size(dict(zip(("width", "height"), window, strict=True)))
        page.wait_for_function(
            """window => innerWidth === window[0] && sheet.strokes.flat().every(([x, y]) =>
              x >= 0 && y >= 0 && x <= sheet.size()[0] + 1e-6 && y <= sheet.size()[1] + 1e-6)""",
            arg=list(window),
        )
        wait_for_guess(page, 4)


LOOKS = {
    "plain": ({}, ("dark", "light")),
    "forced colours": ({"forced_colors": "active"}, ("light",)),
    "200 %": ({"window": (640, 360), "device_scale_factor": 2}, ("light",)),
}


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_stands_in_the_way_of_anybody(default, open_page, axe, look):  # noqa: F811
    options, themes = LOOKS[look]
    page = open_page(default, **options)
    assert violations(page, axe, themes) == []
    Hand(page).draw(DIGITS[4])
    wait_for_guess(page, 4)
    assert violations(page, axe, themes) == []


def test_letters_twice_as_large_hide_nothing(default, open_page):
    page = open_page(default, (390, 664))
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    Hand(page).draw(DIGITS[4])
    wait_for_guess(page, 4)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    hidden = """() => [...document.querySelectorAll('h1, p, dd, b, button')].filter(e => e.textContent
      && e.scrollHeight > e.clientHeight + 2 && getComputedStyle(e).overflow !== 'visible'
      && !e.classList.contains('hwd-said')).map(e => e.textContent)"""
    assert page.evaluate(hidden) == []


def test_the_page_can_send_nothing_anywhere(default, browser):
    page = browser.new_page()
    page.goto(default)
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = page.evaluate(SEND, f"127.0.0.1:{server.getsockname()[1]}")
        page.wait_for_function("wanted => wanted.every(name => blocked.includes(name))", arg=BLOCKED)
        server.setblocking(False)
        with suppress(BlockingIOError):
            while True:  # a browser may open a line ahead of time; nothing may come over it
                line, _ = server.accept()
                with line, suppress(BlockingIOError):
                    line.setblocking(False)
                    assert line.recv(1000) == b""
    assert found is None and page.evaluate("window.strange") is None
    page.close()


BLOCKED = ["connect-src", "img-src", "script-src-elem", "style-src-elem", "frame-src", "form-action"]
SEND = """async host => {
  window.blocked = [];
  document.addEventListener('securitypolicyviolation', event => blocked.push(event.effectiveDirective));
  await fetch(`http://${host}/`).catch(() => 0);
  try { navigator.sendBeacon(`http://${host}/`, 'ink'); } catch { }
  try { new WebSocket(`ws://${host}/`); } catch { }
  const add = (tag, what) => document.body.appendChild(Object.assign(document.createElement(tag), what));
  add('img', {src: `http://${host}/ink.png`});
  add('script', {textContent: 'window.strange = true'});
  add('style', {textContent: `body { background: url(http://${host}/ink.png) }`});
  add('iframe', {src: `http://${host}/`});
  add('form', {action: `http://${host}/`}).submit();
}"""


def test_a_damaged_file_says_so(browser, tmp_path):
    path = tmp_path / "damaged.html"
    whole = make_page(Network([784, 12, 10]), "small")
    middle = whole.index('id="weights">') + 500
    path.write_text(whole[:middle] + whole[middle + 400 :], encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.get_by_role("alert").get_by_text("fetch the page again").wait_for()
    page.close()


def test_reading_is_quick(default, open_page, say):
    page = open_page(default)
    opened = page.evaluate("document.body.dataset.opened")
    times = np.array(page.evaluate(WRITE, 240))
    p50, p95, p99 = np.percentile(times, [50, 95, 99])
    say(f"page: opens in {opened} ms; event to reading {p50:.1f} ms, 95 % {p95:.1f} ms, 99 % {p99:.1f} ms")
    assert float(opened) < 3000 and p95 < 40  # the aims are 300 and 4 ms, on a machine that does nothing else
