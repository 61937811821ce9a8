"""What lies over a picture: the importance map in colour, and the outline of the region of interest."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QTransform

_SIDE = 256
"""Longest side of the coloured map, pixels; the painter enlarges it, which no one sees in a smooth map."""


def coloured(values: NDArray[np.float32], maximum: float) -> QImage:
    """Return an importance map in viridis, transparent near zero and full from half the maximum on.

    `values` is (h, w), raw, zero or more. `maximum` is the value of the brightest colour: with one maximum,
    maps compare. Scaling is for display only.
    """
    height, width = values.shape
    enlarge = _SIDE / max(height, width)
    side = (max(1, round(width * enlarge)), max(1, round(height * enlarge)))
    method = cv2.INTER_CUBIC if enlarge > 1 else cv2.INTER_AREA
    smooth = np.asarray(cv2.resize(values.astype(np.float32), side, interpolation=method), np.float32)
    share = np.clip(smooth / maximum, 0, 1) if maximum > 0 else np.zeros_like(smooth)
    colours = cv2.applyColorMap((255 * share).astype(np.uint8), cv2.COLORMAP_VIRIDIS)
    alpha = np.clip(2 * share, 0, 1)[..., None]
    bgra = np.concatenate([colours * alpha, 255 * alpha], axis=2).round().astype(np.uint8)
    premultiplied = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(bgra.data, side[0], side[1], 4 * side[0], premultiplied).copy()


def outline_path(polygons: Sequence[NDArray[np.floating]]) -> QPainterPath:
    """Return closed lines through (n, 2) arrays of (x, y), shares of width and height in [0, 1]."""
    path = QPainterPath()
    for polygon in polygons:
        if len(polygon) > 1:
            path.addPolygon([QPointF(x, y) for x, y in polygon.tolist()])
            path.closeSubpath()
    return path


def draw_outline(painter: QPainter, whole: QRectF, path: QPainterPath) -> None:
    """Draw the outline over a picture that fills `whole`: white with a dark edge, of constant width."""
    on_screen = QTransform(whole.width(), 0, 0, whole.height(), whole.left(), whole.top()).map(path)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((QColor(0, 0, 0, 130), 4.0), (QColor("white"), 2.2)):
        pen = QPen(colour, width)
        # Round joins look the same on a curve of many points and take four times as long.
        pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
        painter.setPen(pen)
        painter.drawPath(on_screen)


def draw_marker(painter: QPainter, at: QPointF) -> None:
    """Draw a small open cross around a point: white with a dark edge."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in ((QColor(0, 0, 0, 160), 3.0), (QColor("white"), 1.3)):
        painter.setPen(QPen(colour, width))
        for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            painter.drawLine(at + QPointF(x, y) * 4, at + QPointF(x, y) * MARKER_REACH)


MARKER_REACH = 9
"""Half the marker's size, device-independent pixels."""
