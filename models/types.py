"""What a classifier says, and what a saliency map is. No torch here: the window reads these."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from keepsight.models.cards import Card
from keepsight.models.errors import ModelError as ModelError
from keepsight.models.file_inputs import Inputs

Pixels = NDArray[np.uint8]
"""An image: (H, W, 3) uint8, sRGB."""

Map = NDArray[np.float32]
"""A saliency map: (h, w) float32, zero or more, raw."""

LONGEST_SIDE = 512
"""Of a map of a photo, in pixels: it is smooth, so a full-size one of a large photo would say no more."""

MAPS_VERSION = 2
"""Raised when a map's values change, so that what older maps guided is measured again."""

DEFAULT_METHOD = "grad-cam"
"""Id of the saliency method where none is named."""


SEARCH_METHOD = "learned"
"""The same for codecs that search: a map that leans to no classifier, and takes the least time."""


@dataclass(frozen=True)
class Prediction:
    """Class probabilities of one image."""

    probabilities: NDArray[np.float32]
    """(K,) in [0, 1], summing to 1."""
    classes: tuple[str, ...]
    """K names."""

    @property
    def best(self) -> int:
        """Index of the most probable class."""
        return int(self.probabilities.argmax())

    def top(self, k: int = 3) -> list[tuple[str, float]]:
        """Return the k most probable classes with their probabilities, best first."""
        order = np.argsort(-self.probabilities, kind="stable")[:k]
        return [(self.classes[i], float(self.probabilities[i])) for i in order]


@dataclass(frozen=True)
class Importance:
    """How much each pixel mattered to a class, raw: scaling is for display only."""

    values: Map
    """(H, W), of the image that was asked about, scaled down to at most 512 on the long side; zero or more,
    no fixed maximum, zero where the classifier does not look (outside its centre crop)."""
    method: str
    """Id of the saliency method, or the text of a mix of several."""
    target: int | None
    """Index of the class that was explained; None where no part of the map looks into a classifier."""


class Judge(Protocol):
    """A loaded classifier, here or in another process."""

    @property
    def card(self) -> Card:
        """Classes, preprocessing and origin."""

    @property
    def device(self) -> str:
        """Where it runs: "cpu", "cuda", "cuda:1", "mps"."""

    @property
    def runtime(self) -> str:
        """What runs it, with the version: "PyTorch 2.9.0", "OpenVINO 2026.4.1"."""

    def predict(self, batch: Inputs) -> NDArray[np.float32]:
        """Classify prepared images, (n, crop, crop, 3) uint8 sRGB -> (n, K) probabilities.

        `card.prepare(pixels)` prepares a photo. One that reads files (`card.reads`) takes them packed, see
        `keepsight.models.file_inputs`. Raises `ModelError`.
        """

    def explain(self, pixels: Pixels, target: int | None = None, method: str = DEFAULT_METHOD) -> Importance:
        """Return a map of a photo of any size for a class (the predicted one if None).

        `method` is the id of one of `keepsight.models.maps.registry`, or a mix: "grad-cam*2+edges".
        Raises `ModelError`.
        """
