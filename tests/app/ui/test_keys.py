"""The keys of the real window: where they act, and that the page of shortcuts leaves none out."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import keepsight.app.ui
from keepsight.app.ui import keys
from keepsight.app.ui.shortcuts_page import ShortcutsPage
from keepsight.app.ui.window import MainWindow

TOOLS = {
    Qt.Key.Key_B: "brush",
    Qt.Key.Key_E: "eraser",
    Qt.Key.Key_R: "add rectangle",
    Qt.Key.Key_M: None,
}


@pytest.fixture(scope="module")
def window(qapp: QApplication) -> Iterator[MainWindow]:
    window = MainWindow("imagenet")
    window.show()
    yield window
    window.close()
    window.shut_down()


def test_keys_of_the_region_act_on_pictures_only(window: MainWindow, qtbot: QtBot) -> None:
    tool = window.region.tool
    for elsewhere in (window.photos.view, window.toolbar.sweep_button, window.curves.tabBar()):
        elsewhere.setFocus()
        for key in (*TOOLS, Qt.Key.Key_BracketLeft, Qt.Key.Key_Escape):
            qtbot.keyClick(elsewhere, key)
            assert (tool.kind, tool.radius) == (None, 2.5), (key, elsewhere)
    for view in (window.grid.panes[0].view, window.viewing.pair.view):
        window._view.edit(mode="wipe" if view is window.viewing.pair.view else "side by side")
        view.setFocus()
        for key, kind in TOOLS.items():
            qtbot.keyClick(view, key)
            assert tool.kind == kind
        qtbot.keyClick(view, Qt.Key.Key_B)
        qtbot.keyClick(view, Qt.Key.Key_Escape)
        assert tool.kind is None
        qtbot.keyClick(view, Qt.Key.Key_BracketRight)
        assert tool.radius > 2.5
        tool.set_radius(2.5)
    window._view.edit(mode="side by side")


def test_every_shortcut_says_what_it_does(window: MainWindow) -> None:
    for shortcut in window.findChildren(QShortcut):
        assert shortcut.whatsThis(), f"Bind {shortcut.key().toString()} with keys.bind, in words."
    assert all(key.words and key.group in keys.GROUPS for key in keys.bound(window))


def test_the_page_shows_all_keys(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(window, "?")
    page = window.findChild(ShortcutsPage)
    assert page is not None
    shown = {one for line, _ in page.lines for one in line.split(", ")}
    native = QKeySequence.SequenceFormat.NativeText
    answers = [
        *(one.keys() for one in window.findChildren(QShortcut) if one.parent() is not page),
        *(action.shortcuts() for action in window.findChildren(QAction)),
    ]
    assert len(answers) > 30
    rare = {"Copy", "Help", "Open", "Paste"}  # of few keyboards
    assert {key.toString(native) for bound in answers for key in bound} - rare <= shown
    assert not shown & rare
    for key in window.viewing._held._keys:
        assert (keys.HELD[key].keys, keys.HELD[key].words) in page.lines
    qtbot.waitUntil(page.isActiveWindow)
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.findChild(ShortcutsPage) is None)


def test_every_widget_with_keys_of_its_own_is_declared() -> None:
    declared = {key.widget for key in keys.TAKEN}
    folder = Path(keepsight.app.ui.__path__[0])
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef) and any(
                isinstance(part, ast.FunctionDef) and part.name == "keyPressEvent" for part in node.body
            ):
                assert node.name in declared, f"Say the keys of {node.name} in keys.TAKEN."
                declared.discard(node.name)
    assert not declared, "There are no such widgets any more."


def test_the_toolbar_fits_a_small_window(window: MainWindow, qtbot: QtBot) -> None:
    before = window.size()
    window.resize(1024, 640)
    qtbot.waitUntil(window.toolbar.export.isVisible)
    for widget in (window.toolbar.sweep_button, window.toolbar.export, window.toolbar.help):
        assert widget.isVisible()
        assert window.toolbar.rect().contains(widget.geometry())
    window.resize(before)
    qtbot.wait(50)


def test_letters_in_an_open_list_choose_and_take_no_tool(window: MainWindow, qtbot: QtBot) -> None:
    window._view.edit(mode="side by side")
    pane = next(pane for number, pane in window.grid.panes.items() if number)
    pane.codec.setFocus()
    pane.codec.showPopup()
    listed = pane.codec.view()
    qtbot.waitUntil(listed.isVisible)
    for key in (Qt.Key.Key_B, Qt.Key.Key_E):
        qtbot.keyClick(listed, key)
        assert window.region.tool.kind is None
        assert listed.currentIndex().data() == "Block average"
    pane.codec.hidePopup()
