"""What commands that measure photos have in common: options, outputs, progress while they run."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from keepsight.app.cli_output import complain
from keepsight.app.cli_progress import STOPPED, progress, stopped_by_ctrl_c

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from keepsight.app.engine.curves import CurveBuilder
    from keepsight.app.engine.data import Item
    from keepsight.app.engine.draws import Tally
    from keepsight.app.engine.guiding import Guiding
    from keepsight.app.engine.runs import Run
    from keepsight.app.engine.store import Store
    from keepsight.app.engine.types import Measurement, Protocol, Setting, Share
    from keepsight.models.types import Judge

DataArgument = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="samples, scenes, a folder (one sub-folder a class, or with a file labels.csv), or a data set "
        "that is fetched once: imagenette, cifar10, stl10, flowers102, oxford-pets, food101.",
    ),
]
LabelsOption = Annotated[
    Path | None,
    typer.Option("--labels", metavar="CSV", help="Columns file, and class_index, wnid or class_name."),
]
ProtocolOption = Annotated[
    Literal["crop", "file"],
    typer.Option(
        "--protocol", help="crop: compress what the classifier sees. file: compress the whole photo."
    ),
]
PhotosOption = Annotated[
    int | None, typer.Option("--photos", min=1, help="So many only, drawn with the seed.")
]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Of the order of the photos.")]
StoreOption = Annotated[
    Path | None,
    typer.Option("--store", metavar="F.sqlite", help="Keeps all rows; a sweep that stopped goes on."),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers", min=1, max=512, help="So many codecs at once; as many as there are cores if left out."
    ),
]
ClusterOption = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Run codecs on a Dask cluster: its scheduler, as in tcp://10.0.0.5:8786.",
    ),
]
_MOST_COMPLAINTS = 20


def listed(text: str, option: str) -> list[str]:
    """Return what a list on the command line names; commas may stand in a pipeline's options."""
    names = [name.strip() for name in re.split(r",(?![\w-]+=)", text) if name.strip()]
    if not names:
        raise typer.BadParameter("name one or more, or leave the option out.", param_hint=option)
    return names


@dataclass(frozen=True)
class Workers:
    """Where codecs run."""

    executor: "Executor | None" = None
    """Threads of the sweep's own if None."""
    count: int | None = None
    """Tasks at once; the cores if None."""


@contextmanager
def open_workers(count: int | None, cluster: str | None) -> Iterator[Workers]:
    """Connect to the cluster, if one is named. Raises `ClusterError`."""
    if cluster is None:
        yield Workers(count=count)
        return
    from keepsight.app.engine import workers

    with workers.cluster(cluster) as (executor, threads):
        yield Workers(executor, count or threads)


def check_outputs(store: Path | None, *others: Path | None) -> None:
    """Make sure that these files can be written, before anything is measured.

    Raises `OutputError`, and `StoreError` for a store that is no store.
    """
    from keepsight.app.engine.files import OutputError, check_writable
    from keepsight.app.engine.store import Store

    outputs = [path for path in (store, *others) if path]
    if len({path.resolve() for path in outputs}) < len(outputs):
        raise OutputError("Two outputs have the same name. Choose another one for each.")
    for path in outputs:
        check_writable(path)
    if store and store.exists():
        Store(store, complain).close()


@dataclass(frozen=True)
class Measured:
    """What a sweep gave, to its end or up to Ctrl+C."""

    builder: "CurveBuilder"
    tally: "Tally"
    exit_code: int
    """0 where all went well."""

    def end_without_figures(self) -> NoReturn:
        """End the command where no photo was measured."""
        if self.exit_code != STOPPED:
            complain("No photo could be measured.")
        raise typer.Exit(self.exit_code or 1)


def measure(
    items: "Sequence[Item]",
    settings: "Sequence[Setting]",
    judge: "Judge",
    guide: "Guiding | None",
    protocol: "Protocol",
    seed: int,
    store: "Store | None",
    about: "Run | None",
    workers: Workers,
) -> Measured:
    """Sweep with a progress bar, and say what failed."""
    from keepsight.app.engine.curves import CurveBuilder
    from keepsight.app.engine.draws import Tally
    from keepsight.app.engine.runs import noted
    from keepsight.app.engine.sweep import sweep as run

    builder, tally = CurveBuilder(), Tally()
    failures: Counter[str] = Counter()
    what, done = f"Sweep, {len(settings)} settings on {judge.device}", 0
    with (
        noted(store, about, complain) as note,
        stopped_by_ctrl_c() as stopped,
        progress(what, len(items)) as show,
    ):
        for rows in run(
            *(items, settings, judge),
            protocol=protocol,
            seed=seed,
            guide=guide,
            executor=workers.executor,
            workers=workers.count,
            store=store,
            warn=complain,
            cancelled=stopped,
        ):
            note(rows)
            builder.add(rows)
            tally.add(rows)
            for row in rows:
                if row.error:
                    report(row, failures)
                # A photo that cannot be read has one row in place of all.
                done += 1 + len(settings) if not row.photo else 1
            show(done / (1 + len(settings)))
        early = stopped() and done < len(items) * (1 + len(settings))
    hidden = failures.total() - _MOST_COMPLAINTS
    if hidden > 0:
        complain(f"{hidden} more failed, of {failures.total()} in all.")
    if early:
        goes_on = "; they are kept, and the same command goes on." if store else "."
        measurements = f"{done:,} measurement{'' if done == 1 else 's'}"
        complain(f"Stopped after {measurements}: the figures are those so far{goes_on}")
    return Measured(builder, tally, STOPPED if early else int(bool(failures)))


def report(row: "Measurement", failures: Counter[str]) -> None:
    """Say what failed, unless there were too many before."""
    failures[row.codec] += 1
    if failures.total() <= _MOST_COMPLAINTS:
        complain(row.error)


def interval(share: "Share") -> str:
    """Return a share's interval: "0.585–0.669"."""
    return f"{share.low:.3f}–{share.high:.3f}"
