"""Scenes rendered into a file: resumed where it stopped, alike from any number of processes."""

from pathlib import Path

import numpy as np
import pytest

from keepsight.models.scenes import render
from keepsight.models.scenes_store import store_pixels

SEEDS = range(100, 220)


class _StoppedError(Exception):
    pass


def test_a_stopped_rendering_goes_on(tmp_path: Path) -> None:
    def stop(done: int) -> None:
        raise _StoppedError

    path = tmp_path / "scenes.npy"
    with pytest.raises(_StoppedError):
        store_pixels(path, SEEDS, 32, resume=False, progress=stop)
    counts: list[int] = []
    pixels = store_pixels(path, SEEDS, 32, resume=True, progress=counts.append)
    assert counts == [100, 120]
    for place in (0, 49, 50, 119):
        assert np.array_equal(pixels[place], render(SEEDS[place], 32).pixels)


def test_nothing_is_rendered_twice_unless_anew(tmp_path: Path) -> None:
    path, counts = tmp_path / "scenes.npy", list[int]()
    store_pixels(path, SEEDS[:60], 32, resume=False)
    store_pixels(path, SEEDS[:60], 32, resume=True, progress=counts.append)
    assert counts == []
    store_pixels(path, SEEDS[:60], 32, resume=False, progress=counts.append)
    assert counts == [50, 60]


def test_a_file_of_another_size_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "scenes.npy"
    store_pixels(path, SEEDS[:10], 32, resume=False)
    assert store_pixels(path, SEEDS[:20], 40, resume=True).shape == (20, 40, 40, 3)


def test_processes_render_the_same(tmp_path: Path) -> None:
    alone = store_pixels(tmp_path / "alone.npy", SEEDS, 32, resume=False)
    together = store_pixels(tmp_path / "together.npy", SEEDS, 32, resume=False, workers=2)
    assert np.array_equal(alone, together)
