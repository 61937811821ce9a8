"""Latest wins: of all requests to one place, at most one runs and one waits."""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from typing import Any

from PySide6.QtCore import QObject, Signal

from keepsight.app.engine.errors import USER_ERRORS

log = logging.getLogger(__name__)


class Latest(QObject):
    """Runs `work(request)` on a pool for the newest request and hands back what it yields.

    `work` is a generator: it may yield a first result early (pixels) and complete it later (predictions).
    Between two results it is dropped when a newer request waits or `cancel` was called. Requests capture
    every input; results arrive as queued signals in the thread that owns this object.
    """

    result = Signal(object)
    """One thing that `work` yielded."""
    failed = Signal(str)
    """A sentence for the user."""
    busy_changed = Signal(bool)
    """Whether a request runs or waits."""

    _arrived = Signal(int, object)
    _failed = Signal(int, str)
    _ended = Signal()

    def __init__(
        self, pool: Executor, work: Callable[[Any], Iterator[object]], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._pool = pool
        self._work = work
        self._lock = threading.Lock()
        self._pending: object | None = None
        self._running = False
        self._retired = False
        self._generation = 0
        self._arrived.connect(self._on_arrived)
        self._failed.connect(self._on_failed)
        self._ended.connect(self._on_ended)

    @property
    def busy(self) -> bool:
        """Whether a request runs or waits."""
        return self._running or self._pending is not None

    def submit(self, request: object) -> None:
        """Ask for this from now on; a request that still waits is forgotten."""
        with self._lock:
            self._pending = request
        if not self._running:
            self.busy_changed.emit(True)
            self._start()

    def cancel(self) -> None:
        """Forget what waits, and drop the results of what runs."""
        with self._lock:
            self._pending = None
            self._generation += 1

    def retire(self) -> None:
        """Go away, at once or when what runs has ended: until then its thread still speaks through this."""
        self.cancel()
        self._retired = True
        if not self.busy:
            self.deleteLater()

    def _start(self) -> None:
        with self._lock:
            request, self._pending = self._pending, None
        self._running = True
        self._pool.submit(self._run, request, self._generation)

    def _run(self, request: object, generation: int) -> None:
        try:
            for result in self._work(request):
                self._arrived.emit(generation, result)
                with self._lock:
                    if self._pending is not None or self._generation != generation:
                        break
        except USER_ERRORS as error:
            self._failed.emit(generation, str(error))
        except Exception as error:  # a thread's crash barrier: the window goes on and says so
            log.exception("A background task failed")
            self._failed.emit(generation, f"Something unexpected went wrong: {error}. Try again.")
        finally:
            self._ended.emit()

    def _on_arrived(self, generation: int, result: object) -> None:
        if generation == self._generation:
            self.result.emit(result)

    def _on_failed(self, generation: int, sentence: str) -> None:
        if generation == self._generation:
            self.failed.emit(sentence)

    def _on_ended(self) -> None:
        self._running = False
        if self._pending is not None:
            self._start()
        else:
            self.busy_changed.emit(False)
            if self._retired:
                self.deleteLater()
