"""The command that trains the classifiers that read files."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from keepsight.app.cli_output import out
from keepsight.app.cli_train import (
    OutFolderOption,
    ResumeOption,
    SceneCountOption,
    SceneEpochsOption,
    TrainingSeedOption,
)
from keepsight.app.cli_training import say_card, training_bars
from keepsight.app.engine.file_reading import read_at_random
from keepsight.codecs.base import Pixels
from keepsight.models.file_inputs import FileKind


def reader(
    reads: Annotated[
        FileKind, typer.Argument(metavar="CODEC", help="Whose files it reads: jpeg or block-average.")
    ],
    out_folder: OutFolderOption = Path("scenes-reader"),
    seed: TrainingSeedOption = 0,
    epochs: SceneEpochsOption = None,
    count: SceneCountOption = None,
    resume: ResumeOption = True,
) -> None:
    """Train a classifier of the labelled scenes that reads files and never rebuilds pixels."""
    from keepsight.models.file_training import ReaderSettings, train_reader  # torch

    given = {"epochs": epochs, "scenes": count}
    settings = ReaderSettings(reads, seed, **{k: v for k, v in given.items() if v is not None})

    def compress(pixels: Pixels, rng: np.random.Generator) -> NDArray[np.int16]:
        return read_at_random(pixels, reads, rng)

    stages = {"render": "Rendering scenes", "train": "Training", "test": "Testing"}
    with training_bars(stages, out_folder) as (show, stop):
        result = train_reader(out_folder, settings, compress, resume=resume, progress=show, stop=stop)
    out.print(f"Top-1 {result.top1:.1%} on {settings.test_scenes} unseen scenes at random rates.")
    say_card(result.card)
