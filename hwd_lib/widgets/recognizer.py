"""The live app: a sheet to draw on, a network that reads along, and panels that show what it thinks.

Read it from `Recognizer._changed` downwards: strokes -> image (28, 28) -> probabilities (10,) -> panels.
Below that comes what a visitor can do besides: choose networks, keep digits, teach them, take things home.
All of it happens in memory; nothing is written to the disk of the machine that serves the page.
"""

import asyncio
import io
import json
import time
from contextlib import suppress
from functools import cache
from html import escape
from pathlib import Path

import numpy as np
from ipywidgets import (
    HTML,
    Box,
    Button,
    Checkbox,
    Dropdown,
    FileUpload,
    Layout,
    Textarea,
    ToggleButton,
    ToggleButtons,
    VBox,
)
from ipywidgets.widgets.widget_string import HTMLStyle

from hwd_lib.evaluation import accuracy, pixel_votes
from hwd_lib.mnist import Split, read_part, scale
from hwd_lib.network import SAVED_NN, Network
from hwd_lib.page import make_page
from hwd_lib.png import data_url, of_ink
from hwd_lib.saved import default_network, load_reader
from hwd_lib.training import fine_tune
from hwd_lib.widgets import page, panels
from hwd_lib.widgets.canvas import DigitCanvas
from hwd_lib.widgets.own_digits import (
    MOST_KEPT,
    OwnDigit,
    digits_from_json,
    digits_to_json,
    strokes_to_json,
)
from hwd_lib.widgets.reading import judge, with_article

SHORTEST_PAUSE = 0.016  # seconds between two readings while a stroke is being drawn
BUSY_PAUSE = 0.1  # the same, where many draw at once and the processors are not enough for all
CLEAN_SHEET_AFTER = 1.5  # seconds: longer than the pause between two strokes of one digit
MOST_OPENED = 3  # files of one visitor
REPLAY, MEASURED = 4000, 2000  # MNIST digits: to learn among, and to see what was forgotten
NO_RIVAL = ""


