import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QLabel, QSlider, QWidget
from pytestqt.qtbot import QtBot

from keepsight.app.ui.saliency_control import method_groups
from keepsight.app.ui.saliency_panel import SaliencyPanel
from keepsight.models.catalog import find_card
from keepsight.models.maps.registry import all_methods


@pytest.fixture
def panel(qtbot: QtBot) -> SaliencyPanel:
    panel = SaliencyPanel()
    qtbot.addWidget(panel)
    panel.set_maps(method_groups(), "grad-cam")
    panel.target.set_card(find_card("imagenet"))
    panel.target.offer([285, 281, 282], None)
    panel.resize(250, 400)
    panel.show()
    return panel


def texts(panel: SaliencyPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if not label.isHidden()]


def choices(combo: QComboBox) -> dict[str, str]:
    """Return what can be chosen, by text, with its tooltip."""
    return {
        combo.itemText(i): combo.itemData(i, Qt.ItemDataRole.ToolTipRole) or ""
        for i in range(combo.count())
        if combo.itemData(i) is not None
    }


def choose(combo: QComboBox, text: str) -> None:
    combo.setCurrentIndex(combo.findText(text))


def test_it_starts_with_the_overlay_on_the_originals_map_in_viridis(panel: SaliencyPanel) -> None:
    assert panel.overlay() == (True, 0.45)
    assert panel.method() == "grad-cam"
    assert panel.shown_view() == "original"
    assert panel.shown_colours().label == "Viridis"
    assert panel.target.index() is None
    assert panel.mix.isHidden()


def test_every_method_is_offered_in_its_group_with_its_help(panel: SaliencyPanel) -> None:
    headings = [panel.map.itemText(i) for i in range(panel.map.count()) if panel.map.itemData(i) is None]
    assert headings == ["Of the classifier", "Of the image alone", "To compare with", "Several"]
    offered = choices(panel.map)
    assert {method.label: method.help for method in all_methods().values()} == {
        label: tip for label, tip in offered.items() if label != "Mix…"
    }
    assert panel.map.toolTip().startswith("Grad-CAM\nBright where")


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


def test_a_map_is_chosen_over_a_heading(panel: SaliencyPanel, qtbot: QtBot) -> None:
    last = [one.id for one in all_methods().values() if one.kind == "classifier"][-1]
    first_of_image = next(one.id for one in all_methods().values() if one.kind == "image")
    panel.map.setCurrentIndex(panel.map.findData(last))
    with qtbot.waitSignal(panel.map_changed) as told:
        qtbot.keyClick(panel.map, Qt.Key.Key_Down)
    assert told.args == [first_of_image]


def test_a_mix_begins_with_the_map_that_is_shown(panel: SaliencyPanel, qtbot: QtBot) -> None:
    panel.map.setCurrentIndex(panel.map.findData("edges"))
    with qtbot.waitSignal(panel.map_changed) as told:
        choose(panel.map, "Mix…")
    assert told.args == ["edges+grad-cam"]
    assert not panel.mix.isHidden()
    with qtbot.waitSignal(panel.map_changed) as told:
        panel.mix.rows["grad-cam"].slider.setValue(20)
    assert told.args == [panel.method()] == ["edges+grad-cam*2"]
    choose(panel.map, "LayerCAM")
    assert panel.mix.isHidden()
    assert panel.method() == "layer-cam"


def test_what_is_shown_and_its_colours(panel: SaliencyPanel, qtbot: QtBot) -> None:
    for text, view in (("each picture’s own", "own"), ("difference", "difference")):
        with qtbot.waitSignal(panel.view_changed):
            choose(panel.view, text)
        assert panel.shown_view() == view
    assert not panel.colours.isEnabled()
    choose(panel.view, "original’s map")
    assert panel.colours.isEnabled()
    with qtbot.waitSignal(panel.view_changed):
        choose(panel.colours, "Magma")
    assert panel.shown_colours().label == "Magma"


def test_a_class_that_is_none_is_said_beside_its_place(panel: SaliencyPanel) -> None:
    panel.target.refused.emit("There is no class 1000.")
    assert "There is no class 1000." in texts(panel)
    panel.set_note("")
    assert "There is no class 1000." not in texts(panel)


def test_work_that_takes_a_moment_is_said_and_quick_work_is_not(panel: SaliencyPanel, qtbot: QtBot) -> None:
    panel.set_busy(True)
    assert "working…" not in texts(panel)
    qtbot.waitUntil(lambda: "working…" in texts(panel), timeout=2000)
    panel.set_busy(False)
    assert "working…" not in texts(panel)


def test_sliders_keep_their_place_whatever_the_values(panel: SaliencyPanel, qtbot: QtBot) -> None:
    places = [slider.geometry() for slider in panel.findChildren(QSlider)]
    qtbot.keyClick(panel.opacity, Qt.Key.Key_End)
    panel.target.offer([1, 2], 3)
    panel.bar.show_scale(panel.shown_colours(), 12345.678)
    panel.set_busy(True)
    panel.set_busy(False)
    assert [slider.geometry() for slider in panel.findChildren(QSlider)] == places


def test_the_wheel_scrolls_the_column_and_changes_nothing(panel: SaliencyPanel, qtbot: QtBot) -> None:
    middle = QPointF(panel.map.rect().center())
    event = QWheelEvent(
        middle,
        panel.map.mapToGlobal(middle),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    panel.map.wheelEvent(event)
    assert not event.isAccepted()
    assert panel.method() == "grad-cam"


def test_every_control_explains_itself_and_is_reached_by_tab(panel: SaliencyPanel) -> None:
    controls: list[QWidget] = [
        panel.show_overlay,
        panel.map,
        panel.target,
        panel.view,
        panel.colours,
        panel.opacity,
    ]
    for control in controls:
        assert control.toolTip()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert all(control.accessibleName() for control in controls[1:])
