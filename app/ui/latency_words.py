"""What the latency's tab says, in words."""

import math
from collections.abc import Sequence

from keepsight.app.engine.latency import Latency, Stretch, accuracy
from keepsight.app.engine.paths import Paths
from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.types import Curve, CurvePoint
from keepsight.app.ui import format as formats
from keepsight.app.ui import theme
from keepsight.app.ui.curve_points import options_in_words
from keepsight.codecs import registry

EMPTY = (
    "Press Sweep to measure how long each compressor takes; here stands what is the fastest over which link."
)
STAGES = {
    "encode": ("#8fb8e0", "to compress the photo, on the client"),
    "transfer": ("#5d6672", "to send the file, with the round trip"),
    "decode": (
        "#3f74ad",
        "to decompress it, or to read its planes where the classifier reads files, on the server",
    ),
    "classify": ("#c3c8cf", "to classify it, on the server"),
}
"""The steps of a photo in their order, with a colour and what happens then."""
HOW_MEASURED = "Medians of the sweep, which keeps all cores busy: on a quiet computer each step is quicker."
NO_FILE = "No pane shows a file that this classifier can read. Choose its codec, and a photo of 224 × 224."
NO_TWIN = "There is no classifier of pixels with the same classes to compare with."


def name(codec: str) -> str:
    """Return a codec's label; of the uncompressed photo, what is sent."""
    return "No codec (raw pixels)" if codec == ORIGINAL else registry.get(codec).label


def colour(codec: str) -> str:
    """Return a codec's colour, as it can be seen in the theme in use."""
    return theme.TEXT if codec == ORIGINAL else theme.readable(registry.get(codec).colour)


def setting(point: CurvePoint) -> str:
    """Return a point's setting in words: "quality 20"; "" for the uncompressed photo."""
    return "" if point.codec == ORIGINAL else options_in_words(point.codec, point.options)


def bandwidth(bits: float) -> str:
    """Return bits per second as short as they can be told: "10 kbit/s", "1.3 Mbit/s", "1 Gbit/s"."""
    for unit, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if bits >= 0.995 * unit:
            return f"{float(f'{bits / unit:.2g}'):g} {prefix}bit/s"
    return f"{bits:.0f} bit/s"


def duration(milliseconds: float) -> str:
    """Return a time: "8.5 ms", "85 ms", "1.2 s", "2.5 min"."""
    unit, symbol = (
        (1, "ms") if milliseconds < 999.5 else (1000, "s") if milliseconds < 99_500 else (60_000, "min")
    )
    value = milliseconds / unit
    return f"{value:.1f} {symbol}" if value < 9.95 else f"{value:.0f} {symbol}"


def speed(factor: float) -> str:
    """Return how many times as fast as this machine: "× 1", "× 0.25"."""
    return f"× {factor:g}"


def describe(found: Latency) -> str:
    """Return what a tooltip says about one codec's way, several lines."""
    point = found.point
    words = setting(point)
    lines = [
        f"{name(point.codec)} · {words}" if words else name(point.codec),
        f"{point.mean_bytes:,.0f} bytes a photo, {_accuracy(point)}",
        *(
            f"{duration(getattr(found, stage))} {what}"
            for stage, (_, what) in STAGES.items()
            if getattr(found, stage) > 0
        ),
        f"{duration(found.total)} in all",
    ]
    if point.codec != ORIGINAL:
        lines.append("A click shows this setting in a pane.")
    return "\n".join(lines)


def too_low(curve: Curve, floor: float) -> str:
    """Say why a codec is left out: its best accuracy, and what would be needed."""
    best = max(curve.points, key=accuracy)
    return f"at best {_measure(best)} {accuracy(best):.3f}; {_rounded_up(floor):.3f} is needed"


def finding(found: Sequence[Latency], stretches: Sequence[Stretch], chosen: float, kept: float) -> str:
    """Say what is the fastest at the chosen bandwidth (bit/s), and from where on something else is."""
    if not found:
        return f"No setting keeps {formats.percent(kept)} of the uncompressed accuracy: ask for less."
    first = found[0]
    words = setting(first.point)
    how = f"{_who(first.point.codec)}, {words}," if words else _who(first.point.codec)
    sentence = (
        f"At {bandwidth(chosen)}, {how} is the fastest way to the class: {duration(first.total)} a photo"
    )
    if len(found) > 1:
        sentence += f", {duration(found[1].total - first.total)} ahead of {_who(found[1].point.codec)}"
    place = next(
        (i for i, one in enumerate(stretches) if one.low <= chosen * 1.0001 <= one.high * 1.001), None
    )
    if place is None:
        return sentence + "."
    if len(stretches) == 1:
        return f"{sentence}; so it is at every bandwidth."
    others = (
        [f"below {bandwidth(stretches[place].low)} it is {_who(stretches[place - 1].codec)}"] if place else []
    )
    others += [f"above {bandwidth(one.low)} it is {_who(one.codec)}" for one in stretches[place + 1 :]]
    also = ", ".join(others)
    return f"{sentence}. {also[0].upper()}{also[1:]}."


def paths(found: Paths, shown: str) -> str:
    """Say what a classifier that reads files saves; `shown` is the codec and its setting."""
    pixels = f"decompress {found.decode_ms:.2f}, classify {found.pixels_ms:.2f} with {found.rival}"
    file = f"read {found.read_ms:.2f}, classify {found.file_ms:.2f}"
    return (
        f"From a file of {shown} to its class on this computer, as busy as it is now: "
        f"{found.decode_ms + found.pixels_ms:.2f} ms through pixels ({pixels}), "
        f"{found.read_ms + found.file_ms:.2f} ms without ({file}): {found.times_as_fast:.1f} times as fast."
    )


def _who(codec: str) -> str:
    """Return a codec's name in the middle of a sentence."""
    return "sending raw pixels" if codec == ORIGINAL else name(codec)


def _accuracy(point: CurvePoint) -> str:
    share = point.top1 or point.agreement
    return f"{_measure(point)} {share.value:.3f} (95 % interval {share.low:.3f} to {share.high:.3f})"


def _measure(point: CurvePoint) -> str:
    return "top-1" if point.top1 else "agreement"


def _rounded_up(share: float) -> float:
    """Three digits that no accuracy below the share can read as."""
    return math.ceil(round(1000 * share, 6)) / 1000
