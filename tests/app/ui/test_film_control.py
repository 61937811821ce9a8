"""Films of the whole window, with real codecs and no classifier, read back from their files."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageSequence
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialog, QProgressDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.types import Setting
from keepsight.app.ui.film_control import _pixels
from keepsight.app.ui.film_dialog import SCALES, FilmDialog
from keepsight.app.ui.panes_picture import panes_picture
from keepsight.app.ui.rate_player import ladder
from keepsight.app.ui.viewing import Viewing
from keepsight.app.ui.window import MainWindow
from keepsight.codecs import registry

WAIT_MS = 60_000


@pytest.fixture(scope="module")
def window(opened, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    folder = tmp_path_factory.mktemp("photos")
    for name in ("cat", "coffee"):
        sample = next(sample for sample in SAMPLES if sample.name == name)
        Image.open(sample.path).convert("RGB").resize((150, 120)).save(folder / f"{name}.png")
    with opened("imagenet", 1024, 640) as window:
        window.open([folder])
        yield window


@pytest.fixture
def idle(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """The window with the cat, side by side, a pane of JPEG selected, and no bookmark."""
    settle(window, qtbot)
    window.library.show(0)
    window.view.set_viewing(Viewing())
    window.grid.select(list(window.grid.panes)[3])
    window._set(window.grid.selection, Setting("jpeg", registry.get("jpeg").options(quality=40)))
    window.bookmarks.take(())
    settle(window, qtbot)
    window.undo.forget()
    window.problems.clear()
    return window


def settle(window: MainWindow, qtbot: QtBot) -> None:
    def done() -> bool:
        return not (window.busy or window.bookmarks.films.busy) and bool(window.library._items)

    qtbot.waitUntil(done, timeout=WAIT_MS)
    QApplication.processEvents()


def shown(window: MainWindow) -> NDArray[np.uint8]:
    return _pixels(panes_picture(window.viewing.shown, 1))


def add(window: MainWindow, qtbot: QtBot) -> list[NDArray[np.uint8]]:
    """Make three bookmarks and return what each of them shows."""
    pictures = []
    for row, quality, mode in ((0, 3, "side by side"), (1, 60, "wipe"), (1, 5, "difference")):
        window.library.show(row)
        window._set(window.grid.selection, Setting("jpeg", registry.get("jpeg").options(quality=quality)))
        window.view.edit(mode=mode)
        settle(window, qtbot)
        window.bookmarks.add()
        pictures.append(shown(window))
    return pictures


def test_the_bookmarks_as_gif(idle: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    pictures = add(idle, qtbot)
    idle.library.show(0)
    idle.view.edit(mode="blink", blinking=False)
    settle(idle, qtbot)
    idle.undo.settle()
    before, steps = idle.state.read(), len(idle.undo._done)
    idle.bookmarks.films.record(tmp_path / "slides.gif", 2.0, 1, "bookmarks")
    dialog = idle.findChild(QProgressDialog)
    assert dialog is not None
    assert dialog.windowModality() == Qt.WindowModality.WindowModal
    settle(idle, qtbot)
    with Image.open(tmp_path / "slides.gif") as film:
        found = [
            (np.asarray(one.convert("RGB")), one.info["duration"]) for one in ImageSequence.Iterator(film)
        ]
    assert [duration for _, duration in found] == [2000] * 3
    for (frame, _), picture in zip(found, pictures, strict=True):
        height, width = picture.shape[:2]
        off = np.abs(frame[:height, :width].astype(int) - picture)
        assert off.mean() < 6  # 256 colours
    assert idle.state.read() == before
    assert idle.library.shown_name().endswith("cat.png")
    assert len(idle.undo._done) == steps
    assert not idle.problems
    assert [one.name for one in tmp_path.iterdir()] == ["slides.gif"]


def test_the_rates_as_mp4(idle: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    before = idle.state.read()
    rungs = ladder(idle.bench.settings[idle.grid.selection])
    idle.bookmarks.films.record(tmp_path / "rates.mp4", 0.5, 1, "rates")
    settle(idle, qtbot)
    reader = cv2.VideoCapture(str(tmp_path / "rates.mp4"))
    assert reader.get(cv2.CAP_PROP_FRAME_COUNT) == 5 * len(rungs)
    frames = [reader.read()[1] for _ in range(5 * len(rungs))]
    reader.release()
    pane = idle.grid.panes[idle.grid.selection]
    corner = pane.view.mapTo(idle.grid, pane.view.rect().topLeft())
    left, top, width, height = corner.x(), corner.y(), pane.view.width(), pane.view.height()
    pictures = [frame[top : top + height, left : left + width].astype(int) for frame in frames[4::5]]
    steps = [np.abs(one - other).mean() for one, other in pairwise(pictures)]
    assert steps[0] > 1  # the coarsest one is seen to be so
    assert np.abs(pictures[0] - pictures[-1]).mean() > 2
    assert idle.state.read() == before
    assert not idle.undo.undo_action.isEnabled()


def test_a_film_that_cannot_be_written_is_not_drawn(idle: MainWindow, tmp_path: Path) -> None:
    idle.bookmarks.films.record(tmp_path / "gone" / "rates.mp4", 1.0, 1, "rates")
    assert not idle.bookmarks.films.busy
    assert "rates.mp4” cannot be written" in idle.problems[-1]


@pytest.mark.parametrize("after", [0, 2])
def test_a_cancelled_film_leaves_no_file_and_the_window_as_it_was(
    idle: MainWindow, qtbot: QtBot, tmp_path: Path, after: int
) -> None:
    add(idle, qtbot)
    idle.undo.settle()
    before = idle.state.read()
    films = idle.bookmarks.films
    films.record(tmp_path / "slides.mp4", 1.0, 1, "bookmarks")
    qtbot.waitUntil(lambda: len(films._pictures) >= after, timeout=WAIT_MS)
    dialog = idle.findChild(QProgressDialog)
    assert dialog is not None
    button = dialog.findChild(QPushButton)
    assert button is not None
    button.click()
    assert not films.busy
    settle(idle, qtbot)
    assert not list(tmp_path.iterdir())
    assert idle.state.read() == before
    assert not idle.problems
    films.record(tmp_path / "again.gif", 1.0, 2, "bookmarks")
    settle(idle, qtbot)
    shown = idle.viewing.shown.size()
    with Image.open(tmp_path / "again.gif") as film:
        assert film.size == (2 * shown.width(), 2 * shown.height())


def test_the_menu_asks_for_time_and_file(
    idle: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    menu = idle.toolbar.export

    def offered() -> dict[str, QAction]:
        menu.opened.emit()
        return {action.text(): action for action in menu.findChildren(QAction) if "Film" in action.text()}

    assert {text: action.isEnabled() for text, action in offered().items()} == {
        "Film of the bookmarks…": False,
        "Film of the rates…": True,
    }
    add(idle, qtbot)
    for given, name, kind in (
        (False, "a", ""),
        (True, "", ""),
        (True, "b", "Video (*.mp4)"),
        (True, "gone/c.gif", ""),
    ):

        def answer_dialog(dialog: FilmDialog, given: bool = given) -> QDialog.DialogCode:
            dialog._seconds.setValue(0.2)
            dialog._scale.setCurrentIndex(1)
            return QDialog.DialogCode.Accepted if given else QDialog.DialogCode.Rejected

        monkeypatch.setattr(FilmDialog, "exec", answer_dialog)
        answer = (str(tmp_path / name) if name else "", kind)
        monkeypatch.setattr(
            "keepsight.app.ui.file_dialogs.QFileDialog.getSaveFileName", lambda *_, answer=answer: answer
        )
        offered()["Film of the bookmarks…"].trigger()
        settle(idle, qtbot)
    assert [one.name for one in tmp_path.iterdir()] == ["b.mp4"]
    reader = cv2.VideoCapture(str(tmp_path / "b.mp4"))
    assert reader.get(cv2.CAP_PROP_FRAME_WIDTH) == 2 * idle.viewing.shown.width()
    reader.release()
    assert len(idle.problems) == 1
    assert "gone/c.gif” cannot be written" in idle.problems[0]


def test_the_dialog_tells_sizes_in_pixels(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = FilmDialog(3.0, 2, QSize(1000, 500), parent)
    assert (dialog.seconds, dialog.scale) == (3.0, 2)
    texts = [dialog._scale.itemText(i) for i in range(len(SCALES))]
    assert texts == ["1× · 1,000 × 500 pixels", "2× · 2,000 × 1,000 pixels", "3× · 3,000 × 1,500 pixels"]
    assert FilmDialog(3.0, 7, QSize(10, 10), parent).scale == 1, "of a screen finer than any choice"
