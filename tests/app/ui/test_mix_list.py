import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from keepsight.app.ui.mix_list import MixList
from keepsight.app.ui.saliency_control import method_groups
from keepsight.models.maps.registry import all_methods, parse_mix


@pytest.fixture
def mix(qtbot: QtBot) -> MixList:
    mix = MixList()
    qtbot.addWidget(mix)
    mix.set_methods(method_groups())
    mix.set_weights({"grad-cam": 1, "edges": 1})
    mix.resize(230, 120)
    mix.show()
    return mix


def test_the_text_is_what_the_registry_reads(mix: MixList, qtbot: QtBot) -> None:
    assert mix.text() == "grad-cam+edges"
    with qtbot.waitSignal(mix.changed):
        mix.rows["grad-cam"].slider.setValue(25)
    assert mix.text() == "grad-cam*2.5+edges"
    assert parse_mix(mix.text()) == {"grad-cam": 2.5, "edges": 1}


def test_the_least_weight_is_above_zero(mix: MixList, qtbot: QtBot) -> None:
    qtbot.keyClick(mix.rows["edges"].slider, Qt.Key.Key_Home)
    assert parse_mix(mix.text())["edges"] == 0.1


def test_maps_are_added_from_the_menu_and_taken_out(mix: MixList, qtbot: QtBot) -> None:
    menu = mix.findChild(QMenu)
    assert menu is not None
    menu.aboutToShow.emit()
    offered = {action.text(): action for action in menu.actions() if action.isEnabled()}
    labels = {method.label for method in all_methods().values()}
    assert set(offered) == labels - {"Grad-CAM", "Edge density"}
    with qtbot.waitSignal(mix.changed):
        offered["Local variance"].trigger()
    assert mix.text() == "grad-cam+edges+local-variance"
    for method in ("edges", "local-variance"):
        with qtbot.waitSignal(mix.changed):
            qtbot.mouseClick(mix.rows[method].remove_button, Qt.MouseButton.LeftButton)
    assert mix.text() == "grad-cam"
    assert not mix.rows["grad-cam"].remove_button.isEnabled()
    with qtbot.assertNotEmitted(mix.changed):
        mix.remove("grad-cam")


def test_all_maps_at_once(mix: MixList) -> None:
    for method in all_methods():
        if method not in mix.rows:
            mix.add(method)
    assert set(parse_mix(mix.text())) == set(all_methods())
    assert not mix.add_button.isEnabled()


def test_every_control_explains_itself(mix: MixList) -> None:
    row = mix.rows["edges"]
    for control in (row.slider, row.remove_button, mix.add_button):
        assert control.toolTip()
    assert row.slider.accessibleName() == "Weight of Edge density"
