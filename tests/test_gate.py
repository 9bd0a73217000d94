"""What the gate lets through: messages as the page builds them, and nothing that is built otherwise."""

import asyncio
import contextlib
import io
import json
import logging
import queue
import re
import socket
import struct
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler, websocket_connect

from hwd_lib.serving import door, gate
from hwd_lib.serving.gate import (
    KINDS,
    LARGEST_HEADER,
    MOST_BUFFERS,
    Frames,
    Refused,
    Room,
    lay_out,
    take_apart,
)
from hwd_lib.serving.log import tame
from tools.visitors import join, parts

HEADER = {
    "msg_id": "7",
    "msg_type": "comm_msg",
    "session": "1",
    "version": "5.2",
    "date": "2026-01-01T00:00:00Z",
}


def message(header=HEADER, channel=b"shell", buffers=(), content=b'{"comm_id": "1"}'):
    return join([channel, json.dumps(header).encode(), b"{}", b"{}", content, *buffers])


def test_a_message_of_the_page_passes_whole():
    for buffers in ([], [b""], [b"a", b"", b"bc" * 1000], [b"x"] * MOST_BUFFERS):
        kind, number, (header, *rest) = take_apart(message(buffers=buffers))
        assert (kind, number, json.loads(header)) == ("comm_msg", "7", HEADER)
        assert [bytes(part) for part in rest] == [b"{}", b"{}", b'{"comm_id": "1"}', *buffers]


def test_what_a_kernel_says_is_laid_out_as_the_protocol_says():
    fields = [b"iopub", b"{}", b"", b"{}", b"content", b"1", b""]
    assert b"".join(lay_out(fields)) == join(fields)
    assert parts(b"".join(lay_out(fields))) == fields


@pytest.mark.parametrize(
    "kind", ["execute_request", "shutdown_request", "input_reply", "debug_request", "", "comm_Msg"]
)
def test_what_is_not_delivered_is_not_taken_apart(kind):
    assert take_apart(message(HEADER | {"msg_type": kind})) == (kind, "7", [])
    assert kind not in KINDS


@pytest.mark.parametrize("channel", [b"", b"control", b"stdin", b"iopub", b"shell ", b"\xff" * 5])
def test_there_is_one_channel(channel):
    assert take_apart(message(channel=channel))[2] == []


def test_a_name_that_stands_twice_reaches_the_kernel_as_it_was_understood():
    doubled = b'{"msg_id": "1", "msg_type": "execute_request", "msg_type": "comm_msg"}'
    kind, _, (header, *_) = take_apart(join([b"shell", doubled, b"{}", b"{}", b"{}"]))
    assert kind == "comm_msg" and header.count(b"msg_type") == 1 and b"execute" not in header


GOOD = message(buffers=[b"12345"])
COUNT = struct.unpack_from("<Q", GOOD)[0]


def changed(k, value):
    """`GOOD` with another number at the place `k` of its table."""
    return GOOD[: 8 * k] + struct.pack("<Q", value) + GOOD[8 * k + 8 :]


@pytest.mark.parametrize(
    "bad",
    [
        "text", b"", GOOD[:7], GOOD[:40], GOOD[:-1], GOOD + b"x",
        changed(0, 0), changed(0, COUNT - 1), changed(0, COUNT + 1), changed(0, 2**64 - 1),
        changed(1, 0), changed(1, 8), changed(2, 2**63), changed(3, 0), changed(COUNT, 2**40),
        changed(COUNT, 0),
        message(buffers=[b""] * (MOST_BUFFERS + 1)), message("x" * 10), message(["comm_msg"]), message(None),
        message({"msg_type": "comm_msg"}), message(HEADER | {"msg_type": 1}),
        message(HEADER | {"msg_id": None}),
        message(HEADER | {"msg_id": "1" * 101}), message(HEADER | {"more": "x" * LARGEST_HEADER}),
        join([b"shell", b"[" * 4000, b"{}", b"{}", b"{}"]), join([b"shell", b"\xff", b"{}", b"{}", b"{}"]),
        join([b"shell", json.dumps(HEADER).encode(), b" " * 5000, b"{}", b"{}"]),
        join([b"shell" * 1000, b"{}", b"", b"", b""]),
    ],
)  # fmt: skip
def test_what_is_built_otherwise_is_refused_in_a_sentence(bad):
    with pytest.raises(Refused, match=r"^Expected [a-zA-Z0-9 ,]+\.$"):
        take_apart(bad)


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(
    table=st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 300), max_size=20), rest=st.binary(max_size=300)
)
def test_parts_never_weigh_more_than_the_message(table, rest):
    made = struct.pack(f"<{len(table)}Q", *table) + rest
    try:
        _, _, taken = take_apart(made)
    except Refused:
        return
    assert sum(map(len, taken)) <= len(made)


