"""One photo through codecs: the part of a sweep that runs on an executor, picklable throughout."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from keepsight.app.engine.data import Item
from keepsight.app.engine.file_reading import as_read
from keepsight.app.engine.metrics import Similarity, psnr
from keepsight.app.engine.types import Pixels, Protocol, Setting
from keepsight.codecs import registry
from keepsight.codecs.base import BitstreamError
from keepsight.codecs.guide import Guide
from keepsight.codecs.searching import Found, SearchingCodec
from keepsight.models.cards import Card
from keepsight.models.file_inputs import Inputs


@dataclass(frozen=True)
class Coded:
    """A file, and what it decodes to."""

    data: bytes
    pixels: Pixels
    """(H, W, 3), decoded from the file alone."""
    encode_s: float
    decode_s: float


@dataclass(frozen=True)
class Source:
    """A loaded photo, ready for the codecs."""

    key: str
    """`Photo.key`."""
    name: str
    label: int | None
    pixels: Pixels
    """What the codec is given: the classifier's crop, or the whole photo."""
    prepared: Inputs
    """The uncompressed image as the classifier takes it: (crop, crop, 3), or planes of a file."""


@dataclass(frozen=True)
class Trial:
    """One setting's outcome before the classifier has read it."""

    bytes: int
    prepared: Inputs
    """The decoded image as the classifier takes it, (crop, crop, 3), or the planes of the file."""
    psnr: float
    ssim: float
    ms_ssim: float
    encode_s: float
    decode_s: float
    """From the file to what the classifier takes: pixels, or planes where it reads files."""


def encode_decode(pixels: Pixels, setting: Setting, guide: Guide | None = None) -> Coded:
    """Compress pixels and read the file back. Raises `EncodeError`, `BitstreamError`, `UnknownCodecError`."""
    return code(pixels, setting, guide)[0]


def code(pixels: Pixels, setting: Setting, guide: Guide | None = None) -> tuple[Coded, Found | None]:
    """Do as `encode_decode`; of a codec that searches, return what it tried as well."""
    codec = registry.get(setting.codec)
    started = time.perf_counter()
    found = codec.search(pixels, setting.options, guide) if isinstance(codec, SearchingCodec) else None
    data = found.chosen.data if found else codec.encode(pixels, setting.options, guide)
    encoded = time.perf_counter()
    decoded = codec.decode(data)
    finished = time.perf_counter()
    if decoded.shape != pixels.shape:
        raise BitstreamError(f"{codec.label} gave back an image of another size.")
    return Coded(data, decoded, encoded - started, finished - encoded), found


def load_source(item: Item, card: Card, protocol: Protocol) -> Source:
    """Decode a photo and prepare it for the classifier. Raises `PhotoError`."""
    photo = item.load()
    pixels = card.prepare(photo.pixels) if protocol == "crop" else photo.pixels
    prepared = as_read(card, photo.pixels) if protocol == "file" or card.reads != "pixels" else pixels
    return Source(photo.key, photo.name, photo.label, pixels, prepared)


def run_trials(
    pixels: Pixels, settings: Sequence[Setting], card: Card, protocol: Protocol, guide: Guide | None = None
) -> list[Trial | Exception]:
    """Try several settings on one image; in place of a trial stands what `encode_decode` or a codec raised.

    Together they take less time than alone: the image travels once, and what comparisons need of it is
    computed once.
    """
    similarity = Similarity(pixels)
    trials: list[Trial | Exception] = []
    for setting in settings:
        try:
            trials.append(_trial(pixels, similarity, setting, card, protocol, guide))
        except Exception as error:  # a codec of somebody else may raise anything
            trials.append(error)
    return trials


def _trial(
    pixels: Pixels,
    similarity: Similarity,
    setting: Setting,
    card: Card,
    protocol: Protocol,
    guide: Guide | None,
) -> Trial:
    """Encode, decode and compare; prepare the result for the classifier."""
    coded = encode_decode(pixels, setting, guide)
    whole = protocol == "crop" and card.reads == "pixels"
    started = time.perf_counter()
    prepared = coded.pixels if whole else as_read(card, coded.pixels, coded.data)
    read_s = time.perf_counter() - started
    ssim, ms_ssim = similarity.single_and_multiple(coded.pixels)
    return Trial(
        bytes=len(coded.data),
        prepared=prepared,
        psnr=psnr(pixels, coded.pixels),
        ssim=ssim,
        ms_ssim=ms_ssim,
        encode_s=coded.encode_s,
        decode_s=coded.decode_s if card.reads == "pixels" else read_s,
    )
