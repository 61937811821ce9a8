"""What happened, one time-stamped sentence a line, the newest below."""

from collections import deque

from PySide6.QtCore import QTime
from PySide6.QtGui import QColor, QFont, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from keepsight.app.ui import theme

MAX_LINES = 2000

_Line = tuple[str, str, bool]
"""Time, sentence, and whether it is a warning."""


class LogPanel(QPlainTextEdit):
    """A read-only list of sentences; the oldest go when there are more than `MAX_LINES`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Log")
        self.setToolTip("What the program did, the newest below")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setMaximumBlockCount(MAX_LINES)
        self.document().setDocumentMargin(8)
        self.setPlaceholderText("Nothing has happened yet.")
        self._lines: deque[_Line] = deque(maxlen=MAX_LINES)
        theme.look.changed.connect(self._write_anew)

    def add(self, text: str, warning: bool = False) -> None:
        """Add a sentence with the time; a warning is coloured and bold. Stays where the user scrolled to."""
        self._lines.append((QTime.currentTime().toString("HH:mm:ss"), " ".join(text.split()), warning))
        self._write(self._lines[-1])

    def _write_anew(self) -> None:
        """Write all in the colours of the theme in use."""
        at = self.verticalScrollBar().value()
        self.clear()
        for line in self._lines:
            self._write(line)
        self.verticalScrollBar().setValue(at)

    def _write(self, line: _Line) -> None:
        time, text, warning = line
        bar = self.verticalScrollBar()
        follows = bar.value() == bar.maximum()
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if not self.document().isEmpty():
            cursor.insertBlock()
        clock = _look(theme.MUTED)
        clock.setFont(theme.font(tabular=True))
        cursor.insertText(f"{time}   ", clock)
        look = _look(theme.FLIPPED, QFont.Weight.DemiBold) if warning else _look(theme.TEXT)
        cursor.insertText(text, look)
        if follows:
            bar.setValue(bar.maximum())


def _look(colour: str, weight: QFont.Weight = QFont.Weight.Medium) -> QTextCharFormat:
    look = QTextCharFormat()
    look.setForeground(QColor(colour))
    look.setFontWeight(weight)
    return look
