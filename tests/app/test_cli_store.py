"""The commands that read a store, as a user meets them."""

import csv
import sqlite3
from html import unescape
from pathlib import Path

import pytest
from pyarrow import parquet
from typer.testing import CliRunner, Result

from keepsight.app.cli import app
from keepsight.app.engine.store import SCHEMA, Store
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


def test_report(store: Path, tmp_path: Path) -> None:
    page, folder = tmp_path / "report.html", tmp_path / "figures"
    done = _run("report", store, page, "--figures", folder, "--format", "svg, PNG")
    assert done.exit_code == 0, done.output
    figures = sorted(path.name for path in folder.iterdir())
    assert f"The report is “{page}”, {len(figures)} figures in “{folder}”." in done.stdout
    assert {"accuracy.svg", "accuracy.png"} <= set(figures)
    text = unescape(page.read_text(encoding="utf-8"))
    card = find_card("scenes")
    assert f"{card.name}, fingerprint {card.fingerprint}, run by " in text
    asked = "--codecs jpeg --classifier scenes --protocol crop --photos 2 --seed 0"
    assert f"<pre>keepsight sweep scenes {asked} --store {store}</pre>" in text
    with Store(store) as kept:
        rows = sum(study.rows for study in kept.studies())
    assert f"{rows} of the rows are its own" in text


def test_a_report_of_failures_alone(tmp_path: Path) -> None:
    store = tmp_path / "rows.sqlite"
    with Store(store) as kept:
        kept.begin("a run")
        kept.end(["“a.png” is broken."], 1)
    refused = _run("report", store, tmp_path / "report.html")
    assert refused.exit_code == 1
    assert refused.stderr.splitlines()[1] == "A sweep failed: “a.png” is broken."
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["report", "{store}", "{out}.pdf"], "must end in .html."),
        (["report", "{out}.sqlite", "{out}.html"], "There is no store “"),
        (["report", "{store}", "{out}/none/a.html"], "cannot be written"),
        (["report", "{store}", "{out}.html", "--classifier", "imagenet"], "holds no such measurements."),
        (["report", "{store}", "{out}.html", "--protocol", "file"], "holds no such measurements."),
    ],
)
def test_refusals_of_a_report(store: Path, tmp_path: Path, words: list[str], sentence: str) -> None:
    refused = _run(*(word.format(store=store, out=tmp_path / "out") for word in words))
    assert refused.exit_code == 1
    assert sentence in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_unknown_formats_newer_and_foreign_stores(store: Path, tmp_path: Path) -> None:
    refused = _run("report", store, tmp_path / "a.html", "--figures", tmp_path / "f", "--format", "svg,gif")
    assert refused.exit_code == 2
    assert "“gif” is no format. Choose from svg, pdf, png." in refused.stderr
    newer = tmp_path / "newer.sqlite"
    newer.write_bytes(store.read_bytes())
    connection = sqlite3.connect(newer)
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    assert "was written by a newer Keepsight." in _run("report", newer, tmp_path / "a.html").stderr
    foreign = tmp_path / "foreign.sqlite"
    foreign.write_text("certainly no store" * 100)
    assert "is not a store of Keepsight." in _run("report", foreign, tmp_path / "a.html").stderr
    damaged = tmp_path / "damaged.sqlite"
    data = store.read_bytes()
    damaged.write_bytes(data[:4096] + b"\x99" * (len(data) - 4096))
    assert "is damaged and cannot be read." in _run("report", damaged, tmp_path / "a.html").stderr
    assert not (tmp_path / "a.html").exists()


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
    assert "is damaged and cannot be read. It stays as it is" in refused.stderr
    assert [file.name for file in tmp_path.iterdir() if "damaged" in file.name] == []
    assert damaged.read_bytes().startswith(data[:4096] + b"\x99")
