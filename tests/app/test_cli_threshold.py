"""The command threshold, as a user meets it."""

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from keepsight.app.cli import app


def run(*words: object) -> Result:
    plain = [str(word) for word in words]
    return CliRunner().invoke(app, ["threshold", *plain], env={"COLUMNS": "200"}, prog_name="keepsight")


def test_a_table_and_a_file(tmp_path: Path) -> None:
    result = run(
        "scenes", "--classifier", "scenes", "--guide", "scenes", "--photos", 2, "--codec", "jpeg:quality=30",
        *("--csv", tmp_path / "o.csv", "--store", tmp_path / "rows.sqlite"),
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("JPEG · quality 30, the background removed before it; ")
    lines = [line.split() for line in result.stdout.splitlines() if line.strip().startswith(("0.", "1."))]
    with (tmp_path / "o.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(lines) == len(rows) == 21
    assert [line[0] for line in lines] == [row["threshold"] for row in rows]
    assert lines[0][2] == "100%"
    assert all(row["photos"] == "2" and row["failed"] == "0" for row in rows)
    assert float(rows[-1]["mean_bytes"]) < float(rows[0]["mean_bytes"])
    assert all(float(r["top1_low"]) <= float(r["top1"]) <= float(r["top1_high"]) for r in rows)
    assert rows[0]["codec"] == "roi-background:mode=remove,threshold=0+jpeg"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("nowhere",), "There is no folder or photo “nowhere”"),
        (("samples", "--codec", "gif"), "There is no codec “gif”."),
        (("samples", "--codec", "roi-jpeg:threshold=3"), "Option “threshold” takes a number from 0 to 1"),
        (("samples", "--csv", "/nowhere/at/all.csv"), "all.csv"),
    ],
)
def test_what_cannot_be_is_a_sentence(words: tuple[str, ...], sentence: str) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert "Traceback" not in result.output
    assert result.stderr.count("\n") == 1
