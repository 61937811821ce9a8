"""Dialogs for files begin where the last one of their kind ended."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from keepsight.app.ui import file_dialogs

Answer = Callable[..., object]


@pytest.fixture
def parent(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> QWidget:
    monkeypatch.setenv("KEEPSIGHT_HOME", str(tmp_path / "home"))
    parent = QWidget()
    qtbot.addWidget(parent)
    return parent


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, object], list[str]]:
    """Let a dialog answer; return the list of where it began."""

    def let(name: str, answer: object) -> list[str]:
        places: list[str] = []

        def dialog(_: QWidget, __: str, place: str, *___: object) -> object:
            places.append(place)
            return answer

        monkeypatch.setattr(QFileDialog, name, dialog)
        return places

    return let


def test_each_kind_has_its_own_folder(parent: QWidget, begun, tmp_path: Path) -> None:
    figures, photos = tmp_path / "figures", tmp_path / "photos"
    for folder in (figures, photos):
        folder.mkdir()
    saved = begun("getSaveFileName", (str(figures / "a.svg"), "Figure (*.svg)"))
    opened = begun("getOpenFileNames", ([str(photos / "a.png"), str(photos / "b.png")], ""))
    chosen = begun("getExistingDirectory", str(photos))
    one = begun("getOpenFileName", (str(photos / "a.roi.png"), ""))

    assert file_dialogs.save_file(parent, "exports", "t", "curves.svg", "k") == (
        figures / "a.svg",
        "Figure (*.svg)",
    )
    assert file_dialogs.open_files(parent, "photos", "t", "k", "start") == [
        photos / "a.png",
        photos / "b.png",
    ]
    file_dialogs.save_file(parent, "exports", "t", "curves.csv", "k")
    file_dialogs.save_file(parent, "sessions", "t", "session.keepsight", "k")
    assert saved == ["curves.svg", str(figures / "curves.csv"), "session.keepsight"]
    assert file_dialogs.choose_folder(parent, "exports", "t") == photos
    assert file_dialogs.choose_folder(parent, "exports", "t") == photos
    assert chosen == [str(figures), str(photos)]
    assert file_dialogs.open_file(parent, "regions", "t", "k", "beside") == photos / "a.roi.png"
    assert file_dialogs.open_file(parent, "regions", "t", "k", "beside") == photos / "a.roi.png"
    assert one == ["beside", str(photos)]
    photos.rename(tmp_path / "moved")
    file_dialogs.open_files(parent, "photos", "t", "k", "start")
    assert opened == ["start", "start"], "a folder that is gone is none to begin in"


def test_no_choice_changes_nothing(parent: QWidget, begun, tmp_path: Path) -> None:
    begun("getOpenFileName", (str(tmp_path / "a.toml"), ""))
    assert file_dialogs.open_file(parent, "classifiers", "t", "k") == tmp_path / "a.toml"
    for name in ("getOpenFileName", "getSaveFileName"):
        begun(name, ("", ""))
    begun("getOpenFileNames", ([], ""))
    places = begun("getExistingDirectory", "")
    assert file_dialogs.open_file(parent, "classifiers", "t", "k") is None
    assert file_dialogs.save_file(parent, "classifiers", "t", "a", "k") is None
    assert file_dialogs.open_files(parent, "classifiers", "t", "k") == []
    assert file_dialogs.choose_folder(parent, "classifiers", "t") is None
    assert places == [str(tmp_path)]
