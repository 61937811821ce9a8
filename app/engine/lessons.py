"""What a classifier learns from: photos of any data, cut to squares in one file, and codecs."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keepsight.app.engine.data import Item
from keepsight.app.engine.photos import PhotoError, from_pixels
from keepsight.app.engine.trials import encode_decode
from keepsight.app.engine.types import Photo, Pixels, Setting
from keepsight.codecs import registry
from keepsight.codecs.options import OptionsError
from keepsight.codecs.pipeline import Pipeline
from keepsight.models import scenes
from keepsight.models.cards import Card


@dataclass(frozen=True)
class Gathered:
    """Photos that could be read."""

    images: NDArray[np.uint8]
    """(n, s, s, 3), mapped from a file: squares of the side `resize` of the classifier, at its scale."""
    labels: NDArray[np.int64]
    """(n,) class indices; -1 where it is not known."""
    unreadable: int
    """How many could not be."""


def training_scenes(card: Card | None, count: int) -> list[Item]:
    """Return scenes that no figure is measured on, labelled for a classifier that knows their classes."""
    same = card is not None and card.class_names == tuple(scenes.CLASSES)
    seeds = scenes.SPLITS["train"][:count]
    labels = [scenes.label_of(seed) if same else None for seed in seeds]
    return [
        Item(f"scene {seed}", partial(_scene, seed, label), label)
        for seed, label in zip(seeds, labels, strict=True)
    ]


def _scene(seed: int, label: int | None) -> Photo:
    return from_pixels(scenes.render(seed).pixels, f"scene {seed}", label)


def gather(
    items: Sequence[Item],
    card: Card,
    work: Path,
    *,
    resume: bool,
    warn: Callable[[str], None],
    progress: Callable[[int], None] = lambda _: None,
) -> Gathered:
    """Load all photos into a file in `work`, or take the file that is there; unreadable ones are left out.

    `warn` is told of each of those, `progress` how many photos were looked at. Raises `OSError`.
    """
    path, note = work / "photos.bin", work / "photos.json"
    about = {"photos": [[item.name, item.label] for item in items], "resize": card.resize, "crop": card.crop}
    about |= {"mode": card.crop_mode, "interpolation": card.interpolation}
    found: dict[str, Any] = {}
    if resume and note.is_file():
        found = json.loads(note.read_text(encoding="utf-8"))
    if not path.is_file() or found.get("about") != json.loads(json.dumps(about)):
        note.unlink(missing_ok=True)
        square = card.model_copy(update={"crop": card.resize})
        labels: list[int] = []
        with path.open("wb") as file:  # not mapped: a full disk would end the program
            for number, item in enumerate(items, 1):
                try:
                    file.write(square.prepare(item.load().pixels).tobytes())
                    labels.append(-1 if item.label is None else item.label)
                except PhotoError as error:
                    warn(f"{error} It is left out.")
                progress(number)
        found = {"about": about, "labels": labels}
        note.write_text(json.dumps(found), encoding="utf-8")
    known = np.array(found["labels"], np.int64)
    shape = (len(known), card.resize, card.resize, 3)
    images = np.memmap(path, np.uint8, "r", shape=shape) if len(known) else np.empty(shape, np.uint8)
    return Gathered(images, known, len(items) - len(known))


def settings_of(specs: Sequence[str], rates: Sequence[str] | None) -> list[Setting]:
    """Return the settings to compress with: each codec as its text says, or at each of these rates.

    `rates` are values of the codec's rate option; ("all",) stands for its ladder. Raises as `registry.get`,
    and `OptionsError`.
    """
    found = []
    for spec in specs:
        codec = registry.get(spec)
        options = codec.options()
        if rates is None or codec.rate_option is None:
            found.append(Setting(codec.id, options))
        elif list(rates) == ["all"]:
            found += [Setting(codec.id, one) for one in codec.ladder(options)]
        else:
            try:
                found += [
                    Setting(codec.id, options.replace(**{codec.rate_option: rate.strip()})) for rate in rates
                ]
            except OptionsError as error:
                raise OptionsError(f"{codec.label}: {error}") from None
    return found


@dataclass(frozen=True)
class Compressor:
    """Compresses and decodes an image with one of several settings; no guide is asked."""

    settings: Sequence[Setting]

    def __call__(self, pixels: Pixels, rng: np.random.Generator) -> Pixels:
        """Let the generator choose a setting. Raises `EncodeError`, `BitstreamError`."""
        return encode_decode(pixels, self.settings[int(rng.integers(len(self.settings)))]).pixels

    @property
    def about(self) -> Mapping[str, Any]:
        """What it does, in plain values."""
        return {"codecs": [[one.codec, one.options.to_json()] for one in self.settings]}

    @property
    def in_words(self) -> str:
        """What it does, for people."""
        first = [
            codec.label if isinstance(codec, Pipeline) else f"{codec.label} {one.options.in_words()}".strip()
            for one in (self.settings[0], self.settings[-1])
            for codec in [registry.get(one.codec)]
        ]
        return first[0] if len(self.settings) == 1 else f"{first[0]} … {first[-1]}"
