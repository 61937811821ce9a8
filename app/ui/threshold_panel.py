"""The tab of the threshold sweep: what can go from a photo before its class does."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from keepsight.app.ui import theme
from keepsight.app.ui.elided_label import ElidedLabel
from keepsight.app.ui.threshold_words import EMPTY

if TYPE_CHECKING:
    from keepsight.app.ui.threshold_plot import ThresholdPlot, ThresholdView


class ThresholdPanel(QWidget):
    """The plot, and a sentence below that says what it shows; `controls` stand above."""

    photo_requested = Signal()
    all_requested = Signal()
    stop_requested = Signal()
    threshold_clicked = Signal(float)
    """A threshold of the plot that the user chose."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plot: ThresholdPlot | None = None
        self._threshold: float | None = None
        self.photo_button = _button("This photo", "Measure every threshold on the photo that is shown")
        self.all_button = _button("All photos", "Measure every threshold on all photos of the group in sight")
        self.stop_button = _button("Stop", "Stop after the batch in hand; a later start goes on from there")
        self.photo_button.clicked.connect(self.photo_requested)
        self.all_button.clicked.connect(self.all_requested)
        self.stop_button.clicked.connect(self.stop_requested)
        self.finding = ElidedLabel()
        self.hint = QLabel(EMPTY, wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        theme.set_role(self.hint, "muted")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.hint)
        self.controls = QWidget()
        """The buttons."""
        self._lay_out()
        self.set_running(False)
        self.clear()

    @property
    def plot(self) -> "ThresholdPlot":
        """The plot, made when it is first needed: its library takes longer to load than all the rest."""
        if self._plot is None:
            from keepsight.app.ui.threshold_plot import ThresholdPlot

            self._plot = ThresholdPlot()
            self._plot.threshold_clicked.connect(self.threshold_clicked)
            self._plot.set_threshold(self._threshold)
            self._stack.addWidget(self._plot)
        return self._plot

    def show_view(self, view: "ThresholdView", subject: str, finding: str) -> None:
        """Show a curve, what it is of, and what it says."""
        self.plot.set_view(view)
        self.plot.set_subject(subject)
        self._stack.setCurrentWidget(self.plot)
        self.say(finding)

    def clear(self, hint: str = EMPTY) -> None:
        """Show no curve, but what to do."""
        self.hint.setText(hint)
        self._stack.setCurrentWidget(self.hint)
        self.say("")

    def say(self, finding: str) -> None:
        """Show what was found."""
        self.finding.setText(finding)
        self.finding.setToolTip(finding)

    def set_threshold(self, threshold: float | None) -> None:
        """Mark the threshold that is in use; None where there is none."""
        self._threshold = threshold
        if self._plot is not None:
            self._plot.set_threshold(threshold)

    def set_running(self, running: bool) -> None:
        """Offer to stop while a measurement runs."""
        self.stop_button.setEnabled(running)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self.controls)
        row.setContentsMargins(0, 0, 0, 3)
        row.addStretch(1)
        for button in (self.photo_button, self.all_button, self.stop_button):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self._stack, 1)
        column.addWidget(self.finding)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button
