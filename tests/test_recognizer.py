"""The live app without a browser: what it reads, says and shows."""

import base64
import io
import json
import re
import sys
from datetime import UTC, datetime

import numpy as np
import pytest

pytest.importorskip("ipycanvas")
from PIL import Image  # noqa: E402

from hwd_lib import saved  # noqa: E402
from hwd_lib.network import SAVED_NN, Network  # noqa: E402
from hwd_lib.page import make_page
from hwd_lib.widgets import networks, recognizer  # noqa: E402
from hwd_lib.widgets.own_digits import digits_to_json  # noqa: E402
from hwd_lib.widgets.recognizer import Recognizer  # noqa: E402
from tests.test_canvas import draw, send  # noqa: E402
from tools.letters import LETTERS  # noqa: E402

RNG = np.random.default_rng(0)


@pytest.fixture
def network():
    return Network([784, 30, 10], seed=1)


@pytest.fixture
def app(network):
    return Recognizer(network)


LINE = [(300, 100 + 30 * i) for i in range(20)]


def test_an_empty_sheet_says_nothing(app):
    assert app.guess is None
    assert re.search('<div class="hwd-guess[^"]*"></div>', app._live.value)
    assert "Draw a digit here" in app._hint.value
    assert app._said.value == "" and app._memory.value == ""


def test_it_reads_what_is_drawn(app, network):
    draw(app.canvas, LINE)
    expected = network.probabilities(app.canvas.image.reshape(1, 784))[0]
    np.testing.assert_array_equal(app.probabilities, expected)
    found = re.findall(r'class="hwd-probability" data-digit="(\d)" data-value="([\d.]+)"', app._live.value)
    assert [int(digit) for digit, _ in found] == list(range(10))
    np.testing.assert_allclose([float(p) for _, p in found], expected, atol=5e-5)
    assert app._hint.value == ""
    assert app._said.value.startswith(re.search('hwd-verdict">(.*?)</p>', app._live.value)[1])


def test_it_follows_while_the_pen_is_down(app):
    send(app.canvas, "mouse_down", LINE[0])
    app._last_reading = 0.0  # long ago
    send(app.canvas, "mouse_move", LINE[5])
    assert 'data-points="2"' in app._live.value
    assert app._said.value == ""  # announced at the end of the stroke only
    app._last_reading = float("inf")  # a moment ago: this point is left for later
    send(app.canvas, "mouse_move", LINE[6])
    assert 'data-points="2"' in app._live.value
    send(app.canvas, "mouse_up", LINE[6])
    assert 'data-points="3"' in app._live.value and app._said.value


NO_DIGIT = {
    "dot": [[(400, 400)]],
    "dash": [[(100 + 30 * i, 400) for i in range(20)]],
    "scribble": [[tuple(point) for point in np.random.default_rng(3).uniform(100, 700, (30, 2))]],
}


@pytest.mark.parametrize("strokes", NO_DIGIT.values(), ids=NO_DIGIT)
def test_no_digit_gets_a_calm_answer(strokes):
    sure = Network([784, 10])  # of whatever it sees, that it is a 3
    sure.parameters[:] = 0
    sure.biases[0][3] = 20
    app = Recognizer(sure)
    draw(app.canvas, LINE)
    assert app.guess == 3 and app.probabilities.max() > 0.99
    app.canvas.clear()
    app._last_reading = 0.0  # long ago
    send(app.canvas, "mouse_down", strokes[0][0])
    assert 'data-state="drawing"' in app._live.value and "Go on …" in app._live.value
    assert '<div class="hwd-guess hwd-big">…</div>' in app._live.value
    app.canvas.clear()
    for stroke in strokes:
        draw(app.canvas, stroke)
    assert app.guess is None and app.probabilities.max() < 0.4
    assert app.probabilities.sum() == pytest.approx(1, abs=1e-6)
    assert 'data-state="nothing"' in app._live.value
    assert '<div class="hwd-guess hwd-big">?</div>' in app._live.value
    assert app._said.value.startswith("I see no digit here.") and "the network says 3" in app._said.value
    app._why.value = True  # there is nothing to explain
    assert "hwd-legend" not in app._live.value


def arc(x, y, wide, high, first=0, last=360):
    """Points on an ellipse, from one angle to another, in degrees clockwise from the right."""
    turn = np.radians(np.linspace(first, last, 40))
    return list(zip(x + wide * np.cos(turn), y + high * np.sin(turn), strict=True))


