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
        """See `ImageMethod.draw`. The larger wavelength is the smaller one in the image at half its size."""
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
        size = grey.shape[::-1]
        fine, coarse = (
            self._contrast(scaled, 2 * window(pixels) // factor | 1)
            for factor, scaled in ((1, grey), (2, cv2.pyrDown(grey)))
        )
        return np.asarray(fine + cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR), np.float32)

    def _contrast(self, grey: Map, side: int) -> Map:
        total = np.zeros(grey.shape, np.float32)
        for pair in _gabor_filters():
            parts = (cv2.filter2D(grey, -1, kernel, borderType=cv2.BORDER_REFLECT) for kernel in pair)
            response = _around(cv2.magnitude(*parts), side)
            total += np.abs(response - np.median(response[::4, ::4]))  # smooth: a sixteenth tells it
        return np.where(total > _ROUNDING, total, np.float32(0))


_ROUNDING = 0.01
"""Of squared steps of 8 bits: what is below comes from the last bits of sums."""
_WAVELENGTH = 4.0
"""Of the Gabor filters, in pixels."""


@cache
def _gabor_filters() -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Return even and odd filters by direction, blind to an even grey, with a sum of magnitudes of 1."""

    def kernel(angle: float, phase: float) -> NDArray[np.float32]:
        drawn = cv2.getGaborKernel((9, 9), _WAVELENGTH / 2, angle, _WAVELENGTH, 1, phase, cv2.CV_32F)
        drawn -= drawn.mean()
        return np.asarray(drawn / np.abs(drawn).sum(), np.float32)

    return [(kernel(angle, 0), kernel(angle, np.pi / 2)) for angle in np.arange(4) * np.pi / 4]


def _around(values: Map, side: int) -> Map:
    """Return the means over squares of that side, in pixels."""
    return np.asarray(cv2.boxFilter(values, -1, (side, side), borderType=cv2.BORDER_REFLECT), np.float32)
