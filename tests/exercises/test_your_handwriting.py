"""The functions of notebooks 8 and 9 are those of the library, and agree with SciPy's."""

from pathlib import Path

import nbformat
import numpy as np
import pytest
from scipy import ndimage

from hwd_lib.exercises import draw
from hwd_lib.exercises import your_handwriting as check
from hwd_lib.network import SAVED_NN, Network
from hwd_lib.preprocessing import PEN_WIDTH, SOFTNESS, fit_to_box, preprocess, rasterise, resample
from hwd_lib.stroke_styles import make_strokes
from hwd_lib.widgets.pipeline_panel import place

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def functions_of(name, names, **known):
    """Functions that a notebook defines in its cells, from the text of the cells."""
    for cell in nbformat.read(NOTEBOOKS / name, as_version=4).cells:
        if cell.cell_type == "code" and any(cell.source.startswith(f"def {n}(") for n in names):
            exec(compile(cell.source.partition("\n\n\n")[0], name, "exec"), known)
    return [known[n] for n in names]


@pytest.fixture(params=range(6))
def strokes(request):
    rng = np.random.default_rng(request.param)
    return place(make_strokes(request.param, rng), rng)


def test_fit_is_the_librarys(strokes):
    for mine, library in zip(check.fit.reference(strokes, 17.5), fit_to_box(strokes, 17.5), strict=True):
        np.testing.assert_allclose(mine, library)


def test_preprocessing_in_the_notebook_is_the_librarys(strokes):
    functions = {
        name: getattr(check, name).reference for name in ("bounding_box", "fit", "ink", "centre_of_mass")
    }
    known = {"np": np, "resample": resample, "PEN_WIDTH": PEN_WIDTH, "SOFTNESS": SOFTNESS}
    distances, prepare = functions_of(
        "08_your_handwriting.ipynb", ["distances", "prepare"], **functions, **known
    )
    np.testing.assert_allclose(prepare(strokes), preprocess(strokes), atol=1e-4)
    fitted = check.fit.reference(strokes, 17)
    inked = check.ink.reference(distances(fitted), 3.0, 0.7)
    np.testing.assert_allclose(inked, rasterise(resample(fitted), 3.0, 0.7), atol=1e-4)


def test_the_centre_of_mass_is_scipys(mnist):
    for image in mnist.validation.images[:20].reshape(-1, 28, 28):
        y, x = ndimage.center_of_mass(image)
        np.testing.assert_allclose(check.centre_of_mass.reference(image), (x, y), rtol=1e-4)


def test_shifts_are_scipys(mnist):
    images = mnist.validation.images[:5].reshape(-1, 28, 28)
    right, down = np.array([0, 3, -4, 28, 7]), np.array([2, -5, 0, 1, 6])
    expected = [ndimage.shift(m, (d, r), order=0) for m, r, d in zip(images, right, down, strict=True)]
    np.testing.assert_array_equal(check.shift_batch.reference(images, right, down), expected)


@pytest.mark.parametrize("degrees", [-70, -15, 0, 30, 90])
def test_turning_and_looking_is_scipys_rotation(mnist, degrees):
    image = mnist.validation.images[21].reshape(28, 28)
    (look,) = functions_of("08_your_handwriting.ipynb", ["look"], np=np)
    turned = look(image[None], *check.turn.reference(np.array([degrees])))[0]
    expected = ndimage.rotate(image, -degrees, reshape=False, order=1)  # SciPy turns the other way
    np.testing.assert_allclose(turned, expected, atol=1e-5)


def test_a_positive_angle_turns_clockwise():
    image = np.zeros((1, 28, 28), np.float32)
    image[0, 2, 14] = 1  # above the middle
    (look,) = functions_of("08_your_handwriting.ipynb", ["look"], np=np)
    turned = look(image, *check.turn.reference(np.array([90.0])))[0]
    row, column = np.unravel_index(turned.argmax(), turned.shape)
    assert (row, column) == (14, 25)  # to the right of it


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 0.5])
def test_the_share_is_one_of_the_mix(share):
    drawn = check.how_many.reference(9000, share)
    assert drawn / (9000 + drawn) == pytest.approx(share, abs=1e-4)


def test_reading_a_drawing_is_what_the_app_does(strokes):
    from hwd_lib.widgets.recognizer import Recognizer

    network = Network.load(SAVED_NN / "784-100-10.npz")
    app = Recognizer(network)
    app.canvas.strokes = strokes
    expected = network.probabilities(app.canvas.image.reshape(1, 784))[0]
    np.testing.assert_allclose(draw.read_drawing.reference(strokes, network), expected, rtol=1e-6)


def test_replay_keeps_what_a_lesson_alone_forgets(mnist):
    """What notebook 9 shows: 15 steps on one hand alone, and 15 among 60 others."""
    from hwd_lib.evaluation import accuracy
    from hwd_lib.mnist import Split
    from hwd_lib.stroke_styles import made_up_hand

    network = Network.load(SAVED_NN / "784-100-10.npz")
    hand = made_up_hand(network)
    own, rest = (Split(hand.images[part], hand.labels[part]) for part in (slice(8), slice(8, 16)))
    (teach,) = functions_of("09_draw.ipynb", ["teach"], np=np)
    before, kept = accuracy(network, mnist.validation), {}
    for others in (0, 60):
        taught, rng = network.copy(), np.random.default_rng(0)
        for _ in range(15):
            teach(*draw.among_others.reference(own, mnist.train, others, rng), taught)
        assert accuracy(taught, rest) > 0.7
        kept[others] = accuracy(taught, mnist.validation)
    assert before - kept[60] < 0.01
    assert before - kept[0] > 5 * (before - kept[60])
