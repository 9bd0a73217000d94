"""From the ink of one digit, of any size, to 28x28: in the very form that `preprocess` gives to strokes."""

import cv2
import numpy as np

from hwd_lib.preprocessing import BOX, PEN_WIDTH, SIDE, centre_mass, fit_to_box, rasterise

LENGTH = 64  # pixels: a digit is brought to this size before it is thinned
MARGIN = 6  # pixels of paper around it
SMOOTH = 1.2  # pixels: standard deviation of the blur that takes the fringes off a line
BLOT = 1.35  # times the width of the lines: what is broader is a blot
LEAST_WIDTH = 3.0  # pixels: lines that would be thinner are made as broad as this first


def to_image(mark):
    """Bring the ink of one digit, a Mark, into the form of MNIST: (28, 28) float32.

    The middle of its lines is found, and drawn with the pen of `preprocess`: so it does not matter whether
    the digit was written in pencil or in marker. A small loop that ran full stays a blot.
    """
    ink = enlarge(mark)
    line = thin(ink)
    y, x = np.nonzero(line | blots(ink, line))  # two of (n,)
    if not len(x):
        return np.zeros((SIDE, SIDE), np.float32)
    points = fit_to_box([np.stack([x, y], axis=1).astype(np.float64)], BOX - PEN_WIDTH)  # one of (n, 2)
    return rasterise(centre_mass(points, rasterise(points)))


def enlarge(mark):
    """A mark with its longer side `LENGTH` pixels long, smooth, with a margin: (h', w') bool."""
    scale = LENGTH / max(mark.w, mark.h)
    ink = np.pad(mark.mask.astype(np.float32), int(np.ceil(MARGIN / scale)))
    grow = int(LEAST_WIDTH / scale - mark.pen)
    if grow > 0:
        ink = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, [grow // 2 * 2 + 1] * 2))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return (
        cv2.GaussianBlur(cv2.resize(ink, None, fx=scale, fy=scale, interpolation=how), (0, 0), SMOOTH) > 0.5
    )


def blots(ink, line):
    """Where ink is much broader than along most of its lines of one pixel: two of (h, w) bool -> (h, w) bool.

    Of a blot, the pixels that are as far from its edge as the middle of a line is, and farther: drawn with
    the pen, they are as large a blot beside their lines as before. Without them a 9 whose loop ran full would
    become a 1.
    """
    to_paper = cv2.distanceTransform(ink.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)  # (h, w)
    if not line.any():
        return line
    return to_paper > BLOT * np.median(to_paper[line]) + 0.5


def thin(mask):
    """Take ink away from the edges until lines of one pixel are left: (h, w) bool -> (h, w) bool.

    T. Y. Zhang and C. Y. Suen, "A fast parallel algorithm for thinning digital patterns" (CACM 27, 1984).
    """
    mask = np.pad(mask, 1).astype(np.uint8)
    left = None
    while left != (left := int(mask.sum())):
        for table in _REMOVABLE:
            around = cv2.filter2D(mask, cv2.CV_8U, _BITS, borderType=cv2.BORDER_CONSTANT)
            mask &= cv2.LUT(around, table) ^ 1
    return mask[1:-1, 1:-1].astype(bool)


# Which neighbours of a pixel are ink, clockwise from the one above, are the bits of a number from 0 to 255.
_BITS = np.array([[128, 1, 2], [64, 0, 4], [32, 16, 8]], np.float32)


def _removable(second):
    """Which of the 256 neighbourhoods let a pixel go in this half of a round: (256,) uint8."""
    table = np.zeros(256, np.uint8)
    for code in range(256):
        ring = [code >> k & 1 for k in range(8)]
        up, right, down, left = ring[::2]
        turns = sum(ring[k] < ring[(k + 1) % 8] for k in range(8))  # from paper to ink, going round
        open_sides = (
            not (up & right & left or up & down & left)
            if second
            else not (up & right & down or right & down & left)
        )
        table[code] = 2 <= sum(ring) <= 6 and turns == 1 and open_sides
    return table


_REMOVABLE = _removable(second=False), _removable(second=True)


def trace(line):
    """Strokes along lines of one pixel, (h, w) bool: list of (n, 2) float64, x and y, such as a pen would go.

    A stroke begins at an end of a line, if there is one, goes on to a neighbour where it has not been, and
    ends where there is none. At a crossing it takes one way, and another stroke the other.
    """
    left = {(int(x), int(y)) for y, x in np.argwhere(line)}
    strokes = []

    def around(x, y):
        sides = ((0, -1), (1, 0), (0, 1), (-1, 0), (1, -1), (1, 1), (-1, 1), (-1, -1))  # straight on first
        return [(x + dx, y + dy) for dx, dy in sides if (x + dx, y + dy) in left]

    while left:
        point = min(left, key=lambda p: (len(around(*p)) != 1, p[1], p[0]))
        stroke = [point]
        left.remove(point)
        while following := around(*point):
            point = following[0]
            left.remove(point)
            stroke.append(point)
        strokes.append(np.array(stroke, np.float64))
    return strokes


def strokes_of(image):
    """Strokes that give an image (28, 28) when they are drawn: list of (n, 2) float64."""
    fine = cv2.resize(image, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    return trace(thin(fine > 0.5))
