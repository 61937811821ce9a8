"""Train the network that mends what is decoded, and write resources/restoration.safetensors.

python tests/benchmarks/fit_restoration.py FOLDER... --labels tune.csv --steps 3000 restoration.safetensors

Photos without a label in `--labels` are taken as well where the folder has none. Crops of 224 x 224 pixels, a
third of them as the classifier crops, are made smaller and coded: three in four as AV1, a third of these
with a background blurred as by Keep, the others by the standard codecs. What is learned is the classifier's
features at four depths, its prediction, and the pixels. Checkpoints are resumed.
"""

import argparse
import math
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from keepsight.app.engine.data import open_data
from keepsight.codecs import av1, registry
from keepsight.codecs.avif import AvifOptions
from keepsight.codecs.base import Pixels
from keepsight.codecs.restoration import resized
from keepsight.models.cards import Card
from keepsight.models.catalog import find_card
from keepsight.models.classifiers import build

SIDE = 224
PART = 160
"""Side of what every other batch takes of the crops: half the time."""
BATCH = 8
RATE = 4e-4
KL_WEIGHT, PIXEL_WEIGHT = 0.05, 5.0
STAGES = (1, 2, 4, 6)
"""Blocks of the classifier whose output counts."""
QUALITIES = {"jpeg": (6, 92), "webp": (1, 90), "jpegxl": (8, 92), "jpeg2000": (22, 43)}
SHARES = {"av1": 0.72, "jpeg": 0.10, "webp": 0.08, "jpegxl": 0.05, "jpeg2000": 0.05}
SCALES = (0.26, 0.16, 0.16, 0.16, 0.12, 0.08, 0.06)
"""How often sides are divided by 2 ** (k / 4), k from 0."""