PICTURES = {  # a B is not among them: a 1 with a 3 close by is drawn just so
    "a heart": [arc(200, 180, 80, 80, 0, -180) + [(280, 430)], arc(360, 180, 80, 80, -180, 0) + [(280, 430)]],
    "a smiley": [arc(280, 280, 200, 200), arc(200, 220, 15, 20), arc(360, 220, 15, 20),
                 arc(280, 290, 100, 90, 20, 160)],
    "a plus": [[(100, 280), (460, 280)], [(280, 100), (280, 460)]],
    "an x": [[(120, 120), (440, 440)], [(440, 120), (120, 440)]],
}  # fmt: skip


@pytest.mark.parametrize("strokes", PICTURES.values(), ids=PICTURES)
@pytest.mark.parametrize("name", ["default", "best"])
def test_what_is_no_digit_is_called_none(name, strokes):
    app = Recognizer(SAVED_NN / f"{name}.npz")
    for stroke in strokes:
        draw(app.canvas, stroke)
    assert app.guess is None and app._said.value.startswith("I see no digit here.")


def test_a_full_sheet_says_so(app, monkeypatch):
    monkeypatch.setattr("hwd_lib.widgets.canvas.MOST_POINTS", 20)
    draw(app.canvas, LINE)
    assert app.canvas.full and app.canvas.points == 20
    assert 'data-state="full"' in app._live.value and "clear it to draw on" in app._said.value
    app._clear.click()
    assert not app.canvas.full and 'data-state="empty"' in app._live.value


def test_a_picture_is_read_without_doubt(app, network):
    app.canvas.show(np.eye(28))  # no strokes whose measures could be doubted
    np.testing.assert_array_equal(
        app.probabilities, network.probabilities(np.eye(28, dtype=np.float32).reshape(1, 784))[0]
    )


def test_clear_and_undo(app):
    draw(app.canvas, LINE)
    one = app.probabilities.copy()
    draw(app.canvas, [(100, 100), (600, 600)])
    app._undo.click()
    np.testing.assert_array_equal(app.probabilities, one)
    app._redo.click()
    assert len(app.canvas.strokes) == 2 and app._redo.disabled
    app._clear.click()
    assert app.guess is None and "Draw a digit here" in app._hint.value
    app._undo.click()
    assert len(app.canvas.strokes) == 2
    app._undo.click()
    app._undo.click()
    assert app._undo.disabled and not app._redo.disabled and app.canvas.empty


def test_the_page_brings_its_drawing_back(app, network):
    draw(app.canvas, LINE)
    other = Recognizer(network)
    other._memory.value = app._memory.value
    np.testing.assert_allclose(other.canvas.strokes[0], app.canvas.strokes[0], atol=0.05)
    np.testing.assert_allclose(other.probabilities, app.probabilities, atol=1e-3)


@pytest.mark.parametrize(
    "text", ["no json", "[[[1", "7", "{}", '[["a"]]', "[" * 100_000, "[[[1e999, 2]]]", "null"], ids=range(8)
)
def test_a_damaged_memory_is_forgotten(app, text):
    app._memory.value = text
    assert app.canvas.strokes == []


def test_a_clean_sheet_after_a_pause_is_a_choice(app):
    assert app.canvas.new_sheet_after is None
    app._fresh.value = True
    assert app.canvas.new_sheet_after == recognizer.CLEAN_SHEET_AFTER


def test_no_network_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(networks, "SAVED_NN", tmp_path)
    monkeypatch.setattr(saved, "SAVED_NN", tmp_path)
    with pytest.raises(FileNotFoundError, match="Train one: `hwd train default`"):
        Recognizer()


def test_the_default_network_is_opened_first(tmp_path, monkeypatch, network):
    monkeypatch.setattr(networks, "SAVED_NN", tmp_path)
    monkeypatch.setattr(saved, "SAVED_NN", tmp_path)
    for name in ("another", "784-100-10", "default"):
        network.save(tmp_path / f"{name}.npz")
    assert saved.default_network().name == "default.npz"


def test_it_can_be_printed(app):
    """Jupyter prints what it shows: no name of ours may hide one of ipywidgets'."""
    assert repr(app).startswith("Recognizer(")


