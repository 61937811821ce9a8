"""The bookmarks as a list that can be put into another order."""

from collections.abc import Callable, Collection, Sequence
from functools import partial

from PySide6.QtCore import QByteArray, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QDropEvent, QKeySequence, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from keepsight.app.engine.session import Bookmark
from keepsight.app.ui import keys
from keepsight.app.ui.photo_model import PhotoDelegate, Role

_TIP = "A click goes there; drag to reorder; the right button offers more"
_MISSING = "Its photo is not where it was."


class BookmarkList(QListWidget):
    """Only asks: what is renamed, moves or goes is for the receiver to say, who shows the bookmarks anew."""

    chosen = Signal(int)
    """The row of the bookmark to go to."""
    rename_requested = Signal(int, str)
    remove_requested = Signal(int)
    move_requested = Signal(int, int)
    """A bookmark's row now, and the row that it is to have."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bookmarks: Sequence[Bookmark] = ()
        self.setAccessibleName("Bookmarks")
        self.setAccessibleDescription(
            "Enter goes there, F2 renames, Alt+Up and Alt+Down move, Delete removes"
        )
        self.setItemDelegate(PhotoDelegate(self))
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._add_action("Go there", "Return", self.chosen.emit, "Enter")
        self._add_action("Rename", "F2", lambda row: self.editItem(self.item(row)))
        self._add_action("Move up", "Alt+Up", partial(self._ask_move, by=-1))
        self._add_action("Move down", "Alt+Down", partial(self._ask_move, by=1))
        self._add_action("Remove", "Delete", self.remove_requested.emit)
        self.itemClicked.connect(lambda item: self.chosen.emit(self.row(item)))
        self.itemChanged.connect(lambda item: self.rename_requested.emit(self.row(item), item.text()))

    def show_bookmarks(
        self, bookmarks: Sequence[Bookmark], current: int | None, missing: Collection[str]
    ) -> None:
        """Show these, the one at the row `current` as chosen; photos in `missing` are marked. No signal."""
        with QSignalBlocker(self):
            if list(bookmarks) != list(self._bookmarks):
                self._bookmarks = list(bookmarks)
                self.clear()
                for bookmark in bookmarks:
                    self.addItem(_item(bookmark))
            for row, bookmark in enumerate(bookmarks):
                lost = bookmark.photo in missing
                item = self.item(row)
                item.setData(Role.FLIPPED, lost)
                item.setToolTip("\n".join(filter(None, (bookmark.name, _MISSING if lost else "", _TIP))))
            self.setCurrentRow(-1 if current is None else current)
        if current is not None:
            self.scrollToItem(self.item(current))
        self.viewport().update()

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask for the place between rows where the bookmark was let go."""
        row, point = self.currentRow(), event.position().toPoint()
        over = self.indexAt(point)
        gap = self.count() if not over.isValid() else over.row()
        if over.isValid() and point.y() > self.visualRect(over).center().y():
            gap += 1
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        self._ask_move(row, by=(gap - 1 if gap > row else gap) - row)

    def _ask_move(self, row: int, by: int) -> None:
        if by and 0 <= row + by < self.count():
            self.move_requested.emit(row, row + by)

    def _add_action(self, text: str, key: str, act: Callable[[int], object], *further: str) -> None:
        """Offer something to do with the current bookmark, by the right button and by key."""
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(one) for one in (key, *further)])
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.setWhatsThis(f"{text}, in the list of bookmarks")
        keys.set_group(action, "Photos and panes")
        action.triggered.connect(lambda _: act(self.currentRow()) if self.currentRow() >= 0 else None)
        self.addAction(action)


def _item(bookmark: Bookmark) -> QListWidgetItem:
    item = QListWidgetItem(bookmark.name)
    pixmap = QPixmap()
    pixmap.loadFromData(QByteArray.fromBase64(bookmark.thumbnail.encode()))  # nothing, of what is damaged
    item.setData(Role.THUMBNAIL, None if pixmap.isNull() else pixmap)
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
    return item
