"""CSV and figures: the columns, the marks, whole files or none."""

import csv
import json
from pathlib import Path

import pytest
from PIL import Image

from keepsight.app.engine import contrast, export, figures
from keepsight.app.engine.curves import wilson
from keepsight.app.engine.files import InputError, OutputError, check_writable, read_file, write_file
from keepsight.app.engine.printing import Style
from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.types import Curve, CurvePoint
from keepsight.codecs import registry

COLUMNS = (
    "codec,options,photos,failed,mean_bytes,bpp,top1,top1_low,top1_high,top5,top5_low,top5_high,"
    "agreement,agreement_low,agreement_high,p_true,p_kept,kl,psnr,ssim,ms_ssim,encode_ms,decode_ms,classify_ms"
)


def _point(codec: str, quality: int, *, labelled: bool = True) -> CurvePoint:
    right = wilson(quality, 100)
    return CurvePoint(
        codec=codec,
        options=registry.get(codec).options.parse({"quality": quality}).to_json()
        if codec != ORIGINAL
        else "{}",
        photos=100,
        failed=0,
        mean_bytes=90.5 * quality,
        bpp=0.25,
        top1=right if labelled else None,
        top5=right if labelled else None,
        agreement=wilson(quality // 2, 100),
        p_true=0.3 if labelled else None,
        p_kept=0.4,
        kl=0.5,
        psnr=30.0,
        ssim=0.9,
        ms_ssim=0.95,
        encode_ms=1.5,
        decode_ms=2.25,
        classify_ms=3.0,
    )


def _curves(*, labelled: bool = True) -> list[Curve]:
    return [Curve(c, [_point(c, q, labelled=labelled) for q in (10, 40, 80)]) for c in ("jpeg", "webp")]


def test_csv(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    export.write_csv(path, _curves())
    assert path.read_text().splitlines()[0] == COLUMNS
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    row = rows[1]
    assert json.loads(row["options"])["quality"] == 40
    assert {k: row[k] for k in ("codec", "photos", "mean_bytes", "bpp", "top1", "agreement")} == {
        "codec": "jpeg",
        "photos": "100",
        "mean_bytes": "3620.0",
        "bpp": "0.25000",
        "top1": "0.40000",
        "agreement": "0.20000",
    }
    assert (row["p_true"], row["kl"], row["ms_ssim"]) == ("0.30000", "0.50000", "0.95000")
    assert float(row["top1_low"]) == pytest.approx(wilson(40, 100).low, abs=1e-5)
    assert float(row["top1_high"]) == pytest.approx(wilson(40, 100).high, abs=1e-5)
    assert (row["encode_ms"], row["decode_ms"], row["classify_ms"]) == ("1.500", "2.250", "3.000")


def test_csv_without_labels(tmp_path: Path) -> None:
    export.write_csv(tmp_path / "out.csv", _curves(labelled=False))
    with (tmp_path / "out.csv").open(newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["top1"], row["top1_low"], row["top1_high"], row["agreement"]) == ("", "", "", "0.05000")


def test_figure_says_all(tmp_path: Path) -> None:
    path = tmp_path / "out.svg"
    figures.write_plot(path, _curves(), _point(ORIGINAL, 89), "Pets, 100 photos")
    text = path.read_text()
    for words in (
        "JPEG",
        "WebP",
        "uncompressed 0.890",
        "top-1 accuracy",
        "bytes per image (log)",
        "Pets, 100 photos",
    ):
        assert f">{words}<" in text
    for codec in ("jpeg", "webp"):
        shade = contrast.readable(registry.get(codec).colour, "#ffffff")
        assert text.lower().count(shade.lower()) >= 3  # line, band, legend
    figures.write_plot(tmp_path / "again.svg", _curves(), _point(ORIGINAL, 89), "Pets, 100 photos")
    assert (tmp_path / "again.svg").read_text() == text


@pytest.mark.parametrize("style", ["light", "dark"])
def test_lines_are_seen_on_the_ground_of_every_style(style: Style) -> None:
    from matplotlib.colors import to_hex

    curves = [Curve(codec, [_point(codec, q) for q in (10, 80)]) for codec in ("avif", "jpeg", "webp")]
    axes = figures.curves_figure(curves, "top1", None, "x", style).axes[0]
    ground = to_hex(axes.get_facecolor())
    assert (contrast.contrast(ground, "#000000") > 15) == (style == "light")
    assert len(axes.lines) == len(curves)
    for line in axes.lines:
        assert contrast.contrast(to_hex(line.get_color()), ground) >= contrast.SIGN


def test_figure_of_agreement_has_no_line_for_the_uncompressed(tmp_path: Path) -> None:
    figures.write_plot(
        tmp_path / "out.svg", _curves(labelled=False), _point(ORIGINAL, 89, labelled=False), "x"
    )
    text = (tmp_path / "out.svg").read_text()
    assert ">agreement with the uncompressed prediction<" in text
    assert "uncompressed 0" not in text


def test_other_kinds_of_figures(tmp_path: Path) -> None:
    figures.write_plot(tmp_path / "out.png", _curves(), None, "x")
    with Image.open(tmp_path / "out.png") as image:
        assert image.size == (1400, 900)
    figures.write_plot(tmp_path / "out.pdf", _curves(), None, "x")
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(OutputError, match=r"must end in \.svg, \.pdf, \.png"):
        figures.write_plot(tmp_path / "out.jpg", _curves(), None, "x")


def test_files_are_whole_and_alone(tmp_path: Path) -> None:
    path = tmp_path / "out.bin"
    write_file(path, b"old")
    write_file(path, b"new")
    assert path.read_bytes() == read_file(path) == b"new"
    link = tmp_path / "link.bin"
    link.symlink_to(path)
    write_file(link, b"through the link")
    assert link.is_symlink()
    assert path.read_bytes() == b"through the link"
    check_writable(path)
    check_writable(tmp_path / "none_yet.bin")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.bin", "out.bin"]


@pytest.mark.skipif(not Path("/dev/null").is_char_device(), reason="needs the device /dev/null")
def test_devices_are_not_replaced() -> None:
    write_file(Path("/dev/null"), b"gone")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("act", [check_writable, lambda path: write_file(path, b"x")])
def test_unwritable(tmp_path: Path, act: object) -> None:
    assert callable(act)
    with pytest.raises(OutputError, match=r"Choose a folder that you may write to\.|Name a file in it\."):
        act(tmp_path)
    with pytest.raises(OutputError, match=r"cannot be written .* Choose a folder that you may write to\."):
        act(tmp_path / "none" / "out.csv")
    assert list(tmp_path.iterdir()) == []


def test_read_only_folder(read_only_folder: Path) -> None:
    with pytest.raises(OutputError, match="Permission denied"):
        write_file(read_only_folder / "out.csv", b"x")


def test_unreadable(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        read_file(tmp_path / "none")
    with pytest.raises(InputError, match="is a folder"):
        read_file(tmp_path)
