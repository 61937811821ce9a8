"""Habits of this program's processes: memory that is done with goes back, and the window comes first."""

import ctypes
import multiprocessing
import os
import platform
import signal
import sys
import threading

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
"""Parameters of glibc's `mallopt`."""
_LARGE_BLOCK = 2**20
"""Bytes."""
_ARENAS = 2
TRIM_S = 5
"""How often processes that serve the window give back what is free."""


def keep_no_pictures() -> None:
    """Let the memory of pictures go back to the system as soon as they are done with, for the window.

    GNU's C library learns from large blocks that come and go to keep them for the next time, in every thread
    for itself. Without that codecs take an eighth longer on large photos, so that other processes do without.
    """
    if (library := _glibc()) is not None:
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
        library.mallopt(_M_ARENA_MAX, _ARENAS)


def step_back(niceness: int) -> None:
    """Make this a process that serves a window: it leaves Ctrl+C and the first turn on a core to it.

    It gives back what memory is free every `TRIM_S`. It ends where the window does, even one that was
    killed and could say nothing.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_trim_until_parent_ends, name="keepsight-parent", daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(niceness)


def _trim_until_parent_ends() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    library = _glibc()
    while parent.is_alive():
        parent.join(TRIM_S)
        if library is not None:
            library.malloc_trim(0)
    os._exit(1)  # from a thread nothing else ends a process that waits for work


def _glibc() -> ctypes.CDLL | None:
    """Return GNU's C library, where it is this program's."""
    linux = sys.platform == "linux" and platform.libc_ver()[0] == "glibc"
    return ctypes.CDLL(None) if linux else None
