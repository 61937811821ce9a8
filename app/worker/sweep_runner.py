"""A sweep in the background: curves come out about ten times a second while it runs."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from keepsight.app.engine.curves import CurveBuilder
from keepsight.app.engine.data import Item, open_data
from keepsight.app.engine.draws import Tally
from keepsight.app.engine.errors import USER_ERRORS
from keepsight.app.engine.files import OutputError, make_folder
from keepsight.app.engine.guiding import Guiding
from keepsight.app.engine.runs import Run, command_line, noted, run_of
from keepsight.app.engine.store import Store, StoreError
from keepsight.app.engine.sweep import default_settings, shuffled, sweep
from keepsight.app.engine.types import Curve, CurvePoint, Measurement, Protocol, Setting
from keepsight.app.worker.judge_process import RemoteJudge

log = logging.getLogger(__name__)

_SEED = 0
_REPORT_EVERY_S = 0.2
_BATCH = 16
"""Images a classification: small, so that a pane's own request waits a moment only."""


@dataclass(frozen=True)
class SweepRequest:
    """Everything that a sweep needs to know."""

    specs: Sequence[str | Path | Item]
    """Sources as `open_data` takes them, or single photos."""
    settings: Sequence[Setting]
    judge: RemoteJudge
    protocol: Protocol
    store: Path | None
    """Rows that stand here are not measured again."""
    photos: int | None
    """Read at most so many, drawn at random; None reads all."""


@dataclass(frozen=True)
class SweepState:
    """How far a sweep is."""

    request: SweepRequest
    curves: Sequence[Curve]
    uncompressed: CurvePoint | None
    """What the classifier makes of the uncompressed images so far; None before the first."""
    photos_done: int
    photos_total: int
    codecs: int
    images_per_s: float
    seconds_left: float | None
    errors: Sequence[str]
    """The sentences of what failed, each once."""
    tally: Tally
    """All rows so far, to compare codecs; it goes on growing."""
    running: bool
    paused: bool = False
    """Whether it runs, but begins nothing new for now."""

    @property
    def reference(self) -> float | None:
        """Top-1 of the uncompressed images so far; None without labels."""
        return self.uncompressed.top1.value if self.uncompressed and self.uncompressed.top1 else None


