"""Block averages: the mean of each block, how different its pixels were, and a picture made of both."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from keepsight.codecs import block_stream, container
from keepsight.codecs.base import Codec, Part, Pixels
from keepsight.codecs.block_stream import Grid, Interpolation, Layout, Planes
from keepsight.codecs.guide import Guide
from keepsight.codecs.options import Options, option

Sums = NDArray[np.int64]
_Number = TypeVar("_Number", np.uint8, np.int64)

_METHODS = {"flat": cv2.INTER_NEAREST, "linear": cv2.INTER_LINEAR_EXACT, "cubic": cv2.INTER_CUBIC}

# BT.601 as in JFIF, in 1/65536: what R, G and B give to Y, Cb and Cr.
_YCC = np.array([(19595, 38470, 7471), (-11059, -21709, 32768), (32768, -27439, -5329)], np.int64)


class BlockAverageOptions(Options):
    """Options of block averages."""

    block: int = option(3, "Block", "Side of the luma blocks, in pixels; smaller keeps more.", low=2, high=16)
    chroma: int = option(2, "Chroma block", "Side of the chroma blocks, in luma blocks.", low=1, high=8)
    step: int = option(
        16, "Step", "How coarsely the means are kept, in grey levels; smaller keeps more.", low=1, high=64
    )
    dispersion: int = option(
        0,
        "Dispersion",
        "Bits that say how different the pixels of a block were; 0 leaves it out.",
        low=0,
        high=4,
    )
    texture: bool = option(
        False, "Texture", "Restore a texture of the stored dispersion, by noise that is always the same."
    )
    interpolate: Interpolation = option(
        "linear", "Interpolate", "How the decoder goes from mean to mean; flat shows the blocks."
    )


class BlockAverage(Codec):
    """Block averages."""

    id = "block-average"
    label = "Block average"
    colour = "#0072B2"
    suffix = ".kba"
    tag = block_stream.TAG
    options = BlockAverageOptions
    max_side = container.MAX_SIDE
    rate_option = "block"
    fine = False
    ladder_values = (16, 12, 10, 8, 6, 5, 4, 3, 2)

    def encode(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> bytes:
        """See `Codec.encode`."""
        assert isinstance(options, BlockAverageOptions)
        return block_stream.write(*_measured(self.encodable(pixels), options))

    def decode(self, data: bytes) -> Pixels:
        """See `Codec.decode`."""
        return picture(block_stream.planes(data))

    def parts(self, data: bytes) -> Sequence[Part]:
        """Return the means, in colour, and how different the pixels of each block were."""
        planes = block_stream.planes(data)
        height, width = planes.luma.shape
        one_each = replace(
            planes.layout, height=height, width=width, block=1, interpolate="flat", texture=False
        )
        means = picture(replace(planes, layout=one_each))
        parts = [Part("Means", means, planes.means_bytes)]
        if planes.sigma is not None:
            top = block_stream.SIGMAS[-1]
            parts.append(Part("Dispersion", planes.sigma, planes.dispersion_bytes, top, "grey levels"))
        return parts

    def recognises(self, data: bytes) -> bool:
        """See `Codec.recognises`."""
        return container.is_tagged(data, self.tag)


def planes_of(pixels: Pixels, options: BlockAverageOptions) -> Planes:
    """Return what the file of an image would hold, without making it; what its parts cost is left at 0."""
    layout, luma, chroma, dispersion = _measured(pixels, options)
    luma = block_stream.quantised(luma[None], layout.step)[0]
    return Planes(layout, luma, block_stream.quantised(chroma, layout.step), dispersion, 0, 0)


def picture(planes: Planes) -> Pixels:
    """Return the pixels that planes stand for."""
    layout = planes.layout
    luma = _magnify(planes.luma, layout.block, layout)
    if planes.sigma is not None and layout.texture:
        luma = _textured(luma, planes, planes.sigma)
    cb, cr = (_magnify(plane, layout.block * layout.multiple, layout) for plane in planes.chroma)
    return np.asarray(cv2.cvtColor(cv2.merge([luma, cr, cb]), cv2.COLOR_YCrCb2RGB), np.uint8)


def _measured(pixels: Pixels, options: BlockAverageOptions) -> tuple[Layout, Grid, Grid, Grid | None]:
    """Return the layout, the exact means of luma and chroma, and the level of each block's dispersion."""
    layout = Layout(
        height=pixels.shape[0],
        width=pixels.shape[1],
        block=options.block,
        multiple=options.chroma,
        step=options.step,
        bits=options.dispersion,
        interpolate=options.interpolate,
        texture=options.texture,
    )
    padded = _whole_blocks(pixels, options.block)
    sums = _block_sums(padded, options.block)
    luma = _means(sums, _YCC[:1], options.block**2)[..., 0]
    chroma_sums = _block_sums(_whole_blocks(sums, options.chroma), options.chroma)
    chroma = _means(chroma_sums, _YCC[1:], (options.block * options.chroma) ** 2)
    dispersion = None
    if options.dispersion:
        dispersion = block_stream.levels_of(_variance(padded, options.block), options.dispersion)
    return layout, luma, chroma.transpose(2, 0, 1), dispersion


