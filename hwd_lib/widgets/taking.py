"""The card of things to take home from the live app: made for the visitor alone, and stored nowhere."""

import io
from html import escape

from ipywidgets import Box

from hwd_lib.page import make_page
from hwd_lib.png import data_url, of_ink
from hwd_lib.widgets import page
from hwd_lib.widgets.own_digits import digits_to_json, strokes_to_json
from hwd_lib.widgets.parts import button, classed, html


class Taking(Box):
    """Links that download the drawing, one's own digits, and the network.

    Parameters
    ----------
    canvas : DigitCanvas
    teaching : Teaching
    networks : Networks
    plain : dict
        See `Panel.plain`.
    """

    def __init__(self, canvas, teaching, networks, plain):
        self._canvas, self._teaching, self._networks = canvas, teaching, networks
        self.links, self.packed = html("", "hwd-take", **plain), html("", "hwd-take", **plain)
        self.pack = button("Pack the network …", self.pack_network)
        self.pack_page = button("As a page that works anywhere …", self.make_page)
        children = [html(page.TAKE, **plain), self.links, self.pack, self.pack_page, self.packed]
        super().__init__(children, layout=plain["layout"])
        classed(self, "hwd-card")
        teaching.on_change(self.show)
        networks.on_change(self._unpack)
        self.show()

    def show(self):
        """Link what there is to take home now."""
        links = []
        if not self._canvas.empty:
            links.append(link("Picture (PNG)", "digit.png", of_ink(self._canvas.image), "image/png"))
        if self._canvas.points:
            content = strokes_to_json(self._canvas.strokes).encode()
            links.append(link("Strokes (JSON)", "strokes.json", content, "application/json"))
        if self._teaching.digits:
            content = digits_to_json(self._teaching.digits).encode()
            links.append(link("My digits (JSON)", "my_digits.json", content, "application/json"))
        self.links.value = "".join(links) or page.NOTHING_TO_TAKE

    def pack_network(self):
        """Make the network a file: only when asked, for it is large."""
        file = io.BytesIO()
        self._networks.network.save(file)
        self._hand_over(".npz", file.getvalue(), "application/octet-stream")

    def make_page(self):
        """Make a page of the network, one file that needs nobody to serve it: only when asked, too."""
        try:
            content = make_page(self._networks.network, self._networks.name).encode()
        except ValueError as error:
            self.packed.value = f'<p class="hwd-wrong" role="alert">{escape(str(error))}</p>'
        else:
            self._hand_over(".html", content, "text/html")

    def _hand_over(self, suffix, content, kind):
        name = "".join(c if c.isalnum() or c in "-_" else "_" for c in self._networks.name) + suffix
        self.packed.value = link(f"{name} ({len(content) / 1e6:.1f} MB)", name, content, kind)

    def _unpack(self):
        self.packed.value = ""


def link(text, name, content, kind):
    """A link that downloads a file, which it holds itself, as HTML."""
    name, address = escape(name, True), data_url(content, kind)
    return f'<a class="hwd-link" download="{name}" href="{address}">{escape(text)}</a>'
