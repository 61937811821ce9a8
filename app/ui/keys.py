"""The window's keys. Each is bound together with its words, which the page of shortcuts shows."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QWidget

Group = Literal[
    "Window", "Photos and panes", "Looking", "Comparing", "Region, on the pictures", "Curves, tables, options"
]
GROUPS: tuple[Group, ...] = get_args(Group)
_GROUP = "keysGroup"


@dataclass(frozen=True)
class Key:
    """One line of the page of shortcuts."""

    keys: str
    """As they are printed on the keys, in the form of this system."""
    words: str
    group: Group
    widget: str = ""
    """Class of the widget that takes the key by itself while it has the focus; "" for a shortcut."""


PEEK, OTHER = Qt.Key.Key_Space, Qt.Key.Key_X

HELD = {
    PEEK: Key("Space, held", "The original in place of every picture", "Comparing"),
    OTHER: Key("X, held", "The other one of two pictures that blink", "Comparing"),
}
"""Keys that do something for as long as they are down."""

_TABLES: Group = "Curves, tables, options"
TAKEN = (
    Key("+  −", "Larger or smaller, around the middle", "Looking", "ImageView"),
    Key("Arrows", "Move an enlarged picture", "Looking", "ImageView"),
    Key("Arrows, Home, End", "Move the line of the wipe; Shift: finely, Ctrl: far", "Comparing", "WipeLine"),
    Key("F", "Fit the curves into their frame", _TABLES, "CurvePlot"),
    Key("H", "Crosshair over the curves; arrows move it", _TABLES, "CurvePlot"),
    Key("Ctrl+C, Enter", "Copy the table; load the chosen line", _TABLES, "CurveTable"),
    Key("Ctrl+C, Enter", "Copy the list of flips; show the chosen one again", _TABLES, "FlipsTable"),
    Key("Arrows, Enter", "Go through a photo’s history; load that setting", _TABLES, "FlipHistory"),
    Key("Up, Down, Enter", "Go through the times; load that setting", _TABLES, "LatencyBars"),
    Key("Arrows, Esc", "Show another candidate of Keep’s search; go back", _TABLES, "SearchPlot"),
    Key("Arrows", "Move a slider; Shift: finely, Ctrl: far", _TABLES, "StepSlider"),
    Key("Delete, Alt+Up, Alt+Down", "Remove or move a stage of the pipeline", _TABLES, "StageList"),
    Key("Enter, Esc", "Go on with the first steps; end them", "Window", "FirstSteps"),
)
"""Keys that a widget takes by itself while it has the focus."""
_RARE = re.compile(r"F(1[3-9]|2\d)|Copy|Cut|Paste|Undo|Redo|Open|Help")
"""Keys that do something and that few keyboards have."""


def bind(
    keys: str | QKeySequence.StandardKey,
    owner: QWidget,
    act: Callable[[], object],
    words: str,
    group: Group,
    *,
    inside: bool = False,
) -> QShortcut:
    """Let keys do something in the owner's window, or only while the focus is `inside` the owner."""
    shortcut = QShortcut(keys, owner, act)
    if inside:  # as an argument of the constructor, PySide leaves this out without a word
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    shortcut.setWhatsThis(words)
    shortcut.setProperty(_GROUP, group)
    return shortcut


class _Letters(QObject):
    """Keeps letters for the list that is typed into."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the question whether a letter is a shortcut, with yes for the list."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            event.setAccepted(bool(event.text().strip()))
        return False


def type_ahead(combo: QComboBox) -> None:
    """Let letters choose in the open list; they would also be shortcuts of what the list stands in."""
    combo.view().installEventFilter(_Letters(combo))


def set_group(action: QAction, group: Group) -> None:
    """Say where the page of shortcuts shows an action."""
    action.setProperty(_GROUP, group)


def bound(window: QWidget) -> list[Key]:
    """Return all keys of a window: its shortcuts and actions as they are bound now, and what is declared."""
    found = []
    for shortcut in window.findChildren(QShortcut):
        found.append(_line(shortcut.keys(), shortcut.whatsThis(), shortcut.property(_GROUP)))
    for action in window.findChildren(QAction):
        if action.shortcuts():
            found.append(
                _line(action.shortcuts(), action.whatsThis() or action.toolTip(), action.property(_GROUP))
            )
    return [*found, *HELD.values(), *TAKEN]


def _line(keys: list[QKeySequence], words: str, group: Group | None) -> Key:
    native = [key.toString(QKeySequence.SequenceFormat.NativeText) for key in keys]
    common = [name for name in native if not _RARE.fullmatch(name)]
    return Key(", ".join(dict.fromkeys(common)), words, group or "Window")
