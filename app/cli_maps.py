"""The command maps: how good each saliency map is, as a table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keepsight.app.cli_data import fetching
from keepsight.app.cli_judge import ClassifierOption, DeviceOption, load_judge
from keepsight.app.cli_output import complain, out, print_table
from keepsight.app.cli_progress import STOPPED, progress, stopped_by_ctrl_c

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keepsight.app.engine.map_figures import MapFigures, MapRow, Subject
    from keepsight.app.engine.types import Share
    from keepsight.models.types import Judge

_ABOUT_POINTING = (
    "Pointing: the brightest pixel lies on the object. IoU: of the object and the brightest share of the "
    "image that is best over all images (area). ms: median time of a map."
)
_ABOUT_CAUSES = (
    "Areas under the probability of the class while the brightest parts are taken away first (deletion, "
    "lower is better) or come first (insertion, higher is better). ms: median time of a map."
)


def maps(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="scenes (their objects are known), samples, a folder of photos, or a data set by name.",
        ),
    ],
    classifier: ClassifierOption = "imagenet",
    methods: Annotated[
        str | None,
        typer.Option("--maps", metavar="A,B", help="Which maps, or mixes such as grad-cam*2+edges; all."),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Names the photos to take, in its column file.")
    ] = None,
    photos: Annotated[int, typer.Option(min=1, help="So many, drawn with the seed.")] = 100,
    steps: Annotated[int, typer.Option(min=2, help="Of deletion and insertion.")] = 16,
    seed: Annotated[int, typer.Option(min=0, help="Of the choice of photos.")] = 0,
    device: DeviceOption = "auto",
) -> None:
    """Measure saliency maps: do they find the object, and does the classifier agree?"""
    from keepsight.app.engine.map_figures import figures, subjects
    from keepsight.models.catalog import find_card
    from keepsight.models.maps import registry

    names = (
        list(dict.fromkeys(name.strip() for name in methods.split(",")))
        if methods
        else list(registry.all_methods())
    )
    for name in names:
        registry.parse_mix(name)
    card = find_card(classifier)
    with fetching(data) as show:
        chosen, listed = subjects(data, card, labels, photos, seed, show)
    for note in listed.notes:
        complain(note)
    rows, code = _measure(chosen, names, load_judge(card, device), steps)
    if not rows:
        if code != STOPPED:
            complain("No photo could be measured.")
        raise typer.Exit(code or 1)
    count = len(rows) // len(names)
    out.print(f"{card.name}, {count} of {Path(data).name}, maps of the predicted class", soft_wrap=True)
    out.print()
    _print_table(figures(rows))
    if code or listed.left_out:
        raise typer.Exit(code or 1)


def _measure(
    chosen: "Sequence[Subject]", names: "Sequence[str]", judge: "Judge", steps: int
) -> "tuple[list[MapRow], int]":
    """Score the maps of each image, up to Ctrl+C; return the exit code too.

    A photo that cannot be read is said and left out.
    """
    from keepsight.app.engine import naming
    from keepsight.app.engine.map_figures import score
    from keepsight.app.engine.photos import PhotoError

    rows: list[MapRow] = []
    code = 0
    with stopped_by_ctrl_c() as stopped, progress(f"{len(names)} maps", len(chosen)) as show:
        for done, subject in enumerate(chosen):
            if stopped():
                complain(f"Stopped after {naming.photos(done)}: the figures are those so far.")
                code = STOPPED
                break
            try:
                rows += score(subject, names, judge, steps)
            except PhotoError as error:
                complain(str(error))
                code = 1
            show(done + 1)
    return rows, code


def _print_table(found: "Sequence[MapFigures]") -> None:
    from rich.table import Table

    pointed = found[0].pointing is not None
    table = Table(box=None, pad_edge=False, collapse_padding=True)  # fits into 80 columns
    table.add_column("map", no_wrap=True)
    columns = ["pointing", "95 %", "IoU", "95 %", "area"] if pointed else []
    columns += [] if pointed else ["deletion", "95 %", "insertion", "95 %"]
    for name in (*columns, "ms"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in found:
        scores = (row.pointing, row.iou) if pointed else (row.deletion, row.insertion)
        cells = [cell for share in scores if share for cell in _cells(share)]
        cells += [f"{row.area:.1%}"] if row.area is not None else []
        table.add_row(row.method, *cells, f"{row.milliseconds:.1f}")
    print_table(table)
    out.print()
    out.print(_ABOUT_POINTING if pointed else _ABOUT_CAUSES, soft_wrap=True)


def _cells(share: "Share") -> tuple[str, str]:
    return f"{share.value:.3f}", f"{share.low:.3f}–{share.high:.3f}"
