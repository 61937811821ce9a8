"""The saliency maps over all pictures, on one scale."""

import numpy as np

from keepsight.app.ui import format as words
from keepsight.app.ui.colour_maps import COLOUR_MAPS, DIFFERENCE, ColourMap
from keepsight.app.ui.pane_grid import PaneGrid
from keepsight.app.ui.saliency_panel import SaliencyPanel
from keepsight.app.worker.attention import MapShown
from keepsight.app.worker.jobs import ORIGINAL
from keepsight.app.worker.spending import SpentShown
from keepsight.models.types import Importance, Map

_FIGURE_TIP = (
    "map: how alike the map of this picture is to that of the original: their correlation (CC),\n"
    "1 where attention stayed where it was, 0 where the two have nothing in common"
)
_SILENT_TIP = "This file does not tell where its bits went: they can be counted in baseline JPEG files only"
_BITS = COLOUR_MAPS["inferno"]
_BITS_SHARE = 99
"""Per cent of the blocks below the last colour: a few blocks take many times as many bits as the rest."""


class MapOverlay:
    """Draws what the panel asks for over every pane: the original's map, each its own, or the difference."""

    def __init__(self, panel: SaliencyPanel, grid: PaneGrid) -> None:
        self._panel = panel
        self._grid = grid
        self.original: Importance | None = None
        """The map of the original."""
        self.own: dict[int, MapShown] = {}
        """Maps of the compressed panes, for the same class by the same method."""
        self.spent: dict[int, SpentShown] = {}
        """Where the files of the compressed panes spent their bits."""
        self.problem = ""
        """Why no further maps come, as a sentence."""

    def draw(self) -> None:
        """Draw all maps anew, and write how alike they are."""
        shown, opacity = self._panel.overlay()
        view = self._panel.shown_view()
        colours = DIFFERENCE if view == "difference" else self._panel.shown_colours()
        maps = {number: self._map_of(number) for number in self._grid.panes} if shown else {}
        maximum = self._maximum([values for values in maps.values() if values is not None])
        bits = self._most_bits() if view == "bits" else None
        scales: dict[bool, tuple[ColourMap, float | None]] = {False: (colours, maximum), True: (_BITS, bits)}
        for number, pane in self._grid.panes.items():
            own_colours, most = scales[view == "bits" and number != ORIGINAL]
            pane.view.set_overlay(maps.get(number), most or 0.0, opacity, own_colours)
            self._write_figure(number)
        self._panel.bar.show_scale(colours, maximum)
        self._panel.bits_bar.show_scale(_BITS, bits, bits=True)

    def set_opacity(self) -> None:
        """Follow the panel's opacity."""
        for pane in self._grid.panes.values():
            pane.view.set_overlay_opacity(self._panel.overlay()[1])

    def _map_of(self, number: int) -> Map | None:
        """Return what lies over a pane; None where nothing does, or not yet."""
        view = self._panel.shown_view()
        if view == "bits" and number != ORIGINAL:
            return self.spent[number].blocks if number in self.spent else None
        if self.original is None:
            return None
        original = self.original.values
        if view in ("original", "bits") or (number == ORIGINAL and view == "own"):
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

    def _most_bits(self) -> float | None:
        """Return the bits of the last colour, one for all panes."""
        told = [
            spent.blocks.ravel()
            for number, spent in self.spent.items()
            if spent.blocks is not None and number in self._grid.panes
        ]
        return max(1.0, float(np.percentile(np.concatenate(told), _BITS_SHARE))) if told else None

    def _write_figure(self, number: int) -> None:
        """Write into a pane how alike its map is to the original's."""
        wanted = self._panel.overlay()[0] and self._panel.shown_view() != "original"
        pane = self._grid.panes[number]
        if wanted and self._panel.shown_view() == "bits":
            pane.set_map_figure(*self._bits_figure(number))
        elif number == ORIGINAL or not wanted or self.original is None:
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

    def _bits_figure(self, number: int) -> tuple[str, str]:
        """Return how many bits a block of a pane's file takes, and what that means."""
        if number == ORIGINAL:
            return "", ""
        if number not in self.spent:
            return "bits …", "The bits of this file are being counted"
        blocks = self.spent[number].blocks
        if blocks is None:
            return "bits –", _SILENT_TIP
        mean, most = words.quantity(float(blocks.mean())), words.quantity(float(blocks.max()))
        return f"{mean} bits a block", f"Blocks of 8 × 8 pixels take {mean} bits on average, {most} at most"
