"""Everything in the window is reached by keyboard, named and explained, and shows when it has the focus.

The tests walk through the widgets of the real window, so that a new one is held to this by itself.
"""

from collections.abc import Callable, Iterator
from typing import get_args

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from keepsight.app.engine.types import Curve
from keepsight.app.ui import focus_order, theme
from keepsight.app.ui.palettes import Theme
from keepsight.app.ui.window import MainWindow


@pytest.fixture(scope="module")
def window(qapp: QApplication) -> Iterator[MainWindow]:
    window = MainWindow("imagenet")
    window.resize(1440, 900)
    window.show()
    yield window
    window.close()
    window.shut_down()
    shiboken6.delete(window)


def focusable(window: QWidget) -> list[QWidget]:
    """Return all that may have the focus, in sight or not; no lists that pop up, no parts of a field."""
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.window() is window
        and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and widget.focusProxy() is None
    ]


def called(widget: QWidget) -> str:
    text = widget.text() if hasattr(widget, "text") else ""
    parents, parent = [], widget
    while isinstance(parent, QWidget) and len(parents) < 4:
        parents.append(type(parent).__name__)
        parent = parent.parent()
    return f"{widget.accessibleName() or text or '?'} ({' of '.join(parents)})"


def test_everything_has_a_name_and_is_explained(window: MainWindow) -> None:
    """What is looked at rather than used has a description: a tip would cover it."""
    unnamed, unexplained = [], []
    for widget in focusable(window):
        if not (widget.accessibleName() or (hasattr(widget, "text") and widget.text())):
            unnamed.append(called(widget))
        if not (widget.toolTip() or widget.accessibleDescription()):
            unexplained.append(called(widget))
    assert (unnamed, unexplained) == ([], [])


def test_signs_have_names_in_words(window: MainWindow) -> None:
    """A cross or an icon is no name that can be read aloud."""
    buttons = window.findChildren(QToolButton)
    assert [called(b) for b in buttons if len(b.text()) <= 1 and not b.accessibleName()] == []


def test_tab_comes_to_all_that_is_in_sight_and_back(window: MainWindow, qtbot: QtBot) -> None:
    for place in range(window.curves.count()):
        window.curves.setCurrentIndex(place)
        QApplication.processEvents()
        by_arrows = set(window.toolbar.modes.buttons.values())
        wanted = {w for w in focusable(window) if w.isVisible() and w.isEnabled()} - by_arrows
        window.toolbar.open_button.setFocus()
        seen: list[QWidget] = []
        while (now := window.focusWidget()) not in seen:
            assert now is not None
            seen.append(now)
            qtbot.keyClick(now, Qt.Key.Key_Tab)
        assert sorted(called(w) for w in wanted - set(seen)) == []
        assert now is seen[0]
        qtbot.keyClick(now, Qt.Key.Key_Backtab)
        assert window.focusWidget() is seen[-1]


def test_tab_goes_as_the_eye_does(window: MainWindow) -> None:
    window.curves.setCurrentIndex(0)
    QApplication.processEvents()
    order = list(focus_order.stops(window))
    parts = (window.toolbar, window.column, window.grid, window.side, window.limit_panel, window.curves)
    places = [next(i for i, part in enumerate(parts) if part.isAncestorOf(widget)) for widget in order]
    assert places == sorted(places)
    assert set(places) == set(range(len(parts)))
    panes = list(window.grid.panes.values())
    shown = [
        next(i for i, p in enumerate(panes) if p.isAncestorOf(w))
        for w in order
        if window.grid.isAncestorOf(w)
    ]
    assert shown == sorted(shown)
    menu, view = order.index(panes[1].codec), order.index(panes[1].view)
    assert view == menu + 1


@pytest.mark.parametrize("name", get_args(Theme))
def test_the_focus_is_seen(
    qapp: QApplication, window: MainWindow, curves: Callable[..., list[Curve]], name: Theme
) -> None:
    window.curves.set_curves(curves(), 0.89)
    if theme.look.theme != name:
        theme.wear(qapp, name)
    window.activateWindow()
    unseen = []
    try:
        for place in range(window.curves.count()):
            window.curves.setCurrentIndex(place)
            QApplication.processEvents()
            for widget in focus_order.stops(window):
                if place and not window.curves.isAncestorOf(widget):
                    continue
                window.setFocus()
                before = widget.grab().toImage()
                widget.setFocus(Qt.FocusReason.TabFocusReason)
                assert widget.hasFocus()
                if widget.grab().toImage() == before:
                    unseen.append(called(widget))
    finally:
        theme.wear(qapp, "dark")
    assert unseen == []
