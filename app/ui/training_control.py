"""Trainings as the window shows them: form, process, curves, and the classifier that comes of it."""

from pathlib import Path

from platformdirs import user_data_path
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from keepsight.app.engine.data import Item
from keepsight.app.engine.naming import file_stem
from keepsight.app.engine.runs import command_line
from keepsight.app.engine.stages import spec_of
from keepsight.app.engine.training_plan import Plan, card_in, takes_photos
from keepsight.app.ui import file_dialogs
from keepsight.app.ui import training_words as words
from keepsight.app.ui.classifier_control import ClassifierControl
from keepsight.app.ui.curve_panel import CurvePanel
from keepsight.app.ui.library import Library
from keepsight.app.ui.pane_grid import PaneGrid
from keepsight.app.ui.training_form import LIST, PANE
from keepsight.app.ui.training_panel import TrainingPanel
from keepsight.app.worker.training_run import TrainingEnd, TrainingPoint
from keepsight.app.worker.workbench import Workbench
from keepsight.codecs import registry

_DRAW_EVERY_MS = 200


class TrainingControl(QObject):
    """Starts and stops a training, draws how it goes, and loads what it made."""

    said = Signal(str, bool)
    """A sentence for the log, and whether it is a warning."""

    def __init__(
        self,
        bench: Workbench,
        grid: PaneGrid,
        library: Library,
        curves: CurvePanel,
        classifiers: ClassifierControl,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._bench, self._grid, self._library, self._classifiers = bench, grid, library, classifiers
        self._run = bench.training
        self._points: list[TrainingPoint] = []
        self._stopping = False
        self.folder = user_data_path("keepsight") / "trained"
        """Where trained classifiers are kept, each in a folder of its name."""
        self.panel = TrainingPanel()
        curves.insert_tab(curves.indexOf(curves.log), self.panel, "Training", words.HELP, self.panel.controls)
        self._drawing = QTimer(self, singleShot=True, interval=_DRAW_EVERY_MS)
        self._drawing.timeout.connect(self._draw)
        self.panel.seen.connect(self._follow)
        self.panel.start_requested.connect(self.start)
        self.panel.stop_requested.connect(self.stop)
        self.panel.use_requested.connect(self._use)
        self.panel.copy_requested.connect(self._copy)
        self.panel.form.changed.connect(self._show_card)
        self.panel.form.folder_requested.connect(self._ask_folder)
        grid.selected.connect(lambda _: self._follow())
        bench.pane_shown.connect(lambda *_: self._follow())
        self._run.advanced.connect(self._take)
        self._run.said.connect(self.said)
        self._run.ended.connect(self._end)

    def start(self) -> None:
        """Train as the form says."""
        plan = self.plan()
        if isinstance(plan, str):
            self.panel.say(plan)
            self.said.emit(plan, True)
            return
        self._points, self._stopping = [], False
        self.panel.plot.set_points(self._points)
        self.panel.say(words.STARTING)
        self.panel.set_running(True, stopping=False)
        self.said.emit(f"Training: {command_line(*plan.words())}", False)
        self._run.start(plan.words())

    def stop(self) -> None:
        """Let it end after the step in hand."""
        self._stopping = True
        self._run.stop()
        self.panel.say(words.STOPPING)
        self.panel.set_running(True, stopping=True)

    def plan(self) -> Plan | str:
        """Return what the form asks for, or a sentence on what is missing."""
        form = self.panel.form
        if not form.name.text().strip():
            return words.NO_NAME
        kind = form.kind()
        plan = Plan(
            kind,
            self._folder(),
            form.epochs.value(),
            photos=form.count.value() or None,
            resume=not form.anew.isChecked(),
        )
        if not takes_photos(kind):
            return plan
        data = self._sources(form.source())
        if not data:
            return words.NO_PHOTOS
        judge = self._bench.judge
        return Plan(
            plan.kind,
            plan.folder,
            plan.epochs,
            photos=plan.photos,
            data=data,
            codec=self._codec(),
            rates=form.chosen_rates(),
            classifier=self._classifiers.wanted if judge is None else judge.card.id,
            device=self._classifiers.device,
            resume=plan.resume,
        )

    def _sources(self, source: str) -> tuple[str, ...]:
        """Return sources of photos as the command line takes them; photos without a file are left out."""
        if source != LIST:
            return (source,)
        found = [spec for spec in self._library.sweep_specs() if not isinstance(spec, Item)]
        return tuple(str(spec.absolute()) if isinstance(spec, Path) else spec for spec in found)

    def _codec(self) -> str:
        chosen = self.panel.form.codec()
        setting = self._bench.settings.get(self._grid.selection)
        if chosen != PANE:
            return chosen
        return "png" if setting is None else spec_of(setting)

    def _folder(self) -> Path:
        return self.folder / file_stem(self.panel.form.name.text().strip())

    # what comes ----------------------------------------------------------------------------------

    def _take(self, point: TrainingPoint) -> None:
        if point.stage == "train":
            self._points.append(point)
        self.panel.say(words.progress(point, self._stopping))
        if not self._drawing.isActive():
            self._drawing.start()

    def _draw(self) -> None:
        if self._points and self.panel.isVisible():
            self.panel.plot.set_points(self._points)

    def _end(self, end: TrainingEnd) -> None:
        self._drawing.stop()
        self._draw()
        self.panel.set_running(False, stopping=False)
        sentence = words.ending(end)
        self.panel.say(sentence)
        self.said.emit(sentence, bool(end.error))
        self._show_card()

    # what is offered -----------------------------------------------------------------------------

    def _follow(self) -> None:
        """Offer the selected pane's setting, and the curves and the card as they are now."""
        if not self.panel.isVisible():
            return
        setting = self._bench.settings.get(self._grid.selection)
        codecs = [(codec.id, codec.label) for group in registry.groups() for codec in group]
        self.panel.form.set_codecs("none, lossless" if setting is None else spec_of(setting), codecs)
        self._draw()
        self._show_card()

    def _show_card(self) -> None:
        self.panel.use_button.setEnabled(not self._run.running and card_in(self._folder()) is not None)

    def _use(self) -> None:
        card = card_in(self._folder())
        if card is not None:
            self._classifiers.use(str(card))

    def _copy(self) -> None:
        plan = self.plan()
        if isinstance(plan, str):
            self.panel.say(plan)
            return
        QApplication.clipboard().setText(command_line(*plan.words()))
        self.said.emit("The command is copied.", False)

    def _ask_folder(self) -> None:
        path = file_dialogs.choose_folder(self.panel, "training", "Photos to learn from")
        self.panel.form.set_folder(str(path or ""))
