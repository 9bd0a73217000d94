"""The app as a web page for others: Voilà, with a door that counts, and kernels that go when visitors go.

Everybody who opens the page gets a process of their own, a kernel. That is what has to be bounded: how many
there are, how much memory one may take, and how long it lives without its visitor. What Voilà can be told by
settings stands in ``voila.json``; here is the rest. ``docs/publishing.md`` says what all of it is good for,
and what not.
"""

import asyncio
import ctypes
import gc
import re
import socket
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from jinja2 import BytecodeCache
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager, ServerKernelManager
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from tornado.ioloop import IOLoop
from tornado.web import HTTPError
from traitlets import Bool, Integer, List, Unicode
from voila import notebook_renderer
from voila.app import Voila
from voila.exporter import VoilaExporter
from voila.handler import RequestInfoSocketHandler
from voila.static_file_handler import TemplateStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from hwd_lib.files import COURSE_FOLDER
from hwd_lib.serving import gate, nursery
from hwd_lib.serving.door import Door, in_url, more_files
from hwd_lib.serving.log import tame

ROOT = COURSE_FOLDER
NOTEBOOK = ROOT / "notebooks" / "app.ipynb"
PORT = 8866  # Voilà's
NEVER = 7 * 24 * 3600  # seconds; the culler wants a number
AT_ONCE = 2  # pages that are made at the same time; more would only make all of them late
MOST_WAITING = 10  # visitors who wait for theirs; more are told that it takes a moment
LONGEST_WAIT = 20  # seconds before an empty page; then they are told as well
LARGEST_BODY = 2**16  # bytes; drawings and files come by the websocket
UNNEEDED = ("/voila/files/", "/voila/query/", "/voila/api/themes/", "/login", "/logout")
MOST_CONNECTIONS = 2  # of one page: after a disturbance, the old one may still be there

FULL = "All {} places are taken at the moment. One becomes free when somebody closes the page."
CROWDED = "Many people are coming in at this moment. It takes a few seconds until it is your turn."


