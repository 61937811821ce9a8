"""How the program opens its window."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from keepsight.app.ui import launch


@pytest.mark.parametrize("fits", [True, False])
def test_no_window_is_larger_than_the_screen(qtbot: QtBot, fits: bool) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    room = window.screen().availableSize()
    wanted = room - QSize(100, 100) if fits else room + QSize(100, -100)
    window.resize(wanted)
    launch.open_window(window)
    assert window.isVisible()
    assert window.isMaximized() is not fits
    assert window.size() == wanted.boundedTo(room)
