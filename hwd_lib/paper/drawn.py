"""Pages that are drawn instead of photographed: with rules or boxes, uneven light, grain, blur, on a table.

Nobody's handwriting is needed to show, or to test, how a page is read: the digits are those of
`stroke_styles`.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from hwd_lib.preprocessing import preprocess
from hwd_lib.stroke_styles import make_strokes

SIGNS = {  # strokes of what stands between digits, 1 is the height of the writing
    "-": [[(0, 0.5), (0.45, 0.48)]],
    "+": [[(0, 0.5), (0.5, 0.5)], [(0.25, 0.25), (0.25, 0.75)]],
    "=": [[(0, 0.4), (0.45, 0.4)], [(0, 0.6), (0.45, 0.6)]],
    ".": [[(0, 0.97), (0.03, 1)]],
    ",": [[(0.04, 0.95), (0, 1.1)]],
}
TABLES = {"dark": ((40, 38, 42), 0.15), "wood": ((150, 105, 65), 0.12), "grey": ((125, 125, 130), 0.05)}


@dataclass
class Look:
    """What a page looks like. Lengths are in heights of a digit, colours are red, green, blue, 0 to 255."""

    height: int = 60  # pixels
    pen: float = 0.08
    ink: tuple = (45, 45, 60)
    paper: tuple = (232, 230, 222)
    rules: str = ""  # "ruled", "squared", "cells" (one for each digit) or "box" (around all)
    rule_ink: tuple = (150, 175, 215)
    rule_width: float = 0.035
    margin: bool = False  # a red line down the left
    light: str = "even"  # "vignette", "shadow" (with a sharp edge, half as bright) or "glare"
    grain: float = 3.0  # standard deviation, of 255
    blur: float = 0.0
    turned: float = 0.0  # degrees, clockwise
    table: str = ""  # "dark", "wood" or "grey": the page lies on it, seen at an angle
    unsteady: float = 0.06  # how far digits stand above or below the line, and differ in size
    step: float = 0.95  # from one digit to the next; in cells there is more room


def draw_page(lines, rng, look=None, write=make_strokes):
    """Draw lines of digits, given as text, on a page: (h, w, 3) uint8.

    A space leaves a gap; "-+=.," are signs. ``write(digit, rng)`` gives the strokes of a digit: `clear_hand`
    makes one that is legible.
    """
    look = look or Look()
    high = look.height
    columns = max(map(len, lines))
    step, leading = (1.25 if look.rules == "cells" else look.step) * high, 1.75 * high
    h, w = int((len(lines) - 1) * leading + 4 * high), int(columns * step + 3 * high)
    page = np.full((h, w, 3), look.paper, np.float32)
    left, top = 1.5 * high, 1.5 * high
    draw_rules(page, look, lines, left, top, step, leading)
    cover = np.zeros((h, w), np.float32)
    for i, line in enumerate(lines):
        for j, sign in enumerate(line):
            if sign != " ":
                size = high * np.exp(rng.normal(0, look.unsteady))
                middle = (
                    left + (j + 0.5) * step,
                    top + i * leading + high * (0.5 + rng.normal(0, look.unsteady)),
                )
                strokes = strokes_of(sign, rng, write)
                draw_sign(cover, strokes, middle, size, look.pen * high, centred=sign.isdigit())
    page += cover[:, :, None] * (np.array(look.ink, np.float32) - page)
    page = lit(page, look.light, rng)
    if look.turned:
        turn = cv2.getRotationMatrix2D((w / 2, h / 2), -look.turned, 1)
        page = cv2.warpAffine(page, turn, (w, h), borderMode=cv2.BORDER_REPLICATE)
    if look.table:
        page = lay_on_table(page, *TABLES[look.table], rng)
    if look.blur:
        page = cv2.GaussianBlur(page, (0, 0), look.blur * high)
    coarse = cv2.resize(
        rng.normal(0, look.grain / 2, (page.shape[0] // 4, page.shape[1] // 4)), page.shape[1::-1]
    )
    fine = cv2.GaussianBlur(rng.normal(0, 1.7 * look.grain, page.shape[:2]), (0, 0), 0.7)
    return np.clip(page + (coarse + fine)[:, :, None], 0, 255).astype(np.uint8)


def strokes_of(sign, rng, write):
    """Strokes of a digit or a sign: list of (n, 2), 1 is the height of a digit."""
    if not sign.isdigit():
        return [np.array(stroke, np.float64) for stroke in SIGNS[sign]]
    strokes = write(int(sign), rng)
    low, high = (f([f(s, axis=0) for s in strokes], axis=0) for f in (np.min, np.max))
    wide, tall = high - low
    return [(s - (low + high) / 2) / max(tall, wide / 0.8) for s in strokes]


def clear_hand(network, sure=0.99):
    """A hand that writes legibly: of what `make_strokes` writes, what a network is sure to read right."""

    def write(digit, rng):
        while True:
            strokes = make_strokes(digit, rng)
            if network.probabilities(preprocess(strokes).reshape(1, -1))[0, digit] > sure:
                return strokes

    return write


def draw_sign(cover, strokes, middle, size, pen, centred):
    """Draw strokes with a round pen onto `cover` (h, w), 0…1, in place."""
    offset = np.array(middle) if centred else np.array(middle) - size * np.array([0.25, 0.5])
    for stroke in strokes:
        points = np.round((stroke * size + offset) * 16).astype(np.int32)  # sixteenths of a pixel
        new = np.zeros(cover.shape, np.uint8)
        cv2.polylines(new, [points], False, 255, max(1, round(pen)), cv2.LINE_AA, shift=4)
        np.maximum(cover, new / np.float32(255), out=cover)


def draw_rules(page, look, lines, left, top, step, leading):
    """Draw the lines that were on the paper before: in place."""
    h, w, high = *page.shape[:2], look.height
    wide = max(1, round(look.rule_width * high))

    def draw(x1, y1, x2, y2, ink=look.rule_ink):
        cv2.line(page, (round(x1), round(y1)), (round(x2), round(y2)), ink, wide, cv2.LINE_AA)

    if look.rules in ("ruled", "squared"):
        gap = leading if look.rules == "ruled" else leading / 2
        for y in np.arange(top + 1.05 * high - 10 * gap, h, gap):
            draw(0, y, w, y)
        for x in np.arange(left - 10 * gap, w, gap) if look.rules == "squared" else ():
            draw(x, 0, x, h)
    if look.rules == "box":
        cv2.rectangle(
            page,
            (round(left - 0.3 * high), round(top - 0.5 * high)),
            (round(w - left + 0.3 * high), round(h - top)),
            look.rule_ink,
            wide,
        )
    if look.rules == "cells":
        for i, line in enumerate(lines):
            y1, y2 = top + i * leading - 0.25 * high, top + i * leading + 1.25 * high
            draw(left, y1, left + len(line) * step, y1)
            draw(left, y2, left + len(line) * step, y2)
            for j in range(len(line) + 1):
                draw(left + j * step, y1, left + j * step, y2)
    if look.margin:
        draw(0.9 * left, 0, 0.9 * left, h, (215, 90, 95))


def lit(page, light, rng):
    """Let light fall on the page (h, w, 3), unevenly."""
    h, w = page.shape[:2]
    y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j].astype(np.float32)  # two of (h, w)
    if light == "vignette":
        page = page * (1 - 0.3 * (x * x + y * y) + 0.1 * x)[:, :, None]
    if light == "shadow":
        turn = rng.uniform(0, 2 * np.pi)
        dark = np.clip((x * np.cos(turn) + y * np.sin(turn)) * 60, 0, 1)
        page = page * (1 - 0.5 * dark)[:, :, None]
    if light == "glare":
        spot = np.exp(-((x - 0.4) ** 2 + (y + 0.3) ** 2) / 0.3)[:, :, None]
        page = 0.75 * page + spot * (255 - 0.75 * page) * 0.6
    return page


def lay_on_table(page, colour, texture, rng):
    """The page on a table, larger than the page on all sides, seen at an angle: (h, w, 3) -> (h', w', 3)."""
    h, w = page.shape[:2]
    wide, high = int(1.35 * w), int(1.35 * h)
    streaks = cv2.GaussianBlur(rng.normal(0, 1, (high, wide)), (0, 0), sigmaX=60, sigmaY=2)
    table = np.array(colour, np.float32) * (1 + texture * streaks / streaks.std())[:, :, None].astype(
        np.float32
    )
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    moved = corners + [0.17 * w, 0.17 * h] + rng.uniform(-0.06, 0.06, (4, 2)) * [w, h]
    seen = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    cover = cv2.warpPerspective(np.ones((h, w), np.float32), seen, (wide, high))[:, :, None]
    return table * (1 - cover) + cv2.warpPerspective(page, seen, (wide, high)) * cover
