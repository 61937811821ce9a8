"""The photos behind the list."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from keepsight.app.engine.data import Item
from keepsight.app.engine.samples import SAMPLES
from keepsight.app.ui.library import Library
from keepsight.app.ui.photo_list import PhotoList
from keepsight.app.worker.jobs import Group, OpenRequest, open_photos


@pytest.fixture
def library(qtbot: QtBot) -> Iterator[Library]:
    view = PhotoList()
    qtbot.addWidget(view)
    library = Library(view, view)
    yield library
    library.close()


def add(library: Library, group: Group, *sources: str | Path) -> None:
    for opened in open_photos(OpenRequest(group, sources)):
        library.add(opened.group, opened.items)


def listed(library: Library) -> list[str]:
    model = library.view.view.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_what_is_opened_again_is_listed_once_and_read_anew(library: Library, tmp_path: Path) -> None:
    chosen: list[Item] = []
    library.chosen.connect(chosen.append)
    photo = tmp_path / "red" / "one.png"
    photo.parent.mkdir()
    for shade in (250, 10):
        Image.new("RGB", (40, 30), (shade, 0, 0)).save(photo)
        add(library, "Your photos", photo)
        assert chosen[-1].load().pixels[0, 0, 0] == shade
    assert len(chosen) == 2
    assert listed(library) == ["one.png"]
    (photo.parent / "two.png").write_bytes(photo.read_bytes())
    add(library, "Your photos", tmp_path)
    assert listed(library) == ["red/one.png", "red/two.png"]
    assert chosen[-1].source == tmp_path  # which may know its label
    for _ in range(2):
        add(library, "Samples", "samples")
    assert len(set(listed(library))) == len(listed(library))


def test_a_photo_tells_where_it_lies(library: Library, tmp_path: Path) -> None:
    Image.new("RGB", (40, 30)).save(tmp_path / "one.png")
    add(library, "Your photos", tmp_path)
    tip = library.view.view.currentIndex().data(Qt.ItemDataRole.ToolTipRole)
    assert tip == f"one.png\n{tmp_path / 'one.png'}"


def test_closed_photos_are_gone_until_they_are_opened_again(library: Library, tmp_path: Path) -> None:
    photo = tmp_path / "one.png"
    Image.new("RGB", (40, 30)).save(photo)
    chosen: list[Item] = []
    library.chosen.connect(chosen.append)
    library.remember([tmp_path])
    add(library, "Your photos", tmp_path)
    add(library, "Samples", "samples")
    library.close_own()
    assert not library.has("Your photos")
    assert not library.knows(str(photo))
    assert library.rows_of("one.png") == library.own_files() == library.sources() == []
    assert library.view.group.itemText(2) == "Your photos"
    assert len(listed(library)) == len(SAMPLES)
    add(library, "Your photos", photo)
    assert listed(library) == ["one.png"]
    assert chosen[-1].path == photo
    assert library.own_files() == [str(photo)]
