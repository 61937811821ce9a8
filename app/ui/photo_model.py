"""The photos of one group as a Qt model, and how a row is drawn."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from keepsight.app.ui import theme
from keepsight.app.worker.jobs import Group

Pixels = NDArray[np.uint8]
GROUPS: tuple[Group, ...] = ("Samples", "Scenes", "Your photos")

THUMBNAIL = QSize(60, 42)
"""Room for a thumbnail in a row, device-independent pixels. Twice that is sharp on any screen."""
_THUMBNAIL_SHARE = 0.4
"""Of a row's width, for the thumbnail at most: in a narrow list the name needs the rest."""
_KEPT_THUMBNAILS = 600
_ROW = QSize(140, 46)
_GAP = 6
_MARK = 9


@dataclass(frozen=True)
class PhotoEntry:
    """One photo of the list."""

    key: str
    """What tells it from all others."""
    name: str
    group: Group | None
    """None of a photo that was closed; its row stays, for all others to keep theirs."""
    detail: str = ""
    """More about it for the tooltip: its path, its label, its licence."""


class Role(IntEnum):
    """What the delegate reads beside the name."""

    THUMBNAIL = Qt.ItemDataRole.UserRole
    FLIPPED = Qt.ItemDataRole.UserRole + 1


class PhotoModel(QAbstractListModel):
    """The entries of one group; `entry rows` count through all groups, model rows through the shown one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: list[PhotoEntry] = []
        self.group: Group = GROUPS[0]
        self.shown: list[int] = []
        """Entry rows of the shown group."""
        self._place: dict[int, int] = {}
        self._thumbnails: OrderedDict[str, QPixmap] = OrderedDict()
        self._flipped: set[str] = set()

    def set_entries(self, entries: Sequence[PhotoEntry], group: Group) -> None:
        """Hold these entries and show one group. Thumbnails and marks of photos that stay are kept."""
        self.beginResetModel()
        self.entries, self.group = list(entries), group
        self.shown = [row for row, entry in enumerate(self.entries) if entry.group == group]
        self._place = {row: place for place, row in enumerate(self.shown)}
        keys = {entry.key for entry in self.entries}
        self._flipped &= keys
        for key in self._thumbnails.keys() - keys:
            del self._thumbnails[key]
        self.endResetModel()

    def index_of(self, row: int) -> QModelIndex:
        """Return the index of an entry row; an invalid one where its group is not shown."""
        return self.index(self._place[row]) if row in self._place else QModelIndex()

    def has_thumbnail(self, row: int) -> bool:
        """Return whether an entry row has its thumbnail."""
        return self.entries[row].key in self._thumbnails

    def set_thumbnail(self, row: int, pixels: Pixels) -> None:
        """Keep a thumbnail, (h, w, 3) uint8 sRGB; the least recent ones go when there are too many."""
        key = self.entries[row].key
        self._thumbnails[key] = _pixmap(pixels)
        self._thumbnails.move_to_end(key)
        if len(self._thumbnails) > _KEPT_THUMBNAILS:
            self._thumbnails.popitem(last=False)
        self._tell(row, [Role.THUMBNAIL])

    def set_flipped(self, row: int, flipped: bool) -> None:
        """Mark a photo, or take its mark away."""
        key = self.entries[row].key
        if flipped != (key in self._flipped):
            self._flipped ^= {key}
            self._tell(row, [Role.FLIPPED, Qt.ItemDataRole.ToolTipRole])

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return how many photos the group has."""
        return 0 if parent is not None and parent.isValid() else len(self.shown)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a photo's name, tooltip, thumbnail (QPixmap or None) or mark (bool)."""
        entry = self.entries[self.shown[index.row()]]
        flipped = entry.key in self._flipped
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.name
        if role == Qt.ItemDataRole.ToolTipRole:
            mark = "A shown compressor changes the predicted class." if flipped else ""
            return "\n".join(filter(None, (entry.name, entry.detail, mark)))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.name}, class flipped" if flipped else entry.name
        if role == Role.THUMBNAIL:
            return self._thumbnails.get(entry.key)
        if role == Role.FLIPPED:
            return flipped
        return None

    def _tell(self, row: int, roles: list[int]) -> None:
        index = self.index_of(row)
        if index.isValid():
            self.dataChanged.emit(index, index, roles)


