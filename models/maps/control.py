"""The map that knows nothing: what every other one must beat."""

import hashlib

import numpy as np

from keepsight.models.maps.base import ImageMethod, Kind
from keepsight.models.types import Map, Pixels


class Random(ImageMethod):
    """Chance on a coarse grid, the same for the same photo."""

    id = "random"
    label = "Random"
    help = "Chance alone, the same for the same photo: what every map must beat."
    kind: Kind = "control"

    def draw(self, pixels: Pixels) -> Map:
        """See `ImageMethod.draw`. As coarse as the last stage of most classifiers."""
        digest = hashlib.sha256(f"{pixels.shape}".encode())
        digest.update(pixels.data)
        rng = np.random.default_rng(list(digest.digest()))
        cell = max(1, -(-max(pixels.shape[:2]) // 7))
        grid = [-(-side // cell) for side in pixels.shape[:2]]
        return rng.random(grid, np.float32)
