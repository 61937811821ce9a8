"""The commands that train classifiers on compressed pictures: from labels, or from their own answers."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from keepsight.app.cli_data import list_photos
from keepsight.app.cli_judge import ClassifierOption, DeviceOption
from keepsight.app.cli_measure import listed
from keepsight.app.cli_output import complain, out
from keepsight.app.cli_train import OutFolderOption, ResumeOption, TrainingSeedOption
from keepsight.app.cli_training import say_card, training_bars

if TYPE_CHECKING:
    from keepsight.app.engine.data import Item
    from keepsight.models.cards import Card
    from keepsight.models.fine_tuning import Tuned

DataArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="DATA...", help="Folders of photos, scenes (those for training), data sets by name."
    ),
]
LabelsOption = Annotated[
    Path | None,
    typer.Option("--labels", metavar="CSV", help="Names the photos to take of the last folder, and classes."),
]
CodecOption = Annotated[
    str, typer.Option("--codec", metavar="A,B", help="Codecs or pipelines; one is drawn for each picture.")
]
RatesOption = Annotated[
    str | None,
    typer.Option(
        "--rates", metavar="5,10,20", help="Rates that are drawn for each picture, or “all” of the codec's."
    ),
]
PartOption = Annotated[
    Literal["norms", "late", "weights", "all"],
    typer.Option(
        "--part", help="What learns: batch norms alone, the later half, all weights but batch norms, or all."
    ),
]
PhotosOption = Annotated[
    int | None, typer.Option("--photos", min=4, help="So many only, drawn with the seed.")
]
EpochsOption = Annotated[int, typer.Option("--epochs", min=1, help="Passes over the photos, at most.")]
BatchOption = Annotated[int, typer.Option("--batch", min=2, help="Pictures a step.")]
RateOption = Annotated[float, typer.Option("--rate", min=1e-8, max=1000.0, help="Largest learning rate.")]
_SCENES = 2000
"""How many scenes are rendered where the command does not say it."""
_NO_BETTER_THAN_NOTHING = (
    "The training did not get better than its untrained start, so no card is written. "
    "Train anew, and longer, on more photos, or begin with a trained classifier."
)
_NO_BETTER_THAN_BEFORE = (
    "The training did not get better than the classifier that it started from, whose weights the card keeps. "
    "Train anew, and longer, on more photos, or with a smaller learning rate."
)


def distill(
    data: DataArgument,
    codec: CodecOption,
    classifier: ClassifierOption = "imagenet",
    labels: LabelsOption = None,
    rates: RatesOption = None,
    part: PartOption = "weights",
    out_folder: OutFolderOption = Path("trained-classifier"),
    photos: PhotosOption = None,
    seed: TrainingSeedOption = 0,
    epochs: EpochsOption = 8,
    batch: BatchOption = 32,
    rate: RateOption = 1e-4,
    resume: ResumeOption = True,
    device: DeviceOption = "auto",
) -> None:
    """Train a classifier to see in compressed photos what it sees in the originals; no label is used."""
    from keepsight.models.catalog import find_card

    card = find_card(classifier)
    items = _items(data, None, labels, photos, seed)
    settings = {"seed": seed, "epochs": epochs, "batch": batch, "rate": rate, "part": part}
    _run(card, card, items, codec, rates, out_folder, settings, device, resume, taught=True)


def classifier(
    data: DataArgument,
    codec: CodecOption,
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="ID", help="Classifier to begin with: its weights are trained on."),
    ] = None,
    architecture: Annotated[
        str,
        typer.Option(metavar="ID", help="From scratch: scenes, timm:NAME, torchvision:NAME or a card."),
    ] = "scenes",
    labels: LabelsOption = None,
    rates: RatesOption = None,
    part: PartOption = "all",
    out_folder: OutFolderOption = Path("trained-classifier"),
    photos: PhotosOption = None,
    seed: TrainingSeedOption = 0,
    epochs: EpochsOption = 8,
    batch: BatchOption = 32,
    rate: RateOption = 1e-3,
    resume: ResumeOption = True,
    device: DeviceOption = "auto",
) -> None:
    """Train a classifier on labelled photos as a codec leaves them, from scratch or from another one."""
    from keepsight.app.engine.data import DataError, classes_of
    from keepsight.models.catalog import find_card

    model = find_card(source or architecture)
    items = _items(data, model, labels, photos, seed)
    card = model
    if not any(item.label is not None for item in items):
        names = list(dict.fromkeys(name for spec in data for name in classes_of(spec, labels)))
        if len(names) < 2:
            raise DataError(
                "A training from labels needs two classes at least: a folder for each, or a labels.csv. "
                "Without labels, use “keepsight train distill”."
            )
        card = model.model_copy(update={"class_names": tuple(names), "top1": None, "top1_on": ""})
        items = _items(data, card, labels, photos, seed)
    items = [item for item in items if item.label is not None]
    settings = {"seed": seed, "epochs": epochs, "batch": batch, "rate": rate, "part": part}
    begun = model if source else None
    _run(card, begun, items, codec, rates, out_folder, settings, device, resume, taught=False)


def _items(
    data: Sequence[str], card: "Card | None", labels: Path | None, photos: int | None, seed: int
) -> "list[Item]":
    from keepsight.app.engine.lessons import training_scenes
    from keepsight.app.engine.sweep import shuffled

    found: list[Item] = []
    for number, spec in enumerate(data, 1):
        if spec == "scenes":
            found += training_scenes(card, photos or _SCENES)
        else:
            found += list_photos(spec, card, labels if number == len(data) else None).items
    return shuffled(found, seed)[:photos]


def _run(
    card: "Card",
    source: "Card | None",
    items: "Sequence[Item]",
    codec: str,
    rates: str | None,
    folder: Path,
    settings: dict[str, Any],
    device: str,
    resume: bool,
    *,
    taught: bool,
) -> None:
    """Gather, train, write, and say what came of it."""
    from keepsight.app.engine import lessons, naming

    compress = lessons.Compressor(
        lessons.settings_of(listed(codec, "--codec"), None if rates is None else rates.split(","))
    )

    import torch

    from keepsight.models import classifiers, fine_tuning
    from keepsight.models.devices import choose_device
    from keepsight.models.trained_card import write_trained
    from keepsight.models.training import Progress

    chosen = fine_tuning.TuneSettings(**settings)
    with training_bars({"photos": "Reading photos", "train": "Training"}, folder) as (show, stop):
        work = folder / "training"
        work.mkdir(parents=True, exist_ok=True)
        gathered = lessons.gather(
            items,
            card,
            work,
            resume=resume,
            warn=complain,
            progress=lambda done: show(Progress("photos", done, len(items))),
        )
        _say_what_is_odd(gathered, card, chosen.seed, taught)
        device = choose_device(device)
        tuned = fine_tuning.tune(
            fine_tuning.network_for(card, source, chosen.seed),
            card,
            fine_tuning.Lessons(gathered.images, None if taught else gathered.labels),
            compress,
            work,
            settings=chosen,
            about={
                "architecture": card.architecture,
                "classifier": source.fingerprint if source else "none",
                "classes": list(card.class_names),
                "photos": [item.name for item in items],
                "teacher": taught,
                **compress.about,
            },
            teacher=classifiers.load(card, device) if taught else None,
            device=device,
            resume=resume,
            progress=show,
            stop=stop,
        )
        made = "its own answers on the originals" if taught else "labels"
        learned = naming.photos(len(gathered.labels))
        text = f"trained by keepsight on {learned}, from {made}, {compress.in_words}"
        name = f"{folder.resolve().name}: {card.name}, {compress.in_words}"
        new = card.model_copy(
            update={"name": name, "source": f"{text}, seed {chosen.seed}"}
            | {"library": card.library, "top1": None, "top1_on": ""}
        )
        usable = tuned.step > 0 or (source is not None and source.class_names == card.class_names)
        about = f"{text}, with PyTorch {torch.__version__}"
        path = write_trained(folder, new, tuned.state, about) if usable else None
    _report(tuned, path, taught)


def _say_what_is_odd(gathered: Any, card: "Card", seed: int, taught: bool) -> None:
    from keepsight.models.fine_tuning import split

    if gathered.unreadable:
        complain(f"{gathered.unreadable} of the photos cannot be read and are left out.")
    _, single = split(None if taught else gathered.labels, len(gathered.labels), seed)
    if single:
        names = ", ".join(card.class_names[index] for index in single[:3])
        complain(
            f"{len(single)} class{'es have' if len(single) > 1 else ' has'} one photo alone ({names}): "
            "it is trained on, and nothing of it is held out. Add photos of it."
        )


def _report(tuned: "Tuned", path: Path | None, taught: bool) -> None:
    """Say what came of it; what went wrong comes last, and ends with exit code 1."""
    from keepsight.app.engine import naming

    right = "of the class of the original" if taught else "right"
    out.print(
        f"Of {naming.photos(tuned.held_out)} held out, compressed, {tuned.accuracy:.1%} are {right} "
        f"(loss {tuned.loss:.3f}), after {tuned.step} steps.",
        soft_wrap=True,
    )
    if path is not None:
        say_card(path)
    if tuned.broken_at is not None:
        kept = ", and the card has the last good weights" if tuned.step else ""
        complain(
            f"The loss was no number at step {tuned.broken_at}: the training ended there{kept}. "
            "Train again with a smaller learning rate."
        )
    if tuned.step == 0:
        complain(_NO_BETTER_THAN_NOTHING if path is None else _NO_BETTER_THAN_BEFORE)
    if tuned.broken_at is not None or tuned.step == 0:
        raise typer.Exit(1)
