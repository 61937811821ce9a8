"""Every number that the window shows becomes text here, once, so that all places agree."""

import math


def file_size(count: int) -> str:
    """Return a number of bytes: "1,630 B", "235 kB", "12.3 MB" (decimal units)."""
    if count < 100_000:
        return f"{count:,} B"
    if count < 9_999_500:
        return f"{count / 1e3:,.0f} kB"
    return f"{count / 1e6:,.1f} MB"


def short_size(size: float) -> str:
    """Return a size as short as it can be told, for an axis: "500 B", "1.5 kB", "2 MB"."""
    for unit, name in ((1e6, "MB"), (1e3, "kB")):
        if size >= unit * 0.99999:
            return f"{float(f'{size / unit:.5g}'):g} {name}"
    return f"{float(f'{size:.4g}'):g} B"


def bpp(value: float) -> str:
    """Return bits per pixel: "0.096 bpp", "24.0 bpp"."""
    return f"{value:.1f} bpp" if value >= 9.9995 else f"{value:.3f} bpp"


def percent(share: float) -> str:
    """Return a share in [0, 1]: "71 %"; "<1 %" for what would round to none but is not."""
    if 0 < share < 0.005:
        return "<1 %"
    return f"{100 * share:.0f} %"


def ratio(value: float) -> str:
    """Return how often the file goes into the raw pixels: "1 : 249", "1 : 2.4", "1 : 0.0097"."""
    if value < 0.95:
        return f"1 : {value:.2g}"
    return f"1 : {value:,.0f}" if value >= 9.95 else f"1 : {value:.1f}"


def psnr(value: float) -> str:
    """Return a peak signal-to-noise ratio in dB: "PSNR 24.1"; "PSNR ∞" for identical pixels."""
    return "PSNR ∞" if math.isinf(value) else f"PSNR {value:.1f}"


def ssim(value: float) -> str:
    """Return a structural similarity: "SSIM 0.71", with a third digit where two would say 1."""
    return f"SSIM {value:.3f}" if 0.995 <= value < 1 else f"SSIM {value:.2f}"


def size(width: int, height: int) -> str:
    """Return a size in pixels: "451×300"."""
    return f"{width}×{height}"


def time_left(seconds: float) -> str:
    """Return a rough time in words: "40 s left", "2 min left", "3 h left"."""
    if seconds < 100:
        return f"{seconds:.0f} s left"
    return f"{seconds / 60:.0f} min left" if seconds < 6000 else f"{seconds / 3600:.0f} h left"


def quantity(value: float, digits: int = 3) -> str:
    """Return a number without a unit, short: "0", "0.0123", "2.31", "1,230", "4.5e−6"; "−2.31"."""
    size = abs(value)
    if size == 0:
        text = "0"
    elif 0.001 <= size < 999_500:
        rounded = float(f"{size:.{digits}g}")
        text = f"{rounded:,.{max(0, digits - 1 - math.floor(math.log10(rounded)))}f}"
    else:
        number, _, exponent = f"{size:.1e}".partition("e")
        text = f"{number}e{int(exponent)}".replace("-", "−")
    return f"−{text}" if value < 0 else text


def likeness(value: float | None) -> str:
    """Return how alike a map is to the original's: "map 0.87", "map 0.997", "map –" where not defined."""
    if value is None:
        return "map –"
    return f"map {value:.{3 if 0.995 <= value < 1 else 2}f}".replace("-", "−")
