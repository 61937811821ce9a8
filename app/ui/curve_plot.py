"""Rate against accuracy: one line, its points and its confidence band per codec, updated in place."""

from collections.abc import Collection, Sequence

import numpy as np
import pyqtgraph as pg
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip, QWidget

from keepsight.app.engine.session import Pin
from keepsight.app.engine.types import Curve, CurvePoint
from keepsight.app.ui import theme
from keepsight.app.ui.byte_axis import ByteAxis
from keepsight.app.ui.curve_axes import axis_text, colour_plot, style_axes
from keepsight.app.ui.curve_crosshair import Crosshair, read_out
from keepsight.app.ui.curve_pins import MOST_PINS, Pins
from keepsight.app.ui.curve_points import BYTES, TOP1, Metric, Rate, describe, front
from keepsight.app.ui.curve_range import Range, size_range, value_range
from keepsight.app.ui.curve_series import LINE_WIDTH, TO_EDGE, Series, elided

MOST_CURVES = 12
"""So many curves have room in the legend's one row."""
HIT_RADIUS = 14
"""A click this near to a point hits it, in device-independent pixels."""
_HEAD = 24
"""Height of the line above the curves with legend and subject, pixels."""
_LOW = 170
"""A plot lower than this has no room for the names of its axes, pixels."""
_LEGEND_ROOMS = 200, 120, 80, 50
"""Widths that names in the legend may have, the widest first, pixels."""


