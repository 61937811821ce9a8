"""Settings of the region of interest: how it is cut from maps, tools to draw it, and what it keeps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from keepsight.app.engine.region import FEATHER, GROW, ISLAND, Mode, Region, Tool
from keepsight.app.ui import theme
from keepsight.app.ui.elided_label import ElidedLabel
from keepsight.app.ui.fold_heading import FoldHeading
from keepsight.app.ui.options_form import StepSlider
from keepsight.app.ui.quiet_combo import QuietCombo
from keepsight.app.ui.region_figures_view import RegionFiguresView

_LABEL_WIDTH = 72
_VALUE_WIDTH = 44

_MODES: dict[Mode, tuple[str, str, Callable[[float], str]]] = {
    "value": (
        "by value",
        "The region is where the map reaches a share of its maximum",
        lambda level: f"{level:.3f}",
    ),
    "area": (
        "by area",
        "The region is a share of the photo's area: where the map is brightest",
        lambda level: f"{100 * level:.1f} %",
    ),
}
_TOOLS: dict[Tool | None, tuple[str, str]] = {
    None: ("move", "Move the picture (M). With the other tools, the middle button moves it"),
    "brush": ("brush", "Paint what belongs to the region (B)"),
    "eraser": ("eraser", "Erase what does not belong to the region (E)"),
    "add rectangle": ("add", "Draw a rectangle that belongs to the region (R)"),
    "remove rectangle": ("remove", "Draw a rectangle that does not belong to the region (Shift+R)"),
}
BRUSH = (2, 150)
"""Radius of the brush, in tenths of a percent of the longer side."""


@dataclass(frozen=True)
class _Slide:
    """A slider over whole positions, each of 1 / `scale`."""

    label: str
    tip: str
    reach: tuple[int, int]
    scale: float
    text: Callable[[float], str] | None
    """Its value in words; None where that depends on the mode."""


_SLIDES = {
    "level": _Slide("Threshold", "From which share on a pixel belongs to the region", (0, 1000), 1000, None),
    "brush": _Slide(
        "Brush",
        "Radius of brush and eraser, in percent of the longer side ([ and ])",
        BRUSH,
        10,
        lambda value: f"{value:.1f} %",
    ),
    "feather": _Slide(
        "Feather",
        "Width of the soft edge around the region, in percent of the longer side",
        (0, 2 * FEATHER),
        2,
        lambda value: f"{value:.1f} %",
    ),
    "grow": _Slide(
        "Grow",
        "Grows the region on all sides, or shrinks it, in percent of the longer side",
        (-4 * GROW, 4 * GROW),
        4,
        lambda value: f"{value:+.2f} %".replace("-", "−") if value else "0 %",
    ),
    "island": _Slide(
        "Islands",
        "Smaller islands go and smaller holes are filled, in percent of the photo's area",
        (0, 20 * ISLAND),
        20,
        lambda value: f"{value:.2f} %" if value else "keep all",
    ),
}


class RegionPanel(QWidget):
    """Only asks: each control emits a signal, and shows what it is told."""

    outline_toggled = Signal(bool)
    edited = Signal(str, object)
    """Name and value of a field of `Region`, at each move of a control."""
    settled = Signal()
    """The control that moves was let go."""
    join_asked = Signal()
    leave_asked = Signal(int)
    """Place of a joined map that shall go."""
    tool_chosen = Signal(object)
    """`Tool`, or None to move the picture."""
    brush_changed = Signal(float)
    """Radius in percent of the longer side."""
    undo_asked = Signal()
    redo_asked = Signal()
    clear_asked = Signal()
    save_asked = Signal()
    load_asked = Signal()
    follow_toggled = Signal(bool)
    """Whether guided codecs follow this region rather than their own threshold."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.outline = QCheckBox("Outline")
        self.outline.setChecked(True)
        self.outline.setToolTip("Draw the region's outline over the pictures")
        self.outline.toggled.connect(self.outline_toggled)
        self.mode = QuietCombo("Cut", "What the threshold is a share of")
        for mode, (label, tip, _) in _MODES.items():
            self.mode.add_choice(label, mode, tip)
        self.mode.currentIndexChanged.connect(self._tell_mode)
        self._names: Sequence[str] = []
        self._sliders: dict[str, tuple[StepSlider, QLabel]] = {}
        self.figures = RegionFiguresView()
        self.shown = QCheckBox("The map that is shown")
        self.shown.setToolTip(
            "The region follows the map above; without it, only joined and painted parts count"
        )
        self.shown.toggled.connect(lambda on: self._tell("shown", on))
        self.join_button = _button(
            "Join", "Keep this map's part of the region while you choose another class or map"
        )
        self._joined = QVBoxLayout()
        self._joined.setSpacing(2)
        self.follow = QuietCombo("Guided codecs", "What codecs that ask what matters are guided by")
        self.follow.add_choice(
            "own threshold", False, "Each codec cuts the classifier's map at its own threshold"
        )
        self.follow.add_choice(
            "this region", True, "Codecs take this region, whatever their threshold and feather"
        )
        self.follow.currentIndexChanged.connect(lambda: self.follow_toggled.emit(self.follow.currentData()))
        self.undo_button = _button("Undo", "Take back the last change of the region (Ctrl+Z)")
        self.redo_button = _button("Redo", "Do again what was undone (Ctrl+Shift+Z)")
        self.clear_button = _button("Clear", "Take away all that was drawn by hand, or loaded as a mask")
        self.save_button = _button(
            "Save", "Keep the region beside the photo: a mask (PNG) and how it was made (JSON)"
        )
        self.load_button = _button("Load…", "Load a region, or a black and white picture of the photo's size")
        self._lay_out()
        self.set_history(undo=False, redo=False, strokes=False)
        self.set_ready(photo=False, joinable=False)
        self.show_region(Region())

    # what it shows -------------------------------------------------------------------------------

    def show_region(self, region: Region, names: Sequence[str] = ()) -> None:
        """Show a region's settings; `names` are those of its joined maps. No signal."""
        with QSignalBlocker(self.mode), QSignalBlocker(self.shown):
            self.mode.setCurrentIndex(self.mode.findData(region.mode))
            self.shown.setChecked(region.shown)
        self.mode.setToolTip(_MODES[region.mode][1])
        for name, (slider, _) in self._sliders.items():
            if name != "brush":
                with QSignalBlocker(slider):
                    slider.setValue(round(getattr(region, name) * _SLIDES[name].scale))
        self._show_values()
        self._show_joined(names)

    def show_tool(self, kind: Tool | None, radius: float) -> None:
        """Show the tool in use and the brush's radius, percent. No signal."""
        self._tools[kind].setChecked(True)
        if kind is not None:
            for heading in (self.heading, self._more):  # a key may have chosen it
                heading.setChecked(True)
        slider = self.slider("brush")
        with QSignalBlocker(slider):
            slider.setValue(round(radius * _SLIDES["brush"].scale))
        slider.setEnabled(kind in ("brush", "eraser"))
        self._show_values()

    def set_history(self, *, undo: bool, redo: bool, strokes: bool) -> None:
        """Say what can be undone, redone and cleared."""
        self.undo_button.setEnabled(undo)
        self.redo_button.setEnabled(redo)
        self.clear_button.setEnabled(strokes)

    def set_ready(self, *, photo: bool, joinable: bool) -> None:
        """Say whether there is a photo, and a map that is not joined yet."""
        for control in (self.save_button, self.load_button, *self._tools.values()):
            control.setEnabled(photo)
        self.join_button.setEnabled(joinable)

    def slider(self, name: str) -> StepSlider:
        """Return the slider of a field of `Region`, or of the "brush"."""
        return self._sliders[name][0]

    # how it is made ------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        body, more = QWidget(), QWidget()
        self._more = FoldHeading("Draw, tidy, save", more, open_=False)
        top = QHBoxLayout()
        self.heading = FoldHeading("Region of interest", body)
        top.addWidget(self.heading)
        top.addStretch(1)
        top.addWidget(self.outline)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(top)
        whole.addWidget(body)
        threshold, brush, edges = (
            self._grid(*names) for names in (("level",), ("brush",), ("feather", "grow", "island"))
        )
        _stack(
            body,
            _line(_name_of(self.mode, "Cut"), self.mode),
            threshold,
            self.figures,
            _line(_name_of(self.follow, "Guide"), self.follow),
            _line(self._more, None),
            more,
        )
        _stack(
            more,
            self._tool_row(),
            brush,
            self._button_row(),
            edges,
            _line(self.shown, None, self.join_button),
            self._joined,
            _line(self.save_button, self.load_button),
        )

    def _button_row(self) -> QHBoxLayout:
        for button, signal in (
            (self.undo_button, self.undo_asked),
            (self.redo_button, self.redo_asked),
            (self.clear_button, self.clear_asked),
            (self.save_button, self.save_asked),
            (self.load_button, self.load_asked),
            (self.join_button, self.join_asked),
        ):
            button.clicked.connect(signal)
        return _line(self.undo_button, self.redo_button, self.clear_button)

    def _grid(self, *names: str) -> QGridLayout:
        """Return rows with a slider each."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for row, name in enumerate(names):
            slide = _SLIDES[name]
            slider = StepSlider(Qt.Orientation.Horizontal)
            slider.setRange(*slide.reach)
            slider.setAccessibleName(slide.label)
            slider.setToolTip(slide.tip + ". Arrow keys move it; Shift finer, Ctrl coarser")
            value = QLabel()
            value.setFont(theme.font(tabular=True))
            value.setFixedWidth(_VALUE_WIDTH)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._sliders[name] = slider, value
            for place, widget in enumerate((_name_of(slider, slide.label), slider, value)):
                grid.addWidget(widget, row, place)
            slider.valueChanged.connect(partial(self._slide, name))
            slider.sliderReleased.connect(self.settled)
        return grid

    def _tool_row(self) -> QHBoxLayout:
        self._tools: dict[Tool | None, QToolButton] = {}
        group = QButtonGroup(self)
        for kind, (icon, tip) in _TOOLS.items():
            button = QToolButton()
            button.setCheckable(True)
            button.setIcon(theme.icon(f"tool-{icon}"))
            button.setIconSize(QSize(16, 16))
            button.setToolTip(tip)
            button.setAccessibleName(tip.partition(" (")[0])
            button.setStyleSheet("padding: 3px 8px;")
            button.clicked.connect(partial(self.tool_chosen.emit, kind))
            group.addButton(button)
            self._tools[kind] = button
        self._tools[None].setChecked(True)
        return _line(*self._tools.values(), None)

    def _show_joined(self, names: Sequence[str]) -> None:
        if names == self._names:
            return
        self._names = list(names)
        while (item := self._joined.takeAt(0)) is not None:
            if (row := item.widget()) is not None:
                row.hide()
                row.deleteLater()
        for place, name in enumerate(names):
            self._joined.addWidget(self._joined_row(place, name))

    def _joined_row(self, place: int, name: str) -> QWidget:
        row = QWidget()
        label = ElidedLabel(f"+ {name}")
        label.setToolTip(f"{name}\nIts part of the region is joined with the rest")
        button = QToolButton()
        button.setText("✕")
        button.setFixedSize(18, 18)
        button.setStyleSheet("padding: 0; min-height: 0;")
        button.setToolTip(f"Take {name} out of the region")
        button.setAccessibleName(button.toolTip())
        button.clicked.connect(lambda: self.leave_asked.emit(place))
        line = QHBoxLayout(row)
        line.setContentsMargins(20, 0, 0, 0)
        line.addWidget(label, 1)
        line.addWidget(button)
        return row

    def _slide(self, name: str, place: int) -> None:
        self._show_values()
        if name == "brush":
            self.brush_changed.emit(place / _SLIDES[name].scale)
        else:
            self.edited.emit(name, place / _SLIDES[name].scale)

    def _tell(self, name: str, value: object) -> None:
        self._show_values()
        self.edited.emit(name, value)

    def _tell_mode(self) -> None:
        mode = self.mode.currentData()
        self.mode.setToolTip(_MODES[mode][1])
        self._tell("mode", mode)
        self.settled.emit()

    def _show_values(self) -> None:
        for name, (slider, value) in self._sliders.items():
            number = slider.value() / _SLIDES[name].scale
            text = _SLIDES[name].text
            value.setText(_MODES[self.mode.currentData()][2](number) if text is None else text(number))


def _name_of(control: QWidget, text: str) -> QLabel:
    label = QLabel(text)
    label.setFixedWidth(_LABEL_WIDTH)
    label.setBuddy(control)
    label.setToolTip(control.toolTip())
    theme.set_role(label, "muted")
    return label


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button


def _stack(body: QWidget, *parts: QWidget | QLayout) -> None:
    """Put parts below each other."""
    column = QVBoxLayout(body)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)


def _line(*widgets: QWidget | None) -> QHBoxLayout:
    """Put widgets side by side; None takes the room that is left."""
    line = QHBoxLayout()
    line.setSpacing(6)
    for widget in widgets:
        if widget is None:
            line.addStretch(1)
        else:
            line.addWidget(widget)
    return line
