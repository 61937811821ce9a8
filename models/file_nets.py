"""Networks that read a compressed file's planes in place of pixels: small CNNs with batch norms."""

import torch
from torch import Tensor, nn

from keepsight.models.file_inputs import BLOCKS, GRID, FileKind


def _convolution(inputs: int, outputs: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    ]


class _Residual(nn.Module):
    """Two 3 × 3 convolutions beside an identity (He et al. 2016, basic block)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *_convolution(channels, channels, 3), *_convolution(channels, channels, 3)[:2]
        )
        self.activation = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.activation(x + self.body(x))
        return out


class _Conditioned(nn.Module):
    """Scales and shifts channels by what a file says of itself (FiLM; Perez et al. 2018)."""

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__()
        self.embed = nn.Sequential(nn.Linear(inputs, 32), nn.ReLU(), nn.Linear(32, 2 * channels))

    def forward(self, x: Tensor, about: Tensor) -> Tensor:
        scale, shift = self.embed(about)[:, :, None, None].chunk(2, 1)
        out: Tensor = x * (1 + scale) + shift
        return out


def _middle(planes: Tensor, axis: int, margin: int) -> Tensor:
    """Cut a margin off all sides of planes whose rows are that axis and whose columns are the next."""
    for one in (axis, axis + 1) if margin else ():
        planes = planes.narrow(one, margin, planes.shape[one] - 2 * margin)
    return planes


class JpegNet(nn.Module):
    """Packed coefficients (n, 75392) float32, see `file_inputs.pack_jpeg` -> logits (n, num_classes).

    Luma goes in at 28 × 28 blocks, chroma at 14 × 14, each frequency by a scale of its own (its deviation in
    the training files, a buffer); an embedding of the logarithms of the tables conditions both (after Gueguen
    et al. 2018, who put the two resolutions together likewise).
    """

    margin = 0
    """Blocks that are left out at each side, an even number: training sees the middle first, at less cost."""
    deviations: Tensor

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.register_buffer("deviations", torch.ones(3 * 64))
        self.luma = nn.Sequential(*_convolution(64, 64, 1))
        self.condition = _Conditioned(128, 64)
        self.deeper = nn.Sequential(*_convolution(64, 80, 3, 2))
        self.chroma = nn.Sequential(*_convolution(128, 16, 1))
        self.features = nn.Sequential(_Residual(96), *_convolution(96, 128, 3, 2), _Residual(128))
        self.classifier = nn.Linear(128, num_classes)

    def forward(self, packed: Tensor) -> Tensor:
        """Return the logits."""
        luma, chroma = self.planes(packed)
        luma, chroma = _middle(luma, 1, self.margin), _middle(chroma, 2, self.margin // 2)
        luma = luma / self.deviations[:64]
        chroma = chroma / self.deviations[64:].view(2, 1, 1, 64)
        tables = packed[:, -128:].clamp_min(1).log() - 3
        x = self.condition(self.luma(luma.permute(0, 3, 1, 2)), tables)
        colours = self.chroma(chroma.permute(0, 1, 4, 2, 3).flatten(1, 2))
        features = self.features(torch.cat([self.deeper(x), colours], 1))
        logits: Tensor = self.classifier(features.mean((2, 3)))
        return logits

    @staticmethod
    def planes(packed: Tensor) -> tuple[Tensor, Tensor]:
        """Return luma (n, 28, 28, 64) and chroma (n, 2, 14, 14, 64)."""
        half, first = BLOCKS // 2, 64 * BLOCKS**2
        chroma = packed[:, first:-128].view(-1, 2, half, half, 64)
        return packed[:, :first].view(-1, BLOCKS, BLOCKS, 64), chroma


class BlockAverageNet(nn.Module):
    """Packed planes (n, 31364) float32, see `file_inputs.pack_block_average` -> logits (n, num_classes).

    Means and deviations go in at 112 × 112 points, chroma at 56 × 56; block sizes and step condition them.
    """

    margin = 0
    """As in `JpegNet`."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.luma = nn.Conv2d(2, 24, 5, 2, 2, bias=False)
        self.chroma = nn.Conv2d(2, 24, 1, bias=False)
        self.joined = nn.Sequential(nn.BatchNorm2d(24), nn.ReLU())
        self.condition = _Conditioned(4, 24)
        self.features = nn.Sequential(
            *_convolution(24, 56, 3, 2),
            *_convolution(56, 80, 3, 2),
            _Residual(80),
            *_convolution(80, 128, 3, 2),
            _Residual(128),
        )
        self.classifier = nn.Linear(128, num_classes)

    def forward(self, packed: Tensor) -> Tensor:
        """Return the logits."""
        half, first = GRID // 2, 2 * GRID**2
        luma = packed[:, :first].view(-1, 2, GRID, GRID) / 64 - packed.new_tensor([2.0, 0.0]).view(2, 1, 1)
        chroma = packed[:, first:-4].view(-1, 2, half, half) / 32 - 4
        luma, chroma = _middle(luma, 2, 4 * self.margin), _middle(chroma, 2, 2 * self.margin)
        about = packed[:, -4:].clamp_min(0).add(1).log() - 1
        x = self.condition(self.joined(self.luma(luma) + self.chroma(chroma)), about)
        logits: Tensor = self.classifier(self.features(x).mean((2, 3)))
        return logits


NETWORKS: dict[FileKind, type[JpegNet] | type[BlockAverageNet]] = {
    "jpeg": JpegNet,
    "block-average": BlockAverageNet,
}
"""The network for each kind of file."""
