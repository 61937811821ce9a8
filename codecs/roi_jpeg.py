"""ROI JPEG: a standard baseline JPEG, good where it matters and coarse elsewhere."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from keepsight.codecs import jpeg_bits
from keepsight.codecs.base import Codec, Pixels
from keepsight.codecs.guide import Guide, Map
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
    standard_tables,
    write,
)
from keepsight.codecs.options import Options, option
from keepsight.codecs.roi import feather_option, soft_mask, threshold_option
from keepsight.codecs.spending import Spent

_FREQUENCY = np.maximum(*np.mgrid[:8, :8]).reshape(64)
"""Of each coefficient: the larger of its vertical and its horizontal one."""


class RoiJpegOptions(Options):
    """Options of ROI JPEG."""

    quality: int = option(50, "Quality", "Of the region that matters, as in JPEG.", low=1, high=100)
    strength: float = option(
        4.0, "Strength", "How many times coarser the rest is; 1 treats all alike.", low=1, high=32, step=0.5
    )
    mode: Literal["coarser", "thinner", "remove"] = option(
        "coarser",
        "Outside",
        "Coarser steps, fewer frequencies (from strength 8 none), or a flat tone for each 8 × 8 block.",
    )
    threshold: float = threshold_option()
    feather: float = feather_option()
    chroma: Literal["4:4:4", "4:2:2", "4:2:0"] = option("4:2:0", "Chroma", "Resolution of the colour planes.")


class RoiJpeg(Codec):
    """ROI JPEG. Its files are JPEG files, so it leaves recognising and decoding them to that codec."""

    id = "roi-jpeg"
    label = "ROI JPEG"
    colour = "#F6C85F"
    suffix = ".jpg"
    options = RoiJpegOptions
    max_side = MAX_SIDE
    rate_option = "quality"
    ladder_values = (1, 5, 8, 13, 20, 30, 45, 65, 82, 92)
    guided = True

    def encode(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> bytes:
        """See `Codec.encode`."""
        assert isinstance(options, RoiJpegOptions)
        pixels = self.encodable(pixels)
        mask = soft_mask(pixels, guide, options.threshold, options.feather)
        luma, chroma = standard_tables(options.quality)
        down, across = SUBSAMPLING[options.chroma]
        fine = _outside(mask, 8, 8)
        coarse = _outside(mask, 8 * down, 8 * across)
        planes = forward(pixels, options.chroma)
        levels = (
            _quantise(planes[0], luma, fine, options),
            _quantise(planes[1], chroma, coarse, options),
            _quantise(planes[2], chroma, coarse, options),
        )
        return write(levels, (luma, chroma), (pixels.shape[0], pixels.shape[1]), options.chroma)

    def decode(self, data: bytes) -> Pixels:
        """See `Codec.decode`."""
        return Jpeg().decode(data)

    def spent(self, data: bytes) -> Spent | None:
        """See `Codec.spent`."""
        return jpeg_bits.spent(data)

    def recognises(self, data: bytes) -> bool:
        """See `Codec.recognises`: JPEG does."""
        return False


def _outside(mask: Map, down: int, across: int) -> NDArray[np.float32]:
    """Return how far each block of `down` x `across` pixels is outside the region: 0 to 1."""
    return (255 - block_means(mask, down, across)).astype(np.float32) / np.float32(255)


def _quantise(plane: Plane, table: Table, outside: NDArray[np.float32], options: RoiJpegOptions) -> Plane:
    """Return the levels of a plane: multiples of a larger step where it is outside the region."""
    levels = np.empty_like(plane)
    steps = (table * UNIT).astype(np.float32)
    strip = max(1, STRIP_BLOCKS // plane.shape[1])
    for start in range(0, len(plane), strip):
        rows = slice(start, start + strip)
        coarser = 1 + outside[rows, :, None] * np.float32(options.strength - 1)
        if options.mode == "thinner":
            levels[rows] = np.rint(plane[rows] / steps) * (coarser * _FREQUENCY < 8)
        else:
            lattice = np.rint(coarser)
            levels[rows] = np.rint(plane[rows] / (steps * lattice)) * lattice
    if options.mode == "remove":
        levels[..., 1:] *= (outside < 1)[..., None]
    return levels.clip(-1023, 1023, out=levels)