class PhotoDelegate(QStyledItemDelegate):
    """Draws thumbnail, name (in two lines at most) and the mark of a flipped class."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the same size for all rows."""
        return _ROW

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one row."""
        painter.save()
        option.widget.style().drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget
        )
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        rect = option.rect
        frame = QRect(rect.left() + 2, rect.center().y() - THUMBNAIL.height() // 2 + 1, 0, 0)
        frame.setSize(THUMBNAIL.boundedTo(QSize(round(_THUMBNAIL_SHARE * rect.width()), rect.height())))
        _draw_thumbnail(painter, frame, index.data(Role.THUMBNAIL))
        text = rect.adjusted(frame.width() + 2 + _GAP, 0, -4, 0)
        if index.data(Role.FLIPPED):
            _draw_mark(painter, QRectF(text.right() - _MARK, text.center().y() - _MARK / 2, _MARK, _MARK))
            text.setRight(text.right() - _MARK - _GAP)
        selected = option.state & QStyle.StateFlag.State_Selected
        painter.setPen(QColor(theme.ON_ACCENT if selected else theme.TEXT))
        name, wrap = two_lines(index.data(), painter.fontMetrics(), text.width())
        painter.drawText(text, wrap | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        painter.restore()


def two_lines(name: str, metrics: QFontMetrics, width: int) -> tuple[str, Qt.TextFlag]:
    """Return a name as it fits into two lines, and how to break it.

    What is too long loses its ending and its middle: file names differ at their ends. It breaks within words
    only where it must.
    """
    words, anywhere = Qt.TextFlag.TextWordWrap, Qt.TextFlag.TextWrapAnywhere
    stem = name.removesuffix(PurePath(name).suffix)
    for text in (name, stem):
        area = metrics.boundingRect(QRect(0, 0, width, 1000), words, text)
        if area.width() <= width and area.height() <= 2 * metrics.lineSpacing():
            return text, words
    # A line ends where the next sign does not fit, which may waste nearly as much as the widest sign.
    room = 2 * width - metrics.horizontalAdvance("W")
    return metrics.elidedText(stem, Qt.TextElideMode.ElideMiddle, room), anywhere


def _draw_thumbnail(painter: QPainter, frame: QRect, pixmap: QPixmap | None) -> None:
    """Fill the frame with the middle of the thumbnail, or with grey where there is none yet."""
    corners = QPainterPath()
    corners.addRoundedRect(QRectF(frame), 2, 2)
    if pixmap is None:
        painter.fillPath(corners, QColor(theme.RAISED))
        return
    part = QSize(frame.size()).scaled(pixmap.size(), Qt.AspectRatioMode.KeepAspectRatio)
    source = QRect((pixmap.width() - part.width()) // 2, (pixmap.height() - part.height()) // 2, 0, 0)
    source.setSize(part)
    painter.save()
    painter.setClipPath(corners)
    painter.drawPixmap(frame, pixmap, source)
    painter.restore()


def _draw_mark(painter: QPainter, box: QRectF) -> None:
    """Draw a vermillion cross with a dark edge, so that it also reads on the selection."""
    inner = box.adjusted(1, 1, -1, -1)
    for colour, width in ((theme.BACKGROUND, 4), (theme.FLIPPED, 2.2)):
        painter.setPen(QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(inner.topLeft(), inner.bottomRight())
        painter.drawLine(inner.topRight(), inner.bottomLeft())


def _pixmap(pixels: Pixels) -> QPixmap:
    data = np.ascontiguousarray(pixels)
    height, width, _ = data.shape
    # fromImage copies, so that the array may go.
    return QPixmap.fromImage(QImage(data.data, width, height, 3 * width, QImage.Format.Format_RGB888))
