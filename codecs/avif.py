"""AVIF (AV1 still pictures), by libavif with libaom and dav1d."""

import io
from typing import Literal

import imagecodecs
import numpy as np
from PIL import AvifImagePlugin

from keepsight.codecs.base import Codec, Pixels, check_declared_size
from keepsight.codecs.guide import Guide
from keepsight.codecs.options import Options, option
from keepsight.codecs.reading import bitstream_errors, to_rgb

AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # threads that wake one another take longer, up to some megapixels
_CHROMA = {
    "4:4:4": imagecodecs.AVIF.PIXEL_FORMAT.YUV444,
    "4:2:2": imagecodecs.AVIF.PIXEL_FORMAT.YUV422,
    "4:2:0": imagecodecs.AVIF.PIXEL_FORMAT.YUV420,
}


class AvifOptions(Options):
    """Options of AVIF."""

    quality: int = option(50, "Quality", "Higher keeps more.", low=0, high=99)
    chroma: Literal["4:4:4", "4:2:2", "4:2:0"] = option("4:2:0", "Chroma", "Resolution of the colour planes.")
    speed: int = option(9, "Speed", "Lower takes longer and gives a smaller file.", low=0, high=9)


class Avif(Codec):
    """AVIF."""

    id = "avif"
    label = "AVIF"
    colour = "#56B4E9"
    suffix = ".avif"
    tag = b"V"
    standard = True
    options = AvifOptions
    max_side = 32768  # libavif reads no larger ones; AV1 itself ends at 65536
    rate_option = "quality"
    ladder_values = (0, 8, 14, 21, 29, 37, 46, 56, 66, 76)

    def encode(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> bytes:
        """See `Codec.encode`."""
        assert isinstance(options, AvifOptions)
        pixels = self.encodable(pixels)
        return bytes(
            imagecodecs.avif_encode(
                pixels,
                options.quality,
                speed=options.speed,
                pixelformat=_CHROMA[options.chroma],
                numthreads=1,
            )
        )

    def decode(self, data: bytes) -> Pixels:
        """See `Codec.decode`."""
        # Pillow's reader, because imagecodecs' crashes on image sequences. Opening parses the container only.
        with bitstream_errors(self.label), AvifImagePlugin.AvifImageFile(io.BytesIO(data)) as image:
            check_declared_size(image.height, image.width)
            return to_rgb(np.array(image))

    def recognises(self, data: bytes) -> bool:
        """See `Codec.recognises`."""
        brands = data[8 : min(int.from_bytes(data[:4]), 256)]
        return data[4:8] == b"ftyp" and (b"avif" in brands or b"avis" in brands)
