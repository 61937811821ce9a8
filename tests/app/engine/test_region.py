"""A region is what its rule says, to the pixel."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from keepsight.app.engine.region import Region, Source, Stroke, mask, soft

maps = st.builds(
    lambda seed, height, width, side: cv2.resize(
        np.random.default_rng(seed).random((side, side), np.float32), (width, height)
    ).clip(0),
    st.integers(0, 2**32 - 1),
    st.integers(1, 70),
    st.integers(1, 70),
    st.integers(1, 30),
)
levels = st.floats(0, 1)


@given(maps, levels)
@settings(max_examples=100, deadline=None)
def test_by_value_it_is_what_reaches_the_share_of_the_maximum(values: np.ndarray, level: float) -> None:
    inside = mask([values], Region(mode="value", level=level), values.shape)
    np.testing.assert_array_equal(inside, values >= np.float32(level) * values.max())


@given(st.permutations(range(60)), st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_by_area_it_is_exactly_the_brightest(order: list[int], count: int) -> None:
    values = np.array(order, np.float32).reshape(6, 10)
    inside = mask([values], Region(mode="area", level=count / 60), (6, 10))
    np.testing.assert_array_equal(inside, values >= 60 - count)


@given(maps, levels)
@settings(max_examples=100, deadline=None)
def test_by_area_no_other_threshold_comes_nearer(values: np.ndarray, level: float) -> None:
    share = mask([values], Region(mode="area", level=level), values.shape).mean()
    shares = [0.0, *((values >= value).mean() for value in np.unique(values))]
    asked = round(level * values.size) / values.size
    assert abs(share - asked) == pytest.approx(min(abs(other - asked) for other in shares))


@given(maps, levels, levels, st.sampled_from(["value", "area"]))
@settings(max_examples=60, deadline=None)
def test_a_threshold_that_moves_on_never_turns_back(
    values: np.ndarray, one: float, other: float, mode: str
) -> None:
    low, high = (
        mask([values], Region(mode=mode, level=level), values.shape) for level in sorted((one, other))
    )
    assert not ((high & ~low) if mode == "value" else (low & ~high)).any()


@given(maps, levels, st.floats(-15, 15), st.floats(-15, 15))
@settings(max_examples=100, deadline=None)
def test_growing_is_monotone(values: np.ndarray, level: float, one: float, other: float) -> None:
    regions = [Region(level=level, grow=grow) for grow in sorted((one, other))]
    small, large = (mask([values], region, values.shape) for region in regions)
    assert not (small & ~large).any()


def test_growing_and_shrinking_go_by_percent_of_the_longer_side() -> None:
    square = np.zeros((100, 200), np.float32)
    square[40:60, 80:120] = 1
    for grow, rows in ((5, 40), (-2.5, 10), (-5, 0)):
        inside = mask([square], Region(level=0.5, grow=grow), (100, 200))
        assert inside[:, 100].sum() == pytest.approx(rows, abs=1)


def test_a_region_along_the_edge_does_not_shrink_from_it() -> None:
    left = np.zeros((50, 50), np.float32)
    left[:, :20] = 1
    inside = mask([left], Region(level=0.5, grow=-10), (50, 50))
    assert inside[:, :14].all()
    assert not inside[:, 16:].any()


@given(maps, levels, st.floats(0.2, 5))
@settings(max_examples=60, deadline=None)
def test_no_island_and_no_hole_is_smaller_than_allowed(
    values: np.ndarray, level: float, island: float
) -> None:
    inside = mask([values], Region(level=level, island=island), values.shape)
    smallest = island / 100 * inside.size
    _, labels = cv2.connectedComponents(inside.astype(np.uint8), connectivity=8)
    assert all((labels == i).sum() >= smallest for i in range(1, labels.max() + 1))
    _, labels = cv2.connectedComponents((~inside).astype(np.uint8), connectivity=4)
    assert inside.all() or all((labels == i).sum() >= smallest for i in range(1, labels.max() + 1))


def test_maps_are_joined_each_by_its_own_maximum() -> None:
    left, right = np.zeros((2, 20, 40), np.float32)
    left[5:10, 5:10] = 1000
    right[10:15, 25:30] = 0.001
    inside = mask([left, right], Region(level=0.5), (20, 40))
    np.testing.assert_array_equal(inside, (left > 0) | (right > 0))


def test_maps_of_other_sizes_are_fitted_to_the_photo() -> None:
    small, large = np.zeros((5, 10), np.float32), np.zeros((100, 200), np.float32)
    small[0, 0] = large[99, 199] = 1
    inside = mask([small, large], Region(level=0.1), (50, 100))
    assert inside[:5, :5].all()
    assert inside[49, 99]
    assert inside.mean() < 0.05


def test_strokes_come_last_and_in_their_order() -> None:
    values = np.zeros((100, 200), np.float32)
    values[:, :100] = 1
    strokes = (
        Stroke(tool="brush", points=((0.75, 0.5),), radius=5),
        Stroke(tool="eraser", points=((0.1, 0.2), (0.4, 0.2)), radius=2.5),
        Stroke(tool="remove rectangle", points=((0.5, 1), (0.25, 0.9))),
        Stroke(tool="add rectangle", points=((0.9, 0), (1, 0.1))),
        Stroke(tool="brush", points=((0.25, 0.2),), radius=1),
    )
    inside = mask([values], Region(level=0.5, island=5, strokes=strokes), (100, 200))
    y, x = np.mgrid[:100, :200] + 0.5
    disc = np.hypot(x - 150, y - 50)
    assert inside[disc < 9].all()
    assert not inside[(disc > 11) & (x > 105) & (x < 175)].any()
    assert not inside[16:24, 20:46].any()
    assert inside[19:21, 49:51].all()
    assert not inside[90:, 50:100].any()
    assert inside[:10, 180:].all()


def test_a_constant_photo_has_a_region_where_one_is_painted() -> None:
    nothing = np.zeros((40, 60), np.float32)
    region = Region(mode="area", level=1)
    assert not mask([nothing], region, (40, 60)).any()
    stroke = Stroke(tool="brush", points=((0.5, 0.5),), radius=5)
    inside = mask([nothing], region.model_copy(update={"strokes": (stroke,)}), (40, 60))
    assert inside.sum() == pytest.approx(np.pi * 9, abs=5)


def test_one_pixel() -> None:
    for region in (Region(level=0.5, grow=10, island=5, feather=10), Region(mode="area", level=1)):
        inside = mask([np.ones((1, 1), np.float32)], region, (1, 1))
        assert soft(inside, region).tolist() == [[1]]
    eraser = Stroke(tool="eraser", points=((0.5, 0.5),))
    assert not mask([np.ones((3, 3), np.float32)], Region(strokes=(eraser,)), (1, 1)).any()


def test_a_painted_mask_belongs_to_it_whatever_the_threshold() -> None:
    painted = np.random.default_rng(0).random((30, 40)) < 0.5
    for mode in ("value", "area"):
        np.testing.assert_array_equal(mask([], Region(mode=mode), (30, 40), painted), painted)


def test_the_soft_edge_falls_over_the_feather() -> None:
    inside = np.zeros((50, 100), bool)
    inside[:, :40] = True
    edge = soft(inside, Region(feather=10))
    assert edge[25, 39] == 1
    np.testing.assert_allclose(edge[25, 40:50], np.linspace(0.9, 0, 10), atol=0.02)
    assert not edge[:, 50:].any()
    np.testing.assert_array_equal(soft(inside, Region(feather=0)), inside)


def test_a_region_is_the_same_behind_json() -> None:
    region = Region(
        mode="area",
        level=0.2,
        joined=(Source(method="grad-cam", classifier="ab12", target=285, label="Egyptian cat"),),
        strokes=(Stroke(tool="brush", points=((0.1, 0.2), (0.3, 0.4)), radius=2),),
    )
    assert Region.model_validate_json(region.model_dump_json()) == region


@pytest.mark.parametrize(
    "values",
    [
        {"level": -0.01},
        {"level": 1.01},
        {"level": float("nan")},
        {"mode": "rank"},
        {"strokes": [{"tool": "brush", "points": []}]},
        {"strokes": [{"tool": "add rectangle", "points": [(0, 0)]}]},
        {"strokes": [{"tool": "brush", "points": [(0, float("inf"))]}]},
    ],
)
def test_what_is_no_region_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Region.model_validate(values)
