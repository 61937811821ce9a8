"""What saliency methods may ask of a network about one image, and how it is found out. This is torch.

Between calls the network is as it was, without hooks.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from keepsight.models.errors import ModelError
from keepsight.models.stages import Stage

Array = NDArray[np.float32]

_CHANNELS_AT_ONCE = 128
"""Copies of a stage's output that run through the rest of the network together."""


class Inside:
    """One image in a network. Satisfies `keepsight.models.maps.base.Subject`."""

    def __init__(
        self, network: nn.Module, stage: Stage, image: Tensor, target: int | None, batch: int
    ) -> None:
        """Take an image, (1, 3, H, W), normalised, and a class; None is the predicted one.

        `batch` is how many images go through the network at once.
        """
        self._network, self._stage, self._image, self._batch = network, stage, image, batch
        self._target = target

    @property
    def target(self) -> int:
        """The class that is explained."""
        return self._run[0]

    @property
    def activations(self) -> Array:
        """See `Subject.activations`."""
        return self._run[1]

    @property
    def gradients(self) -> Array:
        """See `Subject.gradients`."""
        return self._run[2]

    def without_channels(self) -> Array:
        """See `Subject.without_channels`.

        The image goes through the network once for many channels: at the stage its one output is replaced by
        copies, each without one channel, and the rest of the network reads those as a batch.
        """
        axis, channels = self._stage.layout.channel_axis, self._stage.layout.channels
        target = self.target  # found by a run of its own, before the stage is changed
        left = []
        for first in range(0, channels, _CHANNELS_AT_ONCE):
            gone = torch.arange(first, min(first + _CHANNELS_AT_ONCE, channels), device=self._image.device)

            def ablate(output: Tensor, gone: Tensor = gone) -> Tensor:
                copies = output.movedim(axis, 1).repeat(len(gone), *[1] * (output.ndim - 1))
                copies[torch.arange(len(gone)), gone] = 0
                return copies.movedim(1, axis)

            with torch.no_grad(), self._replaced(ablate):
                left.append(self._at_once(target))
        with torch.no_grad():
            whole = self._network(self._image)[0, target]
        return _array(whole - torch.cat(left))

    def _at_once(self, target: int) -> Tensor:
        """Return the logits (n,) of one image whose stage became a batch."""
        try:
            logits = self._network(self._image)[:, target]
        except torch.OutOfMemoryError:
            raise
        except RuntimeError:  # another path through the network goes past the stage and stays one image
            raise ModelError(
                "AblationCAM cannot look into this classifier: not all of the image goes through one stage. "
                "Choose another map, such as ScoreCAM."
            ) from None
        return torch.as_tensor(logits)

    def masked(self, masks: Array) -> Array:
        """See `Subject.masked`."""
        size = tuple(self._image.shape[2:])
        scores = []
        with torch.inference_mode():
            for some in torch.split(torch.from_numpy(masks)[:, None].to(self._image.device), self._batch):
                large = nn.functional.interpolate(some, size, mode="bilinear", align_corners=False)
                scores.append(self._network(self._image * large)[:, self.target])
        return _array(torch.cat(scores))

    def input_gradients(self, copies: int, noise: float) -> Array:
        """See `Subject.input_gradients`."""
        generator = torch.Generator().manual_seed(0)
        drawn = torch.randn((copies, *self._image.shape[1:]), generator=generator).to(self._image.device)
        deviation = noise * (self._image.max() - self._image.min())
        found = []
        for some in torch.split(self._image + deviation * drawn, self._batch):
            some = some.detach().requires_grad_()
            with torch.enable_grad():
                score = self._network(some)[:, self.target].sum()
            found.append(torch.autograd.grad(score, some)[0])
        return _array(torch.cat(found))

    @cached_property
    def _run(self) -> tuple[int, Array, Array]:
        """Class, activations and gradients of the image."""
        held: list[Tensor] = []

        def hold(output: Tensor) -> Tensor:
            """Let the gradient begin here. A copy goes on, as a ReLU that follows may work in place."""
            held.append(output.detach().requires_grad_())
            return held[-1].clone()

        with torch.enable_grad(), self._replaced(hold):
            logits = self._network(self._image)[0]
        target = int(logits.argmax()) if self._target is None else self._target
        (gradient,) = torch.autograd.grad(logits[target], held[-1])
        grid = self._stage.layout.grid
        return target, _array(grid(held[-1].detach())[0]), _array(grid(gradient)[0])

    @contextmanager
    def _replaced(self, change: Callable[[Tensor], Tensor]) -> Iterator[None]:
        """Change the stage's output for as long as this lasts."""
        hook = self._stage.module.register_forward_hook(lambda _module, _inputs, output: change(output))
        try:
            yield
        finally:
            hook.remove()


def _array(tensor: Tensor) -> Array:
    return np.ascontiguousarray(tensor.detach().float().cpu().numpy())
