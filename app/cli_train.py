"""Commands that train the classifiers that Keepsight ships, and what it learns from classifiers."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keepsight.app.cli_judge import ClassifierOption, DeviceOption
from keepsight.app.cli_output import err, out
from keepsight.app.cli_training import say_card, training_bars

if TYPE_CHECKING:
    from keepsight.app.engine.data import Item
    from keepsight.codecs.base import Pixels
    from keepsight.models.cards import Card

OutFolderOption = Annotated[
    Path, typer.Option("--out", help="Folder for the weights, the card and what a resumed training needs.")
]
TrainingSeedOption = Annotated[
    int, typer.Option("--seed", min=0, help="Decides the weights, with the other settings.")
]
SceneEpochsOption = Annotated[
    int | None, typer.Option("--epochs", min=1, help="Passes over the training scenes.")
]
SceneCountOption = Annotated[
    int | None, typer.Option("--scenes", min=64, help="How many scenes to train on.")
]
ResumeOption = Annotated[
    bool, typer.Option("--resume/--no-resume", help="Go on where a training in the same folder stopped.")
]
_QUALITY = 20
"""Of the JPEGs on which sensitivities are measured: about where their use begins to show."""


def scenes(
    out_folder: OutFolderOption = Path("scenes-classifier"),
    seed: TrainingSeedOption = 0,
    epochs: SceneEpochsOption = None,
    count: SceneCountOption = None,
    resume: ResumeOption = True,
) -> None:
    """Train the classifier of the labelled scenes and write its weights and card."""
    from keepsight.models import scenes_training as training  # torch

    given = {"epochs": epochs, "scenes": count}
    settings = training.ScenesSettings(seed=seed, **{k: v for k, v in given.items() if v is not None})
    stages = {"render": "Rendering scenes", "train": "Training", "test": "Testing"}
    with training_bars(stages, out_folder) as (show, stop):
        result = training.train_scenes(out_folder, settings=settings, resume=resume, progress=show, stop=stop)
    out.print(f"Top-1 {result.top1:.1%} on {settings.test_scenes} unseen scenes, in {result.seconds:.0f} s.")
    say_card(result.card)


def jpeg_tables(
    data: Annotated[str, typer.Argument(metavar="DATA", help="Photos to learn from; labels are not used.")],
    out_file: Annotated[Path, typer.Option("--out", metavar="F.toml", help="The file to write.")],
    classifier: ClassifierOption = "imagenet",
    photos: Annotated[int | None, typer.Option(min=1, help="So many only, drawn with the seed.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the choice of photos.")] = 0,
    device: DeviceOption = "auto",
) -> None:
    """Measure how much a classifier minds each frequency of a JPEG, for the codec Weighted JPEG."""
    from keepsight.app.engine import naming
    from keepsight.app.engine.data import open_data
    from keepsight.app.engine.files import check_writable
    from keepsight.app.engine.sweep import shuffled
    from keepsight.models.catalog import find_card

    check_writable(out_file)
    card = find_card(classifier)
    items = shuffled(open_data(data).items, seed)[:photos]

    from keepsight.models import classifiers, sensitivity  # torch

    judge = classifiers.load(card, device)
    found = sensitivity.jpeg_sensitivity(judge, _pairs(items, card))
    only = "" if photos is None else f" --photos {photos} --seed {seed}"
    lines = [
        "# What a squared error in a DCT coefficient costs the classifier, relative to the mean of luma;",
        "# each row is one vertical frequency. Made by:",
        f"# keepsight train jpeg-tables {data} --classifier {classifier}{only} --out {out_file}",
        f"# on {naming.photos(len(items))}, with {card.name}",
    ]
    for name, plane in zip(("luma", "blue", "red"), found.reshape(3, 8, 8), strict=True):
        lines.append(f"{name} = [")
        lines += ["    " + ", ".join(f"{value:.3f}" for value in row) + "," for row in plane]
        lines.append("]")
    out_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    out.print(f"Wrote “{out_file}” from {naming.photos(len(items))}.", soft_wrap=True)


def _pairs(items: "Sequence[Item]", card: "Card") -> "Iterator[tuple[Pixels, Pixels]]":
    """Yield each photo, prepared for the classifier, and the same after JPEG."""
    from rich.progress import track

    from keepsight.codecs.jpeg import Jpeg, JpegOptions

    jpeg = Jpeg()
    for item in track(items, "Photos", console=err, disable=not err.is_terminal):
        pixels = card.prepare(item.load().pixels)
        yield pixels, jpeg.decode(jpeg.encode(pixels, JpegOptions(quality=_QUALITY)))
