"""Labelled scenes: toys on cluttered ground, rendered from a seed, with label and exact object mask."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keepsight.models.scenes_camera import photograph
from keepsight.models.scenes_plan import make_plan
from keepsight.models.scenes_toys import CLASSES

__all__ = ["CLASSES", "SPLITS", "Scene", "label_of", "render"]

SPLITS: dict[str, range] = {
    "train": range(1_000_000),
    "tune": range(1_000_000, 2_000_000),
    "test": range(2_000_000, 3_000_000),
}
"""Seeds by purpose: `train` for the shipped classifier, `tune` for choosing settings, `test` for figures."""


@dataclass(frozen=True)
class Scene:
    """One rendered scene."""

    pixels: NDArray[np.uint8]
    """(size, size, 3) uint8, sRGB."""
    mask: NDArray[np.bool_]
    """(size, size): where the toy is seen."""
    label: int
    """Index into `CLASSES`."""


def label_of(seed: int) -> int:
    """Return the label of a seed: any run of ten seeds holds each class once."""
    return seed % len(CLASSES)


def render(seed: int, size: int = 224) -> Scene:
    """Render one scene; the same seed and size always give the same scene.

    Args:
        seed: Zero or more; `SPLITS` says which seeds are for what.
        size: Side of the square image, pixels, 32 to 512.

    Raises:
        ValueError: A negative seed or another size.
    """
    if seed < 0 or not 32 <= size <= 512:
        raise ValueError("A scene needs a seed of 0 or more and a size of 32 to 512 pixels.")
    rng = np.random.default_rng([11, seed])
    label = label_of(seed)
    pixels, mask = photograph(make_plan(rng, label), size, rng)
    return Scene(pixels, mask, label)
