"""Smaller copies of a picture, so that drawing costs what is on the screen, not what is in the file."""

import cv2
import numpy as np

from keepsight.models.types import Pixels

_SMALLEST = 512
"""Smaller pictures are cheap enough to be drawn as they are, pixels on the long side."""


def halved(pixels: Pixels) -> Pixels:
    """Return a picture of half the size (rounded up), each pixel the mean of 2 x 2."""
    height, width = pixels.shape[:2]
    half = ((width + 1) // 2, (height + 1) // 2)
    return np.asarray(cv2.resize(pixels, half, interpolation=cv2.INTER_AREA), np.uint8)


def levels(pixels: Pixels) -> tuple[Pixels, ...]:
    """Return the picture at full, half, quarter ... size, down to what is cheap to draw."""
    found = [pixels]
    while max(found[-1].shape[:2]) > _SMALLEST:
        found.append(halved(found[-1]))
    return tuple(found)
