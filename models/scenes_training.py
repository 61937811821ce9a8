"""Trains the classifier of the labelled scenes: reproducible from a seed, resumable where it was stopped."""

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save
from torch import Tensor, nn

from keepsight.models.scenes import CLASSES, SPLITS, label_of
from keepsight.models.scenes_net import scenes_net
from keepsight.models.scenes_store import store_pixels
from keepsight.models.training import Batch, Progress, Recipe, Task, decided_by, train
from keepsight.models.training_state import check_checkpoint, half_precision

MEAN, STD = 0.45, 0.25
"""Preprocessing of the scenes classifier, the same for the three colours, of values in [0, 1]."""
_SHIFT = 12
"""Largest shift of a training image, pixels."""


@dataclass(frozen=True)
class ScenesSettings:
    """All that decides the trained weights."""

    seed: int = 0
    scenes: int = 8_000
    """Training scenes, from the start of the split “train”."""
    test_scenes: int = 1_000
    """Scenes of the split “test” that the accuracy is measured on."""
    epochs: int = 8
    batch: int = 32
    size: int = 224
    """Side of the images, pixels."""
    crop: int = 144
    """Side of the training crops at first, pixels: two fifths of the cost of whole images; most toys fit."""
    cropped: float = 0.75
    """Share of the steps that see crops; the rest see whole images."""
    rate: float = 3e-3
    """Largest learning rate of the one-cycle schedule."""


@dataclass(frozen=True)
class ScenesResult:
    """What a training made."""

    weights: Path
    card: Path
    top1: float
    """Accuracy on the test scenes, in [0, 1]."""
    seconds: float


def normalised(images: NDArray[np.uint8]) -> Tensor:
    """Images (n, h, w, 3) uint8 -> the network's input (n, 3, h, w) float32."""
    batch = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2)
    return batch.to(torch.float32, memory_format=torch.channels_last).div_(255).sub_(MEAN).div_(STD)


def top1_of(
    model: nn.Module, images: NDArray[np.uint8], labels: NDArray[np.int64], batch: int = 100
) -> float:
    """Share of images (n, h, w, 3) whose most probable class is the label (n,)."""
    right = 0
    model.eval()
    with torch.inference_mode():
        for start in range(0, len(images), batch):
            guess = model(normalised(images[start : start + batch])).argmax(1).numpy()
            right += int((guess == labels[start : start + batch]).sum())
    return right / len(images)


def _augmented(images: NDArray[np.uint8], side: int, rng: np.random.Generator) -> Tensor:
    """Cut out squares near the middle, mirror and brighten at random."""
    out = np.empty((len(images), side, side, 3), np.uint8)
    for image, target in zip(images, out, strict=True):
        wide = cv2.copyMakeBorder(image, _SHIFT, _SHIFT, _SHIFT, _SHIFT, cv2.BORDER_REFLECT_101)
        top, left = rng.integers(0, 2 * _SHIFT + 1, 2) + (image.shape[0] - side) // 2
        moved = wide[top : top + side, left : left + side]
        target[:] = moved[:, ::-1] if rng.random() < 0.5 else moved
    gain = torch.from_numpy(rng.uniform(0.85, 1.15, (len(images), 1, 1, 1)).astype(np.float32))
    return normalised(out) * gain


def _task(settings: ScenesSettings, pixels: NDArray[np.uint8], labels: NDArray[np.int64]) -> Task:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        network = scenes_net(len(CLASSES))

    def draw(chosen: NDArray[np.int64], rng: np.random.Generator, done: float) -> Batch:
        chosen = np.sort(chosen)  # the scenes lie in a file
        side = settings.crop if done < settings.cropped else settings.size
        return (_augmented(pixels[chosen], side, rng),), torch.from_numpy(labels[chosen])

    return Task(
        network,
        len(pixels),
        draw,
        loss=nn.CrossEntropyLoss(label_smoothing=0.05),
        right=lambda logits, targets: logits.argmax(1) == targets,
    )


