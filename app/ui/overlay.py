"""What lies over a picture: the outline of the region of interest, and the marker of a pixel."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

Lines = Sequence[NDArray[np.floating]]
"""Closed lines: (n, 2) arrays of (x, y), shares of the picture's width and height in [0, 1]."""

_WIDTH, _EDGE = 1.2, 1.0
"""Width of the white line, which comes out two pixels wider for being smooth and bold, and of its dark edge
on either side; device-independent pixels."""
_GAIN = 1.4
"""Makes up for what a smooth line a pixel wide lacks in brightness."""
_SUBPIXEL = 4
"""Binary places of a point in pixels, as OpenCV takes them."""


def draw_outline(painter: QPainter, whole: QRectF, visible: QRectF, lines: Lines) -> None:
    """Draw an outline over what is visible of a picture that fills `whole`: white with a dark edge.

    By OpenCV: Qt takes several times as long for wide smooth lines.
    """
    part = visible.toAlignedRect()
    ratio = painter.device().devicePixelRatioF()
    size = (round(part.height() * ratio), round(part.width() * ratio))
    if min(size) < 1:
        return
    corner = np.array([whole.left() - part.left(), whole.top() - part.top()])
    extent = np.array([whole.width(), whole.height()])
    scale = ratio * (1 << _SUBPIXEL)
    points = [
        np.rint((line * extent + corner) * scale - (1 << _SUBPIXEL) / 2).astype(np.int32) for line in lines
    ]
    white = np.zeros(size, np.uint8)
    cv2.polylines(white, points, True, 255, max(1, round(_WIDTH * ratio)), cv2.LINE_AA, _SUBPIXEL)
    white = cv2.dilate(cv2.convertScaleAbs(white, alpha=_GAIN), np.ones((2, 2), np.uint8))
    around = 1 + 2 * max(1, round(_EDGE * ratio))
    dark = cv2.dilate(white, np.ones((around, around), np.uint8))
    bgra = cv2.merge([white, white, white, cv2.max(white, dark // 2)])
    image = QImage(bgra.data, size[1], size[0], 4 * size[1], QImage.Format.Format_ARGB32_Premultiplied)
    painter.drawImage(QRectF(part), image)


def draw_marker(painter: QPainter, at: QPointF) -> None:
    """Draw a small open cross around a point: white with a dark edge."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in ((QColor(0, 0, 0, 160), 3.0), (QColor("white"), 1.3)):
        painter.setPen(QPen(colour, width))
        for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            painter.drawLine(at + QPointF(x, y) * 4, at + QPointF(x, y) * MARKER_REACH)


def draw_pointer(painter: QPainter, at: QPointF, brush: float) -> None:
    """Draw the circle of a brush of that radius around a point; a radius of 0 draws the marker."""
    if brush <= 0:
        draw_marker(painter, at)
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((QColor(0, 0, 0, 160), 3.0), (QColor("white"), 1.3)):
        painter.setPen(QPen(colour, width))
        painter.drawEllipse(at, brush, brush)


MARKER_REACH = 9
"""Half the marker's size, device-independent pixels."""
