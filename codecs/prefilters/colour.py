"""Colour reduction: how strong the colours stay beside the brightness."""

import cv2
import numpy as np

from keepsight.codecs.base import Pixels
from keepsight.codecs.guide import Guide
from keepsight.codecs.options import Options, option
from keepsight.codecs.prefilters.base import Prefilter


class ColourOptions(Options):
    """Options of the colour reduction."""

    chroma: int = option(50, "Strength", "Percent of the colour that stays; 0 is grey.", low=0, high=100)


class Colour(Prefilter):
    """Colour reduction."""

    id = "colour"
    label = "Colour"
    options = ColourOptions

    def apply(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> Pixels:
        """See `Prefilter.apply`."""
        assert isinstance(options, ColourOptions)
        return desaturated(pixels, options.chroma)


def desaturated(pixels: Pixels, percent: int) -> Pixels:
    """Return the image with `percent` of its colour, in whole numbers: the brightness (BT.601) stays."""
    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)[..., None].astype(np.uint16)
    mixed = (grey * (100 - percent) + pixels * np.uint16(percent) + 50) // 100
    return np.asarray(mixed, np.uint8)
