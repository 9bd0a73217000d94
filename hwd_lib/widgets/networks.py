"""The card of networks in the live app: who reads along, who is compared, and the visitor's own files."""

import io
import re
from functools import partial
from pathlib import Path

from ipywidgets import Box, Dropdown, FileUpload

from hwd_lib.network import SAVED_NN, Network
from hwd_lib.saved import DIGITS, class_names, default_network, load_reader, metadata_of, reading_networks
from hwd_lib.widgets import page, panels
from hwd_lib.widgets.parts import classed, html

MOST_OPENED = 3  # networks from files of one visitor
NO_RIVAL = ""
LONGEST_NAME, LONGEST_SENTENCE = 100, 600  # characters of a file's name, and of what is said about it


class Networks(Box):
    """Menus of all networks, what is known of the chosen one, and a button to open files.

    Parameters
    ----------
    network : Network, path or None
        What reads first; None for `default_network`.
    open_file : function of (name, content)
        What to do with a file that the visitor opens, or drops on the app.
    complain : function of (sentence)
        Shows what is wrong with it: what a ValueError of `open_file` says.
    plain : dict
        See `Panel.plain`.

    Attributes
    ----------
    name : str
    network : Network
        The one that is chosen.
    names : tuple of str
        What its classes are called.
    rival : Network or None
        The one to compare with, called ``rival_name``; it has the same classes.
    """

    def __init__(self, network, open_file, complain, plain):
        found = reading_networks(SAVED_NN)
        self._shelf = {path.stem: (path, names) for path, names in found.items()}  # path or Network
        self._listeners, self._filling, self._complain = [], False, complain
        if isinstance(network, Network):
            name = network.metadata.get("recipe") or "-".join(map(str, network.layers))
            self.name = f"{name} (given)"
            self._shelf[self.name] = network, class_names(network)
        else:
            path = Path(network or default_network())
            self.name = path.stem
            if path.stem not in self._shelf:
                self._shelf[path.stem] = path, class_names(load_reader(path, digits=False))
        self.network, self.rival = self.load(self.name), None
        self.choose = Dropdown(description="Reads along", tooltip="")
        self.versus = Dropdown(description="Compare with", tooltip="")
        self.upload = FileUpload(accept=".npz,.json", description="", multiple=False, tooltip="")
        self.about = html(panels.about(self.network), "hwd-about", **plain)
        self._fill()
        self.choose.observe(self._chosen, "value")
        self.versus.observe(self._compared, "value")
        self.upload.observe(partial(self._uploaded, open_file), "value")
        head, note = html(page.NETWORKS, **plain), html(page.OPEN, **plain)
        super().__init__(
            [head, self.choose, self.versus, self.about, note, self.upload], layout=plain["layout"]
        )
        classed(self, "hwd-card hwd-networks")

    @property
    def names(self):
        """What the classes of the network that is chosen are called."""
        return self._shelf[self.name][1]

    @property
    def reads_digits(self):
        """Whether these are the ten digits: for others there are no numbers, no pages, and no teaching."""
        return self.names == DIGITS

    @property
    def rival_name(self):
        """The name of the network to compare with; empty for none."""
        return self.versus.value

    def on_change(self, listener):
        """Call ``listener()`` whenever another network reads, or compares."""
        self._listeners.append(listener)

    def switch(self, name, anew=False):
        """Read on with another network; `anew`: it has just come, and the menus must be filled anew."""
        before = self.names if self.name in self._shelf else None
        self.name, self.network = name, self.load(name)
        if anew or self.names != before or [value for _, value in self.choose.options] != list(self._shelf):
            self._fill()
        self._filling = True
        self.choose.value = name
        self._filling = False
        self.about.value = panels.about(self.network)
        self._tell()

    def has(self, name):
        """True when there is a network of this name."""
        return isinstance(name, str) and name in self._shelf

    def offer(self, name, network):
        """Put a network on the shelf, and read on with it."""
        self._shelf[name] = network, class_names(network)
        self.switch(name, anew=True)

    def withdraw(self, name, instead):
        """Take a network from the shelf, and read on with another one."""
        del self._shelf[name]
        self.switch(instead)

    def take_in(self, name, content):
        """Open a network's file (.npz) that the visitor sent, and read on with it.

        Raises
        ------
        ValueError
            When it is something else.
        """
        network = load_reader(io.BytesIO(content), name, digits=False)
        for key in ("test_accuracy", "validation_accuracy"):
            score = network.metadata.get(key)
            if not (score is None or (isinstance(score, (int, float)) and 0 <= score <= 1)):
                raise ValueError(
                    f"{name}: expected a {key} from 0 to 1 in its metadata, found something else. "
                    "Choose a file that Network.save wrote."
                )
        for old in [old for old in self._shelf if old.endswith("(yours)")][: 1 - MOST_OPENED]:
            del self._shelf[old]  # the memory is shared with other visitors
        self.offer(f"{Path(name).stem} (yours)", network)

    def load(self, name):
        """The network of this name."""
        network, _ = self._shelf[name]
        return network if isinstance(network, Network) else Network.load(network)

    def _fill(self):
        """Offer all networks, and to compare those of the same classes; what is chosen stays."""
        self._filling = True  # new options choose the first of them, for a moment
        offered = [(_label(name, network), name) for name, (network, _) in self._shelf.items()]
        rivals = [(label, name) for label, name in offered if self._shelf[name][1] == self.names]
        rival = self.versus.value
        self.choose.options, self.choose.value = offered, self.name
        self.versus.options = [("no other", NO_RIVAL), *rivals]
        self.versus.value = rival if rival in dict(rivals).values() else NO_RIVAL
        self._filling = False
        self.rival = self.load(self.versus.value) if self.versus.value else None

    def _chosen(self, change):
        if not self._filling and change["new"] not in (None, self.name):
            self.switch(change["new"])

    def _compared(self, change):
        if not self._filling:
            self.rival = self.load(change["new"]) if change["new"] else None
            self._tell()

    def _uploaded(self, open_file, change):
        for file in change["new"]:
            self.upload.value = ()  # the files themselves are not kept
            name, content = str(file.get("name"))[:LONGEST_NAME], file.get("content")
            try:
                if not isinstance(content, memoryview | bytes):  # our page sends bytes; others, anything
                    raise ValueError(f"{name}: expected a file, found something else. Choose it again.")
                open_file(name, bytes(content))
            except ValueError as error:
                sentence = str(error)
                if len(sentence) > LONGEST_SENTENCE:  # something of the file is quoted in it
                    sentence = f"{sentence[:LONGEST_SENTENCE]} …"
                self._complain(sentence)

    def _tell(self):
        for listener in self._listeners:
            listener()


def title(name):
    """The name of a network for people who have not met it: "784-500-150-10" has two hidden layers."""
    layers = re.match(r"\d+(-\d+)+", name)
    if not layers:
        return name
    hidden = layers[0].split("-")[1:-1]
    if not hidden:
        words = "No hidden layer"
    elif len(hidden) == 1:
        words = f"One hidden layer of {hidden[0]}"
    else:
        count = {2: "Two", 3: "Three", 4: "Four"}.get(len(hidden), len(hidden))
        words = f"{count} hidden layers of {', '.join(hidden[:-1])} and {hidden[-1]}"
    return words + name[layers.end() :]


def _label(name, network):
    """A network's name with its accuracy, for a menu."""
    try:
        about = network.metadata if isinstance(network, Network) else metadata_of(network)
    except (OSError, ValueError, KeyError):
        return title(name)
    score = about.get("test_accuracy") or about.get("validation_accuracy")
    return f"{title(name)} · {100 * score:.1f} %" if isinstance(score, float) else title(name)
