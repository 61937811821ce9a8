"""The command sweep: progress while it runs, a table at its end."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from keepsight.app.cli_guide import GuideMapOption, GuideOption, load_guiding
from keepsight.app.cli_judge import ClassifierOption, DeviceOption, load_judge
from keepsight.app.cli_output import complain, err, out

if TYPE_CHECKING:
    from keepsight.app.engine.curves import CurveBuilder
    from keepsight.app.engine.data import Item
    from keepsight.app.engine.equal_accuracy import Tally
    from keepsight.app.engine.guiding import Guiding
    from keepsight.app.engine.store import Store
    from keepsight.app.engine.types import Curve, CurvePoint, Measurement, Protocol, Setting, Share
    from keepsight.models.types import Judge

_MOST_COMPLAINTS = 20
_LOSSES = (0.05, 0.1, 0.2, 0.3)
"""Of top-1, at which codecs are compared."""
_ANCHOR = "jpeg"
"""With optimised Huffman tables, by default."""


def sweep(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="samples, scenes, or a folder: one sub-folder a class, or with a file labels.csv.",
        ),
    ],
    classifier: ClassifierOption = "imagenet",
    codecs: Annotated[str | None, typer.Option(metavar="A,B", help="Which codecs; all if left out.")] = None,
    guide: GuideOption = "imagenet",
    guide_map: GuideMapOption = None,
    labels: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Columns file, and class_index, wnid or class_name.")
    ] = None,
    protocol: Annotated[
        Literal["crop", "file"],
        typer.Option(help="crop: compress what the classifier sees. file: compress the whole photo."),
    ] = "crop",
    photos: Annotated[int | None, typer.Option(min=1, help="So many only, drawn with the seed.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the order of the photos.")] = 0,
    store: Annotated[
        Path | None, typer.Option(metavar="F.sqlite", help="Keeps all rows; a sweep that stopped goes on.")
    ] = None,
    csv: Annotated[Path | None, typer.Option(metavar="F.csv", help="One row per codec and setting.")] = None,
    plot: Annotated[Path | None, typer.Option(metavar="F.svg", help="A figure: SVG, PDF or PNG.")] = None,
    device: DeviceOption = "auto",
) -> None:
    """Measure accuracy over file size: every rate of every codec on every photo."""
    from keepsight.app.engine import export
    from keepsight.app.engine.data import open_data
    from keepsight.app.engine.files import OutputError, check_writable
    from keepsight.app.engine.store import Store
    from keepsight.app.engine.sweep import default_settings, shuffled
    from keepsight.codecs import registry
    from keepsight.models.catalog import find_card

    names = list(registry.all_codecs()) if codecs is None else _names(codecs)
    settings = default_settings(dict.fromkeys(names))
    outputs = [path for path in (store, csv, plot) if path]
    if len({path.resolve() for path in outputs}) < len(outputs):
        raise OutputError("Two outputs have the same name. Choose another one for each.")
    for path in outputs:
        check_writable(path)
    if store and store.exists():
        Store(store).close()  # what is wrong with it is said before anything is loaded
    if plot:
        export.check_figure(plot)
    card = find_card(classifier)
    found = open_data(data, card, labels)
    for note in found.notes:
        complain(note)
    items = shuffled(found.items, seed)[:photos]
    with ExitStack() as stack:
        kept = stack.enter_context(Store(store)) if store else None
        judge = load_judge(card, device)
        asked = any(registry.get(setting.codec).guided for setting in settings)
        guiding = load_guiding(guide, guide_map, judge.device, judge) if asked else None
        builder, tally, failed = _measure(items, settings, judge, guiding, protocol, seed, kept)
    curves, uncompressed = builder.curves(), builder.uncompressed()
    if uncompressed is None:
        complain("No photo could be measured.")
        raise typer.Exit(1)
    count = f"{uncompressed.photos} photo{'' if uncompressed.photos == 1 else 's'}"
    title = f"{card.name}, {count} of {Path(data).name}, protocol {protocol}"
    if guiding:
        title += f", guided by {guiding.in_words}"
    _print_table(curves, uncompressed, title)
    _print_rates(tally)
    if csv:
        export.write_csv(csv, curves)
    if plot:
        export.write_plot(plot, curves, uncompressed, title)
    if failed or found.left_out:
        raise typer.Exit(1)


def _names(codecs: str) -> list[str]:
    names = [name.strip() for name in re.split(r",(?![\w-]+=)", codecs) if name.strip()]
    if not names:
        raise typer.BadParameter("name a codec, or leave the option out for all.", param_hint="--codecs")
    return names


def _measure(
    items: "Sequence[Item]",
    settings: "Sequence[Setting]",
    judge: "Judge",
    guide: "Guiding | None",
    protocol: "Protocol",
    seed: int,
    store: "Store | None",
) -> "tuple[CurveBuilder, Tally, bool]":
    """Sweep with a progress bar; return the curves, the rows' tally and whether anything failed."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from keepsight.app.engine.curves import CurveBuilder
    from keepsight.app.engine.equal_accuracy import Tally
    from keepsight.app.engine.rows import ORIGINAL
    from keepsight.app.engine.sweep import sweep as run

    builder, tally = CurveBuilder(), Tally()
    failures: Counter[str] = Counter()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("photos  {task.fields[speed]:.1f} photos/s "),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, disable=not err.is_terminal) as bars:
        task = bars.add_task(
            f"Sweep, {len(settings)} settings on {judge.device}", total=len(items), speed=0.0
        )
        done = 0
        try:
            for rows in run(items, settings, judge, protocol=protocol, seed=seed, guide=guide, store=store):
                builder.add(rows)
                tally.add(rows)
                for row in rows:
                    if row.error:
                        _report(row, failures)
                    # A photo that cannot be read has one row in place of all.
                    done += 1 + len(settings) if row.error and row.codec == ORIGINAL else 1
                bars.update(task, completed=done / (1 + len(settings)), speed=bars.tasks[task].speed or 0.0)
        except KeyboardInterrupt:
            complain(
                "Stopped. The figures are those so far" + ("; the same command goes on." if store else ".")
            )
            return builder, tally, True
    hidden = failures.total() - _MOST_COMPLAINTS
    if hidden > 0:
        complain(f"{hidden} more failed, of {failures.total()} in all.")
    return builder, tally, bool(failures)