class Kernels(AsyncMappingKernelManager):
    """The kernels, and when they end."""

    most_visitors = Integer(40, config=True, help="How many people can have the page open at the same time.")
    most_memory = Integer(512, config=True, help="MiB that one visitor's process may take (on Linux).")
    away = Integer(30, config=True, help="Seconds that a kernel outlives the connection to its page.")
    loading = Integer(180, config=True, help="Seconds that a page may take until it connects.")

    def __init__(self, **kwargs):
        self.coming = 0  # visitors whose kernel is being started
        self.pages = {}  # kernel -> the connections of its page
        self.left_at = {}  # kernel -> when it was seen to have none
        self.freed = False  # has a kernel ended since memory was given back?
        super().__init__(**kwargs)
        # What a kernel says waits in its own memory, which is bounded, and not in the server's.
        self.context.rcvhwm = gate.MOST_ANSWERS
        self.context.maxmsgsize = gate.LARGEST_ANSWER

    @property
    def full(self):
        """Is there no place? The kernels that wait for visitors are not counted."""
        pools = getattr(self, "_pools", {}).values()
        waiting = sum(task.done() for pool in pools for task in pool)
        return len(self) - waiting + self.coming >= self.most_visitors

    async def start_kernel(self, **kwargs):
        """Start a kernel, and bound its memory."""
        coming = kwargs.get("env", {}).get("VOILA_PREHEAT") == "False"  # a visitor waits for it already
        self.coming += coming
        try:
            kernel_id = await super().start_kernel(**kwargs)
        finally:
            self.coming -= coming
        with suppress(ImportError, AttributeError, OSError):  # other systems than Linux have no such bound
            import resource

            limit = self.most_memory * 2**20
            resource.prlimit(self.get_kernel(kernel_id).provisioner.pid, resource.RLIMIT_DATA, (limit, limit))
        return kernel_id

    async def shutdown_all(self, now=False):
        """End all kernels, but for those that are being started: jupyter_server cannot, and stumbles.

        The loop that starts them runs no longer; they end by themselves when their parent has gone.
        """
        self._pending_kernels.clear()
        await super().shutdown_all(now=now)

    async def cull_kernels(self):
        """Every few seconds: end what is not needed, and see that kernels wait for the next visitors."""
        for kernel_id in self.list_kernel_ids():
            if not await self.get_kernel(kernel_id).is_alive():
                await self.shutdown_kernel(kernel_id, now=True)
        await super().cull_kernels()
        with suppress(AttributeError):  # Voilà's part, which it forgets when a waiting kernel died
            self.fill_if_needed(notebook_name=self.notebook_path)
        if self.freed:
            self.freed = False
            gc.collect()  # and give it back to the system, which else lends it to us for good
            with suppress(AttributeError, OSError, TypeError):  # glibc alone can do that
                ctypes.CDLL(None).malloc_trim(0)

    async def cull_kernel_if_idle(self, kernel_id):
        """End a kernel whose page is gone, or whose visitor has done nothing for long.

        jupyter_server's own rule knows one time for all cases, and counts it from the last activity: it would
        take a kernel that was warmed up an hour ago from the visitor who has just come.
        """
        kernel, now = self.get_kernel(kernel_id), time.monotonic()
        connected = self.kernel_model(kernel_id)["connections"] > 0
        since = now if connected else self.left_at.setdefault(kernel_id, now)
        idle = time.time() - kernel.last_activity.timestamp()
        patience = self.away if kernel_id in self.pages else self.loading
        if now - since > patience or idle > self.cull_idle_timeout:
            await self.shutdown_kernel(kernel_id, now=True)

    def remove_kernel(self, kernel_id):
        """Forget a kernel, however it ended; its page says that the connection is lost."""
        for page in list(self.pages.pop(kernel_id, ())):
            page.close()
        self.left_at.pop(kernel_id, None)
        self.freed = True
        getattr(RequestInfoSocketHandler, "_cache", {}).pop(kernel_id, None)  # Voilà keeps it for ever
        return super().remove_kernel(kernel_id)


class Process(ServerKernelManager):
    """One kernel's process: that of ``hwd_lib.serving.kernel`` instead of an ordinary one."""

    def format_kernel_cmd(self, extra_arguments=None):
        """The command that starts it."""
        command = super().format_kernel_cmd(extra_arguments)
        command = [nursery.KERNEL if word == "ipykernel_launcher" else word for word in command]
        # No list of the messages that have come: the same one may come twice, and does no harm.
        quiet = ["--HistoryManager.enabled=False", "--Session.digest_history_size=0", "--log-level=ERROR"]
        return [*command, *quiet]


