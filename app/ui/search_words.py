"""What the search's tab says, in words."""

from keepsight.app.ui import format as formats
from keepsight.codecs.searching import Candidate, Found

EMPTY = "Choose Keep in a pane to see what it tried."
NO_CLASSIFIER = "No classifier guided: how far the pixels are off is compared instead of KL."
FLOOR = 1e-4
"""Losses below are drawn here: there is no zero on a logarithmic axis."""
HOW_CHOSEN = (
    "For the reader “any”, Keep weighs more than the KL against the bytes: pixels that are far from the\n"
    "original count, too, because other classifiers may fall where the guide was lucky.\n"
    "So the chosen file need not have the least KL for its bytes."
)


def is_read(found: Found) -> bool:
    """Return whether a classifier read the candidates; without one, there is no KL."""
    return found.chosen.kl == found.chosen.kl


def lost(one: Candidate, *, read: bool) -> float:
    """Return what a candidate loses, as the plot counts it: KL in nats, or the loss in pixels."""
    return one.kl if read else one.loss


def axis(found: Found) -> str:
    """Name the vertical axis, and say whether something lies below its end."""
    read = is_read(found)
    name = "loss (KL, nats)" if read else "loss in pixels"
    below = any(lost(one, read=read) < FLOOR for one in found.tried)
    return f"{name}; at the foot: {FLOOR:g} or less" if below else name


def describe(one: Candidate, found: Found) -> str:
    """Return what a tooltip says about a candidate, several lines."""
    lines = [one.words, f"{len(one.data):,} bytes, {_lost(one, found)}"]
    if is_read(found):
        lines.append("The class is kept." if one.keeps else "The class is lost.")
    if one is found.chosen:
        lines.append("This is the chosen file.")
    else:
        lines.append("A click shows it in the pane.")
    return "\n".join(lines)


def finding(found: Found, seconds: float, shown: Candidate) -> str:
    """Say what was tried and chosen, whether what was asked for is met, and what the pane shows instead."""
    chosen = found.chosen
    parts = [
        f"{len(found.tried)} candidates tried in {_seconds(seconds)}; chosen: {chosen.words}: "
        f"{len(chosen.data):,} bytes, {_lost(chosen, found)}."
    ]
    if shown is not chosen:
        parts.insert(0, f"The pane shows a candidate of {len(shown.data):,} bytes; Escape goes back.")
    if found.unmet:
        parts.insert(0, found.unmet)
    if not is_read(found):
        parts.append(NO_CLASSIFIER)
    return " ".join(parts)


def _lost(one: Candidate, found: Found) -> str:
    read = is_read(found)
    return f"{'KL' if read else 'loss'} {formats.quantity(lost(one, read=read), 2)}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds < 0.095 else f"{seconds:.1f} s"
