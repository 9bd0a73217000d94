"""How fast is `train`, next to PyTorch, scikit-learn, a loop over single examples, and bare matrix products?

    python benchmarks/training_speed.py [--quick] [--json FILE]

All sides do the same: SGD, ReLU, float32, mini-batches of MNIST in a new order. They take turns, round after
round, with one thread and with two, and each is judged by its best time: whatever else the computer does makes
a run slower, never faster. The ratio is the peer's time over ours, so 2 means that `train` is twice as fast. For
the bare matrix products it is the share of their speed that `train` reaches. What is slow is timed on fewer
batches. Peers that are not installed are left out (pip install torch scikit-learn).
"""  # noqa: E501

import argparse
import importlib.util
import json
import math
import statistics
import time
import warnings
from contextlib import nullcontext

import numpy as np
from threadpoolctl import threadpool_limits

from hwd_lib.mnist import Split, load_mnist
from hwd_lib.network import Network
from hwd_lib.training import train

NETWORKS = ([784, 100, 10], [784, 800, 10], [784, 500, 150, 10], [784, 2000, 10])
BATCHES = (32, 128, 512)
RATE = 0.01


def ours(layers, batch, data):
    """Seconds for one pass through `data` with `train`."""
    network = Network(layers)

    def run(threads):
        return min(
            train(network, data, epochs=1, batch_size=batch, learning_rate=RATE, progress=False, **how).seconds[0]  # noqa: E501
            for how in ([{}] if threads == 1 else [{}, {"workers": 2}])
        )

    return run


def bare_matmul(layers, batch, data):
    """The matrix products of forward and backward, and nothing else."""
    sizes = list(zip(layers[:-1], layers[1:], strict=True))
    rng = np.random.default_rng(0)
    xs = [rng.standard_normal((batch, width), np.float32) for width in layers]
    ws = [rng.standard_normal(size, np.float32) for size in sizes]
    outs, gradients = [np.empty_like(x) for x in xs], [np.empty_like(w) for w in ws]

    def run(threads):
        start = time.perf_counter()
        for _ in range(len(data.labels) // batch):
            for i, w in enumerate(ws):
                np.matmul(xs[i], w, out=outs[i + 1])
            for i in reversed(range(len(ws))):
                np.matmul(xs[i].T, xs[i + 1], out=gradients[i])
                if i:
                    np.matmul(xs[i + 1], ws[i].T, out=outs[i])
        return time.perf_counter() - start

    return run


def torch_model(layers):
    import torch

    pairs = zip(layers[:-1], layers[1:], strict=True)
    modules = [module for pair in pairs for module in (torch.nn.Linear(*pair), torch.nn.ReLU())]
    model = torch.nn.Sequential(*modules[:-1])
    return model, torch.optim.SGD(model.parameters(), RATE), torch.nn.CrossEntropyLoss()


def pytorch_eager(layers, batch, data):
    """PyTorch as a careful person writes it: tensors in memory, batches by index."""
    import torch

    model, optimizer, loss_of = torch_model(layers)
    images, labels = torch.from_numpy(data.images), torch.from_numpy(data.labels)

    def run(threads):
        torch.set_num_threads(threads)
        start, total = time.perf_counter(), 0.0
        order = torch.randperm(len(labels))
        for chosen in order.split(batch):
            optimizer.zero_grad()
            loss = loss_of(model(images[chosen]), labels[chosen])
            loss.backward()
            optimizer.step()
            total += loss.item()
        return time.perf_counter() - start

    return run


def pytorch_dataloader(layers, batch, data):
    """PyTorch as the tutorials write it: a Dataset, and a DataLoader that shuffles."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    model, optimizer, loss_of = torch_model(layers)
    dataset = TensorDataset(torch.from_numpy(data.images), torch.from_numpy(data.labels))
    loader = DataLoader(dataset, batch_size=batch, shuffle=True)

    def run(threads):
        torch.set_num_threads(threads)
        start, total = time.perf_counter(), 0.0
        for images, labels in loader:
            optimizer.zero_grad()
            loss = loss_of(model(images), labels)
            loss.backward()
            optimizer.step()
            total += loss.item()
        return time.perf_counter() - start

    return run


def scikit_learn(layers, batch, data):
    """scikit-learn's MLPClassifier; partial_fit is one epoch, and the first call, which sets up, is not timed."""  # noqa: E501
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(layers[1:-1], solver="sgd", alpha=0, batch_size=batch, momentum=0, learning_rate_init=RATE)  # noqa: E501
    model.partial_fit(data.images[:batch], data.labels[:batch], classes=range(10))

    def run(threads):
        start = time.perf_counter()
        model.partial_fit(*data)
        return time.perf_counter() - start

    return run


def sample_by_sample(layers, batch, data):
    """One example after the other, as HWD-Perceptron does: sigmoid, squared error, float64, a step each."""
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, n_in**-0.5, (n_out, n_in)) for n_in, n_out in zip(layers, layers[1:], strict=False)]  # noqa: E501
    targets = np.eye(10)[data.labels] * 0.98 + 0.01

    def run(threads):
        start = time.perf_counter()
        for image, target in zip(data.images, targets, strict=True):
            signals = [np.array(image, ndmin=2).T * 0.99 + 0.01]  # (784, 1)
            for w in weights:
                signals.append(1 / (1 + np.exp(-np.dot(w, signals[-1]))))
            error = np.array(target, ndmin=2).T - signals[-1]
            for i in reversed(range(len(weights))):
                before, after = signals[i], signals[i + 1]
                step = RATE * np.dot(error * after * (1 - after), before.T)
                error = np.dot(weights[i].T, error)
                weights[i] += step
        return time.perf_counter() - start

    return run


