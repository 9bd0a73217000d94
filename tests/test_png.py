"""The encoder of PNG files, against Pillow, which reads them."""

import io

import numpy as np
import pytest
from PIL import Image

from hwd_lib.png import QUICK, encode, of_ink

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("level", [QUICK, 9])
@pytest.mark.parametrize(
    ("shape", "mode"), [((5, 7), "L"), ((1, 1), "L"), ((3, 300, 3), "RGB"), ((9, 1, 3), "RGB")]
)
def test_pillow_reads_the_same_colours(shape, mode, level):
    colours = RNG.integers(0, 256, shape, np.uint8)
    read = Image.open(io.BytesIO(encode(colours, level)))
    read.load()
    assert read.mode == ("L" if len(shape) == 2 else "RGB") and read.size == shape[1::-1]
    np.testing.assert_array_equal(np.asarray(read), colours)


def test_a_part_of_a_larger_array_is_encoded_as_it_stands():
    colours = RNG.integers(0, 256, (20, 20, 4), np.uint8)[3:9, ::2, :3]  # its bytes do not lie side by side
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(encode(colours)))), colours)


@pytest.mark.parametrize("wrong", [np.zeros((3, 3)), np.zeros(3, np.uint8), np.zeros((3, 3, 4), np.uint8)])
def test_other_arrays_get_a_sentence(wrong):
    with pytest.raises(ValueError, match="expected uint8 of .* found .* Scale"):
        encode(wrong)


def test_ink_is_black_on_white():
    image = RNG.random((28, 28))
    read = Image.open(io.BytesIO(of_ink(image, scale=2)))
    read.load()
    np.testing.assert_array_equal(np.asarray(read)[::2, ::2], np.rint(255 * (1 - image)))
    assert read.size == (56, 56) and read.mode == "L"
