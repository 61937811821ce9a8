"""Shared fixtures. The environment is set before anything imports Qt, matplotlib or a codec."""

import atexit
import os
import tempfile
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["MPLBACKEND"] = "Agg"

# A developer's own codecs and pipelines stay out of the tests, and out of the processes that tests start.
_home = tempfile.TemporaryDirectory(prefix="keepsight-home-")
atexit.register(_home.cleanup)
os.environ["KEEPSIGHT_HOME"] = _home.name


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of photos and classifiers that are not part of the repository; the test skips without it."""
    folder = Path(os.environ.get("KEEPSIGHT_SHARED", Path(__file__).parents[2] / "shared"))
    if not (folder / "data" / "imagenet500" / "labels.csv").is_file():
        pytest.skip("needs the shared photos and classifiers: set KEEPSIGHT_SHARED to their folder")
    return folder
