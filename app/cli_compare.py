"""The command that sets a trained classifier beside the frozen one."""

from pathlib import Path
from typing import Annotated

import typer

from keepsight.app.cli_data import list_photos
from keepsight.app.cli_judge import DeviceOption, load_judge
from keepsight.app.cli_measure import DataArgument, LabelsOption, PhotosOption, SeedOption, interval, listed
from keepsight.app.cli_output import complain, out, print_table
from keepsight.app.cli_progress import progress


def compare(
    data: DataArgument,
    classifiers: Annotated[
        str, typer.Option(metavar="A,B", help="The frozen one first: ids, or paths of cards.")
    ],
    codec: Annotated[str, typer.Option(help="A codec or pipeline, such as jpeg:quality=10.")],
    rates: Annotated[
        str | None, typer.Option(metavar="5,10,20", help="Several rates, or “all” of the codec's.")
    ] = None,
    labels: LabelsOption = None,
    photos: PhotosOption = None,
    seed: SeedOption = 0,
    device: DeviceOption = "auto",
) -> None:
    """Compare classifiers on the same compressed photos, with paired intervals."""
    from rich.table import Table

    from keepsight.app.engine import naming
    from keepsight.app.engine.data import DataError
    from keepsight.app.engine.lessons import Compressor, settings_of
    from keepsight.app.engine.regained import Interval, right_of
    from keepsight.app.engine.regained import compare as compared
    from keepsight.app.engine.sweep import shuffled
    from keepsight.models.catalog import find_card

    cards = [find_card(name) for name in listed(classifiers, "--classifiers")]
    settings = settings_of([codec], None if rates is None else rates.split(","))
    if len({card.class_names for card in cards}) > 1:
        raise DataError("These classifiers do not have the same classes. Compare those that do.")
    found = [item for item in list_photos(data, cards[0], labels).items if item.label is not None]
    items = shuffled(found, seed)[:photos]
    if not items:
        raise DataError(f"No photo of “{Path(data).name}” has a label: there is nothing to compare.")
    judges = [load_judge(card, device) for card in cards]

    def points(one: Interval) -> str:
        return f"{100 * one.value:+.1f} ({100 * one.low:+.1f} to {100 * one.high:+.1f})"

    for setting in settings:
        with progress("Comparing", len(items)) as show:
            right = right_of(items, judges, setting, complain, show)
        if not right.shape[2]:
            raise DataError("No photo could be read.")
        table = Table(box=None, pad_edge=False, collapse_padding=True)
        for name in (
            "classifier",
            "original",
            "95 %",
            "compressed",
            "95 %",
            "gained, points",
            "regained",
            "p",
        ):
            table.add_column(name, justify="left" if name == "classifier" else "right")
        for one in compared([card.name for card in cards], right):
            regained = one.regained
            share = f"{regained.value:.0%} ({regained.low:.0%} to {regained.high:.0%})" if regained else "–"
            table.add_row(
                *(one.name, f"{one.original.value:.3f}", interval(one.original)),
                *(f"{one.compressed.value:.3f}", interval(one.compressed), points(one.gained), share),
                f"{one.p:.2g}",
            )
        out.print(f"{naming.photos(right.shape[2])}, {Compressor([setting]).in_words}", markup=False)
        print_table(table)
    out.print(
        "Gained and regained are against the first classifier on the same photos, with 95 % intervals of a "
        "bootstrap; regained is a share of what the codec costs it; p is McNemar's.",
        soft_wrap=True,
    )
