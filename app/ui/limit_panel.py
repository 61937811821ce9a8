"""The smallest file of each codec for the photo in sight, below the settings at the right."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from keepsight.app.engine.limits import Goal
from keepsight.app.engine.types import GoalKind
from keepsight.app.ui import theme
from keepsight.app.ui.elided_label import ElidedLabel
from keepsight.app.ui.fold_heading import FoldHeading
from keepsight.app.ui.quiet_combo import QuietCombo

State = Literal["searching", "found", "none", "failed"]

_ROOM_FOR_LIMITS, _ROOM_FOR_REGION = 500, 720
"""A column lower than this has no room for the rows, or the region's settings, beside a codec's options,
pixels."""
_ROW = 22


@dataclass(frozen=True)
class _GoalLook:
    """How one kind of goal is chosen."""

    choice: str
    help: str
    heading: str
    """What is found."""
    unit: str = ""
    values: tuple[int, int, int, int] | None = None
    """Least, most, first value and step; None where there is nothing to set."""


_GOALS: dict[GoalKind, _GoalLook] = {
    "agreement": _GoalLook(
        "keeps the class",
        "The most probable class is the one without compression",
        "Smallest file",
    ),
    "probability": _GoalLook(
        "probability at least",
        "The class without compression still has this probability",
        "Smallest file",
        " %",
        (1, 100, 50, 5),
    ),
    "bytes": _GoalLook(
        "size at most",
        "The best file that is no larger than this",
        "Best file",
        " B",
        (50, 99_000_000, 2000, 500),
    ),
}


@dataclass(frozen=True)
class LimitRow:
    """One codec."""

    label: str
    colour: str
    state: State
    text: str
    """What stands at the right: the size, or why there is none."""
    help: str


class LimitPanel(QFrame):
    """A goal, and a row for each codec; a click on a row asks for its setting."""

    goal_changed = Signal()
    opened = Signal()
    """It is unfolded: what it shows may be old."""
    chosen = Signal(str)
    """Codec id of a row that was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.set_role(self, "panel")
        self.goal_combo = QuietCombo("Goal", "What the smallest file has to do")
        for kind, look in _GOALS.items():
            self.goal_combo.add_choice(look.choice, kind, look.help)
        self.value = QSpinBox()
        self.value.setKeyboardTracking(False)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.value.setAccessibleName("Value of the goal")
        self.value.setToolTip("What the goal asks for")
        self.value.setGroupSeparatorShown(True)
        self.value.hide()
        self._values = {kind: look.values[2] for kind, look in _GOALS.items() if look.values}
        self._body = QWidget()
        self.heading = FoldHeading(_GOALS["agreement"].heading, self._body)
        self._rows: dict[str, _Row] = {}
        self._list = QVBoxLayout()
        self._lay_out()
        self._show_goal()
        self.goal_combo.currentIndexChanged.connect(lambda _: self._change_kind())
        self.value.valueChanged.connect(self._change_value)
        self.heading.toggled.connect(lambda open_: self.opened.emit() if open_ else None)

    def goal(self) -> Goal:
        """Return what is asked for."""
        kind: GoalKind = self.goal_combo.currentData()
        if kind == "agreement":
            return Goal(kind, 1.0)
        return Goal(kind, self.value.value() / 100 if kind == "probability" else self.value.value())

    def choice(self) -> tuple[GoalKind, dict[GoalKind, int]]:
        """Return the kind of goal, and the value of each kind that has one, in per cent or bytes."""
        return self.goal_combo.currentData(), dict(self._values)

    def choose(self, kind: GoalKind, values: Mapping[GoalKind, int]) -> None:
        """Choose a kind of goal and the values of kinds; those that are not named are as at first."""
        for other, look in _GOALS.items():
            if look.values is not None:
                least, most, first, _ = look.values
                self._values[other] = min(max(values.get(other, first), least), most)
        with QSignalBlocker(self.goal_combo):
            self.goal_combo.setCurrentIndex(max(0, self.goal_combo.findData(kind)))
        self._change_kind()

    @property
    def is_open(self) -> bool:
        """Whether its rows are in sight."""
        return self.heading.isChecked()

    def set_rows(self, rows: Mapping[str, LimitRow]) -> None:
        """Show these rows by codec id, in this order."""
        if list(rows) != list(self._rows):
            for old in self._rows.values():
                self._list.removeWidget(old)
                old.hide()
                old.deleteLater()
            self._rows = {}
            for codec in rows:
                row = self._rows[codec] = _Row()
                row.clicked.connect(lambda _=False, codec=codec: self.chosen.emit(codec))
                self._list.addWidget(row)
        for codec, told in rows.items():
            self._rows[codec].show_row(told)

    def row(self, codec: str) -> QPushButton:
        """Return a codec's row."""
        return self._rows[codec]

    def _change_kind(self) -> None:
        self._show_goal()
        self.goal_changed.emit()

    def _change_value(self, value: int) -> None:
        self._values[self.goal_combo.currentData()] = value
        self._show_goal()
        self.goal_changed.emit()

    def _show_goal(self) -> None:
        kind: GoalKind = self.goal_combo.currentData()
        look = _GOALS[kind]
        self.value.setVisible(look.values is not None)
        if look.values is not None:
            least, most, _, step = look.values
            self.value.blockSignals(True)
            self.value.setRange(least, most)
            self.value.setSingleStep(step)
            self.value.setSuffix(look.unit)
            self.value.setValue(self._values[kind])
            self.value.setToolTip(look.help)
            self.value.blockSignals(False)
        self.heading.setText(look.heading)

    def _lay_out(self) -> None:
        goal = QHBoxLayout()
        goal.setSpacing(6)
        goal.addWidget(self.goal_combo, 1)
        goal.addWidget(self.value)
        self._list.setSpacing(0)
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(4)
        body.addLayout(goal)
        body.addLayout(self._list)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(6)
        # A long heading in a wider font makes the column no wider.
        self.heading.setMinimumWidth(_ROW)
        self.heading.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        title = QHBoxLayout()
        title.addWidget(self.heading)
        title.addStretch(1)
        column.addLayout(title)
        column.addWidget(self._body)


