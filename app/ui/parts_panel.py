"""Small pictures of the planes that a file is made of, with what each of them costs."""

from collections.abc import Sequence

import cv2
import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from keepsight.app.ui import format as words
from keepsight.app.ui import theme
from keepsight.app.ui.colour_maps import VIRIDIS
from keepsight.codecs.base import Part

_SIDE = 102
"""Longer side of a picture, pixels."""
_COLUMNS = 2
_LEGEND_HEIGHT = 6


class PartsPanel(QWidget):
    """A picture for each plane; all of one kind have one scale, which the legend below tells."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures: list[QLabel] = []
        self._shown: Sequence[Part] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(_COLUMNS, 1)
        self.hide()

    def show_parts(self, parts: Sequence[Part]) -> None:
        """Show these planes, nothing where there are none."""
        if parts == self._shown:
            return
        self._shown = parts
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.pictures = []
        if parts:
            heading = QLabel("In the file")
            theme.set_role(heading, "heading")
            self._grid.addWidget(heading, 0, 0, 1, _COLUMNS)
        for place, part in enumerate(parts):
            row, column = 1 + 4 * (place // _COLUMNS), place % _COLUMNS
            self._add(part, row, column)
        self.setVisible(bool(parts))

    def _add(self, part: Part, row: int, column: int) -> None:
        picture = QLabel()
        picture.setPixmap(_pixmap(part, self.devicePixelRatioF()))
        picture.setAccessibleName(f"{part.label}, {words.file_size(part.bytes)}")
        height, width = part.values.shape[:2]
        cost = words.file_size(part.bytes)
        picture.setToolTip(f"{part.label}: {width} × {height} values, {cost} of the file")
        self.pictures.append(picture)
        name = QLabel(part.label)
        size = QLabel(words.file_size(part.bytes))
        size.setFont(theme.font(tabular=True))
        theme.set_role(size, "muted")
        self._grid.addWidget(name, row, column)
        self._grid.addWidget(size, row + 1, column)
        self._grid.addWidget(picture, row + 2, column, Qt.AlignmentFlag.AlignTop)
        if part.values.ndim == 2:
            self._grid.addWidget(_Legend(part), row + 3, column)


class _Legend(QWidget):
    """The colours from 0 to the largest value, with both in words."""

    def __init__(self, part: Part) -> None:
        super().__init__()
        self._most = f"{part.top} {part.unit}".strip()
        self.setAccessibleName(f"Scale from 0 to {self._most}")
        self.setToolTip(f"From 0 (dark) to {self._most} (bright), the same in every pane")
        self.setFont(theme.font(10))
        self.setFixedSize(QSize(_SIDE, _LEGEND_HEIGHT + self.fontMetrics().height() + 2))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            VIRIDIS.draw_bar(painter, QRectF(0, 0, self.width(), _LEGEND_HEIGHT))
            painter.setPen(QColor(theme.MUTED))
            below = QRectF(0, _LEGEND_HEIGHT, self.width(), self.height() - _LEGEND_HEIGHT)
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "0")
            painter.drawText(below, Qt.AlignmentFlag.AlignRight, self._most)


def _pixmap(part: Part, ratio: float) -> QPixmap:
    """Return the plane as squares of `_SIDE` at most, sharp at `ratio` device pixels per pixel."""
    values = part.values
    rgb = (
        values
        if values.ndim == 3
        else VIRIDIS.table[(values.astype(np.uint16) * 255 // part.top).clip(0, 255)]
    )
    height, width = rgb.shape[:2]
    scale = _SIDE * ratio / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    drawn = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST)
    image = QImage(drawn.data, *size, 3 * size[0], QImage.Format.Format_RGB888)
    pixmap = QPixmap.fromImage(image.copy())
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
