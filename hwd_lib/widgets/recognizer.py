"""The live app: a sheet to draw on, a network that reads along, and panels that show what it thinks.

Read it from `Recognizer._changed` downwards: strokes -> [one group a digit] -> image (28, 28) ->
probabilities (10,) -> panels. A network of other classes than the ten digits reads one sign at a time. What
a visitor can do besides has a room for each card: `networks`, `teaching`, `examples`, `taking`; the digits of
a number have theirs, `number_cards`.
All of it happens in memory; nothing is written to the disk of the machine that serves the page.
"""

import asyncio
import time
from contextlib import suppress
from html import escape

import numpy as np
from ipywidgets import Checkbox, Textarea, ToggleButton

from hwd_lib.evaluation import pixel_votes
from hwd_lib.numbers import SURE, UNREAD, has_just_begun, read_number
from hwd_lib.saved import listed
from hwd_lib.widgets import page, panels
from hwd_lib.widgets.canvas import DigitCanvas
from hwd_lib.widgets.examples import Examples
from hwd_lib.widgets.networks import Networks, title
from hwd_lib.widgets.number_cards import NumberCards, close_up
from hwd_lib.widgets.own_digits import (
    OwnDigit,
    digits_from_json,
    drawing_from_json,
    is_drawing,
    sheet_from_json,
    sheet_to_json,
)
from hwd_lib.widgets.paper_panel import PaperPanel
from hwd_lib.widgets.parts import Panel, box, button, classed, digit_buttons, html
from hwd_lib.widgets.reading import believed, judge, read_out, read_out_number, with_article
from hwd_lib.widgets.taking import Taking
from hwd_lib.widgets.teaching import Teaching

PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")  # how their files begin
SHORTEST_PAUSE = 0.016  # seconds between two readings while a stroke is being drawn
BUSY_PAUSE = 0.1  # the same, where many draw at once and the processors are not enough for all
FRESH = "A digit after a pause starts on a clean sheet"
CLEAN_SHEET_AFTER = 1.5  # seconds: longer than the pause between two strokes of one digit


