"""Many visitors of the app at once: do all get their page, is every stroke read, and in time?

    python benchmarks/visitors.py                              40 visitors for three minutes
    python benchmarks/visitors.py --visitors 200 --crowd       more than there are places, all at one moment

The server is a real one (`hwd app`), on this computer alone. A visitor is a program that does what the page
does in a browser: it fetches the page and its scripts, opens the websocket, draws digits at 60 mouse events a
second, pauses, and leaves without saying good-bye. What a browser does besides, painting, costs the server
nothing. (In a crowd, every other one says good-bye.) All of them share the processors with the server.
Everything is bounded: a run takes --seconds, and at most five minutes more.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tools.visitors import Figures, Server, Visitor, scripts  # noqa: E402


async def run(server, arguments, figures, files):
    until = time.monotonic() + arguments.seconds
    visitors = []
    for k in range(arguments.visitors):
        arrive = 0 if arguments.crowd else k * arguments.arrive / arguments.visitors
        stay = arguments.stay if arguments.crowd else float("inf")
        visitor = Visitor(server, figures, files, arguments.drawing, seed=k)
        good_bye = arguments.crowd and k % 2 == 0
        visitors.append(visitor.visit(until, arrive, stay, good_bye))
    watching = asyncio.ensure_future(watch(server, figures))
    await asyncio.wait_for(asyncio.gather(*visitors), arguments.seconds + 200)
    watching.cancel()


async def watch(server, figures):
    """Note how many kernels there were at most."""
    while True:
        figures.most_kernels = max(figures.most_kernels, len(server.kernels()))
        await asyncio.sleep(5)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=40)
    parser.add_argument("--places", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument(
        "--arrive", type=float, default=40, help="seconds in which they arrive, one after the other"
    )
    parser.add_argument(
        "--crowd", action="store_true", help="all arrive at once, and stay for --stay seconds each"
    )
    parser.add_argument(
        "--drawing", type=float, default=0.2, help="the share of the time that a visitor draws"
    )
    parser.add_argument("--stay", type=float, default=10)
    arguments = parser.parse_args()
    folder = tempfile.TemporaryDirectory()
    figures, server = Figures(), Server(folder.name, arguments.places)
    try:
        time.sleep(5)
        before, idle = server.memory(), len(server.kernels())
        load, started = os.getloadavg(), time.monotonic()
        at_first = server.cpu()
        asyncio.run(run(server, arguments, figures, scripts()))
        left = time.monotonic()
        own = sum(psutil.Process().cpu_times()[:2])
        used = [*(now - then for now, then in zip(server.cpu(), at_first, strict=True)), own]
        peak = len(server.kernels()), server.memory()
        while len(server.kernels()) > idle and time.monotonic() - left < 120:
            time.sleep(0.5)
        gone = time.monotonic() - left
        time.sleep(max(0, 60 - gone))
        after = server.memory()
    finally:
        server.stop()
        folder.cleanup()
    report(arguments, figures, load)
    share = [f"{seconds / (left - started):.0%}" for seconds in used]
    print(f"of one processor: the server {share[0]}, the kernels {share[1]}, these visitors {share[2]}")
    print(f"kernels: at most {figures.most_kernels}; {peak[0]} at the end; back to {idle} after {gone:.0f} s")
    print(f"memory: {before:.0f} MiB before, {peak[1]:.0f} at the end, {after:.0f} a minute later", end=" ")
    print(f"({after / before - 1:+.1%})")


def report(arguments, figures, load):
    """Print what the visitors saw."""
    print(f"{arguments.visitors} visitors, {arguments.places} places;", end=" ")
    print(f"load of this computer before: {load[0]:.1f}, after: {os.getloadavg()[0]:.1f}")
    print(f"pages: {len(figures.opening)} opened, {len(figures.wrong)} failed;", end=" ")
    print(f"{figures.told_to_wait} times told to wait")
    for line in figures.wrong[:10]:
        print("   ", line)
    if figures.opening:
        print(
            f"opening: median {np.median(figures.opening):.1f} s, slowest {max(figures.opening):.1f} s;",
            end=" ",
        )
        print(f"most inside at once: {figures.most_inside}")
    if figures.latency:
        ms = 1000 * np.array(figures.latency)
        print(f"{figures.strokes} strokes of {figures.points} points;", end=" ")
        print(f"{figures.lost} drawings not read to their end")
        print(
            f"reading after an event: median {np.median(ms):.0f} ms, 95 % {np.percentile(ms, 95):.0f} ms,",
            end=" ",
        )
        print(f"99 % {np.percentile(ms, 99):.0f} ms; under 150 ms: {(ms < 150).mean():.1%}")


if __name__ == "__main__":
    main()
