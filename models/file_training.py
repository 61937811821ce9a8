"""Trains the classifiers that read files, on the labelled scenes at random rates."""

import hashlib
import os
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

from keepsight.models.file_inputs import SIDE, FileKind
from keepsight.models.file_nets import NETWORKS, FileNet
from keepsight.models.scenes import CLASSES, SPLITS, label_of
from keepsight.models.scenes_store import store_pixels
from keepsight.models.training import Batch, Progress, Recipe, Task, decided_by, train
from keepsight.models.training_state import check_checkpoint, half_precision
from keepsight.models.types import Pixels

Compress = Callable[[Pixels, np.random.Generator], NDArray[np.int16]]
"""Make a file of an image at a random rate, and pack what is read of it."""

_SHIFT = 12
"""Largest shift of a training image, pixels."""
_MARGIN = 4
"""Blocks that are left out at each side then, of 28: most toys fit."""
_MEASURED = 200
"""Files that the deviations of the frequencies are measured on."""


@dataclass(frozen=True)
class ReaderSettings:
    """All that decides the trained weights."""

    reads: FileKind
    seed: int = 0
    scenes: int = 16_000
    """Training scenes, from the start of the split “train”."""
    test_scenes: int = 1_000
    """Scenes of the split “test” that the accuracy is measured on, at random rates."""
    epochs: int = 6
    batch: int = 32
    rate: float = 4e-3
    cropped: float = 0.75
    """Share of the steps that see the middle of the images, at half the cost; the rest see whole ones."""


@dataclass(frozen=True)
class ReaderResult:
    """What a training made."""

    weights: Path
    card: Path
    top1: float
    """Accuracy on the test scenes at random rates, in [0, 1]."""


def train_reader(
    out: Path,
    settings: ReaderSettings,
    compress: Compress,
    *,
    resume: bool = False,
    workers: int | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> ReaderResult:
    """Train on the processor and write weights (half precision) and card into a folder.

    Args:
        out: Folder for them; its folder `training` holds the rendered scenes (150 KB each), the checkpoint.
        settings: What decides the weights; the shipped ones come from the defaults.
        compress: Makes what is read; seed and step decide its generator.
        resume: Go on from the checkpoint, where there is one.
        workers: Processes that render; one a core if None, 0 for none beside this one.
        progress: Told after every step.
        stop: Asked after every step; true ends the training with a checkpoint.

    Raises:
        StoppedError: `stop` said so.
        TrainingError: The checkpoint is damaged or belongs to other settings.
        OSError: A folder cannot be written.
    """
    work = out / "training"
    work.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(settings.seed, settings.epochs, settings.batch, settings.rate)
    checkpoint = work / f"{settings.reads}.pt"
    if resume:
        check_checkpoint(checkpoint, decided_by(recipe, asdict(settings)))
    processes = (os.cpu_count() or 1) if workers is None else workers

    def rendered(name: Literal["train", "test"], count: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        seeds = SPLITS[name][:count]
        pixels = store_pixels(
            work / f"{name}.npy",
            seeds,
            SIDE,
            resume=resume,
            workers=processes,
            progress=lambda step: progress(Progress("render", step, count)),
        )
        return pixels, np.array([label_of(seed) for seed in seeds], np.int64)

    pixels, labels = rendered("train", settings.scenes)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        network = NETWORKS[settings.reads](len(CLASSES))
    rng = np.random.default_rng([settings.seed, 3])
    _measure(network, np.stack([compress(image, rng) for image in pixels[:_MEASURED]]))

    def draw(chosen: NDArray[np.int64], rng: np.random.Generator, done: float) -> Batch:
        network.margin = _MARGIN if done < settings.cropped else 0
        chosen = np.sort(chosen)  # the scenes lie in a file
        files = [compress(_augmented(image, rng), rng) for image in pixels[chosen]]
        return (_tensor(files),), torch.from_numpy(labels[chosen])

    task = Task(
        network,
        len(pixels),
        draw,
        loss=nn.CrossEntropyLoss(label_smoothing=0.05),
        right=lambda logits, targets: logits.argmax(1) == targets,
    )
    about = asdict(settings)
    train(task, recipe, checkpoint, about=about, resume=resume, progress=progress, stop=stop)
    network.margin = 0
    halved = half_precision(network)
    network.load_state_dict(halved)
    test_pixels, test_labels = rendered("test", settings.test_scenes)
    top1 = _top1(network, test_pixels, test_labels, compress)
    progress(Progress("test", settings.test_scenes, settings.test_scenes, accuracy=top1))
    weights = out / f"scenes_{settings.reads.replace('-', '_')}.safetensors"
    weights.write_bytes(save(halved))
    card = weights.with_suffix(".toml")
    card.write_text(_card_text(weights, settings, top1), encoding="utf-8")
    return ReaderResult(weights, card, top1)


def _augmented(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Shift, mirror and brighten at random, before the image is compressed."""
    wide = cv2.copyMakeBorder(image, _SHIFT, _SHIFT, _SHIFT, _SHIFT, cv2.BORDER_REFLECT_101)
    top, left = rng.integers(0, 2 * _SHIFT + 1, 2)
    moved = wide[top : top + image.shape[0], left : left + image.shape[1]]
    mirrored = moved[:, ::-1] if rng.random() < 0.5 else moved
    brightened = cv2.convertScaleAbs(np.ascontiguousarray(mirrored), alpha=rng.uniform(0.85, 1.15))
    return np.asarray(brightened, np.uint8)


def _measure(network: FileNet, files: NDArray[np.int16]) -> None:
    """Give the network the deviation of each channel."""
    planes = network.planes(torch.from_numpy(files).float())
    spread = torch.cat([plane.transpose(0, 1).flatten(1).std(1) for plane in planes])
    network.deviations.copy_(spread.clamp_min(1.0))


def _tensor(files: list[NDArray[np.int16]]) -> Tensor:
    return torch.from_numpy(np.stack(files)).float()


def _top1(
    network: FileNet,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    compress: Compress,
) -> float:
    rng = np.random.default_rng(0)
    network.eval()
    right = 0
    with torch.inference_mode():
        for start in range(0, len(images), 50):
            guess = network(_tensor([compress(image, rng) for image in images[start : start + 50]])).argmax(1)
            right += int((guess.numpy() == labels[start : start + 50]).sum())
    return right / len(images)


def _card_text(weights: Path, settings: ReaderSettings, top1: float) -> str:
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    classes = "\n".join(f'    "{name}",' for name in CLASSES)
    test = SPLITS["test"]
    last = test.start + settings.test_scenes - 1
    given = f"--seed {settings.seed} --epochs {settings.epochs} --scenes {settings.scenes}"
    named = {"jpeg": "JPEG", "block-average": "block averages"}[settings.reads]
    return f"""# made by: keepsight train reader {settings.reads} {given}
name = "Keepsight scenes, reads {named}"
library = "keepsight"
architecture = "file_net"
reads = "{settings.reads}"
weights = "{weights.name}"
sha256 = "{digest}"
classes = [
{classes}
]
resize = {SIDE}
crop = {SIDE}
license = "Apache-2.0"
source = "trained by keepsight on scenes that keepsight renders, seed {settings.seed}"
top1 = {top1:.4f}
top1_on = "files at random rates of scenes rendered from seeds {test.start} to {last}"
"""
