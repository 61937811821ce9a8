"""A region of interest: cut from saliency maps by a threshold, tidied, and mended by hand."""

from collections.abc import Sequence
from typing import Annotated, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from keepsight.codecs.roi import at_least, feathered
from keepsight.models.types import Map

Mask = NDArray[np.bool_]
"""(H, W): True inside the region."""

Layer = NDArray[np.uint8]
"""(H, W): what strokes make of each pixel: 0 nothing, else `_ADDED` or `_REMOVED`."""
_ADDED, _REMOVED = 1, 2

Tool = Literal["brush", "eraser", "add rectangle", "remove rectangle"]
Mode = Literal["value", "area"]

GROW = 15
"""How far a region is grown or shrunk at most, in percent of the longer side."""
FEATHER = 25
"""The widest soft edge, likewise."""
ISLAND = 5
"""The largest island that can be told to go, in percent of the area."""
_SUBPIXEL = 4
"""Binary places of a stroke's points in pixels, as OpenCV takes them."""

Coordinate = Annotated[float, Field(ge=-1, le=2)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Source(_Frozen):
    """Where a map comes from, so that it can be made again."""

    method: str
    """Id of a saliency method, or the text of a mix."""
    classifier: str = ""
    """`Card.fingerprint`."""
    target: int | None = None
    """Index of the class that is explained; None where the method explains none."""
    label: str = ""
    """The class in words."""


class Stroke(_Frozen):
    """One line of the brush or the eraser, or a rectangle."""

    tool: Tool
    points: tuple[tuple[Coordinate, Coordinate], ...] = Field(min_length=1, max_length=100_000)
    """(x, y) in shares of width and height, (0, 0) top left; of a rectangle: two opposite corners."""
    radius: float = Field(default=0, ge=0, le=50)
    """Of brush and eraser, in percent of the photo's longer side."""

    @model_validator(mode="after")
    def _two_corners(self) -> "Stroke":
        if self.tool.endswith("rectangle") and len(self.points) != 2:
            raise ValueError("a rectangle has two corners")
        return self

    @property
    def adds(self) -> bool:
        """Whether it makes the region larger."""
        return self.tool in ("brush", "add rectangle")


class Region(_Frozen):
    """How a region is made of maps: each by its threshold, joined, tidied, and strokes over it in turn."""

    mode: Mode = "value"
    """What `level` is a share of: the map's maximum, or the photo's area (the brightest first)."""
    level: float = Field(default=0.35, ge=0, le=1)
    feather: float = Field(default=2, ge=0, le=FEATHER)
    """Width of the soft edge around the region, in percent of the longer side."""
    grow: float = Field(default=0, ge=-GROW, le=GROW)
    """Percent of the longer side; less than 0 shrinks."""
    island: float = Field(default=0, ge=0, le=ISLAND)
    """Percent of the area; smaller islands go, and smaller holes are filled."""
    shown: bool = True
    """Whether the map that is shown belongs to it, whatever that is."""
    joined: tuple[Source, ...] = ()
    """Maps whose own regions belong to it besides."""
    strokes: tuple[Stroke, ...] = ()


def level_of(values: Map, region: Region) -> float:
    """Return the value of a map from which on its pixels belong to the region; infinite where none does.

    By area, pixels of one and the same value stay together: the nearest share that can be had.
    """
    if region.mode == "value":
        return float(np.float32(region.level) * values.max(initial=0))
    count = round(region.level * values.size)
    if count == 0:
        return np.inf
    last = np.partition(values, values.size - count, axis=None)[values.size - count]
    above, among = np.count_nonzero(values > last), np.count_nonzero(values >= last)
    return float(last if among - count <= count - above else np.nextafter(last, np.float32(np.inf)))


def mask(maps: Sequence[Map], region: Region, shape: tuple[int, int], painted: Mask | None = None) -> Mask:
    """Return the region, (H, W) of `shape`: the union of each map's own, tidied, with the strokes over it.

    `maps`: of any sizes, zero or more; one that is zero everywhere has no region. `painted` is a mask that
    belongs to the region besides, of the photo's size.
    """
    inside = np.zeros(shape, bool) if painted is None else painted.copy()
    for values in maps:
        fitted = fit(values, *shape)
        inside |= at_least(fitted, level_of(fitted, region))
    return painted_over(tidied(inside, region), strokes_layer(region.strokes, shape))


def tidied(inside: Mask, region: Region) -> Mask:
    """Return what thresholds gave, (H, W), without small islands and holes, then grown or shrunk."""
    inside = _without_islands(inside, region.island / 100 * inside.size)
    return _grown(inside, region.grow / 100 * max(inside.shape))


def strokes_layer(strokes: Sequence[Stroke], shape: tuple[int, int]) -> Layer:
    """Return what strokes make of pixels, (H, W) of `shape`."""
    layer = np.zeros(shape, np.uint8)
    for stroke in strokes:
        draw(layer, stroke)
    return layer


def painted_over(inside: Mask, layer: Layer) -> Mask:
    """Return a mask with strokes over it."""
    return (inside & (layer == 0)) | (layer == _ADDED) if layer.any() else inside


def soft(inside: Mask, region: Region) -> Map:
    """Return a mask with the region's soft edge: (H, W) in [0, 1]."""
    return feathered(inside, region.feather)


def fit(values: Map, height: int, width: int) -> Map:
    """Return a map at that size."""
    if values.shape == (height, width):
        return values
    how = cv2.INTER_AREA if height < values.shape[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(values, (width, height), interpolation=how), np.float32)


def _without_islands(inside: Mask, smallest: float) -> Mask:
    if smallest <= 1:
        return inside
    islands = _small(inside, smallest, 8)
    inside = inside if islands is None else inside & ~islands
    holes = _small(~inside, smallest, 4)
    return inside if holes is None else inside | holes


def _small(parts: Mask, smallest: float, connectivity: int) -> Mask | None:
    """Return the connected parts of fewer than `smallest` pixels; None where there is none."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(parts.view(np.uint8), connectivity=connectivity)
    small = stats[:, cv2.CC_STAT_AREA] < smallest
    small[0] = False
    return np.asarray(small.take(labels), bool) if small.any() else None


def _grown(inside: Mask, reach: float) -> Mask:
    """Return the mask grown by `reach` pixels, or shrunk; it does not shrink from the photo's edge."""
    if reach == 0 or not inside.any() or inside.all():
        return inside
    other = (~inside if reach > 0 else inside).view(np.uint8)
    distance = cv2.distanceTransform(other, cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray(distance <= reach if reach > 0 else distance > -reach, bool)


def draw(onto: Layer, stroke: Stroke) -> None:
    """Draw a stroke into a layer of strokes, in place: at least one pixel wide."""
    height, width = onto.shape
    colour = _ADDED if stroke.adds else _REMOVED
    points = np.array(stroke.points) * (width, height)
    if stroke.tool.endswith("rectangle"):
        (left, top), (right, bottom) = np.rint(np.sort(points, axis=0)).astype(int).clip(0, (width, height))
        onto[top : max(bottom, top + 1), left : max(right, left + 1)] = colour
        return
    fixed = np.rint((points - 0.5) * (1 << _SUBPIXEL)).astype(np.int32)
    thickness = max(1, round(2 * stroke.radius / 100 * max(height, width)))
    cv2.polylines(onto, [fixed[[*range(len(fixed)), -1]]], False, colour, thickness, cv2.LINE_8, _SUBPIXEL)
