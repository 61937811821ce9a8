import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from keepsight.app.ui.wipe_line import WipeLine

NONE, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


@pytest.fixture
def line(qtbot: QtBot) -> WipeLine:
    view = QWidget()
    qtbot.addWidget(view)
    view.resize(400, 200)
    line = WipeLine(view)
    line.moved.connect(line.set_split)
    line.set_split(0.5)
    view.show()
    return line


def test_it_stands_at_its_share_as_high_as_the_view(line: WipeLine) -> None:
    assert line.geometry().center().x() in (199, 200)
    line.parentWidget().resize(800, 300)
    assert line.geometry().center().x() in (399, 400)
    assert line.height() == 300


@pytest.mark.parametrize(
    ("key", "modifier", "to"),
    [
        (Qt.Key.Key_Left, NONE, 0.48),
        (Qt.Key.Key_Right, NONE, 0.52),
        (Qt.Key.Key_Right, SHIFT, 0.502),
        (Qt.Key.Key_Left, CTRL, 0.4),
        (Qt.Key.Key_Home, NONE, 0.0),
        (Qt.Key.Key_End, NONE, 1.0),
    ],
)
def test_keys_move_it(
    line: WipeLine, qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier, to: float
) -> None:
    with qtbot.waitSignal(line.moved) as told:
        qtbot.keyClick(line, key, modifier)
    assert told.args == [pytest.approx(to)]


def test_keys_stop_at_the_ends(line: WipeLine, qtbot: QtBot) -> None:
    for _ in range(8):
        qtbot.keyClick(line, Qt.Key.Key_Right, CTRL)
    assert line.geometry().center().x() in (399, 400)


def test_the_mouse_drags_it_within_the_view(line: WipeLine) -> None:
    moved: list[float] = []
    line.moved.connect(moved.append)
    QTest.mousePress(line, Qt.MouseButton.LeftButton, pos=QPoint(11, 50))
    QTest.mouseMove(line, QPoint(11 + 100, 60))
    assert moved[-1] == pytest.approx(0.75, abs=0.01)
    QTest.mouseMove(line, QPoint(900, 60))
    assert moved[-1] == 1.0
    QTest.mouseRelease(line, Qt.MouseButton.LeftButton, pos=QPoint(0, 60))
    count = len(moved)
    QTest.mouseMove(line, QPoint(-50, 60))
    assert len(moved) == count
