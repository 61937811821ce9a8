import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepsight.app.engine.roi import OUTLINE_SIDE, area, outline, reduced, roi_mask


def cone(height: int, width: int) -> np.ndarray:
    """1 at the middle, falling straight to 0 at half the height: its level lines are circles."""
    y, x = np.mgrid[:height, :width] + 0.5
    distance = np.hypot(x - width / 2, y - height / 2)
    values = np.clip(1 - distance / (height / 2), 0, None)
    values[height // 2, width // 2] = 1
    return values.astype(np.float32)


def enclosed(lines: list[np.ndarray]) -> float:
    """Area inside closed lines in normalised coordinates; holes run the other way and are taken off."""
    return abs(sum(cv2.contourArea(line.astype(np.float32), oriented=True) for line in lines))


def test_the_mask_holds_what_reaches_the_share_of_the_maximum() -> None:
    values = np.array([[0.0, 1.0], [2.0, 4.0]], np.float32)

    np.testing.assert_array_equal(roi_mask(values, 0.5), [[False, False], [True, True]])
    assert area(values, 0.5) == 0.5
    assert area(values, 0) == 1
    assert area(values, 1) == 0.25


def test_a_map_of_zeros_has_no_region() -> None:
    values = np.zeros((40, 60), np.float32)

    assert not roi_mask(values, 0).any()
    assert area(values, 0.3) == 0
    assert outline(values, 0.3) == []


@pytest.mark.parametrize("threshold", [-0.01, 1.01, float("nan")])
def test_a_threshold_outside_0_to_1_is_refused(threshold: float) -> None:
    values = cone(20, 20)
    for ask in (roi_mask, area, outline):
        with pytest.raises(ValueError, match="from 0 to 1"):
            ask(values, threshold)


@pytest.mark.parametrize("shape", [(60, 90), (224, 224), (700, 1000)])
@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.8])
def test_the_outline_lies_on_the_circle_between_the_samples(shape: tuple[int, int], threshold: float) -> None:
    height, width = shape
    (line,) = outline(cone(height, width), threshold)

    radius = np.hypot((line[:, 0] - 0.5) * width, (line[:, 1] - 0.5) * height)
    sample = max(height, width) / OUTLINE_SIDE
    assert np.abs(radius - (1 - threshold) * height / 2).max() < 0.5 * max(sample, 1)


def test_the_outline_of_everything_is_the_edge_of_the_photo() -> None:
    (line,) = outline(np.ones((30, 50), np.float32), 0.5)

    assert line.min(axis=0).tolist() == [0, 0]
    assert line.max(axis=0).tolist() == [1, 1]
    assert enclosed([line]) == pytest.approx(1)


def test_a_hole_has_an_outline_of_its_own() -> None:
    values = 1 - cone(200, 200)
    lines = outline(values, 0.5)

    assert len(lines) == 2
    assert enclosed(lines) == pytest.approx(area(values, 0.5), abs=0.01)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.95), st.integers(60, 400), st.integers(60, 400))
def test_outlines_enclose_the_area_of_any_smooth_map(
    seed: int, threshold: float, height: int, width: int
) -> None:
    coarse = np.random.default_rng(seed).random((5, 5), np.float32)
    values = reduced(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR))

    lines = outline(values, threshold)

    for line in lines:
        assert line.min() >= 0
        assert line.max() <= 1
    assert enclosed(lines) == pytest.approx(area(values, threshold), abs=0.02)


def test_a_reduced_map_keeps_its_maximum_and_its_regions() -> None:
    values = 3 * cone(1500, 2000)
    small = reduced(values)

    assert small.shape == (OUTLINE_SIDE * 3 // 4, OUTLINE_SIDE)
    assert small.max() == pytest.approx(values.max())
    assert area(small, 0.4) == pytest.approx(area(values, 0.4), abs=0.003)


def test_the_smallest_maps_work() -> None:
    for shape in ((1, 1), (1, 5), (5, 1)):
        values = np.ones(shape, np.float32)
        assert area(values, 0.5) == 1
        assert len(outline(values, 0.5)) == 1
