"""Trains the network of learned maps on any photos: reproducible from a seed, resumable where it was stopped.

The teachers are classifiers: the network learns their mean map from pixels alone. It begins with the first
stages of EfficientNet-Lite0 (transfer learning), the embedded classifier of ImageNet.
"""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import timm
import torch
from numpy.typing import NDArray
from safetensors.torch import save
from torch import Tensor, nn

from keepsight.models.cards import Card
from keepsight.models.catalog import find_card
from keepsight.models.checkpoints import fit, read_tensors
from keepsight.models.folding import fold_batch_norms
from keepsight.models.saliency_net import SaliencyNet, normalised
from keepsight.models.saliency_teacher import Lessons, load_teacher, make_lessons
from keepsight.models.training import Batch, Progress, Recipe, Task, train
from keepsight.models.training_state import half_precision
from keepsight.models.types import Pixels

_HELD_OUT = 20
"""One photo in so many is not trained on: the agreement with the teachers is measured on those."""
_GENTLE = 0.1
"""Learning rate of what came trained, as a share of the rest's."""
_FROZEN = 3
"""Blocks of the encoder that stay as they came, with the stem: they see edges and colours."""


@dataclass(frozen=True)
class SaliencySettings:
    """All that decides the trained weights, beside the photos and the teachers."""

    seed: int = 0
    method: str = "grad-cam+layer-cam"
    """Map, or mix of maps, of the teachers."""
    cuts: int = 8
    """Parts of each photo that are trained on."""
    epochs: int = 4
    batch: int = 32
    rate: float = 2e-3
    """Largest learning rate of the one-cycle schedule."""


@dataclass(frozen=True)
class SaliencyResult:
    """What a training made."""

    weights: Path
    card: Path
    agreement: float
    """Mean correlation with the teachers' maps on photos that were held out, in [-1, 1]."""
    photos: int
    """How many could be read."""
    seconds: float


@dataclass(frozen=True)
class Source:
    """A photo to learn from."""

    name: str
    load: Callable[[], Pixels | None]
    """Return its pixels, or None where it cannot be read: it is left out."""


def begin(seed: int) -> SaliencyNet:
    """Return a network whose encoder is that of the embedded classifier and whose rest is drawn."""
    card = find_card("imagenet")
    assert card.weights is not None
    classifier = timm.create_model(card.architecture, num_classes=len(card.class_names))
    fit(classifier, read_tensors(card.weights), len(card.class_names), by_order=card.match == "order")
    generator = torch.Generator().manual_seed(0)
    fold_batch_norms(classifier.eval(), torch.randn(1, 3, card.crop, card.crop, generator=generator))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = SaliencyNet()
    theirs = (module for module in classifier.modules() if isinstance(module, nn.Conv2d))
    for part in network.encoder:
        for ours in (module for module in part.modules() if isinstance(module, nn.Conv2d)):
            ours.load_state_dict(next(theirs).state_dict())
    for part in (network.stem, *network.fine[:_FROZEN]):
        part.requires_grad_(False)
    return network.to(memory_format=torch.channels_last)


def difference(logs: Tensor, maps: Tensor) -> Tensor:
    """Return how far predicted maps are from the teachers', both (n, h, w), each as a share of its sum.

    The Kullback-Leibler divergence in nats and one minus the correlation, as for fixation maps (Bylinskii et
    al. 2019). Where teachers say nothing, all places are alike.
    """
    logs = logs.flatten(1).log_softmax(1)
    shares = maps.flatten(1)
    shares = torch.where(shares.sum(1, keepdim=True) > 0, shares, 1.0)
    shares = shares / shares.sum(1, keepdim=True)
    divergence = (torch.special.xlogy(shares, shares) - shares * logs).sum(1)
    mean: Tensor = (divergence + 1 - _correlation(logs.exp(), shares)).mean()
    return mean


def _correlation(a: Tensor, b: Tensor) -> Tensor:
    """Return Pearson's correlation of each row, (n, k) -> (n,); 0 where a row is constant."""
    a, b = (x - x.mean(1, keepdim=True) for x in (a, b))
    return nn.functional.cosine_similarity(a, b, eps=1e-12)


