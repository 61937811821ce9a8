"""A monkey at the real window: random actions, seeded, and what they must not do.

Run: python tests/fuzz/fuzz_window.py --actions 1000     # whatever a user can press, type, drag, drop
     python tests/fuzz/fuzz_window.py --minutes 5        # a soak: sweeps, other photos, other settings

It ends with 1 where anything was raised or logged as an error, where a pane does not show what it was asked
for once the window rests, where a thread or a process is left when the window is closed, or where the memory
of the window and its processes has grown by 100 MB or more. Photos, session, store and exports lie in a
folder that is deleted afterwards; dialogs for files are answered with names in it.
"""

import argparse
import ctypes
import faulthandler
import gc
import logging
import os
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import psutil
from monkey import Monkey, answer_dialogs
from PIL import Image
from PySide6.QtCore import QEventLoop, QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.session import Session
from keepsight.app.ui import launch
from keepsight.app.worker.latest import Latest
from keepsight.app.worker.process_habits import TRIM_S
from keepsight.codecs.restoration import restored

MOST_GROWTH_MB = 100
HALT_MS = 100
"""An action that takes the window's thread longer is counted."""
LOADED_ONCE = "scipy.interpolate", "matplotlib.backends.backend_pdf"
"""What the window loads when curves are compared and figures are printed: 110 MB."""
LARGEST_TILE = 336, 336
"""What Keep's network is told at once at most: OpenVINO keeps the memory that it takes."""
QUIET_S = 300
"""The window must come to rest in so many seconds after the last action."""
STUCK_S = 180
_MEGABYTE = 2**20


