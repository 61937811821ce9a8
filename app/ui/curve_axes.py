"""How the axes of the curves look and read."""

import pyqtgraph as pg

from keepsight.app.ui import theme
from keepsight.app.ui.curve_points import Rate


def axis_text(rate: Rate, *, log: bool) -> str:
    """Return what stands below the horizontal axis."""
    return f"{rate.axis} (logarithmic)" if log else rate.axis


def style_axes(plot: pg.PlotItem, below: str, beside: str) -> None:
    """Give both axes the program's look and their names."""
    for name in ("bottom", "left"):
        axis = plot.getAxis(name)
        axis.setPen(theme.BORDER)
        axis.setTextPen(theme.MUTED)
        axis.setTickFont(theme.font(11))
        axis.setStyle(tickLength=4, tickTextOffset=5)
        axis.setLabel(below if name == "bottom" else "", **{"color": theme.MUTED, "font-size": "11px"})
        axis.enableAutoSIPrefix(False)
        axis.setCacheMode(axis.CacheMode.DeviceCoordinateCache)  # texts and grid are slow to draw
    plot.setLabel("left", beside)
    plot.getAxis("left").setWidth(56)
    plot.getAxis("bottom").setHeight(40)
    plot.showGrid(x=True, y=True, alpha=0.6)
    plot.layout.setContentsMargins(4, 2, 12, 2)
    plot.setTitle("")
