"""keepsight bench keep, run as a user runs it."""

import pytest
from typer.testing import CliRunner

from keepsight.app.cli import app
from keepsight.app.engine import keep_bench

RUNNER = CliRunner()


def test_it_prints_who_saves_what(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keep_bench, "_QUALITIES", dict.fromkeys(("avif", "restore+avif", "jpeg"), (10, 60)))
    monkeypatch.setattr(keep_bench, "_MODERN", ("avif",))
    monkeypatch.setattr(keep_bench, "_LAMBDAS", {"guide": (200, 5000), "any": (2000, 20_000)})
    ran = RUNNER.invoke(app, ["bench", "keep", "scenes", "--classifiers", "scenes", "--photos", "2"])
    assert ran.exit_code == 0, ran.output
    assert "2 photos of scenes, protocol crop" in ran.output
    assert "The classifier that guides reads" in ran.output
    assert "fewer than 8" in ran.output
    assert "Mean bytes at a loss of top-1" in ran.output
    assert "restore+avif" in ran.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["samples"], "These photos have no labels"),
        (["scenes", "--protocol", "whole"], "whole"),
        (["scenes", "--plot", "figure.txt"], "must end in"),
        (["nowhere"], "There is no"),
        (["scenes", "--classifiers", "nope"], "nope"),
    ],
)
def test_bad_input_is_told(arguments: list[str], says: str) -> None:
    ran = RUNNER.invoke(app, ["bench", "keep", *arguments])
    assert ran.exit_code != 0
    assert says in " ".join((ran.output + str(ran.exception or "")).split())
