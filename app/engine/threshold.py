"""One setting with the threshold of its region of interest varied, and what comes of each threshold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from keepsight.app.engine.stages import edited, setting_of, stages_of
from keepsight.app.engine.types import Curve, CurvePoint, Setting
from keepsight.codecs.pipeline import Stage
from keepsight.codecs.prefilters.roi_background import RoiBackground, RoiBackgroundOptions
from keepsight.codecs.roi import threshold_name

THRESHOLDS = tuple(place / 20 for place in range(21))
"""From 0, where all is kept, to 1, where only what matters most is."""


@dataclass(frozen=True)
class ThresholdPoint:
    """What one threshold does to the photos measured so far."""

    threshold: float
    setting: Setting
    figures: CurvePoint


def threshold_of(setting: Setting) -> float | None:
    """Return the threshold of a setting; None where it has none."""
    name = threshold_name(type(setting.options))
    return None if name is None else float(setting.options.model_dump()[name])


def with_threshold(setting: Setting, threshold: float) -> Setting:
    """Return a setting with another threshold, that of its codec if several stages have one.

    Where none has, what lies outside of the region is removed before all else. Raises `OptionsError`.
    """
    stages = stages_of(setting)
    if threshold_name(type(setting.options)) is None:
        stages.insert(0, Stage(RoiBackground(), RoiBackgroundOptions(mode="remove")))
    varied = setting_of(stages)  # as a pane would have it, so that stored rows are found again
    name = threshold_name(type(varied.options))
    assert name is not None
    return edited(varied, {name: threshold})


def threshold_settings(
    setting: Setting, thresholds: Iterable[float] = THRESHOLDS
) -> list[tuple[float, Setting]]:
    """Return the setting at each of these thresholds, all else fixed. Raises as `with_threshold`."""
    return [(threshold, with_threshold(setting, threshold)) for threshold in thresholds]


def threshold_curve(
    settings: Iterable[tuple[float, Setting]], curves: Iterable[Curve]
) -> list[ThresholdPoint]:
    """Return the points of these settings that a sweep has measured so far, in the settings' order."""
    found = {(point.codec, point.options): point for curve in curves for point in curve.points}
    keys = [
        (threshold, setting, (setting.codec, setting.options.to_json())) for threshold, setting in settings
    ]
    return [ThresholdPoint(t, setting, found[key]) for t, setting, key in keys if key in found]


def survivor(points: Sequence[ThresholdPoint]) -> ThresholdPoint | None:
    """Return the last point before the first at which a photo's class is lost; None if it is lost at once.

    Of one photo's curve.
    """
    kept = None
    for point in points:
        if not point.figures.agreement.value:
            break
        kept = point
    return kept
