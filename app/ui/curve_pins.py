"""Curves of earlier sweeps that stay in the plot, to compare: thin and dashed, without points or bands."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor

from keepsight.app.engine.session import Pin
from keepsight.app.ui import theme
from keepsight.app.ui.curve_points import Metric, Rate
from keepsight.app.ui.curve_series import elided
from keepsight.codecs import registry

MOST_PINS = 4
_STYLES = (Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine, Qt.PenStyle.DashDotDotLine)
_WIDTH = 1.1
_ALPHA = 190


class PinnedLines:
    """The plot items of one pin: a line for each codec, and a sign in the legend."""

    def __init__(self, plot: pg.PlotItem, pin: Pin, place: int) -> None:
        self.pin = pin
        self.place = place
        """Which of the kinds of dashes it has."""
        self.x = self.y = np.empty(0)
        """Rate (or its log10) and metric of all points, for the range."""
        self._plot = plot
        self._hidden: frozenset[str] = frozenset()
        self._lines = {curve.codec: pg.PlotDataItem(antialias=True) for curve in pin.curves}
        self.sign = pg.PlotDataItem()
        """Stands for all lines in the legend; hidden with a click, it hides them."""
        for line in (*self._lines.values(), self.sign):
            line.setZValue(-6)
            plot.addItem(line, ignoreBounds=True)
        plot.legend.addItem(self.sign, pin.name)
        plot.legend.getLabel(self.sign).setToolTip(f"Pinned: {pin.name}")
        self.sign.setVisible(pin.shown)
        self.sign.visibleChanged.connect(self._follow_sign)

    def update(self, metric: Metric, rate: Rate, *, log: bool) -> None:
        """Draw the lines of this metric over this rate or its log10."""
        everything = []
        for curve in self.pin.curves:
            shown = [(rate.read(p), s.value) for p in curve.points if p.photos and (s := metric.share(p))]
            x, y = np.array(shown).reshape(-1, 2).T
            x = np.log10(x) if log else x
            self._lines[curve.codec].setData(x, y)
            if registry.get(curve.codec).rate_option is not None:
                everything.append((x, y))
        self.x, self.y = (
            np.concatenate([np.empty(0), *(one[axis] for one in everything)]) for axis in (0, 1)
        )

    def set_hidden(self, codecs: frozenset[str]) -> None:
        """Hide the lines of these codecs."""
        self._hidden = codecs
        for codec, line in self._lines.items():
            line.setVisible(self.sign.isVisible() and codec not in codecs)

    def set_scale(self, scale: float) -> None:
        """Draw the lines as wide on every screen: `scale` is the screen's device pixels per pixel."""
        style = _STYLES[self.place]
        for codec, line in self._lines.items():
            colour = QColor(theme.readable(registry.get(codec).colour))
            colour.setAlpha(_ALPHA)
            line.setPen(colour, width=_WIDTH * scale, style=style)
        self.sign.setPen(theme.TEXT, width=_WIDTH * scale, style=style)

    def fit_legend(self, room: int) -> None:
        """Cut the name in the legend to so many pixels."""
        self._plot.legend.getLabel(self.sign).setText(elided(self.pin.name, room))

    def remove(self) -> None:
        """Take everything out of the plot."""
        self._plot.legend.removeItem(self.sign)
        for line in (*self._lines.values(), self.sign):
            self._plot.removeItem(line)

    def _follow_sign(self) -> None:
        self.pin = self.pin.model_copy(update={"shown": self.sign.isVisible()})
        self.set_hidden(self._hidden)


class Pins(QObject):
    """All that is pinned in a plot."""

    toggled = Signal()
    """A click in the legend has hidden one of them, or shown it again."""

    def __init__(self, plot: pg.PlotItem, parent: QObject) -> None:
        super().__init__(parent)
        self._plot = plot
        self.lines: list[PinnedLines] = []

    def read(self) -> tuple[Pin, ...]:
        """Return what is pinned, in the order in which it was."""
        return tuple(lines.pin for lines in self.lines)

    def put(self, pins: Sequence[Pin]) -> None:
        """Have these pinned; those that are so already keep their dashes."""
        old = {id(lines.pin): lines for lines in self.lines}
        kept = [lines for pin in pins if (lines := old.get(id(pin))) is not None]
        for lines in self.lines:
            if lines not in kept:
                lines.remove()
        free = [place for place in range(MOST_PINS) if all(lines.place != place for lines in kept)]
        self.lines = [old.get(id(pin)) or self._add(pin, free.pop(0)) for pin in pins[:MOST_PINS]]

    def _add(self, pin: Pin, place: int) -> PinnedLines:
        lines = PinnedLines(self._plot, pin, place)
        lines.sign.visibleChanged.connect(self.toggled)
        return lines
