"""Labelled scenes rendered once into a file, for whoever reads them many times. No torch here."""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread

import cv2
import numpy as np
from numpy.typing import NDArray

from keepsight.models.mapped import mapped
from keepsight.models.scenes import render

_CHUNK = 50


def render_pixels(seeds: range, size: int) -> NDArray[np.uint8]:
    """Render scenes one after another: (n, size, size, 3) uint8."""
    return np.stack([render(seed, size).pixels for seed in seeds])


def _shape(path: Path) -> tuple[int, ...] | None:
    """Shape of the array in a NumPy file; None where there is no such file."""
    return np.load(path, mmap_mode="r").shape if path.is_file() else None


def _begin_worker() -> None:
    """One thread a process, and none that outlives a caller who was killed."""
    cv2.setNumThreads(1)
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def store_pixels(
    path: Path,
    seeds: range,
    size: int,
    *,
    resume: bool,
    workers: int = 0,
    progress: Callable[[int], None] = lambda _: None,
) -> NDArray[np.uint8]:
    """Render scenes into a NumPy file and return it mapped, (n, size, size, 3) uint8.

    Args:
        path: File to write, 150 KB a scene at 224 pixels; beside it a small one that marks what is there.
        seeds: Which scenes.
        size: Side of a scene, pixels.
        resume: Keep what a stopped call with the same seeds and size left in the file.
        workers: Processes that render; with 0, nothing runs beside the caller.
        progress: Told how many scenes are there; may raise to end it.

    Raises `OSError` where the file cannot be written or the disk has no room for it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (len(seeds), size, size, 3)
    marks = path.with_suffix(".done.npy")
    fresh = not (resume and _shape(path) == shape and _shape(marks) == shape[:1])
    if fresh:
        marks.unlink(missing_ok=True)  # until both are there, neither counts
    pixels = mapped(path, np.uint8, shape, fresh=fresh)
    done = mapped(marks, np.bool_, shape[:1], fresh=fresh)
    missing = [start for start in range(0, len(seeds), _CHUNK) if not done[start : start + _CHUNK].all()]
    chunks = [seeds[start : start + _CHUNK] for start in missing]

    def keep(start: int, rendered: NDArray[np.uint8]) -> None:
        pixels[start : start + _CHUNK] = rendered
        done[start : start + _CHUNK] = True
        progress(int(done.sum()))

    if workers == 0:
        for start, chunk in zip(missing, chunks, strict=True):
            keep(start, render_pixels(chunk, size))
        return pixels
    with ProcessPoolExecutor(workers, get_context("spawn"), _begin_worker) as pool:
        results = pool.map(render_pixels, chunks, [size] * len(chunks))
        try:
            for start, rendered in zip(missing, results, strict=True):
                keep(start, rendered)
        finally:  # where `progress` ends it, nothing more is rendered
            pool.shutdown(cancel_futures=True)
    return pixels
