"""Pictures of paper: pages drawn by code are read, whatever light, rules and file; bad bytes are refused."""

import io
import struct
import subprocess
import sys
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from hwd_lib.network import Network
from hwd_lib.paper.drawn import Look, clear_hand, draw_page
from hwd_lib.paper.images import thin, to_image
from hwd_lib.paper.ink import contrast, find_ink
from hwd_lib.paper.marks import distance, find_marks, join, pieces
from hwd_lib.paper.picture import LONGEST, read_picture
from hwd_lib.paper.reading import Page, find_writing, read_page
from hwd_lib.paper.rules import skew, take_out_rules
from hwd_lib.paper.sheet import find_sheet, straighten
from hwd_lib.paper.writing import are_spaces, in_lines, is_cross, weighted_median
from hwd_lib.preprocessing import preprocess
from hwd_lib.stroke_styles import make_strokes

LINES = ["3 1 4", "1 5 9"]  # with room between the digits: how they are cut apart is another matter
TEXT = ["314", "159"]


@pytest.fixture(scope="module")
def network(root):
    return Network.load(root / "saved_nn" / "default.npz")


@pytest.fixture(scope="module")
def draw(network):
    """``draw(rules="ruled")``: a page of `LINES` in that look, always the same digits in a legible hand."""
    hand = clear_hand(network)

    def page(lines=LINES, seed=3, **look):
        return draw_page(lines, np.random.default_rng(seed), Look(**{"height": 64} | look), hand)

    return page


