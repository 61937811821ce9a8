"""The saliency map: which one is asked for, and where it is drawn."""

from PySide6.QtCore import QObject, Signal

from keepsight.app.ui.overlays import Overlays
from keepsight.app.ui.pane_grid import PaneGrid
from keepsight.app.ui.saliency_panel import SaliencyPanel
from keepsight.app.worker.attention import MapShown
from keepsight.app.worker.jobs import PhotoShown
from keepsight.app.worker.workbench import Workbench
from keepsight.models.types import Importance

_TARGETS = 5
"""So many of the most probable classes can be explained."""


class SaliencyControl(QObject):
    """Asks for the map that the panel names and lays it over the pictures."""

    said = Signal(str, bool)
    """A sentence for the log, and whether it is a warning."""
    importance_changed = Signal()
    """`importance` is another one."""
    settled = Signal()
    """The map that was asked for is there, or cannot be had."""

    def __init__(self, bench: Workbench, grid: PaneGrid, panel: SaliencyPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._bench = bench
        self._panel = panel
        self.overlays = Overlays(panel, lambda: [pane.view for pane in grid.panes.values()], self)
        self.importance: Importance | None = None
        """The map of the original that is shown; None while there is none."""
        panel.set_maps([("grad-cam", "Grad-CAM")])
        panel.target_changed.connect(lambda target: bench.attention.ask(self.method(), target))
        grid.added.connect(lambda _: self.overlays.draw())
        bench.photo_shown.connect(self._offer_classes)
        bench.photo_failed.connect(lambda _: self._lose_photo())
        bench.judge_loaded.connect(lambda _: self._lose_judge())
        bench.attention.shown.connect(self._take)
        bench.attention.failed.connect(self._fail)

    def method(self) -> str:
        """Return what maps are asked for by: the id of a saliency method, or the text of a mix."""
        return self._bench.attention.method

    def target(self) -> int | None:
        """Return the class that is asked for; None is the predicted one."""
        return self._bench.attention.target

    def show(self, importance: Importance | None) -> None:
        """Show this map of the original; None shows none."""
        self.importance = importance
        self.overlays.set_importance(importance)
        self.importance_changed.emit()

    def _take(self, shown: MapShown) -> None:
        self.show(shown.importance)
        self.settled.emit()

    def _fail(self, sentence: str) -> None:
        self.said.emit(sentence, True)
        self.settled.emit()

    def _offer_classes(self, shown: PhotoShown) -> None:
        if shown.prediction is not None:
            top = shown.prediction.probabilities.argsort()[::-1][:_TARGETS]
            self._panel.set_classes([(int(i), shown.prediction.classes[i]) for i in top])

    def _lose_photo(self) -> None:
        if not self._bench.photo_is_current:
            self.show(None)

    def _lose_judge(self) -> None:
        self._panel.forget_classes()
        self.show(None)
