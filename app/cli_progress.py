"""What long commands have in common: a bar with photos a second and time left, and an end by Ctrl+C."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from keepsight.app.cli_output import err

STOPPED = 130
"""Exit code after Ctrl+C, as shells have it."""


@contextmanager
def progress(what: str, photos: float) -> Iterator[Callable[[float], None]]:
    """Show a bar of so many photos on a terminal; call what is yielded with how many are done."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("photos  {task.fields[speed]:.1f} photos/s "),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, disable=not err.is_terminal) as bars:
        task = bars.add_task(what, total=photos, speed=0.0)
        yield lambda done: bars.update(task, completed=done, speed=bars.tasks[task].speed or 0.0)


@contextmanager
def stopped_by_ctrl_c() -> Iterator[Callable[[], bool]]:
    """Yield what tells whether Ctrl+C was pressed; pressed again, it does not wait for an orderly end."""
    pressed = False

    def press(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)
