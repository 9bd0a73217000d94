"""`hwd page`: a network as one HTML file that reads handwriting anywhere."""

from pathlib import Path

from hwd_lib.files import written_whole
from hwd_lib.page import make_page
from hwd_lib.saved import load_reader, network_path

SUMMARY = "make a web page of a network: one file that reads handwriting anywhere, with no server"
EXAMPLES = (
    "hwd page default --out my_page.html",
    'hwd page my_network --by "Ann" --out my_page.html',
)


def add_arguments(parser):
    parser.add_argument("network", metavar="NETWORK", help="a .npz file, or a name in saved_nn")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="the page to write, .html")
    parser.add_argument("--by", default="", metavar="NAME", help="whose network it is: the page says so")


def run(arguments):
    path = network_path(arguments.network)
    page = make_page(load_reader(path, digits=False), path.stem, arguments.by).encode()
    with written_whole(arguments.out) as file:
        file.write(page)
    print(f"{arguments.out}: {len(page) / 1e6:.2f} MB. Open it in a browser, or send it to somebody.")
    return 0
