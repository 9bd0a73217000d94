"""What a hand does to the app besides drawing: it rests, scrolls, takes back, and sees what it has done."""

import json

import pytest

from tools.browser import DIGITS, Hand, open_app, wait_for_end, wait_for_guess, wait_for_ink


def wait_for_strokes(page, n):
    """Wait until the drawing has so many strokes, and nothing is being drawn."""
    memory = "document.querySelector('.hwd-memory textarea').value"
    page.wait_for_function(f"n => JSON.parse({memory} || '[]').length === n", arg=n)


class Glass:
    """Fingers and a pen on the screen, as the browser's own events."""

    def __init__(self, page):
        self.session, self.box = (
            page.context.new_cdp_session(page),
            page.locator("canvas").first.bounding_box(),
        )

    def at(self, point):
        x, y = point
        return {"x": self.box["x"] + x * self.box["width"], "y": self.box["y"] + y * self.box["height"]}

    def fingers(self, kind, *points):
        touches = [self.at(point) | {"id": i} for i, point in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def pen(self, kind, point, buttons=1):
        event = {"type": kind, "button": "left", "buttons": buttons, "pointerType": "pen", "clickCount": 1}
        self.session.send("Input.dispatchMouseEvent", event | self.at(point))


@pytest.fixture
def phone(voila, new_page):
    options = {"viewport": {"width": 390, "height": 664}, "has_touch": True, "is_mobile": True}
    return open_app(new_page(**options, reduced_motion="no-preference"), voila.url)


def test_the_pen_goes_before_the_hand_that_holds_it(phone):
    glass = Glass(phone)
    glass.fingers("touchStart", (0.8, 0.9))  # the palm comes down first, and leaves a spot
    wait_for_ink(phone, (0.8, 0.9))
    (stroke,) = DIGITS[7]
    glass.pen("mousePressed", stroke[0])
    wait_for_ink(phone, (0.8, 0.9), ink=False)
    for i, point in enumerate(stroke[1:]):
        glass.pen("mouseMoved", point)
        glass.fingers("touchMove", (0.8, 0.9 - i / 100))
    glass.pen("mouseReleased", stroke[-1], buttons=0)
    glass.fingers("touchEnd")
    wait_for_guess(phone, 7)
    glass.fingers("touchStart", (0.7, 0.9))  # and rests again before the next stroke
    glass.fingers("touchEnd")
    wait_for_strokes(phone, 1)
    wait_for_ink(phone, (0.7, 0.9), ink=False)


def test_a_palm_beside_the_sheet_does_not_draw_for_the_finger(phone):
    glass = Glass(phone)
    glass.fingers("touchStart", (0.5, 1.3))  # below the sheet, where the tools are
    glass.fingers("touchStart", (0.5, 1.3), (0.5, 0.3))
    glass.fingers("touchMove", (0.5, 1.3), (0.5, 0.5))
    glass.fingers("touchEnd", (0.5, 1.3))
    glass.fingers("touchEnd")
    wait_for_strokes(phone, 1)
    wait_for_ink(phone, (0.5, 0.4))


def test_two_fingers_are_for_the_page_and_not_for_the_sheet(phone):
    glass = Glass(phone)
    glass.fingers("touchStart", (0.5, 0.8))  # one finger draws, and moves nothing
    for y in (0.7, 0.6, 0.5, 0.4, 0.3, 0.2):
        glass.fingers("touchMove", (0.5, y))
    glass.fingers("touchEnd")
    wait_for_strokes(phone, 1)
    assert phone.evaluate("window.scrollY") == 0
    glass.fingers("touchStart", (0.5, 0.8))
    glass.fingers("touchStart", (0.5, 0.8), (0.3, 0.8))
    for y in (0.7, 0.6, 0.5, 0.4, 0.3, 0.2):
        glass.fingers("touchMove", (0.5, y), (0.3, y))
    phone.wait_for_function("() => window.scrollY > 50")
    glass.fingers("touchEnd")
    wait_for_strokes(phone, 1)


def test_only_the_left_button_draws_and_a_lost_release_ends_the_stroke(voila, new_page):
    page = open_app(new_page(), voila.url)
    hand = Hand(page)
    for button in ("middle", "right"):
        page.mouse.move(*hand.at((0.3, 0.3)))
        page.mouse.down(button=button)
        page.mouse.move(*hand.at((0.6, 0.6)))
        page.mouse.up(button=button)
    hand.draw([[(0.5, 0.2), (0.5, 0.6)]])
    wait_for_strokes(page, 1)
    wait_for_ink(page, (0.3, 0.3), ink=False)
    box = page.locator("canvas").bounding_box()
    session = page.context.new_cdp_session(page)

    def mouse(kind, x, y, buttons):
        place = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        event = {"type": kind, "button": "left" if buttons else "none", "buttons": buttons, "clickCount": 1}
        session.send("Input.dispatchMouseEvent", event | place)

    mouse("mousePressed", 0.2, 0.2, 1)
    mouse("mouseMoved", 0.2, 0.4, 1)
    mouse("mouseMoved", 0.2, 0.5, 0)  # the button was let go over a menu, and nobody told
    mouse("mouseMoved", 0.2, 0.8, 0)
    wait_for_strokes(page, 2)
    wait_for_ink(page, (0.2, 0.45))
    wait_for_ink(page, (0.2, 0.7), ink=False)


def test_what_was_done_is_taken_back_by_key(voila, new_page):
    page = open_app(new_page(), voila.url)
    hand = Hand(page)
    hand.draw(DIGITS[4])
    wait_for_strokes(page, 2)
    hand.press("Clear")
    wait_for_guess(page, None)
    page.keyboard.press("Control+z")
    wait_for_guess(page, 4)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    wait_for_guess(page, None)
    page.locator(".hwd-undo:disabled").wait_for()
    page.keyboard.press("Control+Shift+z")
    page.keyboard.press("Control+y")
    wait_for_guess(page, 4)
    wait_for_ink(page, DIGITS[4][1][-1])


def whole(page, *parts):
    """Whether these parts of the page are whole in its window."""
    script = """parts => parts.every(part => {
      const {left, top, right, bottom} = document.querySelector(part).getBoundingClientRect();
      return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
    })"""
    return page.evaluate(script, parts)


WINDOWS = [(360, 640), (390, 664), (664, 390), (844, 390), (640, 450), (768, 1024), (1280, 720), (1366, 640)]


def test_sheet_and_answer_are_seen_together_in_every_window(voila, new_page):
    page = open_app(new_page(has_touch=True), voila.url)
    hand = Hand(page)
    hand.draw(DIGITS[4])
    wait_for_guess(page, 4)
    for rival in (False, True):
        if rival:
            page.get_by_label("Compare with").select_option(index=1)
            page.locator(".hwd-rival-guess").wait_for()
        for width, height in WINDOWS:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate("window.scrollTo(0, 0)")
            page.wait_for_function("size => innerWidth === size[0]", arg=[width, height])
            seen = [".hwd-sheet", ".hwd-guess", *([".hwd-rival-guess"] if rival else [])]
            assert whole(page, *seen), (width, height, rival)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.locator(".hwd-sheet").bounding_box()["width"] >= min(290, height - 30)


def test_actions_answer_where_the_eye_is(phone):
    hand = Hand(phone, "touch")
    told = phone.locator(".hwd-told")
    assert not told.is_visible()
    five = phone.locator(".hwd-what button").nth(5)
    five.scroll_into_view_if_needed()
    hand.press(five)
    told.get_by_text("Draw a digit first").wait_for()
    assert whole(phone, ".hwd-told") and not told.get_by_role("button").is_visible()
    hand.draw(DIGITS[7])
    told.wait_for(state="hidden")
    wait_for_guess(phone, 7)
    wait_for_end(phone)
    hand.press(phone.locator(".hwd-what button").nth(7))
    told.get_by_text("Kept as a 7 · 1 of 1 read right").wait_for()
    assert whole(phone, ".hwd-told")
    hand.press("Undo this")
    wait_for_guess(phone, 7)
    assert phone.locator(".hwd-thumbs li").count() == 0

    example = phone.locator(".hwd-examples button").nth(3)
    example.scroll_into_view_if_needed()
    assert not whole(phone, ".hwd-sheet")
    hand.press(example)
    phone.wait_for_function(
        "() => { const {top, bottom} = document.querySelector('.hwd-sheet').getBoundingClientRect();"
        "return top >= 0 && bottom <= innerHeight; }"
    )
    hand.press("Clear")
    wait_for_guess(phone, None)
    hand.press("Why this digit?")
    phone.get_by_text("Draw a digit first: then").wait_for()


def test_a_reload_brings_back_what_was_kept_and_taught(voila, new_page):
    page = open_app(new_page(), voila.url)
    hand = Hand(page)
    for digit, called in ((7, 7), (4, 9)):
        hand.draw(DIGITS[digit])
        wait_for_guess(page, digit)
        wait_for_end(page)
        hand.press(page.locator(".hwd-what button").nth(called))
        wait_for_guess(page, None)
    hand.press("Teach it my digits")
    page.locator(".hwd-lesson").wait_for()
    hand.draw(DIGITS[3])
    wait_for_strokes(page, 1)
    page.reload()
    page.locator(".hwd-lesson").wait_for()
    assert page.locator(".hwd-thumbs li").count() == 2
    page.get_by_label("Reads along").locator("option:checked", has_text="taught by you").wait_for(
        state="attached"
    )
    wait_for_guess(page, 3)


NO_STORAGE = """Object.defineProperty(window, 'sessionStorage', {
  get() { throw new DOMException('The document is sandboxed', 'SecurityError'); } })"""


def test_where_nothing_may_be_remembered_the_app_says_so_and_works(voila, new_page):
    page = new_page()
    page.add_init_script(NO_STORAGE)
    open_app(page, voila.url)
    page.locator(".hwd-told").get_by_text("This browser remembers nothing").wait_for()
    Hand(page).draw(DIGITS[7])
    wait_for_guess(page, 7)
    page.locator(".hwd-told").wait_for(state="hidden")


DROP = """([name, text]) => {
  const files = new DataTransfer();
  files.items.add(new File([text], name));
  for (const kind of ['dragover', 'drop'])
    document.body.dispatchEvent(new DragEvent(kind, {dataTransfer: files, bubbles: true, cancelable: true}));
}"""


def test_files_are_dropped(voila, new_page):
    page = open_app(new_page(), voila.url)
    strokes = [[[800 * x, 800 * y] for x, y in stroke] for stroke in DIGITS[4]]
    page.evaluate(DROP, ["strokes.json", json.dumps(strokes)])
    wait_for_guess(page, 4)
    wait_for_ink(page, DIGITS[4][0][0])
    page.locator(".hwd-told").get_by_text("The strokes of strokes.json").wait_for()
    for name, text, words in (
        ("holiday.png", "\u0089PNG", "expected a picture"),
        ("shopping.json", "{}", "expected digits"),
        ("letter.txt", "Dear all", "found something else"),
        ("large.npz", "x" * 9_000_001, "too large"),
    ):
        page.evaluate(DROP, [name, text])
        page.locator(".hwd-wrong", has_text=words).wait_for()
        assert whole(page, ".hwd-told")
    assert page.locator(".hwd-guess").inner_text() == "4"


def test_a_session_that_has_ended_says_so_and_its_drawing_comes_along(voila, new_page):
    page = open_app(new_page(), voila.url)
    Hand(page).draw(DIGITS[3])
    wait_for_guess(page, 3)
    wait_for_end(page)
    page.excused += ("404", "WebSocket", "ERR_")
    page.evaluate(
        """() => {
          const {id, serverSettings} = window.jupyterapp.widgetManager.kernel;
          const token = document.cookie.match(/_xsrf=([^;]*)/)[1];
          return fetch(`${serverSettings.baseUrl}voila/api/shutdown/${id}`,
            {method: 'POST', headers: {'X-XSRFToken': token}});
        }"""
    )
    page.get_by_text("This session has ended.").wait_for()
    assert not page.get_by_text("Reconnecting…").is_visible()
    page.get_by_role("link", name="Open a new page").click()
    page.wait_for_selector(".hwd-app[data-ready=yes]")
    wait_for_guess(page, 3)


def test_in_high_contrast_bars_and_sheet_can_be_seen(voila, new_page):
    page = open_app(new_page(forced_colors="active"), voila.url)
    Hand(page).draw(DIGITS[7])
    wait_for_guess(page, 7)
    style = "(part, of) => getComputedStyle(document.querySelector(part))[of]"
    look = lambda part, of: page.evaluate(f"([part, of]) => ({style})(part, of)", [part, of])  # noqa: E731
    paper = look(".hwd-answers", "backgroundColor")
    assert look(".hwd-best s", "backgroundColor") != paper
    assert look(".hwd-bar i", "borderTopWidth") == look("canvas", "borderTopWidth") == "1px"
    assert look(".hwd-bar i", "borderTopColor") != paper and look("canvas", "borderTopColor") != paper


def test_each_hidden_layer_has_a_picture_of_its_own(voila, new_page):
    page = open_app(new_page(), voila.url)
    Hand(page).draw(DIGITS[7])
    wait_for_guess(page, 7)
    # All in one moment: the next reading makes them anew.
    edges = "all => all.map(one => one.getBoundingClientRect().toJSON())"
    boxes = page.locator(".hwd-units").evaluate_all(edges)
    assert len(boxes) > 1
    for upper, lower in zip(boxes, boxes[1:], strict=False):
        assert upper["bottom"] <= lower["top"]
