"""The most probable classes as name, bar and per cent."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from keepsight.app.ui import format as words
from keepsight.app.ui import theme

ROWS = 3
_PITCH = 17
_BAR = 6
_GAP = 5
_NARROWEST_NAME, _WIDEST_NAME = 72, 128
"""All lengths are those at the program's usual size of letters, pixels."""


class PredictionBars(QWidget):
    """Three rows whose columns stay where they are, whatever the names and the numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, float]] = []
        self._scale, self._count = 1.0, ROWS
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_row_count(ROWS)
        self.setAccessibleName("Most probable classes")

    def set_rows(self, rows: Sequence[tuple[str, float]]) -> None:
        """Show up to three (class name, probability in [0, 1]), best first."""
        self._rows = list(rows[:ROWS])
        self.setAccessibleDescription(", ".join(f"{name} {words.percent(p)}" for name, p in self._rows))
        self.update()

    def set_row_count(self, count: int) -> None:
        """Leave room for so many rows; the others are not seen."""
        self._count = count
        self.setFixedHeight(count * self._pitch)

    def set_type_size(self, size: int) -> None:
        """Write and draw in this size of letters, pixels."""
        self._scale = size / theme.FONT_SIZE
        self.setFont(theme.font(size))
        self.set_row_count(self._count)

    @property
    def _pitch(self) -> int:
        return round(_PITCH * self._scale)

    def sizeHint(self) -> QSize:
        """Ask for room for a short name and a bar."""
        return QSize(240, ROWS * self._pitch)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows; the first stands out."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            metrics = self.fontMetrics()
            plain, tabular = self.font(), theme.font(self.font().pixelSize(), tabular=True)
            pitch, thick, gap = self._pitch, round(_BAR * self._scale), round(_GAP * self._scale)
            name_width, percent_width = self._name_width(), QFontMetrics(tabular).horizontalAdvance("100 %")
            bar_left = name_width + gap
            bar_width = self.width() - bar_left - gap - percent_width
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            for index, (name, probability) in enumerate(self._rows):
                top = index * pitch
                painter.setPen(QColor(theme.MUTED if index else theme.TEXT))
                elided = metrics.elidedText(name, Qt.TextElideMode.ElideRight, name_width)
                painter.setFont(plain)
                painter.drawText(QRect(0, top, name_width, pitch), left, elided)
                bar = QRectF(bar_left, top + (pitch - thick) // 2, bar_width, thick)
                self._draw_bar(painter, bar, theme.RAISED)
                # A bar shorter than its round ends would be drawn as a lens.
                bar.setWidth(max(thick, probability * bar_width) if probability > 0 else 0)
                self._draw_bar(painter, bar, theme.KEPT)
                painter.setPen(QColor(theme.MUTED if index else theme.TEXT))
                numbers = QRect(self.width() - percent_width, top, percent_width, pitch)
                painter.setFont(tabular)
                painter.drawText(numbers, right, words.percent(probability))

    def event(self, event: QEvent) -> bool:
        """Tell the whole name where it may be cut."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos()), self)
            return True
        return super().event(event)

    def tip_at(self, position: QPoint) -> str:
        """Return the row at a position in words, or nothing."""
        index = position.y() // self._pitch
        if not 0 <= index < len(self._rows):
            return ""
        name, probability = self._rows[index]
        return f"{name}: {100 * probability:.2f} %"

    def _name_width(self) -> int:
        narrowest, widest = (round(width * self._scale) for width in (_NARROWEST_NAME, _WIDEST_NAME))
        return max(narrowest, min(widest, round(0.26 * self.width())))

    @staticmethod
    def _draw_bar(painter: QPainter, bar: QRectF, colour: str) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        radius = bar.height() / 2
        painter.drawRoundedRect(bar, radius, radius)
