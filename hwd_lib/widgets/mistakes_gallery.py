"""What a network misread, one digit after the other, for a person to judge: whose mistake is it?"""

import threading

import numpy as np
from ipywidgets import HTML, Button, HBox, VBox

from hwd_lib.widgets import page, panels

SIDE = 28
VERDICTS = ("The network is wrong", "I cannot tell", "The label is wrong")
STYLE = """<style>
.hwd-gallery .hwd-body { grid-template-columns: minmax(0, 280px) minmax(0, 1fr); align-items: start }
.hwd-gallery .hwd-digit .hwd-pixels { background: #fff; color: #000 }
.hwd-gallery .hwd-claims { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 16px;
  align-items: baseline; margin: 0 0 14px; padding: 0; font-size: 15px }
.hwd-gallery .hwd-claims b { font-size: 30px; line-height: 1.2; font-variant-numeric: tabular-nums }
.hwd-gallery .hwd-tools { margin-top: 14px }
.hwd-gallery .hwd-tools .jupyter-button { min-width: 84px }
.hwd-gallery .hwd-tally { margin: 16px 0 0; padding: 0; font-size: 14px; line-height: 1.5 }
.hwd-gallery .hwd-tally div { display: grid; grid-template-columns: 11em minmax(0, 1fr) 2em; gap: 10px;
  align-items: center }
.hwd-gallery .hwd-tally i { height: 12px; border-radius: 6px; background: var(--faint); overflow: hidden }
.hwd-gallery .hwd-tally s { display: block; height: 100%; background: var(--accent) }
.hwd-gallery .hwd-tally span { text-align: right; font-variant-numeric: tabular-nums }
.hwd-gallery .hwd-ask { font-size: 15px; font-weight: 600 }
.hwd-gallery .hwd-doubted { margin: 14px 0 0 }
.hwd-gallery .hwd-thumbs { margin-top: 8px }
@container (max-width: 560px) { .hwd-gallery .hwd-body { grid-template-columns: minmax(0, 1fr) }
  .hwd-gallery .hwd-digit { max-width: 220px } }
</style>"""


class MistakesGallery(VBox):
    """Go through the digits that a network misread, the surest mistake first, and give each a verdict.

    Every control is a button, so it can be used with Tab, Enter and the space bar alone. A verdict leads on
    to the next digit; *Back* returns to one, and another verdict replaces the first.

    Parameters
    ----------
    images : (n, 784) float32
    labels : (n,) int
    probabilities : (n, 10) float
        What the network says about each image.

    Attributes
    ----------
    mistakes : (k,) int
        Which images were misread, the surest first.
    place : int
        Which of the mistakes is shown, from 0.
    verdicts : dict
        Place -> one of `VERDICTS`.
    """

    def __init__(self, images, labels, probabilities):
        self.images, self.labels, self.probabilities = images, labels, probabilities
        self.answers = probabilities.argmax(axis=1)  # (n, 10) -> (n,)
        wrong = np.flatnonzero(self.answers != labels)
        sure = probabilities.max(axis=1)[wrong]
        self.mistakes = wrong[np.argsort(-sure, kind="stable")]
        self.place, self.verdicts = 0, {}
        self._lock = threading.RLock()  # JupyterLab may call back on a second thread
        self._digit, self._claims, self._tally = HTML(), HTML(), HTML()
        self._digit.add_class("hwd-digit")
        self.buttons = {verdict: Button(description=verdict) for verdict in VERDICTS}
        for verdict, button in self.buttons.items():
            button.on_click(lambda _, verdict=verdict: self.judge(verdict))
        self._back, self._next = Button(description="← Back"), Button(description="Next →")
        self._back.on_click(lambda _: self.go(-1))
        self._next.on_click(lambda _: self.go(1))
        right = VBox([self._claims, _tools(*self.buttons.values()), _tools(self._back, self._next)])
        body = VBox([VBox([self._digit]), VBox([right, self._tally])])
        body.add_class("hwd-body")
        super().__init__([HTML(f"<style>{page.CSS}</style>{STYLE}"), body])
        self.add_class("hwd-app")
        self.add_class("hwd-gallery")
        self._show()

    def judge(self, verdict):
        """Give the digit on show a verdict, and go on to the next one."""
        with self._lock:
            if len(self.mistakes):
                self.verdicts[self.place] = verdict
                self.go(1)

    def go(self, steps):
        """Show another mistake, so many places further; it stops at both ends."""
        with self._lock:
            self.place = max(0, min(len(self.mistakes) - 1, self.place + steps))
            self._show()

    def judged(self, verdict):
        """The images that got a verdict, as indices of `images`: (k,) int."""
        places = sorted(place for place, given in self.verdicts.items() if given == verdict)
        return self.mistakes[places]

    def _show(self):
        self._show_tally()
        if not len(self.mistakes):
            self._claims.value = '<p role="status">The network misread none of them.</p>'
            for button in (*self.buttons.values(), self._back, self._next):
                button.disabled = True
            return
        index, given = self.mistakes[self.place], self.verdicts.get(self.place)
        label, answer = self.labels[index], self.answers[index]
        name = f"Mistake {self.place + 1} of {len(self.mistakes)}"
        self._digit.value = self._picture(
            index, f"{name}: a digit that the label calls {label} and the network {answer}"
        )
        told = f"Your verdict: {given.lower()}." if given else "Whose mistake is it?"
        self._claims.value = (
            f'<p class="hwd-note">{name} · digit number {index}</p>'
            f'<div class="hwd-claims" role="status"><span>The label says</span><b>{label}</b>'
            f"<span>The network says</span><b>{answer}</b><span>and is</span>"
            f"<span>{panels.percent(self.probabilities[index].max())} sure; to {label} it gives "
            f"{panels.percent(self.probabilities[index, label])}</span></div>"
            f'<p class="hwd-ask">{told}</p>'
        )
        for verdict, button in self.buttons.items():
            (button.add_class if verdict == given else button.remove_class)("mod-active")

    def _show_tally(self):
        most = max(1, len(self.verdicts))
        rows = ""
        for verdict in VERDICTS:
            count = len(self.judged(verdict))
            width = 100 * count / most
            rows += f'<div>{verdict}<i><s style="width: {width:.0f}%"></s></i><span>{count}</span></div>'
        doubted = "".join(
            f"<li>{self._picture(i, f'a digit with the label {self.labels[i]}')}"
            f"<span>label {self.labels[i]}</span></li>"
            for i in self.judged(VERDICTS[2])
        )
        if doubted:
            title = '<p class="hwd-note hwd-doubted">Labels you doubt:</p>'
            doubted = f'{title}<ul class="hwd-thumbs">{doubted}</ul>'
        words = self._in_words()
        self._tally.value = f'<div class="hwd-tally" role="img" aria-label="{words}">{rows}</div>{doubted}'

    def _picture(self, index, words):
        return panels.pixels(self.images[index].reshape(SIDE, SIDE), words)  # (784,) -> (28, 28)

    def _in_words(self):
        counts = ", ".join(f"{verdict.lower()}: {len(self.judged(verdict))}" for verdict in VERDICTS)
        return f"{len(self.verdicts)} of {len(self.mistakes)} judged. {counts}."


def _tools(*buttons):
    box = HBox(buttons)
    box.add_class("hwd-tools")
    return box
