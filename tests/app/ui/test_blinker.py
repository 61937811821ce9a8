from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from keepsight.app.ui.blinker import Blinker


def test_it_alternates_by_the_clock_until_it_is_stopped(qtbot: QtBot) -> None:
    parent = QObject()
    blinker = Blinker(parent)
    seen = []
    blinker.turned.connect(lambda: seen.append(blinker.second))
    blinker.run(50.0)
    qtbot.waitUntil(lambda: len(seen) >= 4, timeout=5000)
    blinker.run(None)
    assert seen[:4] == [True, False, True, False]
    count = len(seen)
    qtbot.wait(80)
    assert len(seen) == count


def test_holding_shows_the_other_and_the_clock_waits(qtbot: QtBot) -> None:
    parent = QObject()
    blinker = Blinker(parent)
    blinker.run(50.0)
    before = blinker.second
    blinker.hold(True)
    assert blinker.second is not before
    with qtbot.assertNotEmitted(blinker.turned, wait=80):
        blinker.hold(True)
    with qtbot.waitSignal(blinker.turned):
        blinker.hold(False)
    with qtbot.waitSignal(blinker.turned, timeout=5000):
        pass
    blinker.run(None)


def test_without_the_clock_the_key_alone_turns(qtbot: QtBot) -> None:
    parent = QObject()
    blinker = Blinker(parent)
    blinker.run(None)
    blinker.hold(True)
    assert blinker.second
    blinker.hold(False)
    assert not blinker.second
