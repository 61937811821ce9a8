"""One conformance kit over every embedded classifier and, where they are there, the shared ones."""

import csv
from importlib.resources import files

import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image
from torch import nn

from keepsight import resources
from keepsight.models import classifiers
from keepsight.models.cards import CardError
from keepsight.models.catalog import embedded_ids, find_card
from keepsight.models.classifiers import Classifier, alike, load
from keepsight.models.devices import available_devices, choose_device
from keepsight.models.errors import ModelError
from keepsight.models.scenes import render

EMBEDDED = [name for name in embedded_ids() if files(resources).joinpath(f"{name}.toml").is_file()]


@pytest.fixture(scope="module", params=[*EMBEDDED, "mobilenetv2_a", "mobilenetv2_b"])
def judge(request) -> Classifier:
    if request.param in EMBEDDED:
        return load(find_card(request.param), "cpu")
    shared = request.getfixturevalue("shared")
    return load(find_card(str(shared / "weights" / f"{request.param}.toml")), "cpu")


@pytest.fixture(scope="module")
def batch(judge) -> np.ndarray:
    """Five prepared photos, (5, crop, crop, 3)."""
    photos = [getattr(skimage.data, name)() for name in ("chelsea", "coffee", "astronaut", "rocket")]
    return np.stack([judge.card.prepare(photo) for photo in [*photos, photos[0][:, ::-1]]])


def test_probabilities(judge, batch):
    probabilities = judge.predict(batch)
    assert probabilities.shape == (5, len(judge.card.class_names))
    assert probabilities.dtype == np.float32
    assert probabilities.min() >= 0
    assert probabilities.sum(1) == pytest.approx(1, abs=1e-5)
    assert probabilities.std(0).max() > 0.01, "photos differ"


def test_a_batch_equals_single_images(judge, batch):
    singles = np.concatenate([judge.predict(image[None]) for image in batch])
    assert judge.predict(batch) == pytest.approx(singles, abs=1e-5)


def test_the_same_batch_gives_the_same_bits(judge, batch):
    assert np.array_equal(judge.predict(batch), judge.predict(batch))


def test_more_images_than_fit_in_a_batch_and_none(judge, batch):
    many = np.concatenate([batch, batch, batch])[:13]
    assert judge.predict(many)[10:] == pytest.approx(judge.predict(batch[:3]), abs=1e-5)
    assert judge.predict(batch[:0]).shape == (0, len(judge.card.class_names))


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (17, 5), (223, 301)])
def test_photos_of_odd_sizes(judge, size):
    pixels = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    assert np.isfinite(judge.predict(judge.card.prepare(pixels)[None])).all()
    values = judge.explain(pixels, 0).values
    scale = min(1, 512 / max(size))
    assert values.shape == tuple(max(1, round(side * scale)) for side in size)


def test_explains_a_photo(judge):
    photo = skimage.data.coffee()
    best = int(judge.predict(judge.card.prepare(photo)[None]).argmax())
    importance = judge.explain(photo)
    assert (importance.target, importance.method) == (best, "grad-cam")
    assert importance.values.shape == (341, 512)
    assert importance.values.dtype == np.float32
    assert np.isfinite(importance.values).all()
    assert importance.values.min() == 0
    assert importance.values.max() > 0
    other = (best + 1) % len(judge.card.class_names)
    assert judge.explain(photo, other).target == other
    for target in (-1, len(judge.card.class_names)):
        with pytest.raises(ModelError, match=f"There is no class {target}"):
            judge.explain(photo, target)


def test_explaining_leaves_predictions_alone(judge, batch):
    before = judge.predict(batch)
    judge.explain(skimage.data.coffee())
    assert np.array_equal(judge.predict(batch), before)
    assert not any(module._forward_hooks for module in judge._network.modules())
    assert all(parameter.grad is None for parameter in judge._network.parameters())


def test_the_card_is_stable(judge):
    assert find_card(judge.card.id) == judge.card
    assert find_card(judge.card.id).fingerprint == judge.card.fingerprint
    assert judge.device == "cpu"


def test_imagenet_knows_the_cat_and_the_coffee(imagenet, cat):
    names = imagenet.card.class_names
    cat_and_coffee = np.stack([imagenet.card.prepare(photo) for photo in (cat, skimage.data.coffee())])
    probabilities = imagenet.predict(cat_and_coffee)
    assert [names[index] for index in probabilities.argmax(1)] == ["tiger cat", "espresso"]
    assert probabilities[1].max() == pytest.approx(0.957, abs=0.01)


