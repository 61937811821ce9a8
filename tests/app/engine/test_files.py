"""What is said of files that cannot be written."""

import errno
import os
from pathlib import Path

import pytest

from keepsight.app.engine.files import OutputError, check_writable, write_file


def test_a_full_disk_is_told_from_a_folder_that_is_not_yours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OutputError, match="Choose a folder that you may write to"):
        write_file(tmp_path / "gone" / "a.txt", b"1")

    def full(path: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    for write in (check_writable, lambda path: write_file(path, b"1")):
        with pytest.raises(OutputError, match=r"“.*a\.txt” cannot be written \(.*\)\. Free some space\.$"):
            write(tmp_path / "a.txt")
    assert not list(tmp_path.iterdir())
