"""What an encoder may ask about the image: how much each pixel matters, and what a candidate file would lose.

No label ever comes this way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import cv2
import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]
"""(H, W) in [0, 1]: 0 does not matter, 1 matters most."""

_GRID = 32
"""Cells of the intrinsic map along the longer side."""


class Guide(Protocol):
    """Knows one image; made anew for each."""

    def importance(self) -> Map:
        """Return how much each part of the image matters, of the image's aspect and any resolution."""


@runtime_checkable
class Critic(Guide, Protocol):
    """A guide that reads candidates too. Not every one can: a drawn region or a finished map has no opinion.

    An encoder that searches asks `isinstance(guide, Critic)` and measures pixels where that is False.
    """

    @property
    def memory(self) -> dict[Any, Any]:
        """What encoders note about this image, for the next time that the same guide is asked.

        Guides of one image and one map may share it: what `readers` of another name said is not theirs.
        """

    @property
    def readers(self) -> str:
        """Who reads candidates, and how: guides of one name answer alike."""

    def distortion(self, candidates: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
        """Return (n,), nats, zero or more: KL(prediction on the original || prediction on each candidate).

        Candidates are images of the original's size, (H, W, 3) sRGB; they are read as batches.
        """

    def keeps(self, candidates: Sequence[NDArray[np.uint8]]) -> NDArray[np.bool_]:
        """Return (n,): whether each candidate is still read as the class that the original is read as."""


@dataclass(frozen=True, eq=False)
class MapGuide:
    """A guide whose map is made already."""

    values: Map

    @classmethod
    def of(cls, raw: NDArray[np.float32]) -> "MapGuide":
        """Scale a map of non-negative numbers, (H, W), to [0, 1]; one that is zero everywhere stays so."""
        largest = np.float32(raw.max(initial=0))
        return cls(raw / largest if largest > 0 else np.zeros_like(raw))

    def importance(self) -> Map:
        """See `Guide.importance`."""
        return self.values


class RegionGuide(MapGuide):
    """A region drawn by hand: 1 inside, with the soft edge that it was given.

    Encoders that cut a region from a map by a threshold take this one as it is.
    """


@dataclass(frozen=True, eq=False)
class SteeredCritic:
    """A critic whose map is another guide's: a region drawn by hand, say."""

    critic: Critic
    by: Guide
    memory: dict[Any, Any] = field(default_factory=dict)
    """See `Critic.memory`; not the critic's own: with another map, the same places are other candidates."""

    @property
    def readers(self) -> str:
        """See `Critic.readers`."""
        return self.critic.readers

    def importance(self) -> Map:
        """See `Guide.importance`."""
        return self.by.importance()

    def distortion(self, candidates: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
        """See `Critic.distortion`."""
        return self.critic.distortion(candidates)

    def keeps(self, candidates: Sequence[NDArray[np.uint8]]) -> NDArray[np.bool_]:
        """See `Critic.keeps`."""
        return self.critic.keeps(candidates)


def importance(pixels: NDArray[np.uint8], guide: Guide | None) -> Map:
    """Return the guide's map at the size of `pixels`, (H, W, 3); without a guide the image's own."""
    height, width = pixels.shape[:2]
    values = intrinsic(pixels) if guide is None else guide.importance()
    if values.shape != (height, width):
        values = cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(values.clip(0, 1), np.float32)


def intrinsic(pixels: NDArray[np.uint8]) -> Map:
    """Return the density of edges on a coarse grid, in [0, 1]: what may matter, seen without a classifier.

    In whole numbers up to the last division, so that every machine gives the same map.
    """
    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    slope = np.abs(cv2.Scharr(grey, cv2.CV_16S, 1, 0).astype(np.int64))
    slope += np.abs(cv2.Scharr(grey, cv2.CV_16S, 0, 1).astype(np.int64))
    height, width = grey.shape
    cell = max(1, -(-max(height, width) // _GRID))
    rows, columns = np.arange(0, height, cell), np.arange(0, width, cell)
    sums = np.add.reduceat(np.add.reduceat(slope, rows, axis=0), columns, axis=1)
    areas = np.outer(np.diff(np.append(rows, height)), np.diff(np.append(columns, width)))
    return MapGuide.of((sums // areas).astype(np.float32)).values
