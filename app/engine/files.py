"""Output files: whole or not at all."""

import os
from pathlib import Path


class OutputError(RuntimeError):
    """A file cannot be written. The message is a sentence that says what to do."""


def write_file(path: Path, data: bytes) -> None:
    """Write a whole file or none: into one beside it, which then takes the name. Raises `OutputError`."""
    try:
        if path.exists() and not path.is_file():  # a device or a pipe: it must not be replaced
            path.write_bytes(data)
            return
        target = path.resolve()
        beside = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            beside.write_bytes(data)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"“{path}” cannot be written ({error.strerror}). Choose a folder that you may write to."
        ) from None
