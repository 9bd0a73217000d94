"""Digits of MNIST for the live app: as examples on buttons, to learn among, and to see what was forgotten."""

from functools import cache

import numpy as np
from ipywidgets import Box

from hwd_lib.mnist import Split, read_part, scale
from hwd_lib.png import data_url, of_ink
from hwd_lib.stroke_styles import make_others
from hwd_lib.widgets import page
from hwd_lib.widgets.parts import button, classed, digit_buttons, html

REPLAY, MEASURED = 4000, 2000  # MNIST digits: to learn among, and to see what was forgotten
NO_DIGITS = 1000  # drawn things that are none, to learn among as well


class Examples(Box):
    """Ten buttons with pictures of digits, one of each kind, and one more for other pictures.

    Parameters
    ----------
    show : function of an image (784,)
        What happens with the digit that is chosen.
    plain : dict
        See `Panel.plain`.
    """

    def __init__(self, show, plain):
        self._shown = []  # where in MNIST's validation images they are from
        self.images = None  # (10, 784)
        self.digits = digit_buttons("Show", "hwd-examples", lambda digit: show(self.images[digit]))
        self.pictures = html("", "hwd-gone", **plain)
        self.others = button("Others", self.choose)
        self.choose()
        children = [html(page.EXAMPLES, **plain), self.pictures, self.digits, self.others]
        super().__init__(children, layout=plain["layout"])
        classed(self, "hwd-card")

    def choose(self):
        """Choose one digit of each kind from MNIST's validation images, and picture them on the buttons."""
        images, labels = validation_digits()
        rng = np.random.default_rng()
        others = np.setdiff1d(np.arange(len(labels)), self._shown)  # never the same again
        self._shown = [rng.choice(others[labels[others] == digit]) for digit in range(10)]
        self.images = scale(images[self._shown])  # (10, 784)
        rules = (
            f".hwd-examples button:nth-child({digit + 1})"
            f"{{background-image:url({data_url(of_ink(image.reshape(28, 28), scale=2))})}}"
            for digit, image in enumerate(self.images)
        )
        self.pictures.value = f"<style>{''.join(rules)}</style>"


@cache
def validation_digits():
    """Some of MNIST's validation digits: images (n, 784) and labels (n,), both uint8."""
    return read_part(55_000, MEASURED)


@cache
def replay():
    """What a network is taught among, so that it forgets little: a Split of digits, and of what is none."""
    images, labels = read_part(0, REPLAY)
    none, of_none = make_others(NO_DIGITS, np.random.default_rng(0))
    return Split(np.concatenate([scale(images), none]), np.concatenate([labels.astype(np.int64), of_none]))
