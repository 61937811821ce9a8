"""The command map as a user meets it."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from typer.testing import CliRunner

from keepsight.app.cli import app
from keepsight.app.engine import photos
from keepsight.app.engine.samples import SAMPLES
from keepsight.models.maps.registry import image_importance

CAT = next(sample.path for sample in SAMPLES if sample.name == "cat")


def _run(*words: Any):
    return CliRunner().invoke(app, [str(word) for word in words], prog_name="keepsight")


def test_the_raw_map_of_any_class(tmp_path: Path) -> None:
    found = {}
    for name in (None, "beagle", "162", "tabby"):
        target = tmp_path / "m.npy"
        result = _run("map", CAT, target, *(("--class", name) if name else ()))
        assert result.exit_code == 0, result.output
        found[name] = np.load(target)
        assert found[name].dtype == np.float32
    assert "grad-cam of “tabby" in result.stdout
    assert np.array_equal(found["beagle"], found["162"])
    assert not np.allclose(found["beagle"], found[None])
    assert abs(found[None].max() - 1) > 0.1, "raw, not scaled"


def test_the_map_over_the_photo(tmp_path: Path) -> None:
    target = tmp_path / "m.png"
    result = _run("map", CAT, target, "--map", "surroundedness")
    assert result.exit_code == 0, result.output
    assert "surroundedness of the photo" in result.stdout
    pixels = photos.load(CAT).pixels
    shown = cv2.imread(str(target))[:, :, ::-1].astype(float)
    assert shown.shape == pixels.shape
    colours = (shown - 0.4 * pixels) / 0.6
    values = image_importance(pixels, "surroundedness").values
    values = cv2.resize(values, pixels.shape[1::-1])
    bright = colours[values > 0.9 * values.max()].mean(0)
    dark = colours[values < 0.02 * values.max()].mean(0)
    assert bright[0] > 150 > 90 > dark[0], "viridis: yellow where it matters, violet where not"
    assert bright[1] > 180 > 60 > dark[1]


def test_what_is_wrong_is_said_before_the_work(tmp_path: Path) -> None:
    for words, code, sentence in (
        ((CAT, tmp_path / "m.jpg"), 1, "must end in .png (a picture) or .npy (numbers)"),
        ((CAT, tmp_path / "m.png", "--class", "1000"), 1, "classes 0 to 999"),
        ((CAT, tmp_path / "m.png", "--class", "tabbi"), 1, "Did you mean “tabby"),
        ((CAT, tmp_path / "m.png", "--map", "gradcam"), 1, "Did you mean “grad-cam”"),
        ((CAT, tmp_path / "m.png", "--map", "edges", "--class", "3"), 2, "the map “edges” is of no class"),
        ((tmp_path / "gone.png", tmp_path / "m.png"), 1, "gone.png"),
    ):
        result = _run("map", *words)
        assert (result.exit_code, result.stdout) == (code, ""), result.output
        assert sentence in result.stderr
        assert list(tmp_path.iterdir()) == []


def test_a_photo_of_one_pixel_and_one_without_anything(tmp_path: Path) -> None:
    for name, pixels in (("dot", np.full((1, 1, 3), 9)), ("even", np.full((50, 70, 3), 9))):
        cv2.imwrite(str(tmp_path / f"{name}.png"), pixels.astype(np.uint8))
        for method in ("edges", "grad-cam"):
            result = _run(
                "map", tmp_path / f"{name}.png", tmp_path / "m.png", "--map", method, "--classifier", "scenes"
            )
            assert result.exit_code == 0, result.output
            assert cv2.imread(str(tmp_path / "m.png")).shape == pixels.shape
