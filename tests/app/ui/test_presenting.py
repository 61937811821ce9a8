"""Full screen and panes alone, in a window of its own."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QWidget

from keepsight.app.ui import theme
from keepsight.app.ui.pane import Pane, PaneContent
from keepsight.app.ui.pane_grid import PaneGrid
from keepsight.app.ui.pipeline_control import codec_groups
from keepsight.app.ui.presenting import LARGE, Presenting
from keepsight.app.ui.view_state import ViewState


class Window(QMainWindow):
    def __init__(self) -> None:
        super().__init__()
        self.grid = PaneGrid(ViewState(), codec_groups())
        self.grid.add(1).set_codec("jpeg")
        self.left, self.right = QLabel("left"), QLabel("right")
        body = QWidget()
        row = QHBoxLayout(body)
        for widget in (self.left, self.grid, self.right):
            row.addWidget(widget)
        self.setCentralWidget(body)
        self.presenting = Presenting(self, (self.grid,), (self.left, self.right))


LABELS = "JPEG", "✕ flipped"


def labels(pane: Pane) -> list[QLabel]:
    return pane.findChildren(QLabel)


@pytest.fixture
def window(qtbot) -> Window:
    window = Window()
    qtbot.addWidget(window)
    window.resize(900, 500)
    pixels = np.zeros((60, 80, 3), np.uint8)
    window.grid.panes[1].set_content(PaneContent("JPEG", "jpeg", "quality 5", 100, pixels=pixels))
    window.show()
    window.activateWindow()
    qtbot.waitExposed(window)
    return window


def test_presenting_hides_the_rest_and_brings_it_back(window: Window, qtbot, qapp) -> None:
    window.right.hide()
    pane, geometry = window.grid.panes[1], window.geometry()
    pane.view.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert window.isFullScreen()
    assert window.left.isHidden()
    assert not pane.codec.isVisible()
    assert pane.font().pixelSize() == LARGE
    window.grid.add(2)
    assert window.grid.panes[2].plain
    lost = replace(pane.content, verdict="flipped", rows=(("cat", 0.5),))
    pane.set_content(lost)
    title, verdict = (next(label for label in labels(pane) if label.text() == text) for text in LABELS)
    theme.wear(qapp, "dark")
    for label in (title, verdict):
        assert label.font().pixelSize() == LARGE
        assert label.font().bold()
    qtbot.keyClick(pane.view, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert verdict.font().pixelSize() == theme.FONT_SIZE
    assert verdict.font().bold()
    assert not window.left.isHidden()
    assert window.right.isHidden()
    assert pane.codec.isVisible()
    assert pane.font().pixelSize() == theme.FONT_SIZE
    assert not window.grid.panes[2].plain
    qtbot.waitUntil(lambda: window.geometry() == geometry)


def test_panes_alone_stay_alone_after_presenting(window: Window, qtbot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert window.left.isHidden()
    assert not window.isFullScreen()
    window.presenting.toggle()
    window.presenting.toggle()
    assert window.left.isHidden()
    qtbot.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert not window.left.isHidden()


def test_escape_does_nothing_more_where_nothing_is_presented(window: Window, qtbot) -> None:
    window.presenting.set_bare(True)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.presenting.bare
