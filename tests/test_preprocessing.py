"""Preprocessing: what a drawing must look like afterwards, and what must make no difference."""

import time
import timeit

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given, settings
from hypothesis import strategies as st

from hwd_lib import preprocessing
from hwd_lib.preprocessing import (
    BOX,
    MIDDLE,
    PEN_WIDTH,
    SIDE,
    centre_mass,
    clean_strokes,
    could_be_digit,
    drop_specks,
    fit_to_box,
    preprocess,
    rasterise,
    resample,
)
from hwd_lib.stroke_styles import STYLES, _read, make_dataset, make_strokes, write

COORDINATE = st.integers(-50_000, 50_000).map(lambda hundredths: hundredths / 100)  # finer is no pointer
STROKE = st.lists(st.tuples(COORDINATE, COORDINATE), min_size=1, max_size=30).map(np.array)
DRAWING = st.lists(STROKE, min_size=1, max_size=4)
DIGITS = [make_strokes(i % 10, np.random.default_rng(i)) for i in range(50)]


def straight(x, y, to_x, to_y, n=2):
    return np.linspace([x, y], [to_x, to_y], n)


def large_enough(strokes):
    return np.ptp(np.concatenate(strokes), axis=0).max() > 1


@settings(deadline=None, derandomize=True)
@given(DRAWING.filter(large_enough), st.floats(0.1, 10), COORDINATE, COORDINATE)
def test_place_and_size_make_no_difference(strokes, scale, dx, dy):
    moved = [stroke * scale + [dx, dy] for stroke in strokes]
    # Rounding may decide whether a stroke gets one point more, which moves the others along it a little.
    np.testing.assert_allclose(preprocess(moved), preprocess(strokes), atol=0.05)


@pytest.mark.parametrize("strokes", DIGITS[:10])
@pytest.mark.parametrize(("scale", "x", "y"), [(100, 0, 0), (25, 3.3, 260), (400, -50, 9), (0.01, 1, 1)])
def test_a_digit_gives_the_same_image_anywhere(strokes, scale, x, y):
    moved = [stroke * scale + [x, y] for stroke in strokes]
    np.testing.assert_allclose(preprocess(moved), preprocess(strokes), atol=2e-3)


@pytest.mark.parametrize("strokes", DIGITS[:20])
def test_slow_and_fast_pens_draw_alike(strokes):
    rng = np.random.default_rng(0)

    def slowly(stroke):  # more points on the same line, unevenly, and some of them twice
        at = np.sort(np.concatenate([np.arange(len(stroke)), rng.uniform(0, len(stroke) - 1, 300)]))
        at = np.repeat(at, rng.integers(1, 3, len(at)))
        return np.stack([np.interp(at, np.arange(len(stroke)), axis) for axis in stroke.T], axis=1)

    np.testing.assert_allclose(preprocess([slowly(s) for s in strokes]), preprocess(strokes), atol=0.05)


@pytest.mark.parametrize("strokes", DIGITS[:20])
def test_a_jagged_mouse_draws_nearly_as_a_smooth_pen(strokes):
    jagged = [np.round(stroke) for stroke in fit_to_box(resample(strokes, 0.01), 100)]  # 100 pixels high
    assert np.abs(preprocess(jagged) - preprocess(strokes)).mean() < 0.01


@pytest.mark.parametrize("strokes", DIGITS)
def test_an_image_is_what_mnist_promises(strokes):
    image = preprocess(strokes)
    assert image.shape == (SIDE, SIDE) and image.dtype == np.float32
    assert image.min() == 0 and image.max() == 1
    assert scipy.ndimage.center_of_mass(image) == pytest.approx((MIDDLE, MIDDLE), abs=0.15)
    high, wide = image.max(axis=1).sum(), image.max(axis=0).sum()  # extent of the ink, in pixels
    assert max(high, wide) == pytest.approx(BOX, abs=0.5)


