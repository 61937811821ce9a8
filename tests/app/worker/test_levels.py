from itertools import pairwise

import numpy as np
import pytest

from keepsight.app.worker.levels import levels


@pytest.mark.parametrize("shape", [(3000, 2001), (1, 5000), (512, 512), (513, 7)])
def test_each_level_has_half_the_size_and_the_same_mean(shape: tuple[int, int]) -> None:
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    pixels = np.stack([(rows * 50 // shape[0] + columns * 70 // shape[1])] * 3, axis=2).astype(np.uint8)
    found = levels(pixels)
    assert found[0] is pixels
    for large, small in pairwise(found):
        assert small.shape == ((large.shape[0] + 1) // 2, (large.shape[1] + 1) // 2, 3)
        assert small.dtype == np.uint8
        assert abs(small.mean() - pixels.mean()) < 1.5
    assert max(found[-1].shape) <= 512
    assert len(found) == 1 or max(found[-2].shape) > 512
