"""The command classify, and what it shares with the other commands that use a classifier."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keepsight.app.cli_data import fetching, list_photos
from keepsight.app.cli_output import complain, out, print_json

if TYPE_CHECKING:
    from keepsight.app.engine.data import Item
    from keepsight.app.engine.types import Photo
    from keepsight.models.cards import Card
    from keepsight.models.types import Judge

_CLASSIFIER = typer.Option(
    "--classifier",
    metavar="ID",
    help="imagenet, scenes, scenes_jpeg, torchvision:NAME, timm:NAME or the path of a card.",
)
ClassifierOption = Annotated[str, _CLASSIFIER]
OptionalClassifierOption = Annotated[str | None, _CLASSIFIER]
DeviceOption = Annotated[str, typer.Option("--device", help="Where it runs: auto, cpu, cuda, cuda:1, mps.")]
_BATCH = 32


def classify(
    names: Annotated[
        list[str],
        typer.Argument(metavar="PHOTO...", help="Photos, folders, samples, scenes, or data sets by name."),
    ],
    classifier: ClassifierOption = "imagenet",
    top: Annotated[int, typer.Option(min=1, help="How many classes to name.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    device: DeviceOption = "auto",
) -> None:
    """Say what a classifier sees in photos."""
    from keepsight.app.engine.data import DataError
    from keepsight.models.catalog import find_card

    card = find_card(classifier)
    items: list[Item] = []
    failed = False
    for name in names:
        try:
            items += list_photos(name).items
        except DataError as error:
            complain(str(error))
            failed = True
    judge = load_judge(card, device) if items else None
    found: list[dict[str, Any]] = []
    for start in range(0, len(items), _BATCH):
        photos = [_photo(item) for item in items[start : start + _BATCH]]
        readable = [photo for photo in photos if photo]
        failed |= len(readable) < len(photos)
        if judge and readable:
            found += _tops(judge, readable, top, print_now=not as_json)
    if as_json:
        print_json(found)
    if failed:
        raise typer.Exit(1)


def _photo(item: "Item") -> "Photo | None":
    from keepsight.app.engine.photos import PhotoError

    try:
        return item.load()
    except PhotoError as error:
        complain(str(error))
        return None


def _tops(judge: "Judge", photos: "Sequence[Photo]", top: int, print_now: bool) -> list[dict[str, Any]]:
    """Return, and perhaps print, the most probable classes of each photo."""
    import numpy as np

    from keepsight.app.engine.file_reading import as_read
    from keepsight.models.types import Prediction

    card = judge.card
    batch = np.stack([as_read(card, photo.pixels) for photo in photos])
    found = []
    for photo, probabilities in zip(photos, judge.predict(batch), strict=True):
        best = Prediction(probabilities, card.class_names).top(top)
        found.append(
            {"photo": photo.name, "top": [{"class": name, "probability": round(p, 6)} for name, p in best]}
        )
        if print_now:
            said = "  ".join(f"{name.split(',')[0]} {p:.1%}" for name, p in best)
            out.print(f"{photo.name}: {said}", markup=False, soft_wrap=True)
    return found


def load_judge(card: "Card", device: str) -> "Judge":
    """Load a classifier; a bar shows a download."""
    from keepsight.models import judges

    with fetching(card.name) as show:
        return judges.load(card, device, show)