# What is written about it into the log


def written(monkeypatch, *entries):
    """What a log of ours makes of these entries."""
    text = io.StringIO()
    handler, log = logging.StreamHandler(text), logging.Logger("test")
    log.addHandler(handler)
    monkeypatch.setattr(logging, "lastResort", logging.NullHandler())
    tame(handler)
    for entry in entries:
        log.warning(*entry)
    return text.getvalue()


def test_a_log_is_neither_forged_nor_filled(monkeypatch):
    kind = "x\r\n[App] Kernel shutdown\x1b[2J\u202e\x00" + "y" * 2_000_000
    text = written(monkeypatch, ("No such kind: %s", kind))
    first, second, end = text.split("\n")
    assert first == "WARNING | No such kind: x\\r"
    assert second.startswith("  | [App] Kernel shutdown\\x1b[2J\\u202e\\x00yyy")
    assert len(second) < 400 and "2000027 characters" in second and end == ""
    deep = written(monkeypatch, ("\n" * 100_000,))
    assert deep.count("\n") <= 30 and len(deep) < 1000
    many = written(monkeypatch, *[("entry %d", k) for k in range(10_000)])
    assert 50 <= many.count("\n") < 100
    # What is only told is told all the same.
    text, handler = io.StringIO(), logging.StreamHandler()
    handler.setStream(text)
    tame(handler)
    for _ in range(1000):
        handler.handle(logging.LogRecord("test", logging.WARNING, "", 0, "404", None, None))
    handler.handle(logging.LogRecord("test", logging.INFO, "", 0, "a kernel ended", None, None))
    assert re.search(r"INFO \| \(9\d\d entries left out\) a kernel ended\n$", text.getvalue())


# The door that both servers share


@contextlib.contextmanager
def opened(monkeypatch, hosts=(), **bounds):
    """A server behind the door, in a thread of its own; gives its port."""
    for name, value in bounds.items():
        monkeypatch.setattr(door, name, value)
    ready, over = queue.SimpleQueue(), queue.SimpleQueue()

    class Slow(RequestHandler):
        async def get(self):
            if self.get_argument("begin", ""):
                await self.flush()
            await asyncio.sleep(float(self.get_argument("seconds", "0")))
            self.write("answer")

    async def serve():
        server = door.Door(Application([("/", Slow)], log_function=lambda _: None), hosts)
        sockets = bind_sockets(0, "127.0.0.1")
        server.add_sockets(sockets)
        ready.put(sockets[0].getsockname()[1])
        await asyncio.to_thread(over.get)
        server.stop()
        await server.close_all_connections()
        assert not server.asking and not server.answered

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        yield ready.get(timeout=60)
    finally:
        over.put(None)
        thread.join()


