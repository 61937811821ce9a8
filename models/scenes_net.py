"""The network that tells the labelled scenes apart: a small residual CNN for 224 × 224 pixels."""

from torch import Tensor, nn


class _Residual(nn.Module):
    """Two 3 × 3 convolutions beside an identity (He et al. 2016, basic block)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )
        self.activation = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.activation(x + self.body(x))
        return out


def _convolution(inputs: int, outputs: int, kernel: int, stride: int) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    ]


class ScenesNet(nn.Module):
    """Normalised images (n, 3, 224, 224) float32 -> logits (n, num_classes).

    `features` ends in the last convolutional stage, (n, 128, 14, 14): the layer for Grad-CAM.
    """

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *_convolution(3, 32, 7, 4),
            *_convolution(32, 64, 3, 2),
            _Residual(64),
            *_convolution(64, 128, 3, 2),
            _Residual(128),
        )
        self.classifier = nn.Linear(128, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        logits: Tensor = self.classifier(self.features(x).mean((2, 3)))
        return logits


def scenes_net(num_classes: int) -> ScenesNet:
    """Return the untrained network."""
    return ScenesNet(num_classes)
