"""Numbers to HTML and SVG: the pictures of the live app, as text that can be tested without a browser.

Drawn as SVG paths and not by a plotting library: a panel is two or three kilobytes, is made in a fraction of
a millisecond, takes its colours from the page's theme, and is shown by the browser in the very moment it
arrives (a PNG is decoded first, and flickers). All functions take arrays and return a string; none knows of
widgets.
"""

from functools import lru_cache
from html import escape

import numpy as np

from hwd_lib.preprocessing import BOX, MIDDLE, clean_strokes, drop_specks, fit_to_box
from hwd_lib.saved import DIGITS, class_names, listed
from hwd_lib.widgets.reading import with_article

LEVELS = 15  # shades between paper and ink: as many as the eye tells apart in a picture this small
MOST_UNITS = 100  # squares shown for all hidden layers together, ten in a row
MOST_POINTS = 200  # of a drawing in a small picture
MOST_ROWS = 13  # of bars below each other: 26 letters stand in two columns


def percent(p):
    """A probability as text, "97.3 %"; never "100.0 %", for nothing is certain."""
    return f"{min(max(100 * float(p), 0.0), 99.9):.1f} %"


def live(readers, strokes, image, hidden, votes, size, explain=False, names=DIGITS):
    """All that follows the pen, as one piece of HTML: one message to the page for each reading.

    Parameters
    ----------
    readers : list of (name, Reading, (n,) probabilities)
        The network that reads, and perhaps another one to compare with.
    strokes : list of (n, 2) arrays, in canvas pixels
    image : (28, 28) float32
    hidden : list of (1, width) arrays
        Activations of the hidden layers.
    votes : (28, 28) float or None
        What `votes` shows over the image.
    size : int
        Of the canvas.
    explain : bool
        Whether somebody wants to know why, though there may be nothing to explain yet.
    names : tuple of n str, of the classes
    """
    reading = readers[0][1]
    points = sum(map(len, strokes))
    duel = len(readers) > 1
    inside = way(reading, strokes, image, hidden, votes, size, explain)
    answers = "".join(answer(*reader, i > 0, duel, names=names) for i, reader in enumerate(readers))
    return (
        f'<div data-state="{reading.state}" data-points="{points}">'
        f'<section class="hwd-card hwd-answers{" hwd-duel" if duel else ""}">{answers}</section>'
        f'<section class="hwd-card hwd-inside">{inside}</section>'
        "</div>"
    )


def number(readers, place, opened, points):
    """All that follows the pen where there is a number, as one piece of HTML.

    Parameters
    ----------
    readers : list of (name, Reading, (10,) probabilities or None)
        The network that reads, and perhaps another one to compare with; probabilities of the digit whose card
        is open.
    place : int or None
        Which digit of the number that is, from 1 on; None when no card is open.
    opened : str
        What `way` tells of that digit.
    points : int
        Of the drawing.
    """
    duel = len(readers) > 1
    more = "" if place or not points else "The card of a digit tells more about it."
    readers = [(name, said._replace(note=said.note or more), row) for name, said, row in readers]
    answers = "".join(answer(*reader, i > 0, duel, place) for i, reader in enumerate(readers))
    longest = max(len(line) for _, reading, _ in readers for line in (reading.guess or " ").split("\n"))
    classes = f"hwd-card hwd-answers hwd-number{' hwd-duel' if duel else ''}"
    inside = f'<section class="hwd-card hwd-inside">{opened}</section>' if place else ""
    return (
        f'<div data-state="{readers[0][1].state}" data-points="{points}">'
        f'<section class="{classes}" style="--digits:{longest}">{answers}</section>{inside}</div>'
    )


def answer(name, reading, probabilities, rival=False, named=False, place=None, names=DIGITS):
    """What one network answers: the guess, a sentence, and a bar for each class.

    Of a number, the bars are those of the digit in this `place`; there are none where probabilities are None.
    """
    prefix = "hwd-rival-" if rival else "hwd-"
    heading = f'<h3 class="hwd-name">{escape(name)}</h3>' if named else ""
    note = f'<p class="hwd-note">{escape(reading.note, False)}</p>' if reading.note else ""
    ten = "" if probabilities is None else bars(probabilities, reading.state == "empty", prefix, names)
    word = " hwd-word" if names != DIGITS and len(reading.guess) > 1 else ""
    if place:
        ten = f'<div class="hwd-one"><h3>Digit {place}</h3>{ten}</div>'
    return (
        f'<div class="hwd-answer" data-state="{reading.state}">{heading}<div class="hwd-saying">'
        f'<div class="{prefix}guess hwd-big{word}">{escape(reading.guess, False)}</div>'
        f'<div><p class="hwd-verdict">{escape(reading.sentence, False)}</p>{note}</div></div>'
        f"{ten}</div>"
    )


