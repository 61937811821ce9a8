"""Region of interest in an encoder: the part of the image that matters, with a soft edge."""

from typing import Any

import cv2
import numpy as np

from keepsight.codecs.base import Pixels
from keepsight.codecs.guide import Guide, Map, importance
from keepsight.codecs.options import option


def threshold_option() -> Any:
    """Declare the option `threshold` of a guided codec or prefilter."""
    return option(
        0.3, "Threshold", "What matters at least this much, as a share of the most, is kept.", low=0, high=1
    )


def feather_option() -> Any:
    """Declare the option `feather` of a guided codec or prefilter."""
    return option(
        5.0, "Feather", "Width of the soft edge, in percent of the longer side.", low=0, high=50, step=0.5
    )


def soft_mask(pixels: Pixels, guide: Guide | None, threshold: float, feather: float) -> Map:
    """Return (H, W) in [0, 1]: 1 inside the region, falling to 0 over the feather around it.

    The region is where the importance reaches `threshold`, a share of its maximum: everything at 0, and
    nothing (zeros) where the map has no maximum. `feather` is in percent of the longer side.
    """
    values = importance(pixels, guide)
    inside = (values >= np.float32(threshold)) & bool(values.any())
    reach = np.float32(max(values.shape) * feather / 100)
    if not inside.any() or inside.all() or reach <= 1:  # the nearest pixel outside is at distance 1
        return inside.astype(np.float32)
    distance = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray((1 - distance / reach).clip(0, 1), np.float32)
