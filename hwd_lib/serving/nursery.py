"""Kernels that are forked from one process, in which everything is loaded already.

    python -m hwd_lib.serving.nursery FD

Loading Python's modules is two thirds of what it costs to start a kernel. When a class comes in, forty are
started within a minute, and those who draw already wait for them. So one process, the nursery, loads the
modules once, and each kernel begins as its copy: it starts in a third of the time, and shares the modules'
memory with the others until it writes to it.

The server asks through a socket, a line of JSON for each kernel, and is told the number of the process.
Where processes cannot be forked (on Windows), kernels are started as usual.
"""

import asyncio
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from importlib.metadata import EntryPoint

import psutil
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

KERNEL = "hwd_lib.serving.kernel"
# What the page and its first picture load; but not ipycanvas, which makes a widget when it is loaded: that
# one would belong to no kernel, and no line would ever reach the sheet.
LOADED = ("ipywidgets", "PIL.Image", "hwd_lib.paper.reading")


class Forked(psutil.Process):
    """A process that is not our child, with what jupyter_client wants to know of a `Popen`."""

    stdin = stdout = stderr = None

    def poll(self):
        """None while it runs, 0 afterwards: how it ended, only its parent knows."""
        return None if self.is_running() else 0


class Nursery:
    """The server's side: asks for processes, and starts the nursery when there is none."""

    def __init__(self):
        self.lock = threading.Lock()
        self.process = self.lines = None

    def fork(self, arguments, environment, folder):
        """Have a kernel forked; returns its process, a `Forked`."""
        question = json.dumps([arguments, environment, folder]).encode() + b"\n"
        with self.lock:
            for _ in range(2):  # one that has died is replaced
                if self.process is None or self.process.poll() is not None:
                    self.start()
                try:
                    self.lines.write(question)
                    self.lines.flush()
                    return Forked(int(self.lines.readline()))
                except (OSError, ValueError):
                    self.process.kill()
                    self.process.wait()
            raise OSError("Expected an answer of the process that kernels are forked from, twice found none.")

    def start(self):
        """Start the process. It ends when the server does: then the socket is closed."""
        ours, theirs = socket.socketpair()
        with theirs:
            fd = theirs.fileno()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hwd_lib.serving.nursery", str(fd)],
                stdin=subprocess.DEVNULL, pass_fds=[fd], start_new_session=True,
            )  # fmt: skip
        with ours:
            self.lines = ours.makefile("rwb")


class Provisioner(LocalProvisioner):
    """What starts and ends kernels for jupyter_client: ours are forked."""

    nursery = Nursery()

    async def launch_kernel(self, cmd, **kwargs):
        """Start a kernel by its command, which has our module in it."""
        arguments, self.cwd = cmd[cmd.index(KERNEL) + 1 :], kwargs.get("cwd") or os.getcwd()
        environment = {name: str(value) for name, value in kwargs["env"].items()}
        self.process = await asyncio.to_thread(self.nursery.fork, arguments, environment, str(self.cwd))
        self.pid = self.pgid = self.process.pid  # it leads a group of its own
        return self.connection_info


def use():
    """Let jupyter_client start kernels in this way from now on."""
    if hasattr(os, "fork"):
        factory, name = KernelProvisionerFactory.instance(), "hwd-nursery"
        entry = EntryPoint(name, f"{__name__}:{Provisioner.__name__}", factory.GROUP_NAME)
        factory.provisioners[name], factory.default_provisioner_name = entry, name


def main(fd):
    """The nursery itself."""
    from hwd_lib.serving import kernel

    for name in LOADED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever has ended is forgotten at once
    gc.collect()
    gc.freeze()  # what is here stays; looking through it would only copy it
    nursery = os.getpid()
    with socket.socket(fileno=fd) as wire, wire.makefile("rwb") as lines:
        while question := lines.readline():
            child = os.fork()
            if not child:
                break
            lines.write(b"%d\n" % child)
            lines.flush()
    if not question:
        return  # the server has gone
    arguments, environment, folder = json.loads(question)
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    # What these modules look for when they are loaded: their parent, and the kernel.
    late = [f"--IPKernelApp.parent_handle={nursery}", "--InteractiveShellApp.extensions=ipywidgets"]
    kernel.main([*arguments, *late])


if __name__ == "__main__":
    main(int(sys.argv[1]))
