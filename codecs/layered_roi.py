"""Layered ROI: the whole image small and coarse, and over it the part that matters at full resolution.

FORMATS.md writes the format down.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

from keepsight.codecs import av1, container
from keepsight.codecs.avif import AvifOptions
from keepsight.codecs.base import BitstreamError, Codec, Part, Pixels
from keepsight.codecs.guide import Guide
from keepsight.codecs.jpeg import Jpeg, JpegOptions
from keepsight.codecs.options import Options, option
from keepsight.codecs.patch import NOTE, Patch, note
from keepsight.codecs.roi import feather_option, soft_mask, threshold_option
from keepsight.codecs.webp import Webp, WebpOptions

_VERSION = 1
_AV1, _JPEG, _WEBP = av1.Av1(), Jpeg(), Webp()
_TAGS = {"av1": _AV1.tag, "jpeg": _JPEG.tag, "webp": _WEBP.tag}
_NOTE_AT, _LENGTH_AT, _LAYERS_AT = 2, 2 + NOTE, 2 + NOTE + 4
"""Offsets behind the header."""


class LayeredRoiOptions(Options):
    """Options of Layered ROI."""

    quality: int = option(50, "Quality", "Of what matters; higher keeps more.", low=0, high=99)
    background: int = option(
        0, "Background", "Added to the quality for the rest, which is small already.", low=-99, high=99
    )
    scale: int = option(4, "Background scale", "How many times smaller the rest is coded.", low=1, high=16)
    threshold: float = threshold_option()
    feather: float = feather_option()
    base: Literal["av1", "jpeg", "webp"] = option("av1", "Base codec", "What codes both layers.")


class LayeredRoi(Codec):
    """A small background, and over it a finer rectangle around the region of interest."""

    id = "layered-roi"
    label = "Layered ROI"
    colour = "#AED581"
    suffix = ".klr"
    tag = b"L"
    options = LayeredRoiOptions
    max_side = _AV1.max_side
    rate_option = "quality"
    ladder_values = _AV1.ladder_values
    guided = True

    def encode(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> bytes:
        """See `Codec.encode`."""
        assert isinstance(options, LayeredRoiOptions)
        pixels = self.encodable(pixels)
        height, width = pixels.shape[:2]
        where = note(soft_mask(pixels, guide, options.threshold, 0) == 1, options.feather)
        patch = Patch.read(where, height, width)
        background = roi = b""
        if not patch.covers(height, width):
            small = _resized(pixels, *_small(height, width, options.scale))
            patch.flatten_hidden(small, height, width)
            quality = min(max(options.quality + options.background, 0), 99)
            background = _encode_layer(small, quality, options.base)
        if not patch.empty:
            roi = _encode_layer(np.ascontiguousarray(patch.cut(pixels)), options.quality, options.base)
        header = container.pack(self.tag, _VERSION, height, width) + _TAGS[options.base]
        header += bytes([options.scale]) + where + len(background).to_bytes(4)
        return container.seal(header + background + roi)

    def decode(self, data: bytes) -> Pixels:
        """See `Codec.decode`."""
        layers = _read(data)
        if layers.small is None:
            return layers.fine
        pixels = _resized(layers.small, layers.height, layers.width)
        if not layers.patch.empty:
            layers.patch.lay(layers.fine, pixels)
        return pixels

    def parts(self, data: bytes) -> Sequence[Part]:
        """Return the rest and what matters, each as it is coded."""
        layers = _read(data)
        found = []
        if layers.small is not None:
            found.append(Part("The rest", layers.small, layers.small_bytes))
        if not layers.patch.empty:
            found.append(Part("What matters", layers.fine, layers.fine_bytes))
        return found

    def recognises(self, data: bytes) -> bool:
        """See `Codec.recognises`."""
        return container.is_tagged(data, self.tag)


@dataclass(frozen=True, eq=False)
class _Layers:
    """The decoded layers of a file."""

    height: int
    width: int
    patch: Patch
    small: Pixels | None
    """The whole image, smaller; None where the patch covers it."""
    fine: Pixels
    """What lies under the patch; without pixels where that is empty."""
    small_bytes: int
    fine_bytes: int


def _read(data: bytes) -> _Layers:
    height, width, view = container.unpack(data, LayeredRoi.tag, _VERSION)
    container.check_seal(data)
    rest = bytes(view[: -container.SEAL])
    if len(rest) < _LAYERS_AT or not 1 <= rest[1] <= 16:
        raise BitstreamError("This file is damaged: its layers are not described. Get it anew.")
    tag, patch = rest[:1], Patch.read(rest[_NOTE_AT:_LENGTH_AT], height, width)
    roi_at = _LAYERS_AT + int.from_bytes(rest[_LENGTH_AT:_LAYERS_AT])
    small = None
    if not patch.covers(height, width):
        small = _decode_layer(rest[_LAYERS_AT:roi_at], tag, *_small(height, width, rest[1]))
    side = patch.bottom - patch.top, patch.right - patch.left
    fine = np.empty((0, 0, 3), np.uint8) if patch.empty else _decode_layer(rest[roi_at:], tag, *side)
    return _Layers(height, width, patch, small, fine, roi_at - _LAYERS_AT, max(0, len(rest) - roi_at))


def _small(height: int, width: int, scale: int) -> tuple[int, int]:
    return -(-height // scale), -(-width // scale)


def _resized(pixels: Pixels, height: int, width: int) -> Pixels:
    """Resize by Pillow's Lanczos, which widens when the image shrinks and is of whole numbers on 8 bits."""
    return np.array(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def _encode_layer(pixels: Pixels, quality: int, base: str) -> bytes:
    if base == "jpeg":
        return _JPEG.encode(pixels, JpegOptions(quality=max(quality, 1)))
    if base == "webp":
        return _WEBP.encode(pixels, WebpOptions(quality=quality))
    return av1.encode_payload(pixels, AvifOptions(quality=quality))


def _decode_layer(data: bytes, tag: bytes, height: int, width: int) -> Pixels:
    """Return a layer of that size, which is within the limit. Raises `BitstreamError`."""
    if tag == _AV1.tag:
        return av1.decode_payload(data, height, width)
    for codec in (_JPEG, _WEBP):
        if tag == codec.tag:
            pixels = codec.decode(data)
            if pixels.shape != (height, width, 3):
                raise BitstreamError("This file is damaged: a layer is of another size. Get it anew.")
            return pixels
    raise BitstreamError("The layers of this file are of an unknown codec. Update Keepsight.")
