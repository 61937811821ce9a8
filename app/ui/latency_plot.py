"""How long a photo takes over the bandwidth, one line a codec, and below the lines which is the fastest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QToolTip, QWidget

from keepsight.app.engine.draws import Array
from keepsight.app.engine.latency import Stretch
from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.ui import latency_words as words
from keepsight.app.ui import theme
from keepsight.app.ui.curve_axes import colour_plot
from keepsight.app.ui.curve_series import LINE_WIDTH

_LOW = 150
"""A plot lower than this has no room for the names of its axes, pixels."""
_WIDE = 420
"""A plot narrower than this has room for every other bandwidth, pixels."""
_STRIP = 7
"""Height of the strip of the fastest, pixels."""
_TOLD = 6
"""Codecs that a tooltip ranks."""


@dataclass(frozen=True)
class LatencyView:
    """What the plot shows."""

    bandwidths: Sequence[float]
    """Bits per second, growing."""
    totals: Mapping[str, Array]
    """Milliseconds at each of them, by codec."""
    stretches: Sequence[Stretch]


class LatencyPlot(pg.PlotWidget):
    """A click or a drag chooses a bandwidth."""

    bandwidth_clicked = Signal(float)
    """Bits per second."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Time a photo takes over the bandwidth")
        self._view: LatencyView | None = None
        self._lines: dict[str, tuple[pg.PlotCurveItem, pg.PlotCurveItem]] = {}
        """Line and strip of each codec."""
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=False, y=False)
        plot.hideButtons()
        plot.disableAutoRange()
        plot.showGrid(x=True, y=True, alpha=0.6)
        plot.layout.setContentsMargins(4, 6, 12, 2)
        self._style_axes()
        self._hover = pg.InfiniteLine(angle=90)
        self._now = pg.InfiniteLine(angle=90)
        for line in (self._hover, self._now):
            plot.addItem(line, ignoreBounds=True)
            line.setZValue(10)
        self._hover.hide()
        self._wear()
        theme.look.changed.connect(self._wear)
        self.getViewBox().sigResized.connect(self._fit)

    def set_view(self, view: LatencyView) -> None:
        """Show these lines."""
        self._view = view
        for codec in [codec for codec in self._lines if codec not in view.totals]:
            for item in self._lines.pop(codec):
                self.getPlotItem().removeItem(item)
        for codec in view.totals:
            if codec not in self._lines:
                self._lines[codec] = pg.PlotCurveItem(antialias=True), pg.PlotCurveItem(connect="finite")
                for item in self._lines[codec]:
                    self.getPlotItem().addItem(item, ignoreBounds=True)
        self._scale_pens()
        self._fit()

    def set_bandwidth(self, bits: float) -> None:
        """Mark the bandwidth that is chosen."""
        self._now.setValue(np.log10(bits))

    def position_of(self, bits: float, milliseconds: float) -> QPoint:
        """Return where a bandwidth and a time lie in the widget."""
        at = QPointF(np.log10(bits), np.log10(milliseconds))
        return QPoint(self.mapFromScene(self.getViewBox().mapViewToScene(at)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the bandwidth under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(event)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Rank the codecs at the bandwidth under the pointer; with the button down, choose it."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(event)
            return
        place = self._place(event)
        self._hover.setVisible(place is not None)
        if place is None or self._view is None:
            QToolTip.hideText()
            return
        bits = self._view.bandwidths[place]
        self._hover.setValue(np.log10(bits))
        order = sorted((taken[place], codec) for codec, taken in self._view.totals.items())
        ranks = [f"{words.duration(took)}  {words.name(codec)}" for took, codec in order[:_TOLD]]
        at = event.position().toPoint()
        near = QRect(at - QPoint(6, 6), at + QPoint(6, 6))
        text = "\n".join([f"At {words.bandwidth(bits)}:", *ranks])
        QToolTip.showText(event.globalPosition().toPoint(), text, self.viewport(), near)

    def viewportEvent(self, event: QEvent) -> bool:
        """Keep the tooltip: where no item has one, the scene would hide it as soon as the pointer rests."""
        reads = event.type() == QEvent.Type.ToolTip and QToolTip.isVisible()
        return reads or bool(super().viewportEvent(event))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._hover.hide()
        super().leaveEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep the lines as wide when the window moves to another screen."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._scale_pens()
        return bool(super().event(event))

    def _fit(self) -> None:
        """Fit the range to the codecs' lines, with the strip below them, and draw all."""
        plot, view = self.getPlotItem(), self._view
        low = self.height() < _LOW
        plot.getAxis("bottom").showLabel(not low)
        plot.getAxis("bottom").setHeight(22 if low else 42)
        step = 1 if self.width() >= _WIDE else 2
        powers = range(4, 10)[::step]
        plot.getAxis("bottom").setTicks([[(power, words.bandwidth(10.0**power)) for power in powers]])
        if view is None or not view.totals:
            return
        x = np.log10(view.bandwidths)
        self.setXRange(x[0], x[-1], padding=0)
        logs = {codec: np.log10(taken) for codec, taken in view.totals.items()}
        shown = [taken for codec, taken in logs.items() if codec != ORIGINAL] or list(logs.values())
        bottom, top = min(taken.min() for taken in shown), max(taken.max() for taken in shown)
        reach = max(top - bottom, 0.5)
        strip = _STRIP * reach / max(self.getViewBox().height() - 2 * _STRIP, 1)
        self.setYRange(bottom - 2 * strip, bottom + 1.03 * reach, padding=0)
        plot.getAxis("left").setTicks([_time_ticks(bottom, bottom + reach)])
        wins = {codec: np.full(len(x), np.nan) for codec in logs}
        for stretch in view.stretches:
            inside = (view.bandwidths >= np.float64(stretch.low)) & (
                view.bandwidths <= np.float64(stretch.high)
            )
            first = max(int(np.argmax(inside)) - 1, 0)  # from the last of the one before: no gap
            wins[stretch.codec][first : first + 1 + int(inside.sum())] = bottom - 1.4 * strip
        for codec, (line, strip_line) in self._lines.items():
            line.setData(x, logs[codec])
            strip_line.setData(x, wins[codec])

    def _choose(self, event: QMouseEvent) -> None:
        place = self._place(event)
        if place is not None and self._view is not None:
            self.bandwidth_clicked.emit(self._view.bandwidths[place])
        event.accept()

    def _place(self, event: QMouseEvent) -> int | None:
        """Return which of the bandwidths is nearest to the pointer; None beside the lines."""
        scene = self.mapToScene(event.position().toPoint())
        box = self.getViewBox()
        if self._view is None or not box.sceneBoundingRect().contains(scene):
            return None
        return int(np.abs(np.log10(self._view.bandwidths) - box.mapSceneToView(scene).x()).argmin())

    def _wear(self) -> None:
        colour_plot(self)
        self._scale_pens()

    def _scale_pens(self) -> None:
        scale = self.devicePixelRatioF()  # pyqtgraph's pens count device pixels
        self._now.setPen(theme.HIGHLIGHT, width=2 * scale)
        self._hover.setPen(theme.MUTED, width=scale)
        for codec, (line, strip) in self._lines.items():
            style = Qt.PenStyle.DashLine if codec == ORIGINAL else Qt.PenStyle.SolidLine
            line.setPen(words.colour(codec), width=LINE_WIDTH * scale, style=style)
            pen = pg.mkPen(words.colour(codec), width=_STRIP * scale)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            strip.setPen(pen)

    def _style_axes(self) -> None:
        plot = self.getPlotItem()
        for name in ("left", "bottom"):
            axis = plot.getAxis(name)
            axis.setTickFont(theme.font(11))
            axis.setStyle(tickLength=4, tickTextOffset=5)
            axis.enableAutoSIPrefix(False)
        plot.getAxis("left").setWidth(50)
        plot.setLabel("bottom", "bandwidth; the strip shows which compressor is the fastest")


def _time_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Return round times between two powers of ten of milliseconds."""
    steps = (1,) if high - low > 1.5 else (1, 3) if high - low > 0.8 else (1, 1.5, 2, 3, 5, 7)
    times = [step * 10.0**power for power in range(-1, 7) for step in steps]
    return [
        (float(np.log10(time)), words.duration(time).replace(".0 ", " "))
        for time in times
        if low <= np.log10(time) <= high
    ]
