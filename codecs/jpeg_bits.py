"""Where the bits of a baseline JPEG (ITU-T T.81) went: counted from its coefficients and its own codes."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import jpeglib
import numpy as np

from keepsight.codecs.jpeg_writer import EOB, SIZES, ZIGZAG, ZRL, Whole, scan
from keepsight.codecs.spending import Spent

_SCAN, _FRAME, _CODES, _RESTARTS = 0xDA, 0xC0, 0xC4, 0xDD
_OTHER_FRAMES = {0xC1, 0xC2, 0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)}
_CHROMA = ((2, 2), (1, 2), (1, 1))
"""Luma blocks down and across in a unit, as far as the counting goes; all others are left alone."""


@dataclass(frozen=True)
class _Header:
    """What tells how the blocks were coded."""

    height: int
    width: int
    factors: tuple[int, int]
    """Luma blocks down and across in a unit."""
    lengths: dict[int, Whole]
    """Bits of each of 256 symbols, by class << 4 | slot."""
    slots: list[tuple[int, int]]
    """Of each component: the slots of its DC and its AC code."""
    coded: bytes
    """The blocks and all behind them."""


def spent(data: bytes) -> Spent | None:
    """Return the bits of each unit: 8 x 8 pixels, or 16 x 16 with subsampled chroma.

    None for what is not counted: progressive files, grey ones, restart marks; and where the sum is not the
    length of the file's blocks to the bit.
    """
    header = _read(data)
    if header is None:
        return None
    down, across = header.factors
    units = (-(-header.height // (8 * down)), -(-header.width // (8 * across)))
    bits = _bits(data, header)
    end = header.coded.rfind(b"\xff\xd9")
    length = 8 * (end - header.coded.count(b"\xff\x00", 0, end))
    if end < 0 or not 0 <= length - bits.sum() < 8:
        return None
    per_unit = bits.reshape(*units, -1).sum(axis=2)
    return Spent(per_unit, (8 * down, 8 * across), header.height, header.width)


def _bits(data: bytes, header: _Header) -> Whole:
    """Return the bits of each block in the order of the file."""
    with tempfile.TemporaryDirectory(prefix="keepsight-") as folder:  # jpeglib reads files only
        file = Path(folder) / "coded.jpg"
        file.write_bytes(data)
        jpeg = jpeglib.read_dct(str(file))
        luma, blue, red = (
            plane.reshape(*plane.shape[:2], 64)[..., ZIGZAG] for plane in (jpeg.Y, jpeg.Cb, jpeg.Cr)
        )
    blocks, planes = scan((luma, blue, red), *header.factors)
    rows, places = np.nonzero(blocks | (np.arange(64) == 0))
    sizes = SIZES[np.abs(blocks[rows, places])]
    is_dc = places == 0
    runs = np.diff(places, prepend=0) - 1
    runs[is_dc] = 0
    dc = np.stack([header.lengths[slot] for slot, _ in header.slots])
    ac = np.stack([header.lengths[0x10 | slot] for _, slot in header.slots])
    plane = planes[rows]
    lengths = sizes + np.where(is_dc, dc[plane, sizes], ac[plane, (runs & 15) << 4 | sizes])
    lengths += (runs >> 4) * ac[plane, ZRL]
    bits = np.bincount(rows, lengths, len(blocks)).astype(np.int64)
    bits[blocks[:, 63] == 0] += ac[planes[blocks[:, 63] == 0], EOB]
    return bits


def _read(data: bytes) -> _Header | None:
    """Return what a file says of its codes; None for one whose bits are not counted here."""
    place, lengths, frame = 2, {}, b""
    while place + 4 <= len(data) and data[place] == 0xFF:
        mark, size = data[place + 1], int.from_bytes(data[place + 2 : place + 4])
        segment = data[place + 4 : place + 2 + size]
        place += 2 + size
        if mark in _OTHER_FRAMES or (mark == _RESTARTS and any(segment)):
            return None
        if mark == _CODES:
            lengths.update(_lengths(segment))
        elif mark == _FRAME:
            frame = segment
        elif mark == _SCAN:
            if len(frame) != 15 or len(segment) != 10 or frame[10] != 0x11 or frame[13] != 0x11:
                return None
            factors = (frame[7] & 15, frame[7] >> 4)
            slots = [(segment[i] >> 4, segment[i] & 15) for i in (2, 4, 6)]
            named = {slot for dc, ac in slots for slot in (dc, 0x10 | ac)}
            if factors not in _CHROMA or not named <= lengths.keys():
                return None
            height, width = int.from_bytes(frame[1:3]), int.from_bytes(frame[3:5])
            return _Header(height, width, factors, lengths, slots, data[place:])
    return None


def _lengths(segment: bytes) -> dict[int, Whole]:
    """Return the lengths of the codes of one segment (B.2.4.2)."""
    found = {}
    while len(segment) >= 17:
        counts = np.frombuffer(segment[1:17], np.uint8)
        symbols = np.frombuffer(segment[17 : 17 + int(counts.sum())], np.uint8)
        lengths = np.zeros(256, np.int64)
        lengths[symbols] = np.repeat(np.arange(1, 17), counts)[: len(symbols)]
        found[segment[0]] = lengths
        segment = segment[17 + len(symbols) :]
    return found
