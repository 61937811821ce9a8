import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from keepsight.app.engine.limits import KEEPS_THE_CLASS, Goal
from keepsight.app.ui.fold_heading import FoldHeading
from keepsight.app.ui.limit_panel import LimitPanel, LimitRow, SideColumn

ROWS = {
    "avif": LimitRow("AVIF", "#56B4E9", "found", "1,288 B", "quality 3: 1,288 bytes"),
    "jpeg": LimitRow("JPEG", "#E69F00", "none", "none does", "The finest file flips it."),
}


@pytest.fixture
def panel(qtbot: QtBot) -> LimitPanel:
    panel = LimitPanel()
    qtbot.addWidget(panel)
    panel.resize(236, 140)
    panel.show()
    return panel


def test_the_goal_is_chosen_and_remembered(panel: LimitPanel, qtbot: QtBot) -> None:
    assert panel.goal() == KEEPS_THE_CLASS
    assert not panel.value.isVisible()
    assert panel.heading.text() == "Smallest file"
    with qtbot.waitSignal(panel.goal_changed):
        panel.goal_combo.setCurrentIndex(1)
    assert panel.goal() == Goal("probability", 0.5)
    panel.value.setValue(80)
    assert panel.heading.text() == "Smallest file"
    panel.goal_combo.setCurrentIndex(2)
    assert panel.goal() == Goal("bytes", 2000)
    assert panel.heading.text() == "Best file"
    panel.goal_combo.setCurrentIndex(1)
    assert panel.goal() == Goal("probability", 0.8)


def test_a_click_asks_for_what_was_found(panel: LimitPanel, qtbot: QtBot) -> None:
    panel.set_rows(ROWS)
    texts = [label.text() for label in panel.row("avif").findChildren(QLabel)]
    assert texts == ["●", "AVIF", "1,288 B"]
    with qtbot.waitSignal(panel.chosen) as told:
        qtbot.mouseClick(panel.row("avif"), Qt.MouseButton.LeftButton)
    assert told.args == ["avif"]
    with qtbot.assertNotEmitted(panel.chosen):
        qtbot.mouseClick(panel.row("jpeg"), Qt.MouseButton.LeftButton)
    row = panel.row("avif")
    panel.set_rows(ROWS)
    assert panel.row("avif") is row, "rows stay while their figures change"
    panel.set_rows({"jpeg": ROWS["jpeg"]})
    assert panel.row("jpeg").toolTip() == "The finest file flips it."


def test_little_room_folds_parts_until_the_user_does(qtbot: QtBot) -> None:
    panel, region = LimitPanel(), FoldHeading("Region", QLabel("its settings"))
    column = SideColumn(region, panel, region)
    qtbot.addWidget(column)
    column.resize(240, 900)
    column.show()
    assert (panel.is_open, region.isChecked()) == (True, True)
    column.resize(240, 560)
    assert (panel.is_open, region.isChecked()) == (True, False)
    column.resize(240, 380)
    assert (panel.is_open, region.isChecked()) == (False, False)
    with qtbot.waitSignal(panel.opened):
        qtbot.mouseClick(panel.heading, Qt.MouseButton.LeftButton)
    column.resize(240, 360)
    assert (panel.is_open, region.isChecked()) == (True, False)
