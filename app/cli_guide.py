"""The options that say who guides an encoder, shared by the commands that encode."""

from typing import TYPE_CHECKING, Annotated

import typer

from keepsight.app.cli_judge import load_judge
from keepsight.app.cli_measure import listed

if TYPE_CHECKING:
    from keepsight.app.engine.guiding import Guiding
    from keepsight.models.types import Judge

GuideOption = Annotated[
    str,
    typer.Option(
        "--guide",
        metavar="A,B",
        help="Classifiers that tell guided codecs what matters, each as --classifier; or none.",
    ),
]
GuideMapOption = Annotated[
    str | None,
    typer.Option(
        "--guide-map",
        metavar="MAP",
        help="Which of their maps, or a mix such as layer-cam*2+edges; grad-cam if left out. "
        "For a map of the image alone no classifier is loaded.",
    ),
]


def load_guiding(
    classifiers: str,
    method: str | None,
    device: str,
    known: "Judge | None" = None,
    *,
    searching: bool = False,
) -> "Guiding | None":
    """Load who guides, by the words of the two options; None leaves encoders to look at the photo alone.

    `known` serves where it is one of those that are named. `searching`: a codec asks about candidates too, so
    that classifiers are loaded for any map. Raises `ModelError`.
    """
    from keepsight.app.engine.guiding import Guiding
    from keepsight.models.catalog import find_card
    from keepsight.models.maps.registry import needs_classifier
    from keepsight.models.types import DEFAULT_METHOD

    if classifiers.strip() == "none" and method is None:
        return None
    method = method or DEFAULT_METHOD
    if classifiers.strip() == "none" or not (searching or needs_classifier(method)):
        return Guiding((), method)
    cards = {card.fingerprint: card for card in map(find_card, listed(classifiers, "--guide"))}
    ready = {known.card.fingerprint: known} if known else {}
    return Guiding(tuple(ready.get(key) or load_judge(card, device) for key, card in cards.items()), method)
