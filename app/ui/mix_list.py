"""The weights of a map that is mixed of several."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from keepsight.app.ui import theme
from keepsight.app.ui.elided_label import ElidedLabel
from keepsight.app.ui.options_form import StepSlider

MethodGroup = tuple[str, Sequence[tuple[str, str, str]]]
"""Heading, and (id, label, help) of each saliency method."""

_TENTHS = 10
_MOST = 30
"""Largest weight, in tenths."""
_LABEL_WIDTH = 72
_VALUE_WIDTH = 24


class MixList(QWidget):
    """A row with a slider for each map of the mix, and a button that adds one; never without a map."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._groups: Sequence[MethodGroup] = ()
        self.rows: dict[str, MixRow] = {}
        self.add_button = QToolButton()
        self.add_button.setText("Add map")
        self.add_button.setToolTip("Blend one more map into the mix")
        self.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self.add_button)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.add_button.setMenu(self._menu)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(3)
        self._column.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignRight)

    def set_methods(self, groups: Sequence[MethodGroup]) -> None:
        """Let these methods be mixed."""
        self._groups = groups

    def text(self) -> str:
        """Return the mix as `keepsight.models.maps.registry.parse_mix` reads it: "grad-cam*2+edges"."""
        weights = {method: row.slider.value() / _TENTHS for method, row in self.rows.items()}
        return "+".join(
            method if weight == 1 else f"{method}*{weight:g}" for method, weight in weights.items()
        )

    def set_weights(self, weights: dict[str, float]) -> None:
        """Show these maps with these weights, above zero and at most 3. No signal."""
        for row in self.rows.values():
            row.hide()
            row.deleteLater()
        self.rows = {}
        for method, weight in weights.items():
            self._add(method, weight)

    def add(self, method: str) -> None:
        """Add a map with the weight 1."""
        self._add(method, 1)
        self.changed.emit()

    def remove(self, method: str) -> None:
        """Take a map out; the last one stays."""
        if len(self.rows) > 1:
            row = self.rows.pop(method)
            row.hide()
            row.deleteLater()
            self._offer()
            self.changed.emit()

    def _add(self, method: str, weight: float) -> None:
        label, tip = next((name, tip) for _, some in self._groups for key, name, tip in some if key == method)
        row = MixRow(label, tip, round(weight * _TENTHS))
        row.slider.valueChanged.connect(self.changed)
        row.remove_button.clicked.connect(lambda: self.remove(method))
        self.rows[method] = row
        self._column.insertWidget(self._column.count() - 1, row)
        self._offer()

    def _offer(self) -> None:
        """Let be removed and added what can be."""
        for row in self.rows.values():
            row.remove_button.setEnabled(len(self.rows) > 1)
        self.add_button.setEnabled(len(self.rows) < sum(len(some) for _, some in self._groups))

    def _fill_menu(self) -> None:
        self._menu.clear()
        for heading, methods in self._groups:
            left = [method for method in methods if method[0] not in self.rows]
            if left:
                self._menu.addAction(heading).setEnabled(False)
            for method, label, tip in left:
                action = self._menu.addAction(label)
                action.triggered.connect(partial(self.add, method))
                action.setToolTip(tip)


class MixRow(QWidget):
    """One map of the mix: its name, its weight and a button that takes it out."""

    def __init__(self, label: str, tip: str, tenths: int) -> None:
        super().__init__()
        name = ElidedLabel(label)
        name.setFixedWidth(_LABEL_WIDTH)
        name.setToolTip(f"{label}\n{tip}")
        theme.set_role(name, "muted")
        self.slider = StepSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(1, _MOST)
        self.slider.setValue(tenths)
        self.slider.setAccessibleName(f"Weight of {label}")
        self.slider.setToolTip(
            f"How much {label} counts beside the other maps. Arrow keys move it; Shift finer, Ctrl coarser"
        )
        self._value = QLabel()
        self._value.setFont(theme.font(tabular=True))
        self._value.setFixedWidth(_VALUE_WIDTH)
        self._value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.remove_button = QToolButton()
        self.remove_button.setText("✕")
        self.remove_button.setFixedSize(18, 18)
        self.remove_button.setStyleSheet("padding: 0; min-height: 0;")
        self.remove_button.setToolTip(f"Take {label} out of the mix")
        self.remove_button.setAccessibleName(f"Take {label} out of the mix")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        for widget in (name, self.slider, self._value, self.remove_button):
            line.addWidget(widget, 1 if widget is self.slider else 0)
        self.slider.valueChanged.connect(self._show)
        self._show(tenths)

    def _show(self, tenths: int) -> None:
        self._value.setText(f"{tenths / _TENTHS:.1f}")
