"""Downscale: fewer pixels to code; the decoder brings the image back to its size."""

from typing import Literal, get_args

import numpy as np
from PIL import Image

from keepsight.codecs.base import BitstreamError, Pixels
from keepsight.codecs.guide import Guide
from keepsight.codecs.options import Options, option
from keepsight.codecs.prefilters.base import Resizer

Method = Literal["lanczos", "bicubic", "bilinear", "nearest"]

# In files: the place in this tuple, for ever.
_METHODS: tuple[Method, ...] = get_args(Method)


class DownscaleOptions(Options):
    """Options of the downscale."""

    factor: float = option(
        1.5, "Factor", "How many times smaller each side gets.", low=1, high=16, step=0.05, log=True
    )
    method: Method = option("lanczos", "Upsampling", "How the decoder brings the image back to its size.")


class Downscale(Resizer):
    """Downscale."""

    id = "downscale"
    label = "Downscale"
    tag = b"D"
    options = DownscaleOptions
    excludes = frozenset({"downscale"})
    why_excluded = "Two factors are one: multiply them."

    def apply(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> Pixels:
        """Return the image antialiased (Lanczos over the area of each new pixel) at the smaller size."""
        assert isinstance(options, DownscaleOptions)
        height, width = (max(1, round(side / options.factor)) for side in pixels.shape[:2])
        return _resized(pixels, height, width, "lanczos")

    def note(self, options: Options) -> int:
        """See `Resizer.note`."""
        assert isinstance(options, DownscaleOptions)
        return _METHODS.index(options.method)

    def undo(self, pixels: Pixels, height: int, width: int, note: int) -> Pixels:
        """See `Resizer.undo`."""
        if note >= len(_METHODS):
            raise BitstreamError("This file is damaged: it names an unknown way to scale. Get it anew.")
        return _resized(pixels, height, width, _METHODS[note])


def _resized(pixels: Pixels, height: int, width: int, method: Method) -> Pixels:
    """Resize by Pillow, whose filters widen when the image shrinks and are of whole numbers on 8 bits."""
    if pixels.shape[:2] == (height, width):
        return np.ascontiguousarray(pixels)
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.array(image.resize((width, height), Image.Resampling[method.upper()]))