class Channels(KernelWebsocketHandler):
    """The address where a page connects to its kernel. What it may say there, ``gate`` decides."""

    connection = None

    async def get(self, kernel_id):
        """Let a page in that speaks as ours does, unless it is here already."""
        offered = self.request.headers.get("Sec-WebSocket-Protocol", "").split(",")
        if gate.PROTOCOL not in map(str.strip, offered):
            raise HTTPError(400, f"Expected the protocol {gate.PROTOCOL}.")
        if not re.fullmatch(r"[\w-]{1,64}", self.get_query_argument("session_id", "")):
            raise HTTPError(400, "Expected a session_id of letters and digits.")
        if kernel_id not in self.kernel_manager:
            raise HTTPError(404)
        pages = self.kernel_manager.pages.setdefault(kernel_id, set())
        if len(pages) >= MOST_CONNECTIONS:
            raise HTTPError(429, "Expected one connection for a page.")
        pages.add(self)
        self.kernel_manager.left_at.pop(kernel_id, None)
        try:
            await super().get(kernel_id)  # which ends when the connection does
        except TimeoutError:  # the kernel ended meanwhile
            raise HTTPError(404) from None
        finally:
            pages.discard(self)

    def get_websocket_protocol(self):
        """The gate's reader of messages, instead of Tornado's."""
        protocol = super().get_websocket_protocol()
        if protocol is None:  # of a version that nobody speaks
            return None
        protocol.params.max_message_size = gate.LARGEST_MESSAGE
        protocol.params.ping_interval = None  # jupyter_server pings, with the same settings in other units
        return gate.Frames(self, False, protocol.params)

    async def open(self, kernel_id):
        """Connect, in the place of a connection that was lost."""
        for page in self.kernel_manager.pages.get(kernel_id, set()) - {self}:
            if page.ws_connection:
                page.ws_connection.stream.close()
        self.ws_connection.stream.set_close_callback(self.connection.taken.set)
        await super().open(kernel_id)
        if kernel_id in self.kernel_manager:  # from now on the visitor's own messages tell: half the work
            self.kernel_manager.stop_watching_activity(kernel_id)

    async def on_message(self, message):
        """Pass on what the page says, in its turn."""
        if self.ws_connection:
            try:
                await self.connection.handle_incoming_message(message)
            except gate.Refused as error:
                self.ws_connection.cut(f"A page sent what is no message; its connection was closed. {error}")

    def on_close(self):
        """Forget the page, if it ever got so far."""
        if self.connection:
            super().on_close()

    def send(self, parts):
        """Pass on what the kernel says."""
        if self.ws_connection:
            self.ws_connection.send(gate.lay_out(parts))

    def write_message(self, message, binary=False):
        """Say nothing else: jupyter_server would tell of restarts, and there are none."""


class Page(TornadoVoilaHandler):
    """The page itself. It is made for each visitor, a few at a time, while there are places."""

    door = asyncio.Semaphore(AT_ONCE)
    waiting = 0

    async def get(self, path=None):
        """Let a visitor in, or say why not."""
        if path:
            raise HTTPError(404)
        self.look_for_a_place()
        if Page.waiting >= MOST_WAITING:
            raise HTTPError(503, CROWDED)
        Page.waiting += 1
        try:
            await asyncio.wait_for(self.door.acquire(), LONGEST_WAIT)
        except TimeoutError:
            raise HTTPError(503, CROWDED) from None
        finally:
            Page.waiting -= 1
        try:
            self.look_for_a_place()
            if not self.request.connection.stream.closed():  # some do not wait
                await super().get()
        finally:
            self.door.release()

    def look_for_a_place(self):
        """Refuse when there is none."""
        if self.kernel_manager.full:
            raise HTTPError(503, FULL.format(self.kernel_manager.most_visitors))

    def write_error(self, status_code, **kwargs):
        """Answer with a page that says what happened: ``error.html`` of the template."""
        if status_code == 503:
            self.set_header("Retry-After", "5")
        super().write_error(status_code, **kwargs)


