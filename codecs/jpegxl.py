"""JPEG XL (ISO/IEC 18181), lossy (VarDCT) or lossless, by libjxl, stored as a bare codestream."""

import imagecodecs

from keepsight.codecs.base import BitstreamError, Codec, Pixels, check_declared_size
from keepsight.codecs.guide import Guide
from keepsight.codecs.options import Options, option
from keepsight.codecs.reading import bitstream_errors, boxes, to_rgb

_CODESTREAM = b"\xff\x0a"
_CONTAINER = b"\x00\x00\x00\x0cJXL \r\n\x87\n"
LOSSLESS = 100
"""The quality at which every pixel stays, as in libjxl's own program."""


class JpegxlOptions(Options):
    """Options of JPEG XL."""

    quality: int = option(
        75,
        "Quality",
        "Higher keeps more; 0 is libjxl's farthest distance, 25; 100 is lossless.",
        low=0,
        high=LOSSLESS,
    )
    effort: int = option(
        3, "Effort", "Time spent on a smaller file; from 5 up it is ten times slower.", low=1, high=9
    )


class Jpegxl(Codec):
    """JPEG XL."""

    id = "jpegxl"
    label = "JPEG XL"
    colour = "#D55E00"
    suffix = ".jxl"
    tag = b"X"
    standard = True
    options = JpegxlOptions
    max_side = 262_144  # level 5 of the standard, which decoders are bound to read
    rate_option = "quality"
    ladder_values = (0, 10, 16, 22, 30, 45, 60, 70, 80, 88)

    def encode(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> bytes:
        """See `Codec.encode`."""
        assert isinstance(options, JpegxlOptions)
        pixels = self.encodable(pixels)
        lossless = options.quality == LOSSLESS
        quality = None if lossless else options.quality
        return bytes(
            imagecodecs.jpegxl_encode(pixels, quality, effort=options.effort, lossless=lossless, numthreads=1)
        )

    def decode(self, data: bytes) -> Pixels:
        """See `Codec.decode`."""
        with bitstream_errors(self.label):
            bits = _check_header(data if data.startswith(_CODESTREAM) else _payload(data))
            return to_rgb(imagecodecs.jpegxl_decode(data, index=0, numthreads=1), bits)

    def recognises(self, data: bytes) -> bool:
        """See `Codec.recognises`."""
        return data.startswith((_CODESTREAM, _CONTAINER))


def _payload(data: bytes) -> bytes:
    """Return the codestream of a boxed file, or its first part (ISO/IEC 18181-2, 9.7 and 9.8)."""
    for kind, payload in boxes(data):
        if kind == b"jxlc":
            return bytes(payload)
        if kind == b"jxlp":
            return bytes(payload[4:])
    raise BitstreamError("This is not a JPEG XL file, or it is cut off.")


class _Bits:
    """Reads numbers from the first bits of a codestream, least significant bit first (18181-1, 9.2.1)."""

    def __init__(self, data: bytes) -> None:
        self.value = int.from_bytes(data[:64], "little")
        self.left = 8 * len(data[:64])

    def read(self, count: int) -> int:
        """Return the next `count` bits."""
        self.left -= count
        if self.left < 0:
            raise BitstreamError("This JPEG XL file is cut off.")
        number = self.value & (1 << count) - 1
        self.value >>= count
        return number

    def choose(self, *branches: tuple[int, int]) -> int:
        """Return a number of type U32: two bits choose a branch (offset, count of bits)."""
        offset, count = branches[self.read(2)]
        return offset + self.read(count)


def _check_header(codestream: bytes) -> int:
    """Check the declared size and return the bit depth of integer samples (18181-1, D.2 and D.3).

    A file with a preview, which no encoder writes, is taken for one of 8 bits.
    """
    if not codestream.startswith(_CODESTREAM):
        raise BitstreamError("This is not a JPEG XL file, or it is cut off.")
    bits = _Bits(codestream[2:])
    check_declared_size(*_size(bits))
    if bits.read(1):  # all_default
        return 8
    if bits.read(1):  # extra_fields
        bits.read(3)  # orientation; libjxl applies it
        if bits.read(1):  # size on screen
            _size(bits)
        if bits.read(1):  # preview
            return 8
        if bits.read(1):  # animation
            bits.choose((100, 0), (1000, 0), (1, 10), (1, 30))
            bits.choose((1, 0), (1001, 0), (1, 8), (1, 10))
            bits.choose((0, 0), (0, 3), (0, 16), (0, 32))
            bits.read(1)
    floating = bits.read(1)
    return 8 if floating else bits.choose((8, 0), (10, 0), (12, 0), (1, 6))


def _size(bits: _Bits) -> tuple[int, int]:
    """Return (height, width) of a SizeHeader (18181-1, D.2)."""
    small = bits.read(1)

    def side() -> int:
        return 8 * (1 + bits.read(5)) if small else bits.choose((1, 9), (1, 13), (1, 18), (1, 30))

    height = side()
    ratio = bits.read(3)
    if ratio == 0:
        return height, side()
    across, down = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))[ratio - 1]
    return height, height * across // down
