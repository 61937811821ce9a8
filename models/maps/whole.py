"""Maps of what stands out of the whole image: surrounded regions, and what breaks the common spectrum."""

import cv2
import numpy as np
from numpy.typing import NDArray

from keepsight.models.maps.base import ImageMethod
from keepsight.models.types import Map, Pixels

_STEP = 24
"""Between thresholds, in 8-bit steps of a channel that is stretched to its whole range."""


class Surroundedness(ImageMethod):
    """Boolean map saliency (Zhang and Sclaroff 2013): regions with a closed outline are figures.

    Each channel of L*a*b* is cut at many thresholds; of both sides of each cut, regions that touch no border
    of the image count, the smaller the region of a cut the more.
    """

    id = "surroundedness"
    label = "Surroundedness"
    help = "Bright where something is enclosed by what differs from it: whole objects."
    side = 128

    def draw(self, pixels: Pixels) -> Map:
        """See `ImageMethod.draw`."""
        total = np.zeros(pixels.shape[:2], np.float32)
        for channel in cv2.split(cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)):
            stretched = cv2.normalize(channel, None, 0, 255, cv2.NORM_MINMAX)
            for threshold in range(_STEP // 2, 256, _STEP):
                above = (stretched > threshold).view(np.uint8)
                for side in (above, 1 - above):
                    enclosed = _without_border_regions(side)
                    norm = np.sqrt(np.count_nonzero(enclosed))
                    if norm:
                        total += enclosed / np.float32(norm)
        sigma = max(pixels.shape[:2]) / 40  # regions of near thresholds join
        return np.asarray(cv2.GaussianBlur(total, (0, 0), sigma), np.float32)


class SpectralResidual(ImageMethod):
    """Spectral residual (Hou and Zhang 2007), at their resolution.

    At a quarter of it, with colours, it finds the objects of the scenes twice as well, but not what matters
    to a classifier in photos (there it is chance then).
    """

    id = "spectral-residual"
    label = "Spectral residual"
    help = "Bright where the image departs from what its spectrum repeats."
    side = 64

    def draw(self, pixels: Pixels) -> Map:
        """See `ImageMethod.draw`."""
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float64)
        spectrum = np.fft.fft2(grey - grey.mean())
        magnitude = np.abs(spectrum)
        if not magnitude.any():
            return np.zeros(grey.shape, np.float32)
        log = np.log(magnitude.clip(1e-6 * magnitude.max(), None))
        residual = log - cv2.boxFilter(log, -1, (3, 3), borderType=cv2.BORDER_REFLECT)
        back = np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))
        return np.asarray(cv2.GaussianBlur(np.abs(back) ** 2, (0, 0), 2.5), np.float32)


def _without_border_regions(binary: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (H, W) of 0 and 1 without the connected regions of ones that touch the border."""
    framed = cv2.copyMakeBorder(binary, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    cv2.floodFill(framed, None, (0, 0), 0)
    return np.ascontiguousarray(framed[1:-1, 1:-1])
