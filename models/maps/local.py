"""Maps of what pixels do among their neighbours: variance, edges, texture."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from keepsight.models.maps.base import ImageMethod, window
from keepsight.models.types import Map, Pixels


class LocalVariance(ImageMethod):
    """Variance of the colours around each pixel."""

    id = "local-variance"
    label = "Local variance"
    help = "Bright where the colours around a pixel vary."

    def draw(self, pixels: Pixels) -> Map:
        """See `ImageMethod.draw`. In squared steps of 8 bits, summed over red, green and blue."""
        size = (window(pixels),) * 2
        values = pixels.astype(np.float32)
        mean = cv2.boxFilter(values, -1, size, borderType=cv2.BORDER_REFLECT)
        squares = cv2.sqrBoxFilter(values, -1, size, borderType=cv2.BORDER_REFLECT)
        variance = (squares - mean * mean).sum(2)
        return np.where(variance > _ROUNDING, variance, np.float32(0))


class EdgeDensity(ImageMethod):
    """Mean gradient magnitude of the colours around each pixel, at the scale of objects.

    The image is smoothed first: edges of a fine pattern would outweigh those between one thing and another
    (on labelled scenes such a map is no better than chance).
    """

    id = "edges"
    label = "Edge density"
    help = "Bright where there are many or strong edges between broad patches of colour."
    side = 256

    def draw(self, pixels: Pixels) -> Map:
        """See `ImageMethod.draw`. Colours are those of L*a*b*, whose steps look alike."""
        lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB).astype(np.float32)
        smooth = cv2.GaussianBlur(lab, (0, 0), max(0.5, max(pixels.shape[:2]) / 56))
        across, down = (cv2.Scharr(smooth, cv2.CV_32F, *axis) for axis in ((1, 0), (0, 1)))
        squares = (across * across + down * down).sum(2)
        return _around(np.sqrt(np.where(squares > _ROUNDING, squares, np.float32(0))), window(pixels))


class Texture(ImageMethod):
    """Texture that is not that of most of the image, by Gabor filters (Jain and Farrokhnia 1991).

    A texture is the response in 4 directions by 2 wavelengths; the map is its distance from the median one.
    The energy alone finds the ground as often as what stands on it.
    """

    id = "texture"
    label = "Texture contrast"
    help = "Bright where the fine pattern differs from that of most of the image (Gabor filters)."
    side = 224

    def draw(self, pixels: Pixels) -> Map:
        """See `ImageMethod.draw`."""
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
        total = np.zeros(grey.shape, np.float32)
        for even, odd in _gabor_filters():
            parts = (cv2.filter2D(grey, -1, kernel, borderType=cv2.BORDER_REFLECT) for kernel in (even, odd))
            response = _around(cv2.magnitude(*parts), 2 * window(pixels) - 1)
            total += np.abs(response - np.median(response))
        return np.where(total > _ROUNDING, total, np.float32(0))


_ROUNDING = 0.01
"""Of squared steps of 8 bits: what is below comes from the last bits of sums."""
_WAVELENGTHS = (4.0, 8.0)
"""In pixels."""


@cache
def _gabor_filters() -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Return even and odd filters, each blind to an even grey, with a sum of magnitudes of 1."""

    def kernel(length: float, angle: float, phase: float) -> NDArray[np.float32]:
        side = int(length) * 2 + 1
        drawn = cv2.getGaborKernel((side, side), length / 2, angle, length, 1, phase, cv2.CV_32F)
        drawn -= drawn.mean()
        return np.asarray(drawn / np.abs(drawn).sum(), np.float32)

    angles = np.arange(4) * np.pi / 4
    return [(kernel(w, a, 0), kernel(w, a, np.pi / 2)) for w in _WAVELENGTHS for a in angles]


def _around(values: Map, side: int) -> Map:
    """Return the means over squares of that side, in pixels."""
    return np.asarray(cv2.boxFilter(values, -1, (side, side), borderType=cv2.BORDER_REFLECT), np.float32)
