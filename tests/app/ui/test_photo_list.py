import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QFontMetrics
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from keepsight.app.ui import theme
from keepsight.app.ui.photo_list import PhotoEntry, PhotoList
from keepsight.app.ui.photo_model import two_lines

NAMES = ("cat", "coffee", "rocket", "camera")
SAMPLES = [PhotoEntry(f"s{i}", name, "Samples") for i, name in enumerate(NAMES)]
SCENES = [PhotoEntry(f"z{i}", f"scene {i}", "Scenes", detail=f"class {i}") for i in range(3)]
HINT = "Drop photos here or press Open"


@pytest.fixture
def photos(qtbot: QtBot) -> PhotoList:
    photos = PhotoList()
    qtbot.addWidget(photos)
    photos.set_entries([*SAMPLES, *SCENES])
    photos.resize(170, 420)
    photos.show()
    QApplication.processEvents()
    return photos


def row_rect(photos: PhotoList, place: int) -> object:
    return photos.view.visualRect(photos.view.model().index(place, 0))


def names(photos: PhotoList) -> list[str]:
    model = photos.view.model()
    return [model.index(i, 0).data() for i in range(model.rowCount())]


def has_colour(photos: PhotoList, place: int, colour: str) -> bool:
    image = photos.view.viewport().grab(row_rect(photos, place)).toImage()
    values = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[..., 2::-1].astype(int)
    wanted = QColor(colour)
    return bool((np.abs(values - [wanted.red(), wanted.green(), wanted.blue()]).max(axis=2) < 8).any())


def drag(photos: PhotoList, mime: QMimeData) -> bool:
    """Drag something over the list and drop it if it is taken; return whether it was."""
    place, action = QPoint(60, 200), Qt.DropAction.CopyAction
    nothing = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place, action, mime, Qt.MouseButton.LeftButton, nothing)
    enter.ignore()
    QApplication.sendEvent(photos, enter)
    if enter.isAccepted():
        drop = QDropEvent(QPointF(place), action, mime, Qt.MouseButton.LeftButton, nothing)
        QApplication.sendEvent(photos, drop)
    return enter.isAccepted()


def test_names_that_differ_at_the_end_are_told_apart() -> None:
    metrics = QFontMetrics(theme.font())
    for width in (58, 80, 200):
        shown = set()
        for number in range(12):
            name, wrap = two_lines(f"ILSVRC2012_val_{number:08d}.JPEG", metrics, width)
            lines = metrics.boundingRect(QRect(0, 0, width, 1000), wrap, name)
            assert lines.width() <= width
            assert lines.height() <= 2 * metrics.lineSpacing()
            shown.add(name)
        assert len(shown) == 12


def test_a_name_breaks_between_words_where_it_can() -> None:
    metrics = QFontMetrics(theme.font())
    assert two_lines("scene 2000001", metrics, 60) == ("scene 2000001", Qt.TextFlag.TextWordWrap)
    assert two_lines("cat", metrics, 60) == ("cat", Qt.TextFlag.TextWordWrap)


def test_one_group_at_a_time_with_its_count(photos: PhotoList, qtbot: QtBot) -> None:
    assert names(photos) == ["cat", "coffee", "rocket", "camera"]
    assert [photos.group.itemText(i) for i in range(3)] == ["Samples (4)", "Scenes (3)", "Your photos"]

    qtbot.keyClick(photos.group, Qt.Key.Key_Down)
    assert names(photos) == ["scene 0", "scene 1", "scene 2"]
    assert photos.shown_group() == "Scenes"


def test_an_empty_group_says_what_to_do(photos: PhotoList) -> None:
    hint = next(label for label in photos.findChildren(QLabel) if label.text() == HINT)
    assert not hint.isVisible()
    photos.show_group("Your photos")
    assert hint.isVisible()
    photos.set_entries([*SAMPLES, PhotoEntry("mine", "mine.jpg", "Your photos")])
    assert not hint.isVisible()
    assert names(photos) == ["mine.jpg"]


def test_a_click_and_the_arrow_keys_choose(photos: PhotoList, qtbot: QtBot) -> None:
    with qtbot.waitSignal(photos.photo_chosen) as told:
        qtbot.mouseClick(photos.view.viewport(), Qt.MouseButton.LeftButton, pos=row_rect(photos, 1).center())
    assert told.args == [1]
    with qtbot.waitSignal(photos.photo_chosen) as told:
        qtbot.keyClick(photos.view, Qt.Key.Key_Down)
    assert told.args == [2]
    with qtbot.waitSignal(photos.photo_chosen) as told:
        qtbot.keyClick(photos.view, Qt.Key.Key_Up)
    assert told.args == [1]
    assert photos.current() == 1


def test_rows_count_through_all_groups(photos: PhotoList, qtbot: QtBot) -> None:
    photos.show_group("Scenes")
    with qtbot.waitSignal(photos.photo_chosen) as told:
        qtbot.mouseClick(photos.view.viewport(), Qt.MouseButton.LeftButton, pos=row_rect(photos, 2).center())
    assert told.args == [6]


