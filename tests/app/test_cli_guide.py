"""The options --guide and --guide-map as a user meets them."""

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from keepsight.app import cli_guide
from keepsight.app.cli import app
from keepsight.app.engine.samples import SAMPLES
from keepsight.models.catalog import find_card
from keepsight.models.types import MAPS_VERSION

CAT = next(sample.path for sample in SAMPLES if sample.name == "cat")


def _run(*words: Any):
    return CliRunner().invoke(app, [str(word) for word in words], prog_name="keepsight")


@pytest.fixture
def no_classifier(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where a classifier is loaded."""

    def load(*_: object) -> None:
        raise AssertionError("a classifier is loaded")

    monkeypatch.setattr(cli_guide, "load_judge", load)


def _encode(target: Path, *words: str) -> bytes:
    result = _run("encode", CAT, target, "--codec", "roi-background:mode=remove+jpeg", *words)
    assert result.exit_code == 0, result.output
    return target.read_bytes()


def test_encode_by_classifiers_and_their_maps(tmp_path: Path) -> None:
    target = tmp_path / "c.ksp"
    ways = [("scenes",), ("scenes", "--guide-map", "smooth-grad"), ("scenes, imagenet",), ("none",)]
    assert len({_encode(target, "--guide", *words) for words in ways}) == len(ways)


@pytest.mark.usefixtures("no_classifier")
def test_a_map_of_the_image_needs_no_classifier(tmp_path: Path) -> None:
    target = tmp_path / "c.ksp"
    found = [_encode(target, "--guide-map", name) for name in ("edges", "random", "edges+random*2")]
    assert len(set(found)) == 3
    assert found[0] == _encode(target, "--guide", "none", "--guide-map", "edges")
    assert np.ptp([len(data) for data in found]) > 0


@pytest.mark.usefixtures("no_classifier")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--guide-map", "edge"), "There is no map “edge”. Did you mean “edges”?"),
        (("--guide", "none", "--guide-map", "layer-cam"), "The map “layer-cam” needs a classifier"),
        (("--guide", "imagenet,scene"), "There is no classifier “scene”. Did you mean “scenes”?"),
    ],
)
def test_who_cannot_guide_is_said_in_a_sentence(tmp_path: Path, words: Any, sentence: str) -> None:
    result = _run("encode", CAT, tmp_path / "c.ksp", "--codec", "roi-background+jpeg", *words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert sentence in result.stderr
    assert not (tmp_path / "c.ksp").exists()


def test_a_guide_without_a_name_is_refused(tmp_path: Path) -> None:
    result = _run("encode", CAT, tmp_path / "c.ksp", "--codec", "roi-background+jpeg", "--guide", " ")
    assert result.exit_code == 2
    assert "name one or more, or leave the option out" in result.stderr


def test_sweep_keeps_who_guided_with_each_row(tmp_path: Path) -> None:
    store = tmp_path / "s.sqlite"
    names = []
    for words in (("--guide", "scenes"), ("--guide", "scenes,imagenet", "--guide-map", "layer-cam")):
        result = _run(
            *("sweep", "samples", "--classifier", "scenes", "--codecs", "roi-background+jpeg"),
            *("--photos", 1, "--store", store, *words),
        )
        assert result.exit_code == 0, result.output
        names.append(result.stdout.splitlines()[0])
    scenes, imagenet = (find_card(name) for name in ("scenes", "imagenet"))
    assert names[0].endswith(f", guided by {scenes.name}")
    assert names[1].endswith(f", guided by {scenes.name} and {imagenet.name}, map layer-cam")
    with sqlite3.connect(store) as connection:
        kept = {row[0] for row in connection.execute("SELECT DISTINCT guide FROM setting")}
    both = " ".join(sorted((scenes.fingerprint, imagenet.fingerprint)))
    version = f"v{MAPS_VERSION}"
    assert kept == {"", f"{scenes.fingerprint} {version}", f"{both} layer-cam {version}"}