def bars(probabilities, empty=False, prefix="hwd-", names=DIGITS):
    """Probabilities (n,) as bars with names and numbers, an HTML list; in columns where there are many."""
    best = int(np.argmax(probabilities))
    rows = []
    for k, (name, p) in enumerate(zip(names, probabilities, strict=True)):
        width = 0 if empty or p < 0.005 else 100 * float(p)  # less than that is a speck
        chosen = " hwd-best" if k == best and not empty else ""
        text = "" if empty else percent(p)
        rows.append(
            f'<li class="hwd-bar{chosen}"><b>{escape(name)}</b><i><s style="width:{width:.1f}%"></s></i>'
            f'<span class="{prefix}probability" data-digit="{k}" data-value="{0 if empty else p:.4f}">'
            f"{text}</span></li>"
        )
    columns = min(-(-len(names) // MOST_ROWS), 3)
    longest = min(max(map(len, names)), 12)
    style = f' style="--rows:{-(-len(names) // columns)};--name:{longest}ch"'
    return f'<ol class="hwd-bars"{"" if names == DIGITS else style}>{"".join(rows)}</ol>'


def way(reading, strokes, image, hidden, votes_of_pixels, size, explain=False):
    """The way from strokes to hidden units, in pictures; `explain`: somebody wants to know why."""
    empty = reading.state == "empty"
    over = votes(votes_of_pixels) if votes_of_pixels is not None else ""
    steps = [
        figure("Your strokes", "as you drew them", lines(strokes, size)),
        figure("Fitted", f"into {BOX} × {BOX} pixels", boxed(strokes)),
        figure(
            "What it sees",
            f"what spoke for {escape(reading.guess)}" if over else "28 × 28 pixels, centred",
            pixels(image, "An empty image" if empty else "Your digit in 28 by 28 pixels", over),
        ),
    ]
    if hidden:
        shown = [
            a[0, : max(1, MOST_UNITS // len(hidden))] * (not empty) for a in hidden
        ]  # (1, width) -> (n,)
        together, drawn = sum(a.shape[1] for a in hidden), sum(map(len, shown))
        note = f"{together} hidden units" if drawn == together else f"{drawn} of {together:,} hidden units"
        fields = "".join(units(a, f"Hidden layer {i + 1}") for i, a in enumerate(shown))
        steps.append(figure("How it thinks", note, fields))
    nothing_yet = EXPLAIN_FIRST if explain and empty else ""
    return "".join(steps) + (LEGEND if over else nothing_yet)


EXPLAIN_FIRST = (
    '<p class="hwd-legend hwd-first">Draw a digit first: then its pixels show what spoke for it.</p>'
)
LEGEND = '<p class="hwd-legend"><span>for</span><span class="hwd-minus">against</span></p>'


def _polyline(strokes, width):
    points = sum(map(len, strokes))
    every = points // MOST_POINTS + 1
    paths = (
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in (*stroke[::every].tolist(), stroke[-1].tolist()))
        for stroke in strokes
    )
    return f'<path class="hwd-line" stroke-width="{width:g}" d="{"".join(paths)}"/>' if points else ""


def lines(strokes, size):
    """Strokes (n, 2) in canvas pixels as a small picture of the sheet."""
    return (
        f'<svg class="hwd-pixels" viewBox="0 0 {size} {size}" role="img" '
        'aria-label="The strokes on the sheet">'
        f"{_polyline(strokes, size / 40)}</svg>"
    )


def boxed(strokes):
    """Strokes fitted into MNIST's box, in an image of 28x28 pixels."""
    fitted = [
        stroke + 0.5 for stroke in fit_to_box(drop_specks(clean_strokes(strokes)))
    ]  # pixels begin at -0.5
    corner = MIDDLE + 0.5 - BOX / 2
    return (
        '<svg class="hwd-pixels" viewBox="0 0 28 28" role="img" '
        'aria-label="The strokes, fitted into the box">'
        f'<rect class="hwd-box" x="{corner}" y="{corner}" width="{BOX}" height="{BOX}"/>'
        f"{_polyline(fitted, 0.8)}</svg>"
    )


@lru_cache
def _squares(rows, columns, size=1.0):
    """The squares of a field, (rows, columns) pieces of SVG paths. There are few sizes, and all return."""
    gap = (1 - size) / 2
    side = f"h{size:g}v{size:g}h-{size:g}z"
    squares = [[f"M{x + gap:g} {y + gap:g}{side}" for x in range(columns)] for y in range(rows)]
    return np.array(squares, object).reshape(rows, columns)  # -> (rows, columns), without rows as well


def _shades(values, kind, size=1.0):
    """One SVG path for each shade of `values` (rows, columns) in [0, 1]."""
    levels = np.rint(np.clip(values, 0, 1) * LEVELS).astype(int)
    squares = _squares(*values.shape, size)
    return "".join(
        f'<path class="{kind}" fill-opacity="{level / LEVELS:.2f}" d="{"".join(squares[levels == level])}"/>'
        for level in np.unique(levels[levels > 0])
    )


def pixels(image, label, over=""):
    """An image (28, 28) in [0, 1] as SVG, one square a pixel; `over` is SVG to lay on top."""
    rows, columns = image.shape
    explained = " hwd-explained" if over else ""
    return (
        f'<svg class="hwd-pixels{explained}" viewBox="0 0 {columns} {rows}" role="img" '
        f'aria-label="{escape(label, True)}" shape-rendering="crispEdges">'
        f"{_shades(image, 'hwd-ink')}{over}</svg>"
    )


def votes(contributions):
    """Which pixels spoke for the guess, and which against: SVG to lay over `pixels`.

    Parameters
    ----------
    contributions : (28, 28) float
        Input times weight, or input times gradient. Pixels that spoke for are whole squares, those
        against are small ones in another colour: the difference can be seen without colours, too.
    """
    strongest = float(np.abs(contributions).max())
    if not strongest > 0:
        return ""
    share = contributions / strongest
    return _shades(share, "hwd-for") + _shades(-share, "hwd-against", 0.6)


def units(activations, label):
    """The activations (n,) of one hidden layer as a field of squares that light up, as SVG."""
    values = np.abs(np.asarray(activations, float))
    brightest = values.max(initial=0.0)
    columns = min(10, len(values))
    rows = -(-len(values) // columns)
    field = np.zeros(rows * columns)
    field[: len(values)] = values / brightest if brightest > 0 else values
    dark = _squares(rows, columns, 0.8).flat[: len(values)]
    return (
        f'<svg class="hwd-units" viewBox="0 0 {columns} {rows}" role="img" '
        f'aria-label="{escape(label, True)}">'
        f'<path class="hwd-unit" d="{"".join(dark)}"/>'
        f"{_shades(field.reshape(rows, columns), 'hwd-lit', 0.8)}</svg>"  # (n,) -> (rows, columns)
    )


def figure(title, note, picture):
    """A picture under its title."""
    return f"<figure><figcaption>{title}<small>{note}</small></figcaption><div>{picture}</div></figure>"


def strip(digits):
    """One's own digits as thumbnails: a list of (image (28, 28), label, what is read now)."""
    items = []
    for image, label, read in digits:
        right = read == label
        words = f"{with_article(label)}, read right" if right else f"{with_article(label)}, read as {read}"
        items.append(
            f'<li class="{"hwd-right" if right else "hwd-missed"}">{pixels(image, words)}'
            f"<b>{'✓' if right else '✗'} {label}</b><span>{'' if right else f'read {read}'}</span></li>"
        )
    right = sum(label == read for _, label, read in digits)
    return (
        f'<p class="hwd-count"><b>{right} of {len(digits)}</b> of your digits are read right by this network.'
        "</p>"
        f'<ul class="hwd-thumbs">{"".join(reversed(items))}</ul>'
    )


def lesson(own, n, mnist, n_mnist, seconds):
    """What a network learned from n digits, and what it forgot: own and mnist are pairs, before and after."""
    return (
        f'<table class="hwd-lesson"><caption>Taught in {seconds:.1f} s</caption>'
        "<tr><th></th><th>before</th><th>now</th></tr>"
        f"<tr><th>your {n} digits, which it learned from</th>"
        f"<td>{own[0]} right</td><td>{own[1]} right</td></tr>"
        f"<tr><th>{n_mnist:,} digits of MNIST, to see what it forgot</th>"
        f"<td>{mnist[0]:.1f} %</td><td>{mnist[1]:.1f} %</td></tr></table>"
    )


def about(network):
    """What is known of a network, as a list of facts."""
    styles = network.metadata.get("styles")  # of other makers' networks nobody knows
    digits = "" if styles is None else "MNIST and drawn digits" if styles else "MNIST alone"
    data, names = network.metadata.get("data"), class_names(network)
    own = isinstance(data, str) or names != DIGITS
    whose = "Its own" if own else "MNIST"
    facts = [
        ("Learned from", str(data or "")[:100] if own else digits),
        ("Reads", "" if names == DIGITS else listed(names)),
        ("Layers", " – ".join(map(str, network.layers))),
        ("Numbers learned", f"{network.parameters.size:,}"),
        (f"{whose} test set", _score(network.metadata.get("test_accuracy"))),
        (f"{whose} validation", _score(network.metadata.get("validation_accuracy"))),
        ("Drawn with a pen", _score(_mean(network.metadata.get("strokes_accuracy")))),
        ("Letters and signs", _score(_mean(network.metadata.get("shown_as_digit")), "taken for digits")),
    ]
    rows = "".join(f"<dt>{name}</dt><dd>{escape(fact)}</dd>" for name, fact in facts if fact)
    return f'<dl class="hwd-facts">{rows}</dl>'


def _score(accuracy, what="right"):
    return f"{100 * accuracy:.1f} % {what}" if _is_share(accuracy) else ""


def _mean(shares):
    """The mean of a dict's numbers; None of anything else, for a file may say anything."""
    numbers = [n for n in shares.values() if _is_share(n)] if isinstance(shares, dict) else []
    return sum(numbers) / len(numbers) if numbers else None


def _is_share(value):
    return isinstance(value, (int, float)) and 0 <= value <= 1
