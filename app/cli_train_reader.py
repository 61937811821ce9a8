"""The command that trains the classifiers that read files."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from keepsight.app.cli_output import out
from keepsight.app.cli_train import training_bars
from keepsight.app.engine.file_reading import packed, random_setting
from keepsight.codecs import registry
from keepsight.codecs.base import Pixels
from keepsight.models.file_inputs import FileKind


def reader(
    reads: Annotated[
        FileKind, typer.Argument(metavar="CODEC", help="Whose files it reads: jpeg or block-average.")
    ],
    out_folder: Annotated[
        Path,
        typer.Option("--out", help="Folder for the weights, the card and what a resumed training needs."),
    ] = Path("scenes-reader"),
    seed: Annotated[int, typer.Option(min=0, help="Decides the weights, with the other settings.")] = 0,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the training scenes.")] = None,
    count: Annotated[
        int | None, typer.Option("--scenes", min=64, help="How many scenes to train on.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume/--no-resume", help="Go on where a training in the same folder stopped.")
    ] = True,
) -> None:
    """Train a classifier of the labelled scenes that reads files and never rebuilds pixels."""
    from keepsight.models.file_training import ReaderSettings, train_reader  # torch

    given = {"epochs": epochs, "scenes": count}
    settings = ReaderSettings(reads, seed, **{k: v for k, v in given.items() if v is not None})

    def compress(pixels: Pixels, rng: np.random.Generator) -> NDArray[np.int16]:
        setting = random_setting(reads, rng)
        return packed(registry.get(reads).encode(pixels, setting.options), reads)

    stages = {"render": "Rendering scenes", "train": "Training", "test": "Testing"}
    with training_bars(stages, out_folder) as (show, stop):
        result = train_reader(out_folder, settings, compress, resume=resume, progress=show, stop=stop)
    out.print(f"Top-1 {result.top1:.1%} on {settings.test_scenes} unseen scenes at random rates.")
    out.print(f"The card is “{result.card}”: use it with --classifier.", soft_wrap=True)
