"""How a training tells how far it is: bars for people, lines of JSON for a program that started it."""

import json
import math
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keepsight.app.cli_output import complain, err, out
from keepsight.app.cli_progress import STOPPED, stopped_by_ctrl_c

if TYPE_CHECKING:
    from keepsight.models.training import Progress

    Show = Callable[[Progress], None]

_as_json: ContextVar[bool] = ContextVar("_as_json", default=False)
_NICENESS = 10
"""Whoever started a training with JSON lines has the first turn on a core."""


def train_options(
    json_lines: Annotated[
        bool,
        typer.Option(
            "--json-lines",
            help="Tell progress as lines of JSON, and stop as by Ctrl+C where standard input ends.",
        ),
    ] = False,
) -> None:
    """Train a classifier, or learn from one."""
    _as_json.set(json_lines)


@contextmanager
def training_bars(stages: Mapping[str, str], folder: Path) -> "Iterator[tuple[Show, Callable[[], bool]]]":
    """Show a bar for each stage, a label by its name; yield what moves them, and what tells of Ctrl+C.

    What keeps a training into that folder from going on ends the command with a sentence: at once where
    nothing can be written there.
    """
    from keepsight.app.engine.files import check_writable, make_folder
    from keepsight.models.training import StoppedError
    from keepsight.models.training_state import TrainingError

    make_folder(folder)
    check_writable(folder / "classifier.toml")
    with stopped_by_ctrl_c() as stop, _json_lines() if _as_json.get() else _bars(stages) as show:

        def told(progress: "Progress") -> None:
            show(progress)
            if progress.stage != "train" and stop() and progress.step < progress.total:
                done = f"{progress.step:,} of {progress.total:,}"
                raise StoppedError(f"The training was stopped before its first step ({done} are ready).")

        try:
            yield told, stop
        except StoppedError as error:
            complain(f"{error} The same command goes on.")
            raise typer.Exit(STOPPED) from None
        except TrainingError as error:
            complain(str(error))
            raise typer.Exit(1) from None
        except OSError as error:
            complain(f"“{folder}” cannot be written ({error.strerror}). Choose another folder.")
            raise typer.Exit(1) from None


def say_card(card: Path) -> None:
    """Say where a card is that a training made."""
    if _as_json.get():
        _tell({"card": str(card)})
    else:
        out.print(f"The card is “{card}”: use it with --classifier.", soft_wrap=True, markup=False)


@contextmanager
def _bars(stages: Mapping[str, str]) -> "Iterator[Show]":
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[figures]}"),
    )
    with Bars(*columns, console=err, disable=not err.is_terminal) as bars:
        tasks = {stage: bars.add_task(label, total=None, figures="") for stage, label in stages.items()}
        yield lambda told: bars.update(
            tasks[told.stage], completed=told.step, total=told.total, figures=_figures(told)
        )


def _figures(told: "Progress") -> str:
    """Return the figures that are known, as they stand beside a bar."""
    shown = [("loss {:.3f}", told.loss), ("right {:.1%}", told.accuracy)]
    shown += [("held out: loss {:.3f}", told.held_out_loss), ("right {:.1%}", told.held_out_accuracy)]
    return ", ".join(text.format(value) for text, value in shown if not math.isnan(value))


@contextmanager
def _json_lines() -> "Iterator[Show]":
    threading.Thread(target=_stop_at_the_end_of_input, name="keepsight-input", daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    yield lambda told: _tell(asdict(told))


def _tell(fields: Mapping[str, Any]) -> None:
    """Write a line; what is no number is null."""
    known = {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in fields.items()
    }
    with suppress(OSError):  # where nobody reads any more, the input has ended too, which stops the training
        print(json.dumps(known), flush=True)


def _stop_at_the_end_of_input() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    signal.raise_signal(signal.SIGINT)
