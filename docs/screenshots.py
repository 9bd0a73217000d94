"""Take the pictures in docs/img/ from the real app and the page: ``python docs/screenshots.py``."""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tools.browser import (
    ARGUMENTS,
    DIGITS,
    Hand,
    Server,
    Wire,
    find_chromium,
    open_app,
    wait_for_end,
    wait_for_guess,
)

IMAGES = Path(__file__).resolve().parent / "img"
SCRIBBLE = [[(0.2 + 0.6 * (k % 2), 0.2 + 0.05 * k) for k in range(13)]]
STATES = {"width": 768, "height": 600}  # of the pictures that show what else the app can say
SIZES = {360: 780, 768: 1024, 1280: 900, 1920: 1080}  # width and height: a phone, a tablet, two desks


def main():
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        show_page(browser)
        command = ["voila", "notebooks/app.ipynb", "--Voila.ip=127.0.0.1"]
        server = Server(command, Path(folder), "is filled with")
        try:
            for theme in ("light", "dark"):
                page = browser.new_page(color_scheme=theme, viewport={"width": 1280, "height": 900})
                page.set_default_timeout(60_000)
                visit(page, server.url, theme)
                page.close()
            show_states(browser, server)
        finally:
            server.stop()
            browser.close()


def show_page(browser):
    """Write 42 on the page of one file."""
    page = browser.new_page(viewport={"width": 1120, "height": 700})
    page.goto((IMAGES.parent / "read-my-handwriting.html").as_uri())
    page.wait_for_selector("body[data-ready=yes]")
    for digit, shift in ((4, -0.14), (2, 0.22)):
        strokes = [[(0.5 * x + 0.25 + shift, 0.5 * y + 0.25) for x, y in stroke] for stroke in DIGITS[digit]]
        Hand(page).draw(strokes, steps=12)
    wait_for_guess(page, 42)
    save(page.screenshot(), "page.png")
    page.close()


def visit(page, url, theme):
    """Draw a little, and take a picture at each size: the app follows the width of its window."""
    open_app(page, url)
    hand = Hand(page)
    if theme == "light":
        save(page.screenshot(), "app-empty.png")
        hand.draw(DIGITS[3], steps=12)
        wait_for_end(page)
        save(page.screenshot(), "app.png")
    for digit in (0, 2, 3, 7):
        hand.press("Clear")
        wait_for_guess(page, None)
        hand.draw(DIGITS[digit], steps=6)
        wait_for_end(page)
        hand.press(page.locator(".hwd-what button").nth(digit))
        page.locator(".hwd-thumbs li").nth((0, 2, 3, 7).index(digit)).wait_for()
    hand.draw(DIGITS[4], steps=12)
    wait_for_end(page)
    hand.press("Why this digit?")
    page.locator(".hwd-legend").wait_for()
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    for width, height in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(
            "() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))"
        )
        save(page.screenshot(full_page=True), f"app-{width}-{theme}.png")


def show_states(browser, server):
    """Pictures of what is no digit, of what could be two, and of a lost connection."""
    wire = Wire(server.port)
    page = open_app(browser.new_page(viewport=STATES), wire.url)
    hand = Hand(page)
    hand.draw(SCRIBBLE, steps=3)
    wait_for_end(page)
    save(page.screenshot(), "app-no-digit.png")
    for gap in (0.15, 0.13, 0.17, 0.11):  # where doubt begins depends on the network
        hand.press("Clear")
        wait_for_guess(page, None)
        hand.draw(between_4_and_9(gap), steps=6)
        wait_for_end(page)
        if page.locator(".hwd-answer[data-state=unsure]").count():
            break
    else:
        raise SystemExit("Expected a drawing that could be a 4 or a 9; the network is sure of all of them.")
    save(page.screenshot(), "app-unsure.png")
    wire.cut()
    page.get_by_text("Reconnecting…").wait_for()
    page.emulate_media(color_scheme="dark")
    save(page.screenshot(), "app-lost.png")
    page.close()
    wire.close()


def between_4_and_9(gap):
    """A 4, or a 9: its top is so far open. In one stroke, so that its end is the end."""
    left = [(0.64 - gap, 0.24), (0.36, 0.28 + 0.3 * gap), (0.34, 0.46), (0.44, 0.52), (0.62, 0.46)]
    return [[*left, (0.65, 0.22), (0.64, 0.5), (0.6, 0.82)]]


def save(png, name):
    (IMAGES / name).write_bytes(png)
    print(name)


if __name__ == "__main__":
    main()
