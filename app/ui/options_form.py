"""A form made from declared options: whatever a codec declares can be set here."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from keepsight.app.ui import theme
from keepsight.app.ui.preset_menu import PresetMenu
from keepsight.codecs.options import OptionField, Value

_LOG_POSITIONS = 100
_LABEL_WIDTHS = 72, 96
"""Least and most, pixels."""
_FIELD_EDGE = 14
"""Room around the text of a number field, pixels."""


class StepSlider(QSlider):
    """A slider whose keys and wheel go finer with Shift and coarser with Ctrl.

    The wheel is left to what the slider stands in, a column that scrolls, unless the slider has the focus.
    """

    def __init__(self, orientation: Qt.Orientation) -> None:
        super().__init__(orientation)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by one step of the held modifier; other keys do what they do on any slider."""
        direction = _KEYS.get(event.key())
        if direction is None:
            super().keyPressEvent(event)
        else:
            self.setValue(self.value() + direction * self._step(event.modifiers()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Move by one step of the held modifier."""
        if not self.hasFocus():
            event.ignore()
            return
        # Some systems turn the wheel sideways while a modifier is held.
        delta = event.angleDelta().y() or event.angleDelta().x()
        if delta:
            self.setValue(self.value() + (1 if delta > 0 else -1) * self._step(event.modifiers()))
        event.accept()

    def _step(self, modifiers: Qt.KeyboardModifier) -> int:
        reach = self.maximum() - self.minimum()
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            return 1
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            return max(1, round(reach / 10))
        return max(1, reach // 50)


_KEYS: dict[int, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1}


class NumberInput(QWidget):
    """A slider over an option's range with its value beside it, which can be typed as well."""

    changed = Signal()

    def __init__(self, field: OptionField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        assert field.low is not None
        assert field.high is not None
        self._whole = field.kind == "int"
        self._value = field.low
        self._grid = _grid(field)
        self.slider = StepSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, len(self._grid) - 1)
        self.slider.valueChanged.connect(self._slide)
        self.spin = QDoubleSpinBox()
        theme.set_role(self.spin, "value")
        self.spin.setDecimals(0 if self._whole else _decimals(field))
        self.spin.setRange(field.low, field.high)
        self.spin.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.spin.setKeyboardTracking(False)
        widest = self.spin.textFromValue(field.high)
        self.spin.setFont(theme.font(tabular=True))
        self.spin.setFixedWidth(self.spin.fontMetrics().horizontalAdvance(widest) + _FIELD_EDGE)
        self.spin.valueChanged.connect(self._type)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.slider, 1)
        row.addWidget(self.spin)
        self.setFocusProxy(self.slider)
        for part in (self.slider, self.spin):
            part.setAccessibleName(field.label)

    def value(self) -> Value:
        """Return the option's value: whole for an int option."""
        return round(self._value) if self._whole else self._value

    def set_value(self, value: Value) -> None:
        """Show a value, without a signal."""
        self._value = float(value)
        self.spin.blockSignals(True)
        self.spin.setValue(self._value)
        self.spin.blockSignals(False)
        self._follow()

    def _slide(self, position: int) -> None:
        self._value = self._grid[position]
        self.changed.emit()  # first: to write a field takes longer than to mark a pane as busy
        self.set_value(self._value)

    def _type(self) -> None:
        self._value = self.spin.value()
        self._follow()
        self.changed.emit()

    def _follow(self) -> None:
        """Move the slider to the place nearest to the value."""
        nearest = int(np.abs(np.array(self._grid) - self._value).argmin())
        self.slider.blockSignals(True)
        self.slider.setValue(nearest)
        self.slider.blockSignals(False)


class OptionsForm(QWidget):
    """One row per option; each change is told at once, the receiver takes the latest."""

    changed = Signal(dict)
    """All values by option name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields: list[OptionField] = []
        self._headings: dict[str, str] = {}
        self._inputs: dict[str, NumberInput | QCheckBox | QComboBox] = {}
        self._rows = QWidget()
        self._none = QLabel("This compressor has no options.")
        theme.set_role(self._none, "muted")
        self.reset_button = QPushButton("Defaults")
        self.reset_button.setToolTip("Set every option of this compressor to its default")
        self.reset_button.clicked.connect(self.reset)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._layout.addWidget(self._rows)
        self._layout.addWidget(self._none)
        self.presets = PresetMenu()
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.presets)
        foot.addWidget(self.reset_button)
        self._layout.addLayout(foot)
        self.set_options([], {})

    def set_options(
        self,
        fields: Sequence[OptionField],
        values: Mapping[str, Value],
        headings: Mapping[str, str] | None = None,
    ) -> None:
        """Show these options with these values, the default where one is missing. No signal.

        `headings` are texts to stand above options, by the option's name.
        """
        headings = headings or {}
        if list(fields) != self._fields or headings != self._headings or not self._fields:
            self._build(list(fields), headings)
        for field in fields:
            _set(self._inputs[field.name], values.get(field.name, field.default))
        self._offer_reset()

    def values(self) -> dict[str, Value]:
        """Return the values by option name, in the order of declaration."""
        return {name: _get(entry) for name, entry in self._inputs.items()}

    def reset(self) -> None:
        """Set all options to their defaults."""
        self.choose({})

    def choose(self, values: Mapping[str, Value]) -> None:
        """Set these values as the user would, the default where one is missing."""
        self.set_options(self._fields, values, self._headings)
        self.changed.emit(self.values())

    def _build(self, fields: list[OptionField], headings: Mapping[str, str]) -> None:
        rows = QWidget()
        form = QFormLayout(rows)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(6)
        self._fields, self._headings, self._inputs = fields, dict(headings), {}
        labels = []
        for field in fields:
            if field.name in headings:
                heading = QLabel(headings[field.name])
                theme.set_role(heading, "strong")
                form.addRow(heading)
            entry = self._input(field)
            label = QLabel("" if field.kind == "bool" else field.label)
            labels.append(label)
            label.setBuddy(entry)
            theme.set_role(label, "muted")
            for part in (label, entry, *entry.findChildren(QWidget)):
                part.setToolTip(field.help)
            self._inputs[field.name] = entry
            form.addRow(label, entry)
        least, most = _LABEL_WIDTHS
        for label in labels:
            label.setFixedWidth(min(most, max(least, *(other.sizeHint().width() for other in labels))))
        numbers = [entry.spin for entry in self._inputs.values() if isinstance(entry, NumberInput)]
        for spin in numbers:
            spin.setFixedWidth(max(other.minimumWidth() for other in numbers))
        self._layout.replaceWidget(self._rows, rows)
        self._rows.hide()
        self._rows.deleteLater()
        self._rows = rows
        self._none.setVisible(not fields)
        for button in (self.presets, self.reset_button):
            button.setVisible(bool(fields))

    def _input(self, field: OptionField) -> NumberInput | QCheckBox | QComboBox:
        if field.kind == "bool":
            check = QCheckBox(field.label)
            check.toggled.connect(self._tell)
            return check
        if field.kind == "choice":
            combo = QComboBox()
            combo.addItems(field.choices)
            combo.setAccessibleName(field.label)
            combo.currentIndexChanged.connect(self._tell)
            return combo
        number = NumberInput(field)
        number.changed.connect(self._tell)
        return number

    def _tell(self) -> None:
        self.changed.emit(self.values())
        self._offer_reset()

    def _offer_reset(self) -> None:
        self.reset_button.setEnabled(self.values() != {field.name: field.default for field in self._fields})


def _set(entry: NumberInput | QCheckBox | QComboBox, value: Value) -> None:
    entry.blockSignals(True)
    if isinstance(entry, NumberInput):
        entry.set_value(value)
    elif isinstance(entry, QCheckBox):
        entry.setChecked(bool(value))
    else:
        entry.setCurrentText(str(value))
    entry.blockSignals(False)


def _get(entry: NumberInput | QCheckBox | QComboBox) -> Value:
    if isinstance(entry, NumberInput):
        return entry.value()
    return entry.isChecked() if isinstance(entry, QCheckBox) else entry.currentText()


def _step(field: OptionField) -> float:
    """Return the distance of two neighbouring values, the smallest one on a logarithmic scale."""
    assert field.low is not None
    assert field.high is not None
    if field.step is not None:
        return field.step
    if field.kind == "int":
        return 1
    return field.low / 10 if field.log else (field.high - field.low) / 100


def _decimals(field: OptionField) -> int:
    """Return how many decimals show the option's steps, at most four."""
    step = _step(field)
    return next((n for n in range(4) if abs(step - round(step, n)) < 1e-9), 4)


def _grid(field: OptionField) -> list[float]:
    """Return the values that the slider goes through, low to high; equal ratios where `log` is declared."""
    assert field.low is not None
    assert field.high is not None
    values: NDArray[np.floating]
    if field.log:
        values = np.geomspace(field.low, field.high, _LOG_POSITIONS)
    else:
        step = _step(field)
        values = field.low + step * np.arange(int((field.high - field.low) / step + 1e-9) + 1)
    inner = np.clip(np.round(values, _decimals(field)), field.low, field.high)
    return sorted({field.low, *map(float, inner), field.high})
