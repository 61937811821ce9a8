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
_REACH = 12
"""So many candidates in a row, at most, are weighed for being dropped before one that is kept."""
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


def optimise(
    scaled: NDArray[np.float32],
    weights: NDArray[np.float32],
    kinds: NDArray[np.int64],
    bits: list[Costs],
    price: float,
) -> Levels:
    """Return the levels of blocks that cost least; DC is rounded.

    `scaled`: (n, 64) coefficients in steps, in zigzag order. `weights`: (n, 64), the cost of a squared error
    of one step. `kinds`: (n,), which of `bits` a block takes. `bits`: (256,), of each symbol of a kind.
    `price`: the cost of one bit.
    """
    magnitudes = np.abs(scaled)
    levels = np.zeros(scaled.shape, np.int16)
    levels[:, 0] = np.rint(magnitudes[:, 0])
    present = magnitudes > 0.5
    present[:, 0] = False
    counts = present.sum(axis=1)
    runs, sizes = np.mgrid[:63, :12]
    costs = price * np.stack([b[(runs & 15) << 4 | sizes] + (runs >> 4) * b[ZRL] + sizes for b in bits])
    ends = price * np.stack([b[EOB] for b in bits])
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
        kept = _walk(
            magnitudes[rows, places].T,
            weights[rows, places].T,
            places.T,
            valid.T,
            costs,
            ends[kinds[chosen]],
            kinds[chosen],
        )
        levels[rows, places] += kept.T * valid
    return np.where(scaled < 0, -levels, levels)


def _walk(
    magnitudes: NDArray[np.float32],
    weights: NDArray[np.float32],
    places: NDArray[np.int64],
    valid: NDArray[np.bool_],
    costs: Costs,
    ends: Costs,
    kinds: NDArray[np.int64],
) -> Levels:
    """Return the best level of each of k candidates in n blocks, (k, n), 0 where it is dropped.

    best[i] is the least cost of a block whose last level other than 0 is candidate i − 1; for i = 0 there is
    none. The cost of dropping everything is the origin. `costs`: (kinds, 63 runs, 12 sizes);
    `ends`, `kinds`: (n,).
    """
    width, count = magnitudes.shape
    x = magnitudes.astype(np.float64)
    upper = np.floor(x + 0.5).astype(np.int64)
    tables = kinds * costs[0].size
    starts = 12 * np.concatenate([np.zeros((1, count), np.int64), places])
    best = np.full((width + 1, count), np.inf)
    best[0] = 0
    total = best + ends
    before = np.zeros((width + 1, count), np.int64)
    level = np.zeros((width + 1, count), np.int16)
    for i in range(1, width + 1):
        first = max(0, i - _REACH)
        for value in (upper[i - 1], upper[i - 1] - 1):
            able = np.flatnonzero(valid[i - 1] & (value > 0))
            if len(able) == 0:
                continue
            v, y = value[able], x[i - 1, able]
            runs = starts[i, able] - starts[first:i, able] - 12
            ways = costs.take(runs + (tables[able] + SIZES[v])) + best[first:i, able]
            nearest = ways.argmin(axis=0)
            gain = weights[i - 1, able] * ((y - v) ** 2 - y**2)
            cost = ways[nearest, np.arange(len(able))] + gain
            better = cost < best[i, able]
            chosen = able[better]
            best[i, chosen] = cost[better]
            before[i, chosen] = first + nearest[better]
            level[i, chosen] = v[better]
        total[i] = best[i] + np.where(places[i - 1] == 63, 0, ends)
    at = total.argmin(axis=0)
    kept = np.zeros((width, count), np.int16)
    for i in range(width, 0, -1):
        here = at == i
        kept[i - 1] = np.where(here, level[i], 0)
        at = np.where(here, before[i], at)
    return kept
