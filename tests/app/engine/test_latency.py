from dataclasses import fields

import numpy as np
import pytest

from keepsight.app.engine.latency import Link, fastest, latency, totals, winners
from keepsight.app.engine.types import Curve, CurvePoint, Share


def point(codec: str, size: float, accuracy: float, encode: float, labelled: bool = True) -> CurvePoint:
    values = {field.name: 0.0 for field in fields(CurvePoint)}
    share = Share(accuracy, accuracy, accuracy)
    return CurvePoint(
        **values
        | {
            "codec": codec,
            "options": "{}",
            "mean_bytes": size,
            "top1": share if labelled else None,
            "agreement": Share(1, 1, 1) if labelled else share,
            "encode_ms": encode,
            "decode_ms": 2.0,
            "classify_ms": 10.0,
        }
    )


QUICK = Curve("jpeg", [point("jpeg", 2000, 0.6, 1), point("jpeg", 10_000, 0.8, 1)])
SMALL = Curve("avif", [point("avif", 1000, 0.6, 50), point("avif", 5_000, 0.8, 50)])


def test_a_photo_takes_the_sum_of_its_steps():
    found = latency(QUICK.points[0], Link(16_000, 40, client_speed=0.5, server_speed=10))
    assert (found.encode, found.transfer, found.decode, found.classify) == pytest.approx((2, 1040, 0.2, 1))
    assert found.total == pytest.approx(1043.2)


def test_the_small_codec_wins_on_a_slow_link_and_the_quick_one_on_a_fast_one():
    slow = fastest([QUICK, SMALL], Link(1e5), 0.7)
    fast = fastest([QUICK, SMALL], Link(1e8), 0.7)
    assert [one.point.codec for one in slow] == ["avif", "jpeg"]
    assert [one.point.codec for one in fast] == ["jpeg", "avif"]
    assert slow[0].point.mean_bytes == 5000, "the smaller file does not reach the accuracy"
    assert fastest([QUICK, SMALL], Link(1e5), 0.5)[0].point.mean_bytes == 1000
    assert fastest([QUICK, SMALL], Link(1e5), 0.9) == []


def test_the_change_comes_where_both_take_the_same():
    bandwidths = np.geomspace(1e4, 1e8, 401)
    first, second = winners([QUICK, SMALL], Link(1), 0.7, bandwidths)
    assert (first.codec, second.codec) == ("avif", "jpeg")
    assert first.high == pytest.approx(8 * 5000 / 0.049, rel=0.03)
    assert (first.low, second.high) == (bandwidths[0], bandwidths[-1])
    assert winners([QUICK, SMALL], Link(1), 0.9, bandwidths) == []


def test_without_labels_the_agreement_counts():
    unlabelled = Curve("jpeg", [point("jpeg", 2000, 0.6, 1, labelled=False)])
    assert fastest([unlabelled], Link(1e5), 0.5)
    assert not fastest([unlabelled], Link(1e5), 0.7)


def test_totals_are_those_of_the_fastest_setting():
    bandwidths = np.geomspace(1e4, 1e8, 9)
    for curve in (QUICK, SMALL):
        link = Link(1, 30, client_speed=0.2, server_speed=3)
        found = totals(curve, link, 0.55, bandwidths)
        there = [Link(bandwidth, 30, 0.2, 3) for bandwidth in bandwidths]
        assert found == pytest.approx([fastest([curve], one, 0.55)[0].total for one in there])
        assert totals(curve, link, 0.9, bandwidths) is None