class Problems(logging.Handler):
    """Collects whatever goes wrong without a sentence for the user."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []
        self.last = "the start"
        """The last action, in words."""
        logging.getLogger().addHandler(self)
        sys.excepthook = self._raised
        threading.excepthook = lambda raised: self._raised(
            raised.exc_type, raised.exc_value, raised.exc_traceback
        )
        qInstallMessageHandler(self._hear)
        sys.unraisablehook = lambda raised: self.note(f"{raised.exc_value!r} in {raised.object!r}")

    def note(self, words: str) -> None:
        """Keep this, and print it at once."""
        self.found.append(words)
        print(f"PROBLEM after “{self.last}”: {words}", flush=True)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what is logged as a warning or worse."""
        self.note(self.format(record))

    def _hear(self, kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        """Keep what Qt complains about, but for what no off-screen window and no simulated key can do."""
        if "plugin does not support" not in message and "keyToAscii" not in message:
            self.note(message)

    def _raised(self, kind: type[BaseException], error: BaseException | None, trace: Any) -> None:
        sys.__excepthook__(kind, error or kind(), trace)
        self.note(f"raised: {error!r}")


def prepare(folder: Path) -> None:
    """Write a few photos, small and large, and some that are none."""

    photos = folder / "photos"
    photos.mkdir()
    (folder / "made").mkdir()
    for place, sample in enumerate(SAMPLES[:6]):
        size = [(300, 240), (641, 480), (31, 400), (1200, 900), (2400, 1600), (224, 224)][place]
        Image.open(sample.path).convert("RGB").resize(size).save(photos / f"{sample.name}.jpg", quality=90)
    Image.fromarray(np.full((1, 1, 3), 90, np.uint8)).save(photos / "one pixel.png")
    (photos / "damaged.jpg").write_bytes((photos / f"{SAMPLES[0].name}.jpg").read_bytes()[:900])
    (photos / "empty.png").write_bytes(b"")


class Run:
    """The window, what happens to it, and what is found out about that."""

    def __init__(self, folder: Path, seed: int, log: Path | None) -> None:
        self.problems = Problems()
        self.app = launch.make_application()
        # What is loaded once is no growth.
        restored(np.zeros((*LARGEST_TILE, 3), np.uint8), *LARGEST_TILE)
        for library in LOADED_ONCE:
            import_module(library)
        self.threads = set(threading.enumerate())
        self.window = launch.MainWindow("imagenet")
        self.window.resize(1440, 900)
        self.window.show()
        self.monkey = Monkey(self.window, folder, seed)
        answer_dialogs(folder, random.Random(seed + 1))
        self._log = log.open("w") if log else None
        self.times: list[tuple[float, str]] = []
        self.window.sessions.begin([folder / "photos"])
        self._photos = folder / "photos"
        self.wait(lambda: not self.window.busy)
        self.window.toolbar.sweep_requested.emit()  # so that what is made once is there: plot, processes
        self.work(20)
        self.start: Session = self.window.sessions.read()
        self.used = [self.memory()]

    def wait(self, what: Callable[[], bool], limit_s: float = QUIET_S) -> None:
        """Let the window work until this holds; raises `TimeoutError`."""
        until = time.monotonic() + limit_s
        while not what():
            self.work(0.01)
            if time.monotonic() > until:
                raise TimeoutError("The window does not come to rest.")

    def work(self, seconds: float) -> None:
        """Let the window work for a while, in a loop as the program's own: it deletes what is done with."""
        faulthandler.dump_traceback_later(STUCK_S, exit=True)
        loop = QEventLoop()
        QTimer.singleShot(round(1e3 * seconds), loop.quit)
        loop.exec()

    def do(self, act: Callable[[], str]) -> None:
        """Do one thing and note how long the window's thread took for it."""
        started = time.thread_time()
        self.problems.last = words = act()
        self.times.append((1e3 * (time.thread_time() - started), words))
        if self._log:
            print(f"{len(self.times)} {self.times[-1][0]:.0f} ms: {words}", file=self._log, flush=True)

    def play(self, actions: int) -> None:
        """Let the monkey do so many things. Menus that stand still until they are closed are among them."""

        left, acting = [actions], [0]

        def tick() -> None:
            busy = acting[0] and not QApplication.activePopupWidget() and not QApplication.activeModalWidget()
            pause = self.monkey.random.choice([0, 0, 5, 30])
            if left[0] > 0 or acting[0]:  # a menu that the last one opened is still to be closed
                faulthandler.dump_traceback_later(STUCK_S, exit=True)
                QTimer.singleShot(pause, tick)  # it fires within the loop of a menu too
                if not busy:
                    left[0] -= 1
                    acting[0] += 1
                    self.do(self.monkey.act)
                    acting[0] -= 1

        tick()
        self.wait(lambda: left[0] <= 0 and not acting[0], limit_s=3600)

    def soak(self, minutes: float) -> None:
        """Sweep, turn to other photos and change settings for so long."""
        until = time.monotonic() + 60 * minutes
        monkey, window = self.monkey, self.window
        acts = (monkey._step_photo, monkey._option, monkey._codec, self._sweep)
        while time.monotonic() < until:
            self.do(monkey.random.choices(acts, (6, 6, 2, 1))[0])
            self.work(monkey.random.choice([0.02, 0.2, 0.5]))
        window.sweep.stop()

    def _sweep(self) -> str:
        toolbar = self.window.toolbar
        press = self.monkey.random.choice([toolbar._sweep, toolbar._sweep, toolbar._pause])
        press()
        return f"sweep: {toolbar.sweep_button.text()}"

    def settle(self) -> None:
        """Bring back the first state of the window, let it come to rest, and measure its memory."""

        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        for other in QApplication.topLevelWidgets():
            if other.isVisible() and other is not self.window:
                other.close()
        self.window.presenting.leave()
        self.window.player.play(False)
        self.window.bench.stop_sweep()
        self.problems.last = "the return to the first state"
        self.window.sessions.restore(self.start)
        self.window.classifiers.load()
        self.wait(lambda: not self.window.busy)
        self.work(1)
        self.check()
        self.used.append(self.memory())

    def memory(self) -> tuple[float, float]:
        """Return the memory of this process alone, and of it with its children, MB; of nothing half done."""
        self.window.sweep.stop()
        jobs = self.window.bench.findChildren(Latest)  # those of closed panes too
        self.wait(lambda: not self.window.busy and not any(isValid(job) and job.busy for job in jobs))
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)  # what is free is given back: it is no growth
        self.work(TRIM_S + 1)  # and by the other processes
        mine = psutil.Process()
        family = sum(child.memory_full_info().uss for child in mine.children(recursive=True))
        own = mine.memory_full_info().uss
        return own / _MEGABYTE, (own + family) / _MEGABYTE

    def check(self) -> None:
        """See that the window shows what it was asked for."""
        window, note = self.window, self.problems.note
        if list(window.grid.panes)[1:] != list(window.bench.settings):
            note("the panes are not those of the workbench")
        for number, setting in window.bench.settings.items():
            content = window.grid.panes[number].content
            shown = (content.codec, content.verdict) if content else None
            if content is None or content.codec != setting.codec or content.verdict is None:
                note(f"a pane of {setting.codec} shows {shown}")
            if window.grid.panes[number].view._busy_shown:
                note(f"a pane of {setting.codec} is marked as busy for ever")
        original = window.grid.panes[0].content
        if original is None or not original.rows:
            note("the original has no class")
        if window.state.read() != self.start.settings:
            note(f"the settings do not come back: {window.state.read()} is not {self.start.settings}")
        for sentence in window.problems:
            if "unexpected" in sentence.lower():
                note(sentence)

    def end(self) -> None:
        """Close the window, and see that nothing is left of it."""
        self.window.close()
        self.window.shut_down()
        self.work(0.2)
        threads = [one.name for one in threading.enumerate() if one not in self.threads]
        trackers = ("resource_tracker", "forkserver")  # Python's own, which end with it
        processes = [
            words
            for one in psutil.Process().children(recursive=True)
            if not any(name in (words := " ".join(one.cmdline())) for name in trackers)
        ]
        for left in (*threads, *processes):
            self.problems.note(f"left running: {left}")
        faulthandler.cancel_dump_traceback_later()
        qInstallMessageHandler(None)  # Qt must not call Python when that has ended

    def tell(self) -> None:
        """Print the figures."""
        times = sorted(self.times, reverse=True)
        took = [time for time, _ in times]
        halts = [f"{time:.0f} ms {words}" for time, words in times if time > HALT_MS]
        print(f"actions                         {len(took):9,}")
        median = statistics.median(took)
        print(f"window's thread for an action   {median:9.1f} ms median, {took[0]:.0f} ms at most")
        print(f"longer than {HALT_MS} ms              {len(halts):9,}  {'; '.join(halts[:8])}")
        for what, place in (("the window", 0), ("all processes", 1)):
            figures = [used[place] for used in self.used]
            line = " ".join(f"{figure:,.0f}" for figure in figures)
            print(f"memory of {what:13}         {figures[-1] - figures[0]:+9.0f} MB ({line})")
        print(f"sentences for the user          {len(self.window.problems):9,}")
        print(f"problems                        {len(self.problems.found):9,}")


def main() -> int:
    """Play, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--actions", type=int, default=0, help="random actions")
    parser.add_argument("--minutes", type=float, default=0.0, help="length of the soak")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--log", type=Path, help="write every action here")
    asked = parser.parse_args()
    faulthandler.enable()
    with TemporaryDirectory(prefix="keepsight-monkey-") as name:
        folder = Path(name)
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        os.environ["KEEPSIGHT_HOME"] = str(folder / "home")
        os.environ["XDG_DATA_HOME"] = str(folder / "data")
        prepare(folder)
        run = Run(folder, asked.seed, asked.log)
        parts = 4 if asked.actions >= 400 else 1
        for _ in range(parts):
            if asked.actions:
                run.play(asked.actions // parts)
            if asked.minutes:
                run.soak(asked.minutes / parts)
            run.settle()
        run.end()
        run.tell()
    grown = run.used[-1][1] - run.used[0][1]  # all processes
    return 1 if run.problems.found or grown >= MOST_GROWTH_MB else 0


if __name__ == "__main__":
    sys.exit(main())
