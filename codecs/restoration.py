"""A small network at the decoder: it mends what coding and a smaller size have taken from an image.

It adds to the decoded image, brought to its size by Lanczos, what a residual network of depthwise separable
convolutions makes of it (as in MobileNetV2, Sandler et al. 2018, without the strides), at a quarter of the
size in both directions (pixel unshuffle, Shi et al. 2016). tests/benchmarks/fit_restoration.py trained it;
the weights never change, because files are decoded with them: others get another name.
"""

from functools import cache
from importlib import resources
from itertools import product
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from keepsight.codecs.base import Pixels

MOST = 2**1.5
"""How many times larger than the coded image, along a side, the network works at most."""
_UNIT = 4
"""Pixels along a side of what the network takes as one place."""
_REACH = 40
"""Pixels that the network is told beyond those that it mends: as far as it looks, a multiple of `_UNIT`."""
_SIDE = 256
"""Side of what is mended at a time, a multiple of `_UNIT`: OpenVINO keeps the memory of the largest."""
_turn = Lock()
"""Threads take turns: one network for each was no faster on two cores, and each holds 15 MB."""


def restored(pixels: Pixels, height: int, width: int) -> Pixels:
    """Return the decoded image, (h, w, 3), at its own size and mended: (height, width, 3) uint8.

    Of an image that was made more than `MOST` times smaller, what is mended is one `MOST` times as large.
    Results may differ by a grey level between processors, whose sums of floating-point numbers differ.
    """
    factor = float(np.sqrt(height * width / (pixels.shape[0] * pixels.shape[1])))
    beyond = max(factor / MOST, 1)
    image = resized(pixels, max(1, round(height / beyond)), max(1, round(width / beyond)))
    mended = _mended(image, min(max(float(np.log2(factor)), 0.0), float(np.log2(MOST))))
    return resized(mended, height, width)


def resized(pixels: Pixels, height: int, width: int) -> Pixels:
    """Resize by Pillow's Lanczos, which widens when the image shrinks and is of whole numbers on 8 bits."""
    if pixels.shape[:2] == (height, width):
        return pixels
    return np.array(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def _mended(image: Pixels, octaves: float) -> Pixels:
    """Return what the network makes of (h, w, 3) uint8, whose sides were 2 ** `octaves` times smaller."""
    height, width = image.shape[:2]
    whole = np.pad(image, ((0, -height % _UNIT), (0, -width % _UNIT), (0, 0)), "edge")
    told = np.array([octaves], np.float32)
    mended = np.empty_like(whole)
    for top, left in product(range(0, height, _SIDE), range(0, width, _SIDE)):
        above, before = min(top, _REACH), min(left, _REACH)
        tile = whole[top - above : top + _SIDE + _REACH, left - before : left + _SIDE + _REACH]
        found = _image(_inferred(_places(tile), told))[above:, before:]
        mended[top : top + _SIDE, left : left + _SIDE] = found[:_SIDE, :_SIDE]
    return np.ascontiguousarray(mended[:height, :width])


def _places(tile: Pixels) -> Pixels:
    """Return (h, w, 3) as (1, h / `_UNIT`, w / `_UNIT`, 48): for each place its rows of pixels in turn."""
    height, width = tile.shape[0] // _UNIT, tile.shape[1] // _UNIT
    rows = tile.reshape(height, _UNIT, width, 3 * _UNIT).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(rows).reshape(1, height, width, 3 * _UNIT**2)


def _image(places: Pixels) -> Pixels:
    """Return what `_places` was made of."""
    _, height, width, _ = places.shape
    rows = places.reshape(height, width, _UNIT, 3 * _UNIT).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(rows).reshape(height * _UNIT, width * _UNIT, 3)


def _inferred(places: Pixels, octaves: NDArray[np.float32]) -> Pixels:
    """Return what the network makes of (1, h, w, 48) uint8, of the same shape."""
    with _turn:
        mended: Pixels = _network().infer([places, octaves])[0]
    return mended


@cache
def _network() -> Any:
    """Return the network, which runs in the thread that asks: to hand each picture on takes longer."""
    import openvino

    settings = {
        "INFERENCE_PRECISION_HINT": "bf16",  # under half the time; processors without it take f32
        "INFERENCE_NUM_THREADS": "1",
        "PERFORMANCE_HINT": "LATENCY",
        "CPU_RUNTIME_CACHE_CAPACITY": "0",  # else kernels of each size that it ever saw stay, a megabyte each
    }
    return openvino.Core().compile_model(_graph(_weights()), "CPU", settings).create_infer_request()


def _weights() -> dict[str, NDArray[np.float32]]:
    """Return the weights, first and last as `_places` orders the channels; stored is colour before row."""
    from safetensors.numpy import load

    stored = load((resources.files("keepsight.resources") / "restoration.safetensors").read_bytes())
    weights = {name: values.astype(np.float32) for name, values in stored.items()}
    order = np.arange(3 * _UNIT**2).reshape(3, _UNIT, _UNIT).transpose(1, 2, 0).ravel()
    weights["head.weight"] = weights["head.weight"][:, [*order, len(order)]]
    for name in ("tail.weight", "tail.bias"):
        weights[name] = weights[name][order] * 255
    return weights


def _graph(weights: dict[str, NDArray[np.float32]]) -> Any:
    """Return the network: `_places` of an image, (1, h, w, 48) uint8, and (1,) float32 -> the same shape."""
    import openvino
    from openvino import opset13 as op

    def convolution(name: str, values: Any) -> Any:
        kernel = weights[f"{name}.weight"]
        edge = [kernel.shape[-1] // 2] * 2
        if kernel.shape[1] == 1:  # a kernel of its own for each channel
            grouped = kernel[:, None]
            found = op.group_convolution(values, grouped, [1, 1], edge, edge, [1, 1])
        else:
            found = op.convolution(values, kernel, [1, 1], edge, edge, [1, 1])
        return op.add(found, weights[f"{name}.bias"].reshape(1, -1, 1, 1))

    places = op.parameter([1, -1, -1, 3 * _UNIT**2], np.uint8)
    octaves = op.parameter([1], np.float32)
    levels = op.transpose(op.convert(places, "f32"), np.array([0, 3, 1, 2]))
    values = op.subtract(op.multiply(levels, np.float32(1 / 255)), np.float32(0.5))
    first = op.slice(values, np.array([0]), np.array([1]), np.array([1]), np.array([1]))
    level = op.add(op.multiply(first, np.float32(0)), octaves)
    hidden = op.relu(convolution("head", op.concat([values, level], 1)))
    for number in range(sum(name.endswith("up.weight") for name in weights)):
        wide = op.relu(convolution(f"blocks.{number}.up", hidden))
        deep = op.relu(convolution(f"blocks.{number}.dw", wide))
        hidden = op.add(hidden, convolution(f"blocks.{number}.down", deep))
    mended = op.clamp(op.add(levels, convolution("tail", hidden)), 0.0, 255.0)
    rounded = op.convert(op.round(mended, "half_to_even"), "u8")
    return openvino.Model([op.transpose(rounded, np.array([0, 2, 3, 1]))], [places, octaves], "restoration")
