"""A JPEG's quantised coefficients as they stand in the file (ITU-T T.81): no pixel is rebuilt."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_void_p
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jpeglib
import numpy as np
from jpeglib._bind import CJpegLib
from numpy.typing import NDArray

from keepsight.codecs.base import BitstreamError, check_declared_size
from keepsight.codecs.reading import bitstream_errors

with jpeglib.version("turbo210"):  # faster at Huffman codes than the one that jpeglib takes by itself
    _TURBO = CJpegLib.get()

_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""Markers of frame headers; libjpeg refuses those that it does not know."""

Levels = NDArray[np.int16]
"""(rows, columns, 64): a row of 64 for each 8 × 8 block, lowest frequency first, row by row (no zigzag)."""


@dataclass(frozen=True, eq=False)
class Coefficients:
    """What a JPEG file holds, before it is dequantised."""

    height: int
    width: int
    """Of the image, pixels."""
    luma: Levels
    chroma: tuple[Levels, Levels] | None
    """Cb and Cr at their own resolution; None in a grey file."""
    tables: NDArray[np.int32]
    """(2, 64): quantisation steps of luma and chroma, in the order of the levels."""


def read(data: bytes) -> Coefficients:
    """Return the coefficients of a baseline or progressive JPEG. Raises `BitstreamError`."""
    if not data.startswith(b"\xff\xd8\xff"):
        raise BitstreamError(
            "This is no JPEG file, and this classifier reads no others. Choose a classifier of pixels."
        )
    last_scan = data.rfind(b"\xff\xda")
    if last_scan < 0 or b"\xff\xd9" not in data[last_scan:]:
        raise BitstreamError("This JPEG file is cut off.")
    with bitstream_errors("JPEG"):
        frame, bare = _bare(data)
        height, width, blocks = _blocks(frame)
    planes = [np.empty((*shape, 64), np.int16) for shape in blocks]
    steps, slots = np.zeros((4, 64), np.uint16), np.zeros(4, np.int16)
    absent = [None] * (4 - len(planes))
    with _named(bare) as name:
        # The first call is there because the second one crashes where a header is broken.
        if not _TURBO.read_jpeg_markers(name, _address(slots)) or not _TURBO.read_jpeg_dct(
            name, *map(_address, planes), *absent, _address(steps), _address(slots)
        ):
            raise BitstreamError("This JPEG file is damaged or cut off.")
    tables = steps[[slots[0], slots[len(planes) - 1]]].astype(np.int32)
    return Coefficients(height, width, planes[0], (planes[1], planes[2]) if planes[1:] else None, tables)


def _bare(data: bytes) -> tuple[bytes, bytes]:
    """Return the frame header, without its length, and the file without application data and comments.

    Raises `BitstreamError`.
    """
    frame, kept, place = b"", [data[:2]], 2
    while True:
        while data[place : place + 2] == b"\xff\xff":  # fill bytes (B.1.1.2)
            place += 1
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4])
        if data[place] != 0xFF or length < 2 or not 0xC0 <= marker <= 0xFE or 0xD0 <= marker <= 0xD9:
            raise BitstreamError("This JPEG file is damaged: its header makes no sense.")
        if marker == 0xDA:
            return frame, b"".join([*kept, data[place:]])
        segment = data[place : place + 2 + length]
        if marker in _FRAMES:
            frame = segment[4:]
        if not 0xE0 <= marker <= 0xEF and marker != 0xFE:
            kept.append(segment)
        place += len(segment)


def _blocks(frame: bytes) -> tuple[int, int, list[tuple[int, int]]]:
    """Return height, width, and rows and columns of blocks of each component (A.1.1, A.2.4, B.2.2).

    Raises `BitstreamError`.
    """
    height, width, count = int.from_bytes(frame[1:3]), int.from_bytes(frame[3:5]), frame[5]
    if count not in (1, 3):
        raise BitstreamError("This JPEG file holds neither a grey nor a YCbCr image.")
    check_declared_size(height, width)
    factors = [(frame[place] & 15, frame[place] >> 4) for place in range(7, 6 + 3 * count, 3)]
    most_down, most_across = (max(side) for side in zip(*factors, strict=True))
    blocks = [
        (-(-height * down // (8 * most_down)), -(-width * across // (8 * most_across)))
        for down, across in factors
    ]
    return height, width, blocks


def _address(numbers: NDArray[Any]) -> c_void_p:
    return c_void_p(numbers.ctypes.data)


@contextmanager
def _named(data: bytes) -> Iterator[bytes]:
    """Give the bytes a file name: jpeglib reads files only. In memory, where the system can."""
    if hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("keepsight"), "wb") as file:
            file.write(data)
            file.flush()
            yield b"/proc/self/fd/%d" % file.fileno()
        return
    with tempfile.TemporaryDirectory(prefix="keepsight-") as folder:
        path = Path(folder) / "coded.jpg"
        path.write_bytes(data)
        yield os.fsencode(path)
