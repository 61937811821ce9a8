"""The command map: the saliency map of one photo, as a picture or as numbers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keepsight.app.cli_judge import ClassifierOption, DeviceOption, load_judge
from keepsight.app.cli_output import out

if TYPE_CHECKING:
    from keepsight.models.types import Importance, Pixels


def saliency_map(
    source: Annotated[Path, typer.Argument(metavar="IN", help="A photo.")],
    target: Annotated[
        Path,
        typer.Argument(metavar="OUT.png|OUT.npy", help="The map over the photo, or its raw numbers (NumPy)."),
    ],
    method: Annotated[
        str | None,
        typer.Option(
            "--map", metavar="MAP", help="Which map, or a mix such as grad-cam*2+edges; grad-cam if left out."
        ),
    ] = None,
    class_: Annotated[
        str | None,
        typer.Option(
            "--class", metavar="NAME|NUMBER", help="The class to explain; the predicted one if left out."
        ),
    ] = None,
    classifier: ClassifierOption = "imagenet",
    device: DeviceOption = "auto",
) -> None:
    """Write the saliency map of a photo."""
    from keepsight.app.engine import photos
    from keepsight.app.engine.files import OutputError, check_writable, write_file
    from keepsight.app.engine.map_picture import npy, over_photo
    from keepsight.codecs import registry
    from keepsight.models.types import DEFAULT_METHOD

    if target.suffix.lower() not in (".png", ".npy"):
        raise OutputError(f"The map “{target}” must end in .png (a picture) or .npy (numbers).")
    check_writable(target)
    pixels = photos.load(source).pixels
    importance, about = _explained(pixels, method or DEFAULT_METHOD, class_, classifier, device)
    values = importance.values
    if target.suffix.lower() == ".npy":
        write_file(target, npy(values))
    else:
        png = registry.get("png")
        write_file(target, png.encode(over_photo(pixels, values), png.options()))
    height, width = values.shape
    out.print(
        f"{importance.method} of {about}, {width} × {height}, largest value {values.max():.3g}",
        markup=False,
        soft_wrap=True,
    )


def _explained(
    pixels: "Pixels", method: str, class_: str | None, classifier: str, device: str
) -> "tuple[Importance, str]":
    """Return the map and what it is of, in words; a map of the image alone loads no classifier."""
    from keepsight.models.catalog import find_card
    from keepsight.models.class_names import find_class
    from keepsight.models.maps.registry import image_importance, needs_classifier

    if not needs_classifier(method):
        if class_ is not None:
            raise typer.BadParameter(f"the map “{method}” is of no class", param_hint="--class")
        return image_importance(pixels, method), "the photo"
    card = find_card(classifier)
    target = None if class_ is None else find_class(card, class_)
    importance = load_judge(card, device).explain(pixels, target, method)
    assert importance.target is not None
    return importance, f"“{card.class_names[importance.target]}” ({card.name})"
