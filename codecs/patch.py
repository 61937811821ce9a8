"""A rectangle of an image that is coded apart: where it lies, and how it is laid over the rest."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keepsight.codecs.base import BitstreamError, Pixels

NOTE = 5
"""Length of a note in bytes."""
_PARTS = 255
"""Steps of a side in which a note tells where the rectangle begins and ends."""
_SUPPORT = 3
"""How far the decoder's upsampling reaches, in pixels of the small image."""


@dataclass(frozen=True)
class Patch:
    """Rows `top` to `bottom`, columns `left` to `right`, without the last; a ramp of `ramp` pixels inside."""

    top: int
    bottom: int
    left: int
    right: int
    ramp: int

    @classmethod
    def read(cls, note: bytes, height: int, width: int) -> "Patch":
        """Return the patch of a note on an image of that size. Raises `BitstreamError`."""
        left, top, right, bottom, feather = note
        if any(note[:4]) and (left >= right or top >= bottom):
            raise BitstreamError("This file is damaged: its rectangle ends before it begins. Get it anew.")
        return cls(
            height * top // _PARTS,
            -(-height * bottom // _PARTS),
            width * left // _PARTS,
            -(-width * right // _PARTS),
            max(height, width) * feather // 256,
        )

    @property
    def empty(self) -> bool:
        """Whether there is nothing to lay over."""
        return self.bottom == 0

    def covers(self, height: int, width: int) -> bool:
        """Whether nothing of the image is seen beside the patch."""
        return (self.top, self.bottom, self.left, self.right) == (0, height, 0, width)

    def cut(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """Return the part of an image under the patch, a view."""
        return pixels[self.top : self.bottom, self.left : self.right]

    def lay(self, patch: Pixels, over: Pixels) -> None:
        """Blend `patch` into the image `over`, in whole numbers, so that every machine does the same."""
        weights = np.minimum(
            self._weights(self.top, self.bottom, len(over))[:, None],
            self._weights(self.left, self.right, over.shape[1]),
        )[..., None]
        part = self.cut(over)
        mixed = part * (256 - weights)  # at most 255 * 256, which is of 16 bits
        mixed += patch * weights
        mixed += 128
        mixed >>= 8
        part[:] = mixed

    def _weights(self, start: int, stop: int, side: int) -> NDArray[np.uint16]:
        """Return the weight of each row or column, to 256; there is no ramp at the image's own edge."""
        place = np.arange(start, stop)
        inward = np.full(stop - start, self.ramp + 1)
        if start > 0:
            inward = np.minimum(inward, place - start + 1)
        if stop < side:
            inward = np.minimum(inward, stop - place)
        return np.asarray(256 * inward // (self.ramp + 1), np.uint16)

    def flatten_hidden(self, small: Pixels, height: int, width: int) -> None:
        """Draw plain gradients in the small image of one of that size, where the patch will hide them."""
        top, bottom = self._hidden(self.top, self.bottom, height, len(small))
        left, right = self._hidden(self.left, self.right, width, small.shape[1])
        if top >= bottom or left >= right:
            return
        first = small[top:bottom, max(left - 1, 0), None].astype(np.int64)
        last = small[top:bottom, min(right, small.shape[1] - 1), None].astype(np.int64)
        steps = right - left + 1
        across = np.arange(1, steps)[None, :, None]
        small[top:bottom, left:right] = (first * (steps - across) + last * across) // steps

    def _hidden(self, start: int, stop: int, side: int, small: int) -> tuple[int, int]:
        """Return from where to where a side of the small image is hidden by the patch alone."""
        begin = 0 if start == 0 else -(-(start + self.ramp) * small // side) + _SUPPORT
        end = small if stop == side else (stop - self.ramp) * small // side - _SUPPORT
        return begin, end


def note(inside: NDArray[np.bool_], feather: float) -> bytes:
    """Return the note of the least patch whose full weight is on all that is `inside`, (H, W).

    `feather` is the width of the ramp in percent of the longer side.
    """
    height, width = inside.shape
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    ramp = round(feather * 256 / 100)
    if not rows.size:
        return bytes(NOTE)
    reach = max(height, width) * ramp // 256
    starts = (max(int(columns[0]) - reach, 0), width), (max(int(rows[0]) - reach, 0), height)
    stops = (
        (min(int(columns[-1]) + 1 + reach, width), width),
        (min(int(rows[-1]) + 1 + reach, height), height),
    )
    begins = [place * _PARTS // side for place, side in starts]
    ends = [-(-place * _PARTS // side) for place, side in stops]
    return bytes([*begins, *ends, ramp])
