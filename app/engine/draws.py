"""Rows gathered to compare codecs: which photos went well at which size, on bootstrap draws of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from keepsight.app.engine.readings import UNCOMPRESSED, Cells, Readings
from keepsight.app.engine.types import Measurement

Array = NDArray[np.float64]

Measure = Literal["top1", "agreement"]
"""top1: of labelled photos. agreement: with the class of the uncompressed photo."""

RESAMPLES = 1000


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


@dataclass(frozen=True)
class Outcomes:
    """What became of the photos on which all of these settings were measured."""

    settings: Sequence[tuple[str, str]]
    """Codec and options as JSON."""
    reference: Array
    """(photos,): 1 where the uncompressed photo went well, else 0."""
    bytes: Array
    """(photos, settings): lengths of the files."""
    right: Array
    """(photos, settings): 1 where it went well, else 0."""

    def draws(self, resamples: int = RESAMPLES, seed: int = 0) -> Draws:
        """Return all codecs with two settings or more on draws of the photos."""
        photos = len(self.reference)
        drawn = np.random.default_rng(seed).multinomial(photos, np.full(photos, 1 / photos), resamples)
        weights = np.vstack([np.ones(photos), drawn]) / photos
        places: dict[str, list[int]] = {}
        for place, (codec, _) in enumerate(self.settings):
            places.setdefault(codec, []).append(place)
        curves = {codec: self._drawn(found, weights) for codec, found in places.items() if len(found) > 1}
        return Draws(photos, weights @ self.reference, curves)

    def _drawn(self, places: Sequence[int], weights: Array) -> DrawnCurve:
        order = np.array(places)[np.argsort(self.bytes[:, places].mean(0), kind="stable")]
        return DrawnCurve(np.log(weights @ self.bytes[:, order]), weights @ self.right[:, order])


def shared_outcomes(
    settings: Sequence[tuple[str, str]], reference: Array, sizes: Array, right: Array
) -> Outcomes | None:
    """Return the settings that half of the photos or more have, on the photos that have all of those.

    So a sweep that was stopped loses its last photos, not its settings. Arguments as the fields of
    `Outcomes`, NaN in `right` where there is no measurement. None where no photo is left.
    """
    known = ~np.isnan(right)
    kept = np.flatnonzero(2 * known.sum(0) >= len(reference))
    whole = known[:, kept].all(1)
    if not whole.any():
        return None
    table = np.ix_(whole, kept)
    return Outcomes([settings[int(place)] for place in kept], reference[whole], sizes[table], right[table])


class Tally:
    """Rows of one study, gathered as they come; one thread may ask while another adds."""

    def __init__(self, rows: Iterable[Measurement] = ()) -> None:
        self.readings = Readings(rows)
        """The rows, photo by photo."""

    def add(self, rows: Iterable[Measurement]) -> None:
        """Count these rows in, except failed ones."""
        self.readings.add(rows)

    def outcomes(self, codec: str, options: str, measure: Measure) -> dict[str, bool]:
        """Return which photos went well with a setting, by the photo's key."""
        went_well = _went_well(self.readings.columns([(codec, options)])[0], measure)
        photos = self.readings.photos()[: len(went_well)]
        return {p.key: bool(one) for p, one in zip(photos, went_well, strict=True) if not np.isnan(one)}

    def draws(self, measure: Measure, resamples: int = RESAMPLES, seed: int = 0) -> Draws | None:
        """Return all codecs on draws of the photos, as `shared_outcomes` chooses; None without photos."""
        settings = [setting for setting in self.readings.settings() if setting != UNCOMPRESSED]
        columns = self.readings.columns([UNCOMPRESSED, *settings])
        went_well = _went_well(columns, measure)
        told = ~np.isnan(went_well[0])
        reference, right = went_well[0, told], went_well[1:, told].T
        sizes = np.where(np.isnan(right), np.nan, columns["bytes"][1:, told].T)
        shared = shared_outcomes(settings, reference, sizes, right)
        return shared.draws(resamples, seed) if shared else None


def _went_well(cells: Cells, measure: Measure) -> Array:
    """Return 1 or 0 for each cell, NaN where that is not known."""
    told = cells["correct" if measure == "top1" else "agrees"]
    return np.where(told < 0, np.nan, told)
