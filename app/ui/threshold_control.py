"""The threshold sweep as the window shows it: tab, curve, and the slider that a click sets."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from keepsight.app.engine import naming
from keepsight.app.engine.data import Item
from keepsight.app.engine.file_reading import readable
from keepsight.app.engine.guiding import map_in_words
from keepsight.app.engine.threshold import (
    ThresholdPoint,
    threshold_curve,
    threshold_of,
    threshold_settings,
    with_threshold,
)
from keepsight.app.engine.types import Protocol, Setting
from keepsight.app.ui import format as words
from keepsight.app.ui import threshold_words as sentences
from keepsight.app.ui.classifier_control import NO_JUDGE
from keepsight.app.ui.curve_panel import CurvePanel
from keepsight.app.ui.library import Library
from keepsight.app.ui.pane_grid import PaneGrid
from keepsight.app.ui.sweep_control import SweepControl
from keepsight.app.ui.threshold_panel import ThresholdPanel
from keepsight.app.worker.jobs import PhotoShown
from keepsight.app.worker.sweep_runner import SweepRequest, SweepState
from keepsight.app.worker.workbench import Workbench
from keepsight.codecs import registry

_TAB = 2
"""Place among the tabs."""
_HELP = "How much of a photo can go before its class does, and what that saves"


class ThresholdControl(QObject):
    """Varies the threshold of the selected pane's setting, on the photo that is shown or on all in sight."""

    said = Signal(str, bool)
    """A sentence for the log, and whether it is a warning."""
    setting_asked = Signal(object)
    """The `Setting` that the selected pane shall have."""
    threshold_chosen = Signal(float)
    """A threshold that the user clicked."""

    def __init__(
        self,
        bench: Workbench,
        grid: PaneGrid,
        library: Library,
        curves: CurvePanel,
        sweep: SweepControl,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._bench = bench
        self._grid = grid
        self._library = library
        self._sweep = sweep
        self._runner = bench.threshold_sweep
        self.panel = ThresholdPanel()
        curves.insert_tab(_TAB, self.panel, "Threshold", _HELP, self.panel.controls)
        self._region = 0.0
        """Threshold of the region that is outlined on the photo."""
        self._request: SweepRequest | None = None
        """What the curve in sight is of, or will be."""
        self._item: Item | None = None
        """The photo that it is of; None if of many."""
        self._setting: Setting | None = None
        """The setting whose threshold is varied."""
        self._varied: Sequence[tuple[float, Setting]] = ()
        self._state: SweepState | None = None
        self._class = ""
        """That of the photo that is shown."""
        self._stopped = False
        self.running = False
        """Whether what was asked for is still to come."""
        self.panel.photo_requested.connect(self.start_photo)
        self.panel.all_requested.connect(self.start_all)
        self.panel.stop_requested.connect(self.stop)
        self.panel.threshold_clicked.connect(self._choose)
        grid.selected.connect(lambda _: self.follow())
        bench.photo_shown.connect(self._see_photo)
        bench.judge_loaded.connect(lambda _: self._reset())
        self._runner.advanced.connect(self._take)
        self._runner.failed.connect(self._fail)
        self._runner.warned.connect(lambda sentence: self.said.emit(sentence, True))

    # start and stop ------------------------------------------------------------------------------

    def start_photo(self) -> None:
        """Measure every threshold on the photo that is shown, whole, as its panes have it."""
        if self._bench.item is None or not self._bench.photo_is_current:
            self._refuse(sentences.NO_PHOTO)
        else:
            self._start([self._bench.item], "file", self._bench.item)

    def start_all(self) -> None:
        """Measure every threshold on the photos of the group in sight, as a sweep of all codecs does."""
        specs = self._library.sweep_specs()
        if not specs:
            self._refuse(sentences.NO_PHOTOS)
        else:
            self._start(specs, "crop", None)

    def stop(self) -> None:
        """Stop after the batch in hand; what is measured stays."""
        self._stopped = True
        self._runner.stop()

    def _start(self, specs: Sequence[str | Path | Item], protocol: Protocol, item: Item | None) -> None:
        setting, judge = self._bench.settings.get(self._grid.selection), self._bench.judge
        if judge is None:
            self._refuse(NO_JUDGE)
        elif setting is None:
            self._refuse(sentences.NO_PANE)
        elif foreign := readable(judge.card, [setting])[1]:
            self._refuse(f"{foreign} Select another pane, or choose a classifier of pixels.")
        else:
            self._setting, self._item, self._state = setting, item, None
            self._stopped = False
            self._varied = threshold_settings(setting)
            settings = [varied for _, varied in self._varied]
            self._request = SweepRequest(
                specs, settings, judge, protocol, self._sweep.store, None if item else self._sweep.photos
            )
            self.panel.clear("Measuring …")
            self._set_running(True)
            self._runner.start(self._request)
            self.follow()

    def _set_running(self, running: bool) -> None:
        self.running = running
        self.panel.set_running(running)

    def _refuse(self, sentence: str) -> None:
        if self._state is None:
            self.panel.clear(sentence)
        self.said.emit(sentence, True)

    # what comes ----------------------------------------------------------------------------------

    def _take(self, state: SweepState) -> None:
        if state.request is not self._request:
            return  # one that was replaced by another reports once more
        self._state = state
        self._set_running(state.running)
        points = threshold_curve(self._varied, state.curves)
        if points:
            self._show(points, state)
        elif not state.running:
            why = "Stopped before the first photo." if self._stopped else "Nothing could be measured."
            self.panel.clear(" ".join([why, *state.errors[:1]]))
        if not state.running:
            for error in state.errors:
                self.said.emit(error, True)

    def _show(self, points: Sequence[ThresholdPoint], state: SweepState) -> None:
        from keepsight.app.ui.threshold_plot import ThresholdView

        assert self._setting is not None
        uncompressed = state.uncompressed
        one = self._item is not None
        reference = state.reference
        if one:
            reference = uncompressed.p_kept if uncompressed else None
        colour = registry.get(self._setting.codec).colour
        view = ThresholdView(points, one, reference, colour)
        subject = " · ".join([sentences.subject(self._setting), *self._how_far(state)])
        self.panel.show_view(view, subject, self._finding(points, state))

    def _finding(self, points: Sequence[ThresholdPoint], state: SweepState) -> str:
        if self._item is not None:
            return "Measuring …" if state.running else sentences.of_photo(points, self._class)
        reference = state.uncompressed.top1 if state.uncompressed else None
        return sentences.of_photos(points, self.threshold(), reference)

    def _how_far(self, state: SweepState) -> list[str]:
        guide = f"guided by {map_in_words(state.request.judge.card)}"
        if self._bench.region is not None:
            guide += ", not by the drawn region"
        if self._item is not None:
            return [self._item.name, guide]
        done, total = state.photos_done, state.photos_total
        photos = f"{done:,} of {naming.photos(total)}" if done < total else naming.photos(total)
        left = state.seconds_left if state.running else None
        time = "stopped" if self._stopped else "" if left is None else words.time_left(left)
        return [*filter(None, (photos, time)), guide]

    def _fail(self, sentence: str) -> None:
        self.said.emit(sentence, True)
        self._set_running(False)
        if self._state is None:
            self.panel.clear(sentence)

    def _see_photo(self, shown: PhotoShown) -> None:
        """Forget a curve of another photo."""
        if shown.prediction is not None:
            self._class = shown.prediction.classes[int(shown.prediction.probabilities.argmax())]
        if self._item is not None and shown.item is not self._item:
            self._reset()

    def _reset(self) -> None:
        self.stop()
        self._request = self._state = self._item = None
        self._set_running(False)
        self.panel.clear()

    # the slider ----------------------------------------------------------------------------------

    def threshold(self) -> float:
        """Return the threshold in use: that of the selected pane, or of the outlined region."""
        setting = self._bench.settings.get(self._grid.selection)
        own = None if setting is None else threshold_of(setting)
        return self._region if own is None else own

    def set_region(self, threshold: float) -> None:
        """Take the threshold of the region that is outlined on the photo."""
        self._region = threshold
        self.follow()

    def follow(self) -> None:
        """Mark the threshold in use, now that the selected pane or its setting is another one."""
        self.panel.set_threshold(self.threshold())
        if self._state is not None and self._item is None:
            points = threshold_curve(self._varied, self._state.curves)
            if points:
                self.panel.say(self._finding(points, self._state))

    def _choose(self, threshold: float) -> None:
        setting = self._bench.settings.get(self._grid.selection)
        if setting is not None and threshold_of(setting) is not None:
            self.setting_asked.emit(with_threshold(setting, threshold))
        self.threshold_chosen.emit(threshold)
