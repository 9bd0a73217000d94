"""What a sweep costs, on this machine and on a Dask cluster on it: ``python benchmarks/sweep.py``.

Measured are the figures of docs/cluster.md: 24 runs of a tenth of a second, of a quarter and of a whole one,
on one worker and on two, with joblib and with Dask; whether the tables are equal; what one worker receives
and holds in memory; and what a run costs beside its training, in processor seconds of the scheduler and of
the sweep. Everything listens on loopback only.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from distributed import Client

from hwd_lib.mnist import Split, load_mnist
from hwd_lib.sweep import grid, sweep

RATES = [0.3, 0.1, 0.03, 0.01]
SHAPES = [[784, 30, 10], [784, 100, 10]]
ONE = grid(layers=[[784, 100, 10]], epochs=[1])
EMPTY = [{"optimizer": "none"}]  # fails at once: what is left is the cost of sending it about
MANY = 100


@contextlib.contextmanager
def cluster(workers):
    """A scheduler and so many workers, each a process of its own; yields a client."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        file = Path(folder) / "scheduler.json"
        common = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file)]

        def start(kind, *more):
            command = [sys.executable, "-m", "dask", kind, *common, *more]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            stack.callback(lambda: (process.kill(), process.wait()))
            return process

        scheduler = start("scheduler", "--port", "0")
        for _ in range(workers):
            start("worker", "--no-nanny", "--nthreads", "1", "--local-directory", folder)
        client = stack.enter_context(Client(scheduler_file=str(file), timeout=60, set_as_default=False))
        client.wait_for_workers(workers, timeout=60)
        yield client, scheduler.pid


def timed(settings, data, validation, seeds, **options):
    """Rows as text without the clock, seconds, and how many of these the runs themselves took, added up."""
    before = time.perf_counter()
    rows = sweep(settings, data, validation, seeds=seeds, progress=False, **options)
    seconds = time.perf_counter() - before
    table = [json.dumps({k: v for k, v in row.items() if k != "seconds"}) for row in rows]
    return table, seconds, sum(row["seconds"] for row in rows)


def held(dask_worker):
    """Bytes of the arrays that a worker holds, what its network calls brought in, and its memory."""
    arrays = [value for value in dask_worker.data.values() if hasattr(value, "nbytes")]
    return len(arrays), sum(a.nbytes for a in arrays), psutil.Process().memory_info().rss


def processor_seconds(*pids):
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


def compare(mnist, digits, epochs, rounds=3):
    """24 runs on one worker and on two, with joblib and with Dask, in turn; prints medians."""
    data = Split(mnist.train.images[:digits], mnist.train.labels[:digits])
    settings = grid(layers=SHAPES, learning_rate=RATES, epochs=[epochs])
    tables, seconds, beside = set(), {}, {}

    def measure(way, workers, **options):
        timed(EMPTY, data, mnist.validation, 4, **options)  # the processes start, and import the library
        table, elapsed, training = timed(settings, data, mnist.validation, 3, **options)
        tables.add(tuple(table))
        seconds.setdefault(way, []).append(elapsed)
        beside.setdefault(way, []).append(elapsed - training / workers)

    for _ in range(rounds):
        for workers in (1, 2):
            measure(f"joblib, {workers}", workers, jobs=workers)
        for workers in (1, 2):
            with cluster(workers) as (client, _):
                measure(f"Dask, {workers}", workers, cluster=client.scheduler.address)
    print(f"24 runs, each {epochs} × {digits:,} digits, median of {rounds}:")
    for way, times in seconds.items():
        factors = [a / b for a, b in zip(seconds[way.partition(",")[0] + ", 1"], times, strict=True)]
        factor = statistics.median(factors)
        middle, rest = statistics.median(times), statistics.median(beside[way])
        print(f"  {way:9} {middle:5.1f} s, {factor:.2f} times as fast as 1; {rest:.2f} s without training")
    print("  tables equal:", len(tables) == 1, flush=True)


def main():
    mnist = load_mnist()
    few = Split(mnist.train.images[:10_000], mnist.train.labels[:10_000])
    compare(mnist, 10_000, epochs=2)
    compare(mnist, 55_000, epochs=1)
    compare(mnist, 55_000, epochs=4, rounds=1)

    with cluster(2) as (client, scheduler):
        address, seen = client.scheduler.address, []
        look = lambda row, rows: seen.append(client.run(held)) if len(rows) == 2 else None
        before = max(rss for _, _, rss in client.run(held).values())
        rows = sweep(ONE, *mnist[:2], seeds=4, cluster=address, on_row=look, progress=False)
        own = sum(row["seconds"] for row in rows) / len(rows)
        count, size, rss = max(seen[-1].values())
        print(f"one epoch of 784-100-10 on all digits: {own:.1f} s")
        print(f"each worker: {count} arrays, {size / 1e6:.0f} MB received once; "
              f"memory {before / 1e6:.0f} MB before, {rss / 1e6:.0f} MB with a run", flush=True)  # fmt: skip
        for what, pid in (("scheduler", scheduler), ("sweep", os.getpid())):
            before = processor_seconds(pid)
            timed(EMPTY, few, mnist.validation, MANY, cluster=address)
            work = 1000 * (processor_seconds(pid) - before) / MANY
            print(f"{what}: {work:.1f} ms of work for a run", flush=True)
    row = {k: v for k, v in rows[0].items() if k != "history"}
    print(f"a row: {len(json.dumps(row)) + 20 * len(rows[0]['history'])} bytes, about")


if __name__ == "__main__":
    main()
