"""The tab of the latency: which compressor brings a photo to its class the fastest, over which link."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from keepsight.app.engine.latency import Latency
from keepsight.app.ui import latency_words as words
from keepsight.app.ui import theme
from keepsight.app.ui.elided_label import ElidedLabel
from keepsight.app.ui.latency_bars import LatencyBars, LeftOut
from keepsight.app.ui.latency_form import LatencyForm

if TYPE_CHECKING:
    from keepsight.app.ui.latency_plot import LatencyPlot, LatencyView

_FORM_WIDTH = 225


class LatencyPanel(QWidget):
    """Sliders at the left, bars in the middle, lines at the right, a sentence below."""

    seen = Signal()
    """It has come into sight: what it shows may be old."""
    bandwidth_clicked = Signal(float)
    """Bits per second that the user chose in the plot."""
    paths_requested = Signal()
    """The user wants to know what a classifier that reads files saves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = LatencyForm()
        self.form.setFixedWidth(_FORM_WIDTH)
        self.bars = LatencyBars()
        self.finding = ElidedLabel()
        self.paths_button = QPushButton("From file to class")
        self.paths_button.setToolTip(
            "Time a pane's file with this classifier, which reads it, and with the one that reads pixels"
        )
        self.paths_button.clicked.connect(self.paths_requested)
        self.controls = QWidget()
        """The button, for classifiers that read files."""
        self._plot: LatencyPlot | None = None
        self._stack = QStackedWidget()
        hint = QLabel(words.EMPTY, wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        theme.set_role(hint, "muted")
        self._stack.addWidget(hint)
        self._pictures = QHBoxLayout()
        self._lay_out()
        self.offer_paths(False)

    @property
    def plot(self) -> "LatencyPlot":
        """The plot, made when it is first needed: its library takes longer to load than all the rest."""
        if self._plot is None:
            from keepsight.app.ui.latency_plot import LatencyPlot

            self._plot = LatencyPlot()
            self._plot.bandwidth_clicked.connect(self.bandwidth_clicked)
            self._pictures.addWidget(self._plot, 4)
        return self._plot

    def show_view(
        self, found: Sequence[Latency], left_out: Sequence[LeftOut], view: "LatencyView", finding: str
    ) -> None:
        """Show the codecs at the chosen bandwidth, all bandwidths, and what that says."""
        self.bars.set_bars(found, left_out)
        self.plot.set_view(view)
        self.plot.set_bandwidth(self.form.link().bandwidth)
        self.say(finding)
        self._stack.setCurrentIndex(1)

    def offer_paths(self, offered: bool) -> None:
        """Offer to time both ways from a file to its class, or not: the classifier reads pixels."""
        self.paths_button.setVisible(offered)

    def say(self, sentence: str) -> None:
        """Show a sentence below."""
        self.finding.setText(sentence)
        self.finding.setToolTip(sentence)

    def clear(self) -> None:
        """Show nothing, but what to do."""
        self._stack.setCurrentIndex(0)
        self.say("")

    def showEvent(self, event: QShowEvent) -> None:
        """Tell that it is in sight."""
        super().showEvent(event)
        self.seen.emit()

    def _lay_out(self) -> None:
        legend = self._legend = QLabel()
        self._write_legend()
        theme.look.changed.connect(self._write_legend)
        steps = [f"{stage}: {what}" for stage, (_, what) in words.STAGES.items()]
        legend.setToolTip("\n".join([*steps, words.HOW_MEASURED]))
        legend.setContentsMargins(8, 3, 0, 1)
        rows = QScrollArea()
        rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it has the focus
        rows.setWidget(self.bars)
        rows.setWidgetResizable(True)
        rows.setFrameShape(QFrame.Shape.NoFrame)
        rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for part in (self.bars, rows.viewport()):
            part.setAutoFillBackground(False)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(legend)
        left.addWidget(rows, 1)
        pictures = QFrame()
        self._pictures.setContentsMargins(0, 0, 0, 0)
        self._pictures.addLayout(left, 5)
        pictures.setLayout(self._pictures)
        self._stack.addWidget(pictures)
        row = QHBoxLayout(self.controls)
        row.setContentsMargins(0, 0, 0, 3)
        row.addStretch(1)
        row.addWidget(self.paths_button)
        above = QHBoxLayout()
        above.setSpacing(10)
        above.addWidget(self.form)
        above.addWidget(self._stack, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(above, 1)
        column.addWidget(self.finding)

    def _write_legend(self) -> None:
        self._legend.setText(
            theme.GAP.join(_sign(stage, colour) for stage, (colour, _) in words.STAGES.items())
        )


def _sign(stage: str, colour: str) -> str:
    colour = theme.readable(colour)
    return f'<span style="color:{colour}">■</span>&nbsp;<span style="color:{theme.MUTED}">{stage}</span>'
