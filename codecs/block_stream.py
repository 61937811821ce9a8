"""The bitstream of block averages: means and dispersion to bytes and back. See FORMATS.md, tag B."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from keepsight.codecs import container, pyramid
from keepsight.codecs.base import BitstreamError
from keepsight.codecs.pyramid import Flat, Plane, Where
from keepsight.codecs.symbols import CLASSES, Classes, SymbolDecoder, SymbolEncoder, Symbols, costs

TAG = b"B"
VERSION = 1
Grid = NDArray[np.uint8]
Interpolation = Literal["flat", "linear", "cubic"]

_INTERPOLATIONS: tuple[Interpolation, ...] = get_args(Interpolation)

SIGMAS = (0, 2, 3, 4, 6, 8, 10, 13, 16, 20, 25, 31, 38, 47, 58, 72)
"""Standard deviation of luma that each of 16 levels of dispersion stands for, in grey levels."""

_SHIFTED = np.add.outer(np.arange(-7, 9), np.arange(CLASSES)).clip(0, CLASSES - 1).astype(np.uint8)
"""(16, CLASSES): the model of each class where a plane varies less or more than its contexts say."""
_FIXED = container.SIZE + 4


@dataclass(frozen=True)
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
    interpolate: Interpolation
    """How the decoder goes from mean to mean."""
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
    luma_visits, _ = _describe(luma[None].astype(np.int32), layout.step, 128, 255)
    chroma_visits, _ = _describe(chroma.astype(np.int32), layout.step, 128, 255)
    means = SymbolEncoder()
    shifts = _put(means, luma_visits) << 4 | _put(means, chroma_visits)
    body = container.pack(TAG, VERSION, layout.height, layout.width) + bytes(
        [
            layout.block - 1 << 4 | layout.texture << 3 | layout.bits,
            _INTERPOLATIONS.index(layout.interpolate) << 3 | layout.multiple - 1,
            layout.step - 1,
            shifts,
        ]
    )
    if dispersion is not None:
        body += _write_dispersion(dispersion, layout.bits)
    return container.seal(body + means.finish())


def quantised(means: Grid, step: int) -> Grid:
    """Return means, (C, h, w), as a file gives them back that keeps them at that step."""
    _, settled = _describe(means.astype(np.int32), step, 128, 255)
    return np.asarray(settled, np.uint8)


def planes(data: bytes) -> Planes:
    """Return what a file holds. Raises `BitstreamError`."""
    height, width, _ = container.unpack(data, TAG, VERSION)
    if len(data) < _FIXED + container.SEAL:
        raise BitstreamError("This file is cut off. Choose another file.")
    container.check_seal(data)
    one, two, three, shifts = data[container.SIZE : _FIXED]
    if one < 16 or one & 7 > 4 or two >= 8 * len(_INTERPOLATIONS) or three > 63:
        raise BitstreamError("This file is damaged: its header holds impossible values.")
    layout = Layout(
        height=height,
        width=width,
        block=(one >> 4) + 1,
        multiple=(two & 7) + 1,
        step=three + 1,
        bits=one & 7,
        interpolate=_INTERPOLATIONS[two >> 3],
        texture=bool(one & 8),
    )
    body, cut = data[_FIXED : -container.SEAL], 0
    if layout.bits:
        if len(body) < 4:
            raise BitstreamError("This file is damaged or cut off.")
        cut = 4 + int.from_bytes(body[1:4])
        if cut > len(body):
            raise BitstreamError("This file is damaged: one of its parts is longer than the file.")
    means = SymbolDecoder(body[cut:])
    luma = _rebuild(means, (1, *layout.luma_shape), layout.step, 128, 255, shifts >> 4)[0]
    chroma = _rebuild(means, (2, *layout.chroma_shape), layout.step, 128, 255, shifts & 15)
    dispersion = _read_dispersion(body[:cut], layout.luma_shape, layout.bits) if layout.bits else None
    return Planes(layout, luma, chroma, dispersion, len(body) - cut, cut)


_Coded = tuple[Symbols, Classes, int, int]
"""Symbols that are coded together, their classes, and the least and the greatest that are possible."""


def _parts(prediction: Flat, step: int, top: int) -> Iterator[tuple[NDArray[np.intp] | slice, int, int]]:
    """Yield points of a visit that are coded together, and the least and the greatest of their symbols.

    Where there are few values, what lies outside of them is too much to leave possible.
    """
    if top == 255:
        yield slice(None), -(top // step + 1), top // step + 1
    else:
        for value in np.unique(prediction).tolist():
            yield np.flatnonzero(prediction == value), -value, top - value


def _describe(values: Plane, step: int, middle: int, top: int) -> tuple[list[_Coded], Plane]:
    """Quantise planes of 0 to `top`: return the symbols for each visit, and the planes that they give."""
    visits: list[_Coded] = []

    def visit(grids: list[Where], prediction: Flat, classes: Classes, finer: int) -> Flat:
        error = pyramid.flat([values[where] for where in grids]) - prediction
        # Rounded at 0.6 of a step: what is dropped costs little and saves much.
        symbols = np.sign(error) * ((np.abs(error) + finer * 2 // 5) // finer)
        for where, low, high in _parts(prediction, finer, top):
            visits.append((symbols[where], classes[where], low, high))
        return np.asarray(symbols, np.int32)

    settled = pyramid.traverse(values.shape, step, middle, top, visit)
    return visits, settled


def _put(encoder: SymbolEncoder, visits: list[_Coded]) -> int:
    """Encode visits with the models that suit them best; return which, 0 to 15."""
    lengths = np.zeros(len(_SHIFTED), np.int64)
    for symbols, classes, low, high in visits:
        columns = high - low + 1
        pairs = classes.astype(np.intp) * columns + symbols - low
        lengths += _shifted_costs(low, high) @ np.bincount(pairs, minlength=CLASSES * columns)
    best = int(lengths.argmin())
    for symbols, classes, low, high in visits:
        encoder.put(symbols, _SHIFTED[best][classes], low, high)
    return best


@cache
def _shifted_costs(low: int, high: int) -> NDArray[np.int64]:
    """Return the length of each pair of class and symbol, for each shift: (16, CLASSES × symbols)."""
    return np.stack([costs(low, high)[models].ravel() for models in _SHIFTED])


def _rebuild(
    decoder: SymbolDecoder, shape: tuple[int, int, int], step: int, middle: int, top: int, shift: int
) -> Grid:
    def visit(grids: list[Where], prediction: Flat, classes: Classes, finer: int) -> Flat:
        models, symbols = _SHIFTED[shift][classes], np.empty_like(prediction)
        for where, low, high in _parts(prediction, finer, top):
            symbols[where] = decoder.take(models[where], low, high)
        return symbols

    return np.asarray(pyramid.traverse(shape, step, middle, top, visit), np.uint8)


def _write_dispersion(levels: Grid, bits: int) -> bytes:
    """Code levels of 0 to 2**bits − 1 without loss."""
    most = (1 << bits) - 1
    encoder = SymbolEncoder()
    models = _put(encoder, _describe(levels[None].astype(np.int32), 1, most // 2, most)[0])
    coded = encoder.finish()
    return bytes([models]) + len(coded).to_bytes(3) + coded


def _read_dispersion(section: bytes, shape: tuple[int, int], bits: int) -> Grid:
    most = (1 << bits) - 1
    levels = _rebuild(SymbolDecoder(section[4:]), (1, *shape), 1, most // 2, most, section[0] & 15)
    return np.asarray(levels[0])
