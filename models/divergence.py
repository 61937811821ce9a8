"""How far one prediction is from another."""

import numpy as np
from numpy.typing import NDArray

_LEAST_PROBABILITY = 1e-7
"""About what float32 tells from zero next to one."""


def kl(reference: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    """KL(reference || other) of predictions, (..., K) each, nats; probabilities are clipped at 1e-7.

    The shapes before the last axis broadcast; the result has theirs. Zero or more.
    """
    p = np.clip(reference.astype(np.float64), _LEAST_PROBABILITY, 1)
    q = np.clip(other.astype(np.float64), _LEAST_PROBABILITY, 1)
    p /= p.sum(-1, keepdims=True)
    q /= q.sum(-1, keepdims=True)
    return np.asarray(np.sum(p * np.log(p / q), axis=-1).clip(0), np.float64)
