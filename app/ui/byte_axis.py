"""A logarithmic axis of file sizes with ticks that people read: 500 B, 1 kB, 2 kB."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg

_STEPS = ((1,), (1, 3), (1, 2, 5), (1, 2, 3, 5, 7), tuple(range(1, 10)))
"""Ticks within a decade, from few to many."""
_TICK_PIXELS = 70
"""Room that a tick and its text take."""


class ByteAxis(pg.AxisItem):
    """Horizontal axis over log10 of bytes."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N803
        """Return ticks of one level, as many as have room. The names are pyqtgraph's."""
        room = max(2, int(size / _TICK_PIXELS))
        ticks = ticks_between(minVal, maxVal, room)
        return [(1.0, ticks)]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Return the ticks' texts."""
        return [tick_text(10**value) for value in values]


def ticks_between(low: float, high: float, room: int) -> list[float]:
    """Return at most `room` round sizes from 10**low to 10**high, as log10 of bytes."""
    decades = 10.0 ** np.arange(np.floor(low), np.floor(high) + 1)
    best: list[float] = []
    for steps in _STEPS:
        sizes = np.log10(np.outer(decades, steps).ravel())
        ticks = sizes[(sizes >= low) & (sizes <= high)]
        if len(ticks) > room:
            break
        best = ticks.tolist()
    if len(best) >= 2 or high - low > 1:
        return best
    return _even_ticks(low, high, room)


def _even_ticks(low: float, high: float, room: int) -> list[float]:
    """Return ticks evenly spaced in bytes, for a range so narrow that no two round sizes fall into it."""
    first, last = 10**low, 10**high
    coarse = (last - first) / room
    unit = 10.0 ** np.floor(np.log10(coarse))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= coarse)
    sizes = np.arange(np.ceil(first / step), np.floor(last / step) + 1) * step
    return [float(size) for size in np.log10(sizes)]


def tick_text(size: float) -> str:
    """Return a size as short as it can be told: "500 B", "1.5 kB", "2 MB"."""
    for unit, name in ((1e6, "MB"), (1e3, "kB")):
        if size >= unit * 0.99999:
            return f"{float(f'{size / unit:.5g}'):g} {name}"
    return f"{float(f'{size:.4g}'):g} B"
