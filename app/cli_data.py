"""How commands come to their photos, and what shows while something is fetched."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from keepsight.app.cli_output import complain, err

if TYPE_CHECKING:
    from keepsight.app.engine.data import Data
    from keepsight.models.cards import Card
    from keepsight.models.download import Progress


def list_photos(
    spec: str, card: "Card | None" = None, labels: Path | None = None, said: set[str] | None = None
) -> "Data":
    """List the photos of DATA and print the notes about them, but for those in `said`, where they are added.

    Raises `DataError`, `PhotoError`.
    """
    from keepsight.app.engine.data import open_data

    with fetching(spec) as show:
        found = open_data(spec, card, labels, show)
    known = set[str]() if said is None else said
    for note in found.notes:
        if note not in known:
            complain(note)
    known.update(found.notes)
    return found


@contextmanager
def fetching(what: str) -> "Iterator[Progress]":
    """Give the function that shows a download as a bar, which goes away at the end."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        task = bars.add_task(f"Fetching {what}", total=None, visible=False)

        def show(done: int, total: int) -> None:
            doing = "Preparing" if done == total else "Fetching"
            bars.update(
                task, description=f"{doing} {what}", completed=done, total=total or None, visible=True
            )

        yield show
