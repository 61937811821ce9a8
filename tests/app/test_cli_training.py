"""Progress of a training as lines of JSON, and its orderly end where nobody listens any more."""

import json
import subprocess
import sys
from pathlib import Path

import cv2

from keepsight.models.cards import load_card
from keepsight.models.scenes import SPLITS, render

COMMAND = [sys.executable, "-c", "from keepsight.app.cli import main; main()", "train", "--json-lines"]


def _photos(folder: Path) -> Path:
    for number, seed in enumerate(SPLITS["tune"][:6]):
        assert cv2.imwrite(str(folder / f"{number}.png"), render(seed, 64).pixels[:, :, ::-1])
    return folder


def test_it_stops_where_its_input_ends_and_goes_on_the_next_time(tmp_path: Path) -> None:
    words = ["distill", str(_photos(tmp_path)), "--classifier", "scenes", "--codec", "jpeg:quality=8"]
    words += ["--device", "cpu", "--epochs", "8", "--batch", "2", "--out", str(tmp_path / "out")]
    pipe = subprocess.PIPE
    with subprocess.Popen([*COMMAND, *words], stdin=pipe, stdout=pipe, stderr=pipe, text=True) as run:
        assert run.stdout is not None
        assert run.stdin is not None
        assert run.stderr is not None
        told = json.loads(run.stdout.readline())
        while told["stage"] != "train":
            told = json.loads(run.stdout.readline())
        assert told["loss"] > 0
        assert set(told) == {
            *("stage", "step", "total", "loss", "accuracy", "held_out_loss", "held_out_accuracy")
        }
        run.stdin.close()
        run.stdout.read()
        said = run.stderr.read()
    assert run.returncode == 130, said
    assert said.strip().endswith("The same command goes on.")
    done = int(said.split(" after ")[1].split()[0])
    with subprocess.Popen([*COMMAND, *words], stdin=pipe, stdout=pipe, stderr=pipe, text=True) as run:
        assert run.stdout is not None
        lines = run.stdout.read().splitlines()
    assert run.returncode == 0
    told = [json.loads(line) for line in lines if line.startswith("{")]
    steps = [one["step"] for one in told if one.get("stage") == "train"]
    assert steps == list(range(done + 1, steps[-1] + 1))  # where nothing is gained, it ends before the 24th
    assert load_card(Path(told[-1]["card"])).name.startswith("out: Keepsight scenes, JPEG")


def test_it_stops_before_its_first_step_too(tmp_path: Path) -> None:
    words = ["scenes", "--scenes", "4000", "--out", str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen([*COMMAND, *words], stdin=pipe, stdout=pipe, stderr=pipe, text=True) as run:
        assert run.stdout is not None
        assert run.stdin is not None
        assert run.stderr is not None
        assert json.loads(run.stdout.readline())["stage"] == "render"
        run.stdin.close()
        lines = run.stdout.read().splitlines()
        said = run.stderr.read()
    assert run.returncode == 130, said
    assert "stopped before its first step" in said
    assert len(lines) < 100
