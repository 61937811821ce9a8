"""The window as a picture: what it shows is as asked, and what cannot be is said."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from keepsight.app.cli import app
from keepsight.app.engine.files import InputError
from keepsight.app.engine.stages import default_setting
from keepsight.app.ui import snapshot
from keepsight.codecs import registry


@pytest.fixture
def scene() -> snapshot.Scene:
    return snapshot.Scene((), "side-by-side", None, None, "dark")


def test_what_is_asked_for_reaches_the_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(snapshot, "render", lambda *what: asked.extend(what) or 0)
    words = "--codecs keep,blur+jpeg:quality=8,webp:quality=3 --mode wipe --map edges --tab Log --theme light"
    done = CliRunner().invoke(app, ["snapshot", str(tmp_path / "out.png"), *words.split(), "--scale", "1.5"])
    assert done.exit_code == 0, done.output
    found = asked[-1]
    assert isinstance(found, snapshot.Scene)
    assert (found.mode, found.map, found.tab, found.theme) == ("wipe", "edges", "Log", "light")
    keep, blurred, webp = found.panes
    assert keep == default_setting(registry.get("keep"))
    assert registry.get(blurred.codec).label != "JPEG"
    assert webp.codec == "webp"
    assert webp.options.model_dump()["quality"] == 3
    assert asked[4] == 1.5


def test_too_many_codecs_are_refused(tmp_path: Path, scene: snapshot.Scene) -> None:
    many = snapshot.Scene([default_setting(registry.get("jpeg"))] * 6, *list(vars(scene).values())[1:])
    with pytest.raises(InputError, match="room for 5 codecs"):
        snapshot.render(tmp_path / "out.png", [], "scenes", (800, 600), 1, 0, many)


def run(out: Path, *words: str) -> tuple[int, str]:

    code = "from keepsight.app.cli import main; main()"
    command = [sys.executable, "-c", code, "snapshot", str(out), *words, "--photos", "0"]
    done = subprocess.run(
        [*command, "--classifier", "scenes", "--width", "900", "--height", "600"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_the_picture_is_of_that_theme_and_size(tmp_path: Path) -> None:
    photo = tmp_path / "grey.png"
    Image.new("RGB", (64, 64), "#777777").save(photo)
    out = tmp_path / "out.png"
    asked = [
        "--theme",
        "light",
        "--mode",
        "difference",
        "--map",
        "none",
        "--tab",
        "Log",
        "--scale",
        "1.5",
        "--codecs",
        "jpeg",
    ]
    code, said = run(out, str(photo), *asked)
    assert (code, said) == (0, "")
    with Image.open(out) as picture:
        assert picture.size == (1350, 900)
        pixels = np.asarray(picture.convert("RGB"))
    assert pixels[-1, -1].min() > 200


def test_an_unknown_map_is_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    for text, said in (("edgs", "Did you mean “edges”?"), ("edges*0", "must be a number above zero")):
        done = CliRunner().invoke(app, ["snapshot", str(tmp_path / "out.png"), "--map", text])
        assert done.exit_code == 1
        assert said in done.output
    assert not (tmp_path / "out.png").exists()


def test_an_unknown_tab_is_named(tmp_path: Path) -> None:
    code, said = run(tmp_path / "out.png", "--tab", "nonsense")
    assert code == 1
    assert said.startswith("There is no tab “nonsense”; there are Rate–accuracy, Table, ")
    assert not (tmp_path / "out.png").exists()
