"""The robustness matrix on rows whose answer is known, and its files."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from keepsight.app.engine.data import DataError, Item
from keepsight.app.engine.files import OutputError
from keepsight.app.engine.guiding import Guiding
from keepsight.app.engine.robustness import (
    UNGUIDED,
    Cell,
    Matrix,
    NamedGuide,
    Part,
    Robustness,
    Subject,
    judge_names,
)
from keepsight.app.engine.robustness_files import heat_map, percent, write_heat_map, write_matrix_csv
from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.types import Measurement, Photo
from keepsight.codecs.registry import UnknownCodecError
from keepsight.models.cards import Card
from keepsight.models.catalog import find_card

PHOTOS = 400
RANDOM = NamedGuide("random map", Guiding((), "random"))
NOBODY = NamedGuide(UNGUIDED, None)


def _classifier(card: Card) -> Any:
    return SimpleNamespace(card=card)


@pytest.fixture(scope="module")
def scenes() -> Any:
    return _classifier(find_card("scenes"))


@pytest.fixture(scope="module")
def twin(scenes: Any) -> Any:
    """Another training of the same architecture, under the same name."""
    return _classifier(scenes.card.model_copy(update={"sha256": "1" * 64}))


@pytest.fixture(scope="module")
def stranger() -> Any:
    return _classifier(find_card("imagenet"))


def _no_photo() -> Photo:
    raise AssertionError("nothing is loaded here")


def _items(label: int | None = 1) -> list[Item]:
    return [Item(f"p{n}", _no_photo, label) for n in range(PHOTOS)]


def _by(judge: Any) -> NamedGuide:
    return NamedGuide(f"by {judge.card.id}", Guiding((judge,)))


def _curve(
    row: Measurement,
    codec: str,
    factor: float,
    points: Sequence[tuple[int, int]] = ((500, 100), (1000, 200), (2000, 300), (8000, 350)),
    photos: int = PHOTOS,
) -> list[Measurement]:
    """Return rows of settings of these sizes; so many photos of `PHOTOS` keep their class, spread evenly."""
    found = []
    for size, correct in points:
        right = {int(n) for n in np.linspace(0, PHOTOS - 1, correct)}
        found += [
            replace(
                *(row,),
                photo=f"p{n}",
                codec=codec,
                options=f'{{"s":{size}}}',
                bytes=int(size * factor),
                correct1=n in right,
                agrees=n not in right,
            )
            for n in range(photos)
        ]
    return found


def _reference(row: Measurement, photos: int = PHOTOS) -> list[Measurement]:
    right = {int(n) for n in np.linspace(0, PHOTOS - 1, 360)}
    return [
        replace(row, photo=f"p{n}", codec=ORIGINAL, options="{}", correct1=n in right, agrees=True)
        for n in range(photos)
    ]


def _filled(
    row: Measurement, study: Robustness, factors: dict[str, float], anchor: str = "layered-roi", **points: Any
) -> Matrix:
    """Give each guide's sweep files of its factor, and the anchor's files of factor 1."""
    first: dict[tuple[str, str], Part] = {}
    for part in study.parts():
        study.add(part, _reference(row, points.get("photos", PHOTOS)))
        own = (part.subject.data, part.subject.judge.card.fingerprint)
        is_anchor = first.setdefault(own, part) is part
        codec, factor = (anchor, 1.0) if is_anchor else ("layered-roi", factors[part.guide.name])
        study.add(part, _curve(row, codec, factor, **points))
    return study.matrix()


def test_bytes_saved_at_equal_accuracy(row: Measurement, scenes: Any, twin: Any, stranger: Any) -> None:
    guides = [_by(scenes), RANDOM]
    subjects = [Subject("photos", judge, _items()) for judge in (scenes, twin, stranger)]
    study = Robustness(["layered-roi"], guides, subjects, loss=0.9 - 0.625)
    matrix = _filled(row, study, {"by scenes": 0.5, "random map": 1.25})
    told = {(cell.guide, cell.judge): cell for cell in matrix.cells}
    assert len(told) == len(matrix.cells) == 6
    for (guide, _), cell in told.items():
        assert cell.saved == pytest.approx(0.5 if guide == "by scenes" else -0.25)
        assert cell.saved_low is not None
        assert cell.saved_high is not None
        assert cell.saved_low <= cell.saved + 1e-9
        assert cell.saved_high >= cell.saved - 1e-9
        assert (cell.codec, cell.data, cell.measure, cell.photos) == ("layered-roi", "photos", "top1", PHOTOS)
        assert cell.uncompressed == pytest.approx(0.9)
        assert cell.reason == ""
    own, other = (judge_names([scenes.card, twin.card])[judge.card.fingerprint] for judge in (scenes, twin))
    assert own != other
    assert {key: cell.known for key, cell in told.items() if cell.known} == {
        ("by scenes", own): "guide",
        ("by scenes", other): "twin",
    }
    assert matrix.in_words == (
        "Bytes saved against the same codec unguided, "
        "at an accuracy 27.5 points below the uncompressed photos'"
    )


def test_without_labels_agreement_is_compared(row: Measurement, stranger: Any) -> None:
    study = Robustness(["layered-roi"], [RANDOM], [Subject("photos", stranger, _items(None))], loss=0.5)
    points = ((500, 300), (1000, 250), (2000, 150), (8000, 50))  # the others agree
    (cell,) = _filled(row, study, {"random map": 0.8}, points=points).cells
    assert cell.measure == "agreement"
    assert cell.uncompressed == pytest.approx(1)
    assert cell.saved == pytest.approx(0.2)


def test_an_anchor_of_another_codec(row: Measurement, stranger: Any) -> None:
    subjects = [Subject("photos", stranger, _items())]
    study = Robustness(["layered-roi"], [RANDOM, NOBODY], subjects, anchor="jpeg", loss=0.3)
    matrix = _filled(row, study, {"random map": 0.9, UNGUIDED: 0.7}, anchor="jpeg")
    assert [(cell.guide, round(cell.saved or 0, 6)) for cell in matrix.cells] == [
        ("random map", 0.1),
        (UNGUIDED, 0.3),
    ]
    assert matrix.in_words.startswith("Bytes saved against JPEG,")


def test_by_the_bjontegaard_delta(row: Measurement, stranger: Any) -> None:
    subjects = [Subject("photos", stranger, _items())]
    study = Robustness(["layered-roi"], [RANDOM], subjects, loss=None)
    points = [(500 * 2**n, 200 + 24 * n) for n in range(8)]
    (cell,) = _filled(row, study, {"random map": 0.5}, points=points).cells
    assert cell.saved == pytest.approx(0.5)
    (few,) = _filled(row, Robustness(["layered-roi"], [RANDOM], subjects, loss=None), {"random map": 1}).cells
    assert (few.saved, few.reason) == (None, "The anchor: It has 4 settings, fewer than 8.")


@pytest.mark.parametrize(
    ("changes", "loss", "reason"),
    [
        ({"photos": 19}, 0.3, "Too few: 19 photos; 20 are needed."),
        ({"photos": 0}, 0.3, "No photo could be measured."),
        ({}, 0.01, "The anchor: It reaches an accuracy of 0.875 at most, not 0.890."),
        ({}, 0.8, "The anchor: Its smallest files have an accuracy of 0.250 already, above 0.100."),
        ({"points": ((500, 100),)}, 0.3, "The anchor: No two settings were measured on every photo."),
    ],
)
def test_why_there_is_no_figure(
    row: Measurement, stranger: Any, changes: dict[str, Any], loss: float, reason: str
) -> None:
    study = Robustness(["layered-roi"], [RANDOM], [Subject("photos", stranger, _items())], loss=loss)
    (cell,) = _filled(row, study, {"random map": 0.5}, **changes).cells
    assert (cell.saved, cell.saved_low, cell.saved_high, cell.reason) == (None, None, None, reason)


def test_a_guided_curve_that_does_not_get_there(row: Measurement, stranger: Any) -> None:
    study = Robustness(["layered-roi"], [RANDOM], [Subject("photos", stranger, _items())], loss=0.1)
    anchor, guided = study.parts()
    study.add(anchor, _reference(row))
    study.add(anchor, _curve(row, "layered-roi", 1))
    study.add(guided, _curve(row, "layered-roi", 1, ((500, 100), (1000, 200))))
    (cell,) = study.matrix().cells
    assert cell.reason == "It reaches an accuracy of 0.500 at most, not 0.800."
    itself = Robustness(["layered-roi"], [NOBODY], [Subject("p", stranger, _items())], anchor="layered-roi")
    assert _filled(row, itself, {UNGUIDED: 1}).cells[0].reason == "This is the anchor itself."


def test_the_sweeps_of_a_matrix(scenes: Any, stranger: Any) -> None:
    subjects = [Subject(data, judge, _items()) for data in ("x", "y") for judge in (scenes, stranger)]
    study = Robustness(
        ["layered-roi", "roi-background+jpeg", "layered-roi"], [_by(scenes), RANDOM, NOBODY], subjects
    )
    told = [(part.subject.data, part.guide.name) for part in study.parts()]
    assert told == [(data, name) for data in "xxyy" for name in (UNGUIDED, "by scenes", "random map")]
    assert {setting.codec for part in study.parts() for setting in part.settings} == {
        "layered-roi",
        "roi-background+jpeg",
    }
    against = Robustness(["layered-roi"], [NOBODY], subjects[:1], anchor="jpeg")
    assert [[s.codec for s in part.settings[:1]] for part in against.parts()] == [["jpeg"], ["layered-roi"]]


def test_refusals(stranger: Any) -> None:
    subjects = [Subject("photos", stranger, _items())]
    with pytest.raises(DataError, match=r"“jpeg” asks no guide.*Choose a codec that does .*layered-roi"):
        Robustness(["jpeg"], [RANDOM], subjects)
    with pytest.raises(DataError, match="Name a guide, such as random"):
        Robustness(["layered-roi"], [NOBODY], subjects)
    with pytest.raises(UnknownCodecError):
        Robustness(["layered-roi"], [RANDOM], subjects, anchor="jpg")


@pytest.fixture
def matrix() -> Matrix:
    cells = [
        Cell("layered-roi", data, guide, judge, known, "top1", 60, 0.9, saved, low, high, reason)
        for data in ("photos", "scenes")
        for guide, judge, known, saved, low, high, reason in (
            ("Net a", "Net a", "guide", 0.5, 0.4, 0.6, ""),
            ("Net a", "Net b", "twin", 0.12, -0.03, 0.2, ""),
            ("random map", "Net a", "", -1.25, -2.0, 0.001, ""),
            ("random map", "Net b", "", None, None, None, "Why, indeed?"),
        )
    ]
    return Matrix(UNGUIDED, 0.1, cells)


def test_csv(tmp_path: Path, matrix: Matrix) -> None:
    write_matrix_csv(tmp_path / "m.csv", matrix)
    with (tmp_path / "m.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8
    assert rows[1] == {
        "codec": "layered-roi",
        "data": "photos",
        "guide": "Net a",
        "judge": "Net b",
        "known": "twin",
        "measure": "top1",
        "photos": "60",
        "uncompressed": "0.90000",
        "saved": "0.12000",
        "saved_low": "-0.03000",
        "saved_high": "0.20000",
        "reason": "",
        "anchor": "none",
        "loss": "0.10000",
    }
    assert (rows[3]["saved"], rows[3]["reason"]) == ("", "Why, indeed?")


def test_heat_map(tmp_path: Path, matrix: Matrix) -> None:
    svg = heat_map(".svg", matrix, "Who guides whom").decode()
    for text in ("Who guides whom", "+50 %", "40 to 60", "−125 %", "−200 to 0", "−3 to 20", "random map"):
        assert svg.count(f">{text}<") == (1 if text in ("Who guides whom", "random map") else 2), text
    assert "Layered ROI, scenes" in svg
    assert "Dashed outline" in svg
    assert "Hatched" in svg
    assert svg == heat_map(".svg", matrix, "Who guides whom").decode()
    write_heat_map(tmp_path / "m.PDF", matrix, "t")
    assert (tmp_path / "m.PDF").read_bytes().startswith(b"%PDF")
    with pytest.raises(OutputError, match=r"must end in \.svg, \.pdf, \.png"):
        write_heat_map(tmp_path / "m.jpg", matrix, "t")


def test_a_heat_map_without_figures(matrix: Matrix) -> None:
    empty = replace(matrix, cells=[c for c in matrix.cells if c.saved is None])
    assert "Hatched" in heat_map(".svg", empty, "t").decode()


def test_percent() -> None:
    assert [percent(share) for share in (0.123, -0.5, 0.001, -0.004)] == ["+12 %", "−50 %", "0 %", "0 %"]
