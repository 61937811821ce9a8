"""What the commands print: results on stdout, everything else on stderr."""

import json
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from rich.table import Table

err = Console(stderr=True, highlight=False)
out = Console(highlight=False)


_WIDE = 1000
"""Columns of a table that goes into a file or a pipe."""


def print_table(table: "Table") -> None:
    """Print a table as wide as the terminal; where there is none, as wide as it needs."""
    if out.is_terminal:
        out.print(table)
    else:
        Console(highlight=False, width=_WIDE).print(table)


def complain(sentence: str) -> None:
    """Print a sentence about something that went wrong on stderr, as one line."""
    typer.secho(sentence, err=True, fg="red")


def print_json(value: Any) -> None:
    """Print JSON on stdout and nothing else."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
