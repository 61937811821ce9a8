"""How the axes of the curves look and read."""

import pyqtgraph as pg

from keepsight.app.ui import theme
from keepsight.app.ui.curve_points import Rate


def axis_text(rate: Rate, *, log: bool) -> str:
    """Return what stands below the horizontal axis."""
    return f"{rate.axis} (logarithmic)" if log else rate.axis


def colour_plot(widget: pg.PlotWidget) -> None:
    """Give the ground, the axes and the legend of a plot the colours of the theme in use."""
    plot = widget.getPlotItem()
    widget.setBackground(theme.PANEL)
    for name in ("left", "bottom"):
        colour_axis(plot.getAxis(name), theme.MUTED)
    if plot.legend is not None:
        plot.legend.setLabelTextColor(theme.TEXT)
        for _, label in plot.legend.items:
            label.setText(label.text, color=theme.TEXT)  # one that is there keeps its colour otherwise


def colour_axis(axis: pg.AxisItem, colour: str) -> None:
    """Give an axis its colours; that of its texts is `colour`."""
    axis.setPen(theme.BORDER)
    axis.setTextPen(colour)
    shown = axis.label.isVisible()
    axis.setLabel(axis.labelText, **{"color": colour, "font-size": "11px"})
    axis.showLabel(shown)


def style_axes(plot: pg.PlotItem, below: str, beside: str) -> None:
    """Give both axes the program's look and their names."""
    for name in ("bottom", "left"):
        axis = plot.getAxis(name)
        axis.setTickFont(theme.font(11))
        axis.setStyle(tickLength=4, tickTextOffset=5)
        axis.setLabel(below if name == "bottom" else "")
        axis.enableAutoSIPrefix(False)
        axis.setCacheMode(axis.CacheMode.DeviceCoordinateCache)  # texts and grid are slow to draw
    plot.setLabel("left", beside)
    plot.getAxis("left").setWidth(56)
    plot.getAxis("bottom").setHeight(40)
    plot.showGrid(x=True, y=True, alpha=0.6)
    plot.layout.setContentsMargins(4, 2, 12, 2)
    plot.setTitle("")
