"""How fast is the live app, and how much memory does a visitor take? Against its aims, in a real Chromium.

    python benchmarks/app_speed.py [--json FILE]     three minutes, on a machine that does nothing else

Opening: from the address until one can draw, in turns with a page of Voilà's that has one slider; both
servers are warm. Latency: from a mouse event until the next frame that shows its ink, and its reading.
Backlog: how long after a fast stroke all of it is read. Memory: of the visitor's process, as fifty digits are
drawn and kept, with a lesson after every fifth.
"""

import argparse
import json
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import nbformat
import numpy as np
import psutil
from playwright.sync_api import sync_playwright

from tools.browser import (
    ARGUMENTS,
    DIGITS,
    Hand,
    Server,
    draw_at_an_even_pace,
    find_chromium,
    open_app,
    wait_for_end,
    wait_for_guess,
)

ROOT = Path(__file__).resolve().parents[1]

VISITS = 7
MIB = 2**20


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    arguments = parser.parse_args()
    print(f"{'':58}{'measured':>12}{'aim':>12}")
    rows = []
    for what, value, aim, unit in figures():
        value = float(value)  # NumPy's numbers are none for JSON
        rows.append({"what": what, "value": round(value, 3), "aim": aim, "unit": unit, "met": value <= aim})
        digits = 2 if aim < 10 else 0
        print(
            f"{what:58}{value:>8.{digits}f} {unit:3}{aim:>8g} {unit:3}{'' if value <= aim else ' missed'}",
            flush=True,
        )
    load = os.getloadavg()[0]
    print(f"load of this computer at the end: {load:.1f} on {os.cpu_count()} cores")
    if arguments.json:
        arguments.json.write_text(json.dumps({"rows": rows, "load": load}, indent=1) + "\n", "utf-8")


def figures():
    """What was measured: (what, value, aim, unit), one after the other."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        folder = Path(folder)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        app = Server(["hwd_lib", "app"], folder / "app", "is filled with")
        try:
            yield from opening(browser, app, folder)
            page = open_app(browser.new_page(viewport={"width": 1280, "height": 900}), app.url)
            yield from latency(page)
            yield from memory(page, app)
        finally:
            app.stop()
            browser.close()


def opening(browser, app, folder):
    """Seconds from the address until one can draw, or move the slider: the median of several visits."""
    cell = nbformat.v4.new_code_cell("import ipywidgets\n\nipywidgets.IntSlider()")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    nbformat.write(notebook, folder / "slider.ipynb")
    slider = Server(["voila", str(folder / "slider.ipynb")], folder / "slider", "is filled with")
    seconds = {app: [], slider: []}
    try:
        for _ in range(VISITS):
            for server in (slider, app):
                wait_for_pool(server)
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                started = time.perf_counter()
                if server is app:
                    open_app(page, server.url)
                else:
                    page.goto(server.url)
                    page.wait_for_selector(".widget-slider")
                seconds[server].append(time.perf_counter() - started)
                page.close()
    finally:
        slider.stop()
    ours, empty = np.median(seconds[app]), np.median(seconds[slider])
    yield "opening the app", ours, 2, "s"
    yield f"compared with a page with one slider ({empty:.2f} s)", ours / empty, 1.3, "x"


def wait_for_pool(server, quiet=2.0):
    """Wait until a kernel is warm for the next visitor: until the server's processes are at rest."""
    process = psutil.Process(server.process.pid)
    while True:
        before = used(process)
        time.sleep(quiet)
        if used(process) - before < 0.1 * quiet:
            return


def used(process):
    """Seconds of processor time that a process and its children have had."""
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            total += sum(one.cpu_times()[:2])
    return total


def latency(page):
    """Milliseconds until ink and reading follow the pen, and until a fast stroke is read to its end."""
    draw_at_an_even_pace(page, 60, 1)  # warms everything up
    clean(page)
    ink, reading, _ = draw_at_an_even_pace(page, 60, 10)
    for name, milliseconds in (("ink", ink), ("reading", reading)):
        for percent, aim in ((95, 50), (99, 100)):
            value = np.percentile(milliseconds, percent)
            yield f"60 mouse events a second: {name}, {percent} % within", value, aim, "ms"
    clean(page)
    *_, backlog = draw_at_an_even_pace(page, 120, 5)
    yield "5 s at 120 mouse events a second: read after the end", backlog, 200, "ms"
    clean(page)


def clean(page):
    page.get_by_role("button", name="Clear").click()
    wait_for_guess(page, None)


def memory(page, server, digits=50, every=5):
    """MiB of the visitor's process as digits are drawn and kept, and taught after every few."""
    hand, taken = Hand(page), {}
    for k in range(1, digits + 1):
        digit = list(DIGITS)[k % len(DIGITS)]
        hand.draw(DIGITS[digit], steps=1)
        wait_for_end(page)
        hand.press(page.locator(".hwd-what button").nth(digit))
        page.get_by_text(f"of {k} of your digits").wait_for()
        if k % every == 0:
            hand.press("Teach it my digits")
            page.locator("th", has_text=f"your {k} digits").wait_for()
        # The largest kernel of the server is the visitor's: the others wait, and have drawn nothing.
        children = psutil.Process(server.process.pid).children(recursive=True)
        taken[k] = max(child.memory_info().rss for child in children) / MIB
    yield f"memory at most, in {digits} digits and {digits // every} lessons", max(taken.values()), 150, "MiB"
    # It goes up with each lesson and down again: so the tops are compared.
    earlier, later = (max(taken[k] for k in span) for span in (range(20, 36), range(36, digits + 1)))
    yield "its growth from digits 20 to 35 to those that follow", later - earlier, 5, "MiB"


if __name__ == "__main__":
    main()
