"""All settings of the window as one frozen value, which can be read and put back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields

from pydantic import JsonValue, TypeAdapter, ValidationError
from PySide6.QtCore import QObject, Signal

from keepsight.app.engine.errors import USER_ERRORS
from keepsight.app.engine.session import SavedPane, Settings
from keepsight.app.engine.stages import default_setting
from keepsight.app.engine.types import Setting
from keepsight.app.ui.class_menu import Target
from keepsight.app.ui.curve_panel import Choices, CurvePanel
from keepsight.app.ui.pane_grid import MOST_PANES, PaneGrid
from keepsight.app.ui.side_panel import SidePanel
from keepsight.app.ui.tab_state import TabState
from keepsight.app.ui.view_state import ViewState
from keepsight.app.ui.viewing import Viewing
from keepsight.app.worker.jobs import ORIGINAL, PhotoShown
from keepsight.app.worker.workbench import Workbench
from keepsight.codecs import registry
from keepsight.codecs.options import OptionsError

_PANES: dict[str, int | None] = {"first": ORIGINAL, "second": None}
"""Fields of `Viewing` that are numbers of panes, and what they are where there is no such pane."""
_VIEWING = TypeAdapter(Viewing)
_CHOICES = [field.name for field in fields(Choices)]


class WindowState(QObject):
    """Reads the settings from the widgets that show them, and sets them there."""

    changed = Signal()
    """A setting may be another one."""
    said = Signal(str, bool)
    """A sentence for the log, and whether it is a warning."""

    def __init__(
        self,
        bench: Workbench,
        grid: PaneGrid,
        side: SidePanel,
        curves: CurvePanel,
        tabs: TabState,
        view: ViewState,
        set_panes: Callable[[Sequence[Setting], int], None],
        parent: QObject,
    ) -> None:
        """`set_panes` shows these settings in as many panes and selects the pane at a place."""
        super().__init__(parent)
        self._bench, self._grid, self._side = bench, grid, side
        self._curves, self._tabs, self._view, self._set_panes = curves, tabs, view, set_panes
        self._target: Target = None
        """A class that is to be chosen once the classifier has read the photo."""
        self._connect()

    def read(self) -> Settings:
        """Return all settings as they are now.

        The value is frozen, compares by content, and is JSON through pydantic: sessions, steps of undo and
        whatever else wants to come back to this state of the window keep it, and `put` shows it again. What
        part of which photo is in sight is not in it; `ViewState.look` and `Library.turn_to` set that.
        """
        saliency, region = self._side.saliency, self._side.region
        panes = [
            SavedPane(codec=setting.codec, options=setting.options.model_dump(mode="json"))
            for setting in self._bench.settings.values()
        ]
        return Settings(
            panes=tuple(panes),
            selected=list(self._grid.panes).index(self._grid.selection),
            map=saliency.method(),
            target=saliency.target.target if self._target is None else self._target,
            map_shown=saliency.show_overlay.isChecked(),
            map_view=saliency.shown_view(),
            map_colours=saliency.colours.currentData(),
            opacity=saliency.opacity.value(),
            outline=region.outline.isChecked(),
            follow_region=bool(region.follow.currentData()),
            viewing=self._viewing(),
            **asdict(self._curves.choices()),
            tabs=self._tabs.read(),
        )

    def put(self, settings: Settings) -> None:
        """Set everything; what is not known here any more is said and left as it is."""
        panes = [found for pane in settings.panes[: MOST_PANES - 1] if (found := self._setting(pane))]
        self._set_panes(panes, min(settings.selected, len(panes)))
        saliency, region = self._side.saliency, self._side.region
        if settings.map != saliency.method() and not saliency.set_method(settings.map):
            self.said.emit(f"The map “{settings.map}” is not known here; another one is shown.", True)
        saliency.show_overlay.setChecked(settings.map_shown)
        for combo, data in (
            (saliency.view, settings.map_view),
            (saliency.colours, settings.map_colours),
            (region.follow, settings.follow_region),
        ):
            if (place := combo.findData(data)) >= 0:
                combo.setCurrentIndex(place)
        saliency.opacity.setValue(settings.opacity)
        region.outline.setChecked(settings.outline)
        self._put_viewing(settings.viewing)
        self._curves.choose(Choices(**{name: getattr(settings, name) for name in _CHOICES}))
        self._tabs.put(settings.tabs)
        if settings.target != saliency.target.target:
            self._target = settings.target
            known = settings.target is None or saliency.target.knows(settings.target)
            if known and not self._bench.judge_is_coming:  # its classes are others
                self._choose_target()

    def _viewing(self) -> dict[str, JsonValue]:
        numbers, viewing = list(self._grid.panes), asdict(self._view.viewing)
        for name in _PANES:
            viewing[name] = numbers.index(viewing[name]) if viewing[name] in numbers else None
        return viewing

    def _put_viewing(self, saved: Mapping[str, JsonValue]) -> None:
        numbers, values = list(self._grid.panes), dict(saved)
        for name in _PANES:
            place = values.get(name)
            known = isinstance(place, int) and 0 <= place < len(numbers)
            values[name] = numbers[place] if known and isinstance(place, int) else _PANES[name]
        try:
            self._view.set_viewing(_VIEWING.validate_python(values))
        except ValidationError:
            self.said.emit("The way of comparing is not known here; the panes stay as they are.", True)

    def _setting(self, pane: SavedPane) -> Setting | None:
        try:
            codec = registry.get(pane.codec)
        except USER_ERRORS as error:
            self.said.emit(f"A pane is left out. {error}", True)
            return None
        try:
            return Setting(codec.id, codec.options.parse(pane.options))
        except OptionsError as error:
            self.said.emit(f"{codec.label} has its defaults. {error}", True)
            return default_setting(codec)

    def _choose_target(self) -> None:
        target, self._target = self._target, None
        self._side.saliency.target.choose(target)

    def _forget_target(self) -> None:
        """Choose no class of a classifier that could not be loaded."""
        self._target = None

    def _see_photo(self, shown: PhotoShown) -> None:
        if self._bench.judge_is_coming:
            return
        if self._target is not None and shown.prediction is not None:
            if self._side.saliency.target.knows(self._target):
                self._choose_target()
            else:
                self._target = None

    def _connect(self) -> None:
        saliency, region, tell = self._side.saliency, self._side.region, self.changed
        self._grid.selected.connect(lambda _: tell.emit())
        saliency.map_changed.connect(lambda _: tell.emit())
        saliency.target_changed.connect(tell)
        saliency.view_changed.connect(tell)
        saliency.overlay_changed.connect(lambda *_: tell.emit())
        region.outline_toggled.connect(lambda _: tell.emit())
        region.follow_toggled.connect(lambda _: tell.emit())
        self._view.changed.connect(tell)
        self._curves.chosen.connect(tell)
        self._tabs.changed.connect(tell)
        self._bench.photo_shown.connect(self._see_photo)
        self._bench.judge_failed.connect(lambda _: self._forget_target())
