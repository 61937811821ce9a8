"""One zoom, one position, one pointer and one way of looking for all pictures of the window."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QPointF, QSize, Signal

from keepsight.app.ui.picture import Picture
from keepsight.app.ui.region_tool import RegionTool
from keepsight.app.ui.viewing import Viewing

CENTRE = QPointF(0.5, 0.5)


class ViewState(QObject):
    """What part of the photo all views show, in coordinates that do not depend on a picture's own pixels.

    Positions are shares of width and height, (0, 0) top left to (1, 1) bottom right. The magnification is
    `extent`, the width of the whole picture on the screen, so that a picture of half the pixels shows the
    same part at the same size.
    """

    changed = Signal()
    """The part shown or the way of looking at it has changed."""
    viewing_changed = Signal()
    """`viewing` is another one."""
    hovered = Signal(object)
    """(x, y) of the original's pixel under the pointer as a tuple of int, or None."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.size = QSize()
        """Pixels of the original; empty before the first photo."""
        self.extent: float | None = None
        """Width of the whole picture on the screen, device-independent pixels; None fits each view."""
        self.centre = QPointF(CENTRE)
        """The position in the middle of each view."""
        self.viewing = Viewing()
        """Mode and settings of comparing; `set_viewing` and `edit` replace it as a whole."""
        self.peek: Picture | None = None
        """The original while it stands in the place of every picture."""
        self.hover: tuple[int, int] | None = None
        self.tool: RegionTool | None = None
        """What the left button draws with, if anything."""

    def set_size(self, size: QSize) -> None:
        """Tell the size of the original. A new size fits the picture again."""
        if size != self.size:
            self.size = QSize(size)
            self.set_hover(None)
            self.fit()

    def fit(self) -> None:
        """Show the whole picture in every view."""
        self.look(None, CENTRE)

    def actual_pixels(self, device_pixel_ratio: float) -> None:
        """Show one pixel of the original on one pixel of the screen's hardware."""
        if not self.size.isEmpty():
            self.look(self.size.width() / device_pixel_ratio, self.centre)

    def look(self, extent: float | None, centre: QPointF) -> None:
        """Show the picture `extent` wide (None fits), with `centre` in the middle of each view."""
        centre = QPointF(min(1.0, max(0.0, centre.x())), min(1.0, max(0.0, centre.y())))
        if (extent, centre) != (self.extent, self.centre):
            self.extent, self.centre = extent, centre
            self.changed.emit()

    def set_viewing(self, viewing: Viewing) -> None:
        """Look at the pictures in this way from now on."""
        if viewing != self.viewing:
            self.viewing = viewing
            self.viewing_changed.emit()
            self.changed.emit()

    def edit(self, **changes: Any) -> None:
        """Change some fields of `viewing`."""
        self.set_viewing(replace(self.viewing, **changes))

    def set_peek(self, picture: Picture | None) -> None:
        """Show this picture in every view; None shows each its own again."""
        if picture is not self.peek:
            self.peek = picture
            self.changed.emit()

    def set_hover(self, pixel: tuple[int, int] | None) -> None:
        """Mark a pixel of the original in every view, or none."""
        if pixel != self.hover:
            self.hover = pixel
            self.hovered.emit(pixel)
