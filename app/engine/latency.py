"""Is it worth the time? How long a photo takes from a camera to its class, over a link of a given speed."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from keepsight.app.engine.draws import Array
from keepsight.app.engine.types import Curve, CurvePoint


@dataclass(frozen=True)
class Link:
    """Between the client, which encodes, and the server, which decodes and classifies."""

    bandwidth: float
    """Bits per second, above zero."""
    round_trip_ms: float = 0.0
    client_speed: float = 1.0
    """How many times as fast as the machine that measured, above zero."""
    server_speed: float = 1.0


@dataclass(frozen=True)
class Latency:
    """What one photo takes with one setting, in milliseconds."""

    point: CurvePoint
    encode: float
    transfer: float
    """The file's bytes at the link's bandwidth, and half of a round trip each way."""
    decode: float
    classify: float

    @property
    def total(self) -> float:
        """From pixels to class."""
        return self.encode + self.transfer + self.decode + self.classify


def latency(point: CurvePoint, link: Link) -> Latency:
    """Return what a photo takes with a setting over a link, by medians of time and the mean size."""
    return Latency(
        point,
        encode=point.encode_ms / link.client_speed,
        transfer=1000 * 8 * point.mean_bytes / link.bandwidth + link.round_trip_ms,
        decode=point.decode_ms / link.server_speed,
        classify=point.classify_ms / link.server_speed,
    )


def fastest(curves: Iterable[Curve], link: Link, floor: float) -> list[Latency]:
    """Return each codec's fastest setting whose accuracy is at least `floor`, the fastest codec first.

    The accuracy is top-1 where photos have labels, else the agreement with the uncompressed photo. A codec
    without such a setting is left out.
    """
    found = []
    for curve in curves:
        good = [latency(point, link) for point in curve.points if accuracy(point) >= floor]
        if good:
            found.append(min(good, key=lambda one: one.total))
    return sorted(found, key=lambda one: one.total)


def accuracy(point: CurvePoint) -> float:
    """Return a setting's top-1 accuracy, or its agreement where there are no labels."""
    return (point.top1 or point.agreement).value


@dataclass(frozen=True)
class Stretch:
    """A range of bandwidths over which one codec is the fastest."""

    codec: str
    low: float
    """Bits per second."""
    high: float


def totals(curve: Curve, link: Link, floor: float, bandwidths: Sequence[float]) -> Array | None:
    """Return the milliseconds a photo takes with a codec's fastest setting at each of these bandwidths, (n,).

    None where no setting's accuracy is at least `floor`. The link's own bandwidth does not matter.
    """
    good = [point for point in curve.points if accuracy(point) >= floor]
    if not good:
        return None
    still = replace(link, bandwidth=math.inf)
    fixed = np.array([latency(point, still).total for point in good])
    bits = np.array([8 * point.mean_bytes for point in good])
    found: Array = (fixed[:, None] + 1000 * bits[:, None] / np.asarray(bandwidths, float)).min(0)
    return found


def winners(curves: Sequence[Curve], link: Link, floor: float, bandwidths: Sequence[float]) -> list[Stretch]:
    """Return which codec is the fastest at which of these bandwidths, growing ones; none where none will do.

    The link's own bandwidth does not matter.
    """
    told = [(curve.codec, totals(curve, link, floor, bandwidths)) for curve in curves]
    found = [(codec, taken) for codec, taken in told if taken is not None]
    if not found:
        return []
    stretches: list[Stretch] = []
    for bandwidth, place in zip(bandwidths, np.array([taken for _, taken in found]).argmin(0), strict=True):
        codec = found[place][0]
        if stretches and stretches[-1].codec == codec:
            stretches[-1] = Stretch(codec, stretches[-1].low, bandwidth)
        else:
            stretches.append(Stretch(codec, bandwidth, bandwidth))
    return stretches
