"""What the table compares, computed behind the window."""

import time

from PySide6.QtCore import QObject, Signal

from keepsight.app.engine import naming
from keepsight.app.engine.comparison import Comparison
from keepsight.app.engine.draws import Measure
from keepsight.app.engine.paired import Paired
from keepsight.app.engine.types import CurvePoint
from keepsight.app.ui.curve_points import options_in_words
from keepsight.app.ui.table_page import TablePage
from keepsight.app.worker.comparing import CompareRequest, CompareShown, PairRequest
from keepsight.app.worker.sweep_runner import SweepState
from keepsight.app.worker.workbench import Workbench
from keepsight.codecs import registry

_EVERY_S = 3.0
"""While a sweep runs, codecs are compared anew so often at most."""
_UNSURE = 0.05


class CompareControl(QObject):
    """Compares codecs while their table is in sight, and two settings when two rows are chosen."""

    said = Signal(str, bool)
    """A sentence for the log, and whether it is a warning."""

    def __init__(self, bench: Workbench, page: TablePage, parent: QObject) -> None:
        super().__init__(parent)
        self._bench = bench
        self._page = page
        self._state: SweepState | None = None
        self._asked: CompareRequest | PairRequest | None = None
        self._last = 0.0
        bench.sweep_advanced.connect(self._take)
        bench.judge_loaded.connect(lambda _: self._forget())
        bench.comparing.result.connect(self._show)
        bench.comparing.failed.connect(lambda sentence: self.said.emit(sentence, True))
        page.wanted.connect(self._ask)

    def _take(self, state: SweepState) -> None:
        if state.request.judge is not self._bench.judge:
            return
        self._state = state
        old = time.monotonic() - self._last >= _EVERY_S
        if self._page.view == "codecs" and self._page.isVisible() and (old or not state.running):
            self._ask()

    def _forget(self) -> None:
        self._state = self._asked = None
        self._bench.comparing.cancel()
        self._page.say("")
        self._page.codecs.setRowCount(0)

    def _ask(self) -> None:
        state, page = self._state, self._page
        if state is None or state.uncompressed is None:
            return
        measure: Measure = "top1" if state.uncompressed.top1 else "agreement"
        self._last = time.monotonic()
        if page.view == "codecs":
            if page.anchor is not None:
                self._asked = CompareRequest(state.tally, measure, page.anchor)
                if not page.codecs.rowCount():
                    page.say("Comparing …")
                self._bench.comparing.submit(self._asked)
            return
        chosen = page.settings.chosen_points()
        if len(chosen) == 2:
            self._asked = PairRequest(state.tally, measure, *chosen)
            self._bench.comparing.submit(self._asked)
        else:
            self._asked = None
            page.say("")

    def _show(self, shown: CompareShown) -> None:
        if shown.request is not self._asked:
            return
        if isinstance(shown.found, Comparison):
            self._page.show_comparison(shown.found)
            self._page.say(_of_codecs(shown.found))
        elif isinstance(shown.found, Paired) and isinstance(shown.request, PairRequest):
            self._page.say(_of_pair(shown.found, shown.request))


def _of_codecs(found: Comparison) -> str:
    what = "top-1 accuracy" if found.measure == "top1" else "agreement with the original"
    return (
        f"{naming.photos(found.photos)}, {what}; in brackets intervals of 95 % from a bootstrap over the "
        "photos. An interval that holds 0 tells no difference."
    )


def _of_pair(found: Paired, request: PairRequest) -> str:
    first, second = (_name(point) for point in (request.first, request.second))
    good = "right" if request.measure == "top1" else "kept"
    told = "no difference can be told" if found.p >= _UNSURE else "that is more than chance"
    p = f"= {found.p:.3f}" if found.p >= 0.001 else "< 0.001"
    return (
        f"On the same {naming.photos(found.photos)}: {found.only_first:,} {good} only with {first}, "
        f"{found.only_second:,} only with {second}; p {p} (McNemar, exact): {told}."
    )


def _name(point: CurvePoint) -> str:
    return f"{registry.get(point.codec).label} {options_in_words(point.codec, point.options)}".strip()
