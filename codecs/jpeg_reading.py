"""A JPEG's quantised coefficients as they stand in the file (ITU-T T.81): no pixel is rebuilt."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import jpeglib
import numpy as np
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
        jpeg = jpeglib.read_dct(name)
        check_declared_size(jpeg.height, jpeg.width)
        planes = [plane for plane in (jpeg.Y, jpeg.Cb, jpeg.Cr) if plane is not None]
        if len(planes) not in (1, 3) or jpeg.num_components != len(planes):
            raise BitstreamError("This JPEG file holds neither a grey nor a YCbCr image.")
        levels = [plane.reshape(*plane.shape[:2], 64) for plane in planes]
        slots = jpeg.quant_tbl_no
        tables = np.stack([jpeg.qt[slots[0]], jpeg.qt[slots[-1]]]).reshape(2, 64).astype(np.int32)
    chroma = (levels[1], levels[2]) if len(levels) == 3 else None
    return Coefficients(jpeg.height, jpeg.width, levels[0], chroma, tables)


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
