"""Rows come back as they were, from older stores too; what is no store or newer gives a sentence."""

import math
import signal
import sqlite3
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.store import SCHEMA, Store, StoredStudy, StoreError
from keepsight.app.engine.types import Measurement

ROW = Measurement(
    photo="p1",
    name="é.png",
    label=None,
    codec="jpeg",
    codec_version=1,
    options='{"quality":8}',
    protocol="crop",
    classifier="c1",
    guide="",
    pixels=1000,
    bytes=500,
    top1=7,
    agrees=False,
    correct1=None,
    correct5=None,
    p_true=None,
    p_kept=0.1,
    kl=0.123456789012345,
    psnr=math.inf,
    ssim=1.0,
    ms_ssim=1.0,
    encode_s=0.001,
    decode_s=0.002,
    classify_s=0.003,
)
LABELLED = replace(
    ROW, photo="p2", label=7, correct1=True, correct5=True, p_true=0.5, codec=ORIGINAL, psnr=31.5
)


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        store.add([ROW, LABELLED])
        assert store.get("p1", "crop", "c1") == [ROW]
    with Store(tmp_path / "s.sqlite") as store:
        assert store.rows("crop", "c1") == [ROW, LABELLED]
        assert store.get("p1", "crop", "c1")[0].agrees is False


