"""What a classifier takes of an image: prepared pixels, or a file's planes; and what it learns from."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keepsight.app.engine.types import Setting
from keepsight.codecs import block_stream, jpeg_reading, registry
from keepsight.codecs.base import BitstreamError, Pixels
from keepsight.codecs.block_average import BlockAverageOptions, planes_of
from keepsight.codecs.block_stream import Planes
from keepsight.models.cards import Card
from keepsight.models.file_inputs import SIDE, FileKind, Inputs, pack_block_average, pack_jpeg

_BEST: dict[FileKind, dict[str, Any]] = {
    "jpeg": {"quality": 100, "chroma": "4:4:4"},
    "block-average": {"block": 2, "chroma": 1, "step": 1, "dispersion": 4},
}
"""The finest files of a codec: what stands for an uncompressed photo."""


def as_read(card: Card, pixels: Pixels, data: bytes | None = None) -> Inputs:
    """Return what a classifier takes: the prepared pixels, (crop, crop, 3), or the file's planes, packed.

    Args:
        card: The classifier's.
        pixels: (H, W, 3), what the file decodes to.
        data: The file; None for an uncompressed photo, which a classifier that reads files is given as the
            finest file of its codec.

    Raises `BitstreamError` where the classifier cannot read this file.
    """
    if card.reads == "pixels":
        return card.prepare(pixels)
    if data is None:
        best = best_setting(card.reads)
        data = registry.get(best.codec).encode(card.prepare(pixels), best.options)
    return packed(data, card.reads)


def readable(card: Card, settings: Sequence[Setting]) -> tuple[list[Setting], str]:
    """Return the settings whose files a classifier can read, and a sentence on the codecs that are left out.

    The sentence is empty where there are none, as for every classifier of pixels.
    """
    if card.reads == "pixels":
        return list(settings), ""
    own = registry.get(card.reads)
    left_out = {
        codec.id: codec.label
        for codec in (registry.get(setting.codec) for setting in settings)
        if codec.suffix != own.suffix
    }
    names = list(left_out.values())
    listed = " and ".join([*([", ".join(names[:-1])] if names[1:] else []), *names[-1:]])
    are = "are" if names[1:] else "is"
    sentence = f"{listed} {are} left out: “{card.name}” reads files of {own.label} alone." if names else ""
    return [setting for setting in settings if setting.codec not in left_out], sentence


def best_setting(reads: FileKind) -> Setting:
    """Return the setting whose file stands for the uncompressed photo."""
    return _setting(reads, _BEST[reads])


def read_at_random(pixels: Pixels, reads: FileKind, rng: np.random.Generator) -> NDArray[np.int16]:
    """Compress an image of 224 × 224 pixels at a rate to learn from, and return what is read of the file."""
    setting = random_setting(reads, rng)
    if isinstance(setting.options, BlockAverageOptions):
        return _packed_planes(planes_of(pixels, setting.options))  # as the file holds them; coding takes long
    return packed(registry.get(reads).encode(pixels, setting.options), reads)


def random_setting(reads: FileKind, rng: np.random.Generator) -> Setting:
    """Return a setting to learn from: any rate of the codec, from its smallest file to its finest.

    Those of block averages that keep the class of some images are drawn more often.
    """
    if reads == "jpeg":
        chroma = rng.choice(["4:2:0", "4:2:0", "4:2:2", "4:4:4"])
        return _setting(reads, {"quality": int(rng.integers(1, 101)), "chroma": str(chroma)})
    return _setting(
        reads,
        {
            "block": int(rng.choice([2] * 18 + [3] * 5 + [4] * 3 + [5, 6, 8, 10, 12, 16])),
            "chroma": int(rng.choice([1, 2, 2, 2, 4])),
            "step": int(rng.choice([1, 2, 4, 4, 8, 8, 16, 16, 16, 32])),
            "dispersion": int(rng.choice([0, 0, 0, 2, 3, 4])),
        },
    )


def packed(data: bytes, reads: FileKind) -> NDArray[np.int16]:
    """Return a file as such a classifier takes it, (LENGTHS[reads],) int16. No pixel is rebuilt.

    Raises `BitstreamError`, also for files of other codecs and of images that are not 224 × 224.
    """
    if reads == "jpeg":
        jpeg = jpeg_reading.read(data)
        _check_size(jpeg.height, jpeg.width)
        return pack_jpeg(jpeg.luma, jpeg.chroma, jpeg.tables)
    if not registry.get(reads).recognises(data):
        raise BitstreamError(
            "This is no file of block averages, and this classifier reads no others. "
            "Choose a classifier of pixels."
        )
    planes = block_stream.planes(data)
    _check_size(planes.layout.height, planes.layout.width)
    return _packed_planes(planes)


def _packed_planes(planes: Planes) -> NDArray[np.int16]:
    layout = planes.layout
    sides = layout.block, layout.block * layout.multiple
    return pack_block_average(planes.luma, planes.chroma, planes.sigma, *sides, layout.step)


def _check_size(height: int, width: int) -> None:
    if (height, width) != (SIDE, SIDE):
        raise BitstreamError(
            f"This classifier reads files of {SIDE} × {SIDE} pixels, and this one has {width} × {height}. "
            "Crop the photo first (a sweep does), or choose a classifier of pixels."
        )


def _setting(reads: FileKind, options: dict[str, Any]) -> Setting:
    return Setting(reads, registry.get(reads).options(**options))
