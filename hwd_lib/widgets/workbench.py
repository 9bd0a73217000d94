"""What notebook 9 needs beside the library: a bench for an app of one's own, and a hand to teach it."""

import numpy as np
from ipywidgets import HTML, Button, HBox, VBox

from hwd_lib.mnist import Split
from hwd_lib.preprocessing import preprocess
from hwd_lib.stroke_styles import make_strokes
from hwd_lib.widgets import page

TRIES = 200  # ways of writing a digit to look at, until one is found that the network misreads
STYLE = """<style>
.hwd-bench .hwd-body { grid-template-columns: minmax(0, 300px) minmax(0, 1fr); align-items: start }
.hwd-bench .hwd-tools { margin-top: 12px }
.hwd-bench .hwd-said-big { font-size: 72px; line-height: 1.2; font-weight: 750; min-height: 1.2em;
  color: var(--accent) }
@container (max-width: 560px) { .hwd-bench .hwd-body { grid-template-columns: minmax(0, 1fr) } }
</style>"""


def bench(canvas, answer):
    """Put a sheet, a button for a new one, and an answer side by side, as wide as the page allows.

    Parameters
    ----------
    canvas : DigitCanvas
    answer : HTML
        The widget whose ``value`` the learner's own function sets.

    Returns
    -------
    VBox, to be shown on the last line of a cell
    """
    new = Button(description="New sheet")
    new.on_click(lambda _: canvas.clear())
    sheet, tools = VBox([canvas]), HBox([new])
    body = VBox([VBox([sheet, tools]), answer])
    whole = VBox([HTML(page.style() + STYLE), body])
    for widget, name in ((sheet, "sheet"), (tools, "tools"), (body, "body"), (whole, "app")):
        widget.add_class(f"hwd-{name}")
    whole.add_class("hwd-bench")
    return whole


def made_up_hand(network, digit=1, n=16, seed=0):
    """A writer who does not exist: n times the same digit, always in one way, which the network misreads.

    Parameters
    ----------
    network : Network
    digit : int, 0…9
    n : int
    seed : int

    Returns
    -------
    Split
        Images (n, 784) float32 and labels (n,). Where none of `TRIES` ways is misread, it is the last one.
    """
    rng = np.random.default_rng(seed)
    for _ in range(TRIES):
        strokes = make_strokes(digit, rng)
        images = np.array([preprocess(_again(strokes, rng)).ravel() for _ in range(n)])  # (n, 784)
        if (network.predict(images) != digit).mean() > 0.8:
            break
    return Split(images, np.full(n, digit))


def _again(strokes, rng):
    """The same digit by the same hand once more: a bit wider or narrower, a bit more or less slanted."""
    change = np.eye(2) + rng.normal(0, 0.08, (2, 2))
    return [stroke @ change + rng.normal(0, 0.02, 2) for stroke in strokes]
