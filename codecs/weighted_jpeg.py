"""Weighted JPEG: a standard baseline JPEG whose bits go where a classifier looks."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from keepsight import resources
from keepsight.codecs import jpeg_bits
from keepsight.codecs.base import Codec, Pixels
from keepsight.codecs.guide import Guide, Map, importance
from keepsight.codecs.jpeg import Jpeg
from keepsight.codecs.jpeg_coefficients import (
    MAX_SIDE,
    STRIP_BLOCKS,
    SUBSAMPLING,
    UNIT,
    Table,
    block_means,
    forward,
    standard_tables,
)
from keepsight.codecs.jpeg_rdo import Levels, count_symbols, optimise, symbol_bits
from keepsight.codecs.jpeg_writer import ZIGZAG, write
from keepsight.codecs.options import Options, option
from keepsight.codecs.spending import Spent

_STEP = 15
"""Of the quantisation at quality 50, where the sensitivity is 1."""
_POWER = 0.25
"""Of the sensitivity, in the cost of a squared error. On photos for tuning, 0, which ignores it, was no worse
for the guide's own prediction."""
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
        0.1, "Thrift", "What one bit must be worth to be spent; 0 spends all.", low=0, high=1, step=0.01
    )
    guide: float = option(
        1.0, "Guide", "How much more is spent where it matters; 0 treats all alike.", low=0, high=4, step=0.1
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
        planes = forward(pixels, options.chroma)
        table, costs = _quantisation(options.quality)
        blocks = np.concatenate([plane.reshape(-1, 64)[:, ZIGZAG] for plane in planes])
        counts = [plane.size // 64 for plane in planes]
        levels = _thrifty(
            blocks,
            (table * UNIT).astype(np.float32),
            costs,
            _worth(importance(pixels, guide), options),
            np.repeat(np.arange(3), counts),
            options.thrift,
        )
        luma, blue, red = (
            part.reshape(plane.shape)
            for part, plane in zip(np.split(levels, np.cumsum(counts)[:2]), planes, strict=True)
        )
        size = (pixels.shape[0], pixels.shape[1])
        return write((luma, blue, red), (table,), size, options.chroma)

    def decode(self, data: bytes) -> Pixels:
        """See `Codec.decode`."""
        return Jpeg().decode(data)

    def spent(self, data: bytes) -> Spent | None:
        """See `Codec.spent`."""
        return jpeg_bits.spent(data)

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
    luma, chroma = (table[ZIGZAG] for table in standard_tables(quality))
    coarseness = 50 / quality if quality < 50 else 2 - quality / 50  # as in libjpeg
    sensitive = _STEP * coarseness / np.sqrt(_sensitivity()[0])
    # Half of the way to libjpeg's table: on photos for tuning, the nearer to it, the better for a classifier
    # that did not guide.
    steps = np.rint(np.sqrt(np.maximum(sensitive, 1) * luma)).clip(1, 255).astype(np.int32)
    costs = np.stack([np.ones(64), (steps / chroma) ** 2, (steps / chroma) ** 2])
    return steps, costs.astype(np.float32)


def _worth(values: Map, options: WeightedJpegOptions) -> NDArray[np.float32]:
    """Return what an error costs in each block of Y, Cb and Cr, one after the other.

    The geometric mean of luma is 1. Rounded, so that it is the same on every machine.
    """
    down, across = SUBSAMPLING[options.chroma]
    luma = block_means(values, 8, 8).reshape(-1)
    chroma = block_means(values, 8 * down, 8 * across).reshape(-1)
    logs = options.guide * np.log(_FLOOR + np.arange(256) / 255)
    logs -= (np.bincount(luma, minlength=256) * logs).sum() / luma.size
    worth: NDArray[np.float32] = (np.rint(np.exp(logs) * 1024) / 1024).astype(np.float32)
    return np.asarray(worth[np.concatenate([luma, chroma, chroma])])


def _thrifty(
    blocks: Levels,
    steps: NDArray[np.float32],
    costs: NDArray[np.float32],
    worth: NDArray[np.float32],
    planes: NDArray[np.int64],
    thrift: float,
) -> Levels:
    """Return the levels of blocks, (n, 64), that cost least, errors and bits together."""
    kinds = np.minimum(planes, 1)
    levels = np.rint(blocks / steps).astype(np.int16)
    for _ in range(_PASSES if thrift > 0 else 0):
        bits = [symbol_bits(count_symbols(levels[kinds == kind])) for kind in (0, 1)]
        for start in range(0, len(blocks), STRIP_BLOCKS):
            part = slice(start, start + STRIP_BLOCKS)
            weights = worth[part, None] * costs[planes[part]]
            scaled = np.asarray(blocks[part] / steps, np.float32)
            levels[part] = optimise(scaled, weights, kinds[part], bits, thrift)
    return levels
