"""Trains a classifier on compressed pictures, from labels or from its own answers on the originals."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from keepsight.models.cards import Card
from keepsight.models.checkpoints import read_tensors
from keepsight.models.classifiers import Classifier, build, untrained
from keepsight.models.training import Batch, Progress, Recipe, Task, decided_by, train
from keepsight.models.training_state import TrainingError, check_checkpoint, half_precision
from keepsight.models.types import Pixels

Part = Literal["norms", "late", "weights", "all"]
"""What learns: the batch norms alone; the later half of the weights; all but the batch norms; all."""

Compress = Callable[[Pixels, np.random.Generator], Pixels]
"""Compress and decode an image, (h, w, 3), with a setting that the generator may choose."""

_HELD_OUT = 0.1
_MOST_HELD_OUT = 400
_SMOOTHING = 0.05


@dataclass(frozen=True)
class TuneSettings:
    """All that decides the weights, beside the classifier, the photos and the codec."""

    seed: int = 0
    epochs: int = 8
    batch: int = 32
    rate: float = 1e-3
    """Largest learning rate of the one-cycle schedule."""
    patience: int | None = None
    """Epochs without a smaller loss on what is held out before an early end; None: a third, three at least.

    A one-cycle schedule gains most while its rate falls: a long training must get so far.
    """
    part: Part = "all"
    """What of the classifier learns."""


@dataclass(frozen=True)
class Lessons:
    """The photos."""

    images: NDArray[np.uint8]
    """(n, s, s, 3): squares at the classifier's scale; its crop is cut out of each, at random in training."""
    labels: NDArray[np.int64] | None
    """(n,) class indices; None where the classifier teaches itself."""


@dataclass(frozen=True)
class Tuned:
    """What a training made."""

    state: dict[str, Tensor]
    """The weights as they are shipped."""
    step: int
    """How many steps made them; 0 where no epoch was better than the start, which is what they are then."""
    loss: float
    """On the photos held out, compressed."""
    accuracy: float
    """Share of them that are right, or of the class that the teacher sees in the original."""
    held_out: int
    broken_at: int | None
    """The step whose loss was no number, where that ended the training."""


