"""Weighted JPEG: a standard baseline JPEG whose bits go where a classifier looks."""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from keepsight import resources
from keepsight.codecs.base import Codec, Pixels
from keepsight.codecs.guide import Guide, Map, importance
from keepsight.codecs.jpeg import Jpeg
from keepsight.codecs.jpeg_coefficients import (
    MAX_SIDE,
    STRIP_BLOCKS,
    SUBSAMPLING,
    UNIT,
    Plane,
    Table,
    block_means,
    forward,
)
from keepsight.codecs.jpeg_rdo import Costs, count_symbols, optimise, symbol_bits
from keepsight.codecs.jpeg_writer import ZIGZAG, write
from keepsight.codecs.options import Options, option

_STEP = 15
"""Of the quantisation at quality 50, where the sensitivity is 1."""
_POWER = 0.25
"""Of the sensitivity, in the cost of a squared error. The derivative is local, and 1 trusts it too far."""
_DC = 1.6
"""How much more an error counts in a block's mean: it shows along all of the block's edges."""
_FLOOR = 0.05
"""Added to the map, so that nothing is worthless."""
_PASSES = 2
"""Over all blocks, each with the bits that symbols take after the one before."""


class WeightedJpegOptions(Options):
    """Options of Weighted JPEG."""

    quality: int = option(50, "Quality", "Higher keeps more.", low=1, high=100)
    thrift: float = option(
        0.12, "Thrift", "What one bit must be worth to be spent; 0 spends all.", low=0, high=1, step=0.01
    )
    guide: float = option(
        1.5, "Guide", "How much more is spent where it matters; 0 treats all alike.", low=0, high=4, step=0.1
    )
    chroma: Literal["4:4:4", "4:2:2", "4:2:0"] = option("4:2:0", "Chroma", "Resolution of the colour planes.")


class WeightedJpeg(Codec):
    """Weighted JPEG. Its files are JPEG files, so it leaves recognising and decoding them to that codec."""

    id = "weighted-jpeg"
    label = "Weighted JPEG"
    colour = "#B5DE2B"
    suffix = ".jpg"
    options = WeightedJpegOptions
    max_side = MAX_SIDE
    rate_option = "quality"
    ladder_values = (2, 5, 8, 13, 20, 30, 45, 65, 82, 92)
    guided = True

    def encode(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> bytes:
        """See `Codec.encode`."""
        assert isinstance(options, WeightedJpegOptions)
        pixels = self.encodable(pixels)
        planes = [plane[..., ZIGZAG] for plane in forward(pixels, options.chroma)]
        table, costs = _quantisation(options.quality)
        luma, chroma = _worth(importance(pixels, guide), options)
        levels = [_plain(plane, table) for plane in planes]
        for _ in range(_PASSES if options.thrift > 0 else 0):
            counts = [count_symbols(plane.reshape(-1, 64)) for plane in levels]
            chroma_bits = symbol_bits(counts[1] + counts[2])
            levels = [
                _thrifty(planes[0], table, costs[0], luma, symbol_bits(counts[0]), options.thrift),
                _thrifty(planes[1], table, costs[1], chroma, chroma_bits, options.thrift),
                _thrifty(planes[2], table, costs[2], chroma, chroma_bits, options.thrift),
            ]
        size = (pixels.shape[0], pixels.shape[1])
        return write((levels[0], levels[1], levels[2]), (table,), size, options.chroma)

    def decode(self, data: bytes) -> Pixels:
        """See `Codec.decode`."""
        return Jpeg().decode(data)

    def recognises(self, data: bytes) -> bool:
        """See `Codec.recognises`: JPEG does."""
        return False


@cache
def _sensitivity() -> NDArray[np.float64]:
    """Return what a squared error costs in each frequency of Y, Cb and Cr: (3, 64), zigzag order."""
    numbers = tomllib.loads((files(resources) / "jpeg_sensitivity.toml").read_text(encoding="utf-8"))
    planes = np.array([numbers[name] for name in ("luma", "blue", "red")])
    costs = planes[:, ZIGZAG] ** _POWER
    costs[:, 0] *= _DC
    return costs


@cache
def _quantisation(quality: int) -> tuple[Table, NDArray[np.float32]]:
    """Return the steps of all planes, (64,), and what a squared error of one costs in each, (3, 64).

    One table serves luma and chroma: a second one costs more than it saves in a small photo.
    """
    coarseness = 50 / quality if quality < 50 else 2 - quality / 50  # as in libjpeg
    costs = _sensitivity()
    steps = np.rint(_STEP * coarseness / np.sqrt(costs[0])).clip(1, 255).astype(np.int32)
    reference = max(_STEP * coarseness, 1)
    return steps, (costs * (steps / reference) ** 2).astype(np.float32)


def _worth(values: Map, options: WeightedJpegOptions) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what an error costs in each block of luma and of chroma; its geometric mean in luma is 1."""
    down, across = SUBSAMPLING[options.chroma]
    luma, chroma = block_means(values, 8, 8), block_means(values, 8 * down, 8 * across)
    logs = options.guide * np.log(_FLOOR + np.arange(256) / 255)
    logs -= (np.bincount(luma.reshape(-1), minlength=256) * logs).sum() / luma.size
    worth = (np.rint(np.exp(logs) * 1024) / 1024).astype(np.float32)  # the same on every machine
    return worth[luma], worth[chroma]


def _strips(plane: Plane) -> Iterator[slice]:
    """Yield rows of blocks to work on at a time: a huge photo needs little memory beside its planes."""
    step = max(1, STRIP_BLOCKS // plane.shape[1])
    return (slice(row, row + step) for row in range(0, plane.shape[0], step))


def _plain(plane: Plane, table: Table) -> Plane:
    """Return the levels of a plane, each coefficient by itself."""
    levels = np.empty_like(plane)
    for rows in _strips(plane):
        scaled = plane[rows] / (table * UNIT).astype(np.float32)
        levels[rows] = np.rint(scaled)
    return levels


def _thrifty(
    plane: Plane,
    table: Table,
    costs: NDArray[np.float32],
    worth: NDArray[np.float32],
    bits: Costs,
    thrift: float,
) -> Plane:
    """Return the levels of a plane that cost least, errors and bits together."""
    levels = np.empty_like(plane)
    for rows in _strips(plane):
        scaled = np.asarray(plane[rows].reshape(-1, 64) / (table * UNIT).astype(np.float32), np.float32)
        weights = worth[rows].reshape(-1, 1) * costs
        levels[rows] = optimise(scaled, weights, bits, thrift).reshape(levels[rows].shape)
    return levels
