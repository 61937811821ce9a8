"""The measures against independent implementations and values worked out by hand."""

import math
from typing import Any

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from keepsight.app.engine.metrics import psnr, ssim

Array = np.ndarray[Any, np.dtype[np.uint8]]


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
    import cv2

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


def test_psnr() -> None:
    original, other = _pair(40, 50, 12)
    assert psnr(original, other) == pytest.approx(peak_signal_noise_ratio(original, other, data_range=255))
    assert psnr(original, original) == math.inf
    assert psnr(np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 255, np.uint8)) == pytest.approx(0)
