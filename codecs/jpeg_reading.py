"""A JPEG's quantised coefficients as they stand in the file (ITU-T T.81): no pixel is rebuilt."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jpeglib._bind import CJpegLib
from jpeglib._jpeg import MAX_MARKER
from numpy.typing import NDArray

from keepsight.codecs.base import BitstreamError, check_declared_size
from keepsight.codecs.reading import bitstream_errors

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
    with bitstream_errors("JPEG"), _named(data) as name:
        height, width, blocks = _frame(name)
        check_declared_size(height, width)
        if len(blocks) not in (1, 3):
            raise BitstreamError("This JPEG file holds neither a grey nor a YCbCr image.")
        planes = [np.zeros((*shape, 64), np.int16) for shape in blocks]
        steps, slots = np.zeros((4, 64), np.uint16), np.zeros(4, np.int16)
        pointers = [np.ctypeslib.as_ctypes(one) for one in planes]
        CJpegLib.read_jpeg_dct(
            name,
            *(pointers if len(planes) == 3 else [*pointers, None, None]),
            K=None,
            qt=np.ctypeslib.as_ctypes(steps),
            quant_tbl_no=np.ctypeslib.as_ctypes(slots),
        )
        tables = steps[[slots[0], slots[len(planes) - 1]]].astype(np.int32)
    return Coefficients(height, width, planes[0], (planes[1], planes[2]) if planes[1:] else None, tables)


def _frame(name: str) -> tuple[int, int, list[tuple[int, int]]]:
    """Return height, width, and rows and columns of blocks of each component. Raises `OSError`.

    By jpeglib's own binding, as what follows: its public face does the same, but spends most of the time on
    codes and marks that are not asked for, and on a copy of the file.
    """
    numbers = {
        field: np.zeros(count, kind)
        for field, count, kind in (
            ("block_dims", 8, np.int32),
            ("image_dims", 2, np.int32),
            ("num_components", 1, np.int32),
            ("samp_factor", 8, np.int32),
            ("jpeg_color_space", 2, np.int32),
            ("marker_lengths", MAX_MARKER, np.int32),
            ("marker_types", MAX_MARKER, np.uint32),
            ("huffman_bits", 2 * 4 * 17, np.int16),
            ("huffman_values", 2 * 4 * 256, np.int16),
            ("num_scans", 1, np.int32),
            ("flags", 1, np.uint64),
        )
    }
    CJpegLib.read_jpeg_info(name, **{field: np.ctypeslib.as_ctypes(one) for field, one in numbers.items()})
    height, width = numbers["image_dims"].tolist()
    blocks = numbers["block_dims"].reshape(4, 2)[: int(numbers["num_components"][0])]
    return height, width, [(rows, columns) for rows, columns in blocks.tolist()]


@contextmanager
def _named(data: bytes) -> Iterator[str]:
    """Give the bytes a file name: jpeglib reads files only. In memory, where the system can."""
    if hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("keepsight"), "wb") as file:
            file.write(data)
            file.flush()
            yield f"/proc/self/fd/{file.fileno()}"
        return
    with tempfile.TemporaryDirectory(prefix="keepsight-") as folder:
        path = Path(folder) / "coded.jpg"
        path.write_bytes(data)
        yield str(path)
