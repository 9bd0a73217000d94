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
import json
import os
import random
import re
import socket
import subprocess
import sys
import threading
import time
import uuid
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError, websocket_connect

from hwd_lib.stroke_styles import make_strokes

ROOT = Path(__file__).resolve().parents[1]

RATE = 60  # mouse events a second
SCRIPTS = 90  # files that the page fetches besides itself
PROTOCOL = "v1.kernel.websocket.jupyter.org"
PLEASE = {"version": "1.0.0"}  # of the widgets' own protocol
PATIENCE = 30  # seconds for any single answer


class Server:
    """`hwd app` in a process of its own, with a port of its own."""

    def __init__(self, places):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "hwd_lib", "app", "--public", "--address", "127.0.0.1"]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port), "--visitors", str(places)],
            cwd=ROOT, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.log, ready = [], threading.Event()

        def listen():
            for line in self.process.stderr:
                self.log.append(line)
                if "is filled with" in line:
                    ready.set()

        threading.Thread(target=listen, daemon=True).start()
        if not ready.wait(120):
            self.process.kill()
            raise SystemExit("The server did not start:\n" + "".join(self.log))

    def kernels(self):
        """The processes that wait for visitors, or have some."""
        found = []
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # some end while we look
                found += [process] if "hwd_lib.serving.kernel" in " ".join(process.cmdline()) else []
        return found

    def memory(self):
        """MiB of the server and all its kernels; what several of them share is counted once."""
        pss = 0
        for process in [psutil.Process(self.process.pid), *self.kernels()]:
            with suppress(psutil.NoSuchProcess):
                pss += process.memory_full_info().pss
        return pss / 2**20

    def cpu(self):
        """Seconds of processor time: of the server, and of all kernels that are there now."""
        seconds = [0.0, 0.0]
        for k, process in [
            (0, psutil.Process(self.process.pid)),
            *((1, kernel) for kernel in self.kernels()),
        ]:
            with suppress(psutil.NoSuchProcess):
                seconds[k] += sum(process.cpu_times()[:2])
        return seconds

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


class Figures:
    """What the visitors saw."""

    def __init__(self):
        self.opening, self.latency, self.wrong = [], [], []
        self.told_to_wait, self.inside, self.most_inside = 0, 0, 0
        self.strokes, self.points, self.lost, self.most_kernels = 0, 0, 0, 0


