"""The maps of the bits: asked for while they are shown, and drawn beside the map of importance."""

from PySide6.QtCore import QObject

from keepsight.app.ui.map_overlay import MapOverlay
from keepsight.app.ui.saliency_panel import SaliencyPanel
from keepsight.app.worker.jobs import PaneShown, PhotoShown
from keepsight.app.worker.spending import Spend, SpendRequest, SpentShown
from keepsight.app.worker.workbench import Workbench
from keepsight.codecs import registry


class SpendingControl(QObject):
    """Counts where the panes' files spent their bits, and says which do not tell."""

    def __init__(self, bench: Workbench, panel: SaliencyPanel, maps: MapOverlay, parent: QObject) -> None:
        super().__init__(parent)
        self._bench = bench
        self._panel = panel
        self._maps = maps
        self._shown: dict[int, PaneShown] = {}
        self._photo = ""
        self._job = bench.job(Spend())
        self._job.result.connect(self._take)
        bench.pane_shown.connect(self._take_pane)
        bench.pane_closed.connect(self._lose_pane)
        bench.photo_shown.connect(self._take_photo)
        panel.view_changed.connect(self._ask)
        panel.show_overlay.toggled.connect(lambda _: self._ask())

    def _ask(self) -> None:
        wanted = self._panel.shown_view() == "bits" and self._panel.show_overlay.isChecked()
        if wanted:
            self._job.submit(SpendRequest(dict(self._shown)))
        self._say()

    def _take(self, spent: SpentShown) -> None:
        if self._shown.get(spent.pane) is spent.shown:
            self._maps.spent[spent.pane] = spent
            self._maps.draw()
            self._say()

    def _take_pane(self, number: int, shown: PaneShown) -> None:
        old = self._maps.spent.get(number)
        self._shown[number] = shown
        if old is not None and old.shown.coded is not shown.coded:
            del self._maps.spent[number]
            self._maps.draw()
        self._ask()

    def _lose_pane(self, number: int) -> None:
        self._shown.pop(number, None)

    def _take_photo(self, shown: PhotoShown) -> None:
        if shown.photo.key != self._photo:
            self._photo = shown.photo.key
            self._shown.clear()
            self._maps.spent.clear()

    def _say(self) -> None:
        """Name the codecs in the panes that do not tell."""
        silent = [
            registry.get(spent.shown.request.setting.codec).label
            for pane, spent in self._maps.spent.items()
            if spent.blocks is None and pane in self._bench.settings
        ]
        names = ", ".join(dict.fromkeys(silent))
        sentence = (
            f"Not told by these files: {names}. Baseline JPEG files of this size tell." if silent else ""
        )
        self._panel.set_bits_note(sentence if self._panel.shown_view() == "bits" else "")
