"""The command matrix: who may guide an encoder for whom, and on which photos."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keepsight.app.cli_data import list_photos
from keepsight.app.cli_guide import GuideMapOption
from keepsight.app.cli_judge import DeviceOption, load_judge
from keepsight.app.cli_measure import (
    LabelsOption,
    PhotosOption,
    ProtocolOption,
    SeedOption,
    StoreOption,
    check_outputs,
    listed,
    report,
)
from keepsight.app.cli_output import complain, err, out, print_table

if TYPE_CHECKING:
    from keepsight.app.engine.robustness import Cell, Matrix, NamedGuide, Part, Robustness
    from keepsight.app.engine.store import Store
    from keepsight.app.engine.types import Measurement, Protocol
    from keepsight.models.types import Judge


def matrix(
    data: Annotated[
        list[str], typer.Argument(metavar="DATA...", help="Each as for sweep: scenes, a folder, imagenette.")
    ],
    judges: Annotated[
        str,
        typer.Option(metavar="A,B", help="Classifiers that read the results, each as --classifier of sweep."),
    ],
    guides: Annotated[
        str,
        typer.Option(
            metavar="A,B",
            help="Who guides, each in a row of its own: classifiers, maps of the image alone (random is the "
            "control), or none.",
        ),
    ] = "imagenet,random",
    codecs: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="Guided codecs or pipelines; all codecs that are guided."),
    ] = None,
    anchor: Annotated[
        str,
        typer.Option(
            metavar="CODEC", help="What bytes are compared with; none: each codec itself, unguided."
        ),
    ] = "none",
    loss: Annotated[
        float,
        typer.Option(min=0, max=1, help="Of the uncompressed accuracy, at which bytes are compared."),
    ] = 0.1,
    bd: Annotated[
        bool, typer.Option("--bd", help="Compare by the Bjøntegaard delta of the rate, not at a loss.")
    ] = False,
    guide_map: GuideMapOption = None,
    labels: LabelsOption = None,
    protocol: ProtocolOption = "crop",
    photos: PhotosOption = None,
    seed: SeedOption = 0,
    store: StoreOption = None,
    csv: Annotated[Path | None, typer.Option(metavar="F.csv", help="One row per cell.")] = None,
    plot: Annotated[Path | None, typer.Option(metavar="F.svg", help="A heat map: SVG, PDF or PNG.")] = None,
    device: DeviceOption = "auto",
) -> None:
    """Measure whether an encoder that one classifier guides also serves another, and on other photos."""
    from keepsight.app.engine.printing import check_figure
    from keepsight.app.engine.robustness import Robustness, Subject
    from keepsight.app.engine.robustness_files import write_heat_map, write_matrix_csv
    from keepsight.app.engine.runs import command_line
    from keepsight.app.engine.store import Store
    from keepsight.app.engine.sweep import shuffled
    from keepsight.codecs import registry
    from keepsight.models.catalog import find_card

    check_outputs(store, csv, plot)
    if plot:
        check_figure(plot)
    names = (
        listed(codecs, "--codecs")
        if codecs is not None
        else [one.id for one in registry.all_codecs().values() if one.guided]
    )
    cards = {card.fingerprint: card for card in map(find_card, listed(judges, "--judges"))}
    ready = {key: load_judge(card, device) for key, card in cards.items()}
    subjects, left_out, said = [], 0, set[str]()
    for spec in dict.fromkeys(data):
        for judge in ready.values():
            found = list_photos(spec, judge.card, labels if Path(spec).is_dir() else None, said)
            left_out += found.left_out
            subjects.append(Subject(Path(spec).name, judge, shuffled(found.items, seed)[:photos]))
    chosen = _guides(listed(guides, "--guides"), guide_map, device, ready)
    study = Robustness(names, chosen, subjects, anchor, None if bd else loss)
    with ExitStack() as stack:
        kept = stack.enter_context(Store(store, complain)) if store else None
        command = command_line(
            *("matrix", *data),
            judges=judges,
            guides=guides,
            codecs=",".join(names),
            guide_map=guide_map,
            labels=labels,
            protocol=protocol,
            photos=photos,
            seed=seed,
            store=store,
        )
        failed = _measure(study, protocol, seed, kept, command)
    result = study.matrix()
    title = f"Guided by {guide_map or 'grad-cam'} of each guide, protocol {protocol}"
    _print(result, title)
    if csv:
        write_matrix_csv(csv, result)
    if plot:
        write_heat_map(plot, result, title)
    if failed or left_out:
        raise typer.Exit(1)


def _guides(
    names: "Sequence[str]", method: str | None, device: str, ready: "Mapping[str, Judge]"
) -> "list[NamedGuide]":
    """Load who guides: classifiers (those in `ready` serve), maps of the image alone, nobody."""
    from keepsight.app.engine.guiding import Guiding
    from keepsight.app.engine.robustness import UNGUIDED, NamedGuide, judge_names
    from keepsight.models.catalog import find_card
    from keepsight.models.maps.registry import all_methods, needs_classifier
    from keepsight.models.types import DEFAULT_METHOD

    if method is not None and not needs_classifier(method):
        raise typer.BadParameter(
            "a map of the image alone is no classifier's; name it in --guides.", param_hint="--guide-map"
        )
    known = all_methods()
    alone = {name for name in names if name in known and not needs_classifier(name)}
    cards = {name: find_card(name) for name in names if name not in alone and name != UNGUIDED}
    called = judge_names([*(judge.card for judge in ready.values()), *cards.values()])
    found: dict[str, NamedGuide] = {}
    for name in names:
        if name == UNGUIDED:
            guide = NamedGuide(UNGUIDED, None)
        elif name in alone:
            guide = NamedGuide(f"{name} map", Guiding((), name))
        else:
            card = cards[name]
            judge = ready.get(card.fingerprint) or load_judge(card, device)
            guide = NamedGuide(called[card.fingerprint], Guiding((judge,), method or DEFAULT_METHOD))
        found[guide.name] = guide
    return list(found.values())


def _measure(
    study: "Robustness", protocol: "Protocol", seed: int, store: "Store | None", command: str
) -> bool:
    """Run all sweeps with one progress bar; return whether anything failed."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    parts = list(study.parts())
    failures: Counter[str] = Counter()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as bars:
        total = sum(len(part.subject.items) * (1 + len(part.settings)) for part in parts)
        task = bars.add_task("", total=total)
        try:
            for number, part in enumerate(parts, 1):
                bars.update(task, description=f"Sweep {number} of {len(parts)}, {part.subject.data}")
                for rows in _swept(part, protocol, seed, store, command):
                    study.add(part, rows)
                    for row in rows:
                        if row.error:
                            report(row, failures)
                        # A photo that cannot be read has one row in place of all.
                        bars.advance(task, 1 if row.photo else 1 + len(part.settings))
        except KeyboardInterrupt:
            complain("Stopped." + (" The same command goes on." if store else ""))
            raise typer.Exit(1) from None
    return bool(failures)


