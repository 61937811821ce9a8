"""WebP (RFC 9649), lossy, by libwebp."""

import imagecodecs

from keepsight.codecs.base import BitstreamError, Codec, Pixels, check_declared_size
from keepsight.codecs.guide import Guide
from keepsight.codecs.options import Options, option
from keepsight.codecs.reading import bitstream_errors, to_rgb


class WebpOptions(Options):
    """Options of WebP."""

    quality: float = option(75, "Quality", "Higher keeps more.", low=0, high=100, step=0.1)
    method: int = option(4, "Effort", "Time spent on a smaller file (libwebp's method).", low=0, high=6)


class Webp(Codec):
    """WebP; chroma is always 4:2:0."""

    id = "webp"
    label = "WebP"
    colour = "#F0E442"
    suffix = ".webp"
    tag = b"W"
    standard = True
    options = WebpOptions
    max_side = 16382  # imagecodecs stops one short of the 16383 of the format
    rate_option = "quality"
    ladder_values = (0, 0.3, 1, 4, 10, 22, 40, 62, 78, 88)

    def encode(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> bytes:
        """See `Codec.encode`."""
        assert isinstance(options, WebpOptions)
        pixels = self.encodable(pixels)
        return bytes(
            imagecodecs.webp_encode(
                pixels, options.quality, lossless=False, method=options.method, numthreads=1
            )
        )

    def decode(self, data: bytes) -> Pixels:
        """See `Codec.decode`."""
        with bitstream_errors(self.label):
            check_declared_size(*_declared_size(data))
            return to_rgb(imagecodecs.webp_decode(data, index=0))

    def recognises(self, data: bytes) -> bool:
        """See `Codec.recognises`."""
        return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _declared_size(data: bytes) -> tuple[int, int]:
    """Return (height, width) of the canvas, from the first chunk (RFC 9649, 2.5 to 2.7)."""
    chunk = data[12:16] if len(data) >= 30 else b""
    if chunk == b"VP8X":
        return int.from_bytes(data[27:30], "little") + 1, int.from_bytes(data[24:27], "little") + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits >> 14 & 0x3FFF) + 1, (bits & 0x3FFF) + 1
    if chunk == b"VP8 ":
        return int.from_bytes(data[28:30], "little") & 0x3FFF, int.from_bytes(data[26:28], "little") & 0x3FFF
    raise BitstreamError("This is not a WebP file, or it is cut off.")
