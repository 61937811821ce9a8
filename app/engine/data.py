"""Where photos come from: samples, rendered scenes, data sets by name, a folder, or one file.

Nothing is decoded here: an `Item` loads its photo when it is asked.
"""

import csv
import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from keepsight.app.engine import naming, photos
from keepsight.app.engine.region_files import is_mask
from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.types import Photo
from keepsight.models import datasets, scenes
from keepsight.models.cards import Card
from keepsight.models.download import Progress
from keepsight.models.errors import ModelError

SCENES = 1000
"""How many scenes there are under the name `scenes`."""

NAMES = ("samples", "scenes", *datasets.DATASETS)
"""What `open_data` knows by name."""

FEWEST_CLASSES = 0.5
"""Share of a data set's classes that a classifier must know: with fewer, its photos have no labels."""

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
    source: str | Path | None = None
    """What it was listed from, as `open_data` takes it, for `known_labels`; None of a single picture."""
    path: Path | None = None
    """Its file; None where there is none, or where it came with the program."""


@dataclass(frozen=True)
class Data:
    """Photos, and what is to be said about those that had to be left out."""

    items: list[Item]
    notes: list[str]
    """Sentences about problems that did not stop the work."""
    left_out: int = 0
    """Photos that should be among the items and, as the notes say, are not."""

    @property
    def labelled(self) -> bool:
        """Whether the true class of every photo is known."""
        return all(item.label is not None for item in self.items)


def open_data(
    spec: str | Path, card: Card | None = None, labels: Path | None = None, progress: Progress | None = None
) -> Data:
    """List the photos of one of `NAMES`, a folder or a file; labels are indices of the card's classes.

    A `Path` is always a folder or a file. In a folder, `labels` or its own `labels.csv` names the classes, or
    each sub-folder is one class. A data set is fetched at first use; `progress` hears of it, in bytes.
    Raises `DataError`, and `PhotoError` for one file that is not there.
    """
    path = Path(spec)
    if labels is not None and not path.is_dir():
        raise DataError(f"A labels file belongs to a folder of photos; “{spec}” is none.")
    if spec == "samples":
        return Data([Item(s.name, partial(photos.load, s.path, None, s.name)) for s in SAMPLES], [])
    if spec == "scenes":
        return _scenes(card)
    if isinstance(spec, str) and spec in datasets.DATASETS:
        return _dataset(spec, card, progress)
    if path.is_dir():
        if labels is None and (path / "labels.csv").is_file():
            labels = path / "labels.csv"
        return _folder(path, card) if labels is None else _labelled(path, card, labels)
    if not path.exists():
        close = difflib.get_close_matches(str(spec), NAMES, 1)
        advice = f"Did you mean “{close[0]}”?" if close else "Check the name."
        raise DataError(f"There is no folder or photo “{spec}”. {advice}")
    return Data([_file(path, path.name, None)], [])


def known_labels(source: str | Path, card: Card) -> dict[str, int]:
    """Return the true classes, as indices of the card's, of the photos of a source, by `Item.name`.

    Raises `DataError` and `PhotoError` as `open_data`.
    """
    return {item.name: item.label for item in open_data(source, card).items if item.label is not None}


def classes_of(source: str | Path, labels: Path | None = None) -> list[str]:
    """Return the names of the classes that a source has: folders, cells of a labels file, a data set's.

    Raises `DataError`.
    """
    path = Path(source)
    if source == "scenes":
        return list(scenes.CLASSES)
    if isinstance(source, str) and source in datasets.DATASETS:
        about = datasets.DATASETS[source]
        rows = _read_labels(datasets.fetch(source) / datasets.LABELS)
        return sorted({row.cells[about.column] for row in rows})
    labels = labels or (path / "labels.csv" if (path / "labels.csv").is_file() else None)
    if labels is not None:
        rows = _read_labels(labels)
        column = next(name for name in ("class_name", "wnid", "class_index") if name in rows[0].cells)
        return sorted({row.cells[column] for row in rows})
    return sorted({one.relative_to(path).parts[0] for one in _photos_in(path) if one.parent != path})


def check_readable(paths: Sequence[Path]) -> None:
    """Raise `PhotoError` where there are paths, but no photo under any of them can be read."""
    problems: list[str] = []
    for path in paths:
        try:
            for item in open_data(path).items:
                try:
                    item.load()
                except photos.PhotoError as error:
                    problems.append(str(error))
                else:
                    return
        except DataError as error:
            problems.append(str(error))
    if problems:
        others = f"None of {len(problems)} photos can be read. " if len(problems) > 1 else ""
        raise photos.PhotoError(others + problems[0])


def _file(path: Path, name: str, label: int | None) -> Item:
    return Item(name, partial(photos.load, path, label, name), label, path=path)


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


