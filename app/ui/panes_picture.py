"""What is compared as a picture to keep: panes, or two pictures in one view, without controls."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage, QRegion
from PySide6.QtWidgets import QWidget

from keepsight.app.ui import theme
from keepsight.app.ui.pair_panel import PairPanel
from keepsight.app.ui.pane_grid import PaneGrid


def panes_picture(shown: PaneGrid | PairPanel, scale: int) -> QImage:
    """Draw what is compared as it is, `scale` pixels for each of the window's, without controls."""
    with _plain(shown):
        return drawn(shown, scale)


def drawn(widget: QWidget, scale: int) -> QImage:
    """Draw a widget as it is now, `scale` pixels for each of its own. What is enlarged is drawn sharp."""
    image = QImage(widget.size() * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(QColor(theme.BACKGROUND))
    widget.render(image, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
    return image


@contextmanager
def _plain(shown: PaneGrid | PairPanel) -> Iterator[None]:
    """Take the controls away for a moment in which nothing is drawn on the screen."""
    was, panes = shown.plain, shown.panes if isinstance(shown, PaneGrid) else {}
    parts = [*panes.values(), shown]
    if not was:
        shown.set_plain(True)
    for pane in panes.values():
        pane.set_selected(False)
    _settle(parts)
    try:
        yield
    finally:
        if not was:
            shown.set_plain(False)
        for number, pane in panes.items():
            pane.set_selected(isinstance(shown, PaneGrid) and number == shown.selection)
        _settle(parts)


def _settle(widgets: Sequence[QWidget]) -> None:
    """Let widgets lay out their children at once rather than with the next event."""
    for widget in widgets:
        layout = widget.layout()
        assert layout is not None
        layout.activate()
        widget.ensurePolished()
