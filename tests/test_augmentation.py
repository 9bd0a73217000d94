"""Distortions: each is what its name says, by SciPy's measure, and as large as it was asked to be."""

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given
from hypothesis import strategies as st

from hwd_lib.augmentation import CHUNK, SIDE, Augmentation, shift

NOTHING = {"rotation": 0, "scale": 0, "shear": 0, "shift": 0, "elastic": 0, "thickness": 0, "paper": 0}
CENTRE = (SIDE - 1) / 2


def only(**amounts):
    return Augmentation(**NOTHING | amounts)


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def images(mnist):
    return mnist.validation.images[:40]


def affine(displacements):
    """The matrices (n, 2, 2) and shifts (n, 2) of displacements (2, n, 784), which must be affine."""
    y, x = np.divmod(np.arange(SIDE**2), SIDE)
    basis = np.stack([np.ones(SIDE**2), x - CENTRE, y - CENTRE], axis=1)  # (784, 3)
    flat = displacements.reshape(-1, SIDE**2).T  # (784, 2 n)
    found, *_ = np.linalg.lstsq(basis, flat)
    assert np.abs(basis @ found - flat).max() < 1e-4
    found = found.T.reshape(2, -1, 3)  # (x or y, n, coefficient)
    return np.eye(2) + found[:, :, 1:].transpose(1, 0, 2), found[:, :, 0].T


def test_no_distortion_changes_nothing(images):
    np.testing.assert_allclose(only()(images, rng()), images, atol=1e-4)


@given(seed=st.integers(0, 2**32), amount=st.sampled_from([0.3, 1, 3]))
def test_sampling_is_scipys(images, seed, amount):
    augment = Augmentation(
        rotation=30 * amount, scale=0.2 * amount, shear=0.2, shift=6 * amount, elastic=amount
    )
    some = images[:3]
    look_x, look_y = augment.displacements(3, rng(seed)).reshape(2, 3, SIDE, SIDE)
    y, x = np.mgrid[:SIDE, :SIDE]
    expected = [
        scipy.ndimage.map_coordinates(image, [y + dy, x + dx], order=1, mode="grid-constant")
        for image, dx, dy in zip(some.reshape(3, SIDE, SIDE), look_x, look_y, strict=True)
    ]
    found = augment(some, rng(seed)).reshape(3, SIDE, SIDE)
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_rotations_are_rotations():
    matrices, shifts = affine(only(rotation=10).displacements(500, rng()))
    assert np.abs(shifts).max() < 1e-5
    np.testing.assert_allclose(
        matrices @ matrices.transpose(0, 2, 1), np.eye(2)[None].repeat(500, 0), atol=1e-5
    )
    angles = np.degrees(np.arctan2(matrices[:, 1, 0], matrices[:, 0, 0]))
    assert -10 <= angles.min() < -9.5 and 9.5 < angles.max() <= 10
    assert abs(angles.mean()) < 1


def test_a_turn_turns_as_scipys_does(images):
    """By 90 degrees nothing is lost, so pictures can be compared pixel by pixel: one way or the other."""
    augment = only(rotation=90)
    for seed in range(200):
        matrix, _ = affine(augment.displacements(1, rng(seed)))
        angle = np.degrees(np.arctan2(matrix[0, 1, 0], matrix[0, 0, 0]))
        if abs(angle) > 89.7:
            break
    found = augment(images[:1], rng(seed)).reshape(SIDE, SIDE)
    expected = scipy.ndimage.rotate(images[0].reshape(SIDE, SIDE), angle, reshape=False, order=1)
    assert np.abs(found - expected).mean() < 0.01
    assert np.abs(found - images[0].reshape(SIDE, SIDE)).mean() > 0.05


def test_stretches_are_independent_in_x_and_y():
    matrices, shifts = affine(only(scale=0.2).displacements(500, rng()))
    assert np.abs(shifts).max() < 1e-5
    assert np.abs(matrices[:, [0, 1], [1, 0]]).max() < 1e-5
    stretch = matrices[:, [0, 1], [0, 1]]
    assert 0.8 <= stretch.min() < 0.81 and 1.19 < stretch.max() <= 1.2
    assert abs(np.corrcoef(stretch.T)[0, 1]) < 0.15


def test_shear_moves_rows_sideways():
    matrices, shifts = affine(only(shear=0.3).displacements(500, rng()))
    assert np.abs(shifts).max() < 1e-5
    np.testing.assert_allclose(matrices[:, 1], np.array([[0, 1]]).repeat(500, 0), atol=1e-5)
    np.testing.assert_allclose(matrices[:, 0, 0], 1, atol=1e-5)
    assert -0.3 <= matrices[:, 0, 1].min() < -0.29 and 0.29 < matrices[:, 0, 1].max() <= 0.3


def test_shifts_are_shifts():
    matrices, shifts = affine(only(shift=2).displacements(500, rng()))
    np.testing.assert_allclose(matrices, np.eye(2)[None].repeat(500, 0), atol=1e-5)
    assert -2 <= shifts.min() < -1.95 and 1.95 < shifts.max() <= 2
    assert abs(np.corrcoef(shifts.T)[0, 1]) < 0.15


