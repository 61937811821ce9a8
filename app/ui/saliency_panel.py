"""Settings of the importance map and of the region of interest that is cut from it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QWidget

from keepsight.app.ui import format as words
from keepsight.app.ui import theme
from keepsight.app.ui.options_form import StepSlider

_LABEL_WIDTH = 72
_VALUE_WIDTH = 40
_PERCENT = 100


class SaliencyPanel(QWidget):
    """Which map is shown and how strongly, for which class, and from which share of its maximum on."""

    overlay_changed = Signal(bool, float)
    """Whether the map lies over the pictures, and its opacity in [0, 1]."""
    map_changed = Signal(str)
    """Id of the saliency method."""
    target_changed = Signal(object)
    """Index of the class to explain; None for the predicted one."""
    threshold_changed = Signal(float)
    """Share of the map's maximum from which on a pixel belongs to the region, in [0, 1]."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        heading = QLabel("Saliency and ROI")
        theme.set_role(heading, "heading")
        self.show_overlay = QCheckBox("Show overlay")
        self.show_overlay.setChecked(True)
        self.show_overlay.setToolTip("Lay the importance map over the pictures")
        self.map = _combo("Map", "How the importance of each pixel is found")
        self.target = _combo("Class", "The class whose evidence is shown: the predicted one, or another")
        self.opacity, self._opacity_text = _slider("Opacity", 45, "How strongly the map covers the picture")
        self.threshold, self._threshold_text = _slider(
            "Threshold", 35, "Pixels from this share of the map's maximum on belong to the region of interest"
        )
        self._area = QLabel()
        self._area.setToolTip("Share of the photo that the outline encloses")
        theme.set_role(self._area, "muted")
        self._lay_out(heading)
        self.show_overlay.toggled.connect(self._tell_overlay)
        self.map.currentIndexChanged.connect(lambda: self.map_changed.emit(self.map.currentData()))
        self.target.currentIndexChanged.connect(lambda: self.target_changed.emit(self.target.currentData()))
        self.opacity.valueChanged.connect(self._tell_overlay)
        self.threshold.valueChanged.connect(self._tell_threshold)
        self._show_values()
        self.set_classes([])
        self.set_roi_area(None)

    def overlay(self) -> tuple[bool, float]:
        """Return whether the map is shown, and its opacity in [0, 1]."""
        return self.show_overlay.isChecked(), self.opacity.value() / _PERCENT

    def roi_threshold(self) -> float:
        """Return the threshold, a share of the map's maximum in [0, 1]."""
        return self.threshold.value() / _PERCENT

    def target_class(self) -> int | None:
        """Return the index of the class to explain; None for the predicted one."""
        index = self.target.currentData()
        return None if index is None else int(index)

    def set_maps(self, maps: Sequence[tuple[str, str]]) -> None:
        """Offer these saliency methods, (id, label), and choose the first. No signal."""
        self.map.blockSignals(True)
        self.map.clear()
        for method, label in maps:
            self.map.addItem(label, method)
        self.map.blockSignals(False)

    def set_classes(self, classes: Sequence[tuple[int, str]]) -> None:
        """Offer the predicted class and these (index, name), the most probable of the shown photo. No signal.

        A class that the user chose stays chosen, also where it is not among these.
        """
        chosen, name = self.target_class(), self.target.currentText()
        offered = list(classes)
        if chosen is not None and chosen not in dict(offered):
            offered.append((chosen, name))
        self.target.blockSignals(True)
        self.target.clear()
        self.target.addItem("predicted", None)
        for index, label in offered:
            self.target.addItem(label, index)
        self.target.setCurrentIndex(self.target.findData(chosen) if chosen is not None else 0)
        self.target.blockSignals(False)

    def forget_classes(self) -> None:
        """Go back to the predicted class: another classifier has other classes. No signal."""
        self.target.blockSignals(True)
        self.target.setCurrentIndex(0)
        self.target.blockSignals(False)
        self.set_classes([])

    def set_roi_area(self, share: float | None) -> None:
        """Show the region's share of the area, in [0, 1]; None where there is no map (yet)."""
        self._area.setText("ROI –" if share is None else f"ROI {words.percent(share)} of the area")

    def _tell_overlay(self) -> None:
        self._show_values()
        self.overlay_changed.emit(*self.overlay())

    def _tell_threshold(self) -> None:
        self._show_values()
        self.threshold_changed.emit(self.roi_threshold())

    def _show_values(self) -> None:
        self._opacity_text.setText(f"{self.opacity.value()} %")
        self._threshold_text.setText(f"{self.roi_threshold():.2f}")
        self.opacity.setEnabled(self.show_overlay.isChecked())

    def _lay_out(self, heading: QLabel) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(7)
        grid.setColumnStretch(1, 1)
        grid.addWidget(heading, 0, 0, 1, 3)
        grid.addWidget(self.show_overlay, 1, 0, 1, 3)
        rows = (
            ("Map", self.map, None),
            ("Class", self.target, None),
            ("Opacity", self.opacity, self._opacity_text),
            ("Threshold", self.threshold, self._threshold_text),
        )
        for row, (text, control, value) in enumerate(rows, start=2):
            label = QLabel(text)
            label.setFixedWidth(_LABEL_WIDTH)
            label.setBuddy(control)
            label.setToolTip(control.toolTip())
            theme.set_role(label, "muted")
            grid.addWidget(label, row, 0)
            grid.addWidget(control, row, 1, 1, 2 if value is None else 1)
            if value is not None:
                grid.addWidget(value, row, 2)
        grid.addWidget(self._area, 2 + len(rows), 0, 1, 3)


def _combo(name: str, tip: str) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setToolTip(tip)
    # Long class names are cut off in the box; the list shows them whole.
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(8)
    combo.view().setTextElideMode(Qt.TextElideMode.ElideNone)
    return combo


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
