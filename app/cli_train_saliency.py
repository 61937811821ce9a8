"""The command that trains the network of learned maps."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keepsight.app.cli_judge import DeviceOption
from keepsight.app.cli_measure import listed
from keepsight.app.cli_output import complain, out
from keepsight.app.cli_train import OutFolderOption, ResumeOption, TrainingSeedOption
from keepsight.app.cli_training import training_bars

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keepsight.app.engine.data import Item
    from keepsight.codecs.base import Pixels


def saliency(
    data: Annotated[
        list[str],
        typer.Argument(metavar="DATA...", help="Folders of photos, photos or samples; no label is used."),
    ],
    labels: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="Names the photos to take of the last folder, in its column file."),
    ] = None,
    classifiers: Annotated[
        str, typer.Option(metavar="A,B", help="Whose maps are averaged: ids, or paths of cards.")
    ] = "imagenet",
    method: Annotated[
        str | None, typer.Option("--map", metavar="MAP", help="Their map, or a mix of several.")
    ] = None,
    out_folder: OutFolderOption = Path("saliency-network"),
    seed: TrainingSeedOption = 0,
    cuts: Annotated[int | None, typer.Option(min=1, help="Parts of each photo to learn from.")] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over all parts.")] = None,
    resume: ResumeOption = True,
    device: DeviceOption = "auto",
) -> None:
    """Train the network that predicts what matters in a photo, and write its weights and card."""
    from keepsight.app.engine import naming
    from keepsight.models.catalog import find_card
    from keepsight.models.maps import registry

    cards = [find_card(name) for name in listed(classifiers, "--classifiers")]
    if method is not None:
        registry.parse_mix(method)
    items = list(_items(data, labels))

    from keepsight.models import saliency_training as training  # torch

    given = {"method": method, "cuts": cuts, "epochs": epochs}
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    settings = training.SaliencySettings(seed=seed, **changes)
    with training_bars({"maps": "Mapping photos", "train": "Training"}, out_folder) as (show, stop):
        result = training.train_saliency(
            out_folder,
            [training.Source(item.name, partial(_pixels, item)) for item in items],
            cards,
            settings=settings,
            device=device,
            resume=resume,
            progress=show,
            stop=stop,
        )
    out.print(
        f"Correlation {result.agreement:.3f} with the classifiers' maps of held-out photos; "
        f"{naming.photos(result.photos)}, {result.seconds:.0f} s.",
        soft_wrap=True,
    )
    out.print(f"The weights are “{result.weights}”.", soft_wrap=True)


def _items(data: "Sequence[str]", labels: Path | None) -> "Iterator[Item]":
    from keepsight.app.engine.data import open_data

    for index, spec in enumerate(data, 1):
        found = open_data(spec, None, labels if index == len(data) else None)
        for note in found.notes:
            complain(note)
        yield from found.items


def _pixels(item: "Item") -> "Pixels | None":
    from keepsight.app.engine.photos import PhotoError

    try:
        return item.load().pixels
    except PhotoError as error:
        complain(f"{error} It is left out.")
        return None
