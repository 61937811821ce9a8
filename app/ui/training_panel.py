"""The tab of trainings: what is trained at the left, how it goes at the right."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from keepsight.app.ui import theme
from keepsight.app.ui import training_words as words
from keepsight.app.ui.elided_label import ElidedLabel
from keepsight.app.ui.training_form import TrainingForm

if TYPE_CHECKING:
    from keepsight.app.ui.training_plot import TrainingPlot

_FORM_WIDTH = 560


class TrainingPanel(QWidget):
    """Form, curves and a sentence below; `controls` stand above."""

    seen = Signal()
    """It has come into sight: what it shows may be old."""
    start_requested = Signal()
    stop_requested = Signal()
    use_requested = Signal()
    copy_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = TrainingForm()
        self.form.setFixedWidth(_FORM_WIDTH)
        self.finding = ElidedLabel()
        self._plot: TrainingPlot | None = None
        self._stack = QStackedWidget()
        hint = QLabel(words.EMPTY, wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        theme.set_role(hint, "muted")
        self._stack.addWidget(hint)
        self.start_button = _button("Start", "Train as the form says; one that was stopped goes on")
        self.stop_button = _button("Stop", "Stop after the step in hand; Start goes on from there")
        self.use_button = _button("Use it", "Load the classifier of this name, so that it reads the pictures")
        self.copy_button = _button("Copy", "Copy the command that trains the same without the window")
        self.start_button.clicked.connect(self.start_requested)
        self.stop_button.clicked.connect(self.stop_requested)
        self.use_button.clicked.connect(self.use_requested)
        self.copy_button.clicked.connect(self.copy_requested)
        self.controls = QWidget()
        """The buttons."""
        self._lay_out()
        self.set_running(False, stopping=False)
        self.use_button.setEnabled(False)

    @property
    def plot(self) -> "TrainingPlot":
        """The curves, made when they are first needed: their library takes long to load."""
        if self._plot is None:
            from keepsight.app.ui.training_plot import TrainingPlot

            self._plot = TrainingPlot()
            self._stack.addWidget(self._plot)
        self._stack.setCurrentWidget(self._plot)
        return self._plot

    def say(self, finding: str) -> None:
        """Show how far it is, or how it ended."""
        self.finding.setText(finding)
        self.finding.setToolTip(finding)

    def set_running(self, running: bool, *, stopping: bool) -> None:
        """Offer to start, or to stop."""
        self.start_button.setEnabled(not running)
        self.stop_button.setEnabled(running and not stopping)
        self.form.set_running(running)

    def showEvent(self, event: QShowEvent) -> None:
        """Tell that it is in sight."""
        super().showEvent(event)
        self.seen.emit()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self.controls)
        row.setContentsMargins(0, 0, 0, 3)
        row.addStretch(1)
        for button in (self.start_button, self.stop_button, self.use_button, self.copy_button):
            row.addWidget(button)
        above = QHBoxLayout()
        above.setSpacing(10)
        above.addWidget(self.form)
        above.addWidget(self._stack, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(above, 1)
        column.addWidget(self.finding)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button
