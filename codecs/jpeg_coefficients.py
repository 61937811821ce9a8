"""The coefficients of a baseline JPEG (ITU-T T.81): from pixels, and into a file that any viewer opens."""

import io
import tempfile
from functools import cache
from pathlib import Path

import cv2
import jpeglib
import numpy as np
from numpy.typing import NDArray
from PIL.JpegImagePlugin import JpegImageFile

from keepsight.codecs.base import EncodeError, Pixels
from keepsight.codecs.guide import Map

SUBSAMPLING = {"4:4:4": (1, 1), "4:2:2": (1, 2), "4:2:0": (2, 2)}
"""How many luma pixels one chroma pixel covers: rows, columns."""
MAX_SIDE = 65500
"""JPEG_MAX_DIMENSION of libjpeg; the format itself ends at 65535."""
UNIT = 16
"""Coefficients are whole numbers of 1/16."""

Plane = NDArray[np.int16]
"""(rows, columns, 64): one row of 64 for each 8 x 8 block, lowest frequency first, row by row (no zigzag)."""
Table = NDArray[np.int32]
"""(64,): quantisation steps, 1 to 255, in the order of a plane's frequencies."""

STRIP_BLOCKS = 1 << 14
"""Blocks that are worked on at a time: a huge photo needs little memory beside the result."""


def _basis() -> NDArray[np.float32]:
    """Return the transform of a whole block as one matrix, (64 pixels, 64 frequencies).

    Its numbers are rounded to 1/8192, so that every product and sum with 8-bit pixels fits into a float32
    exactly: the result does not depend on the order of the sums, which differs from machine to machine.
    """
    k, x = np.mgrid[:8, :8]
    line = np.cos((2 * x + 1) * k * np.pi / 16) * np.where(k == 0, np.sqrt(1 / 8), 1 / 2)
    return np.asarray(np.rint(np.kron(line, line).T * 8192) / 8192, np.float32)


_BASIS = _basis()


def forward(pixels: Pixels, chroma: str) -> tuple[Plane, Plane, Plane]:
    """Return the coefficients of Y, Cb and Cr, not quantised, in units of 1/16. Same on every machine."""
    ycc = cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb)
    down, across = SUBSAMPLING[chroma]
    small = pad(ycc, down, across)
    if (down, across) != (1, 1):
        size = (small.shape[1] // across, small.shape[0] // down)
        small = cv2.resize(small, size, interpolation=cv2.INTER_AREA)
    return _transform(ycc[..., 0]), _transform(small[..., 2]), _transform(small[..., 1])


def _transform(samples: NDArray[np.uint8]) -> Plane:
    padded = pad(samples, 8, 8)
    rows, columns = padded.shape[0] // 8, padded.shape[1] // 8
    plane = np.empty((rows, columns, 64), np.int16)
    step = max(1, STRIP_BLOCKS // columns)
    for row in range(0, rows, step):
        strip = padded[row * 8 : (row + step) * 8]
        blocks = strip.reshape(-1, 8, columns, 8).swapaxes(1, 2).reshape(-1, 64)
        # Not NumPy's product: for its threads, each of these small ones costs more than the work itself.
        values = cv2.gemm(blocks.astype(np.float32) - np.float32(128), _BASIS, UNIT, None, 0)
        plane[row : row + step] = np.rint(values, out=values).reshape(-1, columns, 64)
    return plane


def pad(samples: NDArray[np.uint8], down: int, across: int) -> NDArray[np.uint8]:
    """Repeat the last row and column of (H, W) or (H, W, 3) until these divide the sides."""
    bottom, right = -samples.shape[0] % down, -samples.shape[1] % across
    return np.asarray(cv2.copyMakeBorder(samples, 0, bottom, 0, right, cv2.BORDER_REPLICATE), np.uint8)


def block_means(values: Map, down: int, across: int) -> NDArray[np.uint8]:
    """Return the mean of each `down` x `across` pixels of a map in [0, 1]: (rows, columns), 0 to 255.

    In so few steps, and summed in whole numbers, it is the same on every machine.
    """
    steps = pad(np.rint(values * 255).astype(np.uint8), down, across)
    size = (steps.shape[1] // across, steps.shape[0] // down)
    return np.asarray(cv2.resize(steps, size, interpolation=cv2.INTER_AREA), np.uint8)


@cache
def standard_tables(quality: int) -> tuple[Table, Table]:
    """Return libjpeg's quantisation tables of luma and chroma for a quality of 1 to 100."""
    _, data = cv2.imencode(".jpg", np.zeros((1, 1, 3), np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
    with JpegImageFile(io.BytesIO(bytes(data))) as image:
        luma, chroma = (np.array(image.quantization[slot], np.int32) for slot in (0, 1))
    return luma, chroma


def write(
    levels: tuple[Plane, Plane, Plane], tables: tuple[Table, Table], size: tuple[int, int], chroma: str
) -> bytes:
    """Return the file of quantised coefficients, with Huffman tables fitted to them. Lossless.

    `tables` are those of luma and chroma, `size` is height and width in pixels. Raises `EncodeError`.
    """
    luma, blue, red = (plane.reshape(*plane.shape[:2], 8, 8) for plane in levels)
    steps = np.stack(tables).astype(np.uint16).reshape(2, 8, 8)
    jpeg = jpeglib.from_dct(luma, blue, red, qt=steps)
    jpeg.height, jpeg.width = size
    jpeg.samp_factor = [SUBSAMPLING[chroma], (1, 1), (1, 1)]
    # jpeglib writes files only.
    with tempfile.TemporaryDirectory(prefix="keepsight-") as folder:
        file = Path(folder) / "coefficients.jpg"
        try:
            jpeg.write_dct(str(file), flags=["OPTIMIZE_CODING"])
            return file.read_bytes()
        except OSError:
            raise EncodeError(
                "This image could not be stored as JPEG. Is there room in the folder for temporary files?"
            ) from None