class Block(nn.Module):
    """Wider, over the neighbours, narrower, added."""

    def __init__(self, channels: int, wide: int) -> None:
        super().__init__()
        self.up = nn.Conv2d(channels, wide, 1)
        self.dw = nn.Conv2d(wide, wide, 5, padding=2, groups=wide)
        self.down = nn.Conv2d(wide, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        hidden = functional.relu(self.dw(functional.relu(self.up(x))))
        return x + self.down(hidden)


class Network(nn.Module):
    """See `keepsight.codecs.restoration`, which runs it: starts as one that changes nothing."""

    def __init__(self, channels: int = 64, wide: int = 96, blocks: int = 4) -> None:
        super().__init__()
        self.head = nn.Conv2d(49, channels, 3, padding=1)
        self.blocks = nn.Sequential(*(Block(channels, wide) for _ in range(blocks)))
        self.tail = nn.Conv2d(channels, 48, 3, padding=1)
        nn.init.zeros_(self.tail.weight)
        assert self.tail.bias is not None
        nn.init.zeros_(self.tail.bias)

    def forward(self, images: Tensor, octaves: Tensor) -> Tensor:
        """Mend (n, 3, h, w) in 0 to 1 whose sides were divided by 2 ** `octaves`, (n,)."""
        places = functional.pixel_unshuffle(images - 0.5, 4)
        level = octaves.view(-1, 1, 1, 1).expand(-1, 1, *places.shape[2:])
        hidden = self.blocks(functional.relu(self.head(torch.cat([places, level], 1))))
        return images + functional.pixel_shuffle(self.tail(hidden), 4)


@dataclass(frozen=True)
class Pairs:
    """Originals and what they decode to, (n, 224, 224, 3) uint8 each, and k of the scale, (n,)."""

    originals: np.ndarray
    decoded: np.ndarray
    scales: np.ndarray

    def batch(self, step: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return originals, decoded images, both in 0 to 1, and octaves."""
        rng = np.random.default_rng(step)
        chosen = rng.integers(len(self.scales), size=BATCH)
        mirrored = rng.random(BATCH) < 0.5
        top, left = 4 * rng.integers(0, (SIDE - PART) // 4 + 1, 2)
        area = np.s_[top : top + PART, left : left + PART] if step % 2 else np.s_[:, :]
        both = []
        for images in (self.originals, self.decoded):
            picked = [images[at][:, :: -1 if turn else 1] for at, turn in zip(chosen, mirrored, strict=True)]
            cut = np.stack([image[area] for image in picked]).transpose(0, 3, 1, 2)
            values = torch.from_numpy(np.ascontiguousarray(cut)).float() / 255
            both.append(values.contiguous(memory_format=torch.channels_last))
        return both[0], both[1], torch.from_numpy(self.scales[chosen]).float() / 4


class Teacher:
    """Features and predictions of the embedded classifier."""

    def __init__(self, card: Card) -> None:
        self.network = build(card).eval().requires_grad_(False).to(memory_format=torch.channels_last)
        self.mean, self.std = (torch.tensor(values).view(1, 3, 1, 1) for values in (card.mean, card.std))

    def read(self, images: Tensor) -> tuple[list[Tensor], Tensor]:
        """Return the features at `STAGES` and the logits of (n, 3, h, w) in 0 to 1."""
        network, found = self.network, []
        hidden = network.bn1(network.conv_stem((images - self.mean) / self.std))
        for number, block in enumerate(network.blocks):
            hidden = block(hidden)
            if number in STAGES:
                found.append(hidden)
        return found, network.forward_head(network.bn2(network.conv_head(hidden)))

    def loss(self, mended: Tensor, original: Tensor) -> Tensor:
        """Return what is missing: relative error of the features, KL, and error of the pixels."""
        with torch.no_grad():
            wanted, truth = self.read(original)
        features, logits = self.read(mended)
        axes = (1, 2, 3)
        apart = [((a - b) ** 2).mean(axes) / (b**2).mean(axes) for a, b in zip(features, wanted, strict=True)]
        kl = (truth.softmax(-1) * (truth.log_softmax(-1) - logits.log_softmax(-1))).sum(-1)
        pixels = (mended - original).abs().mean(axes)
        return (torch.stack(apart).mean(0) + KL_WEIGHT * kl + PIXEL_WEIGHT * pixels).mean()


def coded(job: tuple[Pixels, int, int]) -> list[tuple[Pixels, Pixels, int]]:
    """Return crops of a photo, each coded twice: originals, decoded images, k of the scale."""
    photo, seed, crops = job
    rng = np.random.default_rng(seed)
    found = []
    for number in range(crops):
        original = _crop(photo, rng, plain=number % 3 == 0)
        for _ in range(2):
            scale = int(rng.choice(len(SCALES), p=SCALES))
            found.append((original, _degraded(original, scale, rng), scale))
    return found


def _crop(photo: Pixels, rng: np.random.Generator, plain: bool) -> Pixels:
    short = 256 if plain else int(rng.integers(232, 400))
    factor = max(min(short / min(photo.shape[:2]), 1.3), SIDE / min(photo.shape[:2]))
    sides = [max(SIDE, round(side * factor)) for side in photo.shape[:2]]
    image = np.asarray(Image.fromarray(photo).resize((sides[1], sides[0]), Image.Resampling.BICUBIC))
    top, left = ((side - SIDE) // 2 if plain else int(rng.integers(0, side - SIDE + 1)) for side in sides)
    return np.ascontiguousarray(image[top : top + SIDE, left : left + SIDE])


def _degraded(original: Pixels, scale: int, rng: np.random.Generator) -> Pixels:
    side = round(SIDE / 2 ** (scale / 4))
    kind = str(rng.choice(list(SHARES), p=list(SHARES.values())))
    if kind == "av1":
        blurred = _blurred(original, rng) if rng.random() < 0.35 else original
        options = AvifOptions(quality=int(rng.integers(6, 93)), speed=7)
        payload = av1.encode_payload(resized(blurred, side, side), options)
        return resized(av1.decode_payload(payload, side, side), SIDE, SIDE)
    codec = registry.get(kind)
    assert codec.rate_option
    setting = codec.options().replace(**{codec.rate_option: int(rng.integers(*QUALITIES[kind]))})
    return resized(codec.decode(codec.encode(resized(original, side, side), setting)), SIDE, SIDE)


def _blurred(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Return the image blurred outside a random region, as Keep blurs what does not matter."""
    field = cv2.GaussianBlur(rng.random((SIDE, SIDE)).astype(np.float32), (0, 0), 24)
    level = 2 * (field - field.mean()) / field.std() + rng.normal(0, 0.7) + 0.5
    inside = level.clip(0, 1)[..., None]
    soft = cv2.GaussianBlur(image, (0, 0), float(rng.choice([2.0, 5.0], p=[0.7, 0.3])))
    return (image * inside + soft * (1 - inside) + 0.5).clip(0, 255).astype(np.uint8)


def trained(pairs: Pairs, card: Card, steps: int, checkpoint: Path) -> dict[str, Tensor]:
    """Return the running mean of the weights."""
    teacher, network = Teacher(card), Network().to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(network.parameters())
    mean = {name: values.clone() for name, values in network.state_dict().items()}
    start = 0
    if checkpoint.exists():
        state = torch.load(checkpoint)
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        mean, start = state["mean"], state["step"]
    for step in range(start, steps):
        original, decoded, octaves = pairs.batch(step)
        loss = teacher.loss(network(decoded, octaves).clamp(0, 1), original)
        rate = RATE * min(1, (step + 1) / 150) * (0.5 + 0.5 * math.cos(math.pi * step / steps)) + 1e-6
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        for name, values in network.state_dict().items():
            mean[name].lerp_(values, 0.005 if step > 200 else 0.05)
        if step % 100 == 99 or step == steps - 1:
            print(f"step {step + 1} of {steps}, loss {loss.item():.4f}", flush=True)
            state = {"network": network.state_dict(), "optimiser": optimiser.state_dict()}
            torch.save(state | {"mean": mean, "step": step + 1}, checkpoint)
    return mean


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("out", type=Path)
    parser.add_argument("--labels", type=Path, help="photos of the first folder that may be learned from")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--crops", type=int, default=5, help="of each photo")
    asked = parser.parse_args(arguments)
    card = find_card("imagenet")
    photos = [
        item.load().pixels
        for number, folder in enumerate(asked.folders)
        for item in open_data(folder, card, None if number else asked.labels).items
        if number or not asked.labels or item.label is not None
    ]
    print(f"{len(photos)} photos", flush=True)
    with ProcessPoolExecutor() as pool:
        jobs = [(photo, number, asked.crops) for number, photo in enumerate(photos)]
        made = [pair for some in pool.map(coded, jobs, chunksize=4) for pair in some]
    pairs = Pairs(*(np.array(column) for column in zip(*made, strict=True)))
    weights = trained(pairs, card, asked.steps, asked.out.with_suffix(".checkpoint"))
    save_file({name: values.half().contiguous() for name, values in weights.items()}, asked.out)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
