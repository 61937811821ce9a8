"""The command line as a user meets it: results, sentences, exit codes."""

import csv
import json
import os
import signal
import sqlite3
import struct
import subprocess
import sys
import time
import tomllib
import zlib
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from keepsight import resources
from keepsight.app.cli import app
from keepsight.app.engine.samples import SAMPLES
from keepsight.codecs import registry

CAT = str(next(sample.path for sample in SAMPLES if sample.name == "cat"))


def _run(*words: object) -> Result:
    plain = [str(word) for word in words]
    return CliRunner().invoke(app, plain, env={"COLUMNS": "200"}, prog_name="keepsight")


def _sentence(result: Result, code: int = 1) -> str:
    """Return what stands on stderr once it is known to be one plain sentence, not a traceback."""
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    assert result.stderr.count("\n") == 1
    return result.stderr.strip()


def _program(*words: object, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the program as a process of its own."""
    call = [sys.executable, "-W", "error", "-c", "from keepsight.app.cli import main; main()"]
    return subprocess.run(
        [*call, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], **environment},
    )


def test_help_names_every_command() -> None:
    text = _run("--help").stdout
    for command in ("codecs", "encode", "decode", "classify", "sweep", "snapshot", "train"):
        assert f" {command} " in text
    assert "PHOTO|FOLDER" in text
    assert _run("--version").stdout.strip()[0].isdigit()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["encode", CAT, "out"], "“--codec” is missing. “keepsight encode --help”"),
        (
            ["encode", "--codec", "jpeg", "--set", "quality", CAT, "out"],
            "“--set” does not take this: “quality” is not NAME=VALUE, as in quality=50. ",
        ),
        (["encode", "--codec", "jpeg", CAT, "a", "b"], "“b” is too much. "),
        (["sweep"], "“DATA” is missing. "),
        (
            ["sweep", "samples", "--protocol", "other"],
            "“--protocol” does not take this: “other” is not one of “crop”, “file”. “keepsight sweep --help”",
        ),
        (["sweep", "samples", "--photos", "0"], "“--photos” does not take this: "),
        (["sweep", "samples", "--seed", "many"], "“--seed” does not take this: "),
        (["sweep", "samples", "--codecs", ""], "“--codecs” does not take this: name one or more, or "),
        (["sweep", "samples", "--codecs", " , "], "“--codecs” does not take this: name one or more, or "),
        (["sweep", "samples", "--csv"], "The option “--csv” needs a value. "),
        (["classify", "--nonsense", CAT], "There is no option “--nonsense”. "),
        (["snapshot"], "“OUT.png” is missing. "),
        (["train"], "A command is missing. “keepsight train --help”"),
        (["train", "dogs"], "There is no command “dogs”. “keepsight train --help”"),
        (["--nonsense"], "There is no option “--nonsense”. “keepsight --help”"),
    ],
)
def test_wrong_use(words: list[str], sentence: str) -> None:
    said = _sentence(_run(*words), 2)
    assert said.startswith(sentence)
    assert said.endswith(" --help” shows how it is used.")
    assert "'" not in said
    assert "Input" not in said


def test_unwritable_outputs(tmp_path: Path) -> None:
    for words in (
        ("encode", "--codec", "jpeg", CAT, tmp_path / "none" / "out.jpg"),
        ("decode", CAT, tmp_path / "none" / "out.png"),
        ("sweep", "samples", "--csv", tmp_path / "none" / "out.csv"),
        ("sweep", "samples", "--plot", tmp_path / "none" / "out.svg"),
        ("sweep", "samples", "--store", tmp_path / "none" / "out.sqlite"),
        ("snapshot", tmp_path / "none" / "out.png"),
    ):
        assert _sentence(_run(*words)).endswith("Choose a folder that you may write to.")
    assert "must end in .svg, .pdf, .png" in _sentence(
        _run("sweep", "samples", "--plot", tmp_path / "out.xyz")
    )
    assert _sentence(_run("decode", CAT, tmp_path / "out.jpg")).endswith("must end in .png.")


def _huge(path: Path) -> None:
    header = b"IHDR" + struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    body = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + body + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    )


def _truncated(path: Path) -> None:
    path.write_bytes(Path(CAT).read_bytes()[:10_000])


BAD_PHOTOS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "absent": (lambda path: None, "There is no file “{}”. Check the name."),
    "empty": (lambda path: path.touch(), "“{name}” is empty. Copy it again from where it came."),
    "truncated": (_truncated, "“{name}” is damaged or cut off. Copy it again from where it came."),
    "huge": (_huge, "“{name}” has more than 100 megapixels. Scale it down and open that copy."),
    "text": (lambda path: path.write_text("dear diary"), "“{name}” is not a photo that Keepsight can read."),
    "folder": (lambda path: path.mkdir(), "“{}” is a folder. Name a file in it."),
}


@pytest.mark.parametrize("kind", BAD_PHOTOS)
def test_bad_photos(tmp_path: Path, kind: str) -> None:
    make, sentence = BAD_PHOTOS[kind]
    path = tmp_path / "photo.png"
    make(path)
    said = _sentence(_run("encode", "--codec", "jpeg", path, tmp_path / "out.jpg"))
    assert said.startswith(sentence.format(path, name=path.name))


@pytest.mark.parametrize(
    ("name", "make", "sentence"),
    [
        ("x.bin", lambda path: path.write_bytes(b"nothing of ours"), "was not written by any codec"),
        ("empty.jpg", lambda path: path.touch(), "was not written by any codec"),
        ("cut.png", _truncated, "PNG file is "),
        ("huge.png", _huge, "megapixels"),
    ],
)
def test_decode_refuses(tmp_path: Path, name: str, make: Callable[[Path], Any], sentence: str) -> None:
    make(tmp_path / name)
    said = _sentence(_run("decode", tmp_path / name, tmp_path / "x.png"))
    assert sentence in said
    assert said.endswith(f" Copy “{tmp_path / name}” again from where it came, or encode the photo anew.")
    assert not (tmp_path / "x.png").exists()


def test_classify() -> None:
    result = _run("classify", CAT, SAMPLES[1].path)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("chelsea.png: ")
    assert lines[1].startswith("coffee.png: espresso ")


def test_classify_goes_on_after_a_bad_photo_and_keeps_its_json_pure(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no photo")
    result = _run(
        "classify", tmp_path / "bad.png", tmp_path / "none.png", SAMPLES[1].path, "--json", "--top", 2
    )
    assert result.exit_code == 1
    (found,) = json.loads(result.stdout)
    assert found["photo"] == "coffee.png"
    assert found["top"][0]["class"] == "espresso"
    assert len(found["top"]) == 2
    assert result.stderr.splitlines() == [
        f"There is no folder or photo “{tmp_path / 'none.png'}”. Check the name.",
        "“bad.png” is not a photo that Keepsight can read. Use JPEG, PNG, WebP, AVIF, TIFF or JPEG XL.",
    ]


def test_unknown_classifier() -> None:
    for command in ("classify", "sweep"):
        assert _sentence(_run(command, CAT, "--classifier", "imagnet")).startswith(
            "There is no classifier “imagnet”"
        )
    assert "There is no card file" in _sentence(_run("classify", CAT, "--classifier", "none.toml"))


def _labelled_folder(folder: Path) -> None:
    for name, sample in (("missile", SAMPLES[0]), ("espresso", SAMPLES[1]), ("espresso", SAMPLES[2])):
        (folder / name).mkdir(parents=True, exist_ok=True)
        Image.open(sample.path).save(folder / name / f"{sample.name}.png")


def test_sweep(tmp_path: Path) -> None:
    _labelled_folder(tmp_path / "data")
    words = ["sweep", tmp_path / "data", "--codecs", "jpeg,webp"]
    words += ["--store", tmp_path / "s.sqlite", "--csv", tmp_path / "o.csv", "--plot", tmp_path / "o.svg"]
    result = _run(*words)
    assert result.exit_code == 0, result.output
    assert "protocol crop" in result.stdout
    assert "3 photos of" in result.stdout
    assert "Uncompressed: top-1 0." in result.stdout
    assert result.stdout.index("bytes") < result.stdout.index("bpp") < result.stdout.index("top-1")
    with (tmp_path / "o.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    ladders = [(c, options.to_json()) for c in ("jpeg", "webp") for options in registry.get(c).ladder()]
    assert sorted((row["codec"], row["options"]) for row in rows) == sorted(ladders)
    assert {row["photos"] for row in rows} == {"3"}
    assert all(float(row["top1_low"]) <= float(row["top1"]) <= float(row["top1_high"]) for row in rows)
    assert (tmp_path / "o.svg").stat().st_size > 1000
    again = _run(*words)
    assert again.exit_code == 0
    with (tmp_path / "o.csv").open(newline="") as file:
        assert list(csv.DictReader(file)) == rows  # times too: nothing was measured again


def test_sweep_without_labels_and_with_bad_photos(tmp_path: Path) -> None:
    for sample in SAMPLES[:2]:
        Image.open(sample.path).save(tmp_path / f"{sample.name}.png")
    (tmp_path / "bad.png").write_bytes(b"no photo")
    result = _run("sweep", tmp_path, "--codecs", "jpeg", "--csv", tmp_path / "o.csv")
    assert result.exit_code == 1
    assert "“bad.png” is not a photo that Keepsight can read." in result.stderr
    assert "agreement" in result.stdout
    assert "top-1" not in result.stdout
    with (tmp_path / "o.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["photos"], row["top1"]) for row in rows} == {("2", "")}


def test_sweep_of_some_photos(tmp_path: Path) -> None:
    result = _run(
        "sweep", "samples", "--codecs", "png", "--photos", 2, "--seed", 5, "--csv", tmp_path / "o.csv"
    )
    assert result.exit_code == 0, result.output
    assert "2 photos of samples" in result.stdout
    assert "1.000 0.342–1.000" in result.stdout  # lossless: both agree


def test_sweep_says_which_rows_are_left_out(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(tmp_path / "a.png")
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(tmp_path / "b.png")
    (tmp_path / "l.csv").write_text("file,class_name\na.png,goldfish\nb.png,unicorn\nc.png,goldfish\n")
    result = _run("sweep", tmp_path, "--codecs", "png", "--labels", tmp_path / "l.csv")
    assert result.exit_code == 1
    assert "left out, named in the labels file but not there: c.png." in result.stderr
    assert "does not know: b.png." in result.stderr
    assert "1 photo of" in result.stdout


def test_sweep_refuses(tmp_path: Path) -> None:
    assert _sentence(_run("sweep", tmp_path)).startswith(f"There are no photos in “{tmp_path}”.")
    assert _sentence(_run("sweep", tmp_path / "no")).startswith("There is no folder or photo")
    assert _sentence(_run("sweep", "samples", "--codecs", "jpeg,gif")).startswith("There is no codec “gif”.")
    twice = ("--csv", tmp_path / "o.svg", "--plot", tmp_path / "o.svg")
    assert _sentence(_run("sweep", "samples", *twice)).startswith("Two outputs have the same name.")
    (tmp_path / "s.sqlite").write_bytes(b"no database at all" * 99)
    # The store is looked at first: before any classifier is found.
    said = _sentence(_run("sweep", "samples", "--store", tmp_path / "s.sqlite", "--classifier", "none"))
    assert said.endswith("is not a store of Keepsight. Choose another file name.")


@pytest.mark.skipif(os.name != "posix", reason="sends Ctrl-C as a signal")
def test_stopping_a_sweep_keeps_what_there_is(tmp_path: Path) -> None:
    store = tmp_path / "s.sqlite"
    call = [sys.executable, "-c", "from keepsight.app.cli import main; main()"]
    call += ["sweep", "scenes", "--codecs", "jpeg", "--store", str(store)]
    with subprocess.Popen(
        call,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        while not (store.exists() and _rows(store) >= 2 * 11) and process.poll() is None:
            time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 130
    assert stderr.startswith("Stopped after ")
    assert stderr.endswith("figures are those so far; they are kept, and the same command goes on.\n")
    assert "photos of scenes" in stdout
    assert _rows(store) >= 2 * 11


def _rows(store: Path) -> int:
    connection = sqlite3.connect(store, timeout=30)
    try:
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return int(connection.execute("SELECT count(*) FROM measurement").fetchone()[0]) if tables else 0
    finally:
        connection.close()


def test_nothing_could_be_measured(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no photo")
    result = _run("sweep", tmp_path, "--codecs", "png")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == "No photo could be measured."


def test_train_scenes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from keepsight.models import scenes_training as training

    few = partial(training.ScenesSettings, test_scenes=10)  # a thousand would take most of a minute
    monkeypatch.setattr(training, "ScenesSettings", few)
    words = ["train", "scenes", "--out", tmp_path / "out", "--scenes", 64, "--epochs", 1]
    result = _run(*words)
    assert result.exit_code == 0, result.output
    assert "on 10 unseen scenes" in result.stdout
    assert (tmp_path / "out" / "scenes.toml").is_file()
    assert _run("classify", CAT, "--classifier", tmp_path / "out" / "scenes.toml").exit_code == 0
    assert "was begun with other settings" in _sentence(_run(*words, "--seed", 5))
    (tmp_path / "file").touch()
    said = _sentence(_run("train", "scenes", "--out", tmp_path / "file"))
    assert said.endswith("Choose a folder that you may write to.")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_no_display() -> None:
    done = _program()
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.strip() == (
        "There is no display for the window. Use “keepsight snapshot OUT.png” to render it to a picture."
    )


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_display_that_nobody_serves(name: str) -> None:
    done = _program(**{name: ":77"})
    assert done.returncode == 2
    assert done.stderr.strip() == (
        "The display “:77” for the window cannot be reached. "
        "Use “keepsight snapshot OUT.png” to render it to a picture."
    )


def test_snapshot_of_unreadable_photos(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no photo")
    said = _sentence(_run("snapshot", tmp_path / "out.png", tmp_path / "bad.png"))
    assert said.startswith("“bad.png” is not a photo that Keepsight can read. ")
    assert _sentence(_run("snapshot", tmp_path / "out.png", tmp_path / "none")).startswith("There is no")
    assert not (tmp_path / "out.png").exists()


def test_neither_photo_nor_command() -> None:
    done = _program("swep", "samples", QT_QPA_PLATFORM="offscreen")
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "There is no file, folder or command “swep”. “keepsight --help” lists the commands."
    )


def test_process_prints_json_alone() -> None:
    done = _program("codecs", "--json")
    assert done.returncode == 0
    assert done.stderr == ""
    assert json.loads(done.stdout)


def test_process_reports_a_user_error_without_a_traceback(tmp_path: Path) -> None:
    done = _program("encode", "--codec", "jpeg", tmp_path / "none.png", tmp_path / "out.jpg")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"There is no file “{tmp_path / 'none.png'}”. Check the name.\n"


def test_train_jpeg_tables(tmp_path: Path) -> None:
    file = tmp_path / "sensitivity.toml"
    result = _run("train", "jpeg-tables", "samples", "--photos", 2, "--out", file)
    assert result.exit_code == 0, result.output
    shipped_file = files(resources) / "jpeg_sensitivity.toml"
    found, shipped = (tomllib.loads(path.read_text(encoding="utf-8")) for path in (file, shipped_file))
    assert found.keys() == shipped.keys() == {"luma", "blue", "red"}
    for name in found:
        assert len(found[name]) == len(shipped[name]) == 64
        assert min(found[name]) > 0
        # Even two photos show the same shape: what is shipped comes from this command.
        assert np.corrcoef(np.log(found[name]), np.log(shipped[name]))[0, 1] > 0.7
