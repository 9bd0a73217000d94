"""The app as Voilà serves it: drawn on by mouse and by touch, read, cleared, reloaded."""

import pytest

from tools.browser import DIGITS, Hand, open_app, wait_for_end, wait_for_guess, wait_for_ink

KINDS = ["mouse", "touch"]


def drawn(strokes, steps=2):
    """How many points `Hand.draw` leaves on the sheet, but for those that fall together."""
    return sum(steps * (len(stroke) - 1) for stroke in strokes)


@pytest.fixture
def app(voila, new_page):
    """``app(**options)`` opens the app in a page of its own."""
    return lambda **options: open_app(new_page(**options), voila.url)


def test_digits_are_drawn_and_read(app):
    page = app(has_touch=True)
    assert page.locator(".hwd-guess").inner_text() == ""
    assert page.get_by_text("Draw a digit here").is_visible()
    for kind, digit in [*(("mouse", digit) for digit in DIGITS), ("touch", 4)]:
        hand, strokes = Hand(page, kind), DIGITS[digit]
        hand.draw(strokes)
        wait_for_ink(page, strokes[0][0])
        wait_for_guess(page, digit)
        wait_for_end(page)
        points = "+document.querySelector('[data-points]').dataset.points"
        page.wait_for_function(f"() => {points} >= {drawn(strokes)}")
        shown = page.locator(".hwd-probability").evaluate_all(
            "rows => rows.map(row => [row.dataset.digit, +row.dataset.value, row.innerText])"
        )
        digits, values, texts = zip(*shown, strict=True)  # of one reading: it changes while one draws
        assert digits == tuple("0123456789")
        assert sum(values) == pytest.approx(1, abs=0.002) and max(values) == values[digit]
        assert texts[digit].endswith("%")
        hand.press("Clear")
        wait_for_guess(page, None)
        wait_for_ink(page, strokes[0][0], ink=False)
    assert page.get_by_text("Draw a digit here").is_visible()


def test_ink_and_guess_follow_the_pen(app):
    page, (stroke,) = app(has_touch=True), DIGITS[7]
    for hand in (Hand(page, kind) for kind in KINDS):
        hand.down(stroke[0])
        wait_for_ink(page, stroke[0])
        for point in stroke[1:]:
            hand.move(point)
        wait_for_ink(page, stroke[-1])
        wait_for_guess(page, 7)  # the pen is still down
        assert page.locator(".hwd-said").inner_text() == ""
        hand.up()
        page.wait_for_function("() => document.querySelector('.hwd-said').textContent.includes('7')")
        hand.press("Clear")
        wait_for_ink(page, stroke[-1], ink=False)
        page.wait_for_function("() => document.querySelector('.hwd-said').textContent === ''")


def test_the_first_canvas_of_the_page_is_the_sheet(app):
    page = app()
    assert page.locator("canvas").count() == 1
    assert page.evaluate("document.querySelector('canvas').closest('.hwd-sheet') !== null")


def test_a_reload_brings_the_drawing_back(app):
    page = app(has_touch=True)
    for kind in KINDS:
        Hand(page, kind).draw(DIGITS[3])
        wait_for_end(page)
        page.reload()
        page.wait_for_selector(".hwd-app[data-ready=yes]")
        wait_for_guess(page, 3)
        wait_for_ink(page, DIGITS[3][0][0])
        page.get_by_role("button", name="Clear").click()
        page.wait_for_function("() => document.querySelector('.hwd-guess').textContent === ''")
    page.reload()
    page.wait_for_selector(".hwd-app[data-ready=yes]")
    assert page.locator(".hwd-guess").inner_text() == ""


def test_two_visitors_do_not_see_each_other(app):
    one, other = app(), app()
    Hand(one).draw(DIGITS[7])
    wait_for_guess(one, 7)
    Hand(other).draw(DIGITS[0])
    wait_for_guess(other, 0)
    assert one.locator(".hwd-guess").inner_text() == "7"


def test_a_stroke_goes_on_outside_the_sheet(app):
    page = app()
    hand = Hand(page)
    hand.down((0.5, 0.3))
    hand.move((0.5, 0.8))
    hand.move((-0.2, 0.8))  # beside the sheet
    hand.move((0.2, 0.5))
    hand.up()
    wait_for_ink(page, (0.2, 0.5))
    wait_for_end(page)


def test_a_clean_sheet_after_a_pause(app):
    page = app(has_touch=True)
    page.get_by_text("starts on a clean sheet").tap()
    for hand in (Hand(page, kind) for kind in KINDS):
        hand.draw(DIGITS[7])
        wait_for_guess(page, 7)
        page.wait_for_timeout(1600)  # the pause is the matter
        hand.draw(DIGITS[0])
        wait_for_guess(page, 0)
        wait_for_ink(page, DIGITS[7][0][0], ink=False)
        hand.press("Clear")
        wait_for_guess(page, None)


def test_a_phone_draws_without_scrolling(app):
    page = app(viewport={"width": 390, "height": 600}, has_touch=True, is_mobile=True, device_scale_factor=3)
    hand = Hand(page, "touch")
    box = hand.canvas.bounding_box()
    assert box["width"] > 320
    assert box["x"] >= 12 and box["x"] + box["width"] <= 390 - 12  # room to scroll beside it
    hand.draw([[(0.5, 0.9), (0.5, 0.1)]])
    wait_for_end(page)
    assert page.evaluate("window.scrollY") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    x, y = box["x"] + 40, box["y"] + box["height"] + 60
    hand.touch("touchStart", (x, y))
    for k in range(1, 9):
        hand.touch("touchMove", (x, y - 25 * k))
    hand.touch("touchEnd")
    page.wait_for_function("() => window.scrollY > 50")


def test_the_keyboard_does_everything_else(app):
    page = app()
    Hand(page).draw(DIGITS[7])  # the sheet has the focus now, and must let it go
    wait_for_end(page)
    page.keyboard.press("Tab")
    focus = "() => document.activeElement.textContent.trim()"
    assert page.evaluate(focus) == "Undo"
    page.keyboard.press("Tab")  # there is nothing to do again yet: Redo is left out
    assert page.evaluate(focus) == "Clear"
    page.keyboard.press("Enter")
    wait_for_guess(page, None)
    page.keyboard.press("Tab")
    assert page.evaluate(focus) == "A number"
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.type") == "checkbox"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(focus) == "A number"
