"""What a region of interest keeps: its area, its bytes, and what the classifier says of it alone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from keepsight.app.engine.region import Mask, Region, fit, mask, soft
from keepsight.app.engine.types import Photo, Pixels
from keepsight.app.worker.jobs import PaneShown
from keepsight.app.worker.judge_process import RemoteJudge
from keepsight.codecs import registry
from keepsight.codecs.guide import RegionGuide
from keepsight.models.maps.base import map_shape
from keepsight.models.maps.placing import of_crop
from keepsight.models.types import Map, Prediction


@dataclass(frozen=True, eq=False)
class FiguresRequest:
    """Measure a region of a photo."""

    photo: Photo
    maps: tuple[Map, ...]
    painted: Mask | None
    region: Region
    judge: RemoteJudge | None
    pane: PaneShown | None
    """The file whose bytes are told; None where no compressed pane is selected."""


@dataclass(frozen=True)
class ByteShare:
    """The share of a file's bytes that the region takes."""

    value: float
    """In [0, 1]."""
    measured: bool
    """Counted in the file; otherwise estimated by a second file without the background."""


@dataclass(frozen=True, eq=False)
class RegionFigures:
    """What is known of a region so far."""

    request: FiguresRequest
    area: float
    """Share of the photo's area, in [0, 1]."""
    guide: RegionGuide
    """The region with its soft edge, at the photo's size, for encoders."""
    whole: Prediction | None = None
    inside: Prediction | None = None
    """With only the region shown; None where it is empty, and before the classifier has read it."""
    outside: Prediction | None = None
    """With only the background shown; None where there is none."""
    bytes: ByteShare | None = None
    complete: bool = False
    """Whether nothing more is to come."""


class Measure:
    """The job. Keeps the last mask: while the region is the same, so is its guide."""

    def __init__(self) -> None:
        self._made: tuple[tuple[object, ...], Mask, RegionGuide] | None = None

    def __call__(self, request: FiguresRequest) -> Iterator[RegionFigures]:
        """Yield the area, then the classes, then the bytes."""
        inside, guide = self._mask(request)
        weights = guide.values
        figures = RegionFigures(request, float(inside.mean()), guide)
        yield figures
        if request.judge is not None and request.judge.card.reads == "pixels":
            figures = _with_classes(figures, weights, request.judge)
            yield figures
        share = _bytes(request, inside, weights) if request.pane is not None else None
        yield replace(figures, bytes=share, complete=True)

    def _mask(self, request: FiguresRequest) -> tuple[Mask, RegionGuide]:
        key = (request.photo.key, request.region, request.painted, *request.maps)
        if self._made is None or not _same(self._made[0], key):
            height, width = request.photo.pixels.shape[:2]
            inside = mask(request.maps, request.region, (height, width), request.painted)
            self._made = key, inside, RegionGuide(soft(inside, request.region))
        return self._made[1:]


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Compare by identity: arrays and long strokes are never changed in place."""
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))


def _with_classes(figures: RegionFigures, weights: Map, judge: RemoteJudge) -> RegionFigures:
    """Let the classifier read the photo, the region alone and the background alone; the rest is its mean."""
    pixels = figures.request.photo.pixels
    whole = judge.card.prepare(pixels)
    shown = of_crop(fit(weights, *map_shape(*weights.shape)), judge.card)[..., None]
    mean = np.array(judge.card.mean, np.float32) * 255
    pictures = [whole, *(_blended(whole, mean, weight) for weight in (shown, 1 - shown))]
    names = judge.card.class_names
    read = [Prediction(row, names) for row in judge.predict(np.stack(pictures))]
    return replace(
        figures,
        whole=read[0],
        inside=read[1] if shown.any() else None,
        outside=read[2] if (shown < 1).any() else None,
    )


def _blended(pixels: Pixels, colour: Map, weight: Map) -> Pixels:
    return np.asarray(np.rint(pixels * weight + colour * (1 - weight)), np.uint8)


def _bytes(request: FiguresRequest, inside: Mask, weights: Map) -> ByteShare:
    """Count the bytes inside, or compare with the file of a photo whose background is of one colour."""
    assert request.pane is not None
    shown = request.pane
    codec, data = registry.get(shown.request.setting.codec), shown.coded.data
    counted = codec.share_inside(data, inside)
    if counted is not None:
        return ByteShare(counted, measured=True)
    if not inside.any() or inside.all():
        return ByteShare(float(inside.any()), measured=False)
    pixels = request.photo.pixels
    plain = pixels[~inside].mean(axis=0, dtype=np.float64).astype(np.float32)
    alone = _blended(pixels, plain, weights[..., None])
    smaller = len(codec.encode(alone, shown.request.setting.options, shown.guide))
    return ByteShare(min(1.0, smaller / len(data)), measured=False)
