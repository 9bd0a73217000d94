"""Ink told from paper: whatever the light, and whatever the colour of either."""

import cv2
import numpy as np

DARKEST_PAPER = 80  # of 255: where paper is darker, what stands out from it is not made more of
FAINTEST = 0.04  # of the way from paper to black: what is fainter is paper
NOISE = 5.0  # standard deviations of the paper's grain: what is fainter is paper
LARGEST_WINDOW = 255  # pixels


def contrast(picture, window):
    """How much darker than the paper around it each pixel is: (h, w, 3) uint8 -> (h, w) float32.

    1 is black on white, 0 is paper, and what is lighter than paper is below 0. The paper is the median over a
    square of `window` pixels, for each colour by itself: writing fills less than half of any such square, and
    a median keeps the edge of a shadow where it is. Of the three colours the two count in which the pixel
    stands out most: so blue, red and green ink are as dark as black.
    """
    window = max(3, min(window, min(picture.shape[:2]) // 2, LARGEST_WINDOW - 1) // 2 * 2 + 1)  # odd
    paper = cv2.medianBlur(np.ascontiguousarray(picture), window).astype(np.float32)  # (h, w, 3)
    darker = (paper - picture) / np.maximum(paper, DARKEST_PAPER)
    return (darker.sum(axis=2) - darker.min(axis=2)) / 2  # (h, w, 3) -> (h, w): the mean of the larger two


def grain(values):
    """The standard deviation of the paper's own unevenness, from contrast (h, w).

    From the quarter of the pixels that differ least from their surroundings: whatever else is in the picture,
    these are paper.
    """
    return float(np.quantile(np.abs(values[::2, ::2]), 0.25)) / 0.3186  # of a normal distribution


def find_ink(values):
    """Where there is ink, faint ink too: contrast (h, w) float32 -> (h, w) bool."""
    return values > max(FAINTEST, NOISE * grain(values))
