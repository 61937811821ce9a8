"""The line between the two pictures of a wipe."""

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QWidget

from keepsight.app.ui import theme

_GRIP = 22
"""Width of what can be dragged, device-independent pixels."""
_STEP, _FINE, _COARSE = 0.02, 0.002, 0.1
"""How far a key moves the line, in shares of the view's width."""
_KNOB = 11
_DIRECTIONS: dict[int, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_ENDS: dict[int, float] = {Qt.Key.Key_Home: 0.0, Qt.Key.Key_End: 1.0}


class WipeLine(QWidget):
    """Lies over a view, as high as it. Dragged by the mouse; left and right move it, Home and End too."""

    moved = Signal(float)
    """Where the user wants it, in shares of the view's width."""
    placed = Signal()
    """The view has another size, and the line another place in it."""

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view = view
        self._split = 0.5
        self._plain = False
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Line between the two pictures")
        self.setToolTip("Drag it, or press ← and →: with Shift finer, with Ctrl coarser")
        view.installEventFilter(self)

    def set_split(self, split: float) -> None:
        """Stand at a share of the view's width, in [0, 1]."""
        self._split = split
        self._follow()

    def set_plain(self, plain: bool) -> None:
        """Draw the line alone, without its knob."""
        self._plain = plain
        self.update()

    def _follow(self) -> None:
        at = round(self._split * self._view.width())
        self.setGeometry(at - _GRIP // 2, 0, _GRIP, self._view.height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as high as the view."""
        if event.type() == QEvent.Type.Resize:
            self._follow()
            self.placed.emit()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag."""
        self._move_to(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse."""
        self._move_to(event)

    def _move_to(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            at = self.mapToParent(event.position()).x()
            self.moved.emit(_within(at / max(1, self._view.width())))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by a step; other keys are the view's."""
        key, modifiers = event.key(), event.modifiers()
        if key in _ENDS:
            self.moved.emit(_ENDS[key])
        elif key in _DIRECTIONS:
            step = _STEP
            if modifiers & Qt.KeyboardModifier.ShiftModifier:
                step = _FINE
            elif modifiers & Qt.KeyboardModifier.ControlModifier:
                step = _COARSE
            self.moved.emit(_within(self._split + _DIRECTIONS[key] * step))
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a white line with a dark edge; in its middle a knob, blue where the keyboard moves it."""
        with QPainter(self) as painter:
            middle = self._split * self._view.width() - self.x()
            painter.fillRect(QRectF(middle - 1.5, 0, 3, self.height()), QColor(0, 0, 0, 130))
            painter.fillRect(QRectF(middle - 0.5, 0, 1, self.height()), QColor("white"))
            if self._plain:
                return
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(0, 0, 0, 160))
            painter.setBrush(QColor(theme.HIGHLIGHT if self.hasFocus() else "white"))
            centre = QPointF(_GRIP / 2, self.height() / 2)
            painter.drawEllipse(centre, _KNOB - 1, _KNOB - 1)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor("white" if self.hasFocus() else "black"))
            for side in (-1, 1):
                points = [QPointF(side * 7, 0), QPointF(side * 2.5, -3.5), QPointF(side * 2.5, 3.5)]
                painter.drawPolygon(QPolygonF([centre + point for point in points]))


def _within(split: float) -> float:
    return min(1.0, max(0.0, split))
