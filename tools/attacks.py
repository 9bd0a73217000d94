"""What somebody sends who means harm, and what it costs: the server's memory, and other visitors' patience.

Tests and the benchmark of the fuzzer share it.
"""

import asyncio
import base64
import json
import os
import socket
import struct
import threading
import time
import uuid
from contextlib import contextmanager, suppress

import psutil

from tools.visitors import PLEASE, PROTOCOL, custom, join


class Wire:
    """A websocket without manners: it sends what it is told to, and reads only when it is asked to."""

    def __init__(self, server, kernel, protocol=PROTOCOL):
        self.session, self.sent = str(uuid.uuid4()), 0
        self.raw, self.status = socket.create_connection(("127.0.0.1", server.port), timeout=60), 0
        key = base64.b64encode(os.urandom(16)).decode()
        path = f"{server.prefix}/api/kernels/{kernel}/channels?session_id={self.session}"
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", "Upgrade: websocket"]
        lines += ["Connection: Upgrade", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}"]
        lines += [f"Sec-WebSocket-Protocol: {protocol}", "", ""]
        self.raw.sendall("\r\n".join(lines).encode())
        answer = b""
        while b"\r\n\r\n" not in answer and (chunk := self.raw.recv(4096)):
            answer += chunk
        self.status = int(answer.split()[1])
        if self.status != 101:
            self.close()

    def send(self, message, first=0x82):
        """Send one frame; 0x82 is a whole message of bytes, 0x02 the beginning of one."""
        size = len(message)
        long = struct.pack("!BQ", 0xFF, size) if size > 65535 else struct.pack("!BH", 0xFE, size)
        frame = bytes([first]) + (long if size > 125 else bytes([0x80 | size])) + bytes(4)  # a mask of zeros
        with suppress(OSError):  # the server may have had enough
            self.raw.sendall(frame + message)
        self.sent += size + len(frame)

    def drained(self):
        """Read what has come; True when the server has closed the connection."""
        self.raw.settimeout(0)
        try:
            while self.raw.recv(2**20):
                pass
            return True
        except BlockingIOError:
            return False
        except OSError:
            return True
        finally:
            self.raw.settimeout(60)

    def gone(self, seconds=30):
        """Read until the server closes the connection; False when it does not."""
        self.raw.settimeout(seconds)
        try:
            while self.raw.recv(65536):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True

    def close(self):
        """Go without a word."""
        self.raw.close()


def message(kind, content, header=(), channel=b"shell", buffers=()):
    """A message as the page builds it; `header` holds what is to be otherwise in its header."""
    about = {"msg_id": str(uuid.uuid4()), "msg_type": kind, "session": "1", "version": "5.2", "username": ""}
    about |= {"date": "2026-01-01T00:00:00.000Z", **dict(header)}
    return join([channel, *(json.dumps(part).encode() for part in (about, {}, PLEASE, content)), *buffers])


def update(widget, state):
    """The message that gives a widget's traits other values."""
    return message("comm_msg", {"comm_id": widget, "data": {"method": "update", "state": state}})


def file(upload, name, content):
    """What the page sends when a file was chosen."""
    about = {"name": name, "type": "", "size": len(content), "last_modified": 0}
    data = {"method": "update", "state": {"value": [about]}, "buffer_paths": [["value", 0, "content"]]}
    return message("comm_msg", {"comm_id": upload, "data": data}, buffers=[content])


