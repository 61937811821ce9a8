"""Colours of numbers, each scale declared once: for importance, planes of a file and differences."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter

Table = NDArray[np.uint8]
"""(256, 3) sRGB, from the smallest number to the largest."""

_SIDE = 256
"""Longest side of a coloured map, pixels; the painter enlarges it, which no one sees in a smooth map."""
_STOPS = 32
"""Of a colour bar's gradient."""


@dataclass(frozen=True, eq=False)
class ColourMap:
    """One scale of colours."""

    label: str
    """Name that people read."""
    help: str
    table: Table
    signed: bool = False
    """Whether the middle is zero, and the ends are as far below it as above."""

    def coloured(self, values: NDArray[np.float32], maximum: float) -> QImage:
        """Return a map in these colours, transparent near zero and full from half the maximum on.

        `values` is (h, w), raw; of a scale that is not signed, zero or more. `maximum` is the value of the
        last colour: with one maximum, maps compare. Scaling is for display only.
        """
        height, width = values.shape
        enlarge = _SIDE / max(height, width)
        side = (max(1, round(width * enlarge)), max(1, round(height * enlarge)))
        method = cv2.INTER_CUBIC if enlarge > 1 else cv2.INTER_AREA
        smooth = np.asarray(cv2.resize(values.astype(np.float32), side, interpolation=method), np.float32)
        share = smooth / maximum if maximum > 0 else np.zeros_like(smooth)
        place = 127 * (share + 1) if self.signed else 255 * share
        bgra = self._premultiplied[place.round().clip(0, 255).astype(np.uint8)]
        premultiplied = QImage.Format.Format_ARGB32_Premultiplied
        return QImage(bgra.data, side[0], side[1], 4 * side[0], premultiplied).copy()

    @cached_property
    def _premultiplied(self) -> NDArray[np.uint8]:
        """(256, 4): blue, green, red and opacity by the place in the scale, where 127 is a signed zero."""
        place = np.arange(256)
        alpha = np.clip(2 * (np.abs(place - 127) / 127 if self.signed else place / 255), 0, 1)[:, None]
        return np.hstack([self.table[:, ::-1] * alpha, 255 * alpha]).round().astype(np.uint8)

    def draw_bar(self, painter: QPainter, where: QRectF) -> None:
        """Fill a rectangle with all colours from left to right."""
        gradient = QLinearGradient(where.topLeft(), where.topRight())
        for share in np.linspace(0, 1, _STOPS + 1).tolist():
            gradient.setColorAt(share, QColor(*self.table[round(255 * share)].tolist()))
        painter.fillRect(where, gradient)


def _opencv(name: int) -> Table:
    """Return a scale of OpenCV's."""
    bgr = cv2.applyColorMap(np.arange(256, dtype=np.uint8), name).reshape(256, 3)
    return np.array(bgr[:, ::-1], np.uint8)


def _through(*colours: tuple[int, int, int]) -> Table:
    """Return a scale through these colours at equal steps."""
    place = np.linspace(0, len(colours) - 1, 256)
    channels = np.array(colours, float).T
    mixed = [np.interp(place, np.arange(len(colours)), channel) for channel in channels]
    return np.stack(mixed, axis=1).round().astype(np.uint8)


COLOUR_MAPS = {
    "viridis": ColourMap(
        "Viridis", "Blue to yellow, evenly brighter, safe for the colour-blind", _opencv(cv2.COLORMAP_VIRIDIS)
    ),
    "magma": ColourMap("Magma", "Black over red to white, evenly brighter", _opencv(cv2.COLORMAP_MAGMA)),
    "inferno": ColourMap(
        "Inferno", "Black over red to yellow, evenly brighter", _opencv(cv2.COLORMAP_INFERNO)
    ),
    "turbo": ColourMap("Turbo", "The rainbow: tells most values apart", _opencv(cv2.COLORMAP_TURBO)),
    "grey": ColourMap("Grey", "Black to white", _through((0, 0, 0), (255, 255, 255))),
}
"""What maps of importance can be shown in, by id; the first one unless another is chosen."""

VIRIDIS = COLOUR_MAPS["viridis"]

DIFFERENCE = ColourMap(
    "Difference",
    "Blue for less, grey for no change, orange for more",
    _through((0, 68, 150), (60, 150, 225), (225, 225, 225), (245, 150, 40), (190, 60, 0)),
    signed=True,
)
"""For differences: Okabe and Ito's blue and vermillion, darker and lighter; safe for the colour-blind."""
