"""Whole numbers: each stage against brute force or a drawing made by hand, and what the whole promises."""

import itertools
import time

import numpy as np
import pytest

from hwd_lib import numbers
from hwd_lib.network import SAVED_NN, Network
from hwd_lib.numbers import Digit, cheapest_chain, number_text, read_number
from hwd_lib.preprocessing import preprocess, resample
from hwd_lib.stroke_styles import make_strokes
from tools.browser import DIGITS

RING = [[np.cos(t), np.sin(t)] for t in np.linspace(-np.pi / 2, 1.5 * np.pi, 40)]


def drawn(*strokes):
    return [np.array(stroke, float) for stroke in strokes]


def one(x, height=100.0, y=0.0):
    return [np.array([[x, y + height * t] for t in np.linspace(0, 1, 20)])]


def zero(x, height=100.0, y=0.0):
    return [np.array(RING) * [0.3 * height, 0.5 * height] + [x + 0.3 * height, y + 0.5 * height]]


def seven(x, height=100.0, y=0.0):
    """With its bar drawn last."""
    corner = np.array([[0, 0], [0.55, 0], [0.2, 1]]) * height + [x, y]
    return [corner, np.array([[0.1, 0.5], [0.55, 0.5]]) * height + [x, y]]


def written(text, rng, gap=0.25):
    """A number, digit beside digit, about 100 high; each is slanted, stretched and shaken in its own way."""
    strokes, x = [], 0.0
    for character in text:
        shape = [[rng.uniform(110, 190), rng.normal(0, 20)], [0, rng.uniform(130, 180)]]
        drawing = [resample([np.array(stroke)], 0.02)[0] for stroke in DIGITS[int(character)]]
        digit = [stroke @ np.transpose(shape) + rng.normal(0, 0.5, stroke.shape) for stroke in drawing]
        points = np.concatenate(digit)
        move = np.array([x - points[:, 0].min(), -(points[:, 1].min() + points[:, 1].max()) / 2])
        strokes += [stroke + move for stroke in digit]
        x += np.ptp(points[:, 0]) + gap * 100
    return strokes


@pytest.fixture(scope="module")
def best():
    return Network.load(SAVED_NN / "best.npz")


@pytest.fixture(scope="module", params=["default", "best"])
def network(request):
    return Network.load(SAVED_NN / f"{request.param}.npz")


def test_a_number_is_read(network):
    year = [*zero(0), *one(90), *seven(120), *zero(200)]
    assert number_text(read_number(year, network)) == "0170"


def test_unit_place_and_order_of_writing_do_not_matter(best):
    year = [*zero(0), *one(90), *seven(120), *zero(200)]
    (expected,) = read_number(year, best)
    for scale, move in ((1e-3, 0), (1, [-5e4, 70]), (40, 1e4)):
        (line,) = read_number([stroke * scale + move for stroke in year], best)
        assert [digit.text for digit in line] == list("0170")
        for digit, like in zip(line, expected, strict=True):
            np.testing.assert_allclose(digit.probabilities, like.probabilities, atol=1e-3)
    for order in itertools.islice(itertools.permutations(year), 0, 120, 7):  # the bar of the 7 may come last
        assert number_text(read_number(order, best)) == "0170"


def test_lines_below_each_other(best):
    page = [*zero(0), *one(90), *seven(130, y=10), *seven(10, y=160), *zero(90, y=150), *one(20, y=300)]
    assert number_text(read_number(page, best)) == "017\n70\n1"


def test_slanted_and_stretched_numbers(best, say):
    rng = np.random.default_rng(1)
    texts = ["".join(rng.choice(list("02347"), rng.integers(2, 7))) for _ in range(60)]
    begin = time.perf_counter()
    read = [number_text(read_number(written(text, rng), best)) for text in texts]
    right = np.mean([text == expected for text, expected in zip(read, texts, strict=True)])
    pace = (time.perf_counter() - begin) / len(texts)
    say(f"slanted and stretched numbers: {right:.0%} right, {pace * 1e3:.0f} ms each")
    assert right > 0.9


