"""JPEG XL: its last quality is lossless."""

from collections.abc import Callable

import numpy as np

from keepsight.codecs.base import Pixels
from keepsight.codecs.jpegxl import Jpegxl, JpegxlOptions

JPEGXL = Jpegxl()


def test_the_last_quality_keeps_every_pixel(photo: Callable[..., Pixels]) -> None:
    pixels = photo(90, 120)
    finest, lossless = (JPEGXL.encode(pixels, JpegxlOptions(quality=quality)) for quality in (99, 100))
    assert not np.array_equal(JPEGXL.decode(finest), pixels)
    np.testing.assert_array_equal(JPEGXL.decode(lossless), pixels)
    assert len(finest) < len(lossless)
