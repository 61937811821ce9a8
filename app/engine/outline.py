"""Outlines of a region of interest at screen rate, on a grid that is coarser than the photo."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from keepsight.app.engine.region import (
    Layer,
    Mask,
    Region,
    Stroke,
    draw,
    fit,
    level_of,
    painted_over,
    strokes_layer,
    tidied,
)
from keepsight.codecs.roi import at_least
from keepsight.models.types import Map

SIDE = 400
"""Longest side of the grid, in samples."""
_SMOOTH = 0.8
"""Deviation of the blur, in samples, that smooths the stairs along the edge of a mask."""
_SLACK = 0.2
"""How far a line may pass by points that it leaves out, in samples."""

Lines = list[NDArray[np.float64]]
"""Closed lines, holes included, each (n, 2) of x, y in [0, 1]: (0, 0) top left, (1, 1) bottom right."""


class Preview:
    """The maps of one photo on the grid: made once, asked as often as a slider moves."""

    def __init__(self, maps: Sequence[Map], shape: tuple[int, int], painted: Mask | None = None) -> None:
        """Take maps and a painted mask as `region.mask` does; `shape` is the photo's (H, W)."""
        scale = SIDE / max(shape)
        self._shape = (max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale)))
        self._maps = [_reduced(values, *self._shape) for values in maps]
        self._painted = None if painted is None else fit(painted.astype(np.float32), *self._shape) >= 0.5
        self._strokes: Sequence[Stroke] = ()
        self._layer = strokes_layer(self._strokes, self._shape)

    def outline(self, region: Region) -> tuple[Lines, float]:
        """Return the region's outlines and its share of the photo's area, in [0, 1]."""
        levels = [level_of(values, region) for values in self._maps]
        start = np.zeros(self._shape, bool) if self._painted is None else self._painted.copy()
        for values, level in zip(self._maps, levels, strict=True):
            start |= at_least(values, level)
        inside = painted_over(tidied(start, region), self._with_last(region.strokes))
        share = float(np.count_nonzero(inside) / inside.size)
        if len(self._maps) == 1 and self._painted is None and inside is start:
            return trace(inside, self._maps[0], levels[0]), share
        return trace(inside, _blurred(inside), 0.5), share

    def _with_last(self, strokes: Sequence[Stroke]) -> Layer:
        """Draw the strokes; all but the last, which may still grow, are kept for the next time."""
        if not strokes:
            return strokes_layer((), self._shape)
        if self._strokes != strokes[:-1]:
            self._strokes, self._layer = strokes[:-1], strokes_layer(strokes[:-1], self._shape)
        layer = self._layer.copy()
        draw(layer, strokes[-1])
        return layer


def trace(inside: Mask, field: Map, level: float) -> Lines:
    """Return the outlines of a mask, (H, W), moved to where `field`, (H, W), crosses `level` near by."""
    # A ring of samples outside the region, so that an outline also closes along the photo's edge.
    padded = cv2.copyMakeBorder(inside.view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    found, _ = cv2.findContours(padded, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE, offset=(-1, -1))
    if not found:
        return []
    height, width = inside.shape
    points = np.concatenate(found)[:, 0]  # all at once: a rough map has hundreds of short lines
    moved = _between_samples(field, level, points).astype(np.float32) + np.float32(0.5)
    lines = np.split(moved, np.cumsum([len(line) for line in found])[:-1])
    size = np.array([width, height], np.float64)
    return [cv2.approxPolyDP(line, _SLACK, True)[:, 0] / size for line in lines]


def _reduced(values: Map, height: int, width: int) -> Map:
    """Return a map on the grid, with the same maximum: thresholds are shares of it."""
    small = fit(values, height, width)
    if small is not values:
        small.flat[small.argmax()] = values.max(initial=0)  # averaging lowers a sharp peak
    return small


def _blurred(inside: Mask) -> Map:
    # By copies of the edge: the region goes on beyond the photo, as it does in the outline's own rule there.
    return np.asarray(
        cv2.GaussianBlur(inside.astype(np.float32), (5, 5), _SMOOTH, borderType=cv2.BORDER_REPLICATE)
    )


def _between_samples(values: Map, level: float, points: NDArray[np.int32]) -> NDArray[np.float64]:
    """Move contour pixels (n, 2) of x, y to where the map crosses `level`: one Newton step downhill."""
    height, width = values.shape
    # A contour of a hole may run over the padding, outside the map.
    x = points[:, 0].clip(0, width - 1)
    y = points[:, 1].clip(0, height - 1)
    left, right = (x - 1).clip(0), (x + 1).clip(max=width - 1)
    above, below = (y - 1).clip(0), (y + 1).clip(max=height - 1)
    slope = np.stack(
        [
            (values[y, right] - values[y, left]) / np.maximum(right - left, 1),
            (values[below, x] - values[above, x]) / np.maximum(below - above, 1),
        ],
        axis=1,
    ).astype(float)
    steepness = (slope**2).sum(axis=1)
    over = values[y, x] - level
    step = -slope * (over / np.where(steepness > 0, steepness, 1))[:, None]
    moved = np.stack([x, y], axis=1) + step.clip(-1, 1)
    # Along the photo's edge the outline follows the edge itself.
    last = np.array([width - 1, height - 1])
    for axis, (position, size) in enumerate(((x, width), (y, height))):
        moved[position == 0, axis] = -0.5
        moved[position == size - 1, axis] = size - 0.5
    return np.asarray(moved.clip(-0.5, last + 0.5), np.float64)
