"""The written styles: that each can be read, varies as it should, and is made fast enough."""

import time

import numpy as np
import pytest
from scipy.interpolate import CubicHermiteSpline

from hwd_lib.network import SAVED_NN, Network
from hwd_lib.preprocessing import SIDE, preprocess
from hwd_lib.stroke_styles import (
    NO_DIGIT,
    OTHERS,
    STYLES,
    made_up_hand,
    make_dataset,
    make_other,
    make_others,
    make_strokes,
    write,
)


def table(of=STYLES):
    """Read a table by hand: (digit, strokes of control points with their corners)."""
    for digit, styles in of.items():
        for style in styles:
            strokes = []
            for stroke in style.split("|"):
                words = stroke.split()
                points = np.array([word.rstrip("!").split(",") for word in words], float)
                strokes.append((points, [word.endswith("!") for word in words]))
            yield digit, strokes


def test_each_digit_has_many_ways_to_be_written(say):
    counts = {digit: len(styles) for digit, styles in STYLES.items()}
    say(f"stroke styles: {sum(counts.values())}, for 0 to 9: {list(counts.values())}")
    assert list(counts) == list(range(10))
    assert min(counts.values()) >= 8


@pytest.mark.parametrize(("digit", "strokes"), list(table()))
def test_a_style_is_of_a_digits_size(digit, strokes):
    points = np.concatenate([points for points, _ in strokes])
    assert all(len(points) >= 2 for points, _ in strokes)
    assert points.min() >= -20 and points.max() <= 120
    assert 70 <= np.ptp(points[:, 1]) <= 125, "about 100 high"
    assert np.ptp(points[:, 0]) <= 120


def test_the_other_table_has_no_digits(say):
    say(f"styles of what is no digit: {sum(map(len, OTHERS.values()))}, of {len(OTHERS)} kinds")
    assert {"A", "B", "x", "+", "heart", "smiley"} <= set(OTHERS)
    assert not set(OTHERS) & set("0123456789bCcDGgIilOoqSsZz()[]/|"), "can be meant as a digit"
    for what, strokes in table(OTHERS):
        points = np.concatenate([points for points, _ in strokes])
        assert all(len(points) >= 2 for points, _ in strokes), what
        assert points.min() >= -20 and points.max() <= 130, what
        assert np.ptp(points, axis=0).max() >= 80, what


class Still:
    """A random generator that always draws the middle: nothing is deformed."""

    def __init__(self, style):
        self.style = style

    def integers(self, n):
        return self.style % n

    def normal(self, mean, spread, size=None):
        return np.full(size, mean) if size else mean

    def uniform(self, low, high):
        return high

    def random(self):
        return 1.0


@pytest.mark.parametrize("digit", range(10))
def test_undeformed_strokes_are_splines_through_the_points_of_the_table(digit):
    of_digit = [strokes for d, strokes in table() if d == digit]
    for number, expected in enumerate(of_digit):
        written = make_strokes(digit, Still(number))
        assert len(written) == len(expected)
        for curve, (points, corners) in zip(written, expected, strict=True):
            points = points / 100 - 0.5
            ends = [0, *np.flatnonzero(corners), len(points) - 1]
            for first, last in zip(ends[:-1], ends[1:], strict=True):
                piece = points[first : last + 1]
                slopes = np.gradient(piece, axis=0)  # at the ends: of the line to the neighbour
                spline = CubicHermiteSpline(np.arange(len(piece)), piece, slopes)
                drawn = curve[first * 8 : last * 8 + 1]
                np.testing.assert_allclose(drawn, spline(np.arange(len(drawn)) / 8), atol=1e-12)


def test_styles_look_like_their_digit_to_mnist(mnist):
    """Among the twenty images of MNIST nearest to a style of the table, one is of the same digit."""
    known, labels = mnist.train.images[:20_000], mnist.train.labels[:20_000]
    styles = [(digit, i) for digit in STYLES for i in range(len(STYLES[digit]))]
    images = np.stack([preprocess(make_strokes(digit, Still(i))).ravel() for digit, i in styles])
    squared = (known**2).sum(axis=1) - 2 * images @ known.T  # distances, less a number for each style
    nearest = labels[np.argpartition(squared, 20)[:, :20]]
    lost = [style for style, found in zip(styles, nearest, strict=True) if style[0] not in found]
    assert len(lost) <= 0.15 * len(styles), lost


def test_the_same_seed_writes_the_same_and_another_does_not():
    for digit in range(10):
        one, same, other = (make_strokes(digit, np.random.default_rng(seed)) for seed in (3, 3, 4))
        assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
        assert not np.array_equal(preprocess(one), preprocess(other))


