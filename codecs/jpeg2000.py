"""JPEG 2000 Part 1 (ITU-T T.800), by OpenJPEG: one tile, one quality layer, the irreversible 9/7 wavelet."""

import struct

import imagecodecs

from keepsight.codecs.base import BitstreamError, Codec, Pixels, check_declared_size
from keepsight.codecs.guide import Guide
from keepsight.codecs.options import Options, option
from keepsight.codecs.reading import bitstream_errors, boxes, to_rgb

_MAX_TILES = 8192  # OpenJPEG sets aside about 11 kB for each before it reads any
_CODESTREAM = b"\xff\x4f\xff\x51"
_JP2 = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
_COM, _SOT = 0xFF64, 0xFF90


class Jpeg2000Options(Options):
    """Options of JPEG 2000."""

    psnr: int = option(32, "PSNR", "Target in dB; higher keeps more.", low=14, high=50)


class Jpeg2000(Codec):
    """JPEG 2000, a bare codestream: the boxes of a .jp2 file would add 85 bytes."""

    id = "jpeg2000"
    label = "JPEG 2000"
    colour = "#CC79A7"
    suffix = ".j2k"
    tag = b"2"
    standard = True
    options = Jpeg2000Options
    rate_option = "psnr"
    ladder_values = (21, 23, 25, 27, 29, 31, 33, 35, 38, 41)

    def encode(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> bytes:
        """See `Codec.encode`."""
        assert isinstance(options, Jpeg2000Options)
        pixels = self.encodable(pixels)
        data = imagecodecs.jpeg2k_encode(
            pixels, options.psnr, codecformat="j2k", reversible=False, numthreads=1
        )
        return _without_comment(bytes(data))

    def decode(self, data: bytes) -> Pixels:
        """See `Codec.decode`."""
        with bitstream_errors(self.label):
            codestream = data if data.startswith(_CODESTREAM) else _payload(data)
            bits = _check_header(codestream)
            return to_rgb(imagecodecs.jpeg2k_decode(data, numthreads=1), bits)

    def recognises(self, data: bytes) -> bool:
        """See `Codec.recognises`."""
        return data.startswith((_CODESTREAM, _JP2))


def _payload(data: bytes) -> bytes:
    """Return the codestream of a .jp2 file: the payload of its first box of type jp2c (T.800, I.5.4)."""
    for kind, payload in boxes(data):
        if kind == b"jp2c":
            return bytes(payload)
    raise BitstreamError("This is not a JPEG 2000 file, or it is cut off.")


def _check_header(codestream: bytes) -> int:
    """Check the marker segment SIZ (T.800, A.5.1) and return the bit depth of the samples."""
    if not codestream.startswith(_CODESTREAM) or len(codestream) < 45:
        raise BitstreamError("This is not a JPEG 2000 file, or it is cut off.")
    right, bottom, left, top, tile_width, tile_height = struct.unpack_from(">6I", codestream, 8)
    tiles_left, tiles_top, components = struct.unpack_from(">IIH", codestream, 32)
    check_declared_size(bottom - top, right - left)
    across = -(-(right - tiles_left) // max(tile_width, 1))
    down = -(-(bottom - tiles_top) // max(tile_height, 1))
    if across * down > _MAX_TILES or components > 4:
        raise BitstreamError(f"This JPEG 2000 file declares {across * down} tiles and {components} channels.")
    depth = codestream[42]
    if depth & 0x80:
        raise BitstreamError("This JPEG 2000 file holds signed numbers: it is no photo.")
    return depth + 1


def _without_comment(codestream: bytes) -> bytes:
    """Leave out the comment in which OpenJPEG names its version: 39 bytes that no reader needs."""
    at = 2
    while (marker := int.from_bytes(codestream[at : at + 2])) != _SOT:
        end = at + 2 + int.from_bytes(codestream[at + 2 : at + 4])
        if marker == _COM:
            return codestream[:at] + codestream[end:]
        at = end
    return codestream
