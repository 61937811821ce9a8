"""What the training's tab says, in words."""

from dataclasses import dataclass

from keepsight.app.engine.training_plan import Kind
from keepsight.app.ui import format as words
from keepsight.app.worker.training_run import TrainingEnd, TrainingPoint

EMPTY = (
    "Train a classifier on compressed photos: choose what and from what, and press Start. "
    "Loss and accuracy are drawn here while it learns."
)
HELP = "Train a classifier on what compressors leave, and use it at once"
STARTING = "Starting …"
STOPPING = "Stopping after the step in hand …"
NO_PHOTOS = "The list has no photos that lie in files. Open some, or choose a folder."
NO_NAME = "Give the training a name: its folder is called so."


@dataclass(frozen=True)
class KindLook:
    """How one kind of training is chosen."""

    label: str
    help: str


KINDS: dict[Kind, KindLook] = {
    "classifier": KindLook(
        "fine-tune on labels",
        "Go on training the classifier in use on labelled photos, as the codec leaves them",
    ),
    "distill": KindLook(
        "teach itself",
        "Let the classifier in use learn to see in compressed photos what it sees in the originals; "
        "no label is used",
    ),
    "scenes": KindLook(
        "scenes, from nothing", "Train the classifier of the labelled scenes anew, on rendered scenes"
    ),
    "reader jpeg": KindLook(
        "reader of JPEG files",
        "Train a classifier of the labelled scenes that reads JPEG files and never rebuilds pixels",
    ),
    "reader block-average": KindLook(
        "reader of block averages",
        "Train a classifier of the labelled scenes that reads the means and dispersions of block averages",
    ),
}
_STAGES = {
    "photos": "Reading photos",
    "render": "Rendering scenes",
    "train": "Training",
    "test": "Testing",
}


def progress(point: TrainingPoint, stopping: bool) -> str:
    """Say how far a training is: "Training: step 120 of 800, loss 0.412, right 87 %"."""
    unit = "step " if point.stage == "train" else ""
    said = [f"{_STAGES.get(point.stage, point.stage)}: {unit}{point.step:,} of {point.total:,}"]
    said += _figures("", point.loss, point.accuracy)
    said += _figures("held out: ", point.held_out_loss, point.held_out_accuracy)
    return ", ".join(said) + (f". {STOPPING}" if stopping else "")


def _figures(of: str, loss: float | None, accuracy: float | None) -> list[str]:
    found = [] if loss is None else [f"{of}loss {loss:.3f}"]
    return found + ([] if accuracy is None else [f"right {words.percent(accuracy)}"])


def ending(end: TrainingEnd) -> str:
    """Say how a training ended."""
    if end.stopped:
        return "The training is stopped. Start goes on where it was."
    made = "" if end.card is None else f"The classifier is in “{end.card.parent}”: Use it loads it."
    return f"{end.error} {made}".strip()
