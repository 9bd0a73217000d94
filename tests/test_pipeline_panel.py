"""From strokes to pixels, with switches: the stages are the library's, and each does what it says."""

import numpy as np
import pytest

from hwd_lib.network import Network
from hwd_lib.preprocessing import preprocess
from hwd_lib.stroke_styles import make_strokes
from hwd_lib.widgets.pipeline_panel import STAGES, PipelinePanel, place, walk

SEVEN = [np.array([[500.0, 480], [620, 480], [560, 640]]), np.array([[520.0, 560], [600, 556]])]
SPECK = np.array([[60.0, 60], [62, 61]])


@pytest.fixture
def panel():
    return PipelinePanel({"one": Network([784, 10], seed=1), "two": Network([784, 10], seed=2)})


@pytest.mark.parametrize("seed", range(20))
def test_with_all_stages_it_is_the_librarys_preprocessing(seed):
    rng = np.random.default_rng(seed)
    strokes = place(make_strokes(seed % 10, rng), rng)
    np.testing.assert_array_equal(walk(strokes).image, preprocess(strokes))


@pytest.mark.parametrize("strokes", [[], [[[300.0, 200.0]]], [[["evil", None], [float("nan"), 3]]]])
@pytest.mark.parametrize("without", [(), tuple(STAGES), ("fit",), ("pen",), ("points", "soft")])
def test_odd_drawings_do_no_harm(strokes, without):
    image = walk(strokes, without).image
    assert image.shape == (28, 28)
    assert np.isfinite(image).all()


def test_without_fit_the_sheet_is_squeezed():
    """800 canvas pixels become 28, and the left edge of the sheet is the left edge of the first pixel."""
    placed = walk(SEVEN, ("fit",)).placed
    np.testing.assert_allclose(placed[0][0], [500 * 28 / 800 - 0.5, 480 * 28 / 800 - 0.5])


def test_without_even_points_they_are_as_they_came():
    assert [len(stroke) for stroke in walk(SEVEN, ("points",)).points] == [3, 2]
    assert min(len(stroke) for stroke in walk(SEVEN).points) > 10


def test_without_specks_dropped_the_digit_shrinks():
    with_speck = [*SEVEN, SPECK]
    np.testing.assert_array_equal(walk(with_speck).image, walk(SEVEN).image)
    alone, beside = walk(SEVEN, ("specks",)), walk(with_speck, ("specks",))
    assert np.ptp(beside.placed[0], axis=0).max() < np.ptp(alone.placed[0], axis=0).max() / 2


def test_without_the_same_pen_a_small_digit_has_a_thick_line():
    small = [350 + 0.5 * (stroke - 350) for stroke in SEVEN]
    large = [1.5 * (stroke - 300) for stroke in SEVEN]
    inks = [walk(strokes, ("pen",)).image.sum() for strokes in (small, large)]
    assert inks[0] > 1.3 * inks[1]
    np.testing.assert_allclose(walk(small).image, walk(large).image, atol=1e-4)


def test_without_soft_edges_there_is_no_grey():
    assert np.isin(walk(SEVEN, ("soft",)).image, (0, 1)).mean() > 0.99
    assert not np.isin(walk(SEVEN).image, (0, 1)).all()


def test_without_centring_the_box_is_in_the_middle():
    at = np.arange(28)
    placed, centred = walk(SEVEN, ("centre",)), walk(SEVEN)
    points = np.concatenate(placed.placed)
    np.testing.assert_allclose((points.min(axis=0) + points.max(axis=0)) / 2, 14, atol=1e-6)
    assert centred.image.sum(axis=0) @ at / centred.image.sum() == pytest.approx(14, abs=0.05)
    assert abs(placed.image.sum(axis=0) @ at / placed.image.sum() - 14) > 0.2


def test_an_unknown_stage_is_named():
    with pytest.raises(ValueError, match="expected some of specks.*found.*magic"):
        walk(SEVEN, ("magic",))


def test_place_keeps_the_shape_and_stays_on_the_sheet():
    rng = np.random.default_rng(0)
    for _ in range(200):
        placed = np.concatenate(place(SEVEN, rng))
        assert placed.min() >= 0
        assert placed.max() <= 800
        wide, high = np.ptp(placed, axis=0)
        assert wide / high == pytest.approx(120 / 160)


def test_it_begins_empty_and_says_nothing(panel):
    assert panel.guesses == {}
    assert not panel.steps.image.any()
    assert panel._said.value.count('<div class="hwd-guess hwd-big"></div>') == 2


def test_drawing_and_switching(panel):
    panel.canvas.strokes = SEVEN
    row = preprocess(SEVEN).reshape(1, 784)
    assert panel.guesses == {name: network.predict(row)[0] for name, network in panel.networks.items()}
    before = panel._pictures["fit"].value
    panel.switches["fit"].value = False
    np.testing.assert_array_equal(panel.steps.image, walk(SEVEN, ("fit",)).image)
    assert panel._pictures["fit"].value != before
    assert "hwd-off" in panel._pictures["fit"].value
    panel.switches["fit"].value = True
    np.testing.assert_array_equal(panel.steps.image, preprocess(SEVEN))
    panel._clear.click()
    assert panel.guesses == {}


def test_examples_are_different_digits(panel):
    seen = set()
    for _ in range(3):
        panel._show_example.click()
        seen.add(panel.steps.image.tobytes())
    assert len(seen) == 3


def test_pictures_have_a_text(panel):
    panel.canvas.strokes = SEVEN
    assert all("aria-label" in picture.value for picture in panel._pictures.values())
