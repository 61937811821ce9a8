"""Bytes that each codec needs for the same accuracy, with intervals from a bootstrap over photos."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.types import Measurement

Array = NDArray[np.float64]

RESAMPLES = 1000


@dataclass(frozen=True)
class Rate:
    """What a codec needs for a given accuracy, beside what the anchor needs. Intervals are of 95 %."""

    codec: str
    bytes: float
    """Mean bytes of a file."""
    low: float
    high: float
    saved: float
    """Share of the anchor's bytes that is saved; negative where more are needed."""
    saved_low: float
    saved_high: float


@dataclass(frozen=True)
class _Codec:
    bytes: Array
    """(photos, settings)."""
    correct: Array
    """(photos, settings), 0 or 1."""


class Tally:
    """Rows of labelled photos, gathered to compare codecs at equal top-1 accuracy."""

    def __init__(self) -> None:
        self._rows: defaultdict[str, dict[tuple[str, str], Measurement]] = defaultdict(dict)

    def add(self, rows: Iterable[Measurement]) -> None:
        """Count these rows in; those without a label or with an error are of no use here."""
        for row in rows:
            if not row.error and row.correct1 is not None:
                self._rows[row.photo][row.codec, row.options] = row

    def rates(self, loss: float, anchor: str, seed: int = 0) -> list[Rate]:
        """Return what each codec needs to lose no more than `loss` of the uncompressed top-1, in [0, 1].

        Between settings the logarithm of the bytes is linear in the accuracy, which never falls as the bytes
        grow (running maximum). All codecs see the same resampled photos (Efron, Ann. Statist. 7, 1979). Left
        out is a codec whose settings do not reach the accuracy or begin above it, on the photos or in over
        5 % of the resamples; where that is the anchor, all are.
        """
        photos = [rows for rows in self._rows.values() if (ORIGINAL, "{}") in rows]
        if not photos:
            return []
        reference = np.array([rows[ORIGINAL, "{}"].correct1 for rows in photos], float)
        tables = _tables(photos)
        draws = np.random.default_rng(seed).multinomial(
            len(photos), np.full(len(photos), 1 / len(photos)), RESAMPLES
        )
        weights = np.vstack([np.ones(len(photos)), draws]) / len(photos)  # the sample itself comes first
        targets = weights @ reference - loss
        needed = {codec: _bytes_at(table, weights, targets) for codec, table in tables.items()}
        if anchor not in needed or not _is_known(needed[anchor]):
            return []
        return [_rate(codec, found, needed[anchor]) for codec, found in needed.items() if _is_known(found)]


def _tables(photos: Sequence[Mapping[tuple[str, str], Measurement]]) -> dict[str, _Codec]:
    """Return each codec's settings that every photo has."""
    settings: dict[str, list[tuple[str, str]]] = {}
    for key in photos[0]:
        if key[0] != ORIGINAL and all(key in rows for rows in photos):
            settings.setdefault(key[0], []).append(key)
    return {
        codec: _Codec(
            np.array([[rows[key].bytes for key in keys] for rows in photos], float),
            np.array([[rows[key].correct1 for key in keys] for rows in photos], float),
        )
        for codec, keys in settings.items()
        if len(keys) > 1
    }


def _bytes_at(codec: _Codec, weights: Array, targets: Array) -> Array:
    """Return the bytes at each draw's target, (draws,); NaN where the curve does not cross it."""
    order = np.argsort(codec.bytes.mean(0))
    sizes = np.log(weights @ codec.bytes[:, order])
    accuracies = np.maximum.accumulate(weights @ codec.correct[:, order], axis=1)
    reached = accuracies >= targets[:, None]
    after = reached.argmax(1)
    crosses = reached.any(1) & (after > 0)
    rows, after = np.arange(len(targets)), np.maximum(after, 1)
    low, high = accuracies[rows, after - 1], accuracies[rows, after]
    share = np.divide(targets - low, high - low, out=np.ones_like(low), where=high > low)
    between = sizes[rows, after - 1] + share * (sizes[rows, after] - sizes[rows, after - 1])
    return np.asarray(np.exp(np.where(crosses, between, np.nan)))


def _is_known(found: Array) -> bool:
    return bool(not np.isnan(found[0]) and np.isnan(found).mean() <= 0.05)


def _rate(codec: str, found: Array, anchor: Array) -> Rate:
    saved = 1 - found / anchor
    low, high = np.nanpercentile(found[1:], (2.5, 97.5))
    saved_low, saved_high = np.nanpercentile(saved[1:], (2.5, 97.5))
    return Rate(codec, *map(float, (found[0], low, high, saved[0], saved_low, saved_high)))
