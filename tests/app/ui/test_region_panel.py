import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from keepsight.app.engine.region import Region
from keepsight.app.ui.fold_heading import FoldHeading
from keepsight.app.ui.region_panel import RegionPanel


@pytest.fixture
def panel(qtbot: QtBot) -> RegionPanel:
    panel = RegionPanel()
    qtbot.addWidget(panel)
    panel.show()
    (more,) = (one for one in panel.findChildren(FoldHeading) if one.text() == "Draw, tidy, save")
    assert not more.isChecked(), "what is needed first fits on the screen"
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    panel.resize(236, panel.sizeHint().height())
    return panel


def test_a_tool_that_a_key_has_chosen_comes_into_sight(qtbot: QtBot) -> None:
    panel = RegionPanel()
    qtbot.addWidget(panel)
    panel.show()
    assert not panel.slider("brush").isVisible()
    panel.show_tool("brush", 4.0)
    assert panel.slider("brush").isVisible()


def texts(panel: RegionPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisibleTo(panel)]


@pytest.mark.parametrize(
    ("name", "key", "value", "text"),
    [
        ("level", Qt.Key.Key_End, 1.0, "1.000"),
        ("feather", Qt.Key.Key_Home, 0.0, "0.0 %"),
        ("grow", Qt.Key.Key_Home, -15.0, "−15.00 %"),
        ("island", Qt.Key.Key_End, 5.0, "5.00 %"),
    ],
)
def test_each_slider_tells_its_field(
    panel: RegionPanel, qtbot: QtBot, name: str, key: Qt.Key, value: float, text: str
) -> None:
    with qtbot.waitSignal(panel.edited) as told:
        qtbot.keyClick(panel.slider(name), key)
    assert told.args == [name, value]
    assert text in texts(panel)


def test_a_threshold_moves_fine_and_coarse(panel: RegionPanel, qtbot: QtBot) -> None:
    for modifier, step in (
        (Qt.KeyboardModifier.ShiftModifier, 1),
        (Qt.KeyboardModifier.ControlModifier, 100),
    ):
        before = panel.slider("level").value()
        qtbot.keyClick(panel.slider("level"), Qt.Key.Key_Right, modifier)
        assert panel.slider("level").value() == before + step


def test_the_threshold_is_a_share_of_the_area_in_percent(panel: RegionPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignals([panel.edited, panel.settled]):
        qtbot.keyClick(panel.mode, Qt.Key.Key_Down)
    assert panel.mode.currentData() == "area"
    assert "35.0 %" in texts(panel)


def test_a_region_is_shown_without_a_signal(panel: RegionPanel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(panel.edited):
        panel.show_region(
            Region(mode="area", level=0.2, feather=4, grow=-2.5, island=1, shown=False), ["a · b"]
        )
    qtbot.waitUntil(lambda: "+ a · b" in texts(panel))
    assert {"20.0 %", "4.0 %", "−2.50 %", "1.00 %"} <= set(texts(panel))
    assert not panel.shown.isChecked()


def test_joined_maps_are_listed_and_leave(panel: RegionPanel, qtbot: QtBot) -> None:
    panel.show_region(Region(), ["Grad-CAM · tabby", "Edges"])
    (button,) = (
        b for b in panel.findChildren(QToolButton) if b.accessibleName() == "Take Edges out of the region"
    )
    with qtbot.waitSignal(panel.leave_asked) as told:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert told.args == [1]
    panel.show_region(Region(), [])
    assert not any(text.startswith("+") for text in texts(panel))


def test_tools_are_chosen_by_mouse(panel: RegionPanel, qtbot: QtBot) -> None:
    panel.set_ready(photo=True, joinable=False)
    for kind, button in panel._tools.items():
        with qtbot.waitSignal(panel.tool_chosen) as told:
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert told.args == [kind]
    panel.show_tool("eraser", 4.0)
    assert panel._tools["eraser"].isChecked()
    assert "4.0 %" in texts(panel)
    with qtbot.waitSignal(panel.brush_changed) as told:
        qtbot.keyClick(panel.slider("brush"), Qt.Key.Key_End)
    assert told.args == [15.0]


def test_nothing_can_be_drawn_or_kept_without_a_photo(panel: RegionPanel) -> None:
    assert not any(
        button.isEnabled() for button in (panel.save_button, panel.load_button, *panel._tools.values())
    )
    assert not any(b.isEnabled() for b in (panel.undo_button, panel.redo_button, panel.clear_button))
    panel.set_ready(photo=True, joinable=True)
    assert panel.save_button.isEnabled()
    assert panel.join_button.isEnabled()


def test_every_control_fits_and_explains_itself(panel: RegionPanel) -> None:
    controls: list[QWidget] = [
        panel.mode,
        panel.follow,
        *(panel.slider(n) for n in ("level", "brush", "grow")),
    ]
    controls += [button for button in panel.findChildren(QAbstractButton) if button.isVisible()]
    assert len(controls) > 15
    for control in controls:
        assert control.toolTip()
        right = control.mapTo(panel, control.rect().bottomRight()).x()
        assert right < panel.width()
    assert panel.minimumSizeHint().width() <= 216
