"""A crosshair over the curves, and what each of them reads at its place."""

from collections.abc import Callable, Iterable

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from keepsight.app.ui import theme
from keepsight.app.ui.curve_points import Metric, Rate
from keepsight.app.ui.curve_series import Series
from keepsight.codecs import registry

_MARGIN = 8
_STEP = 10
"""How far an arrow key moves it, pixels; with Shift a tenth of it, with Ctrl five times."""
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class Crosshair:
    """Two lines and a box of figures in the half of the plot where the pointer is not."""

    def __init__(self, plot: pg.PlotItem) -> None:
        self._plot = plot
        self.on = True
        """Whether it follows the pointer."""
        self.at: QPointF | None = None
        """Where it stands, in the units of the axes; None while it is not shown."""
        self._lines = [pg.InfiniteLine(angle=angle) for angle in (90, 0)]
        self._box = pg.TextItem(anchor=(0, 1))
        self._box.setFont(theme.font(11, tabular=True))
        self._box.setZValue(20)
        for item in (*self._lines, self._box):
            plot.addItem(item, ignoreBounds=True)
            item.hide()
        self.set_scale(1)

    def move(self, at: QPointF, read_out: Callable[[QPointF], str]) -> None:
        """Stand at a place, in the units of the axes, if it is on."""
        (left, right), (bottom, top) = self._plot.getViewBox().viewRange()
        inside = left <= at.x() <= right and bottom <= at.y() <= top
        if not (self.on and inside):
            self.hide()
            return
        self.at = at
        self._lines[0].setValue(at.x())
        self._lines[1].setValue(at.y())
        self._box.setHtml(read_out(at))
        away_left = at.x() > (left + right) / 2
        pixel = self._plot.getViewBox().viewPixelSize()
        margin_x, margin_y = _MARGIN * pixel[0], _MARGIN * pixel[1]
        self._box.setAnchor((0, 1) if away_left else (1, 1))
        self._box.setPos(left + margin_x if away_left else right - margin_x, bottom + margin_y)
        for item in (*self._lines, self._box):
            item.show()

    def stepped(self, event: QKeyEvent) -> QPointF | None:
        """Return where an arrow key moves it, from the middle where it is not shown; None of other keys."""
        if event.key() not in _ARROWS:
            return None
        right, up = _ARROWS[Qt.Key(event.key())]
        box, keys = self._plot.getViewBox(), event.modifiers()
        step = _STEP * (0.1 if keys & Qt.KeyboardModifier.ShiftModifier else 1)
        step *= 5 if keys & Qt.KeyboardModifier.ControlModifier else 1
        width, height = box.viewPixelSize()
        at = self.at or QPointF(box.viewRect().center())
        return at + QPointF(right * step * width, up * step * height)

    def hide(self) -> None:
        """Take it away."""
        self.at = None
        for item in (*self._lines, self._box):
            item.hide()

    def text(self) -> str:
        """Return what the box says, without its colours."""
        return str(self._box.toPlainText()) if self.at is not None else ""

    def set_scale(self, scale: float) -> None:
        """Draw the lines as wide on every screen: `scale` is the screen's device pixels per pixel."""
        self._box.fill, self._box.border = pg.mkBrush(theme.RAISED), pg.mkPen(theme.BORDER)
        self._box.setColor(theme.TEXT)
        for line in self._lines:
            line.setPen(theme.MUTED, width=0.8 * scale, style=Qt.PenStyle.DotLine)


def interpolated(series: Series, x: float) -> float | None:
    """Return a curve's value at a place of the axis, on the line between its points; None beyond its ends."""
    if len(series.sizes) < 2:
        return None
    order = np.argsort(series.sizes)
    sizes, values = series.sizes[order], series.y[order]
    return float(np.interp(x, sizes, values)) if sizes[0] <= x <= sizes[-1] else None


def read_out(at: QPointF, series: Iterable[Series], metric: Metric, rate: Rate, *, log: bool) -> str:
    """Return the box's words as HTML: the pointer's own place, then each curve in sight, the best first."""
    size = 10 ** at.x() if log else at.x()
    told = [(one, value) for one in series if (value := interpolated(one, at.x())) is not None]
    told.sort(key=lambda one: one[1], reverse=not metric.less_is_better)
    lines = [f"{rate.text(float(f'{size:.3g}'))} · {at.y():.{metric.digits}f}"]
    for one, value in told:
        codec = registry.get(one.codec)
        sign = f'<span style="color:{theme.readable(codec.colour)}">●</span>'
        lines.append(f"{sign} {codec.label} {value:.{metric.digits}f}")
    note = "between points: interpolated" if told else "no curve at this size"
    lines.append(f'<span style="color:{theme.MUTED}">{note}</span>')
    return "<br>".join(lines)
