"""Every test here runs with the program's look, and fails if it leaves a thread or a timer behind."""

import threading
from collections.abc import Callable, Iterator

import pytest
import shiboken6
from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QApplication

from keepsight.app.ui import theme


@pytest.fixture(scope="session", autouse=True)
def themed(qapp: QApplication) -> None:
    theme.apply(qapp)


def at_work() -> dict[int, str]:
    """Return what runs in this process: Python threads, Qt threads and timers, by identity."""
    found = {id(thread): f"thread {thread.name}" for thread in threading.enumerate()}
    for thing in shiboken6.getAllValidWrappers():
        if isinstance(thing, QThread) and thing.isRunning() and thing is not QThread.currentThread():
            found[id(thing)] = f"Qt thread {thing.objectName() or thing!r}"
        elif isinstance(thing, QTimer) and thing.isActive():
            found[id(thing)] = f"timer of {thing.parent()!r}, every {thing.interval()} ms"
    return found


@pytest.fixture
def list_at_work() -> Callable[[], dict[int, str]]:
    return at_work


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    """Fail a test that leaves a Python thread, a Qt thread or an active timer behind."""
    before = at_work()
    yield
    left = {key: words for key, words in at_work().items() if key not in before}
    assert not left, f"left running: {', '.join(left.values())}"
