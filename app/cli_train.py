"""Commands that train the classifiers that Keepsight ships."""

from pathlib import Path
from typing import Annotated

import typer

from keepsight.app.cli_output import complain, err, out


def scenes(
    out_folder: Annotated[
        Path,
        typer.Option("--out", help="Folder for the weights, the card and what a resumed training needs."),
    ] = Path("scenes-classifier"),
    seed: Annotated[int, typer.Option(min=0, help="Decides the weights, with the other settings.")] = 0,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the training scenes.")] = None,
    count: Annotated[
        int | None, typer.Option("--scenes", min=64, help="How many scenes to train on.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume/--no-resume", help="Go on where a training in the same folder stopped.")
    ] = True,
) -> None:
    """Train the classifier of the labelled scenes and write its weights and card."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from keepsight.models import training  # torch

    given = {"epochs": epochs, "scenes": count}
    settings = training.TrainSettings(seed=seed, **{k: v for k, v in given.items() if v is not None})
    stages = {"render": "Rendering scenes", "train": "Training", "test": "Testing"}
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[figures]}"),
    )
    with Progress(*columns, console=err, disable=not err.is_terminal) as bars:
        tasks = {stage: bars.add_task(label, total=None, figures="") for stage, label in stages.items()}

        def show(progress: training.Progress) -> None:
            figures = (
                f"loss {progress.loss:.3f}, right {progress.accuracy:.1%}"
                if progress.stage == "train"
                else ""
            )
            bars.update(tasks[progress.stage], completed=progress.step, total=progress.total, figures=figures)

        try:
            result = training.train_scenes(out_folder, settings=settings, resume=resume, progress=show)
        except training.TrainingError as error:
            complain(str(error))
            raise typer.Exit(1) from None
        except OSError as error:
            complain(
                f"“{out_folder}” cannot be written ({error.strerror}). Choose another folder with --out."
            )
            raise typer.Exit(1) from None
    out.print(f"Top-1 {result.top1:.1%} on {settings.test_scenes} unseen scenes, in {result.seconds:.0f} s.")
    out.print(f"The card is “{result.card}”: use it with --classifier.", soft_wrap=True)
