"""The left column: the photos, and below them the bookmarks."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from keepsight.app.engine.session import Bookmark
from keepsight.app.ui import theme
from keepsight.app.ui.bookmark_list import BookmarkList
from keepsight.app.ui.fold_heading import FoldHeading

ADD_KEY = "Ctrl+D"
_HINT = (
    f"{ADD_KEY} keeps the photo, all settings and the part in sight, to come back to or to show as slides."
)


class PhotoColumn(QFrame):
    """Gives the photos what the bookmarks leave; they fold away, and stay so until there is one."""

    add_asked = Signal()
    """What is shown now shall become a bookmark."""

    def __init__(self, photos: QWidget) -> None:
        super().__init__()
        theme.set_role(self, "panel")
        self.bookmarks = BookmarkList()
        self._hint = QLabel(_HINT, wordWrap=True)
        theme.set_role(self._hint, "muted")
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self._hint)
        inner.addWidget(self.bookmarks, 1)
        inner.addStretch()
        self.heading = FoldHeading("Bookmarks", body, open_=False)
        self.add_button = QToolButton()
        self.add_button.setText("+")
        self.add_button.setFixedSize(QSize(24, 22))
        self.add_button.setStyleSheet("padding: 0; min-height: 0;")
        self.add_button.setToolTip(f"Keep the photo, all settings and the part in sight ({ADD_KEY})")
        self.add_button.setAccessibleName("Add a bookmark")
        self.add_button.clicked.connect(self.add_asked)
        line = QHBoxLayout()
        line.addWidget(self.heading)
        line.addStretch(1)
        line.addWidget(self.add_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(photos, 3)
        column.addLayout(line)
        column.addWidget(body, 2)
        self.show_bookmarks((), None, ())

    def show_bookmarks(
        self, bookmarks: Sequence[Bookmark], current: int | None, missing: Collection[str]
    ) -> None:
        """Show these bookmarks as `BookmarkList.show_bookmarks`; the first one unfolds them."""
        if bookmarks and not self.bookmarks.count():
            self.heading.setChecked(True)
        self.heading.setText(f"Bookmarks ({len(bookmarks):,})" if bookmarks else "Bookmarks")
        self._hint.setVisible(not bookmarks)
        self.bookmarks.setVisible(bool(bookmarks))
        self.bookmarks.show_bookmarks(bookmarks, current, missing)
