"""A network as one HTML file that reads handwriting anywhere: no server, no network, nothing to install.

The page does what the app does, in JavaScript that follows the library function by function, under the same
names: ``preprocessing.js``, ``network.js``. They, the style and the weights stand in the file itself. Its
content security policy names them by their hashes, and forbids the rest: nothing can be loaded or sent.
"""

import base64
import hashlib
import json
import math
import re
import zlib
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from hwd_lib.network import Network
from hwd_lib.saved import DIGITS, class_names, listed

HERE = Path(__file__).parent
SCRIPTS = ("preprocessing.js", "network.js", "numbers.js", "reading.js", "sheet.js", "app.js")
LARGEST_HALF = float(np.finfo(np.float16).max)


def make_page(network: Network, name: str, by: str = "") -> str:
    """Make the page of a network.

    Parameters
    ----------
    network : Network
        From 784 pixels to the ten digits, or to other classes, whose names its metadata give.
    name : str
        What the network is called.
    by : str
        Whose it is; empty when nobody is to be named.

    Returns
    -------
    str
        HTML, in UTF-8 once it is written. The same network and names give the same text.

    Raises
    ------
    ValueError
        When the network's numbers are too large for float16.
    """
    about: dict[str, Any] = {"layers": network.layers, "activation": network.activation}
    about["biases"] = bool(network.biases)
    names = class_names(network)
    if names != DIGITS:
        about["names"] = names
    style = _read("page.css")
    script = '"use strict";\n' + "\n".join(map(_read, SCRIPTS))
    whose = f"{by}’s network “{name}”" if by else f"The network “{name}”"
    parts = {
        "policy": f"default-src 'none'; img-src data:; script-src {_hash(script)}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'",
        "style": style,
        "script": script,
        "heading": "Write a number" if names == DIGITS else "Draw what it knows",
        "reads": "it" if names == DIGITS else escape(listed(names)),
        "each": "digit" if names == DIGITS else "class",
        "title": escape(f"Handwriting – {whose}"),
        "whose": escape(whose),
        "facts": "".join(
            f"<dt>{escape(key)}</dt><dd>{escape(fact)}</dd>" for key, fact in facts(network, name, by)
        ),
        "about": json.dumps(about).replace("<", "\\u003c"),  # names may hold anything, "</script>" too
        "weights": pack(network, name),
    }
    return re.sub(r"\{(\w+)\}", lambda found: parts[found[1]], _read("page.html"))


def pack(network: Network, name: str = "network") -> str:
    """A network's parameters as text: float16, all low bytes before all high ones, deflated, in base64.

    The high bytes hold sign and exponent, which are much alike: apart from the low ones, they deflate better.
    Of a network that is saved as float16 nothing is lost. ValueError when a number is too large for float16.
    """
    if np.abs(network.parameters).max() > LARGEST_HALF:
        raise ValueError(
            f"{name}: expected weights up to {LARGEST_HALF:g}, which float16 can hold, found larger ones. "
            "Train the network with a smaller learning rate."
        )
    halves = network.parameters.astype("<f2").view(np.uint8).reshape(-1, 2)  # (n,) -> (n, 2) bytes
    return base64.b64encode(zlib.compress(halves.T.tobytes(), 9)).decode()


def facts(network: Network, name: str, by: str = "") -> list[tuple[str, str]]:
    """What is known of a network, as pairs of text. Of a file by somebody else that may be little, or odd."""
    about = network.metadata
    styles, recipe = about.get("styles"), about.get("recipe")
    epochs, seconds = _number(about, "epochs"), _number(about, "seconds")
    trained = [
        f"{epochs:g} epochs" if epochs else "",
        f"with {about['optimizer']}" if isinstance(about.get("optimizer"), str) else "",
        f"in {_duration(seconds)}" if seconds else "",
        f"on {about['date']}" if isinstance(about.get("date"), str) else "",
    ]
    names, data = class_names(network), about.get("data")
    own = isinstance(data, str) or names != DIGITS
    digits = "" if styles is None else "MNIST and drawn digits" if styles else "MNIST alone"
    whose = "Its own" if own else "MNIST,"
    activation = f", {network.activation}" if len(network.layers) > 2 else ""
    found = [
        ("Name", name),
        ("Made by", by),
        ("Recipe", recipe if isinstance(recipe, str) and recipe != name else ""),
        ("Layers", " – ".join(map(str, network.layers)) + activation),
        ("Numbers learned", f"{network.parameters.size:,}"),
        ("Learned from", str(data or "") if own else digits),
        ("Reads", "" if names == DIGITS else listed(names)),
        ("Trained", " ".join(filter(None, trained))),
        ("Taught", f"{about['taught']} digits of one hand" if _number(about, "taught") else ""),
        (f"{whose} test set", _score(about, "test_accuracy")),
        (f"{whose} validation", _score(about, "validation_accuracy")),
        ("Drawn with a pen", _score(about, "strokes_accuracy")),
        ("Whole numbers", _score(about, "numbers_accuracy")),
        ("Letters and signs", _score(about, "shown_as_digit", "taken for digits")),
    ]
    return [(key, fact) for key, fact in found if fact]


def _score(about: dict[str, Any], key: str, what: str = "right") -> str:
    """A share of right answers as text; of several, one for each file of strokes, their mean."""
    shares = about.get(key)
    shares = [_number(shares, file) for file in shares] if isinstance(shares, dict) else [_number(about, key)]
    known = [share for share in shares if share is not None]
    return f"{100 * sum(known) / len(known):.1f} % {what}" if known else ""


def _duration(seconds: float) -> str:
    for unit, length in (("seconds", 1), ("minutes", 60)):
        if seconds < 100 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds / 3600:.1f} hours"


def _number(about: dict[str, Any], key: str) -> float | None:
    """The finite number under `key`, or None: a file may have been written by anybody."""
    value = about.get(key)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return value if abs(value) < 1e9 and math.isfinite(value) else None


def _read(name: str) -> str:
    return (HERE / name).read_text("utf-8")


def _hash(text: str) -> str:
    """How a content security policy names a script or a style sheet."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
