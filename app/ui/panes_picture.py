"""What the window shows as a picture to keep: the panes with their captions, without controls."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage, QRegion
from PySide6.QtWidgets import QWidget

from keepsight.app.ui import theme
from keepsight.app.ui.pane_grid import PaneGrid


def panes_picture(grid: PaneGrid, scale: int) -> QImage:
    """Draw the panes as they are, `scale` pixels for each of the window's, without controls."""
    with _plain(grid):
        return drawn(grid, scale)


def drawn(widget: QWidget, scale: int) -> QImage:
    """Draw a widget as it is now, `scale` pixels for each of its own. What is enlarged is drawn sharp."""
    image = QImage(widget.size() * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(QColor(theme.BACKGROUND))
    widget.render(image, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
    return image


@contextmanager
def _plain(grid: PaneGrid) -> Iterator[None]:
    """Take the controls away for a moment in which nothing is drawn on the screen."""
    was = [pane.plain for pane in grid.panes.values()]
    for pane in grid.panes.values():
        if not pane.plain:
            pane.set_plain(True)
        pane.set_selected(False)
        _settle(pane)
    try:
        yield
    finally:
        for (number, pane), plain in zip(grid.panes.items(), was, strict=True):
            if not plain:
                pane.set_plain(False)
            pane.set_selected(number == grid.selection)
            _settle(pane)


def _settle(widget: QWidget) -> None:
    """Let a widget lay out its children at once rather than with the next event."""
    layout = widget.layout()
    assert layout is not None
    layout.activate()
    widget.ensurePolished()
