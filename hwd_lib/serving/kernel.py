"""The process behind a visitor's page: an IPython kernel without what a page of widgets can do without.

    python -m hwd_lib.serving.kernel -f connection.json

An ordinary kernel serves people who type. It takes each message in one thread, reads it, hands it to a second
one and sends the answers from a third; in between it waits until all that was printed is sent. For a pen that
moves 60 times a second that is a third of all work. Here one thread does everything, prints go where those of
the server go, and there is neither a history of cells nor a debugger.
"""

import sys
import threading

from ipykernel import kernelapp
from ipykernel.iostream import IOPubThread
from ipykernel.ipkernel import IPythonKernel

from hwd_lib.serving.log import tame


class Answers(IOPubThread):
    """What the page is told, sent by whoever says it instead of by a thread."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.lock = threading.RLock()  # the thread that ends the kernel says something, too

    def start(self):
        """Start nothing."""

    def schedule(self, send):
        """Send it now."""
        with self.lock:
            send()


class Kernel(IPythonKernel):
    """A kernel that says when it is done, and not when it begins."""

    def _publish_status(self, status, channel, parent=None):
        kind = (parent or self.get_parent(channel)).get("header", {}).get("msg_type")
        if status != "busy" or kind != "comm_msg":
            super()._publish_status(status, channel, parent)


class App(kernelapp.IPKernelApp):
    """An IPython kernel in one thread."""

    kernel_class = Kernel
    outstream_class = None

    def init_iopub(self, context):
        kernelapp.IOPubThread = Answers
        super().init_iopub(context)

    def init_kernel(self):
        self.log.setLevel(self.log_level)  # else each line is made, and then dropped
        tame(*self.log.handlers)
        super().init_kernel()

    def init_control(self, context):
        super().init_control(context)
        self.shell_channel_thread = None

    def close(self):
        # The thread that is not there would have closed its sockets; open ones would keep the process alive.
        self.context.destroy(linger=1000)  # milliseconds for what is still to be said
        super().close()


def main(arguments=None):
    """Be a kernel until it is told to end; the arguments are those of the command."""
    sys.modules["debugpy"] = None
    App.launch_instance(arguments)


if __name__ == "__main__":
    main()