def encoded(picture, kind="PNG", **options):
    """A picture (h, w, 3) uint8 as the bytes of a file."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, kind, **options)
    return file.getvalue()


# Pages ------------------------------------------------------------------------------------------------------

LOOKS = {
    "plain": {},
    "pencil": {"ink": (165, 165, 165), "pen": 0.06},
    "red ink": {"ink": (200, 40, 50)},
    "chalk": {"ink": (225, 225, 220), "paper": (50, 70, 60)},
    "marker": {"pen": 0.14},
    "ruled, with a margin": {"rules": "ruled", "ink": (60, 70, 150), "margin": True},
    "squared": {"rules": "squared", "ink": (50, 50, 130)},
    "turned": {"turned": 5},
    "ruled and turned": {"rules": "ruled", "turned": 4},
    "vignette": {"light": "vignette"},
    "shadow with a sharp edge": {"light": "shadow"},
    "on a dark table": {"table": "dark"},
    "on wood": {"table": "wood"},
    "out of focus": {"blur": 0.04},
    "small": {"height": 26, "pen": 0.1, "grain": 1.5},
    "large": {"height": 220},
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS.keys())
def test_pages_are_read(draw, network, look):
    """Three hands in each look."""
    assert [read_page(draw(seed=seed, **look), network).lines for seed in (1, 2, 3)] == 3 * [TEXT]


@pytest.mark.parametrize(("step", "least"), [(0.65, 6), (0.8, 15)])
def test_digits_that_touch_are_cut_apart(network, step, least, say):
    hand, right, touch = clear_hand(network), 0, 0
    for seed in range(20):
        rng = np.random.default_rng([seed, 1])
        text = "".join(map(str, rng.integers(10, size=4)))
        picture = draw_page([text], rng, Look(step=step, pen=0.1), hand)
        right += read_page(picture, network).lines == [text]
        touch += len(find_writing(picture)[1]) < len(text)
    say(f"20 numbers of four digits, {step} of their height from one to the next: {right} read right")
    assert touch > 10
    assert right >= least


@pytest.mark.parametrize("digit", "2345689")
def test_a_box_around_a_digit(draw, network, digit):
    page = draw([digit], rules="box", rule_ink=(60, 60, 60))
    assert read_page(page, network).lines == [digit]


def test_cells_of_a_form(draw, network):
    page = draw(["314", "259"], rules="cells", rule_ink=(110, 110, 110))
    assert read_page(page, network).lines == ["314", "259"]


def test_signs_between_digits_are_left_out(draw, network):
    assert read_page(draw(["8 - 2 + 1", "= 7"]), network).lines == ["821", "7"]


@pytest.mark.parametrize("step", [0.75, 0.95])
@pytest.mark.parametrize("lines", [["3 14 159", "26 5"], ["1 1 1 4", "41 23", "7"]])
def test_wide_gaps_part_numbers(draw, network, lines, step):
    """Narrow 1s leave wider gaps, and a line of single digits has none that are narrow."""
    page = read_page(draw(lines, step=step), network)
    assert page.numbers == [line.split() for line in lines]
    assert page.lines == [line.replace(" ", "") for line in lines]


@pytest.mark.parametrize("look", [{"rules": "cells", "rule_ink": (110, 110, 110)}, {"step": 1.8}])
def test_gaps_that_are_all_alike_part_nothing(draw, network, look):
    assert read_page(draw(["3117", "259"], **look), network).numbers == [["3117"], ["259"]]


def test_no_gaps_or_one():
    for gaps in [], [0.1], [3.0], [0.2, 0.2]:
        assert not are_spaces(np.array(gaps)).any()
    assert are_spaces(np.array([0.9, -0.2, 0.1, 70.0])).tolist() == [True, False, False, True]


def test_a_table_at_two_edges(draw, network):
    page = draw()
    h, w = page.shape[:2]
    seen = np.full((h + 60, w + 80, 3), (120, 80, 45), np.uint8)
    seen[:h, :w] = page
    assert read_page(seen, network).lines == TEXT


def test_a_black_picture_on_a_white_page(draw, network):
    """A figure that was saved: the digit is light, on black, and around is white."""
    picture = 255 - draw(["5"], grain=0)
    figure = np.full((picture.shape[0] + 160, picture.shape[1] + 200, 3), 255, np.uint8)
    figure[80:-80, 100:-100] = picture
    assert read_page(figure, network).lines == ["5"]


def test_specks_and_the_edge_of_a_scanner(draw, network):
    page, rng = draw(), np.random.default_rng(0)
    for x, y in rng.integers(0, [page.shape[1], page.shape[0]], (40, 2)).tolist():
        cv2.circle(page, (x, y), 1, (70, 70, 70), -1)
    page[:, :9] = 30
    page[-6:] = 60
    assert read_page(page, network).lines == TEXT


def test_a_blank_page_says_what_to_do(network):
    rng = np.random.default_rng(0)
    for grain in (0, 4):
        blank = np.clip(rng.normal(225, grain, (300, 400, 3)), 0, 255).astype(np.uint8)
        page = read_page(blank, network)
        assert page.lines == [] and "darker pen" in page.advice


def test_writing_that_is_not_seen_at_first_is_read(draw, network):
    """Pencil where the light falls off: in the small picture that is looked at first, there is no ink."""
    lines = ["31415", "92653", "58979"]
    page = draw(lines, 2, height=44, step=1.15, ink=(125, 125, 130), light="vignette")
    assert read_page(page, network).lines == lines


def test_a_page_without_digits_says_so(network):
    page = np.full((300, 400, 3), 230, np.uint8)
    cv2.line(page, (80, 120), (160, 122), (40, 40, 40), 4)
    cv2.line(page, (220, 180), (300, 181), (40, 40, 40), 4)
    read = read_page(page, network)
    assert read.lines == [] and read.advice.startswith("No digits")


def test_boxes_lie_on_the_digits(draw, network):
    """On a page that is turned and lies on a table, in the pixels of the picture that came."""
    for look in ({}, {"turned": 5}, {"table": "dark"}):
        picture = draw(["7"], **look)
        (digit,) = read_page(picture, network).digits
        x, y, w, h = digit.box
        inside = picture[y : y + h, x : x + w].mean(axis=2)
        assert 40 < h < 110 and (inside < 100).mean() > 0.08
        around = picture[max(y - 12, 0) : y + h + 12, max(x - 12, 0) : x + w + 12].mean(axis=2).copy()
        dark = np.argwhere(around < 100)
        assert np.abs(np.ptp(dark, axis=0) + 1 - [h, w]).max() < 12


def test_what_programs_are_told(draw, network):
    told = read_page(draw(), network).describe(scale=2)
    assert told["lines"] == TEXT and told["numbers"] == [[line] for line in TEXT] and "advice" not in told
    assert [digit["line"] for digit in told["digits"]] == [0, 0, 0, 1, 1, 1]
    assert all(digit["probability"] == max(digit["probabilities"]) for digit in told["digits"])
    once = read_page(draw(), network).describe()
    assert [2 * n for n in once["digits"][0]["box"]] == told["digits"][0]["box"]


# Stages -----------------------------------------------------------------------------------------------------


def test_contrast_is_that_of_the_ink_whatever_the_light():
    light = np.linspace(90, 250, 300)[None, :, None] * np.ones((200, 1, 3))
    page = light.copy()
    page[90:110, 20:280] *= 0.4
    values = contrast(page.astype(np.uint8), 61)
    assert np.abs(values[95:105, 30:270] - 0.6).max() < 0.05
    assert np.abs(values[:55, 50:250]).max() < 0.03 and (find_ink(values)[95:105, 30:270]).all()


@pytest.mark.parametrize("ink", [(0, 0, 0), (220, 0, 0), (0, 160, 0), (0, 0, 200)])
def test_ink_of_any_colour_is_dark(ink):
    page = np.full((100, 100, 3), 240, np.uint8)
    page[45:55, 10:90] = ink
    assert contrast(page, 61)[50, 50] > 0.6


def test_rules_go_and_digits_stay(draw):
    """The ink of a squared page without its squares is that of the same page without any."""
    plain, squared = (contrast(draw(seed=3, rules=rules), 161) for rules in ("", "squared"))
    left = take_out_rules(squared, 64)
    there, found = plain > 0.3, left > 0.3
    assert (squared > 0.1).mean() > 1.5 * (plain > 0.1).mean()
    assert (found & there).sum() > 0.93 * there.sum() and (found & there).sum() > 0.9 * found.sum()


@pytest.mark.parametrize("degrees", [-9, 3, 12])
def test_the_angle_of_rules(draw, degrees):
    values = contrast(draw(rules="ruled", turned=degrees), 161)
    assert skew(values, 64) == pytest.approx(degrees, abs=0.5)


def test_a_page_without_rules_is_not_turned(draw):
    assert skew(contrast(draw(), 161), 64) == 0


def test_the_corners_of_a_sheet():
    """A white sheet on a dark table, whose corners are known, is seen from straight above."""
    corners = np.array([[60, 40], [420, 80], [390, 330], [30, 290]], np.float32)
    picture = np.full((380, 480, 3), 45, np.uint8)
    cv2.fillPoly(picture, [corners.astype(np.int32)], (235, 235, 230))
    seen, matrix = straighten(picture, find_sheet(picture))
    h, w = seen.shape[:2]
    found = cv2.perspectiveTransform(corners[None], matrix)[0]
    assert np.abs(found - [[0, 0], [w, 0], [w, h], [0, h]]).max() < 0.04 * w
    assert (seen > 200).mean() > 0.97


def test_a_shadow_is_no_table(draw):
    assert find_sheet(draw(light="shadow")) is None and find_sheet(draw(light="vignette")) is None


def test_thin_leaves_lines_of_one_pixel_that_hang_together():
    mask = np.zeros((80, 80), np.uint8)
    cv2.polylines(mask, [np.array([[15, 15], [60, 20], [30, 65], [65, 60]])], False, 1, 9)
    line = thin(mask > 0)
    assert not (line & (mask == 0)).any() and len(pieces(line)) == 1
    assert np.array_equal(thin(line), line)
    assert not cv2.erode(line.astype(np.uint8), np.ones((2, 2), np.uint8)).any()  # nowhere 2 x 2
    y, x = np.nonzero(line)
    assert np.ptp(x) > 40 and np.ptp(y) > 40


def test_a_mark_becomes_the_image_that_its_strokes_give():
    """Drawn with a thin pen or a thick one, a digit is the image that `preprocess` makes of its strokes."""
    rng = np.random.default_rng(1)
    for digit in range(10):
        strokes = [stroke * 120 + 150 for stroke in make_strokes(digit, rng)]
        wanted = preprocess(strokes)
        for pen in (3, 8, 14):
            drawn = np.zeros((300, 300), np.uint8)
            for stroke in strokes:
                cv2.polylines(drawn, [np.round(stroke * 16).astype(np.int32)], False, 1, pen, shift=4)
            image = to_image(join(pieces(drawn > 0)))
            assert image.dtype == np.float32 and image.shape == (28, 28)
            assert np.corrcoef(image.ravel(), wanted.ravel())[0, 1] > 0.7


@pytest.mark.parametrize("pen", [0.08, 0.11, 0.14])
def test_a_loop_that_runs_full_stays_a_blot(network, pen):
    """A 9 with a small loop: also where a broad pen fills it, and thinning alone would make it a line."""
    turn = np.linspace(0, 2 * np.pi, 20)
    loop = np.stack([60 + 9 * np.cos(turn), 30 + 9 * np.sin(turn)], axis=1)
    tail = np.array([[69, 30], [66, 60], [55, 90]], np.float64)
    drawn = np.zeros((120, 120), np.uint8)
    for stroke in (loop, tail):
        cv2.polylines(drawn, [np.round(stroke * 16).astype(np.int32)], False, 1, round(100 * pen), shift=4)
    mark = join(pieces(drawn > 0))
    assert network.predict(to_image(mark).reshape(1, -1))[0] == 9


def test_marks_and_their_distances():
    ink = np.zeros((40, 60), bool)
    ink[5:15, 5:10], ink[5:15, 13:20], ink[30, 50:58] = True, True, True
    marks = sorted(find_marks(np.where(ink, 0.7, 0).astype(np.float32), ink), key=lambda mark: mark.x)
    boxes = [(mark.x, mark.y, mark.w, mark.h) for mark in marks]
    assert boxes == [(5, 5, 5, 10), (13, 5, 7, 10), (50, 30, 8, 1)]
    assert distance(marks[0], marks[1]) == 4
    assert distance(marks[1], marks[2]) == pytest.approx(np.hypot(31, 16))
    assert join(marks[:2]).area == marks[0].area + marks[1].area


def test_lines_that_go_up_are_lines_still():
    marks = []
    for row in range(3):
        for column in range(6):
            ink = np.zeros((200, 300), bool)
            y = 40 + 45 * row - 5 * column
            ink[y : y + 25, 20 + 40 * column : 35 + 40 * column] = True
            marks += pieces(ink)
    rng = np.random.default_rng(0)
    lines = in_lines([marks[i] for i in rng.permutation(len(marks))], 25)
    assert [marks.index(mark) for line in lines for mark in line] == [*range(18)]
    assert [len(line) for line in lines] == [6, 6, 6]


def test_a_bar_that_stands_high_does_not_part_a_line():
    ink = np.zeros((120, 200), bool)
    ink[40:90, 20:50] = ink[42:92, 60:90] = ink[38:41, 82:100] = ink[42:92, 150:180] = True
    ink[41, 82:90] = False  # the bar of the second mark hangs on nothing
    marks = pieces(ink)
    assert [len(line) for line in in_lines(marks, 50)] == [4]


def test_a_plus_is_a_cross_and_a_four_is_none(draw):
    def mark(points):
        drawn = np.zeros((100, 100), np.uint8)
        cv2.polylines(drawn, [np.array(p) for p in points], False, 1, 7)
        return join(pieces(drawn > 0))

    assert is_cross(mark([[[20, 50], [80, 52]], [[50, 20], [49, 80]]]))
    assert not is_cross(mark([[[50, 15], [15, 60], [80, 60]], [[55, 30], [55, 90]]]))
    assert not is_cross(mark([[[20, 20], [80, 20], [40, 90]], [[30, 55], [75, 55]]]))


def test_weighted_median():
    assert weighted_median(np.array([5.0, 1.0, 3.0]), np.array([1.0, 1.0, 5.0])) == 3
    assert weighted_median(np.array([1.0, 9.0]), np.array([1.0, 3.0])) == 9


# Files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_turned_upright(orientation, kind):
    """Stored as each of the eight positions of the camera stores it (EXIF 2.3, table 6)."""
    upright = np.full((40, 64, 3), 200, np.uint8)
    upright[:16, :24] = (20, 60, 120)
    stored = {
        1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1],
        5: upright.transpose(1, 0, 2), 6: np.rot90(upright), 7: np.rot90(upright[:, ::-1], -1).copy(),
        8: np.rot90(upright, -1),
    }[orientation]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(np.ascontiguousarray(stored), kind, exif=exif.tobytes())
    picture, scale = read_picture(data)
    assert picture.shape == upright.shape and scale == 1
    assert np.abs(picture.astype(int) - upright).mean() < 6


def png(width, height, body=b"", depth=8, colour=2):
    """A PNG that says it has this size, whatever its body holds."""

    def chunk(name, content):
        check = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


NOISE = np.random.default_rng(0).integers(0, 256, (80, 120, 3), np.uint8)
BAD = {
    "nothing": (b"", "found something else"),
    "text": (b"seven", "found something else"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"><text>7</text></svg>', "found something else"),
    "a video": (b"\x00\x00\x00\x20ftypisom" + bytes(200), "found something else"),
    "a bomb": (png(60_000, 60_000, bytes(1000)), "megapixels"),
    "a large bomb": (png(2_000_000_000, 2_000_000_000), "."),
    "0 x 0": (png(0, 0), "."),
    "1 x 100,000": (png(1, 100_000, bytes(4 * 100_000)), "1 x 100000"),
    "truncated JPEG": (encoded(NOISE, "JPEG")[:-4000], "damaged"),
    "truncated PNG": (encoded(NOISE)[:3000], "damaged"),
    "PNG of nothing": (png(50, 50), "damaged"),
}


@pytest.mark.parametrize(("data", "says"), BAD.values(), ids=BAD.keys())
def test_bytes_that_are_no_picture_are_refused_in_a_sentence(data, says):
    with pytest.raises(ValueError, match="expected a") as refused:
        read_picture(data)
    assert says in str(refused.value) and str(refused.value).endswith(".")


def grey16(picture):
    """As PNG with 16 bits of grey."""
    file = io.BytesIO()
    Image.fromarray((picture.mean(axis=2) * 257).astype(np.uint16)).save(file, "PNG")
    return file.getvalue()


def cmyk(picture):
    file = io.BytesIO()
    Image.fromarray(picture).convert("CMYK").save(file, "JPEG", quality=95)
    return file.getvalue()


def see_through(picture):
    """Dark ink on nothing."""
    ink = (255 - picture.mean(axis=2)).clip(40, 255).astype(np.uint8) - 40
    return encoded(np.dstack([np.zeros_like(picture), ink]))


def light_on_nothing(picture):
    ink = (255 - picture.mean(axis=2)).clip(40, 255).astype(np.uint8) - 40
    return encoded(np.dstack([np.full_like(picture, 255), ink]))


def animated(kind):
    def make(picture):
        file = io.BytesIO()
        first, other = Image.fromarray(picture), Image.new("RGB", picture.shape[1::-1], "white")
        first.save(file, kind, save_all=True, append_images=[other])
        return file.getvalue()

    return make


def palette(picture):
    file = io.BytesIO()
    Image.fromarray(picture).quantize(16).save(file, "PNG")
    return file.getvalue()


def bad_exif(picture):
    return encoded(picture, "JPEG", exif=b"Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08" + b"\xff" * 30)


KINDS = {
    "JPEG": lambda p: encoded(p, "JPEG"), "progressive": lambda p: encoded(p, "JPEG", progressive=True),
    "WebP": lambda p: encoded(p, "WEBP"), "BMP": lambda p: encoded(p, "BMP"),
    "GIF": lambda p: encoded(p, "GIF"),
    "16 bits": grey16, "CMYK": cmyk, "palette": palette, "dark on nothing": see_through,
    "light on nothing": light_on_nothing, "animated GIF": animated("GIF"), "animated WebP": animated("WEBP"),
    "EXIF of nonsense": bad_exif,
}  # fmt: skip


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS.keys())
def test_pictures_of_every_kind_are_read(draw, network, make):
    picture, _ = read_picture(make(draw(grain=1.0)))
    assert picture.dtype == np.uint8 and picture.shape[2] == 3
    assert read_page(picture, network).lines == TEXT


def test_a_large_picture_comes_smaller():
    picture, scale = read_picture(encoded(np.full((3000, 4000, 3), 220, np.uint8), "JPEG"))
    assert picture.shape == (LONGEST * 3 // 4, LONGEST, 3) and scale == 4000 / LONGEST


def test_unpacking_takes_memory_for_what_is_kept(root):
    """48 megapixels are 144 MB as they lie in the file; as a JPEG is unpacked, it never holds them."""
    data = encoded(np.full((6000, 8000, 3), 220, np.uint8), "JPEG")
    code = (
        "import resource, sys; from hwd_lib.paper.picture import read_picture;"
        "data = sys.stdin.buffer.read(); before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "read_picture(data);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, cwd=root, check=True)
    assert int(done.stdout) / 1024 < 100  # MB


def test_opencv_is_not_loaded_for_those_who_draw(root):
    code = (
        "import sys, hwd_lib.widgets.recognizer, hwd_lib.serving.server, hwd_lib.__main__ as main;"
        "main.build_parser(['recognize']); print('cv2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "False"


def changed(data, rng):
    """Bytes of a file with some of them changed, left out, doubled or put elsewhere."""
    data = bytearray(data)
    for _ in range(rng.integers(1, 8)):
        at, kind = int(rng.integers(len(data))), rng.integers(4)
        if kind == 0:
            data[at] = int(rng.integers(256))
        elif kind == 1:
            del data[at : at + int(rng.integers(1, 60))]
        elif kind == 2:
            data[at:at] = data[at : at + int(rng.integers(1, 60))]
        else:
            data[at : at + 4] = struct.pack(">I", int(rng.choice([0, 1, 2**16, 2**31, 2**32 - 1])))
        if not data:
            break
    return bytes(data)


def test_any_bytes_give_digits_or_one_sentence(draw, network):
    """A fuzzer: files of each kind, changed here and there."""
    rng = np.random.default_rng(0)
    page = cv2.resize(draw(["42"]), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    files = [make(page) for make in KINDS.values()]
    refused = 0
    for k in range(400):
        try:
            picture, _ = read_picture(changed(files[k % len(files)], rng))
        except ValueError as error:
            refused += 1
            assert str(error).startswith("expected a") and "\n" not in str(error)
        else:
            if k % 8 == 0:
                assert isinstance(read_page(picture, network), Page)
    assert 50 < refused < 390


@pytest.mark.parametrize(
    "kind", ["noise", "stripes", "checks", "black", "one pixel", "a row", "scribble", "blobs"]
)
def test_any_pixels_give_a_page(network, kind):
    rng = np.random.default_rng(0)
    picture = {
        "noise": rng.integers(0, 256, (300, 400, 3), np.uint8),
        "stripes": np.uint8(np.indices((300, 400, 3))[1] // 8 % 2 * 255),
        "checks": np.uint8(np.indices((300, 400, 3))[:2].sum(axis=0) // 9 % 2 * 255),
        "black": np.zeros((50, 50, 3), np.uint8),
        "one pixel": np.zeros((1, 1, 3), np.uint8),
        "a row": np.arange(150, dtype=np.uint8).reshape(1, 50, 3),
        "scribble": np.full((600, 800, 3), 240, np.uint8),
        "blobs": np.full((600, 800, 3), 240, np.uint8),
    }[kind]
    if kind == "scribble":
        cv2.polylines(picture, [rng.integers(0, 600, (300, 2), np.int32)], False, (30, 30, 30), 3)
    if kind == "blobs":
        for x, y in rng.integers(0, 600, (200, 2)).tolist():
            cv2.circle(picture, (x, y), int(rng.integers(2, 30)), (30, 30, 30), -1)
    page = read_page(picture, network)
    assert page.digits or page.advice


def test_reading_writes_nothing_to_disk_and_stays_within_a_visitors_memory(draw, root):
    """Pages, a bomb and a damaged file, in a process with a visitor's bound: no file is opened to write."""
    page = np.tile(draw(), (4, 4, 1))[:2400, :3200]
    files = [encoded(page, "JPEG"), encoded(draw()), BAD["a bomb"][0], BAD["truncated JPEG"][0]]
    code = (
        "import sys, struct, resource\n"
        "from hwd_lib.network import Network\n"
        "from hwd_lib.paper.picture import read_picture\n"
        "from hwd_lib.paper.reading import read_page\n"
        "def watch(event, arguments):\n"
        "    mode, flags = arguments[1:3] if event == 'open' else ('', 0)\n"
        "    if set(mode or '') & set('wax+') or (flags or 0) & 3:\n"
        "        print('writes', arguments[0])\n"
        "sys.addaudithook(watch)\n"
        "resource.setrlimit(resource.RLIMIT_DATA, (512 * 2**20, 512 * 2**20))\n"
        "network, data = Network.load('saved_nn/default.npz'), sys.stdin.buffer\n"
        "while size := data.read(4):\n"
        "    try:\n"
        "        picture, _ = read_picture(data.read(*struct.unpack('>I', size)))\n"
        "        print(len(read_page(picture, network).digits))\n"
        "    except ValueError as error:\n"
        "        print(error)\n"
    )
    sent = b"".join(struct.pack(">I", len(data)) + data for data in files)
    command = [sys.executable, "-B", "-c", code]  # without files of compiled modules
    done = subprocess.run(command, input=sent, capture_output=True, cwd=root, check=True)
    large, small, bomb, damaged = done.stdout.decode().splitlines()
    assert int(large) > 20 and int(small) == 6
    assert "megapixels" in bomb and "damaged" in damaged