def test_rows_of_other_protocols_and_classifiers_stay_apart(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        store.add([ROW, replace(ROW, protocol="file", top1=1), replace(ROW, classifier="c2", top1=2)])
        assert store.get("p1", "file", "c1")[0].top1 == 1
        assert store.rows("crop", "c2")[0].top1 == 2
        assert len(store.rows("crop", "c1")) == 1


def test_the_same_key_is_replaced_and_another_version_is_not(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        store.add([ROW])
        store.add([replace(ROW, bytes=1), replace(ROW, codec_version=2, bytes=2)])
        assert sorted(row.bytes for row in store.get("p1", "crop", "c1")) == [1, 2]


def test_a_photo_bears_the_name_that_was_seen_last(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        store.add([ROW])
        store.add([replace(ROW, name="new.png", codec="webp")])
        assert {row.name for row in store.get("p1", "crop", "c1")} == {"new.png"}


def test_rows_are_in_the_order_of_photos_then_settings(tmp_path: Path) -> None:
    rows = [replace(ROW, photo=p, options=o) for p in "zab" for o in "312"]
    with Store(tmp_path / "s.sqlite") as store:
        for row in rows:
            store.add([row])
        assert store.rows("crop", "c1") == rows
        assert [len(batch) for batch in store.batches(size=4)] == [4, 4, 1]
        assert [row for batch in store.batches("crop", size=4) for row in batch] == rows
        assert list(store.batches("crop", "other")) == []


def test_what_is_there(tmp_path: Path) -> None:
    original = replace(ROW, codec=ORIGINAL, options="{}")
    with Store(tmp_path / "s.sqlite") as store:
        assert store.studies() == []
        store.add([original, ROW, replace(ROW, codec="roi-jpeg", guide="g"), replace(original, photo="p2")])
        store.add([replace(ROW, protocol="file")])
        assert store.studies() == [
            StoredStudy("crop", "c1", guides=["g"], codecs=["jpeg", "roi-jpeg"], photos=2, rows=4),
            StoredStudy("file", "c1", guides=[], codecs=["jpeg"], photos=0, rows=1),
        ]


def test_failures_are_not_kept(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        store.add([replace(ROW, error="It failed.")])
        assert store.rows("crop", "c1") == []


def test_writes_ahead(tmp_path: Path) -> None:
    Store(tmp_path / "s.sqlite").close()
    connection = sqlite3.connect(tmp_path / "s.sqlite")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_not_a_store(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8 certainly no database" * 100)
    with pytest.raises(
        StoreError, match=r"“.*photo.jpg” is not a store of Keepsight. Choose another file name."
    ):
        Store(path)
    assert path.read_bytes().startswith(b"\xff\xd8")


def test_the_database_of_another_program(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "other.sqlite")
    connection.execute("CREATE TABLE measurement (x)")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match=r"is not a store of Keepsight"):
        Store(tmp_path / "other.sqlite")


def test_newer_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    Store(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"was written by a newer Keepsight. Update Keepsight to use it."):
        Store(path)
    assert path.read_bytes() == before


OLDER = {
    1: "photo, codec, codec_version, options, protocol, classifier",
    2: "photo, codec, codec_version, options, protocol, classifier, guide",
}
"""Keys of the one table that there was in these versions."""
UNKNOWN_ONCE = {1: ("error", "guide", "ms_ssim"), 2: ("error", "ms_ssim")}


def _older(path: Path, version: int, rows: list[Measurement]) -> None:
    columns = [field.name for field in fields(Measurement) if field.name not in UNKNOWN_ONCE[version]]
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA application_id = {0x4B454550}")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.execute(f"CREATE TABLE measurement ({', '.join(columns)}, PRIMARY KEY ({OLDER[version]}))")
    marks = ", ".join("?" * len(columns))
    values = [[getattr(row, name) for name in columns] for row in rows]
    connection.executemany(f"INSERT INTO measurement VALUES ({marks})", values)
    connection.commit()
    connection.close()


@pytest.mark.parametrize("version", [1, 2])
def test_older_stores_are_taken_over(tmp_path: Path, version: int) -> None:
    path = tmp_path / "s.sqlite"
    guide = "" if version == 1 else "g1"
    rows = [
        LABELLED,
        replace(ROW, name="old name.png"),
        replace(ROW, options='{"quality":9}', guide=guide),
        replace(ROW, protocol="file", codec_version=2),
    ]
    _older(path, version, rows)
    with Store(path) as store:
        there = store.rows("crop", "c1") + store.rows("file", "c1")
        # What was not measured then is unknown, and a photo bears its last name.
        expected = [replace(row, ms_ssim=None, name=ROW.name) for row in rows]
        assert there == expected
        store.add([replace(ROW, guide="g2")])
    with Store(path) as store:
        assert len(store.rows("crop", "c1")) == 4


def test_a_store_without_runs_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        store.add([ROW, LABELLED])
    connection = sqlite3.connect(path)  # as schema 3 left it
    connection.executescript(
        "ALTER TABLE measurement DROP COLUMN run; DROP TABLE run; PRAGMA user_version = 3"
    )
    connection.close()
    with Store(path) as store:
        assert store.rows("crop", "c1") == [ROW, LABELLED]
        store.begin("a run")
        store.add([replace(ROW, photo="p3"), replace(ROW, bytes=7)])
        (run,) = store.runs()
        assert run.about == "a run"
        assert store.rows_by_run("crop", "c1") == {None: 1, run.id: 2}
        ((point,),) = [curve.points for curve in store.curves("crop", "c1")]
        assert (point.photos, point.mean_bytes) == (2, 253.5)


_KILLED_WHILE_TAKING_OVER = """
import os, signal, sqlite3, sys
from pathlib import Path
from keepsight.app.engine import store_schema
from keepsight.app.engine.store import Store
plain = store_schema.connect
def connect(path):
    connection = plain(path)
    connection.execute("PRAGMA cache_size = 5")  # so that much is in the file before the end
    left = [int(sys.argv[2])]
    def step():
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0
    connection.set_progress_handler(step, 1000)
    return connection
store_schema.connect = connect
Store(Path(sys.argv[1]))
print("done")
"""


def test_killed_while_an_older_store_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    rows = [replace(ROW, photo=f"p{i}", options=f'{{"quality":{j}}}') for i in range(100) for j in range(20)]
    _older(path, 2, rows)
    ends = []
    for steps in (1, 5, 20, 60, 100, 150, 200, 1_000_000):
        call = [sys.executable, "-c", _KILLED_WHILE_TAKING_OVER, str(path), str(steps)]
        ended = subprocess.run(call, capture_output=True, text=True, check=False)
        ends.append(ended.returncode)
        connection = sqlite3.connect(path)
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (count,) = connection.execute("SELECT count(*) FROM measurement").fetchone()
        connection.close()
        assert (version, count) == (SCHEMA if ended.stdout else 2, len(rows))
    assert ends[0] == ends[3] == -signal.SIGKILL
    assert ends[-1] == 0
    with Store(path) as store:
        assert store.rows("crop", "c1") == [replace(row, ms_ssim=None) for row in rows]


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"Choose a file in a folder that you may write to."):
        Store(tmp_path / "none" / "s.sqlite")
    with pytest.raises(StoreError, match=r"Choose a file in a folder that you may write to."):
        Store(tmp_path)


def test_read_only_folder(read_only_folder: Path) -> None:
    with pytest.raises(StoreError, match=r"Choose a file in a folder that you may write to\."):
        Store(read_only_folder / "s.sqlite")