def network_for(card: Card, source: Card | None, seed: int) -> nn.Module:
    """Return the network of a card, untrained but for what fits of another card's weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = untrained(card)
    if source is None:
        return network
    if source.class_names == card.class_names:
        return build(source)
    slots = network.state_dict()
    theirs = build(source).state_dict() if source.weights is None else _by_name(source)
    fitting = {name: value for name, value in theirs.items() if slots[name].shape == value.shape}
    network.load_state_dict(slots | fitting)
    return network


def _by_name(source: Card) -> Mapping[str, Tensor]:
    if source.match == "order":
        return build(source).state_dict()
    assert source.weights is not None
    return read_tensors(source.weights)


def split(labels: NDArray[np.int64] | None, count: int, seed: int) -> tuple[NDArray[np.int64], list[int]]:
    """Choose the photos to hold out, sorted; and the classes with a single photo, of which none is."""
    order = np.random.default_rng([seed, 4]).permutation(count)
    single: list[int] = []
    if labels is not None:
        classes, firsts, counts = np.unique(labels[order], return_index=True, return_counts=True)
        single = classes[counts == 1].tolist()
        order = np.delete(order, firsts)  # one of each class is trained on, whatever the draw
    wanted = min(_MOST_HELD_OUT, max(1, round(_HELD_OUT * count)))
    return np.sort(order[:wanted]), single


def tune(
    network: nn.Module,
    card: Card,
    lessons: Lessons,
    compress: Compress,
    work: Path,
    *,
    settings: TuneSettings,
    about: Mapping[str, Any],
    teacher: Classifier | None = None,
    device: str = "cpu",
    resume: bool = False,
    checkpoint_every: int = 50,
    progress: Callable[[Progress], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> Tuned:
    """Train a network on compressed pictures. The checkpoint is `work / "checkpoint.pt"`; see `train`.

    With a teacher, its probabilities on the original crop are what the network should say of the compressed
    one (distillation, Hinton et al. 2015); else the labels are. Raises as `train`.
    """
    patience = settings.patience or max(3, settings.epochs // 3)
    recipe = Recipe(settings.seed, settings.epochs, settings.batch, settings.rate, patience=patience)
    about = {"part": settings.part, **about}
    if resume:
        check_checkpoint(work / "checkpoint.pt", decided_by(recipe, about))
    held, _ = split(lessons.labels, len(lessons.images), settings.seed)
    trained = np.setdiff1d(np.arange(len(lessons.images)), held)
    if len(trained) < 2 or not len(held):
        raise TrainingError(
            "A training needs three photos at least, and two of some class. Name more of them."
        )
    choose_part(network, settings.part)
    source = _Batches(card, lessons, compress, teacher, settings.seed)
    task = Task(
        network,
        len(trained),
        lambda chosen, rng, done: source.batch(trained[chosen], rng),
        loss=divergence if teacher else nn.CrossEntropyLoss(label_smoothing=_SMOOTHING),
        right=_same_class if teacher else lambda logits, targets: logits.argmax(1) == targets,
        held_out=cache(lambda: list(source.held_out(held, settings.batch))),
    )
    ended = train(
        *(task, recipe, work / "checkpoint.pt"),
        about=about,
        device=device,
        resume=resume,
        checkpoint_every=checkpoint_every,
        progress=progress,
        stop=stop,
    )
    state = half_precision(network)
    return Tuned(state, ended.step, ended.loss, ended.accuracy, len(held), ended.broken_at)


def choose_part(network: nn.Module, part: Part) -> None:
    """Let a part of a network learn, and freeze the rest. Raises `TrainingError` where there is none."""
    parameters = list(network.parameters())
    if part in ("norms", "weights"):
        network.requires_grad_(part == "weights")
        for module in network.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.requires_grad_(part == "norms")
    if part == "late":
        reached, total = 0, sum(one.numel() for one in parameters)
        for one in parameters:
            one.requires_grad_(reached >= total / 2 or one is parameters[-1])
            reached += one.numel()
    if not any(one.requires_grad for one in parameters):
        raise TrainingError("This classifier has no batch norms that could learn. Let all of it learn.")


def divergence(logits: Tensor, probabilities: Tensor) -> Tensor:
    """KL(probabilities || softmax of the logits), both (n, K), nats: the mean over n."""
    loss: Tensor = nn.functional.kl_div(logits.log_softmax(1), probabilities, reduction="batchmean")
    return loss


def _same_class(logits: Tensor, probabilities: Tensor) -> Tensor:
    return logits.argmax(1) == probabilities.argmax(1)


class _Batches:
    """Cuts, mirrors and compresses photos, and asks the teacher about the originals."""

    def __init__(
        self, card: Card, lessons: Lessons, compress: Compress, teacher: Classifier | None, seed: int
    ) -> None:
        self.card, self.lessons, self.compress, self.teacher, self.seed = (
            *(card, lessons, compress),
            *(teacher, seed),
        )
        self.room = lessons.images.shape[1] - card.crop

    def batch(self, photos: NDArray[np.int64], rng: np.random.Generator) -> Batch:
        """Return a step's batch, augmented."""
        crops = []
        for photo in photos:
            crop = self._crop(photo, *rng.integers(0, self.room + 1, 2))
            crops.append(crop[:, ::-1] if rng.random() < 0.5 else crop)
        return self._made(photos, np.stack(crops), rng)

    def held_out(self, photos: NDArray[np.int64], batch: int) -> Iterator[Batch]:
        """Yield batches of the centre crops, each compressed by a setting of its own, always the same."""
        rng = np.random.default_rng([self.seed, 3])
        for start in range(0, len(photos), batch):
            some = photos[start : start + batch]
            middle = self.room // 2
            yield self._made(some, np.stack([self._crop(photo, middle, middle) for photo in some]), rng)

    def _crop(self, photo: int, top: int, left: int) -> Pixels:
        side = self.card.crop
        return self.lessons.images[photo, top : top + side, left : left + side]

    def _made(self, photos: NDArray[np.int64], crops: NDArray[np.uint8], rng: np.random.Generator) -> Batch:
        seen = np.stack([self.compress(np.ascontiguousarray(crop), rng) for crop in crops])
        if self.teacher:
            targets = torch.from_numpy(self.teacher.predict(crops))
        else:
            assert self.lessons.labels is not None
            targets = torch.from_numpy(self.lessons.labels[photos])
        return (normalised(seen, self.card),), targets


def normalised(images: NDArray[np.uint8], card: Card) -> Tensor:
    """Images (n, h, w, 3) uint8 -> the input of a card's network, (n, 3, h, w) float32."""
    mean, std = (torch.tensor(values).mul(255).view(1, 3, 1, 1) for values in (card.mean, card.std))
    batch = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2)
    return batch.to(torch.float32, memory_format=torch.channels_last).sub_(mean).div_(std)
