"""How the course shows what it draws: one look, colours that all eyes tell apart, a text for each picture.

Figures are made without pyplot: it keeps a list of open figures for the whole process, which is of no use
here, and it must not be called from the threads in which widgets run their callbacks. Importing this module
sets the style.
"""

import base64
import io
from html import escape
from pathlib import Path

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from hwd_lib.png import QUICK, data_url, encode

STYLE = Path(__file__).with_name("hwd.mplstyle")
BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, YELLOW, BLACK = "#E69F00", "#56B4E9", "#F0E442", "#000000"
# Negative blue, zero white, positive orange: two colours that all eyes tell apart.
DIVERGING = LinearSegmentedColormap.from_list("hwd", ["#1F55C8", "#FFFFFF", "#BF3A0B"])
SIDE = 28  # pixels of an MNIST image

matplotlib.style.use(["default", STYLE])  # no setting of one's own, such as text.usetex, spoils a figure


# Showing ----------------------------------------------------------------------------------------------------


def axes(width=6, height=3, ncols=1, nrows=1, **options):
    """New Axes, or an array of them, in a figure of `width` x `height` inches; `options` for ``subplots``."""
    return Figure(figsize=(width, height)).subplots(nrows, ncols, **options)


def figure_of(drawn):
    """The figure of an Axes, of an array of Axes, or of itself."""
    if isinstance(drawn, Figure):
        return drawn
    return (drawn if isinstance(drawn, Axes) else np.ravel(drawn)[0]).figure


def png(drawn):
    """The picture of an Axes, an array of Axes or a Figure, as the bytes of a PNG file."""
    file = io.BytesIO()
    figure_of(drawn).savefig(file, format="png")
    return file.getvalue()


class Picture:
    """A picture with its alternative text, in the form that Jupyter asks for."""

    def __init__(self, drawn, alt):
        figure = figure_of(drawn)
        self.png, self.alt, self.width = png(figure), alt, round(figure.get_figwidth() * figure.dpi)

    def __repr__(self):
        return f"Picture: {self.alt}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        data = base64.b64encode(self.png).decode()
        # JupyterLab keeps the alternative text of an image/png to itself, so the page gets an <img>.
        html = (
            f"<img alt='{escape(self.alt)}' src='data:image/png;base64,{data}' "
            f"style='width: {self.width}px; max-width: calc(100% - 12px); background: white; "
            "padding: 6px; border-radius: 10px; box-sizing: content-box'>"  # a card, where the page is dark
        )
        bundle = {"text/plain": repr(self), "text/html": html, "image/png": data}
        about = {"alt": self.alt, "width": self.width}
        return bundle, {"image/png": about, "text/html": {"alt": self.alt}}


def show(drawn, alt):
    """Show a picture in the notebook, with a text for those who cannot see it.

    Parameters
    ----------
    drawn : Axes, array of Axes or Figure
    alt : str
        What there is to see, in a sentence or two.
    """
    from IPython.display import display

    display(Picture(drawn, alt))


def pixels(image, size=140, alt="", diverging=False):
    """An image as a line of HTML, with sharp pixels, quickly made: for widgets that follow the mouse.

    Parameters
    ----------
    image : (784,) or (height, width) array
        Ink 1, paper 0; with `diverging` any numbers, drawn blue below 0 and orange above.
    size : int
        Width on the page, in pixels.
    alt : str
        What a screen reader says.
    diverging : bool
    """
    image = square(np.asarray(image, float))
    if diverging:
        colours = DIVERGING(0.5 + image / (2 * (np.abs(image).max() or 1)), bytes=True)[..., :3]  # (h, w, 3)
    else:
        ink = np.round(255 * (1 - np.clip(image, 0, 1)))
        colours = ink.astype(np.uint8)  # (h, w)
    source = data_url(encode(colours, QUICK))
    return (
        f"<img alt='{escape(alt)}' src='{source}' style='width: {size}px; "
        "image-rendering: pixelated; border: 1px solid #bbb; background: white; margin: 2px'>"
    )


def bars(values, labels=range(10), alt="", highlight=None, numbers=None):
    """Horizontal bars with their numbers as HTML, for widgets that follow the mouse.

    Parameters
    ----------
    values : (n,) array of numbers 0…1
    labels : n labels
    alt : str
        What a screen reader says.
    highlight : int
        The bar to stress; by default the longest.
    numbers : n strings
        What to write beside the bars; by default their length in per cent.
    """
    values = np.asarray(values, float)
    highlight = int(values.argmax()) if highlight is None else highlight
    numbers = [f"{value:.1%}" for value in values] if numbers is None else numbers
    rows = ""
    for i, (value, label, number) in enumerate(zip(values, labels, numbers, strict=True)):
        colour, weight = (VERMILION, 700) if i == highlight else (BLUE, 400)
        width = 100 * min(max(value, 0.0), 1.0)
        rows += (
            f"<div style='display: flex; align-items: center; gap: 8px; font-weight: {weight}'>"
            f"<span style='min-width: 1em; text-align: right'>{escape(str(label))}</span>"
            f"<span style='flex: 1; background: rgba(128, 128, 128, .15)'>"
            f"<span style='display: block; height: 12px; width: {width:.1f}%; background: {colour}'></span>"
            "</span>"
            f"<span style='width: 4em; text-align: right'>{escape(number)}</span></div>"
        )
    style = "font-size: 13px; line-height: 1.6; width: 340px; max-width: 100%"
    return f"<div role='img' aria-label='{escape(alt)}' style='{style}'>{rows}</div>"


def row(*parts):
    """Pictures, and signs between them, side by side as HTML: ``row(pixels(x), "×", pixels(w))``."""
    cells = "".join(f"<span>{part}</span>" for part in parts)
    return (
        "<div style='display: flex; flex-wrap: wrap; align-items: center; gap: 6px; font-size: 20px'>"
        f"{cells}</div>"
    )


def closeness(distances, labels=range(10), alt=""):
    """Bars for distances (n,), as HTML: the nearer, the longer; the nearest is stressed. For live widgets."""
    distances = np.asarray(distances, float)
    lengths = 1 - distances / (1.25 * distances.max() or 1)
    return bars(lengths, labels, alt, numbers=[f"{distance:.1f}" for distance in distances])


def whole_numbers(*axis):
    """Have an axis name whole numbers alone."""
    for one in axis:
        one.set_major_locator(MaxNLocator(integer=True))


def square(image):
    """An image of 784 numbers as rows and columns; any other as it is."""
    return image.reshape(SIDE, SIDE) if image.shape == (SIDE * SIDE,) else image  # (784,) -> (28, 28)
