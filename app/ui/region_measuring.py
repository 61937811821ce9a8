"""The figures of the region, measured when it rests, and the codecs that follow it."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from keepsight.app.engine.region import Mask, Region
from keepsight.app.engine.types import Photo
from keepsight.app.ui.pane_grid import PaneGrid
from keepsight.app.ui.region_panel import RegionPanel
from keepsight.app.ui.region_words import no_map
from keepsight.app.worker.jobs import PaneShown
from keepsight.app.worker.region_figures import FiguresRequest, Measure, RegionFigures
from keepsight.app.worker.workbench import Workbench
from keepsight.models.types import Map

_AFTER_MS = 150

What = tuple[Photo, tuple[Map, ...], Mask | None, Region]
"""Photo, maps, painted mask and rule of the region as it is drawn."""


class RegionMeasuring(QObject):
    """Asks for figures of the present region and the selected pane's file; the latest wins."""

    said = Signal(str, bool)
    """A sentence for the log, and whether it is a warning."""

    def __init__(
        self, bench: Workbench, grid: PaneGrid, panel: RegionPanel, what: Callable[[], What | None]
    ) -> None:
        """`what` returns the region to be measured; None while there is none, or while it is being drawn."""
        super().__init__(panel)
        self._bench, self._grid, self._panel = bench, grid, panel
        self._what = what
        self._files: dict[int, PaneShown] = {}
        """What the compressed panes show."""
        self._area = 0.0
        self._delay = QTimer(self, singleShot=True, interval=_AFTER_MS)
        self._delay.timeout.connect(self._request)
        self._job = bench.job(Measure())
        self._job.result.connect(self._take)
        self._job.failed.connect(lambda sentence: self.said.emit(sentence, True))
        bench.pane_shown.connect(self._take_file)
        bench.pane_closed.connect(self._lose_pane)
        bench.attention.busy_changed.connect(lambda _: self._follow_map())
        grid.selected.connect(lambda _: self._request())
        panel.follow_toggled.connect(self._follow)

    @property
    def busy(self) -> bool:
        """Whether figures are still to be asked for."""
        return self._delay.isActive()

    def start(self, area: float) -> None:
        """Show this share of the photo's area, in [0, 1], and measure once the region rests.

        Of a region whose map is not there yet, nothing is shown: it would be another one.
        """
        self._area = area
        what = self._what()
        if what is not None and self._waits(what):
            self._delay.stop()
            self._job.cancel()
            self._panel.figures.clear(no_map(self._bench.attention.busy))
        else:
            self._panel.figures.set_area(area)
            self._delay.start()

    def _waits(self, what: What) -> bool:
        """Tell whether a region lacks a map: one that is on its way, or where nothing else makes a region."""
        _, maps, painted, region = what
        made = bool(maps) or bool(region.strokes) or painted is not None
        return _lacks_map(what) and (self._bench.attention.busy or not made)

    def _follow_map(self) -> None:
        """Say whether the map that the region lacks is on its way; one that comes draws the region anew."""
        what = self._what()
        if what is not None and _lacks_map(what):
            self.start(self._area)

    def forget(self) -> None:
        """Show no figures: there is another photo, or none."""
        self._delay.stop()
        self._job.cancel()
        self._files.clear()
        self._panel.figures.clear()

    def _request(self) -> None:
        what = self._what()
        if what is not None and not self._waits(what):
            file = self._files.get(self._grid.selection)
            self._job.submit(FiguresRequest(*what, self._bench.judge, file))

    def _take(self, figures: RegionFigures) -> None:
        what, request = self._what(), figures.request
        if what is None or self._waits(what) or request.photo is not what[0] or request.region is not what[3]:
            return
        self._panel.figures.show_figures(figures)
        if self._panel.follow.currentData():
            self._bench.guide_by(figures.guide)

    def _follow(self, on: bool) -> None:
        if on:
            self._delay.start()
        else:
            self._bench.guide_by(None)

    def _lose_pane(self, number: int) -> None:
        self._files.pop(number, None)

    def _take_file(self, number: int, shown: PaneShown) -> None:
        self._files[number] = shown
        if number == self._grid.selection:
            self._delay.start()


def _lacks_map(what: What) -> bool:
    _, maps, _, region = what
    return len(maps) < region.shown + len(region.joined)
