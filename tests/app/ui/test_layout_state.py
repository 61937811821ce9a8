"""How the window is divided up: read, put into another window, and told to the session."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from keepsight.app.engine.session import MOST_WIDTH, Bookmark, Layout
from keepsight.app.ui.fold_heading import FoldHeading
from keepsight.app.ui.layout_state import LayoutState
from keepsight.app.ui.window import MainWindow


@pytest.fixture
def windows() -> Iterator[tuple[MainWindow, MainWindow]]:
    both = MainWindow("scenes"), MainWindow("scenes")
    for window in both:
        window.show()
    yield both
    for window in both:
        window.close()
        window.shut_down()


def heading(window: MainWindow, name: str) -> FoldHeading:
    (found,) = (one for one in window.findChildren(FoldHeading) if one.name == name)
    return found


def test_folds_and_widths_come_back(windows: tuple[MainWindow, MainWindow], qtbot: QtBot) -> None:
    first, second = windows
    state, other = LayoutState(first), LayoutState(second)
    before = other.read()
    assert before.sections == {}, "what the window folds by itself is not the user's"
    assert set(before.widths) == {"settings", "flips"}
    for name in ("Saliency", "Smallest file"):
        with qtbot.waitSignal(state.changed):
            heading(first, name).click()
    with qtbot.waitSignal(state.changed):
        first.flips.panel.table.setColumnWidth(0, 234)
    first.curves.tables.settings.setColumnWidth(2, 123)
    left = state.read()
    assert left.sections == {"Saliency": False, "Smallest file": heading(first, "Smallest file").isChecked()}
    other.put(Layout.model_validate_json(left.model_dump_json()))
    assert (other.read().sections, other.read().widths) == (left.sections, left.widths)
    assert second.flips.panel.table.columnWidth(0) == 234
    second.resize(1440, 400)
    second.resize(1440, 1000)
    assert heading(second, "Smallest file").isChecked() == left.sections["Smallest file"]


def test_what_is_not_known_here_is_left_out(windows: tuple[MainWindow, MainWindow]) -> None:
    window, _ = windows
    state = LayoutState(window)
    before = state.read()
    state.put(Layout(sections={"Gone": False}, widths={"gone": {"Bytes": 50}, "flips": {"Gone": 50}}))
    assert (state.read().sections, state.read().widths) == (before.sections, before.widths)


def test_a_column_wider_than_can_be_kept_is_kept_as_wide_as_can_be(
    windows: tuple[MainWindow, MainWindow],
) -> None:
    window, _ = windows
    window.curves.tables.settings.setColumnWidth(2, 2 * MOST_WIDTH)
    assert MOST_WIDTH in LayoutState(window).read().widths["settings"].values()


def test_bookmarks_that_were_folded_stay_so(windows: tuple[MainWindow, MainWindow]) -> None:
    first, second = windows
    first.bookmarks.take((Bookmark(name="one", photo="cat"),))
    assert heading(first, "Bookmarks").isChecked(), "the first one unfolds them"
    heading(first, "Bookmarks").click()
    second.sessions.restore(first.sessions.read(), samples=False)
    assert second.bookmarks.bookmarks
    assert not heading(second, "Bookmarks").isChecked()
