"""What the readers of several formats share: errors, boxes, and samples of any kind to 8-bit RGB."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keepsight.codecs.base import BitstreamError, Pixels

Samples = NDArray[Any]
"""A decoded image as a library gives it, of integers or floating-point numbers.

(H, W) or (H, W, C): grey, grey + alpha, RGB or RGBA."""


# What Pillow and imagecodecs (RuntimeError, ValueError) raise on broken files.
_BROKEN = (
    ArithmeticError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)


@contextmanager
def bitstream_errors(label: str) -> Iterator[None]:
    """Turn whatever a library raises on bad bytes into `BitstreamError`."""
    try:
        yield
    except BitstreamError:
        raise
    except MemoryError:
        raise BitstreamError(f"There is too little memory to open this {label} file.") from None
    except _BROKEN as error:
        raise BitstreamError(f"This {label} file is damaged or cut off.") from error


def boxes(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield (type, payload) of each top-level box of an ISO base media file (ISO/IEC 14496-12, 4.2).

    Raises `BitstreamError` where a box is longer than the file.
    """
    view = memoryview(data)
    while view:
        size, start = int.from_bytes(view[:4]), 8
        if size == 1:
            size, start = int.from_bytes(view[8:16]), 16
        elif size == 0:  # up to the end of the file
            size = len(view)
        if not start <= size <= len(view):
            raise BitstreamError("This file is damaged or cut off: one of its parts is longer than the file.")
        yield bytes(view[4:8]), view[start:size]
        view = view[size:]


def to_rgb(samples: Samples, bits: int = 8) -> Pixels:
    """Return samples as (H, W, 3) uint8: scaled to 8 bits, grey repeated, alpha flattened on white.

    `bits` is the depth of integer samples, 1 to 16; floating-point ones are in [0, 1]. Raises
    `BitstreamError` for kinds of image that have no 8-bit RGB form.
    """
    shape = samples.shape if samples.ndim == 3 else (*samples.shape, 1)
    if len(shape) != 3 or not 1 <= shape[2] <= 4 or not 1 <= bits <= 16:
        raise BitstreamError("This file holds neither a grey nor an RGB image of up to 16 bits.")
    eight = _to_8_bits(samples, bits).reshape(shape)
    has_alpha = shape[2] % 2 == 0
    colour = eight[..., :-1] if has_alpha else eight
    if has_alpha:
        alpha = eight[..., -1:].astype(np.uint16)
        colour = (255 - (alpha * (255 - colour) + 127) // 255).astype(np.uint8)
    rgb: Pixels = colour if colour.shape[2] == 3 else np.repeat(colour, 3, axis=2)
    return rgb


def _to_8_bits(samples: Samples, bits: int) -> Pixels:
    if samples.dtype.kind == "f":
        return np.asarray(np.rint(np.nan_to_num(samples).clip(0, 1) * 255), dtype=np.uint8)
    if samples.dtype == np.uint8 and bits == 8:
        return samples
    largest = 2**bits - 1
    table: Pixels = np.rint(np.arange(2**16).clip(0, largest) * (255 / largest)).astype(np.uint8)
    return table[samples]
