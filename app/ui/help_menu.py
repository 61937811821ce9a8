"""The button at the end of the toolbar: the page of shortcuts, and the first steps."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QToolButton, QWidget


class HelpMenu(QToolButton):
    """Only asks."""

    shortcuts_asked = Signal()
    first_steps_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText("?")
        self.setAccessibleName("Help")
        self.setToolTip("Help: all keyboard shortcuts (?), and first steps")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_ = QMenu(self)
        self.menu_.setToolTipsVisible(True)
        shortcuts = self.menu_.addAction("Keyboard shortcuts", self.shortcuts_asked.emit)
        shortcuts.setToolTip("A page of all keys that this window knows (?)")
        steps = self.menu_.addAction("First steps", self.first_steps_asked.emit)
        steps.setToolTip("Three hints over the controls, as at the first start")
        self.setMenu(self.menu_)
