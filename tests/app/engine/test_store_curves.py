"""Curves by SQL are those of the same rows counted one by one, however the rows came to be."""

import dataclasses
import math
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepsight.app.engine import store_curves
from keepsight.app.engine.curves import CurveBuilder
from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.store import Store
from keepsight.app.engine.types import CurvePoint, Measurement, Share

SHARES = st.floats(0, 1)
SECONDS = st.floats(0, 10)


@st.composite
def measurements(draw: st.DrawFn) -> Measurement:
    """Rows of few photos and settings, so that keys meet, with and without labels."""
    labelled = draw(st.booleans())
    codec = draw(st.sampled_from([ORIGINAL, "jpeg", "webp"]))
    return Measurement(
        photo=draw(st.sampled_from("pqrs")),
        name="p.png",
        label=3 if labelled else None,
        codec=codec,
        codec_version=1,
        options="{}" if codec == ORIGINAL else draw(st.sampled_from(['{"quality":8}', '{"quality":80}'])),
        protocol="crop",
        classifier="c",
        guide="",
        pixels=draw(st.integers(1, 10**8)),
        bytes=draw(st.integers(1, 2**30)),
        top1=draw(st.integers(0, 999)),
        agrees=draw(st.booleans()),
        correct1=draw(st.booleans()) if labelled else None,
        correct5=draw(st.booleans()) if labelled else None,
        p_true=draw(SHARES) if labelled else None,
        p_kept=draw(SHARES),
        kl=draw(st.floats(0, 20)),
        psnr=draw(st.floats(0, 120) | st.just(math.inf)),
        ssim=draw(st.floats(-1, 1)),
        ms_ssim=draw(SHARES | st.none()),
        encode_s=draw(SECONDS),
        decode_s=draw(SECONDS),
        classify_s=draw(SECONDS),
    )


@settings(deadline=None, max_examples=60)
@given(st.lists(measurements(), max_size=25))
def test_the_same_as_counted_one_by_one(rows: list[Measurement]) -> None:
    last = {(row.photo, row.codec, row.options): row for row in rows}
    counted = CurveBuilder(last.values())
    with TemporaryDirectory() as folder, Store(Path(folder) / "s.sqlite") as store:
        store.add(rows)
        built = store.curves("crop", "c")
        assert [curve.codec for curve in built] == [curve.codec for curve in counted.curves()]
        for curve, other in zip(built, counted.curves(), strict=True):
            _same(
                sorted(curve.points, key=lambda p: p.options), sorted(other.points, key=lambda p: p.options)
            )
            sizes = [point.mean_bytes for point in curve.points]
            assert sizes == sorted(sizes)
        original, uncompressed = store.uncompressed("crop", "c"), counted.uncompressed()
        _same([original] if original else [], [uncompressed] if uncompressed else [])


def _same(points: list[CurvePoint], others: list[CurvePoint]) -> None:
    for point, other in zip(points, others, strict=True):
        for field in dataclasses.fields(CurvePoint):
            value, expected = getattr(point, field.name), getattr(other, field.name)
            if isinstance(expected, float):
                assert value == pytest.approx(expected, rel=1e-9, abs=1e-12), field.name
            else:
                assert value == expected, field.name
            assert isinstance(value, Share) == isinstance(expected, Share)


def _store(path: Path, *rows: Measurement) -> Store:
    store = Store(path)
    store.add(rows)
    return store


def test_studies_versions_and_guides_stay_apart(tmp_path: Path, row: Measurement) -> None:
    def changed(size: int, **changes: Any) -> Measurement:
        return dataclasses.replace(row, bytes=size, **changes)

    rows = [
        changed(1),
        changed(2, codec_version=2),
        changed(3, codec_version=2, options='{"quality":9}'),
        changed(4, codec="roi-jpeg"),
        changed(5, codec="roi-jpeg", guide="g"),
        changed(6, codec="roi-jpeg", guide="h"),
        changed(7, protocol="file"),
        changed(8, classifier="d"),
    ]
    with _store(tmp_path / "s.sqlite", *rows) as store:

        def sizes(*study: Any) -> dict[str, list[float]]:
            return {c.codec: [point.mean_bytes for point in c.points] for c in store.curves(*study)}

        assert sizes("crop", "c") == {"jpeg": [2, 3], "roi-jpeg": [4]}
        assert sizes("crop", "c", "g") == {"jpeg": [2, 3], "roi-jpeg": [5]}
        assert sizes("crop", "c", "h") == {"jpeg": [2, 3], "roi-jpeg": [6]}
        assert sizes("file", "c") == {"jpeg": [7]}
        assert sizes("crop", "d") == {"jpeg": [8]}
        assert sizes("crop", "nobody") == {}
        assert store.uncompressed("crop", "c") is None


def test_times_come_from_the_first_photos(
    tmp_path: Path, row: Measurement, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setattr(store_curves, "TIMED_PHOTOS", 3)
    rows = [dataclasses.replace(row, photo=f"{9 - i}", encode_s=float(i)) for i in range(9)]
    with _store(tmp_path / "s.sqlite", *rows) as store:
        ((point,),) = [curve.points for curve in store.curves("crop", "c")]
    assert point.encode_ms == 1000
    assert point.photos == 9


def test_totals_follow_rows_that_are_changed_and_deleted(tmp_path: Path, row: Measurement) -> None:
    path = tmp_path / "s.sqlite"
    with _store(path, row, dataclasses.replace(row, photo="q", bytes=900)) as store:
        store.add([dataclasses.replace(row, bytes=100, ms_ssim=None)])
        connection = sqlite3.connect(path)
        connection.execute("DELETE FROM measurement WHERE bytes = 900")
        connection.commit()
        connection.close()
        ((point,),) = [curve.points for curve in store.curves("crop", "c")]
    assert (point.photos, point.mean_bytes, point.ms_ssim) == (1, 100, None)
