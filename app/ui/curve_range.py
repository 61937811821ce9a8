"""The range of the axes that shows all points, with round ends."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Range = tuple[float, float]

_EMPTY = (float(np.log10(500)), float(np.log10(10_000)))
_LEAST_DECADES = 0.5
"""Least range of sizes that is shown, decades."""
_ROOM_FOR_ANCHOR = 0.1
"""Share of the range that is left free at the right for the words of an anchor beyond it."""


def size_range(shown: Sequence[Values], everything: Sequence[Values], *, log: bool) -> Range:
    """Return the range of the sizes (or their log10) that are to be shown.

    It leaves room at the right where any size lies beyond: lossless files are so large that they would
    squeeze the rest.
    """
    x_range = _EMPTY
    sizes = np.concatenate([np.empty(0), *shown])
    if sizes.size:
        if log:
            margin = max(0.03, (_LEAST_DECADES - np.ptp(sizes)) / 2)
            x_range = _rounded(sizes.min() - margin, sizes.max() + margin, 0.1)
        else:
            x_range = _rounded(0, sizes.max(), 10.0 ** np.floor(np.log10(sizes.max())) / 2)
    if any(one.max() > x_range[1] for one in everything):
        return x_range[0], x_range[1] + _ROOM_FOR_ANCHOR * (x_range[1] - x_range[0])
    return x_range


def value_range(shown: Sequence[Values], limits: Range | None) -> Range:
    """Return the range of a metric: its limits where it has such, else round ends; with a margin."""
    values = np.concatenate([np.empty(0), *shown])
    low, high = limits or (0.0, 1.0)
    if limits is None and values.size:
        step = 10.0 ** np.floor(np.log10(max(np.ptp(values), 1e-3)))
        low, high = _rounded(values.min(), values.max(), step)
    return low - 0.03 * (high - low), high + 0.05 * (high - low)


def _rounded(low: float, high: float, step: float) -> Range:
    """Widen a range to multiples of a step, by one at least."""
    first, last = np.floor(low / step), np.ceil(high / step)
    return float(first * step), float(max(last, first + 1) * step)
