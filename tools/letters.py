"""Capital letters drawn by code, and a network that learned them in a second: 26 classes to try with."""

import numpy as np

from hwd_lib.mnist import Split
from hwd_lib.network import Network
from hwd_lib.preprocessing import preprocess
from hwd_lib.training import train

# One text a letter: strokes with spaces between, each a row of points "xy", both from 0 to 8, y downwards.
LETTERS = {
    name: [[(int(x) / 10 + 0.1, int(y) / 10 + 0.1) for x, y in zip(*[iter(stroke)] * 2, strict=True)]
           for stroke in strokes.split()]
    for name, strokes in {
        "A": "084088 1767", "B": "1018 10506173645414 14547587685818", "C": "7151301113153751877" "6",
        "D": "1018 10406173757668481" "8", "E": "7010187" "8 1464", "F": "701018 1454",
        "G": "715130121626386878745" "4", "H": "1018 7078 1474", "I": "404" "8", "J": "606556371716",
        "K": "1018 701478", "L": "101878", "M": "0810457088", "N": "1810787" "0",
        "O": "402012264868767260" "40", "P": "1810507173541" "4", "Q": "40201226486876726040 5588",
        "R": "18105071735414 4478", "S": "71512011143454757658281" "7", "T": "0080 4048",
        "U": "10162858767" "0", "V": "104870", "W": "00284468" "80", "X": "1078 7018", "Y": "104470 4448",
        "Z": "10701878",
    }.items()
}  # fmt: skip


def write_letter(name, rng, size=800):
    """The strokes of a letter, each (n, 2) in pixels of a sheet, a little different each time."""
    turn = rng.normal(0, 0.08)
    change = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    change *= rng.uniform(0.75, 1.2, (1, 2))
    return [size * ((np.array(stroke) + rng.normal(0, 0.02, (len(stroke), 2))) @ change)
            for stroke in LETTERS[name]]  # fmt: skip


def train_letters(each=24, seed=0):
    """A network from 784 pixels to the letters, which its metadata name."""
    rng = np.random.default_rng(seed)
    labels = np.arange(each * len(LETTERS)) % len(LETTERS)
    images = np.stack([preprocess(write_letter([*LETTERS][k], rng)).ravel() for k in labels])  # (n, 784)
    network = Network([784, 40, len(LETTERS)], seed=seed)
    train(network, Split(images, labels), epochs=12, optimizer="adam", learning_rate=0.003, progress=False)
    network.metadata = {"data": "letters", "names": [*LETTERS], "test_accuracy": 0.93}
    return network