def test_a_single_digit_is_what_it_always_was(network):
    rng = np.random.default_rng(3)
    alone = 0
    for i in range(100):
        strokes = [stroke * 150 for stroke in make_strokes(i % 10, rng)]
        lines = read_number(strokes, network)
        alone += [len(line) for line in lines] == [1]
        if [len(line) for line in lines] == [1]:
            image = preprocess(strokes)
            np.testing.assert_array_equal(lines[0][0].image, image)
            expected = network.probabilities(image.reshape(1, -1))[0]
            np.testing.assert_allclose(lines[0][0].probabilities, expected, atol=1e-6)
    assert alone >= 99


def test_each_stroke_belongs_to_one_digit_and_boxes_hold_it(best):
    rng = np.random.default_rng(4)
    for _ in range(20):
        strokes = written("2024", rng, gap=rng.uniform(-0.1, 0.3))
        lines = read_number(strokes, best)
        points = {tuple(point) for stroke in strokes for point in stroke}
        found = [np.concatenate(digit.strokes) for line in lines for digit in line]
        assert {tuple(point) for points in found for point in points} <= points
        assert sum(map(len, found)) >= sum(map(len, strokes))  # a cut has its point on both sides
        for digit in itertools.chain(*lines):
            left, top, right, bottom = digit.box
            low, high = (np.concatenate(digit.strokes).min(0), np.concatenate(digit.strokes).max(0))
            assert (left, top, right, bottom) == (*low, *high)
        for line in lines:
            assert [d.box[0] + d.box[2] for d in line] == sorted(d.box[0] + d.box[2] for d in line)


def test_what_is_known_is_not_read_again(best):
    known, year = {}, [*zero(0), *one(90), *seven(120)]
    before = read_number(year, best, known)
    looked_at = dict(known)
    after = read_number([*year, *zero(200)], best, known)
    assert [digit.text for digit in after[0]] == list("0170")
    for digit, same in zip(before[0], after[0], strict=False):
        assert same.image is digit.image and same.probabilities is digit.probabilities
    assert len(set(known) - set(looked_at)) <= numbers.MOST_PIECES + 1
    read_number([], best, known)
    read_number(one(0), best, known)
    assert len(known) == 1  # it does not grow with the hours


def test_one_stroke_that_joins_two_digits(best):
    twice = [[0, 30], [20, 5], [45, 10], [45, 40], [5, 95], [60, 100]]
    two = np.concatenate([np.linspace(a, b, 12, endpoint=False) for a, b in itertools.pairwise(twice)])
    ring = np.array(RING) * [30, 48] + [125, 52]
    bridge = np.linspace(two[-1], ring[0], 30)
    assert number_text(read_number([np.concatenate([two, bridge, ring])], best)) == "20"
    assert numbers.cut_places(zero(0)[0], 100) == []


@pytest.mark.parametrize("strokes", [[], None, [[]], [[[np.nan, 1]]], "2026", [["x"]]])
def test_nothing_drawn(strokes, best):
    assert read_number(strokes, best) == []
    assert number_text([]) == ""


@pytest.mark.parametrize(
    "strokes",
    [
        [[[5, 5]]],
        [[[5, 5]], [[80, 5]], [[160, 5]]],
        [[[0, 5], [100, 5]], [[120, 5], [200, 5]]],
        [[[1e6, 1e6]], [[-1e6, -1e6], [1e6, 1e6]]],
        [[[0, 0], [0, 1e-9]]],
        [np.random.default_rng(0).uniform(0, 500, (3000, 2))],
        list(np.random.default_rng(0).uniform(0, 500, (200, 9, 2))),
    ],
    ids=["dot", "dots", "dashes", "far", "tiny", "scribble", "many"],
)
def test_odd_drawings_are_answered_in_time(strokes, best):
    begin = time.process_time()
    lines = read_number(strokes, best)
    assert time.process_time() - begin < 20
    assert lines and all(isinstance(digit, Digit) for line in lines for digit in line)
    assert np.isfinite([digit.probabilities for line in lines for digit in line]).all()


