"""Region of interest: the part of a photo where an importance map reaches a share of its maximum.

All thresholds are shares of the map's maximum, in [0, 1]. A map that is zero everywhere has no region.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]
"""(H, W), zero or more: `Importance.values`."""

OUTLINE_SIDE = 320
"""Longest side of the grid that an outline is traced on, in samples."""


def roi_mask(values: Map, threshold: float) -> NDArray[np.bool_]:
    """Return (H, W) bool: where `values` is at least `threshold` times its maximum.

    Raises `ValueError` if `threshold` is not in [0, 1].
    """
    return _at_least(values, _level(values, threshold))


def area(values: Map, threshold: float) -> float:
    """Return the region's share of the photo's area, in [0, 1]. Raises `ValueError` like `roi_mask`."""
    return float(np.count_nonzero(roi_mask(values, threshold)) / values.size)


def reduced(values: Map) -> Map:
    """Return the map with its longest side at `OUTLINE_SIDE`, with the same maximum.

    For outlines and areas at screen rate: reduce a map once when it arrives, then ask as often as the slider
    moves.
    """
    height, width = values.shape
    scale = OUTLINE_SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if size == (width, height):
        return values
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(
        cv2.resize(np.ascontiguousarray(values, np.float32), size, interpolation=how), np.float32
    )
    small.flat[small.argmax()] = (
        values.max()
    )  # thresholds are shares of it, and averaging lowers a sharp peak
    return small


def outline(values: Map, threshold: float) -> list[NDArray[np.float64]]:
    """Return the region's closed outlines, holes included, each (n, 2) of x, y in [0, 1].

    (0, 0) is the photo's top left corner and (1, 1) its bottom right one. Points lie between the samples of
    the map, where it crosses the threshold. Raises `ValueError` like `roi_mask`.
    """
    if max(values.shape) != OUTLINE_SIDE:
        values = reduced(values)
    level = _level(values, threshold)
    inside = _at_least(values, level)
    # A ring of samples outside the region, so that an outline also closes along the photo's edge.
    padded = cv2.copyMakeBorder(inside.view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    found, _ = cv2.findContours(padded, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE, offset=(-1, -1))
    height, width = values.shape
    shape = np.array([width, height])
    return [(_between_samples(values, level, c[:, 0, :]) + 0.5) / shape for c in found]


def _level(values: Map, threshold: float) -> float:
    if not 0 <= threshold <= 1:
        raise ValueError(f"A threshold is a share of the map's maximum, from 0 to 1, not {threshold:g}.")
    return threshold * float(values.max(initial=0))


def _at_least(values: Map, level: float) -> NDArray[np.bool_]:
    if not values.any():
        return np.zeros(values.shape, bool)
    return values >= np.float32(level)


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
