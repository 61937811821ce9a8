import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from keepsight.app.ui.toolbar import Toolbar

CLASSIFIERS = [("imagenet", "EfficientNet-Lite0 · ImageNet-1k"), ("scenes", "Scenes")]
DEVICES = [("auto", "auto (CPU)"), ("cpu", "CPU")]


@pytest.fixture
def toolbar(qtbot: QtBot) -> Toolbar:
    toolbar = Toolbar()
    qtbot.addWidget(toolbar)
    toolbar.set_classifiers(CLASSIFIERS, "imagenet")
    toolbar.set_devices(DEVICES, "auto")
    toolbar.resize(1200, 44)
    toolbar.show()
    return toolbar


def choose(toolbar: Toolbar, text: str, qtbot: QtBot) -> None:
    """Open the list of classifiers and click an entry."""
    combo = toolbar.classifier
    combo.showPopup()
    view = combo.view()
    index = combo.model().index(combo.findText(text), 0)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())
    # The click is taken as one that began on the closed box if it comes too soon.
    if view.isVisible():
        qtbot.keyClick(view, Qt.Key.Key_Return)


def asked(toolbar: Toolbar) -> QInputDialog:
    return next(dialog for dialog in toolbar.findChildren(QInputDialog) if dialog.isVisible())


@pytest.mark.parametrize(
    ("button", "signal"), [("open_button", "open_requested"), ("add_pane_button", "pane_requested")]
)
def test_buttons_ask_by_mouse_and_keyboard(toolbar: Toolbar, qtbot: QtBot, button: str, signal: str) -> None:
    with qtbot.waitSignal(getattr(toolbar, signal)):
        qtbot.mouseClick(getattr(toolbar, button), Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(getattr(toolbar, signal)):
        qtbot.keyClick(getattr(toolbar, button), Qt.Key.Key_Space)


@pytest.mark.parametrize(("downs", "signal"), [(1, "samples_requested"), (2, "scenes_requested")])
def test_the_samples_menu(toolbar: Toolbar, qtbot: QtBot, downs: int, signal: str) -> None:
    menu = toolbar.samples_button.menu()
    menu.popup(toolbar.mapToGlobal(toolbar.samples_button.geometry().bottomLeft()))
    with qtbot.waitSignal(getattr(toolbar, signal)):
        for _ in range(downs):
            qtbot.keyClick(menu, Qt.Key.Key_Down)
        qtbot.keyClick(menu, Qt.Key.Key_Return)


def test_a_classifier_is_chosen_from_the_list(toolbar: Toolbar, qtbot: QtBot) -> None:
    assert toolbar.classifier.currentText() == "EfficientNet-Lite0 · ImageNet-1k"
    with qtbot.waitSignal(toolbar.classifier_chosen) as told:
        choose(toolbar, "Scenes", qtbot)
    assert told.args == ["scenes"]


def test_being_told_the_classifier_is_silent(toolbar: Toolbar, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(toolbar.classifier_chosen):
        toolbar.set_classifiers([*CLASSIFIERS, ("timm:resnet18", "resnet18")], "timm:resnet18")
    assert toolbar.classifier.currentText() == "resnet18"


def test_a_card_is_asked_for_and_the_classifier_stays(toolbar: Toolbar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(toolbar.card_requested), qtbot.assertNotEmitted(toolbar.classifier_chosen):
        choose(toolbar, "Open a card…", qtbot)
    assert toolbar.classifier.currentText() == "EfficientNet-Lite0 · ImageNet-1k"


def test_a_library_and_name_are_typed(toolbar: Toolbar, qtbot: QtBot) -> None:
    choose(toolbar, "torchvision or timm…", qtbot)
    dialog = asked(toolbar)
    line = dialog.findChild(QLineEdit)
    line.clear()
    qtbot.keyClicks(line, " timm: resnet18 ")
    with qtbot.waitSignal(toolbar.classifier_chosen) as told:
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert told.args == ["timm:resnet18"]
    assert toolbar.classifier.currentText() == "EfficientNet-Lite0 · ImageNet-1k"


@pytest.mark.parametrize(
    ("typed", "key"),
    [("", Qt.Key.Key_Return), ("  ", Qt.Key.Key_Return), ("timm:resnet18", Qt.Key.Key_Escape)],
)
def test_no_name_chooses_nothing(toolbar: Toolbar, qtbot: QtBot, typed: str, key: Qt.Key) -> None:
    choose(toolbar, "torchvision or timm…", qtbot)
    line = asked(toolbar).findChild(QLineEdit)
    line.clear()
    qtbot.keyClicks(line, typed)
    with qtbot.assertNotEmitted(toolbar.classifier_chosen, wait=20):
        qtbot.keyClick(line, key)


def test_a_name_is_typed_behind_the_prefix_and_buttons_have_no_icons(toolbar: Toolbar, qtbot: QtBot) -> None:
    choose(toolbar, "torchvision or timm…", qtbot)
    dialog = asked(toolbar)
    qtbot.waitExposed(dialog)
    line = dialog.findChild(QLineEdit)
    assert not line.hasSelectedText()
    assert [button.icon().isNull() for button in dialog.findChildren(QPushButton)] == [True, True]
    with qtbot.waitSignal(toolbar.classifier_chosen) as told:
        qtbot.keyClicks(line, "resnet18")
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert told.args == ["torchvision:resnet18"]


def test_a_device_is_chosen(toolbar: Toolbar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(toolbar.device_chosen) as told:
        qtbot.keyClick(toolbar.device, Qt.Key.Key_Down)
    assert told.args == ["cpu"]
    with qtbot.assertNotEmitted(toolbar.device_chosen):
        toolbar.set_devices(DEVICES, "auto")
    assert toolbar.device.currentText() == "auto (CPU)"


def test_a_sweep_that_runs_can_be_paused(toolbar: Toolbar, qtbot: QtBot) -> None:
    assert not toolbar.pause_button.isVisible()
    for state, text, pauses in (("running", "Pause", True), ("paused", "Go on", False)):
        toolbar.set_sweep_state(state)
        assert toolbar.pause_button.text() == text
        assert toolbar.sweep_button.text() == "Stop"
        with qtbot.waitSignal(toolbar.pause_requested) as told:
            qtbot.mouseClick(toolbar.pause_button, Qt.MouseButton.LeftButton)
        assert told.args == [pauses]
    toolbar.set_sweep_state("stopped")
    assert not toolbar.pause_button.isVisible()


def test_one_button_sweeps_stops_and_resumes(toolbar: Toolbar, qtbot: QtBot) -> None:
    places = []
    for state, text, signal in (
        ("idle", "Sweep", toolbar.sweep_requested),
        ("running", "Stop", toolbar.stop_requested),
        ("stopped", "Resume", toolbar.resume_requested),
    ):
        toolbar.set_sweep_state(state)
        assert toolbar.sweep_button.text() == text
        with qtbot.waitSignal(signal):
            qtbot.mouseClick(toolbar.sweep_button, Qt.MouseButton.LeftButton)
        places.append(toolbar.sweep_button.geometry())
    assert places[0] == places[1] == places[2]


def test_no_pane_can_be_added_when_there_is_no_room(toolbar: Toolbar, qtbot: QtBot) -> None:
    toolbar.set_can_add_pane(False)
    with qtbot.assertNotEmitted(toolbar.pane_requested):
        qtbot.mouseClick(toolbar.add_pane_button, Qt.MouseButton.LeftButton)
    toolbar.set_can_add_pane(True)
    with qtbot.waitSignal(toolbar.pane_requested):
        qtbot.mouseClick(toolbar.add_pane_button, Qt.MouseButton.LeftButton)


def test_every_control_explains_itself_and_is_reached_by_tab(toolbar: Toolbar) -> None:
    controls: list[QWidget] = [
        toolbar.open_button,
        toolbar.samples_button,
        toolbar.classifier,
        toolbar.device,
        toolbar.add_pane_button,
        toolbar.sweep_button,
    ]
    for control in controls:
        assert control.toolTip()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control
    assert toolbar.classifier.accessibleName()
    assert toolbar.device.accessibleName()
