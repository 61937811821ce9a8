"""Curves to a table: CSV."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

from keepsight.app.engine.files import write_file
from keepsight.app.engine.types import Curve, CurvePoint, Share

_SHARES: dict[str, Callable[[CurvePoint], Share | None]] = {
    "top1": lambda point: point.top1,
    "top5": lambda point: point.top5,
    "agreement": lambda point: point.agreement,
}
_MEANS = ("p_true", "p_kept", "kl", "psnr", "ssim", "ms_ssim")
_TIMES = ("encode_ms", "decode_ms", "classify_ms")
COLUMNS = (
    *("codec", "options", "photos", "failed", "mean_bytes", "bpp"),
    *(f"{name}{end}" for name in _SHARES for end in ("", "_low", "_high")),
    *_MEANS,
    *_TIMES,
)


def write_csv(path: Path, curves: Sequence[Curve]) -> None:
    """Write one row per codec and setting. Raises `OutputError`."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_row(point) for curve in curves for point in curve.points)
    write_file(path, text.getvalue().encode())


def _row(point: CurvePoint) -> dict[str, str | int]:
    row: dict[str, str | int] = {
        "codec": point.codec,
        "options": point.options,
        "photos": point.photos,
        "failed": point.failed,
        "mean_bytes": f"{point.mean_bytes:.1f}",
    }
    row |= {name: _number(getattr(point, name), 5) for name in ("bpp", *_MEANS)}
    row |= {name: _number(getattr(point, name), 3) for name in _TIMES}
    for name, read in _SHARES.items():
        share = read(point)
        ends = (share.value, share.low, share.high) if share else (None,) * 3
        row |= {f"{name}{end}": _number(of, 5) for end, of in zip(("", "_low", "_high"), ends, strict=True)}
    return row


def _number(value: float | None, digits: int) -> str:
    """Return an empty cell for what was not measured."""
    return "" if value is None else f"{value:.{digits}f}"
