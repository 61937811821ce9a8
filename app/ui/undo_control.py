"""Undo and redo of every setting, and of the region, in the order in which they were changed."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from keepsight.app.engine.session import Pin, SavedPane, Settings, Tabs
from keepsight.app.ui.curve_panel import CurvePanel
from keepsight.app.ui.region_control import RegionControl
from keepsight.app.ui.window_state import WindowState
from keepsight.app.worker.jobs import PhotoShown
from keepsight.app.worker.workbench import Workbench
from keepsight.codecs import registry

_SETTLED_AFTER_MS = 600
"""What moves is one step until it rests for so long."""
_MOST = 200


@dataclass(frozen=True)
class Step:
    """What was changed, in words, and how to go back and forth."""

    words: str
    back: Callable[[], object]
    forth: Callable[[], object]
    photo: bool = False
    """Whether it is about the photo that is shown, and ends with it."""


class UndoControl(QObject):
    """Keeps the steps, and the two actions that go through them."""

    def __init__(
        self,
        state: WindowState,
        region: RegionControl,
        curves: CurvePanel,
        bench: Workbench,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._state, self._region, self._curves = state, region, curves
        self._photo: object = None
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._now = Settings()
        self._settle = QTimer(self, singleShot=True, interval=_SETTLED_AFTER_MS)
        self._settle.timeout.connect(self.settle)
        self.undo_action = _action("Undo", ["Ctrl+Z"], self.undo, "Take the last change back", parent)
        self.redo_action = _action("Redo", ["Ctrl+Shift+Z", "Ctrl+Y"], self.redo, "Make it again", parent)
        state.changed.connect(self._settle.start)
        region.stepped.connect(self._take_region)
        curves.pins_asked.connect(self._pin)
        region.panel.undo_asked.connect(self._undo_region)
        region.panel.redo_asked.connect(self._redo_region)
        bench.photo_shown.connect(self._see_photo)
        bench.judge_loaded.connect(lambda _: self._absorb_target())
        self.forget()

    @property
    def busy(self) -> bool:
        """Whether a change is still to become a step."""
        return self._settle.isActive()

    def forget(self) -> None:
        """Begin anew with the settings as they are."""
        self._settle.stop()
        self._now = self._state.read()
        self._done, self._undone = [], []
        self._offer()

    def close(self) -> None:
        """Wait for nothing more."""
        self._settle.stop()

    def settle(self) -> None:
        """Make a step of what was changed since the last one."""
        self._settle.stop()
        before, after = self._now, self._state.read()
        self._now = after
        if before.model_copy(update={"selected": after.selected}) != after:
            self._push(Step(difference(before, after), lambda: self._put(before), lambda: self._put(after)))

    def do(self, words: str, forth: Callable[[], object], back: Callable[[], object]) -> None:
        """Do something that is one step, whatever settings it changes: `back` takes it back."""
        self.settle()
        self.quietly(forth)
        self._push(Step(words, lambda: self.quietly(back), lambda: self.quietly(forth)))

    def undo(self) -> None:
        """Take the last step back."""
        self.settle()
        self._region.commit()
        if self._done:
            step = self._done.pop()
            self._undone.append(step)
            step.back()
        self._offer()

    def redo(self) -> None:
        """Do the step again that was undone last."""
        self.settle()
        if self._undone:
            step = self._undone.pop()
            self._done.append(step)
            step.forth()
        self._offer()

    def _put(self, settings: Settings) -> None:
        self.quietly(lambda: self._state.put(settings))

    def quietly(self, act: Callable[[], object]) -> None:
        """Do something that is no step, whatever settings it changes."""
        act()
        self._settle.stop()
        self._now = self._state.read()

    def _push(self, step: Step) -> None:
        self._done = [*self._done, step][-_MOST:]
        self._undone = []
        self._offer()

    def _take_region(self) -> None:
        self.settle()
        self._push(Step("change of the region", self._region.undo, self._region.redo, photo=True))

    def _pin(self, words: str, pins: tuple[Pin, ...]) -> None:
        before, put = self._curves.pins(), self._curves.set_pins
        self.do(words, lambda: put(pins), lambda: put(before))

    def _undo_region(self) -> None:
        """Take back the last step of the region, whatever was changed since."""
        self.settle()
        self._region.commit()
        _move_photo_step(self._done, self._undone)
        self._region.undo()
        self._offer()

    def _redo_region(self) -> None:
        _move_photo_step(self._undone, self._done)
        self._region.redo()
        self._offer()

    def _see_photo(self, shown: PhotoShown) -> None:
        if shown.photo is not self._photo:
            self._photo = shown.photo
            for steps in (self._done, self._undone):
                steps[:] = [step for step in steps if not step.photo]
            self._offer()
        self._absorb_target()

    def _absorb_target(self) -> None:
        """Another photo or classifier may end the choice of a class: that is no step of the user's."""
        self._now = self._now.model_copy(update={"target": self._state.read().target})

    def _offer(self) -> None:
        for action, name, steps in (
            (self.undo_action, "Undo", self._done),
            (self.redo_action, "Redo", self._undone),
        ):
            keys = action.shortcut().toString()
            action.setEnabled(bool(steps))
            action.setText(f"{name} {steps[-1].words}" if steps else name)
            action.setToolTip(f"{action.text()} ({keys})")