def ask(port, head=b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"):
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    connection.sendall(head)
    return connection


def test_a_connection_that_does_not_ask_is_closed(monkeypatch):
    with opened(monkeypatch, LONGEST_QUESTION=0.3) as port:
        for head in (b"", b"GET / HTTP/1.1\r\nHost: loc"):
            with ask(port, head) as half:
                assert half.recv(100) == b""
        with ask(port) as whole:
            assert whole.recv(100).startswith(b"HTTP/1.1 200")
            while whole.recv(1000):
                pass  # nor is one kept for ever that asks no more


def test_an_answer_that_takes_too_long_is_given_up(monkeypatch):
    slow = b"GET /?seconds=60 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with opened(monkeypatch, LONGEST_ANSWER=0.3) as port, ask(port, slow) as asked:
        assert asked.recv(100) == b""


def test_of_too_many_connections_the_oldest_go_that_have_not_asked(monkeypatch):
    with opened(monkeypatch, MOST_CONNECTIONS=5) as port, contextlib.ExitStack() as stack:
        asked = stack.enter_context(ask(port, b"GET /?seconds=1&begin=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        assert asked.recv(1000).startswith(b"HTTP/1.1 200")  # the answer has begun
        silent = [stack.enter_context(ask(port, b"GET")) for _ in range(50)]
        with ask(port) as last:
            assert last.recv(100).startswith(b"HTTP/1.1 200")
        assert silent[0].recv(1) == b""
        assert b"answer" in asked.recv(100)


def test_names_of_others_are_refused_where_names_are_given(monkeypatch):
    names = {
        "example.org": 200, "EXAMPLE.org:8866": 200, "localhost:1": 200, "127.0.0.1": 200, "[::1]:80": 200,
        "evil.example": 403, "example.org.evil.example": 403, "localhost.evil.example": 403, "": 403,
    }  # fmt: skip
    with opened(monkeypatch, ["Example.org"]) as port:
        for name, status in names.items():
            with ask(port, f"GET / HTTP/1.1\r\nHost: {name}\r\n\r\n".encode()) as asked:
                assert int(asked.recv(1000).split()[1]) == status, name
    with opened(monkeypatch) as port, ask(port, b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n") as asked:
        assert asked.recv(1000).startswith(b"HTTP/1.1 200")


# Frames, over a real connection


class Echo(WebSocketHandler):
    """Answers each message with itself, through the gate's frames."""

    log = logging.Logger("echo")

    def get_websocket_protocol(self):
        return Frames(self, False, super().get_websocket_protocol().params)

    def on_message(self, message):
        self.ws_connection.send([message[:1], message[1:]])


def talk(conversation):
    """Let `conversation(connect)` talk to a server of `Echo`; afterwards nothing is held for anybody."""

    async def run():
        server = HTTPServer(Application([("/", Echo)], log_function=lambda _: None))
        (socket,) = sockets = bind_sockets(0, "127.0.0.1")
        server.add_sockets(sockets)
        clients = []

        async def connect():
            clients.append(await websocket_connect(f"ws://127.0.0.1:{socket.getsockname()[1]}"))
            return clients[-1]

        await conversation(connect)
        for client in clients:
            here = not client.protocol.stream.closed()  # or has the server closed it?
            client.close()
            while here and await client.read_message() is not None:
                pass
        while Frames.coming.held or Frames.going.held:
            await asyncio.sleep(0.01)
        server.stop()

    asyncio.run(asyncio.wait_for(run(), 60))


@pytest.mark.parametrize("size", [1, 125, 126, 65535, 65536, 3_000_000])
def test_frames_of_every_length_arrive(size):
    async def conversation(connect):
        client, sent = await connect(), bytes(size)
        await client.write_message(sent, binary=True)
        assert await client.read_message() == sent

    talk(conversation)


def test_two_large_messages_wait_for_each_other_where_there_is_room_for_one(monkeypatch):
    monkeypatch.setattr(Frames, "coming", Room(1_500_000))

    async def conversation(connect):
        clients = [await connect() for _ in range(3)]
        for client in clients:
            await client.write_message(bytes(1_000_000), binary=True)
        for client in clients:
            assert len(await client.read_message()) == 1_000_000

    talk(conversation)


def test_who_is_too_fast_waits_and_is_heard(monkeypatch):
    monkeypatch.setattr(gate, "AT_ONCE", 0.1)

    async def conversation(connect):
        client, began = await connect(), asyncio.get_running_loop().time()
        for _ in range(100):
            await client.write_message(b"12", binary=True)
        for _ in range(100):
            assert await client.read_message() == b"12"
        assert asyncio.get_running_loop().time() - began > 0.2  # 100 frames at 250 a second, but for 0.1 s

    talk(conversation)


def test_a_message_that_does_not_end_is_given_up(monkeypatch):
    monkeypatch.setattr(gate, "BEGUN", 0.2)

    async def conversation(connect):
        client = await connect()
        client.protocol._write_frame(False, 2, b"begun")
        assert await client.read_message() is None

    talk(conversation)
