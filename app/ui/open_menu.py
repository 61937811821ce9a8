"""What the Open button offers: photos, a folder, what was opened last, and sessions."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QPushButton

from keepsight.app.ui import file_dialogs, preferences


class OpenMenu(QObject):
    """The menu of a button, which also keeps sessions as files."""

    folder_chosen = Signal(list)
    """The path of one folder."""
    recent_chosen = Signal(list)
    """The path of one photo, folder or session that was opened before."""

    def __init__(
        self,
        button: QPushButton,
        open_photos: Callable[[], None],
        close_photos: Callable[[], None],
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
            ("Close your photos", "Take them out of the list; their files stay as they are", close_photos),
            ("", "", None),
            ("Session…", "Show a session that was saved as a file", open_session),
            ("Save session…", "Keep photos, panes, settings and view as a file of your own", save_session),
        ):
            if act is None:
                menu.addSeparator()
            else:
                menu.addAction(text, act).setToolTip(tip)
        self.recent = QMenu("Recent", menu)
        self.recent.setToolTipsVisible(True)
        self.recent.menuAction().setToolTip("What was opened last, by name; the tooltips have the whole path")
        menu.insertMenu(menu.actions()[2], self.recent)
        menu.aboutToShow.connect(self._fill_recent)
        self._fill_recent()
        button.setMenu(menu)
        button.setText("Open")
        button.setStyleSheet("padding-right: 20px;")  # the arrow's room

    def note(self, sources: Sequence[object]) -> None:
        """Remember those of these sources that are files and folders."""
        preferences.add_recent([one for one in sources if isinstance(one, Path)])

    def _fill_recent(self) -> None:
        self.recent.clear()
        for path in preferences.recent():
            name = f"{path.name}/" if path.is_dir() else path.name
            action = self.recent.addAction(name.replace("&", "&&"), partial(self.recent_chosen.emit, [path]))
            action.setToolTip(str(path))
        self.recent.setEnabled(not self.recent.isEmpty())

    def _ask_folder(self) -> None:
        title, start = "Open a folder of photos", preferences.recent_folder()
        if folder := file_dialogs.choose_folder(self._button, "photos", title, start):
            self.folder_chosen.emit([folder])
