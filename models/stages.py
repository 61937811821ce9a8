"""Where to look into a network: the last stage at which positions of the image are still apart."""

from dataclasses import dataclass
from math import isqrt

import torch
from torch import Tensor, nn

from keepsight.models.errors import ModelError

_MOST_EXTRA_TOKENS = 8
"""Class, distillation and register tokens, at most, before those of the image's patches."""


@dataclass(frozen=True)
class Layout:
    """How a stage's output holds a grid of positions."""

    channel_axis: int
    """1 for (n, C, h, w), 3 for (n, h, w, C), 2 for tokens, (n, T, C)."""
    channels: int
    extra: int = 0
    """Tokens before those of the grid."""

    def grid(self, output: Tensor) -> Tensor:
        """Return (n, C, h, w) of a stage's output."""
        if self.channel_axis == 1:
            return output
        if self.channel_axis == 2:
            side = isqrt(output.shape[1] - self.extra)
            output = output[:, self.extra :].reshape(len(output), side, side, -1)
        return output.permute(0, 3, 1, 2)


@dataclass(frozen=True)
class Stage:
    """A module whose output maps are made from."""

    module: nn.Module
    layout: Layout


def last_stage(network: nn.Module, example: Tensor) -> Stage:
    """Return the last module with a spatial output on which the answer depends at each position.

    It is found by a run on an example input, (1, 3, s, s). Convolutional networks have (1, C, h, w) before
    their pooled head. Transformers have tokens or (1, h, w, C); where the head reads the class token alone,
    their last blocks' outputs do not depend on the patches' tokens any more, and the stage is the
    normalisation before the last attention. Raises `ModelError`.
    """
    outputs: list[tuple[nn.Module, Tensor]] = []

    def note(module: nn.Module, _inputs: object, output: object) -> None:
        if isinstance(output, Tensor) and module is not network:
            outputs.append((module, output))

    hooks = [module.register_forward_hook(note) for module in network.modules()]
    try:
        with torch.enable_grad():
            logits = network(example.detach().clone().requires_grad_())
            found = _last_that_matters(outputs, logits[0].square().sum())
    finally:
        for hook in hooks:
            hook.remove()
    if found is None:
        raise ModelError(
            "This classifier's architecture is not supported by maps that look into it: no part of it tells "
            "places of the image apart. Choose a map of the image alone."
        )
    return found


def _last_that_matters(outputs: list[tuple[nn.Module, Tensor]], answer: Tensor) -> Stage | None:
    layout = None
    for module, output in reversed(outputs):
        found = _layout(output)
        if found is None or (layout is not None and found != layout):
            continue  # inside a block: other widths, windows, attention
        layout = found
        if not output.requires_grad:
            continue
        (gradient,) = torch.autograd.grad(answer, output, retain_graph=True, allow_unused=True)
        if gradient is not None and bool(layout.grid(gradient).any()):
            return Stage(module, layout)
    return None


def _layout(output: Tensor) -> Layout | None:
    """Return how an output holds a square grid of positions; None where it does not."""
    shape = output.shape
    if len(shape) == 4 and shape[0] == 1 and shape[2] == shape[3] > 1:
        return Layout(1, shape[1])
    if len(shape) == 4 and shape[0] == 1 and shape[1] == shape[2] > 1:
        return Layout(3, shape[3])
    if len(shape) == 3 and shape[0] == 1:
        extra = shape[1] - isqrt(shape[1]) ** 2
        if shape[1] - extra > 1 and extra <= _MOST_EXTRA_TOKENS:
            return Layout(2, shape[2], extra)
    return None
