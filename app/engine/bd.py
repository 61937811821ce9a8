"""Bjøntegaard deltas of rate and of accuracy: one figure for two curves, in a band that is fixed beforehand.

Bjøntegaard, VCEG-M33, 2001; with piecewise cubics (PCHIP) and the logarithm of the rate as in JCTVC-L1100.
No SciPy here at import: the window reads this module, and it takes half a second.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from keepsight.app.engine.draws import Array, DrawnCurve
from keepsight.app.engine.equal_accuracy import interval, is_known

BAND = (0.84, 0.98)
"""Shares of the uncompressed accuracy between which curves are compared."""
FEWEST = 8
"""Settings that a curve needs."""


@dataclass(frozen=True)
class Delta:
    """A codec against the anchor over the band, with intervals of 95 %."""

    codec: str
    rate: float
    """Bytes more (positive) or less (negative) at equal accuracy, a share of the anchor's."""
    rate_low: float
    rate_high: float
    accuracy: float | None
    """Accuracy more or less at equal bytes, in [-1, 1], over the bytes at which the anchor is in the band, as
    far as the codec's settings go; None where they span less than half of those (in logarithms)."""
    accuracy_low: float | None
    accuracy_high: float | None


@dataclass(frozen=True)
class Refusal:
    """Why a codec cannot be compared."""

    codec: str
    reason: str
    """A sentence."""


def deltas(
    curves: Mapping[str, DrawnCurve], reference: Array, anchor: str, band: tuple[float, float] = BAND
) -> list[Delta | Refusal]:
    """Return every curve but the anchor against it; all are made monotone first (isotonic regression).

    `curves` and `reference` are those of `Draws`, or envelopes of several codecs on the same draws. `band` is
    in shares of the uncompressed accuracy. Where the anchor itself does not serve, its refusal is all.
    """
    if anchor not in curves:
        return [Refusal(anchor, "It was not measured with two settings or more on every photo.")]
    limits = np.outer(reference, band)
    if reason := _unfit(curves[anchor], limits[0]):
        return [Refusal(anchor, reason)]
    base = _areas(curves[anchor], limits)
    ends = _ends(curves[anchor], limits)
    found: list[Delta | Refusal] = []
    for codec, curve in curves.items():
        if codec == anchor:
            continue
        if reason := _unfit(curve, limits[0]):
            found.append(Refusal(codec, reason))
            continue
        rate = np.expm1(_areas(curve, limits) - base)
        if not is_known(rate):
            found.append(Refusal(codec, "On too many draws of the photos it does not span the band."))
            continue
        shared = _shared(curve, ends)
        accuracy = _mean_accuracies(curve, shared) - _mean_accuracies(curves[anchor], shared)
        more = interval(accuracy) if is_known(accuracy) else (None, None, None)
        found.append(Delta(codec, *interval(rate), *more))
    return found


def _unfit(curve: DrawnCurve, limits: Array) -> str:
    """Say why the sample's own curve cannot be compared; "" where it can."""
    settings = curve.log_bytes.shape[1]
    if settings < FEWEST:
        return f"It has {settings} settings, fewer than {FEWEST}."
    _, accuracies = _monotone(curve.log_bytes[0], curve.accuracies[0])
    low, high = accuracies[0], accuracies[-1]
    if low > limits[0] or high < limits[1]:
        return (
            f"Its accuracies, {low:.3f} to {high:.3f}, do not span the band of {limits[0]:.3f} to "
            f"{limits[1]:.3f}."
        )
    return ""


def _monotone(sizes: Array, accuracies: Array) -> tuple[Array, Array]:
    """Return sizes and strictly growing accuracies: settings of one fitted accuracy become their mean."""
    order = np.argsort(sizes, kind="stable")
    fitted = _isotonic(accuracies[order])
    levels, groups = np.unique(fitted, return_inverse=True)
    return np.bincount(groups, sizes[order]) / np.bincount(groups), levels


def _areas(curve: DrawnCurve, limits: Array) -> Array:
    """Return the mean logarithm of the bytes over each draw's band, (draws,); NaN where it is not spanned."""
    return np.array([_area(*rows) for rows in zip(curve.log_bytes, curve.accuracies, limits, strict=True)])


def _area(sizes: Array, accuracies: Array, limits: Array) -> float:
    sizes, levels = _monotone(sizes, accuracies)
    if len(levels) < 2 or levels[0] > limits[0] or levels[-1] < limits[1]:
        return np.nan
    return float(_cubic(levels, sizes).integrate(*limits)) / float(limits[1] - limits[0])


def _ends(curve: DrawnCurve, limits: Array) -> Array:
    """Return the logarithms of the bytes at the ends of each draw's band, (draws, 2)."""
    found = np.full(limits.shape, np.nan)
    for row, (sizes, accuracies, band) in enumerate(
        zip(curve.log_bytes, curve.accuracies, limits, strict=True)
    ):
        sizes, levels = _monotone(sizes, accuracies)
        if len(levels) > 1 and levels[0] <= band[0] and levels[-1] >= band[1]:
            found[row] = _cubic(levels, sizes)(band)
    return found


def _shared(curve: DrawnCurve, ends: Array) -> Array:
    """Return the part of each draw's span that the curve covers; NaN where that is less than half."""
    smallest, largest = curve.log_bytes.min(1), curve.log_bytes.max(1)
    clipped = np.stack([np.maximum(ends[:, 0], smallest), np.minimum(ends[:, 1], largest)], axis=1)
    covered = np.diff(clipped) >= np.diff(ends) / 2
    return np.where(covered, clipped, np.nan)


def _mean_accuracies(curve: DrawnCurve, ends: Array) -> Array:
    """Return the mean accuracy between these logarithms of bytes, (draws,); NaN outside of the curve."""
    rows = zip(curve.log_bytes, curve.accuracies, ends, strict=True)
    return np.array([_mean_accuracy(*row) for row in rows])


def _mean_accuracy(sizes: Array, accuracies: Array, ends: Array) -> float:
    order = np.argsort(sizes, kind="stable")
    sizes, fitted = sizes[order], _isotonic(accuracies[order])
    grows = np.append(True, np.diff(sizes) > 0)
    sizes, fitted = sizes[grows], fitted[grows]
    if not (len(sizes) > 1 and sizes[0] <= ends[0] < ends[1] <= sizes[-1]):
        return np.nan
    return float(_cubic(sizes, fitted).integrate(*ends)) / float(ends[1] - ends[0])


def _isotonic(values: Array) -> Array:
    """Return the growing sequence that is nearest to these."""
    from scipy.optimize import isotonic_regression

    fitted: Array = isotonic_regression(values).x
    return fitted


def _cubic(x: Array, y: Array) -> Any:
    """Return the curve through these points."""
    from scipy.interpolate import PchipInterpolator

    return PchipInterpolator(x, y)
