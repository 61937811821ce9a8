import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepsight.app.engine.outline import SIDE, Preview
from keepsight.app.engine.region import Region, Stroke, mask


def cone(height: int, width: int) -> np.ndarray:
    """1 at the middle, falling straight to 0 at half the height: its level lines are circles."""
    y, x = np.mgrid[:height, :width] + 0.5
    distance = np.hypot(x - width / 2, y - height / 2)
    values = np.clip(1 - distance / (height / 2), 0, None)
    values[height // 2, width // 2] = 1
    return values.astype(np.float32)


def outline(values: np.ndarray, region: Region) -> tuple[list[np.ndarray], float]:
    return Preview([values], values.shape).outline(region)


def enclosed(lines: list[np.ndarray]) -> float:
    """Area inside closed lines in normalised coordinates; holes run the other way and are taken off."""
    return abs(sum(cv2.contourArea(line.astype(np.float32), oriented=True) for line in lines))


def test_a_map_of_zeros_has_no_outline() -> None:
    for mode in ("value", "area"):
        assert outline(np.zeros((40, 60), np.float32), Region(mode=mode, level=0.3)) == ([], 0)


@pytest.mark.parametrize("shape", [(60, 90), (224, 224), (700, 1000)])
@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.8])
def test_the_outline_lies_on_the_circle_between_the_samples(shape: tuple[int, int], threshold: float) -> None:
    height, width = shape
    (line,), _ = outline(cone(height, width), Region(level=threshold))

    radius = np.hypot((line[:, 0] - 0.5) * width, (line[:, 1] - 0.5) * height)
    sample = max(height, width) / SIDE
    assert np.abs(radius - (1 - threshold) * height / 2).max() < 0.5 * max(sample, 1)


@pytest.mark.parametrize("grow", [-5, 5])
def test_a_grown_outline_lies_on_its_circle(grow: float) -> None:
    (line,), _ = outline(cone(400, 600), Region(level=0.5, grow=grow))
    radius = np.hypot((line[:, 0] - 0.5) * 600, (line[:, 1] - 0.5) * 400)
    assert np.abs(radius - (100 + grow * 6)).max() < 2.5


def test_a_stroke_is_outlined_where_it_was_drawn() -> None:
    stroke = Stroke(tool="brush", points=((0.25, 0.5), (0.75, 0.5)), radius=5)
    lines, share = Preview([], (600, 1000)).outline(Region(strokes=(stroke,)))
    (line,) = lines
    assert line.min(axis=0) == pytest.approx([0.2, 0.5 - 50 / 600], abs=0.006)
    assert line.max(axis=0) == pytest.approx([0.8, 0.5 + 50 / 600], abs=0.006)
    assert share == pytest.approx((500 * 100 + np.pi * 50**2) / 600_000, rel=0.03)


def test_the_outline_of_everything_is_the_edge_of_the_photo() -> None:
    (line,), share = outline(np.ones((30, 50), np.float32), Region(level=0.5))

    assert share == 1
    assert line.min(axis=0).tolist() == [0, 0]
    assert line.max(axis=0).tolist() == [1, 1]
    assert enclosed([line]) == pytest.approx(1)


def test_a_hole_has_an_outline_of_its_own() -> None:
    lines, share = outline(1 - cone(200, 200), Region(level=0.5))

    assert len(lines) == 2
    assert enclosed(lines) == pytest.approx(share, abs=0.01)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(["value", "area"]),
    st.floats(0.05, 0.95),
    st.tuples(st.integers(60, 400), st.integers(60, 400)),
    st.sampled_from([(0, 0), (3, 0), (-2, 1)]),
)
def test_outlines_enclose_the_area_of_any_smooth_map(
    seed: int, mode: str, level: float, shape: tuple[int, int], tidy: tuple[float, float]
) -> None:
    coarse = np.random.default_rng(seed).random((5, 5), np.float32)
    values = cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_LINEAR)
    region = Region(mode=mode, level=level, grow=tidy[0], island=tidy[1])

    lines, share = outline(values, region)

    for line in lines:
        assert line.min() >= 0
        assert line.max() <= 1
    assert enclosed(lines) == pytest.approx(share, abs=0.02)
    assert share == pytest.approx(mask([values], region, shape).mean(), abs=0.04)


def test_strokes_that_are_taken_back_leave_no_trace() -> None:
    preview = Preview([cone(300, 400)], (300, 400))
    rng = np.random.default_rng(0)
    strokes = tuple(
        Stroke(tool="brush", points=tuple(map(tuple, rng.random((3, 2)))), radius=3) for _ in range(5)
    )
    for count in (1, 2, 3, 5, 3, 1, 0, 4):
        region = Region(strokes=strokes[:count])
        again, share = Preview([cone(300, 400)], (300, 400)).outline(region)
        lines, same = preview.outline(region)
        assert same == share
        assert all(np.array_equal(one, other) for one, other in zip(lines, again, strict=True))


def test_the_smallest_photos_work() -> None:
    for shape in ((1, 1), (1, 5), (5, 1)):
        lines, share = outline(np.ones(shape, np.float32), Region(level=0.5, feather=5, grow=3, island=1))
        assert share == 1
        assert len(lines) == 1
