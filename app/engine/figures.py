"""Figures for print, for slides and for a report: SVG, PDF or PNG, drawn by Matplotlib."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from keepsight.app.engine import naming
from keepsight.app.engine.equal_accuracy import Rate
from keepsight.app.engine.files import write_file
from keepsight.app.engine.latency import Latency
from keepsight.app.engine.printing import Style, accent, check_figure, render, styled
from keepsight.app.engine.store_schema import LOSSLESS_DB
from keepsight.app.engine.types import Curve, CurvePoint, Share

if TYPE_CHECKING:  # Matplotlib takes most of a second
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKERS = "osD^vPX*<>"
"""By codec in turn, so that curves are told apart without colour."""
_SMALL = (3.5, 2.7)
_STEPS = {"encode": "#0B4F8A", "transfer": "#C3C7CD", "decode": "#7DB0DC", "classify": "#4A5058"}
"""What a photo spends its time on, with colours."""


@dataclass(frozen=True)
class Metric:
    """What can be drawn over bytes."""

    label: str
    read: Callable[[CurvePoint], Share | float | None]
    logarithmic: bool = False
    share: bool = False
    """Whether its axis is to reach from 0 to 1."""


METRICS = {
    "top1": Metric("top-1 accuracy", lambda point: point.top1, share=True),
    "top5": Metric("top-5 accuracy", lambda point: point.top5, share=True),
    "agreement": Metric(
        "agreement with the uncompressed prediction", lambda point: point.agreement, share=True
    ),
    "p_true": Metric("mean probability of the true class", lambda point: point.p_true, share=True),
    "p_kept": Metric(
        "mean probability of the class seen uncompressed", lambda point: point.p_kept, share=True
    ),
    "kl": Metric("KL divergence, nats (log)", lambda point: point.kl or None, logarithmic=True),
    "psnr": Metric("PSNR, dB", lambda point: point.psnr if point.psnr < LOSSLESS_DB else None),
    "ssim": Metric("SSIM", lambda point: point.ssim),
    "ms_ssim": Metric("MS-SSIM", lambda point: point.ms_ssim),
}
"""By name, in the order to show."""


def write_plot(path: Path, curves: Sequence[Curve], uncompressed: CurvePoint | None, title: str) -> None:
    """Draw accuracy (agreement where there are no labels) over bytes, SVG, PDF or PNG by the file's ending.

    Bands are 95 % intervals; the dashed line is the accuracy on uncompressed images. Raises `OutputError`.
    """
    check_figure(path)
    write_file(path, render(accuracy_figure(curves, uncompressed, title), path.suffix.lower()))


def accuracy_figure(curves: Sequence[Curve], uncompressed: CurvePoint | None, title: str = "") -> "Figure":
    """Draw accuracy, or agreement where there are no labels, over bytes, with 95 % bands."""
    labelled = all(point.top1 for curve in curves for point in curve.points)
    accuracy = uncompressed.top1.value if uncompressed and uncompressed.top1 else None
    return curves_figure(curves, "top1" if labelled else "agreement", accuracy, title)


def curves_figure(
    curves: Sequence[Curve], name: str, accuracy: float | None, title: str, style: Style = "light"
) -> "Figure":
    """Draw one of `METRICS` over bytes, large, with 95 % bands where it has intervals.

    The dashed line is `accuracy`, top-1 on uncompressed images in [0, 1], where that is what is drawn.
    """
    with styled(style):
        figure, axes = _figure(7, 4.5)
        _draw(axes, curves, METRICS[name], size=4)
        if name == "top1" and accuracy is not None:
            axes.axhline(accuracy, color="0.5", ls="--", lw=1, label=f"uncompressed {accuracy:.3f}")
        if METRICS[name].share:
            axes.set_ylim(0, 1.02)
        axes.set_title(title, fontsize=10, wrap=True)
        axes.legend(frameon=False)
    return figure


def metric_figure(curves: Sequence[Curve], name: str, *, legend: bool) -> "Figure":
    """Draw one of `METRICS` over bytes, small, with 95 % bands where it has intervals."""
    figure, axes = _figure(*_SMALL)
    _draw(axes, curves, METRICS[name], size=3)
    axes.tick_params(labelsize=8)
    axes.set_title(METRICS[name].label, fontsize=9)
    axes.set_ylabel("")
    axes.set_xlabel("bytes per image (log)", fontsize=8)
    if legend:
        axes.legend(frameon=False, fontsize=7)
    return figure


def saved_figure(rates: Sequence[Rate], anchor: str) -> "Figure":
    """Draw the bytes that each codec saves against the anchor, a dot with its 95 % interval."""
    from matplotlib.ticker import PercentFormatter

    shown = [rate for rate in rates if rate.codec != anchor]
    figure, axes = _figure(7, 1 + 0.35 * len(shown))
    for row, rate in enumerate(shown):
        colour = accent(axes, rate.codec)
        axes.plot([rate.saved_low, rate.saved_high], [row, row], color=colour, lw=2, solid_capstyle="butt")
        axes.plot([rate.saved], [row], "o", color=colour)
    axes.axvline(0, color="0.4", ls="--", lw=1)
    axes.set_yticks(range(len(shown)), [naming.label(rate.codec) for rate in shown])
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel(f"bytes saved against {naming.label(anchor)}, with 95 % intervals")
    axes.grid(alpha=0.3, axis="x")
    return figure


def latency_figure(found: Sequence[Latency], bandwidth: float, *, legend: bool) -> "Figure":
    """Draw what one photo takes with each codec over a link, the fastest on top, step by step."""
    figure, axes = _figure(3.5, 1 + 0.26 * len(found) + 0.2 * legend)
    start = [0.0] * len(found)
    for step, colour in _STEPS.items():
        lengths = [getattr(one, step) for one in found]
        axes.barh(range(len(found)), lengths, 0.7, start, color=colour, label=step)
        start = [before + length for before, length in zip(start, lengths, strict=True)]
    axes.set_yticks(range(len(found)), [naming.label(one.point.codec) for one in found], fontsize=8)
    axes.set_ylim(len(found) - 0.5, -0.5)
    axes.tick_params(axis="x", labelsize=8)
    axes.set_xlabel("milliseconds a photo", fontsize=8)
    axes.set_title(bandwidth_in_words(bandwidth), fontsize=9)
    axes.grid(alpha=0.3, axis="x")
    axes.set_axisbelow(True)
    if legend:
        figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=7)
    return figure


def step_colours() -> Mapping[str, str]:
    """Return the colour of each step of `latency_figure`, for a legend beside it."""
    return _STEPS


def bandwidth_in_words(bits_per_second: float) -> str:
    """Return "1.5 Mbit/s" and the like, two digits."""
    for unit, size in (("Gbit/s", 1e9), ("Mbit/s", 1e6), ("kbit/s", 1e3)):
        if bits_per_second >= 0.995 * size:
            number = bits_per_second / size
            return f"{number:.2g} {unit}" if number < 9.95 else f"{number:.0f} {unit}"
    return f"{bits_per_second:.0f} bit/s"


def _figure(width: float, height: float) -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def _draw(axes: "Axes", curves: Sequence[Curve], metric: Metric, size: float) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator

    for place, curve in enumerate(curves):
        read = [(point.mean_bytes, metric.read(point)) for point in curve.points]
        told = [(length, value) for length, value in read if value is not None]
        sizes = [length for length, _ in told]
        shares = [value for _, value in told if isinstance(value, Share)]
        values = [value.value if isinstance(value, Share) else value for _, value in told]
        colour, marker = accent(axes, curve.codec), _MARKERS[place % len(_MARKERS)]
        label = naming.label(curve.codec)
        axes.plot(sizes, values, "-", marker=marker, ms=size, lw=1.3, color=colour, label=label)
        if shares:
            low, high = [share.low for share in shares], [share.high for share in shares]
            axes.fill_between(sizes, low, high, color=colour, alpha=0.15, lw=0)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if size > 3 else (1, 3)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda length, _: f"{length:,.0f}"))
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))
    if metric.logarithmic:
        axes.set_yscale("log")
    axes.set_xlabel("bytes per image (log)")
    axes.set_ylabel(metric.label)
    axes.grid(alpha=0.3)
