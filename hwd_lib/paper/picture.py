"""From the bytes of a picture to its pixels, upright: whatever the bytes are, within bounds of memory and
time."""

import io
import struct
import warnings

import cv2
import numpy as np
from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")  # known by their content; the name of a file says nothing
LONGEST = 1600  # pixels; a larger picture is made smaller: a digit on paper has enough of them
MOST_PIXELS = 50_000_000  # of a picture that is unpacked whole: 200 MB
MOST_PIXELS_IN_PARTS = 150_000_000  # of a JPEG, which can be unpacked at an eighth of its size
MOST_STRETCHED = 50  # times as long as wide, or as wide as long

ORIENTATION = 0x0112  # the entry of EXIF that tells how the camera was held
TURNS = {  # what brings the pixels (h, w, 3) upright, for each value of it but 1
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: pixels.swapaxes(0, 1)[:, ::-1],
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: pixels.swapaxes(0, 1)[::-1],
}
# What Pillow's readers raise for bytes that only begin like a picture.
DAMAGED = (OSError, SyntaxError, EOFError, struct.error, LookupError, ArithmeticError, TypeError, ValueError)


def read_picture(data):
    """Unpack a picture, in bytes, and turn it upright as its EXIF data say.

    Of an animation the first picture is read. What is transparent becomes paper.

    Returns
    -------
    (h, w, 3) uint8, red, green, blue, at most `LONGEST` high and wide; and how many times larger it came

    Raises
    ------
    ValueError
        When the bytes are no picture, or one that is too large to unpack; says what to do.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, of damaged metadata and of sizes that are looked at here
        try:
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
        except Image.DecompressionBombError:
            raise ValueError(too_large("far more")) from None
        except Exception as error:  # each format has errors of its own
            raise ValueError(
                "expected a picture (JPEG, PNG, WebP, GIF or BMP), found something else. "
                "Save it as JPEG or PNG."
            ) from error
        check_size(picture)
        try:
            longest = max(picture.size)  # before it is unpacked at a part of it
            pixels = unpack(picture)
            return pixels, longest / max(pixels.shape)
        except DAMAGED as error:
            raise ValueError(
                f"expected a whole picture, found a damaged {picture.format}. Save or send it again."
            ) from error


def check_size(picture):
    """Refuse, before it is unpacked, a picture that would take too much memory or has no proportions."""
    width, height = picture.size
    if not 0 < max(width, height) <= MOST_STRETCHED * min(width, height):
        raise ValueError(
            f"expected a picture of paper, found one of {width} x {height} pixels. Cut it otherwise."
        )
    in_parts = picture.format == "JPEG" and not picture.info.get("progressive")
    if width * height > (MOST_PIXELS_IN_PARTS if in_parts else MOST_PIXELS):
        raise ValueError(too_large(f"{width * height / 1e6:.0f}"))


def too_large(megapixels):
    return (
        f"expected a picture of at most {MOST_PIXELS / 1e6:.0f} megapixels, found {megapixels}. "
        f"Make it smaller: {LONGEST} pixels on the longer side are enough."
    )


def unpack(picture):
    """The pixels of an opened picture: (h, w, 3) uint8, upright, made smaller on the way."""
    picture.draft(None, (LONGEST, LONGEST))  # a JPEG comes at 1/2, 1/4 or 1/8, not below this size
    picture.load()
    turn = TURNS.get(orientation(picture))
    if picture.mode.startswith(("I", "F")):  # more than 8 bits of grey
        deep = np.asarray(picture, np.float32)
        picture = Image.fromarray(cv2.normalize(deep, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8))
    see_through = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    picture = picture.convert("RGBA" if see_through else "RGB")
    factor = max(picture.size) // LONGEST
    pixels = np.asarray(picture.reduce(factor) if factor > 1 else picture)  # (h, w, 3 or 4)
    if see_through:
        pixels = lay_on_paper(pixels)
    pixels = np.ascontiguousarray(turn(pixels) if turn else pixels)
    scale = LONGEST / max(pixels.shape)
    return (
        pixels if scale >= 1 else cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    )


def orientation(picture):
    """How the camera was held, 1 to 8 as EXIF counts; 1 where nothing sensible is said of it."""
    try:
        return picture.getexif().get(ORIENTATION, 1)
    except DAMAGED:
        return 1


def lay_on_paper(pixels):
    """Put what is drawn on nothing on white, or on black when it is light: (h, w, 4) -> (h, w, 3) uint8."""
    colours, opacity = pixels[:, :, :3].astype(np.float32), pixels[:, :, 3:] / np.float32(255)
    drawn = (colours.mean(axis=2, keepdims=True) * opacity).sum() / max(opacity.sum(), 1)  # mean brightness
    paper = 255 if drawn < 128 else 0
    return (colours * opacity + paper * (1 - opacity)).astype(np.uint8)
