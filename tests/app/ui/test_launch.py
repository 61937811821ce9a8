"""How the program opens its window."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from keepsight.app.ui import launch


@pytest.mark.parametrize(
    ("beside", "fits"), [(QSize(-100, -100), True), (QSize(100, -100), False), (QSize(0, 0), False)]
)
def test_no_window_is_larger_than_the_screen(qtbot: QtBot, beside: QSize, fits: bool) -> None:
    """One as high as the screen has no room for its title bar."""
    window = QMainWindow()
    qtbot.addWidget(window)
    room = window.screen().availableSize()
    wanted = room + beside
    window.resize(wanted)
    launch.open_window(window)
    assert window.isVisible()
    assert window.isMaximized() is not fits
    assert window.size() == (wanted if fits else window.size().boundedTo(room))