class _Row(QPushButton):
    """A codec's dot and name at the left, what was found at the right."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(_ROW)
        theme.set_role(self, "row")
        self._dot, self._name, self._text = QLabel("●"), ElidedLabel(), QLabel()
        theme.set_role(self._name, "plain")  # also where there is nothing to click
        self._text.setFont(theme.font(tabular=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 0, 4, 0)
        row.setSpacing(6)
        row.addWidget(self._dot)
        row.addWidget(self._name, 1)
        row.addWidget(self._text)
        for part in (self._dot, self._name, self._text):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def minimumSizeHint(self) -> QSize:
        """Do with little width."""
        return QSize(80, _ROW)

    def show_row(self, row: LimitRow) -> None:
        """Show what was found."""
        theme.set_ink(self._dot, row.colour)
        self._name.setText(row.label)
        self._text.setText(row.text)
        theme.set_role(self._text, "strong" if row.state == "found" else "muted")
        self.setToolTip(row.help)
        self.setAccessibleName(f"{row.label}: {row.text}")
        self.setEnabled(row.state == "found")
        pointing = Qt.CursorShape.PointingHandCursor
        self.setCursor(pointing if row.state == "found" else Qt.CursorShape.ArrowCursor)


class SideColumn(QWidget):
    """The settings above, the limits below; where there is little room, parts fold away by themselves."""

    def __init__(self, settings: QWidget, limits: LimitPanel, region: FoldHeading) -> None:
        """`region` is the heading of the settings that are needed the least."""
        super().__init__()
        self._folding = {limits.heading: _ROOM_FOR_LIMITS, region: _ROOM_FOR_REGION}
        """The least height for a heading to be open, pixels, until the user folds or unfolds it."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(settings, 1)
        column.addWidget(limits)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold away what has no room, until the user does it."""
        super().resizeEvent(event)
        for heading, least in self._folding.items():
            if not heading.chosen:
                heading.setChecked(self.height() >= least)
