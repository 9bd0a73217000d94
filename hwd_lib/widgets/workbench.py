"""What notebook 9 needs beside the library: a bench for an app of one's own."""

from hwd_lib.stroke_styles import made_up_hand  # noqa: F401 - notebooks that people keep look for it here
from hwd_lib.widgets.parts import Panel, box, button


def bench(canvas, answer):
    """Put a sheet, a button for a new one, and an answer side by side, as wide as the page allows.

    Parameters
    ----------
    canvas : DigitCanvas
    answer : HTML
        The widget whose ``value`` the learner's own function sets.

    Returns
    -------
    Panel, to be shown on the last line of a cell
    """
    sheet, tools = box("hwd-sheet", canvas), box("hwd-tools", button("New sheet", canvas.clear))
    return Panel("hwd-bench", box("hwd-body", box("hwd-column", sheet, tools), answer))
