"""Curves straight from the tables of a store: a million rows without a Python object for each."""

import os
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from keepsight.app.engine.curves import LOSSLESS_DB, wilson
from keepsight.app.engine.store_schema import connect
from keepsight.app.engine.types import CurvePoint, Protocol, bits_per_pixel

TIMED_PHOTOS = 1000
"""Medians of times come from so many photos at most, those that were measured first."""

_THREADS = min(4, os.cpu_count() or 1)
"""SQLite reads without Python's lock."""

_SUMS = f"""
SELECT count(*), sum(bytes), sum(pixels), sum(agrees), count(correct1), sum(correct1), sum(correct5),
       avg(p_true), avg(p_kept), avg(kl), avg(ssim), avg(ms_ssim),
       avg(CASE WHEN psnr < {LOSSLESS_DB} THEN psnr ELSE {LOSSLESS_DB} END)
FROM measurement WHERE study = ? AND setting = ?
"""
_TIMES = """
SELECT encode_s, decode_s, classify_s FROM measurement WHERE study = ? AND setting = ?
ORDER BY photo LIMIT ?
"""


@dataclass(frozen=True)
class StoredSetting:
    """A setting of which a study has rows."""

    study: int
    id: int
    codec: str
    codec_version: int
    options: str
    guide: str


def settings(
    connection: sqlite3.Connection, protocol: Protocol, classifier: str, guide: str
) -> list[StoredSetting]:
    """Return each codec's settings of the newest version, led by `guide` if there are such, else by nobody.

    In the order in which they were first measured. Raises `sqlite3.Error`.
    """
    rows = connection.execute(
        "SELECT study.id, setting.id, codec, codec_version, options, guide FROM study CROSS JOIN setting "
        "WHERE protocol = ? AND classifier = ? AND guide IN ('', ?) AND EXISTS "
        "(SELECT 1 FROM measurement WHERE (study, setting) = (study.id, setting.id)) ORDER BY setting.id",
        (protocol, classifier, guide),
    )
    found = [StoredSetting(*row) for row in rows]
    led = {setting.codec for setting in found if setting.guide}
    found = [setting for setting in found if bool(setting.guide) == (setting.codec in led)]
    newest = {
        setting.codec: setting.codec_version for setting in sorted(found, key=lambda s: s.codec_version)
    }
    return [setting for setting in found if setting.codec_version == newest[setting.codec]]


def points(path: Path, chosen: Sequence[StoredSetting]) -> list[CurvePoint]:
    """Return the figures of each setting over all photos that it was measured on. Raises `sqlite3.Error`.

    Read side by side: a point tells of one moment, two points not always of the same one.
    """
    shares = [chosen[i::_THREADS] for i in range(min(_THREADS, len(chosen)))]
    with ThreadPoolExecutor(max(1, len(shares)), "keepsight-store") as pool:
        found = [point for points in pool.map(partial(_points, path), shares) for point in points]
    order = {(setting.codec, setting.options): place for place, setting in enumerate(chosen)}
    return sorted(found, key=lambda point: order[point.codec, point.options])


def _points(path: Path, chosen: Sequence[StoredSetting]) -> list[CurvePoint]:
    with closing(connect(path)) as connection:
        return [_point(connection, setting) for setting in chosen]


def _point(connection: sqlite3.Connection, setting: StoredSetting) -> CurvePoint:
    key = (setting.study, setting.id)
    photos, size, pixels, agrees, labelled, right1, right5, *means = connection.execute(_SUMS, key).fetchone()
    p_true, p_kept, kl, ssim, ms_ssim, psnr = means
    times = 1000 * np.median(connection.execute(_TIMES, (*key, TIMED_PHOTOS)).fetchall(), axis=0)
    return CurvePoint(
        codec=setting.codec,
        options=setting.options,
        photos=photos,
        failed=0,
        mean_bytes=size / photos,
        bpp=bits_per_pixel(size, pixels),
        top1=wilson(right1, labelled) if labelled else None,
        top5=wilson(right5, labelled) if labelled else None,
        agreement=wilson(agrees, photos),
        p_true=p_true,
        p_kept=p_kept,
        kl=kl,
        psnr=psnr,
        ssim=ssim,
        ms_ssim=ms_ssim,
        encode_ms=float(times[0]),
        decode_ms=float(times[1]),
        classify_ms=float(times[2]),
    )
