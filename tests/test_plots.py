"""The figures: right numbers in the right places, named axes, and a text for those who cannot see them."""

import base64
import io
import os
import re
import subprocess
import sys

import matplotlib.image
import numpy as np
import pytest
from matplotlib.axes import Axes

from hwd_lib import plots
from hwd_lib.evaluation import Calibration

RNG = np.random.default_rng(0)
IMAGES = RNG.random((12, 784), np.float32)
LABELS = np.arange(200) % 10
CALIBRATION = Calibration(
    np.array([np.nan, 0.45, 0.6, 0.95]), np.array([np.nan, 1, 0.5, 0.9]), np.array([0, 9, 10, 40]), 0.06
)

DRAWN = {
    "ink_histogram": lambda: plots.ink_histogram(IMAGES),
    "class_counts": lambda: plots.class_counts(LABELS),
    "ink_by_digit": lambda: plots.ink_by_digit(RNG.random(200), LABELS),
    "confusion": lambda: plots.confusion(RNG.integers(0, 50, (10, 10))),
    "accuracy_bars": lambda: plots.accuracy_bars(["one", "two"], [0.2, 0.9]),
    "shift_accuracy": lambda: plots.shift_accuracy([-1, 0, 1], [0.5, 1, 0.5]),
    "curves": lambda: plots.curves({"a": [3, 2, 1], "b": ([0, 1], [1, 2])}, logy=True),
    "reliability": lambda: plots.reliability({"a": CALIBRATION, "b": CALIBRATION}),
    "robustness": lambda: plots.robustness({"a": ([-1, 0, 1], [0.2, 1, 0.3])}, "shift, pixels"),
    "dots": lambda: plots.dots({"a": [0.9, 0.92, 0.91], "b": [0.95]}),
    "error_bars": lambda: plots.error_bars({"a": ([0.1, 1], [0.9, 0.5], [0.01, 0.2])}),
    "landscape": lambda: plots.landscape({"a": [("n", 10, 0.9), ("", 1e5, 0.99)]}, {"b": 0.98}, "units"),
    "distributions": lambda: plots.distributions({"a": RNG.random(50), "b": [1.0, 2.0]}, "ink, pixels"),
    "gradients": lambda: plots.gradients([1, -2], [1, -2]),
    "slope": lambda: plots.slope([0, 1, 2], [4, 1, 0], 1, -2),
    "numbers": lambda: plots.numbers(np.eye(10, dtype=np.uint8) * 255),
}


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_axes_have_names(draw):
    ax = draw()
    assert isinstance(ax, Axes)
    assert (ax.get_xlabel() and ax.get_ylabel()) or ax.get_yticklabels()
    assert matplotlib.image.imread(io.BytesIO(plots.png(ax))).ndim == 3


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_no_title_or_label_is_cut_off(draw):
    ax = draw()
    figure = ax.figure
    plots.png(figure)
    inside = figure.bbox.padded(1)
    for text in (text for text in (ax.xaxis.label, ax.yaxis.label, ax.title) if text.get_text()):
        box = text.get_window_extent()
        assert inside.x0 <= box.x0
        assert box.x1 <= inside.x1
        assert inside.y0 <= box.y0
        assert box.y1 <= inside.y1


def test_grids():
    assert len(plots.digits(IMAGES)) >= 12
    assert plots.digits(IMAGES[:2], titles=[7, 1])[1].get_title(loc="center") == "1"
    grid = plots.templates(RNG.normal(size=(784, 10)))
    assert len(grid) == 10
    shown = [ax.images[0] for ax in grid]
    assert len({image.get_clim() for image in shown}) == 1  # one scale for all
    assert shown[0].get_clim()[0] == -shown[0].get_clim()[1]
    assert len(plots.activations({"a": RNG.normal(size=(3, 4)), "b": np.zeros(3)})) == 2


def test_draws_into_given_axes():
    ax = plots.axes()
    assert plots.class_counts(LABELS, ax=ax) is ax
    pair = plots.axes(4, 2, 2)
    assert plots.digits(IMAGES[:2], grid=pair)[1] is pair[1]


def test_confusion_shows_each_count():
    matrix = np.arange(100).reshape(10, 10)
    texts = {text.get_position(): text.get_text() for text in plots.confusion(matrix).texts}
    assert texts[(3, 7)] == "73"  # column 3, row 7
    assert texts[(0, 0)] == "·"


def test_bars_have_the_heights_of_the_counts():
    ax = plots.class_counts(np.array([3, 3, 5]))
    assert [bar.get_height() for bar in ax.patches] == [0, 0, 0, 2, 0, 1, 0, 0, 0, 0]


