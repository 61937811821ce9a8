"""What a compression costs, each measure in one place."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from keepsight.app.engine.types import Pixels

_WINDOW = 11
_SIGMA = 1.5
_C1 = (0.01 * 255) ** 2
_C2 = (0.03 * 255) ** 2
_SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Of MS-SSIM's five scales, the finest first."""
_STRIP_ROWS = 64
_STRIP_PIXELS = 25_000
"""SSIM is computed so many rows at a time, or more where those have fewer pixels: what stays in the cache is
twice as fast."""


_Luma = NDArray[np.uint8] | NDArray[np.float32]


def psnr(original: Pixels, decoded: Pixels) -> float:
    """Peak signal-to-noise ratio over all three channels, dB; infinite where nothing differs."""
    squared_error = cv2.norm(original, decoded, cv2.NORM_L2SQR) / original.size
    return float(10 * np.log10(255**2 / squared_error)) if squared_error else float("inf")


def ssim(original: Pixels, decoded: Pixels) -> float:
    """Structural similarity of the luma, 1 where nothing differs.

    Wang, Bovik, Sheikh and Simoncelli, IEEE Transactions on Image Processing 13(4), 2004: Gaussian window of
    11 x 11 with sigma 1.5, mean over the windows that lie inside the image. An image smaller than a window is
    continued by reflection.
    """
    return _similarity(_luma(original), _luma(decoded))[0]


def ssim_and_ms_ssim(original: Pixels, decoded: Pixels) -> tuple[float, float]:
    """Structural similarity at the image's own scale, as `ssim`, and over five; 1 where nothing differs.

    Wang, Simoncelli and Bovik, Asilomar Conference on Signals, Systems and Computers, 2003: contrast and
    structure at every scale, luminance at the last; each scale halves the one before by means of 2 x 2. Five
    need a shorter side of 176 pixels. A smaller image has as many scales as hold a window, with the first of
    the weights, divided by their sum. A scale whose contrasts are opposed makes it 0.
    """
    x, y = _luma(original), _luma(decoded)
    scales = 1
    while scales < len(_SCALE_WEIGHTS) and min(x.shape) >> scales >= _WINDOW:
        scales += 1
    weights = np.array(_SCALE_WEIGHTS[:scales]) / sum(_SCALE_WEIGHTS[:scales])
    found = [_similarity(x, y)]
    for _ in range(scales - 1):
        x, y = _half(x), _half(y)
        found.append(_similarity(x, y))
    factors = [contrast for _, contrast in found[:-1]] + [found[-1][0]]
    return found[0][0], float(np.prod(np.maximum(factors, 0) ** weights))


def _luma(pixels: Pixels) -> _Luma:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def _half(luma: _Luma) -> _Luma:
    """Return the means of 2 x 2; an odd row or column at the end is left out."""
    height, width = (length // 2 for length in luma.shape)
    whole = luma[: 2 * height, : 2 * width].astype(np.float32, copy=False)
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def _similarity(x: _Luma, y: _Luma) -> tuple[float, float]:
    """Return the mean over all windows of the whole index, and of its contrast and structure alone."""
    margin = _WINDOW // 2
    top, side = (margin if length < _WINDOW else 0 for length in x.shape)
    if top or side:
        x, y = (cv2.copyMakeBorder(p, top, top, side, side, cv2.BORDER_REFLECT) for p in (x, y))
    rows = x.shape[0] - 2 * margin
    most = max(_STRIP_ROWS, _STRIP_PIXELS // x.shape[1] - 2 * margin)
    step = math.ceil(rows / math.ceil(rows / most))
    sums = [
        _sums(x[row : row + step + 2 * margin], y[row : row + step + 2 * margin])
        for row in range(0, rows, step)
    ]
    windows = rows * (x.shape[1] - 2 * margin)
    whole, contrast = (float(sum(parts)) / windows for parts in zip(*sums, strict=True))
    return whole, contrast


def _sums(x: _Luma, y: _Luma) -> tuple[float, float]:
    """Sums over all windows inside these rows, of what `_similarity` returns the means of."""
    # A shift of both leaves (co)variances alone, and small numbers keep float32 exact enough.
    a, b = np.subtract(x, 128, dtype=np.float32), np.subtract(y, 128, dtype=np.float32)
    mean_a, mean_b = _window(a), _window(b)
    squares, product = mean_a * mean_a + mean_b * mean_b, mean_a * mean_b
    variances, covariance = _window(a * a + b * b) - squares, _window(a * b) - product
    contrast = (2 * covariance + _C2) / (variances + _C2)
    mean_a += 128
    mean_b += 128
    luminance = (2 * mean_a * mean_b + _C1) / (mean_a * mean_a + mean_b * mean_b + _C1)
    return float(np.sum(luminance * contrast, dtype=np.float64)), float(np.sum(contrast, dtype=np.float64))


def _window(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gaussian mean of every window that lies inside."""
    blurred = cv2.GaussianBlur(values, (_WINDOW, _WINDOW), _SIGMA)
    margin = _WINDOW // 2
    return np.asarray(blurred[margin:-margin, margin:-margin], dtype=np.float32)
