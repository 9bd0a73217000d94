"""The gate between a visitor and the server: every message passes here before anything is done with it.

What a visitor sends must not cost the server more than it weighs, and one visitor must not keep the others
waiting. So this says how large a message may be, how it is built, how often one may come, how long it may
take, and how much may wait: to arrive, to be taken by a kernel, to be read by a page. What breaks a rule
about its form ends the connection of the visitor who sent it; what only comes too fast has to wait.

The form is that of the protocol ``v1.kernel.websocket.jupyter.org`` (jupyter-server.readthedocs.io,
"WebSocket kernel wire protocols"): numbers of 8 bytes, the lowest byte first, say how many offsets follow,
and where each part begins; the last offset is the end. The parts are channel, header, parent header,
metadata, content, and then buffers. No other reader of messages, neither jupyter_server's nor Voilà's, is
in use.
"""

import asyncio
import json
import struct
from datetime import UTC, datetime
from itertools import accumulate, pairwise

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketProtocol13

PROTOCOL = "v1.kernel.websocket.jupyter.org"
KINDS = ("comm_open", "comm_msg", "comm_close", "comm_info_request", "kernel_info_request")  # of widgets
HIDDEN = ("execute_input", "error", "stream")  # answers with the notebook's code, or names of files, in them

# How large, and how built
LARGEST_MESSAGE = 10 * 2**20  # bytes; the page's own limit for a file, and the message around it
LARGEST_CONTENT = 2 * 2**20  # bytes; files come in buffers
LARGEST_HEADER = 4096  # bytes of header, of parent header and of metadata; the page's take 250
LONGEST_NAME = 100  # characters of a message's number; the page's take 70
NAMES = 5  # parts before the buffers: channel, header, parent header, metadata, content
MOST_BUFFERS = 8  # a file that the page sends is one

# How fast
MOST_OFTEN = 250  # frames a second; a pen moves 60 times, on some screens 240 times a second
FASTEST = 4 * 2**20  # bytes a second, for good
AT_ONCE = 3.0  # seconds of both may come together: one of the largest messages does
BEGUN = 10.0  # seconds until a message that has begun must have ended, and besides …
SLOWEST = 2**16  # bytes a second, so that a slow line can send a file

# How much may wait
SMALL = 2**16  # bytes; a smaller message need not wait for room: 84 connections of this are 5 MiB
ROOM = 16 * 2**20  # bytes of larger ones, on their way from all visitors together
MOST_UNTAKEN = 2 * 2**20  # bytes that wait for one kernel, when the next message may follow
OVERHEAD = 2**11  # bytes that a message weighs at least, while it waits: its parts are objects
LARGEST_ANSWER = 12 * 2**20  # bytes of one part of a kernel's message; a large network, packed, takes 9
MOST_ANSWERS = 1  # messages that are read from a kernel before they are sent on; others wait there
MOST_UNREAD = 12 * 2**20  # bytes that wait for one page to read them
MOST_UNREAD_BY_ALL = 20 * 2**20  # and for all pages together
MAPPED = 2**18  # bytes; larger blocks of memory go back to the system as soon as they are free
UNREAD = "A page did not read what it was sent; its connection was closed."


class Refused(ValueError):
    """This is no message of the page."""


