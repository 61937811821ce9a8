"""A picture at full, half, quarter ... size: drawing costs what is on the screen, not what is in the file."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from keepsight.app.worker.levels import halved

Pixels = NDArray[np.uint8]
"""An image: (H, W, 3) uint8, sRGB."""


class Pyramid:
    """One picture with its smaller levels, each made when it is first needed if it is not there yet."""

    def __init__(self, pixels: Pixels, levels: Sequence[Pixels] = ()) -> None:
        """Keep `pixels` and the levels that are there without a copy: they must not change afterwards."""
        self._pixels = pixels
        self._levels = list(levels) or [pixels]
        self.width: int = pixels.shape[1]
        self.height: int = pixels.shape[0]

    def draw(self, painter: QPainter, whole: QRectF, visible: QRectF, *, ratio: float, smooth: bool) -> None:
        """Draw the part of the picture that lies in `visible`, where the whole of it would fill `whole`.

        Both are in the painter's coordinates; `ratio` is device pixels per unit. Enlarged pixels are blended
        if `smooth`, reduced ones always.
        """
        found = self.part(whole, visible, ratio)
        if found is not None:
            paint(painter, *found, smooth=smooth or self.scale(whole, ratio) < 1)

    def part(self, whole: QRectF, visible: QRectF, ratio: float) -> tuple[Pixels, QRectF] | None:
        """Return the pixels that `draw` needs, of the level that it needs, and the place that they fill.

        Pictures of one size have parts of one size. None where nothing of the picture is visible.
        """
        pixels = self._level(self.scale(whole, ratio))
        height, width = pixels.shape[:2]
        across, down = whole.width() / width, whole.height() / height
        # One pixel more on every side, so that the rim of a part is blended as in the whole.
        left = max(0, math.floor((visible.left() - whole.left()) / across) - 1)
        top = max(0, math.floor((visible.top() - whole.top()) / down) - 1)
        right = min(width, math.ceil((visible.right() - whole.left()) / across) + 1)
        bottom = min(height, math.ceil((visible.bottom() - whole.top()) / down) + 1)
        if left >= right or top >= bottom:
            return None
        place = QRectF(
            whole.left() + left * across,
            whole.top() + top * down,
            (right - left) * across,
            (bottom - top) * down,
        )
        return pixels[top:bottom, left:right], place

    def scale(self, whole: QRectF, ratio: float) -> float:
        """Return how many device pixels one of the picture's pixels takes where it fills `whole`."""
        return whole.width() / self.width * ratio

    def pixel(self, x: float, y: float) -> NDArray[np.uint8]:
        """Return the pixel (3,) at shares of width and height in [0, 1)."""
        pixel: NDArray[np.uint8] = self._pixels[int(y * self.height), int(x * self.width)]
        return pixel

    def read(self, x: float, y: float) -> list[str]:
        """Return the pixel at shares of width and height in [0, 1), in words."""
        # Two spaces are about as wide as a digit: next to nothing jumps when a number changes.
        values = (f"{value:<3d}".replace(" ", "  ") for value in self.pixel(x, y))
        return [" ".join(f"{name} {value}" for name, value in zip("RGB", values, strict=True)).rstrip()]

    def shows(self, pixels: Pixels | None) -> bool:
        """Tell whether these very pixels are what is kept."""
        return self._pixels is pixels

    def _level(self, scale: float) -> Pixels:
        """Return the smallest level that is not enlarged at `scale` device pixels per pixel."""
        steps = int(math.log2(1 / scale)) if scale < 1 else 0
        while len(self._levels) <= steps:
            self._levels.append(halved(self._levels[-1]))
        return self._levels[steps]


def paint(painter: QPainter, pixels: Pixels, place: QRectF, *, smooth: bool) -> None:
    """Draw pixels, (h, w, 3) or grey (h, w), so that they fill `place`; blended if `smooth`."""
    code = cv2.COLOR_RGB2BGRA if pixels.ndim == 3 else cv2.COLOR_GRAY2BGRA
    bgra = cv2.cvtColor(pixels, code)
    # The QImage borrows the array's memory: both live until the end of this call.
    image = QImage(bgra.data, bgra.shape[1], bgra.shape[0], bgra.strides[0], QImage.Format.Format_RGB32)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    painter.drawImage(place, image, QRectF(image.rect()))
