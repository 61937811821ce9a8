"""The commands that read a store: export, its rows as one table; report, what they say."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from keepsight.app.cli_output import complain, out

if TYPE_CHECKING:
    from keepsight.app.engine.report import Format
    from keepsight.app.engine.store import Store

_FEWEST = 8
"""Digits of a fingerprint that tell a classifier."""

StoreArgument = Annotated[
    Path, typer.Argument(metavar="STORE", help="What a sweep with --store has written.")
]
ClassifierOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Its rows alone: a classifier, or the first digits of a fingerprint."),
]
ProtocolOption = Annotated[
    Literal["crop", "file"] | None, typer.Option(help="The rows of this protocol alone.")
]


def export(
    store: StoreArgument,
    table: Annotated[Path, typer.Argument(metavar="OUT.csv|OUT.parquet", help="The table to write.")],
    classifier: ClassifierOption = None,
    protocol: ProtocolOption = None,
) -> None:
    """Write every row of a store, one per photo and setting, to a table; a sweep may go on meanwhile."""
    from keepsight.app.engine.store import Store
    from keepsight.app.engine.store_export import check_suffix
    from keepsight.app.engine.store_export import export as write

    check_suffix(table)
    _check(store, table, "table")
    with Store(store, reading=True) as kept:
        count = write(kept, table, protocol, _chosen(kept, store, classifier, protocol))
    out.print(f"{count:,} rows in “{table}”.", soft_wrap=True, markup=False)


def report(
    store: StoreArgument,
    page: Annotated[Path, typer.Argument(metavar="OUT.html", help="The report to write.")],
    classifier: ClassifierOption = None,
    protocol: ProtocolOption = None,
    figures: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write its figures here as well.")
    ] = None,
    formats: Annotated[
        str, typer.Option("--format", metavar="A,B", help="Of these figures: svg, pdf, png.")
    ] = "svg",
) -> None:
    """Write what a store says into one HTML file that can be sent: answers, figures, tables, versions."""
    from keepsight.app.engine.files import OutputError
    from keepsight.app.engine.findings import all_findings
    from keepsight.app.engine.report import write_figures, write_report
    from keepsight.app.engine.store import Store

    kinds = _formats(formats)
    if page.suffix.lower() not in (".html", ".htm"):
        raise OutputError(f"The report “{page}” must end in .html.")
    _check(store, page, "report")
    with Store(store, reading=True) as kept:
        found = all_findings(kept, protocol, _chosen(kept, store, classifier, protocol))
    written = write_figures(figures, found, kinds) if figures else []
    write_report(page, found, store.name)
    more = f", {len(written)} figures in “{figures}”" if written else ""
    out.print(f"The report is “{page}”{more}.", soft_wrap=True, markup=False)


def _formats(names: str) -> "list[Format]":
    from keepsight.app.engine.report import FORMATS

    known = {str(name): name for name in FORMATS}
    asked = dict.fromkeys(name.strip().lower() for name in names.split(","))
    if strange := [name for name in asked if name not in known]:
        raise typer.BadParameter(
            f"“{strange[0]}” is no format. Choose from {', '.join(known)}.", param_hint="--format"
        )
    return [known[name] for name in asked]


def _check(store: Path, output: Path, what: str) -> None:
    """Make sure that there is a store and that the output can be written beside it."""
    from keepsight.app.engine.files import InputError, OutputError, check_writable

    if not store.is_file():
        raise InputError(f"There is no store “{store}”. Check the name.")
    if store.resolve() == output.resolve():
        raise OutputError(f"The {what} would replace the store. Choose another name for it.")
    check_writable(output)


def _chosen(
    kept: "Store", store: Path, classifier: str | None, protocol: Literal["crop", "file"] | None
) -> str | None:
    """Return the fingerprint that was asked for, None for all; end where there are no such rows."""
    there = {study.classifier for study in kept.studies() if protocol in (None, study.protocol)}
    fingerprint = _fingerprint(classifier, there) if classifier else None
    if not there or (fingerprint and fingerprint not in there):
        complain(f"“{store}” holds no such measurements.")
        for failure in dict.fromkeys(sentence for run in kept.runs() for sentence in run.failures[:3]):
            complain(f"A sweep failed: {failure}")
        raise typer.Exit(1)
    return fingerprint


def _fingerprint(classifier: str, there: set[str]) -> str:
    """Return the fingerprint of a classifier by its name or by its first digits. Raises `ModelError`."""
    from keepsight.models.catalog import find_card

    found = [fingerprint for fingerprint in there if fingerprint.startswith(classifier)]
    if len(classifier) >= _FEWEST and len(found) == 1:
        return found[0]
    return find_card(classifier).fingerprint