def _swept(
    part: "Part", protocol: "Protocol", seed: int, store: "Store | None", command: str
) -> "Iterator[list[Measurement]]":
    """Yield the rows of one sweep; the store notes where they come from."""
    from keepsight.app.engine.runs import noted, run_of
    from keepsight.app.engine.sweep import sweep

    subject, guide = part.subject, part.guide.guiding
    photos = len(subject.items)
    about = run_of(
        subject.judge, guide, protocol, data=subject.data, photos=photos, seed=seed, command=command
    )
    with noted(store, about, complain) as see:
        for rows in sweep(
            *(subject.items, part.settings, subject.judge),
            protocol=protocol,
            seed=seed,
            guide=guide,
            store=store,
            warn=complain,
        ):
            see(rows)
            yield rows


def _print(matrix: "Matrix", title: str) -> None:
    """Print a table for each codec and data set, and why cells have no figure."""
    from keepsight.app.engine.robustness_files import by_panel, heading

    out.print(f"{matrix.in_words}. {title}", soft_wrap=True, markup=False)
    for cells in by_panel(matrix):
        out.print(f"\n{heading(cells)}", soft_wrap=True, markup=False)
        _print_table(cells)
    known = {cell.known for cell in matrix.cells}
    told = ["In brackets, 95 % intervals from a bootstrap over the photos."]
    told += ["*: the judge itself guided."] if "guide" in known else []
    told += ["~: a twin of the guide, of the same architecture."] if "twin" in known else []
    out.print("\n" + " ".join(told), soft_wrap=True, markup=False)
    for (what, judge, reason), guides in _reasons(matrix).items():
        sentence = f"No figure for {what}, judge {judge}, guide {', '.join(guides)}: {reason}"
        out.print(sentence, soft_wrap=True, markup=False)


def _reasons(matrix: "Matrix") -> dict[tuple[str, str, str], list[str]]:
    """Return why there are no figures, and for which guides: by codec and data set, judge and reason."""
    from keepsight.codecs import registry

    found: dict[tuple[str, str, str], list[str]] = {}
    for cell in matrix.cells:
        if cell.reason:
            what = f"{registry.get(cell.codec).label}, {cell.data}"
            found.setdefault((what, cell.judge, cell.reason), []).append(cell.guide)
    return found


def _print_table(cells: "Sequence[Cell]") -> None:
    from rich.table import Table
    from rich.text import Text

    from keepsight.app.engine.robustness_files import interval_of, percent

    judges = list(dict.fromkeys(cell.judge for cell in cells))
    table = Table(box=None, pad_edge=False, collapse_padding=True)  # three judges fit into 80 columns
    table.add_column("guide \\ judge")
    for judge in judges:
        table.add_column(Text(judge), justify="right")
    marks = {"": "", "guide": "* ", "twin": "~ "}
    rows: dict[str, dict[str, str]] = {}
    for cell in cells:
        told = "–" if cell.saved is None else f"{percent(cell.saved)}\n({interval_of(cell)})"
        rows.setdefault(cell.guide, {})[cell.judge] = marks[cell.known] + told
    for guide, told_by in rows.items():
        table.add_row(Text(guide), *(Text(told_by[judge]) for judge in judges))
    print_table(table)
