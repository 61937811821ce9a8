"""Classifiers beside the first one on the same compressed photos."""

import numpy as np
import pytest

from keepsight.app.engine.lessons import settings_of, training_scenes
from keepsight.app.engine.regained import compare, right_of
from keepsight.models.catalog import find_card
from keepsight.models.judges import load


def test_a_share_of_the_loss_is_regained() -> None:
    right = np.zeros((2, 2, 100), np.bool_)
    right[:, 0, :90] = True
    right[0, 1, :50] = True
    right[1, 1, :70] = True
    frozen, trained = compare(["frozen", "trained"], right)
    assert (frozen.gained.value, frozen.gained.low, frozen.gained.high) == (0, 0, 0)
    assert frozen.p == 1
    assert (trained.original.value, trained.compressed.value) == (0.9, 0.7)
    assert trained.gained.value == pytest.approx(0.2)
    assert 0.1 < trained.gained.low < 0.2 < trained.gained.high < 0.3
    assert trained.regained is not None
    assert trained.regained.value == pytest.approx(0.5)
    assert trained.p == pytest.approx(2 * 0.5**20)


def test_nothing_lost_is_nothing_to_regain() -> None:
    assert compare(["one"], np.ones((1, 2, 5), np.bool_))[0].regained is None


def test_scenes_through_a_codec() -> None:
    card = find_card("scenes")
    items = training_scenes(card, 12)
    (setting,) = settings_of(["jpeg:quality=3"], None)
    right = right_of(items, [load(card, "cpu")], setting, pytest.fail)
    assert right.shape == (1, 2, 12)
    assert right[0, 0].sum() > right[0, 1].sum()
