"""How alike two saliency maps of one photo are: whether attention moved.

Both figures are those of Bylinskii, Judd, Oliva, Torralba and Durand, “What do different evaluation metrics
tell us about saliency models?”, IEEE Transactions on Pattern Analysis and Machine Intelligence 41(3), 2019.
Neither sees a change of strength alone: a map times a constant is the same map to both.
"""

import numpy as np

from keepsight.models.types import Map


def correlation(one: Map, other: Map) -> float | None:
    """Return Pearson's correlation (CC) of two raw maps of one shape, in [-1, 1]; 1 where they agree.

    None where it is not defined: a map is the same everywhere. Raises `ValueError` where the shapes differ.
    """
    a, b = (values - values.mean() for values in _both(one, other))
    norm = np.linalg.norm(a) * np.linalg.norm(b)
    return float(np.clip((a * b).sum() / norm, -1, 1)) if one.any() and other.any() and norm > 0 else None


def intersection(one: Map, other: Map) -> float | None:
    """Return the histogram intersection (SIM) of two raw maps of one shape, in [0, 1]; 1 where they agree.

    Each map is divided by its sum; what both have at a pixel is added up. None where a map is zero
    everywhere. Raises `ValueError` where the shapes differ.
    """
    a, b = _both(one, other)
    if not (a.any() and b.any()):
        return None
    return float(np.minimum(a / a.sum(), b / b.sum()).sum().clip(0, 1))


def _both(one: Map, other: Map) -> tuple[np.ndarray, np.ndarray]:
    if one.shape != other.shape:
        raise ValueError(f"Maps of one photo have one shape, not {one.shape} and {other.shape}.")
    return one.astype(np.float64), other.astype(np.float64)
