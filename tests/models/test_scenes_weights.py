"""The shipped scenes classifier: right on unseen scenes, and misled by heavy compression."""

import hashlib
import io
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file

from keepsight.models.cards import Card, load_card
from keepsight.models.scenes import CLASSES, SPLITS, label_of, render
from keepsight.models.scenes_net import ScenesNet, scenes_net
from keepsight.models.scenes_training import top1_of

UNSEEN = SPLITS["test"][500:700]
LABELS = np.array([label_of(seed) for seed in UNSEEN], np.int64)


@pytest.fixture(scope="module")
def card() -> Card:
    with as_file(files("keepsight.resources")) as folder:
        return load_card(Path(folder) / "scenes.toml")


@pytest.fixture(scope="module")
def model(card: Card) -> ScenesNet:
    assert card.weights is not None
    network = scenes_net(len(CLASSES))
    network.load_state_dict(load_file(card.weights))
    return network


@pytest.fixture(scope="module")
def scenes() -> NDArray[np.uint8]:
    return np.stack([render(seed).pixels for seed in UNSEEN])


def _jpeg(pixels: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality, optimize=True)
    return np.asarray(Image.open(file))


def test_card_and_size(card: Card) -> None:
    assert card.weights is not None
    assert card.weights.stat().st_size <= 5_000_000
    assert card.sha256 == hashlib.sha256(card.weights.read_bytes()).hexdigest()
    assert card.class_names == CLASSES
    assert card.license == "Apache-2.0"
    assert card.top1 is not None
    assert card.top1 >= 0.97
    assert str(SPLITS["test"].start) in card.top1_on


def test_unseen_scenes_are_told_apart_and_heavy_jpeg_costs_accuracy(
    model: ScenesNet, scenes: NDArray[np.uint8]
) -> None:
    clean = top1_of(model, scenes, LABELS)
    heavy = top1_of(model, np.stack([_jpeg(scene, 5) for scene in scenes]), LABELS)
    light = top1_of(model, np.stack([_jpeg(scene, 90) for scene in scenes]), LABELS)
    assert clean >= 0.95
    assert light >= clean - 0.03
    assert heavy <= clean - 0.20
