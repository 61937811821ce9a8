"""Data sets by name, as a user meets them."""

import json
from pathlib import Path

import numpy as np
import platformdirs
import pytest
from PIL import Image
from torchvision.datasets import CIFAR10
from typer.testing import CliRunner, Result

from keepsight.app.cli import app


def _run(*words: object) -> Result:
    plain = [str(word) for word in words]
    return CliRunner().invoke(app, plain, env={"COLUMNS": "200"}, prog_name="keepsight")


@pytest.fixture
def cifar10(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in the cache once CIFAR-10 was fetched, with three photos."""
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: tmp_path)
    folder = tmp_path / "datasets" / "cifar10"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(3):
        Image.fromarray(rng.integers(0, 256, (32, 32, 3), np.uint8)).save(folder / f"{number}.png")
    (folder / "labels.csv").write_text("file,class_name\n0.png,airplane\n1.png,bird\n2.png,ship\n")


@pytest.mark.usefixtures("cifar10")
@pytest.mark.parametrize(
    "words",
    [
        ("sweep", "cifar10", "--codecs", "jpeg"),
        ("threshold", "cifar10", "--guide", "none"),
        ("limit", "cifar10", "--codecs", "jpeg"),
        ("maps", "cifar10", "--maps", "edges"),
    ],
)
def test_commands_take_a_data_set_by_name(words: tuple[str, ...]) -> None:
    result = _run(*words, "--classifier", "scenes", "--device", "cpu", "--photos", 2)
    assert result.exit_code == 0, result.output
    assert "knows none of the 3 classes of CIFAR-10: no photo has a label." in result.stderr
    assert "2 of cifar10" in result.stdout or "2 photos of cifar10" in result.stdout


@pytest.mark.usefixtures("cifar10")
def test_classify_takes_a_data_set_by_name() -> None:
    result = _run("classify", "cifar10", "--classifier", "scenes", "--device", "cpu", "--json")
    assert result.exit_code == 0, result.output
    assert [found["photo"] for found in json.loads(result.stdout)] == ["0.png", "1.png", "2.png"]


def test_a_data_set_that_cannot_be_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: tmp_path)
    monkeypatch.setattr(CIFAR10, "url", "http://127.0.0.1:1/cifar-10-python.tar.gz")
    for command in ("sweep", "classify"):
        result = _run(command, "cifar10", "--classifier", "scenes", "--device", "cpu")
        assert result.exit_code == 1
        assert result.stdout == ""
        assert (
            "The photos of CIFAR-10 must be fetched once from 127.0.0.1:1, which cannot be" in result.stderr
        )
        assert result.stderr.count("\n") == 1
