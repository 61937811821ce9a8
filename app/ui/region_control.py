"""The region of interest in the window: drawn on the pictures, tuned, measured, kept beside the photo."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from keepsight.app.engine.outline import Lines, Preview
from keepsight.app.engine.region import Mask, Region, Source, Stroke, Tool
from keepsight.app.engine.types import Photo
from keepsight.app.ui import keys
from keepsight.app.ui.history import History
from keepsight.app.ui.pane_grid import PaneGrid
from keepsight.app.ui.region_measuring import RegionMeasuring, What
from keepsight.app.ui.region_panel import BRUSH, RegionPanel
from keepsight.app.ui.region_shelf import RegionShelf
from keepsight.app.ui.region_tool import RegionTool
from keepsight.app.ui.saliency_control import SaliencyControl
from keepsight.app.ui.view_state import ViewState
from keepsight.app.worker.jobs import PhotoShown
from keepsight.app.worker.region_files import RegionLoaded
from keepsight.app.worker.workbench import Workbench
from keepsight.models.maps import registry as maps_registry
from keepsight.models.types import Map

_SETTLED_AFTER_MS = 600
"""What a key or the wheel moves is one step of the history until it rests for so long."""
_KEYS: dict[str, tuple[Tool | None, str]] = {
    "M": (None, "Draw no more: the mouse moves the picture"),
    "Escape": (None, "Draw no more"),
    "B": ("brush", "Brush: what it touches belongs to the region"),
    "E": ("eraser", "Eraser"),
    "R": ("add rectangle", "Add a rectangle"),
    "Shift+R": ("remove rectangle", "Take a rectangle away"),
}
_GROUP: keys.Group = "Region, on the pictures"
_BRUSH_STEP = 1.25


@dataclass(frozen=True, eq=False)
class RegionState:
    """One step of the history."""

    region: Region
    painted: Mask | None = None
    """A mask of the photo's size that belongs to the region besides."""


