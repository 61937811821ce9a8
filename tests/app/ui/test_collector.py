import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from keepsight.app.ui.collector import Collector


class Ring:
    """Garbage that only a collector finds."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def collector() -> Iterator[Collector]:
    parent = QObject()
    yield Collector(parent)
    parent.deleteLater()
    gc.enable()


def test_garbage_of_every_thread_is_collected_in_the_windows_own(collector: Collector, qtbot: QtBot) -> None:
    found: list[threading.Thread] = []

    def litter() -> None:
        for _ in range(3 * gc.get_threshold()[0]):
            weakref.finalize(Ring(), lambda: found.append(threading.current_thread()))

    thread = threading.Thread(target=litter)
    thread.start()
    thread.join()
    assert found == []
    qtbot.waitUntil(lambda: len(found) == 3 * gc.get_threshold()[0])
    assert set(found) == {threading.current_thread()}


def test_nothing_is_collected_before_it_is_due(collector: Collector) -> None:
    gc.collect()
    ring = weakref.ref(Ring())
    collector.collect()
    assert ring() is not None
    gc.collect()
    assert ring() is None
