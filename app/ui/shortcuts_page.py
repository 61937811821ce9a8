"""A page of all keys that the window answers to."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from keepsight.app.ui import first_steps, keys, theme
from keepsight.app.ui.help_menu import HelpMenu
from keepsight.app.ui.keys import GROUPS, Key

if TYPE_CHECKING:
    from keepsight.app.ui.window import MainWindow

_KEYS = 150
"""Width of the column of keys."""
_MARGIN = 40
"""Between the page and the edges of the window, at least."""


class ShortcutsPage(QDialog):
    """The keys in two columns of groups; Esc, Enter or ? closes it."""

    def __init__(self, found: Sequence[Key], window: QWidget) -> None:
        super().__init__(window)
        self.setWindowTitle("Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.lines = [(key.keys, key.words) for key in found]
        columns: tuple[list[keys.Group], list[keys.Group]] = ([], [])
        heights = [0, 0]
        for group in GROUPS:
            shorter = heights.index(min(heights))
            columns[shorter].append(group)
            heights[shorter] += 2 + sum(key.group == group for key in found)
        page = QWidget()
        row = QHBoxLayout(page)
        row.setSpacing(36)
        for groups in columns:
            row.addLayout(_column(groups, found), 1)
        self._scroll = QScrollArea()
        self._scroll.setAccessibleName("Keyboard shortcuts")
        self._scroll.setToolTip("Keys of one line stand for the same; Esc closes this page")
        self._scroll.setWidget(page)
        self._scroll.setWidgetResizable(True)
        layout = QVBoxLayout(self)
        layout.addWidget(self._scroll)
        closes = QLabel("Esc closes this page.")
        theme.set_role(closes, "muted")
        layout.addWidget(closes)
        keys.bind("?", self, self.close, "Close this page", "Window")
        keys.bind("Return", self, self.close, "Close this page", "Window")
        hint = page.sizeHint()
        room = window.size()
        self.resize(
            min(hint.width() + 60, room.width() - _MARGIN), min(hint.height() + 70, room.height() - _MARGIN)
        )


def _column(groups: Sequence[keys.Group], found: Sequence[Key]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(5)
    grid.setColumnStretch(1, 1)
    grid.setColumnMinimumWidth(1, 280)
    for group in groups:
        lines = [key for key in found if key.group == group]
        if not lines:
            continue
        heading = QLabel(group)
        theme.set_role(heading, "heading")
        row = grid.rowCount()
        grid.setRowMinimumHeight(row, 26)
        grid.addWidget(heading, row, 0, 1, 2, Qt.AlignmentFlag.AlignBottom)
        for key in lines:
            row = grid.rowCount()
            pressed = QLabel(key.keys, wordWrap=True)
            pressed.setFixedWidth(_KEYS)
            theme.set_role(pressed, "strong")
            words = QLabel(key.words, wordWrap=True)
            theme.set_role(words, "muted")
            grid.addWidget(pressed, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(words, row, 1, Qt.AlignmentFlag.AlignTop)
    grid.setRowStretch(grid.rowCount(), 1)
    return grid


class HelpControl(QObject):
    """Opens the page by key and from the menu, and the first steps."""

    def __init__(self, menu: HelpMenu, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        menu.shortcuts_asked.connect(self.show_shortcuts)
        menu.first_steps_asked.connect(lambda: first_steps.show(window))
        keys.bind("?", window, self.show_shortcuts, "This page", "Window")
        keys.bind(QKeySequence.StandardKey.HelpContents, window, self.show_shortcuts, "This page", "Window")

    def show_shortcuts(self) -> ShortcutsPage:
        """Show the keys that are bound now."""
        page = ShortcutsPage(keys.bound(self._window), self._window)
        page.open()
        return page