def _dataset(name: str, card: Card | None, progress: Progress | None) -> Data:
    """Take a data set's photos; where half of its classes are known or more, those with their labels."""
    try:
        folder = datasets.fetch(name, progress)
    except ModelError as error:
        raise DataError(str(error)) from None
    about = datasets.DATASETS[name]
    rows = [(row.file, row.cells[about.column]) for row in _read_labels(folder / datasets.LABELS)]
    classes = dict.fromkeys(cell for _, cell in rows)
    known = {cell: index for cell in classes if card and (index := card.class_index(cell)) is not None}
    if card is None or len(known) < FEWEST_CLASSES * len(classes):
        items = [_file(folder / file, file, None) for file, _ in rows]
        share = f"{len(known)} of the {len(classes)}" if known else f"none of the {len(classes)}"
        note = f"“{card.name}” knows {share} classes of {about.label}: no photo has a label." if card else ""
        return Data(items, [note] if note else [])
    items = [_file(folder / file, file, known[cell]) for file, cell in rows if cell in known]
    left_out = len(rows) - len(items)
    note = (
        f"“{card.name}” knows {len(known)} of the {len(classes)} classes of {about.label}: the {left_out} "
        "photos of the others are not taken."
    )
    return Data(items, [note] if left_out else [])


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
        and not is_mask(path)
        and path.is_file()
    )


@dataclass(frozen=True)
class _Row:
    """One line of a labels file."""

    line: int
    """Its number in the file, from 1."""
    file: str
    cells: dict[str, str]
    """What stands in the columns of `LABEL_COLUMNS` that the file has."""


def _labelled(folder: Path, card: Card | None, labels: Path) -> Data:
    """Take the photos that a labels file names; without a card they stay unlabelled."""
    rows = _read_labels(labels)
    present = [row for row in rows if (folder / row.file).is_file()]
    missing = [row.file for row in rows if not (folder / row.file).is_file()]
    if not present:
        raise DataError(f"None of the files named in “{labels}” is in “{folder}”. Check the column “file”.")
    notes = _note("named in the labels file but not there", missing)
    column, classes = _classes(present, card) if card else ("", [None] * len(present))
    pairs = list(zip(present, classes, strict=True))
    strange = [row for row, index in pairs if index is None]
    if card and strange:
        advice = _advice(labels, strange[0], column, card)
        if len(strange) == len(present):
            notes.append(
                f"No row of “{labels}” names a class of “{card.name}”: no photo has a label. {advice}"
            )
        else:
            names = [row.file for row in strange]
            notes += _note(f"of a class that “{card.name}” does not know", names, advice)
            pairs = [(row, index) for row, index in pairs if index is not None]
    items = [_file(folder / row.file, row.file, index) for row, index in pairs]
    # Not counted as left out: a labels file may well pick some of the photos on purpose.
    unnamed = _note(
        "not named in the labels file",
        _unnamed(folder, present),
        "Add a row for each that is to be measured.",
    )
    return Data(items, notes + unnamed, len(rows) - len(items))


def _unnamed(folder: Path, rows: Sequence[_Row]) -> list[str]:
    """Return the photos in a folder and below that no row names."""
    named = {(folder / row.file).resolve() for row in rows}
    return [path.relative_to(folder).as_posix() for path in _photos_in(folder) if path.resolve() not in named]


def _advice(labels: Path, row: _Row, column: str, card: Card) -> str:
    """Say where the first odd cell is, and what may stand there."""
    cell = row.cells.get(column)
    takes = {
        "class_index": f"a whole number from 0 to {len(card.class_names) - 1}",
        "class_name": f"the name of a class, such as “{card.class_names[0]}”",
        "wnid": "a WordNet id, such as n02123159",
    }[column]
    holds = f"has “{cell}”" if cell else "has nothing"
    return f"Line {row.line} of “{labels}” {holds} as {column}; that takes {takes}."


def _read_labels(labels: Path) -> list[_Row]:
    """Return the rows that name a file. Raises `DataError`."""
    try:
        with labels.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            columns = reader.fieldnames or []
            known = set(LABEL_COLUMNS) & set(columns)
            rows = [
                _Row(reader.line_num, row["file"], {column: row[column] or "" for column in known})
                for row in reader
                if row.get("file")
            ]
    except OSError as error:
        raise DataError(
            f"The labels file “{labels}” cannot be read ({error.strerror}). Check its name and permissions."
        ) from None
    except (csv.Error, UnicodeDecodeError):
        raise DataError(f"The labels file “{labels}” is not a CSV file in UTF-8. Save it as one.") from None
    if "file" not in columns or not known:
        raise DataError(
            f"The first line of “{labels}” must name a column “file” and one of {', '.join(LABEL_COLUMNS)}."
        )
    return rows


def _classes(rows: Sequence[_Row], card: Card) -> tuple[str, list[int | None]]:
    """Return the column that the classifier knows best, and the class of each row by it."""
    found = {
        column: [card.class_index(row.cells[column]) for row in rows]
        for column in LABEL_COLUMNS
        if column in rows[0].cells
    }
    return max(found.items(), key=lambda column: sum(index is not None for index in column[1]))


def _note(why: str, names: Sequence[str], advice: str = "") -> list[str]:
    """Say which photos are left out, why, and what to do; nothing where there are none."""
    if not names:
        return []
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return [f"{naming.photos(len(names))} left out, {why}: {shown}. {advice}".rstrip()]
