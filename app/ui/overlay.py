"""What lies over a picture: the outline of the region of interest, and the marker of a pixel."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QTransform


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
