"""The button at the end of the toolbar: the page of shortcuts."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QToolButton, QWidget


class HelpMenu(QToolButton):
    """Only asks."""

    shortcuts_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText("?")
        self.setAccessibleName("Help")
        self.setToolTip("Help: all keyboard shortcuts (?)")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_ = QMenu(self)
        self.menu_.setToolTipsVisible(True)
        shortcuts = self.menu_.addAction("Keyboard shortcuts", self.shortcuts_asked.emit)
        shortcuts.setToolTip("A page of all keys that this window knows (?)")
        self.setMenu(self.menu_)