def take_apart(message):
    """Read a message of the page, but no more of it than it takes to know whether it will be delivered.

    Parameters
    ----------
    message : bytes

    Returns
    -------
    str, str and list of bytes
        Its kind, its number, and the parts from the header on: what jupyter_client calls a raw message. No
        parts when it is not to be delivered. Content and buffers are views, not copies.

    Raises
    ------
    Refused
        When it is not built as the protocol says. The sentence has nothing of the message in it.
    """
    if not isinstance(message, bytes):
        raise Refused("Expected bytes, found text.")
    count = int.from_bytes(message[:8], "little")
    if not NAMES < count <= NAMES + MOST_BUFFERS + 1:
        raise Refused(f"Expected {NAMES} parts and at most {MOST_BUFFERS} buffers.")
    start = 8 * (count + 1)
    if len(message) < start:
        raise Refused("Expected as many offsets as were announced.")
    offsets = struct.unpack_from(f"<{count}Q", message, 8)
    if offsets[0] != start or offsets[-1] != len(message) or any(a > b for a, b in pairwise(offsets)):
        raise Refused("Expected parts one after the other, from the first byte to the last.")
    view = memoryview(message)
    channel, header, *rest = (view[start:end] for start, end in pairwise(offsets))
    if max(len(part) for part in (channel, header, *rest[:2])) > LARGEST_HEADER:
        raise Refused(f"Expected headers of at most {LARGEST_HEADER} bytes.")
    if len(rest[2]) > LARGEST_CONTENT:
        raise Refused(f"Expected at most {LARGEST_CONTENT} bytes of JSON, and files in buffers.")
    try:
        about = json.loads(bytes(header))
        kind, number = about["msg_type"], about["msg_id"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise Refused("Expected a header in JSON with a kind and a number.") from None
    if not (isinstance(kind, str) and isinstance(number, str) and len(number) <= LONGEST_NAME):
        raise Refused("Expected a kind and a number that are names.")
    if channel != b"shell" or kind not in KINDS:
        return kind, number, []
    return kind, number, [json.dumps(about).encode(), *rest]  # anew: a name in it may stand there twice


def lay_out(parts):
    """The parts of a message, with the numbers before them that the protocol wants."""
    start = 8 * (len(parts) + 2)
    offsets = list(accumulate(map(len, parts), initial=start))
    return [struct.pack(f"<{len(offsets) + 1}Q", len(offsets), *offsets), *parts]


class Room:
    """So many bytes for all connections together."""

    def __init__(self, size):
        self.size, self.held, self.freed = size, {}, asyncio.Event()

    def used(self):
        """Bytes that are taken."""
        return sum(self.held.values())

    async def take(self, who, n):
        """Wait until `who` can have `n` bytes instead of those that it has."""
        while self.used() - self.held.get(who, 0) + n > self.size:
            await self.freed.wait()
        self.held[who] = n

    def leave(self, who):
        """Give back what `who` has."""
        if self.held.pop(who, None):
            self.freed.set()
            self.freed = asyncio.Event()


class Frames(WebSocketProtocol13):
    """Tornado's websocket, read at a bounded pace, and written with a bound on what waits."""

    coming, going = Room(ROOM), Room(MOST_UNREAD_BY_ALL)

    def __init__(self, *args):
        super().__init__(*args)
        self.begun = None  # when the message that is being read began
        self.paid = 0.0  # until when this connection has used up its pace
        self.now = asyncio.get_running_loop().time

    async def _receive_frame_loop(self):
        try:
            await super()._receive_frame_loop()
        finally:
            self.coming.leave(self)
            self.going.leave(self)

    async def _receive_frame(self):
        if self.paid > self.now():
            await asyncio.sleep(self.paid - self.now())
        before = self._wire_bytes_in
        await super()._receive_frame()
        cost = 1 / MOST_OFTEN + (self._wire_bytes_in - before) / FASTEST
        self.paid = max(self.paid, self.now() - AT_ONCE) + cost
        if self._fragmented_message_buffer is None:
            self.begun = None
            self.coming.leave(self)

    async def _read_bytes(self, n):
        """Read `n` bytes, when there is room, and in time. The first bytes of a message may take for ever."""
        if self.begun is None:
            first = await super()._read_bytes(n)
            self.begun = self.now()
            return first
        size = n + len(self._fragmented_message_buffer or b"")
        try:
            async with asyncio.timeout_at(self.begun + BEGUN + size / SLOWEST):
                if size > SMALL:
                    await self.coming.take(self, size)
                return await super()._read_bytes(n)
        except TimeoutError:
            self.cut("A message of a page began, and did not end; its connection was closed.")
            raise StreamClosedError from None

    def send(self, parts):
        """Send parts as one message; end a connection that does not read what it is sent.

        Tornado's own way would copy the message twice, and wait for it in a task of its own.
        """
        if self.is_closing():
            return
        size = sum(map(len, parts))
        unread = self.going.held.get(self, 0) + size
        if unread > MOST_UNREAD:
            self.cut(UNREAD)
            return
        self.going.held[self] = unread
        while self.going.used() > MOST_UNREAD_BY_ALL:
            max(self.going.held, key=self.going.held.get).cut(UNREAD)
        if self.is_closing():
            return
        first = self.FIN | 2  # RFC 6455, section 5.2: a whole message, of bytes, and how long it is
        if size < 126:
            head = struct.pack("!BB", first, size)
        elif size < 2**16:
            head = struct.pack("!BBH", first, 126, size)
        else:
            head = struct.pack("!BBQ", first, 127, size)
        sent = self.stream.write(b"".join([head, *parts]))
        sent.add_done_callback(lambda _: self._has_read(size))

    def cut(self, reason):
        """Close the connection at once, and say so in the log."""
        self.handler.log.warning(reason)
        self._abort()

    def _has_read(self, size):
        if self in self.going.held:
            self.going.held[self] -= size

    def _abort(self):
        super()._abort()
        self.going.leave(self)


class Connection(ZMQChannelsWebsocketConnection):
    """What a page and its kernel say to each other.

    Messages of the page are looked at, and counted until the kernel has done with them.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.untaken = {}  # number of a message -> what it weighs; in the order in which they were sent
        self.taken = asyncio.Event()

    def connect(self):
        """Listen to the kernel; what it says is not copied on the way."""
        connected = super().connect()
        if connected:
            connected.add_done_callback(self.listen)
        return connected

    def listen(self, _):
        """Listen to the kernel, when it has answered."""
        for stream in self.channels.values():
            stream.on_recv_stream(self.handle_outgoing_message, copy=False)

    async def handle_incoming_message(self, message):
        """Deliver a message of the page, when its kernel has taken those before."""
        kind, number, parts = take_apart(message)
        if number in self.untaken:
            raise Refused("Expected a number that is not in use.")
        if not parts:
            self.log.warning("A page sent a message that is not delivered, of the kind %.50r.", kind)
            return
        while self.channels and sum(self.untaken.values()) > MOST_UNTAKEN:
            self.taken.clear()
            await self.taken.wait()
        if self.channels:  # else the page has gone
            self.untaken[number] = max(OVERHEAD, len(message))
            self.kernel_manager.last_activity = datetime.now(UTC)
            self.session.send_raw(self.channels["shell"], parts)

    def handle_outgoing_message(self, stream, message):
        """Send on what the kernel says, except what tells about this machine."""
        _, (_, *frames) = self.session.feed_identities(message, copy=False)
        parts = [frame.buffer for frame in frames]
        kind = json.loads(bytes(parts[0]))["msg_type"]
        if kind == "status":
            self.note_taken(json.loads(bytes(parts[1])).get("msg_id"), json.loads(bytes(parts[3])))
        if kind not in HIDDEN and self.channels:
            self.websocket_handler.send([stream.channel.encode(), *parts])

    def note_taken(self, number, content):
        """The kernel has done with a message, and so with all before it."""
        if number in self.untaken and content["execution_state"] == "idle":
            while next(iter(self.untaken)) != number:
                del self.untaken[next(iter(self.untaken))]
            del self.untaken[number]
            self.taken.set()

    def disconnect(self):
        """Forget the page; who waits here need wait no longer."""
        super().disconnect()
        self.channels = {}
        self.taken.set()
