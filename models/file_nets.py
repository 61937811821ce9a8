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


class FileNet(nn.Module):
    """A packed file, (n, length) float32, see `file_inputs` -> logits (n, num_classes).

    Luma goes in at 28 × 28 places, chroma at 14 × 14, each channel by a scale of its own (its deviation in
    the training files, a buffer): fine patterns weigh as much as light and shade. What a file says of itself
    conditions them (the two resolutions are put together as in Gueguen et al. 2018).
    """

    margin = 0
    """Places of luma that are left out at each side, an even number: training sees the middle first, at less
    cost."""
    deviations: Tensor

    def __init__(self, luma: int, chroma: int, about: int, num_classes: int) -> None:
        """Take the numbers of channels, and of what a file says of itself."""
        super().__init__()
        self.register_buffer("deviations", torch.ones(luma + chroma))
        self.luma = nn.Sequential(*_convolution(luma, 48, 1))
        self.condition = _Conditioned(about, 48)
        self.deeper = nn.Sequential(*_convolution(48, 56, 3, 2))
        self.chroma = nn.Sequential(*_convolution(chroma, 8, 1))
        self.features = nn.Sequential(_Residual(64), *_convolution(64, 96, 3, 2), _Residual(96))
        self.classifier = nn.Linear(96, num_classes)

    def planes(self, packed: Tensor) -> tuple[Tensor, Tensor]:
        """Return luma (n, luma, 28, 28) and chroma (n, chroma, 14, 14)."""
        raise NotImplementedError

    def about(self, packed: Tensor) -> Tensor:
        """Return what a file says of itself, (n, about)."""
        raise NotImplementedError

    def forward(self, packed: Tensor) -> Tensor:
        """Return the logits."""
        luma, chroma = self.planes(packed)
        scales, first = self.deviations.view(-1, 1, 1), luma.shape[1]
        luma = _middle(luma / scales[:first], self.margin)
        chroma = _middle(chroma / scales[first:], self.margin // 2)
        x = self.condition(self.luma(luma), self.about(packed))
        features = self.features(torch.cat([self.deeper(x), self.chroma(chroma)], 1))
        logits: Tensor = self.classifier(features.mean((2, 3)))
        return logits


def _middle(planes: Tensor, margin: int) -> Tensor:
    """Cut a margin off all sides of planes, (n, c, h, w)."""
    return planes[:, :, margin:-margin, margin:-margin] if margin else planes


class JpegNet(FileNet):
    """Reads a JPEG's dequantised coefficients, a channel each, and its tables' logarithms."""

    def __init__(self, num_classes: int) -> None:
        super().__init__(64, 128, 128, num_classes)

    def planes(self, packed: Tensor) -> tuple[Tensor, Tensor]:
        """See `FileNet.planes`."""
        half, first = BLOCKS // 2, 64 * BLOCKS**2
        luma = packed[:, :first].view(-1, BLOCKS, BLOCKS, 64).permute(0, 3, 1, 2)
        chroma = packed[:, first:-128].view(-1, 2, half, half, 64)
        return luma, chroma.permute(0, 1, 4, 2, 3).flatten(1, 2)

    def about(self, packed: Tensor) -> Tensor:
        """See `FileNet.about`."""
        return packed[:, -128:].clamp_min(1).log() - 3


class BlockAverageNet(FileNet):
    """Reads block averages as what patches of 4 × 4 points vary by, a channel for each frequency (DCT).

    Of luma: 16 of the means and 16 of the deviations. Block sizes and step are what the file says of itself.
    """

    basis: Tensor

    def __init__(self, num_classes: int) -> None:
        super().__init__(32, 32, 4, num_classes)
        k, x = torch.meshgrid(torch.arange(4.0), torch.arange(4.0), indexing="ij")
        line = torch.cos((2 * x + 1) * k * torch.pi / 8) * torch.where(k == 0, 0.5, 0.5**0.5)
        basis = torch.einsum("ux,vy->uvxy", line, line).reshape(16, 1, 4, 4)
        self.register_buffer("basis", basis, persistent=False)

    def planes(self, packed: Tensor) -> tuple[Tensor, Tensor]:
        """See `FileNet.planes`."""
        half, first = GRID // 2, 2 * GRID**2
        return self._varied(packed[:, :first], GRID), self._varied(packed[:, first:-4], half)

    def about(self, packed: Tensor) -> Tensor:
        """See `FileNet.about`."""
        return packed[:, -4:].clamp_min(0).add(1).log() - 1

    def _varied(self, grids: Tensor, side: int) -> Tensor:
        patches = nn.functional.conv2d(grids.reshape(-1, 1, side, side) - 128, self.basis, stride=4)
        return patches.reshape(-1, 32, side // 4, side // 4)


NETWORKS: dict[FileKind, type[JpegNet] | type[BlockAverageNet]] = {
    "jpeg": JpegNet,
    "block-average": BlockAverageNet,
}
"""The network for each kind of file."""
