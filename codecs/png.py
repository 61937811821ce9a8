"""PNG (W3C Recommendation, third edition), the lossless anchor: written by libspng, read by libpng.

libspng writes smaller files; libpng reads every kind.
"""

import logging
import struct

import imagecodecs

from keepsight.codecs.base import BitstreamError, Codec, Pixels, check_declared_size
from keepsight.codecs.guide import Guide
from keepsight.codecs.options import Options, option
from keepsight.codecs.reading import bitstream_errors, to_rgb

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_END = b"IEND\xae\x42\x60\x82"

# libpng's remarks on broken files; the error that follows says all.
logging.getLogger("imagecodecs").addHandler(logging.NullHandler())


class PngOptions(Options):
    """Options of PNG."""

    effort: int = option(6, "Effort", "Time spent on a smaller file (the level of zlib).", low=1, high=9)


class Png(Codec):
    """PNG, lossless."""

    id = "png"
    label = "PNG"
    colour = "#999999"
    suffix = ".png"
    tag = b"N"
    standard = True
    options = PngOptions
    max_side = 1_000_000  # libpng reads no larger ones; the format itself ends at 2³¹ - 1

    def encode(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> bytes:
        """See `Codec.encode`."""
        assert isinstance(options, PngOptions)
        return bytes(imagecodecs.spng_encode(self.encodable(pixels), options.effort))

    def decode(self, data: bytes) -> Pixels:
        """See `Codec.decode`."""
        with bitstream_errors(self.label):
            if not self.recognises(data) or data[12:16] != b"IHDR" or len(data) < 33:
                raise BitstreamError("This is not a PNG file, or it is cut off.")
            width, height, bits = struct.unpack_from(">IIB", data, 16)
            check_declared_size(height, width)
            if _END not in data:  # the reader would be content with less
                raise BitstreamError("This PNG file is cut off.")
            return to_rgb(imagecodecs.png_decode(data), max(bits, 8))

    def recognises(self, data: bytes) -> bool:
        """See `Codec.recognises`."""
        return data.startswith(_SIGNATURE)
