"""The tab of the table: all settings as numbers, or the codecs compared with one of them."""

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from keepsight.app.engine.comparison import LOSSES, Compared, Comparison
from keepsight.app.engine.types import Curve
from keepsight.app.ui import theme
from keepsight.app.ui.curve_table import CurveTable
from keepsight.app.ui.elided_label import ElidedLabel
from keepsight.app.ui.quiet_combo import QuietCombo
from keepsight.codecs import registry

View = Literal["settings", "codecs"]

_NONE = "–"
_ANCHOR = "jpeg"
"""The first choice."""
_COLUMNS = (
    ("Codec", "The compressor"),
    (
        "BD-rate (95 %)",
        "Bytes more or less at equal accuracy, over the band of 84 % to 98 % of the uncompressed",
    ),
    ("BD-accuracy (95 %)", "Points of accuracy more or less at equal bytes, over the same band"),
    *(
        (
            f"Bytes at −{100 * loss:g} point{'s' if loss > 0.01 else ''} (95 %)",
            "Mean bytes of a file for that loss",
        )
        for loss in LOSSES
    ),
    ("", "Why there is no Bjøntegaard delta"),
)


class TablePage(QWidget):
    """Two tables of which one is in sight, and a sentence below."""

    wanted = Signal()
    """Another view, anchor or pair of rows is asked for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.settings = CurveTable()
        self.codecs = _codec_table()
        self.finding = ElidedLabel()
        self.view_combo = QuietCombo("Table", "All settings, or all compressors compared with one of them")
        self.view_combo.add_choice("all settings", "settings", "A line for each measured setting")
        self.view_combo.add_choice("compressors compared", "codecs", "A line for each compressor")
        self.view_combo.setMinimumContentsLength(19)
        self.anchor_combo = QuietCombo("Compared with", "The compressor that the others are compared with")
        self._wanted_anchor = _ANCHOR
        """What the user chose, whether it is measured yet or not."""
        self.controls = QWidget()
        """They stand above."""
        self._stack = QStackedWidget()
        self._lay_out()
        self.anchor_combo.hide()
        self.finding.hide()
        self.view_combo.currentIndexChanged.connect(lambda _: self._turn())
        self.anchor_combo.activated.connect(lambda _: self._choose_anchor())
        self.settings.chosen.connect(self.wanted)
        theme.look.changed.connect(self._mute_notes)

    @property
    def view(self) -> View:
        """Which table is in sight."""
        view: View = self.view_combo.currentData()
        return view

    @property
    def anchor(self) -> str | None:
        """Codec id of what the others are compared with; None where there is none yet."""
        anchor: str | None = self.anchor_combo.currentData()
        return anchor

    def choice(self) -> tuple[View, str]:
        """Return which table the user chose, and what compressors are compared with, measured or not."""
        return self.view, self._wanted_anchor

    def choose(self, view: View, anchor: str) -> None:
        """Choose what `choice` returned; an anchor that has no curve yet is taken when it has one."""
        self._wanted_anchor = anchor
        with QSignalBlocker(self.view_combo), QSignalBlocker(self.anchor_combo):
            self.view_combo.setCurrentIndex(self.view_combo.findData(view))
            self._find_anchor()
        self._turn()

    def set_curves(self, curves: Sequence[Curve]) -> None:
        """Show the points of these curves, and offer their codecs as anchors."""
        self.settings.set_curves(curves)
        codecs = [curve.codec for curve in curves if registry.get(curve.codec).rate_option]
        if codecs != [self.anchor_combo.itemData(i) for i in range(self.anchor_combo.count())]:
            with QSignalBlocker(self.anchor_combo):
                self.anchor_combo.clear()
                for codec in codecs:
                    label = registry.get(codec).label
                    self.anchor_combo.add_choice(f"with {label}", codec, f"Compare all others with {label}")
                self._find_anchor()

    def show_comparison(self, comparison: Comparison) -> None:
        """Show the codecs."""
        self.codecs.setRowCount(len(comparison.codecs))
        for row, compared in enumerate(comparison.codecs):
            is_anchor = compared.codec == comparison.anchor
            for column, (text, tip) in enumerate(_cells(compared, is_anchor=is_anchor)):
                item = QTableWidgetItem(text)
                item.setToolTip(tip)
                if 0 < column < len(_COLUMNS) - 1:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.codecs.setItem(row, column, item)
        self._mute_notes()
        self.codecs.resizeColumnsToContents()

    def _mute_notes(self) -> None:
        for row in range(self.codecs.rowCount()):
            if note := self.codecs.item(row, len(_COLUMNS) - 1):
                note.setForeground(QColor(theme.MUTED))

    def say(self, finding: str) -> None:
        """Show a sentence below the table; "" takes it away."""
        self.finding.setText(finding)
        self.finding.setToolTip(finding)
        self.finding.setVisible(bool(finding))

    def _find_anchor(self) -> None:
        """Show the anchor that the user chose, the first one where it is not measured."""
        place = self.anchor_combo.findData(self._wanted_anchor)
        self.anchor_combo.setCurrentIndex(max(place, 0) if self.anchor_combo.count() else -1)

    def _choose_anchor(self) -> None:
        self._wanted_anchor = self.anchor or _ANCHOR
        self.wanted.emit()

    def _turn(self) -> None:
        compared = self.view == "codecs"
        self._stack.setCurrentWidget(self.codecs if compared else self.settings)
        self.anchor_combo.setVisible(compared)
        self.wanted.emit()

    def _lay_out(self) -> None:
        self._stack.addWidget(self.settings)
        self._stack.addWidget(self.codecs)
        row = QHBoxLayout(self.controls)
        row.setContentsMargins(0, 0, 0, 3)
        row.addStretch(1)
        row.addWidget(self.view_combo)
        row.addWidget(self.anchor_combo)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self._stack, 1)
        column.addWidget(self.finding)


def _codec_table() -> QTableWidget:
    table = QTableWidget(0, len(_COLUMNS))
    table.setAccessibleName("Compressors compared")
    table.setAccessibleDescription("A line for each compressor; its figures have tips that explain them")
    for column, (title, tip) in enumerate(_COLUMNS):
        header = QTableWidgetItem(title)
        table.setHorizontalHeaderItem(column, header)
        header.setToolTip(tip)
        side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
        header.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setStyleSheet("QTableView::item { padding: 0 7px; }")
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(22)
    table.horizontalHeader().setHighlightSections(False)
    table.horizontalHeader().setStretchLastSection(True)
    return table


def _cells(compared: Compared, *, is_anchor: bool) -> list[tuple[str, str]]:
    """Return text and tooltip of each cell."""
    delta = compared.delta
    rate = accuracy = _NONE
    if delta is not None:
        rate = f"{delta.rate:+.1%} ({delta.rate_low:+.1%} to {delta.rate_high:+.1%})"
        if delta.accuracy is not None and delta.accuracy_low is not None and delta.accuracy_high is not None:
            ends = f"{100 * delta.accuracy_low:+.1f} to {100 * delta.accuracy_high:+.1f}"
            accuracy = f"{100 * delta.accuracy:+.1f} points ({ends})"
    cells = [(registry.get(compared.codec).label, ""), (_signs(rate), ""), (_signs(accuracy), "")]
    for loss in LOSSES:
        needed = compared.rates.get(loss)
        if needed is None:
            cells.append(
                (_NONE, "Its settings, or the other compressor's, do not reach this accuracy surely")
            )
        else:
            saved = f"{needed.saved:.1%} saved ({needed.saved_low:.1%} to {needed.saved_high:.1%})"
            text = f"{needed.bytes:,.0f} ({needed.low:,.0f}–{needed.high:,.0f})"
            cells.append((text, "" if is_anchor else _signs(saved)))
    note = "the others are compared with this" if is_anchor and not compared.reason else compared.reason
    return [*cells, (note, note)]


def _signs(text: str) -> str:
    return text.replace("-", "−").replace("%", " %")
