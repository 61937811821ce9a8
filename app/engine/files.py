"""Files that are read and written as a whole."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MAX_BYTES = 2**30
"""Larger files are not read at all."""


class InputError(ValueError):
    """A file cannot be read. The message is a sentence that says what to do."""


class OutputError(RuntimeError):
    """A file cannot be written. The message is a sentence that says what to do."""


def read_file(path: Path) -> bytes:
    """Return all bytes of a file of at most `MAX_BYTES`. Raises `InputError`."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"“{path}” is larger than 1 GB. Use a smaller file.")
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"There is no file “{path}”. Check the name.") from None
    except IsADirectoryError:
        raise InputError(f"“{path}” is a folder. Name a file in it.") from None
    except OSError as error:
        raise InputError(f"“{path}” cannot be read ({error.strerror}). Check its permissions.") from None


def write_file(path: Path, data: bytes) -> None:
    """Write a whole file or none. Raises `OutputError`."""
    with whole_file(path) as beside:
        beside.write_bytes(data)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give the name of a file beside it to write, which takes this name at the end if nothing is raised.

    Raises `OutputError` in place of `OSError`.
    """
    try:
        if path.exists() and not path.is_file():  # a device or a pipe: it must not be replaced
            yield path
            return
        beside = _beside(path)
        try:
            yield beside
            beside.replace(path.resolve())
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from None


def make_folder(path: Path) -> None:
    """Make a folder where there is none. Raises `OutputError`."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from None


def check_writable(path: Path) -> None:
    """Raise `OutputError` now where `write_file` would after long work."""
    try:
        if path.is_dir():
            raise OutputError(f"“{path}” is a folder. Name a file in it.")
        if not path.exists() or path.is_file():
            beside = _beside(path)
            beside.write_bytes(b"")
            beside.unlink()
    except OSError as error:
        raise _unwritable(path, error) from None


def _beside(path: Path) -> Path:
    target = path.resolve()
    return target.with_name(f".{target.name}.{os.getpid()}.part")


def _unwritable(path: Path, error: OSError) -> OutputError:
    advice = "Free some space." if error.errno == errno.ENOSPC else "Choose a folder that you may write to."
    return OutputError(f"“{path}” cannot be written ({error.strerror}). {advice}")
