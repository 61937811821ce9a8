"""Bookmarks: a photo with all settings and the part in sight, to come back to, and to show as slides."""

import base64
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QObject, QPointF, Qt
from PySide6.QtGui import QImage, QKeySequence, QShortcut

from keepsight.app.engine.session import Bookmark, View
from keepsight.app.ui import keys
from keepsight.app.ui.film_control import FilmControl
from keepsight.app.ui.library import SPECS
from keepsight.app.ui.panes_picture import panes_picture
from keepsight.app.ui.photo_column import ADD_KEY
from keepsight.app.ui.photo_model import THUMBNAIL
from keepsight.app.worker.jobs import Opened, PhotoShown
from keepsight.codecs import registry

if TYPE_CHECKING:
    from keepsight.app.ui.window import MainWindow

_STEPS = (
    (1, "Next bookmark, while presenting", ("Right", "PgDown")),
    (-1, "Previous bookmark, while presenting", ("Left", "PgUp")),
)


class BookmarkControl(QObject):
    """Keeps the bookmarks and goes to them; each change, and each way there, is one step of undo."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window, self._column = window, window.column
        self._bookmarks: tuple[Bookmark, ...] = ()
        self._current: int | None = None
        self._lost: set[str] = set()
        self._coming: Bookmark | None = None
        """A bookmark whose photo, or the part of it, is still to be shown."""
        self._fetching = False
        """Whether its photo is not in the list yet."""
        asked = self._column.bookmarks
        asked.chosen.connect(self.go)
        asked.rename_requested.connect(self.rename)
        asked.remove_requested.connect(self.remove)
        asked.move_requested.connect(self.move)
        self._column.add_asked.connect(self.add)
        window.bench.opened.connect(self._take_opened)
        window.bench.photo_shown.connect(self._see_photo)
        window.presenting.changed.connect(lambda _: self._share_keys())
        keys.bind(ADD_KEY, window, self.add, "Add a bookmark of what is shown", "Photos and panes")
        self._slide_keys: list[QShortcut] = []
        for by, words, pressed in _STEPS:
            key = keys.bind(pressed[0], window, partial(self.step, by), words, "Photos and panes")
            key.setKeys([QKeySequence(one) for one in pressed])
            self._slide_keys.append(key)
        first = "First bookmark, while presenting"
        self._slide_keys.append(keys.bind("Home", window, self.begin, first, "Photos and panes"))
        self._share_keys()
        self.films = FilmControl(window, self)

    @property
    def bookmarks(self) -> tuple[Bookmark, ...]:
        """All of them, in order."""
        return self._bookmarks

    def take(self, bookmarks: Sequence[Bookmark]) -> None:
        """Have these bookmarks in place of all others."""
        self._bookmarks = tuple(bookmarks)
        self._current = None
        self._lost.clear()
        self._show()

    def follow(self, moved: Mapping[str, str]) -> None:
        """Look for photos that were moved, by their paths, where they are now."""
        self.take(
            [one.model_copy(update={"photo": moved.get(one.photo, one.photo)}) for one in self._bookmarks]
        )

    # what the user does --------------------------------------------------------------------------

    def add(self) -> None:
        """Make a bookmark of what is shown."""
        if not self._window.library.shown_name():
            self._window.say("There is no photo to keep in a bookmark. Open one first.", warning=True)
            return
        image = panes_picture(self._window.viewing.shown, 1)
        fresh = self._here().model_copy(update={"thumbnail": _small(image)})
        self._change("adding a bookmark", [*self._bookmarks, fresh], len(self._bookmarks))
        self._window.say(f"The bookmark “{fresh.name}” is kept.")

    def rename(self, row: int, name: str) -> None:
        """Give a bookmark another name; an empty one is none."""
        name = name.strip() or self._bookmarks[row].name
        renamed = list(self._bookmarks)
        renamed[row] = renamed[row].model_copy(update={"name": name})
        self._change("renaming a bookmark", renamed, self._current)

    def remove(self, row: int) -> None:
        """Forget a bookmark."""
        kept = [one for place, one in enumerate(self._bookmarks) if place != row]
        self._change("removing a bookmark", kept, min(row, len(kept) - 1) if kept else None)

    def move(self, row: int, to: int) -> None:
        """Put a bookmark at another place."""
        ordered = list(self._bookmarks)
        ordered.insert(to, ordered.pop(row))
        self._change("moving a bookmark", ordered, to)

    def begin(self) -> None:
        """Go to the first bookmark whose photo is there."""
        self._current = None
        self.step(1)

    def step(self, by: int) -> None:
        """Go to the next bookmark (1) or the one before (-1); one whose photo is missing is passed over."""
        row = (-1 if by > 0 else len(self._bookmarks)) if self._current is None else self._current
        while 0 <= row + by < len(self._bookmarks):
            row += by
            if self.go(row):
                return

    def go(self, row: int) -> bool:
        """Show a bookmark; tell whether its photo is there."""
        bookmark = self._bookmarks[row]
        self._window.player.play(False)
        there = self.is_there(bookmark)
        (self._lost.discard if there else self._lost.add)(bookmark.photo)
        if there:
            before, was = self._here(), self._current
            self._window.undo.do(
                f"going to “{bookmark.name}”",
                lambda: self._show_bookmark(bookmark, row),
                lambda: self._show_bookmark(before, was),
            )
        else:
            self._show()
            self._window.say(
                f"The photo of the bookmark “{bookmark.name}” is not there any more: “{bookmark.photo}”. "
                "Bring it back, or remove the bookmark.",
                warning=True,
            )
        return there

    def _change(self, words: str, bookmarks: Sequence[Bookmark], current: int | None) -> None:
        before, was = self._bookmarks, self._current
        if tuple(bookmarks) != before:
            self._window.undo.do(
                words, lambda: self._set(tuple(bookmarks), current), lambda: self._set(before, was)
            )
        else:
            self._show()

    def _set(self, bookmarks: tuple[Bookmark, ...], current: int | None) -> None:
        self._bookmarks, self._current = bookmarks, current
        self._show()
        self._window.state.changed.emit()  # sessions keep them

    def _show(self) -> None:
        self._column.show_bookmarks(self._bookmarks, self._current, self._lost)
        self._share_keys()

    def _share_keys(self) -> None:
        """Let pages and arrows turn the bookmarks while they are presented, as slides."""
        slides = self._window.presenting.on and bool(self._bookmarks)
        for key in self._slide_keys:
            key.setEnabled(slides)
        for key in self._window.viewing.page_keys:
            key.setEnabled(not slides)

    # places --------------------------------------------------------------------------------------

    def _here(self) -> Bookmark:
        """Return what is shown now, without a picture of it."""
        window, view = self._window, self._window.view
        photo = window.library.shown_name()
        return Bookmark(
            name=f"{Path(photo).stem}: {self._words()}",
            photo=photo,
            group=window.photos.shown_group(),
            settings=window.state.read(),
            view=View(extent=view.extent, x=view.centre.x(), y=view.centre.y()),
            classifier=window.classifiers.wanted,
        )

    def _words(self) -> str:
        """Return what is compared, in a few words: "AVIF quality 14", "wipe, AVIF quality 14"."""
        mode, settings = self._window.view.viewing.mode, self._window.bench.settings
        first, second = self._window.viewing.compared()
        numbers = (self._window.grid.selection,) if mode == "side by side" else (second, first)
        selected = next((settings[one] for one in (*numbers, *settings) if one in settings), None)
        codec = f"{registry.get(selected.codec).label} {selected.options.in_words()}" if selected else ""
        return ", ".join(filter(None, ("" if mode == "side by side" else mode, codec))) or "original"

    def is_there(self, bookmark: Bookmark) -> bool:
        """Tell whether a bookmark's photo can be shown."""
        return (
            self._window.library.knows(bookmark.photo)
            or _is_file(bookmark)
            or (bookmark.group in SPECS and not self._window.library.has(bookmark.group))
        )

    def show(self, bookmark: Bookmark) -> None:
        """Show a bookmark's photo and settings, without a step of undo."""
        self._show_bookmark(bookmark, self._bookmarks.index(bookmark))

    def way_back(self) -> Callable[[], None]:
        """Return what shows again what is shown now."""
        return partial(self._show_bookmark, self._here(), self._current)

    def _show_bookmark(self, bookmark: Bookmark, row: int | None) -> None:
        """Show a photo with settings at once where it is in the list, else as soon as it is opened."""
        self._current, self._coming = row, bookmark
        self._fetching = not self._window.library.turn_to(bookmark.photo)
        if self._fetching and _is_file(bookmark):
            self._window.open([Path(bookmark.photo)])
        elif self._fetching and bookmark.group in SPECS:
            self._window.bench.open(bookmark.group, [SPECS[bookmark.group]])
        if bookmark.classifier not in ("", self._window.classifiers.wanted):
            self._window.classifiers.use(bookmark.classifier)
        self._window.state.put(bookmark.settings)
        if self._window.bench.photo_is_current:
            self._look()
        self._show()

    def _take_opened(self, opened: Opened) -> None:
        if self._coming is not None and self._fetching:
            self._fetching = False
            if not self._window.library.turn_to(self._coming.photo):
                self._coming = None

    def _see_photo(self, shown: PhotoShown) -> None:
        if not self._fetching:
            self._look()

    def _look(self) -> None:
        """Show the part of the photo that was in sight; of another photo there is none."""
        if self._coming is not None and not self._fetching:
            bookmark, self._coming = self._coming, None
            if self._window.library.shown_name() == bookmark.photo:
                self._window.view.look(bookmark.view.extent, QPointF(bookmark.view.x, bookmark.view.y))


def _is_file(bookmark: Bookmark) -> bool:
    return Path(bookmark.photo).is_absolute() and Path(bookmark.photo).is_file()


def _small(image: QImage) -> str:
    """Return a picture as large as twice a thumbnail, PNG as base64."""
    image.setDevicePixelRatio(1)
    scaled = image.scaled(
        THUMBNAIL * 2,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    buffer = QBuffer()
    scaled.save(buffer, "PNG")  # type: ignore[call-overload]
    return base64.b64encode(buffer.data().data()).decode()
