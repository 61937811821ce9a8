"""The tabs below the panes: curves, their table, and the log."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QStandardItemModel
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTabWidget,
    QToolButton,
    QWidget,
)

from keepsight.app.engine import naming
from keepsight.app.engine.session import Pin
from keepsight.app.engine.types import Curve, Protocol
from keepsight.app.ui import theme
from keepsight.app.ui.curve_menu import CurveMenu
from keepsight.app.ui.curve_points import AGREEMENT, METRICS, RATES, TOP1
from keepsight.app.ui.log_panel import LogPanel
from keepsight.app.ui.quiet_combo import QuietCombo
from keepsight.app.ui.table_page import TablePage

if TYPE_CHECKING:
    from keepsight.app.ui.curve_plot import CurvePlot

_PROTOCOLS: dict[Protocol, str] = {
    "crop": "crop protocol: codecs see the classifier’s crop",
    "file": "file protocol: codecs see the whole photo",
}
_COMBO_WIDTHS = 126, 172
"""Of each choice above the curves, pixels: where there is little room, and for the longest one."""
_NARROW = 1100
"""Width in which the names of the tabs do not fit beside wide choices, pixels."""
EMPTY = "Press Sweep to measure what each compressor keeps at each file size."
STARTING = "The sweep is at its first photo. What it measures appears here."


@dataclass(frozen=True)
class Choices:
    """What the user chose of the curves; what it means stands in `Settings`."""

    metric: str
    rate: str
    front: bool
    hidden: tuple[str, ...]
    crosshair: bool


class CurvePanel(QTabWidget):
    """Rate–accuracy curves, the same points as a table, and the log."""

    point_clicked = Signal(str, str)
    """Codec id and options (JSON) of a point that the user chose in the plot or in the table."""

    chosen = Signal()
    """Another quantity, rate or front is shown, other curves or pins, or the crosshair."""
    pins_asked = Signal(str, object)
    """What the user does, in words, and the tuple of `Pin` that shall be pinned then."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDocumentMode(True)
        self.tabBar().setAccessibleName("What is measured")
        self.tabBar().setAccessibleDescription("← and → turn from one tab to the next")
        for button in self.tabBar().findChildren(QToolButton):
            button.setToolTip("Show the tabs that have no room")
        self._plot: CurvePlot | None = None
        self._marked: Collection[tuple[str, str]] = ()
        self.subject = ""
        """Classifier and protocol of the curves, in words."""
        self._of = ""
        """Classifier and protocol of the curves, in short."""
        self.shown: Sequence[Curve] = ()
        """The curves, with points that have photos or not."""
        self.reference: float | None = None
        """Top-1 accuracy on the uncompressed photos; None without labels."""
        self.tables = TablePage()
        self.table = self.tables.settings
        self.log = LogPanel()
        self.metric_combo = self._metric_combo()
        self.rate_combo = self._rate_combo()
        self.front_button = QPushButton("Front")
        self.front_button.setCheckable(True)
        self.front_button.setToolTip(
            "Draw the Pareto front, dashed: the best that any compressor does at each file size"
        )
        self.front_button.toggled.connect(self._choose_front)
        self.lines_button = CurveMenu()
        self.lines_button.menu_.aboutToShow.connect(lambda: self.lines_button.fill(self.plot))
        self.lines_button.pin_asked.connect(self.pin)
        self.lines_button.unpin_asked.connect(self.unpin)
        self.fit_button = QPushButton("Fit")
        self.fit_button.setToolTip("Show all points again after zooming (F or double click)")
        self.fit_button.clicked.connect(lambda: self.plot.fit())
        self._wanted = TOP1
        self._table_stack = _or_hint(self.tables)
        self._plot_stack = _or_hint(None)
        self.addTab(self._plot_stack, "Rate–accuracy")
        self.addTab(self._table_stack, "Table")
        self.addTab(self.log, "Log")
        for i, help_text in enumerate(
            (
                "File size against what the classifier still recognises, one curve per compressor",
                "The same points as numbers, to sort and copy",
                "What the program did and what went wrong",
            )
        ):
            self.setTabToolTip(i, help_text)
        self._corner = QStackedWidget()
        self._no_controls = QWidget()
        self._corner.addWidget(self._no_controls)
        self.setCornerWidget(self._corner)
        self._controls_of: dict[QWidget, QWidget] = {}
        self._add_controls(self._plot_stack, self._controls())
        self._add_controls(self._table_stack, self.tables.controls)
        self.currentChanged.connect(lambda _: self._show_controls())
        self.table.point_clicked.connect(self.point_clicked)
        self.set_curves([], None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the names of the tabs their room."""
        for combo in (self.metric_combo, self.rate_combo):
            combo.setFixedWidth(_COMBO_WIDTHS[event.size().width() >= _NARROW])
        super().resizeEvent(event)

    def insert_tab(
        self, place: int, tab: QWidget, name: str, help_text: str, controls: QWidget | None = None
    ) -> None:
        """Put in a further tab; its controls stand beside the names of the tabs while it is open."""
        self.setTabToolTip(self.insertTab(place, tab, name), help_text)
        if controls is not None:
            self._add_controls(tab, controls)

    def open_tab(self) -> str:
        """Return the name of the tab in sight, without the count that may follow it."""
        return _tab_name(self.tabText(self.currentIndex()))

    def tab_names(self) -> list[str]:
        """Return the names of all tabs, from left to right."""
        return [_tab_name(self.tabText(place)) for place in range(self.count())]

    def show_tab(self, name: str) -> None:
        """Turn to the tab of this name, if there is one."""
        names = self.tab_names()
        if name in names:
            self.setCurrentIndex(names.index(name))

    def _add_controls(self, tab: QWidget, controls: QWidget) -> None:
        self._corner.addWidget(controls)
        self._controls_of[tab] = controls
        self._show_controls()

    def _show_controls(self) -> None:
        self._corner.setCurrentWidget(self._controls_of.get(self.currentWidget(), self._no_controls))

    @property
    def plot(self) -> "CurvePlot":
        """The plot, made when it is first needed: its library takes longer to load than all the rest."""
        if self._plot is None:
            from keepsight.app.ui.curve_plot import CurvePlot

            self._plot = CurvePlot()
            self._plot.point_clicked.connect(self.point_clicked)
            self._plot.looks_changed.connect(self.chosen)
            self._plot.set_marked(self._marked)
            self._plot.set_subject(self.subject)
            self._plot_stack.addWidget(self._plot)
        return self._plot

    def set_curves(self, curves: Sequence[Curve], reference: float | None) -> None:
        """Show these curves; `reference` is the uncompressed top-1 accuracy, None without labels."""
        self.shown, self.reference = curves, reference
        points = [point for curve in curves for point in curve.points if point.photos]
        if points or self._plot is not None:
            self.plot.set_curves(curves, reference)
        self._offer_metrics(points == [] or any(point.top1 is not None for point in points))
        self.tables.set_curves(curves)
        self._plot_stack.setCurrentIndex(1 if points or self.pins() else 0)
        self._table_stack.setCurrentIndex(1 if points else 0)

    def set_sweeping(self, sweeping: bool) -> None:
        """Say what to wait for, or what to do, where there are no curves yet."""
        for stack in (self._plot_stack, self._table_stack):
            hint = stack.widget(0)
            assert isinstance(hint, QLabel)
            hint.setText(STARTING if sweeping else EMPTY)

    def set_subject(self, classifier: str, protocol: Protocol) -> None:
        """Name the classifier that reads the pictures, and the protocol, above the curves."""
        self.subject = f"{classifier} · {_PROTOCOLS[protocol]}"
        self._of = f"{classifier}, {protocol} protocol"
        if self._plot is not None:
            self._plot.set_subject(self.subject)

    def pin(self) -> None:
        """Ask that the present curves stay in the plot, under the name of what they are of."""
        photos = max((point.photos for curve in self.shown for point in curve.points), default=0)
        name = f"{self._of}, {naming.photos(photos)}".removeprefix(", ")
        self.pins_asked.emit("pinning curves", (*self.pins(), Pin(name=name, curves=tuple(self.shown))))

    def unpin(self, place: int) -> None:
        """Ask that what is pinned there be taken away."""
        pins = self.pins()
        self.pins_asked.emit("unpinning curves", (*pins[:place], *pins[place + 1 :]))

    def pins(self) -> tuple[Pin, ...]:
        """Return what is pinned, in the order in which it was."""
        return () if self._plot is None else self._plot.pinned.read()

    def set_pins(self, pins: Sequence[Pin]) -> None:
        """Let these curves stay in the plot, and no others."""
        if pins or self._plot is not None:
            self.plot.set_pins(pins)
            self.set_curves(self.shown, self.reference)
            self.chosen.emit()

    def set_marked(self, settings: Collection[tuple[str, str]]) -> None:
        """Ring the points that are in a pane: (codec id, options as JSON)."""
        self._marked = settings
        if self._plot is not None:
            self._plot.set_marked(settings)

    def _offer_metrics(self, labelled: bool) -> None:
        """Offer the metrics that the photos allow; without labels agreement stands in for accuracy."""
        model = self.metric_combo.model()
        assert isinstance(model, QStandardItemModel)
        for i, metric in enumerate(METRICS):
            model.item(i).setEnabled(labelled or not metric.needs_labels)
        shown = AGREEMENT if self._wanted.needs_labels and not labelled else self._wanted
        self.metric_combo.setCurrentIndex(METRICS.index(shown))
        if self._plot is not None:
            self._plot.set_metric(shown)

    @property
    def has_curves(self) -> bool:
        """Whether there is anything to see."""
        return self._plot_stack.currentIndex() > 0

    def choices(self) -> Choices:
        """Return what the user chose."""
        hidden = () if self._plot is None else tuple(sorted(self._plot.hidden))
        return Choices(
            metric=self._wanted.id,
            rate=self.rate_combo.currentText(),
            front=self.front_button.isChecked(),
            hidden=hidden,
            crosshair=self._plot is None or self._plot.crosshair.on,
        )

    def choose(self, choices: Choices) -> None:
        """Choose what `choices` returned; what is not known stays as it is."""
        now = self.choices()
        place = next((i for i, known in enumerate(METRICS) if known.id == choices.metric), None)
        if place is not None and choices.metric != self._wanted.id:
            self._choose_metric(place)
            model = self.metric_combo.model()
            labelled = bool(model.index(METRICS.index(TOP1), 0).flags() & Qt.ItemFlag.ItemIsEnabled)
            self._offer_metrics(labelled)
        place = self.rate_combo.findText(choices.rate)
        if place >= 0 and place != self.rate_combo.currentIndex():
            self.rate_combo.setCurrentIndex(place)
            self._choose_rate()
        self.front_button.setChecked(choices.front)
        for codec in {*now.hidden} ^ {*choices.hidden}:
            self.plot.set_hidden(codec, hidden=codec in choices.hidden)
        if choices.crosshair != now.crosshair:
            self.plot.set_crosshair(choices.crosshair)

    def _choose_front(self, shown: bool) -> None:
        self.plot.set_front(shown)
        self.chosen.emit()

    def _choose_metric(self, index: int) -> None:
        self._wanted = METRICS[index]
        self.plot.set_metric(self._wanted)
        self.chosen.emit()

    def _metric_combo(self) -> QuietCombo:
        combo = QuietCombo("Quantity over the file size", "What the curves show over the file size")
        for i, metric in enumerate(METRICS):
            combo.addItem(metric.label)
            combo.setItemData(i, metric.help, Qt.ItemDataRole.ToolTipRole)
        # Only what the user chooses is remembered, not what missing labels force.
        combo.activated.connect(self._choose_metric)
        return combo

    def _rate_combo(self) -> QuietCombo:
        tip = "What the horizontal axis counts, and whether it is logarithmic"
        combo = QuietCombo("Rate below the curves", tip)
        for log in (True, False):
            for rate in RATES:
                combo.addItem(f"{rate.label}, log" if log else rate.label, (rate, log))
                combo.setItemData(combo.count() - 1, rate.help, Qt.ItemDataRole.ToolTipRole)
        combo.activated.connect(lambda _: self._choose_rate())
        return combo

    def _choose_rate(self) -> None:
        rate, log = self.rate_combo.currentData()
        self.plot.set_rate(rate, log=log)
        self.chosen.emit()

    def _controls(self) -> QWidget:
        controls = QWidget()
        row = QHBoxLayout(controls)
        row.setContentsMargins(6, 0, 0, 3)
        row.addWidget(self.metric_combo)
        for widget in (self.rate_combo, self.lines_button, self.front_button, self.fit_button):
            row.addWidget(widget)
        return controls


def _tab_name(text: str) -> str:
    return text.partition(" (")[0]


def _or_hint(widget: QWidget | None) -> QStackedWidget:
    """Return a stack of a hint and the widget (which may come later), the hint in sight."""
    hint = QLabel(EMPTY)
    hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
    hint.setWordWrap(True)
    theme.set_role(hint, "muted")
    stack = QStackedWidget()
    stack.addWidget(hint)
    if widget is not None:
        stack.addWidget(widget)
    return stack
