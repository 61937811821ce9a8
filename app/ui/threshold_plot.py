"""What the classifier still recognises, and what it costs, over the threshold of the region of interest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QToolTip, QWidget

from keepsight.app.engine.threshold import ThresholdPoint
from keepsight.app.ui import theme
from keepsight.app.ui.curve_axes import colour_axis, colour_plot
from keepsight.app.ui.curve_series import LINE_WIDTH, elided
from keepsight.app.ui.format import short_size
from keepsight.app.ui.threshold_words import describe

_BAND_ALPHA = 40
_BYTES = "#c3c8cf"
"""Line and axis of the bytes."""
_LOW = 170
"""A plot lower than this has no room for the names of its axes, pixels."""
_LOW_BOX = 80
"""Curves lower than this have three ticks up, pixels."""
_HEAD = 22
"""Height of the line above the curves with the legend, pixels."""
_MARGIN = 9
"""Room below and above the curves for half a tick's text, pixels."""


_STEPS = (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10)
"""Lengths of the axis of bytes, within a decade; quarters of them are round."""


@dataclass(frozen=True)
class ThresholdView:
    """A curve to show."""

    points: Sequence[ThresholdPoint]
    one_photo: bool
    """Whether it is of one photo: the class's probability, rather than a share of photos."""
    reference: float | None
    """The same quantity without compression; None where it is 1 by definition, or not known."""
    colour: str

    @property
    def quantity(self) -> str:
        """What the curve shows."""
        if self.one_photo:
            return "probability of the class"
        labelled = any(point.figures.top1 for point in self.points)
        return "top-1 accuracy" if labelled else "share that keep the class"

    @property
    def look(self) -> tuple[object, ...]:
        """What legend and colours depend on."""
        return self.quantity, self.colour, self.reference is None

    def heights(self) -> np.ndarray:
        """Return value, low and high end of each point: (3, n), in [0, 1]."""
        figures = [point.figures for point in self.points]
        if self.one_photo:
            return np.array([[f.p_kept] * 3 for f in figures]).reshape(-1, 3).T
        shares = [f.top1 or f.agreement for f in figures]
        return np.array([(s.value, s.low, s.high) for s in shares]).reshape(-1, 3).T


