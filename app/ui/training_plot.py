"""Loss and accuracy of a training over its steps."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from keepsight.app.ui import theme
from keepsight.app.ui.curve_axes import colour_plot, style_axes
from keepsight.app.worker.training_run import TrainingPoint

_LOW = 130
"""A picture lower than this has no room for the names of its axes, pixels."""


class TrainingPlot(QWidget):
    """Two pictures side by side, with one legend."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loss = _Picture("loss", "Loss over the steps")
        self.right = _Picture("share that is right", "Share of the photos that are right, over the steps")
        self.right.setYRange(0, 1, padding=0.06)  # dots at both ends are whole
        legend = self._legend = QLabel()
        self._write_legend()
        theme.look.changed.connect(self._write_legend)
        legend.setContentsMargins(8, 3, 0, 1)
        legend.setToolTip(
            "Photos that are trained on are augmented, so that they are harder; those held out decide "
            "which state is kept"
        )
        pictures = QHBoxLayout()
        pictures.addWidget(self.loss)
        pictures.addWidget(self.right)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(legend)
        column.addLayout(pictures, 1)

    def _write_legend(self) -> None:
        self._legend.setText(
            f'<span style="color:{theme.HIGHLIGHT}">—</span> '
            f'<span style="color:{theme.MUTED}">trained on, mean of 50 steps &nbsp; </span>'
            f'<span style="color:{theme.KEPT}">●</span> <span style="color:{theme.MUTED}">held out</span>'
        )

    def set_points(self, points: Sequence[TrainingPoint]) -> None:
        """Show these, in their order."""
        steps = np.array([one.step for one in points], float)
        total = points[-1].total if points else 1
        # A share of few photos stays the same from one reading to the next, the loss does not.
        fresh = np.diff(_values(points, "held_out_loss"), prepend=np.nan) != 0
        for picture, trained, held in (
            (self.loss, "loss", "held_out_loss"),
            (self.right, "accuracy", "held_out_accuracy"),
        ):
            picture.set_lines(steps, _values(points, trained), np.where(fresh, _values(points, held), np.nan))
            picture.setXRange(0, total, padding=0.02)


def _values(points: Sequence[TrainingPoint], name: str) -> NDArray[np.float64]:
    found = [getattr(one, name) for one in points]
    return np.array([np.nan if value is None else value for value in found], float)


class _Picture(pg.PlotWidget):
    """One quantity: a line of what is trained on, dots of what is held out."""

    def __init__(self, beside: str, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(name)
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=False, y=False)
        plot.hideButtons()
        style_axes(plot, "steps", beside)
        plot.setTitle(None)
        self._line = pg.PlotCurveItem(antialias=True, connect="finite")
        self._dots = pg.ScatterPlotItem(size=7, pen=None, antialias=True)
        plot.addItem(self._line)
        plot.addItem(self._dots)
        self._wear()
        theme.look.changed.connect(self._wear)
        self.getViewBox().sigResized.connect(self._fit)

    def set_lines(
        self,
        steps: NDArray[np.float64],
        trained: NDArray[np.float64],
        held: NDArray[np.float64],
    ) -> None:
        """Show values by step; what is held out has a value where it was read."""
        self._line.setData(steps, trained)
        read = np.isfinite(held)
        self._dots.setData(steps[read], held[read])

    def _fit(self) -> None:
        """Leave the names of the axes away where there is little room."""
        low = self.height() < _LOW
        plot = self.getPlotItem()
        for axis in ("left", "bottom"):
            plot.getAxis(axis).showLabel(not low)
        plot.getAxis("bottom").setHeight(22 if low else 40)

    def event(self, event: QEvent) -> bool:
        """Keep the line as wide on another screen."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._scale_pen()
        return bool(super().event(event))

    def _wear(self) -> None:
        colour_plot(self)
        self._dots.setBrush(theme.KEPT)
        self._scale_pen()

    def _scale_pen(self) -> None:
        self._line.setPen(
            theme.HIGHLIGHT, width=2 * self.devicePixelRatioF()
        )  # pyqtgraph counts device pixels
