"""Saliency maps as files: over their photo, or as numbers."""

import io

import cv2
import numpy as np

from keepsight.app.engine.types import Pixels
from keepsight.models.types import Map

_OPACITY = 0.6


def over_photo(pixels: Pixels, values: Map) -> Pixels:
    """Return (H, W, 3): the photo under its map in viridis, whose last colour is the map's own maximum."""
    height, width = pixels.shape[:2]
    largest = float(values.max())
    share = values / largest if largest > 0 else values
    steps = np.rint(255 * cv2.resize(share, (width, height), interpolation=cv2.INTER_LINEAR)).astype(np.uint8)
    colours = cv2.cvtColor(cv2.applyColorMap(steps, cv2.COLORMAP_VIRIDIS), cv2.COLOR_BGR2RGB)
    return np.asarray(cv2.addWeighted(pixels, 1 - _OPACITY, colours, _OPACITY, 0), np.uint8)


def npy(values: Map) -> bytes:
    """Return the raw map, (h, w) float32, as a file of NumPy's."""
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=False)
    return buffer.getvalue()