class ThresholdPlot(pg.PlotWidget):
    """One curve with its band, the bytes behind it on an axis of their own; a click or a drag chooses."""

    threshold_clicked = Signal(float)
    """The measured threshold nearest to where the user clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Accuracy and bytes over the threshold")
        self._view: ThresholdView | None = None
        self._subject = ""
        self._top = 1.0
        """Bytes at the upper end of their axis."""
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=False, y=False)
        plot.hideButtons()
        plot.disableAutoRange()
        plot.showAxis("right")
        plot.showGrid(x=True, y=True, alpha=0.6)
        self._style_axes()
        self.setXRange(-0.02, 1.02, padding=0)
        self._low, self._high = pg.PlotCurveItem(pen=None), pg.PlotCurveItem(pen=None)
        self._band = pg.FillBetweenItem(self._low, self._high)
        self._bytes = pg.PlotDataItem(antialias=True)
        self._line = pg.PlotDataItem(antialias=True)
        self._kept = pg.ScatterPlotItem(size=7, pen=None)
        self._flipped = pg.ScatterPlotItem(size=9, symbol="x")
        self._reference = pg.InfiniteLine(angle=0)
        self._reference_sign = pg.PlotDataItem()
        """Stands for the line in the legend."""
        self._now = pg.InfiniteLine(angle=90)
        self._hover = pg.InfiniteLine(angle=90)
        items = (self._bytes, self._low, self._high, self._band, self._reference, self._hover, self._now)
        for item in (*items, self._line, self._kept, self._flipped):
            plot.addItem(item, ignoreBounds=True)
        self._legend = plot.addLegend(colCount=5, labelTextSize="11px")
        self._legend.setParentItem(plot)
        self._legend.anchor((0, 0), (0, 0), offset=(44, -6))
        self._hover.hide()
        self._now.hide()
        self._reference.hide()
        self.getViewBox().sigResized.connect(self._fit_texts)
        self._wear()
        theme.look.changed.connect(self._wear)

    def set_view(self, view: ThresholdView) -> None:
        """Show this curve."""
        new = self._view is None or self._view.look != view.look
        self._view = view
        x = np.array([point.threshold for point in view.points])
        y, low, high = view.heights()
        sizes = np.array([point.figures.mean_bytes for point in view.points])
        top = _rounded_up(float(sizes.max(initial=1)))
        self._low.setData(x, low)
        self._high.setData(x, high)
        self._line.setData(x, y)
        self._bytes.setData(x, sizes / top)
        lost = np.array([view.one_photo and not p.figures.agreement.value for p in view.points], bool)
        self._kept.setData(x[~lost], y[~lost])
        self._flipped.setData(x[lost], y[lost])
        self._reference.setVisible(view.reference is not None)
        if view.reference is not None:
            self._reference.setValue(view.reference)
        if new:
            self._colour_all(view)
        if new or top != self._top:
            self._top = top
            self._fit_texts()

    def set_subject(self, subject: str) -> None:
        """Say above the curve what it is of, and how far it is."""
        self._subject = subject
        self._fit_texts()

    def set_threshold(self, threshold: float | None) -> None:
        """Mark the threshold that is in use; None where there is none."""
        self._now.setVisible(threshold is not None)
        if threshold is not None:
            self._now.setValue(threshold)

    def position_of(self, threshold: float, height: float = 0.5) -> QPoint:
        """Return where a threshold and a height in [0, 1] lie in the widget."""
        scene = self.getViewBox().mapViewToScene(QPointF(threshold, height))
        return QPoint(self.mapFromScene(scene))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the threshold under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(event)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what the threshold under the pointer does; with the button down, choose it."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(event)
            return
        point = self._nearest(event)
        self._hover.setVisible(point is not None)
        if point is None or self._view is None:
            QToolTip.hideText()
            return
        self._hover.setValue(point.threshold)
        at = event.position().toPoint()
        words = describe(self._view.points, point, one_photo=self._view.one_photo)
        near = QRect(at - QPoint(6, 6), at + QPoint(6, 6))
        QToolTip.showText(event.globalPosition().toPoint(), words, self.viewport(), near)

    def viewportEvent(self, event: QEvent) -> bool:
        """Keep the tooltip: where no item has one, the scene would hide it as soon as the pointer rests."""
        reads = event.type() == QEvent.Type.ToolTip and QToolTip.isVisible()
        return reads or bool(super().viewportEvent(event))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._hover.hide()
        super().leaveEvent(event)

    def _fit_texts(self) -> None:
        """Cut the subject to the room beside the legend; a low plot has no names of axes and fewer ticks."""
        low = self.height() < _LOW
        plot = self.getPlotItem()
        for name in ("left", "right", "bottom"):
            plot.getAxis(name).showLabel(not low)
        plot.getAxis("left").setWidth(38 if low else 56)
        plot.getAxis("right").setWidth(52 if low else 70)
        plot.getAxis("bottom").setHeight(22 if low else 40)
        height = self.getViewBox().height()
        margin = _MARGIN / max(height - 2 * _MARGIN, 1)
        self.setYRange(-margin, 1 + margin, padding=0)
        few = height < _LOW_BOX
        shares = (0, 0.5, 1) if few else (0, 0.25, 0.5, 0.75, 1)
        plot.getAxis("left").setTicks([[(share, f"{share:g}") for share in shares]])
        plot.getAxis("right").setTicks([[(share, short_size(share * self._top)) for share in shares]])
        self._legend.layout.activate()
        self._legend.resize(0, 0)  # to what its names need
        room = self.width() - round(self._legend.boundingRect().right() + self._legend.pos().x()) - 24
        subject = elided(self._subject, max(0, room))
        plot.titleLabel.setText(subject, color=theme.MUTED, size="11px", justify="right")

    def _choose(self, event: QMouseEvent) -> None:
        point = self._nearest(event)
        if point is not None and point.threshold != self._chosen():
            self.threshold_clicked.emit(point.threshold)
        event.accept()

    def _chosen(self) -> float | None:
        return float(self._now.value()) if self._now.isVisible() else None

    def _nearest(self, event: QMouseEvent) -> ThresholdPoint | None:
        """Return the measured point whose threshold is nearest to the pointer; None beside the curves."""
        scene = self.mapToScene(event.position().toPoint())
        box = self.getViewBox()
        if self._view is None or not self._view.points or not box.sceneBoundingRect().contains(scene):
            return None
        x = box.mapSceneToView(scene).x()
        return min(self._view.points, key=lambda point: abs(point.threshold - x))

    def _wear(self) -> None:
        colour_plot(self)
        colour_axis(self.getPlotItem().getAxis("right"), theme.readable(_BYTES))
        self._flipped.setPen(theme.FLIPPED, width=2)
        self._flipped.setBrush(theme.FLIPPED)
        if self._view is not None:
            self._colour_all(self._view)
        self._fit_texts()

    def _colour_all(self, view: ThresholdView) -> None:
        """Give everything the colour of its codec, and the legend the names of what is shown."""
        scale = self.devicePixelRatioF()
        colour = theme.readable(view.colour)
        band = QColor(colour)
        band.setAlpha(_BAND_ALPHA)
        self._band.setBrush(band)
        self._line.setPen(colour, width=LINE_WIDTH * scale)
        self._kept.setBrush(colour)
        self._bytes.setPen(theme.readable(_BYTES), width=scale, style=Qt.PenStyle.DashLine)
        for line in (self._reference, self._reference_sign):
            line.setPen(theme.MUTED, width=scale, style=Qt.PenStyle.DotLine)
        self._hover.setPen(theme.MUTED, width=scale)
        self._now.setPen(theme.HIGHLIGHT, width=2 * scale)
        self._legend.clear()
        self._legend.addItem(self._line, view.quantity)
        if view.one_photo:
            self._legend.addItem(self._kept, "class kept")
            self._legend.addItem(self._flipped, "class flipped")
        self._legend.addItem(self._bytes, "bytes" if view.one_photo else "bytes a photo")
        if view.reference is not None:
            self._legend.addItem(self._reference_sign, "uncompressed")
        plot = self.getPlotItem()
        plot.setLabel("left", view.quantity)
        plot.setLabel("right", "bytes" if view.one_photo else "bytes a photo")

    def _style_axes(self) -> None:
        plot = self.getPlotItem()
        for name in ("left", "bottom", "right"):
            axis = plot.getAxis(name)
            axis.setTickFont(theme.font(11))
            axis.setStyle(tickLength=4, tickTextOffset=5)
            axis.enableAutoSIPrefix(False)
        plot.setLabel("bottom", "threshold: what matters at least this much, as a share of the most, is kept")
        plot.getAxis("bottom").setTicks([[(place / 10, f"{place / 10:.1f}") for place in range(11)]])
        plot.getAxis("right").setGrid(False)
        plot.layout.setContentsMargins(4, 2, 4, 2)
        plot.setTitle("")
        plot.layout.setRowFixedHeight(0, _HEAD)


def _rounded_up(size: float) -> float:
    """Return the next size of two round digits: the axis seldom moves while the curve grows."""
    unit = 10.0 ** np.floor(np.log10(size))
    return float(
        next(unit * step for step in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 5, 6, 8, 10) if unit * step >= size)
    )
