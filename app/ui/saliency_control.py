"""The saliency maps: which ones are asked for, and where they are drawn."""

from PySide6.QtCore import QObject, Signal

from keepsight.app.ui.map_overlay import MapOverlay
from keepsight.app.ui.mix_list import MethodGroup
from keepsight.app.ui.pane_grid import PaneGrid
from keepsight.app.ui.saliency_panel import SaliencyPanel
from keepsight.app.worker.attention import MapShown
from keepsight.app.worker.jobs import PaneShown, PhotoShown
from keepsight.app.worker.judge_process import RemoteJudge
from keepsight.app.worker.workbench import Workbench
from keepsight.models.maps import registry
from keepsight.models.maps.base import Kind
from keepsight.models.types import Importance

_TARGETS = 5
"""So many of the most probable classes are offered at once."""
_HEADINGS: dict[Kind, str] = {
    "classifier": "Of the classifier",
    "image": "Of the image alone",
    "control": "To compare with",
}
_EMPTY = "This map is zero everywhere: it finds nothing that stands out."


def method_groups() -> list[MethodGroup]:
    """Return all saliency methods as the panel offers them."""
    methods = registry.all_methods().values()
    return [
        (heading, [(one.id, one.label, one.help) for one in methods if one.kind == kind])
        for kind, heading in _HEADINGS.items()
    ]


class SaliencyControl(QObject):
    """Asks for the maps that the panel names and lays them over the pictures."""

    said = Signal(str, bool)
    """A sentence for the log, and whether it is a warning."""
    importance_changed = Signal()
    """`importance` is another one."""

    def __init__(self, bench: Workbench, grid: PaneGrid, panel: SaliencyPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._bench = bench
        self._panel = panel
        self._shown: PhotoShown | None = None
        self.maps = MapOverlay(panel, grid)
        """What lies over the pictures."""
        panel.set_maps(method_groups(), bench.attention.method)
        panel.map_changed.connect(lambda _: self._ask())
        panel.target_changed.connect(self._ask)
        panel.view_changed.connect(self._follow_view)
        panel.show_overlay.toggled.connect(lambda _: self._follow_view())
        panel.opacity.valueChanged.connect(lambda _: self.maps.set_opacity())
        grid.added.connect(lambda _: self.maps.draw())
        bench.photo_shown.connect(self._take_photo)
        bench.photo_failed.connect(lambda _: self._lose_photo())
        bench.judge_loaded.connect(self._take_judge)
        bench.pane_shown.connect(self._take_pane)
        bench.attention.shown.connect(self._take)
        bench.attention.failed.connect(self._fail)
        bench.attention.busy_changed.connect(panel.set_busy)

    @property
    def importance(self) -> Importance | None:
        """The map of the original that is shown; None while there is none."""
        return self.maps.original

    def method(self) -> str:
        """Return what maps are asked for by: the id of a saliency method, or the text of a mix."""
        return self._bench.attention.method

    def target(self) -> int | None:
        """Return the class that is asked for; None is the one predicted on the original."""
        return self._bench.attention.target

    def show(self, importance: Importance | None) -> None:
        """Show this map of the original, and those of the panes once they are there; None shows none."""
        self.maps.original = importance
        self.maps.own.clear()
        self.maps.draw()
        self.importance_changed.emit()

    def _ask(self) -> None:
        self._set_problem("")
        self._bench.attention.ask(self._panel.method(), self._panel.target.index())

    def _follow_view(self) -> None:
        """Let the panes' own maps be made only while they are shown: each costs a look of the classifier."""
        every = self._panel.show_overlay.isChecked() and self._panel.shown_view() in ("own", "difference")
        if not every:
            self.maps.own.clear()
        self._bench.attention.set_every_picture(every)
        self.maps.draw()

    def _take(self, shown: MapShown) -> None:
        if shown.pane is not None:
            self.maps.own[shown.pane] = shown
            self.maps.draw()
            return
        assert shown.importance is not None
        self.maps.problem = ""
        if shown.importance is not self.importance:
            self._panel.set_note("" if shown.importance.values.any() else _EMPTY)
            self.show(shown.importance)

    def _fail(self, sentence: str) -> None:
        if sentence != self.maps.problem:  # it comes again with every pane that changes
            self._set_problem(sentence)
            judge = self._bench.judge
            self.said.emit(sentence, judge is None or judge.card.reads == "pixels")

    def _set_problem(self, sentence: str) -> None:
        """Say in the panel why there is no such map; "" where it is on its way."""
        stays = " The map before stays." if sentence and self.importance is not None else ""
        self._panel.set_note(sentence + stays)
        self.maps.problem = sentence
        self.maps.draw()

    def _take_photo(self, shown: PhotoShown) -> None:
        if self._shown is None or shown.photo is not self._shown.photo:
            self._set_problem("")
            self.show(None)  # a map of another photo would be wrong, however short
        self._shown = shown
        if shown.prediction is not None:
            top = shown.prediction.probabilities.argsort()[::-1][:_TARGETS]
            self._panel.target.offer([int(i) for i in top], shown.label)
            if self._panel.target.index() != self.target():
                self._ask()  # the true class is another one than that of the photo before

    def _take_pane(self, number: int, shown: PaneShown) -> None:
        """Forget the map of the picture that stood in this pane before."""
        own = self.maps.own.get(number)
        if own is not None and own.request.panes[number] is not shown.coded.pixels:
            del self.maps.own[number]
            self.maps.draw()

    def _lose_photo(self) -> None:
        if not self._bench.photo_is_current:
            self._shown = None
            self.show(None)

    def _take_judge(self, judge: RemoteJudge) -> None:
        self._panel.target.set_card(judge.card)
        self._set_problem("")
        self.show(None)
