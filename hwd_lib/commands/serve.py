"""`hwd serve`: a network that reads digits for other programs, over HTTP."""

import argparse

from hwd_lib.saved import default_network, load_reader, network_path

SUMMARY = "answer programs that send digits over HTTP"
EXAMPLES = (
    "hwd serve                                   at http://127.0.0.1:5000/recognize",
    "hwd serve --network best --port 8000",
    "curl http://127.0.0.1:5000/openapi.json     what it understands",
)


def add_arguments(parser):
    add = parser.add_argument
    add("--network", metavar="FILE", help="a .npz file, or a name in saved_nn (default)")
    add("--port", type=port, default=5000, metavar="N", help="0 for any that is free (5000)")
    add("--address", default="127.0.0.1", help="0.0.0.0 lets other computers in (127.0.0.1: this one alone)")


def run(arguments):
    from hwd_lib.serving.server import serve  # tornado, which the other commands do without

    path = network_path(arguments.network) if arguments.network else default_network()
    load_reader(path, digits=False)  # says what is wrong with the file, as the other commands do
    serve(path, arguments.port, arguments.address)
    return 0


def port(text):
    """A port: a whole number from 0 to 65535."""
    if not (text.isascii() and text.isdecimal() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 65535, found {text!r}")
    return int(text)
