"""The commands codecs, encode and decode as a user runs them."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from keepsight.app.cli import app
from keepsight.app.engine import photos
from keepsight.app.engine.metrics import psnr
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


def test_an_output_that_cannot_be_written_is_refused_before_the_photo_is_read(tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "cat.jpg"
    sentence = _sentence(_run("encode", "--codec", "jpeg", tmp_path / "no-photo.png", target))
    assert sentence.startswith(f"“{target}” cannot be written")


def test_codecs() -> None:
    text = " ".join(_run("codecs").stdout.split())  # an explanation may take several lines
    for codec in registry.all_codecs().values():
        assert codec.id in text
        for field in codec.options.fields():
            assert f"--set {field.name}={field.default}" in text
            assert field.accepts in text
    for prefilter in registry.all_prefilters().values():
        for field in prefilter.options.fields():
            assert f"--set {prefilter.id}.{field.name}={field.default}" in text


def test_codecs_as_json_can_be_used() -> None:
    described = json.loads(_run("codecs", "--json").stdout)
    codecs = [stage for stage in described if stage["kind"] == "codec"]
    assert [codec["id"] for codec in codecs] == list(registry.all_codecs())
    assert [stage["id"] for stage in described if stage["kind"] == "prefilter"] == list(
        registry.all_prefilters()
    )
    for codec in codecs:
        options = registry.get(codec["id"]).options
        assert options.parse({field["name"]: field["default"] for field in codec["options"]}) == options()
        assert [options.parse(values) for values in codec["ladder"]] == registry.get(codec["id"]).ladder()


def test_codecs_starts_without_the_heavy_libraries() -> None:
    script = (
        "import sys\nsys.argv = ['keepsight', 'codecs']\nfrom keepsight.app.cli import main\n"
        "try:\n    main()\nfinally:\n"
        "    print([m for m in ('torch', 'timm', 'PySide6', 'skimage', 'matplotlib') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("codec", list(registry.all_codecs()))
def test_encode_and_decode(tmp_path: Path, codec: str) -> None:
    coded, decoded = tmp_path / "cat.bin", tmp_path / "cat.png"
    result = _run("encode", "--codec", codec, CAT, coded)
    assert result.exit_code == 0, result.output
    assert f"{coded.stat().st_size:,} bytes" in result.stdout
    assert _run("decode", coded, decoded).exit_code == 0
    original, pixels = photos.load(Path(CAT)).pixels, photos.load(decoded).pixels
    assert pixels.shape == original.shape
    assert psnr(original, pixels) > 25


def test_encode_never_takes_the_place_of_the_photo(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    Image.new("RGB", (8, 8)).save(photo)
    before = photo.read_bytes()
    assert "is the photo itself" in _sentence(_run("encode", "--codec", "jpeg", photo, photo))
    assert photo.read_bytes() == before


def test_encode_refuses_the_name_of_another_format(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    Image.new("RGB", (8, 8)).save(photo)
    assert ".jpg" in _sentence(_run("encode", "--codec", "jpeg", photo, tmp_path / "out.webp"))
    assert not (tmp_path / "out.webp").exists()


def test_a_pipeline_by_text_by_file_and_with_options_of_its_stages(tmp_path: Path) -> None:
    spec = "downscale:factor=2,method=bicubic+roi-background+jpeg"
    (tmp_path / "mine.json").write_text(
        '{"name": "Mine", "stages": [{"id": "downscale", "factor": 2, "method": "bicubic"},'
        ' {"id": "roi-background"}, {"id": "jpeg"}]}'
    )
    files = []
    for codec in (spec, tmp_path / "mine.json"):
        done = _run(
            "encode", "--codec", codec, "--set", "quality=20", "--guide", "none", CAT, tmp_path / "c.ksp"
        )
        assert done.exit_code == 0, done.output
        files.append((tmp_path / "c.ksp").read_bytes())
    assert files[0] == files[1]
    assert _run("decode", tmp_path / "c.ksp", tmp_path / "c.png").exit_code == 0
    assert photos.load(tmp_path / "c.png").pixels.shape == photos.load(Path(CAT)).pixels.shape
    more = ("--set", "downscale.factor=4", "--guide", "scenes")
    assert _run("encode", "--codec", spec, *more, CAT, tmp_path / "small.ksp").exit_code == 0
    assert (tmp_path / "small.ksp").stat().st_size < len(files[0])


def test_pipelines_are_swept_like_codecs(tmp_path: Path) -> None:
    names = "jpeg,downscale:factor=2,method=nearest+jpeg,blur+webp"
    done = _run(
        "sweep", "samples", "--classifier", "scenes", "--guide", "scenes", "--photos", 1, "--codecs", names,
        "--csv", tmp_path / "s.csv",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    with (tmp_path / "s.csv").open() as file:
        found = {row["codec"] for row in csv.DictReader(file)}
    assert found == {"jpeg", "downscale:factor=2,method=nearest+jpeg", "blur+webp"}


def test_options_reach_the_codec(tmp_path: Path) -> None:
    sizes = []
    for quality in (10, 90):
        _run("encode", "--codec", "jpeg", "--set", f"quality={quality}", CAT, tmp_path / "c.jpg")
        sizes.append((tmp_path / "c.jpg").stat().st_size)
    assert sizes[1] > 4 * sizes[0]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--codec", "nope"], 1, "There is no codec “nope”. Codecs: "),
        (["--codec", "jpeg", "--set", "quality=500"], 1, "Option “quality” takes a whole number from "),
        (["--codec", "jpeg", "--set", "colour=1"], 1, "There is no option “colour”. Options here: quality"),
    ],
)
def test_encode_refuses(tmp_path: Path, words: list[str], code: int, sentence: str) -> None:
    assert _sentence(_run("encode", *words, CAT, tmp_path / "out"), code).startswith(sentence)
    assert list(tmp_path.iterdir()) == []


def test_encode_by_a_region_drawn_by_hand(tmp_path: Path) -> None:
    sizes = []
    for inside in (0, 100, 451):
        mask = Image.new("L", (451, 300), 0)
        mask.paste(255, (0, 0, inside, 300))
        mask.save(tmp_path / "mask.png")
        words = ("--codec", "roi-jpeg", "--set", "mode=remove", "--region", tmp_path / "mask.png")
        assert _run("encode", *words, CAT, tmp_path / "cat.jpg").exit_code == 0
        sizes.append((tmp_path / "cat.jpg").stat().st_size)
    assert sizes[0] < sizes[1] < sizes[2]
    Image.new("L", (20, 10)).save(tmp_path / "mask.png")
    result = _run("encode", "--codec", "jpeg", "--region", tmp_path / "mask.png", CAT, tmp_path / "cat.jpg")
    assert "20 × 10 pixels, the photo of 451 × 300. Choose" in _sentence(result)
