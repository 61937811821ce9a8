"""The smallest files as the window shows them: what is searched, when, and what a click does."""

from PySide6.QtCore import QObject, Signal

from keepsight.app.engine.file_reading import readable
from keepsight.app.engine.limits import Goal, Limit, Outcome, best_of
from keepsight.app.engine.types import Setting
from keepsight.app.ui import format as words
from keepsight.app.ui.limit_panel import LimitPanel, LimitRow
from keepsight.app.worker.jobs import PaneShown, PhotoShown
from keepsight.app.worker.judge_process import RemoteJudge
from keepsight.app.worker.limit_search import LimitFound, LimitRequest
from keepsight.app.worker.workbench import Workbench
from keepsight.codecs import registry
from keepsight.codecs.guide import RegionGuide
from keepsight.models.types import Prediction

_NOTE = (
    "Found by halving the range in {} tries, or seen in a pane.\n"
    "A still smaller file may keep the class by luck. A click shows this file in a pane."
)


class LimitControl(QObject):
    """Searches once the panes of a photo are served, for each of their codecs, and only while unfolded."""

    said = Signal(str, bool)
    """A sentence for the log, and whether it is a warning."""
    setting_chosen = Signal(object)
    """The `Setting` of a row that the user clicked."""

    def __init__(self, bench: Workbench, panel: LimitPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._bench = bench
        self._panel = panel
        self._context: tuple[str, RemoteJudge | None, RegionGuide | None, Goal] | None = None
        """What the answers are of; all but the goal also what panes have shown."""
        self._found: dict[tuple[str, str], LimitFound] = {}
        """Answers by `_key`."""
        self._seen: dict[tuple[str, str], dict[Setting, tuple[int, Prediction]]] = {}
        """What panes made of the photo since it is there, by `_key`: a file's bytes, and how it is read."""
        self._original: Prediction | None = None
        self._asked: LimitRequest | None = None
        bench.photo_shown.connect(self._take_photo)  # the panes come first
        bench.pane_shown.connect(self._take_pane)
        bench.judge_loaded.connect(lambda _: self._renew())
        bench.guide_changed.connect(self.follow)
        bench.pane_busy.connect(lambda _, busy: None if busy else self.follow())
        bench.limits.found.connect(self._take)
        bench.limits.failed.connect(lambda sentence: self.said.emit(sentence, True))
        panel.goal_changed.connect(self.follow)
        panel.opened.connect(self.follow)
        panel.chosen.connect(self._choose)

    def follow(self) -> None:
        """Show what is known of the photo and the codecs in sight, and search for what is not."""
        self._renew()
        self._search()

    def _renew(self) -> None:
        """Show what is known; what is of another photo, classifier or goal is not."""
        bench = self._bench
        context = bench.photo.key if bench.photo else "", bench.judge, bench.region, self._panel.goal()
        if context != self._context:
            before = self._context or (None,) * len(context)
            if context[:2] != before[:2]:
                self._original = None  # until it is read anew
            if context[:3] != before[:3]:
                self._seen.clear()
            self._context, self._asked = context, None
            self._found.clear()
            bench.limits.cancel()
        self._show()

    def _take_photo(self, shown: PhotoShown) -> None:
        self._renew()
        self._original = shown.prediction if shown.judge is self._bench.judge else None
        self._show()

    def _take_pane(self, _number: int, shown: PaneShown) -> None:
        request, bench = shown.request, self._bench
        if shown.prediction is None or request.judge is not bench.judge or request.region is not bench.region:
            return
        if request.candidate is None:  # else it is not the file that its setting makes
            known = self._seen.setdefault(_key(request.setting), {})
            known[request.setting] = len(shown.coded.data), shown.prediction
            self._show()

    def _limit(self, found: LimitFound) -> Limit | None:
        """Return what the search found, or what a pane has shown, where that is better."""
        if found.limit is None or self._original is None:
            return found.limit
        kept = self._original.best
        seen = {
            setting: Outcome(1, size, float(read.best == kept), None, float(read.probabilities[kept]))
            for setting, (size, read) in self._seen.get(_key(found.setting), {}).items()
        }
        return best_of(found.limit, found.request.goal, seen)

    def _settings(self) -> dict[str, Setting]:
        """Return the first pane's setting of each codec."""
        found: dict[str, Setting] = {}
        for setting in self._bench.settings.values():
            found.setdefault(setting.codec, setting)
        return found

    def _search(self) -> None:
        bench = self._bench
        if bench.photo is None or bench.judge is None or bench.panes_busy or not self._panel.is_open:
            return
        read, _ = readable(bench.judge.card, list(self._settings().values()))
        missing = {_key(one): one for one in read if _key(one) not in self._found}
        under_way = (
            {_key(one) for one in self._asked.settings} if self._asked and bench.limits.busy else set()
        )
        if missing.keys() - under_way:
            goal = self._panel.goal()
            self._asked = LimitRequest(bench.photo, bench.judge, tuple(missing.values()), goal, bench.region)
            bench.limits.search(self._asked)

    def _take(self, found: LimitFound) -> None:
        if found.request is self._asked:
            self._found[_key(found.setting)] = found
            if found.problem:
                self.said.emit(found.problem, True)
            self._show()

    def _show(self) -> None:
        rows = {codec: self._row(setting) for codec, setting in self._settings().items()}
        self._panel.set_rows(rows)

    def _row(self, setting: Setting) -> LimitRow:
        codec, found = registry.get(setting.codec), self._found.get(_key(setting))
        left_out = readable(self._bench.judge.card, [setting])[1] if self._bench.judge else ""
        if left_out:
            return LimitRow(codec.label, codec.colour, "none", "not read", left_out)
        if found is None:
            waits = self._bench.photo is None or self._bench.judge is None
            text, tip = (
                ("–", "It is searched once photo and classifier are there") if waits else ("…", "Searching")
            )
            return LimitRow(codec.label, codec.colour, "searching", text, tip)
        limit = self._limit(found)
        if limit is None:
            return LimitRow(codec.label, codec.colour, "failed", "failed", found.problem)
        outcome = limit.outcome
        assert outcome is not None
        size = words.file_size(round(outcome.bytes))
        if limit.setting is None:
            by_size = found.request.goal.kind == "bytes"
            text = "none is so small" if by_size else "none does"
            tip = f"The {'smallest' if by_size else 'finest'} file has {size} and {_reading(outcome)}."
            return LimitRow(codec.label, codec.colour, "none", text, tip)
        more = _reading(outcome)
        if found.request.goal.kind == "bytes":
            size = f"{size} · {'kept' if outcome.agreement else 'flipped'}"
        tip = f"{limit.setting.options.in_words() or codec.label}: {outcome.bytes:,.0f} bytes, {more}.\n"
        return LimitRow(codec.label, codec.colour, "found", size, tip + _NOTE.format(limit.tries))

    def _choose(self, codec: str) -> None:
        setting = self._settings().get(codec)
        found = self._found.get(_key(setting)) if setting else None
        limit = self._limit(found) if found else None
        if limit is not None and limit.setting is not None:
            self.setting_chosen.emit(limit.setting)


def _key(setting: Setting) -> tuple[str, str]:
    """Return what two settings share that differ in their rate alone."""
    rate = registry.get(setting.codec).rate_option
    return setting.codec, setting.options.model_dump_json(exclude={rate} if rate else None)


def _reading(outcome: Outcome) -> str:
    """Say what the classifier makes of a file."""
    kept = "the class is kept" if outcome.agreement else "the class is flipped"
    return f"{kept}, its probability {words.percent(outcome.probability)}"
