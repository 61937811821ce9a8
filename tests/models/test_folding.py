"""Folding batch norms: the same answers, and no change where they would differ."""

import timm
import torch
import torchvision
from torch import nn

from keepsight.models.folding import fold_batch_norms


class _TwoReaders(nn.Module):
    """A convolution whose output is read by a batch norm and by an addition as well."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8)

    def forward(self, x):
        x = self.conv(x)
        return (x + self.norm(x)).mean((2, 3))


class _StandardisedConv(nn.Conv2d):
    """A convolution that does not use its weights as they are."""

    def forward(self, x):
        return nn.functional.conv2d(x, self.weight - self.weight.mean(), self.bias)


def _lived_in(network):
    """Give the norms statistics and weights as training leaves them."""
    for norm in network.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.normal_(norm.running_mean, std=0.1)
            nn.init.uniform_(norm.running_var, 0.5, 1.5)
            nn.init.uniform_(norm.weight, 0.5, 1.5)
            nn.init.normal_(norm.bias, std=0.1)
    return network.eval()


def _norms(network):
    return sum(isinstance(module, nn.BatchNorm2d) for module in network.modules())


def _largest_change(network, size=64):
    """Fold; return whether it was done, and the change of an answer over the largest one."""
    images = torch.randn(2, 3, size, size)
    with torch.inference_mode():
        before = network(images)
        folded = fold_batch_norms(network, torch.randn(1, 3, size, size))
        change = (network(images) - before).abs().max() / before.abs().max()
    return folded, float(change)


def test_every_norm_behind_a_convolution_goes():
    torch.manual_seed(0)
    networks = (timm.create_model("tf_efficientnet_lite0"), torchvision.models.resnet18(weights=None))
    for network in map(_lived_in, networks):
        folded, change = _largest_change(network)
        assert folded
        assert _norms(network) == 0
        assert change < 1e-4


def test_a_norm_before_its_convolution_stays():
    torch.manual_seed(0)
    network = _lived_in(timm.create_model("resnetv2_18d", norm_layer="batchnorm2d"))
    folded, change = _largest_change(network)
    assert folded
    assert _norms(network) > 0
    assert change < 1e-4


def test_a_network_that_would_answer_otherwise_stays_as_it_was():
    torch.manual_seed(0)
    network = _lived_in(_TwoReaders())
    weight = network.conv.weight
    folded, change = _largest_change(network)
    assert not folded
    assert change == 0
    assert network.conv.weight is weight
    assert network.conv.bias is None
    assert _norms(network) == 1


def test_a_special_convolution_stays():
    torch.manual_seed(0)
    network = _lived_in(
        nn.Sequential(_StandardisedConv(3, 8, 3), nn.BatchNorm2d(8), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    )
    folded, change = _largest_change(network)
    assert not folded
    assert change == 0
    assert _norms(network) == 1
