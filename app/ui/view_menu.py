"""The menu of what can be done with the view, beside each the key that does it."""

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from keepsight.app.ui import keys
from keepsight.app.ui.player_bar import KEY
from keepsight.app.ui.theme_menu import ThemeMenu


class ViewMenu(QToolButton):
    """A button with a menu; its actions are for others to connect."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText("View")
        self.setToolTip("Magnification, loupe, other photos and codecs, rate player, and theme")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._group: keys.Group = "Looking"
        self.fit = self._action("Fit", "F", "Show the whole picture in every pane")
        self.actual = self._action("1 : 1", "Ctrl+0", "One pixel of the picture on one pixel of the screen")
        self.larger = self._action("Larger", "Ctrl++", "Twice as large, in powers of two", "Ctrl+=")
        self.smaller = self._action("Smaller", "Ctrl+-", "Half as large, in powers of two")
        self._menu.addSeparator()
        self.smooth = self._action("Smooth", "Q", "Blend enlarged pixels; off, they are squares")
        self.loupe = self._action("Loupe", "L", "Magnify what is under the pointer in every pane")
        for action in (self.smooth, self.loupe):
            action.setCheckable(True)
        self._menu.addSeparator()
        self._group = "Photos and panes"
        self.next_photo = self._action("Next photo", "N", "Show the next photo of the list in every pane")
        self.previous_photo = self._action("Previous photo", "P", "Show the photo before in every pane")
        self.next_codec = self._action("Next codec", "C", "Another compressor in the selected pane")
        self.previous_codec = self._action(
            "Previous codec", "Shift+C", "The compressor before, in the selected pane"
        )
        self._group = "Comparing"
        self.swap = self._action("Swap the two", "S", "Exchange the two pictures of wipe, blink, difference")
        self._menu.addSeparator()
        self.play = self._action(
            "Play the rates", KEY, "Let the selected pane go through its file sizes by itself; again to pause"
        )
        self._menu.addSeparator()
        self.theme = ThemeMenu(self._menu)
        self._menu.addMenu(self.theme)
        self.setMenu(self._menu)

    def actions_of_menu(self) -> list[QAction]:
        """Return all that the menu itself does: neither lines nor menus within it."""
        plain = [action for action in self._menu.actions() if not action.isSeparator()]
        return [action for action in plain if action.menu() is None]

    def _action(self, text: str, key: str, tip: str, *further: str) -> QAction:
        action = self._menu.addAction(text)
        action.setShortcuts([QKeySequence(one) for one in (key, *further)])
        action.setToolTip(tip)
        keys.set_group(action, self._group)
        return action
