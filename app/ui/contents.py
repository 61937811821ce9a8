"""From results to what a pane shows."""

from keepsight.app.engine.file_reading import best_setting
from keepsight.app.engine.types import bits_per_pixel
from keepsight.app.ui.pane import PaneContent, Verdict
from keepsight.app.worker.jobs import PaneShown, PhotoShown
from keepsight.codecs import registry
from keepsight.codecs.guide import Critic
from keepsight.models.cards import Card
from keepsight.models.types import Prediction

_ROWS = 3


def original_content(shown: PhotoShown) -> PaneContent:
    """Describe the original photo."""
    height, width = shown.photo.pixels.shape[:2]
    raw = shown.photo.pixels.nbytes
    card = shown.judge.card if shown.judge else None
    return PaneContent(
        title="Original",
        options=_stand_in(card) if card and card.reads != "pixels" else "",
        bytes=raw,
        bpp=bits_per_pixel(raw, height * width),
        rows=_rows(shown.prediction),
        verdict="reference",
        pixels=shown.photo.pixels,
        levels=shown.levels,
        width=width,
        height=height,
    )


def compressed_content(shown: PaneShown, original: PhotoShown | None) -> PaneContent:
    """Describe what a codec made of the photo; the verdict needs the original, read by the same judge."""
    setting, coded = shown.request.setting, shown.coded
    codec = registry.get(setting.codec)
    height, width = shown.request.photo.pixels.shape[:2]
    return PaneContent(
        title=codec.label,
        codec=codec.id,
        options=_options(shown),
        bytes=len(coded.data),
        bpp=bits_per_pixel(len(coded.data), height * width),
        rows=_rows(shown.prediction),
        verdict=verdict(shown, original),
        ratio=shown.request.photo.pixels.nbytes / len(coded.data),
        psnr=shown.psnr,
        ssim=shown.ssim,
        pixels=coded.pixels,
        levels=shown.levels,
        width=width,
        height=height,
        colour=codec.colour,
        note=_note(shown),
    )


def verdict(shown: PaneShown, original: PhotoShown | None) -> Verdict | None:
    """Tell whether the class is kept; None while either prediction is missing or of another classifier."""
    if shown.prediction is None or original is None or original.prediction is None:
        return None
    if shown.request.photo.key != original.photo.key or shown.request.judge is not original.judge:
        return None
    return "kept" if shown.prediction.best == original.prediction.best else "flipped"


def _options(shown: PaneShown) -> str:
    judge, words = shown.request.judge, shown.request.setting.options.in_words()
    if judge is not None and judge.card.reads != "pixels" and shown.prediction is not None:
        return f"reads the file · {words}"
    if shown.request.candidate is not None:
        return f"candidate: {shown.request.candidate.words}"
    return f"{words} · pixels compared" if shown.found and not isinstance(shown.guide, Critic) else words


def _stand_in(card: Card) -> str:
    """Say what a classifier that reads files is given of an uncompressed photo."""
    assert card.reads != "pixels"
    best = best_setting(card.reads)
    return f"read as {registry.get(best.codec).label} {best.options.in_words()}"


def _note(shown: PaneShown) -> str:
    if shown.unread:
        return shown.unread
    if shown.request.candidate is not None:
        return "A candidate, not the chosen file."
    return shown.found.unmet if shown.found else ""


def _rows(prediction: Prediction | None) -> tuple[tuple[str, float], ...]:
    return tuple(prediction.top(_ROWS)) if prediction is not None else ()
