"""All rows of a store in one file for other programs: CSV or Parquet, one line a row."""

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from keepsight.app.engine.files import OutputError, whole_file
from keepsight.app.engine.store import Store
from keepsight.app.engine.types import Measurement, Protocol

SUFFIXES = (".csv", ".parquet")

COLUMNS: dict[str, tuple[type, Callable[[Measurement], Any]]] = {
    "photo": (str, lambda row: row.name),
    "photo_sha256": (str, lambda row: row.photo),
    "label": (int, lambda row: row.label),
    "codec": (str, lambda row: row.codec),
    "codec_version": (int, lambda row: row.codec_version),
    "options": (str, lambda row: row.options),
    "guide": (str, lambda row: row.guide),
    "protocol": (str, lambda row: row.protocol),
    "classifier": (str, lambda row: row.classifier),
    "pixels": (int, lambda row: row.pixels),
    "bytes": (int, lambda row: row.bytes),
    "bits_per_pixel": (float, lambda row: row.bpp),
    "predicted": (int, lambda row: row.top1),
    "agrees": (bool, lambda row: row.agrees),
    "top1_correct": (bool, lambda row: row.correct1),
    "top5_correct": (bool, lambda row: row.correct5),
    "p_label": (float, lambda row: row.p_true),
    "p_uncompressed_class": (float, lambda row: row.p_kept),
    "kl_nats": (float, lambda row: row.kl),
    "psnr_db": (float, lambda row: row.psnr),
    "ssim": (float, lambda row: row.ssim),
    "ms_ssim": (float, lambda row: row.ms_ssim),
    "encode_s": (float, lambda row: row.encode_s),
    "decode_s": (float, lambda row: row.decode_s),
    "classify_s": (float, lambda row: row.classify_s),
}
"""Type and value of each column. What is unknown is empty in CSV and null in Parquet; true is 1 in CSV."""


def check_suffix(path: Path) -> None:
    """Raise `OutputError` unless the file's ending is one that `export` knows."""
    if path.suffix.lower() not in SUFFIXES:
        raise OutputError(f"The table “{path}” must end in {' or '.join(SUFFIXES)}.")


def export(store: Store, path: Path, protocol: Protocol | None = None, classifier: str | None = None) -> int:
    """Write all rows, or those of a protocol or classifier, and return how many they are.

    The rows are those of one moment; a sweep may write meanwhile. Raises `OutputError` and `StoreError`.
    """
    check_suffix(path)
    write = _write_csv if path.suffix.lower() == ".csv" else _write_parquet
    with whole_file(path) as beside:
        return write(beside, store.batches(protocol, classifier))


def _write_csv(path: Path, batches: Iterator[Sequence[Measurement]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for rows in batches:
            count += len(rows)
            writer.writerows([_plain(value(row)) for _, value in COLUMNS.values()] for row in rows)
    return count


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _write_parquet(path: Path, batches: Iterator[Sequence[Measurement]]) -> int:
    import pyarrow as pa  # takes half a second
    from pyarrow import parquet

    types = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    schema = pa.schema([(name, types[kind]) for name, (kind, _) in COLUMNS.items()])
    count = 0
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows in batches:
            count += len(rows)
            columns = [[value(row) for row in rows] for _, value in COLUMNS.values()]
            writer.write_table(pa.table(columns, schema=schema))
    return count
