import numpy as np
import pytest

from keepsight.app.ui.byte_axis import ticks_between
from keepsight.app.ui.format import short_size


def sizes(low: float, high: float, pixels: float) -> list[int]:
    return [round(10**tick) for tick in ticks_between(np.log10(low), np.log10(high), pixels)]


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (500, "500 B"),
        (1000, "1 kB"),
        (1500, "1.5 kB"),
        (20_000, "20 kB"),
        (2e6, "2 MB"),
        (999, "999 B"),
        (0.5, "0.5 B"),
    ],
)
def test_sizes_read_short(size: float, text: str) -> None:
    assert short_size(size) == text


def test_ticks_are_round_and_as_many_as_have_room() -> None:
    assert sizes(950, 11_000, 1400) == [1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000]
    assert sizes(950, 110_000, 500) == [1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000]
    assert sizes(10, 1.1e8, 500) == [10**n for n in range(1, 9)]


def test_a_narrow_range_gets_ticks_too() -> None:
    assert sizes(2010, 2490, 600) == [2050, 2100, 2150, 2200, 2250, 2300, 2350, 2400, 2450]


@pytest.mark.parametrize("pixels", [60, 200, 900, 2500])
@pytest.mark.parametrize(("low", "high"), [(2.0, 2.05), (2.3, 2.9), (3.0, 4.2), (2.0, 6.5)])
def test_texts_never_meet(low: float, high: float, pixels: float) -> None:
    ticks = ticks_between(low, high, pixels)
    assert all(low <= tick <= high for tick in ticks)
    assert (np.diff(ticks) * pixels / (high - low) > 45).all()
