"""An axis of rates, logarithmic or not, with ticks that people read: 500 B, 1 kB, 2 kB."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg

from keepsight.app.ui.curve_points import BYTES, Rate

_STEPS = ((1,), (1, 3), (1, 2, 5), (1, 2, 3, 5, 7), tuple(range(1, 10)))
"""Ticks within a decade, from few to many."""
_TICK_PIXELS = 52
"""Least distance of two ticks: room for "500 kB"."""


class ByteAxis(pg.AxisItem):
    """Horizontal axis over log10 of bytes, or over another rate."""

    _rate, _log = BYTES, True

    def set_rate(self, rate: Rate, *, log: bool) -> None:
        """Show another rate; `log`: the axis is over log10 of it."""
        self._rate, self._log = rate, log
        self.picture = None  # drawn anew
        self.update()

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N803
        """Return ticks of one level, as many as have room. The names are pyqtgraph's."""
        if not self._log:
            levels: list[tuple[float, list[float]]] = super().tickValues(minVal, maxVal, size)
            return levels[:1]
        return [(1.0, ticks_between(minVal, maxVal, size))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Return the ticks' texts."""
        return [self._rate.text(10**value if self._log else value) for value in values]


def ticks_between(low: float, high: float, pixels: float) -> list[float]:
    """Return round rates from 10**low to 10**high, as their log10, for an axis that many pixels long."""
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
