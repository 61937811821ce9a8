"""Training on compressed pictures: who is held out, what learns and from what; stops change nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from keepsight.codecs import registry
from keepsight.models import fine_tuning
from keepsight.models.cards import Card, load_card
from keepsight.models.classifiers import Classifier, untrained
from keepsight.models.fine_tuning import Lessons, Tuned, TuneSettings
from keepsight.models.training import StoppedError
from keepsight.models.training_state import TrainingError

WriteCard = Callable[..., Path]


@pytest.fixture
def card(write_card: WriteCard) -> Card:
    return load_card(write_card(crop=32, resize=36))


@pytest.fixture
def lessons() -> Lessons:
    """Pictures of three kinds: dark, middle and light."""
    rng = np.random.default_rng(0)
    labels = np.arange(24) % 3
    levels = 60 + 60 * labels[:, None, None, None] + rng.integers(-40, 40, (24, 36, 36, 3))
    return Lessons(levels.astype(np.uint8), labels)


def compress(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Through JPEG at a random quality."""
    jpeg = registry.get("jpeg")
    return jpeg.decode(jpeg.encode(image, jpeg.options().replace(quality=int(rng.integers(5, 50)))))


def tune(card: Card, lessons: Lessons, work: Path, **how: Any) -> Tuned:
    work.mkdir(exist_ok=True)
    network = fine_tuning.network_for(card, None, 0)
    how = {"settings": TuneSettings(epochs=2, batch=8), "about": {}} | how
    return fine_tuning.tune(network, card, lessons, compress, work, **how)


def test_one_photo_of_a_class_is_never_held_out() -> None:
    labels = np.array([0] * 9 + [1] + [2] * 30)
    for seed in range(20):
        held, single = fine_tuning.split(labels, len(labels), seed)
        assert single == [1]
        assert 9 not in held
        assert len(held) == 4
        assert set(labels[np.setdiff1d(np.arange(len(labels)), held)]) == {0, 1, 2}


def test_a_seed_decides_who_is_held_out_and_few_are() -> None:
    first, _ = fine_tuning.split(None, 10_000, 1)
    again, _ = fine_tuning.split(None, 10_000, 1)
    other, _ = fine_tuning.split(None, 10_000, 2)
    assert first.tolist() == again.tolist() != other.tolist()
    assert len(first) == 400


@pytest.mark.parametrize("part", ["norms", "weights", "late", "all"])
def test_the_part_that_is_named_learns(card: Card, part: fine_tuning.Part) -> None:
    network = untrained(card)
    fine_tuning.choose_part(network, part)
    norms = {
        id(one)
        for module in network.modules()
        if isinstance(module, nn.BatchNorm2d)
        for one in module.parameters()
    }
    learning = {id(one) for one in network.parameters() if one.requires_grad}
    everything = {id(one) for one in network.parameters()}
    expected = {"norms": norms, "weights": everything - norms, "all": everything}
    if part == "late":
        sizes = [one.numel() for one in network.parameters() if one.requires_grad]
        assert 0.3 < sum(sizes) / sum(one.numel() for one in network.parameters()) < 0.7
        assert id(next(iter(network.parameters()))) not in learning
    else:
        assert learning == expected[part]


def test_norms_cannot_learn_where_there_are_none() -> None:
    with pytest.raises(TrainingError, match="no batch norms"):
        fine_tuning.choose_part(nn.Linear(2, 2), "norms")


def test_the_divergence_is_that_of_the_teacher_from_the_pupil() -> None:
    logits = torch.tensor([[0.3, -1.0, 2.0], [0.0, 0.0, 0.0]])
    teacher = torch.tensor([[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]])
    pupil = logits.softmax(1)
    expected = (teacher * (teacher / pupil).log()).sum(1).mean()
    assert fine_tuning.divergence(logits, teacher).item() == pytest.approx(expected.item(), rel=1e-5)
    assert fine_tuning.divergence(logits, pupil).item() == pytest.approx(0, abs=1e-6)


def test_images_are_normalised_as_the_card_says(write_card: WriteCard) -> None:
    card = load_card(write_card(mean=[0.1, 0.2, 0.3], std=[0.5, 0.25, 1.0]))
    image = np.full((1, 2, 2, 3), 255, np.uint8)
    values = fine_tuning.normalised(image, card)
    assert values.shape == (1, 3, 2, 2)
    assert values[0, :, 0, 0].tolist() == pytest.approx([1.8, 3.2, 0.7])


def test_labels_are_learned_from_compressed_pictures(card: Card, lessons: Lessons, tmp_path: Path) -> None:
    tuned = tune(card, lessons, tmp_path, settings=TuneSettings(epochs=12, batch=8, rate=1e-2, patience=12))
    assert tuned.step > 0
    assert tuned.broken_at is None
    assert tuned.held_out == 2
    assert tuned.loss < 0.8, "of three kinds, chance has 1.1"


def test_what_a_stop_cuts_short_goes_on_to_the_same_weights(
    card: Card, lessons: Lessons, tmp_path: Path
) -> None:
    whole = tune(card, lessons, tmp_path / "whole")
    steps: list[int] = []
    with pytest.raises(StoppedError):
        tune(
            *(card, lessons, tmp_path / "cut"),
            progress=lambda told: steps.append(told.step),
            stop=lambda: len(steps) >= 2,
        )
    resumed = tune(card, lessons, tmp_path / "cut", resume=True)
    assert resumed.step == whole.step
    assert all(torch.equal(resumed.state[name], value) for name, value in whole.state.items())


def test_another_part_does_not_go_on_from_a_checkpoint(card: Card, lessons: Lessons, tmp_path: Path) -> None:
    tune(card, lessons, tmp_path)
    with pytest.raises(TrainingError):
        tune(card, lessons, tmp_path, resume=True, settings=TuneSettings(epochs=2, batch=8, part="norms"))


def test_its_own_answers_on_the_originals_are_what_it_learns(
    card: Card, lessons: Lessons, tmp_path: Path
) -> None:
    network = fine_tuning.network_for(card, None, 0).eval()
    teacher = Classifier(card, network, "cpu")
    unlabelled = Lessons(lessons.images, None)
    tuned = tune(card, unlabelled, tmp_path, teacher=teacher)
    assert 0 <= tuned.loss < 0.1, "as far from itself as compression brings it"


def test_two_photos_are_too_few(card: Card, lessons: Lessons, tmp_path: Path) -> None:
    few = Lessons(lessons.images[:2], None)
    with pytest.raises(TrainingError, match="three photos"):
        tune(card, few, tmp_path)
