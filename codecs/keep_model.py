"""What Keep's search expects of candidates before it has tried them: sizes and losses by three settings.

Each is a Gaussian process (Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, chapter 2)
over the candidate's place, around a mean that was fitted on many photos. What is measured on one photo moves
it there. The noise of the losses is luck: a classifier likes one candidate and dislikes its neighbour, and
another classifier does not share the taste.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TERMS = 12
"""Of the mean: see `terms`."""


@dataclass(frozen=True, eq=False)
class Process:
    """A Gaussian process over places, (n, 4): log2(coded short side / 224), quality / 20, blurred, very."""

    mean: tuple[float, ...]
    """Weights of the terms."""
    amplitude: float
    """Standard deviation of a photo's own shape around the mean."""
    lengths: tuple[float, float, float]
    """Over which it changes, along the size, the quality and the blur."""
    offset: float
    """Standard deviation of a photo's own level."""
    noise: float
    """Standard deviation of a single measurement."""

    def expected(self, places: Array) -> Array:
        """Return (n,): the mean, before anything is known of the photo."""
        return np.asarray(terms(places) @ np.array(self.mean), np.float64)

    def told(self, places: Array, seen: Array, values: Array) -> tuple[Array, Array]:
        """Return mean and standard deviation, (n,) each, given `values`, (m,), at places `seen`, (m, 4)."""
        known = self.covariance(seen, seen) + self.noise**2 * np.eye(len(seen))
        shared = self.covariance(seen, places)
        weights = np.linalg.solve(known, shared)
        mean = self.expected(places) + weights.T @ (values - self.expected(seen))
        variance = self.amplitude**2 + self.offset**2 - (weights * shared).sum(0)
        return mean, np.sqrt(np.maximum(variance, 0))

    def covariance(self, one: Array, other: Array) -> Array:
        """Return (n, m): how what is at places (n, 4) and (m, 4) goes together, the noise left out."""
        size, quality, blur = self.lengths
        scaled = np.array([size, quality, blur, blur])
        apart = ((one[:, None] - other[None]) / scaled) ** 2
        return np.asarray(self.amplitude**2 * np.exp(-apart.sum(-1) / 2) + self.offset**2, np.float64)


def terms(places: Array) -> Array:
    """Return what the mean is a sum of, (n, TERMS)."""
    size, quality, blurred, very_blurred = places.T
    return np.stack(
        [
            np.ones_like(size),
            *(size, quality, size * size, quality * quality, size * quality),
            *(blurred, blurred * size, blurred * quality),
            *(very_blurred, very_blurred * size, very_blurred * quality),
        ],
        axis=1,
    )
