"""From a file's bytes to its class: through pixels, or by a classifier that reads the file itself."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from keepsight.app.engine.file_reading import packed
from keepsight.codecs.base import Codec
from keepsight.models.types import Judge

_ROUNDS = 40


@dataclass(frozen=True)
class Paths:
    """Medians of both ways in one run, in which they took turns; milliseconds an image."""

    decode_ms: float
    """To make pixels of the file."""
    pixels_ms: float
    """To classify pixels."""
    read_ms: float
    """To read the planes in the file."""
    file_ms: float
    """To classify what was read."""
    rival: str
    """Name of the classifier of pixels."""

    @property
    def times_as_fast(self) -> float:
        """How many times as fast the way without pixels is."""
        return (self.decode_ms + self.pixels_ms) / (self.read_ms + self.file_ms)


def time_paths(
    files: Sequence[bytes], codec: Codec, pixel: Judge, reader: Judge, rounds: int = _ROUNDS
) -> Paths:
    """Time both ways for files of one codec that are classified together. Raises `BitstreamError`."""
    reads = reader.card.reads
    assert reads != "pixels"
    ways: tuple[tuple[Callable[[bytes], Any], Judge], ...] = (
        (codec.decode, pixel),
        (lambda data: packed(data, reads), reader),
    )
    taken = np.zeros((2, 2, rounds + 1))
    for round_ in range(rounds + 1):
        for way, (open_, judge) in enumerate(ways):
            started = time.perf_counter()
            batch = np.stack([open_(data) for data in files])
            opened = time.perf_counter()
            judge.predict(batch)
            taken[way, :, round_] = opened - started, time.perf_counter() - opened
    # The first round makes what the others find made.
    (decode, pixels), (read, file) = np.median(taken[:, :, 1:], axis=2) * 1000 / len(files)
    return Paths(float(decode), float(pixels), float(read), float(file), pixel.card.name)
