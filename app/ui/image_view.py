"""A picture that is zoomed and panned together with all others, with importance and outline over it."""

import math
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from keepsight.app.ui import overlay, pointer_mark, theme
from keepsight.app.ui.colour_maps import VIRIDIS, ColourMap
from keepsight.app.ui.picture import Picture
from keepsight.app.ui.placement import centre_of, fitted_width, placed
from keepsight.app.ui.pyramid import Pixels, Pyramid
from keepsight.app.ui.view_state import ViewState

_BUSY_AFTER_MS = 35
"""What is done sooner shows no busy mark, a thin bar; what takes longer is marked within 50 ms."""
_SLOW_S = 0.1
"""After a wait of so long the next is marked at once: it will be as long, and may hold the window up."""
_BAR = 2
"""Height of the busy mark, device-independent pixels."""
_DIMMED_AFTER_MS = 150
"""What is done sooner dims nothing, so that a moving slider does not make the picture flicker."""
_LARGEST_PIXEL = 64
"""Side to which a pixel of the original can be enlarged, device-independent pixels."""
_ZOOM_STEP = 1.25
_PAN_STEP = 40
_ALMOST = 1e-3
"""Steps of magnification that are closer than this, in powers of two, are the same."""


class ImageView(QWidget):
    """Shows pixels at the position and magnification of a shared `ViewState`.

    The wheel zooms at the pointer, dragging pans, F or a double click fits; +, - and the arrows do the same
    from the keyboard. The pointer marks the same pixel in every view of the same state.
    """

    pressed = Signal()
    """A mouse button went down here."""

    def __init__(self, state: ViewState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._picture: Picture | None = None
        self._names: tuple[str, str] = "", ""
        self._overlay: QImage | None = None
        self._opacity = 0.0
        self._outline: overlay.Lines = ()
        self._message = ""
        self._drag: QPointF | None = None
        self._marked: tuple[int, int] | None = None
        self._busy_delay = QTimer(self, singleShot=True, interval=_BUSY_AFTER_MS)
        self._busy_delay.timeout.connect(self._show_busy)
        self._dim_delay = QTimer(self, singleShot=True, interval=_DIMMED_AFTER_MS)
        self._dim_delay.timeout.connect(self.update)
        self._busy_since: float | None = None
        self._busy_shown = self._slow = False
        self._ring = False
        state.changed.connect(self.update)
        state.hovered.connect(self._move_marker)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(80, 60)
        self.setAccessibleName("Picture")
        self.setAccessibleDescription("No picture yet")

    def set_image(self, pixels: Pixels | None, levels: Sequence[Pixels] = ()) -> None:
        """Show (H, W, 3) uint8 sRGB pixels, which must not change afterwards, or none.

        `levels` are the same at full, half, quarter ... size; those that are missing are made here.
        """
        self.set_picture(None if pixels is None else Pyramid(pixels, levels))

    def set_picture(self, picture: Picture | None) -> None:
        """Show this picture, or none."""
        self._picture = picture
        if picture is not None and self._state.size.isEmpty():
            self._state.set_size(QSize(picture.width, picture.height))
        self.update()

    def set_names(self, left: str = "", right: str = "") -> None:
        """Write over the picture's upper corners what it is."""
        self._names = left, right
        self.update()

    def set_overlay(
        self,
        values: NDArray[np.float32] | None,
        maximum: float,
        opacity: float,
        colours: ColourMap = VIRIDIS,
    ) -> None:
        """Lay a map (h, w), raw and of any size, over the picture with an opacity in [0, 1].

        `maximum` is the value of the last colour, the same for all views so that they compare.
        """
        self._overlay = None if values is None else colours.coloured(values, maximum)
        self.set_overlay_opacity(opacity)

    def set_overlay_opacity(self, opacity: float) -> None:
        """Change the opacity of the map, in [0, 1], without colouring it again."""
        self._opacity = opacity
        self.update()

    def set_outline(self, lines: overlay.Lines) -> None:
        """Draw closed lines over the picture."""
        self._outline = lines
        self.update()

    def set_message(self, message: str) -> None:
        """Set the sentence that stands here while there is no picture."""
        self._message = message
        self.update()

    def set_busy(self, busy: bool) -> None:
        """Show that a newer picture is on its way: a bar and a dimmed picture, if it takes a moment."""
        if busy == (self._busy_since is not None):
            return
        now = time.monotonic()
        if self._busy_since is not None:
            self._slow = now - self._busy_since >= _SLOW_S
            self._busy_since = None
            self._busy_delay.stop()
            self._dim_delay.stop()
            self._busy_shown = False
            self.update()
        else:
            self._busy_since = now
            self._dim_delay.start()
            if self._slow:
                self._show_busy()
            else:
                self._busy_delay.start()

    def zoom_at(self, position: QPointF, factor: float) -> None:
        """Enlarge all views so that what is at `position` of this widget stays there."""
        whole = self.place()
        if self._picture is None or whole.isEmpty():
            return
        fitted = fitted_width(self._shape(), QSizeF(self.size()))
        extent = min(whole.width() * factor, float(max(_LARGEST_PIXEL * self._state.size.width(), 1)))
        if factor < 1 and extent <= fitted:
            self._state.fit()
            return
        grown = extent / whole.width()
        self._look(extent, position - (position - whole.topLeft()) * grown)

    def zoom_to_next(self, direction: int) -> None:
        """Enlarge (1) or reduce (-1) to the next power of two: so many device pixels for one, or its part."""
        if self._picture is not None and not self._state.size.isEmpty():
            exact = math.log2(self.place().width() * self.devicePixelRatioF() / self._state.size.width())
            step = math.floor(exact + _ALMOST) + 1 if direction > 0 else math.ceil(exact - _ALMOST) - 1
            self.zoom_at(QPointF(self.width() / 2, self.height() / 2), 2 ** (step - exact))

    def pan(self, by: QPointF) -> None:
        """Move the picture in all views by some device-independent pixels."""
        if self._state.extent is not None and self._picture is not None:
            whole = self.place()
            self._look(whole.width(), whole.topLeft() + by)

    def sizeHint(self) -> QSize:
        """Ask for the picture's own size, within reason."""
        return QSize(320, 240)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the visible part, and of that only what has to be drawn again."""
        with QPainter(self) as painter:
            bar = QRect(0, 0, self.width(), _BAR if self._busy_shown else 0)
            if not bar.contains(event.rect()):
                painter.fillRect(event.rect(), QColor(theme.SURROUND))
                if self._picture is None:
                    self._draw_message(painter)
                else:
                    whole = self.place()
                    self._draw_picture(painter, whole, whole.intersected(QRectF(event.rect())))
            painter.fillRect(bar, QColor(theme.HIGHLIGHT))
            if self._ring:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QColor(theme.HIGHLIGHT))
                painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _draw_picture(self, painter: QPainter, whole: QRectF, visible: QRectF) -> None:
        assert self._picture is not None
        picture = self._state.peek or self._picture
        ratio = (
            painter.device().devicePixelRatio()
        )  # of a picture to keep it may be another than the screen's
        picture.draw(painter, whole, visible, ratio=ratio, smooth=self._state.viewing.smooth)
        if self._overlay is not None and self._opacity > 0 and self._state.peek is None:
            painter.setOpacity(self._opacity)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(whole, self._overlay)
            painter.setOpacity(1)
        if self._outline and self._state.peek is None:
            overlay.draw_outline(painter, whole, visible, self._outline)
        if self._busy_shown and not self._dim_delay.isActive():
            painter.fillRect(visible, QColor(0, 0, 0, 70))
        names = ("Original", "") if self._state.peek is not None else self._names
        if any(names):
            pointer_mark.draw_labels(
                painter, [(name, name) for name in names], pointer_mark.names_area(self.size(), self.font())
            )
        if self._marked is not None:
            self._draw_marked(painter, picture, self._marked)

    def _draw_marked(self, painter: QPainter, picture: Picture, pixel: tuple[int, int]) -> None:
        """Mark a pixel, by the loupe if that is on, and write what it is."""
        whole, size = self.place(), self._state.size
        at = self._on_screen(pixel)
        share = QPointF((pixel[0] + 0.5) / size.width(), (pixel[1] + 0.5) / size.height())
        if self._state.viewing.loupe:
            unit = QSizeF(whole.width() / size.width(), whole.height() / size.height())
            area = pointer_mark.loupe_area(at, self.size())
            pointer_mark.draw_loupe(painter, picture, area, share, unit, self.devicePixelRatioF())
        else:
            overlay.draw_pointer(painter, at, self._brush(whole))
        readings = picture.read(share.x(), share.y())
        strip = pointer_mark.readings_area(at, self.size(), self.font())
        pointer_mark.draw_readings(painter, pixel, readings, strip)

    def _draw_message(self, painter: QPainter) -> None:
        painter.setPen(QColor(theme.MUTED))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(self.rect()).adjusted(12, 12, -12, -12), flags, self._message)

    def _shape(self) -> float:
        assert self._picture is not None
        return self._picture.width / self._picture.height

    def place(self) -> QRectF:
        """Return where the whole picture lies, in this widget's coordinates; empty where there is none."""
        if self._picture is None:
            return QRectF()
        state, room = self._state, QSizeF(self.size())
        return placed(self._shape(), room, state.extent, state.centre, self.devicePixelRatioF())

    def _look(self, extent: float, top_left: QPointF) -> None:
        """Show all views `extent` wide with the picture's corner near `top_left` of this one."""
        self._state.look(extent, centre_of(self._shape(), QSizeF(self.size()), extent, top_left))

    def _on_screen(self, pixel: tuple[int, int]) -> QPointF:
        whole, size = self.place(), self._state.size
        x = whole.left() + (pixel[0] + 0.5) / size.width() * whole.width()
        y = whole.top() + (pixel[1] + 0.5) / size.height() * whole.height()
        return QPointF(x, y)

    def _pixel_at(self, position: QPointF) -> tuple[int, int] | None:
        whole, size = self.place(), self._state.size
        if size.isEmpty() or not whole.contains(position):
            return None
        x = int((position.x() - whole.left()) / whole.width() * size.width())
        y = int((position.y() - whole.top()) / whole.height() * size.height())
        return min(x, size.width() - 1), min(y, size.height() - 1)

    def _move_marker(self, pixel: tuple[int, int] | None) -> None:
        self._update_marker()
        self._marked = pixel
        self._update_marker()

    def _brush(self, whole: QRectF) -> float:
        """Return the radius of the brush over a picture that fills `whole`; 0 where no brush is in use."""
        tool = self._state.tool
        return tool.radius / 100 * max(whole.width(), whole.height()) if tool and tool.round else 0.0

    def _update_marker(self) -> None:
        """Draw again only where the marker, the loupe and the readings are."""
        if self._picture is not None and self._marked is not None and not self._state.size.isEmpty():
            at = self._on_screen(self._marked)
            self.update(pointer_mark.readings_area(at, self.size(), self.font()))
            if self._state.viewing.loupe:
                self.update(pointer_mark.loupe_area(at, self.size()))
                return
            reach = 3 + round(max(overlay.MARKER_REACH, self._brush(self.place())))
            x, y = at.toPoint().toTuple()
            self.update(QRect(x - reach, y - reach, 2 * reach, 2 * reach))

    def _show_busy(self) -> None:
        """Paint the bar now, before the event loop has time for it, and nothing but the bar."""
        self._busy_shown = True
        self.repaint(QRect(0, 0, self.width(), _BAR))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer."""
        steps = event.angleDelta().y() / 120
        if steps:
            self.zoom_at(event.position(), _ZOOM_STEP**steps)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to draw with the tool, or to pan."""
        self.pressed.emit()
        tool, left = self._state.tool, event.button() == Qt.MouseButton.LeftButton
        if tool is not None and tool.active and left and self._picture is not None:
            tool.press(self._share_at(event.position()))
        elif left or event.button() == Qt.MouseButton.MiddleButton:
            self._drag = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw or pan while a button is held, and read the pixel under the pointer."""
        tool = self._state.tool
        if self._drag is not None:
            if self._state.extent is not None:
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.pan(event.position() - self._drag)
            self._drag = event.position()
        elif tool is not None and tool.drawing:
            tool.move(self._share_at(event.position()))
        elif tool is not None and tool.active:
            self.setCursor(Qt.CursorShape.CrossCursor)
        self._state.set_hover(self._pixel_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End to draw or to pan."""
        if self._state.tool is not None and event.button() == Qt.MouseButton.LeftButton:
            self._state.tool.release()
        self._drag = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fit the picture; with a tool it is one more press."""
        if self._state.tool is not None and self._state.tool.active:
            self.mousePressEvent(event)
        else:
            self._state.fit()

    def _share_at(self, position: QPointF) -> QPointF:
        """Return a position as shares of the picture's width and height."""
        whole = self.place()
        return QPointF(
            (position.x() - whole.left()) / whole.width(), (position.y() - whole.top()) / whole.height()
        )

    def leaveEvent(self, event: object) -> None:
        """Take the marker away."""
        self.unsetCursor()
        self._state.set_hover(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus to those who move it with the keyboard."""
        self._ring = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        self._ring = False
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Fit, zoom at the middle, or pan."""
        key, middle = event.key(), QPointF(self.width() / 2, self.height() / 2)
        if key == Qt.Key.Key_F:
            self._state.fit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_at(middle, _ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_at(middle, 1 / _ZOOM_STEP)
        elif key in _ARROWS:
            self.pan(_ARROWS[key] * _PAN_STEP)
        else:
            super().keyPressEvent(event)


_ARROWS: dict[int, QPointF] = {
    Qt.Key.Key_Left: QPointF(1, 0),
    Qt.Key.Key_Right: QPointF(-1, 0),
    Qt.Key.Key_Up: QPointF(0, 1),
    Qt.Key.Key_Down: QPointF(0, -1),
}
