from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from keepsight.app.ui.fold_heading import FoldHeading


def test_a_section_folds_away_and_comes_back(qtbot: QtBot) -> None:
    body = QLabel("settings")
    heading = FoldHeading("Section", body)
    for widget in (body, heading):
        qtbot.addWidget(widget)
    heading.show()
    assert not body.isHidden()
    qtbot.mouseClick(heading, Qt.MouseButton.LeftButton)
    assert body.isHidden()
    assert heading.toolTip().startswith("Show")
    qtbot.keyClick(heading, Qt.Key.Key_Space)
    assert not body.isHidden()


def test_it_is_known_whether_the_user_did_it(qtbot: QtBot) -> None:
    body = QLabel("settings")
    heading = FoldHeading("Section", body)
    for widget in (body, heading):
        qtbot.addWidget(widget)
    heading.setText("Section (3)")
    heading.setChecked(False)
    assert (heading.name, heading.chosen) == ("Section", False)
    heading.click()
    assert heading.chosen
    assert not body.isHidden()
