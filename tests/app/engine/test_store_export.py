"""The rows of a store come out whole, as CSV and as Parquet."""

import csv
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyarrow import parquet

from keepsight.app.engine.files import OutputError
from keepsight.app.engine.store import Store
from keepsight.app.engine.store_export import COLUMNS, export
from keepsight.app.engine.types import Measurement


@pytest.fixture
def store(tmp_path: Path, row: Measurement) -> Iterator[Store]:
    unlabelled = {"label": None, "correct1": None, "correct5": None, "p_true": None, "ms_ssim": None}
    with Store(tmp_path / "s.sqlite") as kept:
        kept.add([row, replace(row, photo="q", name='é, "x".png', psnr=math.inf, **unlabelled)])
        kept.add([replace(row, protocol="file", guide="g"), replace(row, classifier="d", correct1=False)])
        yield kept


def test_csv(tmp_path: Path, store: Store) -> None:
    assert export(store, tmp_path / "out.csv") == 4
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(COLUMNS)
    first, second = rows[:2]
    assert (first["photo"], first["photo_sha256"], first["label"], first["bytes"]) == (
        "p.png",
        "p",
        "1",
        "500",
    )
    assert (first["top1_correct"], first["p_label"], first["ms_ssim"]) == ("1", "0.9", "0.95")
    assert float(first["bits_per_pixel"]) == 8 * 500 / 50176
    assert (second["photo"], second["psnr_db"]) == ('é, "x".png', "inf")
    assert {second[name] for name in ("label", "top1_correct", "p_label", "ms_ssim")} == {""}
    assert (rows[2]["protocol"], rows[2]["guide"]) == ("file", "g")
    assert rows[3]["top1_correct"] == "0"


def test_parquet_tells_the_same(tmp_path: Path, store: Store) -> None:
    assert export(store, tmp_path / "out.csv") == export(store, tmp_path / "out.parquet") == 4
    table = parquet.read_table(tmp_path / "out.parquet")
    assert table.column_names == list(COLUMNS)
    assert {str(table.schema.field(name).type) for name in ("bytes", "label")} == {"int64"}
    assert str(table.schema.field("agrees").type) == "bool"
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row, plain in zip(table.to_pylist(), rows, strict=True):
        for name, (kind, _) in COLUMNS.items():
            text = plain[name]
            expected = None if row[name] is None else int(text) if kind is bool else kind(text)
            assert row[name] == expected


def test_one_study_alone(tmp_path: Path, store: Store) -> None:
    assert export(store, tmp_path / "a.csv", protocol="file") == 1
    assert export(store, tmp_path / "b.csv", classifier="d") == 1
    assert export(store, tmp_path / "c.parquet", "file", "d") == 0
    assert parquet.read_table(tmp_path / "c.parquet").num_rows == 0


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_many_batches_while_rows_are_added(tmp_path: Path, row: Measurement, suffix: str) -> None:
    path = tmp_path / "s.sqlite"
    with Store(path) as store, Store(path) as sweep:
        store.add([replace(row, photo=f"p{i}") for i in range(25_000)])
        batches = store.batches

        def interrupted(*study: None) -> object:
            for batch in batches(*study):
                sweep.add([replace(row, photo=f"new {batch[0].photo}")])
                yield batch

        store.batches = interrupted  # type: ignore[method-assign, assignment]
        assert export(store, tmp_path / f"out.{suffix}") == 25_000
        assert len(sweep.rows("crop", "c")) == 25_003


def test_other_endings_and_folders(tmp_path: Path, store: Store) -> None:
    with pytest.raises(OutputError, match=r"must end in \.csv or \.parquet\."):
        export(store, tmp_path / "out.xlsx")
    for suffix in ("csv", "parquet"):
        with pytest.raises(OutputError, match="cannot be written"):
            export(store, tmp_path / "none" / f"out.{suffix}")
    assert {path.name for path in tmp_path.iterdir()} <= {"s.sqlite", "s.sqlite-wal", "s.sqlite-shm"}
