"""The sheet of paper in a picture that shows more: found, and seen from straight above."""

import cv2
import numpy as np

LOOK = 320  # pixels: the longer side of the picture in which the sheet is looked for
LEAST, MOST = 0.12, 0.97  # of the picture: what is smaller is no sheet, and what is larger is all of it
STRAIGHT = 0.90  # of its hull: how much of it a sheet fills; and of its four corners' quadrangle
FULL = 0.7  # of what its outline encloses: a 0 in thick marker is not a dark sheet
RING = 9  # pixels of that picture: so far beside its edge paper and table are compared
FAR_DARKER = 0.8  # of the paper: what lies around a sheet whose corners all show
NOT_SHADOW = 0.42  # of the paper: a table that is darker is not the same paper in the shadow
OTHER_COLOUR = 1.25  # how far the table's red, green and blue differ, each as a share of the paper's
NEAREST = 64  # pixels: the side of the small picture from which the colour of the nearest paper is taken


def find_sheet(picture):
    """Look for a sheet that lies on something else: (h, w, 3) uint8 -> its outline (n, 2) float32, or None.

    It is the lighter part of the picture, or else the darker. Paper is told from a patch of light on the
    paper by this: a shadow takes as much from each colour, and never nearly all of it; or all four corners
    show.
    """
    scale = LOOK / max(picture.shape[:2])
    small = resized(picture, scale)
    smooth = cv2.medianBlur(small, LOOK // 40 * 2 + 1)  # writing goes, edges stay
    weakest = smooth.min(axis=2)  # (h, w): wood may be bright in red
    _, light = cv2.threshold(weakest, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    for mask in (light, 1 - light):
        outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        outline = max(outlines, key=cv2.contourArea, default=None)  # (n, 1, 2)
        if outline is not None and is_sheet(outline, mask, smooth):
            return outline[:, 0].astype(np.float32) / scale
    return None


def is_sheet(outline, mask, picture):
    """Whether an outline (n, 1, 2) around a part of a mask (h, w) is that of a sheet."""
    filled = np.zeros_like(mask)
    cv2.fillPoly(filled, [outline], 1)
    area = filled.sum()
    if not LEAST * mask.size < area < MOST * mask.size or (mask & filled).sum() < FULL * area:
        return False
    if area < STRAIGHT * cv2.contourArea(cv2.convexHull(outline)):
        return False
    paper, table = beside(picture, filled)  # (3,), (3,)
    if table.max() < FAR_DARKER * paper.min() and four_corners(outline[:, 0], mask.shape) is not None:
        return True
    if table.sum() > paper.sum():
        return table.min() > 2 * paper.max()  # a dark sheet, or a black picture on a white page
    shares = (table + 5) / (paper + 5)
    return shares.max() < NOT_SHADOW or shares.max() > OTHER_COLOUR * shares.min()


def beside(picture, filled):
    """The colours (3,) just inside and just outside the edge of what is filled (h, w), 0 or 1."""
    near, far = (np.ones((2 * n + 1, 2 * n + 1), np.uint8) for n in (RING // 3, RING))
    outside = cv2.dilate(filled, far) & ~cv2.dilate(filled, near) & 1
    inside = cv2.erode(filled, near, borderValue=1) & ~cv2.erode(filled, far, borderValue=1) & 1
    if not inside.any() or not outside.any():
        return np.ones(3), np.ones(3)
    return np.median(picture[inside == 1], axis=0), np.median(picture[outside == 1], axis=0)


def straighten(picture, outline):
    """See the sheet from straight above where its corners show; else paint over what is not the sheet.

    Returns the picture (h', w', 3) uint8, and the matrix (3, 3) that takes points of the one before to it.
    """
    corners = four_corners(outline, picture.shape)
    if corners is None:
        return paint_over(picture, outline), np.eye(3)
    a, b, c, d = corners
    w = int(max(np.hypot(*(b - a)), np.hypot(*(c - d)), 2))
    h = int(max(np.hypot(*(d - a)), np.hypot(*(c - b)), 2))
    seen = cv2.getPerspectiveTransform(corners, np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32))
    return cv2.warpPerspective(picture, seen, (w, h), borderMode=cv2.BORDER_REPLICATE), seen


def four_corners(outline, shape):
    """The corners (4, 2) float32 of a quadrangle, clockwise from the upper left.

    None if the outline (n, 2) is that of something else, or more than one corner lies at the edge of a
    picture (h, w).
    """
    hull = cv2.convexHull(outline[:, None])
    for share in (0.02, 0.03, 0.05, 0.08):
        corners = cv2.approxPolyDP(hull, share * cv2.arcLength(hull, True), True)
        if len(corners) <= 4:
            break
    areas = cv2.contourArea(hull), cv2.contourArea(corners)
    if len(corners) != 4 or min(areas) < STRAIGHT * max(areas):
        return None
    corners = corners[:, 0].astype(np.float32)  # (4, 1, 2) -> (4, 2)
    h, w = shape[:2]
    room = 0.01 * max(h, w)
    if ((corners < room) | (corners > np.array([w, h]) - room)).any(axis=1).sum() > 1:
        return None
    corners = np.roll(corners, -corners.sum(axis=1).argmin(), axis=0)
    (x1, y1), (x2, y2) = corners[1] - corners[0], corners[3] - corners[0]
    return corners if x1 * y2 > x2 * y1 else corners[[0, 3, 2, 1]]


def paint_over(picture, outline):
    """Give what is not the sheet the colour of the paper near it: (h, w, 3) uint8 -> (h, w, 3) uint8."""
    inside = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(inside, [np.round(outline).astype(np.int32)], 1)
    border = max(3, max(picture.shape) // 100)
    inside = cv2.erode(inside, np.ones((border, border), np.uint8), borderValue=1)
    small = cv2.resize(picture, (NEAREST, NEAREST), interpolation=cv2.INTER_AREA).astype(np.float32)
    known = cv2.resize(inside.astype(np.float32), (NEAREST, NEAREST), interpolation=cv2.INTER_AREA) > 0.99
    if not known.any():
        return picture
    weight = cv2.GaussianBlur(known.astype(np.float32), (0, 0), NEAREST / 8)[:, :, None]
    nearest = cv2.GaussianBlur(small * known[:, :, None], (0, 0), NEAREST / 8)
    paper = (nearest + 1e-3 * np.median(small[known], axis=0)) / (weight + 1e-3)  # (64, 64, 3)
    return np.where(inside[:, :, None] == 1, picture, cv2.resize(paper, picture.shape[1::-1])).astype(
        np.uint8
    )


def resized(picture, scale):
    """A picture with `scale` times as many pixels each way."""
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=how)
