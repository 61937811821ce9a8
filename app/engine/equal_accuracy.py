"""Bytes that each codec needs for the same accuracy, with intervals from a bootstrap over photos."""

from dataclasses import dataclass

import numpy as np

from keepsight.app.engine.draws import Array, DrawnCurve, Draws

MOST_UNKNOWN = 0.05
"""Share of the draws on which a figure may be unknown."""


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


def rates(draws: Draws, loss: float, anchor: str) -> list[Rate]:
    """Return what each codec needs to lose no more than `loss` of the uncompressed accuracy, in [0, 1].

    Between settings the logarithm of the bytes is linear in the accuracy, which never falls as the bytes
    grow (running maximum). Left out is a codec whose settings do not reach the accuracy or begin above it, on
    the photos or in over 5 % of the draws; where that is the anchor, all are.
    """
    targets = draws.reference - loss
    needed = {codec: _bytes_at(curve, targets) for codec, curve in draws.curves.items()}
    if anchor not in needed or not is_known(needed[anchor]):
        return []
    return [_rate(codec, found, needed[anchor]) for codec, found in needed.items() if is_known(found)]


def is_known(found: Array) -> bool:
    """Whether a figure by draw, the sample's first, is a number often enough to be told."""
    return bool(not np.isnan(found[0]) and np.isnan(found).mean() <= MOST_UNKNOWN)


def interval(found: Array) -> tuple[float, float, float]:
    """Return the sample's figure and the 95 % interval of the draws'."""
    low, high = np.nanpercentile(found[1:], (2.5, 97.5))
    return float(found[0]), float(low), float(high)


def _bytes_at(curve: DrawnCurve, targets: Array) -> Array:
    """Return the bytes at each draw's target, (draws,); NaN where the curve does not cross it."""
    sizes = curve.log_bytes
    if sizes.shape[1] < 2:  # a front may be one setting that is better than all others
        return np.full(len(targets), np.nan)
    accuracies = np.maximum.accumulate(curve.accuracies, axis=1)
    reached = accuracies >= targets[:, None]
    after = reached.argmax(1)
    crosses = reached.any(1) & (after > 0)
    rows, after = np.arange(len(targets)), np.maximum(after, 1)
    low, high = accuracies[rows, after - 1], accuracies[rows, after]
    share = np.divide(targets - low, high - low, out=np.ones_like(low), where=high > low)
    between = sizes[rows, after - 1] + share * (sizes[rows, after] - sizes[rows, after - 1])
    return np.asarray(np.exp(np.where(crosses, between, np.nan)))


def _rate(codec: str, found: Array, anchor: Array) -> Rate:
    return Rate(codec, *interval(found), *interval(1 - found / anchor))
