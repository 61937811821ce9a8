"""Curves straight from the tables of a store: a million rows without a Python object for each."""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from keepsight.app.engine.curves import wilson
from keepsight.app.engine.draws import Array, Measure, Outcomes, shared_outcomes
from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.store_schema import TOTALS
from keepsight.app.engine.types import CurvePoint, Protocol, bits_per_pixel

TIMED_PHOTOS = 300
"""Medians of times come from so many photos at most, those that were measured first."""

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
    totals: Mapping[str, float]
    """By the names of `store_schema.TOTALS`."""


def settings(
    connection: sqlite3.Connection, protocol: Protocol, classifier: str, guide: str
) -> list[StoredSetting]:
    """Return each codec's settings of the newest version, led by `guide` if there are such, else by nobody.

    In the order in which they were first measured. Raises `sqlite3.Error`.
    """
    rows = connection.execute(
        "SELECT study.id, setting.id, codec, codec_version, options, guide, "
        f"{', '.join(f'total.{name}' for name in TOTALS)} "
        "FROM study JOIN total ON total.study = study.id JOIN setting ON setting.id = total.setting "
        "WHERE protocol = ? AND classifier = ? AND guide IN ('', ?) AND photos > 0 ORDER BY setting.id",
        (protocol, classifier, guide),
    )
    found = [StoredSetting(*(*row[:6], dict(zip(TOTALS, row[6:], strict=True)))) for row in rows]
    led = {setting.codec for setting in found if setting.guide}
    found = [setting for setting in found if bool(setting.guide) == (setting.codec in led)]
    newest = {
        setting.codec: setting.codec_version for setting in sorted(found, key=lambda s: s.codec_version)
    }
    return [setting for setting in found if setting.codec_version == newest[setting.codec]]


def point(connection: sqlite3.Connection, setting: StoredSetting) -> CurvePoint:
    """Return the figures of a setting over all photos that it was measured on. Raises `sqlite3.Error`."""
    times = connection.execute(_TIMES, (setting.study, setting.id, TIMED_PHOTOS)).fetchall()
    encode_ms, decode_ms, classify_ms = 1000 * np.median(times, axis=0)
    total = setting.totals
    photos, labelled, compared = (int(total[name]) for name in ("photos", "labelled", "with_ms_ssim"))
    return CurvePoint(
        codec=setting.codec,
        options=setting.options,
        photos=photos,
        failed=0,
        mean_bytes=total["bytes"] / photos,
        bpp=bits_per_pixel(total["bytes"], total["pixels"]),
        top1=wilson(int(total["correct1"]), labelled) if labelled else None,
        top5=wilson(int(total["correct5"]), labelled) if labelled else None,
        agreement=wilson(int(total["agrees"]), photos),
        p_true=total["p_true"] / labelled if labelled else None,
        p_kept=total["p_kept"] / photos,
        kl=total["kl"] / photos,
        psnr=total["psnr"] / photos,
        ssim=total["ssim"] / photos,
        ms_ssim=total["ms_ssim"] / compared if compared else None,
        encode_ms=float(encode_ms),
        decode_ms=float(decode_ms),
        classify_ms=float(classify_ms),
    )


def rows_by_run(connection: sqlite3.Connection, settings: Sequence[StoredSetting]) -> dict[int | None, int]:
    """Return how many rows of these settings each run measured; None is unknown. Raises `sqlite3.Error`."""
    found: Counter[int | None] = Counter()
    query = "SELECT run, count(*) FROM measurement WHERE study = ? AND setting = ? GROUP BY run"
    for setting in settings:
        found.update(dict(connection.execute(query, (setting.study, setting.id))))
    return found


def outcomes(
    connection: sqlite3.Connection, settings: Sequence[StoredSetting], measure: Measure
) -> Outcomes | None:
    """Return what became of each photo, in the order of the photos' ids. Raises `sqlite3.Error`."""
    original = next((setting for setting in settings if setting.codec == ORIGINAL), None)
    compressed = [setting for setting in settings if setting.codec != ORIGINAL]
    if original is None:
        return None
    photos, _, reference = _outcomes(connection, original, measure)
    sizes, right = (np.full((len(photos), len(compressed)), np.nan) for _ in range(2))
    for place, setting in enumerate(compressed):
        theirs, lengths, went_well = _outcomes(connection, setting, measure)
        told = np.isin(theirs, photos)
        rows = np.searchsorted(photos, theirs[told])
        sizes[rows, place], right[rows, place] = lengths[told], went_well[told]
    return shared_outcomes([(s.codec, s.options) for s in compressed], reference, sizes, right)


def _outcomes(connection: sqlite3.Connection, setting: StoredSetting, measure: Measure) -> Array:
    """Return the ids of the photos, growing, their bytes and whether they went well, (3, photos)."""
    column = {"top1": "correct1", "agreement": "agrees"}[measure]
    rows = connection.execute(
        f"SELECT photo, bytes, {column} FROM measurement WHERE study = ? AND setting = ? "
        f"AND {column} IS NOT NULL ORDER BY photo",
        (setting.study, setting.id),
    )
    return np.array(rows.fetchall(), float).reshape(-1, 3).T
