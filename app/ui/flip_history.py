"""One photo over the rate: for each codec a strip of marks, kept or flipped, small files first."""

import math
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QToolTip, QWidget

from keepsight.app.engine.flips import Step, kept_from
from keepsight.app.engine.types import SettingKey
from keepsight.app.ui import format as words
from keepsight.app.ui import theme
from keepsight.app.ui.curve_points import options_in_words
from keepsight.codecs import registry

_ROW = 30
_AXIS = 16
_NAMES = (64, 110)
"""Least and largest width of the codecs' names, pixels."""
_VERDICT = 92
"""Width of what stands at the right: from which size on the class is kept."""
_MARK = 4.0
_REACH = 9
"""A click this near to a mark hits it, pixels."""
_SMALL = 10
_TICKS = (1, 2, 5)


class FlipHistory(QWidget):
    """Strips of marks over the bytes of the photo's own files, on one logarithmic axis."""

    setting_chosen = Signal(str, str)
    """Codec id and options (JSON) of a mark that was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("History of the photo: class over file size")
        self.setAccessibleDescription("The arrow keys go from file to file; Enter shows one in a pane")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._lines: list[tuple[str, Sequence[Step]]] = []
        self._classes: Sequence[str] = ()
        self._ringed: Collection[SettingKey] = ()
        self._under: tuple[int, int] | None = None

    def set_history(
        self, history: Mapping[str, Sequence[Step]], classes: Sequence[str], ringed: Collection[SettingKey]
    ) -> None:
        """Show what each codec makes of a photo, and ring the marks of these settings."""
        self._lines = list(history.items())
        self._classes, self._ringed = classes, ringed
        if self._under is not None and not self._has(*self._under):
            self._under = None
        self.setMinimumHeight(self.sizeHint().height())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for a row for each codec, and the axis."""
        return QSize(320, len(self._lines) * _ROW + _AXIS)

    def place_of(self, line: int, step: int) -> QPointF:
        """Return where the mark of a step lies in the widget."""
        low, high = self._range()
        room = self._room()
        share = (math.log(self._lines[line][1][step].bytes) - low) / (high - low)
        return QPointF(room.left() + share * room.width(), line * _ROW + 10)

    def describe(self, line: int, step: int) -> str:
        """Return what a tooltip says of a mark."""
        codec, steps = self._lines[line]
        one = steps[step]
        name = f"{registry.get(codec).label} · {options_in_words(*one.setting)}".removesuffix(" · ")
        read = f"read as {self._classes[one.top1]}"
        fate = "class kept" if one.kept else "class flipped"
        return (
            f"{name}\n{one.bytes:,} B · {read}: {fate}\n"
            f"The class of the original has {words.percent(one.p_kept)} here"
        )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark what is under the pointer."""
        self._mark(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Mark nothing."""
        super().leaveEvent(event)
        if not self.hasFocus():
            self._mark(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the setting of a mark."""
        at = self._at(event.position())
        if at is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows go from mark to mark and from codec to codec, Enter asks for the setting."""
        key = event.key()
        moves = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._under is not None:
            self._choose(self._under)
        elif key in moves and self._lines:
            line, step = self._under or (0, -1)
            down, right = moves[Qt.Key(key)]
            line = min(max(line + down, 0), len(self._lines) - 1)
            step = min(max(step + right, 0), len(self._lines[line][1]) - 1)
            self._mark((line, step))
            text = self.describe(line, step)
            self.setAccessibleDescription(text)
            QToolTip.showText(self.mapToGlobal(self.place_of(line, step).toPoint()), text, self)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Say what a mark means."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = self._at(QPointF(event.pos()))
            if at is None:
                QToolTip.hideText()
            else:
                around = QRect(event.pos() - QPoint(4, 4), QSize(8, 8))
                QToolTip.showText(event.globalPos(), self.describe(*at), self, around)
            return True
        return bool(super().event(event))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all strips and the axis."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._lines:
                self._draw_axis(painter)
            for line in range(len(self._lines)):
                self._draw_line(painter, line)

    def _draw_axis(self, painter: QPainter) -> None:
        low, high = self._range()
        room = self._room()
        bottom = len(self._lines) * _ROW
        painter.setFont(theme.font(_SMALL))
        free = room.left() - 20.0
        for exponent in range(math.floor(low / math.log(10)), math.ceil(high / math.log(10)) + 1):
            for step in _TICKS:
                share = (math.log(step * 10.0**exponent) - low) / (high - low)
                if not 0 <= share <= 1:
                    continue
                x = room.left() + share * room.width()
                painter.setPen(QColor(theme.BORDER))
                painter.drawLine(QPointF(x, 0), QPointF(x, bottom))
                text = words.short_size(step * 10.0**exponent)
                width = QFontMetrics(painter.font()).horizontalAdvance(text)
                if x - width / 2 > free:
                    painter.setPen(QColor(theme.MUTED))
                    painter.drawText(QPointF(x - width / 2, bottom + 11), text)
                    free = x + width / 2 + 8

    def _draw_line(self, painter: QPainter, line: int) -> None:
        codec, steps = self._lines[line]
        room, top = self._room(), line * _ROW
        colour = QColor(theme.readable(registry.get(codec).colour))
        painter.setFont(theme.font())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QRectF(8, top + 6, 8, 8))
        _write(painter, QRectF(22, top, room.left() - 34, 20), registry.get(codec).label, theme.TEXT)
        places = [self.place_of(line, step) for step in range(len(steps))]
        painter.setPen(QPen(colour, 1))
        painter.drawLine(places[0], places[-1])
        for step, at in enumerate(places):
            self._draw_mark(painter, at, steps[step], under=self._under == (line, step))
        painter.setFont(theme.font(_SMALL))
        for end, run in _runs(steps):
            right = places[end].x() - 6 if end < len(steps) else room.right() + 6
            left = places[run].x() - _MARK
            _write(
                painter,
                QRectF(left, top + 15, right - left, 13),
                self._classes[steps[run].top1],
                theme.FLIPPED,
            )
        first = kept_from(steps)
        verdict = "never kept" if first is None else f"kept from {words.file_size(first.bytes)}"
        if first is steps[0]:
            verdict = "always kept"
        painter.setFont(theme.font(_SMALL))
        _write(painter, QRectF(room.right() + 12, top, _VERDICT, 20), verdict, theme.MUTED)

    def _draw_mark(self, painter: QPainter, at: QPointF, step: Step, *, under: bool) -> None:
        """Draw a green disc, or a vermillion cross; forms differ so that colours need not be told apart."""
        if step.kept:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.KEPT))
            painter.drawEllipse(at, _MARK, _MARK)
        else:
            painter.setPen(QPen(QColor(theme.FLIPPED), 2))
            for side in (1, -1):
                reach = QPointF(_MARK - 0.5, side * (_MARK - 0.5))
                painter.drawLine(at - reach, at + reach)
        if under or step.setting in self._ringed:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.HIGHLIGHT if under else theme.TEXT), 1.5))
            painter.drawEllipse(at, _MARK + 3, _MARK + 3)

    def _room(self) -> QRectF:
        """Return where the marks may lie."""
        left = min(max(0.24 * self.width(), _NAMES[0]), _NAMES[1]) + 16
        return QRectF(left, 0, max(40.0, self.width() - left - _VERDICT - 20), len(self._lines) * _ROW)

    def _range(self) -> tuple[float, float]:
        """Return the logarithms of the smallest and the largest file, apart."""
        sizes = [step.bytes for _, steps in self._lines for step in steps]
        low, high = math.log(min(sizes)), math.log(max(sizes))
        return (low, high) if high > low else (low - 0.5, high + 0.5)

    def _has(self, line: int, step: int) -> bool:
        return line < len(self._lines) and step < len(self._lines[line][1])

    def _at(self, position: QPointF) -> tuple[int, int] | None:
        """Return line and step of the nearest mark within reach."""
        line = int(position.y()) // _ROW
        if not 0 <= line < len(self._lines):
            return None
        offsets = [self.place_of(line, step) - position for step in range(len(self._lines[line][1]))]
        distance, step = min((math.hypot(off.x(), off.y()), step) for step, off in enumerate(offsets))
        return (line, step) if distance <= _REACH else None

    def _mark(self, under: tuple[int, int] | None) -> None:
        if under != self._under:
            self._under = under
            self.setCursor(Qt.CursorShape.PointingHandCursor if under else Qt.CursorShape.ArrowCursor)
            self.update()

    def _choose(self, at: tuple[int, int]) -> None:
        self.setting_chosen.emit(*self._lines[at[0]][1][at[1]].setting)


def _runs(steps: Sequence[Step]) -> list[tuple[int, int]]:
    """Return end and beginning of each run of files that are read as one and the same other class."""
    found, place = [], 0
    for (kept, _), run in groupby(steps, lambda step: (step.kept, step.top1)):
        length = len(list(run))
        if not kept:
            found.append((place + length, place))
        place += length
    return found


def _write(painter: QPainter, where: QRectF, text: str, colour: str) -> None:
    """Write as much of a text as fits, nothing where that is a sign or two."""
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(where.width()))
    if shown == text or len(shown) > 3:
        painter.setPen(QColor(colour))
        painter.drawText(where, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
