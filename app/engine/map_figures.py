"""How good saliency maps are: do they find known objects, and does the classifier agree with them?"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from keepsight.app.engine.curves import wilson
from keepsight.app.engine.data import SCENES, Data, open_data
from keepsight.app.engine.sweep import shuffled
from keepsight.app.engine.types import Photo, Pixels, Share
from keepsight.models import scenes
from keepsight.models.cards import Card
from keepsight.models.download import Progress
from keepsight.models.maps.placing import of_crop
from keepsight.models.types import Judge, Map

AREAS = tuple(np.linspace(0.025, 0.5, 20))
"""Shares of the image, the brightest first, that are compared with an object's mask."""

_BLUR = 5.0
"""Standard deviation in pixels of the blur that an insertion begins with, 11 x 11 (Petsiuk et al. 2018)."""
_DRAWS = 1000
"""Of a bootstrap."""


@dataclass(frozen=True)
class Subject:
    """One image to judge maps on, not yet loaded."""

    load: Callable[[], tuple[Pixels, NDArray[np.bool_] | None]]
    """Return pixels, (H, W, 3), and, where it is known, the mask of the object, (H, W)."""


@dataclass(frozen=True)
class Pointing:
    """One map against the known object."""

    hit: bool
    """Whether the brightest pixel lies on it (pointing game, Zhang et al. 2018, no tolerance)."""
    ious: tuple[float, ...]
    """Intersection over union with the brightest pixels, for each of `AREAS`."""


@dataclass(frozen=True)
class Causal:
    """One map against the classifier (Petsiuk et al. 2018): areas under its probability of the class."""

    deletion: float
    """While the brightest pixels go first: lower is better, in [0, 1]."""
    insertion: float
    """While they come first into a blurred image: higher is better, in [0, 1]."""


@dataclass(frozen=True)
class MapRow:
    """One map of one image, scored by its object where that is known, else by the classifier."""

    method: str
    score: Pointing | Causal
    seconds: float


@dataclass(frozen=True)
class MapFigures:
    """One method over all images, with 95 % intervals; None where there was nothing to tell it by."""

    method: str
    images: int
    pointing: Share | None = None
    iou: Share | None = None
    """At the best of `AREAS`, one for all images."""
    area: float | None = None
    """That best one."""
    deletion: Share | None = None
    insertion: Share | None = None
    milliseconds: float = 0.0
    """Median time of a map, with the preparation of the image."""


def subjects(
    spec: str, card: Card, labels: Path | None, count: int, seed: int, progress: Progress | None = None
) -> tuple[list[Subject], Data]:
    """Return images to judge maps on: `scenes` (other ones than sweeps use), or of what `open_data` lists.

    With them comes what was listed, for its notes. `progress`: as of `open_data`. Raises `DataError`.
    """
    if spec == "scenes":
        seeds = scenes.SPLITS["test"][SCENES : SCENES + count]
        return [Subject(partial(_scene, one)) for one in seeds], Data([], [])
    data = open_data(spec, card, labels, progress)
    items = shuffled(data.items, seed)[:count]
    return [Subject(partial(_unmasked, item.load)) for item in items], data


def _scene(seed: int) -> tuple[Pixels, NDArray[np.bool_]]:
    scene = scenes.render(seed)
    return scene.pixels, scene.mask


def _unmasked(load: Callable[[], Photo]) -> tuple[Pixels, None]:
    return load().pixels, None


def score(subject: Subject, methods: Sequence[str], judge: Judge, steps: int) -> list[MapRow]:
    """Score maps of one image for the class that the classifier predicts.

    Deletion and insertion go in `steps` equal steps. Raises `PhotoError` and `ModelError`.
    """
    pixels, mask = subject.load()
    causes = None if mask is not None else _Causes(pixels, judge, steps)
    target = causes.target if causes else int(judge.predict(judge.card.prepare(pixels)[None]).argmax())
    rows = []
    for method in methods:
        begun = time.perf_counter()
        values = judge.explain(pixels, target, method).values
        seconds = time.perf_counter() - begun
        if causes:
            rows.append(MapRow(method, causes.score(values), seconds))
        else:
            assert mask is not None
            rows.append(MapRow(method, _pointing(values, mask), seconds))
    return rows


