"""Planes of small whole numbers as a pyramid: a coarse grid first, then what lies between, predicted from it.

Each level halves the spacing in two visits: the centre of each four neighbours, then what lies between two of
them in a row or a column. All points of a visit are predicted from earlier visits alone, so that a
visit is one array operation for the encoder and the decoder alike, and the prediction errors are quantised
inside the loop. (Hierarchical interpolation, Roos et al., IEEE Trans. Medical Imaging 7(4), 1988.)
"""

import math
from collections.abc import Callable
from functools import cache, lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from keepsight.codecs.symbols import CLASSES, Classes

Plane = NDArray[np.int32]
"""(C, h, w): C planes of one size that are coded together."""
Flat = NDArray[np.int32]
"""(n,): one number for each point of a visit."""
Where = tuple[slice, slice, slice]
"""A grid of points of the planes."""
Visit = Callable[[list[Where], Flat, Classes, int], Flat]
"""Given the grids of a visit, the prediction and context class of each point, and the step: the multiples of
the step to add to each point."""

_TOP = 4
"""Points along the longer side of the coarsest grid, at most."""
_SMOOTH = 16
"""How different the two pairs of neighbours must be before the nearer pair weighs much more."""
_CLASS = np.minimum([max(0, (n * n).bit_length() - 2) for n in range(1, 4097)], CLASSES - 1).astype(np.uint8)
"""Two classes for each doubling of the activity."""
Group = tuple[tuple[bool, bool], ...]
_GROUPS: tuple[Group, Group] = (((True, True),), ((False, True), (True, False)))
"""The two visits of a level: grids of points in rows and columns between those known (True), or in them."""
_ADDED = 16
_VALUE = (1 << _ADDED) - 1
_TABLED = 1 << 16
"""Points of grids whose neighbours are looked up in a table."""
_Number = TypeVar("_Number", np.int32, np.intp)


def traverse(shape: tuple[int, int, int], step: int, middle: int, top: int, visit: Visit) -> Plane:
    """Return the planes, (C, h, w) from 0 to `top`, that `visit` describes point by point."""
    # What each point is, and above it how much its visit added, as a context: read together.
    points = np.zeros(shape, np.int32)
    spacing = 1
    while spacing * _TOP < max(shape[1:]):
        spacing *= 2

    def settle(grids: list[Where], prediction: Flat, activity: Flat) -> None:
        finer = step_of(step, spacing.bit_length() - 1)
        added = visit(grids, prediction, classes_of(activity, finer), finer) * finer
        settled = np.minimum(np.maximum(prediction + added, 0), top) | np.abs(added) << _ADDED
        start = 0
        for where in grids:
            grid = points[where]
            grid[...] = settled[start : start + grid.size].reshape(grid.shape)
            start += grid.size

    every = slice(None)
    coarsest = (every, slice(None, None, spacing), slice(None, None, spacing))
    start = np.full(points[coarsest].size, middle, np.int32)
    settle([coarsest], start, 4 * start)
    while spacing > 1:
        spacing //= 2
        lines = slice(None, None, 2 * spacing), slice(spacing, None, 2 * spacing)
        known = points[:, ::spacing, ::spacing]
        for group in _GROUPS:
            around = _around(known, group)
            if around.size:
                grids = [(every, lines[odd_row], lines[odd_column]) for odd_row, odd_column in group]
                settle(grids, *predict(around & _VALUE, np.add.reduce(around) >> _ADDED))
    return points & _VALUE


def _around(known: Plane, group: Group) -> Flat:
    """Return the four neighbours of each point of a visit, (4, n)."""
    if known.size > _TABLED:
        return _gathered(known, group)
    return known.ravel().take(_places(known.shape, group))


@lru_cache(maxsize=256)
def _places(shape: tuple[int, ...], group: Group) -> NDArray[np.intp]:
    """Return where the neighbours lie in a small grid: much of the time would go into finding them."""
    return _gathered(np.arange(math.prod(shape)).reshape(shape), group)


def _gathered(grid: NDArray[_Number], group: Group) -> NDArray[_Number]:
    sides = zip(*(neighbours(grid, *kind) for kind in group), strict=True)
    return np.stack([flat(list(side)) for side in sides])


def flat(grids: list[NDArray[_Number]]) -> NDArray[_Number]:
    """Return the points of some grids one after the other."""
    return np.concatenate([grid.ravel() for grid in grids])


def step_of(step: int, level: int) -> int:
    """Return the step of a level: the coarser ones, from which much is predicted, are kept more exactly."""
    for _ in range(level):
        step -= step // 5
    return step


def classes_of(activity: Flat, step: int) -> Classes:
    """Return the class of the model, from how much the surroundings vary in proportion to the step."""
    return _classes(step).take(activity, mode="clip")


@cache
def _classes(step: int) -> Classes:
    """Return the class for each activity; greater ones have the last one's."""
    most = len(_CLASS) * step // 4 + 1
    return _CLASS[np.minimum(np.arange(most + 1) * 4 // step, len(_CLASS) - 1)]


def predict(around: Flat, size: Flat) -> tuple[Flat, Flat]:
    """Return the prediction from two opposite pairs of neighbours, (4, n), and the activity among them."""
    one, other = around[::2], around[1::2]
    sums, weights = one + other, np.abs(one - other) + _SMOOTH
    weight = weights[0] + weights[1]
    rounded = sums[0] * weights[1] + sums[1] * weights[0] + weight
    # The whole part of a quotient of such small numbers is exact in float32, which divides much faster.
    prediction = np.divide(rounded, 2 * weight, dtype=np.float32).astype(np.int32)
    spread = np.maximum.reduce(around) - np.minimum.reduce(around)
    return prediction, 2 * spread + np.abs(sums[0] - sums[1]) + size


def neighbours(grid: NDArray[_Number], odd_row: bool, odd_column: bool) -> list[NDArray[_Number]]:
    """Return the four neighbours of the points in odd rows or columns of a grid; its edges are repeated.

    In the order of `predict`: two opposite pairs, along the diagonals where both are odd.
    """
    even = grid[:, ::2, ::2]
    height, width = grid.shape[1] // 2, grid.shape[2] // 2
    if odd_row and odd_column:
        corners = _widen(_widen(even, 1, height + 1), 2, width + 1)
        return [corners[:, :-1, :-1], corners[:, 1:, 1:], corners[:, :-1, 1:], corners[:, 1:, :-1]]
    axis, length = (1, height) if odd_row else (2, width)
    along = _pair(_widen(even, axis, length + 1), axis)
    centres = grid[:, 1::2, 1::2]
    if not centres.size:
        return along + along
    other = 3 - axis
    across = np.concatenate([centres.take([0], other), centres], axis=other)
    return along + _pair(_widen(across, other, even.shape[other] + 1), other)


def _pair(grid: NDArray[_Number], axis: int) -> list[NDArray[_Number]]:
    """Return what lies before and behind each gap along an axis."""
    return [grid[:, :-1], grid[:, 1:]] if axis == 1 else [grid[:, :, :-1], grid[:, :, 1:]]


def _widen(grid: NDArray[_Number], axis: int, length: int) -> NDArray[_Number]:
    """Return the grid with its last row or column repeated if it falls one short of the length."""
    if grid.shape[axis] >= length:
        return grid
    return np.concatenate([grid, grid.take([-1], axis)], axis=axis)
