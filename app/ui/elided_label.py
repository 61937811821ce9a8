"""Labels that do with less room than their text asks for."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel

_FEWEST = 4
"""Fewer signs than these, the ellipsis among them, tell nothing."""


class ElidedLabel(QLabel):
    """One line; `text()` stays the whole text. It asks for the room of the whole and does with less."""

    def minimumSizeHint(self) -> QSize:
        """Do with next to no width."""
        return QSize(self.fontMetrics().horizontalAdvance("…"), super().minimumSizeHint().height())

    def shown_text(self) -> str:
        """Return as much of the text as fits, nothing where that would be a sign or two."""
        width = self.contentsRect().width()
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, width)
        return shown if shown == self.text() or len(shown) >= _FEWEST else ""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of the text as fits."""
        with QPainter(self) as painter:
            painter.setPen(self.palette().color(self.foregroundRole()))
            painter.drawText(self.contentsRect(), self.alignment(), self.shown_text())


class PartsLabel(ElidedLabel):
    """One line of figures: as many as fit, the first ones first, and none of them cut."""

    def __init__(self, separator: str) -> None:
        super().__init__()
        self._separator = separator
        self._parts: Sequence[str] = ()

    def set_parts(self, parts: Sequence[str]) -> None:
        """Show these figures."""
        self._parts = parts
        self.setText(self._separator.join(parts))

    def minimumSizeHint(self) -> QSize:
        """Ask for room for the first figure."""
        first = self._parts[0] if self._parts else ""
        return QSize(self.fontMetrics().horizontalAdvance(first), super().minimumSizeHint().height())

    def shown_text(self) -> str:
        """Return as many figures as fit."""
        room = self.contentsRect().width()
        for count in range(len(self._parts), 0, -1):
            text = self._separator.join(self._parts[:count])
            if self.fontMetrics().horizontalAdvance(text) <= room:
                return text
        return ""
