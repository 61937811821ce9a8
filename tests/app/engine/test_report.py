"""The report: its figures are the engine's own, and it asks for nothing outside of itself."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from keepsight.app.engine import report
from keepsight.app.engine.answer import answer
from keepsight.app.engine.bd import Delta, Refusal, deltas
from keepsight.app.engine.draws import Outcomes, Tally
from keepsight.app.engine.equal_accuracy import rates
from keepsight.app.engine.files import OutputError
from keepsight.app.engine.findings import Findings, all_findings
from keepsight.app.engine.paired import mcnemar
from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.runs import Run, noted
from keepsight.app.engine.store import Store
from keepsight.app.engine.types import Measurement
from keepsight.codecs import registry

PHOTOS = 40
RUN = Run(
    started="2026-01-02T03:04:05.000006+00:00",
    command="keepsight sweep 'my <photos>' --codecs jpeg,webp",
    data="my <photos>",
    photos=PHOTOS,
    seed=7,
    protocol="crop",
    fingerprint="c",
    classifier="Net & Co",
    license="CC0",
    source="somewhere",
    runtime="OpenVINO 9.8",
    device="cpu",
    guide="",
    guide_in_words="",
    machine="A processor, 2 logical cores",
    versions={"Python": "3.99"},
)
VOID = {"meta", "br"}


def _rows(row: Measurement, codecs: dict[str, float], photos: int = PHOTOS) -> list[Measurement]:
    """Return rows on which a codec needs `codecs[id]` times the bytes, and accuracy grows with the bytes."""
    rng = np.random.default_rng(1)
    found = []
    for n in range(photos):
        ease = rng.random()
        photo = replace(row, photo=f"{n:03}", codec=ORIGINAL, options="{}", bytes=150_000, encode_s=0.0)
        found.append(replace(photo, correct1=ease > 0.05))
        for codec, factor in codecs.items():
            for place, options in enumerate(registry.get(codec).ladder()):
                right = ease * (0.1 + place) / 9 > 0.05
                sizes = {"bytes": int(factor * 1000 * 1.4**place) + n, "encode_s": 0.01 / factor}
                found.append(
                    replace(
                        *(photo,),
                        **sizes,
                        codec=codec,
                        options=options.to_json(),
                        correct1=right,
                        correct5=right,
                        agrees=ease * (0.1 + place) / 9 > 0.005,
                    )
                )
    return found


DRAWS = 60
"""In place of a thousand."""


@pytest.fixture(scope="module", autouse=True)
def few_draws() -> Iterator[None]:
    """Compare by few draws of the photos: these tests ask for the same figures, not for good ones."""
    all_of_them = Outcomes.draws
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Outcomes, "draws", lambda self, resamples=DRAWS, seed=0: all_of_them(self, DRAWS, seed))
        yield


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, row: Measurement) -> Path:
    path = tmp_path_factory.mktemp("report") / "rows.sqlite"
    rows = _rows(row, {"jpeg": 1.0, "webp": 0.7})
    with Store(path) as store, noted(store, RUN, pytest.fail) as note:
        store.add(rows)
        note([*rows, replace(row, error="WebP on “x.png”: <it> failed.")])
    return path


@pytest.fixture(scope="module")
def found(filled: Path) -> Findings:
    with Store(filled) as store:
        (one,) = all_findings(store)
    return one


@pytest.fixture(scope="module")
def page(found: Findings) -> str:
    return report.page([found], "rows.sqlite")


class _Page(HTMLParser):
    """Gathers text, addresses and ids, and checks that elements close as they opened."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "xlink:href", "srcset", "action", "data"):
                self.addresses.append(value or "")
            if name == "id":
                self.ids.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def test_it_asks_for_nothing_outside_of_itself(page: str) -> None:
    read = _Page(page)
    assert {"script", "link", "img", "iframe"}.isdisjoint(read.tags)
    assert all(address.startswith("#") for address in read.addresses)
    assert {address[1:] for address in read.addresses} <= set(read.ids)
    assert len(read.ids) == len(set(read.ids))
    assert not re.search(r"url\((?!#)|@import", page)
    assert {name[1:] for name in re.findall(r"url\((#[^)]+)\)", page)} <= set(read.ids)


def test_its_figures_are_svg(page: str) -> None:
    pictures = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    names = [ElementTree.fromstring(picture).attrib["aria-label"] for picture in pictures]
    assert len(names) == 1 + 1 + 7 + 3  # accuracy, saved, other measures, links
    assert names[0].startswith("Accuracy over bytes")