class RegionControl(QObject):
    """Connects panel, pictures and workbench. The outline follows at once, the figures when it rests."""

    said = Signal(str, bool)
    """A sentence for the log, and whether it is a warning."""
    stepped = Signal()
    """The region was changed by a whole step, which `undo` takes back."""
    level_changed = Signal(float)
    """The threshold as a share of the map's maximum, in [0, 1], where that is what it is a share of."""

    def __init__(
        self,
        bench: Workbench,
        grid: PaneGrid,
        view: ViewState,
        panel: RegionPanel,
        saliency: SaliencyControl,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.panel = panel
        self.tool = view.tool = RegionTool(self)
        self._bench, self._grid, self._saliency = bench, grid, saliency
        self._photo: Photo | None = None
        self._maps: dict[Source, Map] = {}
        """Of joined sources."""
        self._preview: Preview | None = None
        self._now = RegionState(Region())
        self._history = History(self._now)
        self._loaded: RegionState | None = None
        """The region as it came from its files."""
        self._kept: dict[str, History[RegionState]] = {}
        """What was drawn on other photos of this session, by their keys."""
        self._settle = QTimer(self, singleShot=True, interval=_SETTLED_AFTER_MS)
        self._settle.timeout.connect(self._commit)
        self._measuring = RegionMeasuring(bench, grid, panel, self._what)
        self._measuring.said.connect(self.said)
        self.shelf = RegionShelf(bench, parent)
        self.shelf.said.connect(self.said)
        self.shelf.loaded.connect(self._take_loaded)
        self.shelf.remade.connect(self._take_maps)
        self._connect()
        self.panel.show_tool(None, self.tool.radius)

    @property
    def busy(self) -> bool:
        """Whether figures are still to be asked for, or a step to be kept."""
        return self._measuring.busy or self._settle.isActive()

    @property
    def region(self) -> Region:
        """The region as it is drawn."""
        return self._now.region

    def close(self) -> None:
        """Ask for nothing more."""
        self._settle.stop()
        self._measuring.forget()

    def set_level(self, level: float) -> None:
        """Cut the region at this share of the map's maximum."""
        self._change(mode="value", level=level)
        self._commit()

    # what changes the region ---------------------------------------------------------------------

    def _change(self, **values: Any) -> None:
        """Replace some fields, which may go on changing; `_commit` makes it a step."""
        region = self._now.region.model_copy(update=values)
        self._show(replace(self._now, region=region))

    def _edit(self, name: str, value: object) -> None:
        self._change(**{name: value})
        if name == "shown":
            self._rebuild()
            self._commit()
        else:
            self._settle.start()

    def _step(self, **values: Any) -> None:
        """Make one whole step."""
        self._commit()
        self._change(**values)
        self._commit()

    def commit(self) -> None:
        """Make a step of what still moves."""
        self._commit()

    def regions(self) -> dict[str, Region]:
        """Return the region of each photo by `Photo.key`; loaded masks have files of their own."""
        histories = dict(self._kept)
        if self._photo is not None and self._history.can_undo:
            histories[self._photo.key] = self._history
        states = {key: history.state for key, history in histories.items()}
        return {key: state.region for key, state in states.items() if state.painted is None}

    def rule(self) -> Region:
        """Return how the region of a photo without one of its own is cut."""
        return self._now.region.model_copy(update={"shown": True, "joined": (), "strokes": ()})

    def take(self, regions: Mapping[str, Region], rule: Region) -> None:
        """Know the regions of photos, as `regions` and `rule` returned them."""
        first = RegionState(rule)
        for key, region in regions.items():
            history = History(first)
            history.commit(RegionState(region))
            self._kept[key] = history
        if self._photo is None:
            self._history = History(first)
            self._show(first)
        elif self._photo.key in self._kept:
            self._history = self._kept.pop(self._photo.key)
            self._go_to(self._history.state)
            self._remake_maps()

    def _commit(self) -> None:
        self._settle.stop()
        changed = self._now is not self._history.state
        self._history.commit(self._now)
        self._offer()
        if changed:
            self.stepped.emit()

    def undo(self) -> None:
        """Take the last step back."""
        self._commit()
        self.tool.cancel()
        self._go_to(self._history.undo())

    def redo(self) -> None:
        """Do the step again that was undone last."""
        self._commit()
        self._go_to(self._history.redo())

    def _go_to(self, state: RegionState) -> None:
        self._show(state)
        self._rebuild()

    def _add_stroke(self, stroke: Stroke) -> None:
        self._step(strokes=(*self._now.region.strokes, stroke))

    def _clear(self) -> None:
        self._step(strokes=())
        if self._now.painted is not None:
            self._show(RegionState(self._now.region))
            self._history.undo()
            self._commit()
        self._rebuild()

    def _join(self) -> None:
        source = self._source()
        importance = self._saliency.importance
        if source is not None and importance is not None:
            self._maps[source] = importance.values
            self._step(joined=(*self._now.region.joined, source))
            self._rebuild()

    def _leave(self, place: int) -> None:
        joined = self._now.region.joined
        self._step(joined=joined[:place] + joined[place + 1 :])
        self._rebuild()

    # what is shown -------------------------------------------------------------------------------

    def _show(self, state: RegionState) -> None:
        """Draw a state, with the panel as it says."""
        level = self._now.region.level, self._now.region.mode
        self._now = state
        self.panel.show_region(state.region, [_name(source) for source in state.region.joined])
        if (state.region.level, state.region.mode) != level and state.region.mode == "value":
            self.level_changed.emit(state.region.level)
        self._offer()
        self._draw()

    def _offer(self) -> None:
        """Let be asked for what can be."""
        region, history = self._now.region, self._history
        changed = self._now is not history.state
        drawn = bool(region.strokes) or self._now.painted is not None
        self.panel.set_history(undo=history.can_undo or changed, redo=history.can_redo, strokes=drawn)
        source = self._source()
        joinable = source is not None and source not in region.joined
        self.panel.set_ready(photo=self._photo is not None, joinable=joinable)

    def _rebuild(self) -> None:
        """Take other maps, and draw."""
        self._preview = None
        if self._photo is not None:
            height, width = self._photo.pixels.shape[:2]
            self._preview = Preview(self._current_maps(), (height, width), self._now.painted)
        self._offer()
        self._draw()

    def _draw(self) -> None:
        """Draw the outline with the stroke under way, and ask for its figures when it rests."""
        lines: Lines = []
        if self._preview is not None:
            region, stroke = self._now.region, self.tool.stroke
            if stroke is not None:
                region = region.model_copy(update={"strokes": (*region.strokes, stroke)})
            lines, share = self._preview.outline(region)
            self._measuring.start(share)
        if not self.panel.outline.isChecked():
            lines = []
        for view in self._grid.views:
            view.set_outline(lines)

    def _current_maps(self) -> tuple[Map, ...]:
        region, importance = self._now.region, self._saliency.importance
        shown = (importance.values,) if region.shown and importance is not None else ()
        return (*shown, *(self._maps[source] for source in region.joined if source in self._maps))

    def _what(self) -> What | None:
        if self._photo is None or self.tool.drawing:
            return None
        return self._photo, self._current_maps(), self._now.painted, self._now.region

    def _source(self) -> Source | None:
        """Return where the map that is shown comes from."""
        importance, judge = self._saliency.importance, self._bench.judge
        if importance is None:
            return None
        if judge is None or not maps_registry.needs_classifier(importance.method):
            return Source(method=importance.method)
        target = importance.target
        label = "" if target is None else judge.card.class_names[target]
        return Source(method=importance.method, classifier=judge.card.fingerprint, target=target, label=label)

    def _show_tool(self) -> None:
        self.panel.show_tool(self.tool.kind, self.tool.radius)
        for pane in self._grid.panes.values():
            pane.view.update()  # its pointer

    # photos and files ----------------------------------------------------------------------------

    def _take_photo(self, shown: PhotoShown) -> None:
        if shown.photo is not self._photo:
            self._leave_photo()
            self._photo = shown.photo
            known = self._kept.pop(shown.photo.key, None)
            rule = self._now.region.model_copy(update={"shown": True, "joined": (), "strokes": ()})
            self._history = known or History(RegionState(rule))
            self._go_to(self._history.state)
            self.level_changed.emit(self.region.level)
            if known is None:
                self.shelf.look_beside(self._bench.item, shown.photo)
        self.shelf.take_judge(shown.judge)
        self._remake_maps()

    def _remake_maps(self) -> None:
        """Ask for the joined maps of a region that came from a session."""
        unknown = tuple(source for source in self._now.region.joined if source not in self._maps)
        if unknown and self._photo is not None:
            self.shelf.remake(self._photo, unknown)

    def _take_maps(self, photo: Photo, maps: dict[Source, Map]) -> None:
        if photo is self._photo:
            self._maps.update(maps)
            self._rebuild()

    def _leave_photo(self) -> None:
        self._commit()
        self.tool.cancel()
        self._measuring.forget()
        if self._photo is not None and (self._history.can_undo or self._history.can_redo):
            self._kept[self._photo.key] = self._history
        self._photo = None

    def _lose_photo(self) -> None:
        if not self._bench.photo_is_current:
            self._leave_photo()
            self._rebuild()

    def _save(self) -> None:
        assert self._photo is not None
        region, source = self._now.region, self._source()
        joined = region.joined
        if region.shown and source is not None and source not in joined:
            joined = (source, *joined)
        whole = region.model_copy(update={"shown": False, "joined": joined})
        self.shelf.save(self._bench.item, self._photo, self._current_maps(), self._now.painted, whole)

    def _take_loaded(self, loaded: RegionLoaded) -> None:
        if loaded.request.photo is not self._photo:
            return
        self._maps.update(loaded.maps)
        self._commit()
        self._loaded = RegionState(loaded.region, loaded.painted)
        self._go_to(self._loaded)
        self._commit()
        self._take_map()

    def _take_map(self) -> None:
        """Draw with another map that is shown; one that a region was loaded with is no joined one."""
        region, source = self._now.region, self._source()
        if self._now is self._loaded and source in region.joined:
            others = tuple(other for other in region.joined if other != source)
            region = region.model_copy(update={"shown": True, "joined": others})
            self._show(replace(self._now, region=region))
            self._history.replace(self._now)
        self._rebuild()

    # wires ---------------------------------------------------------------------------------------

    def _connect(self) -> None:
        panel, tool = self.panel, self.tool
        panel.outline_toggled.connect(lambda _: self._draw())
        panel.edited.connect(self._edit)
        panel.settled.connect(self._commit)
        panel.join_asked.connect(self._join)
        panel.leave_asked.connect(self._leave)
        panel.tool_chosen.connect(tool.take)
        panel.brush_changed.connect(tool.set_radius)
        panel.clear_asked.connect(self._clear)
        panel.save_asked.connect(self._save)
        panel.load_asked.connect(lambda: self.shelf.ask(self._bench.item, self._photo))
        tool.changed.connect(self._show_tool)
        tool.stroke_changed.connect(self._draw)
        tool.stroke_ended.connect(self._add_stroke)
        self._saliency.importance_changed.connect(self._take_map)
        self._bench.photo_shown.connect(self._take_photo)
        self._bench.photo_failed.connect(lambda _: self._lose_photo())
        self._grid.added.connect(lambda _: self._draw())

    def bind_keys(self, window: QWidget, pictures: QWidget) -> None:
        """Bind the keys of the tools, which are taken where the focus is in `pictures` only."""
        for key, (kind, words) in _KEYS.items():
            take = partial(self.tool.take, kind)
            keys.bind(key, pictures, take, words, _GROUP, inside=True)
        for key, factor, words in (
            ("[", 1 / _BRUSH_STEP, "A smaller brush"),
            ("]", _BRUSH_STEP, "A larger brush"),
        ):
            keys.bind(key, pictures, partial(self._resize_brush, factor), words, _GROUP, inside=True)

    def _resize_brush(self, factor: float) -> None:
        low, high = (limit / 10 for limit in BRUSH)
        self.tool.set_radius(min(high, max(low, round(self.tool.radius * factor, 1))))


def _name(source: Source) -> str:
    """Return a joined map in words: “Grad-CAM · tabby”."""
    known = maps_registry.all_methods()
    method = known[source.method].label if source.method in known else source.method
    return f"{method} · {source.label}" if source.label else method
