"""The outline of the region of interest over all pictures."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject

from keepsight.app.engine import roi
from keepsight.app.ui.image_view import ImageView
from keepsight.app.ui.saliency_panel import SaliencyPanel
from keepsight.models.types import Importance


class Overlays(QObject):
    """Draws the region that is cut from the original's map over every view."""

    def __init__(
        self, panel: SaliencyPanel, views: Callable[[], Iterable[ImageView]], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._panel = panel
        self._views = views
        self._small: roi.Map | None = None
        panel.overlay_changed.connect(lambda *_: self.draw())
        panel.threshold_changed.connect(lambda *_: self.draw())

    def set_importance(self, importance: Importance | None) -> None:
        """Cut the region from this map; None shows none."""
        self._small = None if importance is None else roi.reduced(importance.values)
        self.draw()

    def draw(self) -> None:
        """Draw the outline over every view, also over one that has just been added."""
        shown, _ = self._panel.overlay()
        threshold = self._panel.roi_threshold()
        small = self._small
        outline = roi.outline(small, threshold) if small is not None and shown else []
        for view in self._views():
            view.set_outline(outline)
        self._panel.set_roi_area(None if small is None else roi.area(small, threshold))
