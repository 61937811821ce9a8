"""Bookmarks in the whole window, with real codecs and no classifier."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.types import Setting
from keepsight.app.ui.photo_model import Role
from keepsight.app.ui.viewing import Viewing
from keepsight.app.ui.window import MainWindow
from keepsight.codecs import registry

WAIT_MS = 60_000
Key = Qt.Key
NONE = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for name, size in (("cat", (160, 120)), ("coffee", (120, 160)), ("rocket", (150, 150))):
        sample = next(sample for sample in SAMPLES if sample.name == name)
        Image.open(sample.path).convert("RGB").resize(size).save(folder / f"{name}.png")
    return folder


@pytest.fixture(scope="module")
def window(opened, folder: Path) -> Iterator[MainWindow]:
    with opened("imagenet", 1280, 800) as window:
        window.open([folder])
        yield window


@pytest.fixture
def idle(window: MainWindow, qtbot: QtBot) -> Iterator[MainWindow]:
    """The window with the cat, side by side, the first compressed pane selected, and no bookmark."""
    settle(window, qtbot)
    window.library.show(0)
    settle(window, qtbot)
    window.view.set_viewing(Viewing())
    window.view.fit()
    window.grid.select(list(window.grid.panes)[1])
    window.bookmarks.take(())
    window.undo.forget()
    window.problems.clear()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    window.presenting.leave()
    settle(window, qtbot)


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.busy and bool(window.library._items), timeout=WAIT_MS)
    QApplication.processEvents()


def press(window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    """Press a key as the system tells it: to the window first."""
    QTest.keyClick(window.windowHandle(), key, modifier)
    QApplication.processEvents()


def quality(window: MainWindow, value: int) -> None:
    window._set(window.grid.selection, Setting("jpeg", registry.get("jpeg").options(quality=value)))


def state(window: MainWindow) -> tuple[object, ...]:
    view = window.view
    return window.library.shown_name(), window.state.read(), view.extent, view.centre.toTuple()


def fill(window: MainWindow, qtbot: QtBot) -> list[tuple[object, ...]]:
    """Make three bookmarks: of two photos, another quality each, in another mode, with another part."""
    states = []
    for row, value, mode, extent in (
        (0, 11, "side by side", None),
        (1, 22, "wipe", 900.0),
        (0, 33, "blink", None),
    ):
        window.library.show(row)
        settle(window, qtbot)
        quality(window, value)
        window.view.edit(mode=mode, blinking=False)
        window.view.look(extent, QPointF(0.25, 0.5))
        settle(window, qtbot)
        press(window, Key.Key_D, CONTROL)
        states.append(state(window))
    return states


def names(window: MainWindow) -> list[str]:
    shown = window.column.bookmarks
    assert [shown.item(row).text() for row in range(shown.count())] == [
        one.name for one in window.bookmarks.bookmarks
    ]
    return [one.name for one in window.bookmarks.bookmarks]


def test_a_bookmark_brings_back_photo_settings_and_part(idle: MainWindow, qtbot: QtBot) -> None:
    assert not idle.column.heading.isChecked()
    states = fill(idle, qtbot)
    assert names(idle) == [
        "cat: JPEG quality 11",
        "coffee: wipe, JPEG quality 22",
        "cat: blink, JPEG quality 33",
    ]
    assert idle.column.heading.isChecked()
    shown = idle.column.bookmarks
    assert not shown.item(0).data(Role.THUMBNAIL).isNull()
    for row in (1, 0, 2, 1):
        rect = shown.visualItemRect(shown.item(row))
        QTest.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, NONE, rect.center())
        settle(idle, qtbot)
        assert state(idle) == states[row]
        assert shown.currentRow() == row
        assert idle.grid.panes[idle.grid.selection].content.options == f"quality {(11, 22, 33)[row]}"


def test_a_bookmark_of_two_pictures_is_named_after_them(idle: MainWindow) -> None:
    original, _, second, _last = idle.grid.panes
    for first, other in ((original, second), (second, original)):
        idle.view.edit(mode="wipe", first=first, second=other)
        press(idle, Key.Key_D, CONTROL)
    idle.view.edit(first=original, second=None)
    idle.grid.select(original)
    press(idle, Key.Key_D, CONTROL)
    assert [name.split(" quality")[0] for name in names(idle)] == ["cat: wipe, WebP"] * 2 + [
        "cat: wipe, JPEG"
    ]


def test_going_to_a_bookmark_is_one_step_of_undo(idle: MainWindow, qtbot: QtBot) -> None:
    states = fill(idle, qtbot)
    idle.undo.forget()
    idle.bookmarks.go(1)
    settle(idle, qtbot)
    assert idle.undo.undo_action.text() == "Undo going to “coffee: wipe, JPEG quality 22”"
    idle.undo.undo()
    settle(idle, qtbot)
    assert state(idle) == states[2]
    assert not idle.undo.undo_action.isEnabled()
    idle.undo.redo()
    settle(idle, qtbot)
    assert state(idle) == states[1]
    assert not idle.undo.redo_action.isEnabled()


def test_bookmarks_are_renamed_moved_and_removed_by_keys_and_back(idle: MainWindow, qtbot: QtBot) -> None:
    fill(idle, qtbot)
    first, second, third = names(idle)
    shown = idle.column.bookmarks
    shown.setFocus()
    shown.setCurrentRow(0)
    qtbot.keyClick(shown, Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert names(idle) == [second, first, third]
    assert shown.currentRow() == 1
    qtbot.keyClick(shown, Key.Key_F2)
    line = shown.findChild(QLineEdit)
    assert line is not None
    line.setText("  The start ")
    qtbot.keyClick(line, Key.Key_Return)
    qtbot.waitUntil(lambda: names(idle) == [second, "The start", third])
    shown.setFocus()
    qtbot.keyClick(shown, Key.Key_Delete)
    assert names(idle) == [second, third]
    idle.undo.undo()
    idle.undo.undo()
    assert names(idle) == [second, first, third]
    idle.undo.undo()
    assert names(idle) == [first, second, third]
    idle.bookmarks.rename(0, " ")
    assert names(idle) == [first, second, third]


@pytest.mark.parametrize(
    ("row", "over", "low", "order"), [(0, 2, True, "bca"), (2, 0, False, "cab"), (1, 1, True, "abc")]
)
def test_a_bookmark_is_dragged_to_its_place(idle: MainWindow, qtbot: QtBot, row, over, low, order) -> None:
    fill(idle, qtbot)
    for place, name in enumerate("abc"):
        idle.bookmarks.rename(place, name)
    shown = idle.column.bookmarks
    shown.setCurrentRow(row)
    rect = shown.visualItemRect(shown.item(over))
    point = QPointF(20, rect.bottom() - 4 if low else rect.top() + 4)
    shown.dropEvent(
        QDropEvent(
            point,
            Qt.DropAction.MoveAction,
            shown.mimeData([shown.item(row)]) or QMimeData(),
            Qt.MouseButton.LeftButton,
            NONE,
        )
    )
    assert "".join(names(idle)) == order


@pytest.mark.parametrize(
    ("forth", "back"), [(Key.Key_Right, Key.Key_Left), (Key.Key_PageDown, Key.Key_PageUp)]
)
def test_keys_step_through_them_as_slides(
    idle: MainWindow, qtbot: QtBot, forth: Qt.Key, back: Qt.Key
) -> None:
    states = fill(idle, qtbot)
    idle.bookmarks.take(idle.bookmarks.bookmarks)  # none is chosen
    idle.presenting.begin()
    for row in (0, 1, 2, 2):
        press(idle, forth)
        settle(idle, qtbot)
        assert state(idle) == states[row]
        assert idle.viewing.shown.plain
        assert idle.viewing.shown.isVisible()
    press(idle, back)
    settle(idle, qtbot)
    assert state(idle) == states[1]
    press(idle, Key.Key_Home)
    settle(idle, qtbot)
    assert state(idle) == states[0]
    press(idle, forth)
    settle(idle, qtbot)
    assert state(idle) == states[1]
    split = idle.view.viewing.split
    press(idle, Key.Key_Right, CONTROL)  # the line of the wipe
    assert idle.view.viewing.split > split
    assert idle.library.shown_name() == states[1][0]
    idle.presenting.leave()
    idle.viewing.pair.view.setFocus()
    press(idle, Key.Key_PageUp)  # turns photos again
    settle(idle, qtbot)
    assert idle.library.shown_name() == states[0][0]


def test_without_bookmarks_the_keys_stay_what_they_are(idle: MainWindow, qtbot: QtBot) -> None:
    idle.presenting.begin()
    idle.viewing.view.setFocus()
    press(idle, Key.Key_PageDown)
    settle(idle, qtbot)
    assert idle.library.shown_name().endswith("coffee.png")
    assert not idle.problems


def test_a_missing_photo_is_said_and_the_rest_goes_on(idle: MainWindow, qtbot: QtBot, folder: Path) -> None:
    states = fill(idle, qtbot)
    first, second, third = idle.bookmarks.bookmarks
    gone = second.model_copy(update={"photo": str(folder / "gone.png")})
    idle.bookmarks.take((first, gone, third))
    idle.bookmarks.go(0)
    settle(idle, qtbot)
    assert not idle.bookmarks.go(1)
    assert state(idle) == states[0]
    assert "gone.png" in idle.problems[-1]
    assert "is not there any more" in idle.problems[-1]
    shown = idle.column.bookmarks
    assert [shown.item(row).data(Role.FLIPPED) for row in range(3)] == [False, True, False]
    assert "not where it was" in shown.item(1).toolTip()
    idle.presenting.begin()
    press(idle, Key.Key_Right)
    settle(idle, qtbot)
    assert state(idle) == states[2]


def test_a_photo_that_is_not_in_the_list_is_opened(idle: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    fill(idle, qtbot)
    other = tmp_path / "other.png"
    Image.new("RGB", (90, 70), (200, 40, 40)).save(other)
    first = idle.bookmarks.bookmarks[1].model_copy(update={"photo": str(other)})
    rendered = first.model_copy(update={"photo": SAMPLES[2].name, "group": "Samples"})
    idle.bookmarks.take((first, rendered))
    for row, photo in enumerate((str(other), SAMPLES[2].name)):
        assert idle.bookmarks.go(row)
        qtbot.waitUntil(lambda photo=photo: idle.library.shown_name() == photo, timeout=WAIT_MS)
        settle(idle, qtbot)
        assert idle.library.shown_name() == photo
        assert (idle.view.extent, idle.view.viewing.mode) == (900.0, "wipe")


def test_the_list_explains_itself(idle: MainWindow, qtbot: QtBot) -> None:
    fill(idle, qtbot)
    column = idle.column
    for control in (column.heading, column.add_button):
        assert control.toolTip()
        assert control.accessibleName() or control.text()
    assert column.bookmarks.accessibleName() == "Bookmarks"
    for action in column.bookmarks.actions():
        assert action.whatsThis()
        assert action.shortcuts()
    assert column.bookmarks.item(0).toolTip().startswith("cat: JPEG quality 11")
