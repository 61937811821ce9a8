"""ROI background: what lies outside the region of interest is made cheap, with a soft edge."""

from collections.abc import Callable
from typing import Literal

import numpy as np

from keepsight.codecs.base import Pixels
from keepsight.codecs.guide import Guide
from keepsight.codecs.options import Options, option
from keepsight.codecs.prefilters.base import Prefilter
from keepsight.codecs.prefilters.blur import blurred
from keepsight.codecs.prefilters.colour import desaturated
from keepsight.codecs.prefilters.pixelate import block_means
from keepsight.codecs.roi import feather_option, soft_mask, threshold_option

Mode = Literal["blur", "flatten", "desaturate", "quantise", "remove"]

_BLOCK = 8
"""Pixels: the transform block of JPEG, so that a flattened one costs a DC coefficient alone."""


class RoiBackgroundOptions(Options):
    """Options of the ROI background."""

    mode: Mode = option(
        "blur",
        "Background",
        "blur, flatten 8 × 8 blocks to their means, desaturate, quantise to fewer values, or one colour.",
    )
    strength: int = option(
        50, "Strength", "How much: of the blur, the lost colour or the coarser values.", low=1, high=100
    )
    threshold: float = threshold_option()
    feather: float = feather_option()


class RoiBackground(Prefilter):
    """ROI background."""

    id = "roi-background"
    label = "ROI background"
    options = RoiBackgroundOptions
    guided = True

    def apply(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> Pixels:
        """See `Prefilter.apply`."""
        assert isinstance(options, RoiBackgroundOptions)
        mask = soft_mask(pixels, guide, options.threshold, options.feather)
        # Whole numbers, so that a rounding of the last bit does not move a pixel.
        inside = np.rint(mask * 256).astype(np.uint16)[..., None]
        background = _MODES[options.mode](pixels, options.strength)
        return ((pixels * inside + background * (256 - inside) + 128) >> 8).astype(np.uint8)


def _blur(pixels: Pixels, strength: int) -> Pixels:
    # Up to a sigma of 1/25 of the longer side: nothing but broad patches of colour is left.
    return blurred(pixels, max(0.1, strength / 100 * max(pixels.shape[:2]) / 25))


def _flatten(pixels: Pixels, strength: int) -> Pixels:
    return block_means(pixels, _BLOCK)


def _desaturate(pixels: Pixels, strength: int) -> Pixels:
    return desaturated(pixels, 100 - strength)


def _quantise(pixels: Pixels, strength: int) -> Pixels:
    step = 2 + strength * 126 // 100
    values = np.arange(256) // step * step + step // 2
    table: Pixels = values.clip(0, 255).astype(np.uint8)
    return table[pixels]


def _remove(pixels: Pixels, strength: int) -> Pixels:
    mean = pixels.reshape(-1, 3).sum(0, dtype=np.int64) // (pixels.shape[0] * pixels.shape[1])
    return np.broadcast_to(mean.astype(np.uint8), pixels.shape)


_MODES: dict[Mode, Callable[[Pixels, int], Pixels]] = {
    "blur": _blur,
    "flatten": _flatten,
    "desaturate": _desaturate,
    "quantise": _quantise,
    "remove": _remove,
}