class SweepRunner(QObject):
    """Runs one sweep at a time in a thread of its own."""

    advanced = Signal(object)
    """`SweepState`, while it runs and once at its end."""
    failed = Signal(str)
    """A sentence: the sweep could not go on."""
    warned = Signal(str)
    """A sentence: the sweep goes on, but not as it was asked."""

    def __init__(self, executor: Executor, parent: QObject | None = None) -> None:
        """Make a runner; photos are loaded, encoded and decoded on `executor`."""
        super().__init__(parent)
        self._executor = executor
        self._thread: threading.Thread | None = None
        self._cancelled = threading.Event()
        self._going = threading.Event()
        """Not set while a sweep is paused."""

    @property
    def running(self) -> bool:
        """Whether a sweep runs now."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, request: SweepRequest) -> None:
        """Run this sweep; one that runs is stopped first."""
        self.stop()
        self._cancelled, self._going = threading.Event(), threading.Event()
        self._going.set()
        self._thread = threading.Thread(
            target=self._run,
            args=(request, self._cancelled, self._going),
            name="keepsight-sweep",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """Ask the sweep to end; it reports once more when it has."""
        self._cancelled.set()
        self._going.set()

    def pause(self) -> None:
        """Begin nothing new until `resume`; what is under way ends, and then it is reported once."""
        if not self._cancelled.is_set():
            self._going.clear()

    def resume(self) -> None:
        """Go on after a pause."""
        self._going.set()

    def join(self) -> None:
        """Stop and wait until nothing runs."""
        self.stop()
        if self._thread is not None:
            self._thread.join()

    def _run(self, request: SweepRequest, cancelled: threading.Event, going: threading.Event) -> None:
        try:
            _Sweep(self, request, cancelled, going).run(self._executor)
        except USER_ERRORS as error:
            self.failed.emit(str(error))
        except Exception as error:  # a thread's crash barrier: the window goes on and says so
            log.exception("A sweep failed")
            self.failed.emit(f"The sweep ended unexpectedly: {error}. Try again.")


class _Sweep:
    """The state of one run, kept in its thread."""

    def __init__(
        self,
        runner: SweepRunner,
        request: SweepRequest,
        cancelled: threading.Event,
        going: threading.Event,
    ) -> None:
        self._runner = runner
        self._request = request
        self._cancelled = cancelled
        self._going = going
        self._items: list[Item] = []
        self._builder = CurveBuilder()
        self._tally = Tally()
        self._rows_left: Counter[str] = Counter()
        self._rows = 0
        self._photos_done = 0
        self._errors: dict[str, None] = {}
        self._started = self._reported = time.monotonic()

    def run(self, executor: Executor) -> None:
        request = self._request
        self._open_items()
        guide = Guiding.beside(request.judge, request.judge.image_map)
        with ExitStack() as stack:
            store = self._open_store(stack)
            about = self._describe(guide) if store else None
            note = stack.enter_context(noted(store, about, self._runner.warned.emit))
            for rows in sweep(
                self._items,
                request.settings,
                request.judge,
                protocol=request.protocol,
                seed=_SEED,
                guide=guide,
                executor=executor,
                store=store,
                warn=self._runner.warned.emit,
                cancelled=self._cancelled.is_set,
                batch=_BATCH,
            ):
                note(rows)
                self._take(rows)
                if not self._going.is_set():
                    self._wait()
                elif time.monotonic() - self._reported >= _REPORT_EVERY_S:
                    self._report(running=True)
        self._report(running=False)

    def _describe(self, guide: Guiding) -> Run:
        """Say what is swept, for the store; a command line only where one does the same."""
        request = self._request
        sources = [spec if isinstance(spec, str | Path) else spec.name for spec in request.specs]
        codecs = dict.fromkeys(setting.codec for setting in request.settings)
        command = ""
        listed = len(sources) == 1 and not isinstance(request.specs[0], Item)
        if listed and list(request.settings) == default_settings(codecs):
            command = command_line(
                *("sweep", str(sources[0])),
                codecs=",".join(codecs),
                classifier=request.judge.card.id,
                protocol=request.protocol,
                guide=request.judge.card.id,
                photos=request.photos,
                seed=_SEED,
                store=request.store,
            )
        return run_of(
            *(request.judge, guide, request.protocol),
            data=", ".join(str(source) for source in sources),
            photos=len(self._items),
            seed=_SEED,
            command=command,
        )

    def _open_items(self) -> None:
        """List the photos anew: their labels are classes of the classifier in use.

        A file that several sources hold is read once. A source that fails is named, and the others go on.
        """
        found: dict[object, Item] = {}
        failed: Exception | None = None
        for spec in self._request.specs:
            if isinstance(spec, Item):
                found[id(spec)] = spec
                continue
            try:
                data = open_data(spec, self._request.judge.card)
            except USER_ERRORS as error:
                failed = error
                self._errors[str(error)] = None
                continue
            for item in data.items:
                key = item.path.absolute() if item.path is not None else id(item)
                if key not in found or found[key].label is None:
                    found[key] = item
            self._errors |= dict.fromkeys(data.notes)
        if failed is not None and not found:
            raise failed
        self._items = shuffled(list(found.values()), _SEED)[: self._request.photos]

    def _open_store(self, stack: ExitStack) -> Store | None:
        if self._request.store is None:
            return None
        try:
            make_folder(self._request.store.parent)
            return stack.enter_context(Store(self._request.store, self._runner.warned.emit))
        except (StoreError, OutputError) as error:
            self._runner.warned.emit(f"The measurements are not kept for the next time: {error}")
            return None

    def _take(self, rows: Sequence[Measurement]) -> None:
        self._builder.add(rows)
        self._tally.add(rows)
        self._rows += len(rows)
        for row in rows:
            self._rows_left[row.name] += 1
            if row.error:
                self._errors[row.error] = None
        expected = 1 + len(self._request.settings)
        self._photos_done = sum(count // expected for count in self._rows_left.values())

    def _wait(self) -> None:
        """Stand still until the pause is over; no figure of speed counts that time."""
        self._report(running=True, paused=True)
        since = time.monotonic()
        self._going.wait()
        self._started += time.monotonic() - since

    def _report(self, *, running: bool, paused: bool = False) -> None:
        self._reported = time.monotonic()
        elapsed = self._reported - self._started
        total = len(self._items) * (1 + len(self._request.settings))
        self._runner.advanced.emit(
            SweepState(
                request=self._request,
                curves=self._builder.curves(),
                uncompressed=self._builder.uncompressed(),
                photos_done=self._photos_done,
                photos_total=len(self._items),
                codecs=len({setting.codec for setting in self._request.settings}),
                images_per_s=self._rows / elapsed if elapsed else 0.0,
                seconds_left=elapsed * (total - self._rows) / self._rows if self._rows else None,
                errors=tuple(self._errors),
                tally=self._tally,
                running=running,
                paused=paused,
            )
        )
