"""Where does the time of a training step go? Its parts are timed one by one, among real batches of MNIST.

    python benchmarks/step_parts.py [FILE]

A step is written out here as `train` does it, with plain SGD, and a clock between its parts; so the arrays
come from where they come from in real life, memory or cache. *The rest* is what a step of `train` itself
takes besides: Python between the calls. Both take turns. Others on the same machine
can make a step three times as long, for seconds on end: shown is the round with the quickest step. With FILE,
such as docs/speed.md, the table there is written anew.
"""

import sys
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from hwd_lib.mnist import Split, load_mnist
from hwd_lib.network import Buffers, Network, cross_entropy, one_hot, relu, softmax
from hwd_lib.runs import blas_threads
from hwd_lib.training import train

CELLS = (
    ([784, 100, 10], 32), ([784, 100, 10], 128), ([784, 500, 150, 10], 32), ([784, 800, 10], 128),
    ([784, 2000, 10], 32),
)  # fmt: skip
PARTS = ("matrix products", "rows of 55,000", "biases, ReLU, its slope", "softmax, cross-entropy",
         "parameters minus gradient")  # fmt: skip
STEPS, ROUNDS = 200, 15
START, END = "<!-- parts -->", "<!-- end of parts -->"


class Clock:
    """Adds up the seconds since the last call under a name."""

    def __init__(self):
        self.seconds, self.last = dict.fromkeys(PARTS, 0.0), time.perf_counter()

    def __call__(self, part):
        now = time.perf_counter()
        self.seconds[part] += now - self.last
        self.last = time.perf_counter()


def timed_steps(network, data, batch, rate=0.01):
    """Seconds of each part of a step, the mean of `STEPS` steps."""
    products, rows, units, loss, parameters = PARTS
    targets = one_hot(data.labels)  # (n_all, 10)
    out, last, order = Buffers(network, batch), len(network.weights) - 1, np.arange(len(targets))
    np.random.default_rng(0).shuffle(order)
    clock = Clock()
    for k in range(STEPS):
        chosen = order[k * batch : (k + 1) * batch]
        activations = [data.images.take(chosen, axis=0, out=out.x, mode="clip")]  # -> (n, 784)
        wanted = targets.take(chosen, axis=0)  # (n, 10)
        clock(rows)
        for i, weights in enumerate(network.weights):
            a = np.matmul(activations[i], weights, out=out.activations[i])  # (n, n_in) -> (n, n_out)
            clock(products)
            a += network.biases[i]
            (relu if i < last else softmax)(a, out=a)
            activations.append(a)
            clock(units if i < last else loss)
        delta = np.subtract(a, wanted, out=out.deltas[-1])
        delta /= batch / rate
        clock(loss)
        for i in range(last, -1, -1):
            np.matmul(activations[i].T, delta, out=out.gradients.weights[i])  # (n_in, n) @ (n, n_out)
            clock(products)
            delta.sum(axis=0, out=out.gradients.biases[i])  # (n, n_out) -> (n_out,)
            clock(units)
            if i:
                delta = np.matmul(delta, network.weights[i].T, out=out.deltas[i - 1])  # -> (n, n_in)
                clock(products)
                delta *= np.greater(activations[i], 0, out=out.slopes[i - 1])
                clock(units)
        network.parameters -= out.gradients.vector
        clock(parameters)
        cross_entropy(activations[-1], wanted)
        clock(loss)
    return {part: seconds / STEPS for part, seconds in clock.seconds.items()}


def measure(layers, batch):
    """Microseconds of each part and of the rest: dict."""
    data = load_mnist().train
    few = Split(data.images[: STEPS * batch], data.labels[: STEPS * batch])
    rounds = []
    for _ in range(ROUNDS + 1):  # the first warms up
        network = Network(layers)
        with threadpool_limits(blas_threads(network, batch, 1), user_api="blas"):
            found = timed_steps(network, data, batch)
        history = train(Network(layers), few, epochs=2, batch_size=batch, learning_rate=0.01, progress=False)
        whole = (history.seconds[1] - history.seconds[0]) / STEPS
        rounds.append(found | {"the rest, Python's own": whole - sum(found.values()), "a step": whole})
    quickest = min(rounds[1:], key=lambda one: one["a step"])
    return {part: 1e6 * seconds for part, seconds in quickest.items()}


def table(measured):
    """A table in Markdown: a line a part, a column a network and batch."""
    names = ["-".join(map(str, layers)) + f", {batch}" for layers, batch in CELLS]
    lines = [["part", *names], ["---"] * (1 + len(names))]
    lines += [[part, *(f"{one[part]:.0f}" for one in measured)] for part in measured[0]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(files):
    text = table([measure(*cell) for cell in CELLS])
    print(text)
    for path in map(Path, files):
        before, _, rest = path.read_text("utf-8").partition(START)
        path.write_text(f"{before}{START}\n{text}\n{END}{rest.partition(END)[2]}", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
