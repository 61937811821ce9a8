"""Many photos and large ones: how long the window's thread stands still, and what memory they take.

    python tests/benchmarks/bench_large.py

5,000 small JPEGs in a folder are opened, scrolled through and turned over in the real window; then photos of
100 megapixels, as JPEG and as PNG, are opened with a JPEG pane. Off-screen, without a classifier.
Memory is that of the window's process.
"""

import faulthandler
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import psutil
from PIL import Image
from PySide6.QtCore import QEventLoop, QTimer

from keepsight.app.engine.types import Setting
from keepsight.app.ui import launch
from keepsight.codecs import registry

PHOTOS = 5000
LARGE = 11_900, 8_400
STEPS = 200


class Watched:
    """A window, and how long its thread stands still."""

    def __init__(self) -> None:
        self.app = launch.make_application()
        self.window: Any = launch.MainWindow("scenes")
        self.window.resize(1440, 900)
        self.window.show()
        self.window.sessions._running = None
        self._gap, self._last = 0.0, time.perf_counter()
        self._beat = QTimer(interval=1)
        self._beat.timeout.connect(self._tick)
        self._beat.start()
        self.work(0.5)
        self.peak = 0.0

    def _tick(self) -> None:
        now = time.perf_counter()
        self._gap = max(self._gap, now - self._last)
        self._last = now

    def work(self, seconds: float) -> None:
        """Let the window work for a while."""
        loop = QEventLoop()
        QTimer.singleShot(round(1e3 * seconds), loop.quit)
        loop.exec()

    def until(self, what: Callable[[], bool]) -> tuple[float, float]:
        """Let the window work until this holds; return the seconds, and the longest gap in milliseconds."""
        self._gap, started = 0.0, time.perf_counter()
        while not what():
            self.work(0.005)
            self.peak = max(self.peak, memory())
        return time.perf_counter() - started, 1e3 * self._gap


def memory() -> float:
    """Return the memory of this process, MB."""
    return psutil.Process().memory_info().rss / 1e6


def many(watched: Watched, folder: Path) -> None:
    """Open the folder and go through it."""
    window, before = watched.window, memory()
    window.open([folder])
    seconds, gap = watched.until(lambda: len(window.library.own_files()) >= PHOTOS)
    print(f"{PHOTOS:,} photos listed after            {seconds:6.2f} s, longest gap {gap:.0f} ms")
    watched.until(lambda: not window.bench.busy)
    bar, took = window.photos.view.verticalScrollBar(), []
    for step in range(STEPS):
        started = time.perf_counter()
        bar.setValue(round(bar.maximum() * step / STEPS))
        window.photos.view.viewport().repaint()
        took.append(1e3 * (time.perf_counter() - started))
        watched.work(0.002)
    print(f"a step of scrolling through all       {np.quantile(took, 0.95):6.1f} ms (95 % of {STEPS})")
    took, thumbs = [], lambda: len(window.photos._model._thumbnails)
    for _ in range(STEPS):
        started = time.perf_counter()
        window.photos.step(1)
        watched.app.processEvents()
        took.append(1e3 * (time.perf_counter() - started))
    print(f"next photo, the list's part           {np.quantile(took, 0.95):6.1f} ms (95 % of {STEPS})")
    window.photos.view.setFocus()
    _, gap = watched.until(lambda: not window.bench.busy)
    started = time.perf_counter()
    window.sessions.read()
    print(f"the session of it all read            {1e3 * (time.perf_counter() - started):6.1f} ms")
    print(f"thumbnails made                       {thumbs():6d}, memory {memory() - before:+.0f} MB")


def large(watched: Watched, path: Path) -> None:
    """Open a photo of 100 megapixels."""
    window, before = watched.window, memory()
    watched.peak = 0.0
    window.open([path])
    bench = window.bench
    shown = watched.until(lambda: bench.item.path == path and bench.photo_is_current)
    coded = watched.until(lambda: not window.bench.busy)
    settled = watched.until(lambda: not window.undo.busy and not window.region.busy)
    kind, size = path.suffix[1:].upper(), LARGE[0] * LARGE[1] / 1e6
    print(
        f"{kind:4} of {size:.0f} megapixels shown after      {shown[0]:6.2f} s, pane {coded[0]:.1f} s later"
    )
    print(
        f"   longest gap {shown[1]:.0f} ms until shown, {max(coded[1], settled[1]):.0f} ms until all is there"
    )
    print(f"   memory at most {watched.peak - before:+,.0f} MB")
    took = []
    for step in range(60):
        window.view.look(400.0 * 1.07**step, window.view.centre)
        started = time.perf_counter()
        window.grid.repaint()
        for view in window.grid.views:
            view.repaint()
        took.append(1e3 * (time.perf_counter() - started))
    window.view.fit()
    print(f"   a frame of zooming {statistics.median(took):.1f} ms, 95 % {np.quantile(took, 0.95):.1f} ms")
    for sentence in dict.fromkeys(window.problems):
        print(f"   said: {sentence}")


def prepare(folder: Path) -> tuple[Path, list[Path]]:
    """Write the photos."""
    random = np.random.default_rng(0)
    small = folder / "small"
    small.mkdir()
    for number in range(PHOTOS):
        pixels = np.kron(random.integers(0, 256, (6, 8, 3), np.uint8), np.ones((20, 20, 1), np.uint8))
        Image.fromarray(pixels).save(small / f"photo {number:04}.jpg")
    tile = np.kron(random.integers(0, 200, (84, 119, 3), np.uint8), np.ones((100, 100, 1), np.uint8))
    tile += random.integers(0, 50, (*tile.shape[:2], 1), np.uint8)
    paths = [folder / "large.jpg", folder / "large.png"]
    Image.fromarray(tile).save(paths[0], quality=90)
    Image.fromarray(tile).save(paths[1], compress_level=1)
    return small, paths


def main() -> None:
    """Print the figures."""
    faulthandler.enable()
    with TemporaryDirectory(prefix="keepsight-large-") as name:
        folder = Path(name)
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        os.environ["KEEPSIGHT_HOME"] = str(folder / "home")
        small, paths = prepare(folder)
        watched = Watched()
        many(watched, small)
        watched.window._set_panes([Setting("jpeg", registry.get("jpeg").options())], 0)
        for path in paths:
            large(watched, path)
        watched.window.close()
        watched.window.shut_down()


if __name__ == "__main__":
    sys.exit(main())
