"""Planes of small whole numbers as a pyramid: a coarse grid first, then what lies between, predicted from it.

Each level halves the spacing in two visits: the centre of each four neighbours, then what lies between two of
them in a row or a column. All points of a visit are predicted from earlier visits alone, so that a
visit is one array operation for the encoder and the decoder alike, and the prediction errors are quantised
inside the loop. (Hierarchical interpolation, Roos et al., IEEE Trans. Medical Imaging 7(4), 1988.)
"""

from collections.abc import Callable

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
_GROUPS = (((True, True),), ((False, True), (True, False)))
"""The two visits of a level: grids of points in rows and columns between those known (True), or in them."""


def traverse(shape: tuple[int, int, int], step: int, middle: int, top: int, visit: Visit) -> Plane:
    """Return the planes, (C, h, w) from 0 to `top`, that `visit` describes point by point."""
    planes = np.zeros(shape, np.int32)
    sizes = np.zeros(shape, np.int32)  # of what the visits added, as a context

    def settle(grids: list[Where], prediction: Flat, activity: Flat, level: int) -> None:
        finer = step_of(step, level)
        added = visit(grids, prediction, classes_of(activity, finer), finer) * finer
        settled = np.maximum(np.minimum(prediction + added, top), 0)
        start = 0
        for where in grids:
            stop = start + planes[where].size
            planes[where] = settled[start:stop].reshape(planes[where].shape)
            sizes[where] = np.abs(added[start:stop]).reshape(planes[where].shape)
            start = stop

    spacing = 1
    while spacing * _TOP < max(shape[1:]):
        spacing *= 2
    every, coarsest = slice(None), slice(None, None, spacing)
    start = np.full(planes[:, ::spacing, ::spacing].size, middle, np.int32)
    settle([(every, coarsest, coarsest)], start, 4 * start, spacing.bit_length() - 1)
    while spacing > 1:
        spacing //= 2
        lines = slice(None, None, 2 * spacing), slice(spacing, None, 2 * spacing)
        for group in _GROUPS:
            known, sized = planes[:, ::spacing, ::spacing], sizes[:, ::spacing, ::spacing]
            around = [flat(list(side)) for side in zip(*(neighbours(known, *k) for k in group), strict=True)]
            beside = flat([np.add.reduce(neighbours(sized, *kind)) for kind in group])
            if around[0].size:
                grids = [(every, lines[odd_row], lines[odd_column]) for odd_row, odd_column in group]
                settle(grids, *predict(around, beside), spacing.bit_length() - 1)
    return planes


def flat(grids: list[Plane]) -> Flat:
    """Return the points of some grids one after the other."""
    return np.concatenate([grid.ravel() for grid in grids])


def step_of(step: int, level: int) -> int:
    """Return the step of a level: the coarser ones, from which much is predicted, are kept more exactly."""
    for _ in range(level):
        step -= step // 5
    return step


def classes_of(activity: Flat, step: int) -> Classes:
    """Return the class of the model, from how much the surroundings vary in proportion to the step."""
    return np.asarray(_CLASS[np.minimum(activity * 4 // step, len(_CLASS) - 1)], np.uint8)


def predict(values: list[Flat], size: Flat) -> tuple[Flat, Flat]:
    """Return the prediction from two opposite pairs of neighbours, and the activity among them."""
    one, two, three, four = values
    first, second = np.abs(three - four) + _SMOOTH, np.abs(one - two) + _SMOOTH
    weight = first + second
    prediction = ((one + two) * first + (three + four) * second + weight) // (2 * weight)
    spread = np.maximum.reduce(values) - np.minimum.reduce(values)
    activity = 2 * spread + np.abs(one + two - three - four)
    return prediction, activity + size


def neighbours(grid: Plane, odd_row: bool, odd_column: bool) -> list[Plane]:
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


def _pair(grid: Plane, axis: int) -> list[Plane]:
    """Return what lies before and behind each gap along an axis."""
    return [grid[:, :-1], grid[:, 1:]] if axis == 1 else [grid[:, :, :-1], grid[:, :, 1:]]


def _widen(grid: Plane, axis: int, length: int) -> Plane:
    """Return the grid with its last row or column repeated if it falls one short of the length."""
    if grid.shape[axis] >= length:
        return grid
    return np.concatenate([grid, grid.take([-1], axis)], axis=axis)
