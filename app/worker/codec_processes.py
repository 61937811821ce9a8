"""Processes that run codecs, and others in their place when one dies."""

import multiprocessing
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, ParamSpec, TypeVar

from keepsight.app.worker.process_habits import step_back

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(eq=False)
class _Piece:
    """Work that was asked for."""

    future: Future[Any]
    work: Callable[[], Any]
    again: int = 1
    """How often it is asked again: what ends every process that does it must not go round for ever."""


class CodecProcesses(Executor):
    """A process for every core. Where one dies, say for want of memory, all are started anew.

    Work waits here, and goes to the pool of processes only when one of them is about to be free. Python 3.11
    does not survive it if work is cancelled that a dying pool holds: its thread ends, and nothing answers.
    """

    def __init__(self, tell: Callable[[str], object]) -> None:
        """Start nothing yet; `tell` hears a sentence, in any thread, when processes were lost."""
        self._tell = tell
        self._lock = threading.Lock()
        self._pool = _pool()
        self._closed = False
        self._waiting: deque[_Piece] = deque()
        self._under_way = 0
        self._most = (os.cpu_count() or 1) + 1
        """The pool takes one piece more than there are processes, so that none of them has to wait."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Do this in one of the processes, and once more where that one dies.

        The future raises `BrokenExecutor` where it dies the second time too. Raises `RuntimeError` after
        `shutdown`.
        """
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("The processes of the codecs have ended.")
            self._waiting.append(_Piece(future, partial(fn, *args, **kwargs)))
        self._feed()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes."""
        if not cancel_futures:
            self._most = sys.maxsize  # all that waits is done before
            self._feed()
        with self._lock:
            self._closed = True
            pool, dropped = self._pool, list(self._waiting)
            self._waiting.clear()
        for piece in dropped:
            piece.future.cancel()
            piece.future.set_running_or_notify_cancel()
        pool.shutdown(wait)

    def _feed(self) -> None:
        """Hand on to the processes what they can take."""
        while (piece := self._next()) is not None:
            pool = self._pool
            try:
                inner = pool.submit(piece.work)
            except BrokenExecutor as error:
                self._replace(pool)
                self._put_back(piece, error)
            except RuntimeError as error:  # the program ends meanwhile
                self._put_back(piece, error)
            else:
                inner.add_done_callback(partial(self._finish, pool, piece))

    def _next(self) -> _Piece | None:
        with self._lock:
            while self._waiting and self._under_way < self._most:
                piece = self._waiting.popleft()
                if piece.future.running() or piece.future.set_running_or_notify_cancel():
                    self._under_way += 1
                    return piece
        return None

    def _put_back(self, piece: _Piece, error: BaseException) -> None:
        """Let a piece be the next one, or fail where no process will come for it."""
        with self._lock:
            self._under_way -= 1
            if not self._closed:
                self._waiting.appendleft(piece)
                return
        piece.future.set_exception(error)

    def _finish(self, pool: ProcessPoolExecutor, piece: _Piece, inner: Future[Any]) -> None:
        """Hand the answer on, or ask again where the process died."""
        error = inner.exception()
        if isinstance(error, BrokenExecutor):
            self._replace(pool)
            if piece.again:
                piece.again -= 1
                self._put_back(piece, error)
                self._feed()
                return
        with self._lock:
            self._under_way -= 1
        self._feed()
        if error is None:
            piece.future.set_result(inner.result())
        else:
            piece.future.set_exception(error)

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
