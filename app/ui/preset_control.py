"""Presets: values of a codec's options that the user has named, the same in every session."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from keepsight.app.engine.stages import stages_of
from keepsight.app.engine.types import Setting
from keepsight.app.ui import preferences
from keepsight.app.ui.preferences import Preset
from keepsight.codecs.options import OptionsError

if TYPE_CHECKING:
    from keepsight.app.ui.window import MainWindow


class PresetControl(QObject):
    """Fills the menu below the options of the selected pane; keeping and removing are steps of undo."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window, self._form = window, window.side.form
        menu = self._form.presets
        menu.opened.connect(self._offer)
        menu.chosen.connect(self.choose)
        menu.save_asked.connect(self.save)
        menu.remove_asked.connect(self.remove)

    def choose(self, name: str) -> None:
        """Set the values of a preset; a sentence says where they are no values of this codec any more."""
        try:
            options = self._setting.options.replace(**self._presets[name])
        except OptionsError as error:
            self._window.say(
                f"The preset “{name}” does not fit this compressor any more and is left as it is. {error}",
                warning=True,
            )
        else:
            self._form.choose(options.model_dump())

    def save(self, name: str) -> None:
        """Keep the values of the selected pane under a name."""
        if name := name.strip():
            values = self._setting.options.model_dump(mode="json")
            self._change(f"keeping the preset “{name}”", self._presets | {name: values})
            self._window.say(f"The preset “{name}” is kept.")

    def remove(self, name: str) -> None:
        """Forget a preset."""
        kept = {other: values for other, values in self._presets.items() if other != name}
        self._change(f"removing the preset “{name}”", kept)

    @property
    def _setting(self) -> Setting:
        return self._window.bench.settings[self._window.grid.selection]

    @property
    def _codec(self) -> str:
        """Return what the presets are of: the kinds of the stages, whatever their values are."""
        return "+".join(stage.of.id for stage in stages_of(self._setting))

    @property
    def _presets(self) -> dict[str, Preset]:
        return preferences.presets(self._codec)

    def _change(self, words: str, presets: dict[str, Preset]) -> None:
        codec, before = self._codec, self._presets
        self._window.undo.do(
            words,
            lambda: preferences.set_presets(codec, presets),
            lambda: preferences.set_presets(codec, before),
        )

    def _offer(self) -> None:
        offered = {}
        for name, values in self._presets.items():
            try:
                offered[name] = self._setting.options.replace(**values).in_words()
            except OptionsError as error:
                offered[name] = str(error)
        self._form.presets.offer(offered)