class Visitor:
    """One browser's worth of messages."""

    def __init__(self, server, figures, scripts, drawing, seed):
        self.server, self.figures, self.scripts, self.drawing = server, figures, scripts, drawing
        self.rng, self.random = np.random.default_rng(seed), random.Random(seed)
        self.client = AsyncHTTPClient(force_instance=True, max_clients=6)
        self.session, self.socket, self.sent = str(uuid.uuid4()), None, []

    async def visit(self, until, arrive=0.0, stay=float("inf"), good_bye=False):
        """Come, draw, and leave."""
        await asyncio.sleep(arrive)
        try:
            if await self.enter(until):
                self.figures.inside += 1
                self.figures.most_inside = max(self.figures.most_inside, self.figures.inside)
                await self.draw(min(until, time.monotonic() + stay))
                self.figures.inside -= 1
        except (
            HTTPClientError,
            StreamClosedError,
            WebSocketClosedError,
            TimeoutError,
            OSError,
            KeyError,
        ) as error:
            self.figures.wrong.append(f"{type(error).__name__}: {error}")
        finally:
            if self.socket and good_bye:
                await self.good_bye()
            if self.socket:
                self.socket.protocol.stream.close()
            self.client.close()

    async def good_bye(self):
        """What the page sends when it is closed."""
        headers = {"Cookie": "_xsrf=1", "Origin": self.server.url}
        url = f"{self.server.url}/voila/api/shutdown/{self.kernel}"
        await self.client.fetch(HTTPRequest(url, "POST", headers, body="_xsrf=1"), raise_error=False)

    async def leave(self):
        """Close the connection as a browser does."""
        self.client.close()
        here = not self.socket.protocol.stream.closed()  # or has the server closed it?
        self.socket.close()
        while here and await self.socket.read_message() is not None:
            pass

    async def fetch(self, path):
        request = HTTPRequest(
            self.server.url + path, request_timeout=120, connect_timeout=60, decompress_response=True
        )
        return await self.client.fetch(request, raise_error=False)

    async def enter(self, until):
        """Open the page as a browser does; when it is full, come again when the page would."""
        started = time.monotonic()
        while True:
            answer = await self.fetch("/")
            text = answer.body.decode()
            if answer.code == 200:
                self.page, self.headers = text, answer.headers
                break
            again = re.search(r'http-equiv="refresh" content="(\d+)"', text)
            if answer.code != 503 or not again or "tries again by itself" not in text:
                raise KeyError(f"a page without an explanation: {answer.code}")
            self.figures.told_to_wait += 1
            if time.monotonic() + int(again[1]) > until:
                return False
            await asyncio.sleep(int(again[1]))
        self.kernel = re.search(r'"kernelId": "([\w-]+)"', text)[1]
        files = re.findall(r'(?:src|href)="(/voila/[^"]+)"', text) + self.scripts
        for answer in await asyncio.gather(*map(self.fetch, files)):
            if answer.code != 200:
                raise KeyError(f"{answer.effective_url}: {answer.code}")
        await self.fetch(f"/api/kernels/{self.kernel}")
        url = f"ws{self.server.url[4:]}/api/kernels/{self.kernel}/channels?session_id={self.session}"
        request = HTTPRequest(
            url, headers={"Origin": self.server.url}, request_timeout=60, connect_timeout=60
        )
        self.socket = await websocket_connect(request, subprotocols=[PROTOCOL])
        await self.find_widgets()
        self.figures.opening.append(time.monotonic() - started)
        return True

    async def find_widgets(self):
        """Ask for all widgets, and say that we can draw."""
        self.send("kernel_info_request", {})
        comm = str(uuid.uuid4())
        self.send("comm_open", {"comm_id": comm, "target_name": "jupyter.widget.control", "data": {}})
        self.send("comm_msg", {"comm_id": comm, "data": {"method": "request_states"}})
        message = await self.receive(lambda m: b'"update_states"' in m)
        widgets = json.loads(parts(message)[4])["data"]["states"]
        names = {}
        for key, widget in widgets.items():
            names[widget["state"].get("description")] = key
            if widget["model_name"] == "CanvasModel":
                self.send("comm_msg", custom(key, {"event": "client_ready"}))
                if widget["state"]["width"] > 1:
                    self.canvas = key
        self.clear, self.widgets = names["Clear"], widgets

    async def draw(self, until):
        """Draw digits, with pauses between, until it is time to leave."""
        await asyncio.sleep(self.random.uniform(0, 5))
        while time.monotonic() < until:
            began = time.monotonic()
            strokes = [place(stroke) for stroke in make_strokes(self.random.randrange(10), self.rng)]
            wanted = len(np.concatenate(strokes))
            reader = asyncio.ensure_future(self.read(wanted))
            for stroke in strokes:
                for k, (x, y) in enumerate(stroke):
                    self.event("mouse_move" if k else "mouse_down", x, y)
                    self.sent.append(time.monotonic())
                    await asyncio.sleep(max(0, began + len(self.sent) / RATE - time.monotonic()))
                self.event("mouse_up", x, y)
            self.figures.strokes += len(strokes)
            self.figures.points += wanted
            try:
                await asyncio.wait_for(reader, PATIENCE)
            except TimeoutError:
                self.figures.lost += 1
            taken = time.monotonic() - began
            self.send("comm_msg", custom(self.clear, {"event": "click"}))
            await self.receive(lambda m: b'data-points=\\"0\\"' in m)
            self.sent.clear()
            pause = taken * (1 / self.drawing - 1) * self.random.uniform(0.7, 1.3)
            await self.listen(min(pause, max(0, until - time.monotonic())))

    async def read(self, wanted):
        """Wait for readings; note for each mouse event how long it took until one had seen it."""
        seen = 0
        while seen < wanted:
            message = await self.receive(lambda m: b'data-points=\\"' in m, forever=True)
            now = time.monotonic()
            points = int(re.search(rb'data-points=\\"(\d+)', message)[1])
            self.figures.latency += [now - sent for sent in self.sent[seen:points]]
            seen = max(seen, points)

    async def listen(self, seconds):
        """Read what comes in for a while; in a pause it is nothing but the server's pings."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.receive(lambda m: False, forever=True), seconds)

    async def receive(self, wanted, forever=False):
        """Read messages until one is as wanted."""
        async with asyncio.timeout(None if forever else PATIENCE):
            while True:
                message = await self.socket.read_message()
                if message is None:
                    raise WebSocketClosedError("the server closed the connection")
                if wanted(message):
                    return message

    def event(self, name, x, y):
        self.send("comm_msg", custom(self.canvas, {"event": name, "x": float(x), "y": float(y)}))

    def send(self, kind, content, channel="shell", buffers=()):
        header = {"msg_id": str(uuid.uuid4()), "msg_type": kind, "session": self.session, "version": "5.2"}
        header |= {"username": "", "date": "2026-01-01T00:00:00.000Z"}
        fields = [
            channel.encode(),
            *(json.dumps(part).encode() for part in (header, {}, PLEASE, content)),
            *buffers,
        ]
        self.socket.write_message(join(fields), binary=True)


def custom(comm, content):
    """The content of a message to a widget."""
    return {"comm_id": comm, "data": {"method": "custom", "content": content}}


def join(fields):
    """Fields as one message of the websocket: how many offsets, the offsets, the fields."""
    offsets = np.cumsum([8 * (len(fields) + 2), *map(len, fields)])
    return b"".join(int(n).to_bytes(8, "little") for n in [len(offsets), *offsets]) + b"".join(fields)


def parts(message):
    """The fields of a message of the websocket."""
    count = int.from_bytes(message[:8], "little")
    offsets = [int.from_bytes(message[8 * k : 8 * k + 8], "little") for k in range(1, count + 1)]
    return [message[start:end] for start, end in zip(offsets, offsets[1:], strict=False)]


def place(stroke):
    """A stroke of the library's own digits, on the sheet of 800 by 800, no point twice."""
    return 400 + 220 * np.clip(stroke, -1.5, 1.5) + 0.01 * np.arange(len(stroke))[:, None]  # (n, 2) + (n, 1)


def scripts():
    """Addresses of as many of Voilà's scripts as a browser fetches."""
    from voila.paths import collect_static_paths

    names = [
        p.name for folder in collect_static_paths(["voila"], "base") for p in Path(folder).glob("*.voila.js")
    ]
    return [f"/voila/static/{name}" for name in sorted(names)[:SCRIPTS]]


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
    figures, server = Figures(), Server(arguments.places)
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
