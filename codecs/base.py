"""What a codec is: an id, declared options, a rate ladder, and pixels -> bytes -> pixels."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keepsight.codecs.guide import Guide
from keepsight.codecs.options import Options
from keepsight.codecs.spending import Spent

Pixels = NDArray[np.uint8]
"""An image: (H, W, 3) uint8, sRGB, row by row from the top left."""

MAX_PIXELS = 100_000_000
"""The largest image that is encoded or decoded, in pixels."""


class BitstreamError(ValueError):
    """The bytes are not a readable file of this codec. The message is a sentence for the user."""


class EncodeError(ValueError):
    """These pixels cannot be stored with these options. The message is a sentence for the user."""


def check_declared_size(height: int, width: int) -> None:
    """Raise `BitstreamError` unless a size read from a file may be allocated."""
    if height < 1 or width < 1:
        raise BitstreamError(f"The file declares an empty image ({width} × {height}).")
    if height * width > MAX_PIXELS:
        raise BitstreamError(
            f"The file declares {width} × {height} pixels; the limit is {MAX_PIXELS // 1_000_000} megapixels."
        )


@dataclass(frozen=True, eq=False)
class Part:
    """A plane that a file holds beside or instead of pixels, to look at."""

    label: str
    values: NDArray[np.uint8]
    """(h, w) numbers from 0 to `top`, or (h, w, 3) sRGB."""
    bytes: int
    """Length of this part in the file."""
    top: int = 255
    """The largest value that there can be: all pictures of such a part have one scale."""
    unit: str = ""


class Codec(ABC):
    """One compressor. A subclass in a module of this folder is found by the registry by itself."""

    id: str
    """Permanent name on the command line, in files and in stored rows: lower case, digits and hyphens."""
    label: str
    """Name that people read."""
    colour: str
    """Accent "#rrggbb", the same in pane, curve and table (Okabe-Ito palette)."""
    suffix: str
    """File name extension with its dot."""
    version: int = 1
    """Raised when the same options give other bytes, so that stored rows are not mixed."""
    options: type[Options]
    """The declared options; `options()` is the default setting."""
    rate_option: str | None = None
    """The option that moves the rate; None where there is one rate only (lossless)."""
    ladder_values: Sequence[float] = ()
    """Values of `rate_option` for a sweep, from the smallest file to the largest."""
    fine: bool = True
    """Whether the top of the ladder comes near the original; False for what is coarse by design."""
    max_side: int = MAX_PIXELS
    """The longest side that the format and its libraries take, in pixels."""
    tag: bytes = b""
    """One permanent letter for this codec inside Keepsight's own files; none is given to codecs of others."""
    standard: bool = False
    """Whether it is a format that other programs read: those are what everything else is compared with."""
    guided: bool = False
    """Whether `encode` asks the guide: then the file depends on it."""
    searches: bool = False
    """Whether `encode` asks it about candidates, too: then it should be a `keepsight.codecs.guide.Critic`."""

    @abstractmethod
    def encode(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> bytes:
        """Compress `pixels`; the length of the result is the rate. Deterministic.

        A guided codec asks `guide` what matters in this image; without one it looks at the image alone.
        Raises `EncodeError` where the format cannot hold the image (too large, say).
        """

    @abstractmethod
    def decode(self, data: bytes) -> Pixels:
        """Rebuild the pixels from the bytes alone. Raises `BitstreamError` on anything unreadable."""

    def parts(self, data: bytes) -> Sequence[Part]:
        """Return what planes a file of this codec is made of, where that is of use to see.

        Raises `BitstreamError`.
        """
        return ()

    def share_inside(self, data: bytes, inside: NDArray[np.bool_]) -> float | None:
        """Return the share of the file's coded blocks that were spent `inside`, (H, W), in [0, 1].

        None where `spent` is. Raises `BitstreamError`.
        """
        told = self.spent(data)
        return told.share_inside(inside) if told else None

    def spent(self, data: bytes) -> Spent | None:
        """Return where in the image the bits of a file went.

        Counted, never guessed: None where a file of this codec does not tell. Raises `BitstreamError`.
        """
        return None

    @abstractmethod
    def recognises(self, data: bytes) -> bool:
        """Whether the file begins like one of this codec's."""

    def ladder(self, options: Options | None = None) -> list[Options]:
        """Settings of the default rate sweep, smallest file first, other options as in `options`."""
        base = options or self.options()
        if self.rate_option is None:
            return [base]
        return [base.replace(**{self.rate_option: value}) for value in self.ladder_values]

    def encodable(self, pixels: Pixels) -> Pixels:
        """Return the image row by row in memory, as the libraries want it.

        Raises `EncodeError` if it is empty, or larger than the format or Keepsight takes.
        """
        height, width = pixels.shape[:2]
        if height < 1 or width < 1:
            raise EncodeError("An image without pixels cannot be stored.")
        if max(height, width) > self.max_side:
            raise EncodeError(
                f"{self.label} holds at most {self.max_side} pixels a side; this image has "
                f"{width} × {height}. Scale it down or choose another codec."
            )
        if height * width > MAX_PIXELS:
            raise EncodeError(
                f"This image has {width} × {height} pixels; the limit is {MAX_PIXELS // 1_000_000} "
                "megapixels. Scale it down."
            )
        return np.ascontiguousarray(pixels)
