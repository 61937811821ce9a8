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
        self._levels = list(levels) or [pixels]
        self.width: int = pixels.shape[1]
        self.height: int = pixels.shape[0]

    def draw(self, painter: QPainter, whole: QRectF, visible: QRectF, *, ratio: float, smooth: bool) -> None:
        """Draw the part of the picture that lies in `visible`, where the whole of it would fill `whole`.

        Both are in the painter's coordinates; `ratio` is device pixels per unit. Enlarged pixels are blended
        if `smooth`, reduced ones always.
        """
        scale = whole.width() / self.width * ratio
        pixels = self._level(scale)
        height, width = pixels.shape[:2]
        across, down = whole.width() / width, whole.height() / height
        # One pixel more on every side, so that the rim of a part is blended as in the whole.
        left = max(0, math.floor((visible.left() - whole.left()) / across) - 1)
        top = max(0, math.floor((visible.top() - whole.top()) / down) - 1)
        right = min(width, math.ceil((visible.right() - whole.left()) / across) + 1)
        bottom = min(height, math.ceil((visible.bottom() - whole.top()) / down) + 1)
        if left >= right or top >= bottom:
            return
        part = cv2.cvtColor(pixels[top:bottom, left:right], cv2.COLOR_RGB2BGRA)
        target = QRectF(
            whole.left() + left * across,
            whole.top() + top * down,
            (right - left) * across,
            (bottom - top) * down,
        )
        # The QImage borrows the array's memory: both live until the end of this call.
        image = QImage(part.data, right - left, bottom - top, part.strides[0], QImage.Format.Format_RGB32)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth or scale < 1)
        painter.drawImage(target, image, QRectF(image.rect()))

    def _level(self, scale: float) -> Pixels:
        """Return the smallest level that is not enlarged at `scale` device pixels per pixel."""
        steps = int(math.log2(1 / scale)) if scale < 1 else 0
        while len(self._levels) <= steps:
            self._levels.append(halved(self._levels[-1]))
        return self._levels[steps]
