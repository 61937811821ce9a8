"""What follows the pointer over a picture: the readings of its pixel, and a loupe."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

from keepsight.app.ui import theme
from keepsight.app.ui.picture import Picture

_LOUPE_SIDE, _LOUPE_SHARE = 168, 0.7
"""Side of the loupe, and the most that it takes of a small view's sides; device-independent pixels."""
_LOUPE_PIXEL = 8
"""Side of one of the original's pixels in the loupe; twice that of the view where that is more."""
_FONT_SIZE = 11
_LETTERS = "#e6e6e6"
"""Of the labels, which are dark in every theme: they lie on pictures."""
_LABEL_HEIGHT, _EDGE, _PADDING = 20, 4, 7
"""Height of a label, room around it and within it on either side, where a view has letters of the usual
size: labels grow with them."""


def loupe_area(at: QPointF, room: QSize) -> QRect:
    """Return where the loupe for a point lies: around it, but within the view."""
    side = round(min(_LOUPE_SIDE, _LOUPE_SHARE * room.width(), _LOUPE_SHARE * room.height()))
    left = min(max(0, round(at.x()) - side // 2), room.width() - side)
    top = min(max(0, round(at.y()) - side // 2), room.height() - side)
    return QRect(left, top, side, side)


def draw_loupe(
    painter: QPainter, picture: Picture, area: QRect, share: QPointF, unit: QSizeF, ratio: float
) -> None:
    """Draw what is around a position, magnified, its pixel framed in the middle.

    `share` is the middle of a pixel in shares of width and height, `unit` one pixel's size in the view,
    device-independent pixels.
    """
    grown = max(_LOUPE_PIXEL / unit.width(), 2.0)
    pixel = QSizeF(unit.width() * grown, unit.height() * grown)
    centre = QRectF(area).center()
    whole = QRectF(0, 0, pixel.width() * picture.width, pixel.height() * picture.height)
    whole.moveTopLeft(centre - QPointF(share.x() * whole.width(), share.y() * whole.height()))
    painter.save()
    painter.setClipRect(area)
    painter.fillRect(area, QColor(theme.SURROUND))
    picture.draw(painter, whole, whole.intersected(QRectF(area)), ratio=ratio, smooth=False)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    framed = QRectF(centre.x() - pixel.width() / 2, centre.y() - pixel.height() / 2, *pixel.toTuple())
    for colour, out in ((QColor("black"), 2), (QColor("white"), 1)):
        painter.setPen(colour)
        painter.drawRect(framed.adjusted(-out, -out, out - 1, out - 1))
    painter.setPen(QColor(theme.TEXT))
    painter.drawRect(area.adjusted(0, 0, -1, -1))
    painter.restore()


def readings_area(at: QPointF, room: QSize, font: QFont) -> QRect:
    """Return the strip in which the readings stand: at the bottom, or at the top if the pointer is there."""
    height = _label_height(font) + 2 * _EDGE
    low = at.y() > room.height() - 2 * height
    return QRect(0, height if low else room.height() - height, room.width(), height)


def draw_readings(painter: QPainter, pixel: tuple[int, int], readings: Sequence[str], strip: QRect) -> None:
    """Write where the pixel is and what it is: one reading on the left, a second one on the right."""
    texts = [
        (f"{pixel[0]}, {pixel[1]}   {readings[0]}", readings[0]),
        *((text, text) for text in readings[1:]),
    ]
    draw_labels(painter, texts, strip)


def names_area(room: QSize, font: QFont) -> QRect:
    """Return the strip at the top in which the names of pictures stand."""
    return QRect(0, 0, room.width(), _label_height(font) + 2 * _EDGE)


def _label_height(font: QFont) -> int:
    return round(_LABEL_HEIGHT * font.pixelSize() / theme.FONT_SIZE)


def draw_labels(painter: QPainter, texts: Sequence[tuple[str, str]], strip: QRect) -> None:
    """Write labels into a strip over a picture, the first on the left, the second on the right.

    Each is a long text, and a short one for where there is no room; one that is empty is left out.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    height = _label_height(painter.font())
    size = round(_FONT_SIZE * painter.font().pixelSize() / theme.FONT_SIZE)
    painter.setFont(theme.font(size, tabular=True))
    metrics = QFontMetrics(painter.font())
    room = strip.width() / max(1, len(texts)) - 2 * _EDGE
    for place, (long, short) in enumerate(texts):
        text = long if metrics.horizontalAdvance(long) + 2 * _PADDING <= room else short
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, round(room) - 2 * _PADDING)
        if not text:
            continue
        width = metrics.horizontalAdvance(text) + 2 * _PADDING
        left = _EDGE if place == 0 else strip.width() - _EDGE - width
        label = QRectF(strip.left() + left, strip.top() + _EDGE, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(18, 19, 21, 205))
        painter.drawRoundedRect(label, 4, 4)
        painter.setPen(QColor(_LETTERS))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
