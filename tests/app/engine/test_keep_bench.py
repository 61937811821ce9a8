"""The comparison of Keep with the standard codecs: who guides whom, what it says, and that it resumes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from keepsight.app.engine import keep_bench
from keepsight.app.engine.bd import Delta, Refusal
from keepsight.app.engine.data import open_data
from keepsight.app.engine.draws import DrawnCurve
from keepsight.app.engine.keep_bench import KEEP, MODERN, Answer, Bench, Direction, directions
from keepsight.app.engine.store import Store
from keepsight.models.types import Judge, ModelError


class _Named:
    """A classifier under another name and architecture."""

    def __init__(self, judge: Judge, name: str, architecture: str, resize: int | None = None) -> None:
        changes = {"name": name, "architecture": architecture, "resize": resize or judge.card.resize}
        self.card = judge.card.model_copy(update=changes)
        self.device, self.runtime = judge.device, judge.runtime
        self.predict, self.explain = judge.predict, judge.explain


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two qualities of two baselines, two λ: what a test has time for."""
    monkeypatch.setattr(
        keep_bench, "_QUALITIES", dict.fromkeys(("avif", keep_bench.MENDED, "jpeg"), (10, 60))
    )
    monkeypatch.setattr(keep_bench, "_MODERN", ("avif",))
    monkeypatch.setattr(keep_bench, "_LAMBDAS", {"guide": (200, 5000), "any": (2000, 20_000)})


def test_each_guides_itself_and_each_family_all_others(judge: Judge) -> None:
    one, twin, other = (
        _Named(judge, *names) for names in (("one", "net"), ("twin", "net"), ("other", "tree"))
    )
    found = [
        (tuple(g.card.name for g in d.guides), d.judge.card.name, d.reader)
        for d in directions([one, twin, other])
    ]
    assert found == [
        (("one",), "one", "guide"),
        (("twin",), "twin", "guide"),
        (("other",), "other", "guide"),
        (("one", "twin"), "other", "any"),
        (("other",), "one", "any"),
        (("other",), "twin", "any"),
    ]


def test_classifiers_that_see_other_crops_are_refused(judge: Judge) -> None:
    other = _Named(judge, "other", "tree", judge.card.resize + 8)
    with pytest.raises(ModelError, match="different ways"):
        Bench([], [judge, other], "crop", ThreadPoolExecutor(1))


@pytest.mark.usefixtures("few")
def test_what_was_measured_is_not_measured_again(judge: Judge, tmp_path: Path) -> None:
    items = open_data("scenes", judge.card).items[:2]
    with ThreadPoolExecutor(1) as executor, Store(tmp_path / "b.sqlite") as store:
        bench = Bench(items, [judge], "crop", executor, store)
        first = [row for rows in bench.run() for row in rows]
        assert not [row.error for row in first if row.error]
        assert {row.codec for row in first} == {
            *("original", "avif", "downscale:factor=1.4+avif", "jpeg", "downscale:factor=1.4+jpeg", "keep"),
            *("restore+avif", "restore:factor=1.4+avif"),
        }
        again = [row for rows in Bench(items, [judge], "crop", executor, store).run() for row in rows]
    assert {(row.photo, row.codec, row.options, row.bytes, row.top1, row.encode_s) for row in again} == {
        (row.photo, row.codec, row.options, row.bytes, row.top1, row.encode_s) for row in first
    }
    (answer,) = bench.answers()
    assert answer.photos == 2
    assert isinstance(answer.deltas[MODERN], Refusal), "two settings are too few for a delta"


@pytest.mark.usefixtures("few")
def test_every_curve_ends_with_the_lossless_file(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keep_bench, "_QUALITIES", {"jpegxl": (10,), "jpeg": (10, 60)})
    monkeypatch.setattr(keep_bench, "_MODERN", ("jpegxl",))
    item = open_data("scenes", judge.card).items[0]
    with ThreadPoolExecutor(1) as executor:
        bench = Bench([item], [judge], "crop", executor)
        rows = [row for found in bench.run() for row in found]
    (lossless,) = [row for row in rows if row.codec == "jpegxl" and np.isinf(row.psnr)]
    (answer,) = bench.answers()
    assert set(answer.curves) == {"jpegxl", "jpeg", MODERN, KEEP}
    for curve in answer.curves.values():
        np.testing.assert_allclose(curve.log_bytes[:, -1], np.log(lossless.bytes))
        np.testing.assert_allclose(curve.accuracies[:, -1], answer.reference)


def _curve(sizes: list[float], accuracies: list[float]) -> DrawnCurve:
    return DrawnCurve(np.log(np.tile(sizes, (21, 1))), np.tile(accuracies, (21, 1)))


def test_the_figure_names_every_judge_and_codec(judge: Judge, tmp_path: Path) -> None:
    curve = _curve([500, 1000, 2000], [0.5, 0.7, 0.8])
    curves = dict.fromkeys((*keep_bench._QUALITIES, MODERN, KEEP), curve)
    delta = Delta(KEEP, -0.5, -0.6, -0.4, None, None, None)
    told = [
        Answer(Direction((judge,), judge, reader), 20, 0.9, {MODERN: delta}, {}, curves)
        for reader in ("guide", "any")
    ]
    keep_bench.write_figure(tmp_path / "k.svg", told)
    svg = (tmp_path / "k.svg").read_text()
    for text in (judge.card.name, "Keep, guided by itself", "Keep, guided by others", "AVIF", "JPEG 2000"):
        assert text in svg