class Recognizer(VBox):
    """The app, ready to be shown: ``Recognizer()`` on the last line of a cell.

    Parameters
    ----------
    network : Network or path
        What reads the drawing; by default `default_network`.

    Attributes
    ----------
    canvas : DigitCanvas
        ``canvas.strokes`` and ``canvas.image`` are the drawing.
    network : Network
        The one that is chosen; it changes when the visitor chooses another, or teaches it.
    probabilities : (10,) float32
        Of the digits, for what is drawn now; when that does not look like a digit, none is above 0.35.
    guess : int or None
        The digit that is read; None when nothing is drawn, or no digit.
    digits : list of OwnDigit
        The digits that the visitor kept, and said what they are.
    """

    def __init__(self, network=None):
        self.canvas = DigitCanvas()
        self.digits = []
        self.guess = None
        self.rival = None  # the network to compare with
        self._shelf = {path.stem: path for path in sorted(SAVED_NN.glob("*.npz"))}  # name -> path or Network
        self._report = ""
        self._filling = False
        self._taught = {}  # name of a network that was taught -> name of the one it was before
        self._examples = None  # (10, 784)
        self._shown = []  # where in MNIST's validation images they are from
        self._last_reading, self._pause, self._timer = 0.0, SHORTEST_PAUSE, None
        self._lateness = 0.0  # seconds that this process lately had to wait for a processor
        if isinstance(network, Network):
            name = network.metadata.get("recipe") or "-".join(map(str, network.layers))
            self._shelf[f"{name} (given)"] = network
            self._name = f"{name} (given)"
        else:
            path = Path(network or default_network())
            self._shelf.setdefault(path.stem, path)
            self._name = path.stem
        self.network = self._open(self._name)
        self._make_widgets()
        super().__init__(self._lay_out())
        self.add_class("hwd-app")
        self._read(finished=True)
        self._show_digits()

    # What there is to see

    def _make_widgets(self):
        # Widgets that need no layout of their own share one: each is an object that the page has to make.
        self._plain = {"layout": Layout(), "style": HTMLStyle()}
        self._hint = self._html(page.HINT, "hwd-hint")
        self._live = self._html("", "hwd-live")
        self._said = self._html("", "hwd-said")
        self._undo = _button("Undo stroke", self.canvas.undo)
        self._clear = _button("Clear", self.canvas.clear)
        self._fresh = Checkbox(description="A digit after a pause starts on a clean sheet", indent=False)
        self._fresh.observe(self._fresh_changed, "value")
        self._why = ToggleButton(description="Why this digit?", tooltip="")
        self._why.add_class("hwd-why")
        self._why.observe(lambda _: self._read(finished=True), "value")
        self._memory = Textarea()
        self._memory.add_class("hwd-memory")
        self._memory.observe(self._recall, "value")
        self._what = _digit_buttons("It is", "hwd-what", description="What did you draw?")
        self._what.observe(self._name_it, "value")
        self._strip = self._html("", "hwd-strip")
        self._teach_it = _button("Teach it my digits", self.teach, "hwd-primary")
        self._unteach_it = _button("Undo teaching", self.unteach)
        self._forget_last = _button("Forget the last", self.forget_last)
        self._forget_it = _button("Forget my digits", self.forget)
        self._choose = Dropdown(description="Reads along", tooltip="")
        self._versus = Dropdown(description="Compare with", tooltip="")
        self._choose.observe(self._chosen, "value")
        self._versus.observe(self._compared, "value")
        self._upload = FileUpload(accept=".npz,.json", description="", multiple=False, tooltip="")
        self._upload.observe(self._uploaded, "value")
        self._about = self._html("", "hwd-about")
        self._example = _digit_buttons("Show", "hwd-examples")
        self._example.observe(self._show_example, "value")
        self._pictures = self._html("", "hwd-gone")
        self._others = _button("Others", self._new_examples)
        self._take = self._html("", "hwd-take")
        self._pack = _button("Pack the network …", self._pack_network)
        self._pack_page = _button("As a page that works anywhere …", self._make_page)
        self._packed = self._html("", "hwd-take")
        self.canvas.on_change(self._changed)
        self._fill_shelf()
        self._new_examples()
        self._about.value = panels.about(self.network)

    def _html(self, value, *classes):
        widget = HTML(value, **self._plain)
        for name in classes:
            widget.add_class(name)
        return widget

    def _box(self, classes, *children):
        box = Box(children, layout=self._plain["layout"])
        for name in classes.split():
            box.add_class(name)
        return box

    def _lay_out(self):
        box, text = self._box, lambda words: self._html(words)
        sheet = box("hwd-sheet", self.canvas, self._hint)
        tools = box("hwd-tools", self._undo, self._clear, self._fresh)
        left = box("hwd-left", box("hwd-desk", sheet, tools), self._what)
        main = box("hwd-main", left, self._live, self._why)
        own = box(
            "hwd-card hwd-own",
            text(page.OWN),
            self._strip,
            box("hwd-tools", self._teach_it, self._unteach_it, self._forget_last, self._forget_it),
        )
        networks = box(
            "hwd-card hwd-networks",
            text(page.NETWORKS),
            self._choose,
            self._versus,
            self._about,
            text(page.OPEN),
            self._upload,
        )
        examples = box("hwd-card", text(page.EXAMPLES), self._pictures, self._example, self._others)
        take = box("hwd-card", text(page.TAKE), self._take, self._pack, self._pack_page, self._packed)
        body = box(
            "hwd-body",
            self._html(page.HEAD, "hwd-head"),
            main,
            own,
            box("hwd-more", networks, examples, take),
        )
        style, offline = self._html(page.style(), "hwd-style"), self._html(page.OFFLINE, "hwd-offline")
        return [style, offline, body, self._said, self._memory]

    # From stroke to panels

    def _changed(self, finished):
        """Read the drawing, but no more often than the machine can: what is outdated is never read."""
        wait = self._last_reading + self._pause - time.monotonic()
        if finished or wait <= 0:
            self._read(finished)
        elif self._timer is None:
            # The last point before the hand stops to think must be read as well. Without an event loop (in a
            # test) that has to wait for the end of the stroke.
            with suppress(RuntimeError):
                self._timer = asyncio.get_running_loop().call_later(wait, self._late)

    def _late(self):
        self._timer = None
        late = max(0, time.monotonic() - self._last_reading - self._pause)
        self._lateness += (late - self._lateness) / 4
        if self.canvas.drawing:
            self._read(finished=False)

    def _read(self, finished):
        started = time.monotonic()
        with self.canvas.lock:
            empty, strokes, image = self.canvas.empty, self.canvas.strokes, self.canvas.image
            activations = self.network.forward(image.reshape(1, -1))  # (28, 28) -> (1, 784)
            asked = [(self._name, activations[-1][0])]  # (1, 10) -> (10,)
            if self.rival:
                asked.append((self._versus.value, self.rival.probabilities(image.reshape(1, -1))[0]))
            readers = [(name, *judge(alone, self.canvas)) for name, alone in asked]
            _, reading, self.probabilities = readers[0]
            self.guess = int(reading.guess) if reading.guess.isdigit() else None
            votes = None
            if self._why.value and self.guess is not None:
                votes = pixel_votes(self.network, image, self.guess)
            self._hint.value = page.HINT if empty else ""
            self._live.value = panels.live(
                readers, strokes, image, activations[1:-1], votes, self.canvas.size
            )
            if finished:
                self._stroke_ended([reading for _, reading, _ in readers])
            self._last_reading = time.monotonic()
            # On a slow machine reading takes at most a third of the time: ink never waits long for it.
            # Where others have to wait as well, everybody reads less often, and all are read in time.
            busy = min(BUSY_PAUSE, 6 * self._lateness)
            self._pause = max(SHORTEST_PAUSE, 2 * (self._last_reading - started), busy)

    def _stroke_ended(self, readings):
        strokes = strokes_to_json(self.canvas.strokes) if self.canvas.points else ""
        self._undo.disabled = not strokes
        self._memory.value = strokes
        self._take.value = self._links(strokes)
        sentences = [f"{r.sentence} {r.note}".strip() for r in readings if r.guess]
        self._say(" The other network: ".join(sentences))  # last: now everything is done

    def _say(self, sentence):
        """Announce something to a screen reader."""
        self._said.value = escape(sentence)

    # What the visitor does with the sheet

    def _fresh_changed(self, change):
        self.canvas.new_sheet_after = CLEAN_SHEET_AFTER if change["new"] else None

    def _recall(self, change):
        """The page brings the drawing of before its reload."""
        if change["new"] and not self.canvas.points:
            try:
                self.canvas.strokes = json.loads(change["new"])
            except (ValueError, TypeError, RecursionError):
                self._memory.value = ""

    def _show_example(self, change):
        if change["new"] is not None:
            self.canvas.show(self._examples[int(change["new"])])
            self._example.value = None

    def _new_examples(self):
        """Choose one digit of each kind from MNIST's validation images, and picture them on the buttons."""
        images, labels = _validation_digits()
        rng = np.random.default_rng()
        others = np.setdiff1d(np.arange(len(labels)), self._shown)  # never the same again
        self._shown = [rng.choice(others[labels[others] == digit]) for digit in range(10)]
        self._examples = scale(images[self._shown])  # (10, 784)
        rules = (
            f".hwd-examples button:nth-child({digit + 1})"
            f"{{background-image:url({data_url(of_ink(image.reshape(28, 28), scale=2))})}}"
            for digit, image in enumerate(self._examples)
        )
        self._pictures.value = f"<style>{''.join(rules)}</style>"

    # One's own digits, and teaching them

    def _name_it(self, change):
        if change["new"] is not None:
            self.keep(int(change["new"]))
            self._what.value = None

    def keep(self, label):
        """Keep what is drawn as a digit of one's own, say which it is, and take a clean sheet."""
        if not self.canvas.points or len(self.digits) >= MOST_KEPT:
            self._say(
                "Draw a digit first." if not self.canvas.points else "There is no room for more digits."
            )
        else:
            right = self.guess == label
            self.digits.append(OwnDigit(label, self.canvas.strokes, self.canvas.image))
            self.canvas.clear()
            self._show_digits()
            self._say(
                f"Kept as {with_article(label)}. "
                + ("That is what was read." if right else "It was read as another.")
            )

    def forget_last(self):
        """Forget the digit that was kept last: one says a wrong name easily, and it would be learned."""
        del self.digits[-1:]
        self._show_digits()

    def forget(self):
        """Forget all digits of one's own."""
        self.digits = []
        self._show_digits()

    def teach(self):
        """Teach a copy of the network one's own digits, and read on with the copy."""
        if not self.digits:
            return
        name, self._teach_it.description = self._teach_it.description, "Learning …"
        try:
            self._learn()
        finally:
            self._teach_it.description = name

    def _learn(self):
        base = self._taught.get(self._name, self._name)
        before = self._open(base)
        images, labels = self._own()
        replay, validation = (
            Split(scale(images), labels.astype(np.int64))
            for images, labels in (_training_digits(), _validation_digits())
        )
        started = time.monotonic()
        after = fine_tune(before, images, labels, replay)
        seconds = time.monotonic() - started
        own = [int((network.predict(images) == labels).sum()) for network in (before, after)]
        mnist = [100 * accuracy(network, validation) for network in (before, after)]
        after.metadata = {
            key: value
            for key, value in before.metadata.items()
            if not key.endswith(("accuracy", "accuracies"))
        }
        after.metadata |= {"taught": len(labels), "validation_accuracy": mnist[1] / 100}
        self._report = panels.lesson(own, len(labels), mnist, len(validation.labels), seconds)
        name = f"{base}, taught by you"
        self._shelf[name], self._taught[name] = after, base
        self._switch(name)
        self._say(f"Learned. Of your {len(labels)} digits it read {own[0]} before, and reads {own[1]} now.")

    def unteach(self):
        """Go back to the network as it was before it was taught."""
        base = self._taught.pop(self._name, None)
        if base:
            del self._shelf[self._name]
            self._switch(base)

    def _own(self):
        """One's own digits as images (n, 784) float32 and labels (n,) int64."""
        return (
            np.stack([digit.image.ravel() for digit in self.digits]),  # n of (28, 28) -> (n, 784)
            np.array([digit.label for digit in self.digits]),
        )

    def _show_digits(self):
        """Show one's own digits, and how the network that is chosen now reads them."""
        if self.digits:
            images, labels = self._own()
            read = self.network.predict(images)
            thumbs = [(d.image, d.label, int(r)) for d, r in zip(self.digits, read, strict=True)]
            self._strip.value = panels.strip(thumbs) + (self._report if self._name in self._taught else "")
        else:
            self._strip.value = page.NO_DIGITS
        for button in (self._teach_it, self._forget_last, self._forget_it):
            button.disabled = not self.digits
        self._unteach_it.disabled = self._name not in self._taught
        self._take.value = self._links(self._memory.value)

    # Networks

    def _open(self, name):
        network = self._shelf[name]
        return network if isinstance(network, Network) else Network.load(network)

    def _fill_shelf(self):
        """Offer all networks in both menus, without a change of what is chosen."""
        self._filling = True  # new options choose the first of them, for a moment
        names = [(_label(name, network), name) for name, network in self._shelf.items()]
        rival = self._versus.value
        self._choose.options, self._choose.value = names, self._name
        self._versus.options = [("no other", NO_RIVAL), *names]
        self._versus.value = rival if rival in self._shelf else NO_RIVAL
        self._filling = False
        self._compared({"new": self._versus.value})

    def _switch(self, name):
        """Read on with another network."""
        self._name = name
        self.network = self._open(name)
        if [value for _, value in self._choose.options] != list(self._shelf):
            self._fill_shelf()
        self._about.value = panels.about(self.network)
        self._packed.value = ""
        self._read(finished=True)
        self._show_digits()

    def _chosen(self, change):
        if not self._filling and change["new"] not in (None, self._name):
            self._switch(change["new"])

    def _compared(self, change):
        if not self._filling:
            self.rival = self._open(change["new"]) if change["new"] else None
            self._read(finished=True)

    def _uploaded(self, change):
        for file in change["new"]:
            self._upload.value = ()
            try:
                self._take_in(file["name"], bytes(file["content"]))
            except ValueError as error:
                self._about.value = f'<p class="hwd-wrong" role="alert">{escape(str(error))}</p>'

    def _take_in(self, name, content):
        """Open a file that the visitor sent: a network (.npz), or digits of before (.json)."""
        if name.endswith(".json"):
            self.digits += digits_from_json(content, name)
            del self.digits[MOST_KEPT:]
            return self._show_digits()
        network = load_reader(io.BytesIO(content), name)
        name = f"{Path(name).stem} (yours)"
        for old in [old for old in self._shelf if old.endswith("(yours)")][: 1 - MOST_OPENED]:
            del self._shelf[old]  # the memory is shared with other visitors
        self._shelf[name] = network
        return self._switch(name)

    # Things to take home

    def _links(self, strokes):
        links = []
        if not self.canvas.empty:
            links.append(_link("Picture (PNG)", "digit.png", of_ink(self.canvas.image), "image/png"))
        if strokes:
            links.append(_link("Strokes (JSON)", "strokes.json", strokes.encode(), "application/json"))
        if self.digits:
            content = digits_to_json(self.digits).encode()
            links.append(_link("My digits (JSON)", "my_digits.json", content, "application/json"))
        return "".join(links) or page.NOTHING_TO_TAKE

    def _pack_network(self):
        """Make the network a file: only when asked, for it is large."""
        file = io.BytesIO()
        self.network.save(file)
        self._hand_over(".npz", file.getvalue(), "application/octet-stream")

    def _make_page(self):
        """Make a page of the network, one file that needs nobody to serve it: only when asked, too."""
        try:
            self._hand_over(".html", make_page(self.network, self._name).encode(), "text/html")
        except ValueError as error:
            self._packed.value = f'<p class="hwd-wrong" role="alert">{escape(str(error))}</p>'

    def _hand_over(self, suffix, content, kind):
        name = "".join(c if c.isalnum() or c in "-_" else "_" for c in self._name) + suffix
        self._packed.value = _link(f"{name} ({len(content) / 1e6:.1f} MB)", name, content, kind)


