"""The tables of a store, how older ones become today's, and what is done with a file that is damaged."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = 4
"""Raised with every change of the tables; a store of a newer program is not touched."""

LOCK_WAIT_S = 5.0
"""How long to wait until another program has written."""

_APPLICATION = 0x4B454550
"""Marks the file as ours ("KEEP" in its header)."""

LOSSLESS_DB = 100.0
"""What a lossless image's infinite PSNR counts as in a mean."""

TOTALS = {
    "photos": "1",
    "bytes": "{0}.bytes",
    "pixels": "{0}.pixels",
    "agrees": "{0}.agrees",
    "labelled": "{0}.correct1 IS NOT NULL",
    "correct1": "coalesce({0}.correct1, 0)",
    "correct5": "coalesce({0}.correct5, 0)",
    "p_true": "coalesce({0}.p_true, 0)",
    "p_kept": "{0}.p_kept",
    "kl": "{0}.kl",
    "psnr": f"min({{0}}.psnr, {LOSSLESS_DB})",
    "ssim": "{0}.ssim",
    "with_ms_ssim": "{0}.ms_ssim IS NOT NULL",
    "ms_ssim": "coalesce({0}.ms_ssim, 0)",
}
"""Columns of `total`, and what a row of `measurement` adds to each."""

_TABLES = {
    "study": "id INTEGER PRIMARY KEY, protocol TEXT NOT NULL, classifier TEXT NOT NULL, "
    "UNIQUE (protocol, classifier)",
    "setting": "id INTEGER PRIMARY KEY, codec TEXT NOT NULL, codec_version INTEGER NOT NULL, "
    "options TEXT NOT NULL, guide TEXT NOT NULL, UNIQUE (codec, codec_version, options, guide)",
    "photo": "id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL DEFAULT ''",
    "measurement": "study INTEGER NOT NULL, setting INTEGER NOT NULL, photo INTEGER NOT NULL, label INTEGER, "
    "pixels INTEGER NOT NULL, bytes INTEGER NOT NULL, top1 INTEGER NOT NULL, agrees INTEGER NOT NULL, "
    "correct1 INTEGER, correct5 INTEGER, p_true REAL, p_kept REAL NOT NULL, kl REAL NOT NULL, "
    "psnr REAL NOT NULL, ssim REAL NOT NULL, ms_ssim REAL, encode_s REAL NOT NULL, decode_s REAL NOT NULL, "
    "classify_s REAL NOT NULL, run INTEGER, PRIMARY KEY (study, setting, photo)",
    "total": f"study INTEGER NOT NULL, setting INTEGER NOT NULL, {', '.join(TOTALS)}, "
    "PRIMARY KEY (study, setting)",
    "run": "id INTEGER PRIMARY KEY, about TEXT NOT NULL UNIQUE, ended TEXT, "
    "failed INTEGER NOT NULL DEFAULT 0, failures TEXT NOT NULL DEFAULT '[]'",
}
"""One row of `measurement` for each photo, setting and study; a photo bears the name that was seen last.
`total` has sums of those rows, kept by triggers, so that curves of a million rows take no second. A row's
`run` is the sweep that measured it last, unknown in rows from before schema 4."""

FIGURES = (
    *("label", "pixels", "bytes", "top1", "agrees", "correct1", "correct5", "p_true", "p_kept", "kl"),
    *("psnr", "ssim", "ms_ssim", "encode_s", "decode_s", "classify_s"),
)
"""Columns of `measurement` after its key, in their order; `run` comes after them."""


class StoreError(RuntimeError):
    """The store cannot be used. The message is a sentence that says what to do."""


class ForeignFileError(Exception):
    """The file is not a store."""


class NewerStoreError(Exception):
    """The store was written by a newer program."""


