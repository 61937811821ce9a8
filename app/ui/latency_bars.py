"""How long a photo takes with each codec, step by step: one bar a codec, the fastest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from keepsight.app.engine.latency import Latency
from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.ui import latency_words as words
from keepsight.app.ui import theme

_ROW = 20
_BAR = 10
_TOTAL = 62
"""Width of the times at the right."""
_NAMES = (120, 250)
"""Least and most width of codec and setting."""
_LONGEST = 5.0
"""A bar is cut where it is so many times as long as the fastest: the others would be slivers."""
_DOT = 9


@dataclass(frozen=True)
class LeftOut:
    """A codec without a bar."""

    codec: str
    reason: str


class LatencyBars(QWidget):
    """A row for each codec; a click, or Enter on the row that the arrow keys chose, asks for its setting."""

    chosen = Signal(str, str)
    """Codec id and options (JSON)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Time a photo takes with each compressor")
        self.setAccessibleDescription("The arrow keys go from bar to bar; Enter shows its setting in a pane")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setMouseTracking(True)
        self._found: Sequence[Latency] = ()
        self._left_out: Sequence[LeftOut] = ()
        self._under: int | None = None
        """Row under the pointer, or that the keys chose."""

    def set_bars(self, found: Sequence[Latency], left_out: Sequence[LeftOut]) -> None:
        """Show these, the fastest first, and below them who has no bar."""
        self._found, self._left_out = found, left_out
        rows = [f"{words.name(one.point.codec)} {words.duration(one.total)}" for one in found]
        self.setAccessibleDescription(", ".join(rows))
        if self._under is not None and self._under >= len(found):
            self._under = None
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for all rows."""
        return QSize(320, _ROW * (len(self._found) + len(self._left_out)))

    def minimumSizeHint(self) -> QSize:
        """Ask for all rows: what stands around scrolls."""
        return QSize(220, self.sizeHint().height())

    def row_rect(self, row: int) -> QRect:
        """Return where a row lies."""
        return QRect(0, _ROW * row, self.width(), _ROW)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the row under the pointer."""
        self._mark(self._row_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        """Mark none."""
        self._mark(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the setting of a row."""
        row = self._row_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and row is not None:
            self._choose(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go through the rows, Enter asks for the setting."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is not None and self._found:
            last = -1 if self._under is None else self._under
            self._mark(min(max(last + step, 0), len(self._found) - 1))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._under is not None:
            self._choose(self._under)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Tell all of a row in its tooltip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = event.pos().y() // _ROW
            if at < len(self._found):
                QToolTip.showText(event.globalPos(), words.describe(self._found[at]), self, self.row_rect(at))
            elif at - len(self._found) < len(self._left_out):
                out = self._left_out[at - len(self._found)]
                text = f"{words.name(out.codec)}: {out.reason}"
                QToolTip.showText(event.globalPos(), text, self, self.row_rect(at))
            return True
        return bool(super().event(event))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            left = min(max(round(0.42 * self.width()), _NAMES[0]), _NAMES[1])
            for row, found in enumerate(self._found):
                rect = self.row_rect(row)
                if row == self._under:
                    painter.fillRect(rect, QColor(theme.RAISED))
                codec, setting = found.point.codec, words.setting(found.point)
                _draw_name(painter, rect, left, codec, setting)
                self._draw_bar(painter, QRect(left, rect.y(), rect.width() - left - _TOTAL, _ROW), found)
                painter.setPen(QColor(theme.TEXT))
                painter.setFont(theme.font(tabular=True))
                right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(rect.adjusted(0, 0, -6, 0), right, words.duration(found.total))
            for row, out in enumerate(self._left_out, len(self._found)):
                _draw_name(painter, self.row_rect(row), self.width() - 6, out.codec, out.reason)

    def _draw_bar(self, painter: QPainter, room: QRect, found: Latency) -> None:
        longest = min(self._found[-1].total, _LONGEST * self._found[0].total)
        x, top = float(room.x()), room.y() + (_ROW - _BAR) / 2
        end = room.x() + room.width()
        for stage, (colour, _) in words.STAGES.items():
            width = room.width() * getattr(found, stage) / longest
            painter.fillRect(QRectF(x, top, min(width, end - x), _BAR), QColor(theme.readable(colour)))
            x = min(x + width, end)
        if found.total > longest * 1.0001:  # cut off: a gap says that it goes on
            for back in (10, 5):
                painter.fillRect(QRectF(end - back, top - 1, 2, _BAR + 2), QColor(theme.PANEL))

    def _row_at(self, at: QPoint) -> int | None:
        row = at.y() // _ROW
        return row if 0 <= row < len(self._found) else None

    def _mark(self, row: int | None) -> None:
        if row != self._under:
            self._under = row
            points = row is not None and self._found[row].point.codec != ORIGINAL
            self.setCursor(Qt.CursorShape.PointingHandCursor if points else Qt.CursorShape.ArrowCursor)
            self.update()

    def _choose(self, row: int) -> None:
        point = self._found[row].point
        if point.codec != ORIGINAL:
            self.chosen.emit(point.codec, point.options)


def _draw_name(painter: QPainter, rect: QRect, room: int, codec: str, more: str) -> None:
    """Draw a codec's dot and name, and what is said of it after that, cut to so many pixels."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(words.colour(codec)))
    painter.drawEllipse(QRectF(8, rect.y() + (_ROW - _DOT) / 2, _DOT, _DOT))
    font = theme.font()
    painter.setFont(font)
    metrics = QFontMetrics(font)
    x = 8 + _DOT + 6
    for text, colour in ((words.name(codec), theme.TEXT), (more, theme.MUTED)):
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, room - x - 6))
        painter.setPen(QColor(colour))
        painter.drawText(QRect(x, rect.y(), max(0, room - x), _ROW), Qt.AlignmentFlag.AlignVCenter, shown)
        x += metrics.horizontalAdvance(shown) + 7
