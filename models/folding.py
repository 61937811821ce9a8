"""Batch norms folded into the convolutions before them: the same answers in about two thirds of the time."""

import timm.layers
import torch
from torch import Tensor, nn
from torch.nn.utils import fuse_conv_bn_weights

_CONVOLUTIONS = (nn.Conv2d, timm.layers.Conv2dSame)
_NORMS = (nn.BatchNorm2d, timm.layers.BatchNormAct2d)
"""Exactly these: subclasses may do more than their name says (standardise weights, say)."""
_TOLERANCE = 1e-3
"""Largest change of a logit, as a share of the largest one."""


def fold_batch_norms(network: nn.Module, example: Tensor) -> bool:
    """Fold, in place, every batch norm that directly follows a convolution; say whether that was done.

    `network` must be in evaluation mode; `example` is a normalised input of it, (1, 3, h, w). Where its
    answer to the example would change (an architecture that uses a convolution's output elsewhere too),
    the network stays as it was.
    """
    pairs, before = _watch(network, example)
    originals = [(name, norm, conv, conv.weight, conv.bias) for name, norm, conv in pairs]
    for name, norm, conv in pairs:
        assert norm.running_mean is not None
        assert norm.running_var is not None
        conv.weight, conv.bias = fuse_conv_bn_weights(
            conv.weight, conv.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
        )
        network.set_submodule(name, getattr(norm, "act", nn.Identity()))
    with torch.inference_mode():
        change = (network(example) - before).abs().max()
    if change <= _TOLERANCE * before.abs().max():
        return bool(pairs)
    for name, norm, conv, weight, bias in originals:
        conv.weight, conv.bias = weight, bias
        network.set_submodule(name, norm)
    return False


def _watch(network: nn.Module, example: Tensor) -> tuple[list[tuple[str, nn.BatchNorm2d, nn.Conv2d]], Tensor]:
    """Run the network; return each norm that was fed by a convolution, with its name, and the logits."""
    names = {module: name for name, module in network.named_modules()}
    made: dict[int, tuple[nn.Conv2d, Tensor]] = {}
    fed: list[tuple[nn.BatchNorm2d, nn.Conv2d]] = []
    calls: list[nn.Module] = []

    def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        calls.append(module)
        if isinstance(module, nn.Conv2d):
            made[id(output)] = module, output  # kept alive, so that no other tensor gets its id
        elif isinstance(module, nn.BatchNorm2d) and id(inputs[0]) in made and module.running_var is not None:
            fed.append((module, made[id(inputs[0])][0]))

    watched = [module for module in names if type(module) in _CONVOLUTIONS + _NORMS]
    hooks = [module.register_forward_hook(note) for module in watched]
    try:
        with torch.inference_mode():
            logits: Tensor = network(example)
    finally:
        for hook in hooks:
            hook.remove()
    once = {module for module in watched if calls.count(module) == 1}
    return [(names[norm], norm, conv) for norm, conv in fed if norm in once and conv in once], logits
