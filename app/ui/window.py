"""The main window: puts the widgets together and connects them with the workbench."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from keepsight.app.engine.data import Item
from keepsight.app.engine.naming import photos
from keepsight.app.engine.stages import default_setting, edited
from keepsight.app.engine.types import Setting
from keepsight.app.ui.bookmark_control import BookmarkControl
from keepsight.app.ui.classifier_control import ClassifierControl
from keepsight.app.ui.compare_control import CompareControl
from keepsight.app.ui.contents import compressed_content, original_content, verdict
from keepsight.app.ui.curve_panel import CurvePanel
from keepsight.app.ui.export_control import ExportControl
from keepsight.app.ui.flips_control import FlipsControl
from keepsight.app.ui.focus_order import OrderedWindow
from keepsight.app.ui.latency_control import LatencyControl
from keepsight.app.ui.library import SPECS, Library
from keepsight.app.ui.limit_control import LimitControl
from keepsight.app.ui.limit_panel import LimitPanel, SideColumn
from keepsight.app.ui.machine_meter import MachineMeter
from keepsight.app.ui.notice_bar import NoticeBar
from keepsight.app.ui.opening import Opening
from keepsight.app.ui.pane_grid import PaneGrid
from keepsight.app.ui.photo_column import PhotoColumn
from keepsight.app.ui.photo_list import PhotoList
from keepsight.app.ui.pipeline_control import PipelineControl, codec_groups
from keepsight.app.ui.player_bar import PlayerBar
from keepsight.app.ui.presenting import Presenting
from keepsight.app.ui.preset_control import PresetControl
from keepsight.app.ui.rate_player import RatePlayer
from keepsight.app.ui.region_control import RegionControl
from keepsight.app.ui.saliency_control import SaliencyControl
from keepsight.app.ui.search_control import SearchControl
from keepsight.app.ui.session_control import SessionControl
from keepsight.app.ui.shortcuts_page import HelpControl
from keepsight.app.ui.side_panel import SidePanel
from keepsight.app.ui.spending_control import SpendingControl
from keepsight.app.ui.splitting import split, stacked
from keepsight.app.ui.status_strip import StatusStrip
from keepsight.app.ui.sweep_control import SweepControl
from keepsight.app.ui.tab_state import TabState
from keepsight.app.ui.threshold_control import ThresholdControl
from keepsight.app.ui.toolbar import Toolbar
from keepsight.app.ui.training_control import TrainingControl
from keepsight.app.ui.undo_control import UndoControl
from keepsight.app.ui.view_state import ViewState
from keepsight.app.ui.viewing_control import ViewingControl
from keepsight.app.ui.window_state import WindowState
from keepsight.app.worker.jobs import ORIGINAL, Group, Opened, PaneShown, PhotoShown
from keepsight.app.worker.workbench import Workbench
from keepsight.codecs import registry
from keepsight.codecs.options import Value

_FIRST_PANES = (("avif", 2), ("webp", 2), ("jpeg", 2))
"""Codec and place on its ladder of the panes at the start."""


class MainWindow(OrderedWindow):
    """One photo in panes, photos left, options right, curves below."""

    def __init__(self, classifier: str) -> None:
        super().__init__()
        self.setWindowTitle("Keepsight")
        self.problems: list[str] = []
        """Every warning so far, as sentences."""
        self.bench = self._bench = Workbench(self)
        self.view = self._view = ViewState(self)
        self._original: PhotoShown | None = None
        self._shown: dict[int, PaneShown] = {}
        self._sweep_at_start = False

        self.toolbar = Toolbar()
        self.photos = PhotoList()
        self.grid = PaneGrid(self._view, codec_groups())
        self.side = SidePanel()
        self.limit_panel = LimitPanel()
        self.curves = CurvePanel()
        self.status = StatusStrip()
        self.viewing = ViewingControl(self._bench, self.grid, self._view, self.toolbar, self.photos, self)
        self.notice = NoticeBar()
        self._lay_out()
        self.resize(1440, 900)

        self.library = self._library = Library(self.photos, self)
        self.saliency = SaliencyControl(self._bench, self.grid, self.side.saliency, self)
        self.spending = SpendingControl(self._bench, self.side.saliency, self.saliency.maps, self)
        self.region = RegionControl(self._bench, self.grid, self._view, self.side.region, self.saliency, self)
        self.region.bind_keys(self, self.viewing.centre)
        self.sweep = SweepControl(self._bench, self._library, self.toolbar, self.curves, self.status, self)
        self.classifiers = ClassifierControl(self._bench, self.toolbar, self.status, classifier, self)
        self.pipelines = PipelineControl(self._bench, self.grid, self.side, self)
        shared = (self._bench, self.grid, self._library, self.curves)
        self.threshold = ThresholdControl(*shared, self.sweep, self)
        self.latency = LatencyControl(self._bench, self.curves, self)
        self.flips = FlipsControl(*shared, self)
        self.training = TrainingControl(*shared, self.classifiers, self)
        self.search = SearchControl(self._bench, self.grid, self.curves, self.latency, self)
        self.comparison = CompareControl(self._bench, self.curves.tables, self)
        self.limits = LimitControl(self._bench, self.limit_panel, self)
        self.exports = ExportControl(self)
        self.player = RatePlayer(self._bench, self.grid, self._player_bar, self._set, self)
        self.opening = Opening(self)
        self.help = HelpControl(self.toolbar.help, self)
        tabbed = (self.flips.panel, self.curves.tables, self.limit_panel, self.training.panel)
        shown = (self._bench, self.grid, self.side, self.curves, TabState(self.latency.panel, *tabbed, self))
        self.state = WindowState(*shown, self._view, self._set_panes, self)
        self._meter = MachineMeter(self._bench, self.status, self)
        self._connect()
        for codec_id, place in _FIRST_PANES:
            self.add_pane(Setting(codec_id, registry.get(codec_id).ladder()[place]))
        self.grid.select(list(self.grid.panes)[1])
        self.undo = UndoControl(self.state, self.region, self.curves, self._bench, self)
        self.presets = PresetControl(self)
        self.bookmarks = BookmarkControl(self)
        self.sessions = SessionControl(self)
        for note in registry.notes():
            self.curves.log.add(note, warning=True)

    # life ----------------------------------------------------------------------------------------

    def begin(self, paths: Sequence[Path], sweep_photos: int | None, keep: bool = True) -> None:
        """Load the classifier and show these photos, or the samples and a sweep of them where there are none.

        `sweep_photos` limits what the sweep reads, and lets it start in either case.
        """
        self.sweep.keep, self.sweep.photos = keep, sweep_photos
        self._sweep_at_start = not paths or sweep_photos is not None
        self.classifiers.load()
        self.start_engines()
        if paths:
            self.open(paths)
        else:
            self._bench.open("Samples", [SPECS["Samples"]])

    def start_engines(self) -> None:
        """Start what works behind the window."""
        self._meter.start()
        self._bench.warm_up()
        QTimer.singleShot(0, lambda: self.curves.plot)  # made now rather than in the middle of a sweep

    @property
    def busy(self) -> bool:
        """Whether anything that was asked for is not there yet."""
        sweeping = self.sweep.running or self.threshold.running or self._sweep_at_start
        return self._bench.busy or self.region.busy or self.undo.busy or sweeping

    def shut_down(self) -> None:
        """End all threads and processes."""
        self._meter.stop()
        self.player.play(False)
        self.undo.close()
        self._library.close()
        self.region.close()
        self.exports.close()
        self._bench.close()
        self.sessions.end()  # last: an older state that is being written must not come after the newest

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop the sweep at once; the rest ends when the event loop has."""
        self._bench.stop_sweep()
        super().closeEvent(event)

    # photos --------------------------------------------------------------------------------------

    def open(self, sources: Sequence[Path | str | Item]) -> None:
        """Open photos and folders of the user's own, or photos that are already there (pasted ones)."""
        sources = self.sessions.take(sources)
        self._library.remember(sources)
        items = [source for source in sources if isinstance(source, Item)]
        if items:
            self._library.add("Your photos", items)
        paths = [source for source in sources if not isinstance(source, Item)]
        if paths:
            self._bench.open("Your photos", paths)

    def _open_group(self, group: Group) -> None:
        if not self._library.show_group(group):
            self._bench.open(group, [SPECS[group]])

    def _fill_group(self) -> None:
        """Open the built-in photos of a group that the user turned to and that is still empty."""
        group = self.photos.shown_group()
        if group in SPECS and not self._library.has(group):
            self._bench.open(group, [SPECS[group]])

    def _take(self, opened: Opened) -> None:
        for note in opened.notes:
            self.say(note, warning=True)
        if opened.items:
            self._library.add(opened.group, opened.items)
            self.photos.view.setFocus()
            self.say(f"Opened {photos(len(opened.items))}.")
        else:
            self._forget_first_sweep()

    def _fail_photo(self, sentence: str) -> None:
        if not self._bench.photo_is_current:
            self._original = None
            self._shown.clear()
        self.say(sentence, warning=True)
        self._forget_first_sweep()

    def _show_original(self, shown: PhotoShown) -> None:
        if self._original is not None and shown.photo.key != self._original.photo.key:
            self._shown.clear()
            self.side.parts.show_parts(())
        self._original = shown
        self.grid.panes[ORIGINAL].set_content(original_content(shown))
        if shown.prediction is not None:
            for number in list(self._shown):
                self._draw_pane(number)
            self._start_pending_sweep()

    # panes ---------------------------------------------------------------------------------------

    def add_pane(self, setting: Setting) -> None:
        """Add a compressed pane with this setting and select it."""
        number = self._bench.add_pane(setting)
        self.grid.add(number).set_codec(setting.codec, registry.get(setting.codec).label)
        self.grid.select(number)
        self._after_settings_change()

    def _add_next_pane(self) -> None:
        """Add the first codec that no pane shows yet."""
        used = {setting.codec for setting in self._bench.settings.values()}
        codecs = [codec for group in registry.groups() for codec in group]
        codec = next((codec for codec in codecs if codec.id not in used), codecs[0])
        self.add_pane(default_setting(codec))

    def _remove_pane(self, number: int) -> None:
        self.grid.remove(number)
        self._shown.pop(number, None)
        self._bench.remove_pane(number)  # last: who hears of it finds the grid without the pane
        self._after_settings_change()

    def _set_panes(self, settings: Sequence[Setting], selected: int) -> None:
        """Show these settings in as many panes, and select the pane at this place."""
        for number, setting in zip(list(self._bench.settings), settings, strict=False):
            if self._bench.settings[number] != setting:
                self._set(number, setting)
        for number in list(self._bench.settings)[len(settings) :]:
            self._remove_pane(number)
        for setting in settings[len(self._bench.settings) :]:
            self.add_pane(setting)
        if list(self.grid.panes).index(self.grid.selection) != selected:
            self.grid.select_position(selected)

    def _set_codec(self, number: int, codec_id: str) -> None:
        self._set(number, default_setting(registry.get(codec_id)))

    def _set_options(self, values: dict[str, Value]) -> None:
        number = self.grid.selection
        if setting := self._bench.settings.get(number):  # a field that is hidden still tells its text
            self._set(number, edited(setting, values), from_form=True)

    def _set_clicked(self, setting: Setting) -> None:
        """Put a point of a curve into the pane of its codec, the selected one first."""
        panes = sorted(self._bench.settings.items(), key=lambda pane: pane[0] != self.grid.selection)
        same = next((number for number, old in panes if old.codec == setting.codec), None)
        if same is None and not self.grid.full:
            self.add_pane(setting)
        else:
            number = panes[0][0] if same is None else same
            self._set(number, setting)
            self.grid.select(number)

    def _set(self, number: int, setting: Setting, *, from_form: bool = False) -> None:
        self._bench.set_setting(number, setting)
        self.grid.panes[number].set_codec(setting.codec, registry.get(setting.codec).label)
        if number == self.grid.selection:
            (self.side.follow if from_form else self.side.show_setting)(setting)
            self.pipelines.show_guide()
        self._after_settings_change()

    def _after_settings_change(self) -> None:
        self.toolbar.set_can_add_pane(not self.grid.full)
        self._library.clear_marks()
        settings = self._bench.settings.values()
        self.curves.set_marked([(setting.codec, setting.options.to_json()) for setting in settings])
        self.threshold.follow()
        self.limits.follow()
        self.flips.follow()
        self.player.follow()
        if not self.player.playing:  # its steps are none of the user's
            self.state.changed.emit()

    def _show_pane(self, number: int, shown: PaneShown) -> None:
        self._shown[number] = shown
        self._draw_pane(number)

    def _draw_pane(self, number: int) -> None:
        self.grid.panes[number].set_content(compressed_content(self._shown[number], self._original))
        if number == self.grid.selection:
            self.side.parts.show_parts(self._shown[number].parts)
        self._library.mark_flipped(any(verdict(s, self._original) == "flipped" for s in self._shown.values()))

    def _fail_pane(self, number: int, sentence: str) -> None:
        if number in self.grid.panes:
            self.grid.panes[number].show_error(sentence)
        self.say(sentence, warning=True)

    def _set_pane_busy(self, number: int, busy: bool) -> None:
        if number in self.grid.panes:
            self.grid.panes[number].set_busy(busy)

    def _select_pane(self, number: int) -> None:
        self.side.show_setting(self._bench.settings.get(number))
        self.side.parts.show_parts(self._shown[number].parts if number in self._shown else ())
        self.pipelines.show_guide()

    # the rest ------------------------------------------------------------------------------------

    def say(self, sentence: str, warning: bool = False) -> None:
        """Write a sentence into the log and the status strip."""
        if warning:
            self.problems.append(sentence)
        self.curves.log.add(sentence, warning)
        self.status.set_message(sentence, warning)

    def _change_judge(self) -> None:
        self._library.clear_marks()
        self.sweep.reset()

    def _start_pending_sweep(self) -> None:
        """Begin the first sweep once the first photo stands there with its class: what is seen goes first."""
        if self._sweep_at_start:
            self._sweep_at_start = False
            self.sweep.start()

    def _forget_first_sweep(self) -> None:
        """Wait no longer for a photo and a classifier where one of them could not be had."""
        if self._bench.judge is None or self._bench.photo is None:
            self._sweep_at_start = False

    def _connect(self) -> None:
        bench, toolbar = self._bench, self.toolbar
        bench.opened.connect(self._take)
        bench.photo_shown.connect(self._show_original)
        bench.photo_failed.connect(self._fail_photo)
        bench.judge_failed.connect(lambda _: self._forget_first_sweep())
        bench.pane_shown.connect(self._show_pane)
        bench.pane_failed.connect(self._fail_pane)
        bench.codecs_lost.connect(lambda sentence: self.say(sentence, warning=True))
        bench.pane_busy.connect(self._set_pane_busy)
        bench.judge_loaded.connect(lambda _: self._change_judge())
        speakers: tuple[Any, ...] = (
            *(self.state, self.saliency, self.region, self.classifiers, self.sweep, self.pipelines),
            *(self.threshold, self.limits, self.exports, self.player, self.comparison, self.flips),
            self.training,
        )
        for speaker in speakers:
            speaker.said.connect(self.say)
        self.region.level_changed.connect(self.threshold.set_region)
        self.threshold.threshold_chosen.connect(self.region.set_level)
        self.sweep.setting_chosen.connect(self._set_clicked)
        for asking in (self.pipelines, self.threshold):
            asking.setting_asked.connect(lambda setting: self._set(self.grid.selection, setting))
        self.player.stopped.connect(self.state.changed)
        toolbar.view_menu.play.triggered.connect(lambda: self.player.play(not self.player.playing))
        self.limits.setting_chosen.connect(self._set_clicked)
        self._library.chosen.connect(bench.show_photo)
        self._library.problem.connect(lambda sentence: self.say(sentence, warning=True))
        self.opening.sources_chosen.connect(self.open)
        self.photos.files_dropped.connect(self.open)
        self.photos.group.activated.connect(lambda _: self._fill_group())
        toolbar.open_requested.connect(self.opening.ask)
        toolbar.samples_requested.connect(lambda: self._open_group("Samples"))
        toolbar.scenes_requested.connect(lambda: self._open_group("Scenes"))
        toolbar.present_requested.connect(self.presenting.toggle)
        toolbar.pane_requested.connect(self._add_next_pane)
        self.grid.codec_chosen.connect(self._set_codec)
        self.grid.selected.connect(self._select_pane)
        self.grid.close_requested.connect(self._remove_pane)
        self.side.options_changed.connect(self._set_options)

    def _lay_out(self) -> None:
        self.addToolBar(self.toolbar)
        self.column = left = PhotoColumn(self.photos)
        right = SideColumn(self.side, self.limit_panel, self.side.region.heading)
        self._player_bar = PlayerBar()
        panels = (left, stacked(self.viewing.centre, self._player_bar), right)
        self.columns = split(Qt.Orientation.Horizontal, panels, (175, 1000, 255), (0, 1, 0))
        self.rows = whole = split(Qt.Orientation.Vertical, (self.columns, self.curves), (640, 260), (3, 1))
        body = QWidget()
        rows = QVBoxLayout(body)
        rows.setContentsMargins(8, 4, 8, 2)
        rows.setSpacing(4)
        rows.addWidget(self.notice)
        rows.addWidget(whole, 1)
        rows.addWidget(self.status)
        self.setCentralWidget(body)
        around = (self.toolbar, left, right, self.curves, self.status)
        self.presenting = Presenting(self, (self.grid, self.viewing.pair), around)
