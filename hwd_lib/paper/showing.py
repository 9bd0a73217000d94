"""A picture of a page with what was read on it."""

import cv2

GREEN, ORANGE = (0, 130, 70), (225, 110, 0)  # where the network is sure, and where it is not
SURE = 0.8
THICK = 1 / 400  # of the longer side of the picture: how broad the lines of a box are


def with_boxes(picture, page):
    """Draw a box and a digit for each digit of a Page: a new picture (h, w, 3) uint8."""
    shown = picture.copy()
    thick = max(1, round(THICK * max(picture.shape)))
    for digit in page.digits:
        x, y, w, h = digit.box
        colour = GREEN if digit.probabilities.max() > SURE else ORANGE
        cv2.rectangle(shown, (x, y), (x + w, y + h), colour, thick)
        size = max(0.4, h / 60)
        at, font = (x, max(y - 2 * thick, 12)), cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(shown, str(digit.digit), at, font, size, colour, thick, cv2.LINE_AA)
    return shown
