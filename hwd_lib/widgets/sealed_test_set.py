"""MNIST's test set behind a button that works once."""

import json
import threading
from html import escape

from hwd_lib.checks import memory
from hwd_lib.files import written_whole
from hwd_lib.mnist import load_mnist
from hwd_lib.network import Network
from hwd_lib.test_set import measure, now
from hwd_lib.widgets.parts import Panel, button, html


class SealedTestSet(Panel):
    """MNIST's test set behind a button that works once: for one network, and the result is kept.

    What it found stands in ``test_set.json`` beside the learner's progress, and each opening in
    ``test_log.csv`` there.

    Parameters
    ----------
    path : Path of a network's .npz file
    """

    def __init__(self, path):
        self.path, self._lock = path, threading.Lock()
        self.button, self.text = button("Open the test set", self.unseal), html()
        super().__init__("hwd-sealed", self.text, self.button, scripts=())
        self._show()

    @property
    def record(self):
        """Where the result is kept."""
        return memory.place().with_name("test_set.json")

    @property
    def result(self):
        """What was found when it was opened, or None: network, right, examples, validation, time."""
        try:
            found = json.loads(self.record.read_text("utf-8"))
            return found if {"network", "right", "examples", "validation", "time"} <= set(found) else None
        except (OSError, ValueError, TypeError):
            return None

    def unseal(self):  # not `open`: that is what a widget calls when it is made
        """Measure the network on the test set, if that was not done before."""
        with self._lock:
            if self.result is None:
                self.record.parent.mkdir(parents=True, exist_ok=True)
                network, test = Network.load(self.path), load_mnist().test
                predicted = measure(network, self.path, test, self.record.with_name("test_log.csv"))
                found = {"network": self.path.stem, "right": int((predicted == test.labels).sum())}
                found |= {"examples": len(predicted), "time": now()}
                found |= {"validation": network.metadata.get("validation_accuracy")}
                with written_whole(self.record) as file:
                    file.write(json.dumps(found).encode())
            self._show()

    def _show(self):
        found = self.result
        self.button.disabled = found is not None
        if found is None:
            name = escape(self.path.stem)
            words = f"<p>Sealed. It will be opened for <code>{name}</code>, and only once.</p>"
        else:
            accuracy = found["right"] / found["examples"]
            claimed = found["validation"]
            count = f"{found['right']:,} of {found['examples']:,} digits read right"
            words = f"<p><b>{accuracy:.2%}</b> · {count}</p>"
            if isinstance(claimed, float):
                words += f"<p>On validation it had {claimed:.2%}.</p>"
            words += (
                f"<p>Opened for <code>{escape(found['network'])}</code> on {escape(found['time'])}. "
                "It does not open again: this number stays the answer.</p>"
            )
        self.text.value = f"<div role='status'>{words}</div>"
