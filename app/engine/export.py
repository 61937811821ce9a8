"""Curves to files: CSV, and a figure for print."""

import csv
import io
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from keepsight.app.engine.files import write_file
from keepsight.app.engine.printing import check_figure, printed
from keepsight.app.engine.types import Curve, CurvePoint, Share
from keepsight.codecs import registry

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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


def write_plot(path: Path, curves: Sequence[Curve], uncompressed: CurvePoint | None, title: str) -> None:
    """Draw accuracy (agreement where there are no labels) over bytes, SVG, PDF or PNG by the file's ending.

    Bands are 95 % intervals; the dashed line is the accuracy on uncompressed images. Raises `OutputError`.
    """
    check_figure(path)
    draw = partial(_draw, curves=curves, uncompressed=uncompressed, title=title)
    write_file(path, printed(path.suffix.lower(), (7, 4.5), draw))


def _draw(figure: "Figure", curves: Sequence[Curve], uncompressed: CurvePoint | None, title: str) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator

    labelled = all(point.top1 for curve in curves for point in curve.points)
    axes = figure.add_subplot()
    for curve in curves:
        codec = registry.get(curve.codec)
        shares = [(point.top1 if labelled else None) or point.agreement for point in curve.points]
        sizes = [point.mean_bytes for point in curve.points]
        axes.plot(sizes, [s.value for s in shares], ".-", color=codec.colour, label=codec.label)
        axes.fill_between(
            sizes, [s.low for s in shares], [s.high for s in shares], color=codec.colour, alpha=0.2, lw=0
        )
    if labelled and uncompressed and uncompressed.top1:
        accuracy = uncompressed.top1.value
        axes.axhline(accuracy, color="0.4", ls="--", lw=1, label=f"uncompressed {accuracy:.3f}")
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda size, _: f"{size:,.0f}"))
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("bytes per image (log)")
    axes.set_ylabel("top-1 accuracy" if labelled else "agreement with the uncompressed prediction")
    axes.set_title(title, fontsize=10, wrap=True)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
