"""Thumbnails of the rows in sight, made one after the other in the background; the last asked comes first."""

import threading

from PySide6.QtCore import QObject, Signal

from keepsight.app.engine.data import Item
from keepsight.app.engine.errors import USER_ERRORS
from keepsight.app.engine.photos import thumbnail


class Thumbnails(QObject):
    """A stack of wanted thumbnails and the thread that works it off."""

    ready = Signal(object, object)
    """The item's key as it was asked for, and its thumbnail: (h, w, 3) uint8."""
    failed = Signal(object, str)
    """The item's key, and why there is no thumbnail."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._wanted: list[tuple[object, Item]] = []
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="keepsight-thumbnails", daemon=True)
        self._thread.start()

    def want(self, key: object, item: Item) -> None:
        """Ask for a thumbnail."""
        with self._changed:
            self._wanted.append((key, item))
            self._changed.notify()

    def close(self) -> None:
        """End the thread; what waits is forgotten."""
        with self._changed:
            self._closed = True
            self._wanted.clear()
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while (wanted := self._next()) is not None:
            key, item = wanted
            try:
                self.ready.emit(key, thumbnail(item.load().pixels))
            except USER_ERRORS as error:
                self.failed.emit(key, str(error))

    def _next(self) -> tuple[object, Item] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._wanted or self._closed)
            return None if self._closed else self._wanted.pop()
