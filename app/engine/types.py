"""The data that flows from a photo to a curve, as plain frozen values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from keepsight.codecs import registry
from keepsight.codecs.options import Options

Pixels = NDArray[np.uint8]
"""An image: (H, W, 3) uint8, sRGB."""

Protocol = Literal["crop", "file"]
"""crop: the classifier's resize and crop, then the codec. file: the codec on the whole photo, then those."""

SettingKey = tuple[str, str]
"""Codec id and options as JSON."""

GoalKind = Literal["agreement", "accuracy", "probability", "bytes"]
"""What the smallest file of a codec has to reach, as in `limits.Goal`."""


def bits_per_pixel(file_bytes: float, pixels: float) -> float:
    """Return the rate of a file of an image of that many pixels."""
    return 8 * file_bytes / pixels


@dataclass(frozen=True, eq=False)
class Photo:
    """One decoded photo; the same only where it is the same object, since pixels have no truth value."""

    name: str
    pixels: Pixels
    key: str
    """SHA-256 of the pixels and their shape, hex: the photo's name in the store."""
    label: int | None = None
    """True class index, where it is known. Never reaches an encoder."""


@dataclass(frozen=True)
class Setting:
    """One codec with one choice of options: a point of a curve."""

    codec: str
    """Codec id."""
    options: Options

    def __reduce__(self) -> tuple[Callable[[str, str], "Setting"], tuple[str, str]]:
        """Pickle by name: the class of a pipeline's or a card's options cannot be imported elsewhere."""
        return _setting, (self.codec, self.options.to_json())


def _setting(codec: str, options: str) -> Setting:
    return Setting(codec, registry.get(codec).options.model_validate_json(options))


@dataclass(frozen=True)
class Measurement:
    """What one setting did to one photo, read by one classifier: one row of the store."""

    photo: str
    """`Photo.key`."""
    name: str
    label: int | None
    codec: str
    codec_version: int
    options: str
    """Options as JSON."""
    protocol: Protocol
    classifier: str
    """`Card.fingerprint` of the judge."""
    guide: str
    """`Guiding.name` of who guided the encoder; empty where nobody did."""
    pixels: int
    """Pixels of the image that was given to the codec."""
    bytes: int
    """Length of the whole file."""
    top1: int
    """Class index predicted on the decoded image."""
    agrees: bool
    """Whether `top1` is the uncompressed prediction."""
    correct1: bool | None
    """Whether `top1` is the label; None without one."""
    correct5: bool | None
    p_true: float | None
    """Probability of the label; None without one."""
    p_kept: float
    """Probability of the class that was predicted on the uncompressed image."""
    kl: float
    """KL(uncompressed prediction || this one), nats."""
    psnr: float
    """dB; infinite where the pixels are the same."""
    ssim: float
    ms_ssim: float | None
    """None in rows of a store from before it was measured."""
    encode_s: float
    decode_s: float
    classify_s: float
    """The image's share of its batch."""
    error: str = ""
    """Why there is no measurement (all figures are then zero); empty where all went well."""

    @property
    def bpp(self) -> float:
        """Bits per pixel of the image that was given to the codec."""
        return bits_per_pixel(self.bytes, self.pixels)


@dataclass(frozen=True)
class Share:
    """A share of photos with its 95 % Wilson interval, all in [0, 1]."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class CurvePoint:
    """One setting's figures over the photos measured so far."""

    codec: str
    options: str
    """Options as JSON."""
    photos: int
    failed: int
    """Photos on which the codec gave an error; they are in no figure."""
    mean_bytes: float
    bpp: float
    """Bits of all files over pixels of all images."""
    top1: Share | None
    """Accuracy against the labels; None where there are none."""
    top5: Share | None
    agreement: Share
    p_true: float | None
    """Mean probability of the label; None where there are none."""
    p_kept: float
    """Mean probability of the class that was predicted on the uncompressed image."""
    kl: float
    psnr: float
    """Mean over photos, dB; lossless ones count as 100."""
    ssim: float
    ms_ssim: float | None
    """Mean over the photos where it is known; None where it is known of none."""
    encode_ms: float
    """Medians over photos."""
    decode_ms: float
    classify_ms: float


@dataclass(frozen=True)
class Curve:
    """One codec's points from the smallest mean file to the largest."""

    codec: str
    points: Sequence[CurvePoint]