@pytest.mark.parametrize("smoothing", [3.0, 5.0, 8.0])
def test_elastic_displacements_are_smoothed_noise(smoothing):
    """White noise under a Gaussian of deviation s has the correlation exp(-d² / 4 s²) at the distance d."""
    field = only(elastic=1.5, smoothing=smoothing).displacements(20_000, rng()).reshape(2, -1, SIDE, SIDE)
    assert np.sqrt(np.square(field).mean()) == pytest.approx(1.5, rel=0.02)
    assert abs(field.mean()) < 0.02
    assert abs(np.corrcoef(field[0, :, 14, 14], field[1, :, 14, 14])[0, 1]) < 0.03  # x and y: independent
    for distance in (2, 5, 8):
        expected = np.exp(-(distance**2) / (4 * smoothing**2))
        for there in (field[0, :, 14, 14 - distance], field[0, :, 14 - distance, 14]):
            assert np.corrcoef(field[0, :, 14, 14], there)[0, 1] == pytest.approx(expected, abs=0.06)


def test_thickness_goes_from_one_pixel_less_to_one_more(images):
    squares = images.reshape(-1, SIDE, SIDE)
    cross = np.array([[[0, 1, 0], [1, 1, 1], [0, 1, 0]]], bool)
    thick = scipy.ndimage.grey_dilation(squares, footprint=cross)
    thin = scipy.ndimage.grey_erosion(squares, footprint=cross)
    found = only(thickness=1)(images, rng()).reshape(-1, SIDE, SIDE)
    assert ((thin - 1e-4 <= found) & (found <= thick + 1e-4)).all()
    # Each image goes one way: a share, the same for all its pixels, of the difference
    for image, one, more, less in zip(squares, found, thick, thin, strict=True):
        towards = (more if one.sum() > image.sum() else less) - image
        share = ((one - image) * towards).sum() / np.square(towards).sum()
        assert 0 <= share <= 1
        np.testing.assert_allclose(one - image, share * towards, atol=1e-3)
    ink = found.sum(axis=(1, 2)) - squares.sum(axis=(1, 2))
    assert ink.min() < -20 and ink.max() > 20


def test_a_share_of_the_images_is_rough_as_on_paper(images):
    images = np.tile(images, (600 // len(images) + 1, 1))[:600]
    rough = only(paper=0.25)(images, rng())
    changed = np.abs(rough - only()(images, rng())).max(axis=1) > 0.05
    assert 0.18 < changed.mean() < 0.32
    rough, smooth = rough[changed], images[changed]
    assert rough.min() >= 0 and rough.max() <= 1 and rough.dtype == np.float32
    ratio = rough.sum(axis=1) / smooth.sum(axis=1)
    assert ratio.min() < 0.7 and ratio.max() > 1.2, "thin and thick"
    like = [np.corrcoef(one, other)[0, 1] for one, other in zip(rough, smooth, strict=True)]
    assert np.median(like) > 0.7, "it is still the same digit"


@pytest.mark.parametrize("n", [1, CHUNK, CHUNK + 1, 3 * CHUNK - 5])
def test_batches_of_any_size(mnist, n):
    images = mnist.train.images[:n]
    before = images.copy()
    found = Augmentation(thickness=0.5)(images, rng())
    assert found.shape == images.shape and found.dtype == np.float32
    assert (images == before).all()
    assert found.min() >= -1e-6 and found.max() <= 1 + 1e-6
    assert (np.abs(found - images).max(axis=1) > 0.1).all()  # also the last
    assert (found == Augmentation(thickness=0.5)(images, rng())).all()
    assert (found != Augmentation(thickness=0.5)(images, rng(1))).any()


def test_each_image_is_distorted_in_its_own_way(images):
    found = Augmentation()(images[:1].repeat(100, axis=0), rng())
    assert len({image.tobytes() for image in found}) == 100


def test_what_leaves_the_picture_is_gone_and_paper_comes_in():
    full = np.ones((50, SIDE**2), np.float32)
    found = only(shift=27)(full, rng()).reshape(50, SIDE, SIDE)
    _, shifts = affine(only(shift=27).displacements(50, rng()))
    for image, (x, y) in zip(found, np.abs(shifts), strict=True):
        assert image.sum() == pytest.approx((SIDE - x) * (SIDE - y), abs=1.5)


def test_digits_stay_what_they_are(mnist):
    """A network that never saw distortions reads most digits that have some."""
    from hwd_lib.network import SAVED_NN, Network

    network, validation = Network.load(SAVED_NN / "784-100-10.npz"), mnist.validation
    distorted = Augmentation(elastic=1)(validation.images, rng())
    assert (network.predict(distorted) == validation.labels).mean() > 0.93


# Moved by whole pixels -------------------------------------------------------------------------------------


@given(st.integers(-30, 30), st.integers(-30, 30))
def test_shift_is_scipys_shift(right, down):
    images = np.random.default_rng(0).random((2, 784), np.float32)
    pictures = images.reshape(2, 28, 28)
    expected = [scipy.ndimage.shift(picture, (down, right), order=0).ravel() for picture in pictures]
    moved = shift(images, right, down)
    assert moved.dtype == np.float32
    np.testing.assert_array_equal(moved, expected)


def test_shift_keeps_the_shape_and_the_original():
    image = np.eye(28, dtype=np.float32)
    moved = shift(image, 0, 0)
    assert moved.shape == (28, 28)
    moved[:] = 5
    assert image.max() == 1
