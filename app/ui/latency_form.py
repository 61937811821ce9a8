"""The link and the two machines of the latency model, as sliders that read like sentences."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from keepsight.app.engine.latency import Link
from keepsight.app.ui import format as formats
from keepsight.app.ui import latency_words as words
from keepsight.app.ui import theme
from keepsight.app.ui.options_form import StepSlider

BANDWIDTHS: tuple[float, ...] = tuple(np.geomspace(1e4, 1e9, 101).tolist())
"""Bits per second that can be chosen."""
_TRIPS = (0, 1, 2, 5, 10, 20, 30, 40, 50, 75, 100, 150, 200, 300, 400, 500, 600, 800, 1000)
_SPEEDS = (
    0.02,
    0.05,
    0.1,
    0.15,
    0.2,
    0.25,
    0.3,
    0.4,
    0.5,
    0.7,
    1,
    1.5,
    2,
    3,
    4,
    5,
    7,
    10,
    15,
    20,
    30,
    50,
    100,
)
_VALUE_WIDTH = 66


@dataclass(frozen=True)
class _Scale:
    """One slider."""

    label: str
    help: str
    values: Sequence[float]
    default: float
    text: Callable[[float], str]


_SCALES = {
    "bandwidth": _Scale("Bandwidth", "How fast the link carries a file", BANDWIDTHS, 1e6, words.bandwidth),
    "round_trip_ms": _Scale(
        "Round trip", "How long the link takes for a signal there and back", _TRIPS, 40, lambda ms: f"{ms} ms"
    ),
    "client_speed": _Scale(
        "Client",
        "How many times as fast as this computer the client is, which compresses: a phone, say, × 0.2",
        _SPEEDS,
        1,
        words.speed,
    ),
    "server_speed": _Scale(
        "Server",
        "How many times as fast as this computer the server is, which decompresses and classifies",
        _SPEEDS,
        1,
        words.speed,
    ),
    "kept": _Scale(
        "Must keep",
        "How much of the accuracy on uncompressed photos a setting must keep to count",
        tuple(share / 100 for share in range(50, 101)),
        0.8,
        formats.percent,
    ),
}


class LatencyForm(QWidget):
    """Five sliders with their values."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sliders: dict[str, StepSlider] = {}
        self._texts: dict[str, QLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 4, 4, 2)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(1)
        for row, (name, scale) in enumerate(_SCALES.items()):
            label = QLabel(scale.label)
            theme.set_role(label, "muted")
            slider = self.sliders[name] = StepSlider(Qt.Orientation.Horizontal)
            slider.setRange(0, len(scale.values) - 1)
            slider.setAccessibleName(scale.label)
            text = self._texts[name] = QLabel(alignment=Qt.AlignmentFlag.AlignRight)
            text.setFont(theme.font(tabular=True))
            text.setFixedWidth(_VALUE_WIDTH)
            label.setBuddy(slider)
            for column, part in enumerate((label, slider, text)):
                part.setToolTip(scale.help)
                grid.addWidget(part, row, column)
            self._set(name, scale.default)
            slider.valueChanged.connect(lambda _: self._tell())
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(len(_SCALES), 1)

    def link(self) -> Link:
        """Return the link and the machines that are chosen."""
        return Link(**{name: value for name, value in self.values().items() if name != "kept"})

    def kept(self) -> float:
        """Return which share of the uncompressed accuracy has to be kept, in [0, 1]."""
        return self._value("kept")

    def values(self) -> dict[str, float]:
        """Return the values of all sliders by their names, those of `Link` and "kept"."""
        return {name: self._value(name) for name in _SCALES}

    def set_values(self, values: Mapping[str, float]) -> None:
        """Choose the values nearest to these; a slider that is not named goes where it stands at first."""
        for name, scale in _SCALES.items():
            self._set(name, values.get(name, scale.default))
        self.changed.emit()

    def set_bandwidth(self, bits: float) -> None:
        """Choose the bandwidth nearest to this one, bits per second."""
        self.sliders["bandwidth"].setValue(_place("bandwidth", bits))

    def _value(self, name: str) -> float:
        return _SCALES[name].values[self.sliders[name].value()]

    def _set(self, name: str, value: float) -> None:
        with QSignalBlocker(self.sliders[name]):
            self.sliders[name].setValue(_place(name, value))
        self._show(name)

    def _show(self, name: str) -> None:
        self._texts[name].setText(_SCALES[name].text(self._value(name)))

    def _tell(self) -> None:
        for name in _SCALES:
            self._show(name)
        self.changed.emit()


def _place(name: str, value: float) -> int:
    return int(np.abs(np.log(np.array(_SCALES[name].values) + 1e-9) - np.log(value + 1e-9)).argmin())