def test_its_comparisons_are_those_of_the_rows_themselves(filled: Path, found: Findings) -> None:
    with Store(filled) as store:
        tally = Tally(store.rows("crop", "c"))
        assert list(found.curves) == store.curves("crop", "c")
    draws = tally.draws("top1")
    assert draws is not None
    assert (
        (found.compared, found.anchor, found.headline)
        == (draws.photos, "jpeg", 0.05)
        == (PHOTOS, "jpeg", 0.05)
    )
    for loss, told in found.rates.items():
        assert list(told) == sorted(rates(draws, loss, "jpeg"), key=lambda rate: rate.bytes)
    assert list(found.deltas) == deltas(draws.curves, draws.reference, "jpeg")
    for pair in found.pairs:
        ends = [tally.outcomes(p.codec, p.options, "top1") for p in (pair.first, pair.second)]
        assert pair.paired == mcnemar(*ends)
        assert 0.9 < pair.first.mean_bytes / pair.second.mean_bytes < 1.12
    assert len(found.pairs) == 1


def test_the_page_says_what_was_found(page: str, found: Findings) -> None:
    words = _Page(page).words
    for sentence in answer(found):
        assert sentence in words
    best = next(rate for rate in found.rates[0.05] if rate.codec == "webp")
    assert best.saved == pytest.approx(0.3, abs=0.02)
    assert f"{100 * best.saved:.1f} %" in words
    assert f"{best.bytes:,.0f}" in words
    (delta,) = found.deltas
    assert isinstance(delta, Delta)
    assert f"−{-100 * delta.rate:.1f} %" in words
    assert found.uncompressed is not None
    assert found.uncompressed.top1 is not None
    for expected in (
        "Net & Co, protocol crop",
        "fingerprint c, run by OpenVINO 9.8",
        f"top-1 {found.uncompressed.top1.value:.3f}",
        f"{found.rows:,}, one for each photo and setting; 1 failed",
        "WebP on “x.png”: <it> failed.",
        RUN.command,
        "seed 7",
        "Python 3.99",
        RUN.machine,
        "40 photos give wide intervals",
        "2026-01-02 03:04 UTC",
    ):
        assert expected in words, expected
    for point in (point for curve in found.curves for point in curve.points):
        assert f"{point.mean_bytes:,.0f}" in words


def test_the_answer_leads_with_what_is_told_and_says_who_is_the_fastest(found: Findings) -> None:
    first, *_, last = answer(found)
    assert re.fullmatch(
        r"For a top-1 accuracy 5 points below the uncompressed photos’ \(0\.\d{3} against 0\.\d{3}\), "
        r"WebP needs \d+ % \(\d+ to \d+\) fewer bytes than JPEG: [\d,]+ a photo against [\d,]+\.",
        first,
    )
    assert re.fullmatch(
        r"At that accuracy, WebP takes the least time from pixels to class over links up to "
        r"[\d.]+ [kM]bit/s, JPEG on faster ones\.",
        last,
    )
    assert [stretch.codec for stretch in found.winners] == ["webp", "jpeg"]


def test_the_front_holds_what_no_smaller_file_beats(found: Findings) -> None:
    sizes = [point.mean_bytes for point in found.front]
    shares = [point.top1.value for point in found.front if point.top1]
    assert sizes == sorted(sizes)
    assert shares == sorted(set(shares))
    points = [point for curve in found.curves for point in curve.points]
    for point in points:
        assert any(
            best.mean_bytes <= point.mean_bytes and best.top1.value >= point.top1.value
            for best in found.front
            if best.top1 and point.top1
        )


def _page_of(folder: Path, rows: list[Measurement]) -> tuple[list[Findings], str]:
    with Store(folder / "s.sqlite") as store:
        store.add(rows)
        found = all_findings(store)
    return found, _Page(report.page(found, "s.sqlite")).words


def test_without_labels_the_measure_is_agreement(tmp_path: Path, row: Measurement) -> None:
    rows = [
        replace(r, label=None, correct1=None, correct5=None, p_true=None)
        for r in _rows(row, {"jpeg": 1, "webp": 0.7})
    ]
    (found,), words = _page_of(tmp_path, rows)
    assert found.measure == "agreement"
    assert found.reference == 1
    assert "For 95 % agreement with the predictions on the uncompressed photos, WebP needs" in words
    assert "none: the measure is agreement" in words
    assert "top-5" not in words


