"""What a compression costs, each measure in one place."""

from collections.abc import Iterator
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from keepsight.app.engine.types import Pixels

_WINDOW = 11
_MARGIN = _WINDOW // 2
_SIGMA = 1.5
_C1 = (0.01 * 255) ** 2
_C2 = (0.03 * 255) ** 2
_SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Of MS-SSIM's five scales, the finest first."""
_STRIP_ROWS = 64
_STRIP_PIXELS = 60_000
"""SSIM is computed so many rows at a time, or more where those have fewer pixels: what stays in the cache is
twice as fast."""
_KEPT_PIXELS = 1_000_000
"""Of a larger original nothing is kept from one comparison to the next: it would fill the memory."""


_Luma = NDArray[np.uint8] | NDArray[np.float32]
_Floats = NDArray[np.float32]


def psnr(original: Pixels, decoded: Pixels) -> float:
    """Peak signal-to-noise ratio over all three channels, dB; infinite where nothing differs."""
    squared_error = cv2.norm(original, decoded, cv2.NORM_L2SQR) / original.size
    return float(10 * np.log10(255**2 / squared_error)) if squared_error else float("inf")


def ssim(original: Pixels, decoded: Pixels) -> float:
    """Structural similarity of the luma, 1 where nothing differs, as `Similarity.single`."""
    return _Scale(_luma(original)).compare(_luma(decoded))[0]


class Similarity:
    """Structural similarity to one original; what belongs to that is computed once for all comparisons."""

    def __init__(self, original: Pixels) -> None:
        """Take the original, (H, W, 3)."""
        luma = _luma(original)
        keep = luma.size <= _KEPT_PIXELS
        self._scales = [_Scale(luma, keep)]
        while len(self._scales) < len(_SCALE_WEIGHTS) and min(luma.shape) >= 2 * _WINDOW:
            luma = _half(luma)
            self._scales.append(_Scale(luma, keep))
        used = _SCALE_WEIGHTS[: len(self._scales)]
        self._weights = np.array(used) / sum(used)

    def single_and_multiple(self, decoded: Pixels) -> tuple[float, float]:
        """Return SSIM at the image's own scale, and MS-SSIM; both 1 where nothing differs.

        SSIM: Wang, Bovik, Sheikh and Simoncelli, IEEE Transactions on Image Processing 13(4), 2004: Gaussian
        window of 11 x 11 with sigma 1.5, mean over the windows that lie inside the image. An image smaller
        than a window is continued by reflection.

        MS-SSIM: Wang, Simoncelli and Bovik, Asilomar Conference on Signals, Systems and Computers, 2003:
        contrast and structure at every scale, luminance at the last; each scale halves the one before by
        means of 2 x 2. Five need a shorter side of 176 pixels. A smaller image has as many scales as hold a
        window, with the first of the weights, divided by their sum. A scale whose contrasts are opposed makes
        it 0.
        """
        luma = _luma(decoded)
        found: list[tuple[float, float]] = []
        for scale in self._scales:
            if found:
                luma = _half(luma)
            found.append(scale.compare(luma))
        factors = [contrast for _, contrast in found[:-1]] + [found[-1][0]]
        return found[0][0], float(np.prod(np.maximum(factors, 0) ** self._weights))


class _Strip:
    """Some rows of the original at one scale, and what its windows say. Arrays have the shape of the rows."""

    def __init__(self, rows: _Luma) -> None:
        # 128 less leaves (co)variances alone, and small numbers keep float32 exact enough.
        self._values = np.subtract(rows, 128, dtype=np.float32)
        self._means = _windows(self._values)
        self._variances = _windows(self._values * self._values) - self._means * self._means + np.float32(_C2)
        self._luma = self._means + 128
        self._energy = self._luma * self._luma + np.float32(_C1)

    def sums(self, rows: _Luma) -> tuple[float, float]:
        """Sums over all windows inside these rows, of what `_Scale.compare` returns the means of."""
        # In place, because a pass over memory costs more here than the arithmetic.
        values = np.subtract(rows, 128, dtype=np.float32)
        means, variances = _windows(values), _windows(values * values)
        contrast = _windows(np.multiply(values, self._values, out=values))
        contrast -= np.multiply(self._means, means, out=values)
        contrast *= 2
        contrast += _C2
        variances -= np.multiply(means, means, out=values)
        variances += self._variances
        contrast /= variances
        means += 128
        whole = np.multiply(self._luma, means, out=values)
        whole *= 2
        whole += _C1
        means *= means
        means += self._energy
        whole /= means
        whole *= contrast
        return _sum_inside(whole), _sum_inside(contrast)


class _Scale:
    """The original's luma at one scale."""

    def __init__(self, luma: _Luma, keep: bool = False) -> None:
        self._luma = _padded(luma)
        self._kept = [_Strip(self._luma[rows]) for rows in self._strips()] if keep else None

    def compare(self, luma: _Luma) -> tuple[float, float]:
        """Return the mean over all windows of the whole index, and of its contrast and structure alone."""
        luma = _padded(luma)
        whole = contrast = 0.0
        for place, rows in enumerate(self._strips()):
            strip = self._kept[place] if self._kept else _Strip(self._luma[rows])
            sums = strip.sums(luma[rows])
            whole, contrast = whole + sums[0], contrast + sums[1]
        windows = (luma.shape[0] - 2 * _MARGIN) * (luma.shape[1] - 2 * _MARGIN)
        return whole / windows, contrast / windows

    def _strips(self) -> Iterator[slice]:
        rows = self._luma.shape[0] - 2 * _MARGIN
        most = max(_STRIP_ROWS, _STRIP_PIXELS // self._luma.shape[1] - 2 * _MARGIN)
        step = ceil(rows / ceil(rows / most))
        for row in range(0, rows, step):
            yield slice(row, row + step + 2 * _MARGIN)


def _luma(pixels: Pixels) -> _Luma:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def _half(luma: _Luma) -> _Luma:
    """Return the means of 2 x 2; an odd row or column at the end is left out."""
    height, width = (length // 2 for length in luma.shape)
    whole = luma[: 2 * height, : 2 * width].astype(np.float32, copy=False)
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def _padded(luma: _Luma) -> _Luma:
    """Return an image that holds a window."""
    top, side = (_MARGIN if length < _WINDOW else 0 for length in luma.shape)
    if not top and not side:
        return luma
    padded: _Luma = cv2.copyMakeBorder(luma, top, top, side, side, cv2.BORDER_REFLECT)
    return padded


def _windows(values: _Floats) -> _Floats:
    """Gaussian mean of the window around each pixel; at the edges of one that is continued by reflection."""
    return np.asarray(cv2.GaussianBlur(values, (_WINDOW, _WINDOW), _SIGMA), np.float32)


def _sum_inside(values: _Floats) -> float:
    """Sum over the windows that lie inside, in float64."""
    inside = slice(_MARGIN, -_MARGIN)
    return float(cv2.sumElems(values[inside, inside])[0])
