"""What of an AVIF file does not follow from the image's size, and the whole file again from that.

The AV1 bitstream in the file (AV1 Bitstream and Decoding Process Specification, 2019) is a temporal
delimiter, a sequence header and one frame, each an OBU. Of the first two, two fields of the sequence header
are kept.
"""

import struct

from keepsight.codecs.base import BitstreamError, EncodeError
from keepsight.codecs.reading import boxes

# The first byte of an OBU (5.3.2): its type, and whether its size follows.
_DELIMITER, _SEQUENCE_HEADER, _FRAME, _FRAME_TO_THE_END = 0x12, 0x0A, 0x32, 0x30

_TOOLS = 6
"""Bits of the sequence header that enable 128 x 128 superblocks, filter intra, intra edge filter,
super-resolution, CDEF, loop restoration."""
_PROFILES = 3
"""0 is 4:2:0, 1 is 4:4:4, 2 is 4:2:2, all with 8 bits."""
_ANY_LEVEL = 31
_COLOUR = (2, 2, 6)
"""Primaries and transfer not told, which is sRGB's here; the matrix is BT.601's (ITU-T H.273)."""


def strip(file: bytes, height: int, width: int) -> bytes:
    """Return profile (2 bits) and tools (6) of an AVIF file that `Avif` wrote, then its frame.

    Raises `EncodeError` where the AV1 library wrote what `rebuild` would not bring back.
    """
    stream = next(bytes(body) for kind, body in boxes(file) if kind == b"mdat")
    end = 4 + stream[3]
    header = int.from_bytes(stream[4:end])
    bits = f"{header:0{8 * stream[3]}b}"
    tools_at = sum(length for _, length in _size_fields(height, width))
    first = int(bits[:3] + bits[3 + tools_at : 3 + tools_at + _TOOLS], 2)
    # The level says what the decoder must be able to do; it has no part in the decoding.
    header |= _ANY_LEVEL << len(bits) - 10
    if (
        [*stream[:3], stream[end]] != [_DELIMITER, 0, _SEQUENCE_HEADER, _FRAME]
        or first >> _TOOLS >= _PROFILES
        or header.to_bytes(stream[3]) != _sequence_header(first, height, width)
    ):
        raise EncodeError(
            "The AV1 library that is installed writes its files in a way that is not known here. "
            "Choose AVIF, or install the version of imagecodecs that Keepsight was tested with."
        )
    frame = stream[end + 1 :]
    size_ends = next(at for at, byte in enumerate(frame, 1) if byte < 0x80)
    return bytes([first]) + frame[size_ends:]


def rebuild(payload: bytes, height: int, width: int) -> bytes:
    """Return the AVIF file of what `strip` left. Raises `BitstreamError` where no AV1 profile is named.

    The boxes are those of AVIF 1.1 over ISO/IEC 14496-12 and 23008-12, the stream before its description.
    """
    if not payload or payload[0] >> _TOOLS >= _PROFILES:
        raise BitstreamError("This file is damaged: it names no kind of AV1 picture.")
    header = _sequence_header(payload[0], height, width)
    stream = bytes([_DELIMITER, 0, _SEQUENCE_HEADER, len(header)]) + header
    stream += bytes([_FRAME_TO_THE_END]) + payload[1:]
    brands = _box(b"ftyp", b"avif", bytes(4), b"avifmif1miaf")
    return (
        brands + _box(b"mdat", stream) + _description(payload[0], height, width, len(brands) + 8, len(stream))
    )


def _description(first: int, height: int, width: int, start: int, length: int) -> bytes:
    """Return the box that says where the stream is, and what it is."""
    profile = first >> _TOOLS
    whole = b"\0\0\0\0"  # version and flags
    configuration = bytes([0x81, profile << 5 | _ANY_LEVEL, (0b1100, 0b0000, 0b1000)[profile], 0])
    properties = [
        _box(b"ispe", whole, struct.pack(">2I", width, height)),
        _box(b"pixi", whole, b"\3\x08\x08\x08"),
        _box(b"av1C", configuration),
        _box(b"colr", b"nclx", struct.pack(">3HB", *_COLOUR, 0x80)),
    ]
    return _box(
        b"meta",
        whole,
        _box(b"hdlr", whole, bytes(4), b"pict", bytes(13)),
        _box(b"pitm", whole, b"\0\1"),
        _box(b"iloc", whole, struct.pack(">5H2I", 0x4400, 1, 1, 0, 1, start, length)),
        _box(b"iinf", whole, b"\0\1", _box(b"infe", b"\2\0\0\0\0\1\0\0av01\0")),
        _box(b"iprp", _box(b"ipco", *properties), _box(b"ipma", whole, b"\0\0\0\1\0\1\4\1\2\x83\4")),
    )


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _size_fields(height: int, width: int) -> list[tuple[int, int]]:
    """Return (value, bits) of the first fields of the sequence header but for the profile (5.5.1)."""
    across, down = (max(1, (side - 1).bit_length()) for side in (width, height))
    return [
        (0b11, 2),
        (_ANY_LEVEL, 5),
        (across - 1, 4),
        (down - 1, 4),
        (width - 1, across),
        (height - 1, down),
    ]


def _sequence_header(first: int, height: int, width: int) -> bytes:
    """Return the content of the sequence header OBU: one still picture of 8 bits, in full range."""
    profile, tools = first >> _TOOLS, first & (1 << _TOOLS) - 1
    colours = [(0, 1)] if profile == 1 else [(0, 2)]  # 8 bits; and not monochrome, which 4:4:4 cannot be
    position = [(0, 2)] if profile == 0 else []  # of the chroma samples: unknown
    fields = [
        (profile, 3),
        *_size_fields(height, width),
        (tools, _TOOLS),
        *colours,
        (1, 1),  # the colours are described
        *((number, 8) for number in _COLOUR),
        (1, 1),  # full range
        *position,
        (0, 2),  # both chroma planes have one quantiser; no film grain
        (1, 1),  # the end
    ]
    bits = "".join(f"{value:0{length}b}" for value, length in fields)
    size = -(-len(bits) // 8)
    return int(bits.ljust(8 * size, "0"), 2).to_bytes(size)
