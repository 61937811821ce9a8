"""Films to take away: the bookmarks one after the other, or what the rate player plays."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialog, QProgressBar, QProgressDialog

from keepsight.app.engine.files import OutputError, check_writable
from keepsight.app.engine.films import FILM_SUFFIXES, write_film
from keepsight.app.ui import file_dialogs
from keepsight.app.ui.film_dialog import FilmDialog
from keepsight.app.ui.panes_picture import panes_picture
from keepsight.app.ui.pyramid import Pixels

if TYPE_CHECKING:
    from keepsight.app.ui.window import MainWindow

_LOOK_MS = 50
"""How often it is looked whether the pictures are there."""
_DIALOG = 340
"""Width of the dialog that tells how far it is, pixels."""
_KINDS = "Animation (*.gif);;Video (*.mp4)"
_SECONDS = {"bookmarks": 3.0, "rates": 1.0}
"""How long a picture stays, unless the user says otherwise."""


@dataclass(frozen=True, eq=False)
class _Film:
    path: Path
    pictures: Sequence[Pixels]
    seconds: float


class FilmControl(QObject):
    """Shows one state of the window after the other, draws each once it is complete, and then writes them.

    What was shown before is shown again at the end; none of this is a step of undo.
    """

    def __init__(self, window: "MainWindow", bookmarks: QObject) -> None:
        super().__init__(bookmarks)
        self._window = window
        self._path, self._seconds, self._scale = Path(), 1.0, 1
        self._shots: list[Callable[[], object]] = []
        self._pictures: list[Pixels] = []
        self._leave: Callable[[], object] = lambda: None
        self._progress: QProgressDialog | None = None
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._draw)
        self._job = window.bench.job(_write)
        self._job.result.connect(self._tell)
        self._job.failed.connect(self._fail)
        menu = window.toolbar.export
        menu.opened.connect(
            lambda: menu.offer_films(bookmarks=bool(self._slides()), rates=bool(self._rates()))
        )
        menu.film_requested.connect(self._ask)

    @property
    def busy(self) -> bool:
        """Whether a film is being made."""
        return self._progress is not None

    def record(self, path: Path, seconds: float, scale: int, what: str) -> None:
        """Make a film of the "bookmarks" or of the "rates"; GIF or MP4, by the file's ending.

        Each picture stays `seconds`; `scale` pixels stand for each of the window's.
        """
        shots = self._slides() if what == "bookmarks" else self._rates()
        if self.busy or not shots:
            self._window.say("There is nothing to make a film of. Add bookmarks with Ctrl+D first.", True)
            return
        window = self._window
        try:
            check_writable(path)
        except OutputError as error:
            window.say(str(error), warning=True)
            return
        window.player.play(False)
        self._path, self._seconds, self._scale = path, seconds, scale
        self._shots, self._pictures = shots, []
        self._leave = window.bookmarks.way_back()
        self._progress = QProgressDialog("", "Cancel", 0, 0, window)
        self._progress.setWindowTitle("Film")
        self._progress.setMinimumWidth(_DIALOG)
        bar = QProgressBar()
        bar.setTextVisible(False)
        self._progress.setBar(bar)
        self._progress.setRange(0, 2 * len(shots))
        self._progress.setWindowModality(Qt.WindowModality.WindowModal)  # what is drawn must stay as it is
        self._progress.setMinimumDuration(0)
        self._progress.setAutoClose(False)
        self._progress.setAutoReset(False)
        self._progress.canceled.connect(self.cancel)
        self._go()

    def cancel(self) -> None:
        """Make no film; nothing of it is left."""
        if self.busy:
            self._job.cancel()
            self._end()
            self._window.say("The film was cancelled; there is no file.")

    def _slides(self) -> list[Callable[[], object]]:
        bookmarks = self._window.bookmarks
        return [partial(bookmarks.show, one) for one in bookmarks.bookmarks if bookmarks.is_there(one)]

    def _rates(self) -> list[Callable[[], object]]:
        player = self._window.player
        return [partial(player.go, step) for step in range(player.count)] if player.count > 1 else []

    def _go(self) -> None:
        """Show the next state."""
        assert self._progress is not None
        done = len(self._pictures)
        self._progress.setLabelText(f"Drawing picture {done + 1} of {len(self._shots)} …")
        self._progress.setValue(done)
        self._window.undo.quietly(self._shots[done])
        self._look.start()

    def _draw(self) -> None:
        """Draw the state that is shown once all of it is there, and go on."""
        window = self._window
        if window.bench.showing or window.region.busy:
            return
        self._look.stop()
        self._pictures.append(_pixels(panes_picture(window.viewing.shown, self._scale)))
        if len(self._pictures) < len(self._shots):
            self._go()
        else:
            self._show_written(0)
            self._restore()
            self._job.submit(_Film(self._path, self._pictures, self._seconds))

    def _show_written(self, done: int) -> None:
        if self._progress is not None:
            self._progress.setLabelText(f"Writing “{self._path.name}” …")
            self._progress.setValue(len(self._pictures) + done)

    def _tell(self, done: int | Path) -> None:
        if isinstance(done, int):
            self._show_written(done)
            return
        count = len(self._pictures)
        self._end()
        self._window.say(f"The film of {count} pictures is in “{done}”.")

    def _fail(self, sentence: str) -> None:
        self._end()
        self._window.say(sentence, warning=True)

    def _restore(self) -> None:
        self._window.undo.quietly(self._leave)
        self._leave = lambda: None

    def _end(self) -> None:
        self._look.stop()
        self._restore()
        self._shots, self._pictures = [], []
        progress, self._progress = self._progress, None
        if progress is not None:
            progress.blockSignals(True)  # closing it is no cancelling
            progress.close()
            progress.deleteLater()

    def _ask(self, what: str) -> None:
        scale, shown = max(1, round(self._window.devicePixelRatioF())), self._window.viewing.shown.size()
        dialog = FilmDialog(_SECONDS[what], scale, shown, self._window)
        if dialog.exec() != QDialog.DialogCode.Accepted:
            return
        name, seconds, scale = f"{what}.gif", dialog.seconds, dialog.scale
        if asked := file_dialogs.save_file(self._window, "exports", "Save the film", name, _KINDS):
            path, chosen = asked
            if path.suffix.lower() not in FILM_SUFFIXES:
                path = path.with_name(path.name + (".mp4" if "mp4" in chosen else ".gif"))
            self.record(path, seconds, scale, what)


def _write(film: _Film) -> Iterator[int | Path]:
    yield from write_film(film.path, film.pictures, film.seconds)
    yield film.path


def _pixels(image: QImage) -> Pixels:
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()
