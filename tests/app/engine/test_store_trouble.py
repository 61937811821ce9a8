"""Stores that are damaged, locked, on a full disk or in use elsewhere: a sentence, and nothing lost."""

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from keepsight.app.engine import store_schema
from keepsight.app.engine.store import Store, StoreError
from keepsight.app.engine.types import Measurement


@pytest.fixture
def rows(row: Measurement) -> list[Measurement]:
    """Enough for a table of several levels."""
    return [replace(row, photo=f"p{i}", options=f'{{"quality":{j}}}') for i in range(200) for j in range(10)]


def _filled(path: Path, rows: list[Measurement]) -> Path:
    with Store(path) as store:
        store.add(rows)
    return path


def _overwrite(path: Path, start: int, end: int | None = None) -> None:
    data = bytearray(path.read_bytes())
    data[start:end] = b"\x99" * len(data[start:end])
    path.write_bytes(data)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "all but the first page": lambda path: _overwrite(path, 4096),
    "the tables' names": lambda path: _overwrite(path, 100, 4096),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:50_000]),
    "rows": lambda path: _overwrite(path, 8 * 4096, 20 * 4096),
    "a version without its tables": lambda path: _without_tables(path),
}


def _without_tables(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE setting")
    connection.close()


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_store_is_set_aside_and_a_new_one_begun(
    tmp_path: Path, rows: list[Measurement], damage: Callable[[Path], None]
) -> None:
    path = _filled(tmp_path / "s.sqlite", rows)
    damage(path)
    damaged = path.read_bytes()
    said: list[str] = []
    with pytest.raises(StoreError, match="It stays as it is"):
        Store(path, said.append, reading=True).rows("crop", "c")
    assert path.read_bytes() == damaged
    assert not said
    with Store(path, said.append) as store:
        assert store.rows("crop", "c") == []
        store.add(rows[:3])
        assert store.rows("crop", "c") == rows[:3]
    aside = tmp_path / "s.sqlite.damaged"
    assert said == [f"“{path}” was damaged. It is now called “{aside.name}”, and a new store is begun."]
    assert aside.read_bytes() == damaged
    with Store(path, said.append) as store:
        assert store.rows("crop", "c") == rows[:3]
    assert len(said) == 1


def test_damage_that_comes_while_rows_are_kept(tmp_path: Path, rows: list[Measurement]) -> None:
    path = _filled(tmp_path / "s.sqlite", rows)
    said: list[str] = []
    with Store(path, said.append) as store:
        store.add(rows[:5])
        DAMAGES["all but the first page"](path)
        store.add(rows[:7])
        assert len(said) == 1
        assert store.rows("crop", "c") == rows[:7]


def test_names_that_are_taken_are_left_alone(tmp_path: Path, rows: list[Measurement]) -> None:
    path = tmp_path / "s.sqlite"
    taken = tmp_path / "s.sqlite.damaged"
    taken.write_text("mine")
    for number in (2, 3):
        DAMAGES["all but the first page"](_filled(path, rows))
        (tmp_path / "s.sqlite-wal").write_bytes(b"no log at all")
        said: list[str] = []
        with Store(path, said.append) as store:
            assert store.rows("crop", "c") == []
        assert f"s.sqlite.damaged{number}”" in said[0]
        assert (tmp_path / f"s.sqlite.damaged{number}").exists()
    assert taken.read_text() == "mine"


_KILLED = """
import os, signal, sys
from pathlib import Path
from keepsight.app.engine.store import Store
from keepsight.app.engine.types import Measurement
store = Store(Path(sys.argv[1]))
store.add([eval(sys.argv[2])])
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_log_of_a_killed_program_is_read_and_goes_with_a_damaged_store(
    tmp_path: Path, row: Measurement
) -> None:
    path, log = tmp_path / "s.sqlite", tmp_path / "s.sqlite-wal"
    subprocess.run([sys.executable, "-c", _KILLED, str(path), repr(row)], check=False)
    assert log.exists()
    with Store(path) as store:
        assert store.rows("crop", "c") == [row]
    path.unlink()
    subprocess.run([sys.executable, "-c", _KILLED, str(path), repr(row)], check=False)
    content = log.read_bytes()
    aside = store_schema.set_aside(path)
    assert aside.exists()
    assert not path.exists()
    assert not log.exists()
    assert (tmp_path / "s.sqlite.damaged-wal").read_bytes() == content


@pytest.mark.parametrize("start", [0, 16, 60])
def test_a_file_whose_header_does_not_say_that_it_is_ours_is_never_renamed(
    tmp_path: Path, rows: list[Measurement], start: int
) -> None:
    path = _filled(tmp_path / "s.sqlite", rows)
    _overwrite(path, start)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"is not a store of Keepsight"):
        Store(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir() if "damaged" in file.name] == []


def test_the_damaged_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE measurement (x)")
    connection.executemany("INSERT INTO measurement VALUES (?)", [("x" * 900,)] * 100)
    connection.commit()
    connection.close()
    _overwrite(path, 100)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"is not a store of Keepsight"):
        Store(path)
    assert path.read_bytes() == before


@pytest.fixture
def locked(tmp_path: Path, rows: list[Measurement], monkeypatch: pytest.MonkeyPatch) -> sqlite3.Connection:
    """Another program's connection that writes into a store of rows."""
    monkeypatch.setattr(store_schema, "LOCK_WAIT_S", 0.5)
    other = sqlite3.connect(_filled(tmp_path / "s.sqlite", rows), check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other


def test_a_locked_store_is_read_and_gives_a_sentence_when_written(
    tmp_path: Path, rows: list[Measurement], locked: sqlite3.Connection
) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        assert store.rows("crop", "c") == rows
        started = time.monotonic()
        with pytest.raises(StoreError, match=r"is in use by another program. Wait until that ends."):
            store.add([replace(rows[0], bytes=1)])
        assert 0.4 < time.monotonic() - started < 5
        locked.rollback()
        store.add([replace(rows[0], bytes=1)])
        assert store.get("p0", "crop", "c")[0].bytes == 1
    locked.close()


def test_a_store_that_is_locked_for_a_moment_is_waited_for(
    tmp_path: Path, rows: list[Measurement], locked: sqlite3.Connection
) -> None:
    free = threading.Timer(0.2, locked.rollback)
    with Store(tmp_path / "s.sqlite") as store:
        free.start()
        store.add([replace(rows[0], bytes=1)])
        assert store.get("p0", "crop", "c")[0].bytes == 1
    free.join()
    locked.close()


_FILLS_A_DISK = """
import resource, sys
from dataclasses import replace
from pathlib import Path
from keepsight.app.engine.store import Store, StoreError
path = Path(sys.argv[1])
with Store(path) as store:
    (row,) = store.rows("crop", "c")
    kept = 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    try:
        while True:
            store.add([replace(row, photo=f"p{kept + i}") for i in range(10)])
            kept += 10
            print(kept, flush=True)
    except StoreError as error:
        print(error)
"""


def test_a_disk_that_takes_no_more_keeps_what_was_committed(tmp_path: Path, row: Measurement) -> None:
    path = _filled(tmp_path / "s.sqlite", [row])
    call = [sys.executable, "-c", _FILLS_A_DISK, str(path)]
    *counts, sentence = subprocess.run(call, capture_output=True, text=True, check=True).stdout.splitlines()
    assert sentence.endswith("the disk reports an error. Check its free space.")
    assert len(counts) > 3
    with Store(path) as store:
        assert len(store.rows("crop", "c")) == int(counts[-1])
        store.add([replace(row, photo="more")])


def test_a_full_disk(tmp_path: Path, rows: list[Measurement], monkeypatch: pytest.MonkeyPatch) -> None:
    plain = store_schema.connect

    def connect(path: Path) -> sqlite3.Connection:
        connection = plain(path)
        connection.execute("PRAGMA max_page_count = 30")  # SQLite's own way to run out of room
        return connection

    monkeypatch.setattr(store_schema, "connect", connect)
    with Store(tmp_path / "s.sqlite") as store:
        store.add(rows[:100])
        with pytest.raises(StoreError, match=r"cannot grow, the disk is full. Free some space."):
            store.add(rows[100:])
        assert len(store.rows("crop", "c")) == 100
        store.add([replace(rows[0], bytes=1)])  # what fits is still kept
        assert store.get("p0", "crop", "c")[0].bytes == 1


_WRITES = """
import sys
from pathlib import Path
from keepsight.app.engine.store import Store
from keepsight.app.engine.types import Measurement
row = eval(sys.argv[3])
from dataclasses import replace
with Store(Path(sys.argv[1])) as store:
    for i in range(40):
        store.add([replace(row, photo=f"p{i}", options=sys.argv[2]), replace(row, photo=f"p{i}")])
"""


def test_several_programs_begin_and_fill_one_store(tmp_path: Path, row: Measurement) -> None:
    path = tmp_path / "s.sqlite"
    calls = [[sys.executable, "-c", _WRITES, str(path), f"o{i}", repr(row)] for i in range(4)]
    programs = [subprocess.Popen(call, stderr=subprocess.PIPE, text=True) for call in calls]
    assert [program.communicate()[1] for program in programs] == [""] * 4
    with Store(path) as store:
        assert len(store.rows("crop", "c")) == 40 * 5
        assert len(store.get("p7", "crop", "c")) == 5


def test_reading_is_of_one_moment_while_another_program_writes(
    tmp_path: Path, rows: list[Measurement]
) -> None:
    path = _filled(tmp_path / "s.sqlite", rows)
    with Store(path) as reader, Store(path) as writer:
        found = []
        for batch in reader.batches(size=100):
            writer.add([replace(rows[0], photo=f"new{len(found)}")])
            found += batch
        assert found == rows
        assert len(reader.rows("crop", "c")) == len(rows) + 20
