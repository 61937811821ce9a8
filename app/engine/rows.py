"""From a trial and two predictions to the row that is stored."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keepsight.app.engine.errors import USER_ERRORS
from keepsight.app.engine.trials import Source, Trial
from keepsight.app.engine.types import Measurement, Protocol, Setting
from keepsight.codecs import registry
from keepsight.models.divergence import kl

ORIGINAL = "original"
"""In place of a codec: the row of a photo's uncompressed image, whose bytes are those of the raw pixels."""

Key = tuple[str, int, str, str]
"""Codec, its version, its options as JSON, and who guided it."""


@dataclass(frozen=True)
class Study:
    """What all rows of one sweep have in common."""

    protocol: Protocol
    classifier: str
    """`Card.fingerprint` of the judge."""
    guide: str = ""
    """`Guiding.name`; empty without a guide."""

    def key(self, setting: Setting | None) -> Key:
        """Return the part of a row's key that is the setting's; None is the uncompressed image."""
        if setting is None:
            return ORIGINAL, 1, "{}", ""
        codec = registry.get(setting.codec)
        return setting.codec, codec.version, setting.options.to_json(), self.guide if codec.guided else ""


@dataclass(frozen=True)
class Reading:
    """What the classifier said of one image."""

    probabilities: NDArray[np.float32]
    """(K,)."""
    reference: NDArray[np.float32]
    """(K,) on the uncompressed image."""
    classify_s: float
    """The image's share of its batch."""


def measured(
    source: Source,
    setting: Setting | None,
    trial: Trial | None,
    reading: Reading,
    study: Study,
) -> Measurement:
    """Return the row of a trial; without setting and trial, that of the uncompressed image."""
    codec, version, options, guide = study.key(setting)
    label, probabilities = source.label, reading.probabilities
    top1, kept = int(probabilities.argmax()), int(reading.reference.argmax())
    p_true = None if label is None else float(probabilities[label])
    return Measurement(
        photo=source.key,
        name=source.name,
        label=label,
        codec=codec,
        codec_version=version,
        options=options,
        protocol=study.protocol,
        classifier=study.classifier,
        guide=guide,
        pixels=source.pixels.shape[0] * source.pixels.shape[1],
        bytes=trial.bytes if trial else source.pixels.nbytes,
        top1=top1,
        agrees=top1 == kept,
        correct1=None if label is None else top1 == label,
        correct5=None if label is None else int(np.sum(probabilities > probabilities[label])) < 5,
        p_true=p_true,
        p_kept=float(probabilities[kept]),
        kl=float(kl(reading.reference, probabilities)),
        psnr=trial.psnr if trial else math.inf,
        ssim=trial.ssim if trial else 1.0,
        ms_ssim=trial.ms_ssim if trial else 1.0,
        encode_s=trial.encode_s if trial else 0.0,
        decode_s=trial.decode_s if trial else 0.0,
        classify_s=reading.classify_s,
    )


def failed(
    photo: str,
    name: str,
    label: int | None,
    setting: Setting | None,
    error: BaseException,
    study: Study,
) -> Measurement:
    """Return the row of a photo that cannot be read (without key and setting), or of a trial that failed."""
    codec, version, options, guide = study.key(setting)
    sentence = str(error) if isinstance(error, USER_ERRORS) else f"It failed unexpectedly ({error!r})."
    if setting:
        sentence = f"{registry.get(codec).label} on “{name}”: {sentence}"
    elif photo:
        sentence = f"“{name}”: {sentence}"
    return Measurement(
        photo=photo,
        name=name,
        label=label,
        codec=codec,
        codec_version=version,
        options=options,
        protocol=study.protocol,
        classifier=study.classifier,
        guide=guide,
        pixels=0,
        bytes=0,
        top1=0,
        agrees=False,
        correct1=None,
        correct5=None,
        p_true=None,
        p_kept=0.0,
        kl=0.0,
        psnr=0.0,
        ssim=0.0,
        ms_ssim=0.0,
        encode_s=0.0,
        decode_s=0.0,
        classify_s=0.0,
        error=sentence,
    )
