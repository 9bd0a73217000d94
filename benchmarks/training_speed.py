"""How fast is `train`, next to PyTorch, JAX, scikit-learn, loops over examples, and bare matrix products?

    python benchmarks/training_speed.py [--quick] [--json FILE] [--networks 784-100-10 …] [--peers jax …]

All sides do the same work: SGD with the same learning rate, ReLU, cross-entropy, float32, the same digits of
MNIST in whole batches, in a new order each epoch, shuffled as each would do it. (The two ways that learn from
one example after the other keep what makes them so: sigmoid, squared error, float64.)

A run is as many epochs as take a second; of large networks, an epoch is a part of the digits. Each side is a
process of its own, so that nobody waits for another's threads, and is there twice, with one thread and with
two: the faster of both, after a warm-up, goes on. Then they take turns. Only epochs are timed: not how data
become tensors, code is compiled, or `train` looks at its data and options. A run during which other processes
worked is repeated, twice at most; how many processors they had, at most, is in the column *others*. The
ratio is the peer's time over ours, the median of the rounds: 2 means that `train` is twice as fast. For the
bare matrix products it is the share of their speed that `train` reaches.

The peers want `pip install torch jax scikit-learn`, best into an environment of your own, and torch.compile a
C++ compiler.
"""

import argparse
import importlib.util
import json
import multiprocessing
import os
import statistics
import sys
import time
import warnings
from itertools import pairwise

import numpy as np
import psutil

from hwd_lib.mnist import Split, load_mnist
from hwd_lib.network import Network
from hwd_lib.training import train

NETWORKS = ([784, 100, 10], [784, 800, 10], [784, 500, 150, 10], [784, 2000, 10])
BATCHES = (32, 128, 512)
RATE = 0.01
WORK = 1.2e11  # operations in an epoch, at most: about a second at 100 thousand million in a second
BUSY = 0.1  # of a processor that others may have during a run
TRIES = 3  # for a run during which they have more


def ours(layers, batch, data, threads):
    """`train` as it is called, which gives large products two threads; or, with `threads` 2, two workers."""
    network = Network(layers)
    options = {"batch_size": batch, "learning_rate": RATE, "progress": False, "workers": threads}
    return lambda epochs: train(network, data, epochs=epochs, **options).seconds[-1]


def pytorch_eager(layers, batch, data, threads):
    """PyTorch as a careful person writes it: tensors in memory, batches by index, a fused optimizer."""
    import torch

    model = _torch_model(layers)
    loss = torch.nn.CrossEntropyLoss()
    return _torch_epoch(model, lambda x, labels: loss(model(x), labels), batch, data, threads)


def pytorch_compile(layers, batch, data, threads):
    """The same, with the network and its loss compiled."""
    import torch

    model, loss = _torch_model(layers), torch.nn.CrossEntropyLoss()
    loss_of = torch.compile(lambda x, labels: loss(model(x), labels))
    return _torch_epoch(model, loss_of, batch, data, threads)


def _torch_model(layers):
    import torch

    pairs = pairwise(layers)
    modules = [module for pair in pairs for module in (torch.nn.Linear(*pair), torch.nn.ReLU())]
    return torch.nn.Sequential(*modules[:-1])


