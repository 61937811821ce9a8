"""The command line with a codec that a card declares."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from keepsight.app.cli import app
from keepsight.app.engine.samples import SAMPLES
from keepsight.codecs import registry

CAT = str(next(sample.path for sample in SAMPLES if sample.name == "cat"))
COPY = """
id = "copy"
label = "Copy of pixels"
colour = "#123456"
suffix = ".copy"
image = "ppm"
encode = ["cp", "{input}", "{output}"]
decode = ["cp", "{input}", "{output}"]
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("KEEPSIGHT_HOME", str(tmp_path / "home"))
    registry.refresh()
    yield tmp_path / "home"
    monkeypatch.undo()
    registry.refresh()


def _run(*words: object) -> Result:
    plain = [str(word) for word in words]
    return CliRunner().invoke(app, plain, env={"COLUMNS": "200"}, prog_name="keepsight")


def test_a_card_is_added_used_and_removed(home: Path, tmp_path: Path) -> None:
    card, coded, back = tmp_path / "mine.toml", tmp_path / "cat.copy", tmp_path / "back.png"
    card.write_text(COPY)
    added = _run("codecs", "--add", card)
    assert (added.exit_code, added.stdout) == (0, "Added “copy”. It runs “cp” and “cp”.\n")
    assert "copy" in {codec["id"] for codec in json.loads(_run("codecs", "--json").stdout)}
    encoded = _run("encode", "--codec", "copy", CAT, coded)
    assert encoded.exit_code == 0, encoded.output
    assert "Copy of pixels" in encoded.stdout
    refused = _run("decode", coded, back)
    assert refused.exit_code == 1
    assert "not written by any codec" in refused.stderr
    decoded = _run("decode", "--codec", "copy", coded, back)
    assert decoded.exit_code == 0, decoded.output
    assert decoded.stdout.startswith(f"Copy of pixels, {coded.stat().st_size:,} bytes")
    removed = _run("codecs", "--remove", "copy")
    assert removed.stdout == f"Removed “{home / 'codecs' / 'copy.toml'}”.\n"
    again = _run("codecs", "--remove", "copy")
    assert (again.exit_code, again.stderr.count("\n")) == (1, 1)
    assert "There are no cards there." in again.stderr


def test_a_broken_card_is_refused_and_one_that_is_there_is_named(home: Path, tmp_path: Path) -> None:
    card = tmp_path / "broken.toml"
    card.write_text(COPY.replace(".copy", "copy"))
    refused = _run("codecs", "--add", card)
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"The card “{card}” has a field “suffix” that is not usable. It takes ")
    assert not home.exists()
    (home / "codecs").mkdir(parents=True)
    card.rename(home / "codecs" / "broken.toml")
    registry.refresh()
    for words in (["codecs"], ["codecs", "--json"]):
        listed = _run(*words)
        assert listed.exit_code == 0
        assert listed.stderr.count("\n") == 1
        assert "broken.toml” has a field “suffix”" in listed.stderr
        assert "jpeg" in listed.stdout
