"""The plot items of one codec's curve: line, points, confidence band, and the words of an anchor."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetrics

from keepsight.app.engine import contrast
from keepsight.app.engine.types import CurvePoint
from keepsight.app.ui import format as words
from keepsight.app.ui import theme
from keepsight.app.ui.curve_points import Metric, Rate
from keepsight.codecs import registry

_BAND_ALPHA = 28
LINE_WIDTH = 1.6
"""Device-independent pixels."""
_SINGLE_WIDTH = 0.006
"""Half the width of the band of a curve with one point, decades."""
_ANCHOR_ROOM = 120
"""Width that the name of an anchor beyond the edge may have, pixels."""
TO_EDGE = 8
"""Distance from the right edge of an anchor that lies beyond it, pixels."""
_HALF_LINE = 6
"""Height of letters above the middle of their line, pixels."""


class Series:
    """The plot items of one codec; they live as long as the codec has a curve."""

    def __init__(self, plot: pg.PlotItem, codec_id: str) -> None:
        self.codec = codec_id
        codec = registry.get(codec_id)
        self._colour = codec.colour
        self.anchor = codec.rate_option is None
        """Whether the codec is lossless: one large file, of use as a level rather than as a size."""
        self.points: list[CurvePoint] = []
        self.sizes = self.x = self.y = np.empty(0)
        """Rate (or its log10), where that is drawn, and the metric."""
        self._low, self._high = pg.PlotCurveItem(pen=None), pg.PlotCurveItem(pen=None)
        self._band = pg.FillBetweenItem(self._low, self._high)
        self._band.setZValue(-10)
        self.line = pg.PlotDataItem(
            symbol="o",
            symbolSize=6,
            symbolPen=None,
            antialias=True,
        )
        self.line.visibleChanged.connect(self._follow_line)
        self._beyond = pg.TextItem(anchor=(1, 0.5))
        self._beyond.setFont(theme.font(11))
        self._beyond.setZValue(5)
        self._beyond.hide()
        self._label = elided(codec.label, _ANCHOR_ROOM)
        self._name = codec.label
        self._items = (self._low, self._high, self._band, self.line, self._beyond)
        self._plot = plot
        for item in self._items:
            plot.addItem(item, ignoreBounds=True)
        plot.legend.addItem(self.line, codec.label)
        self._in_legend = plot.legend.getLabel(self.line)
        self._in_legend.setToolTip(codec.label)

    def update(self, points: Sequence[CurvePoint], metric: Metric, rate: Rate, *, log: bool) -> None:
        """Show these points over a rate or its log10; those without the metric or a photo are left out."""
        shown = [(p, s) for p in points if p.photos and (s := metric.share(p)) is not None]
        self.points = [point for point, _ in shown]
        rates = np.array([rate.read(point) for point in self.points])
        self.sizes = self.x = np.log10(rates) if log else rates
        self.y, low, high = np.array([(s.value, s.low, s.high) for _, s in shown]).reshape(-1, 3).T
        x = self.x
        if len(x) == 1:
            ends = rates[0] * 10 ** np.array([-_SINGLE_WIDTH, _SINGLE_WIDTH])
            x = np.log10(ends) if log else ends
            low, high = np.repeat(low, 2), np.repeat(high, 2)
        self._low.setData(x, low)
        self._high.setData(x, high)
        self.line.setData(self.x, self.y)

    def place(self, edge: float, pixel: float) -> None:
        """Draw an anchor that lies beyond `edge` as an arrow there, with its size in words to its left.

        `edge` and `pixel`, the width of a pixel, are in the units of the axis.
        """
        self.x = np.minimum(self.sizes, edge)
        beyond = bool((self.x < self.sizes).any())
        self.line.setData(self.x, self.y, symbol="t2" if beyond else "o", symbolSize=9 if beyond else 6)
        self._beyond.setVisible(beyond and self.line.isVisible())
        if beyond:
            self._beyond.setText(f"{self._label} {words.file_size(round(self.points[-1].mean_bytes))}")
            self._beyond.setPos(edge - TO_EDGE * pixel, self.y[-1])
            box = self._plot.getViewBox()
            above = (box.viewRange()[1][1] - self.y[-1]) / (box.viewPixelSize()[1] or 1)  # 0 without height
            # Beside its arrow, but not cut by the upper edge of a low plot.
            lower = max(_HALF_LINE - above, 0) / self._beyond.boundingRect().height()
            self._beyond.setAnchor((1, 0.5 - lower))

    def set_scale(self, scale: float) -> None:
        """Colour all, and draw the line as wide on every screen: `scale` is its device pixels per pixel."""
        colour = QColor(theme.readable(self._colour))
        self.line.setPen(colour, width=LINE_WIDTH * scale)
        self.line.setSymbolBrush(colour)
        self._beyond.setColor(theme.readable(self._colour, contrast.TEXT))
        self._beyond.fill = pg.mkBrush(theme.PANEL)
        colour.setAlpha(_BAND_ALPHA)
        self._band.setBrush(colour)

    def fit_legend(self, room: int) -> None:
        """Cut the name in the legend to so many pixels; its tooltip has the whole."""
        text = elided(self._name, room)
        if text != self._in_legend.text:
            self._in_legend.setText(text)

    def remove(self) -> None:
        """Take everything out of the plot."""
        self._plot.legend.removeItem(self.line)
        for item in self._items:
            self._plot.removeItem(item)

    def _follow_line(self) -> None:
        """Hide the rest together with the line: a click in the legend hides the line."""
        self._band.setVisible(self.line.isVisible())
        self._beyond.setVisible(self.line.isVisible() and bool((self.x < self.sizes).any()))


def elided(text: str, room: int) -> str:
    """Cut a text in the curves' font to so many pixels."""
    return QFontMetrics(theme.font(11)).elidedText(text, Qt.TextElideMode.ElideRight, room)