def overlapping(kind, parts=986):
    """A megabyte with offsets that go back and forth: each second part would be all of it."""
    header = json.dumps({"msg_id": "1", "msg_type": kind, "session": "1", "version": "5.2"}).encode()
    start = 8 * (parts + 1)
    offsets = [start, start + 5, start + 5 + len(header)] + [start, 2**20] * (parts // 2 - 2) + [2**20]
    made = struct.pack(f"<{len(offsets) + 1}Q", len(offsets), *offsets) + b"shell" + header
    return made.ljust(2**20, b"{")


def widgets(visitor, model):
    """The names of a visitor's widgets of this kind."""
    return [name for name, widget in visitor.widgets.items() if widget["model_name"] == model]


# Each attack is handed the server, those who attack (a visitor, and the names of other kernels), and a list
# for the connections that it opens.


def older_protocol(server, attackers, wires):
    """Sixteen bytes that the older protocol's reader would take for 2 GB of offsets."""
    for names in (PROTOCOL + "X", "x, " + PROTOCOL, PROTOCOL):
        wires.append(Wire(server, attackers[0].kernel, names))
        if wires[-1].status == 101:
            wires[-1].send((6).to_bytes(8, "little") + bytes(8))
            assert wires[-1].gone()


def overlaps(server, attackers, wires):
    """Parts that overlap, in messages that would be delivered, and in such that would not."""
    for kind in ("execute_request", "comm_msg"):
        for parts in (986, 14):
            wires.append(Wire(server, attackers[0].kernel))
            wires[-1].send(overlapping(kind, parts))
            assert wires[-1].gone()


def not_reading(server, attackers, wires):
    """Large states, asked for sixty times, and nothing of it read."""
    wire, comm, lines = Wire(server, attackers[0].kernel), str(uuid.uuid4()), len(server.log)
    wires.append(wire)
    for name in widgets(attackers[0], "HTMLModel")[:4]:
        wire.send(update(name, {"value": "x" * 1_900_000}))
    wire.send(message("comm_open", {"comm_id": comm, "target_name": "jupyter.widget.control", "data": {}}))
    for _ in range(60):
        wire.send(message("comm_msg", {"comm_id": comm, "data": {"method": "request_states"}}))
    server.wait_for("did not read", since=lines)


def busy_kernel(server, attackers, wires):
    """A kernel with long work to do, and large messages behind it."""
    wire, visitor = Wire(server, attackers[0].kernel), attackers[0]
    wires.append(wire)
    stroke = [[100 + 3 * k, 100 + 2 * k] for k in range(50)]
    digits = [{"label": k % 10, "strokes": [stroke]} for k in range(200)]
    content = json.dumps({"y_axis": "down", "samples": digits}).encode()
    uploads = widgets(visitor, "FileUploadModel")
    (upload,) = [name for name in uploads if ".npz" in visitor.widgets[name]["state"].get("accept", "")]
    wire.send(file(upload, "digits.json", content))
    called = {widget["state"].get("description"): name for name, widget in visitor.widgets.items()}
    for _ in range(40):
        wire.send(message("comm_msg", custom(called["Teach it my digits"], {"event": "click"})))
    wire.raw.settimeout(2)
    for _ in range(20):
        wire.send(file(upload, "x", bytes(9_000_000)))


def many_connections(server, attackers, wires):
    """Sixty connections of one page."""
    wires += [Wire(server, attackers[0].kernel) for _ in range(60)]
    files = psutil.Process(server.process.pid).num_fds()
    assert files < 300, files


def fragments(server, attackers, wires):
    """Large messages that begin, and do not end."""
    wires += [Wire(server, kernel) for kernel in (attackers[0].kernel, *attackers[1:])]
    for wire in wires:
        wire.raw.settimeout(1)
        wire.send(bytes(9_900_000), first=0x02)


def flood(server, attackers, wires, seconds=3):
    """Different messages, as fast as they can be written."""
    events = ({"event": "mouse_move", "x": k, "y": 1} for k in range(999))
    made = [message("comm_msg", custom(attackers[0].canvas, event)) for event in events]
    wires.append(Wire(server, attackers[0].kernel))
    wires[0].raw.settimeout(1)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for one in made:
            wires[0].send(one)
            if time.monotonic() > until:
                break


def half_open(server, attackers, wires, silent=500, deaf=100):
    """Connections that ask half a question, and others that ask for a large file and do not read it."""
    file = f"GET {server.prefix}/voila/static/voila.js HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    for question in [b"GET / HTTP/1.1\r\nHost: loc"] * silent + [file] * deaf:
        wires.append(Half(server, question))
    with Half(server, file.replace(b"Host", b"Connection: close\r\nHost")) as honest:
        assert honest.raw.recv(12) == b"HTTP/1.1 200"


class Half:
    """A connection that sends some bytes, and then nothing."""

    def __init__(self, server, question):
        self.raw = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        self.sent = len(question)
        with suppress(OSError):
            self.raw.sendall(question)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Go without a word."""
        self.raw.close()


class Cost:
    """What an attack took: MiB of the server's process, and seconds until others were read."""

    def __init__(self):
        self.before = self.peak = 0.0
        self.readings = []

    @property
    def grown(self):
        return self.peak - self.before


@contextmanager
def weighed(server):
    """Watch the server's memory, a hundred times a second."""
    cost, over, process = Cost(), threading.Event(), psutil.Process(server.process.pid)
    cost.before = cost.peak = process.memory_info().rss / 2**20

    def watch():
        while not over.wait(0.01):
            cost.peak = max(cost.peak, process.memory_info().rss / 2**20)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield cost
    finally:
        over.set()
        watcher.join()


async def drawing(visitor, readings):
    """Draw for ever, 30 points a second, and note how long each takes until it is read."""
    points = 0
    while True:
        name = "mouse_move" if points else "mouse_down"
        visitor.event(name, 200 + 5 * (points % 80), 200 + 3 * (points % 100))
        points, sent = points + 1, time.monotonic()
        wanted = b'data-points=\\"%d\\"' % points
        await visitor.receive(lambda m, wanted=wanted: wanted in m)
        readings.append(time.monotonic() - sent)
        await asyncio.sleep(1 / 30)


async def quiet(visitor, seconds=1.5):
    """Draw for a while without an attack; returns the slowest reading, in seconds."""
    readings = []
    with suppress(TimeoutError):
        await asyncio.wait_for(drawing(visitor, readings), seconds)
    await clear(visitor)
    return max(readings)


async def clear(visitor):
    """Take the pen from the sheet, and clear it."""
    visitor.event("mouse_up", 300, 300)
    visitor.send("comm_msg", custom(visitor.clear, {"event": "click"}))
    await visitor.receive(lambda m: b'data-points=\\"0\\"' in m)


async def attacked(server, visitor, attack, *arguments):
    """Let `attack` run in a thread while `visitor` draws; returns its Cost."""
    with weighed(server) as cost:
        hand = asyncio.ensure_future(drawing(visitor, cost.readings))
        try:
            await asyncio.to_thread(attack, *arguments)
            await asyncio.sleep(0.2)  # what the server does with the last of it counts, too
        finally:
            hand.cancel()
            with suppress(asyncio.CancelledError):
                await hand
    await clear(visitor)
    return cost
