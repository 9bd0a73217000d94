"""What a network misread, one digit after the other, for a person to judge: whose mistake is it?"""

import threading

import numpy as np

from hwd_lib.widgets import panels
from hwd_lib.widgets.parts import SIDE, Panel, box, button, html

VERDICTS = ("The network is wrong", "I cannot tell", "The label is wrong")


class MistakesGallery(Panel):
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
        self._digit, self._claims, self._tally = html(classes="hwd-digit"), html(), html()
        self.buttons = {
            verdict: button(verdict, lambda verdict=verdict: self.judge(verdict)) for verdict in VERDICTS
        }
        self._back, self._next = button("← Back", lambda: self.go(-1)), button("Next →", lambda: self.go(1))
        verdicts = box("hwd-tools", *self.buttons.values())
        right = box(
            "hwd-column", self._claims, verdicts, box("hwd-tools", self._back, self._next), self._tally
        )
        super().__init__("hwd-gallery", box("hwd-body", self._digit, right), scripts=())
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
