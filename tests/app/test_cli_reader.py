"""The command sweep with a classifier that reads files."""

from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from keepsight.app.cli import app
from keepsight.models.scenes import SPLITS, render


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scenes")
    for seed in SPLITS["test"][:2]:
        Image.fromarray(render(seed).pixels).save(folder / f"{seed}.png")
    return folder


def test_what_it_cannot_read_is_said_once(folder: Path) -> None:
    command = [
        "sweep",
        str(folder),
        "--classifier",
        "scenes_jpeg",
        "--codecs",
        "avif,jpeg,weighted-jpeg,webp",
    ]
    told = CliRunner().invoke(app, [*command, "--guide", "none"])
    assert told.exit_code == 1
    assert told.stderr.count("left out") == 1
    assert "AVIF and WebP are left out" in told.stderr
    assert "Weighted JPEG" in told.stdout


def test_where_it_can_read_nothing_no_photo_is_measured(folder: Path) -> None:
    told = CliRunner().invoke(app, ["sweep", str(folder), "--classifier", "scenes_jpeg", "--codecs", "avif"])
    assert told.exit_code == 1
    assert told.stderr.strip().endswith("reads files of JPEG alone.")
    assert told.stdout == ""
