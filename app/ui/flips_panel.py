"""The tab of the flips: which photos lose their class, and at which rate the one in sight does."""

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from keepsight.app.engine.flips import Flip, Step
from keepsight.app.engine.types import SettingKey
from keepsight.app.ui import theme
from keepsight.app.ui.elided_label import ElidedLabel
from keepsight.app.ui.flip_history import FlipHistory
from keepsight.app.ui.flips_form import FlipsForm
from keepsight.app.ui.flips_table import FlipsTable

EMPTY = "Press Sweep to see whose class changes, with which compressor and at which file size."
_HISTORY_TIP = (
    "What each compressor makes of this photo, from small files to large ones: a green disc where the class "
    "is kept, a cross with the other class where it is flipped. Rings: the settings of the list.\n"
    "Click a mark, or go there with the arrow keys and press Enter, to put its setting into a pane"
)


class FlipsPanel(QWidget):
    """The choice above, the photos at the left, the history of one of them at the right, a sentence below."""

    seen = Signal()
    """It has come into sight: what it shows may be old."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = FlipsForm()
        self.table = FlipsTable()
        self.history = FlipHistory()
        self.finding = ElidedLabel()
        self.subject = ElidedLabel()
        theme.set_role(self.subject, "strong")
        self._hint = QLabel(EMPTY, wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        theme.set_role(self._hint, "muted")
        self._stack = QStackedWidget()
        self._lay_out()

    def show_flips(
        self, flips: Sequence[Flip], classes: Sequence[str], finding: str, *, several: bool
    ) -> None:
        """Show these flips, of `several` settings or of one, and what they say."""
        self.table.set_flips(flips, classes, several=several)
        self._say(finding)
        self._stack.setCurrentIndex(1)

    def show_history(
        self,
        photo: str,
        history: Mapping[str, Sequence[Step]],
        classes: Sequence[str],
        ringed: Collection[SettingKey],
    ) -> None:
        """Show what each codec makes of a photo."""
        self.subject.setText(photo if history else f"{photo} is not in this sweep".strip())
        self.subject.setToolTip(_HISTORY_TIP)
        self.history.set_history(history, classes, ringed)

    def clear(self) -> None:
        """Show nothing, but what to do."""
        self._stack.setCurrentIndex(0)
        self._say("")

    def showEvent(self, event: QShowEvent) -> None:
        """Tell that it is in sight."""
        super().showEvent(event)
        self.seen.emit()

    def _say(self, finding: str) -> None:
        self.finding.setText(finding)
        self.finding.setToolTip(finding)

    def _lay_out(self) -> None:
        strips = QScrollArea()
        strips.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it has the focus
        strips.setWidget(self.history)
        strips.setWidgetResizable(True)
        strips.setFrameShape(QFrame.Shape.NoFrame)
        strips.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for part in (self.history, strips.viewport()):
            part.setAutoFillBackground(False)
        right = QVBoxLayout()
        right.setSpacing(2)
        self.subject.setContentsMargins(8, 3, 0, 0)
        right.addWidget(self.subject)
        right.addWidget(strips, 1)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.table, 3)
        row.addLayout(right, 2)
        body = QWidget()
        rows = QVBoxLayout(body)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(3)
        rows.addWidget(self.form)
        rows.addLayout(row, 1)
        self._stack.addWidget(self._hint)
        self._stack.addWidget(body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self._stack, 1)
        column.addWidget(self.finding)