def _whole_blocks(values: NDArray[_Number], side: int) -> NDArray[_Number]:
    """Repeat the last row and column until blocks of that side fill the image."""
    height, width = values.shape[:2]
    if height % side == 0 and width % side == 0:
        return values
    return np.pad(values, ((0, -height % side), (0, -width % side), (0, 0)), mode="edge")


def _block_sums(values: NDArray[Any], side: int) -> Sums:
    """Return the sum of each block of each channel: (H, W, C) -> (H / side, W / side, C)."""
    rows = values[::side].astype(np.int64)
    for row in range(1, side):
        rows += values[row::side]
    sums = rows[:, ::side].copy()
    for column in range(1, side):
        sums += rows[:, column::side]
    return sums


def _means(sums: Sums, colours: Sums, area: int) -> Grid:
    """Return the rounded means of Y, or of Cb and Cr, from sums of R, G and B over blocks of that area."""
    offset = 0 if len(colours) == 1 else 128
    means = (sums @ colours.T + (area << 15)) // (area << 16) + offset
    return means.clip(0, 255).astype(np.uint8)


def _variance(padded: Pixels, side: int) -> Sums:
    """Return four times the variance of luma in each block, rounded down."""
    luma = cv2.cvtColor(padded, cv2.COLOR_RGB2GRAY).astype(np.int64)[..., None]
    area = side * side
    sums, squares = _block_sums(luma, side)[..., 0], _block_sums(luma * luma, side)[..., 0]
    return 4 * (area * squares - sums * sums) // (area * area)


def _magnify(grid: Grid, side: int, layout: Layout) -> Grid:
    """Return a plane at the size of the image."""
    size = (grid.shape[1] * side, grid.shape[0] * side)
    plane = cv2.resize(grid, size, interpolation=_METHODS[layout.interpolate])
    return np.asarray(plane[: layout.height, : layout.width], np.uint8)


def _textured(luma: Grid, planes: Planes, sigma: Grid) -> Grid:
    """Add noise where the blocks varied more than the means around them do."""
    layout = planes.layout
    variance = sigma.astype(np.int64) ** 2
    if layout.interpolate != "flat":
        variance -= block_stream.ramp_variance(planes.luma) // 4
    missing = np.rint(np.sqrt(variance.clip(0))).astype(np.uint8)
    strength = cv2.resize(
        missing,
        (missing.shape[1] * layout.block, missing.shape[0] * layout.block),
        interpolation=cv2.INTER_NEAREST,
    )[: layout.height, : layout.width]
    repeats = -(-layout.height // len(_NOISE)), -(-layout.width // len(_NOISE))
    noise = np.tile(_NOISE, repeats)[: layout.height, : layout.width]
    added = cv2.multiply(noise, strength, scale=1 / 64, dtype=cv2.CV_16S)
    return np.asarray(cv2.add(luma, added, dtype=cv2.CV_8U), np.uint8)


def _noise(side: int = 256) -> NDArray[np.int16]:
    """Return a square of noise that every machine makes alike: sums of four bytes, its deviation 64."""
    raw = np.random.PCG64(0).random_raw(side * side // 2).view(np.uint8).reshape(side, side, 4)
    return np.asarray((raw.astype(np.int32).sum(axis=2) - 510) * 64 // 148, np.int16)


_NOISE = _noise()
