"""The search as the window shows it: follows the selected pane, and shows its candidates there."""

from PySide6.QtCore import QObject

from keepsight.app.ui.curve_panel import CurvePanel
from keepsight.app.ui.latency_control import LatencyControl
from keepsight.app.ui.pane_grid import PaneGrid
from keepsight.app.ui.search_panel import SearchPanel
from keepsight.app.worker.jobs import PaneShown
from keepsight.app.worker.workbench import Workbench
from keepsight.codecs.searching import Candidate

_HELP = "What Keep tried on this photo: bytes against what the classifier loses"


class SearchControl(QObject):
    """Draws what the selected pane's codec tried; works only while its tab is in sight."""

    def __init__(
        self, bench: Workbench, grid: PaneGrid, curves: CurvePanel, latency: LatencyControl, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._bench = bench
        self._grid = grid
        self._shown: dict[int, PaneShown] = {}
        """Of the panes whose codec searches."""
        self.panel = SearchPanel()
        curves.insert_tab(curves.indexOf(latency.panel) + 1, self.panel, "Search", _HELP)
        self.panel.seen.connect(self._show)
        self.panel.candidate_chosen.connect(self._ask)
        grid.selected.connect(lambda _: self._show())
        bench.pane_shown.connect(self._take)
        bench.photo_failed.connect(lambda _: self._forget())

    def _take(self, number: int, shown: PaneShown) -> None:
        self._shown = {other: one for other, one in self._shown.items() if other in self._bench.settings}
        self._shown.pop(number, None)
        if shown.found is not None:
            self._shown[number] = shown
        if number == self._grid.selection:
            self._show()

    def _forget(self) -> None:
        """Drop what is of a photo that is no longer shown."""
        if not self._bench.photo_is_current:
            self._shown.clear()
            self._show()

    def _show(self) -> None:
        shown = self._shown.get(self._grid.selection)
        if not self.panel.isVisible():
            return
        if shown is None or shown.found is None:
            self.panel.clear()
            return
        in_pane = shown.request.candidate or shown.found.chosen
        self.panel.show_found(shown.found, shown.coded.encode_s, in_pane)

    def _ask(self, candidate: Candidate) -> None:
        shown = self._shown.get(self._grid.selection)
        if shown is not None and shown.found is not None:
            other = None if candidate is shown.found.chosen else candidate
            self._bench.show_candidate(self._grid.selection, shown.request, other)
