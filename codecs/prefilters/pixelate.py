"""Block average: every block of n x n pixels becomes its mean, at the same size."""

import cv2
import numpy as np

from keepsight.codecs.base import Pixels
from keepsight.codecs.guide import Guide
from keepsight.codecs.options import Options, option
from keepsight.codecs.prefilters.base import Prefilter


class PixelateOptions(Options):
    """Options of the block average."""

    size: int = option(3, "Block", "Side of a block, in pixels.", low=2, high=64)


class Pixelate(Prefilter):
    """Block average."""

    id = "pixelate"
    label = "Pixelate"
    options = PixelateOptions
    excludes = frozenset({"pixelate", "block-average"})
    why_excluded = "A block average of block averages has blocks of neither size: keep one of the two."

    def apply(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> Pixels:
        """See `Prefilter.apply`."""
        assert isinstance(options, PixelateOptions)
        return block_means(pixels, options.size)


def block_means(pixels: Pixels, size: int) -> Pixels:
    """Return the image with each block of `size` x `size` pixels at its mean; those at the edges are cut."""
    height, width = pixels.shape[:2]
    down, right = -height % size, -width % size
    # Repeating the edge leaves blocks that are cut near their own mean.
    whole = cv2.copyMakeBorder(np.ascontiguousarray(pixels), 0, down, 0, right, cv2.BORDER_REPLICATE)
    rows, columns = whole.shape[0] // size, whole.shape[1] // size
    sums = whole.reshape(rows, size, columns, size, 3).sum((1, 3), dtype=np.uint32)
    means = ((sums + size * size // 2) // (size * size)).astype(np.uint8)
    return np.ascontiguousarray(means.repeat(size, 0).repeat(size, 1)[:height, :width])
