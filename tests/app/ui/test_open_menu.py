"""What was opened last, in the menu of the Open button and in the user's folder."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton

from keepsight.app.ui import preferences
from keepsight.app.ui.open_menu import OpenMenu


@pytest.fixture
def menu(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenMenu:
    monkeypatch.setenv("KEEPSIGHT_HOME", str(tmp_path / "home"))
    button = QPushButton()
    qtbot.addWidget(button)
    return OpenMenu(button, *[lambda: None] * 4)


def names(menu: OpenMenu) -> list[str]:
    menu.menu.aboutToShow.emit()
    return [action.text() for action in menu.recent.actions()]


def test_nothing_can_be_chosen_before_anything_was_opened(menu: OpenMenu) -> None:
    assert names(menu) == []
    assert not menu.recent.isEnabled()
    assert preferences.recent_folder() == ""


def test_the_latest_comes_first_each_once_and_not_too_many(menu: OpenMenu, tmp_path: Path, qtbot) -> None:
    menu.note([tmp_path / "a & b.png", "samples"])
    menu.note([tmp_path])
    menu.note([tmp_path / "a & b.png"])
    assert names(menu) == ["a && b.png", f"{tmp_path.name}/"]
    assert preferences.recent_folder() == str(tmp_path)
    with qtbot.waitSignal(menu.recent_chosen) as chosen:
        menu.recent.actions()[0].trigger()
    assert chosen.args == [[tmp_path / "a & b.png"]]
    menu.note([tmp_path / f"{number}.png" for number in range(20)])
    assert len(names(menu)) == preferences.MOST_RECENT


def test_a_damaged_file_of_preferences_loses_the_list_alone(menu: OpenMenu, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "preferences.ini").write_bytes(b"[General\x00\nrecent=@Variant(\x7f")
    assert names(menu) == []
    menu.note([tmp_path])
    assert names(menu) == [f"{tmp_path.name}/"]
