"""The sweep as the window shows it: button, curves, progress."""

from collections.abc import Sequence
from pathlib import Path

from platformdirs import user_data_path
from PySide6.QtCore import QObject, Signal

from keepsight.app.engine import naming
from keepsight.app.engine.file_reading import readable
from keepsight.app.engine.sweep import default_settings
from keepsight.app.engine.types import Curve, Protocol, Setting
from keepsight.app.ui import format as words
from keepsight.app.ui.classifier_control import NO_JUDGE
from keepsight.app.ui.curve_panel import CurvePanel
from keepsight.app.ui.library import Library
from keepsight.app.ui.status_strip import StatusStrip
from keepsight.app.ui.toolbar import Toolbar
from keepsight.app.worker.sweep_runner import SweepState
from keepsight.app.worker.workbench import Workbench
from keepsight.codecs import registry

PROTOCOL: Protocol = "crop"
"""Of the curves in the window."""


class SweepControl(QObject):
    """Starts, stops and resumes sweeps of the photos in sight, and shows how far they are."""

    said = Signal(str, bool)
    """A sentence for the log, and whether it is a warning."""
    setting_chosen = Signal(object)
    """The `Setting` of a point that the user clicked."""

    def __init__(
        self,
        bench: Workbench,
        library: Library,
        toolbar: Toolbar,
        curves: CurvePanel,
        status: StatusStrip,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._bench = bench
        self._library = library
        self._toolbar = toolbar
        self._curves = curves
        self._status = status
        self._errors: set[str] = set()
        self._stopped = False
        self._stale = False
        """Whether what the sweep still reports is of a classifier that is no longer in use."""
        self.running = False
        self.keep = True
        """Whether measurements are kept for the next time."""
        self.photos: int | None = None
        """Read at most so many photos; None reads all."""
        toolbar.sweep_requested.connect(self.start)
        toolbar.resume_requested.connect(self.start)
        toolbar.stop_requested.connect(self.stop)
        toolbar.pause_requested.connect(self.pause)
        status.cancel_requested.connect(self.stop)
        curves.point_clicked.connect(self._choose)
        bench.sweep_advanced.connect(self._show)
        bench.sweep_failed.connect(self._fail)
        bench.sweep_warned.connect(lambda sentence: self.said.emit(sentence, True))

    @property
    def measuring(self) -> bool:
        """Whether a sweep with the classifier in use is running."""
        return self.running and not self._stale

    @property
    def store(self) -> Path | None:
        """Where measurements are kept for the next time; None where they are not."""
        return user_data_path("keepsight") / "measurements.sqlite" if self.keep else None

    def start(self) -> None:
        """Sweep the group of photos in sight: the standard codecs and those of the panes, at every rate."""
        specs = self._library.sweep_specs()
        if self._bench.judge is None:
            self.said.emit(NO_JUDGE, True)
        elif not specs:
            self.said.emit("There are no photos to sweep. Open some first.", True)
        else:
            self._errors.clear()
            self._stopped = self._stale = False
            self.running = True
            self._toolbar.set_sweep_state("running")
            self._curves.set_sweeping(True)
            self._status.set_progress(0, 0, "Sweep: starting")
            settings, left_out = readable(self._bench.judge.card, default_settings(self.codecs()))
            if left_out:
                self.said.emit(left_out, False)
            self._curves.set_subject(self._bench.judge.card.name, PROTOCOL)
            self._bench.start_sweep(specs, settings, PROTOCOL, self.store, self.photos)

    def codecs(self) -> list[str]:
        """Return the standard codecs, those of the panes, and the one whose files the classifier reads."""
        standard = [codec.id for codec in registry.all_codecs().values() if codec.standard]
        shown = [setting.codec for setting in self._bench.settings.values()]
        judge = self._bench.judge
        own = [judge.card.reads] if judge and judge.card.reads != "pixels" else []
        return list(dict.fromkeys([*standard, *shown, *own]))

    def stop(self) -> None:
        """Stop after the batch in hand; what is measured stays."""
        self._stopped = self.running
        self._bench.stop_sweep()

    def pause(self, paused: bool) -> None:
        """Let the sweep stand still after the batch in hand, or go on."""
        if self.running:
            self._bench.pause_sweep(paused)
            self._toolbar.set_sweep_state("paused" if paused else "running")
            if paused:
                self._status.set_message("Sweep: pausing after the batch in hand …")

    def show_kept(self, classifier: str, curves: Sequence[Curve], reference: float | None) -> None:
        """Show what the store has of this classifier, of all photos; `reference` as in `CurvePanel`."""
        self._curves.set_subject(f"{classifier} · all photos measured so far", PROTOCOL)
        self._curves.set_curves(curves, reference)

    def reset(self) -> None:
        """Stop, and offer a new sweep: another classifier is in use now, and these curves are not its own."""
        self.stop()
        self._stopped = False
        self._stale = True
        self._curves.set_curves([], None)
        if not self.running:
            self._toolbar.set_sweep_state("idle")

    def _show(self, state: SweepState) -> None:
        if not self._stale:
            self._curves.set_curves(state.curves, state.reference)
        for error in state.errors:
            if error not in self._errors:
                self._errors.add(error)
                self.said.emit(error, True)
        if state.running:
            words = f"Sweep{' paused' if state.paused else ''}: {_words(state)} · {_time_left(state)}"
            self._status.set_progress(state.photos_done, state.photos_total, words)
        else:
            ended = "stopped" if self._stopped or self._stale else "done"
            self.said.emit(f"Sweep {ended}: {_words(state)}", False)
            self._end()

    def _fail(self, sentence: str) -> None:
        self.said.emit(sentence, True)
        self._stopped = False
        self._end()

    def _end(self) -> None:
        self.running = False
        self._status.clear_progress()
        self._curves.set_sweeping(False)
        self._toolbar.set_sweep_state("stopped" if self._stopped else "idle")

    def _choose(self, codec_id: str, options: str) -> None:
        codec = registry.get(codec_id)
        self.setting_chosen.emit(Setting(codec_id, codec.options.model_validate_json(options)))


def _words(state: SweepState) -> str:
    codecs = f"{state.codecs} codec{'s' if state.codecs != 1 else ''}"
    done = f"{state.photos_done} / {naming.photos(state.photos_total)}"
    return f"{done} · {codecs} · {state.images_per_s:.0f} images/s"


def _time_left(state: SweepState) -> str:
    return "" if state.seconds_left is None else words.time_left(state.seconds_left)
