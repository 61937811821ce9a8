"""The network that predicts what matters in a photo from its pixels alone. This is torch."""

from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from keepsight import resources
from keepsight.models.checkpoints import read_tensors
from keepsight.models.types import Map, Pixels

SIDE = 96
"""Of the square that every photo is brought to, pixels."""
GRID = 12
"""Of the map, positions a side."""
WEIGHTS = Path(str(files(resources))) / "saliency.safetensors"
"""Those that come with the program; saliency.toml beside them says what they learned from."""

_BLOCKS = ((3, 1, 1, 16), (3, 2, 6, 24), (3, 1, 6, 24), (5, 2, 6, 40), (5, 1, 6, 40))
_COARSE = ((3, 2, 6, 80), (3, 1, 6, 80))
"""Blocks of EfficientNet-Lite0: kernel, stride, widening, outputs; down to an eighth and a sixteenth."""
_WIDTH = 96
_MIDDLE = 64


class _Block(nn.Module):
    """Inverted residual (Sandler et al. 2018), its batch norms folded."""

    def __init__(self, inputs: int, kernel: int, stride: int, widening: int, outputs: int) -> None:
        super().__init__()
        wide = inputs * widening
        self.shortcut = stride == 1 and inputs == outputs
        expand = [nn.Conv2d(inputs, wide, 1), nn.ReLU6(inplace=True)] if widening > 1 else []
        depthwise = nn.Conv2d(wide, wide, kernel, stride, kernel // 2, groups=wide)
        self.body = nn.Sequential(*expand, depthwise, nn.ReLU6(inplace=True), nn.Conv2d(wide, outputs, 1))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.body(x)
        return x + out if self.shortcut else out


class SaliencyNet(nn.Module):
    """(n, 3, `SIDE`, `SIDE`) float32 in [-1, 1] -> log of the importance, (n, `GRID`, `GRID`), up to a sum.

    The encoder is the first eight stages of EfficientNet-Lite0 (Tan and Le 2019, without its last third).
    Its coarse output sees the whole photo once more through a mean; then it joins the finer one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 3, 2, 1), nn.ReLU6(inplace=True))
        widths = (32, *(block[-1] for block in _BLOCKS + _COARSE))
        blocks = [
            _Block(inputs, *block)
            for (inputs, _), block in zip(pairwise(widths), _BLOCKS + _COARSE, strict=True)
        ]
        self.fine = nn.Sequential(*blocks[: len(_BLOCKS)])
        self.coarse = nn.Sequential(*blocks[len(_BLOCKS) :])
        fine, coarse = _BLOCKS[-1][-1], _COARSE[-1][-1]
        self.around = nn.Conv2d(coarse, _WIDTH, 3, padding=1)
        self.everywhere = nn.Linear(coarse, _WIDTH)
        self.further = nn.Conv2d(_WIDTH, _WIDTH, 3, padding=1)
        self.join_coarse = nn.Conv2d(_WIDTH, _MIDDLE, 1)
        self.join_fine = nn.Conv2d(fine, _MIDDLE, 1)
        self.out = nn.Conv2d(_MIDDLE, 1, 3, padding=1)

    @property
    def encoder(self) -> tuple[nn.Sequential, ...]:
        """The parts that come from a classifier."""
        return self.stem, self.fine, self.coarse

    def forward(self, x: Tensor) -> Tensor:
        """Return the logarithms."""
        fine = self.fine(self.stem(x))
        coarse = self.coarse(fine)
        seen = functional.relu(self.around(coarse) + self.everywhere(coarse.mean((2, 3)))[:, :, None, None])
        seen = self.join_coarse(seen + functional.relu(self.further(seen)))
        large = functional.interpolate(seen, scale_factor=2.0, mode="bilinear", align_corners=False)
        out: Tensor = self.out(functional.relu(large + self.join_fine(fine)))
        return out[:, 0]


def normalised(images: NDArray[np.uint8]) -> Tensor:
    """(n, h, w, 3) uint8 -> what the network takes, as EfficientNet-Lite0 has it."""
    batch = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2)
    return batch.to(torch.float32, memory_format=torch.channels_last).sub_(127).div_(128)


def squashed(pixels: Pixels) -> Pixels:
    """Return an image of any shape as the network sees it, (`SIDE`, `SIDE`, 3)."""
    return np.asarray(cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def predict(network: SaliencyNet, pixels: Pixels) -> Map:
    """Return the map of an image of any shape: (`GRID`, `GRID`) with the mean 1.

    Nothing stands out of an image in which the network sees one colour alone: zeros.
    """
    image = squashed(pixels)
    if not cv2.meanStdDev(image)[1].any():
        return np.zeros((GRID, GRID), np.float32)
    with torch.inference_mode():
        logs = network(normalised(image[None]))[0]
        values = logs.flatten().softmax(0).mul_(logs.numel())
    return np.asarray(values.numpy().reshape(GRID, GRID), np.float32)


def load_network(weights: Path) -> SaliencyNet:
    """Return a trained network, ready. Raises `CardError`."""
    network = SaliencyNet()
    network.load_state_dict(read_tensors(weights))
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)


@cache
def shipped_network() -> SaliencyNet:
    """Return the network that comes with the program; threads may share it."""
    return load_network(WEIGHTS)
