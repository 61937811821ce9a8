"""Grad-CAM (Selvaraju et al. 2017), raw: where a classifier sees what speaks for a class."""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from pytorch_grad_cam.activations_and_gradients import ActivationsAndGradients
from torch import Tensor, nn

from keepsight.models.cards import Card
from keepsight.models.errors import ModelError
from keepsight.models.preprocess import crop_box

LONGEST_SIDE = 512
"""Of a map, in pixels: it is smooth, so a full-size one of a large photo would say no more."""


class GradCam:
    """Maps of one network, one at a time. Between calls the network is as it was, without hooks."""

    def __init__(self, network: nn.Module, example: Tensor) -> None:
        """Find the layer to look at with an example input, (1, 3, h, w). Raises `ModelError`."""
        self._network = network
        self._layer = last_convolutional_stage(network, example)

    def map(self, image: Tensor, target: int | None = None) -> tuple[NDArray[np.float32], int]:
        """Return the map of one image, (1, 3, h, w), and the class that it explains (None: the best).

        The map has the resolution of the last convolutional stage and is zero or more. It is not scaled by
        its own minimum and maximum (as grad-cam's ready-made classes do), so that maps can be compared.
        """
        start = self._layer.register_forward_hook(_start_gradient)
        record = ActivationsAndGradients(self._network, [self._layer], reshape_transform=None)
        try:
            with torch.enable_grad():
                logits = record(image)[0]
                explained = int(logits.argmax()) if target is None else target
                logits[explained].backward()
            activations, gradients = record.activations[0][0], record.gradients[0][0]
        finally:
            record.release()
            start.remove()
        weights = gradients.mean((1, 2), keepdim=True)
        values = (weights * activations).sum(0).relu_()
        return np.asarray(values.numpy(), np.float32), explained


def spread(values: NDArray[np.float32], card: Card, height: int, width: int) -> NDArray[np.float32]:
    """Put the map of the centre crop where the crop lies in a photo of `height` x `width`; zero around it.

    The result has the photo's aspect and at most `LONGEST_SIDE` pixels on its long side. Bilinear.
    """
    scale = min(1.0, LONGEST_SIDE / max(height, width))
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    box = crop_box(height, width, card.resize, card.crop, card.crop_mode)
    left, right = _whole(box[0] * columns / width, box[2] * columns / width)
    top, bottom = _whole(box[1] * rows / height, box[3] * rows / height)
    whole = np.zeros((rows, columns), np.float32)
    whole[top:bottom, left:right] = cv2.resize(
        values, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR
    )
    return whole


def last_convolutional_stage(network: nn.Module, example: Tensor) -> nn.Module:
    """Return the last module that gives a spatial map, (1, C, s, s) with s > 1, before the pooled head.

    What comes after it may only work on pooled values; a transformer, whose later blocks mix positions in
    other shapes, has no such module. Raises `ModelError`.
    """
    outputs: list[tuple[nn.Module, tuple[int, ...]]] = []

    def note(module: nn.Module, _inputs: object, output: object) -> None:
        if isinstance(output, Tensor):
            outputs.append((module, tuple(output.shape)))

    hooks = [module.register_forward_hook(note) for module in network.modules()]
    try:
        with torch.inference_mode():
            network(example)
    finally:
        for hook in hooks:
            hook.remove()
    for module, shape in reversed(outputs):
        if len(shape) == 4 and shape[2] == shape[3] > 1:
            return module
        pooled = len(shape) == 2 or shape[2:] == (1, 1)
        if not pooled and any(True for _ in module.parameters()):
            break
    raise ModelError("Grad-CAM needs a convolutional network; this architecture is not supported.")


def _start_gradient(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
    """Let the gradient begin here, not at the input. A copy, as a ReLU that follows may work in place."""
    return output.detach().requires_grad_().clone()


def _whole(start: float, stop: float) -> tuple[int, int]:
    """Return the pixels from `start` to `stop`, at least one."""
    first = round(start)
    if first < round(stop):
        return first, round(stop)
    return int(start), int(start) + 1
