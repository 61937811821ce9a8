"""Where photos come from: the samples, the rendered scenes, a folder with or without labels, or one file.

Nothing is decoded here: an `Item` loads its photo when it is asked.
"""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from keepsight.app.engine import photos
from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.types import Photo
from keepsight.models import scenes
from keepsight.models.cards import Card

SCENES = 1000
"""How many scenes there are under the name `scenes`."""

LABEL_COLUMNS = ("wnid", "class_name", "class_index")
"""Columns of a labels file that can name a class; one of them is enough."""


class DataError(ValueError):
    """There is nothing to measure here. The message is a sentence that says what to do."""


@dataclass(frozen=True)
class Item:
    """One photo, not yet loaded."""

    name: str
    load: Callable[[], Photo]
    """Decode the photo; picklable. Raises `PhotoError`."""
    label: int | None = None
    """True class index, where it is known."""


@dataclass(frozen=True)
class Data:
    """Photos, and what is to be said about those that had to be left out."""

    items: list[Item]
    notes: list[str]
    """Sentences about problems that did not stop the work."""
    left_out: int = 0
    """Photos that the notes say are not among the items."""

    @property
    def labelled(self) -> bool:
        """Whether the true class of every photo is known."""
        return all(item.label is not None for item in self.items)


def open_data(spec: str | Path, card: Card | None = None, labels: Path | None = None) -> Data:
    """List the photos of `samples`, `scenes`, a folder or a file; labels are indices of the card's classes.

    A `Path` is always a folder or a file. In a folder, `labels` or its own `labels.csv` names the classes, or
    each sub-folder is one class. Raises `DataError`, and `PhotoError` for one file that is not there.
    """
    path = Path(spec)
    if labels is not None and not path.is_dir():
        raise DataError(f"A labels file belongs to a folder of photos; “{spec}” is none.")
    if spec == "samples":
        return Data([Item(s.name, partial(photos.load, s.path, None, s.name)) for s in SAMPLES], [])
    if spec == "scenes":
        return _scenes(card)
    if path.is_dir():
        if labels is None and (path / "labels.csv").is_file():
            labels = path / "labels.csv"
        return _folder(path, card) if labels is None else _labelled(path, card, labels)
    if not path.exists():
        raise DataError(f"There is no folder or photo “{spec}”. Check the name.")
    return Data([_file(path, path.name, None)], [])


def _file(path: Path, name: str, label: int | None) -> Item:
    return Item(name, partial(photos.load, path, label, name), label)


def _scenes(card: Card | None) -> Data:
    """Scenes that no training has seen, labelled for a classifier that knows exactly their classes."""
    same = card is not None and card.class_names == tuple(scenes.CLASSES)
    items = []
    for seed in scenes.SPLITS["test"][:SCENES]:
        label = scenes.label_of(seed) if same else None
        items.append(Item(f"scene {seed}", partial(_render, seed, label), label))
    return Data(items, [])


def _render(seed: int, label: int | None) -> Photo:
    return photos.from_pixels(scenes.render(seed).pixels, f"scene {seed}", label)


def _folder(folder: Path, card: Card | None) -> Data:
    """Take the photos of a folder and below; a sub-folder that bears a class's name labels its photos."""
    found = _photos_in(folder)
    if not found:
        raise DataError(f"There are no photos in “{folder}”. Choose a folder with JPEG, PNG or other photos.")
    names = {path: path.relative_to(folder) for path in found}
    classes = sorted({name.parts[0] for name in names.values() if len(name.parts) > 1})
    known = {c: card.class_index(c) if card else None for c in classes}
    if card is None or all(index is None for index in known.values()):
        notes = []
        if classes and card:
            notes.append(f"No folder here bears the name of a class of “{card.name}”: no photo has a label.")
        return Data([_file(path, name.as_posix(), None) for path, name in names.items()], notes)
    items, strange = [], []
    for path, name in names.items():
        label = known.get(name.parts[0])
        if label is None:
            strange.append(name.as_posix())
        else:
            items.append(_file(path, name.as_posix(), label))
    notes = _note(f"not in a folder named after a class of “{card.name}”", strange)
    return Data(items, notes, len(strange))


def _photos_in(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in photos.SUFFIXES
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    )


def _labelled(folder: Path, card: Card | None, labels: Path) -> Data:
    """Take the photos that a labels file names; without a card they stay unlabelled."""
    rows = _read_labels(labels)
    present = [row for row in rows if (folder / row["file"]).is_file()]
    missing = [row["file"] for row in rows if not (folder / row["file"]).is_file()]
    if not present:
        raise DataError(f"None of the files named in “{labels}” is in “{folder}”. Check the column “file”.")
    notes = _note("named in the labels file but not there", missing)
    classes = _classes(present, card) if card else [None] * len(present)
    pairs = list(zip(present, classes, strict=True))
    if all(index is None for index in classes):
        if card:
            notes.append(f"No row of “{labels}” names a class of “{card.name}”: no photo has a label.")
    else:
        strange = [row["file"] for row, index in pairs if index is None]
        notes += _note(f"of a class that “{card.name if card else ''}” does not know", strange)
        pairs = [(row, index) for row, index in pairs if index is not None]
    items = [_file(folder / row["file"], row["file"], index) for row, index in pairs]
    return Data(items, notes, len(rows) - len(items))


def _read_labels(labels: Path) -> list[dict[str, str]]:
    """Return the rows that name a file. Raises `DataError`."""
    try:
        with labels.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            columns = reader.fieldnames or []
            rows = [row for row in reader if row.get("file")]
    except OSError as error:
        raise DataError(f"The labels file “{labels}” cannot be read ({error.strerror}).") from None
    except (csv.Error, UnicodeDecodeError):
        raise DataError(f"The labels file “{labels}” is not a CSV file in UTF-8.") from None
    if "file" not in columns or not set(LABEL_COLUMNS) & set(columns):
        raise DataError(
            f"The first line of “{labels}” must name a column “file” and one of {', '.join(LABEL_COLUMNS)}."
        )
    return rows


def _classes(rows: list[dict[str, str]], card: Card) -> list[int | None]:
    """Return the class of each row, from the one column that the classifier knows best."""
    return max(
        ([card.class_index(row.get(column) or "") for row in rows] for column in LABEL_COLUMNS),
        key=lambda classes: sum(index is not None for index in classes),
    )


def _note(why: str, names: Sequence[str]) -> list[str]:
    """Say which photos are left out and why; nothing where there are none."""
    if not names:
        return []
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return [f"{len(names)} photo{'s' if len(names) > 1 else ''} left out, {why}: {shown}."]
