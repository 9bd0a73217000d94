"""Visitors of the published app: the server, and programs that do there what a page does in a browser.

Tests and benchmarks share them. What a browser does besides, painting, costs the server nothing.
"""

import asyncio
import json
import os
import random
import re
import shutil
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
PROGRAM = """
from hwd_lib.serving.publishing import ROOT, App, options

chosen = options({0}, "127.0.0.1", "{1}", {2}, public={3}, browser=False)
App.launch_instance([*chosen, *{4}], config_file_paths=[str(ROOT)])
"""


class Server:
    """`hwd app --public` on loopback, in a process of its own, with other times if they are named."""

    def __init__(self, folder, places=40, prefix="", public=True, **times):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.prefix, self.url = prefix, f"http://127.0.0.1:{self.port}{prefix}"
        # The page's template as it is here, and not as it was when the package was installed.
        shutil.copytree(ROOT / "voila_template", Path(folder) / "data" / "voila" / "templates" / "hwd")
        environment = {"JUPYTER_DATA_DIR": f"{folder}/data", "JUPYTER_CONFIG_DIR": f"{folder}/config"}
        self.folder, connections = Path(folder), f"--Voila.connection_dir_root={folder}"
        chosen = [connections, *(f"--Kernels.{name}={seconds}" for name, seconds in times.items())]
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM.format(self.port, prefix, places, public, chosen)],
            cwd=ROOT, env=os.environ | environment, text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.log, self.changed = [], threading.Condition()
        self.listener = threading.Thread(target=self.listen, daemon=True)
        self.listener.start()
        try:
            self.wait_for("is running at")
            self.wait_for("is filled with")
        except TimeoutError:
            self.process.kill()
            raise

    def listen(self):
        """Keep what the server writes, until it ends."""
        for line in self.process.stderr:
            with self.changed:
                self.log.append(line)
                self.changed.notify_all()
        self.process.stderr.close()

    def wait_for(self, text, seconds=120, since=0):
        """Wait until the server's log says so, in a line after so many."""
        with self.changed:
            if not self.changed.wait_for(lambda: any(text in line for line in self.log[since:]), seconds):
                raise TimeoutError("".join(self.log))

    def kernels(self):
        """The processes that wait for visitors, or have some: children of the nursery's."""
        found = []
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # some end while we look
                found += [process] if process.ppid() != self.process.pid else []
        return found

    def named(self):
        """The same processes under the names that the server has for them: who listens where a file says."""
        names, found = {}, {}
        for path in self.folder.glob("voila_*/kernel-*.json"):
            with suppress(OSError, ValueError):  # one that is being written, or gone
                names[json.loads(path.read_text())["shell_port"]] = path.stem.removeprefix("kernel-")
        for process in self.kernels():
            with suppress(psutil.NoSuchProcess):
                ports = {connection.laddr.port for connection in process.net_connections("tcp")}
                found |= {names[port]: process for port in ports & names.keys()}
        return found

    def own_memory(self):
        """MiB of the server's process alone."""
        return psutil.Process(self.process.pid).memory_info().rss / 2**20

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
        """End it; returns its exit status."""
        self.process.terminate()
        status = self.process.wait(60)
        self.listener.join()
        return status


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

    async def good_bye(self, kernel=None):
        """What the page sends when it is closed; or that of another kernel."""
        headers = {"Cookie": "_xsrf=1", "Origin": self.server.url}
        url = f"{self.server.url}/voila/api/shutdown/{kernel or self.kernel}"
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
        await self.connect()
        await self.find_widgets()
        self.figures.opening.append(time.monotonic() - started)
        return True

    async def connect(self):
        """Open the websocket, in the place of one that is there already."""
        if self.socket:
            self.socket.close()
        url = f"ws{self.server.url[4:]}/api/kernels/{self.kernel}/channels?session_id={self.session}"
        headers = {"Origin": self.server.url}
        request = HTTPRequest(url, headers=headers, request_timeout=60, connect_timeout=60)
        self.socket = await websocket_connect(request, subprotocols=[PROTOCOL])

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
