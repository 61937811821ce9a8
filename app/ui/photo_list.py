"""The photos on the left: samples, scenes, and the user's own."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QLabel, QListView, QStackedWidget, QVBoxLayout, QWidget

from keepsight.app.ui import theme
from keepsight.app.ui.photo_model import GROUPS, PhotoDelegate, PhotoEntry, PhotoModel, Pixels
from keepsight.app.worker.jobs import Group

__all__ = ["GROUPS", "Group", "PhotoEntry", "PhotoList"]

_SETTLE_MS = 30
"""Thumbnails are asked for once the list stands still for so long."""


class PhotoList(QWidget):
    """One group of photos at a time. Rows are places in the list of all entries, whatever group is shown."""

    photo_chosen = Signal(int)
    """Row of the photo that the user turned to."""
    thumbnail_wanted = Signal(int)
    """Row of a photo that came into view and has no thumbnail; `set_thumbnail` answers."""
    files_dropped = Signal(list)
    """Paths (`Path`) of files and folders that were dropped here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._model = PhotoModel(self)
        self._current = -1
        self._asked: set[str] = set()
        self.group = QComboBox()
        self.group.setAccessibleName("Group of photos")
        self.group.setToolTip("Which photos the list shows")
        self.group.addItems(GROUPS)
        self.group.currentIndexChanged.connect(self._show_group)
        self.view = QListView()
        self.view.setAccessibleName("Photos")
        self.view.setAccessibleDescription("↑ and ↓ show another photo in every pane")
        self.view.setUniformItemSizes(True)
        self.view.setItemDelegate(PhotoDelegate(self.view))
        self.view.setModel(self._model)
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.view.selectionModel().currentChanged.connect(self._turn)
        self._stack = QStackedWidget()
        self._stack.addWidget(_hint())
        self._stack.addWidget(self.view)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._ask_for_thumbnails)
        self.view.verticalScrollBar().valueChanged.connect(self._look_again)
        self._lay_out()
        self.set_entries([])

    def set_entries(self, entries: Sequence[PhotoEntry]) -> None:
        """Show these photos instead; one of the same key stays the current one. No signal."""
        old = self._model.entries
        key = old[self._current].key if 0 <= self._current < len(old) else None
        keys = [entry.key for entry in entries]
        self._current = keys.index(key) if key in keys else -1
        self._asked &= set(keys)
        self._fill(entries, self._model.group)
        for i, group in enumerate(GROUPS):
            count = sum(entry.group == group for entry in entries)
            self.group.setItemText(i, f"{group} ({count:,})" if count else group)

    def show_group(self, group: Group) -> None:
        """Show one of the groups."""
        self.group.setCurrentIndex(GROUPS.index(group))

    def shown_group(self) -> Group:
        """Return the group that is shown."""
        return self._model.group

    def current(self) -> int | None:
        """Return the row of the photo that is turned to, None if there is none."""
        return None if self._current < 0 else self._current

    def set_current(self, row: int) -> None:
        """Turn to a photo that is not closed, and to its group. No signal. Raises `IndexError`."""
        self._current = row
        group = self._model.entries[row].group
        assert group is not None
        self.show_group(group)
        self._select()

    def step(self, by: int) -> None:
        """Turn to the photo so many rows further in the group in sight, as the user does."""
        rows = len(self._model.shown)
        if rows:
            here = self.view.currentIndex()
            row = min(rows - 1, max(0, here.row() + by)) if here.isValid() else 0
            self.view.setCurrentIndex(self._model.index(row))

    def set_thumbnail(self, row: int, pixels: Pixels) -> None:
        """Show a thumbnail, (h, w, 3) uint8 sRGB, best about 120 pixels wide. Raises `IndexError`."""
        self._model.set_thumbnail(row, pixels)
        self._asked.discard(self._model.entries[row].key)

    def set_flipped(self, row: int, flipped: bool) -> None:
        """Mark a photo of which a shown codec flips the class, or take its mark away. Raises `IndexError`."""
        self._model.set_flipped(row, flipped)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the thumbnails that come into view."""
        super().showEvent(event)
        self._settle.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask for nothing while nothing is seen."""
        super().hideEvent(event)
        self._settle.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for the thumbnails that come into view."""
        super().resizeEvent(event)
        self._look_again()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders only."""
        if _paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand on what was dropped."""
        event.acceptProposedAction()
        self.files_dropped.emit(_paths(event))

    def _show_group(self, index: int) -> None:
        self._fill(self._model.entries, GROUPS[index])

    def _fill(self, entries: Sequence[PhotoEntry], group: Group) -> None:
        self._model.set_entries(entries, group)
        self._stack.setCurrentIndex(1 if self._model.shown else 0)
        self._select()
        self._look_again()

    def _select(self) -> None:
        with QSignalBlocker(self.view.selectionModel()):
            index = self._model.index_of(self._current)
            self.view.setCurrentIndex(index)
        self.view.viewport().update()
        if index.isValid():
            self.view.scrollTo(index)

    def _turn(self, index: QModelIndex) -> None:
        if index.isValid():
            self._current = self._model.shown[index.row()]
            self.photo_chosen.emit(self._current)

    def _look_again(self) -> None:
        """Ask for thumbnails soon, once the list stands still."""
        if self.isVisible():
            self._settle.start()

    def _ask_for_thumbnails(self) -> None:
        """Ask for those of the visible rows that are neither there nor on their way."""
        if not self._model.shown:
            return
        area = self.view.viewport().rect()
        first = max(0, self.view.indexAt(area.topLeft()).row())
        last = self.view.indexAt(area.bottomLeft()).row()
        for row in self._model.shown[first : last + 1 if last >= 0 else None]:
            key = self._model.entries[row].key
            if not self._model.has_thumbnail(row) and key not in self._asked:
                self._asked.add(key)
                self.thumbnail_wanted.emit(row)

    def _lay_out(self) -> None:
        heading = QLabel("Photos")
        theme.set_role(heading, "heading")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(heading)
        column.addWidget(self.group)
        column.addWidget(self._stack, 1)


def _hint() -> QLabel:
    hint = QLabel("Drop photos here or press Open")
    hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
    hint.setWordWrap(True)
    theme.set_role(hint, "muted")
    return hint


def _paths(event: QDropEvent) -> list[Path]:
    """Return the local files and folders of a drag."""
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
