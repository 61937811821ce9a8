"""What the user takes away is drawn and written here, away from the window."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Exported:
    """What was done."""

    sentence: str
    """For the user."""
    clipboard: Mapping[str, bytes] = field(default_factory=dict)
    """What goes to the clipboard, by MIME type; nothing where files were written."""


def carry_out(work: Callable[[], Exported]) -> Iterator[Exported]:
    """Yield the outcome of one piece of work. Raises what it raises."""
    yield work()
