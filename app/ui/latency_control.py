"""The latency as the window shows it: follows the sweep and the sliders."""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QObject

from keepsight.app.engine.latency import accuracy, fastest, totals, winners
from keepsight.app.engine.paths import Paths
from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.types import Curve
from keepsight.app.ui import latency_words as words
from keepsight.app.ui.curve_panel import CurvePanel
from keepsight.app.ui.latency_bars import LeftOut
from keepsight.app.ui.latency_form import BANDWIDTHS
from keepsight.app.ui.latency_panel import LatencyPanel
from keepsight.app.worker.jobs import PaneShown
from keepsight.app.worker.judge_process import RemoteJudge
from keepsight.app.worker.sweep_runner import SweepState
from keepsight.app.worker.workbench import Workbench
from keepsight.codecs import registry

_TAB = 3
"""Place among the tabs."""
_HELP = "Which compressor brings a photo to its class the fastest, over which link"


class LatencyControl(QObject):
    """Models a link from what the sweep has measured so far; works only while its tab is in sight."""

    def __init__(self, bench: Workbench, curves: CurvePanel, parent: QObject) -> None:
        super().__init__(parent)
        self._bench = bench
        self.panel = LatencyPanel()
        curves.insert_tab(_TAB, self.panel, "Latency", _HELP, self.panel.controls)
        self._files: dict[int, PaneShown] = {}
        """What the compressed panes show."""
        self._timing = bench.job(_timed)
        self._timing.result.connect(self._tell_paths)
        self._timing.failed.connect(self.panel.say)
        self._curves: Sequence[Curve] = ()
        """Of all codecs, and the uncompressed photos as one more."""
        bench.sweep_advanced.connect(self._take)
        bench.judge_loaded.connect(self._take_judge)
        bench.pane_shown.connect(self._files.__setitem__)
        bench.pane_closed.connect(self._lose_pane)
        self.panel.paths_requested.connect(self._time_paths)
        self.panel.form.changed.connect(self._show)
        self.panel.seen.connect(self._show)
        self.panel.bandwidth_clicked.connect(self.panel.form.set_bandwidth)
        self.panel.bars.chosen.connect(curves.point_clicked)

    def _take(self, state: SweepState) -> None:
        if state.request.judge is not self._bench.judge:
            return  # of a classifier that is no longer in use
        raw = state.uncompressed
        self._curves = [*state.curves, Curve(ORIGINAL, [raw])] if raw and state.curves else ()
        self._show()

    def _take_judge(self, judge: RemoteJudge) -> None:
        self.panel.offer_paths(judge.card.reads != "pixels")
        self._curves = ()
        self._show()

    def _lose_pane(self, number: int) -> None:
        self._files.pop(number, None)

    def _time_paths(self) -> None:
        """Time the file of the first pane that can be read."""
        shown = [self._files[number] for number in self._bench.settings if number in self._files]
        judge = self._bench.judge
        read = [one for one in shown if one.request.judge is judge and one.prediction is not None]
        if not read:
            self.panel.say(words.NO_FILE)
            return
        self.panel.say("Measuring …")
        self._timing.submit(read[0])

    def _tell_paths(self, found: tuple[PaneShown, Paths | None]) -> None:
        shown, paths = found
        setting = shown.request.setting
        of = f"{registry.get(setting.codec).label} {setting.options.in_words()}"
        self.panel.say(words.NO_TWIN if paths is None else words.paths(paths, of))

    def _show(self) -> None:
        if not self.panel.isVisible():
            return
        if not self._curves:
            self.panel.clear()
            return
        from keepsight.app.ui.latency_plot import LatencyView

        link, kept = self.panel.form.link(), self.panel.form.kept()
        floor = kept * accuracy(self._curves[-1].points[0])
        found = fastest(self._curves, link, floor)
        reached = {one.point.codec for one in found}
        left_out = [
            LeftOut(curve.codec, words.too_low(curve, floor))
            for curve in self._curves
            if curve.codec not in reached
        ]
        taken = {curve.codec: totals(curve, link, floor, BANDWIDTHS) for curve in self._curves}
        stretches = winners(self._curves, link, floor, BANDWIDTHS)
        view = LatencyView(BANDWIDTHS, {c: one for c, one in taken.items() if one is not None}, stretches)
        sentence = words.finding(found, stretches, link.bandwidth, kept)
        self.panel.show_view(found, left_out, view, sentence)


def _timed(shown: PaneShown) -> Iterator[tuple[PaneShown, Paths | None]]:
    """Yield what a pane shows, and how long its file takes to its class."""
    judge = shown.request.judge
    assert judge is not None
    yield shown, judge.time_paths(shown.coded.data, shown.request.setting.codec)
