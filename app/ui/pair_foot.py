"""What is known of one of the two pictures that are compared in one view."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from keepsight.app.ui import theme
from keepsight.app.ui.elided_label import ElidedLabel, PartsLabel
from keepsight.app.ui.pane import QUALITY_TIP, PaneContent, quality_words, show_verdict, size_words
from keepsight.app.ui.prediction_bars import PredictionBars


class PairFoot(QWidget):
    """Name, size, most probable classes, whether the class is kept, and likeness, as under a pane."""

    def __init__(self) -> None:
        super().__init__()
        self._dot = QLabel("●")
        self._title = QLabel()
        self._options = ElidedLabel()
        self._options.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._size = PartsLabel(" · ")
        self.bars = PredictionBars()
        self.verdict = QLabel()
        self._quality = PartsLabel("   ")
        for label in (self._title, self._size):
            theme.set_role(label, "heading")
        for label in (self._options, self._quality):
            theme.set_role(label, "muted")
        for figures in (self._size, self._quality):
            figures.setFont(theme.font(tabular=True))
            figures.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(_row(self._dot, self._title, self._options, self._size, stretched=2))
        column.addWidget(self.bars)
        column.addLayout(_row(self.verdict, self._quality, stretched=1))
        self.show_content(None)

    def show_content(self, content: PaneContent | None) -> None:
        """Describe this picture, or none: the room for it stays."""
        content = content or PaneContent("")
        self._dot.setText("●" if content.title else " ")
        theme.set_ink(self._dot, content.colour)
        self._title.setText(content.title)
        self._options.setText(content.options)
        self._options.setToolTip(content.options)
        self._size.set_parts(size_words(content))
        self._size.setToolTip(
            f"{self._size.text()}\nLength of the whole file, and bits per pixel of the original"
            if content.bytes is not None
            else ""
        )
        self.bars.set_rows(content.rows)
        show_verdict(self.verdict, content.verdict)
        self._quality.set_parts(quality_words(content))
        known = content.psnr is not None
        self._quality.setToolTip(f"{self._quality.text()}\n{QUALITY_TIP}" if known else "")

    def set_type_size(self, size: int) -> None:
        """Write and draw in this size of letters, pixels."""
        labels = (self._dot, self._title, self._options, self._size, self.verdict, self._quality)
        for label in labels:
            theme.set_type_size(label, size)
        self.bars.set_type_size(size)


def _row(*widgets: QWidget, stretched: int) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(5)
    for place, widget in enumerate(widgets):
        row.addWidget(widget, 1 if place == stretched else 0)
    return row
