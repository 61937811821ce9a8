"""The photos of the window: what stands in the list, which of them is shown, and their thumbnails."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from keepsight.app.engine.data import Item
from keepsight.app.ui.photo_list import PhotoList
from keepsight.app.ui.photo_model import PhotoEntry
from keepsight.app.worker.jobs import Group
from keepsight.app.worker.thumbnails import Thumbnails

SPECS: dict[Group, str] = {"Samples": "samples", "Scenes": "scenes"}
"""What the built-in groups are called as a source of photos."""


class Library(QObject):
    """Keeps the photos behind the list's rows."""

    chosen = Signal(object)
    """The `Item` that the user turned to."""
    problem = Signal(str)
    """A sentence: a photo of the list cannot be read."""

    def __init__(self, view: PhotoList, parent: QObject) -> None:
        super().__init__(parent)
        self.view = view
        self._items: list[Item] = []
        self._entries: list[PhotoEntry] = []
        self._yours: list[str | Path | Item] = []
        self._shown: int | None = None
        self._flipped: set[int] = set()
        self._thumbnails = Thumbnails(self)
        self._thumbnails.ready.connect(view.set_thumbnail)
        self._thumbnails.failed.connect(lambda _, sentence: self.problem.emit(sentence))
        view.thumbnail_wanted.connect(lambda row: self._thumbnails.want(row, self._items[row]))
        view.photo_chosen.connect(self._choose)

    def add(self, group: Group, items: Sequence[Item]) -> None:
        """Put photos at the end of a group, each once, show that group, and the first of them, read anew."""
        held = zip(self._entries, self._items, strict=True)
        known = {(entry.group, _name(item)): row for row, (entry, item) in enumerate(held)}
        rows = []
        for item in items:
            row = known.setdefault((group, _name(item)), len(self._items))
            entry = PhotoEntry(str(row), item.name, group, str(item.path or ""))
            if row == len(self._items):
                self._items.append(item)
                self._entries.append(entry)
            elif item.source != item.path:  # a folder tells more than a file alone: labels
                self._items[row], self._entries[row] = item, entry
            rows.append(row)
        self.view.set_entries(self._entries)
        if rows:
            self._shown = None
            self.show(rows[0])

    def remember(self, specs: Sequence[str | Path | Item]) -> None:
        """Take these sources into what a sweep of the user's own photos reads."""
        self._yours += [spec for spec in specs if spec not in self._yours]

    def close_own(self) -> None:
        """Take the user's own photos out of the list, and out of what a sweep reads; their files stay."""
        self._yours.clear()
        self._entries = [
            entry if entry.group in SPECS else replace(entry, group=None) for entry in self._entries
        ]
        self.view.set_entries(self._entries)

    def show(self, row: int) -> None:
        """Show the photo of this row, and the group it is in."""
        self.view.set_current(row)
        self._choose(row)

    def show_group(self, group: Group) -> bool:
        """Show the first photo of a group; tell whether there is one."""
        rows = (row for row, entry in enumerate(self._entries) if entry.group == group)
        row = next(rows, None)
        if row is not None:
            self.show(row)
        return row is not None

    def has(self, group: Group) -> bool:
        """Tell whether any photo of this group is in the list."""
        return any(entry.group == group for entry in self._entries)

    def rows_of(self, name: str) -> list[int]:
        """Return the rows of all photos of this name, those of the group in sight first."""
        group = self.view.shown_group()
        rows = [row for row, entry in enumerate(self._entries) if entry.name == name and entry.group]
        return sorted(rows, key=lambda row: self._entries[row].group != group)

    def shown_name(self) -> str:
        """Return the path of the photo that is shown, its name where it has no file; "" for none."""
        return "" if self._shown is None else _name(self._items[self._shown])

    def turn_to(self, name: str) -> bool:
        """Show the photo that `shown_name` named; tell whether it is here."""
        row = self._row_named(name)
        if row is not None:
            self.show(row)
        return row is not None

    def knows(self, name: str) -> bool:
        """Tell whether the photo that `shown_name` named is here."""
        return self._row_named(name) is not None

    def _row_named(self, name: str) -> int | None:
        held = enumerate(zip(self._entries, self._items, strict=True))
        return next((row for row, (entry, item) in held if entry.group and _name(item) == name), None)

    def sources(self) -> list[str]:
        """Return where the user's own photos come from: data sets by name, files and folders."""
        given = [spec for spec in self._yours if not isinstance(spec, Item)]
        return [str(spec.absolute()) if isinstance(spec, Path) else spec for spec in given]

    def own_files(self) -> list[str]:
        """Return the files of the user's own photos."""
        return [
            str(item.path.absolute())
            for item, entry in zip(self._items, self._entries, strict=True)
            if item.path is not None and entry.group == "Your photos"
        ]

    def sweep_specs(self) -> list[str | Path | Item]:
        """Return the sources of the group in sight, as a sweep takes them."""
        group = self.view.shown_group()
        return [SPECS[group]] if group in SPECS else list(self._yours)

    def mark_flipped(self, flipped: bool) -> None:
        """Mark the shown photo in the list as one whose class a pane flips, or not."""
        if self._shown is not None:
            self._mark(self._shown, flipped)

    def clear_marks(self) -> None:
        """Take all marks away: they were about other settings."""
        for row in list(self._flipped):
            self._mark(row, False)

    def _mark(self, row: int, flipped: bool) -> None:
        (self._flipped.add if flipped else self._flipped.discard)(row)
        self.view.set_flipped(row, flipped)

    def close(self) -> None:
        """End the thread that makes thumbnails."""
        self._thumbnails.close()

    def _choose(self, row: int) -> None:
        if row != self._shown:
            self._shown = row
            self.chosen.emit(self._items[row])


def _name(item: Item) -> str:
    return item.name if item.path is None else str(item.path.absolute())
