"""Arrays in files: their room is taken beforehand, and nothing is left where there is none."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from keepsight.models.mapped import mapped


def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    array = mapped(path, np.uint16, (3, 4), fresh=True)
    assert not array.any()
    array[1] = 7
    del array
    again = mapped(path, np.uint16, (3, 4), fresh=False)
    assert again.dtype == np.uint16
    np.testing.assert_array_equal(again.sum(axis=1), [0, 28, 0])


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="this system cannot take room beforehand")
def test_its_room_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    mapped(path, np.uint8, (1 << 20,), fresh=True)
    found = path.stat()
    assert 512 * found.st_blocks >= found.st_size > 1 << 20


def test_a_full_disk_leaves_no_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    mapped(tmp_path / "old.npy", np.uint8, (8,), fresh=True)
    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    with pytest.raises(OSError, match="No space"):
        mapped(tmp_path / "new.npy", np.uint8, (8,), fresh=True)
    with pytest.raises(OSError, match="No space"):
        mapped(tmp_path / "old.npy", np.uint8, (8,), fresh=False)
    assert [path.name for path in tmp_path.iterdir()] == ["old.npy"]
