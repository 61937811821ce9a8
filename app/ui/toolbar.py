"""The line at the top: photos, the classifier and its device, panes and how they are compared, sweep."""

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolBar,
    QToolButton,
    QWidget,
)

from keepsight.app.ui import theme
from keepsight.app.ui.export_menu import ExportMenu
from keepsight.app.ui.help_menu import HelpMenu
from keepsight.app.ui.mode_buttons import ModeButtons
from keepsight.app.ui.name_dialog import ask_name
from keepsight.app.ui.quiet_combo import QuietCombo
from keepsight.app.ui.view_menu import ViewMenu

SweepState = Literal["idle", "running", "paused", "stopped"]

_Look = tuple[str, str, str]
"""Text, icon and tooltip of a button."""

_SWEEP: dict[SweepState, _Look] = {
    "idle": ("Sweep", "play", "Measure every compressor at many file sizes on the photos of the list"),
    "running": ("Stop", "stop", "Stop measuring; what is measured stays, and you can resume"),
    "paused": ("Stop", "stop", "Stop measuring; what is measured stays, and you can resume"),
    "stopped": ("Resume", "play", "Go on measuring where it was stopped"),
}
_PAUSE: dict[SweepState, _Look] = {
    "running": ("Pause", "pause", "Let the measurement stand still, so that the computer is yours"),
    "paused": ("Go on", "play", "Go on measuring"),
}
_NARROW = 1300
"""Width in which the names of the modes do not fit beside everything else."""
_CARD = "Open a card…"
_NAMED = "torchvision or timm…"
_NAMES = "Library and name, such as torchvision:resnet50 or timm:convnext_tiny"