def _report(row: "Measurement", failures: Counter[str]) -> None:
    """Say what failed, unless there were too many before."""
    failures[row.codec] += 1
    if failures.total() <= _MOST_COMPLAINTS:
        complain(row.error)


def _print_table(curves: "Sequence[Curve]", uncompressed: "CurvePoint", title: str) -> None:
    """Print the curves; what the classifier makes of the uncompressed photos stands under them."""
    from rich.table import Table

    from keepsight.codecs import registry

    measure = "top-1" if uncompressed.top1 else "agreement"
    table = Table(box=None, pad_edge=False, collapse_padding=True)  # fits into 80 columns
    table.add_column("codec", max_width=20)
    table.add_column("setting")
    for name in ("bytes", "bpp", measure, "95 %", "PSNR", "enc ms", "dec ms"):
        table.add_column(name, justify="right", no_wrap=True)
    for curve in curves:
        codec = registry.get(curve.codec)
        for point in curve.points:
            share = point.top1 or point.agreement
            table.add_row(
                codec.label,
                codec.options.parse(json.loads(point.options)).in_words(),
                f"{point.mean_bytes:,.0f}",
                f"{point.bpp:.3f}",
                f"{share.value:.3f}",
                _interval(share),
                f"{point.psnr:.1f}",
                f"{point.encode_ms:.1f}",
                f"{point.decode_ms:.1f}",
            )
    out.print(title, soft_wrap=True, markup=False)
    out.print()
    out.print(table)
    out.print()
    if uncompressed.top1:
        out.print(f"Uncompressed: top-1 {uncompressed.top1.value:.3f} ({_interval(uncompressed.top1)}).")
    else:
        out.print("Agreement: the class is that of the uncompressed photo, whose own agreement is 1.")
    out.print(
        "Bytes are those of whole files, 95 % are Wilson intervals, times are medians; "
        f"to classify takes {uncompressed.classify_ms:.1f} ms.",
        soft_wrap=True,
    )


def _print_rates(tally: "Tally") -> None:
    """Print what each codec needs for equal accuracy, beside JPEG."""
    from rich.table import Table

    from keepsight.codecs import registry

    for loss in _LOSSES:
        rates = tally.rates(loss, _ANCHOR)
        if len(rates) < 2:
            continue
        table = Table(box=None, pad_edge=False, collapse_padding=True)
        table.add_column("codec", max_width=28)
        for name in ("bytes", "95 %", f"saved against {registry.get(_ANCHOR).label}", "95 %"):
            table.add_column(name, justify="right", no_wrap=True)
        for rate in sorted(rates, key=lambda rate: rate.bytes):
            table.add_row(
                registry.get(rate.codec).label,
                f"{rate.bytes:,.0f}",
                f"{rate.low:,.0f}–{rate.high:,.0f}",
                f"{rate.saved:.1%}",
                f"{rate.saved_low:.1%} to {rate.saved_high:.1%}",
            )
        out.print(f"\nFor a top-1 of {100 * loss:.0f} points below the uncompressed photos':")
        out.print(table)


def _interval(share: "Share") -> str:
    return f"{share.low:.3f}–{share.high:.3f}"
