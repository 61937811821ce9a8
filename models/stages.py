"""Where to look into a network: the last stage at which positions of the image are still apart."""

import re
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
    normalisation before the last attention; where the last blocks change the class token alone (class
    attention: CaiT, XCiT, VOLO), it is what they read. Raises `ModelError`.
    """
    outputs: list[tuple[nn.Module, Tensor]] = []
    begun: dict[nn.Module, int] = {}
    condensing: list[nn.Module] = []

    def begin(module: nn.Module, _inputs: object) -> None:
        begun.setdefault(module, len(outputs))

    def note(module: nn.Module, inputs: tuple[object, ...], output: object) -> None:
        if isinstance(output, Tensor) and module is not network:
            outputs.append((module, output))
            if inputs and isinstance(inputs[0], Tensor) and _condenses(inputs[0], output):
                condensing.append(module)

    hooks = [module.register_forward_pre_hook(begin) for module in network.modules()]
    hooks += [module.register_forward_hook(note) for module in network.modules()]
    try:
        with torch.enable_grad():
            logits = network(example.detach().clone().requires_grad_())
            end = _class_attention_begins(network, condensing, begun) if condensing else len(outputs)
            found = _last_that_matters(outputs[:end], logits[0].square().sum())
    finally:
        for hook in hooks:
            hook.remove()
    if found is None:
        raise ModelError(
            "This classifier's architecture is not supported by maps that look into it: no part of it tells "
            "places of the image apart. Choose a map of the image alone."
        )
    return found


def _condenses(given: Tensor, output: Tensor) -> bool:
    """Whether a module makes one token out of many."""
    return given.ndim == output.ndim == 3 and given.shape[1] > output.shape[1] == 1


def _class_attention_begins(
    network: nn.Module, condensing: list[nn.Module], begun: dict[nn.Module, int]
) -> int:
    """Return how many outputs there were before the last row of blocks that has such a module."""
    names = {module: name for name, module in network.named_modules()}
    row = re.sub(r"\.\d+(\.\D+)?$", "", names[condensing[-1]])
    return min(count for module, count in begun.items() if f"{names[module]}.".startswith(f"{row}."))


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
