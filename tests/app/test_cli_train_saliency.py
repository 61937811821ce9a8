"""The command train saliency as a user meets it."""

from pathlib import Path

import cv2
import pytest
from typer.testing import CliRunner

from keepsight.app.cli import app
from keepsight.models.scenes import SPLITS, render


def _run(*words: object):
    return CliRunner().invoke(app, ["train", "saliency", *map(str, words)], prog_name="keepsight")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed in SPLITS["tune"][:4]:
        assert cv2.imwrite(str(folder / f"{seed}.png"), render(seed, 80).pixels[:, :, ::-1])
    return folder


def _few(photos: Path, out: Path, *more: object) -> tuple[object, ...]:
    return (photos, "--classifiers", "scenes", "--cuts", 2, "--epochs", 1, "--out", out, *more)


def test_trains_and_resumes(photos: Path, tmp_path: Path) -> None:
    (photos / "broken.png").write_bytes(b"no photo")
    out = tmp_path / "out"
    result = _run(*_few(photos, out))
    assert result.exit_code == 0, result.output
    assert "“broken.png” is not a photo that Keepsight can read" in result.stderr
    assert "It is left out." in result.stderr
    assert "4 photos" in result.stdout
    weights = (out / "saliency.safetensors").read_bytes()
    assert 'teachers_map = "grad-cam+layer-cam"' in (out / "saliency.toml").read_text(encoding="utf-8")
    again = _run(*_few(photos, out))
    assert again.exit_code == 0, again.output
    assert (out / "saliency.safetensors").read_bytes() == weights
    refused = _run(*_few(photos, out, "--seed", 3))
    assert refused.exit_code == 1
    assert "was begun with other settings" in refused.stderr
    assert _run(*_few(photos, out, "--seed", 3, "--no-resume")).exit_code == 0
    assert (out / "saliency.safetensors").read_bytes() != weights


def test_a_labels_file_names_the_photos(photos: Path, tmp_path: Path) -> None:
    labels = tmp_path / "some.csv"
    names = sorted(path.name for path in photos.iterdir())[:2]
    labels.write_text("file,class_index\n" + "".join(f"{name},0\n" for name in names), encoding="utf-8")
    result = _run("samples", *_few(photos, tmp_path / "out", "--labels", labels))
    assert result.exit_code == 0, result.output
    from keepsight.app.engine.samples import SAMPLES

    assert f"{len(SAMPLES) + 2} photos" in result.stdout


def test_what_is_wrong_is_said_in_a_sentence(photos: Path, tmp_path: Path) -> None:
    def said(*words: object) -> str:
        result = _run(*words)
        assert result.exit_code == 1
        assert "Traceback" not in result.output
        return result.stderr.strip().splitlines()[-1]

    (tmp_path / "empty").mkdir()
    assert "There are no photos in" in said(*_few(tmp_path / "empty", tmp_path / "out"))
    assert "There is no folder or photo" in said(*_few(tmp_path / "nowhere", tmp_path / "out"))
    (tmp_path / "file").touch()
    assert said(*_few(photos, tmp_path / "file")).endswith("Choose a folder that you may write to.")
    assert "There is no map “gradcam”" in said(*_few(photos, tmp_path / "out", "--map", "gradcam"))
    assert "There is no classifier “cats”" in said(photos, "--classifiers", "cats")
    first = sorted(photos.iterdir())[0]
    assert "needs two photos at least" in said(*_few(first, tmp_path / "out"))