# peer: (function, module that it needs, how many times fewer batches it is timed on)
PEERS = {
    "pytorch-eager": (pytorch_eager, "torch", 1),
    "pytorch-dataloader": (pytorch_dataloader, "torch", 2),
    "scikit-learn": (scikit_learn, "sklearn", 2),
    "sample-by-sample": (sample_by_sample, "numpy", 0),
    "bare-matmul": (bare_matmul, "numpy", 1),
}


def measure(layers, batch, data, peers, seconds, rounds):
    """Best seconds for each example, of each side; `seconds` is how long one of our runs should take, about."""  # noqa: E501
    flops = 6 * batch * sum(a * b for a, b in zip(layers, layers[1:], strict=False))  # of a step
    steps = int(np.clip(seconds / (flops / 4e10 + 1e-4), 2, len(data.labels) // batch))
    sides = {}
    for name, (make, _, fewer) in {"ours": (ours, "", 1), **peers}.items():
        n = batch * max(1, steps // fewer) if fewer else max(8, int(0.3 * seconds * 6e9 / flops * batch))
        part = Split(data.images[:n], data.labels[:n])
        sides[name] = (make(layers, batch, part), n)
    best = dict.fromkeys(sides, math.inf)
    for _ in range(rounds):
        for threads in (1, 2):
            for name, (run, n) in sides.items():
                if name == "sample-by-sample" and threads == 2:
                    continue  # vectors are too small for a second thread
                limit = threadpool_limits(1, user_api="blas") if threads == 1 else nullcontext()
                with limit:
                    best[name] = min(best[name], run(threads) / n)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="shorter runs: under a minute and a half")
    parser.add_argument("--json", metavar="FILE", help="write the table there, too")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", module="sklearn")
    data = load_mnist().train
    peers = {name: peer for name, peer in PEERS.items() if importlib.util.find_spec(peer[1])}
    seconds, rounds = (0.05, 3) if options.quick else (0.25, 7)
    print(f"{'network':16}{'batch':>6}{'µs an example':>15}  " + "".join(f"{name:>20}" for name in peers))
    rows = []
    for layers in NETWORKS:
        for batch in BATCHES:
            best = measure(layers, batch, data, peers, seconds, rounds)
            name = "-".join(map(str, layers))
            ratios = {peer: best[peer] / best["ours"] for peer in peers}
            rows += [{"network": name, "batch": batch, "peer": p, "ratio": round(r, 3)} for p, r in ratios.items()]  # noqa: E501
            cells = "".join(f"{ratio:20.2f}" for ratio in ratios.values())
            print(f"{name:16}{batch:6}{best['ours'] * 1e6:15.2f}  {cells}", flush=True)
    means = [statistics.geometric_mean(r["ratio"] for r in rows if r["peer"] == peer) for peer in peers]
    print(f"{'geometric mean':37}  " + "".join(f"{mean:20.2f}" for mean in means))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"rows": rows}, file, indent=1)


if __name__ == "__main__":
    main()