def _label(name, network):
    """A network's name with its accuracy, for a menu."""
    try:
        about = network.metadata if isinstance(network, Network) else _metadata(network)
    except (OSError, ValueError, KeyError):
        return name
    score = about.get("test_accuracy") or about.get("validation_accuracy")
    return f"{name} · {100 * score:.1f} %" if isinstance(score, float) else name


def _metadata(path):
    """What a network's file says of itself, without reading the weights."""
    with np.load(path, allow_pickle=False) as file:
        return json.loads(str(file["metadata"]))


@cache
def _validation_digits():
    """Some of MNIST's validation digits: images (n, 784) and labels (n,), both uint8."""
    return read_part(55_000, MEASURED)


@cache
def _training_digits():
    """Some of MNIST's training digits, likewise."""
    return read_part(0, REPLAY)


def _link(text, name, content, kind):
    name, address = escape(name, True), data_url(content, kind)
    return f'<a class="hwd-link" download="{name}" href="{address}">{escape(text)}</a>'


def _digit_buttons(verb, kind, **kwargs):
    """Ten buttons, each with a word more for those who point at it or cannot see what it is for."""
    words = [f"{verb} {with_article(digit)}" for digit in range(10)]
    digits = [str(digit) for digit in range(10)]
    buttons = ToggleButtons(options=digits, value=None, tooltips=words, tooltip="", **kwargs)
    buttons.add_class(kind)
    return buttons


def _button(text, action, *classes):
    button = Button(description=text)
    button.on_click(lambda _: action())
    for name in classes:
        button.add_class(name)
    return button
