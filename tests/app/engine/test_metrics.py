"""The measures against independent implementations and values worked out by hand."""

import math
from functools import partial
from typing import Any

import cv2
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from keepsight.app.engine.metrics import Similarity, psnr, ssim

Array = np.ndarray[Any, np.dtype[np.uint8]]
Floats = np.ndarray[Any, np.dtype[np.float64]]


def _pair(height: int, width: int, noise: float) -> tuple[Array, Array]:
    rng = np.random.default_rng(height)
    y, x = np.mgrid[0:height, 0:width]
    smooth = 128 + 100 * np.sin(x / 9)[..., None] * np.cos(y / 7)[..., None] * [1, 0.7, 0.4]
    original = smooth.clip(0, 255).astype(np.uint8)
    other = (smooth + rng.normal(0, noise, smooth.shape)).clip(0, 255).astype(np.uint8)
    return original, other


@pytest.mark.parametrize("noise", [1, 10, 60])
@pytest.mark.parametrize(("height", "width"), [(11, 40), (97, 64), (700, 90)])
def test_ssim_is_that_of_scikit_image(height: int, width: int, noise: float) -> None:
    original, other = _pair(height, width, noise)
    luma = [cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) for pixels in (original, other)]
    expected = structural_similarity(
        *luma, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255
    )
    assert ssim(original, other) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 300), (10, 10), (300, 2)])
def test_ssim_of_small_and_flat_images(height: int, width: int, value: int) -> None:
    flat = np.full((height, width, 3), value, np.uint8)
    assert ssim(flat, flat) == pytest.approx(1)
    assert ssim(flat, 255 - flat) < 0.01


def test_ssim_knows_order() -> None:
    original, slight = _pair(60, 60, 3)
    _, strong = _pair(60, 60, 40)
    assert 1 > ssim(original, slight) > ssim(original, strong) > 0


def _ms_ssim_by_hand(x: Floats, y: Floats, scales: int) -> float:
    """Wang, Simoncelli and Bovik's formula in float64, with filters of SciPy's."""
    weights = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333][:scales])
    found = 1.0
    for scale, weight in enumerate(weights / weights.sum()):
        blur = partial(gaussian_filter, sigma=1.5, radius=5)
        mean_x, mean_y = blur(x), blur(y)
        variances = blur(x * x) - mean_x**2 + blur(y * y) - mean_y**2
        index = (2 * (blur(x * y) - mean_x * mean_y) + (0.03 * 255) ** 2) / (variances + (0.03 * 255) ** 2)
        if scale == scales - 1:
            constant = (0.01 * 255) ** 2
            index *= (2 * mean_x * mean_y + constant) / (mean_x**2 + mean_y**2 + constant)
        found *= index[5:-5, 5:-5].mean() ** weight
        height, width = (length // 2 * 2 for length in x.shape)
        x, y = (
            (
                p[:height:2, :width:2]
                + p[1:height:2, :width:2]
                + p[:height:2, 1:width:2]
                + p[1:height:2, 1:width:2]
            )
            / 4
            for p in (x, y)
        )
    return found


@pytest.mark.parametrize("noise", [1, 30])
@pytest.mark.parametrize(
    ("height", "width", "scales"), [(224, 224, 5), (176, 301, 5), (175, 400, 4), (43, 60, 2), (15, 300, 1)]
)
def test_ms_ssim_follows_its_formula(height: int, width: int, scales: int, noise: float) -> None:
    original, other = _pair(height, width, noise)
    luma = [cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(float) for pixels in (original, other)]
    single, multiple = Similarity(original).single_and_multiple(other)
    assert single == ssim(original, other)
    assert multiple == pytest.approx(_ms_ssim_by_hand(*luma, scales), abs=1e-4)


def test_ms_ssim_of_small_equal_and_opposed_images() -> None:
    original, other = _pair(300, 200, 20)
    assert Similarity(original).single_and_multiple(original) == (pytest.approx(1), pytest.approx(1))
    assert Similarity(original).single_and_multiple(255 - original)[1] == 0
    tiny = Similarity(original[:9, :9]).single_and_multiple(other[:9, :9])
    assert tiny[0] == pytest.approx(tiny[1])


def test_psnr() -> None:
    original, other = _pair(40, 50, 12)
    assert psnr(original, other) == pytest.approx(peak_signal_noise_ratio(original, other, data_range=255))
    assert psnr(original, original) == math.inf
    assert psnr(np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 255, np.uint8)) == pytest.approx(0)
