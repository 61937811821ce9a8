"""Codecs compared on rows whose answer is known."""

from dataclasses import replace

import numpy as np
import pytest

from keepsight.app.engine.comparison import LOSSES, compare
from keepsight.app.engine.draws import Tally
from keepsight.app.engine.rows import ORIGINAL


@pytest.fixture
def tally(row) -> Tally:
    """A hundred photos; the second codec needs half of the first one's bytes, the third is never good."""
    rows = []
    for photo in range(100):
        mine = replace(row, photo=f"{photo}", error="", correct1=True, agrees=True)
        rows.append(replace(mine, codec=ORIGINAL, options="{}"))
        for step in range(10):
            right = photo % 100 < 55 + 5 * step
            for codec, size in (("jpeg", 1000), ("webp", 500), ("avif", 700)):
                good = right and codec != "avif"
                setting = f'{{"quality":{step}}}'
                rows.append(
                    replace(mine, codec=codec, options=setting, bytes=size * (step + 1), correct1=good)
                )
    return Tally(rows)


def test_half_the_bytes_are_half_the_bytes(tally: Tally) -> None:
    found = compare(tally.draws("top1", 50), "top1", "jpeg")
    assert (found.photos, found.anchor) == (100, "jpeg")
    jpeg, webp, avif = (next(one for one in found.codecs if one.codec == c) for c in ("jpeg", "webp", "avif"))
    assert jpeg.delta is None
    assert jpeg.reason == ""
    assert webp.delta.rate == pytest.approx(-0.5)
    assert webp.rates[LOSSES[-1]].saved == pytest.approx(0.5)
    assert avif.delta is None
    assert "do not span the band" in avif.reason
    assert avif.rates == {}


def test_an_anchor_that_does_not_serve_is_everyones_reason(tally: Tally) -> None:
    found = compare(tally.draws("top1", 50), "top1", "avif")
    reasons = {one.codec: one.reason for one in found.codecs}
    assert reasons["avif"].startswith("Its accuracies")
    assert reasons["jpeg"].startswith("What it is compared with does not serve. Its accuracies")
    assert not any(np.any(list(one.rates)) for one in found.codecs)
