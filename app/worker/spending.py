"""Where the files in the panes spent their bits, counted behind the window."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from keepsight.app.worker.jobs import PaneShown
from keepsight.codecs import registry
from keepsight.codecs.base import BitstreamError
from keepsight.models.types import Map


@dataclass(frozen=True, eq=False)
class SpendRequest:
    """Count the bits of these panes' files."""

    panes: Mapping[int, PaneShown]


@dataclass(frozen=True, eq=False)
class SpentShown:
    """The answer for one pane."""

    pane: int
    shown: PaneShown
    blocks: Map | None
    """(h, w): bits per 8 × 8 pixels, from the top left; None where the file does not tell."""


class Spend:
    """The job. Keeps what it counted of each pane's last file."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[bytes, Map | None]] = {}

    def __call__(self, request: SpendRequest) -> Iterator[SpentShown]:
        """Yield what is known of each pane."""
        self._kept = {pane: kept for pane, kept in self._kept.items() if pane in request.panes}
        for pane, shown in request.panes.items():
            data = shown.coded.data
            if pane not in self._kept or self._kept[pane][0] is not data:
                self._kept[pane] = data, _blocks(shown.request.setting.codec, data)
            yield SpentShown(pane, shown, self._kept[pane][1])


def _blocks(codec: str, data: bytes) -> Map | None:
    try:
        spent = registry.get(codec).spent(data)
    except BitstreamError:
        return None
    return spent.per_block() if spent else None