class Recognizer(Panel):
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
    probabilities : (n,) float32
        Of the ten digits, or of other classes, for what is drawn now; when that does not look like a digit,
        none is above 0.35. Of a number, those of the digit whose card is open; all the same when none is.
    guess : int or None
        The digit, or the number of the class, that is read; None when nothing is drawn, or no digit.
    text : str
        What is read: "7", "2026", "A", "" when nothing is drawn, "?" for what is no digit.
    digits : list of OwnDigit
        The digits that the visitor kept, and said what they are.
    networks, teaching, examples, taking : the cards
    """

    def __init__(self, network=None):
        self.canvas = DigitCanvas()
        self.guess, self.text = None, ""
        self._known, self._rival_known = {}, {}  # what was read of a number, see `read_number`
        self._last_reading, self._pause, self._timer = 0.0, SHORTEST_PAUSE, None
        self._lateness = 0.0  # seconds that this process lately had to wait for a processor
        plain = self.plain
        self._said, self._told = html("", "hwd-said", **plain), html("", **plain)
        self._take_it_back = None  # what the button beside what is told does
        self.networks = Networks(network, self.open_file, self._complain, plain)
        self.teaching = Teaching(self.networks, self.tell, plain)
        self.examples = Examples(self.canvas.show, plain)
        self.taking = Taking(self.canvas, self.teaching, self.networks, plain)
        self.paper = PaperPanel(self.networks, self._keep_mark, self._complain, plain)
        self._make_widgets(plain)
        super().__init__("hwd-recognizer", *self._lay_out(plain), scripts=("sheet", "app", "paper"))
        self.canvas.on_change(self._changed)
        self.teaching.on_change(self._digits_changed)
        self.networks.on_change(self._read_anew)
        self._read_anew()

    @property
    def network(self):
        """The network that is chosen."""
        return self.networks.network

    @property
    def digits(self):
        """The digits that the visitor kept."""
        return self.teaching.digits

    def teach(self):
        """Teach a copy of the network one's own digits, and read on with the copy."""
        self.teaching.teach()

    # What there is to see

    def _make_widgets(self, plain):
        self._hint, self._live = html(page.HINT, "hwd-hint", **plain), html("", "hwd-live", **plain)
        self._head = html("", "hwd-head", **plain)
        self._undo = button("Undo", self.canvas.undo, "hwd-undo")
        self._redo = button("Redo", self.canvas.redo, "hwd-redo")
        self._clear = button("Clear", self.canvas.clear)
        self._number = classed(ToggleButton(description="A number", tooltip=""), "hwd-toggle hwd-as-number")
        self._number.observe(self._number_changed, "value")
        self.cards = NumberCards(lambda: self._read(finished=True), plain)
        self._fresh = Checkbox(description=FRESH, indent=False)
        self._fresh.observe(self._fresh_changed, "value")
        self._why = classed(ToggleButton(description="Why this digit?", tooltip=""), "hwd-toggle hwd-why")
        self._why.observe(lambda _: self._read(finished=True), "value")
        self._memory, self._kept = classed(Textarea(), "hwd-memory"), classed(Textarea(), "hwd-memory")
        self._memory.observe(self._recall, "value")
        self._kept.observe(self._recall_kept, "value")
        self._what = digit_buttons("It is", "hwd-what", self.keep, description="What did you draw?")

    def _lay_out(self, plain):
        layout = {"layout": plain["layout"]}
        sheet = box("hwd-sheet", self.canvas, self._hint, self.cards, **layout)
        tools = box("hwd-tools", self._undo, self._redo, self._clear, self._number, self._fresh, **layout)
        left = box("hwd-left", box("hwd-desk", sheet, tools, **layout), self._what, **layout)
        self._main = main = box("hwd-main", left, self._live, self._why, **layout)
        more = box("hwd-more", self.networks, self.examples, self.taking, **layout)
        body = box("hwd-body", self._head, main, self.paper, self.teaching, more, **layout)
        told = box("hwd-told", self._told, button("Undo this", self._take_back), **layout)
        offline = html(page.OFFLINE, "hwd-offline", **plain)
        return [offline, body, told, self._said, self._memory, self._kept]

    # From stroke to panels

    def _changed(self, finished):
        """Read the drawing, but no more often than the machine can: what is outdated is never read."""
        if self.canvas.drawing and self._told.value:
            self.tell("")
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

    def _read_anew(self):
        self._known, self._rival_known = {}, {}
        digits, names = self.networks.reads_digits, escape(listed(self.networks.names))
        (self.remove_class if digits else self.add_class)("hwd-others")
        self._head.value = page.HEAD if digits else page.HEAD_OTHERS.format(names)
        self._why.description = "Why this digit?" if digits else "Why this one?"
        self._fresh.description = FRESH if digits else FRESH.replace("digit", "sign")
        self._number.value = self._number.value and digits
        self._read(finished=True)

    def _read(self, finished):
        started = time.monotonic()
        with self.canvas.lock:
            strokes = self.canvas.strokes
            if finished:  # before it is shown: who sees an empty sheet, and reloads, wants it empty
                self._memory.value = sheet_to_json(strokes, self.canvas.wide)
            lines = self._find_digits(strokes)
            texts = [digit.text for line in lines for digit in line]
            # On the ordinary sheet a heart or an H is one drawing that is no digit, not a number with gaps.
            sure = all(digit.probabilities.max() >= SURE for line in lines for digit in line)
            number = len(texts) > 1 and UNREAD not in texts and sure
            number = number or self.canvas.wide and self.canvas.picture is None
            self.cards.show(lines if number else [], self.canvas.width)
            readings = self._read_number(lines, strokes) if number else self._read_digit(strokes)
            self.text = readings[0].guess
            shown = not number or self.cards.opened is not None
            for widget in (self._why, self._what):  # they are about one digit
                (widget.remove_class if shown else widget.add_class)("hwd-gone")
            hint = page.HINT if self.networks.reads_digits else page.HINT_OTHERS
            hint = page.HINT_NUMBER if self.canvas.wide else hint
            self._hint.value = hint if self.canvas.empty else ""
            if finished:
                self._stroke_ended(readings)
            self._last_reading = time.monotonic()
            # On a slow machine reading takes at most a third of the time: ink never waits long for it.
            # Where others have to wait as well, everybody reads less often, and all are read in time.
            busy = min(BUSY_PAUSE, 6 * self._lateness)
            self._pause = max(SHORTEST_PAUSE, 2 * (self._last_reading - started), busy)

    def _find_digits(self, strokes):
        """Read the strokes as a number; one that has just begun next to others is not judged yet."""
        if not self.networks.reads_digits:
            return []
        beside = self.canvas.wide or self.cards.digits
        if self.canvas.drawing and beside and len(strokes) > 1 and has_just_begun(strokes):
            strokes = strokes[:-1]
        return read_number(strokes, self.network, self._known)

    def _read_digit(self, strokes):
        """Read the sheet as one digit, and show it; returns what each network makes of it."""
        image, names = self.canvas.image, self.networks.names
        activations = self.network.forward(image.reshape(1, -1))  # (28, 28) -> (1, 784)
        asked = [(title(self.networks.name), activations[-1][0])]  # (1, 10) -> (10,)
        rival = self.networks.rival
        if rival:
            asked.append((title(self.networks.rival_name), rival.probabilities(image.reshape(1, -1))[0]))
        readers = [(name, *judge(alone, self.canvas, names)) for name, alone in asked]
        _, reading, self.probabilities = readers[0]
        said = reading.guess in names and reading.state != "nothing"
        self.guess = names.index(reading.guess) if said else None
        votes = self._votes(image)
        self._live.value = panels.live(
            readers, strokes, image, activations[1:-1], votes, self.canvas.size, self._why.value, names
        )
        return [reading for _, reading, _ in readers]

    def _read_number(self, lines, strokes):
        """Show the digits that were found, and all about the one whose card is open; returns the same."""
        drawing, full = self.canvas.drawing, self.canvas.full
        rival, digit = self.networks.rival, self.cards.opened
        readers = [(title(self.networks.name), self.network, read_out_number(lines, drawing, full))]
        if rival:
            others = read_number(strokes, rival, self._rival_known)
            readers.append((title(self.networks.rival_name), rival, read_out_number(others, drawing, full)))
        opened, rows = "", [None] * len(readers)
        self.probabilities, self.guess = np.full(10, 0.1, np.float32), None
        if digit is not None:
            x = digit.image.reshape(1, -1)  # (28, 28) -> (1, 784)
            rows = [believed(network.probabilities(x)[0], digit.strokes) for _, network, _ in readers]
            self.probabilities = rows[0]
            one = read_out(rows[0])
            self.guess = int(one.guess) if one.guess.isdigit() else None
            hidden = self.network.forward(x)[1:-1]
            near, size = close_up(digit)
            opened = panels.way(
                one, near, digit.image, hidden, self._votes(digit.image), size, self._why.value
            )
        shown = [(name, reading, row) for (name, _, reading), row in zip(readers, rows, strict=True)]
        self._live.value = panels.number(shown, self.cards.place, opened, self.canvas.points)
        return [reading for _, _, reading in readers]

    def _votes(self, image):
        """Which pixels spoke for the guess, if somebody wants to know and there is one."""
        wanted = self._why.value and self.guess is not None
        return pixel_votes(self.network, image, self.guess) if wanted else None

    def _stroke_ended(self, readings):
        self._undo.disabled, self._redo.disabled = not self.canvas.can_undo, not self.canvas.can_redo
        self.taking.show()
        sentences = [f"{r.sentence} {r.note}".strip() for r in readings if r.guess]
        self._say(" The other network: ".join(sentences))  # last: now everything is done

    def _say(self, sentence):
        """Announce something to a screen reader."""
        self._said.value = escape(sentence)

    def tell(self, sentence, undo=None):
        """Say something at the window's lower edge, where the visitor looks, until the next stroke begins.

        Parameters
        ----------
        sentence : str
        undo : function or None
            What a button beside the sentence does.
        """
        self._take_it_back = undo
        kind = ' class="hwd-undoable"' if undo else ""
        self._told.value = f"<p{kind}>{escape(sentence)}</p>" if sentence else ""
        self._say(sentence)

    def _complain(self, sentence):
        """Say what is wrong with a file, in the same place."""
        self._told.value = f'<p class="hwd-wrong" role="alert">{escape(sentence)}</p>'

    def _take_back(self):
        undo = self._take_it_back
        self.tell("")
        if undo:
            undo()

    # What the visitor does with the sheet

    def _number_changed(self, change):
        """Turn the sheet wide for a number, or back."""
        wide = change["new"] and self.networks.reads_digits
        (self._main.add_class if wide else self._main.remove_class)("hwd-wide")
        self._fresh.disabled = wide
        self._fresh_changed(None)
        self.cards.close_all()
        self.canvas.wide = wide

    def _fresh_changed(self, _):
        fresh = self._fresh.value and not self._number.value  # a number takes its time
        self.canvas.new_sheet_after = CLEAN_SHEET_AFTER if fresh else None

    def _recall(self, change):
        """The page brings the drawing of before its reload."""
        if change["new"] and not self.canvas.points:
            try:
                strokes, wide = sheet_from_json(change["new"])
                self._number.value = wide
                self.canvas.strokes = strokes
            except (ValueError, TypeError):
                self._memory.value = ""

    def _digits_changed(self):
        self._kept.value = self.teaching.memory()

    def _recall_kept(self, change):
        """The page brings the digits that were kept before its reload, and what was taught from them."""
        if change["new"] and not self.digits:
            try:
                self.teaching.recall(change["new"])
            except ValueError:
                self._kept.value = ""

    def keep(self, label):
        """Keep what is drawn as a digit of one's own, say which it is, and take a clean sheet.

        Of a number, the digit whose card is open is kept, and the number stays.
        """
        if not self.canvas.points:
            return self.tell("Draw a digit first: there is nothing to keep.")
        if self.teaching.full:
            return self.tell("There is no room for more digits.")
        was = "" if self.guess == label else ", though read as another"
        opened = self.cards.opened
        if opened is None:
            digit = OwnDigit(label, self.canvas.strokes, self.canvas.image)
            self.canvas.clear()
        else:
            digit = OwnDigit(label, opened.strokes, opened.image)
            self.cards.close_all()
            self._read(finished=True)
        right, n = self.teaching.keep(digit)
        words = f"Kept as {with_article(label)}{was} · {right} of {n} read right"
        return self.tell(words, undo=self._unkeep if opened is None else self.teaching.forget_last)

    def _keep_mark(self, digit):
        """Keep a digit from paper as one's own."""
        if self.teaching.full:
            return self.tell("There is no room for more digits.")
        right, n = self.teaching.keep(digit)
        words = f"Kept as {with_article(digit.label)} · {right} of {n} read right"
        return self.tell(words, undo=self.teaching.forget_last)

    def _unkeep(self):
        """Forget the digit that was kept last, and bring its drawing back."""
        self.teaching.forget_last()
        self.canvas.undo()

    def open_file(self, name, content):
        """Open a file that the visitor sent: a network, or strokes or digits of before.

        Parameters
        ----------
        name : str
        content : bytes

        Raises
        ------
        ValueError
            When it is something else.
        """
        if content.startswith(PICTURES) or content[4:8] == b"ftyp" or content[8:12] == b"WEBP":
            if not self.networks.reads_digits:
                raise ValueError(
                    f"{name}: expected a network of digits to read a picture, found one of "
                    f"{listed(self.networks.names)}. Choose another under “Networks”, then open it again."
                )
            self.paper.open_picture(content, name)
            return
        if name.endswith(".json") and is_drawing(content):
            self.canvas.strokes = drawing_from_json(content, name)
            self.tell(f"The strokes of {name} are on the sheet.", undo=self.canvas.undo)
        elif name.endswith(".json"):
            before = len(self.digits)
            self.teaching.keep(*digits_from_json(content, name))
            where = "" if self.networks.reads_digits else ", for networks of digits"
            self.tell(f"{len(self.digits) - before} digits of {name} are kept{where}.")
        elif name.endswith(".npz"):
            self.networks.take_in(name, content)
            self.tell(f"{name} reads along now.")
        else:
            raise ValueError(
                f"{name}: expected a network (.npz), or digits or strokes (.json) of this app, found "
                "something else. Choose a file that “Take it with you” gave."
            )
