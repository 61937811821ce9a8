"""The command maps as a user meets it."""

import re
from pathlib import Path

import numpy as np
from PIL import Image
from typer.testing import CliRunner

from keepsight.app.cli import app


def _run(*words: str):
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "80"}, prog_name="keepsight")


def test_scenes_are_judged_by_their_objects() -> None:
    result = _run("maps", "scenes", "--classifier", "scenes", "--photos", "2", "--maps", "grad-cam,random")
    assert result.exit_code == 0, result.output
    assert "2 of scenes, maps of the predicted class" in result.stdout
    rows = [line.split() for line in result.stdout.splitlines() if re.match("(grad-cam|random) ", line)]
    assert [len(row) for row in rows] == [7, 7]
    assert [row[0] for row in rows] == ["grad-cam", "random"]
    assert float(rows[0][3]) > 0.4 > float(rows[1][3]), "IoU"
    assert "deletion" not in result.stdout


def test_photos_are_judged_by_the_classifier() -> None:
    result = _run("maps", "samples", "--photos", "1", "--maps", "random,grad-cam*2+edges", "--steps", "4")
    assert result.exit_code == 0, result.output
    row = next(line.split() for line in result.stdout.splitlines() if line.startswith("grad-cam*2+edges"))
    assert len(row) == 6
    assert all(0 <= float(row[place]) <= 1 for place in (1, 3))
    assert "IoU" not in result.stdout


def test_photos_that_cannot_be_read_are_left_out_and_said(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no photo")
    for name, grey in (("dark", 40), ("light", 200)):
        pixels = np.full((64, 64, 3), grey, np.uint8)
        pixels[20:40, 20:40, 0] = 90
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    (tmp_path / "labels.csv").write_text(
        "file,class_index\nbad.png,0\nlight.png,1\ndark.png,2\ngone.png,3\n", encoding="utf-8"
    )
    result = _run("maps", str(tmp_path), "--classifier", "scenes", "--maps", "edges,random,edges")
    assert result.exit_code == 1
    assert "“bad.png” is not a photo that Keepsight can read." in result.stderr
    assert "gone.png" in result.stderr
    assert f"2 of {tmp_path.name}, maps of the predicted class" in result.stdout
    assert len(re.findall("^(edges|random) ", result.stdout, re.MULTILINE)) == 2
    for name in ("dark", "light"):
        (tmp_path / f"{name}.png").write_bytes(b"no photo")
    result = _run("maps", str(tmp_path), "--classifier", "scenes", "--maps", "edges")
    assert result.exit_code == 1
    assert "No photo could be measured." in result.stderr
    assert result.stdout == ""


def test_what_is_wrong_is_said_in_a_sentence() -> None:
    result = _run("maps", "samples", "--maps", "gradcam")
    assert result.exit_code == 1
    assert "There is no map “gradcam”. Did you mean “grad-cam”?" in result.stderr
    result = _run("maps", "nowhere")
    assert result.exit_code == 1
    assert "There is no folder or photo “nowhere”" in result.stderr