class _Causes:
    """Deletion and insertion on one image, in what the classifier sees of it."""

    def __init__(self, pixels: Pixels, judge: Judge, steps: int) -> None:
        self._judge, self._steps = judge, steps
        self._whole = judge.card.prepare(pixels)
        mean = np.rint(np.array(judge.card.mean) * 255).clip(0, 255).astype(np.uint8)
        self._empty = np.broadcast_to(mean, self._whole.shape)
        self._blurred = np.asarray(cv2.GaussianBlur(self._whole, (11, 11), _BLUR), np.uint8)
        ends = judge.predict(np.stack([self._whole, self._empty, self._blurred]))
        self.target = int(ends[0].argmax())
        self._ends = [float(row[self.target]) for row in ends]

    def score(self, values: Map) -> Causal:
        """Score a map of the photo: what is deleted becomes the card's mean colour."""
        masks = _brightest(of_crop(values, self._judge.card), self._steps)
        deleted = [np.where(mask, self._empty, self._whole) for mask in masks]
        inserted = [np.where(mask, self._whole, self._blurred) for mask in masks]
        curve = self._judge.predict(np.stack(deleted + inserted))[:, self.target]
        whole, empty, blurred = self._ends
        return Causal(
            _area([whole, *curve[: len(masks)], empty]), _area([blurred, *curve[len(masks) :], whole])
        )


def figures(rows: Iterable[MapRow]) -> list[MapFigures]:
    """Return each method's figures, in the order in which they first came."""
    by_method: dict[str, list[MapRow]] = {}
    for row in rows:
        by_method.setdefault(row.method, []).append(row)
    return [_figures_of(method, found) for method, found in by_method.items()]


def _figures_of(method: str, rows: list[MapRow]) -> MapFigures:
    figures = MapFigures(
        method, len(rows), milliseconds=1000 * float(np.median([row.seconds for row in rows]))
    )
    if pointing := [row.score for row in rows if isinstance(row.score, Pointing)]:
        ious = np.array([score.ious for score in pointing])
        best = int(ious.mean(0).argmax())
        figures = replace(
            figures,
            pointing=wilson(sum(score.hit for score in pointing), len(pointing)),
            iou=mean_share(ious[:, best]),
            area=float(AREAS[best]),
        )
    if causal := [row.score for row in rows if isinstance(row.score, Causal)]:
        figures = replace(
            figures,
            deletion=mean_share(np.array([score.deletion for score in causal])),
            insertion=mean_share(np.array([score.insertion for score in causal])),
        )
    return figures


def mean_share(values: NDArray[np.float64]) -> Share:
    """Return the mean with its 95 % interval: percentiles of a bootstrap, the same draws each time."""
    draws = np.random.default_rng(0).integers(len(values), size=(_DRAWS, len(values)))
    low, high = np.percentile(values[draws].mean(1), [2.5, 97.5])
    return Share(float(values.mean()), float(low), float(high))


def _order(values: Map) -> NDArray[np.intp]:
    """Return the indices of the pixels, brightest first; equal ones in an order drawn by chance."""
    chance = np.random.default_rng(0).permutation(values.size)
    return np.asarray(chance[np.argsort(-values.ravel()[chance], kind="stable")])


def _brightest(values: Map, steps: int) -> list[NDArray[np.bool_]]:
    """Return `steps` - 1 masks, (h, w, 1), of the brightest 1/steps of the pixels, 2/steps and so on."""
    rank = np.empty(values.size, np.intp)
    rank[_order(values)] = np.arange(values.size)
    grid = rank.reshape(*values.shape, 1)
    return [grid < round(values.size * step / steps) for step in range(1, steps)]


def _pointing(values: Map, mask: NDArray[np.bool_]) -> Pointing:
    on_object = mask.ravel()[_order(values)]
    found = np.cumsum(on_object)
    counts = [max(1, round(area * values.size)) for area in AREAS]
    ious = tuple(float(found[n - 1] / (n + mask.sum() - found[n - 1])) for n in counts)
    return Pointing(bool(on_object[0]), ious)


def _area(curve: list[float]) -> float:
    """Return the area under evenly spaced points over a length of 1 (trapezoids)."""
    return float(np.trapezoid(curve, dx=1 / (len(curve) - 1)))
