"""What a sweep costs, on this machine and on a Dask cluster on it: ``python benchmarks/sweep.py``.

Measured are the figures of docs/cluster.md: 24 short runs on one worker and on two, with joblib and with
Dask; whether the tables are equal; what one worker receives and holds in memory; and what a run costs beside
its training, in processor seconds of the scheduler and of the sweep. Everything listens on loopback only.
"""

import contextlib
import json
import os
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
SHORT = grid(layers=[[784, 30, 10], [784, 100, 10]], learning_rate=RATES, epochs=[2])
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
    """Rows as text without the clock, and seconds."""
    before = time.perf_counter()
    rows = sweep(settings, data, validation, seeds=seeds, progress=False, **options)
    seconds = time.perf_counter() - before
    return [json.dumps({k: v for k, v in row.items() if k != "seconds"}) for row in rows], seconds


def held(dask_worker):
    """Bytes of the arrays that a worker holds, what its network calls brought in, and its memory."""
    arrays = [value for value in dask_worker.data.values() if hasattr(value, "nbytes")]
    return len(arrays), sum(a.nbytes for a in arrays), psutil.Process().memory_info().rss


def processor_seconds(*pids):
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


def main():
    mnist = load_mnist()
    few = Split(mnist.train.images[:10_000], mnist.train.labels[:10_000])
    tables, seconds = {}, {}

    for jobs in (1, 2):
        if jobs == 2:
            timed(EMPTY, few, mnist.validation, 4, jobs=2)  # starts the processes
        name = f"joblib, {jobs} worker{'s' * (jobs > 1)}"
        tables[name], seconds[name] = timed(SHORT, few, mnist.validation, 3, jobs=jobs)
    for workers in (1, 2):
        with cluster(workers) as (client, scheduler):
            address = client.scheduler.address
            timed(EMPTY, few, mnist.validation, 4, cluster=address)  # imports the library on the workers
            name = f"Dask, {workers} worker{'s' * (workers > 1)}"
            tables[name], seconds[name] = timed(SHORT, few, mnist.validation, 3, cluster=address)
    for name, value in seconds.items():
        kind = name.partition(",")[0]
        factor = seconds[f"{kind}, 1 worker"] / value
        print(f"{name:18} 24 runs in {value:5.1f} s, {factor:.2f} times as fast as one", flush=True)
    print("tables equal:", len({tuple(table) for table in tables.values()}) == 1)

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
