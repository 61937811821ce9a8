"""The tab of the search: what a codec that searches has tried on the photo in sight."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from keepsight.app.ui import search_words as words
from keepsight.app.ui import theme
from keepsight.app.ui.elided_label import ElidedLabel
from keepsight.codecs.searching import Candidate, Found

if TYPE_CHECKING:
    from keepsight.app.ui.search_plot import SearchPlot


class SearchPanel(QWidget):
    """Signs above, points in the middle, a sentence below."""

    seen = Signal()
    """It has come into sight: what it shows may be old."""
    candidate_chosen = Signal(object)
    """`Candidate` that the user asked for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = ElidedLabel()
        self.hint = QLabel(words.EMPTY, wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        theme.set_role(self.hint, "muted")
        self._legend = QLabel()
        self._legend.setContentsMargins(8, 3, 0, 1)
        self._legend.setToolTip(words.HOW_CHOSEN)
        self._read = True
        """Whether a classifier has read the candidates."""
        theme.look.changed.connect(self._write_legend)
        self._plot: SearchPlot | None = None
        picture = QWidget()
        self._picture = QVBoxLayout(picture)
        self._picture.setContentsMargins(0, 0, 0, 0)
        self._picture.setSpacing(0)
        self._picture.addWidget(self._legend)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.hint)
        self._stack.addWidget(picture)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self._stack, 1)
        column.addWidget(self.finding)

    @property
    def plot(self) -> "SearchPlot":
        """The plot, made when it is first needed: its library takes longer to load than all the rest."""
        if self._plot is None:
            from keepsight.app.ui.search_plot import SearchPlot

            self._plot = SearchPlot()
            self._plot.candidate_chosen.connect(self.candidate_chosen)
            self._picture.addWidget(self._plot, 1)
        return self._plot

    def show_found(self, found: Found, seconds: float, shown: Candidate) -> None:
        """Show a search that took so long, and which of its candidates the pane has."""
        self._read = words.is_read(found)
        self._write_legend()
        self.plot.set_found(found, shown)
        self._say(words.finding(found, seconds, shown))
        self._stack.setCurrentIndex(1)

    def clear(self) -> None:
        """Show nothing, but what to do."""
        self._stack.setCurrentIndex(0)
        self._say("")

    def showEvent(self, event: QShowEvent) -> None:
        """Tell that it is in sight."""
        super().showEvent(event)
        self.seen.emit()

    def _write_legend(self) -> None:
        read = (("●", theme.KEPT, "class kept"), ("✕", theme.FLIPPED, "class lost"))
        signs = (
            *(read if self._read else (("■", theme.MUTED, "no classifier"),)),
            ("○", theme.TEXT, "chosen"),
            ("○", theme.HIGHLIGHT, "shown in the pane"),
            ("—", theme.MUTED, "least loss for the bytes"),
        )
        self._legend.setText(theme.GAP.join(_sign(*sign) for sign in signs))

    def _say(self, sentence: str) -> None:
        self.finding.setText(sentence)
        self.finding.setToolTip(f"{sentence}\n{words.HOW_CHOSEN}" if sentence else "")


def _sign(sign: str, colour: str, what: str) -> str:
    return f'<span style="color:{colour}">{sign}</span>&nbsp;<span style="color:{theme.MUTED}">{what}</span>'
