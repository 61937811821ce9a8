"""Which photos a setting flips, and which rates keep a photo's class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from keepsight.app.engine.readings import UNCOMPRESSED, Cells, PhotoId, Readings
from keepsight.app.engine.types import SettingKey


@dataclass(frozen=True)
class Flip:
    """A photo whose class changes at a setting."""

    photo: PhotoId
    setting: SettingKey
    was: int
    """Class index of the uncompressed photo."""
    now: int
    """Class index at the setting."""
    p_was: float
    """Probability of the class `was` on the uncompressed photo, in [0, 1]."""
    p_left: float
    """Probability of that class at the setting."""
    bytes: int
    """Length of the file."""
    p_other: float | None = None
    """Probability of that class at the setting that keeps it; None where there is none."""
    bytes_other: int | None = None

    @property
    def lost(self) -> float:
        """How much probability the class has lost, in [-1, 1]."""
        return self.p_was - self.p_left


@dataclass(frozen=True)
class Step:
    """One setting in the history of a photo."""

    setting: SettingKey
    bytes: int
    top1: int
    p_kept: float
    """Probability of the class of the uncompressed photo."""
    kept: bool


def count_flips(readings: Readings, settings: Sequence[SettingKey], kept_by: SettingKey | None = None) -> int:
    """Return how many flips `find_flips` would find."""
    return len(_places(_told(readings, settings, kept_by), len(settings))[0])


def find_flips(
    readings: Readings, settings: Sequence[SettingKey], kept_by: SettingKey | None = None
) -> list[Flip]:
    """Return the photos whose class changes at each of these settings, but is kept by another one.

    Photos on which one of the settings was not measured yet do not count at that setting.
    """
    told = _told(readings, settings, kept_by)
    photos = readings.photos()  # may be more by now, never others
    original, other = told[-2], told[-1] if kept_by else None
    flips = []
    for setting, photo in zip(*_places(told, len(settings)), strict=True):
        cell, before = told[setting, photo], original[photo]
        flips.append(
            Flip(
                photo=photos[photo],
                setting=settings[setting],
                was=int(before["top1"]),
                now=int(cell["top1"]),
                p_was=float(before["p_kept"]),
                p_left=float(cell["p_kept"]),
                bytes=int(cell["bytes"]),
                p_other=None if other is None else float(other[photo]["p_kept"]),
                bytes_other=None if other is None else int(other[photo]["bytes"]),
            )
        )
    return flips


def history(readings: Readings, photo: str) -> dict[str, list[Step]]:
    """Return what each codec makes of a photo (`Photo.key`), from its smallest file to its largest."""
    found: dict[str, list[Step]] = {}
    for setting, cell in readings.of_photo(photo).items():
        if setting != UNCOMPRESSED:
            step = Step(
                setting, int(cell["bytes"]), int(cell["top1"]), float(cell["p_kept"]), bool(cell["agrees"])
            )
            found.setdefault(setting[0], []).append(step)
    return {codec: sorted(steps, key=lambda step: step.bytes) for codec, steps in found.items()}


def kept_from(steps: Sequence[Step]) -> Step | None:
    """Return the smallest file from which on all keep the class; None where the largest flips it."""
    last = None
    for step in reversed(steps):
        if not step.kept:
            break
        last = step
    return last


def nearest(
    settings: Sequence[SettingKey], wanted: SettingKey, rates: Mapping[SettingKey, float]
) -> SettingKey | None:
    """Return the setting itself or else that of its codec with the nearest rate; None where there is none.

    `rates` has what is compared for `wanted` and for the settings, where it is known.
    """
    if wanted in settings:
        return wanted
    own = [setting for setting in settings if setting[0] == wanted[0] and setting in rates]
    if wanted not in rates:
        return None
    return min(own, key=lambda setting: abs(rates[setting] - rates[wanted]), default=None)


def _told(readings: Readings, settings: Sequence[SettingKey], kept_by: SettingKey | None) -> Cells:
    """Return the columns of the settings, of the uncompressed photos and of what keeps the class."""
    return readings.columns([*settings, UNCOMPRESSED, kept_by or UNCOMPRESSED])


def _places(told: Cells, settings: int) -> tuple[list[int], list[int]]:
    """Return the places of all flips: of the setting and of the photo."""
    agrees = told["agrees"]
    flipped = (agrees[:settings] == 0) & (agrees[-2] >= 0) & (agrees[-1] == 1)
    where, photos = np.nonzero(flipped)
    return where.tolist(), photos.tolist()
