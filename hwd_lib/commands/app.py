"""`hwd app`: the drawing app as a web page, for oneself or for many."""

import os

from hwd_lib.commands import whole
from hwd_lib.commands.serve import port

SUMMARY = "serve the drawing app as a web page"
EXAMPLES = (
    "hwd app                                     for yourself, at http://localhost:8866",
    "hwd app --public                            for everybody who can reach this computer",
    "hwd app --public --address 127.0.0.1 --host example.org --prefix /digits/      behind a proxy",
)


def add_arguments(parser):
    add = parser.add_argument
    add("--public", action="store_true", help="let other computers in; docs/publishing.md says what to mind")
    add("--port", type=port, default=8866, metavar="N", help="where to listen (8866)")
    add("--address", help="where to listen (127.0.0.1: this computer alone; with --public, 0.0.0.0: all can)")
    add("--host", action="append", default=[], metavar="NAME", help="open it under this name alone, or these")
    add("--prefix", default="/", metavar="PATH", help="what the addresses begin with, behind a proxy (/)")
    add("--visitors", type=whole, metavar="N", help="the most at the same time (voila.json says: 40)")
    add("--no-browser", action="store_true", help="do not open the page")


def run(arguments):
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a visitor's matrices are small
    from hwd_lib.serving.publishing import publish  # Voilà, which the other commands do without

    address = arguments.address or ("0.0.0.0" if arguments.public else "127.0.0.1")
    browser = not (arguments.no_browser or arguments.public)
    publish(
        arguments.port, address, arguments.prefix, arguments.visitors, arguments.public, browser,
        arguments.host,
    )  # fmt: skip
    return 0
