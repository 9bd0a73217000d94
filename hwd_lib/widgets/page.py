"""The look of the panels, the JavaScript that they cannot do without, and the fixed words of the live app.

Style sheet and scripts are files beside this one. They travel inside the panel's own HTML, so that they work
wherever it is shown, with no file to serve and no network.
"""

from html import escape
from pathlib import Path

FOLDER = Path(__file__).parent
CSS = (FOLDER / "page.css").read_text("utf-8")
SCRIPTS = {name: (FOLDER / f"{name}.js").read_text("utf-8") for name in ("sheet", "app", "paper")}

HEAD = "<h2>Draw a digit</h2><p>A neural network reads it while the ink is wet.</p>"
HEAD_OTHERS = "<h2>Draw what it knows</h2><p>This network tells {} apart.</p>"

OWN = (
    "<h2>Your digits</h2><p>Draw a digit and say which it is: it is kept here. When the network misreads "
    "some, teach it: a copy learns your hand in a second.</p>"
)
NO_DIGITS = '<p class="hwd-count hwd-note">None yet. Draw one, then choose under the sheet what it is.</p>'
NETWORKS = "<h2>Networks</h2><p>Choose who reads, and let another one read the same drawing.</p>"
EXAMPLES = "<h2>Examples</h2><p>Digits from MNIST that the network has not learned from.</p>"
TAKE = "<h2>Take it with you</h2><p>Everything is made for you alone; nothing is stored here.</p>"
NOTHING_TO_TAKE = '<span class="hwd-note">Draw something first.</span>'

HINT = (
    '<svg viewBox="0 0 100 130" aria-hidden="true"><path pathLength="1" '
    'd="M22 28C38 8 76 12 74 38C72 58 52 60 44 60C60 60 80 68 78 92C76 122 32 124 18 102"/></svg>'
    "Draw a digit here"
)

HINT_NUMBER = HINT.replace("Draw a digit here", "Write a number here")
HINT_OTHERS = "Draw here"

OFFLINE = (
    '<div class="hwd-while-lost" role="alert"><b>Connection lost.</b> Reconnecting… Your drawing is kept. '
    '<a href="">Reload the page</a> if this takes long.</div>'
    '<div class="hwd-when-ended" role="alert"><b>This session has ended.</b> '
    '<a href="">Open a new page</a>: your drawing and the digits that you kept come along.</div>'
)
OPEN = (
    '<p class="hwd-note">Your own, opened here or dropped on the page: a network (.npz), digits or strokes '
    "(.json).</p>"
)


def style(*scripts):
    """The style sheet as an element that, once it is in the page, also runs these scripts of this folder.

    Parameters
    ----------
    *scripts : str
        Names without ``.js``. A script finds its panel as ``root``, and may be run more than once.
    """
    run = "".join(f"{{{SCRIPTS[name]}}}" for name in scripts)  # blocks: the names of each are its own
    run = escape(f"const root = this.closest('.hwd-app'); {run}", True) if run else ""
    return f'<style onload="{run}">{CSS}</style>'