def test_picture_carries_its_text():
    data, about = plots.Picture(plots.class_counts(LABELS), "Ten <bars> of one height")._repr_mimebundle_()
    assert about["image/png"]["alt"] == "Ten <bars> of one height"
    assert "alt='Ten &lt;bars&gt; of one height'" in data["text/html"]
    assert base64.b64decode(data["image/png"])[:4] == b"\x89PNG"


def test_pixels_are_the_pixels():
    image = np.linspace(0, 1, 784)
    html = plots.pixels(image, alt="a ramp")
    raw = base64.b64decode(re.search(r"base64,([^']+)", html)[1])
    shown = matplotlib.image.imread(io.BytesIO(raw))  # (28, 28), white 1
    np.testing.assert_allclose(1 - shown, image.reshape(28, 28), atol=1 / 255)
    assert "alt='a ramp'" in html


def test_diverging_pixels_are_white_at_zero():
    html = plots.pixels(np.array([[-1.0, 0.0, 1.0]]), diverging=True)
    raw = base64.b64decode(re.search(r"base64,([^']+)", html)[1])
    blue, white, orange = matplotlib.image.imread(io.BytesIO(raw))[0]
    assert white.min() > 0.98
    assert blue[2] > blue[0]
    assert orange[0] > orange[2]


def test_live_bars():
    html = plots.bars([0.1, 0.7, 0.2], labels="abc", alt="b is likely")
    assert html.count("font-weight: 700") == 1
    assert "70.0%" in html
    assert "aria-label='b is likely'" in html
    near = plots.closeness([3.0, 1.0, 2.0], labels="abc")
    assert "1.0" in near
    assert near.index("font-weight: 700") > near.index(">a<")


def test_no_pyplot():
    """It counts figures for the whole process, and must not be called from a widget's thread."""
    code = (
        "import sys; from hwd_lib import plots as p; p.png(p.class_counts([1])); "
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_colours_are_those_that_all_eyes_tell_apart():
    okabe_and_ito = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"}
    cycle = [matplotlib.colors.to_hex(c) for c in matplotlib.rcParams["axes.prop_cycle"].by_key()["color"]]
    assert {colour.upper() for colour in cycle} == okabe_and_ito


def test_lines_differ_by_their_dashes_too():
    lines = plots.curves({name: [2, 1] for name in "abcd"}).get_lines()
    assert len({line.get_linestyle() for line in lines}) == 4


def test_reliability_leaves_out_what_is_mostly_luck():
    ax = plots.reliability({"a network": CALIBRATION})
    line = next(line for line in ax.lines if line.get_label() == "a network")
    np.testing.assert_array_equal(line.get_xydata(), [[0.6, 0.5], [0.95, 0.9]])
    small, large = ax.collections[0].get_sizes()
    assert large > small  # four times as many examples are behind it


def test_robustness_draws_what_it_is_given():
    ax = plots.robustness({"a": ([-1, 0, 1], [0.2, 1, 0.3]), "b": ([0], [0.5])}, "shift, pixels")
    lines = {line.get_label(): line for line in ax.lines}
    np.testing.assert_array_equal(lines["a"].get_xydata(), [[-1, 0.2], [0, 1], [1, 0.3]])
    assert lines["a"].get_linestyle() != lines["b"].get_linestyle()
    assert lines["a"].get_marker() != lines["b"].get_marker()


def test_distributions_are_shares_on_one_scale():
    ax = plots.distributions({"few": [0.0, 10.0], "many": np.zeros(1000)}, "ink, pixels")
    few, many = (patch.get_data() for patch in ax.patches)
    np.testing.assert_array_equal(few.edges, many.edges)
    assert (few.values[0], few.values[-1], many.values[0]) == (0.5, 0.5, 1)


def test_distributions_of_counts_have_a_bar_for_each():
    (bars,) = plots.distributions({"heights": np.array([18, 20, 20, 20])}, "height, pixels").patches
    np.testing.assert_array_equal(bars.get_data().edges, [17.5, 18.5, 19.5, 20.5])
    np.testing.assert_array_equal(bars.get_data().values, [0.25, 0, 0.75])


def test_settings_of_ones_own_spoil_no_figure(tmp_path):
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nfont.size: 40\naxes.facecolor: black\n")
    code = "import sys, matplotlib; from hwd_lib import plots; sys.stdout.write(str(matplotlib.rcParams))"
    environment = os.environ | {"MPLCONFIGDIR": str(tmp_path)}
    mine = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    clean = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert mine.returncode == 0, mine.stderr
    assert "text.usetex: False" in mine.stdout
    assert mine.stdout == clean.stdout
