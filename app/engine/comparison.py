"""Codecs against an anchor: Bjøntegaard deltas, and bytes at a fixed loss of accuracy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from keepsight.app.engine.bd import Delta, deltas
from keepsight.app.engine.draws import Draws, Measure
from keepsight.app.engine.equal_accuracy import Rate, rates

LOSSES = (0.01, 0.02, 0.05)
"""Of the accuracy on uncompressed photos."""


@dataclass(frozen=True)
class Compared:
    """One codec."""

    codec: str
    delta: Delta | None
    """None where the codec is the anchor, or `reason` says why."""
    reason: str
    rates: Mapping[float, Rate]
    """What it needs, by loss; without those that it does not reach."""


@dataclass(frozen=True)
class Comparison:
    """All codecs of one study."""

    anchor: str
    measure: Measure
    photos: int
    codecs: Sequence[Compared]


def compare(draws: Draws, measure: Measure, anchor: str) -> Comparison:
    """Compare every codec of these draws with the anchor; where that does not serve, its reason is all's."""
    told = {one.codec: one for one in deltas(draws.curves, draws.reference, anchor)}
    needed = {loss: {rate.codec: rate for rate in rates(draws, loss, anchor)} for loss in LOSSES}
    found = []
    for codec in draws.curves:
        one = told.get(codec, told.get(anchor))
        delta = one if isinstance(one, Delta) else None
        reason = "" if one is None or isinstance(one, Delta) else one.reason
        if reason and one is not None and one.codec != codec:
            reason = f"What it is compared with does not serve. {reason}"
        at = {loss: rate[codec] for loss, rate in needed.items() if codec in rate}
        found.append(Compared(codec, delta, reason, at))
    return Comparison(anchor, measure, draws.photos, found)
