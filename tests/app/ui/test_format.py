import math

import pytest

from keepsight.app.ui import format as words


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (612, "612 B"),
        (1630, "1,630 B"),
        (99_999, "99,999 B"),
        (235_400, "235 kB"),
        (9_999_499, "9,999 kB"),
        (12_340_000, "12.3 MB"),
    ],
)
def test_file_size(count: int, text: str) -> None:
    assert words.file_size(count) == text


def test_bits_per_pixel() -> None:
    assert words.bpp(0.0961) == "0.096 bpp"
    assert words.bpp(9.9999) == "10.0 bpp"
    assert words.bpp(24.0) == "24.0 bpp"


def test_percent() -> None:
    assert [words.percent(p) for p in (0.0, 0.004, 0.712, 1.0)] == ["0 %", "<1 %", "71 %", "100 %"]


def test_ratio() -> None:
    assert words.ratio(249.02) == "1 : 249"
    assert words.ratio(2.43) == "1 : 2.4"
    assert words.ratio(9.96) == "1 : 10"
    assert words.ratio(12_345) == "1 : 12,345"
    assert words.ratio(0.958) == "1 : 1.0"
    assert words.ratio(3 / 308) == "1 : 0.0097"


def test_quality_figures() -> None:
    assert words.psnr(24.06) == "PSNR 24.1"
    assert words.psnr(math.inf) == "PSNR ∞"
    assert words.ssim(0.712) == "SSIM 0.71"
    assert words.ssim(0.9962) == "SSIM 0.996"
    assert words.ssim(1.0) == "SSIM 1.00"


def test_size() -> None:
    assert words.size(451, 300) == "451×300"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.01234, "0.0123"),
        (0.9996, "1.00"),
        (2.314, "2.31"),
        (59.6, "59.6"),
        (1234.4, "1,230"),
        (0.0000045, "4.5e−6"),
        (2e9, "2.0e9"),
        (-2.314, "−2.31"),
    ],
)
def test_quantity(value: float, text: str) -> None:
    assert words.quantity(value) == text


def test_likeness() -> None:
    values = (0.871, 0.9965, 1.0, -0.2, None)
    assert [words.likeness(v) for v in values] == ["map 0.87", "map 0.997", "map 1.00", "map −0.20", "map –"]
