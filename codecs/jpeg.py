"""JPEG (ITU-T T.81), by libjpeg-turbo; what Pillow adds is the header and CMYK."""

import io
from typing import Literal

import cv2
import imagecodecs
import numpy as np
from PIL.JpegImagePlugin import JpegImageFile

from keepsight.codecs import jpeg_bits
from keepsight.codecs.base import BitstreamError, Codec, EncodeError, Pixels, check_declared_size
from keepsight.codecs.guide import Guide
from keepsight.codecs.options import Options, option
from keepsight.codecs.reading import bitstream_errors, to_rgb
from keepsight.codecs.spending import Spent

_CHROMA = {
    "4:4:4": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    "4:2:2": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
    "4:2:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
}


class JpegOptions(Options):
    """Options of JPEG."""

    quality: int = option(75, "Quality", "Higher keeps more.", low=1, high=100)
    chroma: Literal["4:4:4", "4:2:2", "4:2:0"] = option("4:2:0", "Chroma", "Resolution of the colour planes.")
    optimize: bool = option(
        True, "Optimised Huffman", "Fit the Huffman tables to the image: the same pixels in fewer bytes."
    )
    progressive: bool = option(
        False, "Progressive", "Coarse to fine; a little smaller for large photos, larger for small ones."
    )


class Jpeg(Codec):
    """JPEG."""

    id = "jpeg"
    label = "JPEG"
    colour = "#E69F00"
    suffix = ".jpg"
    tag = b"J"
    standard = True
    options = JpegOptions
    max_side = 65500  # JPEG_MAX_DIMENSION of libjpeg; the format itself ends at 65535
    rate_option = "quality"
    ladder_values = (1, 5, 8, 13, 20, 30, 45, 65, 82, 92)

    def encode(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> bytes:
        """See `Codec.encode`."""
        assert isinstance(options, JpegOptions)
        pixels = self.encodable(pixels)
        parameters = [
            (cv2.IMWRITE_JPEG_QUALITY, options.quality),
            (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, _CHROMA[options.chroma]),
            (cv2.IMWRITE_JPEG_OPTIMIZE, int(options.optimize)),
            (cv2.IMWRITE_JPEG_PROGRESSIVE, int(options.progressive)),
        ]
        flat = [number for pair in parameters for number in pair]
        done, data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), flat)
        if not done:
            raise EncodeError("This image could not be stored as JPEG.")
        return bytes(data)

    def decode(self, data: bytes) -> Pixels:
        """See `Codec.decode`."""
        # The class itself, not Image.open: that guesses the format and warns about sizes by its own limit.
        with bitstream_errors(self.label), JpegImageFile(io.BytesIO(data)) as image:
            check_declared_size(image.height, image.width)
            if image.mode == "CMYK":
                return np.array(image.convert("RGB"))
            # From here libjpeg-turbo alone: twice as fast, but content with less than the whole file.
            last_scan = data.rfind(b"\xff\xda")
            if b"\xff\xd9" not in data[last_scan:]:
                raise BitstreamError("This JPEG file is cut off.")
            return to_rgb(imagecodecs.jpeg8_decode(data))

    def spent(self, data: bytes) -> Spent | None:
        """See `Codec.spent`: told by files that are not progressive."""
        return jpeg_bits.spent(data)

    def recognises(self, data: bytes) -> bool:
        """See `Codec.recognises`."""
        return data.startswith(b"\xff\xd8\xff")
