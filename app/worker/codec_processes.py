"""Processes that run codecs, and others in their place when one dies."""

import logging
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from keepsight.app.worker.judge_process import step_back

log = logging.getLogger(__name__)

_AGAIN = 1
"""How often work is asked again: what ends every process that does it must not go round for ever."""

P = ParamSpec("P")
T = TypeVar("T")


class CodecProcesses(Executor):
    """A process for every core. Where one dies, say for want of memory, all are started anew."""

    def __init__(self, tell: Callable[[str], object]) -> None:
        """Start nothing yet; `tell` hears a sentence, in any thread, when processes were lost."""
        self._tell = tell
        self._lock = threading.Lock()
        self._pool = _pool()
        self._closed = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Do this in one of the processes, and once more where that one dies.

        The future raises `BrokenExecutor` where it dies the second time too. Raises `RuntimeError` after
        `shutdown`.
        """
        future: Future[T] = Future()
        self._start(future, partial(fn, *args, **kwargs), _AGAIN)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes."""
        with self._lock:
            self._closed = True
            pool = self._pool
        pool.shutdown(wait, cancel_futures=cancel_futures)

    def _start(self, future: Future[T], work: Callable[[], T], again: int) -> None:
        while True:
            pool = self._pool
            try:
                inner = pool.submit(work)
                break
            except BrokenExecutor:
                if self._closed:  # nothing takes the place of these
                    raise
                self._replace(pool)
        future.add_done_callback(lambda _: inner.cancel())
        inner.add_done_callback(lambda _: self._finish(pool, inner, future, work, again))

    def _finish(
        self,
        pool: ProcessPoolExecutor,
        inner: Future[T],
        future: Future[T],
        work: Callable[[], T],
        again: int,
    ) -> None:
        """Hand the answer on, or ask again where the process died."""
        error = CancelledError() if inner.cancelled() else inner.exception()
        if isinstance(error, BrokenExecutor):
            self._replace(pool)
            if again and not self._closed and not future.cancelled():
                try:
                    self._start(future, work, again - 1)
                except RuntimeError:  # the program ends meanwhile
                    log.debug("Lost work is not asked again: the program ends")
                else:
                    return
        if not future.set_running_or_notify_cancel():
            return
        if error is None:
            future.set_result(inner.result())
        else:
            future.set_exception(error)

    def _replace(self, broken: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._pool is not broken or self._closed:
                return
            self._pool = _pool()
        broken.shutdown(wait=False)
        self._tell(
            "A process that runs codecs ended by itself, most likely for want of memory. Others were started "
            "and do its work again."
        )


def _pool() -> ProcessPoolExecutor:
    # They step back farther than the classifier, whose threads would lose much by waiting for one another.
    return ProcessPoolExecutor(
        os.cpu_count(), multiprocessing.get_context("spawn"), initializer=step_back, initargs=(15,)
    )