def test_turning_to_a_photo_by_program_is_silent_and_shows_its_group(photos: PhotoList, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(photos.photo_chosen):
        photos.set_current(5)
        photos.show_group("Samples")
        photos.show_group("Scenes")
    assert photos.current() == 5
    assert photos.view.currentIndex().row() == 1
    assert has_colour(photos, 1, theme.ACCENT)
    assert not has_colour(photos, 0, theme.ACCENT)
    with pytest.raises(IndexError):
        photos.set_current(7)


def test_new_entries_keep_the_current_photo(photos: PhotoList, qtbot: QtBot) -> None:
    photos.set_current(2)
    with qtbot.assertNotEmitted(photos.photo_chosen):
        photos.set_entries([PhotoEntry("new", "new.jpg", "Samples"), *SAMPLES])
        assert photos.current() == 3
        photos.set_entries(SAMPLES[:2])
    assert photos.current() is None
    assert not photos.view.currentIndex().isValid()


def test_only_rows_in_view_ask_for_their_thumbnails_once(photos: PhotoList, qtbot: QtBot) -> None:
    asked: list[int] = []
    photos.thumbnail_wanted.connect(asked.append)
    entries = [PhotoEntry(str(i), f"photo {i}", "Your photos") for i in range(5000)]
    start = time.thread_time()
    photos.set_entries(entries)
    photos.show_group("Your photos")
    QApplication.processEvents()
    assert time.thread_time() - start < 0.2

    qtbot.waitUntil(lambda: len(asked) > 3)
    seen = len(asked)
    assert asked == list(range(seen))
    assert seen < 12

    photos.view.scrollToBottom()
    qtbot.waitUntil(lambda: len(asked) > seen)
    assert min(asked[seen:]) > 4980
    for row in asked:
        photos.set_thumbnail(row, np.full((40, 60, 3), 90, np.uint8))

    before = len(asked)
    photos.view.scrollToTop()
    photos.view.scrollToBottom()
    qtbot.wait(80)
    assert len(asked) == before


def test_a_hidden_list_asks_for_nothing(photos: PhotoList, qtbot: QtBot) -> None:
    photos.hide()
    with qtbot.assertNotEmitted(photos.thumbnail_wanted, wait=80):
        photos.set_entries([PhotoEntry("x", "x", "Samples")])
    with qtbot.waitSignal(photos.thumbnail_wanted) as told:
        photos.show()
    assert told.args == [0]


@pytest.mark.parametrize("shape", [(80, 120, 3), (300, 20, 3), (20, 300, 3), (1, 1, 3)])
def test_thumbnails_of_any_shape_are_drawn(photos: PhotoList, shape: tuple[int, int, int]) -> None:
    assert not has_colour(photos, 1, "#c81e96")
    # A part of a larger array: its rows do not follow one another in memory.
    pixels = np.zeros((shape[0], shape[1] * 2, 3), np.uint8)[:, : shape[1]]
    pixels[:] = (0xC8, 0x1E, 0x96)
    photos.set_thumbnail(1, pixels)
    pixels[:] = 0
    assert has_colour(photos, 1, "#c81e96")
    assert not has_colour(photos, 0, "#c81e96")


def test_thumbnails_stay_when_photos_are_added(photos: PhotoList) -> None:
    photos.set_thumbnail(0, np.full((40, 60, 3), (0xC8, 0x1E, 0x96), np.uint8))
    photos.set_entries([PhotoEntry("new", "new.jpg", "Samples"), *SAMPLES])
    assert has_colour(photos, 1, "#c81e96")


def test_a_flipped_photo_is_marked(photos: PhotoList) -> None:
    def tip() -> str:
        return photos.view.model().index(1, 0).data(Qt.ItemDataRole.ToolTipRole)

    assert not has_colour(photos, 1, theme.FLIPPED)
    photos.set_flipped(1, True)
    photos.set_flipped(1, True)
    assert has_colour(photos, 1, theme.FLIPPED)
    assert not has_colour(photos, 0, theme.FLIPPED)
    assert "changes the predicted class" in tip()

    photos.set_flipped(1, False)
    assert not has_colour(photos, 1, theme.FLIPPED)
    assert tip() == "coffee"


def test_a_photo_of_another_group_is_marked_too(photos: PhotoList) -> None:
    photos.set_flipped(4, True)
    photos.set_thumbnail(4, np.zeros((4, 6, 3), np.uint8))
    photos.show_group("Scenes")
    assert has_colour(photos, 0, theme.FLIPPED)


def test_a_long_name_is_cut_and_told_whole_in_the_tooltip(photos: PhotoList) -> None:
    name = "a photograph with a very long name indeed.jpeg"
    photos.set_entries([PhotoEntry("x", name, "Samples", "from the camera")])
    tip = photos.view.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == f"{name}\nfrom the camera"
    assert not photos.view.horizontalScrollBar().isVisible()


def test_dropped_files_and_folders_are_handed_on(photos: PhotoList, tmp_path: Path, qtbot: QtBot) -> None:
    paths = [tmp_path / "a photo.jpg", tmp_path]
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    with qtbot.waitSignal(photos.files_dropped) as told:
        assert drag(photos, mime)
    assert told.args == [paths]


def test_text_and_addresses_are_not_taken(photos: PhotoList, qtbot: QtBot) -> None:
    text, address = QMimeData(), QMimeData()
    text.setText("a photo.jpg")
    address.setUrls([QUrl("https://example.org/photo.jpg")])
    with qtbot.assertNotEmitted(photos.files_dropped):
        assert not drag(photos, text)
        assert not drag(photos, address)
