"""The saliency maps over all pictures, on one scale."""

from keepsight.app.ui import format as words
from keepsight.app.ui.colour_maps import DIFFERENCE
from keepsight.app.ui.pane_grid import ORIGINAL, PaneGrid
from keepsight.app.ui.saliency_panel import SaliencyPanel
from keepsight.app.worker.attention import MapShown
from keepsight.models.types import Importance, Map

_FIGURE_TIP = (
    "map: how alike the map of this picture is to that of the original: their correlation (CC),\n"
    "1 where attention stayed where it was, 0 where the two have nothing in common"
)


class MapOverlay:
    """Draws what the panel asks for over every pane: the original's map, each its own, or the difference."""

    def __init__(self, panel: SaliencyPanel, grid: PaneGrid) -> None:
        self._panel = panel
        self._grid = grid
        self.original: Importance | None = None
        """The map of the original."""
        self.own: dict[int, MapShown] = {}
        """Maps of the compressed panes, for the same class by the same method."""
        self.problem = ""
        """Why no further maps come, as a sentence."""

    def draw(self) -> None:
        """Draw all maps anew, and write how alike they are."""
        shown, opacity = self._panel.overlay()
        difference = self._panel.shown_view() == "difference"
        colours = DIFFERENCE if difference else self._panel.shown_colours()
        maps = {number: self._map_of(number) for number in self._grid.panes} if shown else {}
        maximum = self._maximum([values for values in maps.values() if values is not None])
        for number, pane in self._grid.panes.items():
            pane.view.set_overlay(maps.get(number), maximum or 0.0, opacity, colours)
            self._write_figure(number)
        self._panel.bar.show_scale(colours, maximum)

    def set_opacity(self) -> None:
        """Follow the panel's opacity."""
        for pane in self._grid.panes.values():
            pane.view.set_overlay_opacity(self._panel.overlay()[1])

    def _map_of(self, number: int) -> Map | None:
        """Return what lies over a pane; None where nothing does, or not yet."""
        if self.original is None:
            return None
        view, original = self._panel.shown_view(), self.original.values
        if view == "original" or (number == ORIGINAL and view == "own"):
            return original
        own = self.own[number].importance if number in self.own else None
        if own is None:
            return None
        return own.values - original if view == "difference" else own.values

    def _maximum(self, maps: list[Map]) -> float | None:
        """Return the value of the last colour, one for all panes: only so do colours compare.

        That of importance is the original's maximum, not the largest of all: the panes are measured against
        the original, and a pane that comes, goes or moves changes no other one's colours. Differences have no
        such reference; there it is the largest magnitude on either side, so that zero has the middle colour.
        """
        if self.original is None:
            return None
        if self._panel.shown_view() == "difference":
            return max((float(abs(values).max()) for values in maps), default=None)
        return float(self.original.values.max())

    def _write_figure(self, number: int) -> None:
        """Write into a pane how alike its map is to the original's."""
        wanted = self._panel.overlay()[0] and self._panel.shown_view() != "original"
        pane = self._grid.panes[number]
        if number == ORIGINAL or not wanted or self.original is None:
            pane.set_map_figure("", "")
        elif number not in self.own:
            coming = "The map of this picture is on its way"
            pane.set_map_figure("map –" if self.problem else "map …", self.problem or coming)
        else:
            own = self.own[number]
            tip = own.problem or _FIGURE_TIP
            if own.intersection is not None:
                tip += f"\nHistogram intersection (SIM): {own.intersection:.2f} of 1"
            pane.set_map_figure(words.likeness(own.correlation), tip)