def test_strokes_are_what_preprocessing_takes():
    rng = np.random.default_rng(0)
    for i in range(300):
        strokes = make_strokes(i % 10, rng)
        for stroke in strokes:
            assert stroke.dtype == np.float64 and stroke.ndim == 2 and stroke.shape[1] == 2
            assert np.isfinite(stroke).all()
        assert 0.5 < np.ptp(np.concatenate(strokes)[:, 1]) < 2.5


def test_more_deformation_goes_farther():
    from hwd_lib.stroke_styles import _read

    def distance(amount):
        rng, total = np.random.default_rng(0), 0.0
        for digit in range(10):
            style = _read(STYLES[digit][0])
            plain = preprocess(write(style, rng, 0))
            total += sum(np.abs(preprocess(write(style, rng, amount)) - plain).sum() for _ in range(10))
        return total

    assert distance(0) == 0
    assert distance(0) < distance(0.3) < distance(1)


def test_a_dataset_is_balanced_and_fit_to_train_on(say):
    started = time.process_time()
    images, labels = make_dataset(1000, np.random.default_rng(0))
    milliseconds = time.process_time() - started  # seconds for a thousand
    say(f"stroke styles: {milliseconds:.2f} ms an image")
    assert milliseconds < 4
    assert images.shape == (1000, SIDE**2) and images.dtype == np.float32
    assert labels.shape == (1000,) and labels.dtype == np.int64
    assert np.bincount(labels).tolist() == [100] * 10
    assert len(np.unique(labels[:50])) > 5, "in random order"
    assert images.min() == 0 and images.max() == 1
    assert (images.max(axis=1) == 1).all()
    assert len(np.unique(images, axis=0)) == 1000


def test_pens_are_thin_and_thick():
    images, labels = make_dataset(600, np.random.default_rng(0))
    ink = images[labels == 1].sum(axis=1)
    assert ink.std() > 0.15 * ink.mean()


def test_others_are_many_kinds_of_things_all_labelled_as_none():
    images, labels = make_others(400, np.random.default_rng(0))
    assert images.dtype == np.float32 and labels.dtype == np.int64
    assert (labels == NO_DIGIT).all() and (images.max(axis=1) == 1).all()
    assert len(np.unique(images, axis=0)) == 400
    again, _ = make_others(400, np.random.default_rng(0))
    assert (images == again).all()
    assert (make_others(400, np.random.default_rng(1))[0] != images).any(axis=1).mean() > 0.95


def test_two_digits_stand_side_by_side():
    class Pair:
        """Draws what is left of the table and the scribbles, and is random in all else."""

        def __init__(self, seed):
            self.rng, self.first = np.random.default_rng(seed), True

        def random(self):
            first, self.first = self.first, False
            return 0.99 if first else self.rng.random()

        def __getattr__(self, name):
            return getattr(self.rng, name)

    for seed in range(20):
        both = np.concatenate(make_other(Pair(seed)))
        rng = Pair(seed)
        rng.random()
        left, right = (np.concatenate(make_strokes(digit, rng)) for digit in rng.integers(10, size=2))
        moved = both[len(left) :] - right
        np.testing.assert_array_equal(both[: len(left)], left)
        np.testing.assert_allclose(moved, moved[:1].repeat(len(right), 0), atol=1e-9)
        assert -0.1 <= both[len(left) :, 0].min() - left[:, 0].max() <= 0.3


@pytest.mark.parametrize("make", [make_dataset, make_others])
@pytest.mark.parametrize("n", [0, 1, 7])
def test_any_number_of_images(n, make):
    images, labels = make(n, np.random.default_rng(0))
    assert images.shape == (n, SIDE**2) and labels.shape == (n,)


def test_a_hand_keeps_to_one_way_and_is_misread():
    network = Network.load(SAVED_NN / "784-100-10.npz")
    hand = made_up_hand(network)
    assert hand.images.shape == (16, 784)
    assert hand.images.dtype == np.float32
    assert set(hand.labels) == {1}
    assert (network.predict(hand.images) != 1).mean() > 0.8
    distances = np.linalg.norm(hand.images[:, None] - hand.images, axis=2)
    assert (distances + np.eye(16) > 0).all()  # never twice alike
    other = made_up_hand(network, seed=1)
    assert np.median(distances) < np.median(np.linalg.norm(hand.images - other.images, axis=1))


def test_the_same_seed_gives_the_same_hand():
    network = Network.load(SAVED_NN / "784-100-10.npz")
    one, other = made_up_hand(network, digit=7, n=4), made_up_hand(network, digit=7, n=4)
    np.testing.assert_array_equal(one.images, other.images)


def test_a_network_that_reads_everything_gets_a_hand_all_the_same():
    class Always7(Network):
        def predict(self, x):
            return np.full(len(x), 7)

    assert made_up_hand(Always7([784, 10]), digit=7, n=3).images.shape == (3, 784)
