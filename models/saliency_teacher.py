"""Maps of classifiers that the network of learned maps is taught with: many cuts of each photo, made once."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from keepsight.models import classifiers
from keepsight.models.cards import Card
from keepsight.models.mapped import mapped
from keepsight.models.maps.mix import blend
from keepsight.models.saliency_net import GRID, SIDE, squashed
from keepsight.models.training_state import TrainingError, other_settings
from keepsight.models.types import Judge, Map, Pixels

_SMALLEST = 0.25
"""Share of a photo's area in a cut, at least."""
_NARROWEST = 2 / 3
"""Of a cut's aspect, as a share of the photo's."""
_MADE, _UNREADABLE = 1, 2
"""Marks of photos that are done with; 0 is to do."""


@dataclass(frozen=True)
class Lessons:
    """Cuts of photos and the teachers' maps of them."""

    images: NDArray[np.uint8]
    """(photos, cuts, `SIDE`, `SIDE`, 3)."""
    maps: NDArray[np.float16]
    """(photos, cuts, `GRID`, `GRID`), of mean 1, or zero everywhere."""


def load_teacher(card: Card, device: str) -> Judge:
    """Load a classifier so that it sees all of a cut, squashed into its square, not the middle alone."""
    return classifiers.load(card.model_copy(update={"crop_mode": "squash", "resize": card.crop}), device)


def teach(pixels: Pixels, teachers: Sequence[Judge], method: str) -> Map:
    """Return the mean of the teachers' maps, each for the class that it predicts: (`GRID`, `GRID`)."""
    parts = {f"{index}": judge.explain(pixels, None, method) for index, judge in enumerate(teachers)}
    values = blend(parts, dict.fromkeys(parts, 1.0)).values
    small = cv2.resize(values, (GRID, GRID), interpolation=cv2.INTER_AREA)
    return np.asarray(small / max(float(small.mean()), 1e-30), np.float32)


def cut(pixels: Pixels, index: int, rng: np.random.Generator) -> Pixels:
    """Return the whole photo (cut 0), its middle square (cut 1) or a part of it that is drawn."""
    height, width = pixels.shape[:2]
    if index == 0:
        return pixels
    if index == 1:
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        return pixels[top : top + side, left : left + side]
    area = rng.uniform(_SMALLEST, 1)
    aspect = np.exp(rng.uniform(np.log(_NARROWEST), -np.log(_NARROWEST)))
    rows = min(height, max(1, round(height * np.sqrt(area / aspect))))
    columns = min(width, max(1, round(width * np.sqrt(area * aspect))))
    top, left = rng.integers(0, height - rows + 1), rng.integers(0, width - columns + 1)
    return pixels[top : top + rows, left : left + columns]


def make_lessons(
    work: Path,
    photos: Sequence[Callable[[], Pixels | None]],
    teachers: Callable[[], Sequence[Judge]],
    *,
    method: str,
    cuts: int,
    seed: int,
    about: Any,
    resume: bool,
    progress: Callable[[int], None],
) -> Lessons:
    """Map the cuts of photos, or go on with that; `teachers` are loaded where there is something to do.

    A photo that is None cannot be read and is left out of the result. `about` is JSON that tells which photos
    and teachers these are. `progress` is told how many photos are done.

    Raises:
        TrainingError: What is in the folder belongs to other settings, or no photo can be read.
        ModelError: A teacher cannot make the map.
        OSError: The folder cannot be written.
    """
    store = _Store(work, len(photos), cuts, {"method": method, "cuts": cuts, "seed": seed} | about, resume)
    missing = np.flatnonzero(store.marks == 0).tolist()
    judges = teachers() if missing else []
    for index in missing:
        pixels = photos[index]()
        if pixels is not None:
            rng = np.random.default_rng([seed, index])
            for number in range(cuts):
                part = np.ascontiguousarray(cut(pixels, number, rng))
                store.images[index, number] = squashed(part)
                store.maps[index, number] = teach(part, judges, method)
        store.marks[index] = _UNREADABLE if pixels is None else _MADE
        progress(int(np.count_nonzero(store.marks)))
    readable = np.flatnonzero(store.marks == _MADE)
    if len(readable) < 2:
        raise TrainingError("A training needs two photos at least that can be read. Name more of them.")
    if len(readable) == len(photos):
        return Lessons(store.images, store.maps)
    return Lessons(store.images[readable], store.maps[readable])


class _Store:
    """The files in which lessons wait: three arrays, and what they are about."""

    def __init__(self, work: Path, photos: int, cuts: int, about: dict[str, Any], resume: bool) -> None:
        note = work / "lessons.json"
        fresh = not (resume and note.is_file())
        if not fresh and json.loads(note.read_text(encoding="utf-8")) != json.loads(json.dumps(about)):
            raise other_settings(work)
        if fresh:
            note.unlink(missing_ok=True)

        def array(name: str, kind: type, shape: tuple[int, ...]) -> NDArray[Any]:
            return mapped(work / f"{name}.npy", kind, shape, fresh=fresh)

        self.images = array("images", np.uint8, (photos, cuts, SIDE, SIDE, 3))
        self.maps = array("maps", np.float16, (photos, cuts, GRID, GRID))
        self.marks = array("marks", np.uint8, (photos,))
        note.write_text(json.dumps(about), encoding="utf-8")  # last: without it the arrays are made anew