def _torch_epoch(model, loss_of, batch, data, threads):
    import torch

    torch.set_num_threads(threads)
    optimizer = torch.optim.SGD(model.parameters(), RATE, fused=True)
    images, labels = torch.tensor(data.images), torch.tensor(data.labels)

    def epoch():
        total = torch.zeros(())
        for chosen in torch.randperm(len(labels)).split(batch):
            loss = loss_of(images[chosen], labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach()
        return total.item()

    return epoch


def jax_scan(layers, batch, data, threads):
    """JAX, with the whole epoch compiled: one `jit` around a `lax.scan`, all data in memory."""
    import jax
    from jax import numpy as jnp

    key, *keys = jax.random.split(jax.random.key(0), len(layers))
    sizes = pairwise(layers)
    parameters = [
        (jax.random.normal(k, size) * (2 / size[0]) ** 0.5, jnp.zeros(size[1]))
        for k, size in zip(keys, sizes, strict=True)
    ]
    images, labels = jnp.asarray(data.images), jnp.asarray(data.labels)

    def loss_of(parameters, x, y):
        for w, b in parameters[:-1]:
            x = jax.nn.relu(x @ w + b)
        w, b = parameters[-1]
        return -jnp.take_along_axis(jax.nn.log_softmax(x @ w + b), y[:, None], axis=1).mean()

    @jax.jit
    def run(parameters, key, images, labels):
        def step(parameters, chosen):
            loss, slopes = jax.value_and_grad(loss_of)(parameters, images[chosen], labels[chosen])
            return jax.tree.map(lambda p, g: p - RATE * g, parameters, slopes), loss

        order = jax.random.permutation(key, len(labels)).reshape(-1, batch)
        return jax.lax.scan(step, parameters, order)

    def epoch():
        nonlocal parameters, key
        key, own = jax.random.split(key)
        parameters, losses = run(parameters, own, images, labels)
        losses.block_until_ready()

    return epoch


def scikit_learn(layers, batch, data, threads):
    """scikit-learn's MLPClassifier; `partial_fit` is one epoch."""
    from sklearn.neural_network import MLPClassifier

    warnings.filterwarnings("ignore", module="sklearn")
    model = MLPClassifier(
        layers[1:-1], solver="sgd", alpha=0, batch_size=batch, momentum=0, learning_rate_init=RATE
    )
    return lambda: model.partial_fit(data.images, data.labels, classes=range(10))


def nielsen(layers, batch, data, threads):
    """One example after the other as in Nielsen's book: columns, sigmoid, squared error, a step a batch."""
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, n_in**-0.5, (n_out, n_in)) for n_in, n_out in pairwise(layers)]
    biases = [np.zeros((n_out, 1)) for n_out in layers[1:]]
    images, targets = data.images.astype(float)[:, :, None], np.eye(10)[data.labels][:, :, None]

    def gradient(x, target):
        activations = [x]  # (784, 1)
        for w, b in zip(weights, biases, strict=True):
            activations.append(1 / (1 + np.exp(-(np.dot(w, activations[-1]) + b))))
        error, slopes = activations[-1] - target, []
        for i in reversed(range(len(weights))):
            delta = error * activations[i + 1] * (1 - activations[i + 1])
            slopes.append((np.dot(delta, activations[i].T), delta))
            error = np.dot(weights[i].T, delta)
        return slopes[::-1]

    def epoch():
        order = rng.permutation(len(images))
        for first in range(0, len(order), batch):
            sums = [(np.zeros_like(w), np.zeros_like(b)) for w, b in zip(weights, biases, strict=True)]
            for k in order[first : first + batch]:
                sums = [
                    (w + dw, b + db)
                    for (w, b), (dw, db) in zip(sums, gradient(images[k], targets[k]), strict=True)
                ]
            for i, (w, b) in enumerate(sums):
                weights[i] = weights[i] - RATE / batch * w
                biases[i] = biases[i] - RATE / batch * b

    return epoch


def hwd_perceptron(layers, batch, data, threads):
    """One example after the other as in HWD-Perceptron: sigmoid, squared error, no bias, a step for each."""
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, n_in**-0.5, (n_out, n_in)) for n_in, n_out in pairwise(layers)]
    targets = np.eye(10)[data.labels] * 0.98 + 0.01

    def epoch():
        for k in rng.permutation(len(targets)):
            signals = [np.array(data.images[k], float, ndmin=2).T * 0.99 + 0.01]  # (784, 1)
            for w in weights:
                signals.append(1 / (1 + np.exp(-np.dot(w, signals[-1]))))
            error = np.array(targets[k], ndmin=2).T - signals[-1]
            for i in reversed(range(len(weights))):
                before, after = signals[i], signals[i + 1]
                step = RATE * np.dot(error * after * (1 - after), before.T)
                error = np.dot(weights[i].T, error)
                weights[i] += step

    return epoch


