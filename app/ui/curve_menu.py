"""The menu above the curves: which of them are shown, which stay pinned, and the crosshair."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from keepsight.codecs import registry

if TYPE_CHECKING:
    from keepsight.app.ui.curve_plot import CurvePlot


class CurveMenu(QPushButton):
    """Made anew each time it opens: curves come and go."""

    pin_asked = Signal()
    unpin_asked = Signal(int)
    """Place of what shall be pinned no more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Lines", parent)
        self.setToolTip(
            "Show and hide compressors, pin these curves to compare another sweep with, crosshair"
        )
        self.setAccessibleName("Lines of the plot")
        self.setStyleSheet("QPushButton { padding-right: 20px; }")  # room for the arrow
        self.menu_ = QMenu(self)
        self.menu_.setToolTipsVisible(True)
        self.setMenu(self.menu_)

    def fill(self, plot: "CurvePlot") -> None:
        """Offer what can be done with the plot as it is now."""
        menu = self.menu_
        menu.clear()
        for codec in plot.codecs():
            action = self._add(
                registry.get(codec).label, "Show or hide this curve, as a click in the legend does"
            )
            action.setCheckable(True)
            action.setChecked(codec not in plot.hidden)
            action.toggled.connect(lambda shown, codec=codec: plot.set_hidden(codec, hidden=not shown))
        menu.addSeparator()
        pin = self._add("Pin these curves", "Keep them as thin dashed lines while another sweep runs")
        pin.setEnabled(plot.can_pin)
        pin.triggered.connect(self.pin_asked)
        for place, one in enumerate(plot.pinned.read()):
            unpin = self._add(f"Unpin {one.name}", "Take these dashed lines away")
            unpin.triggered.connect(lambda _, place=place: self.unpin_asked.emit(place))
        menu.addSeparator()
        cross = self._add("Crosshair\tH", "Lines at the pointer, and what each curve reads there")
        cross.setCheckable(True)
        cross.setChecked(plot.crosshair.on)
        cross.toggled.connect(plot.set_crosshair)

    def _add(self, text: str, tip: str) -> QAction:
        action = self.menu_.addAction(text)
        action.setToolTip(tip)
        return action
