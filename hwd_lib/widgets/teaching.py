"""The card of one's own digits in the live app: kept, read by each network, and taught to a copy of it."""

import json
import time

import numpy as np
from ipywidgets import Box

from hwd_lib.evaluation import accuracy
from hwd_lib.mnist import Split, scale
from hwd_lib.training import fine_tune
from hwd_lib.widgets import page, panels
from hwd_lib.widgets.examples import replay, validation_digits
from hwd_lib.widgets.own_digits import MOST_KEPT, digits_from_json, digits_to_json
from hwd_lib.widgets.parts import box, button, classed, html


class Teaching(Box):
    """The digits that a visitor kept, and buttons to teach them.

    Parameters
    ----------
    networks : Networks
        What is taught; the taught copy goes there.
    say : function of (sentence)
        Tells the visitor.
    plain : dict
        See `Panel.plain`.

    Attributes
    ----------
    digits : list of OwnDigit
    """

    def __init__(self, networks, say, plain):
        self.networks, self.digits = networks, []
        self._say, self._listeners, self._report, self._right = say, [], "", 0
        self._taught = {}  # name of a network that was taught -> name of the one it was before
        self.strip = html("", "hwd-strip", **plain)
        self.teach_it = button("Teach it my digits", self.teach, "hwd-primary")
        self.unteach_it = button("Undo teaching", self.unteach)
        self.forget_last_one = button("Forget the last", self.forget_last)
        self.forget_all = button("Forget my digits", self.forget)
        buttons = (self.teach_it, self.unteach_it, self.forget_last_one, self.forget_all)
        tools = box("hwd-tools", *buttons, layout=plain["layout"])
        super().__init__([html(page.OWN, **plain), self.strip, tools], layout=plain["layout"])
        classed(self, "hwd-card hwd-own")
        networks.on_change(self.show)
        self.show()

    def on_change(self, listener):
        """Call ``listener()`` whenever digits were kept or forgotten, or taught or not any more."""
        self._listeners.append(listener)

    @property
    def full(self):
        """True when there is no room for more digits."""
        return len(self.digits) >= MOST_KEPT

    def keep(self, *digits):
        """Keep OwnDigits, as many as there is room for; returns how many of all are read right, and all."""
        self.digits += digits
        del self.digits[MOST_KEPT:]
        self._changed()
        return self._right, len(self.digits)

    def memory(self):
        """What a page needs to bring everything back after a reload: see `recall`."""
        taught = next(reversed(self._taught.values()), "")
        return digits_to_json(self.digits, taught=taught) if self.digits else ""

    def recall(self, memory):
        """Keep the digits of before again, and teach again what was taught.

        Raises
        ------
        ValueError
            When `memory` is not what `memory()` gave.
        """
        digits, base = digits_from_json(memory, "memory"), json.loads(memory).get("taught")
        self.keep(*digits)
        if self.networks.has(base):
            self.networks.switch(base)
            self.teach()

    def forget_last(self):
        """Forget the digit that was kept last: one says a wrong name easily, and it would be learned."""
        del self.digits[-1:]
        self._changed()

    def forget(self):
        """Forget all digits of one's own."""
        self.digits = []
        self._changed()

    def teach(self):
        """Teach a copy of the network one's own digits, and read on with the copy."""
        if not self.digits or not self.networks.reads_digits:
            return
        name, self.teach_it.description = self.teach_it.description, "Learning …"
        try:
            self._learn()
        finally:
            self.teach_it.description = name

    def _learn(self):
        base = self._taught.get(self.networks.name, self.networks.name)
        before = self.networks.load(base)
        images, labels = self.as_arrays()
        known, of_known = validation_digits()
        validation, among = Split(scale(known), of_known.astype(np.int64)), replay()
        started = time.monotonic()
        after = fine_tune(before, images, labels, among)
        seconds = time.monotonic() - started
        own = [int((network.predict(images) == labels).sum()) for network in (before, after)]
        mnist = [100 * accuracy(network, validation) for network in (before, after)]
        after.metadata = {
            key: value
            for key, value in before.metadata.items()
            if not key.endswith(("accuracy", "accuracies"))
        }
        after.metadata |= {"taught": len(labels), "validation_accuracy": mnist[1] / 100}
        self._report = panels.lesson(own, len(labels), mnist, len(validation.labels), seconds)
        name = f"{base}, taught by you"
        self._taught[name] = base
        self.networks.offer(name, after)
        self._tell_listeners()
        self._say(f"Learned. Of your {len(labels)} digits it read {own[0]} before, and reads {own[1]} now.")

    def unteach(self):
        """Go back to the network as it was before it was taught."""
        taught = self.networks.name
        base = self._taught.pop(taught, None)
        if base:
            self.networks.withdraw(taught, base)
            self._tell_listeners()

    def as_arrays(self):
        """One's own digits as images (n, 784) float32 and labels (n,) int64."""
        return (
            np.stack([digit.image.ravel() for digit in self.digits]),  # n of (28, 28) -> (n, 784)
            np.array([digit.label for digit in self.digits]),
        )

    def show(self):
        """Show one's own digits, and how the network that is chosen now reads them."""
        if not self.networks.reads_digits:
            return  # the card is not shown
        taught = self.networks.name in self._taught
        if self.digits:
            images, labels = self.as_arrays()
            read = self.networks.network.predict(images)
            self._right = int((read == labels).sum())
            thumbs = [(d.image, d.label, int(r)) for d, r in zip(self.digits, read, strict=True)]
            self.strip.value = panels.strip(thumbs) + (self._report if taught else "")
        else:
            self.strip.value = page.NO_DIGITS
        for each in (self.teach_it, self.forget_last_one, self.forget_all):
            each.disabled = not self.digits
        self.unteach_it.disabled = not taught

    def _changed(self):
        self.show()
        self._tell_listeners()

    def _tell_listeners(self):
        for listener in self._listeners:
            listener()
