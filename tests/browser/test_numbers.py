"""Numbers in the live app, in a real browser: by mouse and by touch, at a desk and on a phone."""

import numpy as np
import pytest

from tests.browser.test_app import axe, violations  # noqa: F401
from tools.browser import DIGITS, Hand, open_app, wait_for_guess, wait_for_ink

PHONE = {"viewport": {"width": 390, "height": 664}, "has_touch": True}
PLACES = {"desk": ({}, "mouse"), "phone": (PHONE, "touch")}


def number(text, width=0.24, left=0.02, height=1.0):
    """Strokes of a number in the unit square, each digit in a field as wide and high as that."""
    return [
        [(left + width * (i + x), 0.5 + height * (y - 0.5)) for x, y in stroke]
        for i, character in enumerate(text)
        for stroke in DIGITS[int(character)]
    ]


@pytest.fixture(params=PLACES)
def hand(request, voila, new_page):
    options, kind = PLACES[request.param]
    return Hand(open_app(new_page(**options), voila.url), kind)


def wait_for_number(page, text):
    """Wait until the app has read this number, with the pen up."""
    script = """text => document.querySelector('.hwd-guess').textContent === text &&
      document.querySelector('.hwd-answer').dataset.state !== 'drawing'"""
    page.wait_for_function(script, arg=text)


def turn_wide(hand):
    hand.press("A number")
    hand.page.wait_for_function("() => document.querySelector('canvas').width === 1600")
    wait_for_ink(hand.page, (0.9, 0.5), ink=False)


def test_two_digits_on_the_ordinary_sheet(hand):
    hand.draw(number("42", width=0.5, left=0))
    wait_for_guess(hand.page, 42)
    assert hand.page.locator(".hwd-digit-card:visible").count() == 2
    hand.press("Undo")
    wait_for_guess(hand.page, 4)
    assert hand.page.locator(".hwd-digit-card:visible").count() == 0


def test_a_number_is_written_opened_kept_and_comes_back(hand):
    page = hand.page
    turn_wide(hand)
    sheet = page.locator("canvas").bounding_box()
    assert sheet["width"] == pytest.approx(2 * sheet["height"], rel=0.02)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    hand.draw(number("20"))
    wait_for_number(page, "20")
    page.evaluate(
        """() => {
          window.changes = 0;
          const cards = [...document.querySelectorAll('.hwd-digit-card')].slice(0, 2);
          const count = new MutationObserver(() => { window.changes += 1; });
          for (const card of cards) count.observe(card, {subtree: true, childList: true, attributes: true});
        }"""
    )
    hand.draw(number("24", left=0.5))
    wait_for_number(page, "2024")
    assert page.evaluate("window.changes") == 0  # finished digits stay calm
    for i, card in enumerate(page.locator(".hwd-digit-card:visible").all()):
        box = card.bounding_box()
        assert box["width"] >= 40 and box["y"] > sheet["y"] + sheet["height"]
        middle = (box["x"] + box["width"] / 2 - sheet["x"]) / sheet["width"]
        assert middle == pytest.approx(0.02 + 0.24 * (i + 0.5), abs=0.03)  # it stands below its ink

    cards = page.locator(".hwd-digit-card button:visible")
    hand.press(cards.nth(3))
    page.locator(".hwd-bars").wait_for()
    assert page.locator(".hwd-answers h3").inner_text() == "Digit 4"
    page.wait_for_selector(".hwd-digit-card button[aria-pressed=true]")
    hand.press("Why this digit?")
    page.locator(".hwd-legend").wait_for()
    hand.press(page.locator(".hwd-what button").nth(4))
    page.locator(".hwd-right").wait_for()
    wait_for_guess(page, 2024)  # the number stays
    page.locator(".hwd-bars").wait_for(state="detached")

    page.reload()
    wait_for_guess(page, 2024)
    assert page.locator("canvas").evaluate("canvas => canvas.width") == 1600
    wait_for_ink(page, number("20")[0][0])
    wait_for_ink(page, number("24", left=0.5)[-1][-1])
    hand.press("A number")  # back to the ordinary sheet: the number comes along
    page.wait_for_function("() => document.querySelector('canvas').width === 800")
    wait_for_guess(page, 2024)


def test_nothing_stands_in_the_way(voila, new_page, axe):  # noqa: F811
    page = open_app(new_page(), voila.url)
    hand = Hand(page)
    turn_wide(hand)
    assert violations(page, axe) == []
    hand.draw(number("2024"))
    wait_for_number(page, "2024")
    assert violations(page, axe) == []
    hand.press(page.locator(".hwd-digit-card button").first)
    page.locator(".hwd-bars").wait_for()
    assert violations(page, axe) == []


PACE = """async points => {
  const canvas = document.querySelector('canvas'), box = canvas.getBoundingClientRect(), took = [];
  const live = document.querySelector('.hwd-live');
  const fire = (kind, [x, y]) => canvas.dispatchEvent(new MouseEvent(kind, {
    clientX: box.x + x * box.width, clientY: box.y + y * box.height, bubbles: true}));
  const read = n => new Promise(done => {
    const look = () => +live.querySelector('[data-points]').dataset.points >= n;
    if (look()) return done();
    const watch = new MutationObserver(() => { if (look()) { watch.disconnect(); done(); } });
    watch.observe(live, {childList: true, subtree: true});
  });
  let n = +live.querySelector('[data-points]').dataset.points;
  fire('mousedown', points[0]);
  await read(++n);
  for (const point of points.slice(1)) {
    const start = performance.now();
    fire('mousemove', point);
    await read(++n);
    took.push(performance.now() - start);
    await new Promise(done => setTimeout(done, 30));
  }
  fire('mouseup', points.at(-1));
  return took;
}"""


@pytest.mark.parametrize(("digits", "width"), [(6, 0.15), (20, 0.048)])
def test_reading_follows_the_pen_in_a_number(voila, new_page, say, digits, width):
    """The last digit is written while the others stand on the sheet; each of its points is measured."""
    page = open_app(new_page(), voila.url)
    hand = Hand(page)
    turn_wide(hand)
    text = ("2024703" * 3)[: digits - 1]
    hand.draw(number(text, width=width, left=0.01, height=2 * width), steps=1)
    page.wait_for_function(
        """n => document.querySelectorAll('.hwd-digit-card:not(.hwd-gone)').length === n &&
          document.querySelector('.hwd-answer').dataset.state !== 'drawing'""",
        arg=digits - 1,
    )
    left = 0.01 + width * (digits - 1)
    angles = np.linspace(0, 2 * np.pi, 40)
    ring = [[left + width * (0.5 - 0.2 * np.sin(a)), 0.5 - 0.6 * width * np.cos(a)] for a in angles]
    took = page.evaluate(PACE, ring)
    say(f"{digits} digits, from event to reading: 95 % within {np.percentile(took, 95):.0f} ms")
    assert np.percentile(took, 95) < 1000
