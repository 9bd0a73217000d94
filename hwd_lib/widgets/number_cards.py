"""The cards of a number in the live app: each digit has one below its ink, and opens when it is tapped."""

from itertools import zip_longest

import numpy as np
from ipywidgets import Box, Layout, ToggleButton

from hwd_lib.numbers import UNREAD
from hwd_lib.widgets import panels
from hwd_lib.widgets.parts import classed, html
from hwd_lib.widgets.reading import believed_digit

CARD = 12.5  # percent of the sheet's width: a finger's breadth on a phone
GAP = 0.5  # percent between two cards
MOST_IN_PLACE = int(100 / (CARD + GAP))  # more digits than these stand in rows, not below their ink


class NumberCards(Box):
    """A card for each digit: the image that the network got, the guess, how sure it is.

    A card is changed only where its digit has changed, and none is ever thrown away: what is finished stays
    calm while the next digit is written.

    Parameters
    ----------
    tapped : function of ()
        Called when somebody opened a card, or closed it.
    plain : dict
        See `Panel.plain`.

    Attributes
    ----------
    digits : list of Digit
        Those that are shown, line after line; empty when there are no cards.
    """

    def __init__(self, tapped, plain):
        super().__init__([], layout=plain["layout"])
        self.digits, self._tell, self._plain = [], tapped, plain
        self._quiet = False
        classed(self, "hwd-cards hwd-gone")

    @property
    def place(self):
        """Which digit's card is open, from 1 on; None if there is none."""
        cards = self.children[: len(self.digits)]
        return next((i for i, card in enumerate(cards, 1) if card.button.value), None)

    @property
    def opened(self):
        """The Digit whose card is open, or None."""
        return self.digits[self.place - 1] if self.place else None

    def show(self, lines, width):
        """Show the digits of a number on a sheet of this width; no lines: no cards."""
        before, self.digits = self.opened, [digit for line in lines for digit in line]
        missing = len(self.digits) - len(self.children)
        if missing > 0:
            self.children += tuple(_Card(self._tapped, self._plain) for _ in range(missing))
        in_place = len(lines) == 1 and len(self.digits) <= MOST_IN_PLACE
        lefts = places([(d.box[0] + d.box[2]) / 2 / width * 100 for d in self.digits]) if in_place else []
        for i, (card, digit, left) in enumerate(zip_longest(self.children, self.digits, lefts)):
            card.show(i, digit, left)
        (self.remove_class if in_place else self.add_class)("hwd-rows")
        (self.remove_class if self.digits else self.add_class)("hwd-gone")
        if before is not None:  # it stays open where it is the same digit still, or has only grown
            self._open_only(next((i for i, d in enumerate(self.digits) if _same(d, before)), None))

    def close_all(self):
        """Close the card that is open."""
        self._open_only(None)

    def _open_only(self, index):
        self._quiet = True
        for i, card in enumerate(self.children):
            card.button.value = i == index
        self._quiet = False

    def _tapped(self, card, is_open):
        if not self._quiet:
            self._open_only(self.children.index(card) if is_open else None)
            self._tell()


class _Card(Box):
    """One card: a picture upon a button."""

    def __init__(self, tapped, plain):
        self._image = None
        self.picture = html("", **plain)
        self.button = ToggleButton(layout=plain["layout"])
        self.button.observe(lambda change: tapped(self, change["new"]), "value")
        super().__init__([self.button, self.picture], layout=Layout())
        classed(self, "hwd-digit-card")

    def show(self, index, digit, left):
        """Show the digit in this place of the number; None: nothing. `left` is in percent of the row."""
        (self.remove_class if digit else self.add_class)("hwd-gone")
        if digit is None:
            return
        self.layout.margin = None if left is None else f"0 0 0 {left:.1f}%"
        if digit.image is not self._image:
            self._image = digit.image
            self.picture.value = panels.pixels(digit.image, f"Digit {index + 1} in 28 by 28 pixels")
        sure = f"{min(round(100 * float(believed_digit(digit).max())), 99)} %"
        self.button.description = f"{digit.text}\n{'none' if digit.text == UNREAD else sure}"
        self.button.tooltip = f"Digit {index + 1}, more about it"


def places(middles):
    """The left edges of cards, in percent, for digits whose `middles` go from left to right.

    Each card stands below its digit, or as near as it can without lying on another or leaving the row.
    """
    lefts = []
    for middle in middles:
        lefts.append(max(middle - CARD / 2, lefts[-1] + CARD + GAP if lefts else 0.0))
    most = 100 - CARD
    for i in reversed(range(len(lefts))):
        lefts[i] = min(lefts[i], most)
        most = lefts[i] - CARD - GAP
    return lefts


def close_up(digit):
    """A Digit's strokes in the middle of a square sheet, and the width of that sheet."""
    left, top, right, bottom = digit.box
    size = 1.3 * max(right - left, bottom - top, 1.0)
    move = size / 2 - np.array([left + right, top + bottom]) / 2
    return [stroke + move for stroke in digit.strokes], size


def _same(digit, other):
    """Whether two Digits begin with the same touch of the pen."""
    return tuple(digit.strokes[0][0]) == tuple(other.strokes[0][0])
