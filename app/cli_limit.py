"""The command limit: the smallest file of each codec that meets a goal."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
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
    Workers,
    WorkersOption,
    listed,
    open_workers,
)
from keepsight.app.cli_output import complain, out, print_table
from keepsight.app.cli_progress import STOPPED, progress, stopped_by_ctrl_c

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keepsight.app.engine.data import Item
    from keepsight.app.engine.guiding import Guiding
    from keepsight.app.engine.limits import Goal, Limit
    from keepsight.app.engine.types import GoalKind, Protocol, Setting
    from keepsight.models.types import Judge


def limit(
    data: DataArgument,
    agreement: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Share of photos that must keep their class; the goal, at 1."),
    ] = None,
    accuracy: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of photos whose class must be their label.")
    ] = None,
    probability: Annotated[
        float | None, typer.Option(min=0, max=1, help="Mean probability of the uncompressed photo's class.")
    ] = None,
    size: Annotated[
        float | None, typer.Option("--bytes", min=1, help="Mean size that files may have; the best is found.")
    ] = None,
    codecs: Annotated[
        str | None, typer.Option(metavar="A,B", help="Which codecs; the standard ones if left out.")
    ] = None,
    classifier: ClassifierOption = "imagenet",
    guide: GuideOption = "imagenet",
    guide_map: GuideMapOption = None,
    labels: LabelsOption = None,
    protocol: ProtocolOption = "file",
    photos: PhotosOption = None,
    seed: SeedOption = 0,
    device: DeviceOption = "auto",
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
) -> None:
    """Find the smallest file of each codec that keeps the class, or that meets another goal."""
    from keepsight.app.engine import naming
    from keepsight.app.engine.file_reading import readable
    from keepsight.app.engine.limits import KEEPS_THE_CLASS, Goal
    from keepsight.app.engine.sweep import shuffled
    from keepsight.app.engine.types import Setting
    from keepsight.codecs import registry
    from keepsight.models.catalog import find_card

    given: tuple[tuple[GoalKind, float | None], ...] = (
        ("agreement", agreement),
        ("accuracy", accuracy),
        ("probability", probability),
        ("bytes", size),
    )
    goals = [Goal(kind, value) for kind, value in given if value is not None]
    if len(goals) > 1:
        complain("There can be one goal: --agreement, --accuracy, --probability or --bytes.")
        raise typer.Exit(2)
    goal = goals[0] if goals else KEEPS_THE_CLASS
    chosen = (
        registry.groups()[0]
        if codecs is None
        else list(dict.fromkeys(map(registry.get, listed(codecs, "--codecs"))))
    )
    card = find_card(classifier)
    settings, left_out = readable(card, [Setting(codec.id, codec.options()) for codec in chosen])
    if left_out:
        complain(left_out)
    if not settings:
        raise typer.Exit(1)
    found = list_photos(data, card, labels)
    items = shuffled(found.items, seed)[:photos]
    if goal.kind == "accuracy" and not any(item.label is not None for item in items):
        complain("These photos have no labels, so that there is no accuracy. Use --agreement.")
        raise typer.Exit(2)
    judge = load_judge(card, device)
    used = [registry.get(setting.codec) for setting in settings]
    guided, searching = any(codec.guided for codec in used), any(codec.searches for codec in used)
    guiding = load_guiding(guide, guide_map, device, judge, searching=searching) if guided else None
    with open_workers(workers, cluster) as running:
        limits = _search(items, settings, goal, judge, guiding, protocol, running)
    of = f"{naming.photos(len(items))} of {Path(data).name}"
    out.print(f"{of}, {card.name}, {protocol} protocol: {_words(goal)}")
    out.print()
    _print_table(sorted(limits, key=lambda one: _order(one, goal)))
    if len(limits) < len(settings):
        complain(f"Stopped after {len(limits)} of {len(settings)} codecs.")
        raise typer.Exit(STOPPED)
    if left_out and codecs:
        raise typer.Exit(1)


def _search(
    items: "Sequence[Item]",
    settings: "Sequence[Setting]",
    goal: "Goal",
    judge: "Judge",
    guide: "Guiding | None",
    protocol: "Protocol",
    workers: Workers,
) -> "list[Limit]":
    """Return each codec's limit with a progress bar; after Ctrl+C, of the codecs that were done."""
    from keepsight.app.engine.limits import Outcome, most_tries, outcome, search
    from keepsight.app.engine.store import Store
    from keepsight.app.engine.sweep import sweep

    total = len(items) * sum(map(most_tries, settings))
    before = done = 0
    limits: list[Limit] = []
    with ExitStack() as stack:
        # What one codec's search has measured the next one's need not: the uncompressed photos.
        store = stack.enter_context(Store(Path(stack.enter_context(TemporaryDirectory()), "limit.sqlite")))
        stopped = stack.enter_context(stopped_by_ctrl_c())
        show = stack.enter_context(progress(f"Limits of {len(settings)} codecs", total))

        def measure(setting: "Setting") -> Outcome:
            nonlocal done
            rows = []
            for some in sweep(
                items,
                [setting],
                judge,
                protocol=protocol,
                seed=0,
                guide=guide,
                executor=workers.executor,
                workers=workers.count,
                store=store,
                cancelled=stopped,
            ):
                rows += some
                show(done + len(rows) / 2)
            if stopped():
                raise _StoppedError
            done += len(items)
            return outcome(rows)

        for setting in settings:
            try:
                limits.append(search(setting, goal, measure))
            except _StoppedError:
                break
            before += len(items) * most_tries(setting)
            done = before  # bisection may have ended early
            show(done)
    return limits


class _StoppedError(Exception):
    """Ctrl+C, in the middle of a codec."""


def _words(goal: "Goal") -> str:
    if goal.kind == "bytes":
        return f"the best that {goal.value:,.0f} bytes allow"
    what = {
        "agreement": "of the photos keep their class",
        "accuracy": "of the photos are classified as they are labelled",
        "probability": "is the mean probability of the class",
    }
    return f"the smallest files with which {goal.value:.0%} {what[goal.kind]}"


def _order(limit: "Limit", goal: "Goal") -> float:
    if limit.setting is None or limit.outcome is None:
        return float("inf")
    return -limit.outcome.agreement if goal.kind == "bytes" else limit.outcome.bytes


def _print_table(limits: "Sequence[Limit]") -> None:
    from rich.table import Table

    from keepsight.codecs import registry

    table = Table(box=None, pad_edge=False, collapse_padding=True)
    table.add_column("codec")
    table.add_column("setting")
    for name in ("bytes", "keep their class", "probability", "tries"):
        table.add_column(name, justify="right", no_wrap=True)
    for limit in limits:
        words = limit.setting.options.in_words() if limit.setting else "none meets it; the nearest has"
        told = limit.outcome
        if told is None or not told.photos:
            words = "no photo could be measured"
            cells = ("–", "–", "–")
        else:
            cells = (f"{told.bytes:,.0f}", f"{told.agreement:.1%}", f"{told.probability:.3f}")
        table.add_row(registry.get(limit.codec).label, words, *cells, str(limit.tries))
    print_table(table)
    failed = max((limit.outcome.failed for limit in limits if limit.outcome), default=0)
    if failed:
        complain(f"Up to {failed} photos could not be measured with a setting; “keepsight sweep” says why.")
