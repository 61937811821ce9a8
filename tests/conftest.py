"""Shared fixtures. The environment is set before anything imports Qt or matplotlib."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["MPLBACKEND"] = "Agg"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of photos and classifiers that are not part of the repository; the test skips without it."""
    folder = Path(os.environ.get("KEEPSIGHT_SHARED", Path(__file__).parents[2] / "shared"))
    if not (folder / "data" / "imagenet500" / "labels.csv").is_file():
        pytest.skip("needs the shared photos and classifiers: set KEEPSIGHT_SHARED to their folder")
    return folder
