"""Settings of the importance map: which one, for which class, over which pictures, in which colours."""

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from keepsight.app.ui import theme
from keepsight.app.ui.class_menu import ClassMenu
from keepsight.app.ui.colour_bar import ColourBar
from keepsight.app.ui.colour_maps import COLOUR_MAPS, ColourMap
from keepsight.app.ui.fold_heading import FoldHeading
from keepsight.app.ui.mix_list import MethodGroup, MixList
from keepsight.app.ui.options_form import StepSlider
from keepsight.app.ui.quiet_combo import QuietCombo
from keepsight.models.errors import ModelError
from keepsight.models.maps import registry

View = Literal["original", "own", "difference", "bits"]
"""Which map lies over a pane's picture."""

_VIEWS: dict[View, tuple[str, str]] = {
    "original": ("original’s map", "The map of the original over every picture: what has to be kept"),
    "own": (
        "each picture’s own",
        "The map of each picture itself, on one scale: where the classifier looks now",
    ),
    "difference": ("difference", "Each picture’s own map less the original’s: where attention grew or fell"),
    "bits": (
        "bits spent",
        "Where each file spent its bits, beside the importance map over the original; of codecs that tell",
    ),
}
_MIX = "mix"
_MIX_TIP = "Blend several maps, each with a weight of its own"
_LABEL_WIDTH = 72
_VALUE_WIDTH = 40
_NOTE_WIDTH = 215
"""Of the narrowest panel, in which a note is not cut off, pixels."""
_PERCENT = 100
_BUSY_AFTER_MS = 150


