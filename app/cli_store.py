"""The command export: the rows of a store as one table."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from keepsight.app.cli_output import complain, out

_FEWEST = 8
"""Digits of a fingerprint that tell a classifier."""


def export(
    store: Annotated[Path, typer.Argument(metavar="STORE", help="What a sweep with --store has written.")],
    table: Annotated[Path, typer.Argument(metavar="OUT.csv|OUT.parquet", help="The table to write.")],
    classifier: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Its rows alone: a classifier, or the first digits of a fingerprint."
        ),
    ] = None,
    protocol: Annotated[
        Literal["crop", "file"] | None, typer.Option(help="The rows of this protocol alone.")
    ] = None,
) -> None:
    """Write every row of a store, one per photo and setting, to a table; a sweep may go on meanwhile."""
    from keepsight.app.engine.files import InputError, OutputError, check_writable
    from keepsight.app.engine.store import Store
    from keepsight.app.engine.store_export import check_suffix
    from keepsight.app.engine.store_export import export as write

    check_suffix(table)
    if not store.is_file():
        raise InputError(f"There is no store “{store}”. Check the name.")
    if store.resolve() == table.resolve():
        raise OutputError("The table would replace the store. Choose another name for it.")
    check_writable(table)
    with Store(store, complain) as kept:
        there = {study.classifier for study in kept.studies() if protocol in (None, study.protocol)}
        fingerprint = _fingerprint(classifier, there) if classifier else None
        if not there or (fingerprint and fingerprint not in there):
            complain(f"“{store}” holds no such measurements.")
            raise typer.Exit(1)
        count = write(kept, table, protocol, fingerprint)
    out.print(f"{count:,} rows in “{table}”.", soft_wrap=True, markup=False)


def _fingerprint(classifier: str, there: set[str]) -> str:
    """Return the fingerprint of a classifier by its name or by its first digits. Raises `ModelError`."""
    from keepsight.models.catalog import find_card

    found = [fingerprint for fingerprint in there if fingerprint.startswith(classifier)]
    if len(classifier) >= _FEWEST and len(found) == 1:
        return found[0]
    return find_card(classifier).fingerprint
