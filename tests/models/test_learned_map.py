"""The learned map as it is shipped; what every map must do is in test_maps."""

import hashlib
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
import skimage.data
import torch

from keepsight.models import saliency_net
from keepsight.models.errors import ModelError
from keepsight.models.maps.registry import get, image_importance, needs_classifier
from keepsight.models.scenes import SPLITS, render


def _map(pixels: np.ndarray) -> np.ndarray:
    return image_importance(pixels, "learned").values


def test_weights_are_those_of_the_card_and_small():
    card = tomllib.loads(saliency_net.WEIGHTS.with_suffix(".toml").read_text(encoding="utf-8"))
    assert card["weights"] == saliency_net.WEIGHTS.name
    assert card["sha256"] == hashlib.sha256(saliency_net.WEIGHTS.read_bytes()).hexdigest()
    assert card["license"] == "Apache-2.0"
    assert card["agreement"] > 0.6
    assert saliency_net.WEIGHTS.stat().st_size < 1e6


def test_needs_no_classifier_and_no_torch_before_it_is_asked():
    assert not needs_classifier("learned")
    code = "import sys; from keepsight.models.maps.registry import get; get('learned'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "torch" not in done.stdout.split()


def test_follows_the_object_in_scenes():
    """No scene was learned from. The object's share of the brightest tenth, against that of the image."""
    scenes = [render(seed) for seed in SPLITS["tune"][:20]]
    found = []
    for scene in scenes:
        values = _map(scene.pixels).ravel()
        found.append(scene.mask.ravel()[np.argsort(-values)[: values.size // 10]].mean())
    assert np.mean(found) > 2 * np.mean([scene.mask.mean() for scene in scenes])


def test_follows_the_object_in_a_photo():
    """Mirrored photo, mirrored map; the cat's face, not the corners."""
    photo = skimage.data.chelsea()
    values, mirrored = _map(photo), _map(photo[:, ::-1])
    assert values.shape == photo.shape[:2]
    assert values.mean() == pytest.approx(1, rel=0.05), "its scale is the share of the photo's total"
    assert np.corrcoef(values.ravel(), mirrored[:, ::-1].ravel())[0, 1] > 0.9
    assert values[60:200, 140:300].mean() > 2 * values[:60, :60].mean()


def test_survives_compression():
    photo = skimage.data.astronaut()
    done, data = cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, 10])
    assert done
    assert np.corrcoef(_map(photo).ravel(), _map(cv2.imdecode(data, cv2.IMREAD_COLOR)).ravel())[0, 1] > 0.9


@pytest.mark.parametrize(
    ("size", "shape"), [((3000, 4000), (384, 512)), ((2, 900), (1, 512)), ((9, 9), (9, 9)), ((1, 2), (1, 2))]
)
def test_has_the_aspect_of_the_photo(size, shape):
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    values = _map(pixels)
    assert values.shape == shape
    assert values.max() > 0


def test_threads_share_the_network():
    photos = [render(seed, 100).pixels for seed in SPLITS["tune"][:8]]
    alone = [_map(photo) for photo in photos]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(_map, photos))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))
    assert torch.is_grad_enabled()


def test_weights_that_are_damaged_are_told(tmp_path):
    broken = tmp_path / "saliency.safetensors"
    broken.write_bytes(saliency_net.WEIGHTS.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cannot be read"):
        saliency_net.load_network(broken)


def test_declares_itself():
    assert get("learned").label == "Learned"
    assert get("learned").kind == "image"