class Compiled(BytecodeCache):
    """The page's templates, compiled once.

    Voilà would do it for each visitor: most of the server's work on a page, and meanwhile nobody is served.
    """

    def __init__(self):
        self.kept = {}  # template -> the sum of its text, and its code

    def load_bytecode(self, bucket):
        """Hand out what was compiled from the same text."""
        checksum, code = self.kept.get(bucket.key, (None, None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket):
        """Keep what was compiled."""
        self.kept[bucket.key] = bucket.checksum, bucket.code


class Exporter(VoilaExporter):
    """What makes a page of the notebook."""

    compiled = Compiled()

    def _create_environment(self):
        environment = super()._create_environment()
        environment.bytecode_cache = self.compiled
        return environment


class App(Voila):
    """Voilà with these three, started with `options`."""

    classes = [*Voila.classes, Kernels]
    public = Bool(False, config=True, help="Answer under other names than this computer's own for itself.")
    hosts = List(Unicode(), config=True, help="These names; without any, under every name.")

    def start(self):
        """Serve."""
        notebook_renderer.VoilaExporter = Exporter
        nursery.use()
        tame(*self.log.handlers)
        super().start()

    def init_settings(self):
        """Voilà's settings, but for three.

        They let in every name: a page elsewhere could make one that leads here. And jupyter_server's pages
        for errors cannot be made by Voilà; ours can.
        """
        settings = super().init_settings()
        pages = settings["voila_jinja2_env"]
        settings |= {"kernel_websocket_connection_class": gate.Connection}
        return settings | {"allow_remote_access": self.public, "jinja2_env": pages}

    def init_handlers(self):
        """Voilà's addresses: without those that the page does not need, and with our page and connection."""
        ours = {TornadoVoilaHandler: Page, VoilaKernelWebsocketHandler: Channels}
        handlers, prefix = [], self.server_url.rstrip("/")
        for pattern, handler, *arguments in super().init_handlers():
            pattern = re.escape(prefix) + pattern.removeprefix(prefix)  # Voilà takes it for a pattern
            if handler is TemplateStaticFileHandler:  # it stumbles over other paths
                pattern = pattern.replace("(.*)", rf"({self.voila_configuration.template}/static/\w[\w.-]*)")
            if not any(word in pattern for word in UNNEEDED):
                handlers.append((pattern, ours.get(handler, handler), *arguments))
        return handlers

    def listen(self):
        """Listen, behind our door."""
        gc.collect()
        gc.freeze()  # what is here now stays; so what visitors leave behind is found soon, and quickly
        with suppress(AttributeError, OSError, TypeError):  # of glibc alone; -3 is M_MMAP_THRESHOLD
            ctypes.CDLL(None).mallopt(-3, gate.MAPPED)
        more_files()
        self.ioloop = IOLoop.current()  # a signal may come before Voilà has looked for it
        self.app.listen = Door(self.app, self.hosts, max_body_size=LARGEST_BODY).listen
        super().listen()

    def _url(self, ip):
        return super()._url(in_url(ip))


def publish(port=PORT, address="127.0.0.1", prefix="/", visitors=None, public=False, browser=True, hosts=()):
    """Serve the app until Ctrl-C.

    Parameters
    ----------
    port : int
    address : str
        Of this computer: where to listen.
    prefix : str
        What the paths begin with, when a proxy serves the app below another site.
    visitors : int, optional
        The most at the same time; else what ``voila.json`` says.
    public : bool
        For others than oneself: pages that nobody uses are ended after a while.
    browser : bool
        Open the page in the browser.
    hosts : sequence of str
        The names under which it may be opened from elsewhere; without any, every name.

    Raises
    ------
    ValueError
        When the port or the address cannot be had, the prefix is no path, or the app is not there.
    """
    if not NOTEBOOK.exists():
        raise ValueError(
            f"Expected the course's folder around {Path.cwd()}, where notebooks/app.ipynb is, found none. "
            "Go to that folder, and try again."
        )
    if re.search(r"[^\w/.~+@ -]", prefix):
        raise ValueError(f"--prefix: expected letters, digits and any of / - . ~ + @, found {prefix!r}.")
    try:
        family, kind, _, _, where = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        raise ValueError(
            f"Expected a free port of this computer, found that {in_url(address)}:{port} cannot be used "
            f"({(error.strerror or str(error)).lower()}). Choose others with --port and --address."
        ) from error
    App.launch_instance(
        options(port, address, prefix, visitors, public, browser, hosts), config_file_paths=[str(ROOT)]
    )


def options(port, address, prefix, visitors, public, browser, hosts=()):
    """The arguments of `publish`, as Voilà takes them."""
    chosen = [str(NOTEBOOK), f"--port={port}", f"--Voila.ip={address}", "--Voila.port_retries=0"]
    path = quote(f"/{prefix.strip('/')}/".replace("//", "/"), safe="/+@")
    chosen += [f"--Voila.base_url={path}", f"--App.public={public or bool(hosts)}"]
    chosen += [f"--App.hosts={host}" for host in hosts]
    chosen += [] if visitors is None else [f"--Kernels.most_visitors={visitors}"]
    chosen += [] if browser else ["--no-browser"]
    return chosen + ([] if public else [f"--Kernels.cull_idle_timeout={NEVER}"])
