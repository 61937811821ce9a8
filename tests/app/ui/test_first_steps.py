"""The hints of the first run: beside what they explain, gone for good after, and had again from the menu."""

from collections.abc import Iterator
from itertools import product

import pytest
import shiboken6
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from keepsight.app.ui import first_steps, preferences
from keepsight.app.ui.first_steps import FirstSteps, beside
from keepsight.app.ui.window import MainWindow


@pytest.fixture(scope="module")
def real(qapp: QApplication) -> Iterator[MainWindow]:
    window = MainWindow("imagenet")
    window.resize(1440, 900)
    window.show()
    yield window
    window.close()
    window.shut_down()
    shiboken6.delete(window)


@pytest.fixture
def window(real: MainWindow) -> Iterator[MainWindow]:
    yield real
    for hints in real.findChildren(FirstSteps):
        hints.end()
    real.resize(1440, 900)


def shown(window: MainWindow) -> FirstSteps:
    hints = first_steps.show(window)
    assert hints is not None
    QApplication.processEvents()
    return hints


@pytest.mark.parametrize("size", [(1440, 900), (1024, 640), (2560, 1440)])
def test_each_hint_lies_beside_what_it_explains(window: MainWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    QApplication.processEvents()
    hints = shown(window)
    explained = []
    for _ in range(3):
        target = hints.target
        assert target is not None
        place = QRect(target.mapTo(window, QPoint()), target.size())
        assert not hints.geometry().intersects(place)
        assert window.rect().contains(hints.geometry())
        assert hints.height() >= hints.heightForWidth(hints.width())
        explained.append(target)
        hints.next.click()
        QApplication.processEvents()
    pane = window.grid.panes[1]
    assert explained == [pane.codec, pane.bars, window.photos]
    assert not window.findChildren(FirstSteps)


def test_the_verdict_is_not_covered(window: MainWindow) -> None:
    hints = shown(window)
    hints.step()
    verdict = window.grid.panes[1]._verdict
    assert not hints.geometry().intersects(QRect(verdict.mapTo(window, QPoint()), verdict.size()))


def test_keys_go_on_and_end(window: MainWindow, qtbot: QtBot) -> None:
    hints = shown(window)
    assert hints.next.hasFocus()
    title = hints.accessibleName()
    assert title in hints.next.accessibleDescription()
    qtbot.keyClick(hints.next, Qt.Key.Key_Return)
    assert hints.accessibleName() != title
    qtbot.keyClick(hints.next, Qt.Key.Key_Escape)
    assert not window.findChildren(FirstSteps)


def test_a_click_goes_on_and_skip_ends(window: MainWindow, qtbot: QtBot) -> None:
    hints = shown(window)
    title = hints.accessibleName()
    qtbot.mouseClick(hints, Qt.MouseButton.LeftButton)
    assert hints.accessibleName() != title
    assert all(button.toolTip() for button in (hints.skip, hints.next))
    hints.skip.click()
    assert not window.findChildren(FirstSteps)


def test_hints_stay_beside_when_the_window_changes(window: MainWindow) -> None:
    hints = shown(window)
    hints.step()
    window.resize(1100, 700)
    QApplication.processEvents()
    target = hints.target
    assert target is not None
    assert not hints.geometry().intersects(QRect(target.mapTo(window, QPoint()), target.size()))
    assert window.rect().contains(hints.geometry())


def test_what_is_not_in_sight_has_no_hint(window: MainWindow) -> None:
    window.presenting.set_bare(True)
    hints = shown(window)
    hints.step()
    hints.step()
    assert not window.findChildren(FirstSteps)
    window.presenting.set_bare(False)


def test_the_menu_has_them_again_but_once(window: MainWindow) -> None:
    for _ in range(2):
        window.toolbar.help.first_steps_asked.emit()
    assert len(window.findChildren(FirstSteps)) == 1


def test_the_first_start_has_them_and_no_later_one() -> None:
    assert preferences.first_start()
    assert not preferences.first_start()


def test_a_place_beside_is_found_wherever_there_is_room() -> None:
    room, size = QRect(0, 0, 1000, 700), QSize(300, 150)
    for x, y, width, height in product((0, 350, 640), (0, 300, 500), (60, 340), (20, 190)):
        explained = QRect(x, y, width, height)
        place = beside(explained, size, room)
        assert room.contains(place), explained
        assert not place.intersects(explained), explained
