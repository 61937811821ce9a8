"""The candidates of a search as points, bytes against what is lost: a click asks for one of them."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip, QWidget

from keepsight.app.ui import search_words as words
from keepsight.app.ui import theme
from keepsight.app.ui.byte_axis import ByteAxis
from keepsight.app.ui.curve_axes import colour_plot
from keepsight.codecs.searching import Candidate, Found

_LOW = 150
"""A plot lower than this has no room for the names of its axes, pixels."""
_HIT_RADIUS = 14
"""How near a click must come to a point, pixels."""
_MARGIN = 14
"""Free around the points, so that no ring is cut, pixels."""
_LEAST_DECADES = 0.4
"""Range of an axis at least."""
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class SearchPlot(pg.PlotWidget):
    """A click, or the arrow keys, ask for a candidate to be shown; Escape asks for the chosen one."""

    candidate_chosen = Signal(object)
    """`Candidate`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, axisItems={"bottom": ByteAxis("bottom")})
        self.setAccessibleName("Candidates of the search, bytes against what is lost")
        self.setAccessibleDescription(
            "← and → show the candidates by size; Escape goes back to the chosen one"
        )
        self._found: Found | None = None
        self._shown: Candidate | None = None
        self._x = self._y = np.empty(0)
        """Log10 of bytes and loss, in the order in which they were tried."""
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=False, y=False)
        plot.hideButtons()
        plot.disableAutoRange()
        plot.showGrid(x=True, y=True, alpha=0.6)
        plot.layout.setContentsMargins(4, 6, 12, 2)
        self._style_axes()
        self._front = pg.PlotCurveItem(antialias=True)
        self._kept = pg.ScatterPlotItem(size=8, pen=None, antialias=True)
        self._lost = pg.ScatterPlotItem(size=9, symbol="x", antialias=True)
        self._unread = pg.ScatterPlotItem(size=8, symbol="s", pen=None, antialias=True)
        self._chosen_ring = pg.ScatterPlotItem(size=16, brush=None, antialias=True)
        self._shown_ring = pg.ScatterPlotItem(size=22, brush=None, antialias=True)
        self._hover_ring = pg.ScatterPlotItem(size=12, brush=None, antialias=True)
        items = (
            self._front,
            self._kept,
            self._lost,
            self._unread,
            self._chosen_ring,
            self._shown_ring,
            self._hover_ring,
        )
        for item in items:
            plot.addItem(item, ignoreBounds=True)
        self._wear()
        theme.look.changed.connect(self._wear)
        self.getViewBox().sigResized.connect(self._fit)

    def set_found(self, found: Found, shown: Candidate) -> None:
        """Show what was tried; `shown` is the candidate that the pane has."""
        self._found, self._shown = found, shown
        read = words.is_read(found)
        self._x = np.log10([len(one.data) for one in found.tried])
        self._y = np.log10([max(words.lost(one, read=read), words.FLOOR) for one in found.tried])
        keeps = np.array([one.keeps for one in found.tried], bool)
        for item, which in (
            (self._kept, keeps & read),
            (self._lost, ~keeps & read),
            (self._unread, np.full(len(keeps), not read)),
        ):
            item.setData(self._x[which], self._y[which])
        order = np.lexsort((self._y, self._x))
        best = order[self._y[order] <= np.minimum.accumulate(self._y[order])]
        self._front.setData(self._x[best], self._y[best])
        for ring, one in ((self._chosen_ring, found.chosen), (self._shown_ring, shown)):
            places = [i for i, other in enumerate(found.tried) if other is one]
            if ring is self._shown_ring and shown is found.chosen:
                places = []
            ring.setData(self._x[places], self._y[places])
        self._hover_ring.setData([], [])
        self._fit()

    def position_of(self, one: Candidate) -> QPoint:
        """Return where a candidate lies in the widget."""
        assert self._found is not None
        i = next(i for i, other in enumerate(self._found.tried) if other is one)
        return QPoint(self.mapFromScene(self.getViewBox().mapViewToScene(QPointF(self._x[i], self._y[i]))))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the candidate under the pointer."""
        i = self._nearest(event)
        if event.button() == Qt.MouseButton.LeftButton and i is not None and self._found is not None:
            self.candidate_chosen.emit(self._found.tried[i])
        self.setFocus()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Ring the candidate under the pointer and say what it is."""
        i = self._nearest(event)
        if i is None or self._found is None:
            self._hover_ring.setData([], [])
            self.viewport().unsetCursor()
            QToolTip.hideText()
            return
        self._hover_ring.setData([self._x[i]], [self._y[i]])
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        at = event.position().toPoint()
        near = QRect(at - QPoint(_HIT_RADIUS, _HIT_RADIUS), at + QPoint(_HIT_RADIUS, _HIT_RADIUS))
        text = words.describe(self._found.tried[i], self._found)
        QToolTip.showText(event.globalPosition().toPoint(), text, self.viewport(), near)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the next candidate by size with the arrow keys, back to the chosen one with Escape."""
        if self._goes_back(event) and self._found is not None:
            self.candidate_chosen.emit(self._found.chosen)
            return
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None or self._found is None:
            super().keyPressEvent(event)
            return
        order = sorted(self._found.tried, key=lambda one: len(one.data))
        at = next(i for i, one in enumerate(order) if one is self._shown)
        if 0 <= at + step < len(order):
            self.candidate_chosen.emit(order[at + step])

    def viewportEvent(self, event: QEvent) -> bool:
        """Keep the tooltip: where no item has one, the scene would hide it as soon as the pointer rests."""
        reads = event.type() == QEvent.Type.ToolTip and QToolTip.isVisible()
        return reads or bool(super().viewportEvent(event))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._hover_ring.setData([], [])
        super().leaveEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep the lines as wide on another screen; claim Escape before it is anybody's shortcut."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and self._goes_back(event)
        ):
            event.accept()
            return True
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._scale_pens()
        return bool(super().event(event))

    def _goes_back(self, event: QKeyEvent) -> bool:
        """Return whether a key leaves the candidate that is shown in place of the chosen one."""
        other = self._found is not None and self._shown is not self._found.chosen
        return other and event.key() == Qt.Key.Key_Escape

    def _nearest(self, event: QMouseEvent) -> int | None:
        """Return which candidate is under the pointer, if any."""
        if not self._x.size:
            return None
        pointer = self.mapToScene(event.position().toPoint())
        to_scene = self.getViewBox().mapViewToScene
        off = [to_scene(QPointF(x, y)) - pointer for x, y in zip(self._x, self._y, strict=True)]
        distances = np.array([np.hypot(one.x(), one.y()) for one in off])
        nearest = int(distances.argmin())
        return nearest if distances[nearest] <= _HIT_RADIUS else None

    def _fit(self) -> None:
        """Fit the range to all points, and the axes to the room."""
        plot, found = self.getPlotItem(), self._found
        low = self.height() < _LOW
        for name in ("left", "bottom"):
            plot.getAxis(name).showLabel(not low)
        plot.getAxis("left").setWidth(44 if low else 62)
        plot.getAxis("bottom").setHeight(22 if low else 40)
        if found is None or not self._x.size:
            return
        plot.setLabel("left", words.axis(found))
        box = self.getViewBox()
        self.setXRange(*_widened(self._x, box.width()), padding=0)
        bottom, top = _widened(self._y, box.height())
        self.setYRange(bottom, top, padding=0)
        plot.getAxis("left").setTicks([_ticks(bottom, top)])

    def _wear(self) -> None:
        colour_plot(self)
        for item, colour in (
            (self._kept, theme.KEPT),
            (self._lost, theme.FLIPPED),
            (self._unread, theme.MUTED),
        ):
            item.setBrush(colour)
        self._scale_pens()

    def _scale_pens(self) -> None:
        scale = self.devicePixelRatioF()  # pyqtgraph's pens count device pixels
        self._front.setPen(theme.MUTED, width=scale)
        self._lost.setPen(theme.FLIPPED, width=2 * scale)
        self._chosen_ring.setPen(theme.TEXT, width=2 * scale)
        self._shown_ring.setPen(theme.HIGHLIGHT, width=2 * scale)
        self._hover_ring.setPen(theme.HIGHLIGHT, width=scale)

    def _style_axes(self) -> None:
        plot = self.getPlotItem()
        for name in ("left", "bottom"):
            axis = plot.getAxis(name)
            axis.setTickFont(theme.font(11))
            axis.setStyle(tickLength=4, tickTextOffset=5)
            axis.enableAutoSIPrefix(False)
        plot.setLabel("bottom", "bytes (logarithmic)")


def _widened(values: NDArray[np.float64], pixels: float) -> tuple[float, float]:
    """Return a range with all values, of some width at least, and a margin, for an axis of so many pixels."""
    middle = (values.min() + values.max()) / 2
    half = max(np.ptp(values), _LEAST_DECADES) / 2 * max(pixels, 1) / max(pixels - 2 * _MARGIN, pixels / 3, 1)
    return float(middle - half), float(middle + half)


def _ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Return round losses between two powers of ten."""
    steps = (1,) if high - low > 2 else (1, 3) if high - low > 1 else (1, 2, 3, 5, 7)
    values = [step * 10.0**power for power in range(-4, 4) for step in steps]
    return [(float(np.log10(v)), f"{v:g}") for v in values if low <= np.log10(v) <= high]