class SaliencyPanel(QWidget):
    """Which map is shown and how, and for which class."""

    overlay_changed = Signal(bool, float)
    """Whether the map lies over the pictures, and its opacity in [0, 1]."""
    view_changed = Signal()
    """What is shown over which picture, or its colours."""
    map_changed = Signal(str)
    """Id of the saliency method, or the text of a mix."""
    target_changed = Signal()
    """Another class is to be explained."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._busy = QLabel("working…")
        self._busy.setToolTip("A map is being made; you can choose another one meanwhile")
        theme.set_role(self._busy, "muted")
        self._busy.hide()
        self._busy_delay = QTimer(self, singleShot=True, interval=_BUSY_AFTER_MS)
        self._busy_delay.timeout.connect(self._busy.show)
        self.show_overlay = QCheckBox("Show")
        self.show_overlay.setChecked(True)
        self.show_overlay.setToolTip("Lay the importance map over the pictures")
        self.map = QuietCombo("Map", "How the importance of each pixel is found")
        self.mix = MixList()
        self.mix.hide()
        self.target = ClassMenu()
        self.view = QuietCombo("Shown", "Which map lies over which picture")
        for view, (label, tip) in _VIEWS.items():
            self.view.add_choice(label, view, tip)
        self.colours = QuietCombo("Colours", "The colours of the map; differences have colours of their own")
        for name, colours in COLOUR_MAPS.items():
            self.colours.add_choice(colours.label, name, colours.help)
        self.bar = ColourBar()
        self.bits_bar = ColourBar()
        self.bits_bar.hide()
        self._bits_note = QLabel(wordWrap=True)
        theme.set_role(self._bits_note, "muted")
        self._bits_note.hide()
        self.opacity, self._opacity_text = _slider("Opacity", 45, "How strongly the map covers the picture")
        self._last = ""
        self._note = QLabel(wordWrap=True)
        self._note.hide()
        self._lay_out()
        self.show_overlay.toggled.connect(self._tell_overlay)
        self.map.currentIndexChanged.connect(self._change_map)
        self.mix.changed.connect(self._tell_map)
        self.target.chosen.connect(lambda _: self.target_changed.emit())
        self.target.refused.connect(self.set_note)
        self.view.currentIndexChanged.connect(self._change_view)
        self.colours.currentIndexChanged.connect(self.view_changed)
        self.opacity.valueChanged.connect(self._tell_overlay)
        self._show_values()

    def overlay(self) -> tuple[bool, float]:
        """Return whether the map is shown, and its opacity in [0, 1]."""
        return self.show_overlay.isChecked(), self.opacity.value() / _PERCENT

    def shown_view(self) -> View:
        """Return which map lies over a pane's picture."""
        view: View = self.view.currentData()
        return view

    def shown_colours(self) -> ColourMap:
        """Return the colours of a map of importance."""
        return COLOUR_MAPS[self.colours.currentData()]

    def method(self) -> str:
        """Return the id of the chosen saliency method, or the text of the mix."""
        chosen: str = self.map.currentData()
        return self.mix.text() if chosen == _MIX else chosen

    def set_maps(self, groups: Sequence[MethodGroup], chosen: str) -> None:
        """Offer these saliency methods and a mix of them, and choose one. No signal."""
        self.mix.set_methods(groups)
        with QSignalBlocker(self.map):
            self.map.clear()
            for heading, methods in groups:
                self.map.add_heading(heading)
                for method, label, tip in methods:
                    self.map.add_choice(label, method, tip)
            self.map.add_heading("Several")
            self.map.add_choice("Mix…", _MIX, _MIX_TIP)
            self.map.setCurrentIndex(self.map.findData(chosen))
        self._last = chosen
        self._describe_map()

    def set_method(self, method: str) -> bool:
        """Choose a saliency method by its id or a mix by its text, as the user would; False if unknown."""
        if (place := self.map.findData(method)) >= 0:
            self.map.setCurrentIndex(place)
            return True
        try:
            weights = registry.parse_mix(method)
        except ModelError:
            return False
        with QSignalBlocker(self.map):
            self.map.setCurrentIndex(self.map.findData(_MIX))
        self.mix.set_weights(dict(weights))
        self.mix.setVisible(True)
        self._describe_map()
        self._tell_map()
        return True

    def set_busy(self, busy: bool) -> None:
        """Show that a map is on its way, if it takes a moment."""
        if busy:
            self._busy_delay.start()
        else:
            self._busy_delay.stop()
            self._busy.hide()

    def set_note(self, sentence: str) -> None:
        """Say why there is no such map, or what is odd about it; "" where all is well."""
        self._note.setText(sentence)
        self._note.setMinimumHeight(self._note.heightForWidth(_NOTE_WIDTH) if sentence else 0)
        self._note.setVisible(bool(sentence))

    def set_bits_note(self, sentence: str) -> None:
        """Say whose bits cannot be shown; "" where all can."""
        self._bits_note.setText(sentence)
        self._bits_note.setVisible(bool(sentence))

    def _change_map(self) -> None:
        mixed = self.map.currentData() == _MIX
        if mixed:  # begin with the map that is shown, and one more
            other = next(m for m in ("edges", "grad-cam") if m != self._last)
            self.mix.set_weights({self._last: 1, other: 1})
        else:
            self._last = self.map.currentData()
        self.mix.setVisible(mixed)
        self._describe_map()
        self._tell_map()

    def _describe_map(self) -> None:
        tip = self.map.currentData(Qt.ItemDataRole.ToolTipRole)
        self.map.setToolTip(f"{self.map.currentText()}\n{tip}")

    def _tell_map(self) -> None:
        self.map_changed.emit(self.method())

    def _change_view(self) -> None:
        self.colours.setEnabled(self.shown_view() != "difference")
        self.bits_bar.setVisible(self.shown_view() == "bits")
        self.view.setToolTip(_VIEWS[self.shown_view()][1])
        self.view_changed.emit()

    def _tell_overlay(self) -> None:
        self._show_values()
        self.overlay_changed.emit(*self.overlay())

    def _show_values(self) -> None:
        self._opacity_text.setText(f"{self.opacity.value()} %")
        self.opacity.setEnabled(self.show_overlay.isChecked())

    def _lay_out(self) -> None:
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        top = QHBoxLayout()
        top.addWidget(FoldHeading("Saliency", body))
        top.addStretch(1)
        top.addWidget(self._busy)
        top.addSpacing(4)
        top.addWidget(self.show_overlay)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(body)
        rows: tuple[tuple[str, QWidget, QLabel | None], ...] = (
            ("Map", self.map, None),
            ("", self.mix, None),
            ("Class", self.target, None),
            ("", self._note, None),
            ("Shown", self.view, None),
            ("Colours", self.colours, None),
            (" ", self.bar, None),
            ("", self.bits_bar, None),
            ("", self._bits_note, None),
            ("Opacity", self.opacity, self._opacity_text),
        )
        for row, (text, control, value) in enumerate(rows):
            if not text:
                grid.addWidget(control, row, 0, 1, 3)
                continue
            label = QLabel(text.strip())
            label.setFixedWidth(_LABEL_WIDTH)
            label.setBuddy(control)
            label.setToolTip(control.toolTip())
            theme.set_role(label, "muted")
            grid.addWidget(label, row, 0)
            grid.addWidget(control, row, 1, 1, 2 if value is None else 1)
            if value is not None:
                grid.addWidget(value, row, 2)


def _slider(name: str, value: int, tip: str) -> tuple[StepSlider, QLabel]:
    slider = StepSlider(Qt.Orientation.Horizontal)
    slider.setRange(0, _PERCENT)
    slider.setValue(value)
    slider.setAccessibleName(name)
    slider.setToolTip(tip + ". Arrow keys move it; Shift finer, Ctrl coarser")
    text = QLabel()
    text.setFont(theme.font(tabular=True))
    text.setFixedWidth(_VALUE_WIDTH)
    text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return slider, text
