"""The command sweep: a table at its end."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keepsight.app.cli_data import list_photos
from keepsight.app.cli_guide import GuideMapOption, GuideOption, load_guiding
from keepsight.app.cli_judge import ClassifierOption, DeviceOption, load_judge
from keepsight.app.cli_measure import (
    ClusterOption,
    DataArgument,
    LabelsOption,
    PhotosOption,
    ProtocolOption,
    SeedOption,
    StoreOption,
    WorkersOption,
    check_outputs,
    interval,
    listed,
    measure,
    open_workers,
)
from keepsight.app.cli_output import complain, out, print_table

if TYPE_CHECKING:
    from keepsight.app.engine.bd import Delta
    from keepsight.app.engine.draws import Draws, Tally
    from keepsight.app.engine.types import Curve, CurvePoint

_LOSSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
"""Of top-1, at which codecs are compared."""
_ANCHOR = "jpeg"
"""With optimised Huffman tables, by default."""


def sweep(
    data: DataArgument,
    classifier: ClassifierOption = "imagenet",
    codecs: Annotated[str | None, typer.Option(metavar="A,B", help="Which codecs; all if left out.")] = None,
    guide: GuideOption = "imagenet",
    guide_map: GuideMapOption = None,
    labels: LabelsOption = None,
    protocol: ProtocolOption = "crop",
    photos: PhotosOption = None,
    seed: SeedOption = 0,
    store: StoreOption = None,
    csv: Annotated[Path | None, typer.Option(metavar="F.csv", help="One row per codec and setting.")] = None,
    plot: Annotated[Path | None, typer.Option(metavar="F.svg", help="A figure: SVG, PDF or PNG.")] = None,
    device: DeviceOption = "auto",
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
) -> None:
    """Measure accuracy over file size: every rate of every codec on every photo."""
    from keepsight.app.engine import export, figures, naming
    from keepsight.app.engine.file_reading import readable
    from keepsight.app.engine.printing import check_figure
    from keepsight.app.engine.runs import command_line, run_of
    from keepsight.app.engine.store import Store
    from keepsight.app.engine.sweep import default_settings, shuffled
    from keepsight.codecs import registry
    from keepsight.models.catalog import find_card

    names = list(registry.all_codecs()) if codecs is None else listed(codecs, "--codecs")
    asked_for = default_settings(dict.fromkeys(names))
    check_outputs(store, csv, plot)
    if plot:
        check_figure(plot)
    card = find_card(classifier)
    settings, left_out = readable(card, asked_for)
    if left_out:
        complain(left_out)
    if not settings:
        raise typer.Exit(1)
    found = list_photos(data, card, labels)
    items = shuffled(found.items, seed)[:photos]
    with ExitStack() as stack:
        running = stack.enter_context(open_workers(workers, cluster))
        kept = stack.enter_context(Store(store, complain)) if store else None
        judge = load_judge(card, device)
        used = [registry.get(setting.codec) for setting in settings]
        asked, searching = any(codec.guided for codec in used), any(codec.searches for codec in used)
        guiding = load_guiding(guide, guide_map, judge.device, judge, searching=searching) if asked else None
        command = command_line(
            *("sweep", data),
            codecs=",".join(dict.fromkeys(names)),
            classifier=classifier,
            protocol=protocol,
            guide=guide if asked else None,
            guide_map=guide_map if asked else None,
            labels=labels,
            photos=photos,
            seed=seed,
            store=store,
        )
        about = run_of(judge, guiding, protocol, data=data, photos=len(items), seed=seed, command=command)
        measured = measure(items, settings, judge, guiding, protocol, seed, kept, about, running)
    curves, uncompressed = measured.builder.curves(), measured.builder.uncompressed()
    if uncompressed is None:
        measured.end_without_figures()
    count = naming.photos(uncompressed.photos)
    title = f"{card.name}, {count} of {Path(data).name}, protocol {protocol}"
    if guiding:
        title += f", guided by {guiding.in_words}"
    _print_table(curves, uncompressed, title)
    _print_rates(measured.tally)
    if csv:
        export.write_csv(csv, curves)
    if plot:
        figures.write_plot(plot, curves, uncompressed, title)
    if measured.exit_code or found.left_out or (left_out and codecs):
        raise typer.Exit(measured.exit_code or 1)


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
                interval(share),
                f"{point.psnr:.1f}",
                f"{point.encode_ms:.1f}",
                f"{point.decode_ms:.1f}",
            )
    out.print(title, soft_wrap=True, markup=False)
    out.print()
    print_table(table)
    out.print()
    if uncompressed.top1:
        out.print(f"Uncompressed: top-1 {uncompressed.top1.value:.3f} ({interval(uncompressed.top1)}).")
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

    from keepsight.app.engine.equal_accuracy import rates as rates_of
    from keepsight.codecs import registry

    draws = tally.draws("top1")
    if draws is None:
        return
    for loss in _LOSSES:
        rates = rates_of(draws, loss, _ANCHOR)
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
        print_table(table)
    _print_deltas(draws)


def _print_deltas(draws: "Draws") -> None:
    """Print the Bjøntegaard deltas against JPEG, and why a codec has none."""
    from rich.table import Table

    from keepsight.app.engine.bd import BAND, Delta, deltas
    from keepsight.codecs import registry

    if _ANCHOR not in draws.curves or len(draws.curves) < 2:
        return
    anchor = registry.get(_ANCHOR).label
    found = deltas(draws.curves, draws.reference, _ANCHOR)
    told = sorted((one for one in found if isinstance(one, Delta)), key=lambda one: one.rate)
    low, high = (f"{share:.0%}" for share in BAND)
    if told:
        table = Table(box=None, pad_edge=False, collapse_padding=True)
        table.add_column("codec", max_width=28)
        for name in ("BD-rate", "95 %", "BD-accuracy", "95 %"):
            table.add_column(name, justify="right", no_wrap=True)
        for one in told:
            rate = f"{one.rate:+.1%}", f"{one.rate_low:+.1%} to {one.rate_high:+.1%}"
            table.add_row(registry.get(one.codec).label, *rate, *_points(one))
        out.print(f"\nAgainst {anchor}, from {low} to {high} of the uncompressed top-1:")
        print_table(table)
    for refusal in (one for one in found if not isinstance(one, Delta)):
        out.print(f"No BD-rate for {registry.get(refusal.codec).label}: {refusal.reason}", soft_wrap=True)


def _points(delta: "Delta") -> tuple[str, str]:
    """Return the delta of accuracy and its interval, in points."""
    if delta.accuracy is None or delta.accuracy_low is None or delta.accuracy_high is None:
        return "–", "–"
    ends = f"{100 * delta.accuracy_low:+.1f} to {100 * delta.accuracy_high:+.1f}"
    return f"{100 * delta.accuracy:+.1f} points", ends
