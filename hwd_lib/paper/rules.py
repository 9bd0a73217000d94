"""Lines that were on the paper before: rules, squares, margins, boxes. They are taken out, digits are left
whole."""

import cv2
import numpy as np

from hwd_lib.paper.ink import FAINTEST, grain

RUN = 1.0  # heights of the writing: rules are straight over so much at least
LONG = 3.0  # heights: a rule, unless it ends in others at both ends
THIN = 0.16  # of the height: no rule is as broad
THICKER = 5  # pixels
SIDEWAYS = 30  # degrees: a page is not held more askew than this
INK_ON_RULE = 1.7  # times as dark as the rule: what was written along it
FAINT = 2.5  # standard deviations of the grain: rules are fainter than ink


def skew(values, height):
    """By how many degrees rules go down to the right (or, uprights, to the left); 0 without rules."""
    shown = np.clip(values * (255 / 0.4), 0, 255).astype(np.uint8)
    lines = cv2.createLineSegmentDetector(cv2.LSD_REFINE_NONE).detect(shown)[0]
    if lines is None:
        return 0.0
    x1, y1, x2, y2 = lines.reshape(-1, 4).T  # four of (n,)
    length = np.hypot(x2 - x1, y2 - y1)
    angle = (np.degrees(np.arctan2(y2 - y1, x2 - x1)) + 45) % 90 - 45
    long = (length > RUN * height) & (np.abs(angle) < SIDEWAYS)
    if length[long].sum() < 4 * LONG * height:
        return 0.0
    angle, length = angle[long], length[long]
    near = np.abs(angle[:, None] - angle) < 2
    best = (near * length).sum(axis=1).argmax()  # (n, n) -> (n,)
    return float(np.average(angle[near[best]], weights=length[near[best]]))


def take_out_rules(values, height):
    """Contrast (h, w) float32 without the rules, which must run along the picture: see `skew`."""
    faint = (values > max(FAINTEST / 2, FAINT * grain(values))).astype(np.uint8)
    level, upright = runs(faint, height), runs(faint.T, height).T
    rules = chosen(level, upright, values, height), chosen(upright.T, level.T, values.T, height).T
    for rule, turned in zip(rules, (False, True), strict=True):
        if rule.any():
            values = without(values.T, rule.T, height).T if turned else without(values, rule, height)
    return values


def runs(mask, height):
    """What is level, straight, thin and at least `RUN` heights long in a mask (h, w) uint8: (h, w) uint8."""
    length = int(RUN * height)
    thick = cv2.dilate(mask, np.ones((THICKER, 1), np.uint8))  # so that a line may go up or down a little
    long = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    broad = int(THIN * height) + THICKER
    return long & ~cv2.morphologyEx(long, cv2.MORPH_OPEN, np.ones((broad, 1), np.uint8))


def chosen(level, upright, values, height):
    """The level runs that are rules: long ones, and short ones that end in uprights at both ends.

    Where there are long ones, what is short and far darker was written: a 1 between two lines.
    """
    room = int(height / 2)  # around, or else closing would lengthen what ends near the edge of the picture
    joined = cv2.morphologyEx(np.pad(level, room), cv2.MORPH_CLOSE, np.ones((3, room), np.uint8))[
        room:-room, room:-room
    ]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    near = cv2.dilate(upright, np.ones((5, 5), np.uint8))
    long, short, dark = np.zeros(count, bool), np.zeros(count, bool), np.zeros(count)
    for k in range(1, count):
        x, y, w, h, _ = stats[k]
        ends = [near[y : y + h, a:b].any() for a, b in ((max(x - 3, 0), x + 3), (x + w - 3, x + w + 3))]
        across = x <= 2 and x + w >= level.shape[1] - 2
        long[k] = w >= LONG * height or across
        short[k] = not long[k] and all(ends)
        dark[k] = np.median(values[y : y + h, x : x + w].max(axis=0))  # in the middle of the line
    darkest = INK_ON_RULE * np.median(dark[long]) if long.any() else np.inf
    keep = long | short & (dark < darkest)
    return (keep[labels] & (level > 0)).astype(np.uint8)


def without(values, rule, height):
    """Contrast without level rules, given as a mask: ink that crosses them, or is darker, stays."""
    core = cv2.erode(rule, np.ones((THICKER, 1), np.uint8)) > 0  # `runs` made it thicker
    rule = cv2.dilate(core.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    window = (int(2 * height) | 1, 5)
    middle = cv2.dilate(values, np.ones((5, 1), np.uint8))  # a rule is darkest in its middle
    strength = mean_over(middle, core, window)
    strength = mean_over(middle, core & (middle < INK_ON_RULE * strength), window)  # without what crosses it
    rest = np.where(rule, 0, values).astype(np.float32)
    tall = int(THIN * height) + 4
    across = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((tall, 3), np.uint8))
    darker = np.where(values > INK_ON_RULE * strength, values, 0)
    return np.where(rule, np.maximum(across, darker), values)


def mean_over(values, mask, window):
    """The mean of the values (h, w) that a mask chooses, over a `window` (w', h') around each pixel."""
    chosen = mask.astype(np.float32)
    return cv2.blur(values * chosen, window) / np.maximum(cv2.blur(chosen, window), 1e-3)
