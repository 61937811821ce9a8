import threading
from collections.abc import Callable

from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot


def test_leak_check_sees_timers_and_threads(qtbot: QtBot, list_at_work: Callable[[], dict[int, str]]) -> None:
    before = set(list_at_work())
    widget = QWidget()
    qtbot.addWidget(widget)
    timer = QTimer(widget)
    timer.setInterval(60_000)
    qt_thread = QThread()
    release = threading.Event()
    thread = threading.Thread(target=release.wait)
    assert set(list_at_work()) == before

    timer.start()
    qt_thread.start()
    thread.start()
    assert set(list_at_work()) - before == {id(timer), id(qt_thread), id(thread)}

    timer.stop()
    qt_thread.quit()
    qt_thread.wait()
    release.set()
    thread.join()
    assert set(list_at_work()) == before
