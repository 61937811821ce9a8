"""Building pipelines: what the builder asks for becomes the setting of the selected pane, or a saved file."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from keepsight.app.engine.guiding import map_in_words
from keepsight.app.engine.stages import setting_of, stages_of
from keepsight.app.engine.types import Setting
from keepsight.app.ui.codec_menu import CodecGroup
from keepsight.app.ui.pane_grid import PaneGrid
from keepsight.app.ui.side_panel import SidePanel
from keepsight.app.worker.workbench import Workbench
from keepsight.codecs import registry, saved
from keepsight.codecs.pipeline import Pipeline, PipelineError, Stage

_HEADINGS = ("Standard", "Keepsight’s own", "Yours")
_UNGUIDED = "No classifier yet: guided by the photo’s own edges"


def codec_groups() -> list[CodecGroup]:
    """Return all codecs as the menus of the panes show them; no group is empty."""
    groups = zip(_HEADINGS, registry.groups(), strict=True)
    return [(name, [(codec.id, codec.label) for codec in codecs]) for name, codecs in groups if codecs]


class PipelineControl(QObject):
    """Changes the stages of the selected pane, and keeps pipelines under names."""

    said = Signal(str, bool)
    """A sentence for the log, and whether it is a warning."""
    setting_asked = Signal(object)
    """The `Setting` that the selected pane shall have."""

    def __init__(self, bench: Workbench, grid: PaneGrid, side: SidePanel, parent: QObject) -> None:
        super().__init__(parent)
        self._bench = bench
        self._grid = grid
        self._side = side
        side.stages_asked.connect(self._use)
        side.save_asked.connect(self._save)
        side.delete_asked.connect(self._delete)
        bench.judge_loaded.connect(lambda _: self.show_guide())
        bench.guide_changed.connect(self.show_guide)

    def show_guide(self) -> None:
        """Say below the stages of the selected pane who guides them."""
        setting = self._bench.settings.get(self._grid.selection)
        guided = setting is not None and registry.get(setting.codec).guided
        judge = self._bench.judge
        by = _UNGUIDED if judge is None else f"Guided by {map_in_words(judge.card)}"
        by = by if self._bench.region is None else "Guided by the region of interest"
        if setting is not None and registry.get(setting.codec).searches:
            by = self._who_compares()
        self._side.set_guide(by if guided else "")

    def _who_compares(self) -> str:
        """Say of a codec that searches who tells its candidates apart."""
        judge, region = self._bench.judge, self._bench.region
        if judge is None:
            by = "No classifier yet: pixels are compared instead"
        elif judge.card.reads != "pixels":
            by = "The classifier reads files: pixels are compared instead"
        else:
            by = f"Guided by {judge.card.name}"
        return by if region is None else f"{by}; what matters is the region of interest"

    def _use(self, stages: Sequence[Stage]) -> None:
        try:
            setting = setting_of(stages)
        except PipelineError as error:
            self._side.refuse(str(error))
        else:
            self.setting_asked.emit(setting)

    def _save(self, name: str) -> None:
        stages = stages_of(self._bench.settings[self._grid.selection])
        try:
            path = saved.save(name, tuple(stages))
        except PipelineError as error:
            self._side.refuse(str(error))
            return
        self._refresh()
        spec, _ = saved.read(path)
        codec = registry.get(registry.get(spec).id)
        self.setting_asked.emit(Setting(codec.id, codec.options()))
        self.said.emit(f"The pipeline “{codec.label}” is saved in “{path}”.", False)

    def _delete(self) -> None:
        codec = registry.get(self._bench.settings[self._grid.selection].codec)
        assert isinstance(codec, Pipeline)
        try:
            saved.delete(codec)
        except PipelineError as error:
            self._side.refuse(str(error))
            return
        self._refresh()
        stages = stages_of(self._bench.settings[self._grid.selection])
        self.setting_asked.emit(setting_of(stages))
        self.said.emit(f"The saved pipeline “{codec.label}” is deleted.", False)

    def _refresh(self) -> None:
        """Let every menu offer what is saved now."""
        registry.refresh()
        self._grid.set_codecs(codec_groups())
        for number, setting in self._bench.settings.items():
            self._grid.panes[number].set_codec(setting.codec, registry.get(setting.codec).label)
