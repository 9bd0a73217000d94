"""The card that reads paper: a picture comes, its digits stand in it, and each tells why it was read so."""

from html import escape

import numpy as np
from ipywidgets import Box, FileUpload, Textarea

from hwd_lib.evaluation import pixel_votes
from hwd_lib.png import data_url
from hwd_lib.widgets import panels
from hwd_lib.widgets.own_digits import OwnDigit
from hwd_lib.widgets.parts import box, classed, digit_buttons, html
from hwd_lib.widgets.reading import with_article

INTRO = (
    "<h2>From paper</h2><p>Write digits on paper and take a picture of it: choose it here, drop it on the "
    "page, or paste it. It is read, shown, and not kept.</p>"
)
LARGEST = 9_000_000  # bytes: more than the page ever sends
SURE = 0.8
QUALITY = 80  # of the JPEG that is shown


class PaperPanel(Box):
    """Pictures of paper in the app.

    Parameters
    ----------
    networks : Networks
        Who reads.
    keep : function
        ``keep(OwnDigit)`` keeps a digit of the page as one's own.
    complain : function
        ``complain(sentence)`` says what is wrong with a file.
    plain : dict
        See `Panel.plain`.
    """

    def __init__(self, networks, keep, complain, plain):
        self._networks, self._keep, self._complain = networks, keep, complain
        self._picture, self.page = None, None
        upload = FileUpload(accept="image/*", description="", multiple=False, tooltip="")
        self.upload = classed(upload, "hwd-photo")
        self.upload.observe(self._uploaded, "value")
        self.shown, self.about = html("", "hwd-sheet-read", **plain), html("", "hwd-mark", **plain)
        self._chosen = classed(Textarea(), "hwd-which")
        self._chosen.observe(self._choose, "value")
        self.what = digit_buttons("It is", "hwd-what", self._named, description="What is it?")
        self._one = box("hwd-one hwd-gone", self.about, self.what, layout=plain["layout"])
        children = [html(INTRO, **plain), self.upload, self.shown, self._one, self._chosen]
        super().__init__(children, layout=plain["layout"])
        classed(self, "hwd-card hwd-paper")
        networks.on_change(self._read)

    def open_picture(self, content, name):
        """Read a picture, in bytes, that has this name. Raises ValueError when it is none."""
        from hwd_lib.paper.picture import read_picture  # OpenCV is loaded when the first picture comes

        try:
            self._picture, _ = read_picture(content)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
        self._read()

    def _uploaded(self, change):
        for file in change["new"]:
            self.upload.value = ()  # the picture itself is not kept
            content = file.get("content")
            try:
                if not isinstance(content, memoryview | bytes) or len(content) > LARGEST:
                    raise ValueError("From paper: expected a picture below 9 million bytes. Choose another.")
                self.open_picture(bytes(content), "From paper")
            except ValueError as error:
                self._complain(str(error))

    def _read(self):
        """Let the network that is chosen read the picture, and show both."""
        self.page = None
        if self._picture is None or not self._networks.reads_digits:
            return
        from hwd_lib.paper.reading import read_page

        self.page = read_page(self._picture, self._networks.network)
        self.shown.value = picture_with_digits(self._picture, self.page)
        self._chosen.value = ""
        self._one.add_class("hwd-gone")

    def _choose(self, change):
        """Tell of one digit what the network sees, and why it reads it so."""
        digit = self._digit()
        if digit is None:
            return
        votes = panels.votes(pixel_votes(self._networks.network, digit.image, digit.digit))
        pixels = panels.pixels(digit.image, "The digit in 28 by 28 pixels", votes)
        picture = panels.figure("What it sees", f"and what spoke for {digit.digit}", pixels)
        bars = panels.bars(digit.probabilities, prefix="hwd-mark-")
        self.about.value = f'<div class="hwd-why-one">{picture}{bars}</div>'
        self._one.remove_class("hwd-gone")

    def _digit(self):
        """The digit that is chosen, or None."""
        text = self._chosen.value
        digits = self.page.digits if self.page else []
        return digits[int(text)] if text.isdecimal() and len(text) < 5 and int(text) < len(digits) else None

    def _named(self, label):
        """The visitor says what the chosen digit is: it becomes one of their own, to be taught."""
        digit = self._digit()
        if digit is not None:
            from hwd_lib.paper.images import strokes_of

            self._keep(OwnDigit(label, strokes_of(digit.image), digit.image))


def picture_with_digits(picture, page):
    """A picture (h, w, 3) uint8 with a box and a digit for each mark, and the lines as text: HTML."""
    import cv2

    h, w = picture.shape[:2]
    jpeg = cv2.imencode(".jpg", picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
    marks = []
    for k, digit in enumerate(page.digits):
        x, y, wide, high = digit.box
        sure = float(digit.probabilities.max())
        words = f"{with_article(digit.digit)}, {panels.percent(sure)} sure"
        size = float(np.clip(0.45 * high, w / 50, w / 12))
        marks.append(
            f'<g data-mark="{k}" tabindex="0" role="button" aria-label="{escape(words, True)}"'
            f' class="{"" if sure > SURE else "hwd-unsure"}">'
            f'<rect x="{x}" y="{y}" width="{wide}" height="{high}" rx="{w / 200:.1f}"/>'
            f'<text x="{x}" y="{max(y - w / 200, size):.0f}" font-size="{size:.0f}">{digit.digit}</text></g>'
        )
    lines = "".join(f"<li>{' '.join(numbers)}</li>" for numbers in page.numbers)
    copy = '<button class="jupyter-button hwd-copy">Copy</button>'
    text = f'<ol class="hwd-lines">{lines}</ol>{copy}' if lines else ""
    advice = f'<p class="hwd-advice" role="status">{escape(page.advice)}</p>' if page.advice else ""
    return (
        f'<div class="hwd-read" style="aspect-ratio:{w}/{h}">'
        f'<img alt="Your picture" src="{data_url(jpeg, "image/jpeg")}">'
        f'<svg viewBox="0 0 {w} {h}">{"".join(marks)}</svg></div>{text}{advice}'
    )
