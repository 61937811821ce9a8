"""All points of all curves as a table that can be sorted and copied."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTableView, QWidget

from keepsight.app.engine.types import Curve, CurvePoint, Share
from keepsight.app.ui import theme
from keepsight.app.ui.curve_points import options_in_words
from keepsight.codecs import registry

Index = QModelIndex | QPersistentModelIndex
_NONE = "–"


@dataclass(frozen=True)
class Column:
    """One column: what it sorts by, and how it reads."""

    title: str
    help: str
    width: int
    """Pixels."""
    value: Callable[[CurvePoint], float | str]
    """What the column sorts by; NaN where it was not measured."""
    pattern: str = ""
    """How a number is shown, as in `format`; "" for text."""

    numeric: bool = True

    def text(self, point: CurvePoint) -> str:
        """Return what the cell shows."""
        value = self.value(point)
        if isinstance(value, str):
            return value
        return _NONE if math.isnan(value) else format(value, self.pattern)

    def plain(self, point: CurvePoint) -> str:
        """Return the cell for a spreadsheet: numbers in full, without separators."""
        value = self.value(point)
        if isinstance(value, str):
            return value
        return "" if math.isnan(value) else format(value, ".6g")


def _value(share: Share | None) -> float:
    return math.nan if share is None else share.value


def _interval(point: CurvePoint) -> str:
    return _NONE if point.top1 is None else f"{point.top1.low:.3f}–{point.top1.high:.3f}"


COLUMNS = (
    Column("Codec", "The compressor", 130, lambda p: registry.get(p.codec).label, numeric=False),
    Column(
        "Options",
        "The first option, and all that differ from their defaults",
        230,
        lambda p: options_in_words(p.codec, p.options),
        numeric=False,
    ),
    Column("Photos", "Photos measured so far", 70, lambda p: p.photos, ",d"),
    Column("Mean bytes", "Mean size of the whole file, header included", 95, lambda p: p.mean_bytes, ",.0f"),
    Column("bpp", "Bits per pixel of the original", 70, lambda p: p.bpp, ".3f"),
    Column(
        "Top-1",
        "Share of photos whose most probable class is the true one",
        70,
        lambda p: _value(p.top1),
        ".3f",
    ),
    Column("Top-1, 95 %", "95 % confidence interval of top-1 (Wilson)", 105, _interval),
    Column(
        "Agreement",
        "Share of photos whose most probable class is the same as without compression",
        90,
        lambda p: p.agreement.value,
        ".3f",
    ),
    Column("Encode ms", "Median time to compress one photo", 90, lambda p: p.encode_ms, ".1f"),
    Column("Decode ms", "Median time to decompress one photo", 90, lambda p: p.decode_ms, ".1f"),
    Column("Classify ms", "Median time to classify one photo", 95, lambda p: p.classify_ms, ".1f"),
)

_OPTIONS = 1
"""Place of the column that takes the room that is left."""


class CurveModel(QAbstractTableModel):
    """The points, one a row; a row keeps its place while its figures change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: list[CurvePoint] = []
        self._dots: dict[str, QPixmap] = {}

    def set_curves(self, curves: Sequence[Curve]) -> None:
        """Show these points, those of a codec one below the other."""
        points = {(p.codec, p.options): p for curve in curves for p in curve.points}
        rows = [(p.codec, p.options) for p in self._points]
        if points.keys() == set(rows):
            self._points = [points[row] for row in rows]
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(COLUMNS) - 1))
            return
        self.beginResetModel()
        self._points = list(points.values())
        self.endResetModel()

    def point(self, row: int) -> CurvePoint:
        """Return the point of a row."""
        return self._points[row]

    def rowCount(self, parent: Index | None = None) -> int:
        """Return how many points there are."""
        return 0 if parent is not None and parent.isValid() else len(self._points)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return how many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's title or help."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return {Qt.ItemDataRole.DisplayRole: column.title, Qt.ItemDataRole.ToolTipRole: column.help}.get(
            Qt.ItemDataRole(role)
        )

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell; `UserRole` is what it sorts by."""
        point, column = self._points[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(point)
        if role == Qt.ItemDataRole.UserRole:
            value = column.value(point)
            return -math.inf if isinstance(value, float) and math.isnan(value) else value
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            return self._dot(theme.readable(registry.get(point.codec).colour))
        return None

    def _dot(self, colour: str) -> QPixmap:
        if colour not in self._dots:
            self._dots[colour] = _dot(colour)
        return self._dots[colour]


class CurveTable(QTableView):
    """The points of the curves. Enter or a double click opens one, copying gives lines for a spreadsheet."""

    point_clicked = Signal(str, str)
    """Codec id and options (JSON) of the point that was opened."""
    chosen = Signal()
    """Other rows are selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Table of the measured settings")
        self.setToolTip(
            "Double click or Enter shows a setting in a pane; Ctrl+C copies chosen rows; two are compared"
        )
        self._model = CurveModel(self)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._model)
        self._sorted.setSortRole(Qt.ItemDataRole.UserRole)
        self.setModel(self._sorted)
        self.setSortingEnabled(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setStyleSheet("QTableView::item { padding: 0 7px; }")
        self.setFont(theme.font(tabular=True))
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setFont(theme.font())
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(22)
        self.horizontalHeader().setHighlightSections(False)
        for i, column in enumerate(COLUMNS):
            self.setColumnWidth(i, column.width)
        self.horizontalHeader().setSectionResizeMode(_OPTIONS, QHeaderView.ResizeMode.Stretch)
        self.activated.connect(self._open)
        self.selectionModel().selectionChanged.connect(lambda: self.chosen.emit())

    def set_curves(self, curves: Sequence[Curve]) -> None:
        """Show the points of these curves."""
        self._model.set_curves(curves)

    def chosen_points(self) -> list[CurvePoint]:
        """Return the points of the selected rows, from the top."""
        return [self._point(row) for row in sorted(i.row() for i in self.selectionModel().selectedRows())]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C copies; Enter opens, on every system."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QApplication.clipboard().setText(self.as_tsv())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def as_tsv(self) -> str:
        """Return the chosen rows (all if none is chosen), as they are sorted, with a line of titles."""
        chosen = sorted(index.row() for index in self.selectionModel().selectedRows())
        rows = chosen or range(self._sorted.rowCount())
        lines = ["\t".join(column.title for column in COLUMNS)]
        lines += ["\t".join(column.plain(self._point(row)) for column in COLUMNS) for row in rows]
        return "\n".join(lines) + "\n"

    def _point(self, row: int) -> CurvePoint:
        return self._model.point(self._sorted.mapToSource(self._sorted.index(row, 0)).row())

    def _open(self, index: QModelIndex) -> None:
        point = self._point(index.row())
        self.point_clicked.emit(point.codec, point.options)


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _dot(colour: str) -> QPixmap:
    """Return a filled disc, drawn at three times its size so that it is sharp on any screen."""
    pixmap = QPixmap(42, 42)
    pixmap.setDevicePixelRatio(3)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawEllipse(QRectF(2, 2.5, 9, 9))
    return pixmap
