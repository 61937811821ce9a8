"""Where in the image the bits of a file went."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Spent:
    """The bits of a file's coded blocks, counted unit by unit."""

    bits: NDArray[np.int64]
    """(rows, columns): bits of each unit; those at the right and the bottom may reach beyond the image."""
    unit: tuple[int, int]
    """Pixels of a unit, down and across."""
    height: int
    width: int
    """Of the image, pixels."""

    def share_inside(self, inside: NDArray[np.bool_]) -> float | None:
        """Return the share of all bits that lies `inside`, (H, W), in [0, 1]; None for another size.

        The bits of a unit count by the share of the unit that is inside.
        """
        if inside.shape != (self.height, self.width):
            return None
        bottom = self.bits.shape[0] * self.unit[0] - self.height
        right = self.bits.shape[1] * self.unit[1] - self.width
        padded = cv2.copyMakeBorder(inside.view(np.uint8), 0, bottom, 0, right, cv2.BORDER_REPLICATE)
        shares = cv2.resize(padded.astype(np.float32), self.bits.shape[::-1], interpolation=cv2.INTER_AREA)
        return float((self.bits * shares).sum() / self.bits.sum())

    def per_block(self) -> NDArray[np.float32]:
        """Return the bits per 8 × 8 pixels: (H / 8, W / 8), rounded up.

        So files with units of different sizes compare.
        """
        down, across = self.unit[0] // 8, self.unit[1] // 8
        blocks = np.repeat(np.repeat(self.bits, down, axis=0), across, axis=1) / (down * across)
        return blocks[: -(-self.height // 8), : -(-self.width // 8)].astype(np.float32)
