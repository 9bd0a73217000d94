"""Does the page of one file read what Python reads, and how fast?

    python benchmarks/one_file.py STROKES.json.gz ... [--network NAME] [--browser chromium|firefox|webkit]

The page is opened from the disk in a real browser. All drawings of the files are read there and in Python, as
digits and as numbers. Then a figure is drawn on its sheet with 60 pointer events a second, and each event is
measured until the new reading is laid out; and the page is opened anew, eleven times.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from hwd_lib.commands.strokes import read_strokes
from hwd_lib.numbers import number_text, read_number
from hwd_lib.page import make_page
from hwd_lib.preprocessing import preprocess
from hwd_lib.saved import default_network, load_reader, network_path
from tools.browser import ARGUMENTS, WRITE, find_chromium

AT_ONCE = 200  # drawings that go to the page together
READ = """all => all.map(strokes => [Array.from(network.forward(preprocess(strokes)).at(-1)),
  number_text(read_number(strokes, network))])"""


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="STROKES")
    parser.add_argument("--network", metavar="NAME")
    parser.add_argument("--browser", choices=("chromium", "firefox", "webkit"), default="chromium")
    arguments = parser.parse_args()
    path = network_path(arguments.network) if arguments.network else default_network()
    network = load_reader(path)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "page.html"
        file.write_bytes(make_page(network, path.stem).encode())
        print(f"{path.stem}: {file.stat().st_size / 1e6:.2f} MB")
        kind = getattr(playwright, arguments.browser)
        options = {"executable_path": find_chromium(), "args": ARGUMENTS} if kind.name == "chromium" else {}
        browser = kind.launch(**options)
        page = browser.new_page()
        for strokes_file in arguments.files:
            compare(strokes_file, network, opened(page, file.as_uri()))
        spread("event to reading, milliseconds", opened(page, file.as_uri()).evaluate(WRITE, 600))
        spread(
            "opening, milliseconds", [float(opened(page, file.as_uri()).evaluate(OPENED)) for _ in range(11)]
        )
        browser.close()


OPENED = "document.body.dataset.opened"


def opened(page, address):
    """The page, opened and ready to read."""
    page.goto(address)
    page.wait_for_selector("body[data-ready=yes]")
    return page


def compare(file, network, page):
    """Print how many drawings of a file the page and Python read right, and where they differ."""
    samples = read_strokes(file)
    found = []
    for i in range(0, len(samples), AT_ONCE):
        found += page.evaluate(READ, [sample.strokes for sample in samples[i : i + AT_ONCE]])
    theirs = np.array([p for p, _ in found])  # (n, 10)
    images = np.stack([preprocess(sample.strokes).ravel() for sample in samples])  # (n, 784)
    ours = network.probabilities(images)  # (n, 10)
    same, apart = ours.argmax(axis=1) == theirs.argmax(axis=1), np.abs(ours - theirs).max()
    print(f"{file.name}: the same digit for {same.sum()} of {len(same)}, probabilities within {apart:.1e}")
    texts = [number_text(read_number(sample.strokes, network)) for sample in samples]
    same = np.array([a == b for a, (_, b) in zip(texts, found, strict=True)])
    print(f"    the same number for {same.sum()} of {len(same)}")
    labels = [str(sample.label) for sample in samples]
    for who, read in (("Python", texts), ("the page", [text for _, text in found])):
        right = [a == b for a, b in zip(labels, read, strict=True)]
        print(f"    read right, as numbers, by {who}: {100 * np.mean(right):.2f} %")


def spread(name, values):
    p50, p95, p99 = np.percentile(values, [50, 95, 99])
    print(f"{name}: half within {p50:.1f}, 95 % within {p95:.1f}, 99 % within {p99:.1f}")


if __name__ == "__main__":
    main()
