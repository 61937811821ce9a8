"""What plot, table and tooltips read from a point of a curve; each metric is declared here once."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from keepsight.app.engine import naming
from keepsight.app.engine.types import Curve, CurvePoint, Share
from keepsight.app.ui import format as words
from keepsight.codecs import registry


@dataclass(frozen=True)
class Metric:
    """One quantity that a curve can show over the rate."""

    id: str
    label: str
    """Name in the list of metrics."""
    axis: str
    """Name beside the axis, with its unit."""
    help: str
    read: Callable[[CurvePoint], Share | float | None]
    """The point's figure, with an interval where there is one; None where it was not measured."""
    limits: tuple[float, float] | None = None
    """Fixed range of the axis; None where it follows the data."""
    digits: int = 3
    needs_labels: bool = False
    less_is_better: bool = False

    def share(self, point: CurvePoint) -> Share | None:
        """Return the point's figure; without an interval low and high are the value itself."""
        figure = self.read(point)
        return figure if figure is None or isinstance(figure, Share) else Share(figure, figure, figure)

    def in_words(self, point: CurvePoint) -> str:
        """Return the figure with its interval: "0.628 (95 % interval 0.585 to 0.669)"."""
        share = self.share(point)
        if share is None:
            return "not measured"
        value = f"{share.value:.{self.digits}f}"
        if share.low == share.high:
            return value
        return f"{value} (95 % interval {share.low:.{self.digits}f} to {share.high:.{self.digits}f})"


@dataclass(frozen=True)
class Rate:
    """One way to tell how small files are."""

    label: str
    """Name in the list of rates."""
    axis: str
    """Name below the axis."""
    help: str
    read: Callable[[CurvePoint], float]
    text: Callable[[float], str]
    """How a tick reads."""
    grows: bool = True
    """Whether it grows with the file."""


_RAW_BPP = 24
"""Bits per pixel of raw sRGB."""

BYTES = Rate(
    "bytes",
    "mean file size per photo, header included",
    "Mean size of the whole file",
    lambda point: point.mean_bytes,
    words.short_size,
)
RATES = (
    BYTES,
    Rate(
        "bits per pixel",
        "bits per pixel of what the codec was given",
        "Bits of all files over the pixels of all images",
        lambda point: point.bpp,
        lambda value: f"{value:.4g}",
    ),
    Rate(
        "compression ratio",
        "compression ratio: how often the files go into the raw pixels",
        "Raw pixels over files: larger is smaller files",
        lambda point: _RAW_BPP / point.bpp,
        lambda value: f"1 : {value:.4g}",
        grows=False,
    ),
)

TOP1 = Metric(
    "top1",
    "Top-1 accuracy",
    "top-1 accuracy",
    "Share of photos whose most probable class is the true one. Needs labelled photos.",
    lambda point: point.top1,
    (0, 1),
    needs_labels=True,
)
AGREEMENT = Metric(
    "agreement",
    "Agreement",
    "agreement with the original",
    "Share of photos whose most probable class is the same as without compression. Needs no labels.",
    lambda point: point.agreement,
    (0, 1),
)
METRICS = (
    TOP1,
    Metric(
        "top5",
        "Top-5 accuracy",
        "top-5 accuracy",
        "Share of photos whose true class is among the five most probable ones. Needs labelled photos.",
        lambda point: point.top5,
        (0, 1),
        needs_labels=True,
    ),
    Metric(
        "p_true",
        "Probability of the label",
        "mean probability of the label",
        "What the classifier gives the true class, on average. Needs labelled photos.",
        lambda point: point.p_true,
        (0, 1),
        needs_labels=True,
    ),
    AGREEMENT,
    Metric(
        "kl",
        "KL divergence",
        "KL divergence (nats)",
        "How far the class probabilities move away from those without compression; 0 is no change.",
        lambda point: point.kl,
        less_is_better=True,
    ),
    Metric(
        "psnr",
        "PSNR",
        "PSNR (dB)",
        "Peak signal-to-noise ratio of the pixels; higher is closer to the original.",
        lambda point: point.psnr,
        digits=1,
    ),
    Metric(
        "ssim",
        "SSIM",
        "SSIM",
        "Structural similarity of the pixels; 1 is the same picture.",
        lambda point: point.ssim,
        (0, 1),
    ),
    Metric(
        "ms_ssim",
        "MS-SSIM",
        "MS-SSIM",
        "Structural similarity at several scales; 1 is the same picture.",
        lambda point: point.ms_ssim,
        (0, 1),
    ),
)


def front(curves: Iterable[Curve], metric: Metric) -> list[CurvePoint]:
    """Return the Pareto front over all codecs: the points that no file as small or smaller comes up to."""
    sign = -1 if metric.less_is_better else 1
    told = [
        (point.mean_bytes, -sign * share.value, point)
        for curve in curves
        for point in curve.points
        if point.photos and (share := metric.share(point)) is not None
    ]
    best: list[CurvePoint] = []
    least = float("inf")
    for _, loss, point in sorted(told, key=lambda one: one[:2]):
        if loss < least:
            best.append(point)
            least = loss
    return best


@cache
def options_in_words(codec_id: str, options: str) -> str:
    """Return options given as JSON in words: "quality 8 · chroma 4:4:4"."""
    codec = registry.get(codec_id)
    return codec.options.parse(json.loads(options)).in_words()


def describe(point: CurvePoint, metric: Metric) -> str:
    """Return what a tooltip says about a point, several lines."""
    name = registry.get(point.codec).label
    setting = options_in_words(point.codec, point.options)
    photos = naming.photos(point.photos)
    if point.failed:
        photos += f", {point.failed:,} more could not be compressed"
    lines = [
        f"{name} · {setting}" if setting else name,
        f"{point.mean_bytes:,.0f} B a photo · {point.bpp:.3f} bpp",
        f"{metric.label}: {metric.in_words(point)}",
        photos,
    ]
    return "\n".join(lines)
