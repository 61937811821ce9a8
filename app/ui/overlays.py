"""The saliency map and the outline of the region of interest over all pictures."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject

from keepsight.app.engine import roi
from keepsight.app.ui.image_view import ImageView
from keepsight.app.ui.saliency_panel import SaliencyPanel
from keepsight.models.types import Importance


class Overlays(QObject):
    """Draws one map of the original on one scale over every view, so that panes compare."""

    def __init__(
        self, panel: SaliencyPanel, views: Callable[[], Iterable[ImageView]], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._panel = panel
        self._views = views
        self._importance: Importance | None = None
        self._small: roi.Map | None = None
        panel.overlay_changed.connect(lambda *_: self.draw())
        panel.threshold_changed.connect(lambda *_: self._draw_outline())

    def set_importance(self, importance: Importance | None) -> None:
        """Show this map; None shows none."""
        self._importance = importance
        self._small = None if importance is None else roi.reduced(importance.values)
        self.draw()

    def draw(self) -> None:
        """Draw map and outline over every view, also over one that has just been added."""
        shown, opacity = self._panel.overlay()
        for view in self._views():
            if self._importance is None or not shown:
                view.set_overlay(None, 1.0, 0.0)
            else:
                view.set_overlay(self._importance.values, float(self._importance.values.max()), opacity)
        self._draw_outline()

    def _draw_outline(self) -> None:
        shown, _ = self._panel.overlay()
        threshold = self._panel.roi_threshold()
        small = self._small
        outline = roi.outline(small, threshold) if small is not None and shown else []
        for view in self._views():
            view.set_outline(outline)
        self._panel.set_roi_area(None if small is None else roi.area(small, threshold))
