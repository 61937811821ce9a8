"""What a store says of one study: every figure of a report, none of its words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from keepsight.app.engine import naming
from keepsight.app.engine.bd import Delta, Refusal, deltas
from keepsight.app.engine.draws import Draws, Measure, Outcomes
from keepsight.app.engine.equal_accuracy import Rate, rates
from keepsight.app.engine.latency import Latency, Link, Stretch, accuracy, fastest, winners
from keepsight.app.engine.paired import Paired, mcnemar
from keepsight.app.engine.runs import Run
from keepsight.app.engine.store import Store, StoredRun, StoredStudy
from keepsight.app.engine.types import Curve, CurvePoint

LOSSES = (0.01, 0.02, 0.05, 0.1)
"""Of accuracy, at which codecs are compared."""
_HEADLINES = (0.05, 0.1, 0.02, 0.01)
"""Of these losses, the first that two codecs reach leads."""
BANDWIDTHS = (1e6, 1e7, 1e8)
"""Of typical links, bits per second."""
_SPAN = np.geomspace(1e4, 1e9, 501)
"""Bandwidths over which the fastest codec is looked for."""
_ANCHOR = "jpeg"
_NEAR = 0.1
"""How far apart the bytes of two settings of matched size may be."""
_AROUND = 2.0
"""By what factor a matched size may differ from what the loss in question asks for."""


@dataclass(frozen=True)
class Pair:
    """Settings of two codecs at about the same bytes, on the same photos."""

    first: CurvePoint
    second: CurvePoint
    paired: Paired


@dataclass(frozen=True)
class Findings:
    """The figures of one protocol, classifier and guide."""

    study: StoredStudy
    guide: str
    """`Guiding.name`; empty where nobody guided."""
    runs: Sequence[tuple[StoredRun, Run]]
    """The oldest first: those that measured these rows, and those of which all rows failed."""
    rows_by_run: Mapping[int | None, int]
    curves: Sequence[Curve]
    versions: Mapping[str, int]
    """Of the codecs: `Codec.version`."""
    uncompressed: CurvePoint | None
    compared: int
    """Photos that all compared settings have."""
    uncompared: Sequence[CurvePoint]
    """Settings that too few photos have."""
    anchor: str | None
    """The codec with which the others are compared."""
    rates: Mapping[float, Sequence[Rate]]
    """By loss, the fewest bytes first. Where the anchor is not among them, nothing is saved against it."""
    headline: float
    """The loss that matters most."""
    deltas: Sequence[Delta | Refusal]
    front: Sequence[CurvePoint]
    """Settings that no smaller file beats, of all codecs."""
    pairs: Sequence[Pair]
    """Codecs that follow one another by the bytes for the headline's loss."""
    fastest: Mapping[float, Sequence[Latency]]
    """By bandwidth; empty where no codec reaches the floor."""
    winners: Sequence[Stretch]

    @property
    def measure(self) -> Measure:
        """Against labels where there are any."""
        return _measure(self.uncompressed)

    @property
    def reference(self) -> float:
        """Accuracy of the uncompressed photos."""
        return accuracy(self.uncompressed) if self.uncompressed else 1.0

    @property
    def rows(self) -> int:
        """How many rows the figures are made of."""
        return sum(self.rows_by_run.values())


def all_findings(store: Store, protocol: str | None = None, classifier: str | None = None) -> list[Findings]:
    """Return the figures of every study, or of a protocol or classifier, one for each that guided.

    Raises `StoreError`.
    """
    return [
        findings(store, study, guide)
        for study in store.studies()
        if protocol in (None, study.protocol) and classifier in (None, study.classifier)
        for guide in study.guides or ("",)
    ]