def connect(path: Path) -> sqlite3.Connection:
    """Open a file; transactions are begun by hand. Raises `sqlite3.Error`."""
    return sqlite3.connect(path, timeout=LOCK_WAIT_S, isolation_level=None)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all of it or nothing; others who write wait meanwhile."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # a full disk has ended it already
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def prepare(connection: sqlite3.Connection) -> None:
    """Check whose file it is, make the tables in a new one, bring older ones up to date.

    Raises `ForeignFileError` and `NewerStoreError` with the file as it was, and `sqlite3.Error`.
    """
    if _version(connection) < SCHEMA:
        with transaction(connection):
            version = _version(connection)  # another program may have been faster
            if version < SCHEMA:
                connection.execute(f"PRAGMA application_id = {_APPLICATION}")
                connection.execute(f"PRAGMA user_version = {SCHEMA}")
                if version == 3:
                    connection.execute("ALTER TABLE measurement ADD COLUMN run INTEGER")
                    connection.execute(f"CREATE TABLE run ({_TABLES['run']})")
                else:
                    _make_tables(connection, version)
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if not found.issuperset(_TABLES):
        raise _Damaged("tables are missing")
    # After the mark is in the file: as long as it stood in the write-ahead log alone, nobody could tell a
    # damaged store from a stranger's file.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _version(connection: sqlite3.Connection) -> int:
    """Return the schema of the file; 0 where there is nothing in it yet."""
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if (tables or application) and application != _APPLICATION:
        raise ForeignFileError
    if version > SCHEMA:
        raise NewerStoreError
    return int(version)


def _make_tables(connection: sqlite3.Connection, version: int) -> None:
    """Make the tables and fill them from those of an older version, which go."""
    if version:
        connection.execute("ALTER TABLE measurement RENAME TO older")
    for name, columns in _TABLES.items():
        without = " WITHOUT ROWID" if name in ("measurement", "total") else ""
        connection.execute(f"CREATE TABLE {name} ({columns}){without}")
    for trigger in _triggers():
        connection.execute(trigger)
    if not version:
        return
    guide = "''" if version == 1 else "older.guide"  # before there were guides
    setting = f"older.codec, older.codec_version, older.options, {guide}"
    figures = ", ".join("NULL" if name == "ms_ssim" else f"older.{name}" for name in FIGURES)
    for statement in (
        "INSERT OR IGNORE INTO study (protocol, classifier) SELECT protocol, classifier FROM older",
        "INSERT OR IGNORE INTO setting (codec, codec_version, options, guide) "
        f"SELECT {setting} FROM older ORDER BY rowid",
        "INSERT INTO photo (key, name) SELECT photo, name FROM older WHERE true ORDER BY rowid "
        "ON CONFLICT (key) DO UPDATE SET name = excluded.name",
        f"INSERT INTO measurement SELECT study.id, setting.id, photo.id, {figures}, NULL FROM older "
        "JOIN study USING (protocol, classifier) JOIN photo ON photo.key = older.photo "
        "JOIN setting ON (setting.codec, setting.codec_version, setting.options, setting.guide) "
        f"= ({setting}) "
        "ORDER BY 1, 2, 3",
        "DROP TABLE older",
    ):
        connection.execute(statement)


def _triggers() -> list[str]:
    """Return statements that keep the totals with every row that is inserted, changed or deleted."""
    new = ", ".join(value.format("NEW") for value in TOTALS.values())
    more = ", ".join(f"{name} = {name} + excluded.{name}" for name in TOTALS)
    add = (
        f"INSERT INTO total VALUES (NEW.study, NEW.setting, {new}) "
        f"ON CONFLICT (study, setting) DO UPDATE SET {more};"
    )
    less = ", ".join(f"{name} = {name} - ({value.format('OLD')})" for name, value in TOTALS.items())
    take = f"UPDATE total SET {less} WHERE (study, setting) = (OLD.study, OLD.setting);"
    actions = {"INSERT": add, "UPDATE": take + add, "DELETE": take}
    return [
        f"CREATE TRIGGER measurement_{action} AFTER {action} ON measurement BEGIN {statements} END"
        for action, statements in actions.items()
    ]


class _Damaged(sqlite3.DatabaseError):
    """What SQLite itself does not notice."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def is_ours(path: Path) -> bool:
    """Whether the file's first bytes say that it is a store, however damaged the rest may be."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except OSError:
        return False
    return header.startswith(b"SQLite format 3\0") and header[68:72] == _APPLICATION.to_bytes(4, "big")


def set_aside(path: Path) -> Path:
    """Rename a damaged store, closed before, and return its new name. Raises `OSError`."""
    number, aside = 1, path.with_name(f"{path.name}.damaged")
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged{number}")
    # The store itself goes last: until then, the next start finds it damaged again.
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside
