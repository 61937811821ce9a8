"""Saving and loading a region in the background: the mask of a large photo takes a moment."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from keepsight.app.engine import region_files
from keepsight.app.engine.region import Mask, Region, Source, mask
from keepsight.app.engine.types import Photo
from keepsight.app.worker.judge_process import RemoteJudge
from keepsight.models.types import Map, ModelError


@dataclass(frozen=True, eq=False)
class SaveRequest:
    """Write a region to a mask's file and the rule beside it."""

    path: Path
    photo: Photo
    maps: tuple[Map, ...]
    painted: Mask | None
    region: Region
    """With the sources of `maps` as `joined`."""


@dataclass(frozen=True, eq=False)
class LoadRequest:
    """Read a region for a photo."""

    path: Path
    photo: Photo
    judge: RemoteJudge


@dataclass(frozen=True, eq=False)
class RegionLoaded:
    """A region as it was kept."""

    request: LoadRequest
    region: Region
    painted: Mask | None = None
    maps: dict[Source, Map] = field(default_factory=dict)
    """Of `region.joined`."""
    note: str = ""
    """What was found otherwise than expected, as a sentence."""


@dataclass(frozen=True, eq=False)
class RemakeRequest:
    """Make joined maps of a photo again."""

    photo: Photo
    sources: tuple[Source, ...]
    judge: RemoteJudge


def remake(request: RemakeRequest) -> Iterator[tuple[Photo, dict[Source, Map]]]:
    """Yield the photo and its maps by their sources."""
    yield request.photo, {source: _made(source, request.photo, request.judge) for source in request.sources}


def save(request: SaveRequest) -> Iterator[Path]:
    """Yield the name of the mask when both files are written."""
    height, width = request.photo.pixels.shape[:2]
    inside = mask(request.maps, request.region, (height, width), request.painted)
    painted = request.painted is not None
    region_files.save(request.path, request.photo, request.region, inside, painted)
    yield request.path


def load(request: LoadRequest) -> Iterator[RegionLoaded]:
    """Yield the region by its rule, its maps made again; by its mask where that cannot be."""
    saved = region_files.load(request.path, request.photo)
    note = saved.note
    if saved.region is not None:
        try:
            maps = {source: _map(source, request) for source in saved.region.joined}
        except ModelError as error:
            if saved.mask is None:
                raise
            note = f"{note} {error} The mask is taken as it is, without its threshold.".strip()
        else:
            yield RegionLoaded(request, saved.region, maps=maps, note=note)
            return
    yield RegionLoaded(request, Region(shown=False), painted=saved.mask, note=note)


def _map(source: Source, request: LoadRequest) -> Map:
    if source.classifier not in ("", request.judge.card.fingerprint):
        raise ModelError(f"The region in “{request.path.name}” was made with another classifier.")
    return _made(source, request.photo, request.judge)


def _made(source: Source, photo: Photo, judge: RemoteJudge) -> Map:
    if source.classifier not in ("", judge.card.fingerprint):
        raise ModelError("A joined map of the region is of another classifier; open that one to see it.")
    return judge.explain(photo.pixels, source.target, source.method).values
