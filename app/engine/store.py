"""Measurements in one SQLite file, keyed by content, so that a sweep goes on where it ended."""

import json
import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, TypeVar

from keepsight.app.engine import store_curves, store_schema
from keepsight.app.engine.draws import Measure, Outcomes
from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.store_schema import FIGURES, SCHEMA, StoreError, transaction
from keepsight.app.engine.types import Curve, CurvePoint, Measurement, Protocol

__all__ = ["SCHEMA", "Store", "StoreError", "StoredStudy"]

log = logging.getLogger(__name__)
Result = TypeVar("Result")

_FIELDS = {
    "photo": "photo.key",
    "name": "photo.name",
    **{name: f"setting.{name}" for name in ("codec", "codec_version", "options", "guide")},
    **{name: f"study.{name}" for name in ("protocol", "classifier")},
    **{name: f"measurement.{name}" for name in FIGURES},
}
"""Of a `Measurement`, and where each stands in the tables."""
_NEW_FIGURES = ", ".join(f"{name} = excluded.{name}" for name in (*FIGURES, "run"))
_FLAGS = ("agrees", "correct1", "correct5")

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_NO_STORE = "is not a store of Keepsight. Choose another file name."
_SENTENCES = {
    sqlite3.SQLITE_NOTADB: _NO_STORE,
    sqlite3.SQLITE_CORRUPT: _NO_STORE,
    sqlite3.SQLITE_FULL: "cannot grow, the disk is full. Free some space.",
    sqlite3.SQLITE_IOERR: "cannot be read or written, the disk reports an error. Check its free space.",
    sqlite3.SQLITE_BUSY: "is in use by another program. Wait until that ends.",
    sqlite3.SQLITE_LOCKED: "is in use by another program. Wait until that ends.",
}
_UNWRITABLE = "cannot be opened or written. Choose a file in a folder that you may write to."


@dataclass(frozen=True)
class StoredStudy:
    """What a store holds of one classifier and protocol."""

    protocol: Protocol
    classifier: str
    """`Card.fingerprint` of the judge."""
    guides: Sequence[str]
    """`Guiding.name` of each that guided an encoder, sorted."""
    codecs: Sequence[str]
    """In the order in which they first came."""
    photos: int
    """Whose uncompressed image was read."""
    rows: int


@dataclass(frozen=True)
class StoredRun:
    """What a store knows of one sweep."""

    id: int
    about: str
    """As `Store.begin` got it."""
    ended: str | None
    """ISO 8601, UTC; None where the program was killed before."""
    failed: int
    """Rows that failed."""
    failures: Sequence[str]
    """The first of their sentences."""