def findings(store: Store, study: StoredStudy, guide: str) -> Findings:
    """Return the figures of one study. Raises `StoreError`."""
    key = (study.protocol, study.classifier, guide)
    curves, uncompressed = store.curves(*key), store.uncompressed(study.protocol, study.classifier)
    outcomes = store.outcomes(*key, _measure(uncompressed))
    draws = outcomes.draws() if outcomes else None
    anchor = _anchor(draws)
    by_loss = {loss: _rates(draws, loss, anchor) for loss in LOSSES} if draws and anchor else {}
    headline = next((loss for loss in _HEADLINES if len(by_loss.get(loss, ())) > 1), _HEADLINES[0])
    floor = (accuracy(uncompressed) if uncompressed else 1.0) - headline
    rows_by_run = store.rows_by_run(*key)
    return Findings(
        study=study,
        guide=guide,
        runs=_runs(store, key, rows_by_run),
        rows_by_run=rows_by_run,
        curves=curves,
        versions=store.versions(*key),
        uncompressed=uncompressed,
        compared=draws.photos if draws else 0,
        uncompared=_uncompared(curves, outcomes),
        anchor=anchor,
        rates=by_loss,
        headline=headline,
        deltas=deltas(draws.curves, draws.reference, anchor) if draws and anchor else [],
        front=front(curves),
        pairs=_pairs(curves, outcomes, by_loss.get(headline, ())) if outcomes else [],
        fastest={bandwidth: fastest(curves, Link(bandwidth), floor) for bandwidth in BANDWIDTHS},
        winners=winners(curves, Link(1.0), floor, [float(bandwidth) for bandwidth in _SPAN]),
    )


def front(curves: Sequence[Curve]) -> list[CurvePoint]:
    """Return the Pareto front of all points: each more accurate than every one of no more bytes."""
    found: list[CurvePoint] = []
    points = (point for curve in curves for point in curve.points)
    for point in sorted(points, key=lambda point: (point.mean_bytes, -accuracy(point))):
        if not found or accuracy(point) > accuracy(found[-1]):
            found.append(point)
    return found


def _measure(uncompressed: CurvePoint | None) -> Measure:
    return "top1" if uncompressed and uncompressed.top1 else "agreement"


def _anchor(draws: Draws | None) -> str | None:
    """Return JPEG, else a standard format, else whatever was measured with two settings."""
    codecs = list(draws.curves) if draws else []
    if _ANCHOR in codecs:
        return _ANCHOR
    standard = [codec for codec in codecs if (found := naming.find(codec)) and found.standard]
    return next(iter([*standard, *codecs]), None)


def _rates(draws: Draws, loss: float, anchor: str) -> list[Rate]:
    found = rates(draws, loss, anchor) or [
        rate for codec in draws.curves for rate in rates(draws, loss, codec) if rate.codec == codec
    ]
    return sorted(found, key=lambda rate: rate.bytes)


def _uncompared(curves: Sequence[Curve], outcomes: Outcomes | None) -> list[CurvePoint]:
    shared = set(outcomes.settings) if outcomes else set()
    points = (point for curve in curves for point in curve.points)
    return [point for point in points if (point.codec, point.options) not in shared]


def _runs(
    store: Store, key: tuple[str, str, str], rows_by_run: Mapping[int | None, int]
) -> list[tuple[StoredRun, Run]]:
    told = [(run, Run.model_validate_json(run.about)) for run in store.runs()]
    return [
        (run, about)
        for run, about in told
        if run.id in rows_by_run or (run.failed and (about.protocol, about.fingerprint, about.guide) == key)
    ]


def _pairs(curves: Sequence[Curve], outcomes: Outcomes, ranked: Sequence[Rate]) -> list[Pair]:
    """Compare codecs that follow one another, at the matched size nearest to what the loss asks for."""
    places = {setting: place for place, setting in enumerate(outcomes.settings)}
    points = {
        curve.codec: [point for point in curve.points if (point.codec, point.options) in places]
        for curve in curves
    }

    def went_well(point: CurvePoint) -> dict[str, bool]:
        column = outcomes.right[:, places[point.codec, point.options]]
        return {str(photo): bool(right) for photo, right in enumerate(column)}

    found = []
    for smaller, larger in pairwise(ranked):
        target = np.sqrt(smaller.bytes * larger.bytes)
        near = [
            (abs(np.log(first.mean_bytes * second.mean_bytes / target**2)), first, second)
            for first in points[smaller.codec]
            for second in points[larger.codec]
            if abs(np.log(first.mean_bytes / second.mean_bytes)) <= np.log1p(_NEAR)
        ]
        away, first, second = min(near, key=lambda one: one[0], default=(np.inf, None, None))
        if first and second and away <= 2 * np.log(_AROUND):
            found.append(Pair(first, second, mcnemar(went_well(first), went_well(second))))
    return found
