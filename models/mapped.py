"""Arrays in files that are mapped into memory, with their room on the disk taken beforehand."""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


def mapped(path: Path, kind: DTypeLike, shape: tuple[int, ...], *, fresh: bool) -> NDArray[Any]:
    """Open a NumPy file to read and write, or make one of zeros where it is to be `fresh`.

    Where the disk has no room for all of it, this raises `OSError` now, and no new file is left: writing
    into a map of a file would end the program.
    """
    array: NDArray[Any]
    try:
        array = np.lib.format.open_memmap(
            path, "w+" if fresh else "r+", np.dtype(kind), shape if fresh else None
        )
        if hasattr(os, "posix_fallocate"):
            with path.open("r+b") as file:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    except OSError:
        if fresh:
            path.unlink(missing_ok=True)
        raise
    return array
