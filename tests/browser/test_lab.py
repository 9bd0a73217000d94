"""Notebook 09 in JupyterLab: drawn on by mouse and by touch, read from the next cell, reloaded."""

from tools.browser import DIGITS, Hand, open_notebook, wait_for_guess, wait_for_ink, wait_for_paper


def test_draw_read_and_reload(lab, new_page):
    page = open_notebook(new_page(has_touch=True), lab.url, "09_draw.ipynb")
    for kind in ("touch", "mouse"):
        hand = Hand(page, kind)
        hand.draw(DIGITS[7])
        wait_for_guess(page, 7)
        wait_for_ink(page, DIGITS[7][0][0])
        page.get_by_role("button", name="Clear").click()
        wait_for_guess(page, None)
        wait_for_ink(page, DIGITS[7][0][0], ink=False)
    hand.draw(DIGITS[7])
    wait_for_guess(page, 7)

    page.locator(".jp-CodeCell").nth(1).locator(".cm-content").click()  # the cell that reads the strokes
    page.keyboard.press("Shift+Enter")
    page.get_by_text("1 strokes of").wait_for()

    page.keyboard.press("Control+s")
    page.wait_for_function("() => !document.querySelector('.jp-mod-current.jp-mod-dirty')")
    page.reload()
    page.wait_for_selector(".hwd-app[data-ready=yes]")
    wait_for_paper(page)
    wait_for_guess(page, 7)
    wait_for_ink(page, DIGITS[7][0][0])
    page.get_by_role("button", name="Clear").click()
    wait_for_guess(page, None)
    wait_for_ink(page, DIGITS[7][0][0], ink=False)
