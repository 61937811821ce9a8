"""The choice of what flips a photo, and of what keeps it."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Literal

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from keepsight.app.engine.types import CurvePoint, SettingKey
from keepsight.app.ui import format as words
from keepsight.app.ui import theme
from keepsight.app.ui.curve_points import options_in_words
from keepsight.app.ui.quiet_combo import QuietCombo
from keepsight.codecs import registry

By = Literal["selected", "panes"]
"""The selected pane's setting, or those of all panes."""

_BY: dict[By, tuple[str, str]] = {
    "selected": ("the selected pane", "The setting of the selected pane, or the nearest one that was swept"),
    "panes": ("any of the panes", "The settings of all panes: one row for each that flips a photo"),
}
_NOBODY = ""


class FlipsForm(QWidget):
    """Two choices of a compressor and one of its settings."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flipped_by: By | SettingKey = "selected"
        self._kept_by: SettingKey | None = None
        """What the user chose, whether it is measured or not."""
        self._points: Mapping[str, Sequence[CurvePoint]] = {}
        self.codec = QuietCombo("Flipped by", "Which compressor changes the class of the listed photos")
        self.rate = QuietCombo("Setting that flips", "Which of its settings, from small files to large ones")
        self.other = QuietCombo("Kept by", "List only photos whose class this compressor keeps")
        self.other_rate = QuietCombo(
            "Setting that keeps", "Which of its settings, from small files to large ones"
        )
        for by, (choice, tip) in _BY.items():
            self.codec.add_choice(choice, by, tip)
        self.other.add_choice("anything", _NOBODY, "Whatever the others do")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 0)
        row.setSpacing(6)
        for name, codec, rate in (
            ("Flipped by", self.codec, self.rate),
            ("kept by", self.other, self.other_rate),
        ):
            label = QLabel(name)
            label.setBuddy(codec)
            label.setToolTip(codec.toolTip())
            theme.set_role(label, "muted")
            codec.setMinimumContentsLength(13)
            rate.setMinimumContentsLength(16)
            row.addWidget(label)
            row.addWidget(codec)
            row.addWidget(rate)
            rate.hide()
            rate.currentIndexChanged.connect(partial(self._tell, codec))
        row.addStretch(1)
        self.codec.currentIndexChanged.connect(lambda _: self._turn(self.codec, self.rate))
        self.other.currentIndexChanged.connect(lambda _: self._turn(self.other, self.other_rate))

    def by(self) -> By | SettingKey | None:
        """Return whose settings flip: of panes, or one of their own; None while there is no such setting."""
        by: By
        for by in _BY:
            if self.codec.currentData() == by:
                return by
        return _key(self.rate.currentData())

    def kept_by(self) -> SettingKey | None:
        """Return the setting that has to keep the class; None where none has to."""
        return _key(self.other_rate.currentData()) if self.other.currentData() else None

    def choice(self) -> tuple[By | SettingKey, SettingKey | None]:
        """Return what the user chose to flip and to keep the class, measured or not."""
        return self._flipped_by, self._kept_by

    def choose(self, flipped_by: By | SettingKey, kept_by: SettingKey | None = None) -> None:
        """Choose what flips and what keeps the class; what is not measured yet is shown once it is."""
        self._flipped_by, self._kept_by = flipped_by, kept_by
        self._show_choice()
        self.changed.emit()

    def set_points(self, points: Mapping[str, Sequence[CurvePoint]]) -> None:
        """Offer these settings of each codec, the smallest files first; what is chosen stays. No signal."""
        new = list(points) != list(self._points)
        self._points = points
        for codec, rate in ((self.codec, self.rate), (self.other, self.other_rate)):
            with QSignalBlocker(codec):
                if new:
                    self._offer_codecs(codec)
            self._offer_rates(codec, rate)
        self._show_choice()

    def _show_choice(self) -> None:
        """Show what the user chose where it is measured."""
        for codec, rate, chosen in (
            (self.codec, self.rate, self._flipped_by),
            (self.other, self.other_rate, self._kept_by or _NOBODY),
        ):
            place = codec.findData(chosen[0] if isinstance(chosen, tuple) else chosen)
            with QSignalBlocker(codec):
                codec.setCurrentIndex(max(0, place))
            self._offer_rates(codec, rate, chosen if isinstance(chosen, tuple) else None)

    def _offer_codecs(self, combo: QuietCombo) -> None:
        fixed = len(_BY) if combo is self.codec else 1
        while combo.count() > fixed:
            combo.removeItem(fixed)
        for codec in self._points:
            label = registry.get(codec).label
            combo.add_choice(label, codec, f"One setting of {label}")

    def _offer_rates(self, combo: QuietCombo, rate: QuietCombo, wanted: SettingKey | None = None) -> None:
        points = self._points.get(combo.currentData(), ())
        keys = [(point.codec, point.options) for point in points]
        rate.setVisible(bool(keys))
        chosen = wanted or _key(rate.currentData())
        with QSignalBlocker(rate):
            if keys != [_key(rate.itemData(i)) for i in range(rate.count())]:
                rate.clear()
                for key in keys:
                    rate.add_choice("", key)
                rate.setCurrentIndex((len(keys) - 1) // 2)
            if chosen in keys:
                rate.setCurrentIndex(keys.index(chosen))
            for place, point in enumerate(points):
                setting = options_in_words(point.codec, point.options) or "one setting"
                text = f"{setting} · {words.short_size(round(point.mean_bytes))}"
                if rate.itemText(place) != text:
                    rate.setItemText(place, text)

    def _turn(self, combo: QuietCombo, rate: QuietCombo) -> None:
        self._offer_rates(combo, rate)
        self._tell(combo)

    def _tell(self, combo: QuietCombo, *_: int) -> None:
        if combo is self.codec:
            self._flipped_by = self.by() or self._flipped_by
        else:
            self._kept_by = self.kept_by()
        self.changed.emit()


def _key(data: Sequence[str] | None) -> SettingKey | None:
    """Return a choice's data as it was given: Qt makes a list of it."""
    return (data[0], data[1]) if data else None
