"""The commands behind the form of trainings."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from keepsight.app.cli import app
from keepsight.app.engine.stages import spec_of
from keepsight.app.engine.training_plan import EPOCHS, Kind, Plan, card_in
from keepsight.app.engine.types import Setting
from keepsight.codecs import registry


@pytest.mark.parametrize("kind", EPOCHS)
def test_every_command_is_one_that_there_is(kind: Kind, tmp_path: Path) -> None:
    plan = Plan(kind, tmp_path, 2, 100, ("scenes",), "jpeg", "5,10", "scenes", "cpu", resume=False)
    result = CliRunner().invoke(app, [*plan.words(), "--help"])
    assert result.exit_code == 0
    assert f"train {kind.split()[0]} [OPTIONS]" in result.output
    known = result.output.replace("│", " ")
    given = [word for word in plan.words() if word.startswith("--") and word != "--no-resume"]
    assert all(word in known for word in given)


def test_words_of_a_training_from_labels(tmp_path: Path) -> None:
    plan = Plan("classifier", tmp_path / "a b", 3, None, ("my photos", "scenes"), "blur+jpeg:quality=8")
    assert plan.words() == [
        *("train", "classifier", "my photos", "scenes", "--epochs", "3", "--codec", "blur+jpeg:quality=8"),
        *("--from", "imagenet", "--device", "auto", "--out", str(tmp_path / "a b")),
    ]


def test_a_setting_is_named_as_the_command_line_takes_it() -> None:
    jpeg = registry.get("jpeg")
    setting = Setting("jpeg", jpeg.options(quality=8))
    assert spec_of(setting) == "jpeg:quality=8"
    pipeline = registry.get("blur:sigma=1.5+jpeg:quality=8")
    spec = spec_of(Setting(pipeline.id, pipeline.options()))
    assert spec == "blur:sigma=1.5+jpeg:quality=8"


def test_the_card_that_a_training_left_is_found(tmp_path: Path) -> None:
    assert card_in(tmp_path) is None
    (tmp_path / "classifier.toml").touch()
    assert card_in(tmp_path) == tmp_path / "classifier.toml"
