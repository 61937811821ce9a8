"""A threshold varied, all else fixed: with real codecs and the map of the embedded classifier."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from keepsight.app.engine import photos
from keepsight.app.engine.curves import curves, wilson
from keepsight.app.engine.data import Item, open_data
from keepsight.app.engine.guiding import Guiding
from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.store import Store
from keepsight.app.engine.sweep import sweep
from keepsight.app.engine.threshold import (
    THRESHOLDS,
    ThresholdPoint,
    survivor,
    threshold_curve,
    threshold_of,
    threshold_settings,
    with_threshold,
)
from keepsight.app.engine.types import Curve, Measurement, Setting
from keepsight.codecs import registry
from keepsight.codecs.guide import MapGuide
from keepsight.codecs.options import Options, option
from keepsight.codecs.roi import soft_mask, threshold_name, threshold_option
from keepsight.models.types import Judge

ITEMS = open_data("samples").items[2:0:-1]


def setting(spec: str, **values: object) -> Setting:
    codec = registry.get(spec)
    return Setting(codec.id, codec.options().replace(**values))


def test_the_thresholds_go_from_all_to_the_most_only() -> None:
    assert THRESHOLDS[0] == 0
    assert THRESHOLDS[-1] == 1
    assert np.allclose(np.diff(THRESHOLDS), 0.05)


def test_the_option_is_found_by_its_declaration_under_any_name() -> None:
    class Two(Options):
        threshold: float = option(0.5, "Threshold", "Of something else.", low=0, high=1)
        least: float = threshold_option()

    assert threshold_name(Two) == "least"
    assert threshold_name(registry.get("jpeg").options) is None
    assert threshold_name(registry.get("blur+roi-background+webp").options) == "roi-background.threshold"


@pytest.mark.parametrize("spec", [codec.id for codec in registry.all_codecs().values()])
def test_every_codec_has_its_threshold_varied_and_nothing_else(spec: str) -> None:
    start = setting(spec)
    varied = threshold_settings(start)
    assert [threshold for threshold, _ in varied] == list(THRESHOLDS)
    assert [threshold_of(one) for _, one in varied] == list(THRESHOLDS)
    own = threshold_of(start) is not None
    for _, one in varied:
        codec = registry.get(one.codec)
        assert codec.guided
        if own:
            assert one.codec == start.codec
            assert one.options.replace(threshold=0.3) == start.options
        else:
            assert one.codec.startswith("roi-background:mode=remove")
            assert one.codec.endswith(f"+{start.codec}")
            assert start.options.model_dump().items() <= one.options.model_dump().items()


def test_a_prefilters_threshold_is_varied_where_it_stands() -> None:
    start = setting("downscale:factor=2+roi-background:mode=flatten,feather=2+avif", quality=21)
    (_, low), (_, default) = threshold_settings(start, [0.1, 0.3])
    assert low.codec == "downscale:factor=2+roi-background:mode=flatten,threshold=0.1,feather=2+avif"
    assert low.options.model_dump()["quality"] == 21
    assert default == start
    # As a pane has it: rows of one are those of the other.
    assert with_threshold(low, 0.3) == start


def test_where_two_stages_have_one_it_is_the_codecs() -> None:
    varied = with_threshold(setting("roi-background:threshold=0.2+roi-jpeg"), 0.7)
    assert varied.codec == "roi-background:threshold=0.2+roi-jpeg"
    assert varied.options.model_dump()["threshold"] == 0.7


def test_the_higher_the_threshold_the_smaller_the_area_and_the_file(imagenet_judge: Judge) -> None:
    pixels = ITEMS[0].load().pixels
    guide = MapGuide.of(imagenet_judge.explain(pixels).values)
    areas = [float(soft_mask(pixels, guide, t, 5).mean()) for t in THRESHOLDS]
    assert areas[0] == 1
    assert 0 < areas[-1] < 0.2
    assert (np.diff(areas) <= 0).all()


@pytest.fixture(scope="module")
def rows(imagenet_judge: Judge, tmp_path_factory: pytest.TempPathFactory) -> list[Measurement]:
    """A threshold sweep of a plain JPEG on two photos, twice: the second time from the store."""
    with Store(tmp_path_factory.mktemp("store") / "rows.sqlite") as store:
        how = {"guide": Guiding((imagenet_judge,)), "store": store}
        first, again = (_sweep(imagenet_judge, ITEMS, setting("jpeg", quality=20), **how) for _ in range(2))
    assert first == again
    return first


def _sweep(judge: Judge, items: list[Item], start: Setting, **how: Any) -> list[Measurement]:
    settings = [one for _, one in threshold_settings(start)]
    run = sweep(items, settings, judge, protocol="crop", seed=0, **how)
    return [row for rows in run for row in rows]


def test_the_curve_is_the_mean_of_the_rows(rows: list[Measurement]) -> None:
    varied = threshold_settings(setting("jpeg", quality=20))
    points = threshold_curve(varied, curves(rows))
    assert [point.threshold for point in points] == list(THRESHOLDS)
    for (_, one), point in zip(varied, points, strict=True):
        assert point.setting == one
        own = [row for row in rows if (row.codec, row.options) == (one.codec, one.options.to_json())]
        assert len(own) == point.figures.photos == len(ITEMS)
        assert point.figures.mean_bytes == np.mean([row.bytes for row in own])
        assert point.figures.p_kept == pytest.approx(np.mean([row.p_kept for row in own]))
        assert point.figures.agreement == wilson(sum(row.agrees for row in own), len(own))
    sizes = [point.figures.mean_bytes for point in points]
    assert sizes[-1] < 0.7 * sizes[0]
    assert sizes == sorted(sizes, reverse=True)


def test_the_whole_curve_is_there_after_the_first_photo(rows: list[Measurement]) -> None:
    first = [row for row in rows if row.photo == rows[0].photo]
    assert len(threshold_curve(threshold_settings(setting("jpeg", quality=20)), curves(first))) == 21


def test_at_threshold_nought_the_codec_is_alone(rows: list[Measurement], imagenet_judge: Judge) -> None:
    run = sweep(ITEMS, [setting("jpeg", quality=20)], imagenet_judge, protocol="crop", seed=0)
    alone = [row.bytes for rows in run for row in rows if row.codec != ORIGINAL]
    whole = with_threshold(setting("jpeg", quality=20), 0).codec
    assert [row.bytes for row in rows if row.codec == whole] == alone


def test_a_map_of_zeros_is_the_same_at_every_threshold(imagenet_judge: Judge, tmp_path: Path) -> None:
    path = tmp_path / "grey.png"
    Image.new("RGB", (240, 240), (90, 90, 90)).save(path)
    grey = Item("grey", partial(photos.load, path, None, "grey"))
    points = threshold_curve(
        threshold_settings(setting("roi-jpeg")),
        curves(_sweep(imagenet_judge, [grey], setting("roi-jpeg"))),
    )
    assert len({point.figures.mean_bytes for point in points}) == 1


def test_the_survivor_is_the_last_before_the_first_loss(
    rows: list[Measurement], points: list[ThresholdPoint]
) -> None:
    assert survivor(points[:1]) == points[0]
    kept = [point.figures.agreement.value == 1 for point in points]
    assert kept == [True, True, False, True]
    assert survivor(points) == points[1]
    assert survivor(points[2:]) is None
    assert survivor([]) is None


@pytest.fixture
def points(rows: list[Measurement]) -> list[ThresholdPoint]:
    """Four thresholds, at the third of which the class is lost."""
    varied = threshold_settings(setting("jpeg", quality=20), THRESHOLDS[:4])
    lost = varied[2][1].codec
    some = [replace(row, agrees=row.codec != lost) for row in rows if row.photo == rows[0].photo]
    found: list[Curve] = curves(some)
    return threshold_curve(varied, found)