class Toolbar(QToolBar):
    """Only asks: each control emits a signal, and shows what it is told by the `set_` methods."""

    open_requested = Signal()
    samples_requested = Signal()
    scenes_requested = Signal()
    classifier_chosen = Signal(str)
    """Id: "imagenet", "scenes", "torchvision:NAME", "timm:NAME"."""
    card_requested = Signal()
    """The user wants to choose a classifier's card file."""
    device_chosen = Signal(str)
    pane_requested = Signal()
    sweep_requested = Signal()
    stop_requested = Signal()
    resume_requested = Signal()
    present_requested = Signal()
    pause_requested = Signal(bool)
    """Whether the sweep shall stand still, or go on after it did."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Tools", parent)
        self.setMovable(False)
        self.setFloatable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._state: SweepState = "idle"
        self._classifier = 0
        self.open_button = _button("Open…", "Open photos or a folder; dropping or pasting them works too")
        self.open_button.clicked.connect(self.open_requested)
        self.samples_button = self._samples_button()
        self.classifier = _combo("Classifier", "The classifier that reads the pictures", 26, 120)
        self.classifier.activated.connect(self._choose_classifier)
        self.device = _combo(
            "Device", "Where the classifier runs; auto takes the fastest one there is", 6, 60
        )
        self.device.activated.connect(lambda: self.device_chosen.emit(self.device.currentData()))
        self.add_pane_button = _button("Add pane", "Show one more compressor beside the others")
        self.add_pane_button.clicked.connect(self.pane_requested)
        self.modes = ModeButtons()
        self.view_menu = ViewMenu()
        self.sweep_button = QPushButton()
        self.sweep_button.clicked.connect(self._sweep)
        self.pause_button = QPushButton()
        self.pause_button.clicked.connect(self._pause)
        self.present_button = _button(
            "Present", "Fill the screen with the panes, in large letters (F11; Esc ends)"
        )
        self.present_button.clicked.connect(self.present_requested)
        self.export = ExportMenu()
        self.help = HelpMenu()
        self._fix_widths()
        for button in self.findChildren(QToolButton, "qt_toolbar_ext_button"):
            button.setAccessibleName("More of the toolbar")
        space = QWidget()
        space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        for widget in (
            self.open_button,
            self.samples_button,
            self.classifier,
            self.device,
            self.add_pane_button,
            self.modes,
            self.view_menu,
            space,
        ):
            self.addWidget(widget)
        self._pause_action = self.addWidget(self.pause_button)
        self.addWidget(self.sweep_button)
        self.addWidget(self.present_button)
        self.addWidget(self.export)
        self.addWidget(self.help)
        self.set_classifiers([], "")
        self.set_sweep_state("idle")

    def set_classifiers(self, classifiers: Sequence[tuple[str, str]], current: str) -> None:
        """Offer these classifiers, (id, label), and show the one of id `current` as in use. No signal."""
        self.classifier.clear()
        for classifier_id, label in classifiers:
            self.classifier.addItem(label, classifier_id)
        if classifiers:
            self.classifier.insertSeparator(len(classifiers))
        self.classifier.addItem(_CARD)
        self.classifier.setItemData(
            self.classifier.count() - 1, "Use a classifier of your own", Qt.ItemDataRole.ToolTipRole
        )
        self.classifier.addItem(_NAMED)
        self.classifier.setItemData(
            self.classifier.count() - 1,
            "Use a classifier of these libraries; its weights are downloaded once",
            Qt.ItemDataRole.ToolTipRole,
        )
        self._classifier = self.classifier.findData(current) if current else -1
        self.classifier.setCurrentIndex(self._classifier)

    def set_devices(self, devices: Sequence[tuple[str, str]], current: str) -> None:
        """Offer these devices, (id, label), and show the one of id `current` as in use. No signal."""
        self.device.clear()
        for device_id, label in devices:
            self.device.addItem(label, device_id)
        self.device.setCurrentIndex(self.device.findData(current))

    def set_sweep_state(self, state: SweepState) -> None:
        """Let the buttons offer to sweep, to pause, to stop or to resume."""
        self._state = state
        _show(self.sweep_button, *_SWEEP[state])
        if state in _PAUSE:
            _show(self.pause_button, *_PAUSE[state])
        self._pause_action.setVisible(state in _PAUSE)

    def set_can_add_pane(self, possible: bool) -> None:
        """Let panes be added, or not (there is no room for more)."""
        self.add_pane_button.setEnabled(possible)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say the modes with signs alone where their names leave no room for the rest."""
        self.modes.set_short(event.size().width() < _NARROW)
        super().resizeEvent(event)

    def _sweep(self) -> None:
        signals = {
            "idle": self.sweep_requested,
            "running": self.stop_requested,
            "paused": self.stop_requested,
            "stopped": self.resume_requested,
        }
        signals[self._state].emit()

    def _pause(self) -> None:
        self.pause_requested.emit(self._state == "running")

    def _choose_classifier(self, index: int) -> None:
        text = self.classifier.itemText(index)
        if self.classifier.itemData(index) is not None:
            self._classifier = index
            self.classifier_chosen.emit(self.classifier.itemData(index))
            return
        self.classifier.setCurrentIndex(self._classifier)
        if text == _CARD:
            self.card_requested.emit()
        else:
            ask_name(self, "Choose a classifier", _NAMES, self._take_name, "torchvision:")

    def _take_name(self, name: str) -> None:
        # Whether there is such a classifier is for the receiver to say.
        classifier_id = "".join(name.split())
        if classifier_id:
            self.classifier_chosen.emit(classifier_id)

    def _samples_button(self) -> QToolButton:
        button = QToolButton()
        button.setText("Samples")
        button.setToolTip("Show photos that come with the program")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        samples = menu.addAction("Sample photos", self.samples_requested.emit)
        samples.setToolTip("Photos of many kinds, without labels")
        scenes = menu.addAction("Labelled scenes", self.scenes_requested.emit)
        scenes.setToolTip("Toys that the program renders itself, with their true classes")
        button.setMenu(menu)
        return button

    def _fix_widths(self) -> None:
        """Give the buttons of a sweep the width of their longest text, so that nothing jumps."""
        for button, looks in ((self.sweep_button, _SWEEP), (self.pause_button, _PAUSE)):
            widths = []
            for look in looks.values():
                _show(button, *look)
                widths.append(button.sizeHint().width())
            button.setFixedWidth(max(widths))


def _show(button: QPushButton, text: str, icon: str, tip: str) -> None:
    button.setText(text)
    button.setIcon(theme.icon(icon))
    button.setIconSize(QSize(12, 12))
    button.setToolTip(tip)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button


def _combo(name: str, tip: str, characters: int, least: int) -> QuietCombo:
    combo = QuietCombo(name, tip)
    combo.setMinimumContentsLength(characters)
    combo.setMinimumWidth(least)
    return combo
