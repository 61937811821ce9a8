"""Training of classifiers on compressed pictures, as a user meets it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from typer.testing import CliRunner

from keepsight.app.cli import app
from keepsight.models.cards import load_card
from keepsight.models.classifiers import load
from keepsight.models.scenes import SPLITS, label_of, render

SHORT = ("--codec", "jpeg:quality=8", "--batch", 8, "--device", "cpu")


def _run(*words: object):
    return CliRunner().invoke(app, ["train", *map(str, words)], prog_name="keepsight")


def _said(*words: object) -> str:
    result = _run(*words)
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    return result.stderr.strip().splitlines()[-1]


def _photos(folder: Path, names: list[str], size: int = 80) -> Path:
    for number, name in enumerate(names):
        (folder / name).mkdir(parents=True, exist_ok=True)
        pixels = render(SPLITS["tune"][number], size).pixels
        assert cv2.imwrite(str(folder / name / f"{number}.png"), pixels[:, :, ::-1])
    return folder


def test_killed_and_resumed_ends_with_the_same_card(tmp_path: Path) -> None:
    words = ["classifier", "scenes", "--from", "scenes", "--photos", "24", "--epochs", "5", *map(str, SHORT)]
    there, alone = tmp_path / "there", tmp_path / "alone"
    command = [sys.executable, "-c", "from keepsight.app.cli import main; main()", "train", *words]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with subprocess.Popen([*command, "--out", str(there)], env=environment, stderr=subprocess.DEVNULL) as run:
        while run.poll() is None and not (there / "training" / "checkpoint.pt").is_file():
            time.sleep(0.01)
        run.send_signal(signal.SIGKILL)
    assert run.returncode == -signal.SIGKILL
    assert not (there / "classifier.toml").exists()
    for folder in (there, alone):
        subprocess.run([*command, "--out", str(folder)], env=environment, check=True, capture_output=True)
    name = "classifier.safetensors"
    assert (there / name).read_bytes() == (alone / name).read_bytes()
    cards = [(folder / "classifier.toml").read_text(encoding="utf-8") for folder in (there, alone)]
    assert cards[0].replace('"there: ', '"alone: ') == cards[1]
    judge = load(load_card(there / "classifier.toml"), "cpu")
    scenes = SPLITS["tune"][:10]
    right = judge.predict(np.stack([render(seed).pixels for seed in scenes])).argmax(1)
    assert (right == [label_of(seed) for seed in scenes]).mean() > 0.5
    assert "architecture was scenes_net, not" in _said(
        "classifier", _photos(tmp_path / "p", ["a", "a", "a", "b", "b"]), *SHORT, "--out", there,
        "--architecture", _tiny(tmp_path),
    )  # fmt: skip
    result = _run("compare", "scenes", "--classifiers", f"scenes,{there / 'classifier.toml'}", "--codec",
                  "jpeg:quality=8", "--photos", 10)  # fmt: skip
    assert result.exit_code == 0, result.output
    heading, columns, _, trained, *_ = result.stdout.splitlines()
    assert heading == "10 photos, JPEG 8"
    assert " ".join(columns.split()).endswith("gained, points regained p")
    assert trained.startswith("there: Keepsight scenes, JPEG 8 "), "nothing is cut in a pipe"


def test_an_architecture_by_name_is_trained_from_scratch(tmp_path: Path) -> None:
    for number in range(12):
        name = "ab"[number % 2]
        (tmp_path / "photos" / name).mkdir(parents=True, exist_ok=True)
        pixels = np.full((64, 64, 3), 40 + number + 150 * (number % 2), np.uint8)
        assert cv2.imwrite(str(tmp_path / "photos" / name / f"{number}.png"), pixels)
    words = ("--architecture", "timm:test_resnet.r160_in1k", "--part", "weights", "--epochs", 8)
    result = _run("classifier", tmp_path / "photos", *words, *SHORT, "--out", tmp_path / "mine")
    assert result.exit_code == 0, result.output
    card = load_card(tmp_path / "mine" / "classifier.toml")
    assert (card.library, card.architecture) == ("timm", "test_resnet.r160_in1k")
    assert card.class_names == ("a", "b")
    assert load(card, "cpu").predict(np.zeros((1, card.crop, card.crop, 3), np.uint8)).shape == (1, 2)


def test_an_output_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    photos = _photos(tmp_path / "photos", ["a", "b"] * 4)
    for folder in (tmp_path / "file", tmp_path / "file" / "deeper"):
        sentence = _said("classifier", photos, *SHORT, "--out", folder)
        assert sentence.startswith(f"“{folder}” cannot be written")


def _tiny(folder: Path) -> Path:
    """Write the card of a small network, whose weights a training from scratch does not need."""
    path = folder / "tiny.toml"
    path.write_text(
        'name = "Tiny"\nlibrary = "timm"\narchitecture = "test_efficientnet"\nclasses = ["x", "y"]\n'
        "resize = 64\ncrop = 64\nmean = [0.5, 0.5, 0.5]\nstd = [0.5, 0.5, 0.5]\n"
        'license = "Apache-2.0"\nsource = "a test"\n',
        encoding="utf-8",
    )
    return path


def test_from_scratch_on_class_folders_with_odd_photos(tmp_path: Path) -> None:
    folder = _photos(tmp_path / "photos", ["cat", "cat", "cat", "dog", "dog", "dog", "owl"])
    (folder / "dog" / "broken.png").write_bytes(b"no photo")
    out = tmp_path / "out"
    result = _run(
        "classifier", folder, "--architecture", _tiny(tmp_path), *SHORT, "--epochs", 1, "--out", out
    )
    assert result.exit_code == 0, result.output
    assert "“dog/broken.png” is not a photo that Keepsight can read" in result.stderr
    assert "1 of the photos cannot be read" in " ".join(result.stderr.split())
    assert "1 class has one photo alone (owl)" in " ".join(result.stderr.split())
    card = load_card(out / "classifier.toml")
    assert card.class_names == ("cat", "dog", "owl")
    assert load(card, "cpu").predict(np.zeros((1, 64, 64, 3), np.uint8)).shape == (1, 3)


def test_a_new_head_on_trained_weights_and_random_rates(tmp_path: Path) -> None:
    folder = _photos(tmp_path / "photos", ["cat", "cat", "cat", "dog", "dog", "dog"])
    words = ("--from", "scenes", "--codec", "jpeg,png", "--rates", "all", "--part", "late")
    result = _run("classifier", folder, *words, "--epochs", 6, "--device", "cpu", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    card = load_card(tmp_path / "out" / "classifier.toml")
    assert card.class_names == ("cat", "dog")
    before = load(load_card_of("scenes"), "cpu")._network.features[0].weight  # type: ignore[union-attr, index]
    after = load(card, "cpu")._network.features[0].weight  # type: ignore[union-attr, index]
    assert np.allclose(before.detach(), after.detach(), atol=1e-2)


def load_card_of(name: str):
    from keepsight.models.catalog import find_card

    return find_card(name)


def test_teaches_itself_without_labels(tmp_path: Path) -> None:
    folder = _photos(tmp_path, ["", "", "", "", ""])
    words = ("distill", folder, "--classifier", "scenes", *SHORT, "--epochs", 1, "--out", tmp_path / "out")
    result = _run(*words)
    assert result.exit_code == 0, result.output
    assert "of the class of the original" in " ".join(result.stdout.split())
    assert "its own answers" in load_card(tmp_path / "out" / "classifier.toml").source
    assert "epochs was 1, not 2" in _said(*words, "--epochs", 2)
    assert _run(*words, "--epochs", 2, "--no-resume").exit_code == 0


def test_a_training_that_does_not_get_better_says_so_and_offers_nothing_untrained(tmp_path: Path) -> None:
    folder = _photos(tmp_path / "photos", ["cat", "cat", "cat", "dog", "dog", "dog"])
    words = ("classifier", folder, *SHORT, "--epochs", 1, "--rate", 1e3)
    out = tmp_path / "nothing"
    said = _said(*words, "--architecture", _tiny(tmp_path), "--out", out)
    assert said.startswith("The training did not get better than its untrained start")
    assert "so no card is written" in said
    assert not list(out.glob("classifier.*"))
    start = ("distill", folder, "--classifier", "scenes", *SHORT, "--epochs", 1, "--rate", 1e3)
    said = _said(*start, "--out", tmp_path / "kept")
    assert "whose weights the card keeps" in said
    network = load(load_card(tmp_path / "kept" / "classifier.toml"), "cpu")
    blank = np.zeros((1, 224, 224, 3), np.uint8)
    assert np.allclose(network.predict(blank), load(load_card_of("scenes"), "cpu").predict(blank), atol=0.01)


def test_what_is_wrong_is_said_in_a_sentence(tmp_path: Path) -> None:
    folder = _photos(tmp_path / "photos", ["cat", "cat", "dog", "dog"])
    out = ("--out", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    assert "There are no photos in" in _said("distill", tmp_path / "empty", *SHORT, *out)
    assert "needs two classes at least" in _said("classifier", folder / "cat", *SHORT, *out)
    assert "needs three photos at least" in _said("distill", folder / "cat" / "0.png", *SHORT, *out)
    assert "“quality” takes" in _said("distill", folder, "--codec", "jpeg", "--rates", "x", *out)
    assert "There is no codec" in _said("distill", folder, "--codec", "gif", *out)
    dark = _tiny(tmp_path)
    dark.write_text(
        dark.read_text(encoding="utf-8").replace("std = [0.5, 0.5", "std = [0.5, 1e-60"), encoding="utf-8"
    )
    said = _said("classifier", folder, "--architecture", dark, *SHORT, *out)
    assert "The loss is no number at step 1, before the first checkpoint" in said
    (tmp_path / "file").touch()
    assert "cannot be written (File exists)" in _said("distill", folder, *SHORT, "--out", tmp_path / "file")


def test_a_full_disk_is_said_and_leaves_no_half_of_a_file(tmp_path: Path) -> None:
    folder = _photos(tmp_path / "photos", ["cat", "cat", "dog", "dog"])
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, 700_000));"
        "from keepsight.app.cli import main; main()"
    )
    words = ["train", "distill", folder, "--classifier", "scenes", *SHORT, "--out", tmp_path / "out"]
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "cannot be written (File too large)" in " ".join(done.stderr.split())
    assert sorted(path.name for path in (tmp_path / "out" / "training").iterdir()) == [
        "photos.bin",
        "photos.json",
    ]
