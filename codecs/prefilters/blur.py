"""Gaussian blur: fine detail costs the most bytes."""

import cv2
import numpy as np
from PIL import Image, ImageFilter

from keepsight.codecs.base import Pixels
from keepsight.codecs.guide import Guide
from keepsight.codecs.options import Options, option
from keepsight.codecs.prefilters.base import Prefilter

_LARGE = 5.0
"""Pixels: beyond, Pillow's three box filters, which come close and take as long for any radius."""


class BlurOptions(Options):
    """Options of the blur."""

    sigma: float = option(
        1.0, "Radius", "Standard deviation of the Gaussian, in pixels.", low=0.1, high=30, step=0.1, log=True
    )


class Blur(Prefilter):
    """Gaussian blur."""

    id = "blur"
    label = "Blur"
    options = BlurOptions

    def apply(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> Pixels:
        """See `Prefilter.apply`."""
        assert isinstance(options, BlurOptions)
        return blurred(pixels, options.sigma)


def blurred(pixels: Pixels, sigma: float) -> Pixels:
    """Return the image under a Gaussian of `sigma` pixels, in whole numbers: every machine gives the same."""
    if sigma <= _LARGE:
        return np.asarray(cv2.GaussianBlur(np.ascontiguousarray(pixels), (0, 0), sigma), np.uint8)
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.array(image.filter(ImageFilter.GaussianBlur(sigma)))
