import multiprocessing
import platform
import sys
import time
from multiprocessing.connection import Connection

import psutil
import pytest

from keepsight.app.worker import process_habits
from keepsight.app.worker.process_habits import step_back

_BLOCK = 100_000
"""Bytes: so small that the C library does not ask the system for each."""


def _let_go(told: Connection) -> None:
    """Hold 100 MB, let go of nine tenths, and tell the megabytes in use before and a while after."""
    process_habits.TRIM_S = 0.1  # type: ignore[assignment]
    step_back(0)
    blocks = [b"x" * _BLOCK for _ in range(1000)]
    del blocks[::10]  # what stays between them keeps the C library from giving back what is free by itself
    kept = blocks[::9]
    del blocks
    before = psutil.Process().memory_full_info().uss
    time.sleep(1)
    told.send((before, psutil.Process().memory_full_info().uss, len(kept)))


@pytest.mark.skipif(
    sys.platform != "linux" or platform.libc_ver()[0] != "glibc", reason="only GNU's C library is asked"
)
def test_a_process_that_serves_the_window_gives_back_what_is_free() -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_let_go, args=(theirs,))
    process.start()
    before, after, _ = ours.recv()
    process.join()
    assert before - after > 50e6
