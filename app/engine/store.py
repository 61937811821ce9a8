"""Measurements in one SQLite file, keyed by content, so that a sweep goes on where it ended."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, Self

from keepsight.app.engine.types import Measurement, Protocol

SCHEMA = 2
"""Raised with every change of the table; a store of a newer program is not touched."""

_APPLICATION = 0x4B454550
"""Marks the file as ours ("KEEP" in its header)."""
_KEY = "photo, codec, codec_version, options, protocol, classifier, guide"
_COLUMNS = [field.name for field in fields(Measurement) if field.name != "error"]
_FLAGS = ("agrees", "correct1", "correct5")

_SENTENCES = {
    sqlite3.SQLITE_NOTADB: "is not a store of Keepsight. Choose another file name.",
    sqlite3.SQLITE_CORRUPT: "is damaged. Delete it or choose another file name.",
    sqlite3.SQLITE_FULL: "cannot grow, the disk is full. Free some space.",
    sqlite3.SQLITE_BUSY: "is in use by another program. Wait until that ends.",
    sqlite3.SQLITE_LOCKED: "is in use by another program. Wait until that ends.",
}
_UNWRITABLE = "cannot be opened or written. Choose a file in a folder that you may write to."


class StoreError(RuntimeError):
    """The store cannot be used. The message is a sentence that says what to do."""


class Store:
    """Rows of sweeps, to be used by the thread that opened it; close it, or use it in a `with` statement.

    One row per photo, setting, version of the codec, protocol and classifier. Failed trials are not kept: the
    next sweep tries them again. All methods raise `StoreError`.
    """

    def __init__(self, path: Path) -> None:
        """Open the file or make it."""
        self._path = path
        with self._sentences():
            self._connection = sqlite3.connect(path)
        try:
            with self._sentences():
                self._prepare()
        except StoreError:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the store is of no use afterwards."""
        with self._sentences():
            self._connection.close()

    def get(self, photo: str, protocol: Protocol, classifier: str) -> list[Measurement]:
        """Return all rows of one photo."""
        where = "WHERE photo = ? AND protocol = ? AND classifier = ?"
        return self._select(where, (photo, protocol, classifier))

    def rows(self, protocol: Protocol, classifier: str) -> list[Measurement]:
        """Return the rows of all photos, in the order in which they were measured."""
        return self._select("WHERE protocol = ? AND classifier = ? ORDER BY rowid", (protocol, classifier))

    def add(self, rows: Sequence[Measurement]) -> None:
        """Keep these rows in one transaction; rows of the same key are replaced."""
        marks = ", ".join("?" * len(_COLUMNS))
        values = [[getattr(row, column) for column in _COLUMNS] for row in rows if not row.error]
        with self._sentences(), self._connection:
            self._connection.executemany(f"INSERT OR REPLACE INTO measurement VALUES ({marks})", values)

    def _select(self, where: str, values: tuple[str, ...]) -> list[Measurement]:
        with self._sentences():
            found = self._connection.execute(
                f"SELECT {', '.join(_COLUMNS)} FROM measurement {where}", values
            ).fetchall()
        return [_measurement(row) for row in found]

    def _prepare(self) -> None:
        """Check whose file it is, or make the table in a new one."""
        run = self._connection.execute
        (tables,) = run("SELECT count(*) FROM sqlite_master").fetchone()
        (application,) = run("PRAGMA application_id").fetchone()
        (version,) = run("PRAGMA user_version").fetchone()
        if tables and application != _APPLICATION:
            raise StoreError(f"“{self._path}” {_SENTENCES[sqlite3.SQLITE_NOTADB]}")
        if version > SCHEMA:
            raise StoreError(f"“{self._path}” was written by a newer Keepsight. Update Keepsight to use it.")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = NORMAL")
        with self._connection:
            run(f"PRAGMA application_id = {_APPLICATION}")
            run(f"PRAGMA user_version = {SCHEMA}")
            if version == 1:
                run("ALTER TABLE measurement RENAME TO measurement_1")
            run(f"CREATE TABLE IF NOT EXISTS measurement ({', '.join(_COLUMNS)}, PRIMARY KEY ({_KEY}))")
            if version == 1:  # before there were guides
                old = ", ".join(column for column in _COLUMNS if column != "guide")
                run(f"INSERT INTO measurement ({old}, guide) SELECT {old}, '' FROM measurement_1")
                run("DROP TABLE measurement_1")

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
            raise StoreError(f"“{self._path}” {_SENTENCES.get(code, _UNWRITABLE)}") from None


def _measurement(row: Sequence[Any]) -> Measurement:
    values = dict(zip(_COLUMNS, row, strict=True))
    for name in _FLAGS:
        if values[name] is not None:
            values[name] = bool(values[name])
    return Measurement(**values)
