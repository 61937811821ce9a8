"""Rows come back as they were; files that are no store, damaged, newer or not writable give a sentence."""

import math
import sqlite3
from dataclasses import fields, replace
from pathlib import Path

import pytest

from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.store import SCHEMA, Store, StoreError
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


def test_damaged(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        store.add([replace(ROW, photo=f"p{i}") for i in range(500)])
    data = bytearray(path.read_bytes())
    data[4096:] = b"\x99" * (len(data) - 4096)
    path.write_bytes(data)
    with (
        pytest.raises(StoreError, match=r"is damaged. Delete it or choose another file name."),
        Store(path) as store,
    ):
        store.rows("crop", "c1")


def test_newer(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    Store(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    with pytest.raises(StoreError, match=r"was written by a newer Keepsight. Update Keepsight to use it."):
        Store(path)


def test_a_store_from_before_there_were_guides_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    Store(path).close()
    old = [field.name for field in fields(Measurement) if field.name not in ("error", "guide")]
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE measurement")
    key = "photo, codec, codec_version, options, protocol, classifier"
    connection.execute(f"CREATE TABLE measurement ({', '.join(old)}, PRIMARY KEY ({key}))")
    marks = ", ".join("?" * len(old))
    connection.execute(f"INSERT INTO measurement VALUES ({marks})", [getattr(ROW, name) for name in old])
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()
    with Store(path) as store:
        assert store.rows("crop", "c1") == [ROW]
        store.add([replace(ROW, guide="g1")])
    with Store(path) as store:
        assert {row.guide for row in store.rows("crop", "c1")} == {"", "g1"}


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"Choose a file in a folder that you may write to."):
        Store(tmp_path / "none" / "s.sqlite")
    with pytest.raises(StoreError, match=r"Choose a file in a folder that you may write to."):
        Store(tmp_path)


def test_read_only_folder(read_only_folder: Path) -> None:
    with pytest.raises(StoreError, match=r"Choose a file in a folder that you may write to\."):
        Store(read_only_folder / "s.sqlite")
