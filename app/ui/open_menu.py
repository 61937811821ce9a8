"""What the Open button offers: photos, a folder, and sessions."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton


class OpenMenu(QObject):
    """The menu of a button, which also keeps sessions as files."""

    folder_chosen = Signal(list)
    """The path of one folder."""

    def __init__(
        self,
        button: QPushButton,
        open_photos: Callable[[], None],
        open_session: Callable[[], None],
        save_session: Callable[[], None],
    ) -> None:
        super().__init__(button)
        self._button = button
        menu = self.menu = QMenu(button)
        menu.setToolTipsVisible(True)
        for text, tip, act in (
            ("Photos…", "Choose photos (Ctrl+O)", open_photos),
            ("Folder…", "All photos of a folder and its sub-folders", self._ask_folder),
            ("", "", None),
            ("Session…", "Show a session that was saved as a file", open_session),
            ("Save session…", "Keep photos, panes, settings and view as a file of your own", save_session),
        ):
            if act is None:
                menu.addSeparator()
            else:
                menu.addAction(text, act).setToolTip(tip)
        button.setMenu(menu)
        button.setText("Open")
        button.setStyleSheet("padding-right: 20px;")  # the arrow's room

    def _ask_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self._button, "Open a folder of photos")
        if name:
            self.folder_chosen.emit([Path(name)])
