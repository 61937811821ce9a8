"""Ways in for the user's photos: dialog, drop anywhere on the window, paste."""

from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage, QKeySequence, QPainter
from PySide6.QtWidgets import QWidget

from keepsight.app.engine import photos
from keepsight.app.engine.data import Item
from keepsight.app.engine.types import Photo, Pixels
from keepsight.app.ui import file_dialogs, keys, preferences


class Opening(QObject):
    """Hands on what the user wants to see."""

    sources_chosen = Signal(list)
    """Paths of photos and folders, or `Item`s of pasted pictures."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._pasted = 0
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        standard = QKeySequence.StandardKey
        keys.bind(standard.Open, window, self.ask, "Open photos", "Photos and panes")
        keys.bind(
            standard.Paste, window, self.paste, "Open what was copied: a picture or files", "Photos and panes"
        )

    def ask(self) -> None:
        """Let the user choose photos."""
        endings = " ".join(f"*{suffix}" for suffix in sorted(photos.SUFFIXES))
        kinds, start = f"Photos ({endings});;All files (*)", preferences.recent_folder()
        if paths := file_dialogs.open_files(self._window, "photos", "Open photos", kinds, start):
            self.sources_chosen.emit(paths)

    def paste(self) -> None:
        """Take a picture or files from the clipboard."""
        data: QMimeData | None = QGuiApplication.clipboard().mimeData()
        if data is None:  # another program holds the clipboard just now
            return
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if paths:
            self.sources_chosen.emit(paths)
        elif data.hasImage():
            self._pasted += 1
            photo = photos.from_pixels(_pixels(QGuiApplication.clipboard().image()), f"pasted {self._pasted}")
            self.sources_chosen.emit([Item(photo.name, partial(_given, photo))])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take files and folders that are dropped on the window."""
        if event.type() in (QEvent.Type.DragEnter, QEvent.Type.Drop) and isinstance(event, QDropEvent):
            paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
            if paths:
                event.acceptProposedAction()
                if event.type() == QEvent.Type.Drop:
                    self.sources_chosen.emit(paths)
                return True
        return super().eventFilter(watched, event)


def _given(photo: Photo) -> Photo:
    return photo


def _pixels(image: QImage) -> Pixels:
    """Copy a Qt picture, (H, W, 3) uint8; what is transparent becomes white."""
    opaque = QImage(image.size(), QImage.Format.Format_RGB888)
    opaque.fill("white")
    with QPainter(opaque) as painter:
        painter.drawImage(0, 0, image)
    rows = np.frombuffer(opaque.constBits(), np.uint8).reshape(opaque.height(), opaque.bytesPerLine())
    return rows[:, : 3 * opaque.width()].reshape(opaque.height(), opaque.width(), 3).copy()