class CurvePlot(pg.PlotWidget):
    """The curves of one metric. The wheel zooms, a drag pans, a double click or F fits.

    H shows or hides the crosshair, the arrow keys move it.
    """

    point_clicked = Signal(str, str)
    """Codec id and options (JSON) of the point that was clicked."""
    looks_changed = Signal()
    """Another curve is hidden or shown, or the crosshair."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._byte_axis = ByteAxis(orientation="bottom")
        super().__init__(parent, axisItems={"bottom": self._byte_axis})
        self.setAccessibleName("Rate–accuracy curves")
        self.setAccessibleDescription("H shows a crosshair, which the arrow keys move; F fits")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._metric = TOP1
        self._rate, self._log = BYTES, True
        self._curves: list[Curve] = []
        self._reference: float | None = None
        self._marked: frozenset[tuple[str, str]] = frozenset()
        self._series: dict[str, Series] = {}
        self.hidden: set[str] = set()
        """Codecs whose curves are hidden, whether they have one now or not."""
        self._user_range = False
        self._subject = ""
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.disableAutoRange()
        self.pinned = Pins(plot, self)
        self.pinned.toggled.connect(self.looks_changed)
        style_axes(plot, axis_text(self._rate, log=self._log), self._metric.axis)
        plot.layout.setRowFixedHeight(0, _HEAD)
        # Above the curves, where it covers no point.
        legend = plot.addLegend(colCount=MOST_CURVES, labelTextSize="11px")
        legend.setParentItem(plot)
        legend.anchor((0, 0), (0, 0), offset=(44, -6))
        legend.setToolTip("Click a line here to hide its curve, click again to show it")
        self._reference_line = pg.InfiniteLine(
            angle=0,
            label="uncompressed {value:.3f}",
            labelOpts={"position": 0.01, "anchors": [(0, 0), (0, 0)]},
        )
        self._reference_line.label.setFont(theme.font(11))
        self._reference_line.hide()
        plot.addItem(self._reference_line, ignoreBounds=True)
        self._front = pg.PlotDataItem(antialias=True)
        self._front.setZValue(-5)
        self._front.hide()
        plot.addItem(self._front, ignoreBounds=True)
        self.crosshair = Crosshair(plot)
        self._rings = self._ring_item(13)
        self._hover_ring = self._ring_item(12)
        self.getViewBox().sigRangeChangedManually.connect(self._keep_user_range)
        self.getViewBox().sigXRangeChanged.connect(self._place_anchors)
        self.getViewBox().sigResized.connect(self._fit_texts)
        self.getViewBox().sigResized.connect(self._place_anchors)
        self.scene().sigMouseClicked.connect(self._click)
        self._wear()
        theme.look.changed.connect(self._wear)
        self.fit()

    def set_curves(self, curves: Sequence[Curve], reference: float | None) -> None:
        """Show these curves; `reference` is the uncompressed top-1 accuracy, where it is known."""
        self._curves, self._reference = list(curves), reference
        self._redraw()

    def set_subject(self, subject: str) -> None:
        """Say above the curves what they are of: classifier and protocol."""
        self._subject = subject
        self._fit_texts()

    def set_metric(self, metric: Metric) -> None:
        """Show another metric of the same curves."""
        if metric is not self._metric:
            self._metric = metric
            self.getPlotItem().setLabel("left", metric.axis)
            self._fit_texts()
            self._user_range = False
            self._redraw()

    def set_rate(self, rate: Rate, *, log: bool) -> None:
        """Show the curves over another rate, on a logarithmic axis or not."""
        self._rate, self._log = rate, log
        self._byte_axis.set_rate(rate, log=log)
        self._byte_axis.setLabel(axis_text(rate, log=log))
        self._user_range = False
        self._redraw()

    def set_front(self, shown: bool) -> None:
        """Draw the Pareto front over all codecs, or not."""
        self._front.setVisible(shown)
        self._draw_front()

    def set_marked(self, settings: Collection[tuple[str, str]]) -> None:
        """Ring the points of these settings: (codec id, options as JSON)."""
        self._marked = frozenset(settings)
        self._ring_marked()

    def codecs(self) -> list[str]:
        """Return the ids of the codecs that have a curve."""
        return list(self._series)

    def set_hidden(self, codec_id: str, *, hidden: bool) -> None:
        """Hide a codec's curve, or show it again."""
        changed = hidden != (codec_id in self.hidden)
        (self.hidden.add if hidden else self.hidden.discard)(codec_id)
        if codec_id in self._series:
            self._series[codec_id].line.setVisible(not hidden)
        for pin in self.pinned.lines:
            pin.set_hidden(frozenset(self.hidden))
        if changed:
            self.looks_changed.emit()

    @property
    def can_pin(self) -> bool:
        """Whether there are curves, and room for them beside those that are pinned."""
        room = len(self.pinned.lines) < MOST_PINS
        return room and any(series.points for series in self._series.values())

    def set_pins(self, pins: Sequence[Pin]) -> None:
        """Let these curves stay as thin dashed lines, and no others."""
        self.pinned.put(pins)
        for lines in self.pinned.lines:
            lines.set_scale(self.devicePixelRatioF())
            lines.set_hidden(frozenset(self.hidden))
        self._redraw()
        self._fit_texts()

    def set_crosshair(self, shown: bool) -> None:
        """Let the crosshair follow the pointer and the arrow keys, or hide it."""
        changed = shown != self.crosshair.on
        self.crosshair.on = shown
        if not shown:
            self.crosshair.hide()
        if changed:
            self.looks_changed.emit()

    def fit(self) -> None:
        """Show all points, with round sizes at both ends so that the range seldom moves while they grow."""
        self._user_range = False
        x_range, y_range = self._fitting_range()
        self.setRange(xRange=x_range, yRange=y_range, padding=0)

    def point_at(self, position: QPointF) -> CurvePoint | None:
        """Return the visible point nearest to a position in the scene, if it is within `HIT_RADIUS`."""
        place = self._nearest(position)
        return None if place is None else place[0].points[place[1]]

    def position_of(self, codec_id: str, options: str) -> QPoint:
        """Return where a point lies in the widget. Raises `LookupError` where it is not shown."""
        series = self._series[codec_id]
        for i, point in enumerate(series.points):
            if point.options == options:
                scene = self.getViewBox().mapViewToScene(QPointF(series.x[i], series.y[i]))
                return QPoint(self.mapFromScene(scene))
        raise LookupError(f"There is no point {codec_id} {options}.")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F fits, H shows or hides the crosshair, arrows move it."""
        if event.key() == Qt.Key.Key_F:
            self.fit()
        elif event.key() == Qt.Key.Key_H and not event.modifiers():
            self.set_crosshair(not self.crosshair.on)
        elif (at := self.crosshair.stepped(event)) is not None:
            self.set_crosshair(True)
            self._move_crosshair(at)
            self.setAccessibleDescription(self.crosshair.text())
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Ring the point under the pointer and say what it is."""
        super().mouseMoveEvent(event)
        scene = self.mapToScene(event.position().toPoint())
        self._move_crosshair(self.getViewBox().mapSceneToView(scene))
        place = None if event.buttons() else self._nearest(self.mapToScene(event.position().toPoint()))
        if place is None:
            self._hover_ring.setData([], [])
            self.viewport().unsetCursor()
            QToolTip.hideText()
            return
        series, i = place
        self._hover_ring.setData([series.x[i]], [series.y[i]])
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        at = event.position().toPoint()
        near = QRect(at - QPoint(HIT_RADIUS, HIT_RADIUS), at + QPoint(HIT_RADIUS, HIT_RADIUS))
        QToolTip.showText(
            event.globalPosition().toPoint(), describe(series.points[i], self._metric), self.viewport(), near
        )

    def leaveEvent(self, event: QEvent) -> None:
        """Take the crosshair away."""
        super().leaveEvent(event)
        self.crosshair.hide()

    def _move_crosshair(self, at: QPointF) -> None:
        seen = [series for series in self._series.values() if series.line.isVisible()]
        self.crosshair.move(at, lambda at: read_out(at, seen, self._metric, self._rate, log=self._log))

    def viewportEvent(self, event: QEvent) -> bool:
        """Keep a point's tooltip: as points have none of their own, the scene would hide it at rest."""
        reads = event.type() == QEvent.Type.ToolTip and QToolTip.isVisible()
        return reads or bool(super().viewportEvent(event))

    def _fit_texts(self) -> None:
        """Cut the subject to the room beside the legend; a low plot has no names of axes."""
        plot = self.getPlotItem()
        low = self.height() < _LOW
        for name in ("left", "bottom"):
            plot.getAxis(name).showLabel(not low)
        plot.getAxis("left").setWidth(38 if low else 56)
        plot.getAxis("bottom").setHeight(22 if low else 40)
        room = max(0, self.width() - round(self._fit_legend()) - 24)
        subject = elided(self._subject, room)
        plot.titleLabel.setText(subject, color=theme.MUTED, size="11px", justify="right")

    def _fit_legend(self) -> float:
        """Cut long names, as little as the width of the plot allows; return where the legend ends."""
        legend = self.getPlotItem().legend
        end = 0.0
        for room in _LEGEND_ROOMS:
            for series in self._series.values():
                series.fit_legend(room)
            for pin in self.pinned.lines:
                pin.fit_legend(room)
            legend.layout.activate()
            legend.resize(0, 0)  # to what its names need
            end = legend.boundingRect().right() + legend.pos().x()
            if end <= self.width():
                break
        return end

    def event(self, event: QEvent) -> bool:
        """Keep the lines as wide when the window moves to another screen."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._scale_pens()
        return bool(super().event(event))

    def _wear(self) -> None:
        colour_plot(self)
        self._reference_line.label.setColor(theme.MUTED)
        self.crosshair.hide()  # its words have the colours of before
        self._scale_pens()
        self._fit_texts()

    def _scale_pens(self) -> None:
        # pyqtgraph's pens count device pixels.
        scale = self.devicePixelRatioF()
        for series in self._series.values():
            series.set_scale(scale)
        for pin in self.pinned.lines:
            pin.set_scale(scale)
        self.crosshair.set_scale(scale)
        self._reference_line.setPen(theme.MUTED, width=scale, style=Qt.PenStyle.DashLine)
        self._front.setPen(theme.TEXT, width=scale, style=Qt.PenStyle.DashLine)
        self._rings.setPen(theme.TEXT, width=LINE_WIDTH * scale)
        self._hover_ring.setPen(theme.HIGHLIGHT, width=LINE_WIDTH * scale)

    def _ring_item(self, size: int) -> pg.ScatterPlotItem:
        ring = pg.ScatterPlotItem(size=size, brush=None, antialias=True)
        ring.setZValue(10)
        self.getPlotItem().addItem(ring, ignoreBounds=True)
        return ring

    def _redraw(self) -> None:
        plot = self.getPlotItem()
        wanted = {curve.codec: curve for curve in self._curves}
        for codec_id in [c for c in self._series if c not in wanted]:
            self._series.pop(codec_id).remove()
            self._fit_texts()
        for codec_id, curve in wanted.items():
            if codec_id not in self._series:
                self._series[codec_id] = Series(plot, codec_id)
                self._series[codec_id].set_scale(self.devicePixelRatioF())
                self._series[codec_id].line.setVisible(codec_id not in self.hidden)
                self._series[codec_id].line.visibleChanged.connect(self._note_hidden)
                self._fit_texts()
            self._series[codec_id].update(curve.points, self._metric, self._rate, log=self._log)
        for pin in self.pinned.lines:
            pin.update(self._metric, self._rate, log=self._log)
        self._draw_front()
        shows_reference = self._reference is not None and self._metric is TOP1
        self._reference_line.setVisible(shows_reference)
        if self._reference is not None:
            self._reference_line.setValue(self._reference)
            # A label that is out of sight does not follow its line by itself.
            self._reference_line.label.format = text = f"uncompressed {self._reference:.3f}"
            self._reference_line.label.setText(text)
        self._hover_ring.setData([], [])
        if not self._user_range:
            self.fit()
        self._place_anchors()
        self._ring_marked()

    def _note_hidden(self) -> None:
        """Remember what a click in the legend hides: a codec that comes again stays hidden."""
        for codec, series in self._series.items():
            self.set_hidden(codec, hidden=not series.line.isVisible())

    def _draw_front(self) -> None:
        if self._front.isVisible():
            best = front(self._curves, self._metric)
            x = np.array([self._rate.read(point) for point in best])
            y = np.array([share.value for point in best if (share := self._metric.share(point))])
            self._front.setData(np.log10(x) if self._log else x, y)

    def _ring_marked(self) -> None:
        places = [
            (series.x[i], series.y[i])
            for series in self._series.values()
            for i, point in enumerate(series.points)
            if (point.codec, point.options) in self._marked
        ]
        x, y = np.array(places).reshape(-1, 2).T
        self._rings.setData(x, y)

    def _place_anchors(self) -> None:
        """Keep anchors in sight at the right edge where they lie beyond it."""
        anchors = [series for series in self._series.values() if series.anchor and series.points]
        if anchors:
            box = self.getViewBox()
            pixel = box.viewRect().width() / max(box.width(), 1)
            for series in anchors:
                series.place(box.viewRange()[0][1] - TO_EDGE * pixel, pixel)
            self._ring_marked()

    def _fitting_range(self) -> tuple[Range, Range]:
        told = [series for series in self._series.values() if series.points]
        lossy = [series.sizes for series in told if not (series.anchor and self._rate.grows)]
        shown = lossy or [series.sizes for series in told]
        x_range = size_range(
            [*shown, *(pin.x for pin in self.pinned.lines)], [series.sizes for series in told], log=self._log
        )
        return x_range, value_range(
            [*(series.y for series in told), *(pin.y for pin in self.pinned.lines)], self._metric.limits
        )

    def _nearest(self, position: QPointF) -> tuple[Series, int] | None:
        best: tuple[Series, int] | None = None
        reach = float(HIT_RADIUS)
        to_scene = self.getViewBox().mapViewToScene
        for series in self._series.values():
            if not series.line.isVisible():
                continue
            for i, (x, y) in enumerate(zip(series.x, series.y, strict=True)):
                offset = to_scene(QPointF(x, y)) - position
                distance = float(np.hypot(offset.x(), offset.y()))
                if distance <= reach:
                    best, reach = (series, i), distance
        return best

    def _keep_user_range(self) -> None:
        self._user_range = True

    def _click(self, event: MouseClickEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        point = self.point_at(event.scenePos())
        if point is not None:
            self.point_clicked.emit(point.codec, point.options)
        elif event.double():
            self.fit()
