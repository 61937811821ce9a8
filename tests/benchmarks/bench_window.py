"""How the window feels: launch, gaps in the GUI thread during a sweep, busy mark, new pixels, peak memory.

    python tests/benchmarks/bench_window.py

Runs off-screen with the real engine; each part is a process of its own.
"""

import contextlib
import io
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from PySide6.QtCore import QEvent, QObject

LAUNCHES = 5
SLIDES = 7


def launch() -> None:
    """Print the seconds from the start of the process to the first painted window."""
    from PySide6.QtWidgets import QWidget

    from keepsight.app.ui import launch

    app = launch.make_application()
    window = launch.MainWindow("imagenet")

    class FirstPaint(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
                app.removeEventFilter(self)
                print(time.time() - float(os.environ["LAUNCHED_AT"]), flush=True)
                app.quit()
            return False

    first_paint = FirstPaint()
    app.installEventFilter(first_paint)
    window.show()
    app.exec()
    window.shut_down()


def session() -> None:
    """Run the default session with its sweep, then slide on a large photo; print what it took."""
    from keepsight.app.ui import launch

    app = launch.make_application()
    window = launch.MainWindow("imagenet")
    window.resize(1440, 900)
    window.show()
    launch.begin(window, [], sweep_photos=None, keep=False)
    ready = _wait(app, lambda: window.sweep.running)
    print(f"photo and classifier ready after  {ready:7.2f} s")
    _watch_sweep(app, window)
    _slide(app, window)
    _mark(app, window)
    window.close()
    window.shut_down()


def memory() -> None:
    """Print the most memory that such a session takes: apart, for to look at it slows all else."""
    peak = _peak_memory()
    with contextlib.redirect_stdout(io.StringIO()):
        session()
    print(f"peak memory of all processes      {peak() / 1e9:7.2f} GB (bar 2.5 GB)")


def _watch_sweep(app: Any, window: Any) -> None:
    """Let the sweep run to its end under a heartbeat."""
    import numpy as np
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()  # to quit the application would close the window, and nothing would be painted after
    ticks: list[float] = []
    first: list[float] = []
    started = time.perf_counter()

    def note(state: Any) -> None:
        if not first and len(state.curves) == state.codecs and state.photos_done:
            first.append(time.perf_counter() - started)
        if not state.running:
            loop.quit()

    window._bench.sweep_advanced.connect(note)
    beat = QTimer(interval=1)
    beat.timeout.connect(lambda: ticks.append(time.perf_counter()))
    beat.start()
    loop.exec()
    beat.stop()
    window._bench.sweep_advanced.disconnect(note)
    gaps = np.diff(ticks) * 1000
    print(f"first full set of curves after    {first[0]:7.2f} s of the sweep (bar 3 s)")
    print(f"whole sweep of the samples        {time.perf_counter() - started:7.2f} s")
    print(f"longest gap in the GUI thread     {gaps.max():7.1f} ms during the sweep (bar 50 ms)")
    print(f"99.9 % of gaps within             {np.quantile(gaps, 0.999):7.1f} ms")


def _slide(app: Any, window: Any) -> None:
    """Move the JPEG quality slider on a 12-megapixel photo."""
    import cv2
    import numpy as np

    from keepsight.app.engine.data import Item, open_data
    from keepsight.app.engine.photos import from_pixels

    sample = open_data("samples").items[0].load().pixels
    large = cv2.resize(sample, (4000, 3000), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(0).normal(0, 3, large.shape)
    photo = from_pixels(np.clip(large + noise, 0, 255).astype(np.uint8), "12 megapixels")
    window.open([Item(photo.name, lambda: photo)])
    _wait(app, lambda: window._bench.photo is photo)
    _wait(app, lambda: not window.busy)
    number = next(n for n, setting in window._bench.settings.items() if setting.codec == "jpeg")
    window.grid.select(number)
    slides = []
    for quality in range(20, 20 + 5 * SLIDES, 5):
        asked = time.perf_counter()
        window.side.form._inputs["quality"].spin.setValue(quality)
        _wait(app, lambda words=f"quality {quality}": words in window.grid.panes[number].content.options)
        slides.append(time.perf_counter() - asked)
        _wait(app, lambda: not window.busy)
    print(f"slider to pixels, 12 MP JPEG      {statistics.median(slides):7.3f} s median (bar 0.4 s)")


def _mark(app: Any, window: Any) -> None:
    """Change the codec and an option on the large photo, and see when the pane is painted as busy."""
    number = next(iter(window._bench.settings))
    view, pane = window.grid.panes[number].view, window.grid.panes[number]
    window.grid.select(number)
    marks: list[float] = []
    drawn = _Marks(view)
    for change in range(2 * SLIDES):
        asked = time.perf_counter()
        if change % 2:
            slider = window.side.form._inputs["quality"].slider
            slider.setValue(slider.value() + 3)
        else:
            place = pane.codec.findData(("webp", "avif")[change // 2 % 2])
            pane.codec.setCurrentIndex(place)
            pane.codec.activated.emit(place)
        _wait(app, lambda since=asked: drawn.times and drawn.times[-1] > since)
        marks.append(1e3 * (next(at for at in drawn.times if at > asked) - asked))
        _wait(app, lambda: not window.busy)
    print(f"busy mark after a change, 12 MP   {max(marks):7.0f} ms at most of {len(marks)} (bar 50 ms)")


class _Marks(QObject):
    """Remembers when a view has been drawn with its busy mark, seconds of `time.perf_counter`."""

    def __init__(self, view: Any) -> None:
        super().__init__(view)
        self.times: list[float] = []
        view.installEventFilter(self)

    def eventFilter(self, view: Any, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Paint or not view._busy_shown:
            return False
        view.event(event)
        self.times.append(time.perf_counter())
        return True


def _wait(app: Any, what: Callable[[], bool], limit_s: float = 600.0) -> float:
    """Let the window work until `what` holds; return the seconds."""
    started = time.perf_counter()
    while not what():
        app.processEvents()
        time.sleep(0.001)
        if time.perf_counter() - started > limit_s:
            raise TimeoutError("The window did not get there.")
    return time.perf_counter() - started


def _peak_memory() -> Callable[[], int]:
    """Start watching the memory of this process and its children; return a function that ends it."""
    peak, ended = [0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            peak[0] = max(peak[0], used())

    def used() -> int:
        # Shared pages count once: the proportional set size.
        family = [psutil.Process(), *psutil.Process().children(recursive=True)]
        return sum(process.memory_full_info().pss for process in family if process.is_running())

    thread = threading.Thread(target=watch)
    thread.start()

    def end() -> int:
        ended.set()
        thread.join()
        return peak[0]

    return end


def main() -> None:
    """Run the parts and print them."""
    with tempfile.TemporaryDirectory() as data:
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "XDG_DATA_HOME": data}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode

        def part(name: str) -> str:
            command = [sys.executable, str(Path(__file__)), name]
            started = environment | {"LAUNCHED_AT": f"{time.time()}"}
            return subprocess.run(command, env=started, check=True, capture_output=True, text=True).stdout

        part("launch")  # once for a warm disk
        times = [float(part("launch")) for _ in range(LAUNCHES)]
        print(f"window shown after                {statistics.median(times):7.2f} s median (bar 1.5 s)")
        print(part("session") + part("memory"), end="")


if __name__ == "__main__":
    {"launch": launch, "session": session, "memory": memory}.get(" ".join(sys.argv[1:]), main)()
