"""Is a trained classifier better on compressed photos than the frozen one? Both on the same photos."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keepsight.app.engine.curves import wilson
from keepsight.app.engine.data import Item
from keepsight.app.engine.draws import RESAMPLES
from keepsight.app.engine.paired import mcnemar
from keepsight.app.engine.photos import PhotoError
from keepsight.app.engine.trials import encode_decode
from keepsight.app.engine.types import Setting, Share
from keepsight.models.types import Judge

_BATCH = 32


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % bootstrap interval over the photos (Efron 1979)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Compared:
    """One classifier on the photos, beside the first one."""

    name: str
    original: Share
    """Top-1 of the uncompressed photos."""
    compressed: Share
    gained: Interval
    """Top-1 of the compressed photos above that of the first classifier, on the same photos."""
    regained: Interval | None
    """That, as a share of what compression costs the first classifier; None where it costs nothing."""
    p: float
    """McNemar's, against the first classifier on the compressed photos."""


def right_of(
    items: Sequence[Item],
    judges: Sequence[Judge],
    setting: Setting,
    warn: Callable[[str], None],
    progress: Callable[[float], None] = lambda _: None,
) -> NDArray[np.bool_]:
    """Say who is right: (judges, 2, photos), the original crop and the compressed one.

    A photo that cannot be read is left out, and `warn` is told. Raises `ModelError`, `EncodeError`.
    """
    parts = [np.empty((len(judges), 2, 0), np.bool_)]
    for start in range(0, len(items), _BATCH):
        photos = []
        for item in items[start : start + _BATCH]:
            try:
                photos.append(item.load())
            except PhotoError as error:
                warn(f"{error} It is left out.")
        labels = np.array([photo.label for photo in photos])
        part = np.empty((len(judges), 2, len(photos)), np.bool_)
        for number, judge in enumerate(judges):
            if not photos:
                continue
            originals = np.stack([judge.card.prepare(photo.pixels) for photo in photos])
            decoded = np.stack([encode_decode(crop, setting).pixels for crop in originals])
            for place, batch in enumerate((originals, decoded)):
                part[number, place] = judge.predict(batch).argmax(1) == labels
        parts.append(part)
        progress(min(start + _BATCH, len(items)))
    return np.concatenate(parts, axis=2)


def compare(names: Sequence[str], right: NDArray[np.bool_]) -> list[Compared]:
    """Compare classifiers with the first by what `right_of` says of at least one photo."""
    count = right.shape[2]
    draws = np.random.default_rng(0).integers(0, count, (RESAMPLES, count))
    draws = np.concatenate([np.arange(count)[None], draws])
    means = right[:, :, draws].mean(-1)
    lost = means[0, 0] - means[0, 1]
    found = []
    for number, name in enumerate(names):
        gained = means[number, 1] - means[0, 1]
        shares = np.divide(gained, lost, out=np.full_like(gained, np.nan), where=lost > 0)
        outcomes = [dict(enumerate(right[one, 1].tolist())) for one in (0, number)]
        first, second = ({str(key): value for key, value in one.items()} for one in outcomes)
        original, compressed = (wilson(int(right[number, place].sum()), count) for place in (0, 1))
        regained = _interval(shares) if lost[0] > 0 else None
        found.append(
            Compared(name, original, compressed, _interval(gained), regained, mcnemar(first, second).p)
        )
    return found


def _interval(values: NDArray[np.float64]) -> Interval:
    low, high = np.nanquantile(values[1:], (0.025, 0.975))
    return Interval(float(values[0]), float(low), float(high))
