"""A logarithmic axis of file sizes with ticks that people read: 500 B, 1 kB, 2 kB."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg

_STEPS = ((1,), (1, 3), (1, 2, 5), (1, 2, 3, 5, 7), tuple(range(1, 10)))
"""Ticks within a decade, from few to many."""
_TICK_PIXELS = 52
"""Least distance of two ticks: room for "500 kB"."""


class ByteAxis(pg.AxisItem):
    """Horizontal axis over log10 of bytes."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N803
        """Return ticks of one level, as many as have room. The names are pyqtgraph's."""
        return [(1.0, ticks_between(minVal, maxVal, size))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Return the ticks' texts."""
        return [tick_text(10**value) for value in values]


def ticks_between(low: float, high: float, pixels: float) -> list[float]:
    """Return round sizes from 10**low to 10**high, as log10 of bytes, for an axis that many pixels long."""
    least = _TICK_PIXELS * (high - low) / max(pixels, 1)
    decades = 10.0 ** np.arange(np.floor(low), np.floor(high) + 1)
    best: list[float] = []
    for steps in _STEPS:
        sizes = np.log10(np.outer(decades, steps).ravel())
        ticks = sizes[(sizes >= low) & (sizes <= high)]
        if len(ticks) > 1 and np.diff(ticks).min() < least:
            break
        best = ticks.tolist()
    # A narrow range holds too few round sizes: there, ticks are evenly spaced in bytes.
    return best if len(best) > 2 else _even_ticks(low, high, least)


def _even_ticks(low: float, high: float, least: float) -> list[float]:
    """Return ticks evenly spaced in bytes and at least `least` apart as log10."""
    first, last = 10**low, 10**high
    coarse = last - 10 ** (high - least)
    unit = 10.0 ** np.floor(np.log10(coarse))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= coarse)
    sizes = np.arange(np.ceil(first / step), np.floor(last / step) + 1) * step
    return [float(size) for size in np.log10(sizes[sizes > 0])]


def tick_text(size: float) -> str:
    """Return a size as short as it can be told: "500 B", "1.5 kB", "2 MB"."""
    for unit, name in ((1e6, "MB"), (1e3, "kB")):
        if size >= unit * 0.99999:
            return f"{float(f'{size / unit:.5g}'):g} {name}"
    return f"{float(f'{size:.4g}'):g} B"