def distance_to_segment(x, y, start, end):
    """By the textbook, segment by segment: nothing is shared with the code under test."""
    along = end - start
    length = along @ along
    t = np.clip(((x - start[0]) * along[0] + (y - start[1]) * along[1]) / (length or 1), 0, 1)
    return np.hypot(x - start[0] - t * along[0], y - start[1] - t * along[1])


@pytest.mark.parametrize("strokes", DIGITS[:10])
def test_grey_values_are_the_covered_share_of_each_pixel(strokes):
    strokes = fit_to_box(strokes)
    fine = 10  # samples a pixel, in each direction
    at = (np.arange(SIDE * fine) + 0.5) / fine - 0.5
    x, y = np.meshgrid(at, at)
    covered = np.zeros((SIDE * fine, SIDE * fine), bool)
    for stroke in strokes:
        for start, end in zip(stroke[:-1], stroke[1:], strict=True):
            covered |= distance_to_segment(x, y, start, end) < PEN_WIDTH / 2
    share = covered.reshape(SIDE, fine, SIDE, fine).mean(axis=(1, 3))
    difference = np.abs(rasterise(resample(strokes)) - share)
    assert difference.mean() < 0.01
    assert (difference > 0.1).mean() < 0.02  # where two edges share a pixel, or a diagonal one crosses it