def difference(before: Settings, after: Settings) -> str:
    """Say what was changed: "quality 30 → 45"."""
    for old, new in zip(before.panes, after.panes, strict=False):
        if old.codec != new.codec and len(before.panes) == len(after.panes):
            return f"{_label(old)} → {_label(new)}"
        if old.codec == new.codec and old.options != new.options:
            labels = {field.name: field.label for field in registry.get(new.codec).options.fields()}
            name = next(name for name in new.options if old.options.get(name) != new.options[name])
            label = labels.get(name, name).lower()
            return f"{label} {_word(old.options.get(name))} → {_word(new.options[name])}"
    if len(before.panes) != len(after.panes):
        more, less = sorted((list(before.panes), list(after.panes)), key=len, reverse=True)
        extra = next((p for p, other in zip(more, less, strict=False) if p != other), more[-1])
        return f"{'adding' if len(after.panes) > len(before.panes) else 'removing'} {_label(extra)}"
    for name, field in Settings.model_fields.items():
        old_value, new_value = getattr(before, name), getattr(after, name)
        if old_value != new_value and isinstance(new_value, Tabs):
            return _first_other(old_value, new_value)
        if old_value != new_value and field.title:
            if isinstance(new_value, dict):
                key = next(key for key in new_value if old_value.get(key) != new_value[key])
                if isinstance(new_value[key], int) or new_value[key] is None:
                    return field.title
                return f"{key.replace('_', ' ')} {_word(old_value.get(key))} → {_word(new_value[key])}"
            return f"{field.title} {_word(old_value)} → {_word(new_value)}"
    return "change"


def _first_other(before: Tabs, after: Tabs) -> str:
    return next(
        field.title or name
        for name, field in Tabs.model_fields.items()
        if getattr(before, name) != getattr(after, name)
    )


def _move_photo_step(source: list[Step], target: list[Step]) -> None:
    """Move the last step that is about the photo; there is none of what was drawn before it was left."""
    place = next((i for i in reversed(range(len(source))) if source[i].photo), None)
    if place is not None:
        target.append(source.pop(place))


def _label(pane: SavedPane) -> str:
    return registry.get(pane.codec).label


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None:
        return "predicted"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return f"{value:,.10g}" if isinstance(value, float) else str(value)


def _action(name: str, keys: list[str], act: Callable[[], None], words: str, window: QWidget) -> QAction:
    action = QAction(name, window)
    action.setWhatsThis(words)
    action.setShortcuts([QKeySequence(key) for key in keys])
    action.triggered.connect(lambda _: act())
    window.addAction(action)
    return action
