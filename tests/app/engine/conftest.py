"""Fixtures of the engine's tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from keepsight.app.engine.types import Measurement
from keepsight.models.types import Judge

_NOBODY = 65534


@pytest.fixture
def read_only_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that may be read only; root, who may write anywhere, becomes another user meanwhile."""
    folder = tmp_path / "read_only"
    folder.mkdir()
    folder.chmod(0o555)
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root:
        for parent in tmp_path.parents[:2]:
            parent.chmod(0o755)
        tmp_path.chmod(0o755)
        os.seteuid(_NOBODY)
    try:
        yield folder
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o755)


@pytest.fixture(scope="session")
def judge() -> Judge:
    """The classifier of the scenes: the smallest one."""
    return _load("scenes")


@pytest.fixture(scope="session")
def imagenet_judge() -> Judge:
    """The embedded default."""
    return _load("imagenet")


def _load(classifier: str) -> Judge:
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the program does
    from keepsight.models import catalog, classifiers

    return classifiers.load(catalog.find_card(classifier), "cpu")


@pytest.fixture(scope="session")
def row() -> Measurement:
    """A row to vary."""
    return Measurement(
        photo="p",
        name="p.png",
        label=1,
        codec="jpeg",
        codec_version=1,
        options='{"quality":8}',
        protocol="crop",
        classifier="c",
        guide="",
        pixels=50176,
        bytes=500,
        top1=1,
        agrees=True,
        correct1=True,
        correct5=True,
        p_true=0.9,
        p_kept=0.9,
        kl=0.1,
        psnr=30.0,
        ssim=0.9,
        ms_ssim=0.95,
        encode_s=0.001,
        decode_s=0.002,
        classify_s=0.003,
    )
