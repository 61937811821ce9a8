"""The bitstream of block averages: means and dispersion to bytes and back. See FORMATS.md, tag B."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from keepsight.codecs import container, pyramid
from keepsight.codecs.base import BitstreamError
from keepsight.codecs.pyramid import Plane, Where
from keepsight.codecs.symbols import CLASSES, Classes, SymbolDecoder, SymbolEncoder, Symbols, costs

TAG = b"B"
VERSION = 1
Grid = NDArray[np.uint8]

SIGMAS = (0, 2, 3, 4, 6, 8, 10, 13, 16, 20, 25, 31, 38, 47, 58, 72)
"""Standard deviation of luma that each of 16 levels of dispersion stands for, in grey levels."""

_SHIFTS = range(-7, 9)
"""By how many classes the models of a plane may be wider than its contexts say."""
_FIXED = container.SIZE + 4


@dataclass(frozen=True, eq=False)
class Layout:
    """What the header of a file says, apart from the size."""

    height: int
    width: int
    """Of the image, in pixels."""
    block: int
    """Side of a luma block, 2 to 16 pixels."""
    multiple: int
    """Side of a chroma block, 1 to 8 luma blocks."""
    step: int
    """Of the quantiser of the means, 1 to 64 grey levels."""
    bits: int
    """Of the dispersion of each block, 0 (there is none) to 4."""
    smooth: bool
    """Whether the decoder interpolates between the means."""
    texture: bool
    """Whether the decoder restores texture of the dispersion."""

    @property
    def luma_shape(self) -> tuple[int, int]:
        """Rows and columns of luma blocks."""
        return -(-self.height // self.block), -(-self.width // self.block)

    @property
    def chroma_shape(self) -> tuple[int, int]:
        """Rows and columns of chroma blocks."""
        side = self.block * self.multiple
        return -(-self.height // side), -(-self.width // side)


@dataclass(frozen=True, eq=False)
class Planes:
    """What a file holds, before pixels are made of it, and what each part costs."""

    layout: Layout
    luma: Grid
    """(h, w) uint8: mean luma Y of each block (BT.601, full range as in JFIF)."""
    chroma: Grid
    """(2, h', w') uint8: mean Cb and Cr of each chroma block, 128 is grey."""
    dispersion: Grid | None
    """(h, w) uint8: level of the standard deviation of luma in each block, 0 to 2**bits − 1; None without."""
    means_bytes: int
    """Length of the coded means."""
    dispersion_bytes: int
    """Length of the coded dispersion, with its header; 0 without."""

    @property
    def sigma(self) -> Grid | None:
        """(h, w) uint8: the standard deviation that each level stands for, in grey levels; None without."""
        return None if self.dispersion is None else sigma_of(self.dispersion, self.layout.bits)


def sigma_of(levels: Grid, bits: int) -> Grid:
    """Return the standard deviation in grey levels that levels of 0 to 2**bits − 1 stand for."""
    return np.asarray(np.array(SIGMAS, np.uint8)[levels.astype(np.intp) << (4 - bits)])


def levels_of(variance: NDArray[np.int64], bits: int) -> Grid:
    """Return the level, 0 to 2**bits − 1, whose standard deviation is nearest, from variances times 4."""
    sigmas = np.array(SIGMAS[:: 1 << (4 - bits)], np.int64)
    between = (sigmas[1:] + sigmas[:-1]) ** 2  # four times the square of the middle
    return np.asarray(np.searchsorted(between, variance), np.uint8)


def ramp_variance(luma: Grid) -> NDArray[np.int64]:
    """Return four times the variance that the slope between the means explains in each block, (h, w).

    A ramp of slope g grey levels a block varies by g²/12 in it.
    """
    wide = np.pad(luma.astype(np.int64), 1, mode="edge")
    down, across = wide[2:, 1:-1] - wide[:-2, 1:-1], wide[1:-1, 2:] - wide[1:-1, :-2]
    return (down * down + across * across) // 12  # differences over two blocks: 4 g²


def write(layout: Layout, luma: Grid, chroma: Grid, dispersion: Grid | None) -> bytes:
    """Return the file. The arrays are as in `Planes`; the means are quantised here."""
    coded, luma_visits = _describe(luma[None].astype(np.int32), layout.step, 128, 255)
    _, chroma_visits = _describe(chroma.astype(np.int32), layout.step, 128, 255)
    means = SymbolEncoder()
    shifts = _put(means, luma_visits) << 4 | _put(means, chroma_visits)
    body = container.pack(TAG, VERSION, layout.height, layout.width) + bytes(
        [
            layout.block - 1 << 4 | layout.texture << 3 | layout.bits,
            layout.smooth << 3 | layout.multiple - 1,
            layout.step - 1,
            shifts,
        ]
    )
    if dispersion is not None:
        body += _write_dispersion(dispersion, coded[0].astype(np.uint8), layout.bits)
    return container.seal(body + means.finish())


def planes(data: bytes) -> Planes:
    """Return what a file holds. Raises `BitstreamError`."""
    height, width, _ = container.unpack(data, TAG, VERSION)
    if len(data) < _FIXED + container.SEAL:
        raise BitstreamError("This file is cut off. Choose another file.")
    container.check_seal(data)
    one, two, three, shifts = data[container.SIZE : _FIXED]
    layout = Layout(
        height, width, (one >> 4) + 1, (two & 7) + 1, three + 1, one & 7, bool(two & 8), bool(one & 8)
    )
    if layout.block < 2 or layout.bits > 4 or layout.step > 64 or two > 15:
        raise BitstreamError("This file is damaged: its header holds impossible values.")
    body, cut = data[_FIXED : -container.SEAL], 0
    if layout.bits:
        if len(body) < 4:
            raise BitstreamError("This file is damaged or cut off.")
        cut = 4 + int.from_bytes(body[1:4])
        if cut > len(body):
            raise BitstreamError("This file is damaged: one of its parts is longer than the file.")
    means = SymbolDecoder(body[cut:])
    luma = _rebuild(means, (1, *layout.luma_shape), layout.step, 128, 255, shifts >> 4)[0].astype(np.uint8)
    chroma = _rebuild(means, (2, *layout.chroma_shape), layout.step, 128, 255, shifts & 15).astype(np.uint8)
    dispersion = _read_dispersion(body[:cut], luma, layout.bits) if layout.bits else None
    return Planes(layout, luma, chroma, dispersion, len(body) - cut, cut)


_Coded = tuple[Symbols, Classes, int]
"""Symbols of one visit, their classes and how far they may reach."""


def _describe(values: Plane, step: int, middle: int, top: int) -> tuple[Plane, list[_Coded]]:
    """Quantise planes of 0 to `top`: return what the decoder will see, and the symbols that say so."""
    visits: list[_Coded] = []

    def visit(where: Where, prediction: Plane, classes: Classes, finer: int) -> Plane:
        error = values[where] - prediction
        # Rounded at 0.6 of a step: what is dropped costs little and saves much.
        symbols = np.sign(error) * ((np.abs(error) + finer * 2 // 5) // finer)
        visits.append((symbols.ravel(), classes.ravel(), top // finer + 1))
        return np.asarray(symbols, np.int32)

    return pyramid.traverse(values.shape, step, middle, top, visit), visits


def _put(encoder: SymbolEncoder, visits: list[_Coded]) -> int:
    """Encode visits with the models that suit them best; return which, 0 to 15."""
    lengths = np.zeros(len(_SHIFTS), np.int64)
    for symbols, classes, reach in visits:
        columns = 2 * reach + 1
        pairs = classes.astype(np.intp) * columns + symbols + reach
        lengths += _shifted_costs(reach) @ np.bincount(pairs, minlength=CLASSES * columns)
    best = int(lengths.argmin())
    for symbols, classes, reach in visits:
        encoder.put(symbols, _shifted(classes, best), reach)
    return best


@cache
def _shifted_costs(reach: int) -> NDArray[np.int64]:
    """Return the length of each pair of class and symbol, for each shift: (16, CLASSES × (2 reach + 1))."""
    every = np.arange(CLASSES, dtype=np.uint8)
    return np.stack([costs(reach)[_shifted(every, shift)].ravel() for shift in range(len(_SHIFTS))])


def _shifted(classes: Classes, shift: int) -> Classes:
    return (classes.astype(np.int8) + np.int8(_SHIFTS[shift])).clip(0, CLASSES - 1).astype(np.uint8)


def _rebuild(
    decoder: SymbolDecoder, shape: tuple[int, int, int], step: int, middle: int, top: int, shift: int
) -> Plane:
    def visit(where: Where, prediction: Plane, classes: Classes, finer: int) -> Plane:
        return decoder.take(_shifted(classes.ravel(), shift), top // finer + 1).reshape(classes.shape)

    return pyramid.traverse(shape, step, middle, top, visit)


def _write_dispersion(levels: Grid, luma: Grid, bits: int) -> bytes:
    """Code how far the dispersion exceeds what the means' slope explains, without loss."""
    most = (1 << bits) - 1
    excess = levels.astype(np.int32) - levels_of(ramp_variance(luma), bits) + most
    encoder = SymbolEncoder()
    shift = _put(encoder, _describe(excess[None], 1, most, 2 * most)[1])
    coded = encoder.finish()
    return bytes([shift]) + len(coded).to_bytes(3) + coded


def _read_dispersion(section: bytes, luma: Grid, bits: int) -> Grid:
    most = (1 << bits) - 1
    excess = _rebuild(SymbolDecoder(section[4:]), (1, *luma.shape), 1, most, 2 * most, section[0] & 15)[0]
    levels = excess - most + levels_of(ramp_variance(luma), bits)
    return np.asarray(levels.clip(0, most), np.uint8)
