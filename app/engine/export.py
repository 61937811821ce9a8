"""Curves to files: CSV, and a figure for print."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from keepsight.app.engine.files import OutputError, write_file
from keepsight.app.engine.types import Curve, CurvePoint
from keepsight.codecs import registry

COLUMNS = (
    *("codec", "options", "photos", "mean_bytes", "bpp", "top1", "top1_low", "top1_high", "agreement"),
    *("encode_ms", "decode_ms", "classify_ms"),
)
FIGURE_SUFFIXES = (".svg", ".pdf", ".png")


def write_csv(path: Path, curves: Sequence[Curve]) -> None:
    """Write one row per codec and setting. Raises `OutputError`."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_row(point) for curve in curves for point in curve.points)
    write_file(path, text.getvalue().encode())


def _row(point: CurvePoint) -> dict[str, str | int]:
    top1 = point.top1
    return {
        "codec": point.codec,
        "options": point.options,
        "photos": point.photos,
        "mean_bytes": f"{point.mean_bytes:.1f}",
        "bpp": f"{point.bpp:.5f}",
        "top1": f"{top1.value:.5f}" if top1 else "",
        "top1_low": f"{top1.low:.5f}" if top1 else "",
        "top1_high": f"{top1.high:.5f}" if top1 else "",
        "agreement": f"{point.agreement.value:.5f}",
        "encode_ms": f"{point.encode_ms:.3f}",
        "decode_ms": f"{point.decode_ms:.3f}",
        "classify_ms": f"{point.classify_ms:.3f}",
    }


def check_figure(path: Path) -> None:
    """Raise `OutputError` unless the file's ending is one that `write_plot` knows."""
    if path.suffix.lower() not in FIGURE_SUFFIXES:
        raise OutputError(f"The figure “{path}” must end in {', '.join(FIGURE_SUFFIXES)}.")


def write_plot(path: Path, curves: Sequence[Curve], uncompressed: CurvePoint | None, title: str) -> None:
    """Draw accuracy (agreement where there are no labels) over bytes, SVG, PDF or PNG by the file's ending.

    Bands are 95 % intervals; the dashed line is the accuracy on uncompressed images. Raises `OutputError`.
    """
    check_figure(path)
    suffix = path.suffix.lower()
    import matplotlib as mpl  # takes most of a second
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, LogLocator

    labelled = all(point.top1 for curve in curves for point in curve.points)
    # Fixed ids and no date, so that the same curves give the same file; text stays text.
    with mpl.rc_context({"svg.hashsalt": "keepsight", "svg.fonttype": "none", "pdf.fonttype": 42}):
        figure = Figure(figsize=(7, 4.5), layout="constrained")
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
        picture = io.BytesIO()
        metadata = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}[suffix]
        figure.savefig(picture, format=suffix[1:], dpi=200, metadata=metadata)
    write_file(path, picture.getvalue())
