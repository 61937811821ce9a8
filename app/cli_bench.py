"""The command bench keep: Keep against the standard codecs, for classifiers that guide and for strangers."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keepsight.app.cli_judge import DeviceOption, load_judge
from keepsight.app.cli_measure import (
    LabelsOption,
    PhotosOption,
    ProtocolOption,
    SeedOption,
    StoreOption,
    check_outputs,
    listed,
)
from keepsight.app.cli_output import complain, err, out, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keepsight.app.engine.bd import Delta, Refusal
    from keepsight.app.engine.keep_bench import Answer


def keep(
    data: Annotated[str, typer.Argument(metavar="DATA", help="Labelled photos, as for sweep.")],
    classifiers: Annotated[
        str,
        typer.Option(
            metavar="A,B,C",
            help="Each guides itself, and those of one architecture together guide for all others.",
        ),
    ] = "imagenet",
    labels: LabelsOption = None,
    protocol: ProtocolOption = "crop",
    photos: PhotosOption = None,
    seed: SeedOption = 0,
    store: StoreOption = None,
    plot: Annotated[Path | None, typer.Option(metavar="F.svg", help="A figure: SVG, PDF or PNG.")] = None,
    device: DeviceOption = "auto",
) -> None:
    """Compare Keep with the standard codecs, each at its best size, at equal accuracy."""
    from rich.progress import track

    from keepsight.app.engine import keep_bench, naming
    from keepsight.app.engine.data import open_data
    from keepsight.app.engine.printing import check_figure
    from keepsight.app.engine.store import Store
    from keepsight.app.engine.sweep import shuffled
    from keepsight.models.catalog import find_card

    check_outputs(store, plot)
    if plot:
        check_figure(plot)
    cards = {card.fingerprint: card for card in map(find_card, listed(classifiers, "--classifiers"))}
    judges = [load_judge(card, device) for card in cards.values()]
    found = open_data(data, judges[0].card, labels)
    for note in found.notes:
        complain(note)
    items = [item for item in shuffled(found.items, seed) if item.label is not None][:photos]
    if not items:
        complain("These photos have no labels, so that there is no accuracy to be equal. Add a labels.csv.")
        raise typer.Exit(2)
    failed: dict[str, None] = {}
    with ExitStack() as stack:
        kept = stack.enter_context(Store(store, complain)) if store else None
        executor = stack.enter_context(ThreadPoolExecutor(None, "keepsight-codec"))
        bench = keep_bench.Bench(items, judges, protocol, executor, kept)
        told = track(
            bench.run(), "Photos", len(items), console=err, disable=not err.is_terminal, transient=True
        )
        for rows in told:
            failed |= dict.fromkeys(row.error for row in rows if row.error)
    for sentence in failed:
        complain(sentence)
    answers = bench.answers()
    out.print(f"{naming.photos(len(items))} of {Path(data).name}, protocol {protocol}", markup=False)
    _print_answers(answers)
    if plot:
        keep_bench.write_figure(plot, answers)
    if failed or not answers:
        raise typer.Exit(1)


def _print_answers(answers: "Sequence[Answer]") -> None:
    """Print two tables: Bjøntegaard deltas of each direction, and bytes at a given loss."""
    from rich.table import Table

    from keepsight.app.engine.bd import BAND
    from keepsight.app.engine.keep_bench import JPEG, KEEP, MENDED, MODERN

    low, high = (f"{share:.0%}" for share in BAND)
    for reader, heading in (("guide", "The classifier that guides reads"), ("any", "A stranger reads")):
        told = [answer for answer in answers if answer.direction.reader == reader]
        if not told:
            continue
        table = Table(box=None, pad_edge=False, collapse_padding=True)
        titles = f"BD-rate against the {MODERN}", "against JPEG", "against AVIF with Keep's network"
        for name in ("guide → judge", "uncompressed", *titles):
            table.add_column(name, max_width=40 if out.is_terminal else None)
        for answer in told:
            table.add_row(
                answer.direction.words,
                f"{answer.reference:.3f}",
                *(_delta(answer.deltas[name]) for name in (MODERN, JPEG, MENDED)),
            )
        out.print(f"\n{heading}; Keep's bytes at {low} to {high} of the uncompressed top-1:")
        print_table(table)
    table = Table(box=None, pad_edge=False, collapse_padding=True)
    losses = list(answers[0].rates) if answers else []
    for name in ("guide → judge", "codec", *(f"−{100 * loss:.0f} points" for loss in losses)):
        table.add_column(name, max_width=40 if out.is_terminal else None)
    for answer in answers:
        for codec in (KEEP, MODERN, JPEG, MENDED):
            cells = []
            for loss in losses:
                rate = answer.rates[loss].get(codec)
                cells.append(f"{rate.bytes:,.0f}" if rate else "–")
            table.add_row(answer.direction.words if codec == KEEP else "", codec, *cells)
        kept = [answer.rates[loss].get(KEEP) for loss in losses]
        table.add_row("", "saved", *(f"{one.saved:.0%}" if one else "–" for one in kept))
        ends = (f"{one.saved_low:.0%} to {one.saved_high:.0%}" if one else "" for one in kept)
        table.add_row("", "95 %", *ends)
    out.print(f"\nMean bytes at a loss of top-1, and what Keep saves of those of the {MODERN}:")
    print_table(table)


def _delta(found: "Delta | Refusal") -> str:
    from keepsight.app.engine.bd import Refusal

    if isinstance(found, Refusal):
        return found.reason
    return f"{found.rate:+.1%} ({found.rate_low:+.1%} to {found.rate_high:+.1%})"
