import math

import numpy as np
import pytest

from keepsight.models.divergence import kl


def test_kl() -> None:
    p, q = np.float32([0.5, 0.5]), np.float32([0.25, 0.75])
    assert kl(p, q) == pytest.approx(0.5 * math.log(2) + 0.5 * math.log(2 / 3))
    assert kl(p, p) == 0
    certain, wrong = np.float32([1, 0]), np.float32([0, 1])
    assert kl(certain, wrong) == pytest.approx(math.log(1e7), rel=1e-3)  # clipped, so not infinite


def test_one_reference_against_many() -> None:
    reference, others = np.float32([0.5, 0.5]), np.float32([[0.25, 0.75], [0.5, 0.5]])
    assert kl(reference, others) == pytest.approx([float(kl(reference, other)) for other in others])
    assert kl(reference, others[:0]).shape == (0,)
