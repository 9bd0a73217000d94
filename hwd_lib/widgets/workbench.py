"""What notebook 9 needs beside the library: a bench for an app of one's own."""

from ipywidgets import HTML, Button, HBox, VBox

from hwd_lib.stroke_styles import made_up_hand  # noqa: F401 - notebooks that people keep look for it here
from hwd_lib.widgets import page

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
