"""Commands that are copied are taken by the program's own command line."""

import shlex
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image
from typer.testing import CliRunner

from keepsight.app.cli import app
from keepsight.app.cli_measure import listed
from keepsight.app.engine import photos
from keepsight.app.engine.commands import (
    WindowLook,
    encode_command,
    file_of,
    limit_command,
    snapshot_command,
    sweep_command,
)
from keepsight.app.engine.data import Item, open_data
from keepsight.app.engine.limits import Goal
from keepsight.app.engine.naming import file_stem
from keepsight.app.engine.stages import default_setting, setting_of, stages_of
from keepsight.app.engine.trials import encode_decode
from keepsight.app.engine.types import Setting
from keepsight.codecs import registry


def setting(codec_id: str, **values: object) -> Setting:
    return Setting(codec_id, registry.get(codec_id).options(**values))


def item(path: Path) -> Item:
    return Item(path.name, partial(photos.load, path), path=path)


def test_the_command_of_a_pane_writes_the_same_file(tmp_path, monkeypatch) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (24, 32, 3), np.uint8)
    path = tmp_path / "my dog's walk.png"
    Image.fromarray(pixels).save(path)
    shown = setting("jpeg", quality=7, chroma="4:4:4", progressive=True)
    monkeypatch.chdir(tmp_path)
    program, *words = shlex.split(encode_command(item(path), shown, "imagenet"))
    assert program == "keepsight"
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "my_dog_s_walk.jpg").read_bytes() == encode_decode(pixels, shown).data


def test_a_pipeline_is_named_with_its_stages(tmp_path) -> None:
    command = encode_command(item(tmp_path / "a.png"), setting("blur:sigma=2+jpeg", quality=20), None)
    assert "--codec blur:sigma=2+jpeg" in command
    assert "--set quality=20" in command


def test_who_guides_is_named_where_the_codec_asks(tmp_path) -> None:
    photo, guided = item(tmp_path / "a.png"), setting("roi-jpeg")
    assert "--guide scenes" in encode_command(photo, guided, "scenes")
    assert "--guide none" in encode_command(photo, guided, None)
    by_hand = encode_command(photo, guided, "scenes", tmp_path / "a.roi.png")
    assert "--region" in by_hand
    assert "--guide" not in by_hand
    assert "--guide" not in encode_command(photo, setting("jpeg"), "scenes")


def test_a_sample_has_a_file_and_a_scene_has_none() -> None:
    sample = file_of(replace(open_data("samples").items[0], source="samples"))
    assert sample is not None
    assert sample.is_file()
    assert file_of(open_data("scenes").items[0]) is None


def test_sweep_and_limit(tmp_path) -> None:
    sweep = shlex.split(sweep_command(tmp_path / "a b", ["jpeg", "avif", "jpeg"], "scenes", "crop", None))
    assert sweep[:5] == ["keepsight", "sweep", str(tmp_path / "a b"), "--codecs", "jpeg,avif"]
    assert "--photos" not in sweep
    photo = item(tmp_path / "a.png")
    limit = limit_command(photo, [setting("jpeg")], Goal("probability", 0.5), "scenes")
    assert "--codecs jpeg" in limit
    assert "--probability 0.5" in limit


def test_a_pane_of_defaults_is_not_the_rate_that_a_new_pane_begins_with(tmp_path) -> None:
    look = WindowLook(1440, 900, 1.5, "side by side", "grad-cam*2+edges", "Log", "light", curves=False)
    panes = [setting("jpeg"), setting("blur:sigma=2+jpeg"), setting("png"), setting("avif", quality=7)]
    words = shlex.split(snapshot_command(item(tmp_path / "a b.png"), panes, "scenes", look))
    assert words[:4] == ["keepsight", "snapshot", "window.png", str(tmp_path / "a b.png")]
    options = dict(zip(words[4::2], words[5::2], strict=True))
    assert options["--codecs"] == "jpeg:quality=75,blur:sigma=2+jpeg,png,avif:quality=7"
    specs = listed(options["--codecs"], "--codecs")
    assert [setting_of(stages_of(default_setting(registry.get(spec)))) for spec in specs] == panes
    others = {"--mode": "side-by-side", "--map": "grad-cam*2+edges", "--scale": "1.5", "--photos": "0"}
    assert others.items() <= options.items()
    measured = snapshot_command(item(tmp_path / "a.png"), [], "scenes", replace(look, curves=True))
    assert "--photos" not in measured
    assert "--codecs" not in measured


def test_names_of_files() -> None:
    assert file_stem("holiday/cat.final.jpeg") == "cat.final"
    assert file_stem("scene 12") == "scene_12"
    assert file_stem("blur:sigma=1.5+jpeg") == "blur_sigma_1.5_jpeg"
    assert file_stem("../..") == "photo"
