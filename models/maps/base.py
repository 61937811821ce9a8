"""What a saliency method is: declared once for the window, the command line, the tables and the tests."""

from abc import ABC, abstractmethod
from typing import Literal, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from keepsight.models.types import LONGEST_SIDE, Map, Pixels

Kind = Literal["classifier", "image", "control"]
"""classifier: needs a loaded one. image: needs the pixels alone. control: knows nothing, to compare with."""


class Subject(Protocol):
    """One image inside a classifier, as methods look at it; what is not asked for is not computed.

    The stage is the last place of the network where positions of the image are still apart.
    """

    @property
    def activations(self) -> NDArray[np.float32]:
        """(C, h, w): what the stage says."""

    @property
    def gradients(self) -> NDArray[np.float32]:
        """(C, h, w): how the class's logit grows with each activation."""

    def without_channels(self) -> NDArray[np.float32]:
        """(C,): by how much the class's logit falls where one channel of the stage is set to zero."""

    def masked(self, masks: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, h, w) in [0, 1] -> (n,): the class's logit for the image times each mask, enlarged to it."""

    def input_gradients(self, copies: int, noise: float) -> NDArray[np.float32]:
        """(copies, 3, H, W): gradients of the class's logit by the image with normal noise on it.

        `noise` is the standard deviation as a share of the image's range. The same image, the same noise.
        """


class Method(ABC):
    """A saliency method. A subclass in a module of this folder is found by the registry by itself."""

    id: str
    """Permanent name on the command line and in files: lower case, digits and hyphens."""
    label: str
    """Name that people read."""
    help: str
    """What is bright in the map, in a sentence."""
    kind: Kind


class ImageMethod(Method):
    """A method that needs nothing but pixels."""

    kind: Kind = "image"
    side: int = LONGEST_SIDE
    """The longest side that it works at; larger images are scaled down to it."""

    @abstractmethod
    def draw(self, pixels: Pixels) -> Map:
        """Return the raw map of an image of at most `side` pixels a side, at its size or smaller."""

    def map(self, pixels: Pixels) -> Map:
        """Return the map of an image of any size: its aspect, at most `LONGEST_SIDE`, zero or more."""
        values = self.draw(reduced(pixels, self.side))
        height, width = map_shape(*pixels.shape[:2])
        if values.shape != (height, width):
            values = cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(values, np.float32).clip(0, None)


class ClassifierMethod(Method):
    """A method that looks into a classifier."""

    kind: Kind = "classifier"
    by_class: bool = True
    """Whether the map depends on the class that is asked about."""

    @abstractmethod
    def map(self, subject: Subject) -> Map:
        """Return the raw map of what the classifier sees, of any resolution, zero or more."""


def map_shape(height: int, width: int) -> tuple[int, int]:
    """Return the shape of the maps of an image: its own, or its aspect at `LONGEST_SIDE`."""
    scale = min(1.0, LONGEST_SIDE / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def reduced(pixels: Pixels, side: int) -> Pixels:
    """Return the image with its longest side at `side` where it is longer, averaged over areas."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return np.ascontiguousarray(pixels)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def window(pixels: Pixels) -> int:
    """Return the side of the neighbourhood that a pixel is judged by: odd, about 1/16 of the longer side."""
    longest: int = max(pixels.shape[:2])
    return max(3, longest // 16 | 1)
