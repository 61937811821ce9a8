"""The commands that read a store, as a user meets them."""

import csv
from pathlib import Path

import pytest
from pyarrow import parquet
from typer.testing import CliRunner, Result

from keepsight.app.cli import app
from keepsight.models.catalog import find_card


def _run(*words: object) -> Result:
    plain = [str(word) for word in words]
    return CliRunner().invoke(app, plain, env={"COLUMNS": "200"}, prog_name="keepsight")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "rows.sqlite"
    swept = _run(
        *("sweep", "scenes", "--classifier", "scenes", "--codecs", "jpeg"),
        *("--photos", 2, "--store", path, "--device", "cpu"),
    )
    assert swept.exit_code == 0, swept.output
    return path


def test_export(store: Path, tmp_path: Path) -> None:
    done = _run("export", store, tmp_path / "rows.csv")
    assert done.exit_code == 0, done.output
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert f"{len(rows)} rows in “{tmp_path / 'rows.csv'}”." in done.stdout
    assert {row["codec"] for row in rows} == {"original", "jpeg"}
    assert len({row["photo"] for row in rows}) == 2
    assert all(0 < float(row["ms_ssim"]) <= 1 for row in rows)
    fingerprint = find_card("scenes").fingerprint
    for name in ("scenes", fingerprint[:10]):
        asked = ("--classifier", name, "--protocol", "crop")
        assert _run("export", store, tmp_path / "rows.parquet", *asked).exit_code == 0
        assert parquet.read_table(tmp_path / "rows.parquet").num_rows == len(rows)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["{store}", "{out}.xlsx"], "must end in .csv or .parquet."),
        (["{out}.sqlite", "{out}.csv"], "There is no store “"),
        (["{store}", "{out}/none/a.csv"], "cannot be written"),
        (["{store}", "{out}.csv", "--protocol", "file"], "holds no such measurements."),
        (["{store}", "{out}.csv", "--classifier", "imagenet"], "holds no such measurements."),
        (["{store}", "{out}.csv", "--classifier", "nobody"], "“nobody”"),
    ],
)
def test_refusals(store: Path, tmp_path: Path, words: list[str], sentence: str) -> None:
    refused = _run("export", *(word.format(store=store, out=tmp_path / "out") for word in words))
    assert refused.exit_code == 1
    assert sentence in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_store_is_named(store: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "rows.sqlite"
    data = store.read_bytes()
    damaged.write_bytes(data[:4096] + b"\x99" * (len(data) - 4096))
    refused = _run("export", damaged, tmp_path / "rows.csv")
    assert refused.exit_code == 1
    assert "was damaged. It is now called “rows.sqlite.damaged”, and a new store is begun." in refused.stderr
    assert "holds no such measurements." in refused.stderr
