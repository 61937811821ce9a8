"""The photos that lose their class, one a row, to sort and to show."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTableView, QWidget

from keepsight.app.engine.flips import Flip
from keepsight.app.ui import theme
from keepsight.app.ui.curve_points import options_in_words
from keepsight.app.ui.curve_table import Index
from keepsight.codecs import registry

Classes = Sequence[str]
"""Names of the classes by index."""


@dataclass(frozen=True)
class Column:
    """One column: what it sorts by, and how it reads."""

    title: str
    help: str
    width: int
    """Pixels."""
    value: Callable[[Flip, Classes], float | str]
    """What the column sorts by."""
    pattern: str = ""
    """How a number is shown, as in `format`; "" for text."""

    def text(self, flip: Flip, classes: Classes) -> str:
        """Return what the cell shows."""
        value = self.value(flip, classes)
        return value if isinstance(value, str) else format(value, self.pattern).replace("-", "−")


def _setting(flip: Flip, _: Classes) -> str:
    codec, options = flip.setting
    return f"{registry.get(codec).label} · {options_in_words(codec, options)}".removesuffix(" · ")


COLUMNS = (
    Column("Photo", "Name of the photo", 110, lambda flip, _: flip.photo.name),
    Column("Class", "Class of the uncompressed photo", 105, lambda flip, names: names[flip.was]),
    Column("Read as", "Class of the compressed photo", 110, lambda flip, names: names[flip.now]),
    Column(
        "Before",
        "Probability of the class on the uncompressed photo, in per cent",
        64,
        lambda flip, _: 100 * flip.p_was,
        ".1f",
    ),
    Column(
        "After",
        "Probability that is left to that class, in per cent",
        62,
        lambda flip, _: 100 * flip.p_left,
        ".1f",
    ),
    Column(
        "Lost",
        "Probability that the class has lost, in percentage points: how far the photo has moved",
        62,
        lambda flip, _: 100 * flip.lost,
        ".1f",
    ),
    Column("Bytes", "Length of the file", 70, lambda flip, _: flip.bytes, ",d"),
    Column("Compressor", "Which compressor with which options flips the class", 150, _setting),
)
OTHER = Column(
    "Bytes of the other",
    "Length of the file that keeps the class",
    110,
    lambda flip, _: flip.bytes_other or 0,
    ",d",
)
"""Stands last where a second setting keeps the class."""
_LOST, _COMPRESSOR, _NOW = 5, 7, 2


class FlipsModel(QAbstractTableModel):
    """The flips in the order that the user chose."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.flips: list[Flip] = []
        self.columns: tuple[Column, ...] = COLUMNS
        self._classes: Classes = ()
        self._order = (_LOST, Qt.SortOrder.DescendingOrder)

    def set_flips(self, flips: Sequence[Flip], classes: Classes) -> None:
        """Show these flips of photos of these classes."""
        self.beginResetModel()
        self.flips, self._classes = list(flips), classes
        other = any(flip.bytes_other is not None for flip in flips)
        self.columns = (*COLUMNS, OTHER) if other else COLUMNS
        self._sort()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the rows in the order of a column."""
        self._order = column, order
        self.layoutAboutToBeChanged.emit()
        self._sort()
        self.layoutChanged.emit()

    def _sort(self) -> None:
        place, order = self._order
        if 0 <= place < len(self.columns):
            value, down = self.columns[place].value, order == Qt.SortOrder.DescendingOrder
            self.flips.sort(key=lambda flip: value(flip, self._classes), reverse=down)

    def rowCount(self, parent: Index | None = None) -> int:
        """Return how many flips there are."""
        return 0 if parent is not None and parent.isValid() else len(self.flips)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return how many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's title or help."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        return column.help if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell."""
        flip, column = self.flips[index.row()], self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(flip, self._classes)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.FontRole:
            return theme.font(tabular=bool(column.pattern))
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == _NOW:
            return QColor(theme.FLIPPED)
        if role == Qt.ItemDataRole.ToolTipRole:
            return describe(flip, self._classes)
        return None


class FlipsTable(QTableView):
    """The flips; turning to a row shows its photo, copying gives lines for a spreadsheet."""

    chosen = Signal(object)
    """The `Flip` that the user turned to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Photos that lose their class")
        self.setAccessibleDescription("A line for each photo; Enter or a click shows it in the panes")
        self.model_ = FlipsModel(self)
        self.setModel(self.model_)
        self.setSortingEnabled(True)
        self.sortByColumn(_LOST, Qt.SortOrder.DescendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setStyleSheet("QTableView::item { padding: 0 5px; }")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(22)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setStretchLastSection(True)
        for i, column in enumerate(COLUMNS):
            self.setColumnWidth(i, column.width)
        self.selectionModel().currentRowChanged.connect(self._choose)

    def set_flips(self, flips: Sequence[Flip], classes: Classes, *, several: bool) -> None:
        """Show these flips, of `several` settings or of one; the row that was turned to stays so."""
        current = self.current()
        with QSignalBlocker(self.selectionModel()):
            self.model_.set_flips(flips, classes)
            self._spread(several)
            if current is not None:
                self._turn_to(current)

    def _spread(self, several: bool) -> None:
        """Give the room of the compressors' column, where it is not shown, to the classes of the files."""
        header, modes = self.horizontalHeader(), QHeaderView.ResizeMode
        self.setColumnHidden(_COMPRESSOR, not several)
        if several and header.sectionResizeMode(_NOW) == modes.Stretch:
            header.setSectionResizeMode(_NOW, modes.Interactive)
            self.setColumnWidth(_NOW, COLUMNS[_NOW].width)
        elif not several:
            header.setSectionResizeMode(_NOW, modes.Stretch)
        header.setStretchLastSection(several)

    def current(self) -> Flip | None:
        """Return the flip that is turned to."""
        row = self.currentIndex().row()
        return self.model_.flips[row] if 0 <= row < len(self.model_.flips) else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C copies; Enter shows the photo again."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QApplication.clipboard().setText(self.as_tsv())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose()
        else:
            super().keyPressEvent(event)

    def as_tsv(self) -> str:
        """Return all rows as they are sorted, with a line of titles."""
        model = self.model_
        lines = ["\t".join(column.title for column in model.columns)]
        for flip in model.flips:
            values = (column.value(flip, model._classes) for column in model.columns)
            lines.append("\t".join(v if isinstance(v, str) else format(v, ".6g") for v in values))
        return "\n".join(lines) + "\n"

    def _turn_to(self, flip: Flip) -> None:
        same = (flip.photo.key, flip.setting)
        for row, other in enumerate(self.model_.flips):
            if (other.photo.key, other.setting) == same:
                flags = QItemSelectionModel.SelectionFlag
                index = self.model_.index(row, 0)
                self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
                return

    def _choose(self) -> None:
        flip = self.current()
        if flip is not None:
            self.chosen.emit(flip)


def describe(flip: Flip, classes: Classes) -> str:
    """Return what a tooltip says of a flip, several lines."""
    lines = [
        flip.photo.name,
        _setting(flip, classes),
        f"{classes[flip.was]} {flip.p_was:.1%} → {flip.p_left:.1%}; read as {classes[flip.now]}",
    ]
    if flip.photo.label is not None:
        lines.append(f"True class: {classes[flip.photo.label]}")
    if flip.p_other is not None:
        lines.append(f"The other setting leaves it {flip.p_other:.1%} in {flip.bytes_other or 0:,} B")
    lines.append("Click to show the photo in the panes")
    return "\n".join(lines).replace("%", " %")


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.pattern else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
