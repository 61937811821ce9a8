"""Region of interest in an encoder: the part of the image that matters, with a soft edge."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from keepsight.codecs.base import Pixels
from keepsight.codecs.guide import Guide, Map, RegionGuide, importance
from keepsight.codecs.options import Options, option

DEFAULT_THRESHOLD = 0.3

_ROLE = "roi-threshold"
"""Marks the options that `threshold_option` has declared, under whatever name a pipeline gives them."""


def threshold_option() -> Any:
    """Declare the option `threshold` of a guided codec or prefilter."""
    declared = option(
        DEFAULT_THRESHOLD,
        "Threshold",
        "What matters at least this much, as a share of the most, is kept.",
        low=0,
        high=1,
    )
    declared.json_schema_extra["role"] = _ROLE
    return declared


def threshold_name(options: type[Options]) -> str | None:
    """Return the name of the first option that `threshold_option` declared; None where there is none."""
    for name, field in options.model_fields.items():
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("role") == _ROLE:
            return name
    return None


def feather_option() -> Any:
    """Declare the option `feather` of a guided codec or prefilter."""
    return option(
        5.0, "Feather", "Width of the soft edge, in percent of the longer side.", low=0, high=50, step=0.5
    )


def soft_mask(pixels: Pixels, guide: Guide | None, threshold: float, feather: float) -> Map:
    """Return (H, W) in [0, 1]: 1 inside the region, falling to 0 over the feather around it.

    The region is where the importance reaches `threshold`, a share of its maximum: everything at 0, and
    nothing (zeros) where the map has no maximum. `feather` is in percent of the longer side.
    A guide that is a region itself is taken as it is, whatever the two options.
    """
    values = importance(pixels, guide)
    if isinstance(guide, RegionGuide):
        return values
    return feathered(at_least(values, threshold), feather)


def at_least(values: Map, level: float) -> NDArray[np.bool_]:
    """Return (H, W) bool: where a map reaches `level`; nowhere if the map is zero everywhere."""
    return (values >= np.float32(level)) & bool(values.any())


def feathered(inside: NDArray[np.bool_], feather: float) -> Map:
    """Return (H, W) in [0, 1]: 1 where `inside`, (H, W), falling to 0 over the feather around it.

    `feather` is in percent of the longer side.
    """
    reach = np.float32(max(inside.shape) * feather / 100)
    if not inside.any() or inside.all() or reach <= 1:  # the nearest pixel outside is at distance 1
        return inside.astype(np.float32)
    distance = cv2.distanceTransform((~inside).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray((1 - distance / reach).clip(0, 1), np.float32)
