"""Two settings on the same photos: is one better, or is it chance?"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Paired:
    """What two settings did to the same photos (McNemar, Psychometrika 12, 1947)."""

    photos: int
    only_first: int
    """Photos that went well with the first setting alone."""
    only_second: int
    p: float
    """Probability of a split at least as uneven where neither is better: the exact test, two-sided."""


def mcnemar(first: Mapping[str, bool], second: Mapping[str, bool]) -> Paired:
    """Compare two settings by what `Tally.outcomes` says; photos that only one of them has do not count."""
    both = first.keys() & second.keys()
    only_first = sum(first[photo] and not second[photo] for photo in both)
    only_second = sum(second[photo] and not first[photo] for photo in both)
    differing = only_first + only_second
    p = min(1.0, 2 * _at_most(min(only_first, only_second), differing))
    return Paired(len(both), only_first, only_second, p)


def _at_most(heads: int, throws: int) -> float:
    """Return the probability of at most so many heads in so many throws of a fair coin."""
    ways = total = 1
    for head in range(heads):
        ways = ways * (throws - head) // (head + 1)  # exact: these are the binomial coefficients
        total += ways
    return total / (1 << throws)