def _augmented(
    images: NDArray[np.uint8], maps: NDArray[np.float16], rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Mirror, tint, blur and grey at random; return the network's input and the maps that go with it."""
    images = images.copy()
    maps = maps.astype(np.float32)
    for index in range(len(images)):
        if rng.random() < 0.5:
            images[index], maps[index] = images[index, :, ::-1].copy(), maps[index, :, ::-1].copy()
        if rng.random() < 0.2:
            images[index] = cv2.GaussianBlur(images[index], (0, 0), rng.uniform(0.4, 1.5))
        if rng.random() < 0.1:
            images[index] = cv2.cvtColor(images[index], cv2.COLOR_RGB2GRAY)[:, :, None]
    gain, shift = (
        rng.uniform(0.8, 1.2, (len(images), 3, 1, 1)),
        rng.uniform(-0.1, 0.1, (len(images), 1, 1, 1)),
    )
    tinted = normalised(images) * torch.from_numpy(gain.astype(np.float32))
    return tinted + torch.from_numpy(shift.astype(np.float32)), torch.from_numpy(maps)


class _Learning:
    """The network and what it learns from; one photo in so many is held out."""

    def __init__(self, settings: SaliencySettings, lessons: Lessons) -> None:
        self.settings, self.lessons = settings, lessons
        photos = np.arange(len(lessons.images))
        self.held_out = photos[::_HELD_OUT]
        self.trained = np.setdiff1d(photos, self.held_out)
        self.network = begin(settings.seed)

    def task(self) -> Task:
        """Return what the network learns; what came trained learns at a gentle rate."""
        came = [p for part in self.network.encoder for p in part.parameters() if p.requires_grad]
        known = {id(p) for part in self.network.encoder for p in part.parameters()}
        drawn = [p for p in self.network.parameters() if id(p) not in known]
        return Task(
            self.network,
            len(self.trained) * self.settings.cuts,
            self._draw,
            loss=difference,
            groups=[{"params": came, "share": _GENTLE}, {"params": drawn, "share": 1}],
        )

    def _draw(self, chosen: NDArray[np.int64], rng: np.random.Generator, done: float) -> Batch:
        photo, part = np.divmod(chosen, self.settings.cuts)
        cuts = self.trained[photo], part
        images, maps = _augmented(self.lessons.images[cuts], self.lessons.maps[cuts], rng)
        return (images,), maps

    def agreement(self) -> float:
        """Return the mean correlation with the teachers on what was held out."""
        self.network.eval()
        found = []
        with torch.inference_mode():
            for photo in self.held_out:
                shares = self.network(normalised(self.lessons.images[photo])).flatten(1).softmax(1)
                maps = torch.from_numpy(self.lessons.maps[photo].astype(np.float32)).flatten(1)
                found.append(_correlation(shares, maps))
        return float(torch.cat(found).mean())


def train_saliency(
    out: Path,
    photos: Sequence[Source],
    teachers: Sequence[Card],
    *,
    settings: SaliencySettings | None = None,
    device: str = "cpu",
    resume: bool = False,
    checkpoint_every: int = 50,
    progress: Callable[[Progress], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> SaliencyResult:
    """Train the network of learned maps on the processor; write `saliency.safetensors` and `saliency.toml`.

    The same photos, teachers and settings give the same weights on the same machine with the same number of
    threads, whether or not the training was stopped and resumed.

    Args:
        out: Folder for the files; what a resumed training needs goes into its folder “training”.
        photos: What to learn from; labels are not used.
        teachers: Classifiers whose maps are averaged.
        settings: What else decides the weights; the shipped ones come from the defaults.
        device: Where the teachers run.
        resume: Go on where a training in the same folder was stopped. Otherwise begin anew.
        checkpoint_every: Steps between checkpoints.
        progress: Told after every photo and step; may raise to end the training.
        stop: Asked after every step; true ends the training with a checkpoint.

    Raises:
        StoppedError: `stop` said so.
        TrainingError: What is there belongs to other settings or is damaged; or no two photos can be read.
        ModelError: A teacher cannot be loaded, or has no such map.
        OSError: A folder cannot be written.
    """
    begun = time.monotonic()
    settings = settings or SaliencySettings()
    work = out / "training"
    work.mkdir(parents=True, exist_ok=True)
    about = {"photos": [photo.name for photo in photos], "teachers": [card.name for card in teachers]}
    lessons = make_lessons(
        work,
        [photo.load for photo in photos],
        lambda: [load_teacher(card, device) for card in teachers],
        method=settings.method,
        cuts=settings.cuts,
        seed=settings.seed,
        about=about,
        resume=resume,
        progress=lambda done: progress(Progress("maps", done, len(photos))),
    )
    learning = _Learning(settings, lessons)
    train(
        learning.task(),
        Recipe(settings.seed, settings.epochs, settings.batch, settings.rate, warm_up=0.15),
        work / "checkpoint.pt",
        about=asdict(settings) | about,
        resume=resume,
        checkpoint_every=checkpoint_every,
        progress=progress,
        stop=stop,
    )
    halved = half_precision(learning.network)
    learning.network.load_state_dict(halved)
    weights, card = out / "saliency.safetensors", out / "saliency.toml"
    weights.write_bytes(save(halved))
    agreement = learning.agreement()
    card.write_text(_card_text(weights, settings, about["teachers"], len(lessons.images), agreement), "utf-8")
    return SaliencyResult(weights, card, agreement, len(lessons.images), time.monotonic() - begun)


def _card_text(
    weights: Path, settings: SaliencySettings, teachers: list[str], photos: int, agreement: float
) -> str:
    names = "\n".join(
        f"    {json.dumps(name, ensure_ascii=False)}," for name in teachers
    )  # JSON's are TOML's
    embedded = find_card("imagenet")
    return f"""# Weights of the map “learned”, made by: keepsight train saliency
weights = "{weights.name}"
sha256 = "{hashlib.sha256(weights.read_bytes()).hexdigest()}"
license = "{embedded.license}"
source = "trained by keepsight on {photos} photos, seed {settings.seed}"
began_with = "the first stages of {embedded.name}"
teachers = [
{names}
]
teachers_map = "{settings.method}"
agreement = {agreement:.4f} # mean correlation with the teachers' maps on one photo in {_HELD_OUT}, held out
"""
