"""New examples from old: every batch is moved, turned, stretched and bent a little differently each time.

A distortion says for each pixel of the new image where in the old one to look. That displacement is a sum of
a few smooth patterns - shift, tilt, stretch, waves - with random weights, so that a batch of displacements is
one matrix product. Elastic distortions came to MNIST with Simard, Steinkraus, Platt, *Best practices for
convolutional neural networks applied to visual document analysis*, 2003.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy import ndarray as Array

SIDE = 28
CHUNK = 64  # images at a time: their intermediate arrays stay in the processor's cache
GRID = np.indices((SIDE, SIDE), np.float32)[::-1].reshape(2, 1, SIDE**2)  # x and y of each pixel


@dataclass(frozen=True)
class Augmentation:
    """How much to distort; each image gets amounts of its own, up to these.

    Parameters
    ----------
    rotation : float, degrees either way
    scale : float, share either way, in x and y independently
    shear : float, pixels sideways for each pixel up, either way
    shift : float, pixels either way, in x and y independently
    elastic : float, root mean square of the elastic displacement in pixels
    smoothing : float, pixels; standard deviation of the Gaussian that smooths it
    thickness : float, 0…1; how much of the way to one pixel more, or one less, around the ink
    paper : float, share of the images that come out as if cut from a photo: see `_photograph`
    """

    rotation: float = 10.0
    scale: float = 0.1
    shear: float = 0.1
    shift: float = 0.5
    elastic: float = 1.5
    smoothing: float = 5.0
    thickness: float = 0.0
    paper: float = 0.0

    @cached_property
    def patterns(self) -> Array:
        """The patterns (k, 784) float32 that displacements are sums of - shift, stretch in x and y, waves."""
        x, y = GRID[:, 0] - np.float32((SIDE - 1) / 2)  # (2, 784) -> (784,) each
        waves = _smooth_patterns(self.smoothing) if self.elastic else []
        return np.array([np.ones(SIDE**2), x, y, *waves], np.float32)

    def __call__(self, images: Array, rng: np.random.Generator) -> Array:
        """Distort a batch: images (n, 784) float32, paper 0 -> new images (n, 784) float32."""
        out = np.empty_like(images)
        for first in range(0, len(images), CHUNK):
            chunk = images[first : first + CHUNK]
            moved = self._look_up(chunk, self.displacements(len(chunk), rng))
            if self.thickness:
                moved = self._thicken(moved, rng)
            if self.paper:
                some = rng.random(len(moved)) < self.paper
                moved[some] = _photograph(moved[some], rng)
            out[first : first + CHUNK] = moved
        return out

    def displacements(self, n: int, rng: np.random.Generator) -> Array:
        """Draw where each pixel of the new images looks, relative to itself: (2, n, 784) float32, x and y."""

        def uniform(limit: float) -> Array:
            return rng.uniform(-limit, limit, n)

        angle, shear = np.radians(uniform(self.rotation)), uniform(self.shear)
        stretch_x, stretch_y = 1 + uniform(self.scale), 1 + uniform(self.scale)
        cos, sin = np.cos(angle), np.sin(angle)
        weights = rng.standard_normal((2, n, len(self.patterns)), np.float32)
        weights *= np.float32(self.elastic)
        weights[0, :, 0], weights[1, :, 0] = uniform(self.shift), uniform(self.shift)
        # rotation @ shear @ stretch, less the identity
        weights[0, :, 1], weights[0, :, 2] = cos * stretch_x - 1, (cos * shear - sin) * stretch_y
        weights[1, :, 1], weights[1, :, 2] = sin * stretch_x, (sin * shear + cos) * stretch_y - 1
        return weights @ self.patterns  # (2, n, k) @ (k, 784) -> (2, n, 784)

    def _look_up(self, images: Array, displacements: Array) -> Array:
        """Sample images (n, 784) at displaced places, mixing the four pixels around each (bilinear)."""
        width = SIDE + 2  # with one pixel of paper around, so that looking outside finds paper
        padded = np.zeros((len(images), width, width), np.float32)
        padded[:, 1:-1, 1:-1] = images.reshape(-1, SIDE, SIDE)  # (n, 784) -> (n, 28, 28)
        flat = padded.ravel()  # (n, 30, 30) -> (n * 900,)
        place = np.add(displacements, GRID + 1, out=displacements)
        np.clip(place, np.float32(0), np.float32(width - 1.001), out=place)
        corner = place.astype(np.int32)
        x, y = np.subtract(place, corner, out=place)  # how far beyond the corner, 0…1
        index = np.arange(len(images))[:, None] * width**2 + corner[0]  # (n, 1) + (n, 784)
        index += corner[1] * width
        left, right, below, below_right = (flat[k:].take(index) for k in (0, 1, width, width + 1))
        for here, there, share in ((left, right, x), (below, below_right, x), (left, below, y)):
            there -= here  # here + share * (there - here)
            there *= share
            here += there
        return left

    def _thicken(self, images: Array, rng: np.random.Generator) -> Array:
        amount = rng.uniform(-self.thickness, self.thickness, (len(images), 1)).astype(np.float32)
        neighbours = [np.roll(images, step, axis=1) for step in (1, -1, SIDE, -SIDE)]  # the edge is paper
        thick = np.maximum.reduce([images, *neighbours])
        thin = np.minimum.reduce([images, *neighbours])
        return images + np.abs(amount) * (np.where(amount > 0, thick, thin) - images)


def shift(images: Array, right: int, down: int) -> Array:
    """Move images, (n, 784) or (28, 28), by whole pixels, negative to the left and up; paper comes in."""
    old = np.asarray(images).reshape(-1, SIDE, SIDE)  # (n, 784) -> (n, 28, 28)
    new, (top, left) = np.zeros_like(old), np.clip([down, right], -SIDE, SIDE)
    new[:, max(top, 0) : SIDE + min(top, 0), max(left, 0) : SIDE + min(left, 0)] = old[
        :, max(-top, 0) : SIDE - max(top, 0), max(-left, 0) : SIDE - max(left, 0)
    ]
    return new.reshape(np.shape(images))  # (n, 28, 28) -> (n, 784)


def _photograph(images: Array, rng: np.random.Generator) -> Array:
    """Blur images (n, 784), fray edges, make lines thin or thick, with gaps, specks and rests of rules.

    The blurred ink, with grain on it, is made ink and paper again around some level, steeply or not.
    """

    def uniform(low: float, high: float) -> Array:
        return rng.uniform(low, high, (len(images), 1)).astype(np.float32)

    grain = uniform(0, 0.4) * _blur(rng.standard_normal(images.shape, np.float32))
    images = (_blur(images) + grain - uniform(0.25, 0.6)) * uniform(1.5, 4) + 0.5
    rows = np.arange(SIDE**2) // SIDE  # (784,)
    columns, rule = np.arange(SIDE**2) % SIDE, rng.integers(3, SIDE - 3, (len(images), 1))
    near = np.abs(columns - uniform(0, SIDE)) < uniform(-8, 8)  # (n, 784); for half of the images, nowhere
    images = np.maximum(images, np.where((rows == rule) & near, uniform(0.2, 1), 0))
    return np.clip(images, 0, 1)


def _blur(images: Any) -> Any:
    """The mean of each pixel and its eight neighbours: (n, 784) -> (n, 784)."""
    images = sum(np.roll(images, step, axis=1) for step in (-1, 0, 1))
    return sum(np.roll(images, step, axis=1) for step in (-SIDE, 0, SIDE)) / 9


def _smooth_patterns(smoothing: float) -> list[Array]:
    """Patterns (784,) whose sum with normal weights is smoothed white noise of root mean square 1.

    Smoothing along one axis is a matrix. Its singular vectors are waves, its singular values how much of each
    is left: beyond the first few, next to nothing, and those are left out.
    """
    at = np.arange(SIDE)
    matrix = np.exp(-((at[:, None] - at) ** 2) / (2 * smoothing**2))  # (28, 28)
    waves, left, _ = np.linalg.svd(matrix / matrix.sum(axis=1, keepdims=True))
    pairs = [(i, j) for i in range(SIDE) for j in range(SIDE) if left[i] * left[j] > 0.02 * left[0] ** 2]
    patterns = [np.outer(waves[:, i] * left[i], waves[:, j] * left[j]).ravel() for i, j in pairs]  # -> (784,)
    rms = np.sqrt(np.square(patterns).sum(axis=0).mean())
    return [pattern / rms for pattern in patterns]
