"""How far a codec can go: the smallest file that still meets a goal, or the best one that a size allows."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.types import GoalKind, Measurement, Setting
from keepsight.codecs import registry
from keepsight.codecs.options import OptionField

_STEPS = 64
"""Rungs of a rate option that is not a whole number."""


@dataclass(frozen=True)
class Goal:
    """What a setting must reach."""

    kind: GoalKind
    """agreement: share of photos that keep the class of the uncompressed one. accuracy: share whose class is
    the label. probability: mean probability of the class of the uncompressed photo. bytes: mean size."""
    value: float
    """At least so much, in [0, 1]; of bytes, at most so many."""

    def met_by(self, outcome: "Outcome") -> bool:
        """Whether an outcome is good enough."""
        if self.kind == "bytes":
            return outcome.bytes <= self.value
        found = getattr(outcome, self.kind)
        return found is not None and found >= self.value - 1e-9


KEEPS_THE_CLASS = Goal("agreement", 1.0)


@dataclass(frozen=True)
class Outcome:
    """One setting on one photo or on many."""

    photos: int
    bytes: float
    """Mean size of a file."""
    agreement: float
    accuracy: float | None
    """None where no photo has a label."""
    probability: float
    failed: int = 0
    """Photos that could not be measured."""


@dataclass(frozen=True)
class Limit:
    """The end of a search."""

    codec: str
    setting: Setting | None
    """None where no setting of the codec meets the goal."""
    outcome: Outcome | None
    """That of the setting; where there is none, of the one that should come nearest."""
    tries: int


def rungs(setting: Setting) -> list[Setting]:
    """Return the setting at every value of its codec's rate option, smallest file first.

    A codec with one rate has one rung. The range is the option's own, walked as the codec's ladder is.
    """
    codec = registry.get(setting.codec)
    if codec.rate_option is None:
        return [setting]
    field = next(field for field in codec.options.fields() if field.name == codec.rate_option)
    values = _values(field)
    if codec.ladder_values[0] > codec.ladder_values[-1]:
        values = values[::-1]
    return [Setting(codec.id, setting.options.replace(**{field.name: value})) for value in values]


def most_tries(setting: Setting) -> int:
    """Return how many rungs `search` measures at most."""
    return 1 + math.ceil(math.log2(len(rungs(setting))))


def search(setting: Setting, goal: Goal, measure: Callable[[Setting], Outcome]) -> Limit:
    """Find the smallest rung that meets the goal; of a goal in bytes, the largest one.

    By bisection: it takes for granted that what meets the goal still does with more bytes (with fewer, where
    the goal is a size). A class can flicker, so a smaller file that keeps it by luck may be missed; what is
    returned was measured and meets the goal. Raises what `measure` raises.
    """
    ladder = rungs(setting)
    if goal.kind == "bytes":
        ladder.reverse()
    tried: dict[int, Outcome] = {}

    def meets(place: int) -> bool:
        if place not in tried:
            tried[place] = measure(ladder[place])
        return goal.met_by(tried[place])

    low, high = 0, len(ladder) - 1
    if not meets(high):
        return Limit(setting.codec, None, tried[high], len(tried))
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if meets(middle) else (middle + 1, high)
    meets(high)
    return Limit(setting.codec, ladder[high], tried[high], len(tried))


def best_of(limit: Limit, goal: Goal, others: Mapping[Setting, Outcome]) -> Limit:
    """Return the limit, or one of the others in its place that meets the goal and is smaller.

    Where the goal is a size it is the larger one. The search passes over files that meet a goal by luck; what
    is known to meet it counts all the same.
    """
    sign = -1 if goal.kind == "bytes" else 1
    best = limit
    for setting, found in others.items():
        if goal.met_by(found):
            least = best.outcome.bytes if best.setting and best.outcome else sign * math.inf
            if sign * found.bytes < sign * least:
                best = replace(limit, setting=setting, outcome=found)
    return best


def outcome(rows: Iterable[Measurement]) -> Outcome:
    """Return what rows of one setting say together; rows of the uncompressed photos are passed over."""
    found = [row for row in rows if row.codec != ORIGINAL]
    good = [row for row in found if not row.error]
    if not good:
        return Outcome(0, math.inf, 0.0, None, 0.0, len(found))
    right = [row.correct1 for row in good if row.correct1 is not None]
    return Outcome(
        photos=len(good),
        bytes=float(np.mean([row.bytes for row in good])),
        agreement=float(np.mean([row.agrees for row in good])),
        accuracy=float(np.mean(right)) if right else None,
        probability=float(np.mean([row.p_kept for row in good])),
        failed=len(found) - len(good),
    )


def _values(field: OptionField) -> Sequence[float]:
    assert field.low is not None
    assert field.high is not None
    if field.kind == "int":
        return range(int(field.low), int(field.high) + 1)
    spaced = np.geomspace if field.log else np.linspace
    return [float(f"{value:.3g}") for value in spaced(field.low, field.high, _STEPS)]
