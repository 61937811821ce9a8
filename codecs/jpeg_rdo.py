"""Rate-distortion-optimised levels for a baseline JPEG: what costs more bits than it is worth is dropped.

A trellis over each block, after Crouse & Ramchandran, "Joint thresholding and quantizer selection for
transform image coding" (1997), with bits estimated from the statistics of the file itself.
"""

import numpy as np
from numpy.typing import NDArray

from keepsight.codecs.jpeg_writer import EOB, SIZES, ZRL

Levels = NDArray[np.int16]
"""(n, 64): blocks in zigzag order."""
Costs = NDArray[np.float64]

_BUCKETS = (1, 2, 4, 8, 16, 32, 63)
"""Blocks are worked on together that have at most so many levels other than 0."""
_ENTRY_BITS = 8
"""What a symbol adds to the file's Huffman table."""


def count_symbols(levels: Levels) -> NDArray[np.int64]:
    """Count the AC symbols of blocks, (256,): run of zeros << 4 | size."""
    blocks, places = np.nonzero(levels[:, 1:])
    first = np.diff(blocks, prepend=-1) != 0
    runs = np.where(first, places, np.diff(places, prepend=0) - 1)
    sizes = SIZES[np.abs(levels[blocks, places + 1])]
    counts = np.bincount((runs & 15) << 4 | sizes, minlength=256)
    counts[ZRL] += (runs >> 4).sum()
    counts[EOB] += (levels[:, 63] == 0).sum()
    return counts


def symbol_bits(counts: NDArray[np.int64]) -> Costs:
    """Return the ideal length of each symbol in bits, with its entry in the table where it is a new one."""
    bits = np.log2((counts.sum() + 1) / np.maximum(counts, 0.5)) + _ENTRY_BITS * (counts == 0)
    return np.asarray(np.rint(bits * 256) / 256)  # the last digits of a logarithm differ between machines


def optimise(scaled: NDArray[np.float32], weights: NDArray[np.float32], bits: Costs, price: float) -> Levels:
    """Return the levels of blocks that cost least; DC is rounded.

    `scaled`: (n, 64) coefficients in steps, in zigzag order. `weights`: (n, 64), the cost of a squared error
    of one step. `bits`: (256,), of each symbol. `price`: the cost of one bit.
    """
    magnitudes = np.abs(scaled)
    levels = np.zeros(scaled.shape, np.int16)
    levels[:, 0] = np.rint(magnitudes[:, 0])
    present = magnitudes > 0.5
    present[:, 0] = False
    counts = present.sum(axis=1)
    runs, sizes = np.mgrid[:63, :12]
    costs = price * (bits[(runs & 15) << 4 | sizes] + (runs >> 4) * bits[ZRL] + sizes)
    low = 0
    for high in _BUCKETS:
        chosen = np.flatnonzero((counts > low) & (counts <= high))
        low = high
        if len(chosen) == 0:
            continue
        rows = chosen[:, None]
        # The candidates' places first, in their order; each block has at most `high`.
        places = np.argsort(~present[chosen], axis=1, kind="stable")[:, :high]
        valid = np.arange(high) < counts[rows]
        kept = _walk(magnitudes[rows, places], weights[rows, places], places, valid, costs, price * bits[EOB])
        levels[rows, places] += kept * valid
    return np.where(scaled < 0, -levels, levels)


def _walk(
    magnitudes: NDArray[np.float32],
    weights: NDArray[np.float32],
    places: NDArray[np.int64],
    valid: NDArray[np.bool_],
    costs: Costs,
    end: float,
) -> Levels:
    """Return the best level of each candidate, (n, k), 0 where it is dropped.

    best[:, i] is the least cost of a block whose last level other than 0 is candidate i − 1; for i = 0 there
    is none. The cost of dropping everything is the origin.
    """
    count, width = magnitudes.shape
    rows = np.arange(count)
    best = np.full((count, width + 1), np.inf)
    best[:, 0] = end
    total = best.copy()
    before = np.zeros((count, width + 1), np.int64)
    level = np.zeros((count, width + 1), np.int16)
    best[:, 0] = 0
    places = np.concatenate([np.zeros((count, 1), np.int64), places], axis=1)
    for i in range(1, width + 1):
        x = magnitudes[:, i - 1].astype(np.float64)
        runs = (places[:, i, None] - places[:, :i] - 1).clip(0)
        upper = np.floor(x + 0.5).astype(np.int64)
        for value in (upper, upper - 1):
            ways = best[:, :i] + costs[runs, SIZES[value.clip(0, 1023), None]]
            way = ways.argmin(axis=1)
            gain = weights[:, i - 1] * ((x - value) ** 2 - x**2)
            cost = np.where(valid[:, i - 1] & (value > 0), ways[rows, way] + gain, np.inf)
            better = cost < best[:, i]
            best[:, i] = np.where(better, cost, best[:, i])
            before[:, i] = np.where(better, way, before[:, i])
            level[:, i] = np.where(better, value, level[:, i])
        total[:, i] = best[:, i] + np.where(places[:, i] == 63, 0, end)
    at = total.argmin(axis=1)
    kept = np.zeros((count, width), np.int16)
    for i in range(width, 0, -1):
        here = at == i
        kept[here, i - 1] = level[here, i]
        at = np.where(here, before[:, i], at)
    return kept
