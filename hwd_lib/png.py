"""Arrays as PNG files: the one encoder, for pictures that are small and made many times a second."""

import base64
import struct
import zlib

import numpy as np
from numpy import ndarray as Array

QUICK = 1  # zlib's level: pictures that follow a mouse must be made in a millisecond


def encode(colours: Array, level: int = 9) -> bytes:
    """The bytes of a PNG file. Source: Portable Network Graphics Specification, W3C, third edition.

    Parameters
    ----------
    colours : (height, width) or (height, width, 3) uint8
        Greys, 0 for black; or red, green and blue.
    level : int, 0…9
        How hard zlib tries: 9 for files to keep, `QUICK` for what is looked at once.

    Raises
    ------
    ValueError
        When `colours` has another shape or dtype.
    """
    if colours.dtype != np.uint8 or colours.ndim not in (2, 3) or colours.shape[2:] not in ((), (3,)):
        raise ValueError(
            f"colours: expected uint8 of (height, width) or (height, width, 3), found {colours.dtype} of "
            f"{colours.shape}. Scale to 0…255, round, and convert with astype(np.uint8)."
        )
    height, width = colours.shape[:2]
    kind = 0 if colours.ndim == 2 else 2  # grey, or red, green, blue
    rows = colours.reshape(height, -1)  # (h, w) or (h, w, 3) -> (h, w) or (h, 3w)
    rows = np.pad(rows, ((0, 0), (1, 0)))  # a 0 for "no filter" begins each row: -> (h, 1 + w or 3w)
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)  # 8 bits a channel
    packed = zlib.compress(rows.tobytes(), level)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def of_ink(image: Array, scale: int = 10) -> bytes:
    """An image (rows, columns) in [0, 1] as a PNG file, ink black on white paper, `scale` times as large."""
    grey = np.rint(255 * (1 - np.clip(image, 0, 1))).astype(np.uint8)
    return encode(grey.repeat(scale, axis=0).repeat(scale, axis=1))  # (rows, columns) -> both times scale


def data_url(content: bytes, kind: str = "image/png") -> str:
    """A file as an address that holds all of it, for the `src` and `href` of a page."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
