"""What the tests of classifiers share: cards written on the spot, photos and a loaded classifier."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage.data
import torch

from keepsight.models.catalog import find_card
from keepsight.models.classifiers import Classifier, load

torch.set_num_threads(1)  # test processes run side by side

TINY: dict[str, Any] = {
    "name": "Tiny",
    "library": "timm",
    "architecture": "test_efficientnet",
    "classes": ["cat", "dog", "parrot"],
    "resize": 72,
    "crop": 64,
    "interpolation": "bilinear",
    "mean": [0.5, 0.5, 0.5],
    "std": [0.5, 0.5, 0.5],
    "license": "Apache-2.0",
    "source": "made by a test",
}
"""Fields of a card whose weights a test makes."""


@pytest.fixture
def write_card(tmp_path: Path) -> Callable[..., Path]:
    """Write a card file from `TINY` with changed fields; None leaves a field out, a path gets its hash."""

    def write(**changes: Any) -> Path:
        fields = TINY | changes
        weights = fields.get("weights")
        if isinstance(weights, Path):
            digest = hashlib.sha256(weights.read_bytes()).hexdigest()
            fields = fields | {"weights": str(weights)} | {"sha256": changes.get("sha256", digest)}
        path = tmp_path / "card.toml"
        # JSON's texts, numbers and lists are TOML's too.
        lines = [f"{name} = {json.dumps(value)}\n" for name, value in fields.items() if value is not None]
        path.write_text("".join(lines), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def cat() -> np.ndarray:
    """A photo of a cat, (300, 451, 3)."""
    return skimage.data.chelsea()


@pytest.fixture(scope="session")
def imagenet() -> Classifier:
    return load(find_card("imagenet"), "cpu")
