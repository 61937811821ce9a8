"""Finds the card for a classifier's id. Imports torch only for torchvision's and timm's own classifiers."""

import difflib
import os
from importlib.resources import files
from pathlib import Path
from typing import Literal

from keepsight import resources
from keepsight.models.cards import Card, load_card
from keepsight.models.errors import ModelError


def embedded_ids() -> tuple[str, ...]:
    """Return the ids of the classifiers that need no network."""
    return ("imagenet", "scenes")


FILE_READERS = ("scenes_jpeg", "scenes_block_average")
"""Ids of those that come with the program and read compressed files in place of pixels."""


def find_card(classifier_id: str) -> Card:
    """Return the card of an embedded id, "torchvision:NAME", "timm:NAME" or of a card file's path.

    Raises `ModelError` with a sentence that names what there is.
    """
    shipped = (*embedded_ids(), *FILE_READERS)
    if classifier_id in shipped:
        card = load_card(Path(str(files(resources))) / f"{classifier_id}.toml")
        return card.model_copy(update={"id": classifier_id})
    library, colon, architecture = classifier_id.partition(":")
    if colon and library == "torchvision":
        return _published("torchvision", architecture)
    if colon and library == "timm":
        return _published("timm", architecture)
    if classifier_id.endswith(".toml") or os.sep in classifier_id or Path(classifier_id).is_file():
        return load_card(Path(classifier_id))
    close = difflib.get_close_matches(classifier_id.lower(), shipped, 1)
    raise ModelError(
        f"There is no classifier “{classifier_id}”. "
        + (f"Did you mean “{close[0]}”? " if close else "")
        + f"It may be {', '.join(shipped)}, torchvision:NAME, timm:NAME or the path of a card (a .toml file)."
    )


def pixel_twin(card: Card) -> Card | None:
    """Return the embedded classifier of pixels with the same classes; None where there is none."""
    found = (find_card(name) for name in embedded_ids())
    return next((one for one in found if one.class_names == card.class_names), None)


def _published(library: Literal["torchvision", "timm"], architecture: str) -> Card:
    # Here, because the window finds the other cards without torch.
    from keepsight.models.pretrained import architectures, pretrained_card

    known = architectures(library)
    if architecture in known:
        return pretrained_card(library, architecture)
    close = difflib.get_close_matches(architecture.lower(), known, 3)
    raise ModelError(
        f"{library} has no pretrained classifier “{architecture}”. "
        + (f"Close: {', '.join(close)}." if close else f"It has, for example, {', '.join(known[:3])}.")
    )
