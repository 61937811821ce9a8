"""Restore: fewer pixels to code, if wished, and a network at the decoder that mends what is lost."""

from keepsight.codecs.base import BitstreamError, Pixels
from keepsight.codecs.guide import Guide
from keepsight.codecs.options import Options, option
from keepsight.codecs.prefilters.base import Resizer
from keepsight.codecs.restoration import MOST, resized, restored

_NETWORK = 1
"""In files: the network that mends. Another one gets another number."""


class RestoreOptions(Options):
    """Options of the restoration."""

    factor: float = option(
        1.0,
        "Factor",
        "How many times smaller each side gets before it is coded.",
        low=1,
        high=int(MOST * 20) / 20,
        step=0.05,
        log=True,
    )


class Restore(Resizer):
    """Restore."""

    id = "restore"
    label = "Restore"
    tag = b"R"
    options = RestoreOptions
    excludes = frozenset({"restore", "downscale", "keep"})
    why_excluded = "It brings the image to its size and mends it already; Keep has the same network inside."

    def apply(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> Pixels:
        """Return the image antialiased (Lanczos over the area of each new pixel) at the smaller size."""
        assert isinstance(options, RestoreOptions)
        return resized(pixels, *(max(1, round(side / options.factor)) for side in pixels.shape[:2]))

    def note(self, options: Options) -> int:
        """See `Resizer.note`."""
        return _NETWORK

    def undo(self, pixels: Pixels, height: int, width: int, note: int) -> Pixels:
        """See `Resizer.undo`; see `restored` for what is mended."""
        if note != _NETWORK:
            raise BitstreamError("This file names a network that is not known here. Update Keepsight.")
        return restored(pixels, height, width)
