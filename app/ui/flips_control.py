"""The flips as the window shows them: follow the sweep, the panes and the photo in sight."""

import json
import time

from PySide6.QtCore import QObject, Signal

from keepsight.app.engine import naming
from keepsight.app.engine.flips import Flip, count_flips, find_flips, history, nearest
from keepsight.app.engine.readings import UNCOMPRESSED, PhotoId
from keepsight.app.engine.types import SettingKey
from keepsight.app.ui.curve_panel import CurvePanel
from keepsight.app.ui.curve_points import options_in_words
from keepsight.app.ui.flips_panel import FlipsPanel
from keepsight.app.ui.library import Library
from keepsight.app.ui.pane_grid import PaneGrid
from keepsight.app.worker.jobs import PhotoShown
from keepsight.app.worker.sweep_runner import SweepState
from keepsight.app.worker.workbench import Workbench
from keepsight.codecs import registry

_TAB = 2
"""Place among the tabs."""
_HELP = "Photos whose class a compressor changes, and at which rate it does"
_EVERY_S = 1.0
"""While a sweep runs, the list is made anew so often at most."""


class FlipsControl(QObject):
    """Lists the flips of the last or the running sweep; works only while its tab is in sight."""

    said = Signal(str, bool)
    """A sentence for the log, and whether it is a warning."""

    def __init__(
        self, bench: Workbench, grid: PaneGrid, library: Library, curves: CurvePanel, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._bench = bench
        self._grid = grid
        self._library = library
        self._curves = curves
        self._state: SweepState | None = None
        self._photo = PhotoId("", "", None)
        """Whose history is shown."""
        self._candidates: list[int] = []
        """Rows of the list that may be the photo that was turned to."""
        self._last = 0.0
        self.panel = FlipsPanel()
        curves.insert_tab(_TAB, self.panel, "Flips", _HELP)
        bench.sweep_advanced.connect(self._take)
        bench.judge_loaded.connect(lambda _: self._forget())
        bench.photo_shown.connect(self._take_photo)
        grid.selected.connect(lambda _: self.follow())
        self.panel.form.changed.connect(self._show)
        self.panel.seen.connect(self._show)
        self.panel.table.chosen.connect(self._choose)
        self.panel.history.setting_chosen.connect(curves.point_clicked)

    def follow(self) -> None:
        """Follow the panes: another one is selected, or a setting is another one now."""
        if self.panel.form.by() in ("selected", "panes"):
            self._show()

    def _take(self, state: SweepState) -> None:
        if state.request.judge is not self._bench.judge:
            return  # of a classifier that is no longer in use
        self._state = state
        if not state.running or time.monotonic() - self._last >= _EVERY_S:
            self._last = time.monotonic()
            self._show()

    def _forget(self) -> None:
        self._state = None
        self.panel.form.set_points({})
        self._show()

    def _show(self) -> None:
        state = self._state
        if state is None or state.uncompressed is None:
            self._curves.setTabText(self._curves.indexOf(self.panel), "Flips")
            self.panel.clear()
            return
        readings = state.tally.readings
        settings, problem = self._settings(state)
        kept_by = self.panel.form.kept_by()
        count = count_flips(readings, settings, kept_by)
        title = "Flips" if problem else f"Flips ({count:,})"
        self._curves.setTabText(self._curves.indexOf(self.panel), title)
        if not self.panel.isVisible():
            return
        self.panel.form.set_points({curve.codec: curve.points for curve in state.curves})
        several = self.panel.form.by() == "panes"
        flips = find_flips(readings, settings, kept_by)
        finding = problem or self._finding(state, settings, kept_by, count)
        self.panel.show_flips(flips, state.request.judge.card.class_names, finding, several=several)
        self._show_history()

    def _show_history(self) -> None:
        state = self._state
        if state is None:
            return
        found = history(state.tally.readings, self._photo.key)
        order = [curve.codec for curve in state.curves if curve.codec in found]
        settings, _ = self._settings(state)
        kept_by = self.panel.form.kept_by()
        ringed = {*settings, *([kept_by] if kept_by else [])}
        names = state.request.judge.card.class_names
        self.panel.show_history(self._photo.name, {codec: found[codec] for codec in order}, names, ringed)

    def _settings(self, state: SweepState) -> tuple[list[SettingKey], str]:
        """Return the settings that are looked at, and why there are none."""
        by = self.panel.form.by()
        if isinstance(by, tuple):
            return [by], ""
        selected = self._bench.settings.get(self._grid.selection)
        if by == "selected" and selected is None:
            return [], "Select a compressed pane, or choose a compressor above."
        wanted = [selected] if by == "selected" and selected else list(self._bench.settings.values())
        swept = [key for key in state.tally.readings.settings() if key != UNCOMPRESSED]
        found = []
        for setting in wanted:
            key = (setting.codec, setting.options.to_json())
            rates = {one: rate for one in (key, *swept) if (rate := _rate(one)) is not None}
            if (near := nearest(swept, key, rates)) is not None:
                found.append(near)
        label = registry.get(wanted[0].codec).label if wanted else "This compressor"
        return list(
            dict.fromkeys(found)
        ), "" if found else f"{label} is not in this sweep. Press Sweep to measure it."

    def _finding(
        self, state: SweepState, settings: list[SettingKey], kept_by: SettingKey | None, count: int
    ) -> str:
        photos = state.uncompressed.photos if state.uncompressed else 0
        who = _name(settings[0]) if len(settings) == 1 else f"{len(settings)} settings"
        several = "flips" if count != 1 else "flip"
        what = f"{count:,} {several} by {who} on {naming.photos(photos)}"
        if kept_by:
            what += f" that {_name(kept_by)} keeps"
        crop = state.request.protocol == "crop"
        caution = (
            " The sweep saw the classifier’s crop of each photo; a pane holds the whole photo and may differ."
        )
        return f"{what}.{caution if crop else ''}"

    def _choose(self, flip: Flip) -> None:
        """Show a flip: its photo, and the chosen settings in panes."""
        self._photo = flip.photo
        self._show_history()
        self._candidates = self._library.rows_of(flip.photo.name)
        self._show_photo()
        asked = [self.panel.form.by(), self.panel.form.kept_by()]
        shown = {(setting.codec, setting.options.to_json()) for setting in self._bench.settings.values()}
        for key in asked:
            if isinstance(key, tuple) and key not in shown:
                self._curves.point_clicked.emit(*key)

    def _show_photo(self) -> None:
        """Turn to the next photo of that name: the names of two folders may be the same."""
        if self._candidates:
            self._library.show(self._candidates.pop(0))
        else:
            self.said.emit(f"“{self._photo.name}” is not in the list of photos. Open it again.", True)

    def _take_photo(self, shown: PhotoShown) -> None:
        photo = shown.photo
        if photo.key == self._photo.key:
            self._candidates = []
        elif self._candidates and photo.name == self._photo.name:
            self._show_photo()
        else:
            self._candidates = []
            self._photo = PhotoId(photo.key, photo.name, photo.label)
            if self.panel.isVisible():
                self._show_history()


def _rate(setting: SettingKey) -> float | None:
    """Return the value of the option that moves the rate; None of what has one rate only."""
    option = registry.get(setting[0]).rate_option
    value = json.loads(setting[1]).get(option) if option else None
    return float(value) if isinstance(value, int | float) else None


def _name(setting: SettingKey) -> str:
    return f"{registry.get(setting[0]).label} {options_in_words(*setting)}".strip()
