"""How much a classifier minds an error in each frequency of a JPEG: for its quantisation tables."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from keepsight.models.classifiers import Classifier
from keepsight.models.errors import ModelError
from keepsight.models.types import Pixels

_RGB_OF_YCC = np.array([[1, 1, 1], [0, -0.344136, 1.772], [1.402, -0.714136, 0]], np.float32)
"""What one step of Y, Cb and Cr adds to red, green and blue (JFIF 1.02)."""
_K, _X = np.mgrid[:8, :8]
_LINE = np.cos((2 * _X + 1) * _K * np.pi / 16) * np.where(_K == 0, np.sqrt(1 / 8), 1 / 2)
_BASIS = np.kron(_LINE, _LINE).astype(np.float32)
"""(64 frequencies, 64 pixels): the orthonormal transform of an 8 x 8 block."""


def jpeg_sensitivity(classifier: Classifier, pairs: Iterable[tuple[Pixels, Pixels]]) -> NDArray[np.float64]:
    """Return the sensitivity of Y, Cb and Cr (4:2:0) for each frequency, (3, 64), row by row, mean 1 over Y.

    It is the mean square of the derivative, with respect to a DCT coefficient, of the divergence of what the
    classifier says of a degraded photo from what it says of the original: no label is asked. Each photo
    counts alike, whatever the size of its derivatives. `pairs` holds (original, degraded), both prepared,
    (crop, crop, 3). Raises `ModelError` where no photo has a derivative.
    """
    total, photos = np.zeros((3, 64)), 0
    for original, degraded in pairs:
        probabilities = classifier.predict(original[None])[0]
        squares = _squares(classifier.gradient(degraded, probabilities))
        if squares.sum() > 0:
            total += squares / squares.sum()
            photos += 1
    if not photos:
        raise ModelError("There is no photo on which the classifier's answer depends. Choose other photos.")
    return np.asarray(total / total[0].mean())


def _squares(gradient: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the mean squares of the derivatives by coefficient, (3, 64), of those by pixel, (H, W, 3)."""
    side = len(gradient) // 16 * 16
    planes = (gradient[:side, :side] @ _RGB_OF_YCC.T).transpose(2, 0, 1)
    halves = planes.reshape(3, side // 2, 2, side // 2, 2).sum(axis=(2, 4))  # a chroma sample covers 2 x 2
    return np.stack([_mean_squares(plane) for plane in (planes[0], halves[1], halves[2])])


def _mean_squares(plane: NDArray[np.float32]) -> NDArray[np.float64]:
    side = len(plane)
    blocks = plane.reshape(side // 8, 8, side // 8, 8).swapaxes(1, 2).reshape(-1, 64)
    return np.asarray(np.square(blocks @ _BASIS.T, dtype=np.float64).mean(axis=0))
