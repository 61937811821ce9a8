"""Statistics behind the table: gathered in a thread, computed in a process, away from the window."""

from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor
from dataclasses import dataclass

from keepsight.app.engine.comparison import Comparison, compare
from keepsight.app.engine.draws import Measure, Tally
from keepsight.app.engine.paired import Paired, mcnemar
from keepsight.app.engine.types import CurvePoint


@dataclass(frozen=True)
class CompareRequest:
    """Compare all codecs with an anchor."""

    tally: Tally
    measure: Measure
    anchor: str


@dataclass(frozen=True)
class PairRequest:
    """Compare two settings photo by photo."""

    tally: Tally
    measure: Measure
    first: CurvePoint
    second: CurvePoint


@dataclass(frozen=True)
class CompareShown:
    """The answer to one request."""

    request: CompareRequest | PairRequest
    found: Comparison | Paired | None
    """None where no photo tells."""


class Compare:
    """The job."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def __call__(self, request: CompareRequest | PairRequest) -> Iterator[CompareShown]:
        """Yield the answer; none where the program ends meanwhile."""
        tally, measure = request.tally, request.measure
        try:
            if isinstance(request, PairRequest):
                first, second = (
                    tally.outcomes(point.codec, point.options, measure)
                    for point in (request.first, request.second)
                )
                yield CompareShown(request, self._executor.submit(mcnemar, first, second).result())
                return
            draws = tally.draws(measure)
            if draws is None:
                yield CompareShown(request, None)
                return
            comparing = self._executor.submit(compare, draws, measure, request.anchor)
            yield CompareShown(request, comparing.result())
        except CancelledError:
            return
