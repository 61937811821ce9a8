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
        return _around(np.sqrt(np.where(squares > _ROUNDING, squares, np.float32(0))), pixels)


class Texture(ImageMethod):
    """Energy of Gabor filters (Jain and Farrokhnia 1991), 4 directions by 2 wavelengths."""

    id = "texture"
    label = "Texture"
    help = "Bright where a fine pattern repeats, in any direction (Gabor energy)."
    side = 256

    def draw(self, pixels: Pixels) -> Map:
        """See `ImageMethod.draw`."""
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
        energy = np.zeros(grey.shape, np.float32)
        for kernel in _gabor_kernels():
            answer = cv2.filter2D(grey, -1, kernel, borderType=cv2.BORDER_REFLECT)
            energy += answer * answer
        return _around(np.where(energy > _ROUNDING, energy, np.float32(0)), pixels)


_ROUNDING = 0.01
"""Of squared steps of 8 bits: what is below comes from the last bits of sums."""
_WAVELENGTHS = (4.0, 8.0)
"""In pixels."""


@cache
def _gabor_kernels() -> list[NDArray[np.float32]]:
    """Return pairs of even and odd filters, each blind to an even grey, with a sum of magnitudes of 1."""
    kernels = []
    for length in _WAVELENGTHS:
        side = int(length) * 2 + 1
        for angle in np.arange(4) * np.pi / 4:
            for phase in (0, np.pi / 2):
                kernel = cv2.getGaborKernel((side, side), length / 2, angle, length, 1, phase, cv2.CV_32F)
                kernel -= kernel.mean()
                kernels.append(kernel / np.abs(kernel).sum())
    return kernels


def _around(values: Map, pixels: Pixels) -> Map:
    size = (window(pixels),) * 2
    return np.asarray(cv2.boxFilter(values, -1, size, borderType=cv2.BORDER_REFLECT), np.float32)