def _card_text(weights: Path, settings: ScenesSettings, top1: float) -> str:
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    classes = "\n".join(f'    "{name}",' for name in CLASSES)
    test = SPLITS["test"]
    return f"""name = "Keepsight scenes"
library = "keepsight"
architecture = "scenes_net"
weights = "{weights.name}"
sha256 = "{digest}"
classes = [
{classes}
]
resize = {settings.size}
crop = {settings.size}
interpolation = "bilinear"
mean = [{MEAN}, {MEAN}, {MEAN}]
std = [{STD}, {STD}, {STD}]
license = "Apache-2.0"
source = "trained by keepsight on scenes that keepsight renders, seed {settings.seed}"
top1 = {top1:.4f}
top1_on = "scenes rendered from seeds {test.start} to {test.start + settings.test_scenes - 1}"
"""


def _write(state: dict[str, Tensor], out: Path, settings: ScenesSettings, top1: float) -> tuple[Path, Path]:
    """Write scenes.safetensors (half precision) and its card scenes.toml into the folder."""
    weights, card = out / "scenes.safetensors", out / "scenes.toml"
    weights.write_bytes(save(state))
    card.write_text(_card_text(weights, settings, top1), encoding="utf-8")
    return weights, card


def train_scenes(
    out: Path,
    *,
    settings: ScenesSettings | None = None,
    work: Path | None = None,
    resume: bool = False,
    workers: int | None = None,
    checkpoint_every: int = 50,
    progress: Callable[[Progress], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> ScenesResult:
    """Train the scenes classifier on the processor and write its weights and card.

    The same settings give the same weights on the same machine with the same number of threads, whether or
    not the training was stopped and resumed.

    Args:
        out: Folder for `scenes.safetensors` and `scenes.toml`.
        settings: What decides the weights; the shipped ones come from the defaults.
        work: Folder for the rendered scenes (150 KB each) and the checkpoint; `out / "training"` if None.
        resume: Go on from the checkpoint in `work`, where there is one. Otherwise begin anew.
        workers: Processes that render; one a core if None, 0 for none beside this one.
        checkpoint_every: Steps between checkpoints.
        progress: Told after every step; may raise to end the training.
        stop: Asked after every step; true ends the training with a checkpoint.

    Raises:
        StoppedError: `stop` said so.
        TrainingError: The checkpoint in `work` is damaged or belongs to other settings.
        OSError: A folder cannot be written.
    """
    begun = time.monotonic()
    settings = settings or ScenesSettings()
    work = work or out / "training"
    work.mkdir(parents=True, exist_ok=True)
    out.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(settings.seed, settings.epochs, settings.batch, settings.rate)
    checkpoint = work / "checkpoint.pt"
    if resume:
        check_checkpoint(checkpoint, decided_by(recipe, asdict(settings)))
    processes = (os.cpu_count() or 1) if workers is None else workers

    def rendered(name: Literal["train", "test"], count: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        seeds = SPLITS[name][:count]
        pixels = store_pixels(
            work / f"{name}.npy",
            seeds,
            settings.size,
            resume=resume,
            workers=processes,
            progress=lambda step: progress(Progress("render", step, count)),
        )
        return pixels, np.array([label_of(seed) for seed in seeds], np.int64)

    pixels, labels = rendered("train", settings.scenes)
    task = _task(settings, pixels, labels)
    train(
        task,
        recipe,
        checkpoint,
        about=asdict(settings),
        resume=resume,
        checkpoint_every=checkpoint_every,
        progress=progress,
        stop=stop,
    )
    halved = half_precision(task.network)
    task.network.load_state_dict(halved)
    test_pixels, test_labels = rendered("test", settings.test_scenes)
    top1 = top1_of(task.network, test_pixels, test_labels)
    progress(Progress("test", settings.test_scenes, settings.test_scenes, accuracy=top1))
    weights, card = _write(halved, out, settings, top1)
    return ScenesResult(weights, card, top1, time.monotonic() - begun)
