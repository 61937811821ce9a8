"""Bytes at equal accuracy, on curves whose answer is known."""

from dataclasses import replace

import numpy as np
import pytest

from keepsight.app.engine.draws import Tally
from keepsight.app.engine.equal_accuracy import Rate, rates
from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.types import Measurement

PHOTOS = 400


def measured(row: Measurement, codec: str, size: float, correct: int) -> list[Measurement]:
    """Return rows of one setting: `correct` photos keep their class, spread evenly, all of one size."""
    right = {int(n) for n in np.linspace(0, PHOTOS - 1, correct)} if correct else set()
    return [
        replace(
            row, photo=f"p{n}", codec=codec, options=f'{{"s":{size}}}', bytes=int(size), correct1=n in right
        )
        for n in range(PHOTOS)
    ]


def needed(tally: Tally, loss: float) -> list[Rate]:
    draws = tally.draws("top1")
    return rates(draws, loss, "jpeg") if draws else []


@pytest.fixture
def tally(row: Measurement) -> Tally:
    tally = Tally()
    tally.add(replace(r, options="{}") for r in measured(row, ORIGINAL, 150528, 360))
    for codec, factor in (("jpeg", 1.0), ("webp", 0.5)):
        for size, correct in ((500, 100), (1000, 200), (2000, 300), (8000, 350)):
            tally.add(measured(row, codec, size * factor, correct))
    return tally


def test_the_logarithm_is_linear_between_settings(tally: Tally) -> None:
    by_codec = {rate.codec: rate for rate in needed(tally, 0.9 - 0.625)}
    assert by_codec["jpeg"].bytes == pytest.approx(1000 * 2**0.5)
    assert by_codec["webp"].bytes == pytest.approx(500 * 2**0.5)
    assert by_codec["webp"].saved == pytest.approx(0.5)
    assert by_codec["webp"].low < by_codec["webp"].bytes < by_codec["webp"].high
    assert by_codec["webp"].saved_low <= 0.5 + 1e-9
    assert by_codec["webp"].saved_high >= 0.5 - 1e-9


def test_what_does_not_reach_the_accuracy_is_left_out(tally: Tally, row: Measurement) -> None:
    tally.add(measured(row, "avif", 300, 20))
    tally.add(measured(row, "avif", 600, 200))
    tally.add(measured(row, "png", 100_000, 360))
    assert {rate.codec for rate in needed(tally, 0.2)} == {"jpeg", "webp"}
    assert needed(tally, 0.0) == []  # the anchor itself does not get there


def test_accuracy_that_falls_with_more_bytes_counts_for_nothing(row: Measurement) -> None:
    tally = Tally()
    tally.add(replace(r, options="{}") for r in measured(row, ORIGINAL, 150528, 360))
    for size, correct in ((500, 100), (1000, 300), (2000, 250), (4000, 350)):
        tally.add(measured(row, "jpeg", size, correct))
    (rate,) = needed(tally, 0.9 - 0.75)
    assert rate.bytes == pytest.approx(1000)


def test_without_labels_there_is_nothing_to_compare(row: Measurement) -> None:
    tally = Tally()
    tally.add([replace(row, correct1=None)])
    assert needed(tally, 0.1) == []
