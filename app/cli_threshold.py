"""The command threshold: what is lost, and what is saved, as less and less of a photo is kept."""

import csv as table_file
import io
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
    measure,
    open_workers,
)
from keepsight.app.cli_output import out, print_table

if TYPE_CHECKING:
    from keepsight.app.engine.threshold import ThresholdPoint
    from keepsight.app.engine.types import CurvePoint


def threshold(
    data: DataArgument,
    codec: Annotated[
        str,
        typer.Option(
            metavar="SPEC",
            help="A codec or pipeline with its options, as in roi-jpeg:quality=20. Without a threshold of "
            "its own, what lies outside of the region is removed before it.",
        ),
    ] = "roi-jpeg",
    classifier: ClassifierOption = "imagenet",
    guide: GuideOption = "imagenet",
    guide_map: GuideMapOption = None,
    labels: LabelsOption = None,
    protocol: ProtocolOption = "crop",
    photos: PhotosOption = None,
    seed: SeedOption = 0,
    store: StoreOption = None,
    csv: Annotated[Path | None, typer.Option(metavar="F.csv", help="One row per threshold.")] = None,
    device: DeviceOption = "auto",
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
) -> None:
    """Measure accuracy and bytes over the threshold of a codec's region of interest."""
    from keepsight.app.engine import naming
    from keepsight.app.engine.files import write_file
    from keepsight.app.engine.runs import command_line, run_of
    from keepsight.app.engine.stages import default_setting, setting_of, stages_of
    from keepsight.app.engine.store import Store
    from keepsight.app.engine.sweep import shuffled
    from keepsight.app.engine.threshold import threshold_curve, threshold_settings
    from keepsight.app.ui.threshold_words import subject
    from keepsight.codecs import registry
    from keepsight.models.catalog import find_card

    start = setting_of(stages_of(default_setting(registry.get(codec))))
    varied = threshold_settings(start)
    check_outputs(store, csv)
    card = find_card(classifier)
    found = list_photos(data, card, labels)
    items = shuffled(found.items, seed)[:photos]
    with ExitStack() as stack:
        running = stack.enter_context(open_workers(workers, cluster))
        kept = stack.enter_context(Store(store)) if store else None
        judge = load_judge(card, device)
        searching = registry.get(start.codec).searches
        guiding = load_guiding(guide, guide_map, judge.device, judge, searching=searching)
        settings = [setting for _, setting in varied]
        command = command_line(
            *("threshold", data),
            codec=codec,
            classifier=classifier,
            protocol=protocol,
            guide=guide,
            guide_map=guide_map,
            labels=labels,
            photos=photos,
            seed=seed,
            store=store,
        )
        about = run_of(judge, guiding, protocol, data=data, photos=len(items), seed=seed, command=command)
        measured = measure(items, settings, judge, guiding, protocol, seed, kept, about, running)
    points = threshold_curve(varied, measured.builder.curves())
    uncompressed = measured.builder.uncompressed()
    if uncompressed is None or not points:
        measured.end_without_figures()
    guides = guiding.in_words if guiding else "the photo alone"
    count = naming.photos(uncompressed.photos)
    title = f"{card.name}, {count} of {Path(data).name}, protocol {protocol}, guided by {guides}"
    out.print(f"{subject(start)}; {title}", soft_wrap=True, markup=False)
    _print_table(points, uncompressed)
    if csv:
        write_file(csv, _csv(points).encode())
    if measured.exit_code or found.left_out:
        raise typer.Exit(measured.exit_code or 1)


def _print_table(points: "Sequence[ThresholdPoint]", uncompressed: "CurvePoint") -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, collapse_padding=True)
    measured = ["top-1", "95 %"] if uncompressed.top1 else []
    for name in ("threshold", "bytes", "of all", *measured, "agreement", "95 %", "probability"):
        table.add_column(name, justify="right", no_wrap=True)
    for point in points:
        figures = point.figures
        shares = [share for share in (figures.top1, figures.agreement) if share]
        table.add_row(
            f"{point.threshold:.2f}",
            f"{figures.mean_bytes:,.0f}",
            f"{figures.mean_bytes / points[0].figures.mean_bytes:.0%}",
            *(text for share in shares for text in (f"{share.value:.3f}", interval(share))),
            f"{figures.p_kept:.3f}",
        )
    out.print()
    print_table(table)
    out.print()
    top1 = f"top-1 {uncompressed.top1.value:.3f}, " if uncompressed.top1 else ""
    out.print(
        f"Uncompressed: {top1}probability {uncompressed.p_kept:.3f}. Threshold 0 keeps the whole photo, "
        "1 only what matters most. Agreement and the mean probability are of the class predicted "
        "uncompressed; 95 % are Wilson intervals.",
        soft_wrap=True,
    )


def _csv(points: "Sequence[ThresholdPoint]") -> str:
    text = io.StringIO(newline="")
    writer = table_file.writer(text, lineterminator="\n")
    shares = [f"{name}{end}" for name in ("top1", "agreement") for end in ("", "_low", "_high")]
    writer.writerow(
        ["threshold", "codec", "options", "photos", "failed", "mean_bytes", "bpp", *shares, "p_kept"]
    )
    for point in points:
        figures, setting = point.figures, point.setting
        told = (
            [f"{end:.5f}" for end in (share.value, share.low, share.high)] if share else [""] * 3
            for share in (figures.top1, figures.agreement)
        )
        writer.writerow(
            [
                f"{point.threshold:.2f}",
                *(setting.codec, setting.options.to_json(), figures.photos, figures.failed),
                *(f"{figures.mean_bytes:.1f}", f"{figures.bpp:.5f}"),
                *(text for share in told for text in share),
                f"{figures.p_kept:.5f}",
            ]
        )
    return text.getvalue()
