"""What the window trains: a choice of a few things, and the command that does it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["classifier", "distill", "scenes", "reader jpeg", "reader block-average"]
"""The command after “keepsight train”."""

EPOCHS: Mapping[Kind, int] = {
    "classifier": 8,
    "distill": 8,
    "scenes": 8,
    "reader jpeg": 6,
    "reader block-average": 6,
}
"""How often all photos are gone through where nothing else is asked for."""


MOST_EPOCHS, MOST_PHOTOS = 999, 1_000_000
"""At most so many can be asked for."""


def takes_photos(kind: Kind) -> bool:
    """Whether it learns from photos of the user's; the others render their own."""
    return kind in ("classifier", "distill")


@dataclass(frozen=True)
class Plan:
    """A training as it is asked for."""

    kind: Kind
    folder: Path
    """For weights, card and what a resumed training needs."""
    epochs: int
    photos: int | None = None
    """At most so many photos or scenes; None for all photos, or as many scenes as the command takes."""
    data: tuple[str, ...] = ()
    """Sources of photos, for those that take some."""
    codec: str = ""
    """A codec or a pipeline as the command line takes it; for those that take photos, as what follows."""
    rates: str | None = None
    """Rates that are drawn, "all" or "5,10,20"; None for the one of `codec`."""
    classifier: str = "imagenet"
    """To begin with."""
    device: str = "auto"
    resume: bool = True

    def words(self) -> list[str]:
        """Return the command, without the program's name."""
        found = ["train", *self.kind.split(), *self.data]
        options: dict[str, object] = {"epochs": self.epochs}
        if takes_photos(self.kind):
            options |= {"codec": self.codec, "rates": self.rates, "photos": self.photos}
            options |= {"from" if self.kind == "classifier" else "classifier": self.classifier}
            options |= {"device": self.device}
        else:
            options["scenes"] = self.photos
        options["out"] = self.folder
        for name, value in options.items():
            found += [] if value is None else [f"--{name}", str(value)]
        return found if self.resume else [*found, "--no-resume"]


def card_in(folder: Path) -> Path | None:
    """Return the card that a training left in its folder; None where there is none yet."""
    return next(iter(sorted(folder.glob("*.toml"))), None)