class Store:
    """Rows of sweeps, to be used by the thread that opened it; close it, or use it in a `with` statement.

    One row per photo, setting, version of the codec, guide, protocol and classifier. Failed trials are not
    kept: the next sweep tries them again. Several programs may use one file at once. What `add` has taken
    stays, however the program ends. A store of an older program is brought up to date; one that is found
    damaged, at any time, is renamed and an empty one takes its place, unless it is opened to be read only.
    All methods raise `StoreError`.
    """

    def __init__(
        self, path: Path, tell: Callable[[str], object] = log.warning, *, reading: bool = False
    ) -> None:
        """Open the file or make it; `tell` hears a sentence for the user where it was damaged.

        Who is only `reading` finds the file where it was: a damaged one raises `StoreError`.
        """
        self._path = path
        self._reading = reading
        self._tell = tell
        self._ids: dict[tuple[str | int, ...], int] = {}
        self._names: dict[int, str] = {}
        self._about: str | None = None
        self._connection: sqlite3.Connection | None = None
        self._run(lambda _: None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the store is of no use afterwards."""
        with self._sentences():
            self._disconnect()

    def get(self, photo: str, protocol: Protocol, classifier: str) -> list[Measurement]:
        """Return all rows of one photo."""
        # A lookup for each setting in place of an index of all rows by photo.
        query = (
            f"SELECT {', '.join(_FIELDS.values())} FROM study CROSS JOIN photo CROSS JOIN setting "
            "CROSS JOIN measurement ON (study, setting, photo) = (study.id, setting.id, photo.id) "
            "WHERE photo.key = ? AND study.protocol = ? AND study.classifier = ?"
        )
        found = self._run(lambda c: c.execute(query, (photo, protocol, classifier)).fetchall())
        return [_measurement(row) for row in found]

    def rows(self, protocol: Protocol, classifier: str) -> list[Measurement]:
        """Return the rows of all photos, in the order in which photos, then settings were first measured."""
        return [row for rows in self.batches(protocol, classifier) for row in rows]

    def batches(
        self, protocol: Protocol | None = None, classifier: str | None = None, size: int = 10_000
    ) -> Iterator[list[Measurement]]:
        """Yield all rows, or those of a protocol or classifier, `size` at once, in the order of `rows`.

        They are the rows of one moment, whatever is added meanwhile.
        """
        query = (
            f"SELECT {', '.join(_FIELDS.values())} FROM measurement JOIN study ON study.id = study "
            "JOIN setting ON setting.id = setting JOIN photo ON photo.id = photo "
            "WHERE coalesce(study.protocol = ?, true) AND coalesce(study.classifier = ?, true) "
            "ORDER BY study, photo, setting"
        )
        cursor = self._run(lambda c: c.execute(query, (protocol, classifier)))
        try:
            while found := self._fetch(cursor, size):
                yield [_measurement(row) for row in found]
        finally:
            cursor.close()

    def add(self, rows: Iterable[Measurement]) -> None:
        """Keep these rows, all or none; rows of the same key are replaced."""
        kept = [row for row in rows if not row.error]
        if kept:
            self._run(lambda connection: self._write(connection, kept))

    def begin(self, about: str) -> None:
        """Note that what `add` takes from now on comes from this run, which no other's words describe.

        The run itself is kept with its first row, or at its end.
        """
        self._about = about

    def end(self, failures: Sequence[str], failed: int) -> None:
        """Note that the run has ended, how many rows failed, and the first of their sentences.

        A run of which nothing was kept and nothing failed leaves no trace.
        """
        about, self._about = self._about, None
        if about is not None:
            self._run(lambda connection: self._end(connection, about, failures, failed))

    def runs(self) -> list[StoredRun]:
        """Return all runs that kept rows or failed, the oldest first."""
        query = "SELECT id, about, ended, failed, failures FROM run ORDER BY id"
        found = self._run(lambda connection: connection.execute(query).fetchall())
        return [
            StoredRun(number, about, ended, failed, json.loads(failures))
            for number, about, ended, failed, failures in found
        ]

    def rows_by_run(self, protocol: Protocol, classifier: str, guide: str = "") -> dict[int | None, int]:
        """Return how many rows of `curves` and `uncompressed` each run measured, by `StoredRun.id`.

        None stands for runs that were not noted.
        """
        chosen = self._settings(protocol, classifier, guide)
        return self._run(lambda connection: store_curves.rows_by_run(connection, chosen))

    def versions(self, protocol: Protocol, classifier: str, guide: str = "") -> dict[str, int]:
        """Return the version of each codec of `curves`, in their order."""
        chosen = self._settings(protocol, classifier, guide)
        return {setting.codec: setting.codec_version for setting in chosen if setting.codec != ORIGINAL}

    def outcomes(self, protocol: Protocol, classifier: str, guide: str, measure: Measure) -> Outcomes | None:
        """Return what became of each photo with the settings of `curves`, as `Tally` gathers it."""
        chosen = self._settings(protocol, classifier, guide)
        return self._run(lambda connection: store_curves.outcomes(connection, chosen, measure))

    def curves(self, protocol: Protocol, classifier: str, guide: str = "") -> list[Curve]:
        """Return a curve per codec, as `CurveBuilder` does, from the newest version of each.

        Of codecs that were guided by `guide` come those rows, of all others the unguided ones. Medians of
        times are those of the first 300 photos of a setting; a sweep visits photos in random order.
        """
        chosen = self._settings(protocol, classifier, guide)
        points = self._points([setting for setting in chosen if setting.codec != ORIGINAL])
        return [
            Curve(codec, sorted((p for p in points if p.codec == codec), key=lambda p: p.mean_bytes))
            for codec in dict.fromkeys(point.codec for point in points)
        ]

    def uncompressed(self, protocol: Protocol, classifier: str) -> CurvePoint | None:
        """Return what the classifier makes of the uncompressed photos; None where there are none."""
        chosen = self._settings(protocol, classifier, "")
        return next(iter(self._points([s for s in chosen if s.codec == ORIGINAL])), None)

    def studies(self) -> list[StoredStudy]:
        """Return what is there, in the order in which it first came."""
        query = (
            "SELECT protocol, classifier, codec, guide, photos FROM total JOIN study ON study.id = study "
            "JOIN setting ON setting.id = setting WHERE photos > 0 ORDER BY study, setting"
        )
        found: dict[tuple[Protocol, str], list[tuple[str, str, int]]] = {}
        for protocol, classifier, *counted in self._run(lambda c: c.execute(query).fetchall()):
            found.setdefault((protocol, classifier), []).append((counted[0], counted[1], counted[2]))
        return [
            StoredStudy(
                protocol=protocol,
                classifier=classifier,
                guides=sorted({guide for _, guide, _ in counts if guide}),
                codecs=[codec for codec in dict.fromkeys(c for c, _, _ in counts) if codec != ORIGINAL],
                photos=sum(number for codec, _, number in counts if codec == ORIGINAL),
                rows=sum(number for _, _, number in counts),
            )
            for (protocol, classifier), counts in found.items()
        ]

    def _end(self, connection: sqlite3.Connection, about: str, failures: Sequence[str], failed: int) -> None:
        with transaction(connection):
            if failed:
                self._id(connection, "run", about=about)
            connection.execute(
                "UPDATE run SET ended = ?, failed = ?, failures = ? WHERE about = ?",
                (datetime.now(UTC).isoformat(timespec="seconds"), failed, json.dumps(failures), about),
            )

    def _settings(self, protocol: Protocol, classifier: str, guide: str) -> list[store_curves.StoredSetting]:
        return self._run(lambda c: store_curves.settings(c, protocol, classifier, guide))

    def _points(self, settings: Sequence[store_curves.StoredSetting]) -> list[CurvePoint]:
        return self._run(lambda connection: [store_curves.point(connection, s) for s in settings])

    def _fetch(self, cursor: sqlite3.Cursor, size: int) -> list[Any]:
        with self._sentences():
            return cursor.fetchmany(size)

    def _write(self, connection: sqlite3.Connection, rows: Sequence[Measurement]) -> None:
        marks = ", ".join("?" * (3 + len(FIGURES) + 1))
        try:
            with transaction(connection):
                run = None if self._about is None else self._id(connection, "run", about=self._about)
                values = [
                    (*self._key(connection, row), *(getattr(row, f) for f in FIGURES), run) for row in rows
                ]
                connection.executemany(
                    f"INSERT INTO measurement VALUES ({marks}) "
                    f"ON CONFLICT (study, setting, photo) DO UPDATE SET {_NEW_FIGURES}",
                    values,
                )
        except BaseException:  # new ids are gone with the transaction
            self._ids.clear()
            self._names.clear()
            raise

    def _key(self, connection: sqlite3.Connection, row: Measurement) -> tuple[int, int, int]:
        """Return the ids of a row's study, setting and photo; what is new gets one."""
        study = self._id(connection, "study", protocol=row.protocol, classifier=row.classifier)
        setting = self._id(
            connection,
            "setting",
            codec=row.codec,
            codec_version=row.codec_version,
            options=row.options,
            guide=row.guide,
        )
        photo = self._id(connection, "photo", key=row.photo)
        if self._names.get(photo) != row.name:
            connection.execute("UPDATE photo SET name = ? WHERE id = ?", (row.name, photo))
            self._names[photo] = row.name
        return study, setting, photo

    def _id(self, connection: sqlite3.Connection, table: str, **columns: str | int) -> int:
        values = tuple(columns.values())
        if (table, *values) not in self._ids:
            names, marks = ", ".join(columns), ", ".join("?" * len(values))
            connection.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", values)
            found = connection.execute(f"SELECT id FROM {table} WHERE ({names}) = ({marks})", values)
            (self._ids[table, *values],) = found.fetchone()
        return self._ids[table, *values]

    def _run(self, action: Callable[[sqlite3.Connection], Result]) -> Result:
        """Do something with the open file; where that is damaged, with a new one."""
        with self._sentences():
            for _ in range(2):
                try:
                    return action(self._open())
                except sqlite3.DatabaseError as error:
                    if _code(error) not in _DAMAGED or not store_schema.is_ours(self._path):
                        raise
                self._disconnect()
                # The second time for sure: before that, another program may have put a new one in its place.
            if self._reading:
                raise StoreError(
                    f"“{self._path}” is damaged and cannot be read. It stays as it is: restore it from a "
                    "copy, or begin a new one with a sweep, which puts this file aside."
                )
            aside = store_schema.set_aside(self._path)
            self._tell(
                f"“{self._path}” was damaged. It is now called “{aside.name}”, and a new store is begun."
            )
            return action(self._open())

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = store_schema.connect(self._path)
            try:
                store_schema.prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _disconnect(self) -> None:
        self._ids.clear()
        self._names.clear()
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        try:
            yield
        except store_schema.NewerStoreError:
            raise StoreError(
                f"“{self._path}” was written by a newer Keepsight. Update Keepsight to use it."
            ) from None
        except store_schema.ForeignFileError:
            raise StoreError(f"“{self._path}” {_NO_STORE}") from None
        except sqlite3.Error as error:
            raise StoreError(f"“{self._path}” {_SENTENCES.get(_code(error), _UNWRITABLE)}") from None
        except OSError as error:
            raise StoreError(
                f"“{self._path}” is damaged and cannot be renamed ({error.strerror}). "
                "Choose another file name."
            ) from None


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def _measurement(row: Sequence[Any]) -> Measurement:
    values = dict(zip(_FIELDS, row, strict=True))
    for name in _FLAGS:
        if values[name] is not None:
            values[name] = bool(values[name])
    return Measurement(**values)