@pytest.mark.parametrize("classifier", ["imagenet", "mobilenetv2_a"])
def test_accuracy_on_labelled_photos(shared, imagenet, classifier):
    """Every twentieth photo; over all 500 it is 0.886 and 0.902."""
    folder = shared / "data" / "imagenet500"
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[::20]
    judge = imagenet
    if classifier != "imagenet":
        judge = load(find_card(str(shared / "weights" / f"{classifier}.toml")), "cpu")
    paths = [next(folder.rglob(row["file"])) for row in rows]
    prepared = [judge.card.prepare(np.asarray(Image.open(path).convert("RGB"))) for path in paths]
    labels = np.array([int(row["class_index"]) for row in rows])
    assert (judge.predict(np.stack(prepared)).argmax(1) == labels).mean() >= 0.8


class SmallMemory(nn.Module):
    """Mean colour as three classes; runs out of memory on batches that are too large."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit
        self.seen: list[int] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.seen.append(len(x))
        if len(x) > self.limit:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory.")
        return x.mean((2, 3))


@pytest.fixture
def tiny_card(write_card):
    return find_card(str(write_card()))


def test_the_batch_halves_when_the_memory_is_full(tiny_card):
    colours = np.random.default_rng(0).integers(0, 256, (19, 64, 64, 3), dtype=np.uint8)
    small = SmallMemory(limit=3)
    expected = Classifier(tiny_card, SmallMemory(limit=100)).predict(colours)
    judge = Classifier(tiny_card, small)
    assert judge.predict(colours) == pytest.approx(expected, abs=1e-6)
    assert small.seen[0] > 3
    assert set(small.seen[3:]) <= {1, 2}
    assert sum(size for size in small.seen if size <= 3) == 19, "no image twice"
    small.seen.clear()
    judge.predict(colours[:4])
    assert small.seen == [2, 2], "the smaller batch is kept"


def test_memory_that_holds_no_image(tiny_card):
    with pytest.raises(ModelError, match="does not suffice for one image"):
        Classifier(tiny_card, SmallMemory(limit=0)).predict(np.zeros((2, 64, 64, 3), np.uint8))


def test_answers_that_are_no_numbers(tiny_card):
    network = nn.Sequential(nn.Conv2d(3, 3, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    nn.init.constant_(network[0].weight, float("nan"))
    judge = Classifier(tiny_card, network)
    with pytest.raises(ModelError, match="no numbers: its weights are broken"):
        judge.predict(np.zeros((1, 64, 64, 3), np.uint8))
    with pytest.raises(ModelError, match="no numbers: its weights are broken"):
        judge.explain(np.zeros((80, 80, 3), np.uint8), 0)


def test_a_network_with_other_classes_than_the_card(tiny_card):
    network = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 5))
    with pytest.raises(CardError, match="The card names 3 classes, but the classifier has 5"):
        Classifier(tiny_card, network).predict(np.zeros((1, 64, 64, 3), np.uint8))


def test_read_only_pixels(imagenet, cat):
    prepared = imagenet.card.prepare(cat)[None]
    prepared.flags.writeable = False
    assert imagenet.predict(prepared).shape == (1, 1000)


def test_devices():
    devices = available_devices()
    assert devices[-1] == "cpu"
    assert choose_device() == devices[0]
    assert choose_device("cpu") == "cpu"
    with pytest.raises(ModelError, match=r"There is no device “cuda:9” here. Usable: auto, .*cpu"):
        choose_device("cuda:9")


def test_answers_that_say_the_same():
    expected = np.float32([[0.7, 0.3], [0.5002, 0.4998]])
    assert alike(expected, expected + np.float32([[5e-4, -5e-4], [0, 0]]))
    assert not alike(expected, expected + np.float32([[5e-3, -5e-3], [0, 0]]))
    assert not alike(expected, expected + np.float32([[0, 0], [-4e-4, 4e-4]])), "another class"
    assert not alike(expected, np.full_like(expected, np.nan))


def test_half_precision_is_used_only_where_it_says_the_same(monkeypatch):
    scenes = load(find_card("scenes"), "cpu")
    batch = np.stack([render(seed).pixels for seed in (1, 2)])
    exact = scenes.predict(batch)
    monkeypatch.setattr(classifiers, "alike", lambda *_: False)
    scenes.try_halves()
    assert "float" not in scenes.runtime
    assert np.array_equal(scenes.predict(batch), exact)
    monkeypatch.setattr(classifiers, "_HALVES", (torch.bfloat16,))
    monkeypatch.setattr(classifiers, "alike", lambda *_: True)
    scenes.try_halves()
    assert scenes.runtime.endswith(", bfloat16")
    rough = scenes.predict(batch)
    assert not np.array_equal(rough, exact)
    assert rough == pytest.approx(exact, abs=0.1)
