"""The eight bytes that begin every file of Keepsight's own formats; FORMATS.md writes them down."""

import binascii

from keepsight.codecs.base import BitstreamError, check_declared_size

MAGIC = b"\x8bK"
"""Not the beginning of any text: a lone continuation byte in UTF-8."""
SIZE = 8
"""Length of the header in bytes."""
SEAL = 2
"""Length of the checksum in bytes, in the formats that end with one."""
MAX_SIDE = 65_536
"""The longest side that the header holds, in pixels."""


def pack(tag: bytes, version: int, height: int, width: int) -> bytes:
    """Return the header: `tag` is one permanent letter, `version` 0 to 255, sides are 1 to `MAX_SIDE`."""
    return MAGIC + tag + bytes([version]) + (width - 1).to_bytes(2) + (height - 1).to_bytes(2)


def is_tagged(data: bytes, tag: bytes) -> bool:
    """Whether a file begins like one of that tag, of any version."""
    return data.startswith(MAGIC + tag)


def unpack(data: bytes, tag: bytes, version: int) -> tuple[int, int, memoryview]:
    """Return (height, width, what follows the header).

    Raises `BitstreamError` for another format, a newer version, or a size beyond the limit.
    """
    if not is_tagged(data, tag) or len(data) < SIZE:
        raise BitstreamError("This file is cut off, or it is of another format. Choose another file.")
    if data[3] != version:
        raise BitstreamError(
            f"This file is of version {data[3]} of its format; known here is {version}. Update Keepsight."
        )
    width, height = int.from_bytes(data[4:6]) + 1, int.from_bytes(data[6:8]) + 1
    check_declared_size(height, width)
    return height, width, memoryview(data)[SIZE:]


def seal(data: bytes) -> bytes:
    """Return a file with its checksum behind it: the CRC-16 of ITU-T V.41's polynomial from FFFF."""
    return data + binascii.crc_hqx(data, 0xFFFF).to_bytes(SEAL)


def check_seal(data: bytes) -> None:
    """Raise `BitstreamError` unless the file is as `seal` returned it."""
    if binascii.crc_hqx(data, 0xFFFF):  # with its own checksum behind it, a file has 0
        raise BitstreamError("This file is damaged or cut off: its checksum is wrong. Get it anew.")