# Networks


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder with two trained networks."""
    monkeypatch.setattr(networks, "SAVED_NN", tmp_path)
    monkeypatch.setattr(saved, "SAVED_NN", tmp_path)
    for seed, name in enumerate(["default", "small"]):
        network = Network([784, 20 + seed, 10], seed=seed)
        network.metadata = {"test_accuracy": 0.9 + seed / 100}
        network.save(tmp_path / f"{name}.npz")
    return tmp_path


def test_the_menus_offer_all_networks_with_their_accuracy(shelf):
    app = Recognizer()
    assert app.networks.choose.options == (("default · 90.0 %", "default"), ("small · 91.0 %", "small"))
    assert app.networks.choose.value == "default" and app.networks.versus.value == ""
    assert "90.0 % right" in app.networks.about.value


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("784-500-150-10", "Two hidden layers of 500 and 150"),
        ("784-100-10 (given)", "One hidden layer of 100 (given)"),
        ("784-10, taught by you", "No hidden layer, taught by you"),
        ("784-9-8-7-10", "Three hidden layers of 9, 8 and 7"),
        ("default", "default"),
        ("mine (yours)", "mine (yours)"),
    ],
)
def test_a_name_that_a_newcomer_understands(name, words):
    assert networks.title(name) == words


def test_another_network_reads_the_same_drawing(shelf):
    app = Recognizer()
    draw(app.canvas, LINE)
    first = app.probabilities
    app.networks.choose.value = "small"
    other = Network.load(shelf / "small.npz").probabilities(app.canvas.image.reshape(1, 784))[0]
    np.testing.assert_array_equal(app.probabilities, other)
    assert (first != other).any()
    assert app.network.layers == [784, 21, 10]


def test_head_to_head(shelf):
    app = Recognizer()
    draw(app.canvas, LINE)
    assert "hwd-rival-guess" not in app._live.value
    app.networks.versus.value = "small"
    other = Network.load(shelf / "small.npz").probabilities(app.canvas.image.reshape(1, 784))[0]
    found = re.findall(
        r'class="hwd-rival-probability" data-digit="\d" data-value="([\d.]+)"', app._live.value
    )
    np.testing.assert_allclose([float(p) for p in found], other, atol=5e-5)
    assert app._live.value.count('class="hwd-guess') == 1
    assert "The other network" in app._said.value
    app.networks.versus.value = ""
    assert "hwd-rival-guess" not in app._live.value


def upload(app, name, content):
    """What the page sends when a file was chosen."""
    app.networks.upload.value = (
        {
            "name": name,
            "type": "",
            "size": len(content),
            "content": content,
            "last_modified": datetime.now(UTC),
        },
    )


def test_ones_own_network(shelf, network):
    app = Recognizer()
    file = io.BytesIO()
    network.save(file)
    upload(app, "mine.npz", file.getvalue())
    np.testing.assert_array_equal(app.network.parameters, network.parameters)
    assert app.networks.choose.value == "mine (yours)" and len(app.networks.choose.options) == 3
    assert app.networks.upload.value == ()  # the file itself is not kept


# Networks of other classes


def letters_file(letters):
    file = io.BytesIO()
    letters.save(file)
    return file.getvalue()


def draw_letter(app, name):
    for stroke in LETTERS[name]:
        draw(app.canvas, [(800 * x, 800 * y) for x, y in stroke])


def test_an_a_is_shown_as_an_a(letters):
    app = Recognizer(letters)
    assert "Draw one of A, B, C, … Z" in app._live.value and "A, B, C, … Z apart" in app._head.value
    for k, name in ((0, "A"), (7, "H"), (23, "X")):  # of which the digits' measures say that they are none
        app.canvas.clear()
        draw_letter(app, name)
        assert (app.text, app.guess, app.probabilities.shape) == (name, k, (26,))
        assert f'<div class="hwd-guess hwd-big">{name}</div>' in app._live.value
        assert app._said.value == f"This is an {name}."
    assert re.findall(r'<li class="hwd-bar[^>]*><b>(.*?)</b>', app._live.value) == [*LETTERS]
    app._why.value = True
    assert "what spoke for X" in app._live.value


def test_two_letters_side_by_side_are_no_number(letters):
    app = Recognizer(letters)
    for x in (50, 450):
        draw(app.canvas, [(x + 100, 200), (x + 100, 600)])
    assert not app.cards.digits
    app._number.value = True  # its button is not shown
    assert not app.canvas.wide and not app.cards.digits


def test_what_is_of_digits_is_not_there_for_letters(shelf, letters):
    app = Recognizer()
    write(app, RNG, 0)
    app._what.value = "0"
    app._number.value = True
    kept = app.teaching.strip.value
    upload(app, "letters.npz", letters_file(letters))
    assert "hwd-others" in app._dom_classes and app.network.layers[-1] == 26 and not app.canvas.wide
    assert app._why.description == "Why this one?"
    app.teach()
    assert app.networks.name == "letters (yours)" and app.teaching.strip.value == kept
    upload(app, "digits.json", digits_to_json(app.digits).encode())
    assert "1 digits of digits.json are kept, for networks of digits." in app._told.value
    upload(app, "page.png", b"\x89PNG")
    assert "expected a network of digits to read a picture, found one of A, B, C, … Z" in app._told.value
    app.networks.choose.value = "small"
    assert "hwd-others" not in app._dom_classes and len(app.digits) == 2
    assert "of 2</b>" in app.teaching.strip.value


def test_networks_are_compared_with_those_of_the_same_classes(shelf, letters):
    app = Recognizer()
    app.networks.versus.value = "small"
    upload(app, "letters.npz", letters_file(letters))
    assert app.networks.rival is None
    assert [name for _, name in app.networks.versus.options] == ["", "letters (yours)"]
    draw_letter(app, "A")
    assert "hwd-rival" not in app._live.value
    app.networks.choose.value = "small"
    assert "letters (yours)" not in [name for _, name in app.networks.versus.options]


def test_a_file_of_the_same_name_may_have_other_classes(shelf, letters):
    app = Recognizer()
    upload(app, "mine.npz", letters_file(letters))
    app.networks.versus.value = "mine (yours)"
    upload(app, "mine.npz", letters_file(Network([784, 3])))
    draw(app.canvas, LINE)
    assert app.probabilities.shape == (3,) and app.networks.rival.layers[-1] == 3
    assert app._live.value.count('class="hwd-rival-probability"') == 3


def test_a_network_of_letters_in_the_folder_is_offered(shelf, letters):
    letters.save(shelf / "abc.npz")
    app = Recognizer()
    assert [name for _, name in app.networks.choose.options][-1] == "abc"
    app.networks.choose.value = "abc"
    draw_letter(app, "B")
    assert app.text == "B" and "<dt>Learned from</dt><dd>letters</dd>" in app.networks.about.value


def bad_files():
    three, broad = io.BytesIO(), io.BytesIO()
    Network([783, 3]).save(three)
    Network([784, 101]).save(broad)
    pickled = io.BytesIO()
    np.savez(pickled, weights=np.array([{}], object))
    return {
        "nothing.npz": b"",
        "text.npz": b"no network",
        "cut.npz": three.getvalue()[:-100],
        "pickled.npz": pickled.getvalue(),
        "three.npz": three.getvalue(),
        "broad.npz": broad.getvalue(),
        "<b>picture</b>.png": b"\x89PNG",
        "nothing.json": b"",
        "other.json": b'{"samples": [{"label": 12, "strokes": [[[1, 2]]]}]}',
        "empty.json": b'{"samples": [{"label": 1, "strokes": []}]}',
        "deep.json": b"[" * 100_000,
    }


@pytest.mark.parametrize("name", bad_files())
def test_a_bad_file_gets_a_sentence(shelf, name):
    app = Recognizer()
    upload(app, name, bad_files()[name])
    message = app._told.value
    assert 'class="hwd-wrong" role="alert"' in message and "expected" in message and "found" in message
    assert "<b>" not in message and "Traceback" not in message
    assert app.networks.choose.value == "default" and app.digits == []
    draw(app.canvas, LINE)  # and the app goes on
    assert app.probabilities.sum() == pytest.approx(1, abs=1e-5)


# One's own digits


def write(app, rng, digit):
    """Draw a 1 or a 0, about as people do."""
    turn = np.linspace(0, 2 * np.pi, 40)
    x, y = rng.uniform(300, 500, 2)
    points = np.stack([x + 120 * np.cos(turn), y + 200 * np.sin(turn)], 1) if digit == 0 else None  # (40, 2)
    if digit == 1:
        points = np.stack([np.full(40, x), y - 200 + 10 * np.arange(40)], 1)  # (40, 2)
    draw(app.canvas, [tuple(point) for point in points + rng.normal(0, 3, points.shape)])


def test_digits_are_kept_and_shown(app):
    write(app, RNG, 0)
    image = app.canvas.image
    app._what.value = "0"
    assert app._what.value is None and app.canvas.empty
    assert app.digits[0].label == 0
    np.testing.assert_array_equal(app.digits[0].image, image)
    right = int(app.network.predict(image.reshape(1, 784))[0]) == 0
    assert f"<b>{int(right)} of 1</b>" in app.teaching.strip.value
    assert ("hwd-right" if right else "hwd-missed") in app.teaching.strip.value
    said = f"Kept as a 0{'' if right else ', though read as another'} · {int(right)} of 1 read right"
    assert said == app._said.value and f'<p class="hwd-undoable">{said}</p>' == app._told.value
    app._what.value = "3"  # the sheet is empty: there is nothing to keep
    assert len(app.digits) == 1
    assert app._told.value == "<p>Draw a digit first: there is nothing to keep.</p>"
    write(app, RNG, 1)
    app._what.value = "7"  # a slip
    app.teaching.forget_last_one.click()
    assert [digit.label for digit in app.digits] == [0] and "of 1</b>" in app.teaching.strip.value
    app.teaching.forget_all.click()
    assert app.digits == [] and app.teaching.teach_it.disabled and app.teaching.forget_last_one.disabled
    app.teaching.forget_last()  # there is nothing, and nothing happens


def test_it_learns_ones_hand_and_can_forget_it_again(shelf):
    app = Recognizer()
    untaught, rng = app.network, np.random.default_rng(5)
    for digit in (0, 1) * 4:
        write(app, rng, digit)
        app._what.value = str(digit)
    assert not app.teaching.teach_it.disabled and app.teaching.unteach_it.disabled
    words = []
    app.teaching.teach_it.observe(lambda change: words.append(change["new"]), "description")
    app.teaching.teach_it.click()
    assert words == ["Learning …", "Teach it my digits"]
    assert app.network is not untaught and app.networks.name == "default, taught by you"
    images, labels = app.teaching.as_arrays()
    assert (app.network.predict(images) == labels).mean() > (untaught.predict(images) == labels).mean()
    assert "8 right" in app.teaching.strip.value and "MNIST" in app.teaching.strip.value
    taught = app.network
    app.networks.choose.value = "default"
    assert app.teaching.unteach_it.disabled and "hwd-lesson" not in app.teaching.strip.value
    app.networks.choose.value = "default, taught by you"
    assert app.network is taught
    app.teaching.unteach_it.click()
    np.testing.assert_array_equal(app.network.parameters, untaught.parameters)
    assert app.networks.name == "default" and len(app.networks.choose.options) == 2


def test_what_was_kept_by_mistake_is_a_drawing_again(app):
    write(app, RNG, 0)
    strokes = app.canvas.strokes
    app._what.value = "7"
    assert app.canvas.empty
    app._take_back()
    assert app.digits == [] and app._told.value == ""
    np.testing.assert_array_equal(app.canvas.strokes, strokes)
    app._take_back()  # once more: there is nothing to take back
    app._what.value = "0"
    draw(app.canvas, LINE)  # who goes on has seen it
    assert app._told.value == "" and len(app.digits) == 1


def test_a_new_kernel_brings_back_what_was_kept_and_taught(shelf):
    app, rng = Recognizer(), np.random.default_rng(5)
    for digit in (0, 1) * 3:
        write(app, rng, digit)
        app._what.value = str(digit)
    other = Recognizer()
    other._kept.value = app._kept.value  # as the page does after a reload
    assert [digit.label for digit in other.digits] == [0, 1] * 3 and other.networks.name == "default"
    app.networks.choose.value = "small"
    app.teach()
    other = Recognizer()
    other._kept.value = app._kept.value
    assert other.networks.name == "small, taught by you"
    images, labels = other.teaching.as_arrays()
    assert (other.network.predict(images) == app.network.predict(images)).mean() > 0.8
    app.teaching.unteach()
    assert json.loads(app._kept.value)["taught"] == ""
    app.teaching.forget()
    assert app._kept.value == ""


@pytest.mark.parametrize("memory", ["no", "[]", '{"samples": [7]}', '{"samples": [], "taught": "../x"}'])
def test_a_damaged_memory_of_digits_is_forgotten(app, memory):
    name = app.networks.name
    app._kept.value = memory
    assert app.digits == [] and app._kept.value in ("", memory) and app.networks.name == name


def test_strokes_that_were_taken_home_open_again(app, network):
    write(app, RNG, 0)
    _, _, content = link(app.taking.links.value, "Strokes (JSON)")
    other = Recognizer(network)
    write(other, RNG, 1)
    before = other.canvas.strokes
    upload(other, "strokes.json", content)
    np.testing.assert_allclose(other.canvas.strokes[0], app.canvas.strokes[0], atol=0.051)
    assert "strokes.json are on the sheet" in other._told.value
    other._take_back()
    np.testing.assert_array_equal(other.canvas.strokes, before)
    upload(other, "none.json", b"[]")
    assert "expected strokes" in other._told.value
    np.testing.assert_array_equal(other.canvas.strokes, before)


PICTURES = ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"]


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_is_read_as_paper(app, kind):
    file = io.BytesIO()
    Image.new("RGB", (20, 20)).save(file, kind)
    upload(app, "holiday.json", file.getvalue())  # whatever its name says
    if kind == "TIFF":
        assert "holiday.json: expected a picture" in app._told.value
    else:
        assert "No ink to be seen" in app.paper.shown.value and not app._told.value


def test_an_example_is_what_mnist_has(app, mnist):
    app.examples.digits.value = "4"
    assert app.examples.digits.value is None and not app.canvas.empty and app.canvas.strokes == []
    same = (mnist.validation.images == app.canvas.image.reshape(1, 784)).all(axis=1)  # (5000,)
    assert mnist.validation.labels[same].tolist() == [4]
    assert not app._undo.disabled and app._memory.value == ""
    app.examples.others.click()
    assert len(re.findall("nth-child", app.examples.pictures.value)) == 10


# Things to take home


def link(html, text):
    name, kind, content = re.search(
        rf'download="([^"]*)" href="data:([^;]*);base64,([^"]*)">{re.escape(text)}', html
    ).groups()
    return name, kind, base64.b64decode(content)


def test_what_there_is_to_take_home(app, network):
    assert "Draw something first" in app.taking.links.value
    write(app, RNG, 0)
    strokes, image = app.canvas.strokes, app.canvas.image
    name, kind, content = link(app.taking.links.value, "Picture (PNG)")
    assert (name, kind) == ("digit.png", "image/png")
    picture = np.asarray(Image.open(io.BytesIO(content)))[::10, ::10]  # (280, 280) -> (28, 28)
    np.testing.assert_array_equal(picture, np.rint(255 * (1 - image)))
    _, _, content = link(app.taking.links.value, "Strokes (JSON)")
    np.testing.assert_allclose(json.loads(content)[0], strokes[0], atol=0.051)
    app.keep(0)
    _, _, content = link(app.taking.links.value, "My digits (JSON)")
    other = Recognizer(network)
    upload(other, "my_digits.json", content)
    assert other.digits[0].label == 0
    np.testing.assert_allclose(other.digits[0].image, image, atol=0.02)
    app.taking.pack.click()
    name, _, content = link(app.taking.packed.value, "784-30-10__given_.npz (0.1 MB)")
    np.testing.assert_array_equal(Network.load(io.BytesIO(content), name).parameters, network.parameters)
    app.taking.pack_page.click()
    _, _, content = link(app.taking.packed.value, "784-30-10__given_.html (0.1 MB)")
    assert content.decode() == make_page(network, "784-30-10 (given)")
    app.network.parameters[0] = 1e5
    app.taking.pack_page.click()
    assert "float16" in app.taking.packed.value and 'role="alert"' in app.taking.packed.value


def test_the_command_reads_digits_that_were_taken_home(app, tmp_path):
    from hwd_lib.commands.strokes import read_strokes

    write(app, RNG, 1)
    app.keep(1)
    (tmp_path / "my_digits.json").write_text(digits_to_json(app.digits), "utf-8")
    (sample,) = read_strokes(tmp_path / "my_digits.json")
    assert sample.label == 1
    np.testing.assert_allclose(sample.strokes[0], app.digits[0].strokes[0], atol=0.051)


def test_nothing_is_written_to_the_disk(shelf, monkeypatch):
    app = Recognizer()
    opened = []

    def spy(event, arguments):
        if event == "open" and spying and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
            opened.append(arguments[0])

    spying = True
    sys.addaudithook(spy)
    write(app, RNG, 0)
    app.keep(0)
    app.teaching.teach_it.click()
    app.taking.pack.click()
    app.taking.pack_page.click()
    app.examples.digits.value = "1"
    spying = False
    assert opened == []
