"""What became of every photo at every setting: a few numbers a row, gathered while a study grows."""

import threading
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.types import Measurement, SettingKey

UNCOMPRESSED: SettingKey = (ORIGINAL, "{}")

CELL = np.dtype(
    [
        ("bytes", np.int32),
        ("top1", np.int32),
        ("p_kept", np.float32),
        ("agrees", np.int8),
        ("correct", np.int8),
    ]
)
"""What counts of a row, 14 bytes. `agrees` and `correct` (top-1) are 0 or 1, -1 where that is not known."""
Cells = NDArray[np.void]
"""Of dtype `CELL`; `agrees` is -1 where nothing was measured."""

_NOTHING = np.array((0, 0, 0, -1, -1), CELL)


class PhotoId(NamedTuple):
    """A photo that was measured."""

    key: str
    """`Photo.key`."""
    name: str
    label: int | None


class Readings:
    """Rows of one study by photo and setting; one thread may ask while another adds."""

    def __init__(self, rows: Iterable[Measurement] = ()) -> None:
        self._lock = threading.Lock()
        self._photos: dict[str, int] = {}
        self._ids: list[PhotoId] = []
        self._settings: dict[SettingKey, int] = {}
        self._cells = np.full((8, 64), _NOTHING)
        self.add(rows)

    def add(self, rows: Iterable[Measurement]) -> None:
        """Take these rows in, except failed ones; a newer row stands in for an older one."""
        with self._lock:
            for row in rows:
                if not row.error:
                    self._add(row)

    def photos(self) -> list[PhotoId]:
        """Return the photos in the order in which they came: that of all columns."""
        with self._lock:
            return list(self._ids)

    def settings(self) -> list[SettingKey]:
        """Return the settings in the order in which they came, `UNCOMPRESSED` among them."""
        with self._lock:
            return list(self._settings)

    def columns(self, settings: Sequence[SettingKey]) -> Cells:
        """Return what became of all photos at these settings: (settings, photos)."""
        with self._lock:
            found = np.full((len(settings), len(self._ids)), _NOTHING)
            for place, setting in enumerate(settings):
                if setting in self._settings:
                    found[place] = self._cells[self._settings[setting], : len(self._ids)]
            return found

    def of_photo(self, key: str) -> dict[SettingKey, Cells]:
        """Return what became of a photo at each setting that was measured on it; empty for a strange one."""
        with self._lock:
            if key not in self._photos:
                return {}
            cells = self._cells[:, self._photos[key]].copy()
            return {s: cells[row] for s, row in self._settings.items() if cells[row]["agrees"] >= 0}

    def _add(self, row: Measurement) -> None:
        photo = self._photos.setdefault(row.photo, len(self._photos))
        if photo == len(self._ids):
            self._ids.append(PhotoId(row.photo, row.name, row.label))
        setting = self._settings.setdefault((row.codec, row.options), len(self._settings))
        if setting >= self._cells.shape[0] or photo >= self._cells.shape[1]:
            self._grow()
        correct = -1 if row.correct1 is None else int(row.correct1)
        self._cells[setting, photo] = (row.bytes, row.top1, row.p_kept, int(row.agrees), correct)

    def _grow(self) -> None:
        """Make room for all that is named, and as much again."""
        old = self._cells
        have = (len(self._settings), len(self._ids))
        rows, columns = (2 * n if n > size else size for n, size in zip(have, old.shape, strict=True))
        self._cells = np.full((rows, columns), _NOTHING)
        self._cells[: old.shape[0], : old.shape[1]] = old
