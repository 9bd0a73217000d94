"""Measure the live app against its aims: ``python tests/browser/measure.py`` takes about three minutes.

On a machine that does nothing else, for it uses two cores. Opening: against Voilà with one slider, both warm.
Latency: from a mouse event until the next frame that shows its ink, and its reading. Memory: the visitor's
kernel.
"""

import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import nbformat
import numpy as np
import psutil
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.browser.conftest import (
    ARGUMENTS,
    DIGITS,
    Hand,
    Server,
    find_chromium,
    open_app,
    wait_for_end,
    wait_for_guess,
)
from tests.browser.test_speed import describe, draw

SLIDER = "import ipywidgets\n\nipywidgets.IntSlider()"


def main():
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        folder = Path(folder)
        nbformat.write(slider_notebook(), folder / "slider.ipynb")
        app = Server(
            ["voila", "notebooks/app.ipynb", "--Voila.ip=127.0.0.1"], folder / "app", "is filled with"
        )
        try:
            slider = Server(["voila", str(folder / "slider.ipynb")], folder / "slider", "is filled with")
            try:
                opening(browser, app, slider)
            finally:
                slider.stop()
            page = open_app(browser.new_page(viewport={"width": 1280, "height": 900}), app.url)
            latency(page)
            memory(page, app)
        finally:
            app.stop()
            browser.close()


def slider_notebook():
    cell = nbformat.v4.new_code_cell(SLIDER)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})


def opening(browser, app, slider, times=5):
    """Seconds from the address until one can draw, or move the slider: the median of several visits."""
    seconds = {}
    for name, server in (("slider", slider), ("app", app)):
        taken = []
        for _ in range(times):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            started = time.perf_counter()
            if name == "app":
                open_app(page, server.url)
            else:
                page.goto(server.url)
                page.wait_for_selector(".widget-slider")
            taken.append(time.perf_counter() - started)
            page.close()
            wait_for_pool(server)
        seconds[name] = float(np.median(taken))
    print(f"opening: {seconds['app']:.2f} s; a page with one slider {seconds['slider']:.2f} s; ", end="")
    print(f"{seconds['app'] / seconds['slider']:.2f} times")


def wait_for_pool(server, quiet=2.0):
    """Wait until a kernel is warm for the next visitor: until the server's processes are at rest."""
    process = psutil.Process(server.process.pid)
    while True:
        before = used(process)
        time.sleep(quiet)
        if used(process) - before < 0.1 * quiet:
            return


def used(process):
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            total += sum(one.cpu_times()[:2])
    return total


def latency(page):
    draw(page, 60, 1)  # warms everything up
    for rate, seconds in ((60, 10), (120, 5)):
        page.get_by_role("button", name="Clear").click()
        wait_for_guess(page, None)
        ink, reading, backlog = draw(page, rate, seconds)
        print(describe(f"{seconds} s at {rate} mouse events a second, ink", ink))
        print(describe(f"{seconds} s at {rate} mouse events a second, reading", reading))
        print(f"{seconds} s at {rate} mouse events a second: all is read {backlog:.0f} ms after the end")
    page.get_by_role("button", name="Clear").click()
    wait_for_guess(page, None)


def memory(page, server, digits=50, lessons=10):
    """MiB of the visitor's kernel, as digits are drawn and taught."""
    hand = Hand(page)
    for k in range(digits):
        digit = list(DIGITS)[k % len(DIGITS)]
        hand.draw(DIGITS[digit], steps=1)
        wait_for_end(page)
        hand.press(page.locator(".hwd-what button").nth(digit))
        page.get_by_text(f"of {k + 1} of your digits").wait_for()
        if k + 1 >= digits - lessons:
            hand.press("Teach it my digits")
            page.locator("th", has_text=f"your {k + 1} digits").wait_for()
        if (k + 1) % 10 == 0:
            print(f"memory after {k + 1} digits: {kernel_memory(server):.0f} MiB")


def kernel_memory(server):
    """The largest kernel of the server is the visitor's: the others wait, and have drawn nothing."""
    children = psutil.Process(server.process.pid).children(recursive=True)
    return max(child.memory_info().rss for child in children) / 2**20


if __name__ == "__main__":
    main()
