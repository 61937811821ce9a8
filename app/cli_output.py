"""What the commands print: results on stdout, everything else on stderr."""

import json
from typing import Any

import typer
from rich.console import Console

err = Console(stderr=True, highlight=False)
out = Console(highlight=False)


def complain(sentence: str) -> None:
    """Print a sentence about something that went wrong on stderr, as one line."""
    typer.secho(sentence, err=True, fg="red")


def print_json(value: Any) -> None:
    """Print JSON on stdout and nothing else."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
