"""A place to write a prediction down, and to see it again beside the result."""

from html import escape

import ipywidgets as widgets

from hwd_lib.checks import memory, wording


def ask(number, question):
    """Show a question with a line to write on. What is written there is kept on the learner's own disk."""
    text = widgets.Text(
        memory.load()["predicted"].get(number, ""),
        placeholder="Your guess. Write it down before you go on.",
        continuous_update=False,  # when Enter is pressed, or the line is left
        layout=widgets.Layout(width="100%", max_width="560px"),
    )
    text.tooltip = question
    said = widgets.HTML(f"<b>Predict.</b> {escape(question)}")

    def keep(change):
        if trouble := memory.predicted(number, change["new"]):
            said.value += f"<br>{escape(trouble)}"

    text.observe(keep, "value")
    return widgets.VBox([said, text])


def recall(number):
    """Show what was predicted, beside what has come out."""
    wording.display(Guess(memory.load()["predicted"].get(number, "")))


class Guess:
    """A prediction as the learner sees it again."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return f"You predicted: {self.text}" if self.text else "You have written no prediction down."

    def _repr_html_(self):
        text = f"You predicted: <b>{escape(self.text)}</b>" if self.text else escape(repr(self))
        return f"{wording.STYLE}<div class='hwd-check'><p>{text}</p></div>"
