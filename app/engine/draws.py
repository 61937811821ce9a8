"""Rows gathered to compare codecs: which photos went well at which size, on bootstrap draws of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.types import Measurement

Array = NDArray[np.float64]

Measure = Literal["top1", "agreement"]
"""top1: of labelled photos. agreement: with the class of the uncompressed photo."""

RESAMPLES = 1000

_REFERENCE = (ORIGINAL, "{}")


@dataclass(frozen=True)
class DrawnCurve:
    """A codec's settings on the sample itself (row 0) and on each draw of its photos."""

    log_bytes: Array
    """(1 + draws, settings): logarithm of the mean bytes of a file, growing along the sample's row."""
    accuracies: Array
    """(1 + draws, settings), in [0, 1]."""


@dataclass(frozen=True)
class Draws:
    """All codecs on the same draws (Efron, Ann. Statist. 7, 1979)."""

    photos: int
    reference: Array
    """(1 + draws,): accuracy of the uncompressed photos."""
    curves: Mapping[str, DrawnCurve]

    def envelope(self, codecs: Sequence[str]) -> DrawnCurve:
        """Return several codecs as one: the settings that no smaller file beats on the sample itself."""
        curves = [self.curves[codec] for codec in codecs]
        sizes = np.concatenate([curve.log_bytes for curve in curves], axis=1)
        accuracies = np.concatenate([curve.accuracies for curve in curves], axis=1)
        order = np.lexsort((-accuracies[0], sizes[0]))
        best = np.maximum.accumulate(accuracies[0, order])
        front = order[accuracies[0, order] > np.append(-1, best[:-1])]
        return DrawnCurve(sizes[:, front], accuracies[:, front])


class Tally:
    """Rows of one study, gathered as they come."""

    def __init__(self, rows: Iterable[Measurement] = ()) -> None:
        self._rows: defaultdict[str, dict[tuple[str, str], Measurement]] = defaultdict(dict)
        self.add(rows)

    def add(self, rows: Iterable[Measurement]) -> None:
        """Count these rows in, except failed ones."""
        for row in rows:
            if not row.error:
                self._rows[row.photo][row.codec, row.options] = row

    def outcomes(self, codec: str, options: str, measure: Measure) -> dict[str, bool]:
        """Return which photos went well with a setting, by the photo's key."""
        found = ((photo, rows.get((codec, options))) for photo, rows in self._rows.items())
        told = ((photo, _outcome(row, measure)) for photo, row in found if row)
        return {photo: outcome for photo, outcome in told if outcome is not None}

    def draws(self, measure: Measure, resamples: int = RESAMPLES, seed: int = 0) -> Draws | None:
        """Return all codecs on draws of the photos; None where no photo tells.

        A setting counts where every photo has it, a codec with two settings or more.
        """
        told = [rows for rows in self._rows.values() if _tells(rows, measure)]
        if not told:
            return None
        drawn = np.random.default_rng(seed).multinomial(
            len(told), np.full(len(told), 1 / len(told)), resamples
        )
        weights = np.vstack([np.ones(len(told)), drawn]) / len(told)
        reference = np.array([_outcome(rows[_REFERENCE], measure) for rows in told], float)
        settings: dict[str, list[tuple[str, str]]] = {}
        for key in told[0]:
            if key[0] != ORIGINAL and all(key in rows for rows in told):
                settings.setdefault(key[0], []).append(key)
        curves = {
            codec: _drawn(told, keys, weights, measure) for codec, keys in settings.items() if len(keys) > 1
        }
        return Draws(len(told), weights @ reference, curves)


def _outcome(row: Measurement, measure: Measure) -> bool | None:
    return row.correct1 if measure == "top1" else row.agrees


def _tells(rows: Mapping[tuple[str, str], Measurement], measure: Measure) -> bool:
    return _REFERENCE in rows and _outcome(rows[_REFERENCE], measure) is not None


def _drawn(
    photos: Sequence[Mapping[tuple[str, str], Measurement]],
    keys: Sequence[tuple[str, str]],
    weights: Array,
    measure: Measure,
) -> DrawnCurve:
    sizes = np.array([[rows[key].bytes for key in keys] for rows in photos], float)
    right = np.array([[_outcome(rows[key], measure) for key in keys] for rows in photos], float)
    order = np.argsort(sizes.mean(0), kind="stable")
    return DrawnCurve(np.log(weights @ sizes[:, order]), weights @ right[:, order])
