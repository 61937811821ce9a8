"""What the figures of a region say, in words."""

from dataclasses import dataclass
from typing import Literal

from keepsight.app.ui import format as words
from keepsight.app.worker.region_figures import ByteShare, RegionFigures
from keepsight.models.types import Prediction

Finding = Literal["kept", "lost", "open"]


def bytes_of(share: ByteShare | None, label: str) -> tuple[str, str]:
    """Return the share of a file's bytes that the region takes, and what that figure is."""
    if share is None:
        return "–", "Click a compressed picture to see how many of its bytes the region takes"
    percent = words.percent(share.value)
    if share.measured:
        return f"{percent} of {label}", f"Counted in the {label} file: bits of the blocks inside the region"
    return f"≈ {percent} of {label}", (
        f"An estimate: the {label} file of the photo with the background in one colour, over the whole file"
    )


@dataclass(frozen=True)
class Seen:
    """What the classifier says of one picture."""

    text: str
    help: str


def seen(prediction: Prediction | None, original: int | None, what: str) -> Seen:
    """Return the class of a picture, and what is left of the original's class."""
    if prediction is None:
        return Seen("–", f"{what}: nothing to classify")
    name, share = prediction.top(1)[0]
    text = f"{name} {words.percent(share)}"
    if original is None or prediction.best == original:
        return Seen(text, f"{what}: {text}")
    rest = f"{prediction.classes[original]} {words.percent(float(prediction.probabilities[original]))}"
    return Seen(text, f"{what}: {text}; {rest}")


def no_map(coming: bool) -> str:
    """Return why nothing is known of a region that is cut from a map, as a sentence."""
    if coming:
        return "Waiting for the map."
    return "There is no map yet. Paint the region, or choose another map."


def finding(figures: RegionFigures | None) -> tuple[Finding, str]:
    """Return whether the region keeps the class, as a sentence."""
    if figures is None:
        return "open", ""
    judge = figures.request.judge
    if judge is not None and judge.card.reads != "pixels":
        return "open", "The classifier reads files. What it says of a region alone needs one of pixels."
    if figures.whole is None:
        return "open", ""
    best = figures.whole.best
    if figures.inside is None:
        return "open", "The region is empty: lower the threshold or paint one."
    if figures.outside is None:
        return "open", "The region is all that the classifier sees."
    alone = figures.inside.best == best
    without = figures.outside.best == best
    if alone and without:
        return "kept", "✓ The region alone keeps the class, and so does the background alone."
    if alone:
        return "kept", "✓ The region alone keeps the class; the background alone loses it."
    if without:
        return "lost", "✕ The background alone keeps the class, and the region alone does not."
    return "lost", "✕ The region alone loses the class. Enlarge it."
