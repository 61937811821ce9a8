"""The command matrix, as a user meets it."""

import csv
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from keepsight.app.cli import app
from keepsight.app.engine.store import Store

QUICK = ("--judges", "scenes", "--device", "cpu", "--codecs", "roi-background+jpeg", "--guides", "random")


def _run(*words: object) -> Result:
    plain = [str(word) for word in words]
    return CliRunner().invoke(app, plain, env={"COLUMNS": "200"}, prog_name="keepsight")


def _count(store: Path) -> int:
    with closing(connect(store)) as rows:
        (count,) = rows.execute("SELECT count(*) FROM measurement").fetchone()
    return int(count)


def test_matrix(tmp_path: Path) -> None:
    files = ("--store", tmp_path / "r.sqlite", "--csv", tmp_path / "m.csv", "--plot", tmp_path / "m.svg")
    words = ("matrix", "scenes", *QUICK, "--anchor", "jpeg", "--loss", 0.3, "--photos", 20, *files)
    done = _run(*words)
    assert done.exit_code == 0, done.output
    assert "Bytes saved against JPEG, at an accuracy 30 points below the uncompressed photos'." in done.stdout
    assert "ROI background + JPEG, scenes: top-1, 20 photos" in done.stdout
    with (tmp_path / "m.csv").open(encoding="utf-8", newline="") as file:
        (cell,) = csv.DictReader(file)
    assert (cell["guide"], cell["judge"], cell["known"]) == ("random map", "Keepsight scenes", "")
    assert cell["photos"] == "20"
    assert bool(cell["saved"]) != bool(cell["reason"])
    assert "random map" in (tmp_path / "m.svg").read_text(encoding="utf-8")
    with Store(tmp_path / "r.sqlite") as store:
        assert ['"command":"keepsight matrix scenes' in run.about for run in store.runs()] == [True, True]
    rows = _count(tmp_path / "r.sqlite")
    assert rows == 20 * (1 + 10 + 10)
    again = _run(*words)
    assert again.stdout == done.stdout
    assert _count(tmp_path / "r.sqlite") == rows


def test_a_classifier_that_judges_what_it_guided_is_marked(tmp_path: Path) -> None:
    guides = ("--guides", "scenes,random,edges,none,scenes", "--csv", tmp_path / "m.csv")
    done = _run("matrix", "scenes", *QUICK, "--photos", 2, "--anchor", "jpeg", *guides)
    assert done.exit_code == 0, done.output
    with (tmp_path / "m.csv").open(encoding="utf-8", newline="") as file:
        cells = list(csv.DictReader(file))
    assert [(cell["guide"], cell["known"]) for cell in cells] == [
        ("Keepsight scenes", "guide"),
        ("random map", ""),
        ("edges map", ""),
        ("none", ""),
    ]
    assert (
        "No figure for ROI background + JPEG, scenes, judge Keepsight scenes, guide Keepsight scenes, "
        "random map, edges map, none: Too few: 2 photos; 20 are needed."
    ) in done.stdout


def test_a_photo_that_cannot_be_read(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no photo")
    done = _run("matrix", tmp_path, *QUICK)
    assert done.exit_code == 1
    assert "“b.png” is not a photo" in done.stderr
    assert "agreement, 1 photo" in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("scenes",), 2, "“--judges” is missing."),
        (("scenes", "--judges", ""), 2, "“--judges” does not take this: name one or more"),
        (("scenes", "--judges", "imagnet"), 1, "Did you mean “imagenet”?"),
        (("scenes", "--judges", "scenes", "--guides", "randm"), 1, "There is no classifier “randm”."),
        (("scenes", "--judges", "scenes", "--guides", "none"), 1, "Name a guide, such as random."),
        (("scenes", "--judges", "scenes", "--codecs", "jpeg"), 1, "“jpeg” asks no guide"),
        (("scenes", "--judges", "scenes", "--anchor", "jpg"), 1, "There is no codec “jpg”."),
        (("scene", "--judges", "scenes"), 1, "Did you mean “scenes”?"),
        (("scenes", "--judges", "scenes", "--guide-map", "random"), 2, "name it in --guides"),
        (("scenes", "--judges", "scenes", "--plot", "m.gif"), 1, "must end in .svg, .pdf, .png"),
        (("scenes", "--judges", "scenes", "--csv", "none/m.csv"), 1, "cannot be written"),
        (("scenes", "--judges", "scenes", "--loss", "2"), 2, "--loss"),
    ],
)
def test_refusals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = _run("matrix", *words)
    assert refused.exit_code == code, refused.output
    assert sentence in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
