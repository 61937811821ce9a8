import dataclasses
from collections.abc import Callable

from keepsight.app.engine.types import Curve
from keepsight.app.ui.curve_points import AGREEMENT, METRICS, TOP1, describe

Make = Callable[..., list[Curve]]


def test_a_point_is_described_in_words(curves: Make) -> None:
    point = curves("jpeg", photos=400)[0].points[1]
    lines = describe(point, TOP1).splitlines()

    assert lines[0].startswith("JPEG · quality ")
    assert lines[1:] == [
        "3,613 B a photo · 0.576 bpp",
        "Top-1 accuracy: 0.628 (95 % interval 0.578 to 0.678)",
        "400 photos",
    ]


def test_failures_and_a_single_photo_are_told(curves: Make) -> None:
    point = dataclasses.replace(curves("jpeg")[0].points[0], photos=1, failed=2)
    assert describe(point, AGREEMENT).splitlines()[-1] == "1 photo, 2 more could not be compressed"


def test_only_metrics_that_need_labels_are_missing_without_them(curves: Make) -> None:
    point = curves("jpeg", labelled=False)[0].points[0]
    for metric in METRICS:
        assert (metric.share(point) is None) == metric.needs_labels
    assert "not measured" in describe(point, TOP1)


def test_metrics_have_names_of_their_own() -> None:
    for values in ({m.id for m in METRICS}, {m.label for m in METRICS}, {m.axis for m in METRICS}):
        assert len(values) == len(METRICS)
