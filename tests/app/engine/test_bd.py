"""Bjøntegaard deltas on curves whose answer is known."""

import bjontegaard
import numpy as np
import pytest

from keepsight.app.engine.bd import Delta, Refusal, deltas
from keepsight.app.engine.draws import DrawnCurve

SIZES = np.geomspace(500, 16_000, 10)
ACCURACIES = np.array([0.2, 0.4, 0.55, 0.65, 0.72, 0.78, 0.82, 0.85, 0.87, 0.88])
REFERENCE = np.full(40, 0.89)


def curve(sizes=SIZES, accuracies=ACCURACIES, noise=0.0) -> DrawnCurve:
    rng = np.random.default_rng(0)
    shape = (len(REFERENCE), len(sizes))
    spread = noise * rng.standard_normal(shape)
    spread[0] = 0
    return DrawnCurve(np.broadcast_to(np.log(sizes), shape), accuracies + spread)


def test_half_the_bytes_at_every_accuracy():
    (found,) = deltas({"jpeg": curve(), "half": curve(SIZES / 2)}, REFERENCE, "jpeg")
    assert isinstance(found, Delta)
    assert (found.rate, found.rate_low, found.rate_high) == pytest.approx((-0.5, -0.5, -0.5))
    assert found.accuracy is not None
    assert 0.05 < found.accuracy < 0.3


def test_the_same_figures_as_the_package_where_the_band_is_all_that_both_span():
    other = np.array([0.2, 0.45, 0.6, 0.7, 0.76, 0.8, 0.83, 0.86, 0.875, 0.88])
    sizes = SIZES * 0.9
    (found,) = deltas(
        {"jpeg": curve(), "new": curve(sizes, other)}, REFERENCE, "jpeg", (0.2 / 0.89, 0.88 / 0.89)
    )
    expected = bjontegaard.bd_rate(SIZES, ACCURACIES, sizes, other, method="pchip") / 100
    assert isinstance(found, Delta)
    assert found.rate == pytest.approx(expected)


def test_intervals_hold_the_draws():
    curves = {"jpeg": curve(), "new": curve(SIZES * 0.7, noise=0.005)}
    (found,) = deltas(curves, REFERENCE, "jpeg")
    assert isinstance(found, Delta)
    assert found.rate_low < -0.3 < found.rate_high
    assert found.accuracy_low < found.accuracy < found.accuracy_high


def test_a_dip_is_levelled_out():
    dipped = ACCURACIES.copy()
    dipped[[4, 5]] = dipped[[5, 4]]
    (found,) = deltas({"jpeg": curve(), "dipped": curve(accuracies=dipped)}, REFERENCE, "jpeg")
    assert isinstance(found, Delta)
    assert abs(found.rate) < 0.05


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (curve(SIZES[:6], ACCURACIES[:6]), "6 settings, fewer than 8"),
        (curve(accuracies=ACCURACIES - 0.1), "do not span the band of 0.748 to 0.872"),
        (curve(accuracies=ACCURACIES * 0.1 + 0.79), "do not span the band"),
    ],
)
def test_refusals_say_why(other, reason):
    (found,) = deltas({"jpeg": curve(), "other": other}, REFERENCE, "jpeg")
    assert isinstance(found, Refusal)
    assert reason in found.reason
    (found,) = deltas({"other": curve(), "jpeg": other}, REFERENCE, "jpeg")
    assert isinstance(found, Refusal)
    assert (found.codec, reason in found.reason) == ("jpeg", True)


def test_an_anchor_that_is_not_there():
    (found,) = deltas({"webp": curve()}, REFERENCE, "jpeg")
    assert found == Refusal("jpeg", "It was not measured with two settings or more on every photo.")
