"""Messages that no page would send, thousands of them: does the server answer the next honest visitor?

    python benchmarks/fuzz.py                    20,000 messages, the connections that read nothing, the flood
    python benchmarks/fuzz.py --messages 500     as the tests do

The seeds are what the page itself sends: the first words, events of the sheet, values of every widget that
it has, files. Hypothesis changes them: the table of offsets, the JSON, the contents of comm messages, the
bytes of a file. After each message somebody else's connection is asked whether it is still read.
"""

import argparse
import asyncio
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tools import attacks  # noqa: E402
from tools.fuzz import fuzz  # noqa: E402
from tools.visitors import Figures, Server, Visitor  # noqa: E402


async def enter(server, seed):
    visitor = Visitor(server, Figures(), [], drawing=1, seed=seed)
    if not await visitor.enter(until=float("inf")):
        raise SystemExit("There was no place.")
    return visitor


async def throw(server, n):
    """`n` messages; prints what they did."""
    began, before, lines = time.monotonic(), server.own_memory(), len(server.log)
    found = await fuzz(server, n)
    seconds, log = time.monotonic() - began, sum(map(len, server.log[lines:]))
    print(f"{n:,} messages of {found.sent / 2**20:.1f} MiB in {seconds:.0f} s;", end=" ")
    print(f"{found.cut} connections cut, {found.kernels} kernels used, log of {log / 1024:.0f} KiB")
    ms = 1000 * np.array(found.answers)
    print(f"an honest visitor was answered each time: median {np.median(ms):.0f} ms, slowest {ms.max():.0f}")
    print(f"memory of the server: {before:.0f} MiB before, {server.own_memory():.0f} after")


async def stand(server, attack, *arguments):
    """An attack while somebody draws; prints what it cost."""
    evil, drawing = await enter(server, 1), await enter(server, 2)
    quiet, wires = await attacks.quiet(drawing), []
    cost = await attacks.attacked(server, drawing, attack, server, [evil], wires, *arguments)
    for wire in wires:
        wire.close()
    ms = 1000 * np.array(cost.readings)
    print(f"{attack.__name__} {arguments}: {cost.grown:+.1f} MiB; another visitor's readings:", end=" ")
    print(f"median {np.median(ms):.0f} ms, slowest {ms.max():.0f} ms ({1000 * quiet:.0f} ms before)")
    for visitor in (evil, drawing):
        await visitor.good_bye()
        await visitor.leave()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=20_000)
    arguments = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))  # as many as the server's
    print(f"load of this computer before: {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder, 8, cull_interval=1)
        try:
            asyncio.run(throw(server, arguments.messages))
            asyncio.run(stand(server, attacks.half_open, 1000, 1000))
            asyncio.run(stand(server, attacks.flood, 10))
        finally:
            status = server.stop()
    print(f"load after: {os.getloadavg()[0]:.1f}; the server ended with status {status}")


if __name__ == "__main__":
    main()