@pytest.mark.parametrize("pen_width", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("softness", [0.5, 1.0, 2.0])
def test_pen_width_and_softness_are_in_pixels(pen_width, softness):
    line = resample([straight(14, 4, 14, 24)])
    profile = rasterise(line, pen_width, softness)[14]
    assert profile.sum() == pytest.approx(pen_width, abs=max(0.1, softness - pen_width))
    expected = np.clip((pen_width / 2 - np.abs(np.arange(SIDE) - 14)) / softness + 0.5, 0, 1)
    np.testing.assert_allclose(profile, expected, atol=0.03)


def line_width(images):
    """Twice the ink over the length of its edges."""
    images = images.reshape(-1, SIDE, SIDE).astype(float)
    down, right = np.gradient(images, axis=(1, 2))
    return 2 * images.sum() / np.hypot(down, right).sum()


def test_drawn_digits_have_the_statistics_of_mnist(mnist, monkeypatch, say):
    drawn = np.stack([preprocess(make_strokes(i % 10, np.random.default_rng(i))) for i in range(1000)])
    real = mnist.train.images[:10000].reshape(-1, SIDE, SIDE)

    def grey(images):  # the share of grey among the pixels that have ink
        return ((images > 0.05) & (images < 0.95)).sum() / (images > 0.05).sum()

    figures = {
        "line width": (line_width(drawn), line_width(real), 0.15),
        "share of grey pixels": (grey(drawn), grey(real), 0.06),
        "ink": (drawn.sum() / len(drawn), real.sum() / len(real), 15),
        "extent": (drawn.max(axis=1).sum(axis=1).mean(), real.max(axis=1).sum(axis=1).mean(), 3),
    }
    for name, (ours, theirs, tolerance) in figures.items():
        say(f"preprocessing, {name}: {ours:.2f} drawn, {theirs:.2f} in MNIST")
        assert ours == pytest.approx(theirs, abs=tolerance), name


def test_a_dot_stays_a_dot_and_a_line_a_line():
    dot = preprocess([[[70, 70]]])
    assert dot.sum() == pytest.approx(np.pi * PEN_WIDTH**2 / 4, rel=0.15)
    np.testing.assert_array_equal(dot, preprocess([[[5, 9], [5, 9], [5, 9]]]))
    line = preprocess([straight(200, 10, 200, 300)])
    assert (line.max(axis=0) > 0.5).sum() <= 3 and (line.max(axis=1) > 0.5).sum() in (19, 20, 21)


def test_accidental_touches_are_left_out():
    digit = [straight(10, 10, 10, 110)]
    np.testing.assert_array_equal(preprocess([*digit, [[90, 60], [92, 60]]]), preprocess(digit))
    assert len(drop_specks([*digit, straight(0, 50, 20, 50)])) == 2
    assert drop_specks([]) == []


def test_nothing_drawn_is_paper():
    for nothing in (None, [], [[]], [[], []], [np.empty((0, 2))], [[["evil", 1]]]):
        image = preprocess(nothing)
        assert image.shape == (SIDE, SIDE) and image.dtype == np.float32 and not image.any()


EVIL = [
    *(
        None,
        "evil",
        5,
        {},
        object(),
        ["evil"],
        [5],
        [[5, 6]],
        [None],
        [{}],
        [[{"x": 1}]],
        [[{1}, {2}]],
        [b"abc"],
    ),
    [[[None, 1], [1e308, 2], ["evil", 3], [float("nan"), 4], [float("inf"), 5], [10**400, 6], [1j, 7]]],
    [[[1], [1, 2], [3, 9]]],
    [np.zeros((3, 3, 3))],
    [np.zeros(4)],
    [np.array(["a", "b"])],
    [[[0, 0], [0, 1e-320]]],
    [[[-1e308, 1e308], [1e308, -1e308]]],
    [[[i % 7, i % 9] for i in range(10_000)]],
    [[[1, 2], [3, 4]]] * 10_000,
]


@pytest.mark.parametrize("strokes", EVIL, ids=range(len(EVIL)))
def test_evil_coordinates_raise_nothing(strokes):
    image = preprocess(strokes)
    assert image.shape == (SIDE, SIDE) and image.dtype == np.float32
    assert 0 <= image.min() <= image.max() <= 1


ANYTHING = st.none() | st.floats() | st.integers() | st.text(max_size=3) | st.booleans()


@settings(deadline=None)
@given(
    st.lists(st.lists(st.lists(ANYTHING, max_size=3) | ANYTHING, max_size=5) | ANYTHING, max_size=4)
    | ANYTHING
)
def test_no_nested_list_raises_anything(strokes):
    image = preprocess(strokes)
    assert image.shape == (SIDE, SIDE) and 0 <= image.min() <= image.max() <= 1


def test_what_is_good_among_the_bad_is_kept():
    good = [[1, 2], [3, 4], [50, 6]]
    bad = [[None, 1], ["evil", 2], [1e308, 3], [7], 8, [np.nan, 9]]
    mixed = [x for pair in zip(bad, [*good, *good], strict=True) for x in pair][:6]
    (cleaned,) = clean_strokes([mixed])
    np.testing.assert_array_equal(cleaned, good)
    assert cleaned.dtype == np.float64
    (cleaned,) = clean_strokes([[[1, 2, 0.5], [3, 4, 0.7]]])  # a third number, as pressure
    np.testing.assert_array_equal(cleaned, [[1, 2], [3, 4]])


def test_the_drawing_itself_is_not_changed():
    strokes = [straight(0, 0, 100, 50, 20), straight(50, 0, 50, 90, 20)]
    before = [stroke.copy() for stroke in strokes]
    preprocess(strokes)
    for stroke, copy in zip(strokes, before, strict=True):
        np.testing.assert_array_equal(stroke, copy)


@settings(deadline=None)
@given(DRAWING.filter(large_enough))
def test_resampled_points_are_even_and_keep_the_ends(strokes):
    strokes = fit_to_box(strokes)
    for stroke, resampled in zip(strokes, resample(strokes), strict=True):
        np.testing.assert_allclose(resampled[[0, -1]], stroke[[0, -1]], atol=1e-9)
        steps = np.hypot(*np.diff(resampled, axis=0).T)
        assert (steps <= max(steps.max(initial=0), preprocessing.SPACING) + 1e-9).all()
    total = sum(len(stroke) for stroke in resample(strokes))
    assert total <= preprocessing.MOST_POINTS_DRAWN + 2 * len(strokes)


def test_stages_can_be_left_out():
    strokes = [straight(3, 3, 3, 20), straight(3, 3, 12, 3)]
    image = rasterise(resample(strokes))
    assert image[3:20, 3].min() > 0.9 and not image[:, 20:].any()
    moved = rasterise(resample(centre_mass(strokes, image)))
    assert scipy.ndimage.center_of_mass(moved) == pytest.approx((MIDDLE, MIDDLE), abs=0.05)
    assert centre_mass(strokes, np.zeros((SIDE, SIDE), np.float32)) is strokes


def test_it_is_fast(say):
    scribble = [np.cumsum(np.random.default_rng(0).normal(size=(200, 2)), axis=0)]
    long = [np.cumsum(np.random.default_rng(0).normal(size=(10_000, 2)), axis=0)]
    digit = [resampled * 100 for resampled in resample(DIGITS[8], 0.02)]
    for name, strokes, most in (
        ("a digit", digit, 1),
        ("a scribble", scribble, 3),
        ("10,000 points", long, 4),
    ):
        # Processor time: the machine may have other work. The least of many: the rest is noise.
        times = timeit.repeat(lambda s=strokes: preprocess(s), time.process_time, number=2, repeat=150)
        milliseconds = min(times) / 2 * 1e3
        say(f"preprocessing, {name}: {milliseconds:.2f} ms")
        assert milliseconds < most


def test_thin_and_thick_pens_fill_the_same_box():
    images, _ = make_dataset(50, np.random.default_rng(1))
    for image in images.reshape(-1, SIDE, SIDE):
        assert max(image.max(axis=1).sum(), image.max(axis=0).sum()) == pytest.approx(BOX, abs=0.5)


def canvas(strokes):
    return [stroke * 200 + 300 for stroke in strokes]


def test_digits_could_be_digits():
    rng = np.random.default_rng(0)
    taken = [could_be_digit(canvas(make_strokes(i % 10, rng))) for i in range(1000)]
    assert np.mean(taken) > 0.995


NO_DIGITS = {
    "nothing": [],
    "a dot": [[[70, 70]]],
    "the trace of a click": [[[70, 70], [73, 71]]],
    "a dot made by a shaky finger": [np.random.default_rng(1).uniform(70, 90, (9, 2))],
    "a dash": [straight(10, 100, 300, 110)],
    "a scribble": [np.random.default_rng(0).uniform(0, 300, (40, 2))],
    "evil": [[[float("nan"), "evil"]], None],
}


@pytest.mark.parametrize("strokes", NO_DIGITS.values(), ids=NO_DIGITS)
def test_what_is_no_digit(strokes):
    assert not could_be_digit(strokes)


@pytest.mark.parametrize("left", range(10))
def test_two_digits_side_by_side_are_no_digit(left):
    rng = np.random.default_rng(0)
    for right in range(10):
        one, other = (canvas(write(_read(STYLES[digit][0]), rng, 0)) for digit in (left, right))
        gap = np.concatenate(one)[:, 0].max() - np.concatenate(other)[:, 0].min() + 20
        assert not could_be_digit(one + [stroke + [gap, 0] for stroke in other])
        assert not could_be_digit([stroke + [gap, 0] for stroke in other] + one)


def test_less_is_taken_for_a_digit_when_the_network_is_unsure():
    scribble = [np.array([[0, 0], [300, 300], [0, 300], [300, 0], [0, 150], [300, 150]])]
    touching = [straight(100, 100, 100, 400), straight(95, 250, 250, 400), straight(240, 400, 240, 100)]
    for strokes in (scribble, touching):
        assert could_be_digit(strokes) and not could_be_digit(strokes, sure=False)
    rng = np.random.default_rng(0)
    taken = [could_be_digit(canvas(make_strokes(i % 10, rng)), sure=False) for i in range(1000)]
    assert np.mean(taken) > 0.95
