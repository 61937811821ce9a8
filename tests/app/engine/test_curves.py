"""Rows to curves, against figures worked out by hand and published intervals."""

import math
import random
import time
from dataclasses import replace
from typing import Any

import pytest

from keepsight.app.engine.curves import CurveBuilder, curves, wilson
from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.types import Measurement

ROW = Measurement(
    photo="p",
    name="p.png",
    label=1,
    codec="jpeg",
    codec_version=1,
    options='{"quality":8}',
    protocol="crop",
    guide="",
    classifier="c",
    pixels=1000,
    bytes=500,
    top1=1,
    agrees=True,
    correct1=True,
    correct5=True,
    p_true=0.9,
    p_kept=0.9,
    kl=0.1,
    psnr=30.0,
    ssim=0.9,
    ms_ssim=0.95,
    encode_s=0.001,
    decode_s=0.002,
    classify_s=0.003,
)


def _row(**changes: Any) -> Measurement:
    return replace(ROW, **changes)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_published(successes: int, trials: int, low: float, high: float) -> None:
    share = wilson(successes, trials)
    assert share.value == successes / trials
    assert share.low == pytest.approx(low, abs=5e-5)
    assert share.high == pytest.approx(high, abs=5e-5)


def test_wilson_is_symmetric_and_within_bounds() -> None:
    for trials in (1, 2, 50, 10_000):
        none, every = wilson(0, trials), wilson(trials, trials)
        assert none.low == pytest.approx(0, abs=1e-12)
        assert every.high == pytest.approx(1)
        assert every.low == pytest.approx(1 - none.high)


def test_figures_of_a_point() -> None:
    rows = [
        _row(bytes=100, pixels=1000, kl=0.0, psnr=math.inf, ssim=1.0, encode_s=0.001),
        _row(
            bytes=300, pixels=3000, kl=0.6, psnr=20.0, ssim=0.4, encode_s=0.002, agrees=False, correct1=False
        ),
        _row(bytes=500, pixels=1000, kl=0.3, psnr=30.0, ssim=0.7, encode_s=0.900, agrees=False),
        _row(error="It failed.", bytes=0, pixels=0),
    ]
    ((point,),) = [curve.points for curve in curves(rows)]
    assert (point.photos, point.failed) == (3, 1)
    assert point.mean_bytes == 300
    assert point.bpp == pytest.approx(8 * 900 / 5000)
    assert point.top1 == wilson(2, 3)
    assert point.top5 == wilson(3, 3)
    assert point.agreement == wilson(1, 3)
    assert point.kl == pytest.approx(0.3)
    assert point.psnr == pytest.approx(50)
    assert point.ssim == pytest.approx(0.7)
    assert point.encode_ms == 2


def test_no_accuracy_without_labels() -> None:
    ((point,),) = [c.points for c in curves([_row(label=None, correct1=None, correct5=None, p_true=None)])]
    assert point.top1 is None
    assert point.top5 is None


def test_curves_in_order_of_codecs_and_points_in_order_of_bytes() -> None:
    rows = [
        _row(codec="webp", options='{"quality":50}', bytes=900),
        _row(codec="jpeg", options='{"quality":9}', bytes=700),
        _row(codec="webp", options='{"quality":5}', bytes=200),
        _row(codec="avif", error="It failed."),
        _row(codec=ORIGINAL, options="{}", bytes=3000, correct1=False),
    ]
    built = CurveBuilder(rows)
    assert [(c.codec, [p.mean_bytes for p in c.points]) for c in built.curves()] == [
        ("webp", [200, 900]),
        ("jpeg", [700]),
    ]
    original = built.uncompressed()
    assert original is not None
    assert original.top1 == wilson(0, 1)


def test_nothing_yet() -> None:
    assert curves([]) == []
    assert CurveBuilder().uncompressed() is None


def test_rows_may_come_one_by_one() -> None:
    rng = random.Random(1)
    rows = [
        _row(
            options=f'{{"quality":{rng.randrange(3)}}}',
            bytes=rng.randrange(1, 999),
            correct1=rng.random() < 0.5,
        )
        for _ in range(300)
    ]
    builder = CurveBuilder()
    for row in rows:
        builder.add([row])
    assert builder.curves() == curves(rows)


def test_100_000_rows_at_once() -> None:
    rows = [_row(options=f'{{"quality":{i}}}', bytes=i + 1) for i in range(50)] * 2000
    started = time.process_time()
    builder = CurveBuilder(rows)
    added = time.process_time()
    builder.curves()
    assert added - started < 1
    assert time.process_time() - added < 0.5  # what a live plot pays at each update