def bare_products(layers, batch, data, threads):
    """The matrix products of forward and backward, and nothing else."""
    sizes = list(pairwise(layers))
    rng = np.random.default_rng(0)
    xs = [rng.standard_normal((batch, width), np.float32) for width in layers]
    ws = [rng.standard_normal(size, np.float32) for size in sizes]
    outs, gradients = [np.empty_like(x) for x in xs], [np.empty_like(w) for w in ws]

    def epoch():
        for _ in range(len(data.labels) // batch):
            for i, w in enumerate(ws):
                np.matmul(xs[i], w, out=outs[i + 1])
            for i in reversed(range(len(ws))):
                np.matmul(xs[i].T, xs[i + 1], out=gradients[i])
                if i:
                    np.matmul(xs[i + 1], ws[i].T, out=outs[i])

    return epoch


SIDES = {  # function, module that it needs, share of the digits that it is timed on, with how many threads
    "ours": (ours, "numpy", 1, (1, 2)),
    "pytorch-eager": (pytorch_eager, "torch", 1, (1, 2)),
    "pytorch-compile": (pytorch_compile, "torch", 1, (1, 2)),
    "jax": (jax_scan, "jax", 1, (1, 2)),
    "scikit-learn": (scikit_learn, "sklearn", 1, (1, 2)),
    "nielsen": (nielsen, "numpy", 1 / 50, (1,)),  # vectors are too short for a second thread
    "hwd-perceptron": (hwd_perceptron, "numpy", 1 / 50, (1,)),
    "bare-products": (bare_products, "numpy", 1, (1, 2)),
}


def serve(connection, name, threads):
    """A side's process: answers (layers, batch, work) with the examples in an epoch, epochs with seconds."""
    make, _, share, _ = SIDES[name]
    images, labels = load_mnist().train
    while question := connection.recv():
        own = time.process_time()
        if isinstance(question, tuple):
            layers, batch, work = question
            of_one = 6 * sum(a * b for a, b in pairwise(layers))  # operations for an example
            n = max(1, int(min(len(labels), work / of_one) * share) // batch) * batch
            epoch = make(layers, batch, Split(images[:n], labels[:n]), threads)
            connection.send(n)
        else:
            seconds = epoch(question) if name == "ours" else _timed(epoch, question)
            connection.send((seconds, time.process_time() - own))


def _timed(epoch, epochs):
    start = time.perf_counter()
    for _ in range(epochs):
        epoch()
    return time.perf_counter() - start


class Side:
    """A process that trains when it is told to."""

    def __init__(self, name, threads):
        self.name, self.threads, self.epochs, self.n = name, threads, 1, 0
        limits = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
        of_blas = 2 if name == "ours" else threads  # `train` decides itself how many it uses
        os.environ |= dict.fromkeys(limits, str(of_blas))  # the process inherits it
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=" + ("true" if threads > 1 else "false")
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=serve, args=(other, name, threads), daemon=True)
        self.process.start()
        other.close()

    def warm_up(self, layers, batch, at_least):
        """Get ready, and warm; settle how many epochs make a run. Returns seconds for an example."""
        self.pipe.send((layers, batch, WORK * min(1, at_least)))
        self.n, self.epochs = self.pipe.recv(), 1
        self.run()  # compilers work in the first epoch
        seconds, _ = self.run()
        self.epochs = int(np.ceil(1.1 * at_least / seconds))
        return seconds / self.n

    def run(self):
        """Seconds of a run, and how many processors others used meanwhile."""
        before = _worked()
        self.pipe.send(self.epochs)
        seconds, own = self.pipe.recv()
        return seconds, (_worked() - before - own) / seconds

    def quiet_run(self):
        """The same, again if others worked; the run during which they did least."""
        runs = [self.run()]
        while len(runs) < TRIES and runs[-1][1] > BUSY:
            runs.append(self.run())
        return min(runs, key=lambda run: run[1])


def _worked():
    """Seconds that all processors together have worked, or were lent to other machines."""
    times = psutil.cpu_times()
    return sum(times) - times.idle - getattr(times, "iowait", 0) - getattr(times, "guest", 0)


def compare(layers, batch, all_sides, at_least, rounds):
    """Rows of the table, one a peer; `all_sides` has for each name its processes."""
    sides = {
        name: min(same, key=lambda side: side.warm_up(layers, batch, at_least))
        for name, same in all_sides.items()
    }
    times, shortest, busiest = {name: [] for name in sides}, dict.fromkeys(sides, np.inf), 0.0
    for _ in range(rounds):
        for name, side in sides.items():
            seconds, others = side.quiet_run()
            busiest, shortest[name] = max(busiest, others), min(shortest[name], seconds)
            times[name].append(seconds / side.epochs / side.n)
    rows = []
    for name in [*sides][1:]:
        ratio = statistics.median(peer / own for peer, own in zip(times[name], times["ours"], strict=True))
        row = {"network": "-".join(map(str, layers)), "batch": batch, "peer": name, "ratio": round(ratio, 3)}
        row |= {"seconds": round(min(shortest[name], shortest["ours"]), 2), "others": round(busiest, 2)}
        row |= {"microseconds": round(1e6 * statistics.median(times["ours"]), 3)}
        rows.append(row | {"threads": sides["ours"].threads, "peer_threads": sides[name].threads})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="short runs, once: a look, not a measurement")
    parser.add_argument("--json", metavar="FILE", help="write the table there, too")
    names = ["-".join(map(str, layers)) for layers in NETWORKS]
    parser.add_argument("--networks", nargs="+", choices=names, default=names)
    parser.add_argument("--batches", nargs="+", type=int, default=BATCHES)
    parser.add_argument("--peers", nargs="+", choices=[*SIDES][1:], default=[*SIDES][1:])
    options = parser.parse_args()
    missing = {SIDES[name][1] for name in options.peers if not importlib.util.find_spec(SIDES[name][1])}
    if missing:
        packages = " ".join(sorted(missing)).replace("sklearn", "scikit-learn")
        print(f"Left out: the peers that need {packages}. To compare with them: pip install {packages}")
    peers = [name for name in options.peers if SIDES[name][1] not in missing]
    at_least, rounds, look = (0.1, 1, " (a look)") if options.quick else (1.0, 3, "")
    print(f"load of the last minute: {psutil.getloadavg()[0]:.2f}, {psutil.cpu_count()} processors")
    wide = [max(len(name), 5 + len(look)) + 2 for name in peers]
    heads = f"{'network':15}{'batch':>5}{'µs an example':>15}{'others':>8}"
    print(heads, *map(str.rjust, peers, wide), sep="")
    sides = {name: [Side(name, threads) for threads in SIDES[name][3]] for name in ("ours", *peers)}
    rows = []
    for layers in (layers for layers, name in zip(NETWORKS, names, strict=True) if name in options.networks):
        for batch in options.batches:
            found = compare(layers, batch, sides, at_least, rounds)
            rows += found
            first = found[0]
            ratios = [f"{row['ratio']:.2f}{look}" for row in found]
            print(f"{first['network']:15}{batch:5}{first['microseconds']:15.2f}{first['others']:8.2f}",
                  *map(str.rjust, ratios, wide), sep="", flush=True)  # fmt: skip
            if options.json:
                with open(options.json, "w", encoding="utf-8") as file:
                    json.dump({"rows": rows, "quick": options.quick}, file, indent=1)
    for side in (side for same in sides.values() for side in same):
        side.pipe.send(None)  # that was all
    means = [statistics.geometric_mean(r["ratio"] for r in rows if r["peer"] == peer) for peer in peers]
    cells = [f"{mean:.2f}{look}" for mean in means]
    print(f"{'geometric mean':43}", *map(str.rjust, cells, wide), sep="")
    print(f"load of the last minute: {psutil.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    sys.exit(main())
