import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QSlider, QWidget
from pytestqt.qtbot import QtBot

from keepsight.app.ui.saliency_panel import SaliencyPanel

CLASSES = [(285, "Egyptian cat"), (281, "tabby"), (282, "tiger cat")]


@pytest.fixture
def panel(qtbot: QtBot) -> SaliencyPanel:
    panel = SaliencyPanel()
    qtbot.addWidget(panel)
    panel.set_maps([("grad-cam", "Grad-CAM"), ("other", "Another map")])
    panel.set_classes(CLASSES)
    panel.resize(250, 260)
    panel.show()
    return panel


def texts(panel: SaliencyPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel)]


def choices(combo: QComboBox) -> list[str]:
    return [combo.itemText(i) for i in range(combo.count())]


def test_it_starts_with_the_overlay_on_and_the_predicted_class(panel: SaliencyPanel) -> None:
    assert panel.overlay() == (True, 0.45)
    assert panel.roi_threshold() == 0.35
    assert panel.target_class() is None
    assert "ROI –" in texts(panel)


def test_the_overlay_is_switched_by_mouse_and_keyboard(panel: SaliencyPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.overlay_changed) as told:
        qtbot.keyClick(panel.show_overlay, Qt.Key.Key_Space)
    assert told.args == [False, 0.45]
    assert not panel.opacity.isEnabled()
    with qtbot.waitSignal(panel.overlay_changed) as told:
        qtbot.keyClick(panel.show_overlay, Qt.Key.Key_Space)
    assert told.args == [True, 0.45]


def test_opacity_moves_with_fine_and_coarse_steps(panel: SaliencyPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.overlay_changed) as told:
        qtbot.keyClick(panel.opacity, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert told.args == [True, 0.46]
    with qtbot.waitSignal(panel.overlay_changed) as told:
        qtbot.keyClick(panel.opacity, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert told.args == [True, 0.36]
    assert "36 %" in texts(panel)


def test_the_threshold_stays_in_its_range(panel: SaliencyPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.threshold_changed) as told:
        qtbot.keyClick(panel.threshold, Qt.Key.Key_End)
    assert told.args == [1.0]
    assert "1.00" in texts(panel)
    with qtbot.assertNotEmitted(panel.threshold_changed):
        qtbot.keyClick(panel.threshold, Qt.Key.Key_Right)
    with qtbot.waitSignal(panel.threshold_changed) as told:
        qtbot.keyClick(panel.threshold, Qt.Key.Key_Home)
    assert told.args == [0.0]


def test_a_class_is_chosen_and_the_predicted_one_again(panel: SaliencyPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.target_changed) as told:
        qtbot.keyClick(panel.target, Qt.Key.Key_Down)
    assert told.args == [285]
    with qtbot.waitSignal(panel.target_changed) as told:
        qtbot.keyClick(panel.target, Qt.Key.Key_Home)
    assert told.args == [None]


def test_another_photo_keeps_the_chosen_class(panel: SaliencyPanel, qtbot: QtBot) -> None:
    qtbot.keyClicks(panel.target, "tabby")
    assert panel.target_class() == 281
    with qtbot.assertNotEmitted(panel.target_changed):
        panel.set_classes([(967, "espresso"), (968, "cup")])

    assert panel.target_class() == 281
    assert choices(panel.target) == ["predicted", "espresso", "cup", "tabby"]


def test_without_a_choice_the_classes_are_those_of_the_photo(panel: SaliencyPanel) -> None:
    panel.set_classes([(967, "espresso")])
    assert choices(panel.target) == ["predicted", "espresso"]


def test_another_classifier_goes_back_to_the_predicted_class(panel: SaliencyPanel, qtbot: QtBot) -> None:
    qtbot.keyClicks(panel.target, "tabby")
    with qtbot.assertNotEmitted(panel.target_changed):
        panel.forget_classes()
    assert panel.target_class() is None
    assert choices(panel.target) == ["predicted"]


def test_the_map_is_chosen(panel: SaliencyPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.map_changed) as told:
        qtbot.keyClick(panel.map, Qt.Key.Key_Down)
    assert told.args == ["other"]


def test_the_area_is_told(panel: SaliencyPanel) -> None:
    panel.set_roi_area(0.31)
    assert "ROI 31 % of the area" in texts(panel)
    panel.set_roi_area(None)
    assert "ROI –" in texts(panel)


def test_sliders_keep_their_place_whatever_the_values(panel: SaliencyPanel, qtbot: QtBot) -> None:
    places = [slider.geometry() for slider in panel.findChildren(QSlider)]
    qtbot.keyClick(panel.opacity, Qt.Key.Key_End)
    qtbot.keyClick(panel.threshold, Qt.Key.Key_Home)
    panel.set_classes([(1, "a class with a name that is a good deal longer than the panel is wide")])
    qtbot.keyClick(panel.target, Qt.Key.Key_End)
    panel.set_roi_area(1)
    assert [slider.geometry() for slider in panel.findChildren(QSlider)] == places


def test_every_control_explains_itself_and_is_reached_by_tab(panel: SaliencyPanel) -> None:
    controls: list[QWidget] = [panel.show_overlay, panel.map, panel.target, panel.opacity, panel.threshold]
    for control in controls:
        assert control.toolTip()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert all(control.accessibleName() for control in controls[1:])
