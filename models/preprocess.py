"""From a photo of any size to what a classifier takes: resize, then the centre crop. No torch here."""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
"""An image: (H, W, 3) uint8, sRGB."""

Interpolation = Literal["nearest", "bilinear", "bicubic", "lanczos"]
CropMode = Literal["center", "squash"]
"""center: the shorter side is resized; squash: both sides are, whatever the aspect."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the photo."""

_RESAMPLING = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
_SUPPORT = 3
"""Reach of the widest filter (Lanczos) in pixels of the result."""
_REDUCING_GAP = 2
"""A box filter shrinks first as long as this factor is left to the real filter, as in `Image.thumbnail`."""
_STRIP_ROWS = 32
"""Rows that are shrunk at a time, in pixels of the result: a huge photo is never copied as a whole."""


def crop_box(height: int, width: int, resize: int, crop: int, mode: CropMode = "center") -> Box:
    """Return the part of a photo that the classifier sees.

    It is the centre `crop` x `crop` of the photo once its shorter side is `resize` (torchvision's rounding).
    """
    if mode == "squash":
        resized_height = resized_width = resize
    else:
        resized_height = resize if height <= width else int(resize * height / width)
        resized_width = resize if width <= height else int(resize * width / height)
    top, left = round((resized_height - crop) / 2), round((resized_width - crop) / 2)
    scale_y, scale_x = height / resized_height, width / resized_width
    return (left * scale_x, top * scale_y, (left + crop) * scale_x, (top + crop) * scale_y)


def prepare(
    pixels: Pixels, resize: int, crop: int, interpolation: Interpolation, mode: CropMode = "center"
) -> Pixels:
    """Resize and crop a photo: (H, W, 3) uint8 of any size -> (crop, crop, 3) uint8.

    Antialiased (Pillow). Only the cropped part is computed, so a 1 x 5000 photo costs no more than others.
    """
    box = crop_box(pixels.shape[0], pixels.shape[1], resize, crop, mode)
    image, box = _shrink(pixels, box, crop)
    resized = image.resize((crop, crop), _RESAMPLING[interpolation], box=box)
    return np.asarray(resized).copy()


def _shrink(pixels: Pixels, box: Box, crop: int) -> tuple[Image.Image, Box]:
    """Cut the photo to what `box` needs and shrink that by whole factors; the box follows."""
    spans = []
    for start, stop, length in ((box[0], box[2], pixels.shape[1]), (box[1], box[3], pixels.shape[0])):
        scale = (stop - start) / crop
        margin = (_SUPPORT + 1) * max(scale, 1.0)
        first, last = max(0, math.floor(start - margin)), min(length, math.ceil(stop + margin))
        factor = max(1, int(scale / _REDUCING_GAP))
        end = math.ceil((last - first) / factor)
        spans.append((first, last, factor, (start - first) / factor, min((stop - first) / factor, end)))
    (x0, x1, factor_x, left, right), (y0, y1, factor_y, top, bottom) = spans
    rows = factor_y * _STRIP_ROWS
    strips = [
        np.asarray(Image.fromarray(pixels[y : min(y + rows, y1), x0:x1]).reduce((factor_x, factor_y)))
        for y in range(y0, y1, rows)
    ]
    return Image.fromarray(np.concatenate(strips)), (left, top, right, bottom)