def test_one_codec_is_compared_with_nothing(tmp_path: Path, row: Measurement) -> None:
    (found,), words = _page_of(tmp_path, _rows(row, {"webp": 1}))
    assert found.anchor == "webp"
    assert (list(found.deltas), list(found.pairs)) == ([], [])
    assert "No other codec gets there, so there is nothing to compare it with." in words


def test_one_photo_says_little_and_says_so(tmp_path: Path, row: Measurement) -> None:
    _, words = _page_of(tmp_path, _rows(row, {"jpeg": 1, "png": 1}, photos=1))
    assert "1 photo gives wide intervals" in words


def test_a_codec_that_is_gone_keeps_its_name(tmp_path: Path, row: Measurement) -> None:
    rows = _rows(row, {"jpeg": 1, "webp": 0.7})
    rows = [replace(r, codec="gone+and:away=1") if r.codec == "webp" else r for r in rows]
    _, words = _page_of(tmp_path, rows)
    assert "gone+and:away=1 needs" in words


def test_only_uncompressed_photos_and_only_compressed_ones(tmp_path: Path, row: Measurement) -> None:
    rows = _rows(row, {"jpeg": 1})
    _, words = _page_of(tmp_path, [r for r in rows if r.codec == ORIGINAL])
    assert "No compressed photo was measured yet." in words
    other = tmp_path / "other"
    other.mkdir()
    _, words = _page_of(other, [r for r in rows if r.codec != ORIGINAL])
    assert "No uncompressed photo was read by the classifier" in words


def test_settings_on_few_photos_are_named(tmp_path: Path, row: Measurement) -> None:
    rows = [r for r in _rows(row, {"jpeg": 1, "webp": 1}) if r.codec != "webp" or r.photo < "010"]
    (found,), words = _page_of(tmp_path, rows)
    assert {point.codec for point in found.uncompared} == {"webp"}
    assert "(of WebP) were measured on fewer than half of the photos" in words


def test_refusals_are_told_with_their_reasons(tmp_path: Path, row: Measurement) -> None:
    rows = [replace(r, correct1=True) if r.codec == "webp" else r for r in _rows(row, {"jpeg": 1, "webp": 1})]
    (found,), words = _page_of(tmp_path, rows)
    (refusal,) = found.deltas
    assert isinstance(refusal, Refusal)
    assert f"No figure for WebP: {refusal.reason}" in words


def test_each_protocol_classifier_and_guide_has_a_section(tmp_path: Path, row: Measurement) -> None:
    rows = _rows(row, {"jpeg": 1, "roi-jpeg": 1.1}, photos=3)
    guided = [replace(r, guide=guide) for r in rows if r.codec == "roi-jpeg" for guide in ("g1", "g2")]
    rows += [*guided, *(replace(r, protocol="file") for r in rows if r.codec != "roi-jpeg")]
    found, words = _page_of(tmp_path, rows)
    titles = [f"Classifier c, protocol crop, guided by {guide}" for guide in ("g1", "g2")]
    for title in [*titles, "Classifier c, protocol file"]:
        assert words.count(title) >= 2  # in the list of contents and above its section
    with Store(tmp_path / "s.sqlite") as store:
        assert [one.study.protocol for one in all_findings(store, "file")] == ["file"]
        assert all_findings(store, None, "nobody") == []
    written = report.write_figures(tmp_path / "figures", found, ["svg"])
    assert {path.name.split("-")[0] for path in written} == {"1", "2", "3"}


def test_figures_as_files(tmp_path: Path, found: Findings) -> None:
    written = report.write_figures(tmp_path / "new" / "figures", [found], ["svg", "pdf", "png"])
    assert sorted(written) == sorted((tmp_path / "new" / "figures").iterdir())
    names = {path.stem for path in written}
    assert {"accuracy", "agreement", "kl", "psnr", "ms_ssim", "saved", "latency-10-mbit"} <= names
    begins = {".svg": b"<?xml", ".pdf": b"%PDF", ".png": b"\x89PNG"}
    for path in written:
        assert path.read_bytes().startswith(begins[path.suffix])
    svg = (tmp_path / "new" / "figures" / "accuracy.svg").read_text()
    assert ">WebP<" in svg
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot be made"):
        report.write_figures(tmp_path / "file" / "figures", [found], ["svg"])


def test_the_same_store_gives_the_same_page(found: Findings, page: str) -> None:
    assert report.page([found], "rows.sqlite") == page
