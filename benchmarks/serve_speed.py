"""How many questions a second `hwd serve` answers: ``python benchmarks/serve_speed.py``, half a minute.

A real server on this computer alone, asked over 64 connections that stay open, each with the next question as
soon as the last one is answered; the questions come from this same computer, and cost it about as much.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from hwd_lib.mnist import load_mnist
from hwd_lib.stroke_styles import make_strokes

ROOT = Path(__file__).resolve().parents[1]


def questions(kind, count=50):
    """Requests as bytes: HWD-Perceptron's form, an image as JSON, or strokes as JSON."""
    images, rng = load_mnist().validation.images[:count], np.random.default_rng(0)
    for k, image in enumerate(images):
        if kind == "imgdata":
            columns = 2 * image.reshape(28, 28).T.ravel() - 1  # (784,) -> (28, 28) -> (784,)
            path, body = "/recognize?imgdata=" + ",".join(f"{value:.6g}" for value in columns), b""
        elif kind == "image":
            rows = image.reshape(28, 28).round(3).tolist()  # (784,) -> (28, 28)
            path, body = "/recognize", json.dumps({"image": rows}).encode()
        else:
            strokes = [np.round(stroke, 3).tolist() for stroke in make_strokes(k % 10, rng)]
            path, body = "/recognize", json.dumps({"strokes": strokes}).encode()
        method = "POST" if body else "GET"
        head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        yield head.encode() + body


async def ask(port, requests, until, seconds):
    """Ask over one connection until the time is over; note how long each answer took."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    k = 0
    while time.perf_counter() < until:
        started = time.perf_counter()
        writer.write(requests[k % len(requests)])
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        seconds.append(time.perf_counter() - started)
        k += 1
    writer.close()
    await writer.wait_closed()


async def measure(port, requests, connections, duration):
    seconds, until = [], time.perf_counter() + duration
    await asyncio.gather(*(ask(port, requests, until, seconds) for _ in range(connections)))
    return 1000 * np.array(seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_args()
    command = [sys.executable, "-u", "-m", "hwd_lib", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE) as server:
        try:
            port = int(server.stdout.readline().split("/recognize")[0].rpartition(":")[2])
            for kind in ("imgdata", "image", "strokes"):
                requests = list(questions(kind))
                asyncio.run(measure(port, requests, 4, 1))  # warms up
                ms = asyncio.run(measure(port, requests, arguments.connections, arguments.seconds))
                print(f"{kind:8} {len(ms) / arguments.seconds:6.0f} a second;", end=" ")
                print(f"median {np.median(ms):.0f} ms, 99 % {np.percentile(ms, 99):.0f} ms;", end=" ")
                print(f"load of this computer: {os.getloadavg()[0]:.1f}")
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
