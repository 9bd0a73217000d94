"""The door of both servers: how many connections may stand open, for how long, and under which names.

Tornado waits an hour for the first word of a connection, accepts as many as there are, and lets an answer
wait for ever until it is read. So a connection that has not asked its question within seconds is closed,
and when there are too many, those are closed first that have kept the server waiting longest. Websockets
are not counted here: every page has one, and ``gate`` looks after it.
"""

import re
from contextlib import suppress

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders, HTTPMessageDelegate, ResponseStartLine

MOST_CONNECTIONS = 300  # a browser opens six; a class that comes in at once, 240
LONGEST_QUESTION = 10  # seconds until the head of a request is there, and between two requests
LONGEST_BODY = 10  # seconds until its body is there
LONGEST_ANSWER = 120  # seconds until the answer is made, and read
MOST_FILES = 4096  # that the process may have open; a visitor takes about 15, and 1,024 is usual
UNKNOWN = b"This site is not known here under that name.\n"
LOCAL = ("localhost", "127.0.0.1", "[::1]")  # names of this computer that nobody elsewhere can take


class Door(HTTPServer):
    """Tornado's server, with bounds.

    Parameters
    ----------
    hosts : list of str, optional
        The names under which it answers, besides those of this computer for itself; else under every one.
    """

    def initialize(self, application, hosts=(), **settings):
        """Tornado's way to write a constructor."""
        settings.setdefault("body_timeout", LONGEST_BODY)
        super().initialize(application, idle_connection_timeout=LONGEST_QUESTION, **settings)
        self.hosts = {host.lower() for host in hosts}
        self.asking, self.answered = {}, {}  # connections, oldest first; and the timers of the answered

    def start_request(self, server_conn, request_conn):
        """A connection was opened, or has had its answer: now it may ask."""
        stream = request_conn.stream
        self.forget(stream)
        self.asking[stream] = None
        if len(self.asking) + len(self.answered) > MOST_CONNECTIONS:
            oldest = next(iter(self.asking if len(self.asking) > 1 else self.answered))
            oldest.close()
            self.forget(oldest)
        return Question(self, request_conn, super().start_request(server_conn, request_conn))

    def on_close(self, server_conn):
        """A connection has ended, or has become a websocket."""
        super().on_close(server_conn)
        self.forget(server_conn.stream)

    def forget(self, stream):
        """Count it no longer."""
        self.asking.pop(stream, None)
        if timer := self.answered.pop(stream, None):
            stream.io_loop.remove_timeout(timer)

    def knows(self, host):
        """Is this a name under which we answer?"""
        name = re.sub(r":\d*$", "", host.lower())
        return not self.hosts or name in self.hosts or name in LOCAL


class Question(HTTPMessageDelegate):
    """One request: what becomes of it, Tornado says; how long it may take, the door."""

    def __init__(self, door, connection, delegate):
        self.door, self.connection, self.delegate, self.stream = door, connection, delegate, connection.stream

    def headers_received(self, start_line, headers):
        """It has been asked: the time for the answer begins."""
        self.door.forget(self.stream)
        loop = self.stream.io_loop
        self.door.answered[self.stream] = loop.call_later(LONGEST_ANSWER, self.stream.close)
        if self.door.knows(headers.get("Host", "")):
            return self.delegate.headers_received(start_line, headers)
        self.delegate = HTTPMessageDelegate()  # which does nothing
        about = {"Content-Length": str(len(UNKNOWN)), "Content-Type": "text/plain; charset=utf-8"}
        self.connection.write_headers(ResponseStartLine("", 403, "Forbidden"), HTTPHeaders(about), UNKNOWN)
        self.connection.finish()
        return None

    def data_received(self, chunk):
        return self.delegate.data_received(chunk)

    def finish(self):
        self.delegate.finish()

    def on_connection_close(self):
        self.delegate.on_connection_close()


def in_url(address):
    """An address of a computer as it stands in a URL: one of IPv6 in brackets."""
    return f"[{address}]" if ":" in address else address


def more_files():
    """Let this process have as many files and connections open as the bounds here allow."""
    with suppress(ImportError, OSError, ValueError):  # Windows has no such number
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
