"""The settings of wipe, blink and difference, below the two pictures that they are about."""

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QStackedWidget, QWidget

from keepsight.app.ui import theme
from keepsight.app.ui.options_form import StepSlider
from keepsight.app.ui.quiet_combo import QuietCombo
from keepsight.app.ui.view_state import ViewState
from keepsight.app.ui.viewing import BLINK_RATES, CHANNELS, MOST_GAIN, Channel, Mode

_PER_OCTAVE = 20
"""Places of the slider in which the gain doubles."""
_PER_CHANGE = 2
"""Places of the slider for one more change a second."""
_PAGES: dict[Mode, int] = {"wipe": 0, "blink": 1, "difference": 2}
_SIGNS = (
    (True, "Signed", "Grey where there is no difference, lighter where the second picture has more"),
    (False, "Absolute", "Black where there is no difference, lighter the larger it is"),
)
_CHANNEL_NAMES: dict[Channel, str] = {
    "all": "All channels",
    "red": "Red",
    "green": "Green",
    "blue": "Blue",
    "luma": "Luma",
}
_REDUCED = "What the view shows reduced is compared reduced: at 1 : 1 (Ctrl+0) every pixel counts."


class PairSettings(QStackedWidget):
    """Shows and edits the `Viewing` of a `ViewState`, a page for each mode."""

    held = Signal(bool)
    """The other picture is wanted for as long as the mouse button is down."""

    def __init__(self, state: ViewState) -> None:
        super().__init__()
        self._state = state
        self.hint = QLabel("Drag the line, or move it with ← and →, finer with Shift, coarser with Ctrl.")
        theme.set_role(self.hint, "muted")
        self.hint.setMinimumWidth(1)
        self.blinking = QCheckBox("Blink")
        self.blinking.setToolTip("Let the pictures alternate by themselves")
        self.rate = _slider("Changes a second", "How often the picture changes")
        self.rate.setRange(*(round(rate * _PER_CHANGE) for rate in BLINK_RATES))
        self._rate_value = _value("6.0 a second")
        self.other = QPushButton("Hold for the other")
        self.other.setToolTip("Shows the other picture for as long as you hold this, or the key X")
        self.sign = QuietCombo(
            "Sign of the difference", "\n".join(f"{name}: {tip}" for _, name, tip in _SIGNS)
        )
        for signed, name, tip in _SIGNS:
            self.sign.add_choice(name, signed, tip)
        self.gain = _slider("Gain", f"What differences are multiplied by, up to {MOST_GAIN:.0f}.\n{_REDUCED}")
        self.gain.setRange(0, round(math.log2(MOST_GAIN) * _PER_OCTAVE))
        self._gain_value = _value("32.0 ×")
        self.channel = QuietCombo(
            "Channel", "What is compared: all three colours, one of them, or luma (brightness, ITU-R BT.601)"
        )
        for channel in CHANNELS:
            self.channel.add_choice(_CHANNEL_NAMES[channel], channel)
        self.addWidget(_page(self.hint))
        self.addWidget(_page(self.blinking, self.rate, self._rate_value, self.other))
        self.addWidget(_page(self.sign, QLabel("Gain"), self.gain, self._gain_value, self.channel))
        self._connect()
        self._show()

    def _connect(self) -> None:
        edit = self._state.edit
        self._state.viewing_changed.connect(self._show)
        self.blinking.toggled.connect(lambda on: edit(blinking=on))
        self.rate.valueChanged.connect(lambda place: edit(blink_rate=place / _PER_CHANGE))
        self.other.pressed.connect(lambda: self.held.emit(True))
        self.other.released.connect(lambda: self.held.emit(False))
        self.sign.activated.connect(lambda _: edit(signed=self.sign.currentData()))
        self.gain.valueChanged.connect(lambda place: edit(gain=2.0 ** (place / _PER_OCTAVE)))
        self.channel.activated.connect(lambda _: edit(channel=self.channel.currentData()))

    def _show(self) -> None:
        viewing = self._state.viewing
        self.setCurrentIndex(_PAGES.get(viewing.mode, self.currentIndex()))
        self.sign.setCurrentIndex(self.sign.findData(viewing.signed))
        self.channel.setCurrentIndex(self.channel.findData(viewing.channel))
        for control, value in (
            (self.rate, round(viewing.blink_rate * _PER_CHANGE)),
            (self.gain, round(math.log2(viewing.gain) * _PER_OCTAVE)),
        ):
            control.blockSignals(True)  # a value between two places of the slider stays as it is
            control.setValue(value)
            control.blockSignals(False)
        self.blinking.setChecked(viewing.blinking)
        self._rate_value.setText(f"{viewing.blink_rate:.1f} a second")
        self._gain_value.setText(f"{viewing.gain:.1f} ×")


def _slider(name: str, tip: str) -> StepSlider:
    slider = StepSlider(Qt.Orientation.Horizontal)
    slider.setAccessibleName(name)
    slider.setToolTip(tip)
    slider.setMaximumWidth(220)
    return slider


def _value(widest: str) -> QLabel:
    label = QLabel(widest)
    label.setFont(theme.font(tabular=True))
    label.setFixedWidth(label.fontMetrics().horizontalAdvance(widest) + 4)
    return label


def _page(*widgets: QWidget) -> QWidget:
    page = QWidget()
    row = QHBoxLayout(page)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget, 1 if isinstance(widget, StepSlider) else 0)
    row.addStretch(1)
    return page