def test_a_minus_a_point_and_a_scribble_are_not_read_as_digits(best):
    minus = drawn([[-90, 50], [-30, 50]])
    assert not number_text(read_number([*minus, *zero(0)], best)).strip("0?")
    assert number_text(read_number(minus, best)) == "?"
    scribble = drawn(np.random.default_rng(2).uniform(0, 100, (60, 2)) + [150, 0])
    text = number_text(read_number([*zero(0), *one(90), *scribble], best))
    assert text.startswith("01") and not text[2:].strip("?")


# The stages


def test_the_cheapest_chain_against_all_chains():
    rng = np.random.default_rng(0)
    for _ in range(100):
        n = int(rng.integers(1, 8))
        groups = [(i, j) for i in range(n) for j in range(i + 1, n + 1) if j - i == 1 or rng.random() < 0.7]
        costs, boundary = rng.uniform(0, 5, len(groups)), rng.uniform(0, 2, n + 1)
        every = []
        for ends in itertools.product([False, True], repeat=n - 1):
            at = [0, *(i for i in range(1, n) if ends[i - 1]), n]
            chain = list(itertools.pairwise(at))
            if all(group in groups for group in chain):
                ks = [groups.index(group) for group in chain]
                every.append((costs[ks].sum() + boundary[at[1:]].sum(), ks))
        cost, chain = cheapest_chain(groups, costs, boundary)
        expected, ks = min(every)
        assert cost == pytest.approx(expected) and chain == ks


def test_candidate_groups_are_neighbours_and_not_too_wide():
    boxes = np.array([[i * 60.0, 0, i * 60 + 50, 100] for i in range(8)])
    groups = numbers.candidate_groups(boxes)
    assert len(set(groups)) == len(groups)
    assert {(i, i + 1) for i in range(8)} <= set(groups) and (0, 8) in groups
    wide = {(a, b) for a, b in groups if b - a > 1} - {(0, 8)}
    assert wide == {(a, b) for a in range(8) for b in (a + 2, a + 3) if b <= 8}  # 110 and 170 of 200


def test_what_speaks_against_a_group():
    sure = np.full((1, 10), 0.0)
    sure[0, 3] = 1.0

    def cost(*boxes, p=sure):
        return numbers.group_costs(np.array(boxes, float), [(0, len(boxes))], p)[0]

    whole = cost([0, 0, 40, 100])
    assert whole == 0
    assert cost([0, 0, 40, 100], p=sure / 2) == pytest.approx(np.log(2))
    assert cost([0, 0, 90, 100]) == pytest.approx(numbers.WIDE * (0.9 - numbers.BROAD))
    assert cost([0, 0, 10, 100], [30, 0, 40, 100]) == pytest.approx(numbers.GAP * 0.2)
    assert cost([0, 0, 10, 100], [30, 50, 40, 100]) == pytest.approx(numbers.GAP * 0.2 * 0.5)
    assert cost([0, 0, 50, 40], [0, 60, 50, 100]) > numbers.GAP * 0.2 * 0.49  # below each other
    beside = np.array([[0.0, 0, 40, 100], [50, 80, 60, 100]])
    low = numbers.group_costs(beside, [(1, 2)], sure)[0]
    assert low == pytest.approx(numbers.SHORT * (numbers.LOW - 0.2))


def test_a_cut_within_a_group_leaves_no_trace():
    two = np.array([[0, 0], [0, 100], [50, 100], [60, 100], [60, 0], [110, 0], [110, 100]], float)
    pieces = numbers.cut_strokes([two])
    assert len(pieces) > 1
    joined = numbers._join([two], pieces)
    assert len(joined) == 1
    np.testing.assert_array_equal(joined[0], two)
