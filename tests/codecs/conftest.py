"""What the tests of codecs share: every registered codec in turn, and pictures made on the spot."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from keepsight.codecs import registry
from keepsight.codecs.base import Codec, Pixels


@pytest.fixture(scope="session", params=registry.all_codecs())
def codec(request: pytest.FixtureRequest) -> Codec:
    """Each registered codec in turn: a new one is tested without a line here."""
    return registry.get(request.param)


@pytest.fixture(scope="session", params=[c.id for c in registry.all_codecs().values() if c.rate_option])
def lossy(request: pytest.FixtureRequest) -> Codec:
    """Each registered codec that has a rate option."""
    return registry.get(request.param)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder of the user's own codecs and pipelines, for one test."""
    monkeypatch.setenv("KEEPSIGHT_HOME", str(tmp_path))
    registry.refresh()
    yield tmp_path
    registry.refresh()


@pytest.fixture(scope="session")
def photo() -> Callable[..., Pixels]:
    """Make a picture as `photo_like` does."""
    return photo_like


def photo_like(height: int, width: int, seed: int = 0) -> Pixels:
    """Return clouds with a spectrum like that of photos, and discs with edges: (height, width, 3) uint8."""
    rng = np.random.default_rng(seed)
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]
    amplitude = np.maximum(np.hypot(rows, columns), 1 / max(height, width, 2)) ** -1.3
    phases = np.exp(2j * np.pi * rng.random((3, *amplitude.shape)))
    clouds = np.fft.irfft2(amplitude * phases, (height, width)).transpose(1, 2, 0)
    clouds /= clouds.std() + 1e-12
    values = 120 + 35 * clouds[..., :1] + 8 * clouds
    y, x = np.mgrid[:height, :width]
    for _ in range(6):
        centre = rng.random(2) * (height, width)
        inside = np.hypot(y - centre[0], x - centre[1]) < rng.uniform(0.05, 0.15) * max(height, width)
        values[inside] = 0.7 * values[inside] + rng.uniform(-60, 120, 3)
    return np.ascontiguousarray(values.clip(0, 255), np.uint8)
