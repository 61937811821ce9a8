"""From the planes of a compressed file to what a classifier that reads files takes. No torch, no pixels."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

FileKind = Literal["jpeg", "block-average"]
"""The codecs whose files can be read, by their ids."""
Reads = Literal["pixels"] | FileKind
"""What a classifier looks at: decoded pixels, or the planes of a file of that codec."""

Inputs = NDArray[np.integer[Any]]
"""What is classified: images (n, crop, crop, 3) uint8, or packed files (n, LENGTHS[reads]) int16."""

SIDE = 224
"""Of the images whose files are read, pixels."""
BLOCKS = SIDE // 8
"""8 × 8 blocks of luma along a side."""
GRID = SIDE // 2
"""Points along a side of the grid that all block sizes are brought to: that of the smallest blocks."""

LENGTHS: dict[FileKind, int] = {
    "jpeg": 64 * (BLOCKS**2 + 2 * (BLOCKS // 2) ** 2) + 128,
    "block-average": 2 * GRID**2 + 2 * (GRID // 2) ** 2 + 4,
}
"""Numbers that stand for a file, by what is read."""


def _halving() -> NDArray[np.float32]:
    """Return what turns the coefficients of two neighbours on a line into those of pairs' means, (8, 16)."""
    k, x = np.mgrid[:8, :8]
    line = np.cos((2 * x + 1) * k * np.pi / 16) * np.where(k == 0, np.sqrt(1 / 8), 1 / 2)
    pairs = np.kron(np.eye(8), [0.5, 0.5])
    return np.asarray(line @ pairs @ np.kron(np.eye(2), line.T), np.float32)


_HALVING = _halving()


def pack_jpeg(
    luma: NDArray[np.int16],
    chroma: tuple[NDArray[np.int16], NDArray[np.int16]] | None,
    tables: NDArray[np.int32],
) -> NDArray[np.int16]:
    """Return the dequantised coefficients, blocks of luma, of Cb and of Cr, and the two tables: (n,) int16.

    Chroma that is finer than 4:2:0 is brought to half of luma's sides on the coefficients themselves (exact
    for means of pairs of pixels; Dugad and Ahuja 2001). A grey file has zeros there.

    Args:
        luma: Quantised levels, (28, 28, 64).
        chroma: The same of Cb and Cr, each (28 or 14, 28 or 14, 64); None for a grey file.
        tables: (2, 64): quantisation steps of luma and chroma.
    """
    packed = np.zeros(LENGTHS["jpeg"], np.int16)
    end = 64 * BLOCKS**2
    packed[:end] = _dequantised(luma, tables[0]).ravel()
    for plane in chroma or ():
        values: NDArray[Any] = _dequantised(plane, tables[1])
        if values.shape[:2] != (BLOCKS // 2, BLOCKS // 2):
            values = np.rint(_halved(_halved(values, 0), 1))
        packed[end : end + values.size] = values.ravel()
        end += values.size
    packed[-128:] = tables.ravel().clip(1, 4096)
    return packed


def _dequantised(levels: NDArray[np.int16], table: NDArray[np.int32]) -> NDArray[np.int16]:
    """Return the levels times their steps, held at the ends of int16 where a strange file has more."""
    import cv2  # here, because cards are found without it

    flat = levels.reshape(-1, 64)
    steps = np.tile(table.clip(1, 4096).astype(np.int16), (len(flat), 1))
    return np.asarray(cv2.multiply(flat, steps), np.int16).reshape(levels.shape)


def _halved(plane: NDArray[Any], axis: int) -> NDArray[Any]:
    """Halve a plane of blocks, (rows, columns, 64), along one axis unless it is short already."""
    if plane.shape[axis] == BLOCKS // 2:
        return plane
    rows, columns = plane.shape[:2]
    blocks = plane.reshape(rows, columns, 8, 8).astype(np.float32)
    if axis == 0:
        tall = blocks.reshape(rows // 2, 2, columns, 8, 8).swapaxes(1, 2).reshape(-1, 16, 8)
        return (_HALVING @ tall).reshape(rows // 2, columns, 64)
    wide = blocks.reshape(rows, columns // 2, 2, 8, 8).swapaxes(2, 3).reshape(-1, 8, 16)
    return (wide @ _HALVING.T).reshape(rows, columns // 2, 64)


def pack_block_average(
    luma: NDArray[np.uint8],
    chroma: NDArray[np.uint8],
    sigma: NDArray[np.uint8] | None,
    block: int,
    chroma_block: int,
    step: int,
) -> NDArray[np.int16]:
    """Return the planes on one grid, then block sizes, step and whether there is sigma: (n,) int16.

    Args:
        luma: Means of Y, (h, w), of blocks of a 224 × 224 image.
        chroma: Means of Cb and Cr, (2, h', w').
        sigma: Standard deviation of Y in each block, (h, w), grey levels; None without.
        block: Side of a luma block, pixels.
        chroma_block: Side of a chroma block, pixels.
        step: Of the quantiser of the means, grey levels.
    """
    spread = np.zeros_like(luma) if sigma is None else sigma
    planes: Sequence[NDArray[np.uint8]] = [
        _on_grid(luma, block, GRID),
        _on_grid(spread, block, GRID),
        _on_grid(chroma[0], chroma_block, GRID // 2),
        _on_grid(chroma[1], chroma_block, GRID // 2),
    ]
    about = [block, chroma_block, step, sigma is not None]
    return np.concatenate([*(plane.ravel() for plane in planes), about]).astype(np.int16)


def _on_grid(plane: NDArray[np.uint8], block: int, side: int) -> NDArray[np.uint8]:
    """Bring a plane of blocks to a grid of points; the last blocks may reach over the image's edge."""
    if plane.shape == (side, side):
        return plane
    import cv2  # here, because cards are found without it

    scale = SIDE / side / block
    place = np.array([[scale, 0, scale / 2 - 0.5], [0, scale, scale / 2 - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(plane, place, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
