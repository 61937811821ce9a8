"""What a threshold sweep found, in sentences."""

from collections.abc import Sequence

from keepsight.app.engine.threshold import ThresholdPoint, survivor, threshold_of, with_threshold
from keepsight.app.engine.types import Setting, Share
from keepsight.app.ui import format as words
from keepsight.codecs import registry
from keepsight.codecs.roi import DEFAULT_THRESHOLD

EMPTY = (
    "How much of a photo can go before its class does? Click a compressed picture, then “This photo” or "
    "“All photos”: its threshold goes from 0, where the whole photo is kept, to 1, where only what matters "
    "most is."
)
NO_PHOTO = "There is no photo yet. Open one first."
NO_PHOTOS = "There are no photos to measure. Open some first."
NO_PANE = "Click a compressed picture first: the threshold is varied for its compressor."


def subject(setting: Setting) -> str:
    """Say whose threshold is varied: "ROI JPEG · quality 8"."""
    own = threshold_of(setting) is not None
    rest = with_threshold(setting, DEFAULT_THRESHOLD) if own else setting
    codec = registry.get(rest.codec)
    name = " · ".join(filter(None, (codec.label, rest.options.in_words())))
    return name if own else f"{name}, the background removed before it"


def of_photo(points: Sequence[ThresholdPoint], name: str) -> str:
    """Say up to which threshold the class of the one photo measured, called `name`, survives."""
    first, last = points[0], survivor(points)
    if _alike(points):
        return "Every threshold gives the same file: nothing in this photo matters more than the rest."
    if last is None:
        return (
            f"“{name}” is lost at threshold {first.threshold:.2f} already: the compressor alone is too "
            "coarse for it. Raise its quality first."
        )
    saved = f"{_size(last)} instead of {_bytes(first)}" if last is not first else _size(last)
    if last is points[-1]:
        return f"“{name}” survives every threshold, even {last.threshold:.2f}: {saved}."
    back = [p for p in points if p.threshold > last.threshold and p.figures.agreement.value]
    found = [f"“{name}” survives up to a threshold of {last.threshold:.2f}: {saved}."]
    if back:
        found.append(f"It is back at {back[0].threshold:.2f}.")
    if len(back) > 1:
        found.append(f"The last to keep it is {back[-1].threshold:.2f}, at {_size(back[-1])}.")
    return " ".join(found)


def of_photos(points: Sequence[ThresholdPoint], threshold: float, reference: Share | None) -> str:
    """Say what the measured threshold nearest to this one does to a set of photos.

    `reference` is top-1 without compression, where there are labels.
    """
    point = min(points, key=lambda point: abs(point.threshold - threshold))
    first, figures = points[0], point.figures
    size = f"{_size(point)} a photo"
    if point is not first:
        size += f" instead of {_bytes(first)}"
    if figures.top1 and reference:
        return (
            f"At {point.threshold:.2f}, {_share(figures.top1)} are classified rightly "
            f"({words.percent(reference.value)} without compression) at {size}."
        )
    return f"At {point.threshold:.2f}, {_share(figures.agreement)} keep their class at {size}."


def describe(points: Sequence[ThresholdPoint], point: ThresholdPoint, *, one_photo: bool) -> str:
    """Return what a tooltip says about a point, several lines."""
    figures = point.figures
    probability = f"{'probability' if one_photo else 'mean probability'} {words.percent(figures.p_kept)}"
    if one_photo:
        lines = [f"class {'kept' if figures.agreement.value else 'flipped'}, {probability}"]
    else:
        lines = [f"{_share(figures.agreement)} keep their class, {probability}"]
        if figures.top1:
            lines.append(f"{_share(figures.top1)} are classified rightly")
    share = f", {words.percent(figures.mean_bytes / points[0].figures.mean_bytes)} of the whole"
    lines.append(f"{_size(point)}{'' if one_photo else ' a photo'}{share if point is not points[0] else ''}")
    if figures.failed:
        lines.append(f"{figures.failed:,} photos could not be compressed")
    return "\n".join([f"Threshold {point.threshold:.2f}", *lines, "Click to set it"])


def _alike(points: Sequence[ThresholdPoint]) -> bool:
    return len(points) > 1 and len({(p.figures.mean_bytes, p.figures.p_kept) for p in points}) == 1


def _share(share: Share) -> str:
    """Return a share with its interval: "92 % (88–95)"."""
    return f"{words.percent(share.value)} ({100 * share.low:.0f}–{100 * share.high:.0f})"


def _bytes(point: ThresholdPoint) -> str:
    return f"{point.figures.mean_bytes:,.0f}"


def _size(point: ThresholdPoint) -> str:
    return f"{_bytes(point)} bytes"
